// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package userattribute

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
)

var none = types.SetNull(types.StringType)

func set(texts ...string) types.Set { return framework.SetOf(texts) }

func text(s string) types.String { return types.StringValue(s) }

func attribute(change func(m *model)) model {
	m := model{settings: settings{
		ID: text("1"), Name: text("n"), Label: text("l"), Type: text("String"),
		MultipleValues: types.BoolValue(false), DefaultValues: none, System: types.BoolValue(false),
	}}
	if change != nil {
		change(&m)
	}
	return m
}

// What an update sends, by what differs.
func TestChanges(t *testing.T) {
	t.Parallel()
	several := func(values types.Set) func(m *model) {
		return func(m *model) { m.MultipleValues, m.DefaultValues = types.BoolValue(true), values }
	}
	one := func(values types.Set) func(m *model) { return func(m *model) { m.DefaultValues = values } }
	described := func(d types.String) func(m *model) { return func(m *model) { m.Description = d } }
	for name, c := range map[string]struct {
		from, to func(m *model)
		want     string
	}{
		"nothing":                     {nil, nil, `{}`},
		"null and empty are the same": {one(none), one(set()), `{}`},
		"a default":                   {one(none), one(set("x")), `{"default_value":"x"}`},
		"another default":             {one(set("x")), one(set("y")), `{"default_value":"y"}`},
		"no default any more":         {one(set("x")), one(set()), `{"default_value":null}`},
		"a default of several":        {several(none), several(set("x")), `{"default_value":["x"]}`},
		"several, none any more":      {several(set("x", "y")), several(set()), `{"default_value":null}`},
		"becomes several":             {one(none), several(none), `{"multiple_values":true}`},
		"becomes several, a default":  {one(set("x")), several(set("x")), `{"multiple_values":true,"default_value":["x"]}`},
		"several, default not known":  {one(set("x")), several(types.SetUnknown(types.StringType)), `{"multiple_values":true}`},
		"a description":               {nil, described(text("d")), `{"description":"d"}`},
		"no description any more":     {described(text("d")), described(text("")), `{"description":null}`},
		"never a description":         {nil, described(text("")), `{}`},
		"description not known":       {described(text("d")), described(types.StringUnknown()), `{}`},
		"a label, the default stays":  {one(set("x")), func(m *model) { m.Label, m.DefaultValues = text("L"), set("x") }, `{"label":"L"}`},
		"label and name":              {nil, func(m *model) { m.Label, m.Name = text("L"), text("N") }, `{"name":"N","label":"L"}`},
	} {
		change := attribute(c.to).changes(attribute(c.from))
		got, err := json.Marshal(change)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %s %v, want %s", name, got, err, c.want)
		}
	}
}

// What a create sends: the least, and what is not the server's default.
func TestCreate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(m *model)
		want   string
	}{
		"the least":        {nil, `{"type":"String","name":"n","label":"l"}`},
		"empty":            {func(m *model) { m.Description, m.DefaultValues = text(""), set() }, `{"type":"String","name":"n","label":"l"}`},
		"all":              {func(m *model) { m.Description, m.DefaultValues = text("d"), set("x") }, `{"type":"String","name":"n","label":"l","default_value":"x","description":"d"}`},
		"of several":       {func(m *model) { m.MultipleValues, m.DefaultValues = types.BoolValue(true), set("x") }, `{"type":"String","name":"n","label":"l","multiple_values":true,"default_value":["x"]}`},
		"several, nothing": {func(m *model) { m.MultipleValues = types.BoolValue(true) }, `{"type":"String","name":"n","label":"l","multiple_values":true}`},
	} {
		got, err := json.Marshal(attribute(c.change).createRequest())
		if err != nil || !sameJSON(string(got), c.want) {
			t.Errorf("%s: %s %v, want %s", name, got, err, c.want)
		}
	}
}

func sameJSON(a, b string) bool {
	var one, other map[string]any
	return json.Unmarshal([]byte(a), &one) == nil && json.Unmarshal([]byte(b), &other) == nil && reflect.DeepEqual(one, other)
}

