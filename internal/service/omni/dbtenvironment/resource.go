// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package dbtenvironment is dataconn_omni_dbt_environment.
package dbtenvironment

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
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

var (
	_ resource.ResourceWithConfigure      = (*environmentResource)(nil)
	_ resource.ResourceWithIdentity       = (*environmentResource)(nil)
	_ resource.ResourceWithImportState    = (*environmentResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*environmentResource)(nil)
	_ resource.ResourceWithValidateConfig = (*environmentResource)(nil)
)

const needs = base.NeedsConnectionAdmin + ", whose dialect has to support dbt"

type environmentResource struct {
	base.Resource
}

// NewResource returns the resource dataconn_omni_dbt_environment.
func NewResource() resource.Resource { return &environmentResource{} }

// Metadata names the resource.
func (r *environmentResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_omni_dbt_environment"
}

// Schema describes the attributes.
func (r *environmentResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema(ctx)
}

// IdentitySchema describes what identifies an environment.
func (r *environmentResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identitySchema()
}

// ValidateConfig refuses a variable with several values. Whether it may have none
// depends on the state.
func (r *environmentResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	config := framework.Decode[model](ctx, req.Config, &resp.Diagnostics)
	resp.Diagnostics.Append(checkVariables(config, func(string) bool { return true })...)
}

// ModifyPlan refuses a variable without a value, and shows which variables are
// created again and that secrets are sent.
func (r *environmentResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	config, plan, state := framework.DecodePlan[model](ctx, req, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(checkVariables(config, state.hasSecret)...)
	if opened, ok := plan.openVariables(); ok {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("variables"), opened)...)
	}
	if !req.State.Raw.IsNull() {
		r.planUpdate(ctx, req, resp, plan, state)
	}
}

func (r *environmentResource) planUpdate(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, plan, state model) {
	resp.Diagnostics.Append(base.RefuseWithConnection(r.Omni, path.Root("connection_id"), plan.ConnectionID, state.ConnectionID)...)
	existing, added := plan.secrets(state)
	secrets, diags := r.Hashing.PlanSecrets(ctx, req, existing...)
	resp.Diagnostics.Append(diags...)
	more, diags := framework.PlanNewSecrets(ctx, req, added...)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	secrets = append(secrets, more...)
	before := state.variables()
	for name, v := range plan.variables() {
		if !v.id.IsUnknown() && !persists(name, v, before) {
			resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("variables").AtMapKey(name).AtName("id"), types.StringUnknown())...)
		}
	}
	// What may turn out to be a secret is in an unknown variable too.
	sends := plan.Variables.IsUnknown()
	for _, element := range plan.Variables.Elements() {
		sends = sends || element.IsUnknown()
	}
	if sends {
		framework.PlanToSend(ctx, resp)
	}
	secrets.Announce(ctx, req, resp)
}

// Create makes the environment with its variables in one call.
func (r *environmentResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	plan, ctx, end := framework.Begin[model](ctx, req.Plan, timeouts.Value.Create, &resp.Diagnostics)
	defer end()
	_, added := plan.secrets(model{})
	secrets, diags := framework.NewSecrets(ctx, req, added...)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}

	environment, isFound, err := r.Omni.CreateDBTEnvironment(ctx, plan.connectionID(), plan.settings(model{}, secrets))
	if err != nil {
		resp.Diagnostics.Append(framework.Attempt{
			Action: "create", Object: plan.object(), Needs: needs,
			Lookup: framework.ImportCommand(plan.connectionID(), "<id>"),
		}.Error(base.NeedsDBT(err)))
		return
	}
	plan.CredentialsUpdatedAt = secrets.SentAt(plan.CredentialsUpdatedAt, types.StringNull())
	created := plan.written(environment)
	resp.Diagnostics.Append(resp.State.Set(ctx, created)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, created.identity())...)
	resp.Diagnostics.Append(secrets.Remember(ctx, req.Config, req.Plan, resp.Private)...)
	switch {
	case isFound && secrets.Sends():
		resp.Diagnostics.Append(framework.WasFound(created.object(), " Its secrets are sent again."))
		resp.Diagnostics.Append(framework.Resend(ctx, resp.Private, framework.Attempt{Action: "send the secrets of", Object: created.object()}, func(ctx context.Context) error {
			_, err := r.Omni.UpdateDBTEnvironment(ctx, created.connectionID(), created.ID.ValueString(), created.settings(created, secrets))
			return err
		})...)
	case isFound:
		resp.Diagnostics.Append(framework.WasFound(created.object(), ""))
	}
	resp.Diagnostics.Append(framework.KeepPlanned(ctx, req.Config, req.Plan, &resp.State, created.object())...)
}

