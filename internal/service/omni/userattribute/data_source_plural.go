// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package userattribute

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

var _ datasource.DataSourceWithConfigure = (*attributesDataSource)(nil)

type attributesDataSource struct {
	base.DataSource
}

// NewPluralDataSource returns the data source dataconn_omni_user_attributes.
func NewPluralDataSource() datasource.DataSource { return &attributesDataSource{} }

type attributesModel struct {
	Type           types.String `tfsdk:"type"`
	System         types.Bool   `tfsdk:"system"`
	UserAttributes []settings   `tfsdk:"user_attributes"`
}

// Metadata names the data source.
func (d *attributesDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + typeName + "s"
}

// Schema describes the attributes.
func (d *attributesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The user attributes of an Omni organization, sorted by name. The API key needs " + needsToRead + ".",
		Attributes: map[string]schema.Attribute{
			"type": schema.StringAttribute{
				MarkdownDescription: "Only attributes of this type: `String` or `Number`.",
				Optional:            true,
				Validators:          []validator.String{framework.OneOf(omni.AttributeString, omni.AttributeNumber)},
			},
			"system": schema.BoolAttribute{
				MarkdownDescription: "`false`: only attributes that were created in the organization; `true`: only those that Omni itself defines. Default: both.",
				Optional:            true,
			},
			"user_attributes": schema.ListNestedAttribute{
				MarkdownDescription: "The user attributes that match. Those of Omni itself have no `id`.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: dataSourceAttributes()},
			},
		},
	}
}

// Read lists the user attributes.
func (d *attributesDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model attributesModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	all, err := d.Omni.UserAttributes(ctx)
	if err != nil {
		resp.Diagnostics.Append(framework.Attempt{Action: "list", Object: "Omni user attributes", Needs: needsToRead}.Error(explainRead(err)))
		return
	}
	model.UserAttributes = make([]settings, 0, len(all))
	for _, a := range all {
		switch {
		case a.Problem != nil:
			resp.Diagnostics.Append(leftOut(&a))
		case !model.Type.IsNull() && a.Type.Or("") != model.Type.ValueString():
		case !model.System.IsNull() && a.IsSystem() != model.System.ValueBool():
		default:
			model.UserAttributes = append(model.UserAttributes, forDataSource(&a))
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

// leftOut says that a list lacks an attribute that could not be read.
func leftOut(a *omni.UserAttribute) diag.Diagnostic {
	return framework.LeftOut("An Omni user attribute", fmt.Sprintf("User attribute %q (id %q)", a.Name, a.ID), a.Problem)
}
