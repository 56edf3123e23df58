// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reportermock

// The secret fields that the vault keeps of a connection, under their names on
// the wire. A password that was blanked is "".
const (
	fieldPassword = "password"
	fieldSSLCA    = "ssl.ca"
	fieldSSLCert  = "ssl.cert"
	fieldSSLKey   = "ssl.key"
)

// storeSSL replaces what the vault keeps of a connection's ssl object.
func (s *Server) storeSSL(id string, ssl sslInput) {
	for field, value := range map[string]*string{fieldSSLCA: ssl.CA, fieldSSLCert: ssl.Cert, fieldSSLKey: ssl.Key} {
		if value == nil {
			s.Vault.Remove(id, field)
		} else {
			s.Vault.Store(id, map[string]string{field: *value})
		}
	}
}
