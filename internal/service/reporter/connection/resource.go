// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package connection is dataconn_reporter_connection: the resource and its data
// sources.
package connection

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/reporter/base"
)

var (
	_ resource.ResourceWithConfigure      = (*connectionResource)(nil)
	_ resource.ResourceWithIdentity       = (*connectionResource)(nil)
	_ resource.ResourceWithImportState    = (*connectionResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*connectionResource)(nil)
	_ resource.ResourceWithValidateConfig = (*connectionResource)(nil)
)

const typeName = "_reporter_connection"

type connectionResource struct {
	base.Resource
}

// NewResource returns the resource dataconn_reporter_connection.
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

// ValidateConfig refuses an ssl mode of another type.
func (r *connectionResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	config := framework.Decode[model](ctx, req.Config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ssl, diags := config.ssl(ctx)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(checkSSLMode(config.Type, ssl.Mode)...)
}

// ModifyPlan settles the product, says why a connection is replaced, and shows a
// rotation of credentials.
func (r *connectionResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(r.planDestroy(ctx, req, resp)...)
		return
	}
	config, plan, state := framework.DecodePlan[model](ctx, req, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.ProductName = r.plannedProduct(config.ProductName, state.ProductName)
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("product_name"), plan.ProductName)...)
	if req.State.Raw.IsNull() {
		resp.Diagnostics.Append(checkNew(ctx, config, plan)...)
		return
	}
	r.planUpdate(ctx, req, resp, config, plan, state)
}

func (r *connectionResource) providerProduct() types.String {
	switch {
	case r.Reporter == nil:
		return types.StringNull()
	case r.Reporter.ProductNameUnknown:
		return types.StringUnknown()
	case r.Reporter.ProductName == "":
		return types.StringNull()
	}
	return types.StringValue(r.Reporter.ProductName)
}

// plannedProduct is the configured product, else the state's, else the
// provider's: a connection is not replaced because the provider's changed. Names
// that differ in case only are one product, so the state's spelling stays.
func (r *connectionResource) plannedProduct(configured, prior types.String) types.String {
	switch {
	case framework.IsSet(prior) && (configured.IsNull() || framework.IsSet(configured) && sameProduct(configured, prior)):
		return prior
	case configured.IsNull():
		return r.providerProduct()
	default:
		return configured
	}
}

func (r *connectionResource) planUpdate(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, config, plan, state model) {
	if config.ProductName.IsNull() && !sameProduct(plan.ProductName, r.providerProduct()) && framework.IsSet(r.providerProduct()) {
		resp.Diagnostics.AddAttributeWarning(path.Root("product_name"), "The connection stays in its product",
			fmt.Sprintf("%s belongs to product %q. The provider's product, %q, is for new connections only. Set product_name on the resource: to the former to keep the connection, to the latter to replace it.", state.object(), plan.ProductName.ValueString(), r.providerProduct().ValueString()))
	}
	if why := replacements(plan, state); len(why) > 0 {
		for _, name := range slices.Sorted(maps.Keys(why)) {
			resp.RequiresReplace = append(resp.RequiresReplace, path.Root(name))
			resp.Diagnostics.AddAttributeWarning(path.Root(name), "The connection is replaced", state.object()+" is deleted and created again: "+why[name])
		}
		return
	}
	secrets, diags := r.Hashing.PlanSecrets(ctx, req, password, sslKey)
	resp.Diagnostics.Append(diags...)
	ssl, diags := compareSSL(ctx, plan, state, secrets, req.Private)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(checkTypes(ctx, plan, state, req.Private)...)
	clears, diags := plan.clears(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if ssl.sends {
		resp.Diagnostics.Append(checkCA(ctx, plan)...)
	}
	resp.Diagnostics.Append(ssl.warnings(state.object())...)
	resp.Diagnostics.Append(warnChanges(config, plan, state, secrets)...)
	if plan.assigns(state) {
		resp.Diagnostics.AddAttributeWarning(path.Root("product_name"), "The connection is assigned to a product",
			fmt.Sprintf("%s has no product yet. It is assigned to %q, which cannot be undone.", state.object(), plan.ProductName.ValueString()))
	}
	sends := plan.changes(state.Settings) != reporter.ConnectionSettings{} || ssl.sends || clears || plan.assigns(state)
	if secrets.Announce(ctx, req, resp) || sends || !resp.Plan.Raw.IsFullyKnown() {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("updated_at"), types.StringUnknown())...)
	}
}

