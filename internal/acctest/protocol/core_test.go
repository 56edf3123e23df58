// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package protocol

import (
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func testSchema() *tfprotov6.Schema {
	return &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{Attributes: []*tfprotov6.SchemaAttribute{
		{Name: "required", Type: tftypes.String, Required: true},
		{Name: "optional", Type: tftypes.String, Optional: true},
		{Name: "either", Type: tftypes.Set{ElementType: tftypes.String}, Optional: true, Computed: true},
		{Name: "computed", Type: tftypes.Number, Computed: true},
		{Name: "secret_wo", Type: tftypes.String, Optional: true, WriteOnly: true},
		{Name: "block", Optional: true, NestedType: &tfprotov6.SchemaObject{
			Nesting: tfprotov6.SchemaObjectNestingModeSingle,
			Attributes: []*tfprotov6.SchemaAttribute{
				{Name: "key_wo", Type: tftypes.String, Optional: true, WriteOnly: true},
				{Name: "mode", Type: tftypes.String, Optional: true, Computed: true},
			},
		}},
		{Name: "items", Optional: true, NestedType: &tfprotov6.SchemaObject{
			Nesting: tfprotov6.SchemaObjectNestingModeMap,
			Attributes: []*tfprotov6.SchemaAttribute{
				{Name: "key_wo", Type: tftypes.String, Optional: true, WriteOnly: true},
				{Name: "id", Type: tftypes.String, Computed: true},
			},
		}},
	}}}
}

