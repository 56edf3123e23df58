// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package dbtenvironment

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// checkVariables judges only what is known. keeps tells whether a variable may go
// without a value, because the server has a secret one for it.
func checkVariables(config model, keeps func(name string) bool) diag.Diagnostics {
	var diags diag.Diagnostics
	elements := config.Variables.Elements()
	for _, name := range slices.Sorted(maps.Keys(elements)) {
		object, _ := elements[name].(types.Object)
		if object.IsUnknown() {
			continue
		}
		if object.IsNull() { // so at apply only; validation refuses what is null before that
			diags.AddAttributeError(path.Root("variables").AtMapKey(name), "A variable is null", fmt.Sprintf("The variable %q turned out to be null. Leave it out of the map instead.", name))
			continue
		}
		given, open := 0, false
		for _, form := range []string{"value", "secret", "secret_wo"} {
			switch v := object.Attributes()[form]; {
			case v.IsUnknown():
				open = true
			case !v.IsNull():
				given++
			}
		}
		if given > 1 || given == 0 && !open && !keeps(name) {
			diags.AddAttributeError(path.Root("variables").AtMapKey(name), "A variable needs exactly one value",
				fmt.Sprintf("The variable %q has %d of value, secret and secret_wo. Give it exactly one of them, or remove the variable. Only a secret variable that the environment has already may have none: then the server keeps its value.", name, given))
		}
	}
	return diags
}
