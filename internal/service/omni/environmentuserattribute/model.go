// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package environmentuserattribute

import (
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
)

// model is the resource's plan and state.
type model struct {
	ConnectionID  types.String `tfsdk:"connection_id"`
	AttributeName types.String `tfsdk:"attribute_name"`
	DefaultValues types.Set    `tfsdk:"default_values"`
	framework.Timed
}

// identity is what the resource is known by.
type identity struct {
	ConnectionID types.String `tfsdk:"connection_id"`
}

func (m model) identity() identity { return identity{ConnectionID: m.ConnectionID} }

// object names the binding in messages.
func (m model) object() string {
	return "environment user attribute of Omni connection " + m.ConnectionID.ValueString()
}

// connectionID is the connection's id in the server's spelling.
func (m model) connectionID() string { return strings.ToLower(m.ConnectionID.ValueString()) }

// originWarning says what is not plain about how the binding came to be.
func (m model) originWarning(origin inventory.Origin) diag.Diagnostics {
	var text string
	switch origin {
	case inventory.AsWanted:
		text = "The connection was bound in this way already. If this configuration had it at another address, a moved block shows that in the plan; if another resource still has it, remove one of the two from the state; if somebody else bound it, this configuration manages it now."
	case inventory.TakenOver:
		text = "The connection was bound already, at another address that this run destroys. The binding moved here instead. A moved block shows that in the plan."
	case inventory.Remade:
		text = "This run removed the binding and created it again; meanwhile all users were on the base connection. " + framework.RemadeAdvice
	default:
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("A binding existed already or was created again", "The "+m.object()+": "+text)}
}

// attribute is what is sent: no default values are null, not an empty list.
func (m model) attribute() *omni.EnvironmentUserAttribute {
	attribute := &omni.EnvironmentUserAttribute{AttributeName: m.AttributeName.ValueString()}
	if values := framework.Strings(m.DefaultValues); len(values) > 0 {
		attribute.DefaultValues = values
	}
	return attribute
}

// bound returns the attribute that a connection is bound to; false where it is
// bound to none, or where this server does not say.
func bound(c *omni.Connection) (string, bool) {
	name := c.UserAttributeName.Or("")
	return name, name != ""
}

// read takes over the server's binding.
func (m model) read(c *omni.Connection) model {
	if name, ok := bound(c); ok {
		m.AttributeName = types.StringValue(name)
	}
	m.DefaultValues = framework.ReadSet(c.UserAttributeDefaultValues, m.DefaultValues)
	return m
}

// agrees reports whether the connection is bound as the model says.
func (m model) agrees(c *omni.Connection) bool {
	name, _ := bound(c)
	values, _ := c.UserAttributeDefaultValues.Get()
	return name == m.AttributeName.ValueString() && slices.Equal(values.Sorted(), framework.Strings(m.DefaultValues))
}
