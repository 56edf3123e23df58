// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

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
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

var _ datasource.DataSourceWithConfigure = (*connectionsDataSource)(nil)

type connectionsDataSource struct {
	base.DataSource
}

// NewPluralDataSource returns the data source dataconn_omni_connections.
func NewPluralDataSource() datasource.DataSource { return &connectionsDataSource{} }

type connectionsModel struct {
	Name           types.String       `tfsdk:"name"`
	Database       types.String       `tfsdk:"database"`
	Dialects       types.Set          `tfsdk:"dialects"`
	IncludeDeleted types.Bool         `tfsdk:"include_deleted"`
	SortField      types.String       `tfsdk:"sort_field"`
	SortDirection  types.String       `tfsdk:"sort_direction"`
	Connections    []listedConnection `tfsdk:"connections"`
}

// listedConnection is one of the list; only a list can show what is in the
// trash.
type listedConnection struct {
	dataSourceModel
	DeletedAt types.String `tfsdk:"deleted_at"`
}

// Metadata names the data source.
func (d *connectionsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + typeName + "s"
}

// Schema describes the attributes.
func (d *connectionsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	listed := dataSourceAttributes()
	listed["deleted_at"] = schema.StringAttribute{
		MarkdownDescription: "When the connection was moved to the trash (RFC 3339); null if it is not in the trash.",
		Computed:            true,
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The database connections of an Omni organization, filtered by the server. Needs the admin role.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "Only connections whose name contains this text; case does not matter.",
				Optional:            true,
			},
			"database": schema.StringAttribute{
				MarkdownDescription: "Only connections whose database contains this text; case does not matter.",
				Optional:            true,
			},
			"dialects": schema.SetAttribute{
				MarkdownDescription: "Only connections of one of these dialects. The server refuses a dialect that it does not know.",
				ElementType:         types.StringType,
				Optional:            true,
				Validators:          []validator.Set{setvalidator.NoNullValues(), setvalidator.ValueStringsAre(base.ListElement(), notMisspelled())},
			},
			"include_deleted": schema.BoolAttribute{
				MarkdownDescription: "Whether connections in the trash are listed too. Default: false.",
				Optional:            true,
			},
			"sort_field": schema.StringAttribute{
				MarkdownDescription: "What the server sorts by: `database`, `dialect` or `name`. Without it the list is sorted by name, then id.",
				Optional:            true,
				Validators:          []validator.String{framework.OneOf("database", "dialect", "name")},
			},
			"sort_direction": schema.StringAttribute{
				MarkdownDescription: "`asc` or `desc`; needs `sort_field`.",
				Optional:            true,
				Validators: []validator.String{
					framework.OneOf("asc", "desc"),
					stringvalidator.AlsoRequires(path.MatchRoot("sort_field")),
				},
			},
			"connections": schema.ListNestedAttribute{
				MarkdownDescription: "The connections that match.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: listed},
			},
		},
	}
}

// Read lists the connections.
func (d *connectionsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model connectionsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	list, err := d.Omni.Connections(ctx, omni.ConnectionFilter{
		Name:           model.Name.ValueString(),
		Database:       model.Database.ValueString(),
		Dialects:       framework.Strings(model.Dialects),
		IncludeDeleted: model.IncludeDeleted.ValueBool(),
		SortField:      model.SortField.ValueString(),
		SortDirection:  model.SortDirection.ValueString(),
	})
	if err != nil {
		resp.Diagnostics.Append(notFiltered(framework.Attempt{Action: "list", Object: "Omni connections", Needs: base.NeedsAdmin}, err, len(framework.Strings(model.Dialects)) > 0))
		return
	}
	model.Connections = make([]listedConnection, 0, len(list))
	for _, c := range list {
		if c.Problem != nil {
			resp.Diagnostics.Append(base.ConnectionLeftOut(&c))
			continue
		}
		model.Connections = append(model.Connections, listedConnection{
			dataSourceModel: forDataSource(&c),
			DeletedAt:       framework.ReadString(c.DeletedAt, types.StringNull()),
		})
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}
