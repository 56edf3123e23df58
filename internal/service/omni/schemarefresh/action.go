// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package schemarefresh is the action dataconn_omni_schema_refresh.
package schemarefresh

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

var _ action.ActionWithConfigure = (*refreshAction)(nil)

type refreshAction struct {
	base.Action
}

// NewAction returns the action dataconn_omni_schema_refresh.
func NewAction() action.Action { return &refreshAction{} }

type model struct {
	ConnectionID types.String `tfsdk:"connection_id"`
	HardRefresh  types.Bool   `tfsdk:"hard_refresh"`
	Wait         types.Bool   `tfsdk:"wait"`
	framework.TimedAction
}

// Metadata names the action.
func (a *refreshAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_omni_schema_refresh"
}

// Schema describes the attributes.
func (a *refreshAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Makes Omni read the schema of a connection's database again, so that new tables and columns become visible. To refresh it regularly, use the resource `dataconn_omni_connection_schedule`.\n\n" +
			"It fails while the connection has no schema model, which Omni does not create on its own: `dataconn_omni_schema_model` registers it. The API key needs Connection Admin on the connection; Modeler is enough where the connection has exactly one shared model.",
		Attributes: map[string]schema.Attribute{
			"connection_id": schema.StringAttribute{
				MarkdownDescription: "Id of the connection (a UUID).",
				Required:            true,
			},
			"hard_refresh": schema.BoolAttribute{
				MarkdownDescription: "Whether the schema is read from scratch, so that what the database no longer has disappears from it too. If not set, the server decides; its documentation says `true`.",
				Optional:            true,
			},
			"wait": schema.BoolAttribute{
				MarkdownDescription: "Whether the action waits until the refresh is done, and fails if it fails. `false` only starts it. Default: `true`.",
				Optional:            true,
			},
			"timeouts": framework.ActionTimeouts(ctx),
		},
	}
}

// Invoke starts the refresh, and follows it.
func (a *refreshAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	config, ctx, end := framework.Begin[model](ctx, req.Config, timeouts.Value.Invoke, &resp.Diagnostics)
	defer end()
	id := framework.ReferencedID(path.Root("connection_id"), config.ConnectionID, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}

	say := func(format string, args ...any) {
		resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf(format, args...)})
	}
	object := "schema of Omni connection " + id
	job, err := a.Omni.RefreshSchema(ctx, id, config.HardRefresh.ValueBoolPointer())
	if err != nil {
		a.diagnose(framework.Attempt{Action: "refresh the", Object: object, Needs: base.NeedsConnectionAdmin + ", or Modeler where it has exactly one shared model"}, id, err, resp)
		return
	}
	if framework.IsSet(config.Wait) && !config.Wait.ValueBool() {
		say("The refresh of the %s has begun, as job %s.", object, job)
		return
	}
	say("Refreshing the %s, as job %s.", object, job)
	if err := base.FollowRefresh(ctx, a.Omni, job, "timeouts.invoke", say); err != nil {
		resp.Diagnostics.Append(framework.Attempt{Action: "follow the refresh of the", Object: object, Needs: "at least Restricted Querier on the connection"}.Error(err))
	}
}

// diagnose words why nothing was started.
func (a *refreshAction) diagnose(attempt framework.Attempt, id string, err error, resp *action.InvokeResponse) {
	connection := path.Root("connection_id")
	switch {
	case errors.Is(err, inventory.ErrGone):
		resp.Diagnostics.Append(base.NoSuchConnection(connection, id))
	case errors.Is(err, inventory.ErrNoSchemaModel):
		resp.Diagnostics.Append(attempt.AttributeError(connection, fmt.Errorf("%w, so there is nothing to refresh. Omni does not create one on its own: register it with the resource dataconn_omni_schema_model, and make what triggers this action depend on it", err)))
	case slices.Contains(omni.UnrecognizedKeys(err), "hard_refresh"):
		resp.Diagnostics.AddAttributeError(path.Root("hard_refresh"), "This Omni server does not support hard_refresh",
			fmt.Sprintf("Nothing was started. Remove hard_refresh from the configuration. The server says: %s", err))
	case httpclient.IsOutcomeUnknown(err):
		resp.Diagnostics.Append(attempt.Error(fmt.Errorf("%w. The refresh may have begun; refreshing again does no harm", err)))
	default:
		resp.Diagnostics.Append(attempt.Error(err))
	}
}
