// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package secret keeps credentials out of logs, errors and panics.
package secret

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"unique"
)

// Redacted is what a secret prints as, in every format.
const Redacted = "(redacted)"

// String is a credential. However it is formatted or encoded, it shows as
// [Redacted]; only [String.Reveal] gives the text, so a search for Reveal lists
// every place where a credential can leave the process.
//
// The zero value is the empty secret, and secrets of the same text are equal.
type String struct {
	// Behind a pointer, which is all that fmt prints where it passes over Format:
	// in an unexported field, and for a verb that does not fit (%p, %w).
	text unique.Handle[string]
}

// New wraps text.
func New(text string) String {
	if text == "" {
		return String{}
	}
	return String{unique.Make(text)}
}

// Reveal returns the credential itself. Call it where the value is sent, hashed
// or compared, and nowhere else.
func (s String) Reveal() string {
	if s.IsEmpty() {
		return ""
	}
	return s.text.Value()
}

// RevealOptional returns the credential itself, nil for none; see [String.Reveal].
func RevealOptional(s *String) *string {
	if s == nil {
		return nil
	}
	text := s.Reveal()
	return &text
}

// Given returns those secrets that are not nil.
func Given(secrets ...*String) []String {
	var given []String
	for _, s := range secrets {
		if s != nil {
			given = append(given, *s)
		}
	}
	return given
}

// IsEmpty reports whether there is no text.
func (s String) IsEmpty() bool { return s == String{} }

// Format prints [Redacted] for every verb.
func (s String) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Redacted) }

// String returns [Redacted].
func (s String) String() string { return Redacted }

// MarshalJSON encodes [Redacted]: a secret goes on the wire only where a client
// reveals it on purpose.
func (s String) MarshalJSON() ([]byte, error) { return json.Marshal(Redacted) }

// MarshalText encodes [Redacted].
func (s String) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// LogValue returns [Redacted].
func (s String) LogValue() slog.Value { return slog.StringValue(Redacted) }
