// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/omnitest"
)

func TestAttributeValueForms(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]omni.AttributeValue{
		`"a, b"`:                 {Values: []string{"a, b"}},
		`""`:                     {Values: []string{}},
		`7`:                      {Values: []string{"7"}},
		`1.50`:                   {Values: []string{"1.50"}},
		`["b","a"]`:              {Values: []string{"b", "a"}, Multiple: true},
		`[9007199254740993,"x"]`: {Values: []string{"9007199254740993", "x"}, Multiple: true},
		`[]`:                     {Values: []string{}, Multiple: true},
		`true`:                   {Values: []string{"true"}},
	} {
		var got omni.AttributeValue
		if err := json.Unmarshal([]byte(text), &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v %v", text, got, err)
		}
	}
	for _, text := range []string{`{}`, `[null]`, `[["a"]]`, `[{}]`} {
		if err := json.Unmarshal([]byte(text), new(omni.AttributeValue)); err == nil || !strings.Contains(err.Error(), "value of a user attribute") {
			t.Errorf("%s: %v", text, err)
		}
	}
	for want, d := range map[string]omni.AttributeValue{
		`"a"`: {Values: []string{"a"}}, `["a"]`: {Values: []string{"a"}, Multiple: true}, `[]`: {Multiple: true},
	} {
		if got, err := json.Marshal(d); err != nil || string(got) != want {
			t.Errorf("%+v: %s %v", d, got, err)
		}
	}
	for _, d := range []omni.AttributeValue{{}, {Values: []string{"a", "b"}}} {
		if got, err := json.Marshal(d); err == nil {
			t.Errorf("%+v: %s", d, got)
		}
	}
}

// A change sends what it changes, and those of Omni itself are known by their names.
func TestUserAttributeChanges(t *testing.T) {
	t.Parallel()
	s := omnitest.New(t, "v1", omnitest.Always(200, `{"success":true}`))
	if err := s.Client.UpdateUserAttribute(t.Context(), omnitest.IDA, omni.UserAttributeSettings{Label: nullable.Of("l"), Description: nullable.Null[string]()}); err != nil {
		t.Error(err)
	}
	s.Expect(t, "PUT user-attributes/"+omnitest.IDA+` {"label":"l","description":null}`)
	for _, c := range []struct {
		attribute omni.UserAttribute
		isSystem  bool
		key       string
	}{
		{omni.UserAttribute{ID: "1", Name: "n"}, false, "1"},
		{omni.UserAttribute{ID: "1", Name: "n", System: nullable.Of(true)}, true, "1"},
		{omni.UserAttribute{Name: "n"}, true, "n"},
	} {
		if c.attribute.IsSystem() != c.isSystem || c.attribute.Key() != c.key {
			t.Errorf("%+v: %t, %s", c.attribute, c.attribute.IsSystem(), c.attribute.Key())
		}
	}
}
