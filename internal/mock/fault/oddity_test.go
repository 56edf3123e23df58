// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package fault_test

import (
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
)

// Each key of each object is odd in three ways, one at a time, outer objects first.
func TestOddities(t *testing.T) {
	t.Parallel()
	const answer = `{"list":[{"id":"a"},7],"n":12345678901234567890,"object":{"z":null}}`
	want := []struct{ says, answer string }{
		{"list of object 0 left out", `{"n":12345678901234567890,"object":{"z":null}}`},
		{"list of object 0 null", `{"list":null,"n":12345678901234567890,"object":{"z":null}}`},
		{"list of object 0 of another type", `{"list":{"x":1},"n":12345678901234567890,"object":{"z":null}}`},
		{"n of object 0 left out", `{"list":[{"id":"a"},7],"object":{"z":null}}`},
		{"n of object 0 null", `{"list":[{"id":"a"},7],"n":null,"object":{"z":null}}`},
		{"n of object 0 of another type", `{"list":[{"id":"a"},7],"n":{"x":1},"object":{"z":null}}`},
		{"object of object 0 left out", `{"list":[{"id":"a"},7],"n":12345678901234567890}`},
		{"object of object 0 null", `{"list":[{"id":"a"},7],"n":12345678901234567890,"object":null}`},
		{"object of object 0 of another type", `{"list":[{"id":"a"},7],"n":12345678901234567890,"object":"text"}`},
		{"id of object 1 left out", `{"list":[{},7],"n":12345678901234567890,"object":{"z":null}}`},
		{"id of object 1 null", `{"list":[{"id":null},7],"n":12345678901234567890,"object":{"z":null}}`},
		{"id of object 1 of another type", `{"list":[{"id":{"x":1}},7],"n":12345678901234567890,"object":{"z":null}}`},
		{"z of object 2 left out", `{"list":[{"id":"a"},7],"n":12345678901234567890,"object":{}}`},
		{"z of object 2 null", answer},
		{"z of object 2 of another type", `{"list":[{"id":"a"},7],"n":12345678901234567890,"object":{"z":{"x":1}}}`},
	}
	all := fault.Oddities([]byte(answer))
	if len(all) != len(want) {
		t.Fatalf("%v", all)
	}
	for i, o := range all {
		if got := string(o.In([]byte(answer))); o.String() != want[i].says || got != want[i].answer {
			t.Errorf("%s: %s\nwant %s: %s", o, got, want[i].says, want[i].answer)
		}
	}
	// An answer without such an object stays as it is.
	if got := string(all[len(all)-1].In([]byte(`[{"a":1},{"b":2}]`))); got != `[{"a":1},{"b":2}]` {
		t.Errorf("%s", got)
	}
}
