// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package createonce

import (
	"encoding/json"
	"fmt"
	"reflect"
)

// Match says how an object of the list compares with what was sent.
type Match int

// The matches.
const (
	Other   Match = iota // it is another object
	Similar              // it could be the one, which does not show that it is
	Same                 // it has what was sent
)

// Compare compares settings that were sent with those of an object that the
// server returns, both as they are in JSON: [Same] where every setting that was
// sent is returned and equal, [Similar] where what is returned is equal and some
// is not returned, [Other] where one differs. equal judges two values of a
// setting, which are strings, float64s, bools, nil, or slices and maps of them.
func Compare(sent, returned any, equal func(key string, want, have any) bool) Match {
	have := fields(returned)
	match := Same
	for key, want := range fields(sent) {
		value, ok := have[key]
		switch {
		case !ok:
			match = Similar
		case !reflect.DeepEqual(want, value) && !equal(key, want, value):
			return Other
		}
	}
	return match
}

// fields returns a struct as an object of JSON.
func fields(settings any) map[string]any {
	encoded, err := json.Marshal(settings)
	if err != nil {
		panic(fmt.Sprintf("settings always encode: %v", err))
	}
	var m map[string]any
	if err := json.Unmarshal(encoded, &m); err != nil {
		panic(fmt.Sprintf("settings are an object: %v", err))
	}
	return m
}
