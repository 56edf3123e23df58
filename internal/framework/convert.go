// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
)

// The Changed functions answer what an update has to send for one attribute:
// nothing where the plan is unknown or what it was before, else the planned
// value. With a null prior value they serve create as well.
//
// The Read functions answer what the state becomes when the server returns a
// field: an absent key (an older server) keeps the prior value, null is null.
// An empty prior value stays where the server says null, because that is how it
// stores an empty one.

// ChangedString compares texts. A planned null takes away a text that was there,
// which servers do on an empty one.
func ChangedString(plan, prior types.String) nullable.Value[string] {
	if plan.IsNull() && IsSet(prior) && prior.ValueString() != "" {
		return nullable.Of("")
	}
	if plan.IsNull() || plan.IsUnknown() || plan.Equal(prior) {
		return nullable.Value[string]{}
	}
	return nullable.Of(plan.ValueString())
}

// ChangedInt64 compares whole numbers.
func ChangedInt64[T ~int64](plan, prior types.Int64) nullable.Value[T] {
	if plan.IsNull() || plan.IsUnknown() || plan.Equal(prior) {
		return nullable.Value[T]{}
	}
	return nullable.Of(T(plan.ValueInt64()))
}

// ChangedBool compares bools.
func ChangedBool(plan, prior types.Bool) nullable.Value[bool] {
	if plan.IsNull() || plan.IsUnknown() || plan.Equal(prior) {
		return nullable.Value[bool]{}
	}
	return nullable.Of(plan.ValueBool())
}

// ChangedSet compares sets of texts.
func ChangedSet[T ~[]string](plan, prior types.Set) nullable.Value[T] {
	if plan.IsNull() || plan.IsUnknown() || plan.Equal(prior) {
		return nullable.Value[T]{}
	}
	return nullable.Of(T(Strings(plan)))
}

// ReadString converts a text.
func ReadString(got nullable.Value[string], prior types.String) types.String {
	if got.IsZero() {
		return Known(prior, types.StringNull())
	}
	if v, ok := got.Get(); ok {
		return types.StringValue(v)
	}
	if !prior.IsNull() && !prior.IsUnknown() && prior.ValueString() == "" {
		return prior
	}
	return types.StringNull()
}

// ReadInt64 converts a whole number.
func ReadInt64[T ~int64](got nullable.Value[T], prior types.Int64) types.Int64 {
	if got.IsZero() {
		return Known(prior, types.Int64Null())
	}
	if v, ok := got.Get(); ok {
		return types.Int64Value(int64(v))
	}
	return types.Int64Null()
}

// ReadBool converts a bool.
func ReadBool(got nullable.Value[bool], prior types.Bool) types.Bool {
	if got.IsZero() {
		return Known(prior, types.BoolNull())
	}
	if v, ok := got.Get(); ok {
		return types.BoolValue(v)
	}
	return types.BoolNull()
}

// ReadSet converts a list of texts, whose order means nothing. The server does
// not tell an empty list from none, so the prior one of the two is kept.
func ReadSet[T ~[]string](got nullable.Value[T], prior types.Set) types.Set {
	v, _ := got.Get()
	switch {
	case len(v) > 0:
		return SetOf(v)
	case IsSet(prior) && (got.IsZero() || len(prior.Elements()) == 0):
		return prior
	default:
		return types.SetNull(types.StringType)
	}
}

// TextOrNull converts a text of which an empty one means none.
func TextOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

// Known returns the prior value, or null where it is still unknown.
func Known[T attr.Value](prior, null T) T {
	if prior.IsUnknown() {
		return null
	}
	return prior
}

// Now is a timestamp for the state: UTC, in seconds.
func Now() types.String { return types.StringValue(time.Now().UTC().Format(time.RFC3339)) }

// SetOf returns a set of texts; a repeated one counts once.
func SetOf[T ~[]string](texts T) types.Set {
	unique := slices.Compact(slices.Sorted(slices.Values(texts)))
	elements := make([]attr.Value, len(unique))
	for i, text := range unique {
		elements[i] = types.StringValue(text)
	}
	return types.SetValueMust(types.StringType, elements)
}

// Strings returns the known texts of a set in a stable order: nil where it is
// null or unknown, empty where it is empty.
func Strings(set types.Set) []string {
	if set.IsNull() || set.IsUnknown() {
		return nil
	}
	texts := []string{}
	for _, element := range set.Elements() {
		if s, ok := element.(types.String); ok && !s.IsNull() && !s.IsUnknown() {
			texts = append(texts, s.ValueString())
		}
	}
	slices.Sort(texts)
	return texts
}

// InSpellingOf keeps the spelling of the prior text where only the case differs.
func InSpellingOf(prior types.String, got string) types.String {
	if IsSet(prior) && strings.EqualFold(prior.ValueString(), got) {
		return prior
	}
	return types.StringValue(got)
}

// IsSet reports whether a value is known and not null.
func IsSet(v attr.Value) bool { return !v.IsNull() && !v.IsUnknown() }
