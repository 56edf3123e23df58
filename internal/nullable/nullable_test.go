// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package nullable_test

import (
	"encoding/json"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
)

type object struct {
	Text nullable.Value[string]   `json:"text,omitzero"`
	List nullable.Value[[]string] `json:"list,omitzero"`
	Kept nullable.Value[int]      `json:"kept"` // without omitzero
}

func TestAbsentNullAndValueDiffer(t *testing.T) {
	t.Parallel()
	for text, c := range map[string]struct {
		isZero, isNull, hasValue bool
		value                    string
	}{
		`{}`:              {isZero: true},
		`{"text":null}`:   {isNull: true},
		`{"text": null }`: {isNull: true},
		`{"text":""}`:     {hasValue: true},
		`{"text":"a"}`:    {hasValue: true, value: "a"},
		`{"text":"null"}`: {hasValue: true, value: "null"},
	} {
		var o object
		if err := json.Unmarshal([]byte(text), &o); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		value, ok := o.Text.Get()
		if o.Text.IsZero() != c.isZero || o.Text.IsNull() != c.isNull || ok != c.hasValue || value != c.value {
			t.Errorf("%s: absent %t, null %t, %q %t", text, o.Text.IsZero(), o.Text.IsNull(), value, ok)
		}
		want := c.value
		if !ok {
			want = "fallback"
		}
		if got := o.Text.Or("fallback"); got != want {
			t.Errorf("%s: Or gives %q", text, got)
		}
	}
	var o object
	if err := json.Unmarshal([]byte(`{"text":1}`), &o); err == nil {
		t.Errorf("a number became %+v", o.Text)
	}
}

func TestEncoding(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]object{
		`{"kept":null}`:                             {},
		`{"text":null,"list":null,"kept":null}`:     {Text: nullable.Null[string](), List: nullable.Null[[]string]()},
		`{"text":"","list":[],"kept":0}`:            {Text: nullable.Of(""), List: nullable.Of([]string{}), Kept: nullable.Of(0)},
		`{"text":"a\u003c","list":["b"],"kept":-1}`: {Text: nullable.Of("a<"), List: nullable.Of([]string{"b"}), Kept: nullable.Of(-1)},
	} {
		if got, err := json.Marshal(o); err != nil || string(got) != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
}

// A decoded value is not what was there before.
func TestDecodingReplaces(t *testing.T) {
	t.Parallel()
	o := object{Text: nullable.Of("before"), List: nullable.Of([]string{"before"})}
	before := o.Text
	if err := json.Unmarshal([]byte(`{"text":"after","list":null}`), &o); err != nil {
		t.Fatal(err)
	}
	if o.Text.Or("") != "after" || !o.List.IsNull() {
		t.Errorf("%+v", o)
	}
	if before.Or("") != "before" {
		t.Errorf("a copy changed to %q", before.Or(""))
	}
}
