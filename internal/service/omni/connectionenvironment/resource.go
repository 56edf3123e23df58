// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package connectionenvironment is dataconn_omni_connection_environment.
package connectionenvironment

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
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

var (
	_ resource.ResourceWithConfigure   = (*environmentResource)(nil)
	_ resource.ResourceWithIdentity    = (*environmentResource)(nil)
	_ resource.ResourceWithImportState = (*environmentResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*environmentResource)(nil)
)

const needs = base.NeedsAdmin

type environmentResource struct {
	base.Resource
}

// NewResource returns the resource dataconn_omni_connection_environment.
func NewResource() resource.Resource { return &environmentResource{} }

// Metadata names the resource.
func (r *environmentResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_omni_connection_environment"
}

// Schema describes the attributes.
func (r *environmentResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema(ctx)
}

// IdentitySchema describes what identifies an environment.
func (r *environmentResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identitySchema()
}

// mayBeGone marks, in the private state, an association that may be gone although
// nothing shows it: a server without the list has no other way to look. The next
// plan creates it again, which ends well either way.
const mayBeGone framework.Mark = "may_be_gone"

// ModifyPlan refuses, before anything is made, two connections that cannot be
// associated.
func (r *environmentResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	plan, state := framework.Decode[model](ctx, req.Plan, &resp.Diagnostics), framework.Decode[model](ctx, req.State, &resp.Diagnostics)
	base.RefuseSharedEnd(ctx, r.Omni, "environment", state.ID.ValueString(), state.object(), req, resp)
	if req.Plan.Raw.IsNull() || resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(checkOwnBase(plan)...)
	resp.Diagnostics.Append(base.RefuseSharedValue(r.Omni, path.Root("user_attribute_values"), plan.BaseConnectionID, plan.ConnectionID, plan.UserAttributeValues)...)
	resp.Diagnostics.Append(base.RefuseWithConnection(r.Omni, path.Root("base_connection_id"), plan.BaseConnectionID, state.BaseConnectionID)...)
	resp.Diagnostics.Append(base.RefuseWithConnection(r.Omni, path.Root("connection_id"), plan.ConnectionID, state.ConnectionID)...)
	if isDoubtful, diags := mayBeGone.IsSet(ctx, req.Private); isDoubtful && !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(diags...)
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("id"), types.StringUnknown())...)
		resp.RequiresReplace = append(resp.RequiresReplace, path.Root("id"))
		resp.Diagnostics.AddWarning("An association may be gone", fmt.Sprintf("%s was deleted, or may have been, and this server has no list that would show it. It is created again; whatever may be left of it is deleted first.", state.object()))
	}
	asBefore := plan.BaseConnectionID.Equal(state.BaseConnectionID) && plan.ConnectionID.Equal(state.ConnectionID)
	if plan.BaseConnectionID.IsUnknown() { // a base that is replaced is judged by what it will be
		plan.BaseConnectionID = state.BaseConnectionID
	}
	if plan.ConnectionID.IsUnknown() {
		plan.ConnectionID = state.ConnectionID
	}
	if r.Omni == nil || asBefore || resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(r.checkConnections(ctx, plan)...)
}

func checkOwnBase(m model) diag.Diagnostics {
	var diags diag.Diagnostics
	if framework.IsSet(m.BaseConnectionID) && framework.IsSet(m.ConnectionID) && strings.EqualFold(m.BaseConnectionID.ValueString(), m.ConnectionID.ValueString()) {
		diags.AddAttributeError(path.Root("connection_id"), "A connection cannot be its own environment",
			"connection_id is the base connection itself. Users without a matching value use the base connection anyway; name another connection of the same dialect.")
	}
	return diags
}

// checkConnections judges only what is known and can be read; anything else
// the server judges at apply.
func (r *environmentResource) checkConnections(ctx context.Context, m model) diag.Diagnostics {
	var diags diag.Diagnostics
	dialects := map[string]string{}
	for name, id := range map[string]types.String{"base_connection_id": m.BaseConnectionID, "connection_id": m.ConnectionID} {
		if !framework.IsSet(id) {
			continue
		}
		dialect, err := r.Omni.DialectAfterPlan(ctx, strings.ToLower(id.ValueString()))
		switch {
		case errors.Is(err, inventory.ErrGone):
			diags.Append(base.NoSuchConnection(path.Root(name), id.ValueString()))
		case err == nil:
			dialects[name] = dialect
		}
	}
	ofBase, ofEnvironment := dialects["base_connection_id"], dialects["connection_id"]
	if ofBase != "" && ofEnvironment != "" && ofBase != ofEnvironment {
		diags.AddAttributeError(path.Root("connection_id"), "The dialects differ",
			fmt.Sprintf("The base connection is %s and this one is %s, now or after this run. An environment has its base's dialect, because the same queries run on both. To change the dialect of both, change it in one apply.", ofBase, ofEnvironment))
	}
	return diags
}

