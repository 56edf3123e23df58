// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package host

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestRoutesFind(t *testing.T) {
	t.Parallel()
	routes := Routes[string]{
		"/things":         {"GET": "list", "POST": "create"},
		"/things/lost":    {"GET": "lost"},
		"/things/*":       {"GET": "get", "PATCH": "update"},
		"/things/*/parts": {"GET": "parts"},
		"/*/*/parts/*":    {"GET": "part"},
	}
	tests := map[string]struct {
		path, handle string
		segments     []string
	}{
		"GET /things":             {"/things", "list", nil},
		"DELETE /things":          {"/things", "", nil},
		"GET /things/lost":        {"/things/lost", "lost", nil},
		"PATCH /things/lost":      {"/things/*", "update", []string{"lost"}},
		"DELETE /things/lost":     {"/things/lost", "", nil},
		"GET /things/7":           {"/things/*", "get", []string{"7"}},
		"GET /things/":            {},
		"GET /things/7/":          {},
		"GET /things//parts":      {},
		"GET /things/7/parts":     {"/things/*/parts", "parts", []string{"7"}},
		"GET /a/b/parts/c":        {"/*/*/parts/*", "part", []string{"a", "b", "c"}},
		"GET /other":              {},
		"GET /things/7/parts/8/9": {},
	}
	for request, test := range tests {
		for range 10 { // whichever route the map gives first
			method, path, _ := strings.Cut(request, " ")
			got := routes.Find(method, path)
			if got.Path != test.path || got.Handle != test.handle || got.Found != (test.handle != "") || !slices.Equal(got.Segments, test.segments) {
				t.Fatalf("%s: %+v, want %+v", request, got, test)
			}
		}
	}
	if all := routes.Methods("/things/lost"); !maps.Equal(all, map[string]bool{"GET": true, "PATCH": true}) {
		t.Errorf("methods %v", all)
	}
	if m := routes.Find("GET", "/things/7"); m.Segment(0) != "7" || m.Segment(1) != "" {
		t.Errorf("segments %q, %q", m.Segment(0), m.Segment(1))
	}
}
