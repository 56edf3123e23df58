// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reportermock

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/host"
)

// Server is one server. It is an http.Handler, and safe for concurrent use.
type Server struct {
	*host.Host
	opts   Options
	auth   auth
	routes host.Routes[handler]
	now    func() time.Time

	mu            sync.Mutex // guards everything below
	connections   map[string]*connection
	created       int // counts creations: the order of those of one millisecond
	internal      []*connection
	databases     []Database
	jobs          map[string]bool // config names with a job that runs
	databaseDown  bool
	authDown      bool
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
		jobs:          map[string]bool{},
		testAllowance: map[string]*bucket{},
	}
	for _, i := range opts.Internal {
		s.addInternal(i)
	}
	s.routes = s.allRoutes()
	s.Host = host.New(s.serve, maxBody)
	return s
}

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