// replacements says, by attribute, why the service leaves no other way than to
// replace the connection. What is unknown and may turn out so counts: a
// replacement has to be planned before the value is known.
func replacements(plan, state model) map[string]string {
	why := map[string]string{}
	if plan.ProductName.IsUnknown() && framework.IsSet(state.ProductName) {
		why["product_name"] = fmt.Sprintf("the service cannot move a connection from product %q to another, and the new one is known only at apply.", state.ProductName.ValueString())
	}
	if framework.IsSet(plan.ProductName) && framework.IsSet(state.ProductName) && !sameProduct(plan.ProductName, state.ProductName) {
		why["product_name"] = fmt.Sprintf("the service cannot move a connection from product %q to %q.", state.ProductName.ValueString(), plan.ProductName.ValueString())
	}
	if plan.SSL.IsUnknown() && framework.IsSet(state.SSL) {
		why["ssl"] = "the service cannot remove ssl settings, and whether they stay is known only at apply. To keep the connection, write the block itself and leave only what is in it unknown."
	}
	if plan.Schema.IsUnknown() && framework.IsSet(state.Schema) && state.Schema.ValueString() != "" {
		why["schema"] = "the service cannot unset a schema, and whether there is one is known only at apply. To keep the connection, name the schema."
	}
	if plan.SSL.IsNull() && framework.IsSet(state.SSL) {
		why["ssl"] = "the service cannot remove ssl settings. To keep the connection, keep the block and choose a mode that does not encrypt."
	}
	if plan.Schema.IsNull() && framework.IsSet(state.Schema) && state.Schema.ValueString() != "" {
		why["schema"] = "the service cannot unset a schema. To keep the connection, set the schema to read."
	}
	return why
}

// Create makes the connection, and saves it before anything else can fail.
func (r *connectionResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	plan, ctx, end := framework.Begin[model](ctx, req.Plan, timeouts.Value.Create, &resp.Diagnostics)
	defer end()
	secrets, diags := framework.NewSecrets(ctx, req, password, sslKey)
	resp.Diagnostics.Append(diags...)
	ssl, diags := requestedSSL(ctx, plan, secrets)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}

	request := reporter.ConnectionCreate{ProductName: plan.ProductName.ValueString(), Settings: plan.changes(Settings{}), SSL: ssl}
	if value := secrets.Value(password); value != nil {
		request.Password = *value
	}
	connection, isFound, err := r.Reporter.Client.CreateConnectionOnce(ctx, request)
	if err != nil {
		attempt := framework.Attempt{Action: "create", Object: plan.object(), Needs: base.NeedsPost, Lookup: framework.ImportCommand(plan.ConfigName.ValueString())}
		resp.Diagnostics.Append(diagnose(attempt, explain(err, true))...)
		return
	}
	plan.CredentialsUpdatedAt = secrets.SentAt(plan.CredentialsUpdatedAt, types.StringNull())
	plan.Settings = read(connection, plan.Settings)
	if r.Reporter.Client.HasGivenUp(connection.ConfigName.Or("")) {
		resp.Diagnostics.Append(madeAgain(plan.object()))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
	resp.Diagnostics.Append(secrets.Remember(ctx, req.Config, req.Plan, resp.Private)...)
	if isFound {
		resp.Diagnostics.Append(framework.WasFound(plan.object(), " Its credentials are sent again."))
		resp.Diagnostics.Append(framework.Resend(ctx, resp.Private, framework.Attempt{Action: "send the credentials of", Object: plan.object(), Needs: base.NeedsPatch}, func(ctx context.Context) error {
			return r.Reporter.Client.SendCredentials(ctx, plan.ID.ValueString(), request)
		})...)
	}
	resp.Diagnostics.Append(framework.KeepPlanned(ctx, req.Config, req.Plan, &resp.State, plan.object())...)
	resp.Diagnostics.Append(r.test(ctx, plan)...)
}

