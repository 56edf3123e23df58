// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package connectiondbt is dataconn_omni_connection_dbt.
package connectiondbt

import (
	"context"
	"errors"
	"fmt"

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
	_ resource.ResourceWithConfigure      = (*dbtResource)(nil)
	_ resource.ResourceWithIdentity       = (*dbtResource)(nil)
	_ resource.ResourceWithImportState    = (*dbtResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*dbtResource)(nil)
	_ resource.ResourceWithValidateConfig = (*dbtResource)(nil)
)

const needs = base.NeedsConnectionAdmin

type dbtResource struct {
	base.Resource
}

// NewResource returns the resource dataconn_omni_connection_dbt.
func NewResource() resource.Resource { return &dbtResource{} }

// Metadata names the resource.
func (r *dbtResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_omni_connection_dbt"
}

// Schema describes the attributes.
func (r *dbtResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema(ctx)
}

// IdentitySchema describes what identifies a configuration.
func (r *dbtResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identitySchema()
}

// ValidateConfig refuses what the authentication method cannot work with.
func (r *dbtResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	config := framework.Decode[model](ctx, req.Config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(checkMethod(config)...)
}

// ModifyPlan refuses a connection without a token, adopts what an import could
// not read, and shows a rotation of the token.
func (r *dbtResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	config, plan, state := framework.DecodePlan[model](ctx, req, &resp.Diagnostics)
	base.RefuseSharedEnd(ctx, r.Omni, "dbt", state.connectionID(), "the "+state.object(), req, resp)
	if req.Plan.Raw.IsNull() || resp.Diagnostics.HasError() {
		return
	}
	if req.State.Raw.IsNull() {
		resp.Diagnostics.Append(checkConnects(config, plan, model{})...)
		return
	}
	r.planUpdate(ctx, req, resp, config, plan, state)
}

func (r *dbtResource) planUpdate(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, config, plan, state model) {
	unread, diags := framework.Unread(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(base.RefuseWithConnection(r.Omni, path.Root("connection_id"), plan.ConnectionID, state.ConnectionID)...)
	adopted := plan.adopts(state, unread)
	if len(adopted) > 0 {
		resp.Diagnostics.Append(framework.AdoptionWarning(state.object(), adopted))
	}
	state = state.adopt(plan, adopted)
	planSecrets := r.Hashing.PlanSecrets
	if plan.connects(state) { // the server keeps no token for it
		planSecrets = framework.PlanNewSecrets
	}
	secrets, diags := planSecrets(ctx, req, token)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(checkConnects(config, plan, state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if plan.mayUseToken() { // with another method, the server drops the token
		resp.Diagnostics.Append(secrets.Warnings(state.object())...)
	}
	// Another method, or another installation, comes with settings of its own.
	if !plan.AuthMethod.Equal(state.AuthMethod) || !plan.GitHubAppInstallationID.Equal(state.GitHubAppInstallationID) {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("commit_signing_public_key"), types.StringUnknown())...)
		for name, configured := range config.newer() {
			if configured.IsNull() && name != "auth_method" {
				resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(name), types.StringUnknown())...)
			}
		}
	}
	secrets.Announce(ctx, req, resp)
}

// Create links the repository. A configuration that is there already was made by
// somebody else, and the models of the connection depend on it: it is not
// overwritten, unless this run would unlink it at another address.
func (r *dbtResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	plan, ctx, end := framework.Begin[model](ctx, req.Plan, timeouts.Value.Create, &resp.Diagnostics)
	defer end()
	secrets, diags := framework.NewSecrets(ctx, req, token)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}

	attempt := framework.Attempt{Action: "create the", Object: plan.object(), Needs: needs, Lookup: framework.ImportCommand(plan.connectionID())}
	existing, err := r.Omni.DBT(ctx, plan.connectionID())
	if errors.Is(err, inventory.ErrGone) {
		resp.Diagnostics.Append(base.NoSuchConnection(path.Root("connection_id"), plan.connectionID()))
		return
	}
	if err != nil && !errors.Is(err, omni.ErrDBTNotConfigured) {
		resp.Diagnostics.Append(attempt.AttributeError(path.Root("connection_id"), err))
		return
	}
	if err != nil {
		existing = nil
	}
	write := omni.DBTWrite{Settings: plan.settings(model{}), Token: secrets.Value(token)}
	written, origin, err := r.Omni.LinkDBT(ctx, plan.connectionID(), write, existing, existing != nil && plan.agrees(existing))
	if err != nil {
		resp.Diagnostics.Append(attempt.Error(plan.explainLink(err, existing, attempt.Lookup)))
		return
	}
	resp.Diagnostics.Append(plan.originWarning(origin)...)
	if origin == inventory.AsWanted {
		resp.Diagnostics.Append(base.NoteFound(ctx, resp.Private)...)
	}
	plan.CredentialsUpdatedAt = secrets.SentAt(plan.CredentialsUpdatedAt, types.StringNull())
	resp.Diagnostics.Append(secrets.Remember(ctx, req.Config, req.Plan, resp.Private)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
	r.save(ctx, req.Config, req.Plan, plan, written, &resp.State, &resp.Diagnostics)
}

// explainLink adds to a refused create what can be done about the configuration that
// is there.
func (m model) explainLink(err error, existing *omni.DBT, importCommand string) error {
	if !errors.Is(err, inventory.ErrLinked) {
		return explain(err)
	}
	return fmt.Errorf("%w, with the repository %s and the branch %q, which differs from this one. Overwriting it could break the models that use it.\n\n%s\n\nIf someone else created it, import it with\n\n  %s\n\nand plan again to see what would change",
		err, existing.SSHURL.Or(""), existing.Branch.Or(""), framework.MovedAdvice, importCommand)
}

