// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package userattribute is dataconn_omni_user_attribute, as resource and as data
// source, and the data source dataconn_omni_user_attributes.
package userattribute

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
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
	_ resource.ResourceWithConfigure      = (*attributeResource)(nil)
	_ resource.ResourceWithIdentity       = (*attributeResource)(nil)
	_ resource.ResourceWithImportState    = (*attributeResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*attributeResource)(nil)
	_ resource.ResourceWithValidateConfig = (*attributeResource)(nil)
)

const (
	typeName = "_omni_user_attribute"
	needs    = "the right to manage user attributes, which organization admins have"
)

type attributeResource struct {
	base.Resource
}

// NewResource returns the resource dataconn_omni_user_attribute.
func NewResource() resource.Resource { return &attributeResource{} }

// Metadata names the resource.
func (r *attributeResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + typeName
}

// Schema describes the attributes.
func (r *attributeResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema(ctx)
}

// IdentitySchema describes what identifies a user attribute.
func (r *attributeResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identitySchema()
}

// ValidateConfig judges the default values by what else is configured.
func (r *attributeResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	config := framework.Decode[model](ctx, req.Config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(config.check()...)
}

// ModifyPlan says what a new attribute will have where nothing is configured, and
// judges the default values by that too.
func (r *attributeResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	config, plan, state := framework.DecodePlan[model](ctx, req, &resp.Diagnostics)
	isNew := req.State.Raw.IsNull()
	base.RefuseSharedEnd(ctx, r.Omni, "user attribute", state.ID.ValueString(), state.object(), req, resp)
	if req.Plan.Raw.IsNull() || resp.Diagnostics.HasError() {
		return
	}
	if isNew {
		plan = plan.complete(config)
		resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
	}
	resp.Diagnostics.Append(plan.check()...)
	if !framework.IsSet(plan.Name) || plan.Name.Equal(state.Name) {
		return
	}
	if r.Omni != nil {
		r.Omni.PlanUserAttribute(plan.Name.ValueString())
	}
	if !isNew {
		resp.Diagnostics.AddAttributeWarning(path.Root("name"), "A user attribute is renamed",
			fmt.Sprintf("%q becomes %q. SQL, embed logins and SCIM clients that use the former name break, and a base connection that stays bound to it sends all users to the base connection. Change them as well; the users' values are kept.", state.Name.ValueString(), plan.Name.ValueString()))
	}
}

// mayBeRenamed marks an attribute that a create took over, until the next read: where
// another resource of the same run had it all along and renames it later, it is that
// one's.
const mayBeRenamed framework.Mark = "may_be_renamed"

// Create makes the attribute, or takes over one that is just like it. The request
// says all that the server could choose, so nothing is read back.
func (r *attributeResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	plan, ctx, end := framework.Begin[model](ctx, req.Plan, timeouts.Value.Create, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	id, origin, err := r.Omni.ObtainUserAttribute(ctx, plan.createRequest(), plan.changesOf)
	if err != nil {
		attempt := framework.Attempt{Action: "create", Object: plan.object(), Needs: needs, Lookup: framework.ImportCommand(plan.Name.ValueString())}
		resp.Diagnostics.Append(attempt.Error(r.explain(ctx, plan, err)))
		return
	}
	plan.ID = types.StringValue(id)
	resp.Diagnostics.Append(plan.originWarning(origin)...)
	if origin == inventory.AsWanted {
		resp.Diagnostics.Append(mayBeRenamed.Set(ctx, resp.Private)...)
		resp.Diagnostics.Append(base.NoteFound(ctx, resp.Private)...)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

// explain adds to a refusal what a user can do: on a server that cannot write,
// and for a name that is taken.
func (r *attributeResource) explain(ctx context.Context, plan model, err error) error {
	switch {
	case errors.Is(err, omni.ErrNoUserAttributeWrites):
		return fmt.Errorf("%w. That needs a server of September 2026 or newer. Create or change %q in Omni's user interface, remove this resource from the configuration (with a removed block, if it is in the state), and refer to data.dataconn_omni_user_attribute instead", err, plan.Name.ValueString())
	case !httpclient.IsBadRequest(err) && !httpclient.IsConflict(err):
		return err
	}
	existing, findErr := r.Omni.FindUserAttribute(ctx, plan.Name.ValueString())
	switch {
	case findErr != nil || existing == nil || existing.ID == "" || existing.ID == plan.ID.ValueString():
		return explainName(err, plan.Name.ValueString())
	case framework.IsSet(plan.ID): // a new name for an attribute
		return fmt.Errorf("%w. The name belongs to user attribute %s, and names are unique. %s", err, existing.ID, framework.NameTakenAdvice)
	}
	return fmt.Errorf("%w. Omni has a user attribute of this name already; names are unique, so create_before_destroy cannot work.\n\n%s\n\nIf this run gives that one another name, apply again. If someone else created it, import it with\n\n  %s", err, framework.MovedAdvice, framework.ImportCommand(existing.ID))
}

// plainName matches the names that are certain to work wherever they are used.
var plainName = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

// explainName adds to a refused name what may be wrong with it. Omni does not document
// which characters it takes, so only its answer shows that it does not take these.
func explainName(err error, name string) error {
	if omni.RefusesName(err) && !plainName.MatchString(name) {
		return fmt.Errorf("%w. %q has characters that are neither letters, digits nor _. The name is the reference in SQL, and Omni does not document which others it may have: choose one without them. The label may have them", err, name)
	}
	return err
}

// Read takes over what the server lists.
func (r *attributeResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	state, ctx, end := framework.Begin[model](ctx, req.State, timeouts.Value.Read, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	attribute, err := r.Omni.UserAttribute(ctx, state.ID.ValueString())
	if errors.Is(err, inventory.ErrGone) {
		framework.Gone(ctx, resp, state.identity(), "An Omni user attribute", state.object()+" no longer exists. The users' values of it are lost, and base connections that are bound to it send everybody to the base connection. It is removed from the state; the next apply creates a new one, without values.")
		return
	}
	if err != nil {
		resp.Diagnostics.Append(framework.Attempt{Action: "read", Object: state.object(), Needs: needs}.Error(err))
		return
	}
	isTaken, diags := mayBeRenamed.IsSet(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if isTaken && attribute.Name != state.Name.ValueString() {
		framework.Gone(ctx, resp, state.identity(), "An Omni user attribute", fmt.Sprintf("%s existed already when this resource was created, which took it over, and was renamed to %q since. So it is removed from the state; the next apply creates a new one, without values.", state.object(), attribute.Name))
		return
	}
	if isTaken {
		resp.Diagnostics.Append(mayBeRenamed.Clear(ctx, resp.Private)...)
	}
	found := state
	found.settings = state.read(attribute)
	resp.Diagnostics.Append(framework.Refresh(ctx, resp, state, found)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, found.identity())...)
}

// Update sends what differs.
func (r *attributeResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	state := framework.Decode[model](ctx, req.State, &resp.Diagnostics)
	plan, ctx, end := framework.Begin[model](ctx, req.Plan, timeouts.Value.Update, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	wasTaken, err := r.Omni.RenameUserAttribute(ctx, state.Name.ValueString(), state.ID.ValueString(), plan.changes(state))
	if err != nil {
		resp.Diagnostics.Append(framework.Attempt{Action: "change", Object: state.object(), Needs: needs}.Error(r.explain(ctx, plan, err)))
		framework.ForgetWritten(err, req.Plan, &resp.State, "name", "label", "description", "multiple_values", "default_values")
		return
	}
	if wasTaken {
		resp.Diagnostics.AddWarning("One user attribute had two resources in this run",
			fmt.Sprintf("%s was taken over by a resource of the name %q, which was created before this one gave the name up. It belongs to this resource, with the users' values. Apply again: that creates an attribute for the other one.", plan.object(), state.Name.ValueString()))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

// Delete removes the attribute and every user's value of it.
func (r *attributeResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	state, ctx, end := framework.Begin[model](ctx, req.State, timeouts.Value.Delete, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	isLeft, err := r.Omni.ReleaseUserAttribute(ctx, state.Name.ValueString(), state.ID.ValueString())
	if isLeft {
		resp.Diagnostics.Append(framework.KeptByDelete(state.object()))
	}
	if err != nil {
		resp.Diagnostics.Append(framework.Attempt{Action: "delete", Object: state.object(), Needs: needs}.Error(r.explain(ctx, state, err)))
	}
}

// ImportState takes an id, a name, or an identity.
func (r *attributeResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	framework.ImportByIDOrName(ctx, req, resp, framework.Attempt{Action: "import", Object: "Omni user attribute", Needs: needs}, r.idOf)
}

// idOf finds an attribute by its name.
func (r *attributeResource) idOf(ctx context.Context, name string) (string, error) {
	if omni.IsSystemName(name) {
		return "", systemError(name)
	}
	attribute, err := r.Omni.FindUserAttribute(ctx, name)
	switch {
	case err != nil:
		return "", err
	case attribute == nil:
		return "", errors.New("it is neither an id, which is a UUID, nor the name of a user attribute; case matters")
	case attribute.ID == "":
		return "", systemError(name)
	}
	return attribute.ID, nil
}
