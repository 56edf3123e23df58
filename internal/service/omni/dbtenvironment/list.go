// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package dbtenvironment

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

var _ list.ListResourceWithConfigure = (*environmentList)(nil)

// environmentList has its name and its access to Omni from the resource.
type environmentList struct {
	environmentResource
}

// NewListResource returns the list resource dataconn_omni_dbt_environment.
func NewListResource() list.ListResource { return &environmentList{} }

// ListResourceConfigSchema describes the filters.
func (l *environmentList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = base.OfConnectionSchema("Finds the dbt environments of one Omni connection, or of all of them. Omni lists them by connection, so without `connection_id` a query takes one request or more for each connection of the organization, at the rate that `max_requests_per_minute` allows. Needs Connection Admin on the connections, and without `connection_id` the admin role.\n\n"+
		"The values of secret variables are not returned: a generated configuration has such a variable without a value, and its plan asks for one.", "dbt environments")
}

// List finds the environments.
func (l *environmentList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	stream.Results = base.ListByConnection(ctx, req, l.Omni, framework.Attempt{Action: "list", Object: "the dbt environments", Needs: needs}, l.find)
}

func (l *environmentList) find(ctx context.Context, c *omni.Connection) ([]framework.Listed[model], error) {
	environments, err := l.Omni.DBTEnvironments(ctx, c.ID)
	if errors.Is(err, omni.ErrDBTNotConfigured) || errors.Is(err, omni.ErrDBTUnsupported) {
		return nil, nil
	}
	found := make([]framework.Listed[model], len(environments))
	for i, e := range environments {
		found[i] = listed(c, &e)
	}
	return found, err
}

func listed(c *omni.Connection, e *omni.DBTEnvironment) framework.Listed[model] {
	if e.Problem != nil {
		return framework.NotListed[model](framework.LeftOut("An Omni dbt environment", fmt.Sprintf("Environment %q of connection %s", e.ID, c.ID), e.Problem))
	}
	return framework.Listed[model]{
		Name:     fmt.Sprintf("%s of %s", e.Name, c.Name.Or(c.ID)),
		Identity: identity{ConnectionID: types.StringValue(c.ID), ID: types.StringValue(e.ID)},
		State: func(m model) (model, diag.Diagnostics) {
			m.ConnectionID = types.StringValue(c.ID)
			return m.read(e), nil
		},
	}
}
