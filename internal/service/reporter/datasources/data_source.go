// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package datasources is the data source dataconn_reporter_data_sources: the
// databases that Reporter's own environment defines.
package datasources

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/reporter/base"
)

var _ datasource.DataSourceWithConfigure = (*dataSourcesDataSource)(nil)

type dataSourcesDataSource struct {
	base.DataSource
}

// NewDataSource returns the data source dataconn_reporter_data_sources.
func NewDataSource() datasource.DataSource { return &dataSourcesDataSource{} }

type model struct {
	DataSources []dataSource `tfsdk:"data_sources"`
}

type dataSource struct {
	ID           types.String `tfsdk:"id"`
	ExternalName types.String `tfsdk:"external_name"`
	Type         types.String `tfsdk:"type"`
}

// Metadata names the data source.
func (d *dataSourcesDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_reporter_data_sources"
}

// Schema describes the attributes.
func (d *dataSourcesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The data sources that Lerian Reporter's environment defines and its report templates read. They are not the connections of `dataconn_reporter_connections`, and are read-only. A service that only manages connections does not have this list.",
		Attributes: map[string]schema.Attribute{
			"data_sources": schema.ListNestedAttribute{
				MarkdownDescription: "The data sources, in the order of the service.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":            text("Id of the data source: a name, not a UUID."),
					"external_name": text("Name of the database."),
					"type":          text("Kind of database, in lower case, such as `postgresql`."),
				}},
			},
		},
	}
}

// Read lists the data sources.
func (d *dataSourcesDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	list, err := d.Reporter.Client.ListDataSources(ctx)
	switch {
	case reporter.IsNoSuchRoute(err):
		resp.Diagnostics.AddError("This service has no data sources", "The base_url of the reporter block leads to a service that only manages connections, not to Reporter's own API (GET /v1/data-sources). It says: "+err.Error())
		return
	case err != nil:
		resp.Diagnostics.Append(framework.Attempt{Action: "list", Object: "Reporter data sources"}.Error(err))
		return
	}
	m := model{DataSources: make([]dataSource, 0, len(list))}
	for _, s := range list {
		if s.Problem != nil {
			resp.Diagnostics.Append(framework.LeftOut("A Reporter data source", fmt.Sprintf("Data source %q", s.ID), s.Problem))
			continue
		}
		m.DataSources = append(m.DataSources, dataSource{types.StringValue(s.ID), types.StringValue(s.ExternalName), types.StringValue(s.Type)})
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}