// Create associates the two connections, saves the id, and then sets the
// values: the server takes no values in the first call.
func (r *environmentResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	plan, ctx, end := framework.Begin[model](ctx, req.Plan, timeouts.Value.Create, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	baseID, connectionID := plan.environment().BaseConnectionID, plan.environment().ConnectionID
	environment, origin, err := r.Omni.CreateEnvironment(ctx, baseID, connectionID, plan.agrees)
	if err != nil {
		attempt := framework.Attempt{
			Action: "create", Object: plan.object(), Needs: needs,
			Lookup: framework.ImportCommand(baseID, connectionID, "<id>"),
		}
		resp.Diagnostics.Append(attempt.Error(r.explain(ctx, err, baseID, connectionID)))
		return
	}
	created := plan
	created.ID = types.StringValue(environment.ID)
	created.UserAttributeValues = framework.SetOf(environment.Values.Or(nil))
	resp.Diagnostics.Append(resp.State.Set(ctx, created)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, created.identity())...)
	resp.Diagnostics.Append(created.originWarning(origin)...)
	if origin == inventory.AsWanted {
		resp.Diagnostics.Append(base.NoteFound(ctx, resp.Private)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}

	// Of one that was taken over nothing but the id may be known.
	values, own := framework.Strings(plan.UserAttributeValues), environment.Values.Or(nil)
	isAsWanted := origin == inventory.AsWanted || len(values) == 0 && origin != inventory.TakenOver || len(own) > 0 && slices.Equal(values, own.Sorted())
	if isAsWanted || !framework.IsSet(plan.UserAttributeValues) {
		return
	}
	if err := r.Omni.SetEnvironmentValues(ctx, baseID, environment.ID, values, own); err != nil {
		if areUnknown(err) {
			created.UserAttributeValues = types.SetNull(types.StringType)
			resp.Diagnostics.Append(resp.State.Set(ctx, created)...)
		}
		err = r.undo(ctx, err, created, origin, resp)
		resp.Diagnostics.Append(framework.Attempt{Action: "set the values of", Object: created.object(), Needs: needs}.Error(err))
		return
	}
	created.UserAttributeValues = plan.UserAttributeValues
	resp.Diagnostics.Append(resp.State.Set(ctx, created)...)
}

// undo dissolves an association whose values cannot be set. Where that fails too, or
// the user has canceled, or the association was there before, the state keeps its id.
func (r *environmentResource) undo(ctx context.Context, cause error, created model, origin inventory.Origin, resp *resource.CreateResponse) error {
	switch {
	case origin != inventory.Made && origin != inventory.Remade:
		return fmt.Errorf("%w. The association is in the state as it was found", cause)
	case errors.Is(ctx.Err(), context.Canceled):
		return halfMade(cause)
	}
	err := framework.Undo(ctx, resp, func(ctx context.Context) error {
		_, err := r.Omni.DeleteEnvironment(ctx, created.environment())
		return err
	})
	if err != nil {
		return halfMade(fmt.Errorf("%w. Deleting the association again failed too: %w", cause, err))
	}
	return fmt.Errorf("%w. The association was deleted again, so the next apply starts clean", cause)
}

func halfMade(cause error) error {
	return fmt.Errorf("%w. The association itself was created and is in the state, without values: its users are on the base connection until the next apply sets them. That apply replaces the association, because Terraform marks it as tainted; to keep it, with its id, run first\n\n  terraform untaint <address of this resource>", cause)
}

// explain adds what the server's refusal leaves out: that the association
// exists already, and how to take it over.
func (r *environmentResource) explain(ctx context.Context, err error, baseID, connectionID string) error {
	if unknown, ok := errors.AsType[*createonce.UnknownOutcomeError](err); ok && errors.Is(err, omni.ErrNoEnvironmentList) {
		unknown.Found = "this server has no list of environments to look in, so whether the association exists is not known: it probably does. The base connection shows it in Omni's user interface, under Settings > Connections > Environments; remove it there, and the next apply creates it again"
		return unknown
	}
	if !httpclient.IsBadRequest(err) {
		return err
	}
	ctx, cancel := framework.Afterwards(ctx) // the refusal may have been waited for until now
	defer cancel()
	const advice = "If this configuration has it at another address, move its state here with a moved block; if this is its replacement, remove create_before_destroy from this resource and from those that depend on it. This run may still destroy it. "
	existing, findErr := r.Omni.FindEnvironment(ctx, baseID, connectionID)
	switch {
	case existing != nil:
		return fmt.Errorf("%w. The two are associated already. %sOtherwise take the association over with\n\n  %s", err, advice, framework.ImportCommand(baseID, connectionID, existing.ID))
	case findErr == nil && omni.IsNotAssociable(err):
		return fmt.Errorf("%w. If the two have the same dialect, they are probably associated already, by an earlier apply whose answer was lost, or by somebody else. %sOtherwise look at the base connection in Omni's user interface, under Settings > Connections > Environments; remove the association there and apply again, or take it over with\n\n  %s", err, advice, framework.ImportCommand(baseID, connectionID, "<id>"))
	}
	return err
}

// Read takes over the server's values where it lists environments.
func (r *environmentResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	state, ctx, end := framework.Begin[model](ctx, req.State, timeouts.Value.Read, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	found := state
	environment, err := r.Omni.Environment(ctx, state.ID.ValueString())
	if errors.Is(err, omni.ErrNoEnvironmentList) {
		err = r.readUnlisted(ctx, state)
	} else if err == nil {
		found = state.read(environment)
		resp.Diagnostics.Append(mayBeGone.Clear(ctx, resp.Private)...)
	}
	if errors.Is(err, inventory.ErrGone) {
		framework.Gone(ctx, resp, state.identity(), "An Omni connection environment", fmt.Sprintf("%s is gone: %s.", state.object(), err)+" Its users are on the base connection. It is removed from the state; the next apply creates a new one.")
		return
	}
	if err != nil {
		resp.Diagnostics.Append(framework.Attempt{Action: "read", Object: state.object(), Needs: needs}.Error(err))
		return
	}
	resp.Diagnostics.Append(framework.Refresh(ctx, resp, state, found)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, found.identity())...)
}

// readUnlisted does what can be done without the list: an association ends with
// either of its connections, and an import needs to say which they are.
func (r *environmentResource) readUnlisted(ctx context.Context, state model) error {
	if state.BaseConnectionID.IsNull() || state.ConnectionID.IsNull() {
		return fmt.Errorf("%w, so the id alone does not tell which connections are associated. Import it as <base connection id>/<connection id>/%s", omni.ErrNoEnvironmentList, state.ID.ValueString())
	}
	for _, id := range []types.String{state.BaseConnectionID, state.ConnectionID} {
		if _, err := r.Omni.Connection(ctx, strings.ToLower(id.ValueString())); err != nil {
			return err
		}
	}
	return nil
}

// Update replaces the values: everything else replaces the association.
func (r *environmentResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	state := framework.Decode[model](ctx, req.State, &resp.Diagnostics)
	plan, ctx, end := framework.Begin[model](ctx, req.Plan, timeouts.Value.Update, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	if framework.IsSet(plan.UserAttributeValues) && !plan.UserAttributeValues.Equal(state.UserAttributeValues) {
		err := r.Omni.SetEnvironmentValues(ctx, state.environment().BaseConnectionID, state.ID.ValueString(), framework.Strings(plan.UserAttributeValues), framework.Strings(state.UserAttributeValues))
		if err != nil {
			if r.isUnlistedGone(ctx, err) {
				err = fmt.Errorf("%w. The association is gone: someone deleted it, or an apply whose answer was lost did. This server has no list that would have shown it. Apply again: the next plan creates it again", err)
				resp.Diagnostics.Append(mayBeGone.Set(ctx, resp.Private)...)
			}
			if areUnknown(err) {
				state.UserAttributeValues = types.SetNull(types.StringType)
				resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
			}
			resp.Diagnostics.Append(framework.Attempt{Action: "change the values of", Object: state.object(), Needs: needs}.Error(err))
			return
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

// areUnknown reports that after a write of the values which failed it is not known
// which the association has. A server without the list never tells, so the state
// claims none, and the next plan sends them, whatever they are to be by then.
func areUnknown(err error) bool {
	_, isEmptied := errors.AsType[*inventory.NotRestoredError](err)
	return isEmptied || httpclient.MayBeDone(err)
}

// isUnlistedGone reports the answer about an association that is gone, by a server
// without the list: one with it shows that in a refresh.
func (r *environmentResource) isUnlistedGone(ctx context.Context, err error) bool {
	if !httpclient.IsMissing(err) {
		return false
	}
	_, listErr := r.Omni.Environments(ctx)
	return errors.Is(listErr, omni.ErrNoEnvironmentList)
}

// Delete dissolves the association.
func (r *environmentResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	state, ctx, end := framework.Begin[model](ctx, req.State, timeouts.Value.Delete, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	isLeft, err := r.Omni.DeleteEnvironment(ctx, state.environment())
	if isLeft {
		resp.Diagnostics.Append(framework.KeptByDelete(state.object()))
	}
	if err != nil {
		if httpclient.MayBeDone(err) {
			resp.Diagnostics.Append(mayBeGone.Set(ctx, resp.Private)...)
		}
		resp.Diagnostics.Append(framework.Attempt{Action: "delete", Object: state.object(), Needs: needs}.Error(err))
	}
}

// ImportState takes <id>, <base connection id>/<connection id>/<id>, or an
// identity.
func (r *environmentResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	framework.ImportByIDs(ctx, req, resp, framework.ImportForm{"id"}, framework.ImportForm{"base_connection_id", "connection_id", "id"})
}
