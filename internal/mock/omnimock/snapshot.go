// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock

import (
	"maps"
	"slices"
)

// Snapshot is all that a server keeps, in a form that goes through JSON. The
// secrets are in it, so it is for those of tests.
type Snapshot struct {
	Connections  []Connection
	Secrets      map[string]map[string]string // by connection, or variable, and name on the wire
	Environments []Environment
	// UserAttributes are those besides Omni's own; nil in an older snapshot, which
	// leaves them alone.
	UserAttributes []UserAttribute
	// Users are their values too; nil in an older snapshot.
	Users []User
	DBT   map[string]DBT // by connection

	DBTEnvironments map[string][]DBTEnvironment // by connection

	Schedules    []Schedule
	SchemaModels []string // the connections whose schema model is there; restored as refreshed
}

// Snapshot returns what the server keeps, without what is in the trash.
func (s *Server) Snapshot() Snapshot {
	snapshot := Snapshot{
		Connections: s.Connections(), Secrets: map[string]map[string]string{}, Environments: s.Environments(),
		DBT: map[string]DBT{}, DBTEnvironments: map[string][]DBTEnvironment{},
		Schedules: s.Schedules(), SchemaModels: s.SchemaModels(), Users: s.Users(),
	}
	for _, a := range s.UserAttributes() {
		if !a.System {
			snapshot.UserAttributes = append(snapshot.UserAttributes, a)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, config := range s.dbt {
		snapshot.DBT[id] = *config
		if all := s.dbtEnvironmentsOf(id); len(all) > 0 {
			snapshot.DBTEnvironments[id] = all
		}
	}
	maps.Copy(snapshot.Secrets, s.Vault.All())
	return snapshot
}

// Restore adds what a snapshot has, with the same ids and times. It panics on a
// setting that no longer exists, or has the wrong type.
func (s *Server) Restore(snapshot Snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range snapshot.Connections {
		settings := maps.Clone(c.Settings)
		for name, value := range settings { // JSON made something else of them
			settings[name] = fromJSON(value)
		}
		checkSettings(settings)
		for _, f := range connectionFields() { // a setting that the snapshot is too old for
			if _, ok := settings[f.name]; !ok && f.form != secret {
				settings[f.name] = nil
			}
		}
		s.connections[c.ID] = &connection{id: c.ID, settings: settings, created: c.CreatedAt, updated: c.UpdatedAt}
	}
	for id, secrets := range snapshot.Secrets {
		s.Vault.Store(id, secrets)
	}
	for _, id := range snapshot.SchemaModels {
		s.registerModel(s.mustConnection(id)).refreshed = true
	}
	for _, o := range snapshot.Schedules {
		s.schedules[o.ID] = &o
	}
	for id, config := range snapshot.DBT {
		s.dbt[id] = &config
	}
	for id, environments := range snapshot.DBTEnvironments {
		for _, e := range environments {
			e.ConnectionID = id
			s.dbtEnvironments[e.ID] = e.clone()
		}
	}
	for _, e := range snapshot.Environments {
		e.UserAttributeValues = slices.Clone(e.UserAttributeValues)
		s.environments[e.ID] = &e
	}
	if snapshot.UserAttributes != nil {
		s.userAttributes = firstUserAttributes(nil)
	}
	for _, a := range snapshot.UserAttributes {
		s.userAttributes[a.Name] = &a
	}
	for _, u := range snapshot.Users {
		s.users[u.ID] = &u
	}
}

func fromJSON(value any) any {
	switch value := value.(type) {
	case float64:
		return int(value)
	case []any:
		items := make([]string, len(value))
		for i, item := range value {
			items[i], _ = item.(string)
		}
		return items
	}
	return value
}
