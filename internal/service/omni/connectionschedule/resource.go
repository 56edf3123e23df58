// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package connectionschedule is dataconn_omni_connection_schedule.
package connectionschedule

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

var (
	_ resource.ResourceWithConfigure   = (*scheduleResource)(nil)
	_ resource.ResourceWithIdentity    = (*scheduleResource)(nil)
	_ resource.ResourceWithImportState = (*scheduleResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*scheduleResource)(nil)
)

const needs = base.NeedsConnectionAdmin

type scheduleResource struct {
	base.Resource
}

// NewResource returns the resource dataconn_omni_connection_schedule.
func NewResource() resource.Resource { return &scheduleResource{} }

// Metadata names the resource.
func (r *scheduleResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_omni_connection_schedule"
}

// Schema describes the attributes.
func (r *scheduleResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema(ctx)
}

// IdentitySchema describes what identifies a schedule.
func (r *scheduleResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identitySchema()
}

// ModifyPlan keeps what the server says of a schedule while nothing changes that
// the schedule is made of: the connection's id in another case is no change.
func (r *scheduleResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || req.State.Raw.IsNull() {
		return
	}
	plan, state := framework.Decode[model](ctx, req.Plan, &resp.Diagnostics), framework.Decode[model](ctx, req.State, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !plan.isMadeOf(state) {
		return
	}
	plan.Description, plan.DisabledAt, plan.UpdatedAt = state.Description, state.DisabledAt, state.UpdatedAt
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// Create makes the schedule, as soon as the connection has its schema model.
func (r *scheduleResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	plan, ctx, end := framework.Begin[model](ctx, req.Plan, timeouts.Value.Create, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	schedule, isFound, err := r.Omni.CreateSchedule(ctx, plan.connectionID(), plan.settings())
	if err != nil {
		resp.Diagnostics.Append(diagnose(framework.Attempt{
			Action: "create", Object: plan.object(), Needs: needs,
			Lookup: framework.ImportCommand(plan.connectionID(), "<id>"),
		}, plan, err))
		return
	}
	created := plan.read(schedule)
	if isFound {
		resp.Diagnostics.Append(framework.WasFound(created.object(), ""))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, created)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, created.identity())...)
	resp.Diagnostics.Append(framework.KeepPlanned(ctx, req.Config, req.Plan, &resp.State, created.object())...)
}

// diagnose puts an error on the attribute that it is about, and adds what the
// server's words leave out.
func diagnose(attempt framework.Attempt, m model, err error) diag.Diagnostic {
	connection := path.Root("connection_id")
	_, lacksModel := errors.AsType[*inventory.NoSchemaModelError](err)
	switch words := strings.ToLower(omni.Message(err)); {
	case errors.Is(err, inventory.ErrGone):
		return base.NoSuchConnection(connection, m.ConnectionID.ValueString())
	case lacksModel:
		return attempt.AttributeError(connection, fmt.Errorf("%w.\n\nOmni does not create one on its own. Register it with the resource dataconn_omni_schema_model, and make this schedule depend on it:\n\n  connection_id = dataconn_omni_schema_model.<name>.connection_id\n\nIf something else is about to register it, raise timeouts.create", err))
	case slices.Contains(omni.UnrecognizedKeys(err), "hardRefresh"):
		return diag.NewAttributeErrorDiagnostic(path.Root("hard_refresh"), "This Omni server has no hard refresh",
			fmt.Sprintf("The server is older than July 2026 and does not have the setting. Nothing was changed. Remove hard_refresh from the configuration, or set it to false. The server says: %s", err))
	case httpclient.IsBadRequest(err) && strings.Contains(words, "cron"):
		return attempt.AttributeError(path.Root("schedule"), err)
	case httpclient.IsBadRequest(err) && strings.Contains(words, "timezone"):
		return attempt.AttributeError(path.Root("timezone"), err)
	default:
		return attempt.Error(err)
	}
}

// Read takes over the server's values.
func (r *scheduleResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	state, ctx, end := framework.Begin[model](ctx, req.State, timeouts.Value.Read, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	schedule, err := r.Omni.Schedule(ctx, state.connectionID(), state.ID.ValueString())
	if errors.Is(err, inventory.ErrGone) {
		framework.Gone(ctx, resp, state.identity(), "An Omni schedule", fmt.Sprintf("The %s is gone: %s. It is removed from the state; the next apply creates a new one.", state.object(), err))
		return
	}
	if err != nil {
		resp.Diagnostics.Append(framework.Attempt{Action: "read", Object: state.object(), Needs: needs}.Error(err))
		return
	}
	found := state.read(schedule)
	resp.Diagnostics.Append(framework.Refresh(ctx, resp, state, found)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, found.identity())...)
}

// Update sends all settings, because the server replaces the whole; nothing where
// none of them changed.
func (r *scheduleResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	state := framework.Decode[model](ctx, req.State, &resp.Diagnostics)
	plan, ctx, end := framework.Begin[model](ctx, req.Plan, timeouts.Value.Update, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	updated := state
	updated.Timeouts = plan.Timeouts
	if plan.settings() != state.settings() {
		schedule, err := r.Omni.UpdateSchedule(ctx, state.connectionID(), state.ID.ValueString(), plan.settings())
		if err != nil {
			resp.Diagnostics.Append(diagnose(framework.Attempt{Action: "change", Object: state.object(), Needs: needs}, state, err))
			framework.ForgetWritten(err, req.Plan, &resp.State, "schedule", "timezone", "hard_refresh")
			return
		}
		updated = plan.read(schedule)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, updated)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, updated.identity())...)
	resp.Diagnostics.Append(framework.KeepPlanned(ctx, req.Config, req.Plan, &resp.State, updated.object())...)
}

// Delete ends the schedule.
func (r *scheduleResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	state, ctx, end := framework.Begin[model](ctx, req.State, timeouts.Value.Delete, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	if err := r.Omni.DeleteSchedule(ctx, state.connectionID(), state.ID.ValueString()); err != nil {
		resp.Diagnostics.Append(framework.Attempt{Action: "delete", Object: state.object(), Needs: needs}.Error(err))
	}
}

// ImportState takes <connection id>/<id>, or an identity.
func (r *scheduleResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	framework.ImportByIDs(ctx, req, resp, framework.ImportForm{"connection_id", "id"})
}
