// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/reporter/base"
)

var _ list.ListResourceWithConfigure = (*connectionList)(nil)

// connectionList has its name and its access to the service from the resource.
type connectionList struct {
	connectionResource
}

// NewListResource returns the list resource dataconn_reporter_connection.
func NewListResource() list.ListResource { return &connectionList{} }

// ListResourceConfigSchema describes the filters.
func (l *connectionList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds the database connections in Lerian Reporter, of all products unless `product_name` is set, sorted by name. The service's internal connections are left out, because they cannot be managed.\n\n" +
			"The service lists one month at a time. This lists all of them, back to " + reporter.Earliest.Format("January 2006") + ", with one request for every 28 days and 100 connections; `created_after` reduces that.",
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
				MarkdownDescription: "Only connections created at this time or later: a date such as `2026-01-31`, or a time in RFC 3339. Older ones are not looked for, which saves requests.",
				Optional:            true,
				Validators:          createdAfterValidators(),
			},
		},
	}
}

// List finds the connections.
func (l *connectionList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	attempt := framework.Attempt{Action: "list", Object: "Reporter connections", Needs: base.NeedsGet}
	stream.Results = framework.ListFound(ctx, req, attempt, func(config filterModel) ([]framework.Listed[model], error) {
		all, err := l.Reporter.Client.ListConnections(ctx, config.filter())
		slices.SortFunc(all, compareNames)
		var found []framework.Listed[model]
		for _, c := range all {
			if !c.IsInternal() {
				found = append(found, listed(ctx, &c))
			}
		}
		return found, err
	})
}

func listed(ctx context.Context, c *reporter.Connection) framework.Listed[model] {
	if c.Problem != nil {
		return framework.NotListed[model](leftOut(c))
	}
	name := fmt.Sprintf("%s (%s, no product)", c.ConfigName.Or(c.ID), c.Type.Or(""))
	if product := c.ProductName.Or(""); product != "" {
		name = fmt.Sprintf("%s (%s, product %s)", c.ConfigName.Or(c.ID), c.Type.Or(""), product)
	}
	return framework.Listed[model]{
		Name:     name,
		Identity: identity{ID: types.StringValue(c.ID)},
		State: func(m model) (model, diag.Diagnostics) {
			ssl, diags := readSSL(ctx, c, m)
			m.Settings, m.SSL, m.TestConnection = read(c, m.Settings), ssl, types.BoolValue(false)
			return m, diags
		},
	}
}
