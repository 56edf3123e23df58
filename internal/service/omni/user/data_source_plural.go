// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package user is the data source dataconn_omni_users.
package user

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

var _ datasource.DataSourceWithConfigure = (*usersDataSource)(nil)

type usersDataSource struct {
	base.DataSource
}

// NewPluralDataSource returns the data source dataconn_omni_users.
func NewPluralDataSource() datasource.DataSource { return &usersDataSource{} }

type usersModel struct {
	Email          types.String `tfsdk:"email"`
	Group          types.String `tfsdk:"group"`
	AttributeName  types.String `tfsdk:"attribute_name"`
	AttributeValue types.String `tfsdk:"attribute_value"`
	Active         types.Bool   `tfsdk:"active"`
	Users          []userModel  `tfsdk:"users"`
}

type userModel struct {
	ID              types.String         `tfsdk:"id"`
	Email           types.String         `tfsdk:"email"`
	DisplayName     types.String         `tfsdk:"display_name"`
	Active          types.Bool           `tfsdk:"active"`
	Groups          types.Set            `tfsdk:"groups"`
	AttributeValues map[string]types.Set `tfsdk:"attribute_values"`
}

// Metadata names the data source.
func (d *usersDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_omni_users"
}

// Schema describes the attributes.
func (d *usersDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	nonEmpty := []validator.String{framework.NotEmpty()}
	filter := func(description string, more ...validator.String) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Optional: true, Validators: append(slices.Clone(nonEmpty), more...)}
	}
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The users of an Omni organization, sorted by e-mail address, with their groups and their values of user attributes. All filters that are set have to match.\n\n" +
			"All data sources and resources of a run that read users share one list, which takes a request for each page: 1,000 users if the server allows it, otherwise the 100 that Omni documents. With `email` alone, one request is enough. It needs " + base.NeedsOrganizationKey + ".",
		Attributes: map[string]schema.Attribute{
			"email":          filter("Only the user with this e-mail address; case does not matter."),
			"group":          filter("Only members of the group with this name, case included."),
			"attribute_name": filter("Only users who have a value of their own of this user attribute. The default of the attribute does not count. SCIM does not return Omni's own attributes."),
			"attribute_value": filter("Only users who have this value of the attribute, case included. Needs `attribute_name`.",
				stringvalidator.AlsoRequires(path.MatchRoot("attribute_name"))),
			"active": schema.BoolAttribute{
				MarkdownDescription: "`true`: only active users; `false`: only inactive ones. Default: both.",
				Optional:            true,
			},
			"users": schema.ListNestedAttribute{
				MarkdownDescription: "The users that match.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":           text("Id of the user's membership, which SCIM and model roles use."),
					"email":        text("E-mail address of the user."),
					"display_name": text("Name of the user."),
					"active": schema.BoolAttribute{
						MarkdownDescription: "Whether the user can sign in.",
						Computed:            true,
					},
					"groups": schema.SetAttribute{
						MarkdownDescription: "Names of the user's groups. Null if the server does not return them.",
						ElementType:         types.StringType,
						Computed:            true,
					},
					"attribute_values": schema.MapAttribute{
						MarkdownDescription: "The user's own values by user attribute, numbers as text. Null if the server does not return them.",
						ElementType:         types.SetType{ElemType: types.StringType},
						Computed:            true,
					},
				}},
			},
		},
	}
}

// Read lists the users.
func (d *usersDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m usersModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	users, err := d.find(ctx, m)
	if err != nil {
		resp.Diagnostics.Append(framework.Attempt{Action: "list", Object: "Omni users", Needs: base.NeedsOrganizationKey}.Error(err))
		return
	}
	m.Users = make([]userModel, 0, len(users))
	for _, u := range users {
		if u.Problem != nil {
			resp.Diagnostics.Append(base.UserLeftOut(&u))
			continue
		}
		matches, err := m.matches(&u)
		if err != nil {
			resp.Diagnostics.Append(framework.Attempt{Action: "filter", Object: "Omni users"}.Error(err))
			return
		}
		if matches {
			resp.Diagnostics.Append(oddValues(&u)...)
			m.Users = append(m.Users, forDataSource(&u))
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// find asks for one user where that is enough.
func (d *usersDataSource) find(ctx context.Context, m usersModel) ([]omni.User, error) {
	if m.Email.IsNull() {
		return d.Omni.Users(ctx)
	}
	user, err := d.Omni.FindUser(ctx, m.Email.ValueString())
	switch {
	case errors.Is(err, inventory.ErrGone):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return []omni.User{*user}, nil
}

// matches applies the filters. What the server does not tell cannot be filtered by.
func (m usersModel) matches(u *omni.User) (bool, error) {
	name := m.AttributeName.ValueString()
	switch {
	case !m.Active.IsNull() && m.Active.ValueBool() != u.Active:
		return false, nil
	case m.Group.IsNull() && m.AttributeName.IsNull():
		return true, nil
	case !u.HasValues:
		return false, omni.ErrNoAttributeValues
	case !m.Group.IsNull() && !slices.ContainsFunc(u.Groups, func(name string) bool { return omni.SameName(name, m.Group.ValueString()) }):
		return false, nil
	case m.AttributeName.IsNull():
		return true, nil
	case u.OddValues[name] != nil:
		return false, fmt.Errorf("the value of %q of user %s cannot be read: %w", name, u.Email, u.OddValues[name])
	case m.AttributeValue.IsNull():
		return len(u.Values[name].Values) > 0, nil
	}
	return slices.Contains(u.Values[name].Values, m.AttributeValue.ValueString()), nil
}

// oddValues tells which values of a user are left out.
func oddValues(u *omni.User) diag.Diagnostics {
	if len(u.OddValues) == 0 {
		return nil
	}
	var names []string
	for name, err := range u.OddValues {
		names = append(names, fmt.Sprintf("%s (%s)", name, err))
	}
	slices.Sort(names)
	return diag.Diagnostics{diag.NewWarningDiagnostic("Values of an Omni user are left out", fmt.Sprintf("User %s: %s. The others are listed.", u.Email, strings.Join(names, ", ")))}
}

func forDataSource(u *omni.User) userModel {
	m := userModel{
		ID: types.StringValue(u.ID), Email: types.StringValue(u.Email), DisplayName: types.StringValue(u.DisplayName), Active: types.BoolValue(u.Active),
		Groups: types.SetNull(types.StringType),
	}
	if u.HasValues {
		m.Groups = framework.SetOf(u.Groups)
		m.AttributeValues = map[string]types.Set{}
		for name, value := range u.Values {
			m.AttributeValues[name] = framework.SetOf(value.Values)
		}
	}
	return m
}
