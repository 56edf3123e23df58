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
	Secrets      map[string]map[string]string // by connection and name on the wire
	Environments []Environment
}

// Snapshot returns what the server keeps, without what is in the trash.
func (s *Server) Snapshot() Snapshot {
	snapshot := Snapshot{Connections: s.Connections(), Secrets: map[string]map[string]string{}, Environments: s.Environments()}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, secrets := range s.vault.kept {
		snapshot.Secrets[id] = maps.Clone(secrets)
	}
	return snapshot
}

// Restore adds what a snapshot has, with the same ids and times. It panics on a
// setting that does not exist any more, or has the wrong type.
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
		s.vault.store(c.ID, snapshot.Secrets[c.ID])
	}
	for _, e := range snapshot.Environments {
		e.UserAttributeValues = slices.Clone(e.UserAttributeValues)
		s.environments[e.ID] = &e
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
