// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package connection is dataconn_omni_connection: the resource and its data
// sources.
package connection

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

var (
	_ resource.ResourceWithConfigure      = (*connectionResource)(nil)
	_ resource.ResourceWithIdentity       = (*connectionResource)(nil)
	_ resource.ResourceWithImportState    = (*connectionResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*connectionResource)(nil)
	_ resource.ResourceWithValidateConfig = (*connectionResource)(nil)
)

const typeName = "_omni_connection"

type connectionResource struct {
	base.Resource
}

// NewResource returns the resource dataconn_omni_connection.
func NewResource() resource.Resource { return &connectionResource{} }

// Metadata names the resource.
func (r *connectionResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + typeName
}

// Schema describes the attributes.
func (r *connectionResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema(ctx)
}

// IdentitySchema describes what identifies a connection.
func (r *connectionResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identitySchema()
}

// ValidateConfig refuses what the dialect cannot work with.
func (r *connectionResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	config := framework.Decode[model](ctx, req.Config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(checkDialect(config)...)
	resp.Diagnostics.Append(checkServiceAccount(config)...)
	resp.Diagnostics.Append(checkPrivateKey(config)...)
}

// ModifyPlan refuses to destroy a protected connection, decides between change
// and replacement, and shows a rotation of credentials.
func (r *connectionResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	switch {
	case req.Plan.Raw.IsNull():
		r.planDestroy(ctx, req, resp)
	case req.State.Raw.IsNull():
		r.planCreate(ctx, req, resp)
	default:
		r.planUpdate(ctx, req, resp)
	}
}

func (r *connectionResource) planDestroy(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	state := framework.Decode[model](ctx, req.State, &resp.Diagnostics)
	if !resp.Diagnostics.HasError() && r.protects(state) {
		resp.Diagnostics.Append(protected(state, "destroyed", "Set deletion_protection = false, apply, and then destroy: a value that was not applied does not count."))
	}
}

func (r *connectionResource) planCreate(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	config, plan := framework.Decode[model](ctx, req.Config, &resp.Diagnostics), framework.Decode[model](ctx, req.Plan, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(checkCredentials(config)...)
	if settings, changed := plan.withoutUnused(config.Settings); changed {
		plan.Settings = settings
		resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
	}
	if r.Omni != nil {
		r.Omni.PlanConnection(plan.Name.ValueString(), plan.Dialect.ValueString())
	}
	if r.Omni != nil && framework.IsSet(plan.Name) && framework.IsSet(plan.Dialect) && !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(r.leftOver(ctx, plan)...)
	}
}

// leftoverAge is how old a connection may be that still counts as left behind by
// an earlier run. Older ones are somebody's.
const leftoverAge = 24 * time.Hour

// shownLeftovers is how many of them a warning names.
const shownLeftovers = 3

// leftOver warns of connections that are the same as the new one, the base role
// aside, which may be set after the create only. A run that is killed after Omni made
// a connection cannot note its id, and the next one would make a second. It is a
// warning: names are not unique in Omni, and two connections that differ in what it
// does not show, such as the password, may be wanted.
func (r *connectionResource) leftOver(ctx context.Context, plan model) diag.Diagnostics {
	request := plan.createRequest(omni.ConnectionSecrets{})
	request.Settings = request.Settings.Without([]string{"baseRole"})
	var ids, commands []string
	more := 0
	for _, c := range r.Omni.Lookalikes(ctx, request, time.Now().Add(-leftoverAge)) {
		if len(ids) == shownLeftovers {
			more++
			continue
		}
		id := c.ID
		if created := c.CreatedAt.Or(""); created != "" {
			id += ", made at " + created
		}
		ids = append(ids, id)
		commands = append(commands, "  "+framework.ImportCommand(c.ID))
	}
	if len(ids) == 0 {
		return nil
	}
	if more > 0 {
		ids = append(ids, fmt.Sprintf("and %d more", more))
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("A connection like this one exists already",
		fmt.Sprintf("Omni has %s connection %q with the same settings, base_role aside (%s), and an apply creates another one. If a run that was killed left it behind, take it over instead, with\n\n%s\n\nIf this run replaces it, or you want both, there is nothing to do.",
			framework.WithArticle(plan.Dialect.ValueString()), plan.Name.ValueString(), strings.Join(ids, "; "), strings.Join(commands, "\n")))}
}

func (r *connectionResource) planUpdate(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	secrets, diags := r.Hashing.PlanSecrets(ctx, req, credentials...)
	resp.Diagnostics.Append(diags...)
	if !secrets.NeedPlan() && framework.IsUnchanged(req.Plan, req.State) {
		return
	}
	config, plan, state := framework.DecodePlan[model](ctx, req, &resp.Diagnostics)
	unread, diags := framework.Unread(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}

	// The server takes one of the two: configuring one takes the other away.
	for name, planned := range config.displacedHosts(&plan) {
		*planned = types.StringNull()
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(name), *planned)...)
	}

	adopted := plan.adopts(state, unread)
	if len(adopted) > 0 {
		resp.Diagnostics.Append(framework.AdoptionWarning(state.object(), framework.AttributeNames(adopted)))
	}

	if !plan.Dialect.Equal(state.Dialect) && r.Omni != nil {
		r.Omni.PlanDialect(state.ID.ValueString(), plan.Dialect.ValueString())
	}
	for _, change := range plan.createOnlyChanges(state, unread, adopted) {
		resp.RequiresReplace = append(resp.RequiresReplace, path.Root(change))
		if r.protects(state) {
			var former types.String
			resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root(change), &former)...)
			resp.Diagnostics.Append(protected(state, "replaced, because "+change+" cannot change in place",
				fmt.Sprintf("Restore the former value (%s), or set deletion_protection = false, apply, and make the change after that.", former)))
		}
	}

	resp.Diagnostics.Append(secrets.Warnings(state.object())...)
	secrets.Announce(ctx, req, resp)
}

