// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Attributes are a block's attributes: text, whole numbers, bools, lists
// of texts, nested Attributes, and expressions.
type Attributes map[string]any

// Expression is HCL that is put into a configuration as it is.
type Expression string

// With returns a copy with changes. An attribute that is nil is not configured.
func (a Attributes) With(changes ...Attributes) Attributes {
	changed := Attributes{}
	maps.Copy(changed, a)
	for _, c := range changes {
		maps.Copy(changed, c)
	}
	return changed
}

// Configured returns the names of the attributes that are not nil, sorted.
func (a Attributes) Configured() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(a)), func(name string) bool { return a[name] == nil })
}

func (a Attributes) hcl() string {
	var b strings.Builder
	for _, name := range a.Configured() {
		_, _ = fmt.Fprintf(&b, "  %s = %s\n", name, expression(a[name]))
	}
	return b.String()
}

// HCL writes a value as an expression.
func HCL(value any) string { return expression(value) }

// expression writes a value. JSON's literals are HCL's, but for templates.
func expression(value any) string {
	switch v := value.(type) {
	case Expression:
		return string(v)
	case Attributes:
		return "{\n" + v.hcl() + "}"
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("acctest: no HCL for %#v: %v", value, err))
	}
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(string(encoded))
}

// Resource is a resource block.
func Resource(typeName, name string, a Attributes) string {
	return fmt.Sprintf("resource %q %q {\n%s}\n", typeName, name, a.hcl())
}

// Data is a data block.
func Data(typeName, name string, a Attributes) string {
	return fmt.Sprintf("data %q %q {\n%s}\n", typeName, name, a.hcl())
}

// Import is an import block; the id is text or an expression.
func Import(address string, id any) string {
	return fmt.Sprintf("import {\n  to = %s\n  id = %s\n}\n", address, expression(id))
}

// Forget is a block that takes a resource out of the state and leaves the
// object alone.
func Forget(address string) string {
	return fmt.Sprintf("removed {\n  from = %s\n  lifecycle {\n    destroy = false\n  }\n}\n", address)
}