// madeAgain says that the name of a new connection was given up in this run.
func madeAgain(object string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("A name changed hands in this run", object+" has the name of a connection that this run deleted or renamed. If it is the same one at another address of the configuration, a moved block keeps it. "+framework.OnPurposeAdvice)
}

// Read takes over the service's values.
func (r *connectionResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	state, ctx, end := framework.Begin[model](ctx, req.State, timeouts.Value.Read, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	connection, err := r.Reporter.Client.ReadConnection(ctx, state.ID.ValueString())
	if httpclient.IsMissing(err) {
		framework.Gone(ctx, resp, state.identity(), "A Reporter connection", state.object()+" no longer exists. It is removed from the state; the next apply creates a new one.")
		return
	}
	if err != nil {
		resp.Diagnostics.Append(framework.Attempt{Action: "read", Object: state.object(), Needs: base.NeedsGet}.Error(err))
		return
	}
	if connection.IsInternal() {
		resp.Diagnostics.AddError("An internal connection cannot be managed", fmt.Sprintf("%s is one of the service's own, which its environment defines: it can be neither changed nor deleted. Read it with the data source dataconn_reporter_connection.", connection.ID))
		return
	}
	ssl, diags := readSSL(ctx, connection, state)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(framework.NoteUnread(ctx, req.Private, resp.Private, unreadSSL(connection))...)
	resp.Diagnostics.Append(noteTypes(ctx, connection, resp.Private)...)
	resp.Diagnostics.Append(inDoubt.Clear(ctx, resp.Private)...)
	found := state
	found.Settings, found.SSL = read(connection, state.Settings), ssl
	resp.Diagnostics.Append(framework.Refresh(ctx, resp, state, found)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, found.identity())...)
}

