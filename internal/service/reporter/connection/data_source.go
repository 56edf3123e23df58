// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/reporter/base"
)

var (
	_ datasource.DataSourceWithConfigure        = (*connectionDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*connectionDataSource)(nil)
)

type connectionDataSource struct {
	base.DataSource
}

// NewDataSource returns the data source dataconn_reporter_connection.
func NewDataSource() datasource.DataSource { return &connectionDataSource{} }

// dataSourceModel is a connection as a data source returns it.
type dataSourceModel struct {
	Settings
	SSL *dataSourceSSL `tfsdk:"ssl"`
}

type dataSourceSSL struct {
	Mode types.String `tfsdk:"mode"`
}

func forDataSource(c *reporter.Connection) dataSourceModel {
	f := dataSourceModel{Settings: read(c, Settings{})}
	if mode, ok := c.SSLMode.Get(); ok {
		f.SSL = &dataSourceSSL{Mode: types.StringValue(mode)}
	}
	return f
}

// Metadata names the data source.
func (d *connectionDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + typeName
}

// Schema describes the attributes.
func (d *connectionDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := dataSourceAttributes()
	attributes["id"] = schema.StringAttribute{
		MarkdownDescription: "Id of the connection (a UUID). Set either this or `config_name`.",
		Optional:            true,
		Computed:            true,
	}
	attributes["config_name"] = schema.StringAttribute{
		MarkdownDescription: "Exact name of the connection, case included. Set either this or `id`.",
		Optional:            true,
		Computed:            true,
		Validators:          []validator.String{framework.NotEmpty()},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "One database connection in Lerian Reporter, of any product, found by id or by its exact name.\n\n" +
			"By id it takes one request. By name it takes one for every 28 days back to the day of its creation, because the service lists a month at a time. The service's internal connections are found by id only.\n\n" +
			"Where the service checks permissions, the token needs the action `get` on the resource `connections`.",
		Attributes: attributes,
	}
}

// ConfigValidators requires one of id and config_name.
func (d *connectionDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("config_name"))}
}

// Read finds the connection.
func (d *connectionDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config dataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	var connection *reporter.Connection
	var diags diag.Diagnostics
	if config.ID.IsNull() {
		connection, diags = d.byName(ctx, config.ConfigName.ValueString())
	} else {
		connection, diags = d.byID(ctx, config.ID.ValueString())
	}
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	result := forDataSource(connection)
	if framework.IsSet(config.ID) { // a UUID in another spelling is the same
		result.ID = config.ID
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, result)...)
}

func (d *connectionDataSource) byID(ctx context.Context, text string) (*reporter.Connection, diag.Diagnostics) {
	id, err := framework.ParseID(text)
	var connection *reporter.Connection
	if err == nil {
		connection, err = d.Reporter.Client.GetConnection(ctx, id)
	}
	switch {
	case httpclient.IsMissing(err):
		return nil, diag.Diagnostics{base.NoSuchConnection(path.Root("id"), text)}
	case err != nil:
		return nil, diag.Diagnostics{framework.Attempt{Action: "read", Object: "Reporter connection " + text, Needs: base.NeedsGet}.AttributeError(path.Root("id"), err)}
	}
	return connection, nil
}

func (d *connectionDataSource) byName(ctx context.Context, name string) (*reporter.Connection, diag.Diagnostics) {
	connection, err := d.Reporter.Client.FindConnection(ctx, name)
	switch {
	case err != nil:
		return nil, diag.Diagnostics{framework.Attempt{Action: "find", Object: fmt.Sprintf("Reporter connection %q", name), Needs: base.NeedsGet}.AttributeError(path.Root("config_name"), err)}
	case connection == nil:
		return nil, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("config_name"), "No such Reporter connection",
			fmt.Sprintf("No connection has exactly the name %q; case matters. The data source dataconn_reporter_connections lists those that there are.", name))}
	case connection.Problem != nil:
		return nil, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("config_name"), "Unreadable Reporter connection", connection.Problem.Error())}
	}
	return connection, nil
}

// dataSourceAttributes are those of a connection as a data source returns it.
func dataSourceAttributes() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	return map[string]schema.Attribute{
		"id":            text("Id of the connection (a UUID)."),
		"product_name":  text("Product that the connection belongs to, in lower case; null for one that has none."),
		"config_name":   text("Name of the connection, unique in the whole service."),
		"type":          text("Kind of database."),
		"host":          text("Host name or IP address of the database."),
		"port":          schema.Int64Attribute{MarkdownDescription: "TCP port of the database.", Computed: true},
		"database_name": text("Name of the database."),
		"user_name":     text("Database user."),
		"schema":        text("Schema of the database that is read; null for the default one."),
		"metadata": schema.MapAttribute{
			MarkdownDescription: "Texts kept with the connection. A value that is not a string is shown as JSON.",
			ElementType:         types.StringType,
			Computed:            true,
		},
		"ssl": schema.SingleNestedAttribute{
			MarkdownDescription: "How the connection to the database is encrypted; null if nothing is set. Certificates and key are never returned.",
			Computed:            true,
			Attributes:          map[string]schema.Attribute{"mode": text("Mode, which depends on the type.")},
		},
		"created_at": text("When the connection was created (RFC 3339, UTC, milliseconds); `0001-01-01T00:00:00Z` for one of the service's internal connections."),
		"updated_at": text("When the connection was last changed (RFC 3339, UTC, milliseconds); `0001-01-01T00:00:00Z` for one of the service's internal connections."),
	}
}
