// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectiondbt

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

var _ list.ListResourceWithConfigure = (*dbtList)(nil)

// dbtList has its name and its access to Omni from the resource.
type dbtList struct {
	dbtResource
}

// NewListResource returns the list resource dataconn_omni_connection_dbt.
func NewListResource() list.ListResource { return &dbtList{} }

// ListResourceConfigSchema describes the filters.
func (l *dbtList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = base.OfConnectionSchema("Finds the dbt configurations of Omni connections. Omni shows them per connection, so without `connection_id` a query takes one request for each connection of the organization, at the rate that `max_requests_per_minute` allows. Needs Connection Admin on the connections, and without `connection_id` the admin role.", "the dbt configuration")
}

// List finds the configurations.
func (l *dbtList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	stream.Results = base.ListByConnection(ctx, req, l.Omni, framework.Attempt{Action: "list", Object: "the dbt configuration", Needs: needs}, l.find)
}

func (l *dbtList) find(ctx context.Context, c *omni.Connection) ([]framework.Listed[model], error) {
	config, err := l.Omni.DBT(ctx, c.ID)
	if errors.Is(err, omni.ErrDBTNotConfigured) || errors.Is(err, omni.ErrDBTUnsupported) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return []framework.Listed[model]{{
		Name:     fmt.Sprintf("%s of %s", config.SSHURL.Or(""), c.Name.Or(c.ID)),
		Identity: identity{ConnectionID: types.StringValue(c.ID)},
		State: func(m model) (model, diag.Diagnostics) {
			m.ConnectionID = types.StringValue(c.ID)
			return m.read(config), nil
		},
	}}, nil
}
