// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package base

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
)

// ListElement refuses texts that cannot stand in the server's comma-separated
// lists: with a comma, with spaces around, or empty.
func ListElement() validator.String {
	return framework.CheckString("not empty, no comma, no leading or trailing spaces", func(value string) error {
		switch {
		case value == "":
			return framework.ErrEmptyElement
		case strings.Contains(value, ","):
			return fmt.Errorf("the server keeps this list as comma-separated text, so an element cannot contain a comma: write %q as several elements", value)
		case strings.TrimSpace(value) != value:
			return fmt.Errorf("the server trims list elements, so %q would lose its leading or trailing spaces: write %q", value, strings.TrimSpace(value))
		}
		return nil
	})
}

// minRSABits is the smallest key that Omni takes.
const minRSABits = 2048

const newRSAKey = "Make a new key with: openssl genrsa 2048 | openssl pkcs8 -topk8 -nocrypt -out key.p8"

// CheckPrivateKey explains why a text is not an unencrypted RSA key of at least 2048
// bits in PKCS#8 PEM, which is what Omni takes in every call; nil where it is one.
func CheckPrivateKey(text string) error {
	block, _ := pem.Decode([]byte(text))
	switch {
	case block == nil && strings.Contains(text, `\n`):
		return framework.ErrEscapedPEM
	case strings.HasPrefix(text, "ssh-"), block != nil && strings.HasSuffix(block.Type, "PUBLIC KEY"):
		return errors.New("this is the public key. Snowflake has that one; give the private key here, which begins with -----BEGIN PRIVATE KEY-----")
	case block == nil:
		return errors.New("the private key is not PEM. Expected text from -----BEGIN PRIVATE KEY----- to -----END PRIVATE KEY-----; read it with file(\"key.p8\")")
	case block.Type == "ENCRYPTED PRIVATE KEY":
		return errors.New("the private key is encrypted, and Omni has no field for its passphrase. Decrypt it with: openssl pkcs8 -in key.p8 -out plain.p8")
	case block.Type == "EC PRIVATE KEY":
		return errors.New("the private key is an EC key. " + newRSAKey)
	case block.Type != "PRIVATE KEY":
		return fmt.Errorf("the PEM block is %q, not PKCS#8. Convert it with: openssl pkcs8 -topk8 -nocrypt -in key.pem -out key.p8", block.Type)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return errors.New("the PEM block does not hold a PKCS#8 private key; the file may be cut off or damaged")
	}
	if rsaKey, ok := key.(*rsa.PrivateKey); !ok || rsaKey.N.BitLen() < minRSABits {
		return fmt.Errorf("the private key must be an RSA key of at least %d bits. %s", minRSABits, newRSAKey)
	}
	return nil
}

// CheckServiceAccountJSON explains what is missing for text to be the JSON key
// file of a Google Cloud service account; nil where it is one.
func CheckServiceAccountJSON(text string) error {
	var account struct {
		Type        string `json:"type"`
		ClientEmail string `json:"client_email"`
		PrivateKey  string `json:"private_key"`
	}
	if json.Unmarshal([]byte(text), &account) != nil {
		return errors.New("a BigQuery password is the service account's JSON key file, and this is not JSON of that form; read it with file(\"service-account.json\")")
	}
	switch {
	case account.Type != "service_account":
		return errors.New(`the JSON is not a service account's key file: its "type" is not "service_account"`)
	case account.ClientEmail == "":
		return errors.New(`the service account's JSON has no "client_email"`)
	case account.PrivateKey == "":
		return errors.New(`the service account's JSON has no "private_key"`)
	}
	return nil
}
