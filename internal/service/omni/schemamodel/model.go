// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package schemamodel

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

// model is the resource's plan and state.
type model struct {
	ID              types.String `tfsdk:"id"`
	ConnectionID    types.String `tfsdk:"connection_id"`
	RefreshOnCreate types.Bool   `tfsdk:"refresh_on_create"`
	RefreshedAt     types.String `tfsdk:"refreshed_at"`
	CreatedAt       types.String `tfsdk:"created_at"`
	framework.Timed
}

// identity is what the resource is known by.
type identity struct {
	ConnectionID types.String `tfsdk:"connection_id"`
}

func (m model) identity() identity { return identity{ConnectionID: m.ConnectionID} }

// connectionID is the id in the server's spelling.
func (m model) connectionID() string { return strings.ToLower(m.ConnectionID.ValueString()) }

// object names the model in messages.
func (m model) object() string { return "schema model of Omni connection " + m.connectionID() }

// read takes over what the server returned and nobody else changes: the model's name
// is the connection's, and each refresh moves the time of its last change.
func (m model) read(s *omni.SchemaModel) model {
	m.ID = types.StringValue(s.ID)
	m.RefreshedAt = framework.Known(m.RefreshedAt, types.StringNull())
	m.CreatedAt = framework.ReadString(s.CreatedAt, m.CreatedAt)
	if m.RefreshOnCreate.IsNull() { // imported: nothing was refreshed for it
		m.RefreshOnCreate = types.BoolValue(false)
	}
	return m
}

// nameOf is what a query shows.
func nameOf(s *omni.SchemaModel) string { return s.Name.Or(s.ConnectionID) }
