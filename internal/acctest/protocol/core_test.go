// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package protocol

import (
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/dataconn/terraform-provider-dataconn/internal/failtest"
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
		{Name: "settings", Optional: true, Computed: true, NestedType: settings(tfprotov6.SchemaObjectNestingModeSingle)},
		{Name: "groups", Optional: true, Computed: true, NestedType: settings(tfprotov6.SchemaObjectNestingModeMap)},
	}}}
}

func settings(mode tfprotov6.SchemaObjectNestingMode) *tfprotov6.SchemaObject {
	return &tfprotov6.SchemaObject{Nesting: mode, Attributes: []*tfprotov6.SchemaAttribute{
		{Name: "label", Type: tftypes.String, Optional: true},
		{Name: "id", Type: tftypes.String, Computed: true},
	}}
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
	labeled := map[string]any{"g": map[string]any{"id": "g", "label": "l"}}
	for key := range strings.SplitSeq("abcdefhijk", "") {
		labeled[key] = map[string]any{"id": key}
	}
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
		"a block that was computed": {
			testObject(t, map[string]any{"required": "a", "settings": map[string]any{"id": "1"}, "groups": map[string]any{"x": map[string]any{"id": "1"}, "n": nil}}),
			map[string]any{"required": "a"},
			map[string]any{"required": "a", "settings": map[string]any{"id": "1"}, "groups": map[string]any{"x": map[string]any{"id": "1"}, "n": nil}},
		},
		"a block that was configured": {
			testObject(t, map[string]any{"required": "a", "settings": map[string]any{"id": "1", "label": "l"}, "groups": labeled}),
			map[string]any{"required": "a"},
			map[string]any{"required": "a"},
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

// What a plan may be of a map of objects, of which one is unknown as a whole and one is
// null.
func TestPlansOfNestedObjects(t *testing.T) {
	t.Parallel()
	type object = map[string]any
	items := func(changes object) object {
		return object{"required": "b", "items": With(object{"x": object{}, "u": object{"id": Unknown}, "n": nil}, changes)}
	}
	prior := testObject(t, object{"required": "b", "optional": "was", "items": object{"x": object{"id": "1"}}})
	config := testObject(t, object{"required": "b", "items": object{"x": object{"key_wo": "s"}, "u": Unknown, "n": nil}})
	without := func(key string) object {
		all := items(nil)
		delete(all["items"].(object), key)
		return all
	}
	const writeOnly = "items.u.key_wo: the provider returned a value for the write-only attribute"
	for name, c := range map[string]struct {
		planned object
		want    []string
	}{
		"as configured":             {items(nil), nil},
		"computed":                  {items(object{"x": object{"id": "2"}}), nil},
		"one more":                  {items(object{"y": object{}}), []string{"items.y: is planned, and not configured"}},
		"none of them":              {without("x"), []string{"items.x: is configured, and not planned"}},
		"a secret":                  {items(object{"x": object{"key_wo": "s"}}), []string{"items.x.key_wo: s is planned, <nil> is configured"}},
		"null is an object":         {items(object{"n": object{}}), []string{"items.n: another object is planned than is configured"}},
		"an object is null":         {items(object{"x": nil}), []string{"items.x: another object is planned than is configured"}},
		"an object is unknown":      {items(object{"x": Unknown}), []string{"items.x: another object is planned than is configured"}},
		"unknown is known":          {items(object{"u": object{"id": "1"}}), []string{"items.u.id: is planned, and unknown in the configuration"}},
		"unknown has a secret":      {items(object{"u": object{"key_wo": "s"}}), []string{writeOnly}},
		"unknown has one to come":   {items(object{"u": object{"key_wo": Unknown}}), []string{writeOnly}},
		"unknown is null":           {items(object{"u": nil}), []string{writeOnly}},
		"unknown stays":             {items(object{"u": Unknown, "x": object{"id": "2"}}), []string{writeOnly}},
		"many":                      {items(object{"y": object{}, "n": object{}, "a": object{}}), []string{"items.a: is planned, and not configured", "items.n: another object is planned than is configured", "items.y: is planned, and not configured"}},
		"what was and is no longer": {With(items(nil), object{"optional": "was"}), []string{"optional: was is planned, <nil> is configured"}},
		"what is required is not":   {With(items(nil), object{"required": nil}), []string{"required: <nil> is planned, b is configured"}},
		"a block out of nothing":    {With(items(nil), object{"block": Unknown}), []string{"block: (known after apply) is planned, <nil> is configured"}},
		"what may be computed":      {With(items(nil), object{"either": []string{"x"}, "settings": object{"id": "1"}}), nil},
	} {
		var got []string
		for _, d := range checkPlan(testSchema(), prior, config, testObject(t, c.planned)) {
			got = append(got, d.Detail)
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}

	config = testObject(t, object{"required": "b", "either": []string{"c"}, "block": object{"key_wo": "s", "mode": "m"}, "settings": Unknown})
	for want, planned := range map[string]object{
		"":                            {"required": "b", "either": []string{"c"}, "block": object{"mode": "m"}, "settings": Unknown},
		"either: [d] is planned, [c]": {"required": "b", "either": []string{"d"}, "block": object{"mode": "m"}, "settings": Unknown},
		"block.mode: n is planned, m": {"required": "b", "either": []string{"c"}, "block": object{"mode": "n"}, "settings": Unknown},
		"block.key_wo: s is planned":  {"required": "b", "either": []string{"c"}, "block": object{"key_wo": "s", "mode": "m"}, "settings": Unknown},
		"block: <nil> is planned":     {"required": "b", "either": []string{"c"}, "settings": Unknown},
		"block: (known after":         {"required": "b", "either": []string{"c"}, "block": Unknown, "settings": Unknown},
		"settings: map[id:":           {"required": "b", "either": []string{"c"}, "block": object{"mode": "m"}, "settings": object{"id": Unknown}},
	} {
		diags := checkPlan(testSchema(), prior, config, testObject(t, planned))
		if len(diags) > 1 || diags.HasError() != (want != "") || !strings.Contains(diags.String(), "ERROR: Provider produced invalid plan: "+want) && want != "" {
			t.Errorf("want %q: %s", want, diags)
		}
	}
}

// What was unknown may become anything, and of a set two may become one.
func TestCompatible(t *testing.T) {
	t.Parallel()
	set, list := tftypes.Set{ElementType: tftypes.String}, tftypes.List{ElementType: tftypes.String}
	null := any(nil)
	for _, c := range []struct {
		typ             tftypes.Type
		planned, actual any
		want            bool
	}{
		{set, []any{Unknown, "a"}, []any{"a"}, true},
		{set, []any{Unknown, "a"}, []any{"a", "b"}, true},
		{set, []any{Unknown, "a"}, []any{"b"}, false},
		{set, []any{Unknown, "a"}, []any{"a", "b", "c"}, false},
		{set, []any{Unknown, "a"}, []any{}, false},
		{set, []any{Unknown, "a"}, null, false},
		{set, []any{Unknown, "a"}, Unknown, false},
		{set, []any{"a"}, []any{"b"}, false},
		{set, null, []any{}, false},
		{set, null, null, true},
		{set, Unknown, null, true},
		{list, []any{Unknown, "a"}, []any{"b", "a"}, true},
		{list, []any{Unknown, "a"}, []any{"b", "c"}, false},
		{tftypes.Map{ElementType: tftypes.String}, map[string]any{"x": Unknown, "y": "a"}, map[string]any{"x": "b", "y": "a"}, true},
		{tftypes.Map{ElementType: tftypes.String}, map[string]any{"x": Unknown, "y": "a"}, map[string]any{"x": "b", "y": "c"}, false},
		{tftypes.Map{ElementType: tftypes.String}, map[string]any{"x": Unknown}, map[string]any{"y": "b"}, false},
		{tftypes.Map{ElementType: tftypes.String}, map[string]any{"x": Unknown}, map[string]any{"x": "b", "y": "b"}, false},
	} {
		planned, err := tfValue(c.typ, c.planned)
		if err != nil {
			t.Fatal(err)
		}
		actual, err := tfValue(c.typ, c.actual)
		if err != nil {
			t.Fatal(err)
		}
		if compatible(planned, actual) != c.want {
			t.Errorf("%v, and then %v: want %t", c.planned, c.actual, c.want)
		}
	}
}

// Each problem is one error, in order, and none shows a secret.
func TestProblems(t *testing.T) {
	t.Parallel()
	null := tftypes.NewValue(testSchema().ValueType(), nil)
	some := testObject(t, map[string]any{"required": "b", "computed": 1})
	for want, got := range map[string]Diagnostics{
		"": checkResult("odd", testSchema(), null, null),
		"ERROR: odd: the object: planned null is false, now it is true":                                checkResult("odd", testSchema(), some, null),
		"ERROR: odd: the object: planned null is true, now it is false":                                checkResult("odd", testSchema(), null, some),
		"ERROR: odd: required: b was planned, it is c\n\nERROR: odd: computed: 1 was planned, it is 2": checkResult("odd", testSchema(), some, testObject(t, map[string]any{"required": "c", "computed": 2})),
		"ERROR: Provider returned invalid result object: a write-only value is in the state\n\nERROR: Provider returned invalid result object: computed: unknown in the state\n\n" +
			"ERROR: Provider returned invalid result object: either: unknown in the state": checkState(testSchema(), testObject(t, map[string]any{"secret_wo": "s", "either": []any{Unknown}, "computed": Unknown})),
	} {
		if got.String() != want {
			t.Errorf("%s\nwant\n%s", got, want)
		}
	}
	text, none := tftypes.NewValue(tftypes.String, "secret"), tftypes.NewValue(tftypes.String, nil)
	secret, plain := &tfprotov6.SchemaAttribute{Sensitive: true}, &tfprotov6.SchemaAttribute{}
	if a, b, c := shown(secret, text), shown(secret, none), shown(plain, text); a != "(sensitive)" || b != nil || c != "secret" {
		t.Errorf("%v, %v, %v", a, b, c)
	}
}

func TestDiagnostics(t *testing.T) {
	t.Parallel()
	at := tftypes.NewAttributePath().WithAttributeName("omni").WithElementKeyString("a.b").WithElementKeyInt(2).
		WithElementKeyValue(tftypes.NewValue(tftypes.String, "set"))
	all := Diagnostics{
		{Severity: tfprotov6.DiagnosticSeverityWarning, Summary: "odd", Detail: "one"},
		{Severity: tfprotov6.DiagnosticSeverityError, Summary: "wrong", Detail: "two", Attribute: at},
	}
	const wrong = `ERROR at omni.a.b.2."set": wrong: two`
	if all.String() != "WARNING: odd: one\n\n"+wrong || all.Errors().String() != wrong || all.Warnings().String() != "WARNING: odd: one" || !all.HasError() || all[:1].HasError() || len(all) != 2 {
		t.Errorf("%s", all)
	}
	for name, c := range map[string]struct {
		require func(t *failtest.T)
		want    string
	}{
		"warnings are fine":  {func(t *failtest.T) { all[:1].RequireOK(t) }, ""},
		"errors are not":     {func(t *failtest.T) { all.RequireOK(t) }, "unexpected errors:\n" + wrong},
		"none":               {func(t *failtest.T) { all[:0].RequireNone(t) }, ""},
		"a warning is one":   {func(t *failtest.T) { all[:1].RequireNone(t) }, "unexpected diagnostics:\nWARNING: odd: one"},
		"an error":           {func(t *failtest.T) { all.RequireError(t, "omni", "two") }, ""},
		"any error":          {func(t *failtest.T) { all.RequireError(t) }, ""},
		"words of a warning": {func(t *failtest.T) { all.RequireError(t, "one") }, `no error with all of ["one"]; there is:` + "\n" + wrong},
		"not all words":      {func(t *failtest.T) { all.RequireError(t, "two", "three") }, `no error with all of ["two" "three"]; there is:` + "\n" + wrong},
		"no error":           {func(t *failtest.T) { all[:1].RequireError(t) }, "no error with all of []; there is:\n"},
		"a warning":          {func(t *failtest.T) { all.RequireWarning(t, "odd", "one") }, ""},
		"words of an error":  {func(t *failtest.T) { all.RequireWarning(t, "two") }, `no warning with all of ["two"]; there is:` + "\nWARNING: odd: one"},
	} {
		if said := failtest.Run(t, c.require); said != c.want {
			t.Errorf("%s: %q, want %q", name, said, c.want)
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
		"items": map[string]any{"x": map[string]any{"key_wo": nil, "id": "1"}}, "settings": nil, "groups": nil,
	}
	if got := goValue(testObject(t, values)); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, v := range []struct {
		typ      tftypes.Type
		in, want any
	}{
		{tftypes.Number, tftypes.NewValue(tftypes.Number, 1.5), 1.5},
		{tftypes.Number, int64(7), int64(7)},
		{tftypes.Bool, true, true},
		{tftypes.List{ElementType: tftypes.String}, []string{"b", "a"}, []string{"b", "a"}},
		{tftypes.List{ElementType: tftypes.String}, []any{"b", nil, Unknown}, []any{"b", nil, Unknown}},
		{tftypes.List{ElementType: tftypes.String}, []any{}, []string{}},
		{tftypes.List{ElementType: tftypes.Number}, []any{2, 1}, []any{int64(2), int64(1)}},
		{tftypes.List{ElementType: tftypes.Number}, []any{}, []any{}},
		{tftypes.Map{ElementType: tftypes.Bool}, map[string]any{"a": false}, map[string]any{"a": false}},
	} {
		value, err := tfValue(v.typ, v.in)
		if err != nil {
			t.Error(err)
		} else if got := goValue(value); !reflect.DeepEqual(got, v.want) {
			t.Errorf("%v became %#v", v.in, got)
		}
	}
	if Unknown.String() != "(known after apply)" {
		t.Error(Unknown)
	}
	for _, wrong := range []map[string]any{{"either": []any{1}}, {"required": map[string]any{"a": 1}}, {"no_such": "a"}, {"required": 1}, {"computed": "1"}, {"either": "a"}, {"block": []string{"a"}}, {"required": []string{"a"}}} {
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
	if none := With(nil, map[string]any{"a": 1}); !reflect.DeepEqual(none, map[string]any{"a": 1}) {
		t.Errorf("nothing became %v", none)
	}
	if other := With(before, map[string]any{"o": 3, "a": map[string]any{"x": 1}}); !reflect.DeepEqual(other, map[string]any{"a": map[string]any{"x": 1}, "o": 3}) {
		t.Errorf("another form became %v", other)
	}
	if !reflect.DeepEqual(got, want) || before["a"] != 1 {
		t.Errorf("got %v, and the original is %v", got, before)
	}
}
