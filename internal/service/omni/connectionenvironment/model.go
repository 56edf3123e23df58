// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectionenvironment

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

type model struct {
	ID                  types.String `tfsdk:"id"`
	BaseConnectionID    types.String `tfsdk:"base_connection_id"`
	ConnectionID        types.String `tfsdk:"connection_id"`
	UserAttributeValues types.Set    `tfsdk:"user_attribute_values"`
	framework.Timed
}

// identity is what the resource is known by.
type identity struct {
	ID               types.String `tfsdk:"id"`
	BaseConnectionID types.String `tfsdk:"base_connection_id"`
	ConnectionID     types.String `tfsdk:"connection_id"`
}

func (m model) identity() identity {
	return identity{ID: m.ID, BaseConnectionID: m.BaseConnectionID, ConnectionID: m.ConnectionID}
}

// object names the environment in messages.
func (m model) object() string {
	text := "Omni connection environment"
	if framework.IsSet(m.ID) {
		text += " " + m.ID.ValueString()
	}
	if framework.IsSet(m.ConnectionID) && framework.IsSet(m.BaseConnectionID) {
		text += fmt.Sprintf(" (connection %s of base %s)", m.ConnectionID.ValueString(), m.BaseConnectionID.ValueString())
	}
	return text
}

// read takes over what the server lists.
func (m model) read(e *omni.Environment) model {
	if !strings.EqualFold(m.BaseConnectionID.ValueString(), e.BaseConnectionID) {
		m.BaseConnectionID = types.StringValue(e.BaseConnectionID)
	}
	if !strings.EqualFold(m.ConnectionID.ValueString(), e.ConnectionID) {
		m.ConnectionID = types.StringValue(e.ConnectionID)
	}
	values, _ := e.Values.Get()
	m.UserAttributeValues = framework.SetOf(values)
	return m
}
