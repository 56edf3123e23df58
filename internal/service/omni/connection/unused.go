// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"reflect"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// dialectUses reports whether connections of a dialect can have an attribute. Of
// an unknown dialect, and of fabric, nothing is known: it may use all.
func dialectUses(dialect, attribute string) bool {
	dialects, limited := onlyForDialects[attribute]
	_, known := requiredByDialect[dialect]
	return !limited || !known || dialect == fabric || slices.Contains(dialects, dialect)
}

// withoutUnused returns the settings with null for what their dialect does not
// use, and reports whether that changed any. So a plan does not announce 30
// attributes that a connection cannot have, and the false that the server returns
// for them is not read. What the prior settings have stays: a configuration may
// repeat that false.
func (s Settings) withoutUnused(prior Settings) (Settings, bool) {
	changed := false
	fields, priorFields := reflect.ValueOf(&s).Elem(), reflect.ValueOf(prior)
	for _, field := range reflect.VisibleFields(fields.Type()) {
		if dialectUses(s.Dialect.ValueString(), field.Tag.Get("tfsdk")) {
			continue
		}
		value, before := fields.FieldByIndex(field.Index), priorFields.FieldByIndex(field.Index)
		kept := before.Interface().(attr.Value)
		if kept.IsNull() || kept.IsUnknown() {
			before = nullLike(value)
		}
		changed = changed || !value.Interface().(attr.Value).Equal(before.Interface().(attr.Value))
		value.Set(before)
	}
	return s, changed
}

// nullLike returns null of the kind of a value. A set's zero value knows no kind
// of elements, so it is no null of ours.
func nullLike(value reflect.Value) reflect.Value {
	if _, isSet := value.Interface().(types.Set); isSet {
		return reflect.ValueOf(types.SetNull(types.StringType))
	}
	return reflect.Zero(value.Type())
}
