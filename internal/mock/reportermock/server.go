// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reportermock

import (
	"cmp"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
)

// Server is one server. It is an http.Handler, and safe for concurrent use.
type Server struct {
	opts    Options
	auth    auth
	faults  fault.Script
	record  record
	handler http.Handler
	routes  []route
	now     func() time.Time
	serving serving

	mu            sync.Mutex // guards everything below
	connections   map[string]*connection
	created       int // counts creations: the order of those of one millisecond
	internal      []*connection
	databases     []Database
	vault         vault
	jobs          map[string]bool // config names with a job that runs
	databaseDown  bool
	authDown      bool
	forbidden     []routePattern
	accepted      []time.Time // requests in the rate limit's window
	testAllowance map[string]*bucket
}

// New returns a server that is reachable as a handler only. See Start.
func New(opts Options) *Server {
	opts = opts.withDefaults()
	s := &Server{
		opts:          opts,
		auth:          newAuth(opts),
		now:           opts.Now,
		connections:   map[string]*connection{},
		databases:     slices.Clone(opts.Databases),
		vault:         newVault(),
		jobs:          map[string]bool{},
		testAllowance: map[string]*bucket{},
	}
	for _, i := range opts.Internal {
		s.addInternal(i)
	}
	s.routes = s.allRoutes()
	s.handler = s.record.wrap(s.faults.Wrap(http.HandlerFunc(s.serve)))
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Faults returns the script of failures in front of the server.
func (s *Server) Faults() *fault.Script { return &s.faults }

// live returns the connections that are not deleted, the oldest first.
func (s *Server) live() []*connection {
	var all []*connection
	for _, c := range s.connections {
		if !c.deleted {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b *connection) int {
		return cmp.Or(a.createdAt.Compare(b.createdAt), cmp.Compare(a.order, b.order))
	})
	return all
}