// Update sends what changed, and nothing where nothing did.
func (r *connectionResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	state := framework.Decode[model](ctx, req.State, &resp.Diagnostics)
	plan, ctx, end := framework.Begin[model](ctx, req.Plan, timeouts.Value.Update, &resp.Diagnostics)
	defer end()
	secrets, diags := framework.PlannedSecrets(ctx, req, password, sslKey)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}

	ssl, diags := compareSSL(ctx, plan, state, secrets, req.Private)
	resp.Diagnostics.Append(diags...)
	clears, diags := plan.clears(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	update, diags := r.updateRequest(ctx, plan, state, secrets, ssl)
	resp.Diagnostics.Append(diags...)
	if clears {
		update.Settings.Metadata = nullable.Of(reporter.Metadata{})
	}
	if resp.Diagnostics.HasError() {
		return
	}
	connection, err := r.send(ctx, plan, state, update)
	if err != nil {
		attempt := framework.Attempt{Action: "change", Object: state.object(), Needs: base.NeedsPatch}
		if plan.assigns(state) {
			attempt.Needs = base.NeedsPost + ", and patch"
		}
		resp.Diagnostics.Append(diagnose(attempt, explain(err, false))...)
		if httpclient.MayBeDone(err) && update.SSL != nil {
			resp.Diagnostics.Append(forgetSSL(ctx, state, resp)...)
		}
		resp.Diagnostics.Append(secrets.Forget(ctx, err, &resp.State, resp.Private)...)
		resp.Diagnostics.Append(noteDoubt(ctx, err, plan, state, resp.Private)...)
		framework.ForgetWritten(err, req.Plan, &resp.State, "config_name", "type", "host", "port", "database_name", "user_name", "schema", "metadata")
		return
	}

	resp.Diagnostics.Append(inDoubt.Clear(ctx, resp.Private)...)
	if connection != nil {
		plan.Settings = read(connection, plan.Settings)
		resp.Diagnostics.Append(noteTypes(ctx, connection, resp.Private)...)
	}
	plan.CredentialsUpdatedAt = secrets.SentAt(plan.CredentialsUpdatedAt, state.CredentialsUpdatedAt)
	if plan.UpdatedAt.IsUnknown() {
		plan.UpdatedAt = state.UpdatedAt
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
	resp.Diagnostics.Append(secrets.Remember(ctx, req.Config, req.Plan, resp.Private)...)
	resp.Diagnostics.Append(framework.Adopted(ctx, resp.Private, ssl.adopted)...)
	resp.Diagnostics.Append(framework.KeepPlanned(ctx, req.Config, req.Plan, &resp.State, plan.object())...)
	if connection != nil || !state.TestConnection.ValueBool() {
		resp.Diagnostics.Append(r.test(ctx, plan)...)
	}
}

// updateRequest is what an update sends.
func (r *connectionResource) updateRequest(ctx context.Context, plan, state model, secrets framework.SecretChanges, ssl sslChange) (reporter.ConnectionUpdate, diag.Diagnostics) {
	update := reporter.ConnectionUpdate{Settings: plan.changes(state.Settings), Password: secrets.Value(password)}
	diags := r.keepTypes(ctx, state, &update.Settings)
	if ssl.sends {
		requested, sslDiags := requestedSSL(ctx, plan, secrets)
		diags.Append(sslDiags...)
		update.SSL = requested
	}
	return update, diags
}

// send carries out a change, and returns the connection as it is then; nil where
// there was nothing to send. A connection without a product has to be assigned
// before anything else can change.
func (r *connectionResource) send(ctx context.Context, plan, state model, update reporter.ConnectionUpdate) (*reporter.Connection, error) {
	id := state.ID.ValueString()
	var connection *reporter.Connection
	if plan.assigns(state) {
		assigned, err := r.Reporter.Client.AssignConnection(ctx, id, plan.ProductName.ValueString())
		if err != nil {
			return nil, err
		}
		connection = assigned
	}
	if update.IsEmpty() {
		return connection, nil
	}
	change := func() error {
		return reporter.WhileJobRuns(ctx, func() (err error) {
			connection, err = r.Reporter.Client.UpdateConnection(ctx, id, update)
			return err
		})
	}
	name, renames := update.Settings.ConfigName.Get()
	if !renames {
		return connection, change()
	}
	err := r.Reporter.Client.WhenNameIsFree(ctx, name, change)
	if err == nil {
		r.Reporter.Client.NoteGivenUp(state.ConfigName.ValueString())
	}
	return connection, err
}

// forgetSSL takes from the state what is not known of ssl after a change that may
// or may not have been carried out, and that no read would tell; the key is among
// the secrets. The next plan sends it, whatever the configuration is by then.
func forgetSSL(ctx context.Context, state model, resp *resource.UpdateResponse) diag.Diagnostics {
	diags := state.forgetSSL(ctx)
	diags.Append(framework.Adopted(ctx, resp.Private, []string{unreadCA, unreadCert})...)
	diags.Append(resp.State.Set(ctx, state)...)
	return diags
}

// Delete deletes the connection, once no job uses it.
func (r *connectionResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	state, ctx, end := framework.Begin[model](ctx, req.State, timeouts.Value.Delete, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	resp.Diagnostics.Append(r.takeDeletes(ctx, resp.Private)...)
	if err := r.Reporter.Client.RemoveConnection(ctx, state.ConfigName.ValueString(), state.ID.ValueString()); err != nil {
		resp.Diagnostics.Append(framework.Attempt{Action: "delete", Object: state.object(), Needs: base.NeedsDelete}.Error(err))
	}
}

// ImportState takes an id or a name, or an identity; the read that follows takes
// over the rest.
func (r *connectionResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	framework.ImportByIDOrName(ctx, req, resp, framework.Attempt{Action: "import", Object: "Reporter connection", Needs: base.NeedsGet}, r.idOf)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("test_connection"), false)...)
	resp.Diagnostics.Append(framework.MarkImported(ctx, resp.Private)...)
}