// What each answer of a server means to an attribute that is in the state.
func TestRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prior settings
		json  string
		want  settings
	}{
		"after an import": {
			settings{ID: text("1")},
			`{"id":"1","name":"n","label":"l","type":"Number","multiple_values":true,"default_value":[1,"2"],"description":"d","system":false}`,
			settings{text("1"), text("n"), text("l"), text("Number"), types.BoolValue(true), set("1", "2"), text("d"), types.BoolValue(false)},
		},
		"null": {
			attribute(nil).settings, `{"id":"1","name":"n","label":"l","type":"String","multiple_values":false,"default_value":null,"description":null,"system":false}`,
			attribute(nil).settings,
		},
		"an empty default is none": {
			attribute(nil).settings, `{"id":"1","name":"n","label":"l","type":"String","multiple_values":false,"default_value":"","description":null,"system":false}`,
			attribute(nil).settings,
		},
		"empty stays empty": {
			attribute(func(m *model) { m.DefaultValues, m.Description = set(), text("") }).settings, `{"id":"1","name":"n","default_value":null,"description":null}`,
			attribute(func(m *model) { m.DefaultValues, m.Description = set(), text("") }).settings,
		},
		"keys that are left out": {
			attribute(func(m *model) { m.DefaultValues, m.Description = set("x"), text("d") }).settings, `{"id":"1","name":"n"}`,
			attribute(func(m *model) { m.DefaultValues, m.Description = set("x"), text("d") }).settings,
		},
		"a comma is part of a value": {
			attribute(nil).settings, `{"id":"1","name":"n","default_value":"a, b"}`,
			attribute(func(m *model) { m.DefaultValues = set("a, b") }).settings,
		},
		"another spelling of a number": {
			attribute(func(m *model) { m.Type, m.DefaultValues = text("Number"), set("1.0") }).settings, `{"id":"1","name":"n","type":"Number","default_value":1}`,
			attribute(func(m *model) { m.Type, m.DefaultValues = text("Number"), set("1.0") }).settings,
		},
		"text that looks like a number": {
			attribute(func(m *model) { m.DefaultValues = set("1.0") }).settings, `{"id":"1","name":"n","type":"String","default_value":"1"}`,
			attribute(func(m *model) { m.DefaultValues = set("1") }).settings,
		},
		"Omni's own": {
			settings{},
			`{"id":"","name":"omni_user_id","label":"User ID","type":"String","multiple_values":false,"default_value":null,"description":null,"system":true}`,
			settings{text(""), text("omni_user_id"), text("User ID"), text("String"), types.BoolValue(false), none, types.StringNull(), types.BoolValue(true)},
		},
	} {
		var a omni.UserAttribute
		if err := json.Unmarshal([]byte(c.json), &a); err != nil {
			t.Fatal(err)
		}
		got := c.prior.read(&a)
		for what, pair := range map[string][2]interface{ String() string }{
			"id": {got.ID, c.want.ID}, "name": {got.Name, c.want.Name}, "label": {got.Label, c.want.Label}, "type": {got.Type, c.want.Type},
			"multiple": {got.MultipleValues, c.want.MultipleValues}, "default": {got.DefaultValues, c.want.DefaultValues},
			"description": {got.Description, c.want.Description}, "system": {got.System, c.want.System},
		} {
			if pair[0].String() != pair[1].String() {
				t.Errorf("%s: %s is %s, want %s", name, what, pair[0], pair[1])
			}
		}
	}
}

// Default values are held against the rest, as far as it is known.
func TestCheck(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(m *model)
		words  string
	}{
		"one of one":           {func(m *model) { m.DefaultValues = set("a") }, ""},
		"two of one":           {func(m *model) { m.DefaultValues = set("a", "b") }, "Several default values"},
		"two of several":       {func(m *model) { m.DefaultValues, m.MultipleValues = set("a", "b"), types.BoolValue(true) }, ""},
		"two of who knows":     {func(m *model) { m.DefaultValues, m.MultipleValues = set("a", "b"), types.BoolUnknown() }, ""},
		"two of null":          {func(m *model) { m.DefaultValues, m.MultipleValues = set("a", "b"), types.BoolNull() }, ""},
		"numbers":              {func(m *model) { m.Type, m.DefaultValues = text("Number"), set("-1.5") }, ""},
		"no number":            {func(m *model) { m.Type, m.DefaultValues = text("Number"), set("a") }, `"a" is not a number`},
		"number of what":       {func(m *model) { m.Type, m.DefaultValues = types.StringUnknown(), set("a") }, ""},
		"numbers not known":    {func(m *model) { m.Type, m.DefaultValues = text("Number"), types.SetUnknown(types.StringType) }, ""},
		"two of one, no digit": {func(m *model) { m.Type, m.DefaultValues = text("Number"), set("1", "b") }, `"b" is not a number`},
	} {
		diags := attribute(c.change).check()
		if c.words == "" && len(diags) != 0 || c.words != "" && !strings.Contains(fmt.Sprint(diags), c.words) {
			t.Errorf("%s: %v", name, diags)
		}
		for _, d := range diags {
			if at, ok := d.(diag.DiagnosticWithPath); !ok || !at.Path().Equal(path.Root("default_values")) {
				t.Errorf("%s: %v", name, d)
			}
		}
	}
}

// How the attribute came to be is said where it is not plain.
func TestOriginWarning(t *testing.T) {
	t.Parallel()
	for origin, words := range map[inventory.Origin]string{
		inventory.Made:      "",
		inventory.Found:     "the provider looked for it",
		inventory.TakenOver: "was at another address, which this run destroys",
		inventory.AsWanted:  "existed already, exactly as configured",
		inventory.Remade:    "is new, and no user has a value of it",
	} {
		diags := attribute(nil).originWarning(origin)
		if words == "" && len(diags) != 0 || words != "" && (len(diags) != 1 || diags.HasError() || !strings.Contains(diags[0].Detail(), words) || !strings.Contains(diags[0].Detail(), `Omni user attribute "n"`)) {
			t.Errorf("%q: %v", words, diags)
		}
	}
}

func TestCheckName(t *testing.T) {
	t.Parallel()
	for name, words := range map[string]string{
		"env": "", "omni_user_id": "Omni's own", "a b": "no spaces", "a\tb": "no spaces", "a\r": "no spaces", "a\n": "no spaces",
	} {
		if err := checkName(name); words == "" && err != nil || words != "" && (err == nil || !strings.Contains(err.Error(), words)) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// What is not found is told what there is, twenty at most.
func TestNotFoundNamesOthers(t *testing.T) {
	t.Parallel()
	for n, words := range map[int]string{
		0:  `None of the 1 user attributes is "x"; case matters. Create it`,
		1:  "Besides Omni's own there are: a00. Create it",
		20: "a18, a19. Create it",
		21: "a18, a19, and 1 more. Create it",
		22: "a18, a19, and 2 more. Create it",
	} {
		all := []omni.UserAttribute{{Name: "omni_user_id"}}
		for i := range n {
			all = append(all, omni.UserAttribute{ID: "1", Name: fmt.Sprintf("a%02d", i)})
		}
		if got := notFound(path.Root("name"), "x", all).Detail(); !strings.Contains(got, words) {
			t.Errorf("%d: %s", n, got)
		}
	}
}
