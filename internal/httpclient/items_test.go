// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package httpclient_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
)

type itemPart struct{ Mode string }

// evenNumber has a decoder whose errors name no key.
type evenNumber int

func (n *evenNumber) UnmarshalJSON(data []byte) error {
	if !strings.HasSuffix(string(data), "2") {
		return errors.New("it is not even")
	}
	return json.Unmarshal(data, (*int)(n))
}

type listItem struct {
	ID      string
	Port    int
	Part    itemPart
	Even    evenNumber
	problem error
}

func (i *listItem) check() error {
	return httpclient.RequireKeys(map[string]bool{"Port": i.Port != 0, "ID": i.ID != ""})
}

func TestDecodeItems(t *testing.T) {
	t.Parallel()
	const start = "the server's list has this thing in an unexpected form: "
	for item, want := range map[string]string{ // the id, the port, and the problem
		`{"ID":"a","Port":1}`:                    `a 1 <nil>`,
		`{"ID":"a"}`:                             `a 0 ` + start + `the JSON has no "Port"`,
		`null`:                                   ` 0 ` + start + `the JSON has no "ID", "Port"`,
		`7`:                                      ` 0 ` + start + `it is not an object`,
		`["a"]`:                                  ` 0 ` + start + `it is not an object`,
		`{"ID":"a","Port":"many"}`:               `a 0 ` + start + `unexpected string in "Port"`,
		`{"ID":7,"Port":1}`:                      ` 0 ` + start + `unexpected number in "ID"`,
		`{"ID":"a","Port":1,"Part":{"Mode":[]}}`: `a 0 ` + start + `unexpected array in "Part.Mode"`,
		`{"ID":"a","Port":1,"Even":3}`:           `a 0 ` + start + `"Even": it is not even`,
	} {
		items := []json.RawMessage{[]byte(`{"ID":"first","Port":2}`), []byte(item), []byte(`{"ID":"last","Port":3}`)}
		all := httpclient.DecodeItems(items, "thing", (*listItem).check, func(i *listItem, item json.RawMessage, problem error) {
			i.ID, i.problem = httpclient.TextOf(item, "ID"), problem
		})
		texts := make([]string, len(all))
		for i, got := range all {
			texts[i] = fmt.Sprintf("%s %d %v", got.ID, got.Port, got.problem)
		}
		if want := []string{"first 2 <nil>", want, "last 3 <nil>"}; !slices.Equal(texts, want) {
			t.Errorf("%s: %q, want %q", item, texts, want)
		}
	}
}

// A list without items is none that could not be read.
func TestDecodeNoItems(t *testing.T) {
	t.Parallel()
	if all := httpclient.DecodeItems[listItem](nil, "thing", nil, nil); all == nil || len(all) != 0 {
		t.Errorf("%#v", all)
	}
}

// An empty list is one.
func TestRequireList(t *testing.T) {
	t.Parallel()
	if err := httpclient.RequireList("records", nil); err == nil || err.Error() != `the JSON has no list "records"` {
		t.Error(err)
	}
	if err := httpclient.RequireList("records", &[]json.RawMessage{}); err != nil {
		t.Error(err)
	}
}
