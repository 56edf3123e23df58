// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package base

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
)

// MovedAdvice says what to do where a create finds what the same run destroys at
// another address. Importing would be wrong there.
const MovedAdvice = "If this run also destroys it at another address of the configuration, because a resource was renamed, a module was added, or count became for_each, say so with a moved block; then nothing is created and nothing is destroyed:\n\n  moved {\n    from = <former address>\n    to   = <new address>\n  }"

// KeptByDelete says that a delete left an object alone, because a create of the
// same run took it over: at another address, or as its own replacement.
func KeptByDelete(object string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("One object had two addresses in this run",
		framework.UpperFirst(object)+" was to be destroyed, but was created at another address or before it was destroyed, so it was kept. If its address changed, a moved block shows that in the plan.")
}

// WasFound says that a create took over what it found after its answer was lost;
// consequence is what was done with it.
func WasFound(object, consequence string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("An object was found after its create got no answer",
		fmt.Sprintf("The answer to the create of %s was lost, so the provider looked for it. This one was not there before, and has every setting that was sent.%s If somebody else created it at the same time, remove it from the state and apply again.", object, consequence))
}

// MadeAgain says that a run destroyed an object and made it again, which a moved
// block could have saved.
func MadeAgain(object string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("An object was destroyed and created again in this run",
		fmt.Sprintf("%s was destroyed and created again. If only its address changed, a moved block keeps it. If it was tainted, or is replaced on purpose, there is nothing to do.", framework.UpperFirst(object)))
}

// NoSuchConnection says that the connection which an attribute names does not
// exist.
func NoSuchConnection(attribute path.Path, id string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(attribute, "No such Omni connection",
		fmt.Sprintf("There is no connection with the id %q, or it is in the trash, or the API key belongs to another organization.", id))
}

// AllowDeletion names the way out of a protection that no configuration reaches.
func AllowDeletion(connectionID string) string {
	return fmt.Sprintf("If no configuration reaches the state any more, as with a deposed object or a pending replacement, allow it in the provider block: omni = { allow_deletion_of = [%q] }, or for one run in the environment: OMNI_ALLOW_DELETION_OF=%s.", connectionID, connectionID)
}

// RefuseWithConnection refuses, in a plan, to take down what rests on a connection
// whose own replacement will be refused: Terraform destroys dependents first. The
// attribute names the connection; of one that is being replaced the plan does not
// know the id.
func RefuseWithConnection(access *inventory.Inventory, attribute path.Path, planned, prior types.String) diag.Diagnostics {
	id := prior.ValueString()
	if access == nil || !planned.IsUnknown() || id == "" || !access.RefusesReplacement(id) {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(attribute, "The connection is protected against deletion",
		fmt.Sprintf("This plan replaces Omni connection %s, which deletion_protection will refuse, but only after this object is gone: its users would be left without it. Undo what asks for the replacement: -replace, a taint (terraform untaint) or replace_triggered_by. To replace the connection all the same, set deletion_protection = false and apply while nothing asks for the replacement.\n\n%s", id, AllowDeletion(id)))}
}
