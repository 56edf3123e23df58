// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package secret

import (
	"regexp"
	"strings"
	"sync"
)

// Masker replaces secrets in text from outside, such as a server's message. It
// knows their parts (see [parts]) and the base64 and hexadecimal spellings of these
// (see [forms]), and finds them percent-encoded and inside JSON strings too.
//
// The zero value masks nothing. A Masker is safe for concurrent use.
type Masker struct {
	mu    sync.RWMutex
	added map[String]bool
	// forms are what to look for, by their first bytes.
	forms map[prefix][]string
}

// prefix is as long as the shortest form.
type prefix [minLength]byte

// minLength is the shortest text that is masked, in bytes. Masking shorter ones
// would garble messages ("a" is in every word) and tell what the secret is.
const minLength = 4

// Add makes the masker know more secrets.
func (m *Masker) Add(secrets ...String) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range secrets {
		if m.added[s] {
			continue
		}
		if m.added == nil {
			m.added, m.forms = map[String]bool{}, map[prefix][]string{}
		}
		m.added[s] = true
		for _, form := range forms(s.Reveal()) {
			start := prefix([]byte(form[:minLength]))
			m.forms[start] = append(m.forms[start], form)
		}
	}
}

// Mask returns text with [Redacted] in place of the secrets. Where secrets
// overlap or touch, one replacement covers all.
func (m *Masker) Mask(text string) string {
	m.mu.RLock()
	defer m.mu.RUnlock()
	secret := make([]bool, len(text))
	for _, v := range views(text) {
		m.mark(v, secret)
	}
	var b strings.Builder
	for i := range len(text) {
		switch {
		case !secret[i]:
			b.WriteByte(text[i])
		case i == 0 || !secret[i-1]:
			b.WriteString(Redacted)
		}
	}
	return b.String()
}

// mark notes which bytes of the original text belong to a secret.
func (m *Masker) mark(v view, secret []bool) {
	for i := 0; i+minLength <= len(v.text); i++ {
		for _, form := range m.forms[prefix([]byte(v.text[i:i+minLength]))] {
			end := v.at(i + shown(form, v.text[i:]))
			for at := v.at(i); at < end; at++ {
				secret[at] = true
			}
		}
	}
}

// cutOff is how servers end what they show the beginning of.
var cutOff = regexp.MustCompile("^[\"'`]?(\\.\\.\\.|\u2026)")

// shown returns how many bytes of a form a text begins with: all, or those before an
// ellipsis, unless they are a word or the first line of a PEM, which is public.
func shown(form, text string) int {
	if strings.HasPrefix(text, form) {
		return len(form)
	}
	n := 0
	for n < len(form) && n < len(text) && form[n] == text[n] {
		n++
	}
	if n < minPartLength || strings.HasPrefix(form, "-----") || !cutOff.MatchString(text[n:]) {
		return 0
	}
	return n
}
