// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock

import "maps"

// vault holds what must never be read back. Omni returns no credential from any
// route, and erases those of a connection that is moved to the trash.
type vault struct {
	kept     map[string]map[string]string // connection id, field, value
	received map[string]bool              // every value a secret field ever held
}

func newVault() vault {
	return vault{kept: map[string]map[string]string{}, received: map[string]bool{}}
}

func (v vault) receive(value string) {
	if value != "" {
		v.received[value] = true
	}
}

func (v vault) store(connectionID string, secrets map[string]string) {
	if v.kept[connectionID] == nil {
		v.kept[connectionID] = map[string]string{}
	}
	maps.Copy(v.kept[connectionID], secrets)
}

func (v vault) erase(connectionID string) { delete(v.kept, connectionID) }

// Secret returns the secret that the server keeps for a connection under its
// name on the wire, such as passwordUnencrypted. A privateKey that came without
// PEM headers has them here. It is gone once the connection is in the trash.
func (s *Server) Secret(connectionID, field string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	value, ok := s.vault.kept[connectionID][field]
	return value, ok
}

// ReceivedSecret reports whether any request ever carried exactly this value in
// a secret field, also a request that was refused.
func (s *Server) ReceivedSecret(value string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.vault.received[value]
}
