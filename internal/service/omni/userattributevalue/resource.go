// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package userattributevalue is dataconn_omni_user_attribute_value.
package userattributevalue

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

var (
	_ resource.ResourceWithConfigure   = (*valueResource)(nil)
	_ resource.ResourceWithIdentity    = (*valueResource)(nil)
	_ resource.ResourceWithImportState = (*valueResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*valueResource)(nil)
)

const needs = base.NeedsOrganizationKey

// lookTimeout bounds what a plan looks up beyond the user.
const lookTimeout = 2 * time.Minute

type valueResource struct {
	base.Resource
}

// NewResource returns the resource dataconn_omni_user_attribute_value.
func NewResource() resource.Resource { return &valueResource{} }

// Metadata names the resource.
func (r *valueResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_omni_user_attribute_value"
}

// Schema describes the attributes.
func (r *valueResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema(ctx)
}

// IdentitySchema describes what identifies a value.
func (r *valueResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identitySchema()
}

// ModifyPlan finds the user, judges the value by the definition of its attribute, and
// warns of one that routes to the base. A value that stays as it is costs no
// request.
func (r *valueResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	config, plan, state := framework.DecodePlan[model](ctx, req, &resp.Diagnostics)
	base.RefuseSharedEnd(ctx, r.Omni, "value", state.userID()+"/"+state.attribute(), "the "+state.object(), req, resp)
	if req.Plan.Raw.IsNull() || r.Omni == nil || framework.IsUnchanged(req.Plan, req.State) {
		return
	}
	isNew := req.State.Raw.IsNull()
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	r.planUser(ctx, config, state, isNew, resp)
	if !resp.Diagnostics.HasError() && !plan.AttributeName.IsUnknown() && plan.isKnown() {
		r.planValue(ctx, plan, resp)
	}
}

// planUser completes the user: an e-mail address by the id, an id by the address.
// Another user than the state's replaces the value, and so does one that is not known
// yet.
func (r *valueResource) planUser(ctx context.Context, config, state model, isNew bool, resp *resource.ModifyPlanResponse) {
	isSame := func(configured, before types.String) bool {
		return configured.IsNull() || !configured.IsUnknown() && strings.EqualFold(configured.ValueString(), before.ValueString())
	}
	if !isNew && isSame(config.UserID, state.UserID) && isSame(config.UserEmail, state.UserEmail) {
		return
	}
	id, email := types.StringUnknown(), types.StringUnknown()
	framework.ReferencedID(path.Root("user_id"), config.UserID, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if !config.UserID.IsUnknown() && (!config.UserID.IsNull() || !config.UserEmail.IsUnknown()) {
		user, problem := base.FindUser(ctx, r.Omni, config.UserID.ValueString(), config.UserEmail.ValueString())
		if problem == nil && framework.IsSet(config.UserEmail) && !strings.EqualFold(config.UserEmail.ValueString(), user.Email) {
			problem = diag.NewAttributeErrorDiagnostic(path.Root("user_email"), "user_id and user_email belong to two users", fmt.Sprintf("User %s has the address %s. One of the two attributes is enough.", user.ID, user.Email))
		}
		if problem != nil {
			resp.Diagnostics.Append(problem)
			return
		}
		id, email = types.StringValue(user.ID), types.StringValue(user.Email)
	}
	for _, one := range []struct {
		name              string
		configured, found types.String
	}{{"user_id", config.UserID, id}, {"user_email", config.UserEmail, email}} {
		if one.configured.IsNull() {
			resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(one.name), one.found)...)
		} else if !isNew && !isSame(id, state.UserID) {
			resp.RequiresReplace = append(resp.RequiresReplace, path.Root(one.name))
		}
	}
}

// planValue judges the value by the definition of its attribute, as far as that can be
// read, and by the environments that it could lead to.
func (r *valueResource) planValue(ctx context.Context, plan model, resp *resource.ModifyPlanResponse) {
	definition, err := r.Omni.FindUserAttribute(ctx, plan.attribute())
	switch {
	case err != nil: // the server judges
	case definition == nil && !r.Omni.PlansUserAttribute(plan.attribute()):
		resp.Diagnostics.AddAttributeError(path.Root("attribute_name"), "No such Omni user attribute",
			base.UnknownUserAttribute(ctx, r.Omni, plan.attribute())+" If this configuration creates it, refer to the resource: attribute_name = dataconn_omni_user_attribute.<name>.name.")
		return
	case definition != nil:
		resp.Diagnostics.Append(plan.check(definition)...)
	}
	if !resp.Diagnostics.HasError() {
		for _, value := range r.unrouted(ctx, plan) {
			resp.Diagnostics.AddAttributeWarning(path.Root("attribute_name"), "A value leads to no environment",
				fmt.Sprintf("No environment of a base connection that is bound to %s has the value %q, nor is it a default value of one. So it routes to the base, as having no value does; case matters. If this run creates an environment with it, you can ignore this.", plan.attribute(), value))
		}
	}
}

