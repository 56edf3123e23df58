// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
)

// withPEMHeaders is what creation does to a private key that comes as bare
// base64.
func withPEMHeaders(key string) string {
	if strings.Contains(key, "-----BEGIN ") {
		return key
	}
	return "-----BEGIN PRIVATE KEY-----\n" + strings.TrimSpace(key) + "\n-----END PRIVATE KEY-----\n"
}

// checkPrivateKey is what PATCH demands of a private key: PEM, PKCS#8, RSA of
// 2048 bits or more, and nothing around it.
func checkPrivateKey(key string) error {
	block, rest := pem.Decode([]byte(key))
	if block == nil || block.Type != "PRIVATE KEY" || strings.TrimSpace(string(rest)) != "" {
		return invalid("privateKey", "must be a PEM-encoded PKCS#8 private key")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return invalid("privateKey", "must be a PEM-encoded PKCS#8 private key")
	}
	private, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return invalid("privateKey", "must be an RSA key")
	}
	if private.N.BitLen() < 2048 {
		return invalid("privateKey", "must have 2048 bits or more")
	}
	return nil
}
