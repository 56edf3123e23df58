// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package environmentuserattribute

import (
	"context"
	"fmt"

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

var _ list.ListResourceWithConfigure = (*bindingList)(nil)

// bindingList has its name and its access to Omni from the resource.
type bindingList struct {
	bindingResource
}

// NewListResource returns the list resource
// dataconn_omni_environment_user_attribute.
func NewListResource() list.ListResource { return &bindingList{} }

type listModel struct {
	AttributeName types.String `tfsdk:"attribute_name"`
}

// ListResourceConfigSchema describes the filters.
func (l *bindingList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds the base connections of an Omni organization that are bound to a user attribute, sorted by name. It takes one request. Needs the admin role.",
		Attributes: map[string]schema.Attribute{
			"attribute_name": schema.StringAttribute{
				MarkdownDescription: "Only connections that are bound to this user attribute: its reference, such as `environment`; case matters.",
				Optional:            true,
				Validators:          []validator.String{framework.NotEmpty()},
			},
		},
	}
}

// List finds the bindings.
func (l *bindingList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	attempt := framework.Attempt{Action: "list", Object: "environment user attributes of Omni connections", Needs: base.NeedsAdmin}
	stream.Results = framework.ListFound(ctx, req, attempt, func(config listModel) ([]framework.Listed[model], error) {
		connections, err := l.Omni.Connections(ctx, omni.ConnectionFilter{})
		var found []framework.Listed[model]
		for _, c := range connections {
			if name, ok := bound(&c); c.Problem != nil || ok && !c.IsDeleted() && config.takes(name) {
				found = append(found, listed(&c))
			}
		}
		if err == nil && len(found) == 0 {
			found = base.NoneOfAttribute[model](ctx, l.Omni, path.Root("attribute_name"), config.AttributeName.ValueString())
		}
		return found, err
	})
}

func (m listModel) takes(name string) bool {
	return m.AttributeName.IsNull() || m.AttributeName.ValueString() == name
}

func listed(c *omni.Connection) framework.Listed[model] {
	if c.Problem != nil {
		return framework.NotListed[model](base.ConnectionLeftOut(c))
	}
	name, _ := bound(c)
	return framework.Listed[model]{
		Name:     fmt.Sprintf("%s on %s", name, c.Name.Or(c.ID)),
		Identity: identity{ConnectionID: types.StringValue(c.ID)},
		State: func(m model) (model, diag.Diagnostics) {
			m.ConnectionID = types.StringValue(c.ID)
			return m.read(c), nil
		},
	}
}
