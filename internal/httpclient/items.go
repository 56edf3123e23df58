// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package httpclient

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// DecodeItems decodes the items of a list one by one, so that an odd one does not make
// the others unreadable. What is odd about one is a problem, from its form or from
// check, and markOdd makes of it an item that says so: it finds what could be decoded,
// which is nothing where the form is odd. kind names an item.
func DecodeItems[T any](items []json.RawMessage, kind string, check func(*T) error, markOdd func(decoded *T, item json.RawMessage, problem error)) []T {
	all := make([]T, len(items))
	for i, item := range items {
		err := json.Unmarshal(item, &all[i])
		if err != nil {
			var none T
			all[i], err = none, oddKey[T](item, err)
		} else {
			err = check(&all[i])
		}
		if err != nil {
			markOdd(&all[i], item, fmt.Errorf("the server's list has this %s in an unexpected form: %w", kind, err))
		}
	}
	return all
}

// oddKey says which key an item cannot be decoded for, where it is one, without the
// names of Go types.
func oddKey[T any](item json.RawMessage, cause error) error {
	var keys map[string]json.RawMessage
	if json.Unmarshal(item, &keys) != nil {
		return errors.New("it is not an object")
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		var alone T
		encoded, err := json.Marshal(map[string]json.RawMessage{key: keys[key]})
		if err == nil {
			err = json.Unmarshal(encoded, &alone)
		}
		if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			_, inside, _ := strings.Cut("."+e.Field, "."+key)
			return fmt.Errorf("unexpected %s in %q", oddKind(e), key+inside)
		}
		if err != nil {
			return fmt.Errorf("%q: %w", key, err)
		}
	}
	return cause
}

// RequireList tells an answer with an empty list under a key from one that has no list
// there.
func RequireList(key string, items *[]json.RawMessage) error {
	if items == nil {
		return fmt.Errorf("the JSON has no list %q", key)
	}
	return nil
}

// RequireKeys names those of the keys, which every server returns, that an answer
// does not have. What is missing is not known, and must not read as if it were empty.
func RequireKeys(isThere map[string]bool) error {
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

// TextOf returns a text of an odd item that tells it from others, "" for none.
func TextOf(item json.RawMessage, key string) string {
	var fields map[string]json.RawMessage
	var text string
	if json.Unmarshal(item, &fields) != nil || json.Unmarshal(fields[key], &text) != nil {
		return ""
	}
	return text
}
