// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package protocol

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Unknown is, in a configuration, a value that is not known until apply.
var Unknown = unknown{}

type unknown struct{}

func (unknown) String() string { return "(known after apply)" }

// tfValue turns plain Go values into a value of the type: nil, Unknown, string,
// bool, numbers, slices and maps. An attribute that is left out is null.
func tfValue(typ tftypes.Type, v any) (tftypes.Value, error) {
	switch v := v.(type) {
	case nil:
		return tftypes.NewValue(typ, nil), nil
	case unknown:
		return tftypes.NewValue(typ, tftypes.UnknownValue), nil
	case tftypes.Value:
		return v, nil
	case map[string]any:
		return tfMap(typ, v)
	case []string:
		elements := make([]any, len(v))
		for i, element := range v {
			elements[i] = element
		}
		return tfList(typ, elements)
	case []any:
		return tfList(typ, v)
	case int:
		return tfPrimitive(typ, new(big.Float).SetInt64(int64(v)))
	case int64:
		return tfPrimitive(typ, new(big.Float).SetInt64(v))
	default:
		return tfPrimitive(typ, v)
	}
}

func tfPrimitive(typ tftypes.Type, v any) (tftypes.Value, error) {
	if err := tftypes.ValidateValue(typ, v); err != nil {
		return tftypes.Value{}, err
	}
	return tftypes.NewValue(typ, v), nil
}

func tfMap(typ tftypes.Type, values map[string]any) (tftypes.Value, error) {
	converted := map[string]tftypes.Value{}
	elementType := func(string) (tftypes.Type, bool) { return nil, false }
	switch typ := typ.(type) {
	case tftypes.Object:
		elementType = func(name string) (tftypes.Type, bool) { t, ok := typ.AttributeTypes[name]; return t, ok }
		for name, attributeType := range typ.AttributeTypes {
			converted[name] = tftypes.NewValue(attributeType, nil)
		}
	case tftypes.Map:
		elementType = func(string) (tftypes.Type, bool) { return typ.ElementType, true }
	}
	for name, v := range values {
		attributeType, ok := elementType(name)
		if !ok {
			return tftypes.Value{}, fmt.Errorf("%s: no such attribute", name)
		}
		value, err := tfValue(attributeType, v)
		if err != nil {
			return tftypes.Value{}, fmt.Errorf("%s: %w", name, err)
		}
		converted[name] = value
	}
	return tftypes.NewValue(typ, converted), nil
}

func tfList(typ tftypes.Type, values []any) (tftypes.Value, error) {
	var elementType tftypes.Type
	switch typ := typ.(type) {
	case tftypes.Set:
		elementType = typ.ElementType
	case tftypes.List:
		elementType = typ.ElementType
	default:
		return tftypes.Value{}, fmt.Errorf("a list for a %s", typ)
	}
	converted := make([]tftypes.Value, len(values))
	for i, v := range values {
		value, err := tfValue(elementType, v)
		if err != nil {
			return tftypes.Value{}, err
		}
		converted[i] = value
	}
	return tftypes.NewValue(typ, converted), nil
}

// goValue is the way back: nil, Unknown, string, bool, int64 (float64 where it
// is no whole number), map[string]any, []any, and []string for lists of texts,
// sorted where it is a set.
func goValue(v tftypes.Value) any {
	switch {
	case !v.IsKnown():
		return Unknown
	case v.IsNull():
		return nil
	}
	switch typ := v.Type().(type) {
	case tftypes.Object, tftypes.Map:
		values := map[string]any{}
		for name, value := range attributes(v) {
			values[name] = goValue(value)
		}
		return values
	case tftypes.Set:
		return goList(v, typ.ElementType, true)
	case tftypes.List:
		return goList(v, typ.ElementType, false)
	}
	switch {
	case v.Type().Is(tftypes.String):
		return as[string](v)
	case v.Type().Is(tftypes.Bool):
		return as[bool](v)
	}
	number := as[big.Float](v)
	if whole, accuracy := number.Int64(); accuracy == big.Exact {
		return whole
	}
	float, _ := number.Float64()
	return float
}

func goList(v tftypes.Value, elementType tftypes.Type, isSet bool) any {
	elements := as[[]tftypes.Value](v)
	values, texts := make([]any, len(elements)), make([]string, 0, len(elements))
	for i, element := range elements {
		values[i] = goValue(element)
		if text, ok := values[i].(string); ok {
			texts = append(texts, text)
		}
	}
	if !elementType.Is(tftypes.String) || len(texts) != len(values) {
		return values
	}
	if isSet {
		slices.Sort(texts)
	}
	return texts
}

func as[T any](v tftypes.Value) T {
	var out T
	if err := v.As(&out); err != nil {
		panic(err) // the type was looked at before
	}
	return out
}

// attributes returns those of an object, none where it is null or unknown.
func attributes(v tftypes.Value) map[string]tftypes.Value {
	if v.IsNull() || !v.IsKnown() {
		return nil
	}
	return as[map[string]tftypes.Value](v)
}
