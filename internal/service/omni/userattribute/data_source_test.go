// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package userattribute_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

func TestDataSource(t *testing.T) {
	t.Parallel()
	s, p := startProtocol(t, omnimock.Options{UserAttributes: []string{"region"}})
	first := s.AddUserAttribute(omnimock.UserAttribute{Name: "a"}) // of the list
	id := s.AddUserAttribute(omnimock.UserAttribute{Name: "tenants", Label: "Tenants", Type: "Number", MultipleValues: true, DefaultValues: []string{"2", "1"}, Description: "d"})
	want := map[string]any{
		"id": id, "name": "tenants", "label": "Tenants", "type": "Number", "multiple_values": true,
		"default_values": []string{"1", "2"}, "description": "d", "system": false,
	}
	for _, config := range []map[string]any{{"name": "tenants"}, {"id": id}, {"id": strings.ToUpper(id)}} {
		got, diags := p.ReadDataSource(attributeType, config)
		diags.RequireNone(t)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%v: %v", config, got)
		}
	}
	got, diags := p.ReadDataSource(attributeType, map[string]any{"name": "a"})
	diags.RequireNone(t)
	if got["id"] != first {
		t.Errorf("got %v", got)
	}
	got, diags = p.ReadDataSource(attributeType, map[string]any{"name": "omni_user_email"})
	diags.RequireNone(t)
	if got["id"] != nil || got["system"] != true || got["default_values"] != nil {
		t.Errorf("got %v", got)
	}
	for _, c := range map[string]struct {
		config map[string]any
		words  []string
	}{
		"another case": {map[string]any{"name": "Region"}, []string{"at name", "No such Omni user attribute", "case matters", "are: a, region, tenants."}},
		"no such id":   {map[string]any{"id": "550e8400-e29b-41d4-a716-446655440000"}, []string{"at id", "No such Omni user attribute"}},
		"empty":        {map[string]any{"name": ""}, []string{"at name"}},
		"no id":        {map[string]any{"id": "tenants"}, []string{"at id", "UUID"}},
		"neither":      {nil, []string{"[id,name]"}},
		"both":         {map[string]any{"id": id, "name": "tenants"}, []string{"[id,name]"}},
	} {
		_, diags := p.ReadDataSource(attributeType, c.config)
		diags.RequireError(t, c.words...)
	}
	if got := s.CountRequests("", ""); got != 1 {
		t.Errorf("%d requests, the list serves all", got)
	}
}

func TestPluralDataSource(t *testing.T) {
	t.Parallel()
	s, p := startProtocol(t, omnimock.Options{UserAttributes: []string{"b", "a"}})
	s.AddUserAttribute(omnimock.UserAttribute{Name: "n", Type: "Number"})
	for _, c := range []struct {
		config map[string]any
		want   string
	}{
		{nil, "a b n omni_is_org_admin omni_user_email omni_user_embed_entity omni_user_groups omni_user_id omni_user_name omni_user_timezone"},
		{map[string]any{"system": false}, "a b n"},
		{map[string]any{"system": true}, "omni_is_org_admin omni_user_email omni_user_embed_entity omni_user_groups omni_user_id omni_user_name omni_user_timezone"},
		{map[string]any{"system": false, "type": "String"}, "a b"},
		{map[string]any{"type": "Number"}, "n"},
		{map[string]any{"type": "Number", "system": true}, ""},
	} {
		got, diags := p.ReadDataSource(attributeType+"s", c.config)
		diags.RequireNone(t)
		var names []string
		for _, a := range got["user_attributes"].([]any) {
			names = append(names, a.(map[string]any)["name"].(string))
		}
		if strings.Join(names, " ") != c.want {
			t.Errorf("%v: %q", c.config, names)
		}
	}
	_, diags := p.ReadDataSource(attributeType+"s", map[string]any{"type": "Boolean"})
	diags.RequireError(t, "at type")

	p.Restart()
	s.Faults().Add(fault.Answer(200, `{"records":[{"id":"x","name":"odd","default_value":{}},{"id":"y","name":"even","default_value":1}]}`).On(http.MethodGet, ""))
	got, diags := p.ReadDataSource(attributeType+"s", nil)
	diags.RequireWarning(t, "left out", `"odd"`)
	if fmt.Sprint(got["user_attributes"].([]any)[0].(map[string]any)["default_values"]) != "[1]" {
		t.Errorf("got %v", got)
	}
	_, diags = p.ReadDataSource(attributeType, map[string]any{"name": "odd"})
	diags.RequireError(t, "at name:", `Cannot find Omni user attribute "odd"`, "unexpected form")
}

func TestDataSourcesRefused(t *testing.T) {
	t.Parallel()
	for _, c := range map[string]struct {
		options omnimock.Options
		forbid  bool
		words   []string
	}{
		"forbidden": {forbid: true, words: []string{"the right to see user attributes"}},
		"2025":      {options: omnimock.Options{Generation: omnimock.Guide2025}, words: []string{"does not list user attributes", "Write the attribute's name"}},
	} {
		s, p := startProtocol(t, c.options)
		if c.forbid {
			s.Forbid("", "")
		}
		_, diags := p.ReadDataSource(attributeType, map[string]any{"name": "region"})
		diags.RequireError(t, append(c.words, `Cannot find Omni user attribute "region"`)...)
		_, diags = p.ReadDataSource(attributeType+"s", nil)
		diags.RequireError(t, append(c.words, "Cannot list Omni user attributes")...)
		if strings.Contains(diags.String(), "first guide") == c.forbid {
			t.Errorf("%s", diags)
		}
	}
}

// What finds an attribute may be left out, and is then read; the rest is only read. A
// description says what an attribute is, not how it changes.
func TestDataSourceSchema(t *testing.T) {
	t.Parallel()
	_, p := startProtocol(t, omnimock.Options{})
	for _, a := range p.Schemas().DataSourceSchemas[attributeType+"s"].Block.Attributes {
		if a.Name != "user_attributes" {
			continue
		}
		for _, nested := range a.NestedType.Attributes {
			if d := nested.Description; strings.Count(d, ".") != 1 || !strings.HasSuffix(d, ".") {
				t.Errorf("%s: %s", nested.Name, d)
			}
		}
	}
	for _, a := range p.Schemas().DataSourceSchemas[attributeType].Block.Attributes {
		if isKey := a.Name == "id" || a.Name == "name"; !a.Computed || a.Required || a.Optional != isKey {
			t.Errorf("%s: computed %t, required %t, optional %t", a.Name, a.Computed, a.Required, a.Optional)
		}
		want := map[string]string{
			"type": "`String` or `Number`.", "label": "What the attribute is called in Omni's user interface.", "description": "What the attribute is for.",
			"system": "Whether Omni itself defines the attribute, such as `omni_user_email`.",
		}[a.Name]
		if want != "" && a.Description != want {
			t.Errorf("%s: %s", a.Name, a.Description)
		}
	}
}
