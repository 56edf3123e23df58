// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reportermock

import (
	"net/http"
	"strings"
)

// updateInput is the body of a change. What is absent or null stays as it is.
type updateInput struct {
	ConfigName   *string        `json:"configName"`
	Type         *string        `json:"type"`
	Host         *string        `json:"host"`
	Port         *int           `json:"port"`
	DatabaseName *string        `json:"databaseName"`
	UserName     *string        `json:"userName"`
	Password     *string        `json:"password"`
	Schema       *string        `json:"schema"`
	SSL          *sslInput      `json:"ssl"`
	Metadata     map[string]any `json:"metadata"`
}

func (in updateInput) isEmpty() bool {
	return in.ConfigName == nil && in.Type == nil && in.Host == nil && in.Port == nil && in.DatabaseName == nil &&
		in.UserName == nil && in.Password == nil && in.Schema == nil && in.SSL.isEmpty() && in.Metadata == nil
}

func (in updateInput) secrets() []string {
	out := in.SSL.secrets()
	if value(in.Password) != "" {
		out = append(out, *in.Password)
	}
	return out
}

func (s *Server) update(c call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	var in updateInput
	if err := c.decode(&in); err != nil {
		return answer{}, err
	}
	s.Vault.Receive(in.secrets()...)
	changed, err := s.change(id, in)
	if err != nil {
		return answer{}, s.careless(err, in.secrets())
	}
	return answer{http.StatusOK, changed}, nil
}

// change checks and carries out a change. A running job stands between the two
// stages of the checks.
func (s *Server) change(id string, in updateInput) (wireConnection, error) {
	if in.isEmpty() {
		return wireConnection{}, emptyBody()
	}
	if err := s.guard(value(in.Host)); err != nil {
		return wireConnection{}, err
	}
	if err := in.check(); err != nil {
		return wireConnection{}, err
	}
	c, err := s.lookup(id)
	if err != nil {
		return wireConnection{}, err
	}
	if s.jobs[c.name] {
		return wireConnection{}, jobRunning("update")
	}
	m := s.modelOf(c)
	newSSL := in.applyTo(&m)
	if err := m.check(); err != nil {
		return wireConnection{}, err
	}
	if s.nameIsTaken(m.name, c.id) {
		return wireConnection{}, nameTaken()
	}
	s.apply(c, m)
	if in.Schema != nil {
		c.schema = in.Schema
	}
	if in.Metadata != nil {
		c.metadata = in.Metadata
	}
	if in.Password != nil { // "" too: the password is then blank
		s.Vault.Store(id, map[string]string{fieldPassword: *in.Password})
	}
	if newSSL {
		s.storeSSL(id, *m.ssl)
	}
	now := s.touch(c)
	w := c.wire()
	w.UpdatedAt = now
	w.showMetadata(in.Metadata)
	return w, nil
}

func (s *Server) modelOf(c *connection) model {
	m := model{
		product: c.product, name: c.name, kind: c.kind, host: c.host, port: c.port, database: c.database, user: c.user,
	}
	if c.sslMode != nil {
		ca, _ := s.Vault.Secret(c.id, fieldSSLCA)
		m.ssl = &sslInput{Mode: c.sslMode, CA: &ca}
	}
	return m
}

// applyTo changes the model, and reports whether it has another ssl object: one
// without a mode is passed over, any other replaces the old one whole.
func (in updateInput) applyTo(m *model) (newSSL bool) {
	set := func(to *string, from *string) {
		if from != nil {
			*to = strings.TrimSpace(*from)
		}
	}
	set(&m.name, in.ConfigName)
	set(&m.kind, in.Type)
	set(&m.host, in.Host)
	set(&m.database, in.DatabaseName)
	set(&m.user, in.UserName)
	if in.Port != nil {
		m.port = *in.Port
	}
	if in.SSL != nil && in.SSL.Mode != nil {
		m.ssl = in.SSL
		return true
	}
	return false
}
