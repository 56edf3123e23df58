// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package nullable tells an absent JSON key, null and a value apart, on the way
// in and on the way out. A server's older generation leaves keys out that the
// newer one sends as null, and the two mean different things to a provider.
package nullable

import "encoding/json"

// Value is a JSON field. The zero value is absent: give such a field the tag
// option omitzero, and it is left out of the encoded object.
type Value[T any] struct {
	present bool
	value   *T
}

// Of returns a field that holds v.
func Of[T any](v T) Value[T] { return Value[T]{present: true, value: &v} }

// Null returns a field that is present and null.
func Null[T any]() Value[T] { return Value[T]{present: true} }

// IsZero reports whether the key is absent (encoding/json's omitzero asks).
func (v Value[T]) IsZero() bool { return !v.present }

// IsNull reports whether the key is present and null.
func (v Value[T]) IsNull() bool { return v.present && v.value == nil }

// Get returns the value, and false where the key is absent or null.
func (v Value[T]) Get() (T, bool) {
	if v.value == nil {
		var zero T
		return zero, false
	}
	return *v.value, true
}

// Or returns the value, or fallback where the key is absent or null.
func (v Value[T]) Or(fallback T) T {
	if v.value == nil {
		return fallback
	}
	return *v.value
}

// MarshalJSON encodes the value or null.
func (v Value[T]) MarshalJSON() ([]byte, error) { return json.Marshal(v.value) }

// UnmarshalJSON is called for null too, which is how null differs from absent.
func (v *Value[T]) UnmarshalJSON(data []byte) error {
	v.present, v.value = true, nil // a value of its own, not the one that a copy shares
	return json.Unmarshal(data, &v.value)
}
