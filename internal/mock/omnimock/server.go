// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock

import (
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/host"
)

// Server is one Omni instance. It is an http.Handler, and safe for concurrent
// use.
type Server struct {
	*host.Host
	opts  Options
	token string
	now   func() time.Time

	routes routes // under the prefix
	scim   routes // under the prefix of SCIM, which has no generations

	mu             sync.Mutex // guards everything below
	connections    map[string]*connection
	environments   map[string]*Environment
	userAttributes map[string]*UserAttribute // by name
	dbtStore
	scheduleStore
	users map[string]*User // by id
}

// New returns a server that is reachable as a handler only. See Start.
func New(opts Options) *Server {
	opts = opts.withDefaults()
	s := &Server{
		opts:           opts,
		token:          opts.Token,
		now:            opts.Now,
		routes:         routes{},
		connections:    map[string]*connection{},
		environments:   map[string]*Environment{},
		userAttributes: firstUserAttributes(opts.UserAttributes),
		dbtStore:       newDBTStore(),
		scheduleStore:  newScheduleStore(),
		users:          map[string]*User{},
	}
	s.scim = s.userRoutes()
	if s.token == "" {
		kind := "osk"
		if opts.PersonalToken {
			kind = "pat"
		}
		s.token = "omni_" + kind + "_" + strings.ReplaceAll(uuid.NewString()+uuid.NewString(), "-", "")
	}
	for _, part := range []routes{s.connectionRoutes(), s.environmentRoutes(), s.userAttributeRoutes(), s.dbtRoutes(), s.scheduleRoutes(), s.modelRoutes()} {
		maps.Copy(s.routes, part)
	}
	s.Host = host.New(s.serve, maxBody)
	return s
}

// Token returns the API key that the server accepts.
func (s *Server) Token() string { return s.token }

// prefix is where the API stands: the 2025 guide knows /api/unstable only, and
// the specifications of 2026 know connections under /api/v1 only.
func (s *Server) prefix() string {
	if s.opts.Generation == Guide2025 {
		return "/api/unstable"
	}
	return "/api/v1"
}
