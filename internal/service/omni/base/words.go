// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package base

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// MovedAdvice says what to do where a create finds what the same run destroys at
// another address. Importing would be wrong there.
const MovedAdvice = "If this run also destroys it at another address of the configuration, because a resource was renamed, a module was added, or count became for_each, say so with a moved block; then nothing is made and nothing is destroyed:\n\n  moved {\n    from = <former address>\n    to   = <new address>\n  }"

// KeptByDelete says that a delete left an object alone, because a create of the
// same run took it over at another address.
func KeptByDelete(object string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("One object had two addresses in this run",
		fmt.Sprintf("%s was to be made at one address and destroyed at another. It is one and the same, so it was kept, as it is at the new address. Next time, %s", upperFirst(object), lowerFirst(MovedAdvice)))
}

func upperFirst(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

func lowerFirst(text string) string { return strings.ToLower(text[:1]) + text[1:] }

// NoSuchConnection says that the connection which an attribute names does not
// exist.
func NoSuchConnection(attribute path.Path, id string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(attribute, "No such Omni connection",
		fmt.Sprintf("There is no connection with the id %q, or it is in the trash, or the API key belongs to another organization.", id))
}
