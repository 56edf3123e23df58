// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

var (
	_ datasource.DataSourceWithConfigure        = (*connectionDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*connectionDataSource)(nil)
)

type connectionDataSource struct {
	base.DataSource
}

// NewDataSource returns the data source dataconn_omni_connection.
func NewDataSource() datasource.DataSource { return &connectionDataSource{} }

// Metadata names the data source.
func (d *connectionDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + typeName
}

// Schema describes the attributes.
func (d *connectionDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := dataSourceAttributes()
	attributes["id"] = schema.StringAttribute{
		MarkdownDescription: "Id of the connection (a UUID). Set either this or `name`.",
		Optional:            true,
		Computed:            true,
	}
	attributes["name"] = schema.StringAttribute{
		MarkdownDescription: "Exact name of the connection, case included. Omni allows several connections with the same name; find those by `id`. Set either this or `id`.",
		Optional:            true,
		Computed:            true,
		Validators:          []validator.String{framework.NotEmpty()},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "One database connection in Omni, found by id or by its exact name. If none or several have that name, the error lists the candidates.\n\n" +
			"Finding one by name needs the admin role; by id, Restricted Querier on the connection is enough.",
		Attributes: attributes,
	}
}

// ConfigValidators requires one of id and name.
func (d *connectionDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("name"))}
}

// Read finds the connection.
func (d *connectionDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config dataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	var connection *omni.Connection
	var diags diag.Diagnostics
	if config.ID.IsNull() {
		connection, diags = d.byName(ctx, config.Name.ValueString())
	} else {
		connection, diags = d.byID(ctx, config.ID)
	}
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, forDataSource(connection))...)
}

func (d *connectionDataSource) byID(ctx context.Context, configured types.String) (*omni.Connection, diag.Diagnostics) {
	var diags diag.Diagnostics
	id := framework.ReferencedID(path.Root("id"), configured, &diags)
	if diags.HasError() {
		return nil, diags
	}
	attempt := framework.Attempt{Action: "read", Object: "Omni connection " + id, Needs: base.NeedsToReadConnection}
	connection, problem := base.FindConnection(ctx, d.Omni, path.Root("id"), id, attempt)
	if problem != nil {
		return nil, diag.Diagnostics{problem}
	}
	return connection, nil
}

// maxCandidates bounds what an error lists.
const maxCandidates = 10

func (d *connectionDataSource) byName(ctx context.Context, name string) (*omni.Connection, diag.Diagnostics) {
	all, err := d.Omni.Connections(ctx, omni.ConnectionFilter{})
	if err != nil {
		return nil, diag.Diagnostics{framework.Attempt{Action: "find", Object: fmt.Sprintf("Omni connection %q", name), Needs: base.NeedsAdmin + " (to list connections)"}.AttributeError(path.Root("name"), err)}
	}
	var exact, same, similar []omni.Connection
	for _, c := range all {
		switch other := c.Name.Or(""); {
		case c.Problem != nil || c.IsDeleted():
		case other == name:
			exact = append(exact, c)
		case omni.SameName(other, name):
			same = append(same, c)
		case strings.Contains(strings.ToLower(other), strings.ToLower(name)), framework.Nearest(name, []string{other}) != "":
			similar = append(similar, c)
		}
	}
	if len(exact) == 0 {
		exact = same
	}
	switch len(exact) {
	case 1:
		return &exact[0], nil
	case 0:
		detail := fmt.Sprintf("None of the %d connections has exactly the name %q; the data source dataconn_omni_connections lists them.", len(all), name)
		if len(similar) > 0 {
			detail += " Similar names:\n" + candidates(similar)
		}
		return nil, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("name"), "No such Omni connection", detail)}
	default:
		return nil, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("name"), "Several Omni connections have this name",
			fmt.Sprintf("%d connections are named %q. Use the id of one of them:\n%s", len(exact), name, candidates(exact)))}
	}
}

func candidates(connections []omni.Connection) string {
	lines := make([]string, len(connections))
	for i, c := range connections {
		lines[i] = fmt.Sprintf("  - %s (%s, id %s)", c.Name.Or(""), c.Dialect, c.ID)
	}
	slices.Sort(lines)
	if more := len(lines) - maxCandidates; more > 0 {
		lines = append(lines[:maxCandidates], fmt.Sprintf("  - and %d more", more))
	}
	return strings.Join(lines, "\n")
}

// dataSourceAttributes are the settings as a data source returns them.
func dataSourceAttributes() map[string]schema.Attribute {
	attributes := framework.ComputedAttributes(settingAttributes(describer{}), func(d string) string { return d })
	attributes["user_attribute_name_for_connection_environments"] = schema.StringAttribute{
		MarkdownDescription: "User attribute that picks the environment of this base connection; null where none is bound. Managed by the resource `dataconn_omni_environment_user_attribute`.",
		Computed:            true,
	}
	attributes["user_attribute_values_for_default_environment"] = schema.SetAttribute{
		MarkdownDescription: "Attribute values that this base connection itself serves. Managed by the resource `dataconn_omni_environment_user_attribute`.",
		ElementType:         types.StringType,
		Computed:            true,
	}
	attributes["updated_at"] = schema.StringAttribute{
		MarkdownDescription: "When the connection was last changed (RFC 3339), its binding to a user attribute included. Null on servers that do not return it.",
		Computed:            true,
	}
	return attributes
}
