// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
)

// Server is one Omni instance. It is an http.Handler, and safe for concurrent
// use.
type Server struct {
	opts    Options
	token   string
	faults  fault.Script
	record  record
	handler http.Handler
	now     func() time.Time
	serving serving

	mu           sync.Mutex // guards everything below
	connections  map[string]*connection
	environments map[string]*Environment
	vault        vault
	forbidden    []routePattern
	accepted     []time.Time // requests in the rate limit's window
}

// New returns a server that is reachable as a handler only. See Start.
func New(opts Options) *Server {
	opts = opts.withDefaults()
	s := &Server{
		opts:         opts,
		token:        opts.Token,
		now:          time.Now,
		connections:  map[string]*connection{},
		environments: map[string]*Environment{},
		vault:        newVault(),
	}
	if s.token == "" {
		s.token = "omni_osk_" + strings.ReplaceAll(uuid.NewString()+uuid.NewString(), "-", "")
	}
	s.handler = s.record.wrap(s.faults.Wrap(http.HandlerFunc(s.serve)))
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Token returns the API key that the server accepts.
func (s *Server) Token() string { return s.token }

// Faults returns the script of failures in front of the server.
func (s *Server) Faults() *fault.Script { return &s.faults }

// prefix is where the API stands: the 2025 guide knows /api/unstable only, and
// the specifications of 2026 know connections under /api/v1 only.
func (s *Server) prefix() string {
	if s.opts.Generation == Guide2025 {
		return "/api/unstable"
	}
	return "/api/v1"
}
