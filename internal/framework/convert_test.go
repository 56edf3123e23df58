// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
)

func set(texts ...string) types.Set { return framework.SetOf(texts) }

var (
	noText      = types.StringNull()
	unknownText = types.StringUnknown()
	noSet       = types.SetNull(types.StringType)
	unknownSet  = types.SetUnknown(types.StringType)
	partlyKnown = types.SetValueMust(types.StringType, []attr.Value{types.StringValue("a"), types.StringUnknown()})
)

func text(s string) types.String { return types.StringValue(s) }

func TestChangedString(t *testing.T) {
	t.Parallel()
	absent := nullable.Value[string]{}
	for _, c := range []struct {
		plan, prior types.String
		want        nullable.Value[string]
	}{
		{text("a"), noText, nullable.Of("a")},
		{text("a"), text("a"), absent},
		{text("a"), text("b"), nullable.Of("a")},
		{text("a"), text(""), nullable.Of("a")},
		{text("a"), unknownText, nullable.Of("a")},
		{text(""), noText, nullable.Of("")},
		{text(""), text("b"), nullable.Of("")},
		{text(""), text(""), absent},
		{noText, noText, absent},
		{noText, text(""), absent},
		{noText, unknownText, absent},
		{noText, text("b"), nullable.Of("")}, // taken away
		{unknownText, noText, absent},
		{unknownText, text("b"), absent},
		{unknownText, unknownText, absent},
	} {
		if got := framework.ChangedString(c.plan, c.prior); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s after %s: %+v", c.plan, c.prior, got)
		}
	}
}

func TestChangedNumberAndBool(t *testing.T) {
	t.Parallel()
	number := types.Int64Value
	for _, c := range []struct {
		plan, prior types.Int64
		want        nullable.Value[int64]
	}{
		{number(1), types.Int64Null(), nullable.Of[int64](1)},
		{number(0), types.Int64Null(), nullable.Of[int64](0)},
		{number(1), number(1), nullable.Value[int64]{}},
		{number(1), number(2), nullable.Of[int64](1)},
		{types.Int64Null(), number(2), nullable.Value[int64]{}},
		{types.Int64Unknown(), number(2), nullable.Value[int64]{}},
		{types.Int64Unknown(), types.Int64Null(), nullable.Value[int64]{}},
	} {
		if got := framework.ChangedInt64[int64](c.plan, c.prior); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s after %s: %+v", c.plan, c.prior, got)
		}
	}
	boolean := types.BoolValue
	for _, c := range []struct {
		plan, prior types.Bool
		want        nullable.Value[bool]
	}{
		{boolean(false), types.BoolNull(), nullable.Of(false)},
		{boolean(false), boolean(false), nullable.Value[bool]{}},
		{boolean(false), boolean(true), nullable.Of(false)},
		{types.BoolNull(), boolean(true), nullable.Value[bool]{}},
		{types.BoolUnknown(), boolean(true), nullable.Value[bool]{}},
	} {
		if got := framework.ChangedBool(c.plan, c.prior); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s after %s: %+v", c.plan, c.prior, got)
		}
	}
}

func TestChangedSet(t *testing.T) {
	t.Parallel()
	absent := nullable.Value[[]string]{}
	for _, c := range []struct {
		plan, prior types.Set
		want        nullable.Value[[]string]
	}{
		{set("b", "a"), noSet, nullable.Of([]string{"a", "b"})},
		{set("b", "a"), set("a", "b"), absent},
		{set("a"), set("a", "b"), nullable.Of([]string{"a"})},
		{set(), noSet, nullable.Of([]string{})},
		{set(), set("a"), nullable.Of([]string{})},
		{set(), set(), absent},
		{noSet, set("a"), absent},
		{unknownSet, set("a"), absent},
	} {
		if got := framework.ChangedSet[[]string](c.plan, c.prior); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s after %s: %+v", c.plan, c.prior, got)
		}
	}
}

func TestReadString(t *testing.T) {
	t.Parallel()
	absent, null := nullable.Value[string]{}, nullable.Null[string]()
	for _, c := range []struct {
		got         nullable.Value[string]
		prior, want types.String
	}{
		{nullable.Of("a"), noText, text("a")},
		{nullable.Of("a"), text("b"), text("a")},
		{nullable.Of(""), text("b"), text("")},
		{nullable.Of("a"), unknownText, text("a")},
		{null, noText, noText},
		{null, text("b"), noText},
		{null, text(""), text("")}, // the server stores an empty one as null
		{null, unknownText, noText},
		{absent, noText, noText},
		{absent, text("b"), text("b")},
		{absent, text(""), text("")},
		{absent, unknownText, noText},
	} {
		if got := framework.ReadString(c.got, c.prior); !got.Equal(c.want) {
			t.Errorf("%+v after %s: got %s, want %s", c.got, c.prior, got, c.want)
		}
	}
}

