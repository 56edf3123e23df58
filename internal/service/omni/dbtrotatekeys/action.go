// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package dbtrotatekeys is the action dataconn_omni_dbt_rotate_keys.
package dbtrotatekeys

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

var _ action.ActionWithConfigure = (*rotateAction)(nil)

type rotateAction struct {
	base.Action
}

// NewAction returns the action dataconn_omni_dbt_rotate_keys.
func NewAction() action.Action { return &rotateAction{} }

type model struct {
	ConnectionID types.String `tfsdk:"connection_id"`
	framework.TimedAction
}

// Metadata names the action.
func (a *rotateAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_omni_dbt_rotate_keys"
}

// Schema describes the attributes.
func (a *rotateAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Makes Omni generate a new deploy key for a connection's dbt repository, which it reaches by SSH (see `dataconn_omni_connection_dbt`). The rest of the configuration is read first, and stays as it is.\n\n" +
			"From then on Omni cannot read the repository until the Git host has the new public key. No API returns it: copy it from the connection's dbt page in Omni. The API key needs Connection Admin on the connection.",
		Attributes: map[string]schema.Attribute{
			"connection_id": schema.StringAttribute{
				MarkdownDescription: "Id of the connection (a UUID).",
				Required:            true,
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
	err := a.Omni.RotateDBTKeys(ctx, id)
	switch {
	case errors.Is(err, inventory.ErrGone):
		resp.Diagnostics.Append(base.NoSuchConnection(path.Root("connection_id"), id))
		return
	case err != nil:
		resp.Diagnostics.Append(framework.Attempt{
			Action: "rotate the dbt deploy key of", Object: "Omni connection " + id, Needs: base.NeedsConnectionAdmin,
		}.Error(base.NeedsDBT(err)))
		return
	}
	resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf("Omni has a new deploy key for the dbt repository of connection %s. Copy the public key from the connection's dbt page in Omni to the Git host: the former key is no longer used.", id)})
}
