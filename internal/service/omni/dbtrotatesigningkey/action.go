// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package dbtrotatesigningkey is the action dataconn_omni_dbt_rotate_signing_key.
package dbtrotatesigningkey

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

var _ action.ActionWithConfigure = (*rotateAction)(nil)

type rotateAction struct {
	base.Action
}

// NewAction returns the action dataconn_omni_dbt_rotate_signing_key.
func NewAction() action.Action { return &rotateAction{} }

type model struct {
	ConnectionID   types.String `tfsdk:"connection_id"`
	CommitterEmail types.String `tfsdk:"commit_signing_committer_email"`
	CommitterName  types.String `tfsdk:"commit_signing_committer_name"`
	framework.TimedAction
}

// Metadata names the action.
func (a *rotateAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_omni_dbt_rotate_signing_key"
}

// Schema describes the attributes.
func (a *rotateAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Makes Omni generate a new key for signing its commits to a connection's dbt repository, which it reaches through its GitHub app (see `dataconn_omni_connection_dbt`). The action shows the new public key; `commit_signing_public_key` of the resource has it after the next refresh. Register it with the Git host.\n\n" +
			"To use a private key of your own, enter it in Omni: the arguments of an action are not kept secret. The API key needs Connection Admin on the connection, and the server must be of August 2026 or later.",
		Attributes: map[string]schema.Attribute{
			"connection_id": schema.StringAttribute{
				MarkdownDescription: "Id of the connection (a UUID).",
				Required:            true,
			},
			"commit_signing_committer_email": schema.StringAttribute{
				MarkdownDescription: "New e-mail address of the committer. Needs `commit_signing_committer_name`. If not set, it stays as it is. If the resource sets it, change it there.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.LengthBetween(1, 320), stringvalidator.AlsoRequires(path.MatchRoot("commit_signing_committer_name"))},
			},
			"commit_signing_committer_name": schema.StringAttribute{
				MarkdownDescription: "New name of the committer. Needs `commit_signing_committer_email`. If not set, it stays as it is. If the resource sets it, change it there.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.LengthBetween(1, 255), stringvalidator.AlsoRequires(path.MatchRoot("commit_signing_committer_email"))},
			},
			"timeouts": framework.ActionTimeouts(ctx),
		},
	}
}

// Invoke rotates the key.
func (a *rotateAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	config, ctx, end := framework.Begin[model](ctx, req.Config, timeouts.Value.Invoke, &resp.Diagnostics)
	defer end()
	id := framework.ReferencedID(path.Root("connection_id"), config.ConnectionID, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	configured, err := a.Omni.RotateDBTSigningKey(ctx, id, omni.SigningKeyRotation{
		CommitterEmail: framework.ChangedString(config.CommitterEmail, types.StringNull()),
		CommitterName:  framework.ChangedString(config.CommitterName, types.StringNull()),
	})
	switch {
	case errors.Is(err, inventory.ErrGone):
		resp.Diagnostics.Append(base.NoSuchConnection(path.Root("connection_id"), id))
		return
	case err != nil:
		resp.Diagnostics.Append(framework.Attempt{
			Action: "rotate the commit signing key of", Object: "Omni connection " + id, Needs: base.NeedsConnectionAdmin,
		}.Error(explain(err)))
		return
	}
	message := fmt.Sprintf("Omni signs its commits to the dbt repository of connection %s with a new key.", id)
	if key, ok := configured.SigningPublicKey.Get(); ok {
		message += " Register its public half with the Git host: " + key
	}
	resp.SendProgress(action.InvokeProgressEvent{Message: message})
}

// explain adds what the server leaves out.
func explain(err error) error {
	e, isAnswer := httpclient.AsError(err)
	switch {
	case isAnswer && e.Status == http.StatusUnprocessableEntity:
		return fmt.Errorf("%w. Omni signs commits only in a repository that it reaches through its GitHub app (auth_method github_app)", err)
	case errors.Is(err, omni.ErrNoDBT):
		return fmt.Errorf("%w. It cannot rotate signing keys through the API; servers of August 2026 and later can", err)
	case httpclient.IsOutcomeUnknown(err):
		return fmt.Errorf("%w. The key may have been replaced: a refresh of dataconn_omni_connection_dbt shows commit_signing_public_key, and rotating again does no harm", err)
	}
	return base.NeedsDBT(err)
}
