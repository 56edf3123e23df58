// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/json"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/provider"
)

// Whoever asks for logs gets all of them.
func TestSilenceUnreadLogs(t *testing.T) {
	for name, want := range map[string]string{"": "off", "TF_LOG": "", "TF_LOG_PROVIDER": "", "TF_LOG_PROVIDER_DATACONN": "", "TF_LOG_SDK_PROTO": ""} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range append(os.Environ(), "TF_LOG_SDK=") {
				if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "TF_LOG") {
					t.Setenv(name, "") // puts it back after the test
					if err := os.Unsetenv(name); err != nil {
						t.Fatal(err)
					}
				}
			}
			if name != "" {
				t.Setenv(name, "debug")
			}
			if err := provider.SilenceUnreadLogs(); err != nil {
				t.Fatal(err)
			}
			if got := os.Getenv("TF_LOG_SDK"); got != want {
				t.Errorf("TF_LOG_SDK is %q, want %q", got, want)
			}
		})
	}
}

// Each request is logged for whoever debugs, and a queue at the rate limit for whoever
// waits.
func TestLevelsOfTheLog(t *testing.T) {
	t.Parallel()
	p := configured(t, omnimock.Start(t, omnimock.Options{}), object{"omni": object{"max_requests_per_minute": 1}}, nil)
	j := &journal{}
	p.LogTo(j)
	listConnections(t, p).RequireNone(t)
	levels := map[string]bool{}
	for line := range strings.Lines(j.log.String()) {
		var entry struct {
			Level   string `json:"@level"`
			Message string `json:"@message"`
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		switch {
		case strings.Contains(entry.Message, "wait for the rate limit of 1 a minute"):
			levels["a queue: "+entry.Level] = true
		case strings.Contains(line, "/api/v1/connections"):
			levels["a request: "+entry.Level] = true
		}
	}
	if want := map[string]bool{"a queue: info": true, "a request: debug": true}; !maps.Equal(levels, want) {
		t.Errorf("%v in\n%s", levels, j.log.String())
	}
}
