// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package userattributevalue

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

// checkName refuses Omni's own attributes.
func checkName(name string) error {
	if omni.IsSystemName(name) {
		return fmt.Errorf("%q is one of Omni's own attributes, whose names begin with %s: Omni sets their values itself", name, omni.SystemAttributePrefix)
	}
	return nil
}

// check judges the value by the definition of its attribute.
func (m model) check(definition *omni.UserAttribute) diag.Diagnostics {
	var diags diag.Diagnostics
	at := path.Root("values")
	if m.Values.IsNull() {
		at = path.Root("value")
	}
	switch isMultiple, ok := definition.MultipleValues.Get(); {
	case ok && isMultiple && m.Values.IsNull():
		diags.AddAttributeError(at, "The user attribute has several values", fmt.Sprintf("A user can have several values of %s: use values instead of value.", m.attribute()))
	case ok && !isMultiple && m.Value.IsNull():
		diags.AddAttributeError(at, "The user attribute has one value", fmt.Sprintf("A user can have one value of %s: use value instead of values.", m.attribute()))
	}
	if definition.Type.Or("") != omni.AttributeNumber {
		return diags
	}
	for _, value := range m.values() {
		if !base.IsNumber(value) {
			diags.AddAttributeError(at, "A value is not a number", fmt.Sprintf("%s is of the type Number, and %q is not a number such as 42 or -1.5.", m.attribute(), value))
		}
	}
	return diags
}
