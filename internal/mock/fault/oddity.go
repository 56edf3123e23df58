// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package fault

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Oddity is one key of one object in an answer that is not as usual.
type Oddity struct {
	Object      int // in the order of the answer; 0 is the outermost
	Key, Change string
}

// String says what is odd.
func (o Oddity) String() string { return fmt.Sprintf("%s of object %d %s", o.Key, o.Object, o.Change) }

// What is odd about a key.
const (
	LeftOut     = "left out"
	IsNull      = "null"
	AnotherType = "of another type"
)

// Oddities are those that a JSON answer can have: each key of each object in it, left
// out, null, and of another type.
func Oddities(body []byte) []Oddity {
	var all []Oddity
	for i, o := range objectsIn(decoded(body)) {
		for _, key := range slices.Sorted(maps.Keys(o)) {
			for _, change := range []string{LeftOut, IsNull, AnotherType} {
				all = append(all, Oddity{i, key, change})
			}
		}
	}
	return all
}

// In returns the answer with the oddity.
func (o Oddity) In(body []byte) []byte {
	answer := decoded(body)
	objects := objectsIn(answer)
	if o.Object >= len(objects) {
		return body
	}
	switch of := objects[o.Object]; o.Change {
	case LeftOut:
		delete(of, o.Key)
	case IsNull:
		of[o.Key] = nil
	default:
		if _, isObject := of[o.Key].(map[string]any); isObject {
			of[o.Key] = "text"
		} else {
			of[o.Key] = map[string]any{"x": 1}
		}
	}
	encoded, _ := json.Marshal(answer)
	return encoded
}

func decoded(body []byte) any {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var v any
	_ = decoder.Decode(&v)
	return v
}

// objectsIn are the objects of an answer, each before those in it.
func objectsIn(v any) []map[string]any {
	switch v := v.(type) {
	case map[string]any:
		all := []map[string]any{v}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			all = append(all, objectsIn(v[key])...)
		}
		return all
	case []any:
		var all []map[string]any
		for _, element := range v {
			all = append(all, objectsIn(element)...)
		}
		return all
	default:
		return nil
	}
}
