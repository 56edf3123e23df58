// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
)

var _ datasource.DataSourceWithConfigure = (*connectionsDataSource)(nil)

type connectionsDataSource struct {
	framework.ReporterDataSource
}

// NewPluralDataSource returns the data source dataconn_reporter_connections.
func NewPluralDataSource() datasource.DataSource { return &connectionsDataSource{} }

type connectionsModel struct {
	ProductName  types.String      `tfsdk:"product_name"`
	Type         types.String      `tfsdk:"type"`
	Metadata     map[string]string `tfsdk:"metadata"`
	CreatedAfter types.String      `tfsdk:"created_after"`
	Connections  []foundConnection `tfsdk:"connections"`
}

// Metadata names the data source.
func (d *connectionsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + typeName + "s"
}

// Schema describes the attributes.
func (d *connectionsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The database connections in Lerian Reporter, of all products unless `product_name` is set, sorted by name.\n\n" +
			"The service lists a month at a time. This lists all of it, back to " + reporter.Earliest.Format("January 2006") + ", with one request for every 28 days and 100 connections; `created_after` makes it fewer. The service's internal connections are listed too; they have no product and no date.",
		Attributes: map[string]schema.Attribute{
			"product_name": schema.StringAttribute{
				MarkdownDescription: "Only connections of this product; case does not matter. The provider's product is not a filter here.",
				Optional:            true,
				Validators: []validator.String{
					stringvalidator.LengthBetween(1, maxProductName),
					stringvalidator.RegexMatches(nameCharacters, "may contain letters, digits, _ and - only"),
				},
			},
			"type": schema.StringAttribute{
				MarkdownDescription: "Only connections of this kind of database.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(knownTypes()...)},
			},
			"metadata": schema.MapAttribute{
				MarkdownDescription: "Only connections that have all of these texts in their metadata.",
				ElementType:         types.StringType,
				Optional:            true,
				Validators:          []validator.Map{mapvalidator.NoNullValues()},
			},
			"created_after": schema.StringAttribute{
				MarkdownDescription: "Only connections created at this time or later: a date such as `2026-01-31`, or a time in RFC 3339. Older ones are not looked for, which saves requests.",
				Optional:            true,
				Validators: []validator.String{framework.CheckString("a date or a time", func(value string) error {
					_, err := parseTime(value)
					return err
				})},
			},
			"connections": schema.ListNestedAttribute{
				MarkdownDescription: "The connections that match.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: foundAttributes()},
			},
		},
	}
}

// parseTime reads a date or a time.
func parseTime(text string) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errors.New("expected a date such as 2026-01-31 or a time such as 2026-01-31T08:00:00Z")
}

// Read lists the connections.
func (d *connectionsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model connectionsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	filter := reporter.ConnectionFilter{
		ProductName: model.ProductName.ValueString(),
		Type:        model.Type.ValueString(),
		Metadata:    model.Metadata,
	}
	if !model.CreatedAfter.IsNull() {
		filter.CreatedAfter, _ = parseTime(model.CreatedAfter.ValueString()) // validated
	}
	list, err := d.Reporter.Client.ListConnections(ctx, filter)
	if err != nil {
		resp.Diagnostics.Append(framework.Attempt{Action: "list", Object: "Reporter connections"}.Error(err))
		return
	}
	slices.SortFunc(list, func(a, b reporter.Connection) int {
		return cmp.Or(cmp.Compare(a.ConfigName.Or(""), b.ConfigName.Or("")), cmp.Compare(a.ID, b.ID))
	})
	model.Connections = make([]foundConnection, 0, len(list))
	for _, c := range list {
		if c.Problem != nil {
			resp.Diagnostics.AddWarning("A Reporter connection is left out", fmt.Sprintf("Connection %q: %s. The others are listed.", c.ID, c.Problem))
			continue
		}
		model.Connections = append(model.Connections, found(&c))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}
