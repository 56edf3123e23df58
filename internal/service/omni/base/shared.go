// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package base

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
)

// foundKey is where the private state has what tells a resource apart whose create took
// over what was there: another resource of the same configuration may have the object
// in its state, too. A plan shows a provider no addresses.
const foundKey = "found_existing"

// SharedEndAdvice says how an object stays that the state has twice.
const SharedEndAdvice = "To keep it, remove one of the two from the state without destroying it:\n\n  terraform state rm <address of one of them>\n\nIf the plan calls one of them a deposed object, both have the same address, and the command removes both: import the object again then. (terraform destroy plans the configuration too, unless it runs with -refresh=false.)"

// NoteFound notes that a create took over what was there.
func NoteFound(ctx context.Context, private framework.PrivateStateWriter) diag.Diagnostics {
	return private.SetKey(ctx, foundKey, []byte(`"`+rand.Text()+`"`))
}

// RefuseSharedEnd refuses, in a plan, to destroy an object that another resource keeps:
// one of the two found it when it was created ([NoteFound]). The object is how messages
// name it; the kind and the id are the same for both. Nothing is judged without a
// server.
func RefuseSharedEnd(ctx context.Context, access *inventory.Inventory, kind, id, object string, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if access == nil || req.State.Raw.IsNull() {
		return
	}
	found, diags := req.Private.GetKey(ctx, foundKey)
	resp.Diagnostics.Append(diags...)
	if access.PlanObject(kind+" "+id, "found "+string(found), !req.Plan.Raw.IsNull()) {
		resp.Diagnostics.AddError("Two resources have the same object",
			fmt.Sprintf("%s is in the state twice, and this plan destroys one of the two. That would end it for the other, too. %s", framework.UpperFirst(object), SharedEndAdvice))
	}
}
