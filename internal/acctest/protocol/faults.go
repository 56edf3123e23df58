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
	p.Restart()
	h.ResetRequests()
	do().RequireOK(p.t)
	routes := map[string]bool{}
	for _, r := range h.Requests() {
		routes[r.Method+" "+withoutIDs(r.Path)] = true
	}
	for path := range words {
		if !routes["GET "+path] && !routes["POST "+path] {
			p.t.Errorf("nothing asks for %s", path)
		}
	}
	for route := range routes {
		method, path, _ := strings.Cut(route, " ")
		p.Restart()
		h.Faults().Add(fault.InternalError().On(method, path).Repeat(fault.Forever))
		do().RequireError(p.t, append([]string{"500"}, words[path]...)...)
		h.Faults().Clear()
	}
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
