// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// connection is a stored connection, deleted ones included.
type connection struct {
	id       string
	settings map[string]any // by wire name, dialect included: string, int, bool, []string or nil
	created  time.Time
	updated  time.Time
	deleted  *time.Time
	encoded  json.RawMessage // as lists show it, since the last touch; nil if none has
}

func (c *connection) dialect() string { return c.settings["dialect"].(string) }

// text returns a string setting, "" where it is null.
func (c *connection) text(name string) string {
	s, _ := c.settings[name].(string)
	return s
}

// object is the connection with every key that the newest generation reads.
func (c *connection) object() map[string]any {
	o := cloneSettings(c.settings)
	delete(o, "wifAudience") // taken by creation and never read back
	delete(o, "wifServiceAccountEmail")
	o["id"] = c.id
	o["createdAt"] = timestamp(c.created)
	o["updatedAt"] = timestamp(c.updated)
	o["deletedAt"] = nil
	if c.deleted != nil {
		o["deletedAt"] = timestamp(*c.deleted)
	}
	return o
}

func cloneSettings(settings map[string]any) map[string]any {
	out := maps.Clone(settings)
	for name, value := range out {
		if items, ok := value.([]string); ok {
			out[name] = slices.Clone(items)
		}
	}
	return out
}

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// touch moves updatedAt, by a millisecond at least: that is what is shown.
func (s *Server) touch(c *connection) {
	now := s.now().Truncate(time.Millisecond)
	if !now.After(c.updated) {
		now = c.updated.Add(time.Millisecond)
	}
	c.updated, c.encoded = now, nil
}

// live returns a connection that is not in the trash.
func (s *Server) live(id string) (*connection, bool) {
	c, ok := s.connections[id]
	return c, ok && c.deleted == nil
}

func (s *Server) listConnections(call call) (answer, error) {
	match, err := s.listFilter(call)
	if err != nil {
		return answer{}, err
	}
	found := []*connection{}
	for _, c := range s.connections {
		if match(c) {
			found = append(found, c)
		}
	}
	// The default order is not documented. By id, which is random, nobody can
	// mistake it for the order of creation.
	slices.SortFunc(found, func(a, b *connection) int { return cmp.Compare(a.id, b.id) })
	if sortField := call.query.Get("sortField"); sortField != "" {
		slices.SortStableFunc(found, func(a, b *connection) int {
			order := cmp.Compare(a.text(sortField), b.text(sortField))
			if call.query.Get("sortDirection") == "desc" {
				return -order
			}
			return order
		})
	}
	objects := make([]json.RawMessage, len(found))
	for i, c := range found {
		objects[i] = s.encode(c)
	}
	return answer{http.StatusOK, map[string]any{"connections": objects}}, nil
}

// encode returns what is shown of a connection. It remembers it, so that a list that a
// test or a measurement asks for again and again takes little of their processor.
func (s *Server) encode(c *connection) json.RawMessage {
	if c.encoded == nil {
		encoded, err := json.Marshal(s.read(c))
		if err != nil {
			panic(err) // the server's own values always encode
		}
		c.encoded = encoded
	}
	return c.encoded
}

// listFilter checks the query of a list and returns what it lets through.
func (s *Server) listFilter(call call) (func(*connection) bool, error) {
	q := call.query
	if err := onlyQuery(q, "name", "database", "dialect", "includeDeleted", "sortField", "sortDirection"); err != nil {
		return nil, err
	}
	for name, allowed := range map[string][]string{
		"sortField":      {"database", "dialect", "name"},
		"sortDirection":  {"asc", "desc"},
		"includeDeleted": {"true", "false"},
	} {
		if value := q.Get(name); q.Has(name) && !slices.Contains(allowed, value) {
			return nil, invalid(name, "Invalid enum value. Expected '%s', received '%s'", strings.Join(allowed, "' | '"), value)
		}
	}
	var dialects []string
	if q.Has("dialect") {
		dialects = strings.Split(q.Get("dialect"), ",")
		known := s.dialects()
		unknown := slices.DeleteFunc(slices.Clone(dialects), func(d string) bool { return slices.Contains(known, d) })
		if len(unknown) > 0 {
			return nil, refuse(http.StatusBadRequest, "Invalid dialect(s): %s", strings.Join(unknown, ", "))
		}
	}
	contains := func(c *connection, name string) bool {
		return strings.Contains(strings.ToLower(c.text(name)), strings.ToLower(q.Get(name)))
	}
	return func(c *connection) bool {
		return (c.deleted == nil || q.Get("includeDeleted") == "true") &&
			(dialects == nil || slices.Contains(dialects, c.dialect())) &&
			contains(c, "name") && contains(c, "database")
	}, nil
}

func (s *Server) getConnection(call call) (answer, error) {
	if err := onlyQuery(call.query); err != nil {
		return answer{}, err
	}
	if err := checkID(call.id); err != nil {
		return answer{}, err
	}
	c, ok := s.connections[call.id]
	if !ok || c.deleted != nil && s.opts.DeletedGetNotFound {
		return answer{}, refuse(http.StatusNotFound, "Connection does not exist")
	}
	return answer{http.StatusOK, map[string]any{"connection": s.read(c)}}, nil
}

