// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reportermock

import (
	"encoding/binary"
	"errors"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
)

// connection is a stored connection, deleted ones included. Its secrets are in
// the vault.
type connection struct {
	id        string
	order     int
	product   string // "" means unassigned
	name      string
	kind      string
	host      string
	port      int
	database  string
	schema    *string
	user      string
	sslMode   *string
	metadata  map[string]any // nil if empty
	createdAt time.Time
	updatedAt time.Time
	deleted   bool
	password  string // of an internal connection
}

// wireConnection is a connection as it is sent; the order of the keys is that of
// the real server.
type wireConnection struct {
	ID           string          `json:"id"`
	ProductName  string          `json:"productName,omitempty"`
	ConfigName   string          `json:"configName"`
	Type         string          `json:"type"`
	Host         string          `json:"host"`
	Port         int             `json:"port"`
	DatabaseName string          `json:"databaseName"`
	Schema       *string         `json:"schema,omitempty"`
	UserName     string          `json:"userName"`
	SSL          *wireSSL        `json:"ssl,omitempty"`
	Metadata     *map[string]any `json:"metadata,omitempty"`
	CreatedAt    time.Time       `json:"createdAt"`
	UpdatedAt    time.Time       `json:"updatedAt"`
}

type wireSSL struct {
	Mode string `json:"mode"`
}

// wire is the connection as a read shows it: times in milliseconds, and no
// metadata that are empty.
func (c *connection) wire() wireConnection {
	w := wireConnection{
		ID: c.id, ProductName: c.product, ConfigName: c.name, Type: c.kind, Host: c.host, Port: c.port,
		DatabaseName: c.database, Schema: c.schema, UserName: c.user,
		CreatedAt: c.createdAt.UTC(), UpdatedAt: c.updatedAt.UTC(),
	}
	if c.sslMode != nil {
		w.SSL = &wireSSL{*c.sslMode}
	}
	if len(c.metadata) > 0 {
		metadata := maps.Clone(c.metadata)
		w.Metadata = &metadata
	}
	return w
}

// fine is now with digits below the millisecond, also where the clock is coarse:
// what a write answers from memory has them, and what is stored has not.
func (s *Server) fine() time.Time {
	now := s.now().UTC()
	if now.Nanosecond()%int(time.Millisecond) == 0 {
		now = now.Add(123456 * time.Nanosecond)
	}
	return now
}

// stored is a time as the database keeps it.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// newID returns a UUIDv7, which begins with the time in milliseconds.
func newID(now time.Time) string {
	id := uuid.New()
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(now.UnixMilli()))
	copy(id[:6], ms[2:])
	id[6] = id[6]&0x0f | 0x70
	return id.String()
}

var productPattern = regexp.MustCompile(`^[a-zA-Z0-9_-]*$`)

// product reads the header; a blank one is "".
func product(header http.Header) (string, error) {
	name := strings.ToLower(strings.TrimSpace(header.Get("X-Product-Name")))
	switch {
	case len(name) > 100:
		return "", invalidHeader("X-Product-Name must not exceed 100 characters")
	case !productPattern.MatchString(name):
		return "", invalidHeader("X-Product-Name can only contain alphanumeric characters, underscores, and hyphens")
	}
	return name, nil
}

func requiredProduct(header http.Header) (string, error) {
	name, err := product(header)
	if err == nil && name == "" {
		err = invalidHeader("X-Product-Name header is required and must not be empty")
	}
	return name, err
}

// lookup returns a connection that is not deleted.
func (s *Server) lookup(id string) (*connection, error) {
	if s.databaseDown {
		return nil, unavailable()
	}
	c, ok := s.connections[id]
	if !ok || c.deleted {
		return nil, notFound()
	}
	return c, nil
}

// lookupAny returns an internal connection too.
func (s *Server) lookupAny(id string) (*connection, error) {
	for _, c := range s.internal {
		if c.id == id {
			return c, nil
		}
	}
	return s.lookup(id)
}

// nameIsTaken reports whether another connection has the name, of whatever
// product. Case counts, and deleted connections do not.
func (s *Server) nameIsTaken(name, exceptID string) bool {
	for _, c := range s.connections {
		if c.name == name && !c.deleted && c.id != exceptID {
			return true
		}
	}
	return false
}

