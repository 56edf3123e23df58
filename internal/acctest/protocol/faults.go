// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package protocol

import (
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/host"
)

// FailEachCall carries something out that only reads: once to see its requests,
// and once for each route of them, which answers nothing but 500 then. Each time
// there has to be an error that says so, and has the words that the test gives
// for the route's path, an id being "*". Every run is a process of its own.
func (p *Provider) FailEachCall(h *host.Host, words map[string][]string, do func() Diagnostics) {
	p.t.Helper()
	for path, method := range p.routes(h, words, do) {
		p.failing(h, fault.InternalError().On(method, path), do).RequireError(p.t, append([]string{"500"}, words[path]...)...)
	}
}

// RefuseEachCall is FailEachCall with a server that does not allow the call, for
// the paths that have words alone: one of many that is refused may be left out.
func (p *Provider) RefuseEachCall(h *host.Host, words map[string][]string, do func() Diagnostics) {
	p.t.Helper()
	routes := p.routes(h, words, do)
	for path, w := range words {
		p.failing(h, refusal().On(routes[path], path), do).RequireError(p.t, w...)
	}
}

// routes carries something out, and returns the methods of its requests by path,
// among which those with words have to be.
func (p *Provider) routes(h *host.Host, words map[string][]string, do func() Diagnostics) map[string]string {
	p.t.Helper()
	p.Restart()
	h.ResetRequests()
	do().RequireOK(p.t)
	routes := map[string]string{}
	for _, r := range h.Requests() {
		routes[withoutIDs(r.Path)] = r.Method
	}
	for path := range words {
		if routes[path] == "" {
			p.t.Fatalf("nothing asks for %s", path)
		}
	}
	return routes
}

// failing carries something out in a process of its own while one route fails.
func (p *Provider) failing(h *host.Host, f fault.Fault, do func() Diagnostics) Diagnostics {
	p.t.Helper()
	p.Restart()
	h.Faults().Add(f.Repeat(fault.Forever))
	defer h.Faults().Clear()
	return do()
}

// withoutIDs writes "*" for the segments of a path that are UUIDs.
func withoutIDs(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if len(s) == 36 && strings.Count(s, "-") == 4 {
			segments[i] = "*"
		}
	}
	return strings.Join(segments, "/")
}
