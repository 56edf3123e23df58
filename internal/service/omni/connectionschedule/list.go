// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectionschedule

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

var _ list.ListResourceWithConfigure = (*scheduleList)(nil)

// scheduleList has its name and its access to Omni from the resource.
type scheduleList struct {
	scheduleResource
}

// NewListResource returns the list resource dataconn_omni_connection_schedule.
func NewListResource() list.ListResource { return &scheduleList{} }

// ListResourceConfigSchema describes the filters.
func (l *scheduleList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = base.OfConnectionSchema("Finds the schema refresh schedules of one Omni connection, or of all of them. Omni lists them by connection, so without `connection_id` a query takes one request for each connection of the organization, at the rate that `max_requests_per_minute` allows. Needs Connection Admin on the connections, and without `connection_id` the admin role.", "schedules")
}

// List finds the schedules.
func (l *scheduleList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	stream.Results = base.ListByConnection(ctx, req, l.Omni, framework.Attempt{Action: "list", Object: "the schedules", Needs: needs}, l.find)
}

func (l *scheduleList) find(ctx context.Context, c *omni.Connection) ([]framework.Listed[model], error) {
	schedules, err := l.Omni.Schedules(ctx, c.ID)
	found := make([]framework.Listed[model], len(schedules))
	for i, s := range schedules {
		found[i] = listed(c, &s)
	}
	return found, err
}

func listed(c *omni.Connection, s *omni.Schedule) framework.Listed[model] {
	if s.Problem != nil {
		return framework.NotListed[model](framework.LeftOut("An Omni schedule", fmt.Sprintf("Schedule %q of connection %s", s.ID, c.ID), s.Problem))
	}
	return framework.Listed[model]{
		Name:     fmt.Sprintf("%s %s of %s", s.Cron, s.Timezone, c.Name.Or(c.ID)),
		Identity: identity{ConnectionID: types.StringValue(c.ID), ID: types.StringValue(s.ID)},
		State: func(m model) (model, diag.Diagnostics) {
			m.ConnectionID = types.StringValue(c.ID)
			return m.read(s), nil
		},
	}
}
