// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package environmentroute is the data source dataconn_omni_environment_route.
package environmentroute

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

var _ datasource.DataSourceWithConfigure = (*routeDataSource)(nil)

const needs = "the admin role, which connection environments want"

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
		MarkdownDescription: "Which connection a user of a base connection works on in Omni, and why: the answer for one value of the user attribute. Put it into a postcondition, a `check` block or a `terraform test`, so that a change that routes production users elsewhere does not go unseen.\n\n" +
			"It is worked out from what the server has now, by Omni's rules: the environment of the base that has one of the user's values, else the base connection. Case counts. What a user picks by hand, and what a branch overrides, are not part of it. The API key needs the admin role. A server that does not list connection environments cannot answer, which is an error.",
		Attributes: map[string]schema.Attribute{
			"base_connection_id": schema.StringAttribute{
				MarkdownDescription: "Id of the base connection, on which the dashboards are built.",
				Required:            true,
			},
			"value": schema.StringAttribute{
				MarkdownDescription: "The user's value of the attribute, exactly as the user has it. Neither this nor `values` asks for a user without a value, who has the attribute's own default, if there is one.",
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
	if resp.Diagnostics.HasError() {
		return
	}
	id := framework.ReferencedID(path.Root("base_connection_id"), m.BaseConnectionID, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	attempt := framework.Attempt{Action: "find the route of a user of", Object: "Omni connection " + id, Needs: needs}
	connection, err := d.Omni.Connection(ctx, id)
	switch {
	case errors.Is(err, inventory.ErrGone):
		resp.Diagnostics.Append(base.NoSuchConnection(path.Root("base_connection_id"), id))
		return
	case err != nil:
		resp.Diagnostics.Append(attempt.AttributeError(path.Root("base_connection_id"), err))
		return
	}
	routing, err := routingOf(connection)
	if err == nil && routing.AttributeName != "" {
		routing.Environments, err = d.environments(ctx, id)
	}
	if err != nil {
		resp.Diagnostics.Append(attempt.Error(err))
		return
	}
	values := m.values()
	if routing.AttributeName != "" {
		attribute, known := d.attribute(ctx, routing.AttributeName)
		routing.AttributeMissing = known && attribute == nil
		switch {
		case len(values) > 0:
		case !known:
			resp.Diagnostics.AddWarning("The default of a user attribute is not known",
				fmt.Sprintf("Users without a value of %q have its default, if there is one, and Omni does not show this API key the user attributes. The route is worked out as if there was none.", routing.AttributeName))
		case attribute != nil:
			values = attribute.DefaultValue.Or(omni.AttributeValue{}).Values
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, m.answer(routing, values, routing.Route(values)))...)
}

// environments returns those of the base. One that cannot be read could have the
// value, so it is an error; those of other bases do not matter.
func (d *routeDataSource) environments(ctx context.Context, baseConnectionID string) ([]omni.Environment, error) {
	all, err := d.Omni.Environments(ctx)
	if err != nil {
		return nil, err
	}
	var own []omni.Environment
	for _, e := range all {
		isOwn := strings.EqualFold(e.BaseConnectionID, baseConnectionID)
		switch {
		case e.Problem != nil && (isOwn || e.BaseConnectionID == ""):
			return nil, fmt.Errorf("environment %q could be the answer: %w", e.ID, e.Problem)
		case isOwn && e.Values.IsZero():
			return nil, fmt.Errorf("the server does not tell the values of environment %s", e.ID)
		case isOwn:
			own = append(own, e)
		}
	}
	return own, nil
}

// attribute returns the user attribute, nil if there is none. Where the list
// cannot be read nothing is known, which is no reason not to answer.
func (d *routeDataSource) attribute(ctx context.Context, name string) (attribute *omni.UserAttribute, known bool) {
	attribute, err := d.Omni.FindUserAttribute(ctx, name)
	return attribute, err == nil
}