func TestReadNumberAndBool(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		got         nullable.Value[int64]
		prior, want types.Int64
	}{
		{nullable.Of[int64](0), types.Int64Value(2), types.Int64Value(0)},
		{nullable.Null[int64](), types.Int64Value(2), types.Int64Null()},
		{nullable.Value[int64]{}, types.Int64Value(2), types.Int64Value(2)},
		{nullable.Value[int64]{}, types.Int64Unknown(), types.Int64Null()},
	} {
		if got := framework.ReadInt64(c.got, c.prior); !got.Equal(c.want) {
			t.Errorf("%+v after %s: got %s, want %s", c.got, c.prior, got, c.want)
		}
	}
	for _, c := range []struct {
		got         nullable.Value[bool]
		prior, want types.Bool
	}{
		{nullable.Of(false), types.BoolValue(true), types.BoolValue(false)},
		{nullable.Null[bool](), types.BoolValue(true), types.BoolNull()},
		{nullable.Value[bool]{}, types.BoolValue(true), types.BoolValue(true)},
		{nullable.Value[bool]{}, types.BoolUnknown(), types.BoolNull()},
	} {
		if got := framework.ReadBool(c.got, c.prior); !got.Equal(c.want) {
			t.Errorf("%+v after %s: got %s, want %s", c.got, c.prior, got, c.want)
		}
	}
}

func TestReadSet(t *testing.T) {
	t.Parallel()
	absent, null, empty := nullable.Value[[]string]{}, nullable.Null[[]string](), nullable.Of([]string{})
	for _, c := range []struct {
		got         nullable.Value[[]string]
		prior, want types.Set
	}{
		{nullable.Of([]string{"b", "a", "b"}), noSet, set("a", "b")},
		{nullable.Of([]string{"a"}), set("b"), set("a")},
		{nullable.Of([]string{"a"}), unknownSet, set("a")},
		{null, noSet, noSet},
		{null, set("a"), noSet},
		{null, set(), set()}, // the server does not tell empty from none
		{null, unknownSet, noSet},
		{empty, noSet, noSet},
		{empty, set("a"), noSet},
		{empty, set(), set()},
		{absent, noSet, noSet},
		{absent, set("a"), set("a")},
		{absent, set(), set()},
		{absent, unknownSet, noSet},
	} {
		if got := framework.ReadSet(c.got, c.prior); !got.Equal(c.want) {
			t.Errorf("%+v after %s: got %s, want %s", c.got, c.prior, got, c.want)
		}
	}
}

func TestStrings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		set  types.Set
		want []string
	}{
		{noSet, nil}, {unknownSet, nil}, {set(), []string{}}, {set("b", "a"), []string{"a", "b"}}, {types.SetValueMust(types.StringType, []attr.Value{text("b"), text("a")}), []string{"a", "b"}}, {partlyKnown, []string{"a"}},
	} {
		if got := framework.Strings(c.set); !slices.Equal(got, c.want) || (got == nil) != (c.want == nil) {
			t.Errorf("%s: %#v", c.set, got)
		}
	}
}

func TestTextOrNull(t *testing.T) {
	t.Parallel()
	if got := framework.TextOrNull(""); !got.IsNull() {
		t.Errorf("%s", got)
	}
	if got := framework.TextOrNull("a"); got.ValueString() != "a" {
		t.Errorf("%s", got)
	}
}

func TestInSpellingOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		prior types.String
		got   string
		want  types.String
	}{
		{text("Ab"), "aB", text("Ab")},
		{text("Ab"), "ab c", text("ab c")},
		{noText, "aB", text("aB")},
		{unknownText, "aB", text("aB")},
		{noText, "", text("")},
		{unknownText, "", text("")},
	} {
		if got := framework.InSpellingOf(c.prior, c.got); !got.Equal(c.want) {
			t.Errorf("%s in the spelling of %s is %s, want %s", c.got, c.prior, got, c.want)
		}
	}
}

func TestIsSet(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value attr.Value
		want  bool
	}{
		{text("a"), true},
		{text(""), true},
		{noText, false},
		{unknownText, false},
		{set(), true},
		{noSet, false},
		{unknownSet, false},
		{partlyKnown, true},
	} {
		if got := framework.IsSet(c.value); got != c.want {
			t.Errorf("%s is set: %t", c.value, got)
		}
	}
}
