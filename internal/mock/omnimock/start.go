// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock

import "github.com/dataconn/terraform-provider-dataconn/internal/mock/host"

// TB is the part of testing.TB that Start needs.
type TB = host.TB

// Request is one request as it arrived, and the status it was answered with.
type Request = host.Request

// Start serves a new server on a free port of 127.0.0.1 until the test ends.
func Start(tb TB, opts Options) *Server {
	s := New(opts)
	s.Start(tb, host.Transport{TLS: opts.TLS, InMemory: opts.InMemory})
	return s
}
