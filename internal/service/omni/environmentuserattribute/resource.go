// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package environmentuserattribute is dataconn_omni_environment_user_attribute.
package environmentuserattribute

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

var (
	_ resource.ResourceWithConfigure   = (*bindingResource)(nil)
	_ resource.ResourceWithIdentity    = (*bindingResource)(nil)
	_ resource.ResourceWithImportState = (*bindingResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*bindingResource)(nil)
)

const needs = base.NeedsConnectionAdmin

type bindingResource struct {
	base.Resource
}

// NewResource returns the resource dataconn_omni_environment_user_attribute.
func NewResource() resource.Resource { return &bindingResource{} }

// Metadata names the resource.
func (r *bindingResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_omni_environment_user_attribute"
}

// Schema describes the attributes.
func (r *bindingResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema(ctx)
}

// IdentitySchema describes what identifies a binding.
func (r *bindingResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identitySchema()
}

// markKey is what tells resources with the same binding apart, in the private state:
// a plan shows a provider no addresses.
const markKey = "mark"

func markResource(ctx context.Context, private framework.PrivateStateWriter) diag.Diagnostics {
	return private.SetKey(ctx, markKey, []byte(`"`+rand.Text()+`"`))
}

// lookTimeout bounds the look at the user attributes in a plan: it only serves a
// warning.
const lookTimeout = time.Minute

// ModifyPlan warns before the connection is bound to a user attribute that does
// not exist: Omni would send everybody to the base connection without a word. A
// binding that stays as it is costs no request, and where the attributes cannot
// be read nothing is said.
func (r *bindingResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.Omni == nil {
		return
	}
	plan, state := framework.Decode[model](ctx, req.Plan, &resp.Diagnostics), framework.Decode[model](ctx, req.State, &resp.Diagnostics)
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(r.checkSharedBinding(ctx, plan, state, req.Private)...)
	}
	resp.Diagnostics.Append(base.RefuseSharedValue(r.Omni, path.Root("default_values"), plan.ConnectionID, plan.ConnectionID, plan.DefaultValues)...)
	resp.Diagnostics.Append(base.RefuseWithConnection(r.Omni, path.Root("connection_id"), plan.ConnectionID, state.ConnectionID)...)
	name := plan.AttributeName.ValueString()
	if resp.Diagnostics.HasError() || name == "" || plan.AttributeName.Equal(state.AttributeName) || r.Omni.PlansUserAttribute(name) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	if unknown := base.UnknownUserAttribute(ctx, r.Omni, name); unknown != "" {
		resp.Diagnostics.AddAttributeWarning(path.Root("attribute_name"), "Omni has no such user attribute yet",
			unknown+" If this apply creates it, you can ignore this. If not, every user works on the base connection, without an error, until there is one.")
	}
}

// checkSharedBinding refuses to end a binding that another resource of the
// configuration has too, by an import or because it was adopted.
func (r *bindingResource) checkSharedBinding(ctx context.Context, plan, state model, private framework.PrivateStateReader) diag.Diagnostics {
	mark, diags := private.GetKey(ctx, markKey)
	if len(mark) == 0 || plan.ConnectionID.IsUnknown() { // no mark: not refreshed since an older version created it
		return diags
	}
	if isKept := plan.connectionID() == state.connectionID(); r.Omni.PlanObject("binding of "+state.connectionID(), string(mark), isKept) {
		diags.AddError("Two resources have the same binding", fmt.Sprintf("The %s is in the state twice, and this plan destroys one of the two. That would unbind the connection for the other, too. %s", state.object(), base.SharedEndAdvice))
	}
	return diags
}