// originWarning says what is not plain about how the configuration came to be.
func (m model) originWarning(origin inventory.Origin) diag.Diagnostics {
	const summary = "A dbt configuration existed already"
	object := framework.UpperFirst("the " + m.object())
	switch origin {
	case inventory.AsWanted:
		return diag.Diagnostics{diag.NewWarningDiagnostic(summary, object+" existed already, with these settings, so it stays, and this resource manages it now. "+framework.ExistingAdvice)}
	case inventory.TakenOver:
		return diag.Diagnostics{diag.NewWarningDiagnostic(summary, object+" was at another address, which this run destroys. It moved here instead, and has these settings now. A moved block shows that in the plan.")}
	case inventory.Remade:
		return diag.Diagnostics{framework.MadeAgain("the " + m.object())}
	}
	return nil
}

// save puts what was written into the state, with what the server filled in.
// Older servers do not return it, so it is read back; if it cannot be read, what
// is known stays, and the next refresh completes it.
func (r *dbtResource) save(ctx context.Context, config tfsdk.Config, plan tfsdk.Plan, written model, server *omni.DBT, state *tfsdk.State, diags *diag.Diagnostics) {
	diags.Append(state.Set(ctx, written.read(&omni.DBT{}))...)
	if server == nil {
		var err error
		if server, err = r.Omni.DBT(ctx, written.connectionID()); err != nil {
			diags.Append(framework.NotReadBack("the "+written.object(), err))
			return
		}
	}
	diags.Append(state.Set(ctx, written.read(server))...)
	diags.Append(framework.KeepPlanned(ctx, config, plan, state, written.object())...)
}

// Read takes over the server's configuration, and drops it from the state when
// the server says that there is none, or the connection is gone.
func (r *dbtResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	state, ctx, end := framework.Begin[model](ctx, req.State, timeouts.Value.Read, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	config, err := r.Omni.DBT(ctx, state.connectionID())
	if errors.Is(err, omni.ErrDBTNotConfigured) || errors.Is(err, omni.ErrDBTUnsupported) || errors.Is(err, inventory.ErrGone) {
		framework.Gone(ctx, resp, state.identity(), "An Omni dbt configuration", fmt.Sprintf("The %s no longer exists: %s. It is removed from the state; the next apply links the repository again.", state.object(), err))
		return
	}
	if err != nil {
		resp.Diagnostics.Append(framework.Attempt{Action: "read the", Object: state.object(), Needs: needs}.Error(err))
		return
	}
	resp.Diagnostics.Append(framework.NoteUnread(ctx, req.Private, resp.Private, absentAttributes(config))...)
	found := state.read(config)
	resp.Diagnostics.Append(framework.Refresh(ctx, resp, state, found)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, found.identity())...)
}

// Update sends what changed, with what the server would reset otherwise, and
// nothing where nothing did.
func (r *dbtResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	state := framework.Decode[model](ctx, req.State, &resp.Diagnostics)
	plan, ctx, end := framework.Begin[model](ctx, req.Plan, timeouts.Value.Update, &resp.Diagnostics)
	defer end()
	unread, diags := framework.Unread(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}

	adopted := plan.adopts(state, unread)
	prior := state.adopt(plan, adopted)
	plannedSecrets := framework.PlannedSecrets
	if plan.connects(prior) {
		plannedSecrets = framework.PlannedNewSecrets
	}
	secrets, diags := plannedSecrets(ctx, req, token)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	sends := plan.differs(prior) || secrets.Sends()
	var written *omni.DBT
	if sends {
		var err error
		written, err = r.Omni.SetDBT(ctx, state.connectionID(), omni.DBTWrite{Settings: plan.settings(prior), Token: secrets.Value(token)})
		if err != nil {
			resp.Diagnostics.Append(framework.Attempt{Action: "change the", Object: state.object(), Needs: needs}.Error(explain(err)))
			resp.Diagnostics.Append(secrets.Forget(ctx, err, &resp.State, resp.Private)...)
			framework.ForgetWritten(err, req.Plan, &resp.State, framework.Names(changeable)...)
			resp.Diagnostics.Append(framework.ForgetWhole(ctx, err, &resp.State, "branch")...)
			return
		}
	}
	plan.CredentialsUpdatedAt = secrets.SentAt(plan.CredentialsUpdatedAt, state.CredentialsUpdatedAt)
	resp.Diagnostics.Append(secrets.Remember(ctx, req.Config, req.Plan, resp.Private)...)
	resp.Diagnostics.Append(framework.Adopted(ctx, resp.Private, adopted)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
	if !sends {
		resp.Diagnostics.Append(resp.State.Set(ctx, plan.read(&omni.DBT{}))...)
		return
	}
	r.save(ctx, req.Config, req.Plan, plan, written, &resp.State, &resp.Diagnostics)
}

// Delete unlinks the repository, unless a create of this run took it over at
// another address.
func (r *dbtResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	state, ctx, end := framework.Begin[model](ctx, req.State, timeouts.Value.Delete, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	isLeft, err := r.Omni.DeleteDBT(ctx, state.connectionID())
	if isLeft {
		resp.Diagnostics.Append(framework.KeptByDelete("the " + state.object()))
	}
	if err != nil {
		resp.Diagnostics.Append(framework.Attempt{Action: "delete the", Object: state.object(), Needs: needs}.Error(err))
	}
}

// ImportState takes the id of the connection, as text or as identity.
func (r *dbtResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	framework.ImportByID(ctx, req, resp, "connection_id", "Import by the id of the connection.")
	resp.Diagnostics.Append(framework.MarkImported(ctx, resp.Private)...)
}
