// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package environmentroute is the data source dataconn_omni_environment_route.
package environmentroute

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

var _ datasource.DataSourceWithConfigure = (*routeDataSource)(nil)

type routeDataSource struct {
	base.DataSource
}

// NewDataSource returns the data source dataconn_omni_environment_route.
func NewDataSource() datasource.DataSource { return &routeDataSource{} }

// Metadata names the data source.
func (d *routeDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_omni_environment_route"
}

// Schema describes the attributes.
func (d *routeDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Which connection a user of a base connection works on in Omni, and why: the answer for one value of the user attribute. Put it into a postcondition, a `check` block or a `terraform test`, so that a change that routes production users elsewhere does not go unnoticed.\n\n" +
			"It is derived from what the server has now, by Omni's rules: the environment of the base that has one of the user's values, otherwise the base connection. Case matters. What a user picks manually, and what a branch overrides, is not considered. The API key needs the admin role. A server that does not list connection environments cannot answer, which is an error.",
		Attributes: map[string]schema.Attribute{
			"base_connection_id": schema.StringAttribute{
				MarkdownDescription: "Id of the base connection, on which the dashboards are built.",
				Required:            true,
			},
			"value": schema.StringAttribute{
				MarkdownDescription: "The user's value of the attribute, exactly as the user has it. Without this and `values`, the answer is for a user without a value, who has the attribute's default, if there is one.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.ConflictsWith(path.MatchRoot("values"))},
			},
			"values": schema.SetAttribute{
				MarkdownDescription: "The user's values, of an attribute that has several. Cannot be set together with `value`.",
				ElementType:         types.StringType,
				Optional:            true,
				Validators:          []validator.Set{setvalidator.NoNullValues()},
			},
			"connection_id": schema.StringAttribute{
				MarkdownDescription: "Id of the connection that the user works on; null where `reason` is `ambiguous`.",
				Computed:            true,
			},
			"environment_id": schema.StringAttribute{
				MarkdownDescription: "Id of the connection environment that the value leads to; null for the base connection itself.",
				Computed:            true,
			},
			"attribute_name": schema.StringAttribute{
				MarkdownDescription: "User attribute that the base connection is bound to; null for none.",
				Computed:            true,
			},
			"reason": schema.StringAttribute{
				MarkdownDescription: "Why: `matched_value` (an environment has the value), `default_value` (the base connection has it among its default values), `no_match` (nothing has it), `no_value` (the user has none), `not_bound` (no user attribute is bound to the base), `attribute_missing` (the attribute that is bound does not exist, so that everybody is on the base), or `ambiguous` (several environments match, and Omni does not document which one wins).",
				Computed:            true,
			},
			"explanation": schema.StringAttribute{
				MarkdownDescription: "The same in a sentence, for error messages. Do not compare it: the words may change.",
				Computed:            true,
			},
		},
	}
}

// Read works the route out.
func (d *routeDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m model
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	id := framework.ReferencedID(path.Root("base_connection_id"), m.BaseConnectionID, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	attempt := framework.Attempt{Action: "find the route of a user of", Object: "Omni connection " + id, Needs: base.NeedsRouting}
	routing, problem := base.FindRouting(ctx, d.Omni, id, attempt)
	if problem != nil {
		resp.Diagnostics.Append(problem)
		return
	}
	values := m.values()
	if len(values) == 0 && routing.DefaultUnknown {
		resp.Diagnostics.Append(routing.UnknownDefaultWarning())
	}
	values = routing.Values(values)
	resp.Diagnostics.Append(resp.State.Set(ctx, m.answer(routing.Routing, values, routing.Route(values)))...)
}
