// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reportermock

// Snapshot is all that a server keeps, in a form that goes through JSON. The
// secrets are in it, so it is for those of tests.
type Snapshot struct {
	Connections []Connection
	Secrets     map[string]map[string]string // by connection, and name on the wire
}

// Snapshot returns what the server keeps, without what was deleted.
func (s *Server) Snapshot() Snapshot {
	return Snapshot{Connections: s.Connections(), Secrets: s.Vault.All()}
}

// Restore adds what a snapshot has, with the same ids and times.
func (s *Server) Restore(snapshot Snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range snapshot.Connections {
		s.created++
		restored := &connection{id: c.ID, order: s.created}
		restored.take(c)
		s.connections[c.ID] = restored
	}
	for id, secrets := range snapshot.Secrets {
		s.Vault.Store(id, secrets)
	}
}
