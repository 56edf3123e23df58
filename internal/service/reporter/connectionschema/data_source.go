// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package connectionschema is dataconn_reporter_connection_schema: what is in the
// database of a connection.
package connectionschema

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/reporter/base"
)

var _ datasource.DataSourceWithConfigure = (*schemaDataSource)(nil)

type schemaDataSource struct {
	base.DataSource
}

// NewDataSource returns the data source dataconn_reporter_connection_schema.
func NewDataSource() datasource.DataSource { return &schemaDataSource{} }

type model struct {
	ConnectionID types.String `tfsdk:"connection_id"`
	ConfigName   types.String `tfsdk:"config_name"`
	DatabaseName types.String `tfsdk:"database_name"`
	Type         types.String `tfsdk:"type"`
	Tables       []table      `tfsdk:"tables"`
}

type table struct {
	Name   string   `tfsdk:"name"`
	Fields []string `tfsdk:"fields"`
}

// Metadata names the data source.
func (d *schemaDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_reporter_connection_schema"
}

// Schema describes the attributes.
func (d *schemaDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The tables of a connection's database and their fields, as Lerian Reporter sees them now. The service connects to the database to read them, so this fails where a test of the connection would.\n\n" +
			"Where the service checks permissions, the token needs the action `get` on the resource `connections`.",
		Attributes: map[string]schema.Attribute{
			"connection_id": schema.StringAttribute{
				MarkdownDescription: "Id of the connection (a UUID).",
				Required:            true,
			},
			"config_name":   schema.StringAttribute{MarkdownDescription: "Name of the connection.", Computed: true},
			"database_name": schema.StringAttribute{MarkdownDescription: "Name of the database.", Computed: true},
			"type":          schema.StringAttribute{MarkdownDescription: "Kind of database.", Computed: true},
			"tables": schema.ListNestedAttribute{
				MarkdownDescription: "The tables or collections, in the order of the service: by name.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"name": schema.StringAttribute{
						MarkdownDescription: "Name of the table; `schema.table` for a table outside the default schema.",
						Computed:            true,
					},
					"fields": schema.ListAttribute{
						MarkdownDescription: "Names of the fields.",
						ElementType:         types.StringType,
						Computed:            true,
					},
				}},
			},
		},
	}
}

// Read has the service look into the database.
func (d *schemaDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m model
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	at := path.Root("connection_id")
	id := framework.ReferencedID(at, m.ConnectionID, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	found, err := d.Reporter.Client.GetSchema(ctx, id)
	switch {
	case err == nil:
	case httpclient.IsMissing(err):
		resp.Diagnostics.Append(base.NoSuchConnection(at, m.ConnectionID.ValueString()))
		return
	case reporter.IsDatabaseUnreachable(err):
		resp.Diagnostics.AddAttributeError(at, base.Unreachable, fmt.Sprintf("The tables of connection %s are not known, because its database cannot be reached. The service says: %s", id, err))
		return
	default:
		resp.Diagnostics.Append(framework.Attempt{Action: "read the schema of", Object: "Reporter connection " + id, Needs: base.NeedsGet}.AttributeError(at, err))
		return
	}
	m.ConfigName, m.DatabaseName, m.Type = types.StringValue(found.ConfigName), types.StringValue(found.DatabaseName), types.StringValue(found.Type)
	m.Tables = make([]table, len(found.Tables))
	for i, t := range found.Tables {
		m.Tables[i] = table{Name: t.Name, Fields: append([]string{}, t.Fields...)}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}
