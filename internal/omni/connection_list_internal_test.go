// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
)

// A later list is decoded as if it were the first: whatever was added, changed,
// moved or odd, and whatever the caller did with the former one.
func TestListOfConnectionsIsDecodedAgain(t *testing.T) {
	t.Parallel()
	item := func(id, name string) json.RawMessage {
		return json.RawMessage(fmt.Sprintf(`{"id":%q,"name":%q,"dialect":"postgres"}`, id, name))
	}
	odd := json.RawMessage(`{"id":"c","name":7}`)
	var list connectionList
	for i, items := range [][]json.RawMessage{
		{item("a", "first"), item("b", "second"), odd},
		{item("b", "second"), item("a", "first"), odd},
		{item("a", "renamed"), item("d", "new"), item("b", "second"), item("b", "second")},
		{},
		{item("b", "second"), item("c", "mended")},
	} {
		got, want := list.decode(items), decodeConnections(items)
		if !slices.Equal(texts(got), texts(want)) {
			t.Errorf("list %d: got %q, want %q", i, texts(got), texts(want))
		}
		slices.Reverse(got)
		clear(got)
	}
}

func texts(all []Connection) []string {
	texts := make([]string, len(all))
	for i, c := range all {
		texts[i] = fmt.Sprintf("%s %s %s %v", c.ID, c.Name.Or("?"), c.Dialect, c.Problem)
	}
	return texts
}

// What was in the list before is not decoded again.
func TestListOfConnectionsDecodesWhatIsNew(t *testing.T) {
	t.Parallel()
	items := []json.RawMessage{json.RawMessage(`{"id":"a","name":"n","dialect":"postgres"}`)}
	var list connectionList
	list.decode(items)
	list.last[0].ID = "remembered"
	if got := list.decode(items)[0].ID; got != "remembered" {
		t.Errorf("the connection was decoded again: %q", got)
	}
}