// unrouted returns the values that lead nowhere, of an attribute that a base
// connection is bound to. Where environments cannot be read it says nothing.
func (r *valueResource) unrouted(ctx context.Context, plan model) []string {
	connections, err := r.Omni.Connections(ctx, omni.ConnectionFilter{})
	if err != nil {
		return nil
	}
	served, isBound := map[string]bool{}, map[string]bool{}
	for _, c := range connections {
		if c.Problem == nil && !c.IsDeleted() && c.UserAttributeName.Or("") == plan.attribute() {
			isBound[strings.ToLower(c.ID)] = true
			for _, value := range c.UserAttributeDefaultValues.Or(nil) {
				served[value] = true
			}
		}
	}
	if len(isBound) == 0 {
		return nil
	}
	environments, err := r.Omni.Environments(ctx)
	if err != nil {
		return nil
	}
	for _, e := range environments {
		if isBound[strings.ToLower(e.BaseConnectionID)] {
			for _, value := range e.Values.Or(nil) {
				served[value] = true
			}
		}
	}
	var left []string
	for _, value := range plan.values() {
		if !served[value] {
			left = append(left, value)
		}
	}
	return left
}

// Create gives the user the value. Another value that is there already was given by
// somebody else, and is not overwritten.
func (r *valueResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	plan, ctx, end := framework.Begin[model](ctx, req.Plan, timeouts.Value.Create, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	attempt := framework.Attempt{Action: "set the", Object: plan.object(), Needs: needs, Lookup: framework.ImportCommand(plan.userID(), plan.attribute())}
	before, origin, err := r.Omni.GiveUserValue(ctx, plan.userID(), plan.attribute(), plan.wire(r.definition(ctx, plan)))
	if errors.Is(err, inventory.ErrHasValue) {
		resp.Diagnostics.Append(attempt.Error(fmt.Errorf("the user has the value %q already. Overwriting it could route the user elsewhere.\n\n%s\n\nIf somebody else set it, take it over with\n\n  %s\n\nand plan again to see what would change",
			before.Values[plan.attribute()].Values, framework.MovedAdvice, attempt.Lookup)))
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose(attempt, plan, err))
		return
	}
	resp.Diagnostics.Append(plan.originWarning(origin)...)
	if origin == inventory.AsWanted {
		resp.Diagnostics.Append(base.NoteFound(ctx, resp.Private)...)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

// definition returns the definition of the attribute, nil where it cannot be read.
func (r *valueResource) definition(ctx context.Context, m model) *omni.UserAttribute {
	definition, err := r.Omni.FindUserAttribute(ctx, m.attribute())
	if err != nil {
		return nil
	}
	return definition
}

// diagnose words a write that failed.
func diagnose(attempt framework.Attempt, m model, err error) diag.Diagnostic {
	if errors.Is(err, inventory.ErrGone) {
		return diag.NewAttributeErrorDiagnostic(path.Root("user_id"), "No such Omni user", fmt.Sprintf("The user %s no longer exists.", m.userID()))
	}
	return attempt.Error(err)
}

// forget is for a write that failed and may have been carried out all the same:
// which value the user has is not known, and not every server tells.
func (m model) forget(ctx context.Context, err error, state *tfsdk.State) diag.Diagnostics {
	if !httpclient.MayBeDone(err) {
		return nil
	}
	m.Value, m.Values = types.StringNull(), types.SetNull(types.StringType)
	return state.Set(ctx, m)
}

// Read takes over the user's value. A server that does not return values leaves the
// state's.
func (r *valueResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	state, ctx, end := framework.Begin[model](ctx, req.State, timeouts.Value.Read, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	attempt := framework.Attempt{Action: "read the", Object: state.object(), Needs: needs}
	user, err := r.Omni.User(ctx, state.userID())
	gone := ""
	switch {
	case errors.Is(err, inventory.ErrGone):
		gone = "The user is no longer in the organization"
	case err != nil:
		resp.Diagnostics.Append(attempt.Error(err))
		return
	case user.OddValues[state.attribute()] != nil:
		resp.Diagnostics.Append(attempt.Error(user.OddValues[state.attribute()]))
		return
	case !user.HasValues && state.UserEmail.IsNull(): // an import
		resp.Diagnostics.Append(attempt.Error(omni.ErrNoAttributeValues))
		return
	case !user.HasValues:
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
		resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
		return
	case len(user.Values[state.attribute()].Values) == 0:
		gone = "The user no longer has a value of it"
	}
	if gone != "" {
		framework.Gone(ctx, resp, state.identity(), "A value of an Omni user", fmt.Sprintf("The %s no longer exists. %s. It is removed from the state; the next apply sets it again.", state.object(), gone))
		return
	}
	found := state.read(user)
	resp.Diagnostics.Append(framework.Refresh(ctx, resp, state, found)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, found.identity())...)
}

// Update sends the values, and nothing where none of them changed.
func (r *valueResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	state := framework.Decode[model](ctx, req.State, &resp.Diagnostics)
	plan, ctx, end := framework.Begin[model](ctx, req.Plan, timeouts.Value.Update, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	if !plan.Value.Equal(state.Value) || !plan.Values.Equal(state.Values) {
		if _, err := r.Omni.SetUserValue(ctx, plan.userID(), plan.attribute(), plan.wire(r.definition(ctx, plan))); err != nil {
			resp.Diagnostics.Append(state.forget(ctx, err, &resp.State)...)
			resp.Diagnostics.Append(diagnose(framework.Attempt{Action: "change the", Object: state.object(), Needs: needs}, plan, err))
			return
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

// Delete takes the value away, unless another address of this run has just given it.
func (r *valueResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	state, ctx, end := framework.Begin[model](ctx, req.State, timeouts.Value.Delete, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	isLeft, err := r.Omni.RemoveUserValue(ctx, state.userID(), state.attribute())
	if isLeft {
		resp.Diagnostics.Append(framework.KeptByDelete("the " + state.object()))
	}
	if err == nil {
		return
	}
	if httpclient.IsBadRequest(err) { // with the definition go the values
		if definition, findErr := r.Omni.FindUserAttribute(ctx, state.attribute()); findErr == nil && definition == nil {
			return
		}
	}
	resp.Diagnostics.Append(state.forget(ctx, err, &resp.State)...)
	resp.Diagnostics.Append(framework.Attempt{Action: "remove the", Object: state.object(), Needs: needs}.Error(err))
}

// ImportState takes <user>/<attribute>, where the user is an id or an e-mail address,
// or an identity.
func (r *valueResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	imported, diags := parseImport(ctx, req)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if err := checkName(imported.AttributeName.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("attribute_name"), "Invalid import id", err.Error()+".")
		return
	}
	id, problem := r.importedUserID(ctx, imported.UserID.ValueString())
	if problem != nil {
		resp.Diagnostics.Append(problem)
		return
	}
	imported.UserID = types.StringValue(id)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("user_id"), imported.UserID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("attribute_name"), imported.AttributeName)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, imported)...)
}

// parseImport reads what an import names; the user may still be an e-mail address.
func parseImport(ctx context.Context, req resource.ImportStateRequest) (imported identity, diags diag.Diagnostics) {
	if !framework.IsImportByText(req) {
		diags = req.Identity.Get(ctx, &imported)
		return imported, diags
	}
	at := strings.LastIndexByte(req.ID, '/')
	if at < 1 || at == len(req.ID)-1 {
		diags.AddAttributeError(path.Root("user_id"), "Invalid import id", fmt.Sprintf("%q is not <user>/<attribute>: the id or the e-mail address of a user, and the reference of a user attribute.", req.ID))
		return imported, diags
	}
	return identity{UserID: types.StringValue(req.ID[:at]), AttributeName: types.StringValue(req.ID[at+1:])}, nil
}

// importedUserID returns the id of the user that an id or an e-mail address names.
func (r *valueResource) importedUserID(ctx context.Context, text string) (string, diag.Diagnostic) {
	id, err := framework.ParseID(text)
	switch {
	case err == nil:
		return id, nil
	case !strings.Contains(text, "@"):
		return "", diag.NewAttributeErrorDiagnostic(path.Root("user_id"), "Invalid import id", err.Error()+". A user is imported by id, or by e-mail address.")
	}
	user, problem := base.FindUser(ctx, r.Omni, "", text)
	if problem != nil {
		return "", problem
	}
	return strings.ToLower(user.ID), nil
}