// idOf finds a connection by its name.
func (r *connectionResource) idOf(ctx context.Context, configName string) (string, error) {
	if base.CheckName(configName, 1) != nil {
		return "", errors.New("it is neither an id, which is a UUID, nor the name of a connection")
	}
	connection, err := r.Reporter.Client.FindConnection(ctx, configName)
	switch {
	case err != nil:
		return "", err
	case connection == nil:
		return "", errors.New("no connection has exactly this name; case matters. data.dataconn_reporter_connections lists those that there are")
	case connection.ID == "":
		return "", connection.Problem
	}
	return connection.ID, nil
}

// explain adds to a taken name what can be done and, for a new connection, how to
// take the other one over.
func explain(err error, isNew bool) error {
	taken, ok := errors.AsType[*reporter.NameTakenError](err)
	switch {
	case !ok || taken.Owner == nil:
		return err
	case !isNew:
		return fmt.Errorf("%w. %s", err, framework.NameTakenAdvice)
	}
	return fmt.Errorf("%w. If this run deletes that connection, its deletion could not begin. If its resource has a new address, add a moved block, or apply again: with -parallelism=1, one operation waits for the other. If this is its replacement, remove create_before_destroy from this resource and from those that depend on it: the name is free only after the delete. Otherwise choose another name, or take that connection over with\n\n  %s", err, framework.ImportCommand(taken.Owner.ID))
}

// test has the service try the connection, if that is wanted. A connection that
// cannot connect was made all the same.
func (r *connectionResource) test(ctx context.Context, m model) diag.Diagnostics {
	if !m.TestConnection.ValueBool() {
		return nil
	}
	at := path.Root("test_connection")
	result, err := r.Reporter.Client.TestConnection(ctx, m.ID.ValueString())
	words := result.Message
	switch {
	case err == nil && result.Success:
		return nil
	case reporter.IsDatabaseUnreachable(err):
		words = err.Error()
	case err != nil:
		attempt := framework.Attempt{Action: "test", Object: m.object(), Needs: base.NeedsPost}
		return diag.Diagnostics{diag.WithPath(at, attempt.Warning(err, "It was saved, but not tested: whether the service can connect to its database is not known."))}
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(at, base.Unreachable,
		fmt.Sprintf("%s was saved, but its test failed. The service says: %s", m.object(), words))}
}

// diagnose puts what the service said about a field on its attribute.
func diagnose(attempt framework.Attempt, err error) diag.Diagnostics {
	fields := reporter.FieldErrors(err)
	if len(fields) == 0 {
		return diag.Diagnostics{attempt.Error(err)}
	}
	var diags diag.Diagnostics
	for field := range fields {
		p := path.Empty()
		for part := range strings.SplitSeq(field, ".") {
			p = p.AtName(framework.AttributeName(part))
		}
		diags.Append(attempt.AttributeError(p, err))
	}
	return diags
}

// requestedSSL is the planned block with the key that the plan has; nil for none.
func requestedSSL(ctx context.Context, plan model, secrets framework.SecretChanges) (*reporter.SSL, diag.Diagnostics) {
	if !framework.IsSet(plan.SSL) {
		return nil, nil
	}
	block, diags := plan.ssl(ctx)
	return sslRequest(block, secrets.Of(sslKey).Current), diags
}
