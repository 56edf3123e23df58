// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"reflect"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"

	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
)

// Pair is an attribute of a model and the field of a wire type that has the same
// name. A type with many settings is converted by a walk over its pairs, so that no
// setting is spelled a third and a fourth time.
type Pair struct {
	Name             string // of the attribute
	attribute, field []int
}

// Pairs finds what a model and a wire type have in common. The tags tell: the
// attribute tfsdk:"host_override" is the field json:"hostOverride".
func Pairs[Model, Wire any]() []Pair {
	fields := map[string][]int{}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Wire]()) {
		key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		fields[AttributeName(key)] = f.Index
	}
	var pairs []Pair
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Model]()) {
		name := f.Tag.Get("tfsdk")
		if field, ok := fields[name]; ok && name != "" {
			pairs = append(pairs, Pair{name, f.Index, field})
		}
	}
	return pairs
}

// Names returns the attributes of pairs.
func Names(pairs []Pair) []string {
	names := make([]string, len(pairs))
	for i, pair := range pairs {
		names[i] = pair.Name
	}
	return names
}

// Attribute returns a pointer to the attribute in the model that model points to.
func (p Pair) Attribute(model any) any { return fieldAt(model, p.attribute) }

// Field returns a pointer to the field in the wire type that wire points to.
func (p Pair) Field(wire any) any { return fieldAt(wire, p.field) }

func fieldAt(structure any, index []int) any {
	return reflect.ValueOf(structure).Elem().FieldByIndex(index).Addr().Interface()
}

// SetChanged sets a field to what changed, one of the Changed functions, makes of
// its attribute in the plan and in the prior model.
func SetChanged[W, A any](field *nullable.Value[W], changed func(plan, prior A) nullable.Value[W], plan, prior any) {
	to, isOfType := plan.(*A)
	from, _ := prior.(*A) // of the same model, so of the same type
	if isOfType {
		*field = changed(*to, *from)
	}
}

// SetRead sets an attribute, which has its prior value, to what read, one of the
// Read functions, makes of its field.
func SetRead[W, A any](attribute any, read func(got nullable.Value[W], prior A) A, field *nullable.Value[W]) {
	if value, ok := attribute.(*A); ok {
		*value = read(*field, *value)
	}
}

// Attributes returns the values of a model, a struct, by attribute name.
func Attributes(model any) map[string]attr.Value {
	attributes := map[string]attr.Value{}
	for _, f := range reflect.VisibleFields(reflect.TypeOf(model)) {
		name := f.Tag.Get("tfsdk")
		if name == "" {
			continue
		}
		if value, ok := reflect.TypeAssert[attr.Value](reflect.ValueOf(model).FieldByIndex(f.Index)); ok {
			attributes[name] = value
		}
	}
	return attributes
}

// AttributeName returns the attribute of a name on the wire: the same in snake case.
func AttributeName(wireName string) string {
	var b strings.Builder
	for _, r := range wireName {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// AttributeNames returns the attributes of several names on the wire.
func AttributeNames(wireNames []string) []string {
	names := make([]string, len(wireNames))
	for i, name := range wireNames {
		names[i] = AttributeName(name)
	}
	return names
}
