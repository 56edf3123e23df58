// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
)

// deletesKey is where a planned delete keeps, in the private state, which
// connections the plan deletes too; see [reporter.Client.PlanDelete].
const deletesKey = "deletes"

func (r *connectionResource) planDestroy(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) diag.Diagnostics {
	var id types.String
	diags := req.State.GetAttribute(ctx, path.Root("id"), &id)
	if diags.HasError() || r.Reporter == nil {
		return diags
	}
	encoded, err := json.Marshal(r.Reporter.Client.PlanDelete(id.ValueString()))
	if err != nil {
		return diags // texts always encode
	}
	diags.Append(resp.Private.SetKey(ctx, deletesKey, encoded)...)
	return diags
}

// takeDeletes tells the client what the plan noted, and drops the note: it is of
// this plan alone.
func (r *connectionResource) takeDeletes(ctx context.Context, private framework.PrivateStateReadWriter) diag.Diagnostics {
	encoded, diags := private.GetKey(ctx, deletesKey)
	var ids []string
	if json.Unmarshal(encoded, &ids) == nil {
		r.Reporter.Client.NoteDeletes(ids)
	}
	diags.Append(private.SetKey(ctx, deletesKey, nil)...)
	return diags
}
