// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"reflect"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
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
// repeat that false. So does what is configured and unknown until the apply.
func (s Settings) withoutUnused(prior Settings) (Settings, bool) {
	changed := false
	fields, priorFields := reflect.ValueOf(&s).Elem(), reflect.ValueOf(prior)
	for _, field := range reflect.VisibleFields(fields.Type()) {
		value, isValue := reflect.TypeAssert[attr.Value](fields.FieldByIndex(field.Index))
		kept, _ := reflect.TypeAssert[attr.Value](priorFields.FieldByIndex(field.Index))
		if !isValue || dialectUses(s.Dialect.ValueString(), field.Tag.Get("tfsdk")) {
			continue
		}
		if !framework.IsSet(kept) && (kept.IsNull() || !value.IsUnknown()) {
			kept = nullLike(value)
		}
		changed = changed || !value.Equal(kept)
		fields.FieldByIndex(field.Index).Set(reflect.ValueOf(kept))
	}
	return s, changed
}

func nullLike(value attr.Value) attr.Value {
	switch value.(type) {
	case types.Bool:
		return types.BoolNull()
	case types.Int64:
		return types.Int64Null()
	case types.Set:
		return types.SetNull(types.StringType)
	default:
		return types.StringNull()
	}
}