func testObject(t *testing.T, values map[string]any) tftypes.Value {
	t.Helper()
	v, err := tfValue(testSchema().ValueType(), values)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestProposedNew(t *testing.T) {
	t.Parallel()
	null := tftypes.NewValue(testSchema().ValueType(), nil)
	prior := testObject(t, map[string]any{
		"required": "a", "optional": "b", "either": []string{"c"}, "computed": 1, "block": map[string]any{"mode": "m"},
		"items": map[string]any{"x": map[string]any{"id": "1"}, "y": map[string]any{"id": "2"}},
	})
	for name, c := range map[string]struct {
		prior        tftypes.Value
		config, want map[string]any
	}{
		"create": {
			null,
			map[string]any{"required": "a", "secret_wo": "s"},
			map[string]any{"required": "a"},
		},
		"what may be computed keeps its prior value": {
			prior,
			map[string]any{"required": "a"},
			map[string]any{"required": "a", "either": []string{"c"}, "computed": 1},
		},
		"what is configured wins": {
			prior,
			map[string]any{"required": "z", "either": []string{}, "optional": Unknown},
			map[string]any{"required": "z", "either": []string{}, "optional": Unknown, "computed": 1},
		},
		"inside a block": {
			prior,
			map[string]any{"required": "a", "block": map[string]any{"key_wo": "s"}},
			map[string]any{"required": "a", "either": []string{"c"}, "computed": 1, "block": map[string]any{"mode": "m"}},
		},
		"inside a map": {
			prior,
			map[string]any{"required": "a", "items": map[string]any{"x": map[string]any{"key_wo": "s"}, "z": map[string]any{}, "u": Unknown}},
			map[string]any{"required": "a", "either": []string{"c"}, "computed": 1, "items": map[string]any{"x": map[string]any{"id": "1"}, "z": map[string]any{}, "u": Unknown}},
		},
	} {
		if got, want := proposedNew(testSchema(), c.prior, testObject(t, c.config)), testObject(t, c.want); !got.Equal(want) {
			t.Errorf("%s: got %v, want %v", name, goValue(got), goValue(want))
		}
	}
}

func TestChecksOfCore(t *testing.T) {
	t.Parallel()
	prior := testObject(t, map[string]any{"required": "a", "computed": 1})
	config := testObject(t, map[string]any{"required": "b"})
	for name, c := range map[string]struct {
		planned map[string]any
		problem string
	}{
		"as configured":            {map[string]any{"required": "b", "computed": Unknown}, ""},
		"the change is suppressed": {map[string]any{"required": "a"}, ""},
		"another value":            {map[string]any{"required": "c"}, "required"},
		"a value out of nothing":   {map[string]any{"required": "b", "optional": "x"}, "optional"},
		"a write-only value":       {map[string]any{"required": "b", "secret_wo": "x"}, "secret_wo"},
		"a block out of nothing":   {map[string]any{"required": "b", "block": map[string]any{}}, "block"},
	} {
		diags := checkPlan(testSchema(), prior, config, testObject(t, c.planned))
		if diags.HasError() != (c.problem != "") || !strings.Contains(diags.String(), c.problem) {
			t.Errorf("%s: %s", name, diags)
		}
	}

	items := func(id any) map[string]any { return map[string]any{"x": map[string]any{"id": id}} }
	planned := testObject(t, map[string]any{"required": "b", "either": Unknown, "computed": 1, "block": map[string]any{"mode": Unknown}, "items": items(Unknown)})
	for name, c := range map[string]struct {
		actual  map[string]any
		problem string
	}{
		"as planned":             {map[string]any{"required": "b", "either": []string{"x"}, "computed": 1, "block": map[string]any{"mode": "m"}, "items": items("1")}, ""},
		"another value":          {map[string]any{"required": "b", "computed": 2, "block": map[string]any{}, "items": items("1")}, "computed"},
		"a block that is no":     {map[string]any{"required": "b", "computed": 1, "items": items("1")}, "block"},
		"an element is missing":  {map[string]any{"required": "b", "computed": 1, "block": map[string]any{}, "items": map[string]any{}}, "items"},
		"an element is too many": {map[string]any{"required": "b", "computed": 1, "block": map[string]any{}, "items": With(items("1"), map[string]any{"y": map[string]any{}})}, "items"},
	} {
		diags := checkResult("inconsistent", testSchema(), planned, testObject(t, c.actual))
		if diags.HasError() != (c.problem != "") || !strings.Contains(diags.String(), c.problem) {
			t.Errorf("%s: %s", name, diags)
		}
	}
	if !checkResult("inconsistent", testSchema(), planned, tftypes.NewValue(testSchema().ValueType(), nil)).HasError() {
		t.Error("an object that vanished is not noticed")
	}

	for _, c := range []struct {
		problem string
		state   map[string]any
	}{
		{"unknown", map[string]any{"required": "b", "either": Unknown}},
		{"write-only", map[string]any{"required": "b", "secret_wo": "x"}},
		{"write-only", map[string]any{"required": "b", "block": map[string]any{"key_wo": "x"}}},
		{"write-only", map[string]any{"required": "b", "items": map[string]any{"x": map[string]any{"key_wo": "x"}}}},
	} {
		if got := checkState(testSchema(), testObject(t, c.state)).String(); !strings.Contains(got, c.problem) {
			t.Errorf("no complaint about a %s value: %s", c.problem, got)
		}
	}
}

// A data source may set what it computes, and what is configured.
func TestCheckRead(t *testing.T) {
	t.Parallel()
	config := testObject(t, map[string]any{"required": "b"})
	for problem, read := range map[string]map[string]any{
		"":         {"required": "B", "either": []string{"x"}, "computed": 1},
		"optional": {"required": "b", "optional": "x"},
	} {
		if got := checkRead(testSchema(), config, testObject(t, read)); got.HasError() != (problem != "") || !strings.Contains(got.String(), problem) {
			t.Errorf("%q: %s", problem, got)
		}
	}
}

func TestValuesThereAndBack(t *testing.T) {
	t.Parallel()
	values := map[string]any{
		"required": "a", "optional": nil, "either": []string{"b", "a"}, "computed": 9007199254740993,
		"secret_wo": Unknown, "block": map[string]any{"key_wo": "", "mode": nil},
		"items": map[string]any{"x": map[string]any{"key_wo": nil, "id": "1"}},
	}
	want := map[string]any{
		"required": "a", "optional": nil, "either": []string{"a", "b"}, "computed": int64(9007199254740993),
		"secret_wo": Unknown, "block": map[string]any{"key_wo": "", "mode": nil},
		"items": map[string]any{"x": map[string]any{"key_wo": nil, "id": "1"}},
	}
	if got := goValue(testObject(t, values)); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, wrong := range []map[string]any{{"no_such": "a"}, {"required": 1}, {"computed": "1"}, {"either": "a"}, {"block": []string{"a"}}, {"required": []string{"a"}}} {
		if v, err := tfValue(testSchema().ValueType(), wrong); err == nil {
			t.Errorf("%v became %v", wrong, v)
		}
	}
}

func TestWith(t *testing.T) {
	t.Parallel()
	before := map[string]any{"a": 1, "o": map[string]any{"x": 1, "y": 2}}
	got := With(before, map[string]any{"a": nil, "o": map[string]any{"y": 3}, "n": 4})
	want := map[string]any{"a": nil, "o": map[string]any{"x": 1, "y": 3}, "n": 4}
	if !reflect.DeepEqual(got, want) || before["a"] != 1 {
		t.Errorf("got %v, and the original is %v", got, before)
	}
}