// Read takes over what the server lists, and drops the environment from the
// state when it is certain that it does not exist.
func (r *environmentResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	state, ctx, end := framework.Begin[model](ctx, req.State, timeouts.Value.Read, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	environment, err := r.Omni.DBTEnvironment(ctx, state.connectionID(), state.ID.ValueString())
	if errors.Is(err, inventory.ErrGone) {
		framework.Gone(ctx, resp, state.identity(), "An Omni dbt environment", fmt.Sprintf("%s is gone: %s. It is removed from the state; the next apply creates a new one.", state.object(), err))
		return
	}
	if err != nil {
		resp.Diagnostics.Append(framework.Attempt{Action: "read", Object: state.object(), Needs: needs}.Error(err))
		return
	}
	for _, s := range state.replaced(environment) {
		resp.Diagnostics.Append(s.Forget(ctx, resp.Private)...)
	}
	found := state.read(environment)
	resp.Diagnostics.Append(framework.Refresh(ctx, resp, state, found)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, found.identity())...)
}

// Update replaces the environment's settings where one changed, or a secret is
// to be sent.
func (r *environmentResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	state := framework.Decode[model](ctx, req.State, &resp.Diagnostics)
	plan, ctx, end := framework.Begin[model](ctx, req.Plan, timeouts.Value.Update, &resp.Diagnostics)
	defer end()
	existing, added := plan.secrets(state)
	secrets, diags := framework.PlannedSecrets(ctx, req, existing...)
	resp.Diagnostics.Append(diags...)
	more, diags := framework.PlannedNewSecrets(ctx, req, added...)
	resp.Diagnostics.Append(diags...)
	secrets = append(secrets, more...)
	if resp.Diagnostics.HasError() {
		return
	}

	plan.CredentialsUpdatedAt = secrets.SentAt(plan.CredentialsUpdatedAt, state.CredentialsUpdatedAt)
	if plan.differs(state) || secrets.Sends() {
		environment, err := r.Omni.UpdateDBTEnvironment(ctx, state.connectionID(), state.ID.ValueString(), plan.settings(state, secrets))
		if err != nil {
			resp.Diagnostics.Append(framework.Attempt{Action: "change", Object: state.object(), Needs: needs}.Error(err))
			resp.Diagnostics.Append(secrets.Forget(ctx, err, &resp.State, resp.Private)...)
			resp.Diagnostics.Append(r.forget(ctx, err, plan, state, resp)...)
			return
		}
		plan = plan.written(environment)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
	resp.Diagnostics.Append(secrets.Remember(ctx, req.Config, req.Plan, resp.Private)...)
	for _, s := range plan.forgotten(state) {
		resp.Diagnostics.Append(s.Forget(ctx, resp.Private)...)
	}
	resp.Diagnostics.Append(framework.KeepPlanned(ctx, req.Config, req.Plan, &resp.State, plan.object())...)
}

// forget takes from the state what is not known after an update that failed. The
// server may have deleted the variables that the plan has no longer, or made them anew
// as another kind: they count as new.
func (r *environmentResource) forget(ctx context.Context, cause error, plan, state model, resp *resource.UpdateResponse) diag.Diagnostics {
	if !httpclient.MayBeDone(cause) {
		return nil
	}
	diags := framework.ForgetWhole(ctx, cause, &resp.State, "target_schema")
	planned, before := plan.variables(), state.variables()
	for name := range before {
		if v, ok := planned[name]; ok && persists(name, v, before) {
			continue
		}
		diags.Append(resp.State.SetAttribute(ctx, path.Root("variables").AtMapKey(name).AtName("id"), types.StringNull())...)
	}
	return diags
}

// Delete ends the environment.
func (r *environmentResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	state, ctx, end := framework.Begin[model](ctx, req.State, timeouts.Value.Delete, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	if err := r.Omni.DeleteDBTEnvironment(ctx, state.connectionID(), state.ID.ValueString()); err != nil {
		resp.Diagnostics.Append(framework.Attempt{Action: "delete", Object: state.object(), Needs: needs}.Error(err))
	}
}

// ImportState takes <connection id>/<environment id>, or an identity.
func (r *environmentResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	framework.ImportByIDs(ctx, req, resp, framework.ImportForm{"connection_id", "id"})
}
