// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectionenvironment

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

var _ datasource.DataSourceWithConfigure = (*environmentsDataSource)(nil)

type environmentsDataSource struct {
	base.DataSource
}

// NewPluralDataSource returns the data source dataconn_omni_connection_environments.
func NewPluralDataSource() datasource.DataSource { return &environmentsDataSource{} }

type environmentsModel struct {
	BaseConnectionID types.String        `tfsdk:"base_connection_id"`
	Environments     []listedEnvironment `tfsdk:"environments"`
}

type listedEnvironment struct {
	ID                  types.String `tfsdk:"id"`
	BaseConnectionID    types.String `tfsdk:"base_connection_id"`
	ConnectionID        types.String `tfsdk:"connection_id"`
	ConnectionName      types.String `tfsdk:"connection_name"`
	UserAttributeValues types.Set    `tfsdk:"user_attribute_values"`
}

// Metadata names the data source.
func (d *environmentsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_omni_connection_environments"
}

// Schema describes the attributes.
func (d *environmentsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The connection environments of a base connection in Omni, or of all. The base connection itself is not among them.\n\n" +
			"Some servers do not list connection environments. With those this data source fails: an empty list would mean that there are none. Needs the admin role.",
		Attributes: map[string]schema.Attribute{
			"base_connection_id": schema.StringAttribute{
				MarkdownDescription: "Only environments of this base connection (a UUID). Default: those of all base connections.",
				Optional:            true,
			},
			"environments": schema.ListNestedAttribute{
				MarkdownDescription: "The environments, sorted by base connection, name of the connection and id.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id": schema.StringAttribute{
						MarkdownDescription: "Id of the association, by which `dataconn_omni_connection_environment` is imported.",
						Computed:            true,
					},
					"base_connection_id": schema.StringAttribute{
						MarkdownDescription: "Id of the base connection.",
						Computed:            true,
					},
					"connection_id": schema.StringAttribute{
						MarkdownDescription: "Id of the connection that is the environment.",
						Computed:            true,
					},
					"connection_name": schema.StringAttribute{
						MarkdownDescription: "Name of that connection, which need not be unique in Omni; null if the server does not list the connection.",
						Computed:            true,
					},
					"user_attribute_values": schema.SetAttribute{
						MarkdownDescription: "Values of the user attribute that lead to this environment; an environment without values routes nobody.",
						ElementType:         types.StringType,
						Computed:            true,
					},
				}},
			},
		},
	}
}

// Read lists the environments.
func (d *environmentsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model environmentsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	id := framework.ReferencedID(path.Root("base_connection_id"), model.BaseConnectionID, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	attempt := framework.Attempt{Action: "list", Object: "Omni connection environments", Needs: needs}
	if id != "" {
		if _, problem := base.FindConnection(ctx, d.Omni, path.Root("base_connection_id"), id, attempt); problem != nil {
			resp.Diagnostics.Append(problem)
			return
		}
	}
	names, err := base.ReadConnectionNames(ctx, d.Omni)
	if err != nil {
		resp.Diagnostics.Append(attempt.Error(err))
		return
	}
	all, err := d.Omni.Environments(ctx)
	if errors.Is(err, omni.ErrNoEnvironmentList) {
		err = fmt.Errorf("%w, so they cannot be read. Those that this configuration created are in its state; all can be seen in Omni's user interface", err)
	}
	if err != nil {
		resp.Diagnostics.Append(attempt.Error(err))
		return
	}
	model.Environments = make([]listedEnvironment, 0, len(all))
	for _, e := range all {
		switch {
		case id != "" && e.BaseConnectionID != "" && !strings.EqualFold(e.BaseConnectionID, id):
		case e.Problem != nil:
			resp.Diagnostics.Append(leftOut(&e))
		default:
			model.Environments = append(model.Environments, forDataSource(e, names))
		}
	}
	slices.SortFunc(model.Environments, func(a, b listedEnvironment) int {
		return cmp.Or(
			cmp.Compare(a.BaseConnectionID.ValueString(), b.BaseConnectionID.ValueString()),
			cmp.Compare(a.ConnectionName.ValueString(), b.ConnectionName.ValueString()),
			cmp.Compare(a.ID.ValueString(), b.ID.ValueString()))
	})
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

// forDataSource returns an environment as the data source does.
func forDataSource(e omni.Environment, names base.ConnectionNames) listedEnvironment {
	values, _ := e.Values.Get()
	return listedEnvironment{
		ID:                  types.StringValue(e.ID),
		BaseConnectionID:    types.StringValue(e.BaseConnectionID),
		ConnectionID:        types.StringValue(e.ConnectionID),
		ConnectionName:      framework.TextOrNull(names.Of(e.ConnectionID)),
		UserAttributeValues: framework.SetOf(values),
	}
}
