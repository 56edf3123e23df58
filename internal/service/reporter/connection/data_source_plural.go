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
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/reporter/base"
)

var _ datasource.DataSourceWithConfigure = (*connectionsDataSource)(nil)

type connectionsDataSource struct {
	base.DataSource
}

// NewPluralDataSource returns the data source dataconn_reporter_connections.
func NewPluralDataSource() datasource.DataSource { return &connectionsDataSource{} }

type connectionsModel struct {
	filterModel
	Connections []dataSourceModel `tfsdk:"connections"`
}

// filterModel is what the data source and the list resource filter by.
type filterModel struct {
	ProductName  types.String      `tfsdk:"product_name"`
	Type         types.String      `tfsdk:"type"`
	Metadata     map[string]string `tfsdk:"metadata"`
	CreatedAfter types.String      `tfsdk:"created_after"`
}

func (m filterModel) filter() reporter.ConnectionFilter {
	filter := reporter.ConnectionFilter{
		ProductName: m.ProductName.ValueString(),
		Type:        m.Type.ValueString(),
		Metadata:    m.Metadata,
	}
	if !m.CreatedAfter.IsNull() {
		filter.CreatedAfter, _ = parseTime(m.CreatedAfter.ValueString()) // validated
	}
	return filter
}

// Metadata names the data source.
func (d *connectionsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + typeName + "s"
}

// Schema describes the attributes.
func (d *connectionsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The database connections in Lerian Reporter, of all products unless `product_name` is set, sorted by name.\n\n" +
			"The service lists one month at a time. This lists all of them, back to " + reporter.Earliest.Format("January 2006") + ", with one request for every 28 days and 100 connections; `created_after` reduces that. The service's internal connections are listed too, whatever their age: they have no product, and their dates are `0001-01-01T00:00:00Z`.\n\n" +
			"Where the service checks permissions, the token needs the action `get` on the resource `connections`.",
		Attributes: map[string]schema.Attribute{
			"product_name": schema.StringAttribute{
				MarkdownDescription: "Only connections of this product; case does not matter. The provider's `product_name` does not filter here.",
				Optional:            true,
				Validators:          base.ProductName(),
			},
			"type": schema.StringAttribute{
				MarkdownDescription: "Only connections of this kind of database.",
				Optional:            true,
				Validators:          []validator.String{knownType()},
			},
			"metadata": schema.MapAttribute{
				MarkdownDescription: "Only connections whose metadata has all of these entries.",
				ElementType:         types.StringType,
				Optional:            true,
				Validators:          []validator.Map{mapvalidator.NoNullValues()},
			},
			"created_after": schema.StringAttribute{
				MarkdownDescription: "Only connections created at this time or later: a date such as `2026-01-31`, or a time in RFC 3339. Older ones are not looked for, which saves requests. Internal connections are listed anyway.",
				Optional:            true,
				Validators:          createdAfterValidators(),
			},
			"connections": schema.ListNestedAttribute{
				MarkdownDescription: "The connections that match.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: dataSourceAttributes()},
			},
		},
	}
}

// createdAfterValidators require a date or a time, and warn about one in the future.
func createdAfterValidators() []validator.String {
	isTime := framework.CheckString("a date or a time", func(value string) error {
		_, err := parseTime(value)
		return err
	})
	isPast := framework.WarnString("not in the future", func(value string) error {
		tomorrow := time.Now().AddDate(0, 0, 1) // the service's clock may be ahead of ours
		if t, err := parseTime(value); err == nil && t.After(tomorrow) {
			return fmt.Errorf("%q is in the future: no connection was created after it yet, so the filter matches none", value)
		}
		return nil
	})
	return []validator.String{isTime, isPast}
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
	list, err := d.Reporter.Client.ListConnections(ctx, model.filter())
	if err != nil {
		resp.Diagnostics.Append(framework.Attempt{Action: "list", Object: "Reporter connections", Needs: base.NeedsGet}.Error(err))
		return
	}
	slices.SortFunc(list, compareNames)
	model.Connections = make([]dataSourceModel, 0, len(list))
	for _, c := range list {
		if c.Problem != nil {
			resp.Diagnostics.Append(leftOut(&c))
			continue
		}
		model.Connections = append(model.Connections, forDataSource(&c))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

// compareNames sorts by name; those of one name, by id.
func compareNames(a, b reporter.Connection) int {
	return cmp.Or(cmp.Compare(a.ConfigName.Or(""), b.ConfigName.Or("")), cmp.Compare(a.ID, b.ID))
}

func leftOut(c *reporter.Connection) diag.Diagnostic {
	return framework.LeftOut("A Reporter connection", fmt.Sprintf("Connection %q", c.ID), c.Problem)
}
