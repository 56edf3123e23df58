// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reportermock

// The secret fields, under their names on the wire.
const (
	fieldPassword = "password"
	fieldSSLCA    = "ssl.ca"
	fieldSSLCert  = "ssl.cert"
	fieldSSLKey   = "ssl.key"
)

// vault holds what is never read back.
type vault struct {
	kept     map[string]map[string]string // connection id, field, value
	received map[string]bool              // every value a secret field ever held
}

func newVault() vault {
	return vault{kept: map[string]map[string]string{}, received: map[string]bool{}}
}

func (v vault) receive(values ...string) {
	for _, value := range values {
		if value != "" {
			v.received[value] = true
		}
	}
}

// store keeps a secret; nil removes it.
func (v vault) store(id, field string, value *string) {
	if v.kept[id] == nil {
		v.kept[id] = map[string]string{}
	}
	if value == nil {
		delete(v.kept[id], field)
		return
	}
	v.kept[id][field] = *value
}

func (v vault) storeSSL(id string, ssl sslInput) {
	v.store(id, fieldSSLCA, ssl.CA)
	v.store(id, fieldSSLCert, ssl.Cert)
	v.store(id, fieldSSLKey, ssl.Key)
}

// Secret returns what the server keeps for a connection under one of the names
// password, ssl.ca, ssl.cert and ssl.key. A password that was blanked is "" and
// true.
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