// Create makes the connection. Omni returns nothing but its id, which is saved
// before anything else can fail.
func (r *connectionResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	plan, ctx, end := framework.Begin[model](ctx, req.Plan, timeouts.Value.Create, &resp.Diagnostics)
	defer end()
	secrets, diags := framework.NewSecrets(ctx, req, credentials...)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}

	id, isFound, left, err := r.create(ctx, plan.createRequest(secretsOf(secrets)))
	if err != nil {
		resp.Diagnostics.Append(framework.Attempt{
			Action: "create", Object: plan.object(), Needs: base.NeedsAdmin,
			Lookup: framework.ImportCommand("<id>"),
		}.Error(err))
		return
	}
	plan.ID = types.StringValue(id)
	plan.CredentialsUpdatedAt = secrets.SentAt(plan.CredentialsUpdatedAt, types.StringNull())
	plan.Settings = read(bareAnswer(id), plan.Settings)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
	resp.Diagnostics.Append(secrets.Remember(ctx, req.Config, req.Plan, resp.Private)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if isFound {
		resp.Diagnostics.Append(framework.WasFound(plan.object(), " Its credentials are sent again."))
		resp.Diagnostics.Append(framework.Resend(ctx, resp.Private, framework.Attempt{Action: "send the credentials of", Object: plan.object()}, func(ctx context.Context) error {
			return r.Omni.UpdateConnection(ctx, id, omni.ConnectionUpdate{Secrets: secretsOf(secrets)})
		})...)
	}
	if err := r.Omni.UpdateConnection(ctx, id, omni.ConnectionUpdate{Settings: left}); err != nil {
		err = r.undo(ctx, err, id, isFound, resp)
		resp.Diagnostics.Append(framework.Attempt{Action: "set the base role of", Object: plan.object(), Needs: base.NeedsConnectionAdmin}.AttributeError(path.Root("base_role"), err))
		return
	}

	r.readBack(ctx, req.Config, req.Plan, plan, &resp.State, &resp.Diagnostics)
}

// create makes the connection. Where the server takes the base role in a change only,
// it is left to one.
func (r *connectionResource) create(ctx context.Context, request omni.ConnectionCreate) (id string, isFound bool, left omni.ConnectionSettings, err error) {
	id, isFound, err = r.Omni.CreateConnection(ctx, request)
	if omni.RefusesBaseRole(err) && !request.Settings.BaseRole.IsZero() {
		left.BaseRole = request.Settings.BaseRole
		request.Settings = request.Settings.Without([]string{"baseRole"})
		id, isFound, err = r.Omni.CreateConnection(ctx, request)
	}
	return id, isFound, left, err
}

