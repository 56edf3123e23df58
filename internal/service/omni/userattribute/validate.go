// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package userattribute

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

// checkName refuses the names of Omni's own attributes.
func checkName(name string) error {
	switch {
	case omni.IsSystemName(name):
		return systemError(name)
	case strings.ContainsAny(name, " \t\r\n"):
		return errors.New("the name is a reference for SQL and has no spaces; the label can have them")
	}
	return nil
}

func systemError(name string) error {
	return fmt.Errorf("%q is one of Omni's own attributes, whose names begin with %s: they can be neither created nor changed. Read it with the data source dataconn_omni_user_attribute, or bind it by its name", name, omni.SystemAttributePrefix)
}

// check judges the default values by the rest of the attribute, as far as it is known.
func (m model) check() diag.Diagnostics {
	var diags diag.Diagnostics
	values := framework.Strings(m.DefaultValues)
	if framework.IsSet(m.MultipleValues) && !m.MultipleValues.ValueBool() && framework.IsSet(m.DefaultValues) && len(m.DefaultValues.Elements()) > 1 {
		diags.AddAttributeError(path.Root("default_values"), "Several default values of an attribute that has one",
			"multiple_values is false, so a user has one value and there can be one default. Set multiple_values to true, or leave one value.")
	}
	if m.Type.ValueString() != omni.AttributeNumber {
		return diags
	}
	for _, value := range values {
		if !base.IsNumber(value) {
			diags.AddAttributeError(path.Root("default_values"), "A default value is not a number",
				fmt.Sprintf("The type of the attribute is Number, and %q is not a number. Write a number such as \"42\" or \"-1.5\".", value))
		}
	}
	return diags
}