// Create binds the connection. A binding that is there already was made by
// somebody else and routes somebody's users: it is not overwritten.
func (r *bindingResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	plan, ctx, end := framework.Begin[model](ctx, req.Plan, timeouts.Value.Create, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	id := plan.connectionID()
	attempt := framework.Attempt{Action: "set the", Object: plan.object(), Needs: needs, Lookup: framework.ImportCommand(id)}
	before, origin, err := r.Omni.Bind(ctx, id, plan.attribute(), plan.agrees)
	switch {
	case errors.Is(err, inventory.ErrBound):
		name, _ := bound(before)
		resp.Diagnostics.Append(attempt.Error(fmt.Errorf("%w, to the user attribute %q with the default values %q. Overwriting it could route users elsewhere. If this configuration binds it at another address, move its state here with a moved block; this run may still remove it. Otherwise take it over with\n\n  %s\n\nand plan again to see what would change",
			err, name, before.UserAttributeDefaultValues.Or(nil), attempt.Lookup)))
		return
	case errors.Is(err, inventory.ErrGone):
		resp.Diagnostics.Append(base.NoSuchConnection(path.Root("connection_id"), id))
		return
	case before == nil:
		resp.Diagnostics.Append(attempt.AttributeError(path.Root("connection_id"), err))
		return
	case err != nil:
		resp.Diagnostics.Append(attempt.Error(err))
		return
	}
	resp.Diagnostics.Append(plan.originWarning(origin)...)
	resp.Diagnostics.Append(markResource(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

// Read takes over the server's binding, and drops it from the state when the
// connection is bound to nothing or gone.
func (r *bindingResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	state, ctx, end := framework.Begin[model](ctx, req.State, timeouts.Value.Read, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	connection, err := r.Omni.Connection(ctx, state.connectionID())
	if err != nil && !errors.Is(err, inventory.ErrGone) {
		resp.Diagnostics.Append(framework.Attempt{Action: "read the", Object: state.object(), Needs: base.NeedsToReadConnection}.Error(err))
		return
	}
	if err != nil || isUnbound(connection) {
		framework.Gone(ctx, resp, state.identity(), "An Omni environment binding", "The "+state.object()+" no longer exists: all users are on the base connection. It is removed from the state; the next apply binds it again.")
		return
	}
	found := state.read(connection)
	mark, diags := req.Private.GetKey(ctx, markKey)
	resp.Diagnostics.Append(diags...)
	if len(mark) == 0 { // imported, or created by an older version
		resp.Diagnostics.Append(markResource(ctx, resp.Private)...)
	}
	resp.Diagnostics.Append(framework.Refresh(ctx, resp, state, found)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, found.identity())...)
}

// isUnbound reports that the server says so: a key that it leaves out says
// nothing.
func isUnbound(c *omni.Connection) bool {
	_, ok := bound(c)
	return !ok && !c.UserAttributeName.IsZero()
}

// Update binds the connection to another attribute, or changes the values.
func (r *bindingResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	state := framework.Decode[model](ctx, req.State, &resp.Diagnostics)
	plan, ctx, end := framework.Begin[model](ctx, req.Plan, timeouts.Value.Update, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	if !plan.AttributeName.Equal(state.AttributeName) || !plan.DefaultValues.Equal(state.DefaultValues) {
		if err := r.Omni.SetEnvironmentUserAttribute(ctx, state.connectionID(), plan.attribute()); err != nil {
			if httpclient.MayBeDone(err) { // how it is bound now is not known
				state.AttributeName, state.DefaultValues = types.StringNull(), types.SetNull(types.StringType)
				resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
			}
			resp.Diagnostics.Append(framework.Attempt{Action: "change the", Object: state.object(), Needs: needs}.Error(err))
			return
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

// Delete binds the connection to nothing.
func (r *bindingResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	state, ctx, end := framework.Begin[model](ctx, req.State, timeouts.Value.Delete, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	isLeft, err := r.Omni.Unbind(ctx, state.connectionID())
	if isLeft {
		resp.Diagnostics.Append(framework.KeptByDelete("the " + state.object()))
	}
	if err != nil {
		resp.Diagnostics.Append(framework.Attempt{Action: "remove the", Object: state.object(), Needs: needs}.Error(err))
	}
}

// ImportState takes the id of the base connection, as text or as identity.
func (r *bindingResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	framework.ImportByID(ctx, req, resp, "connection_id", "Import by the id of the base connection.")
}
