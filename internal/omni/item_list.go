// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// itemList is the list in an answer, under the first of its keys that is there. Its
// items are decoded one by one, so that an odd one does not make the others
// unreadable.
type itemList struct {
	keys  []string
	items *[]json.RawMessage
}

func listUnder(keys ...string) *itemList { return &itemList{keys: keys} }

// UnmarshalJSON finds the list.
func (l *itemList) UnmarshalJSON(data []byte) error {
	var answer map[string]json.RawMessage
	if err := json.Unmarshal(data, &answer); err != nil {
		return err
	}
	for _, key := range l.keys {
		if value, ok := answer[key]; ok && l.items == nil {
			if err := json.Unmarshal(value, &l.items); err != nil {
				return inKey(key, err)
			}
		}
	}
	return nil
}

// inKey names the key of a value that cannot be decoded.
func inKey(key string, err error) error {
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		e.Field = key // as the decoder does for keys of structs
		return e
	}
	return fmt.Errorf("%s: %w", key, err)
}

// Validate tells an empty list from an answer that is no list.
func (l *itemList) Validate() error {
	if l.items == nil {
		return fmt.Errorf("the JSON has no list %q", l.keys[0])
	}
	return nil
}

// decodeItems decodes the items of a list. What is odd about one is a problem, from
// its form or from check, and odd makes of it an item that says so; kind names it.
func decodeItems[T any](items []json.RawMessage, kind string, check func(*T) error, odd func(item json.RawMessage, problem error) T) []T {
	all := make([]T, len(items))
	for i, item := range items {
		err := json.Unmarshal(item, &all[i])
		if err != nil {
			err = nameKey[T](item, err)
		} else if check != nil {
			err = check(&all[i])
		}
		if err != nil {
			all[i] = odd(item, fmt.Errorf("the server's list has this %s in an unexpected form: %w", kind, err))
		}
	}
	return all
}

// nameKey names the key that an item cannot be decoded for, where it is one.
func nameKey[T any](item json.RawMessage, cause error) error {
	var keys map[string]json.RawMessage
	if json.Unmarshal(item, &keys) != nil {
		return cause
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		var alone T
		encoded, err := json.Marshal(map[string]json.RawMessage{key: keys[key]})
		if err == nil {
			err = json.Unmarshal(encoded, &alone)
		}
		if err != nil {
			return fmt.Errorf("%q: %w", key, err)
		}
	}
	return cause
}

// requireKeys names those of the keys, which every server returns, that an answer
// does not have. What is missing is not known, and must not read as if it were empty.
func requireKeys(isThere map[string]bool) error {
	var missing []string
	for _, key := range slices.Sorted(maps.Keys(isThere)) {
		if !isThere[key] {
			missing = append(missing, strconv.Quote(key))
		}
	}
	if len(missing) > 0 {
		return errors.New("the JSON has no " + strings.Join(missing, ", "))
	}
	return nil
}

// textOf returns a text of an odd item that tells it from others, "" for none.
func textOf(item json.RawMessage, key string) string {
	var fields map[string]json.RawMessage
	var text string
	if json.Unmarshal(item, &fields) != nil || json.Unmarshal(fields[key], &text) != nil {
		return ""
	}
	return text
}
