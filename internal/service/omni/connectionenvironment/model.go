// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectionenvironment

import (
	"fmt"
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

// environment is what is known of it without a request.
func (m model) environment() omni.Environment {
	return omni.Environment{
		ID:               m.ID.ValueString(),
		BaseConnectionID: strings.ToLower(m.BaseConnectionID.ValueString()),
		ConnectionID:     strings.ToLower(m.ConnectionID.ValueString()),
	}
}

// originWarning says what is not plain about how the association came to be.
func (m model) originWarning(origin inventory.Origin) diag.Diagnostics {
	var text string
	switch origin {
	case inventory.Found:
		return diag.Diagnostics{framework.WasFound(m.object(), " It has no values yet, so it routes nobody.")}
	case inventory.TakenOver:
		text = "The two connections were associated already, at another address that this run destroys. The association moved here instead, and its users stayed where they were. A moved block shows that in the plan."
	case inventory.AsWanted:
		text = "The two connections were associated already, with these values, so the association stays as it is, and this resource manages it now. " + framework.ExistingAdvice
	case inventory.Remade:
		text = "This run deleted the association and created it again; meanwhile its users were on the base connection. " + framework.RemadeAdvice
	default:
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("An association existed already or was created again", m.object()+": "+text)}
}

// agrees reports whether an association that exists is as this plan has it. Values
// that are not configured are whatever they are.
func (m model) agrees(e *omni.Environment) bool {
	return !framework.IsSet(m.UserAttributeValues) || slices.Equal(framework.Strings(m.UserAttributeValues), e.Values.Or(nil).Sorted())
}

// read takes over what the server lists.
func (m model) read(e *omni.Environment) model {
	m.BaseConnectionID = framework.InSpellingOf(m.BaseConnectionID, e.BaseConnectionID)
	m.ConnectionID = framework.InSpellingOf(m.ConnectionID, e.ConnectionID)
	if !e.Values.IsZero() { // a server that leaves the key out says nothing about the values
		m.UserAttributeValues = framework.SetOf(e.Values.Or(nil))
	}
	return m
}