// undo deletes a connection that was made without its base role. Where that fails
// too, or the connection was found, the state keeps its id and claims no role.
func (r *connectionResource) undo(ctx context.Context, cause error, id string, isFound bool, resp *resource.CreateResponse) error {
	if !isFound {
		err := framework.Undo(ctx, resp, func(ctx context.Context) error { return r.Omni.DeleteConnection(ctx, id) })
		if err == nil {
			return fmt.Errorf("%w. The connection was deleted again, so the next apply starts clean", cause)
		}
		cause = fmt.Errorf("%w. Deleting the connection again failed too: %w", cause, err)
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("base_role"), types.StringNull())...)
	return fmt.Errorf("%w. The connection itself is there and in the state. Terraform marks it as tainted, so that the next apply would replace it; to keep it, run first\n\n  terraform untaint <address of this resource>", cause)
}

// Read takes over the server's values, and drops the connection from the state
// when it is certain that it does not exist.
func (r *connectionResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	state, ctx, end := framework.Begin[model](ctx, req.State, timeouts.Value.Read, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	connection, err := r.Omni.Connection(ctx, state.ID.ValueString())
	if errors.Is(err, inventory.ErrGone) {
		framework.Gone(ctx, resp, state.identity(), "An Omni connection", fmt.Sprintf("%s is gone, or in Omni's trash: %s.", state.object(), err)+" It is removed from the state; the next apply creates a new one. To keep it, restore it from the trash in Omni's user interface before you apply.")
		return
	}
	if err != nil {
		resp.Diagnostics.Append(framework.Attempt{Action: "read", Object: state.object(), Needs: base.NeedsToReadConnection}.Error(err))
		return
	}
	resp.Diagnostics.Append(framework.NoteUnread(ctx, req.Private, resp.Private, absentKeys(connection))...)
	if r.protects(state) { // for the plans of what rests on the connection
		r.Omni.NoteProtected(state.ID.ValueString(), state.Name.ValueString(), state.Dialect.ValueString())
	}
	found := state
	found.Settings = read(connection, state.Settings)
	resp.Diagnostics.Append(framework.Refresh(ctx, resp, state, found)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
}

// Update sends what changed, and nothing where nothing did.
func (r *connectionResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	state := framework.Decode[model](ctx, req.State, &resp.Diagnostics)
	plan, ctx, end := framework.Begin[model](ctx, req.Plan, timeouts.Value.Update, &resp.Diagnostics)
	defer end()
	secrets, diags := framework.PlannedSecrets(ctx, req, credentials...)
	resp.Diagnostics.Append(diags...)
	unread, diags := framework.Unread(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}

	adopted := plan.adopts(state, unread)
	attempt := framework.Attempt{Action: "change", Object: state.object(), Needs: base.NeedsConnectionAdmin}
	update := omni.ConnectionUpdate{Settings: plan.changes(state.Settings).Without(adopted), Secrets: secretsOf(secrets)}
	if err := r.Omni.UpdateConnection(ctx, state.ID.ValueString(), update); err != nil {
		resp.Diagnostics.Append(attempt.Error(err))
		resp.Diagnostics.Append(secrets.Forget(ctx, err, &resp.State, resp.Private)...)
		framework.ForgetWritten(err, req.Plan, &resp.State, framework.Names(changeable)...)
		return
	}

	plan.CredentialsUpdatedAt = secrets.SentAt(plan.CredentialsUpdatedAt, state.CredentialsUpdatedAt)
	plan.Settings = read(bareAnswer(state.ID.ValueString()), plan.Settings)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	resp.Diagnostics.Append(secrets.Remember(ctx, req.Config, req.Plan, resp.Private)...)
	resp.Diagnostics.Append(framework.Adopted(ctx, resp.Private, adopted)...)
	if !update.IsEmpty() {
		r.readBack(ctx, req.Config, req.Plan, plan, &resp.State, &resp.Diagnostics)
	}
}

// readBack completes the state after a write with what the server filled in. If
// it cannot be read, what is known stays, and the next refresh completes it: a
// write that succeeded is not reported as a failure.
func (r *connectionResource) readBack(ctx context.Context, config tfsdk.Config, plan tfsdk.Plan, written model, state *tfsdk.State, diags *diag.Diagnostics) {
	connection, err := r.Omni.WrittenConnection(ctx, written.ID.ValueString())
	if err != nil {
		diags.Append(framework.NotReadBack(written.object(), err))
		return
	}
	written.Settings = read(connection, written.Settings)
	diags.Append(state.Set(ctx, written)...)
	diags.Append(framework.KeepPlanned(ctx, config, plan, state, written.object())...)
}

// Delete moves the connection to Omni's trash. The plan cannot see -replace or a
// taint, so the protection is checked here once more.
func (r *connectionResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	state, ctx, end := framework.Begin[model](ctx, req.State, timeouts.Value.Delete, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}
	if r.protects(state) {
		resp.Diagnostics.Append(protected(state, "destroyed",
			"If a taint, -replace or replace_triggered_by asked for this, undo it: terraform untaint, apply without -replace, or remove the trigger. To destroy the connection anyway, set deletion_protection = false, apply while nothing asks for the replacement, and destroy after that."))
		return
	}

	if err := r.Omni.DeleteConnection(ctx, state.ID.ValueString()); err != nil {
		resp.Diagnostics.Append(framework.Attempt{Action: "delete", Object: state.object(), Needs: base.NeedsConnectionAdmin}.Error(err))
	}
}

// ImportState takes an id, as text or as identity; the read that follows takes
// over the rest.
func (r *connectionResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	framework.ImportByID(ctx, req, resp, "id", "The id is part of the connection's URL in Omni; data.dataconn_omni_connections lists all of them.")
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("deletion_protection"), true)...)
	resp.Diagnostics.Append(framework.MarkImported(ctx, resp.Private)...)
}

