// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package createonce_test

import (
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
)

type settings struct {
	Host *string  `json:"host,omitempty"`
	Port *int     `json:"port,omitempty"`
	Tags []string `json:"tags,omitempty"`
}

func TestCompare(t *testing.T) {
	t.Parallel()
	text := func(s string) *string { return &s }
	number := func(n int) *int { return &n }
	sent := settings{Host: text("db"), Port: number(1), Tags: []string{"a"}}
	for name, test := range map[string]struct {
		sent, returned settings
		want           createonce.Match
	}{
		"nothing sent":                        {returned: sent, want: createonce.Same},
		"all the same":                        {sent: sent, returned: sent, want: createonce.Same},
		"more is returned":                    {sent: settings{Host: text("db")}, returned: sent, want: createonce.Same},
		"some is not returned":                {sent: sent, returned: settings{Host: text("db"), Port: number(1)}, want: createonce.Similar},
		"nothing is returned":                 {sent: sent, want: createonce.Similar},
		"a text differs":                      {sent: sent, returned: settings{Host: text("other"), Port: number(1), Tags: []string{"a"}}, want: createonce.Other},
		"a number differs":                    {sent: sent, returned: settings{Host: text("db"), Port: number(2), Tags: []string{"a"}}, want: createonce.Other},
		"a list differs":                      {sent: sent, returned: settings{Host: text("db"), Port: number(1), Tags: []string{"b"}}, want: createonce.Other},
		"one differs and one is not returned": {sent: sent, returned: settings{Host: text("other")}, want: createonce.Other},
		"equal in another spelling":           {sent: settings{Host: text("DB")}, returned: settings{Host: text("db")}, want: createonce.Same},
	} {
		got := createonce.Compare(test.sent, test.returned, func(key string, want, have any) bool {
			w, _ := want.(string)
			h, _ := have.(string)
			return key == "host" && w != "" && strings.EqualFold(w, h)
		})
		if got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
}

// Settings that are no object are a mistake in the program.
func TestCompareOfNoSettings(t *testing.T) {
	t.Parallel()
	for want, settings := range map[string]any{"always encode": make(chan int), "are an object": "text"} {
		func() {
			defer func() {
				if text, _ := recover().(string); !strings.Contains(text, want) {
					t.Errorf("%q, want %q", text, want)
				}
			}()
			createonce.Compare(settings, struct{}{}, nil)
		}()
	}
}
