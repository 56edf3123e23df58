// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"os"
	"strings"
	"testing"

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