// protects reports whether the connection must not be deleted.
func (r *connectionResource) protects(state model) bool {
	return state.isProtected() && (r.Omni == nil || !r.Omni.MayDelete(state.ID.ValueString()))
}

// isProtected reads a missing value as true: the default.
func (m model) isProtected() bool {
	return m.DeletionProtection.IsNull() || m.DeletionProtection.ValueBool()
}

func protected(state model, what, advice string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("deletion_protection"), "The connection is protected against deletion",
		fmt.Sprintf("%s cannot be %s while deletion_protection is true: Omni would send all models and dashboards on it to the trash and erase its credentials for good.\n\n%s\n\n%s", state.object(), what, advice, base.AllowDeletion(state.ID.ValueString())))
}

// displacedHosts returns, by name, the planned value of whichever of host and
// host_override is not configured while the other is.
func (m model) displacedHosts(plan *model) map[string]*types.String {
	switch {
	case m.Host.IsNull() && !isEmpty(m.HostOverride):
		return map[string]*types.String{"host": &plan.Host}
	case m.HostOverride.IsNull() && !isEmpty(m.Host):
		return map[string]*types.String{"host_override": &plan.HostOverride}
	default:
		return nil
	}
}

// createOnlyChanges lists the attributes that changed, or may have, and can be
// given to a create only: what is unknown in a plan has to replace in that plan.
// What an import left unread is adopted, and no change.
func (m model) createOnlyChanges(state model, unread, adopted []string) []string {
	var changed []string
	for _, a := range []struct {
		name, key   string
		plan, state types.String
	}{
		{"dialect", "dialect", m.Dialect, state.Dialect},
		{"wif_audience", wifAudienceKey, m.WIFAudience, state.WIFAudience},
		{"wif_service_account_email", wifServiceAccountEmailKey, m.WIFServiceAccountEmail, state.WIFServiceAccountEmail},
	} {
		mayAdopt := a.plan.IsUnknown() && a.state.IsNull() && slices.Contains(unread, a.key)
		if !a.plan.Equal(a.state) && !mayAdopt && !slices.Contains(adopted, a.key) {
			changed = append(changed, a.name)
		}
	}
	return changed
}

func secretsOf(changes framework.SecretChanges) omni.ConnectionSecrets {
	return omni.ConnectionSecrets{
		Password:          changes.Value(password),
		PrivateKey:        changes.Value(privateKey),
		OAuthClientSecret: changes.Value(oauthClientSecret),
	}
}
