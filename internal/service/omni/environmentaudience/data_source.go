// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package environmentaudience is the data source dataconn_omni_environment_audience.
package environmentaudience

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

var _ datasource.DataSourceWithConfigure = (*audienceDataSource)(nil)

type audienceDataSource struct {
	base.DataSource
}

// NewDataSource returns the data source dataconn_omni_environment_audience.
func NewDataSource() datasource.DataSource { return &audienceDataSource{} }

// Metadata names the data source.
func (d *audienceDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_omni_environment_audience"
}

// Schema describes the attributes.
func (d *audienceDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	texts := func(description string) schema.SetAttribute {
		return schema.SetAttribute{MarkdownDescription: description, ElementType: types.StringType, Computed: true}
	}
	// what if: values by what has them.
	whatIf := func(description string) schema.MapAttribute {
		return schema.MapAttribute{
			MarkdownDescription: description, ElementType: types.SetType{ElemType: types.StringType}, Optional: true,
			Validators: []validator.Map{
				mapvalidator.NoNullValues(),
				mapvalidator.ValueSetsAre(setvalidator.NoNullValues(), setvalidator.ValueStringsAre(framework.NotEmpty())),
			},
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Who works where: for a base connection, every active user of the organization, with the connection that the user gets and why. The rules are those of `dataconn_omni_environment_route`. A user's own values count, and for users without a value the attribute's default. Bases that are bound to `omni_user_groups`, `omni_user_email` or `omni_user_name` work too.\n\n" +
			"With `environment_values` or `user_values` it answers for values that are not set yet, and `moves` lists the users who would move. Give it the same values as the resources, and the plan shows who will move.\n\n" +
			"All users are read in one list, which takes a request for each page: 1,000 users if the server allows it, otherwise the 100 that Omni documents. Connections, environments and user attributes take one request each. It needs " + base.NeedsOrganizationKey + ", with " + base.NeedsRouting + ".",
		Attributes: map[string]schema.Attribute{
			"base_connection_id": schema.StringAttribute{
				MarkdownDescription: "Id of the base connection, on which the dashboards are built.",
				Required:            true,
			},
			"environment_values": whatIf("Values of environments as they will be, by the id of the environment's connection; under the id of the base its default values. Environments that are not named keep theirs, and a connection that is not an environment yet counts as one."),
			"user_values":        whatIf("Values of users as they will be, by e-mail address; an empty set for a user who will have none. Users who are not named keep theirs."),
			"attribute_name":     text("User attribute that the base connection is bound to; null for none."),
			"user_count": schema.Int64Attribute{
				MarkdownDescription: "How many active users there are.",
				Computed:            true,
			},
			"users": schema.ListNestedAttribute{
				MarkdownDescription: "The active users, by e-mail address.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":             text("Id of the user's membership."),
					"email":          text("E-mail address of the user."),
					"display_name":   text("Name of the user."),
					"groups":         texts("Names of the user's groups. Null if the server does not return them."),
					"values":         texts("What decides: the user's values of the attribute, or its default for a user without one."),
					"connection_id":  text("Id of the connection that the user works on; null where `reason` is `ambiguous`."),
					"environment_id": text("Id of the connection environment that leads there; null for the base connection itself, and for an environment that does not exist yet."),
					"reason":         text("Why, as in `dataconn_omni_environment_route`."),
				}},
			},
			"connections": schema.MapNestedAttribute{
				MarkdownDescription: "The base connection and its environments by the id of the connection, including those that nobody works on.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"user_count": schema.Int64Attribute{
						MarkdownDescription: "How many users work on it.",
						Computed:            true,
					},
					// A list: of a set, the framework compares every two.
					"user_emails": schema.ListAttribute{
						MarkdownDescription: "Their e-mail addresses, sorted.",
						ElementType:         types.StringType,
						Computed:            true,
					},
				}},
			},
			"moves": schema.ListNestedAttribute{
				MarkdownDescription: "The users who work elsewhere with `environment_values` and `user_values` than they do now, by e-mail address. Empty without these.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"email":              text("E-mail address of the user."),
					"from_connection_id": text("Connection that the user works on now; null where that is not certain."),
					"to_connection_id":   text("Connection that the user would work on; null where that is not certain."),
				}},
			},
		},
	}
}

// Read works out where everybody works.
func (d *audienceDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m model
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	id := framework.ReferencedID(path.Root("base_connection_id"), m.BaseConnectionID, &resp.Diagnostics)
	for connection := range m.EnvironmentValues {
		framework.ReferencedID(path.Root("environment_values").AtMapKey(connection), types.StringValue(connection), &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	attempt := framework.Attempt{Action: "find the audience of", Object: "Omni connection " + id, Needs: base.NeedsRouting}
	routing, problem := base.FindRouting(ctx, d.Omni, id, attempt)
	if problem != nil {
		resp.Diagnostics.Append(problem)
		return
	}
	users, err := d.Omni.Users(ctx)
	if err != nil {
		attempt.Needs = base.NeedsOrganizationKey
		resp.Diagnostics.Append(attempt.Error(err))
		return
	}
	if routing.DefaultUnknown {
		resp.Diagnostics.Append(routing.UnknownDefaultWarning())
	}
	resp.Diagnostics.Append(m.unknownUsers(users)...)
	answer, left, err := m.answer(routing, users)
	if err != nil {
		resp.Diagnostics.Append(attempt.Error(err))
		return
	}
	for _, why := range left {
		resp.Diagnostics.AddWarning("An Omni user is left out", fmt.Sprintf("%s. Where the user works is not known; the others are listed.", why))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, answer)...)
}
