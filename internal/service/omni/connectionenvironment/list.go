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

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

var _ list.ListResourceWithConfigure = (*environmentList)(nil)

// environmentList has its name and its access to Omni from the resource.
type environmentList struct {
	environmentResource
}

// NewListResource returns the list resource
// dataconn_omni_connection_environment.
func NewListResource() list.ListResource { return &environmentList{} }

type listModel struct {
	BaseConnectionID types.String `tfsdk:"base_connection_id"`
}

// ListResourceConfigSchema describes the filters.
func (l *environmentList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds the connection environments of an Omni organization, sorted by the names of base and connection. It takes two requests. Works where the server lists connection environments; one that does not is an error. Needs the admin role.",
		Attributes: map[string]schema.Attribute{
			"base_connection_id": schema.StringAttribute{
				MarkdownDescription: "Only environments of this base connection (a UUID).",
				Optional:            true,
				Validators:          []validator.String{framework.UUID()},
			},
		},
	}
}

// List finds the environments.
func (l *environmentList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	attempt := framework.Attempt{Action: "list", Object: "Omni connection environments", Needs: needs}
	stream.Results = framework.ListFound(ctx, req, attempt, func(config listModel) ([]framework.Listed[model], error) {
		return l.find(ctx, config)
	})
}

func (l *environmentList) find(ctx context.Context, config listModel) ([]framework.Listed[model], error) {
	all, err := l.Omni.Environments(ctx)
	if errors.Is(err, omni.ErrNoEnvironmentList) {
		return nil, fmt.Errorf("%w, so a query cannot find them. Import each as <base connection id>/<connection id>/<id>; whoever created the association has its id", err)
	}
	if err != nil {
		return nil, err
	}
	names, _ := base.ReadConnectionNames(ctx, l.Omni) // a name is not worth an error
	nameOf := func(id string) string { return cmp.Or(names.Of(id), id) }
	all = slices.SortedFunc(slices.Values(all), func(a, b omni.Environment) int {
		return cmp.Or(cmp.Compare(nameOf(a.BaseConnectionID), nameOf(b.BaseConnectionID)), cmp.Compare(nameOf(a.ConnectionID), nameOf(b.ConnectionID)), cmp.Compare(a.ID, b.ID))
	})
	var found []framework.Listed[model]
	for _, e := range all {
		if !framework.IsSet(config.BaseConnectionID) || strings.EqualFold(e.BaseConnectionID, config.BaseConnectionID.ValueString()) {
			found = append(found, listed(&e, fmt.Sprintf("%s of base %s", nameOf(e.ConnectionID), nameOf(e.BaseConnectionID))))
		}
	}
	if id := config.BaseConnectionID.ValueString(); id != "" && len(found) == 0 {
		if _, err := l.Omni.Connection(ctx, strings.ToLower(id)); errors.Is(err, inventory.ErrGone) {
			found = append(found, framework.NotListed[model](base.NoSuchConnection(path.Root("base_connection_id"), id)))
		}
	}
	return found, nil
}

func listed(e *omni.Environment, name string) framework.Listed[model] {
	if e.Problem != nil {
		return framework.NotListed[model](leftOut(e))
	}
	return framework.Listed[model]{
		Name:     name,
		Identity: identity{ID: types.StringValue(e.ID), BaseConnectionID: types.StringValue(e.BaseConnectionID), ConnectionID: types.StringValue(e.ConnectionID)},
		State: func(m model) (model, diag.Diagnostics) {
			m.ID = types.StringValue(e.ID)
			return m.read(e), nil
		},
	}
}

func leftOut(e *omni.Environment) diag.Diagnostic {
	return framework.LeftOut("An Omni connection environment", fmt.Sprintf("Environment %q", e.ID), e.Problem)
}
