// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectionschedule

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

// model is the resource's plan and state.
type model struct {
	ID           types.String `tfsdk:"id"`
	ConnectionID types.String `tfsdk:"connection_id"`
	Schedule     types.String `tfsdk:"schedule"`
	Timezone     types.String `tfsdk:"timezone"`
	HardRefresh  types.Bool   `tfsdk:"hard_refresh"`
	Description  types.String `tfsdk:"description"`
	DisabledAt   types.String `tfsdk:"disabled_at"`
	CreatedAt    types.String `tfsdk:"created_at"`
	UpdatedAt    types.String `tfsdk:"updated_at"`
	framework.Timed
}

// identity is what the resource is known by.
type identity struct {
	ConnectionID types.String `tfsdk:"connection_id"`
	ID           types.String `tfsdk:"id"`
}

func (m model) identity() identity { return identity{ConnectionID: m.ConnectionID, ID: m.ID} }

// connectionID is the id in the server's spelling.
func (m model) connectionID() string { return strings.ToLower(m.ConnectionID.ValueString()) }

// object names the schedule in messages.
func (m model) object() string {
	text := "schedule"
	if framework.IsSet(m.ID) {
		text += " " + m.ID.ValueString()
	}
	if framework.IsSet(m.Schedule) {
		text += fmt.Sprintf(" (%s, %s)", m.Schedule.ValueString(), m.Timezone.ValueString())
	}
	return text + " of Omni connection " + m.ConnectionID.ValueString()
}

// settings is all that a change sends.
func (m model) settings() omni.ScheduleSettings {
	return omni.ScheduleSettings{Cron: m.Schedule.ValueString(), Timezone: m.Timezone.ValueString(), HardRefresh: m.HardRefresh.ValueBool()}
}

// isMadeOf reports whether the schedule is planned to stay as it is.
func (m model) isMadeOf(state model) bool {
	return m.ID.Equal(state.ID) && m.ConnectionID.Equal(state.ConnectionID) &&
		m.Schedule.Equal(state.Schedule) && m.Timezone.Equal(state.Timezone) && m.HardRefresh.Equal(state.HardRefresh)
}

// read takes over what the server returned.
func (m model) read(s *omni.Schedule) model {
	m.ConnectionID = framework.InSpellingOf(m.ConnectionID, s.ConnectionID)
	m.ID = types.StringValue(s.ID)
	m.Schedule = types.StringValue(s.Cron)
	m.Timezone = types.StringValue(s.Timezone)
	m.HardRefresh = framework.ReadBool(s.HardRefresh, m.HardRefresh)
	if m.HardRefresh.IsNull() { // imported from a server that does not know it, and so does none
		m.HardRefresh = types.BoolValue(false)
	}
	m.Description = framework.ReadString(s.Description, m.Description)
	m.DisabledAt = framework.ReadString(s.DisabledAt, m.DisabledAt)
	m.CreatedAt = framework.ReadString(s.CreatedAt, m.CreatedAt)
	m.UpdatedAt = framework.ReadString(s.UpdatedAt, m.UpdatedAt)
	return m
}
