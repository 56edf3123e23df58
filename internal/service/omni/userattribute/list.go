// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package userattribute

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

var _ list.ListResourceWithConfigure = (*attributeList)(nil)

// attributeList has its name and its access to Omni from the resource.
type attributeList struct {
	attributeResource
}

// NewListResource returns the list resource dataconn_omni_user_attribute.
func NewListResource() list.ListResource { return &attributeList{} }

type listModel struct {
	Name types.String `tfsdk:"name"`
}

// ListResourceConfigSchema describes the filters.
func (l *attributeList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds the user attributes of an Omni organization, sorted by name. Those of Omni itself are left out, because they cannot be managed. It takes one request. Needs " + needs + ".",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "Only user attributes whose name contains this text; case does not matter.",
				Optional:            true,
				Validators:          []validator.String{framework.NotEmpty()},
			},
		},
	}
}

// List finds the user attributes.
func (l *attributeList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	attempt := framework.Attempt{Action: "list", Object: "Omni user attributes", Needs: needs}
	stream.Results = framework.ListFound(ctx, req, attempt, func(config listModel) ([]framework.Listed[model], error) {
		all, err := l.Omni.UserAttributes(ctx)
		var found []framework.Listed[model]
		for _, a := range all {
			isWanted := strings.Contains(strings.ToLower(a.Name), strings.ToLower(config.Name.ValueString()))
			if a.Problem != nil || isWanted && !a.IsSystem() {
				found = append(found, listed(&a))
			}
		}
		return found, err
	})
}

func listed(a *omni.UserAttribute) framework.Listed[model] {
	if a.Problem != nil {
		return framework.NotListed[model](leftOut(a))
	}
	return framework.Listed[model]{
		Name:     fmt.Sprintf("%s (%s)", a.Name, a.Type.Or("")),
		Identity: identity{ID: types.StringValue(a.ID)},
		State: func(m model) (model, diag.Diagnostics) {
			m.settings = m.read(a)
			return m, nil
		},
	}
}
