// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package dbtenvironment

import (
	"fmt"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

func text(s string) types.String { return types.StringValue(s) }

// plain and hidden are variables that the server has, under their value as id.
func plain(value string) variable {
	return variable{id: text("id of " + value), value: text(value), secret: types.StringNull(), version: types.Int64Null()}
}

func hidden(value string) variable {
	return variable{id: text("id of " + value), value: types.StringNull(), secret: text(value), version: types.Int64Null()}
}

func with(variables map[string]variable) model {
	return model{ConnectionID: text("C"), ID: text("i"), Name: text("n"), TargetSchema: text("s"), Variables: mapOf(variables)}
}

// The kinds of change, and what each variable is to a write.
func TestVariablesOfAWrite(t *testing.T) {
	t.Parallel()
	prior := with(map[string]variable{"P": plain("p"), "S": hidden("s"), "GONE": hidden("g"), "TO_PLAIN": hidden("t"), "TO_SECRET": plain("u")})
	plan := with(map[string]variable{"P": plain("p2"), "S": hidden("s"), "TO_PLAIN": plain("t2"), "TO_SECRET": hidden("u2"), "NEW": plain("n")})
	var got []string
	for _, v := range plan.settings(prior, nil).Variables {
		value := ""
		if v.Value != nil {
			value = v.Value.Reveal()
		}
		got = append(got, fmt.Sprintf("%s|%s|%t|%s", v.ID, v.Name, v.IsSecret, value))
	}
	want := "[|NEW|false|n id of p|P|false|p2 id of s|S|true| |TO_PLAIN|false|t2 |TO_SECRET|true|]"
	if fmt.Sprint(got) != want {
		t.Errorf("%v", got)
	}
	existing, added := plan.secrets(prior)
	if fmt.Sprint(existing, added) != `[variables["S"].secret] [variables["TO_SECRET"].secret]` {
		t.Errorf("%v %v", existing, added)
	}
	if got := plan.forgotten(prior); len(got) != 2 {
		t.Errorf("%v", got)
	}
	if !plan.differs(prior) || prior.differs(prior) {
		t.Error("differs")
	}
	// A value that is not known yet may be of either kind.
	open := plain("p")
	open.value = types.StringUnknown()
	if persists("P", open, prior.variables()) {
		t.Error("an unknown variable persists")
	}
}

func TestTextsOfAWrite(t *testing.T) {
	t.Parallel()
	m := with(nil)
	m.TargetRole, m.OwnerID = text("r"), types.StringUnknown()
	got := m.settings(model{}, nil)
	if !got.OwnerID.IsZero() || !got.TargetName.IsNull() || got.TargetRole.Or("") != "r" {
		t.Errorf("%+v", got)
	}
	m.OwnerID = types.StringNull()
	if got := m.settings(m, nil); !got.OwnerID.IsNull() {
		t.Errorf("%+v", got)
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	list := func(variables ...omni.DBTVariable) *omni.DBTEnvironment {
		return &omni.DBTEnvironment{ID: "i", Name: "n", TargetSchema: "s", TargetRole: nullable.Of(""), Variables: &variables}
	}
	secret := omni.DBTVariable{ID: "1", Name: "S", IsSecret: true, Value: nullable.Null[string]()}
	open := omni.DBTVariable{ID: "2", Name: "P", Value: nullable.Of("p")}
	for name, c := range map[string]struct {
		prior types.Map
		got   *omni.DBTEnvironment
		want  types.Map
	}{
		"none":                 {types.MapNull(variableType()), list(), types.MapNull(variableType())},
		"an empty map":         {mapOf(nil), list(), mapOf(nil)},
		"all are gone":         {mapOf(map[string]variable{"P": plain("p")}), list(), types.MapNull(variableType())},
		"after an import":      {types.Map{}, list(open, secret), mapOf(map[string]variable{"P": {text("2"), text("p"), types.StringNull(), types.Int64Null()}, "S": {text("1"), types.StringNull(), types.StringNull(), types.Int64Null()}})},
		"a secret stays":       {mapOf(map[string]variable{"S": {text("1"), types.StringNull(), text("s"), types.Int64Value(2)}}), list(secret), mapOf(map[string]variable{"S": {text("1"), types.StringNull(), text("s"), types.Int64Value(2)}})},
		"a secret turns plain": {mapOf(map[string]variable{"P": hidden("s")}), list(open), mapOf(map[string]variable{"P": {text("2"), text("p"), types.StringNull(), types.Int64Null()}})},
		"a plain turns secret": {mapOf(map[string]variable{"S": plain("s")}), list(secret), mapOf(map[string]variable{"S": {text("1"), types.StringNull(), types.StringNull(), types.Int64Null()}})},
		"a plain is not said":  {mapOf(map[string]variable{"P": plain("p")}), list(omni.DBTVariable{ID: "3", Name: "P"}), mapOf(map[string]variable{"P": {text("3"), text("p"), types.StringNull(), types.Int64Null()}})},
		"no more a secret":     {mapOf(map[string]variable{"S": hidden("s")}), list(omni.DBTVariable{ID: "3", Name: "S"}), mapOf(map[string]variable{"S": {text("3"), text(""), types.StringNull(), types.Int64Null()}})},
		"a plain without one":  {types.MapNull(variableType()), list(omni.DBTVariable{ID: "3", Name: "E"}), mapOf(map[string]variable{"E": {text("3"), text(""), types.StringNull(), types.Int64Null()}})},
	} {
		got := model{Variables: c.prior}.read(c.got)
		if !got.Variables.Equal(c.want) || !got.TargetRole.IsNull() {
			t.Errorf("%s: %s", name, got.Variables)
		}
	}
}

// After a write the variables are the planned ones, with ids.
func TestWritten(t *testing.T) {
	t.Parallel()
	added := plain("p")
	added.id = types.StringUnknown()
	lost := added
	e := &omni.DBTEnvironment{ID: "i", Name: "n", TargetSchema: "s", Variables: &[]omni.DBTVariable{
		{ID: "9", Name: "NEW", Value: nullable.Of("trimmed")}, {ID: "8", Name: "KEPT", Value: nullable.Of("k")}, {ID: "7", Name: "OTHER"},
	}}
	got := with(map[string]variable{"NEW": added, "KEPT": plain("k"), "LOST": lost}).written(e)
	added.id, lost.id = text("9"), types.StringNull()
	if want := mapOf(map[string]variable{"NEW": added, "KEPT": plain("k"), "LOST": lost}); !got.Variables.Equal(want) {
		t.Errorf("%s", got.Variables)
	}
	none := with(nil)
	none.Variables = types.MapNull(variableType())
	if got := none.written(e); !got.Variables.IsNull() {
		t.Errorf("%s", got.Variables)
	}
}

// A variable that the server has not told of yet is neither one that persists nor
// one that others replaced.
func TestVariableWithoutAnID(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		id                 types.String
		persists, replaced bool
	}{
		"the same":      {text("9"), true, false},
		"in other case": {text("A"), true, false},
		"another":       {text("8"), true, true},
		"unknown":       {types.StringUnknown(), false, false},
		"none":          {types.StringNull(), false, false},
	} {
		v := plain("p")
		v.id = c.id
		server := omni.DBTVariable{ID: "9"}
		if name == "in other case" {
			server.ID = "a"
		}
		if got := persists("V", plain("q"), map[string]variable{"V": v}); got != c.persists {
			t.Errorf("%s: persists is %t", name, got)
		}
		if got := v.isReplaced(server); got != c.replaced {
			t.Errorf("%s: replaced is %t", name, got)
		}
	}
}

func TestSecretsOfVariables(t *testing.T) {
	t.Parallel()
	if got := variableSecret("A.B"); got.String() != `variables["A.B"].secret` {
		t.Error(got)
	}
}

// Each attribute alone is a difference, and so is each variable.
func TestDiffers(t *testing.T) {
	t.Parallel()
	prior := with(map[string]variable{"P": plain("p")})
	for name, change := range map[string]func(m *model){
		"name":             func(m *model) { m.Name = text("x") },
		"target_schema":    func(m *model) { m.TargetSchema = text("x") },
		"target_database":  func(m *model) { m.TargetDatabase = text("x") },
		"target_name":      func(m *model) { m.TargetName = text("x") },
		"target_role":      func(m *model) { m.TargetRole = text("x") },
		"owner_id":         func(m *model) { m.OwnerID = text("x") },
		"a value":          func(m *model) { m.Variables = mapOf(map[string]variable{"P": plain("q")}) },
		"another variable": func(m *model) { m.Variables = mapOf(map[string]variable{"Q": plain("p")}) },
		"one more":         func(m *model) { m.Variables = mapOf(map[string]variable{"P": plain("p"), "Q": plain("p")}) },
		"none":             func(m *model) { m.Variables = mapOf(nil) },
	} {
		plan := prior
		if change(&plan); !plan.differs(prior) {
			t.Errorf("%s is no difference", name)
		}
	}
	forgotten := plain("p")
	forgotten.id = types.StringNull()
	if !prior.differs(with(map[string]variable{"P": forgotten})) {
		t.Error("a variable that the server may not have is no difference")
	}
	prior = with(map[string]variable{"S": hidden("s")})
	if with(map[string]variable{"S": hidden("t")}).differs(prior) {
		t.Error("a secret that persists is a difference")
	}
}

// Each variable is judged, in the order of their names, whatever the one before is.
func TestCheckVariables(t *testing.T) {
	t.Parallel()
	none := variable{id: types.StringNull(), value: types.StringNull(), secret: types.StringNull(), version: types.Int64Null()}
	both := none
	both.value, both.secret = text("v"), text("s")
	open := none
	open.value = types.StringUnknown()
	variables := types.MapValueMust(variableType(), map[string]attr.Value{
		"A": types.ObjectUnknown(variableType().AttrTypes), "B": none.object(), "C": types.ObjectNull(variableType().AttrTypes),
		"D": both.object(), "E": open.object(), "F": none.object(), "KEPT": none.object(), "G": plain("g").object(),
	})
	diags := checkVariables(model{Variables: variables}, func(name string) bool { return name == "KEPT" })
	var got []string
	for _, d := range diags {
		got = append(got, d.(diag.DiagnosticWithPath).Path().String()+" "+d.Summary())
	}
	const count = " A variable needs exactly one value"
	if want := []string{`variables["B"]` + count, `variables["C"] A variable is null`, `variables["D"]` + count, `variables["F"]` + count}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// A variable that is unknown as a whole is opened, the others stay.
func TestOpenVariables(t *testing.T) {
	t.Parallel()
	unknown := types.ObjectUnknown(variableType().AttrTypes)
	null := types.ObjectNull(variableType().AttrTypes)
	known := with(map[string]variable{"P": plain("p")}).Variables.Elements()["P"]
	for name, c := range map[string]struct {
		variables types.Map
		ok        bool
	}{
		"unknown": {types.MapUnknown(variableType()), false},
		"null":    {types.MapNull(variableType()), false},
		"known":   {types.MapValueMust(variableType(), map[string]attr.Value{"P": known, "N": null}), false},
		"one":     {types.MapValueMust(variableType(), map[string]attr.Value{"P": known, "N": null, "U": unknown}), true},
	} {
		m := model{Variables: c.variables}
		opened, ok := m.openVariables()
		if ok != c.ok {
			t.Errorf("%s: %t", name, ok)
		}
		if !ok {
			continue
		}
		elements := opened.Elements()
		if !elements["P"].Equal(known) || !elements["N"].Equal(null) || elements["U"].IsUnknown() {
			t.Errorf("%s: %s", name, opened)
		}
		v := model{Variables: opened}.variables()
		if _, isThere := v["N"]; isThere || len(v) != 2 || !v["U"].id.IsUnknown() || !v["U"].value.IsUnknown() || !v["U"].secret.IsUnknown() || !v["U"].version.IsUnknown() {
			t.Errorf("%s: %v", name, v)
		}
	}
}
