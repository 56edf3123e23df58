// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package schemamodel is dataconn_omni_schema_model.
package schemamodel

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

var (
	_ resource.ResourceWithConfigure   = (*modelResource)(nil)
	_ resource.ResourceWithIdentity    = (*modelResource)(nil)
	_ resource.ResourceWithImportState = (*modelResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*modelResource)(nil)
)

const needs = base.NeedsConnectionAdmin

// refreshOwed marks, in the private state, a model whose refresh failed in its
// create: the next apply owes it.
const refreshOwed framework.Mark = "refresh_owed"

type modelResource struct {
	base.Resource
}

// NewResource returns the resource dataconn_omni_schema_model.
func NewResource() resource.Resource { return &modelResource{} }

// Metadata names the resource.
func (r *modelResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_omni_schema_model"
}

// Schema describes the attributes.
func (r *modelResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema(ctx)
}

// IdentitySchema describes what identifies a model.
func (r *modelResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identitySchema()
}

// ModifyPlan plans the refresh that a create could not bring to its end.
func (r *modelResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	plan := framework.Decode[model](ctx, req.Plan, &resp.Diagnostics)
	isOwed, diags := refreshOwed.IsSet(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if !resp.Diagnostics.HasError() && isOwed && plan.RefreshOnCreate.ValueBool() {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("refreshed_at"), types.StringUnknown())...)
	}
}

// Create registers the model. Whatever happens to the refresh after that, the model
// is there, and could not be taken back: so a refresh that fails is a warning, and
// the next plan has it again.
func (r *modelResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	plan, ctx, end := framework.Begin[model](ctx, req.Plan, timeouts.Value.Create, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	registered, isNew, err := r.Omni.RegisterSchemaModel(ctx, plan.connectionID())
	switch {
	case errors.Is(err, inventory.ErrGone):
		resp.Diagnostics.Append(base.NoSuchConnection(path.Root("connection_id"), plan.ConnectionID.ValueString()))
		return
	case err != nil:
		resp.Diagnostics.Append(framework.Attempt{Action: "register the", Object: plan.object(), Needs: needs}.Error(err))
		return
	}
	created := plan.read(registered)
	resp.Diagnostics.Append(resp.State.Set(ctx, created)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, created.identity())...)

	switch {
	case !isNew:
		resp.Diagnostics.Append(existedAlready(created))
	case plan.RefreshOnCreate.ValueBool():
		if err := r.refresh(ctx, created, "timeouts.create"); err != nil {
			resp.Diagnostics.Append(framework.Attempt{Action: "refresh the", Object: created.object(), Needs: needs}.Warning(err,
				"The model is registered, and the state has it. The next apply tries the refresh again; set refresh_on_create to false to skip it."))
			resp.Diagnostics.Append(refreshOwed.Set(ctx, resp.Private)...)
			break
		}
		created.RefreshedAt = framework.Now()
		resp.Diagnostics.Append(resp.State.Set(ctx, created)...)
	}
	resp.Diagnostics.Append(r.readBack(ctx, created, resp)...)
}

// existedAlready tells of a model that a create found. Most often somebody registered
// it before; two resources of one connection show in no other way.
func existedAlready(m model) diag.Diagnostic {
	text := fmt.Sprintf("The %s is taken over as it is. If another resource has the same connection_id, keep one of the two.", m.object())
	if m.RefreshOnCreate.ValueBool() {
		text += " It was not refreshed: for that, use the action dataconn_omni_schema_refresh."
	}
	return diag.NewWarningDiagnostic("The schema model existed already", text)
}

// refresh has Omni read the schema of the database, and follows the job.
func (r *modelResource) refresh(ctx context.Context, m model, timeout string) error {
	job, err := r.Omni.RefreshSchema(ctx, m.connectionID(), nil)
	if err != nil {
		return err
	}
	// A resource has nowhere to tell of progress: nothing of ours logs.
	return base.FollowRefresh(ctx, r.Omni, job, timeout, func(string, ...any) {})
}

// readBack completes what the answer to a write left out. If it cannot be read, what
// is known stays, and the next refresh completes it.
func (r *modelResource) readBack(ctx context.Context, m model, resp *resource.CreateResponse) diag.Diagnostics {
	registered, err := r.Omni.FreshSchemaModel(ctx, m.connectionID())
	if err != nil {
		attempt := framework.Attempt{Action: "read back the", Object: m.object()}
		return diag.Diagnostics{attempt.Warning(err, "It is registered, and the state has its id. The rest is missing until the next refresh.")}
	}
	return resp.State.Set(ctx, m.read(registered))
}

// Read takes over what the list of all models has.
func (r *modelResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	state, ctx, end := framework.Begin[model](ctx, req.State, timeouts.Value.Read, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	registered, err := r.Omni.SchemaModel(ctx, state.connectionID())
	if errors.Is(err, inventory.ErrGone) || errors.Is(err, inventory.ErrNoSchemaModel) {
		framework.Gone(ctx, resp, state.identity(), "An Omni schema model", fmt.Sprintf("The %s no longer exists: %s. It is removed from the state; the next apply registers it again.", state.object(), err))
		return
	}
	if err != nil {
		resp.Diagnostics.Append(framework.Attempt{Action: "read the", Object: state.object(), Needs: needs}.Error(err))
		return
	}
	found := state.read(registered)
	resp.Diagnostics.Append(framework.Refresh(ctx, resp, state, found)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, found.identity())...)
}

// Update sends nothing but the refresh that a create still owes.
func (r *modelResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	isOwed, diags := refreshOwed.IsSet(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	plan, ctx, end := framework.Begin[model](ctx, req.Plan, timeouts.Value.Update, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	if isOwed && plan.RefreshOnCreate.ValueBool() {
		if err := r.refresh(ctx, plan, "timeouts.update"); err != nil {
			resp.Diagnostics.Append(framework.Attempt{Action: "refresh the", Object: plan.object(), Needs: needs}.Error(err))
			return
		}
		plan.RefreshedAt = framework.Now()
	}
	resp.Diagnostics.Append(refreshOwed.Clear(ctx, resp.Private)...)
	plan.RefreshedAt, plan.CreatedAt = framework.Known(plan.RefreshedAt, types.StringNull()), framework.Known(plan.CreatedAt, types.StringNull())
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

// Delete forgets the model, and says so: no API deletes it.
func (r *modelResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	state := framework.Decode[model](ctx, req.State, &resp.Diagnostics)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.AddWarning("Omni keeps the schema model",
			fmt.Sprintf("The %s is no longer managed, and stays in Omni: its API cannot delete one. It is deleted with its connection.", state.object()))
	}
}

// ImportState takes the id of the connection, as text or as identity.
func (r *modelResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	framework.ImportByID(ctx, req, resp, "connection_id", "Import by the id of the connection.")
}
