// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package connectiontest is the action dataconn_reporter_connection_test: the
// service opens a connection's database and says whether it could.
package connectiontest

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/reporter/base"
)

var _ action.ActionWithConfigure = (*testAction)(nil)

type testAction struct {
	base.Action
}

// NewAction returns the action dataconn_reporter_connection_test.
func NewAction() action.Action { return &testAction{} }

type model struct {
	ConnectionID types.String `tfsdk:"connection_id"`
	framework.TimedAction
}

// Metadata names the action.
func (a *testAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_reporter_connection_test"
}

// Schema describes the attributes.
func (a *testAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Makes Lerian Reporter connect to the database of a connection, and fails if it cannot. The service allows ten tests per minute and connection; further ones wait.\n\n" +
			"The attribute `test_connection` of the resource `dataconn_reporter_connection` tests after each change too, but only warns. Where the service checks permissions, the token needs the action `post` on the resource `connections`.",
		Attributes: map[string]schema.Attribute{
			"connection_id": schema.StringAttribute{
				MarkdownDescription: "Id of the connection (a UUID). It may be of any product.",
				Required:            true,
			},
			"timeouts": framework.ActionTimeouts(ctx),
		},
	}
}

// Invoke tests the connection.
func (a *testAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	config, ctx, end := framework.Begin[model](ctx, req.Config, timeouts.Value.Invoke, &resp.Diagnostics)
	defer end()
	if resp.Diagnostics.HasError() {
		return
	}

	at := path.Root("connection_id")
	id, err := framework.ParseID(config.ConnectionID.ValueString())
	var result reporter.TestResult
	if err == nil {
		resp.SendProgress(action.InvokeProgressEvent{Message: "Testing Reporter connection " + id + "."})
		result, err = a.Reporter.Client.TestConnection(ctx, id)
	}
	switch {
	case httpclient.IsMissing(err):
		resp.Diagnostics.Append(base.NoSuchConnection(at, config.ConnectionID.ValueString()))
	case reporter.IsDatabaseUnreachable(err):
		resp.Diagnostics.AddAttributeError(at, base.Unreachable, fmt.Sprintf("The database of connection %s cannot be reached. The service says: %s", id, err))
	case err != nil:
		resp.Diagnostics.Append(framework.Attempt{Action: "test", Object: "Reporter connection " + id, Needs: base.NeedsPost}.AttributeError(at, err))
	case !result.Success:
		resp.Diagnostics.AddAttributeError(at, base.Unreachable, fmt.Sprintf("The test of connection %s failed. The service says: %s", id, result.Message))
	default:
		resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf("Reporter connection %s works: the test took %s.", id, result.Latency.Round(time.Millisecond))})
	}
}
