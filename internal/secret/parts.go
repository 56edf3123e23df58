// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package secret

import (
	"encoding/base64"
	"encoding/json"
	"iter"
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

// forms yields the spellings in which a server may repeat a secret: the parts of
// it, and the base64 of those that someone would encode.
func forms(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for part, isLine := range parts(text, 0) {
			spellings := []string{part}
			if !isLine {
				raw := []byte(part)
				spellings = append(spellings, base64.StdEncoding.EncodeToString(raw), base64.RawStdEncoding.EncodeToString(raw),
					base64.URLEncoding.EncodeToString(raw), base64.RawURLEncoding.EncodeToString(raw))
			}
			for _, spelling := range spellings {
				if !yield(spelling) {
					return
				}
			}
		}
	}
}

// maxDepth bounds how deep JSON is looked for inside the strings of JSON.
const maxDepth = 3

// parts yields what is secret in a secret, and whether it is only a line:
//
//   - the whole, with and without outer white space;
//   - the lines of one that has several, such as a PEM file, except those that
//     are short or are PEM's own (-----BEGIN ...);
//   - the strings of one that is JSON, such as a service account's key file,
//     except short ones and [publicFields], and what is secret in those.
func parts(text string, depth int) iter.Seq2[string, bool] {
	return func(yield func(string, bool) bool) {
		trimmed := strings.TrimSpace(text)
		if !yield(text, false) || !yield(trimmed, false) {
			return
		}
		var document any
		if depth < maxDepth && json.Unmarshal([]byte(trimmed), &document) == nil {
			for _, leaf := range leaves("", document) {
				for part, isLine := range parts(leaf, depth+1) {
					if !yield(part, isLine) {
						return
					}
				}
			}
			return
		}
		for _, line := range lines(trimmed) {
			if !yield(line, true) {
				return
			}
		}
	}
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
	all := strings.Split(lineBreaks.Replace(text), "\n")
	if len(all) == 1 {
		return nil
	}
	var found []string
	for _, line := range all {
		if line = strings.TrimSpace(line); len(line) >= minPartLength && !strings.HasPrefix(line, "-----") {
			found = append(found, line)
		}
	}
	return found
}