func (s *Server) create(c call) (answer, error) {
	product, err := requiredProduct(c.header)
	if err != nil {
		return answer{}, err
	}
	var in connectionInput
	if err := c.decode(&in); err != nil {
		return answer{}, err
	}
	s.Vault.Receive(in.secrets()...)
	created, err := s.insert(product, in)
	if err != nil {
		return answer{}, s.careless(err, in.secrets())
	}
	return answer{http.StatusCreated, created}, nil
}

func (s *Server) insert(product string, in connectionInput) (wireConnection, error) {
	if in.isEmpty() {
		return wireConnection{}, emptyBody()
	}
	if err := s.guard(in.Host); err != nil {
		return wireConnection{}, err
	}
	if err := in.check(); err != nil {
		return wireConnection{}, err
	}
	m := model{
		product: product, name: strings.TrimSpace(in.ConfigName), kind: in.Type, host: strings.TrimSpace(in.Host),
		port: in.Port, database: strings.TrimSpace(in.DatabaseName), user: strings.TrimSpace(in.UserName),
	}
	if !in.SSL.isEmpty() {
		m.ssl = in.SSL
	}
	if err := m.check(); err != nil {
		return wireConnection{}, err
	}
	if s.databaseDown {
		return wireConnection{}, unavailable()
	}
	if s.nameIsTaken(m.name, "") {
		return wireConnection{}, nameTaken()
	}
	now := s.fine()
	later := now.Add(50 * time.Nanosecond)
	s.created++
	c := &connection{
		id: newID(now), order: s.created, createdAt: stored(now), updatedAt: stored(later), metadata: in.Metadata,
	}
	s.apply(c, m)
	if in.Schema != "" {
		c.schema = &in.Schema
	}
	s.connections[c.id] = c
	s.Vault.Store(c.id, map[string]string{fieldPassword: in.Password})
	if m.ssl != nil {
		s.storeSSL(c.id, *m.ssl)
	}
	w := c.wire()
	w.CreatedAt, w.UpdatedAt = now, later
	w.showMetadata(in.Metadata)
	return w, nil
}

// showMetadata shows metadata that were sent, once, also where they are empty.
func (w *wireConnection) showMetadata(sent map[string]any) {
	if sent != nil {
		w.Metadata = &sent
	}
}

// apply takes over what the checks passed.
func (s *Server) apply(c *connection, m model) {
	if s.opts.LowerCaseHosts {
		m.host = strings.ToLower(m.host)
	}
	c.product, c.name, c.kind, c.host, c.port = m.product, m.name, m.kind, m.host, m.port
	c.database, c.user = m.database, m.user
	if m.ssl != nil {
		c.sslMode = m.ssl.Mode
	}
}

func (s *Server) get(c call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	found, err := s.lookupAny(id)
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, found.wire()}, nil
}

func (s *Server) remove(c call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	found, err := s.lookup(id)
	if err != nil {
		return answer{}, err
	}
	if s.jobs[found.name] {
		return answer{}, jobRunning("delete")
	}
	found.deleted = true
	return answer{status: http.StatusNoContent}, nil
}

// assign gives an unassigned connection to a product, once and for all.
func (s *Server) assign(c call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	product, err := requiredProduct(c.header)
	if err != nil {
		return answer{}, err
	}
	found, err := s.lookup(id)
	if err != nil {
		return answer{}, err
	}
	if found.product != "" {
		return answer{}, alreadyAssigned()
	}
	found.product = product
	s.touch(found)
	return answer{http.StatusOK, found.wire()}, nil
}

// touch moves updatedAt, by a millisecond at least: that is what is shown. It
// returns the time in full.
func (s *Server) touch(c *connection) time.Time {
	now := s.fine()
	if !stored(now).After(c.updatedAt) {
		now = c.updatedAt.Add(time.Millisecond + 123456*time.Nanosecond)
	}
	c.updatedAt = stored(now)
	return now
}

// careless repeats the secrets of a refused body, if Options say so.
func (s *Server) careless(err error, secrets []string) error {
	no, ok := errors.AsType[*refusal](err)
	if !ok || !s.opts.EchoSecretsInErrors {
		return err
	}
	if body, ok := no.Body.(validationError); ok {
		for _, value := range secrets {
			body.Message += " (received '" + value + "')"
		}
		no.Body = body
	}
	return no
}