func (s *Server) createConnection(call call) (answer, error) {
	if err := onlyQuery(call.query); err != nil {
		return answer{}, err
	}
	body, err := parseObject(call.body)
	if err != nil {
		return answer{}, err
	}
	s.receiveSecrets(body)
	settings, secrets, err := s.newSettings(body)
	if err != nil {
		return answer{}, s.echo(err, sentSecrets(body)...)
	}
	fillDefaults(settings, secrets)
	hidden := s.hide(settings["dialect"], settings)
	// Nothing says that a name is unique, so two connections may share one.
	id := s.insert(settings, secrets)
	s.Vault.Store(id, hidden)
	return answer{http.StatusCreated, map[string]any{"success": true, "data": id}}, nil
}

func (s *Server) insert(settings map[string]any, secrets map[string]string) string {
	now := s.now().Truncate(time.Millisecond)
	c := &connection{id: uuid.NewString(), settings: settings, created: now, updated: now}
	s.connections[c.id] = c
	s.Vault.Store(c.id, secrets)
	if s.opts.BuildSchemaModels {
		s.registerModel(c).refreshed = true
	}
	return c.id
}

// hide takes from settings what the server accepts and no answer has, for the vault:
// Snowflake's default schema.
func (s *Server) hide(dialect any, settings map[string]any) map[string]string {
	value, ok := settings["defaultSchema"]
	if !ok || dialect != "snowflake" || s.opts.SnowflakeKeepsDefaultSchema {
		return nil
	}
	settings["defaultSchema"] = nil
	text, _ := value.(string)
	return map[string]string{"defaultSchema": text}
}

func specifiedRoles() []string {
	return []string{"NO_ACCESS", "VIEWER", "RESTRICTED_QUERIER", "QUERIER", "MODELER", "CONNECTION_ADMIN"}
}

// newSettings checks the body of a creation.
func (s *Server) newSettings(body map[string]any) (map[string]any, map[string]string, error) {
	settings, secrets, err := s.decode(body, s.createFields(), []string{"dialect"}, true)
	if err != nil {
		return nil, nil, err
	}
	value, ok := body["dialect"]
	if !ok {
		return nil, nil, required("dialect")
	}
	dialect, err := asString("dialect", value)
	if err != nil {
		return nil, nil, err
	}
	if !slices.Contains(s.dialects(), dialect) {
		return nil, nil, refuse(http.StatusBadRequest, "Invalid connection dialect")
	}
	if _, ok := body["name"]; !ok {
		return nil, nil, required("name")
	}
	settings["dialect"] = dialect
	if role, ok := settings["baseRole"].(string); ok && s.opts.BaseRoleEnum && !slices.Contains(specifiedRoles(), role) {
		return nil, nil, refuse(http.StatusBadRequest, "Bad Request: baseRole: Invalid enum value")
	}
	if err := checkNew(dialect, settings, secrets); err != nil {
		return nil, nil, err
	}
	if key, ok := secrets["privateKey"]; ok {
		secrets["privateKey"] = withPEMHeaders(key)
	}
	return settings, secrets, nil
}

// decode checks the keys and the types of a body, and splits it into settings
// and secrets. The others are keys that the caller looks at itself.
func (s *Server) decode(body map[string]any, fields []field, others []string, creating bool) (map[string]any, map[string]string, error) {
	allowed := slices.Clone(others)
	for _, f := range fields {
		allowed = append(allowed, f.name)
	}
	if err := onlyKeys(body, allowed); err != nil {
		return nil, nil, err
	}
	settings, secrets := map[string]any{}, map[string]string{}
	for _, f := range fields {
		sent, ok := body[f.name]
		if !ok {
			continue
		}
		value, err := f.value(sent, creating, s.opts.Generation == Guide2025)
		if err != nil {
			return nil, nil, err
		}
		if f.form == secret {
			secrets[f.name] = value.(string)
		} else {
			settings[f.name] = value
		}
	}
	return settings, secrets, nil
}

// receiveSecrets remembers the secrets of a body, whatever becomes of it.
func (s *Server) receiveSecrets(body map[string]any) {
	for _, value := range sentSecrets(body) {
		s.Vault.Receive(value)
	}
}

func sentSecrets(body map[string]any) []string {
	var out []string
	for _, f := range connectionFields() {
		if value, _ := body[f.name].(string); f.form == secret && value != "" {
			out = append(out, value)
		}
	}
	return out
}

// deleteConnection moves a connection to the trash. Omni erases its credentials
// for good. Choice: whether a connection that is a base or an environment can be
// deleted is not documented; here it can, and the associations go with it.
func (s *Server) deleteConnection(call call) (answer, error) {
	if err := onlyQuery(call.query); err != nil {
		return answer{}, err
	}
	if err := checkID(call.id); err != nil {
		return answer{}, err
	}
	c, ok := s.connections[call.id]
	switch {
	case !ok:
		return answer{}, refuse(http.StatusNotFound, "Connection not found")
	case c.deleted != nil:
		return answer{}, refuse(http.StatusGone, "Connection is already archived")
	}
	s.trash(c)
	return answer{http.StatusOK, map[string]any{"success": true, "message": "Connection moved to trash."}}, nil
}

func (s *Server) trash(c *connection) {
	s.touch(c)
	deleted := c.updated
	c.deleted = &deleted
	s.Vault.Erase(c.id)
	s.trashModels(c)
	s.unlinkDBT(c.id)
	maps.DeleteFunc(s.environments, func(_ string, e *Environment) bool {
		return e.BaseConnectionID == c.id || e.ConnectionID == c.id
	})
}
