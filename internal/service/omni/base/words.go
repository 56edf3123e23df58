// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package base

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
)

// What the API key needs, in the words of [framework.Attempt].
const (
	NeedsAdmin            = "the admin role"
	NeedsConnectionAdmin  = "Connection Admin on the connection"
	NeedsToReadConnection = NeedsAdmin + ", or at least Restricted Querier on the connection"
)

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
