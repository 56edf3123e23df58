// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// The functions of this file look at the server, and change it, past its API:
// what a test asserts, and what somebody does in Omni's web interface meanwhile.

// Connection is a copy of a connection on the server.
type Connection struct {
	ID string
	// Settings holds every setting by its name on the wire, unset ones as nil:
	// string, int, bool or []string. Secrets are not among them (see Secret);
	// wifAudience and wifServiceAccountEmail are, if they were sent.
	Settings  map[string]any
	CreatedAt time.Time
	UpdatedAt time.Time
	DeletedAt *time.Time // nil unless in the trash
}

// Name returns the connection's name.
func (c Connection) Name() string { return c.Settings["name"].(string) }

// Dialect returns the connection's dialect.
func (c Connection) Dialect() string { return c.Settings["dialect"].(string) }

func (c *connection) export() Connection {
	out := Connection{ID: c.id, Settings: cloneSettings(c.settings), CreatedAt: c.created, UpdatedAt: c.updated}
	if c.deleted != nil {
		deleted := *c.deleted
		out.DeletedAt = &deleted
	}
	return out
}

// Connections returns the connections that are not in the trash, by id.
func (s *Server) Connections() []Connection {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Connection
	for _, c := range s.connections {
		if c.deleted == nil {
			all = append(all, c.export())
		}
	}
	slices.SortFunc(all, func(a, b Connection) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// Connection returns a connection, also one in the trash.
func (s *Server) Connection(id string) (Connection, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.connections[id]
	if !ok {
		return Connection{}, false
	}
	return c.export(), true
}

// AddConnection makes a connection as the web interface does: name and dialect
// are needed, what a dialect requires is not checked, settings that are read
// only through the API may be given, and so may secrets. It panics on a setting
// that does not exist or has the wrong type, a mistake in the test.
func (s *Server) AddConnection(settings map[string]any) (id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stored, secrets := cloneSettings(settings), map[string]string{}
	for _, f := range connectionFields() {
		if value, ok := stored[f.name].(string); ok && f.form == secret {
			secrets[f.name] = value
			delete(stored, f.name)
		}
	}
	checkSettings(stored)
	dialect, _ := stored["dialect"].(string)
	if name, _ := stored["name"].(string); name == "" || !slices.Contains(s.dialects(), dialect) {
		panic("omnimock: AddConnection needs a name and a dialect that the server knows")
	}
	fillDefaults(stored, secrets)
	return s.insert(stored, secrets)
}

// EditConnection changes a connection's settings, by their names on the wire,
// as the web interface does. It panics if there is no such connection, or on a
// setting that does not exist or has the wrong type.
func (s *Server) EditConnection(id string, edit func(settings map[string]any)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.mustConnection(id)
	changed := cloneSettings(c.settings)
	edit(changed)
	checkSettings(changed)
	for name := range c.settings { // a deleted key is an unset setting
		if _, ok := changed[name]; !ok {
			changed[name] = nil
		}
	}
	c.settings = changed
	s.touch(c)
}

// TrashConnection deletes a connection as DELETE does.
func (s *Server) TrashConnection(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trash(s.mustConnection(id))
}

// PurgeConnection removes a connection for good: the API knows its id no more.
func (s *Server) PurgeConnection(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trash(s.mustConnection(id))
	delete(s.connections, id)
}

func (s *Server) mustConnection(id string) *connection {
	c, ok := s.connections[id]
	if !ok {
		panic(fmt.Sprintf("omnimock: no connection %s", id))
	}
	return c
}

// checkSettings panics on what is not a setting, or has the wrong type.
func checkSettings(settings map[string]any) {
	for name, value := range settings {
		f, ok := fieldNamed(name)
		if name == "dialect" {
			f, ok = field{name: name, form: text}, true
		}
		if !ok || f.form == secret {
			panic(fmt.Sprintf("omnimock: %q is no setting of a connection", name))
		}
		switch value.(type) {
		case nil:
			ok = name != "dialect" && name != "name"
		case int:
			ok = f.form == integer
		case bool:
			ok = f.form == boolean
		case []string:
			ok = f.form == list || f.form == eitherList
		case string:
			ok = f.form == text || f.form == digits || f.form == httpsURL
		default:
			ok = false
		}
		if !ok {
			panic(fmt.Sprintf("omnimock: setting %s cannot be %#v", name, value))
		}
	}
}

// Environments returns all environments, by id.
func (s *Server) Environments() []Environment {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sortedEnvironments()
}

// Environment returns one environment.
func (s *Server) Environment(id string) (Environment, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.environments[id]
	if !ok {
		return Environment{}, false
	}
	copied := *e
	copied.UserAttributeValues = slices.Clone(e.UserAttributeValues)
	return copied, true
}

// AddEnvironment associates two connections, with values. It keeps no rule of
// the API but one: both must exist, else it panics.
func (s *Server) AddEnvironment(baseID, connectionID string, values ...string) (id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range []string{baseID, connectionID} {
		if _, ok := s.live(id); !ok {
			panic("omnimock: " + noConnection(id).Detail)
		}
	}
	e := newEnvironment(baseID, connectionID)
	e.UserAttributeValues = append(e.UserAttributeValues, values...)
	s.environments[e.ID] = e
	return e.ID
}

// EditEnvironment replaces the values of an environment. It panics if there is
// no such environment.
func (s *Server) EditEnvironment(id string, values ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.environments[id]
	if !ok {
		panic(fmt.Sprintf("omnimock: no environment %s", id))
	}
	e.UserAttributeValues = append([]string{}, values...)
}

// RemoveEnvironment detaches an environment.
func (s *Server) RemoveEnvironment(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.environments, func(key string, _ *Environment) bool { return key == id })
}

// Route is [Server.RouteOf] for a user with one value.
func (s *Server) Route(baseID, value string) (connectionID, reason string) {
	return s.RouteOf(baseID, []string{value})
}

// RouteOf tells which connection a user gets who works on the base connection and
// whose attribute has these values, and why: the environment that has one of
// them, else the base connection. A user without a value has the attribute's
// default. The id is "" if there is no such base, or if several environments
// match: the references do not say which of them wins.
func (s *Server) RouteOf(baseID string, values []string) (connectionID, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	base, ok := s.live(baseID)
	if !ok {
		return "", noConnection(baseID).Detail
	}
	name := base.text(attributeNameKey)
	if name == "" {
		return baseID, "the base connection has no user attribute for its environments"
	}
	attribute, ok := s.userAttributes[name]
	if !ok {
		return baseID, fmt.Sprintf("there is no user attribute %s any more", name)
	}
	if len(values) == 0 {
		values = attribute.DefaultValues
	}
	holders := map[string]*Environment{} // by value: the server keeps them apart
	for _, e := range s.environments {
		for _, value := range e.UserAttributeValues {
			if e.BaseConnectionID == baseID {
				holders[value] = e
			}
		}
	}
	var winner *Environment
	defaults, _ := base.settings[attributeValuesKey].([]string)
	connectionID, reason = baseID, fmt.Sprintf("no environment has the %s %s", name, strings.Trim(fmt.Sprintf("%q", values), "[]"))
	for _, value := range values {
		e := holders[value]
		switch {
		case e == nil && winner == nil && slices.Contains(defaults, value):
			reason = fmt.Sprintf("the %s %q is a default value of the base connection", name, value)
		case e == nil:
		case winner != nil && winner != e:
			return "", fmt.Sprintf("environments %s and %s both have a %s of %q", winner.ID, e.ID, name, values)
		default:
			winner, connectionID = e, e.ConnectionID
			reason = fmt.Sprintf("environment %s has the %s %q", e.ID, name, value)
		}
	}
	return connectionID, reason
}
