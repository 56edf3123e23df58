// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reportermock

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
)

// The functions of this file look at the server, and change it, past its API:
// what a test asserts, and what somebody else does meanwhile.

// Connection is a copy of a connection on the server. Its secrets are asked for
// with Server.Secret.
type Connection struct {
	ID           string
	ProductName  string // "" means unassigned
	ConfigName   string
	Type         string
	Host         string
	Port         int
	DatabaseName string
	Schema       *string
	UserName     string
	SSLMode      *string
	Metadata     map[string]any
	CreatedAt    time.Time // to the millisecond
	UpdatedAt    time.Time
}

func (c *connection) export() Connection {
	return Connection{
		ID: c.id, ProductName: c.product, ConfigName: c.name, Type: c.kind, Host: c.host, Port: c.port,
		DatabaseName: c.database, Schema: clone(c.schema), UserName: c.user, SSLMode: clone(c.sslMode),
		Metadata: maps.Clone(c.metadata), CreatedAt: c.createdAt, UpdatedAt: c.updatedAt,
	}
}

func clone(text *string) *string {
	if text == nil {
		return nil
	}
	copied := *text
	return &copied
}

// take overwrites a connection with an edited copy.
func (c *connection) take(e Connection) {
	c.product, c.name, c.kind, c.host, c.port = e.ProductName, e.ConfigName, e.Type, e.Host, e.Port
	c.database, c.schema, c.user, c.sslMode = e.DatabaseName, clone(e.Schema), e.UserName, clone(e.SSLMode)
	c.metadata = maps.Clone(e.Metadata)
	c.createdAt, c.updatedAt = stored(e.CreatedAt), stored(e.UpdatedAt)
}

// Connections returns the connections that are not deleted, the oldest first,
// without the internal ones.
func (s *Server) Connections() []Connection {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Connection
	for _, c := range s.live() {
		all = append(all, c.export())
	}
	return all
}

// Connection returns a connection that is not deleted.
func (s *Server) Connection(id string) (Connection, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.connections[id]
	if !ok || c.deleted {
		return Connection{}, false
	}
	return c.export(), true
}

// Add makes a connection as somebody else would, and returns its id. It needs a
// name; a type, host, port, database and user have defaults. Without a product
// it is unassigned, as only records of old servers are. CreatedAt may lie in the
// past: the id follows it. It panics if the name is taken.
func (s *Server) Add(c Connection, password string) (id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.ConfigName == "" || s.nameIsTaken(c.ConfigName, "") {
		panic(fmt.Sprintf("reportermock: no connection can be added with the name %q", c.ConfigName))
	}
	fallback := func(text *string, to string) {
		if *text == "" {
			*text = to
		}
	}
	fallback(&c.Type, "POSTGRESQL")
	fallback(&c.Host, "db.example.com")
	fallback(&c.DatabaseName, "mydatabase")
	fallback(&c.UserName, "dbuser")
	if c.Port == 0 {
		c.Port = 5432
	}
	if c.CreatedAt.IsZero() {
		c.CreatedAt = s.now()
	}
	if c.UpdatedAt.IsZero() {
		c.UpdatedAt = c.CreatedAt
	}
	s.created++
	added := &connection{id: newID(c.CreatedAt), order: s.created}
	added.take(c)
	s.connections[added.id] = added
	s.Vault.Store(added.id, map[string]string{fieldPassword: password})
	s.completeSSL(added)
	return added.id
}

// completeSSL gives a connection the certificate that the API insists on.
func (s *Server) completeSSL(c *connection) {
	if _, ok := s.Vault.Secret(c.id, fieldSSLCA); c.sslMode != nil && !ok {
		s.Vault.Store(c.id, map[string]string{fieldSSLCA: "CA"})
	}
}

// Edit changes a connection, without any of the API's checks; its id stays, and
// updatedAt moves unless the edit sets it. It panics if there is no such
// connection.
func (s *Server) Edit(id string, edit func(c *Connection)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.must(id)
	e := c.export()
	edit(&e)
	moved := !e.UpdatedAt.Equal(c.updatedAt)
	c.take(e)
	if !moved {
		s.touch(c)
	}
	s.completeSSL(c)
}

// SetSecret changes a secret under one of the names that Secret knows.
func (s *Server) SetSecret(id, field, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Vault.Store(s.must(id).id, map[string]string{field: value})
}

// Remove deletes a connection, whatever job runs.
func (s *Server) Remove(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.must(id).deleted = true
}

func (s *Server) must(id string) *connection {
	c, ok := s.connections[id]
	if !ok || c.deleted {
		panic(fmt.Sprintf("reportermock: no connection %s", id))
	}
	return c
}

// StartJob starts a job that uses the connection of this name: until FinishJob
// the connection can be neither changed nor deleted.
func (s *Server) StartJob(configName string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jobs[configName] = true
}

// FinishJob ends the job of StartJob.
func (s *Server) FinishJob(configName string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.jobs, configName)
}

// SetDatabaseDown stops the server's own database: 503 wherever it is needed.
func (s *Server) SetDatabaseDown(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.databaseDown = down
}

// AddDatabase adds something for connections to reach.
func (s *Server) AddDatabase(d Database) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.databases = append(slices.Clone(s.databases), d)
}

// addInternal defines one of the server's own connections. Its id depends on its
// name only.
func (s *Server) addInternal(i Internal) {
	if i.Type == "" {
		i.Type = "POSTGRESQL"
	}
	s.internal = append(s.internal, &connection{
		id:   uuid.NewSHA1(uuid.NameSpaceOID, []byte(i.ConfigName)).String(),
		name: i.ConfigName, kind: i.Type, host: i.Host, port: i.Port,
		database: i.DatabaseName, user: i.UserName, password: i.Password,
	})
}

// Internal returns the id of an internal connection.
func (s *Server) Internal(configName string) (id string) {
	for _, c := range s.internal {
		if c.name == configName {
			return c.id
		}
	}
	return ""
}
