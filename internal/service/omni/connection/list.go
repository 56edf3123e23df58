// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

var _ list.ListResourceWithConfigure = (*connectionList)(nil)

// connectionList has its name and its access to Omni from the resource.
type connectionList struct {
	connectionResource
}

// NewListResource returns the list resource dataconn_omni_connection.
func NewListResource() list.ListResource { return &connectionList{} }

type listModel struct {
	Name     types.String `tfsdk:"name"`
	Database types.String `tfsdk:"database"`
	Dialects []string     `tfsdk:"dialects"`
}

// ListResourceConfigSchema describes the filters.
func (l *connectionList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds the database connections of an Omni organization, filtered by the server and sorted by name. Those in the trash are left out. It takes one request. Needs the admin role.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "Only connections whose name contains this text; case does not matter.",
				Optional:            true,
				Validators:          []validator.String{framework.NotEmpty()},
			},
			"database": schema.StringAttribute{
				MarkdownDescription: "Only connections whose database contains this text; case does not matter.",
				Optional:            true,
				Validators:          []validator.String{framework.NotEmpty()},
			},
			"dialects": schema.ListAttribute{
				MarkdownDescription: "Only connections of one of these dialects. The server refuses a dialect that it does not know.",
				ElementType:         types.StringType,
				Optional:            true,
				Validators:          []validator.List{listvalidator.SizeAtLeast(1), listvalidator.NoNullValues(), listvalidator.ValueStringsAre(base.ListElement(), notMisspelled())},
			},
		},
	}
}

// List finds the connections.
func (l *connectionList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	attempt := framework.Attempt{Action: "list", Object: "Omni connections", Needs: base.NeedsAdmin}
	stream.Results = framework.ListFound(ctx, req, attempt, func(config listModel) ([]framework.Listed[model], error) {
		all, err := l.Omni.Connections(ctx, omni.ConnectionFilter{
			Name:     config.Name.ValueString(),
			Database: config.Database.ValueString(),
			Dialects: config.Dialects,
		})
		if err != nil {
			return []framework.Listed[model]{framework.NotListed[model](notFiltered(attempt, err, len(config.Dialects) > 0))}, nil
		}
		var found []framework.Listed[model]
		for _, c := range all {
			if !c.IsDeleted() {
				found = append(found, listed(&c))
			}
		}
		return found, nil
	})
}

// notMisspelled refuses a dialect that is nearly one that we know; of others the
// server knows more.
func notMisspelled() validator.String {
	return framework.CheckString("a dialect", func(value string) error { return framework.CheckSpelling(value, "dialect", knownDialects()) })
}

// notFiltered words the error of a list, which may be about the dialects, if it was
// filtered by any.
func notFiltered(attempt framework.Attempt, err error, byDialects bool) diag.Diagnostic {
	if byDialects && httpclient.IsBadRequest(err) && strings.Contains(err.Error(), "dialect") {
		return attempt.AttributeError(path.Root("dialects"), err)
	}
	return attempt.Error(err)
}

func listed(c *omni.Connection) framework.Listed[model] {
	if c.Problem != nil {
		return framework.NotListed[model](base.ConnectionLeftOut(c))
	}
	return framework.Listed[model]{
		Name:     fmt.Sprintf("%s (%s)", c.Name.Or(c.ID), c.Dialect),
		Identity: identity{ID: types.StringValue(c.ID)},
		State: func(m model) (model, diag.Diagnostics) {
			m.Settings = read(c, m.Settings)
			m.DeletionProtection = types.BoolValue(true)
			return m, nil
		},
	}
}
