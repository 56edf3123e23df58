// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// StringList is a list that the server reads and writes in several forms: an
// array, a comma-separated text, or an array that holds comma-separated text.
// It is sent as an array.
type StringList []string

// MarshalJSON encodes an array, [] when empty.
func (l StringList) MarshalJSON() ([]byte, error) {
	if l == nil {
		l = StringList{}
	}
	return json.Marshal([]string(l))
}

// UnmarshalJSON accepts every form, with numbers and booleans as elements too
// (a numeric user attribute's values may come as numbers).
func (l *StringList) UnmarshalJSON(data []byte) error {
	elements, _, err := elementsOf(data)
	if err != nil {
		return err
	}
	list := StringList{}
	for _, element := range elements {
		switch v := element.(type) {
		case string:
			list = append(list, splitComma(v)...)
		case json.Number:
			list = append(list, v.String())
		case bool:
			list = append(list, strconv.FormatBool(v))
		case nil:
		default:
			return fmt.Errorf("expected text or a list of texts, got %T inside it", v)
		}
	}
	*l = list
	return nil
}

// Sorted returns the elements in a stable order.
func (l StringList) Sorted() StringList { return slices.Sorted(slices.Values(l)) }

func splitComma(text string) []string {
	var parts []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// commaText is a list in the comma-separated form.
type commaText StringList

// MarshalJSON encodes the elements joined with commas.
func (l commaText) MarshalJSON() ([]byte, error) { return json.Marshal(strings.Join(l, ",")) }

// Digits is a whole number that the server keeps as text of digits.
type Digits int64

// MarshalJSON encodes text.
func (d Digits) MarshalJSON() ([]byte, error) {
	return json.Marshal(strconv.FormatInt(int64(d), 10))
}

// UnmarshalJSON accepts text of digits or a number.
func (d *Digits) UnmarshalJSON(data []byte) error {
	n, err := strconv.ParseInt(strings.Trim(string(data), `"`), 10, 64)
	if err != nil {
		return fmt.Errorf("expected a whole number: %w", err)
	}
	*d = Digits(n)
	return nil
}

// elementsOf decodes an array, or a single value as an array of one. Numbers keep
// their digits.
func elementsOf(data []byte) (elements []any, isArray bool, err error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, false, err
	}
	if elements, isArray = value.([]any); !isArray {
		elements = []any{value}
	}
	return elements, isArray, nil
}
