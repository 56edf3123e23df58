// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package host

import (
	"maps"
	"sync"
)

// Vault holds the secrets that no answer has. It is safe for concurrent use.
type Vault struct {
	mu       sync.Mutex                   // guards everything below
	kept     map[string]map[string]string // id of the owner, field, value
	received map[string]bool              // every value that a secret field ever had
}

// Receive notes the values of secret fields, also those of a request that is
// refused later. "" is no secret.
func (v *Vault) Receive(values ...string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.received == nil {
		v.received = map[string]bool{}
	}
	for _, value := range values {
		if value != "" {
			v.received[value] = true
		}
	}
}

// Store keeps secrets of an owner, by the field's name on the wire. The owner's
// other secrets stay.
func (v *Vault) Store(id string, secrets map[string]string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.kept == nil {
		v.kept = map[string]map[string]string{}
	}
	if v.kept[id] == nil {
		v.kept[id] = map[string]string{}
	}
	maps.Copy(v.kept[id], secrets)
}

// Secret returns what Store kept.
func (v *Vault) Secret(id, field string) (string, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	value, ok := v.kept[id][field]
	return value, ok
}

// Remove forgets one secret of an owner.
func (v *Vault) Remove(id, field string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.kept[id], field)
}

// Erase forgets every secret of an owner.
func (v *Vault) Erase(id string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.kept, id)
}

// All returns a copy of everything that is kept: owner, field, value.
func (v *Vault) All() map[string]map[string]string {
	v.mu.Lock()
	defer v.mu.Unlock()
	all := make(map[string]map[string]string, len(v.kept))
	for id, secrets := range v.kept {
		all[id] = maps.Clone(secrets)
	}
	return all
}

// Secret returns the secret that the server keeps for an object, under the
// field's name on the wire.
func (h *Host) Secret(id, field string) (string, bool) { return h.Vault.Secret(id, field) }

// ReceivedSecret reports whether any request ever carried exactly this value in
// a secret field, also a request that was refused.
func (h *Host) ReceivedSecret(value string) bool {
	h.Vault.mu.Lock()
	defer h.Vault.mu.Unlock()
	return h.Vault.received[value]
}
