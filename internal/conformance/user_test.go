// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/live"
)

// A server that ignores the filter does not have a stranger's attributes set.
func TestTheUserIsTheNamedOne(t *testing.T) {
	t.Parallel()
	listening := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"Resources":[{"id":"1","userName":"bob@example.com"},{"id":"2","userName":"Ada@example.com"}]}`)
	}))
	t.Cleanup(listening.Close)
	server, err := live.Connect(t.Context(), live.Target{System: live.Omni, Origin: listening.URL, Version: "v1", PerMinute: 100000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	for user, want := range map[string]string{"ada@example.com": scimUsers + "/2", "eve@example.com": ""} {
		p := &Probe{ctx: t.Context(), server: server, user: user, scrub: func(text string) string { return text }}
		path, reason := p.run((*Probe).theUser)
		if path != want || want == "" && !strings.Contains(reason, "not found") {
			t.Errorf("%s: %q, %q", user, path, reason)
		}
	}
}
