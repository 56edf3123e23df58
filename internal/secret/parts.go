// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package secret

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// minPartLength is the shortest line, or string of a JSON document, that counts
// as a part of a secret, in bytes. Shorter ones are words, unless the name of a
// field says otherwise.
const minPartLength = 8

// publicFields are the fields of key files that name things and open nothing
// (Google's service accounts and federated identities, Azure's service
// principals, OAuth clients): a server's message is of no use without them.
var publicFields = []string{
	"type", "token_type", "subject_token_type", "project_id", "quota_project_id", "universe_domain",
	"client_email", "client_id", "auth_uri", "token_uri", "token_url", "audience",
	"auth_provider_x509_cert_url", "client_x509_cert_url", "service_account_impersonation_url",
	"tenant_id", "subscription_id", "redirect_uris", "javascript_origins",
}

// secretName fits the fields whose strings are secrets however short they are.
var secretName = regexp.MustCompile(`(?i)pass|pwd|secret|private|credential|token|api.?key`)

// forms returns the spellings in which a server may repeat a secret: the parts of
// it, their hexadecimal digits, and their base64, by itself and inside that of a
// longer text.
func forms(text string) []string {
	var all []string
	for _, part := range parts(text, 0) {
		if len(part) < minLength {
			continue
		}
		digits := hex.EncodeToString([]byte(part))
		all = append(all, part, digits, strings.ToUpper(digits))
		for _, alphabet := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			padded := alphabet.EncodeToString([]byte(part))
			all = append(all, padded, strings.TrimRight(padded, "="))
			all = append(all, inside(alphabet, part)...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// inside returns what the base64 of any text with the part in it shows, which depends
// on where in a group of three bytes the part begins: the characters that hold bits of
// the part alone. Those at its edges may hold a neighbour's too, and a few characters
// could be in a text by chance.
func inside(alphabet *base64.Encoding, part string) []string {
	const byteBits, characterBits = 8, 6
	var all []string
	for before := range 3 {
		encoded := alphabet.EncodeToString([]byte(strings.Repeat("\x00", before) + part))
		first := (before*byteBits + characterBits - 1) / characterBits
		end := (before + len(part)) * byteBits / characterBits
		if end-first >= minPartLength {
			all = append(all, encoded[first:end])
		}
	}
	return all
}

// maxDepth bounds how deep JSON is looked for inside the strings of JSON.
const maxDepth = 3

// parts returns what is secret in a secret:
//
//   - the whole, with and without outer white space;
//   - the lines of one that has several, such as a PEM file, except those that
//     are short or are PEM's own (-----BEGIN ...);
//   - the strings of one that is JSON, such as a service account's key file,
//     except short ones and [publicFields], and what is secret in those.
func parts(text string, depth int) []string {
	trimmed := strings.TrimSpace(text)
	found := []string{text, trimmed}
	var document any
	if depth == maxDepth || json.Unmarshal([]byte(trimmed), &document) != nil {
		return append(found, lines(trimmed)...)
	}
	for _, leaf := range leaves("", document) {
		found = append(found, parts(leaf, depth+1)...)
	}
	return found
}

// leaves returns the strings below a JSON value that are secret. name is that of
// the field that holds it.
func leaves(name string, value any) []string {
	var found []string
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			if !slices.Contains(publicFields, strings.ToLower(key)) {
				found = append(found, leaves(key, inner)...)
			}
		}
	case []any:
		for _, inner := range value {
			found = append(found, leaves(name, inner)...)
		}
	case string:
		if len(value) >= minPartLength || secretName.MatchString(name) {
			found = append(found, value)
		}
	}
	return found
}

// lineBreaks are also those that someone wrote as an escape, such as in an
// environment variable.
var lineBreaks = strings.NewReplacer("\r\n", "\n", `\r\n`, "\n", `\n`, "\n")

func lines(text string) []string {
	var found []string
	for line := range strings.SplitSeq(lineBreaks.Replace(text), "\n") {
		if line = strings.TrimSpace(line); len(line) >= minPartLength && !strings.HasPrefix(line, "-----") {
			found = append(found, line)
		}
	}
	return found
}
