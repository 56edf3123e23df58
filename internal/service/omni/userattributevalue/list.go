// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package userattributevalue

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

var _ list.ListResourceWithConfigure = (*valueList)(nil)

// valueList has its name and its access to Omni from the resource.
type valueList struct {
	valueResource
}

// NewListResource returns the list resource dataconn_omni_user_attribute_value.
func NewListResource() list.ListResource { return &valueList{} }

type listModel struct {
	AttributeName types.String `tfsdk:"attribute_name"`
}

// ListResourceConfigSchema describes the filter.
func (l *valueList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds the values of user attributes that users have of their own, by user and attribute. It reads all users, in as many requests as the list has pages, and needs " + needs + ".",
		Attributes: map[string]schema.Attribute{
			"attribute_name": schema.StringAttribute{
				MarkdownDescription: "Only values of this user attribute, case included.",
				Optional:            true,
				Validators:          []validator.String{framework.NotEmpty()},
			},
		},
	}
}

// List finds the values.
func (l *valueList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	attempt := framework.Attempt{Action: "list", Object: "the values of Omni users", Needs: needs}
	stream.Results = framework.ListFound(ctx, req, attempt, func(config listModel) ([]framework.Listed[model], error) {
		users, err := l.Omni.Users(ctx)
		var found []framework.Listed[model]
		for _, u := range users {
			found = append(found, listed(&u, config.AttributeName.ValueString())...)
		}
		if err == nil && len(found) == 0 {
			found = base.NoneOfAttribute[model](ctx, l.Omni, path.Root("attribute_name"), config.AttributeName.ValueString())
		}
		return found, err
	})
}

// listed are the values of one user; an empty name is any attribute.
func listed(u *omni.User, name string) []framework.Listed[model] {
	if u.Problem != nil {
		return []framework.Listed[model]{framework.NotListed[model](base.UserLeftOut(u))}
	}
	var found []framework.Listed[model]
	for _, attribute := range slices.Sorted(maps.Keys(u.Values)) {
		if name != "" && name != attribute {
			continue
		}
		found = append(found, framework.Listed[model]{
			Name:     fmt.Sprintf("%s %q of %s", attribute, u.Values[attribute].Values, u.Email),
			Identity: identity{UserID: types.StringValue(u.ID), AttributeName: types.StringValue(attribute)},
			State: func(m model) (model, diag.Diagnostics) {
				m.AttributeName = types.StringValue(attribute)
				return m.read(u), nil
			},
		})
	}
	return found
}
