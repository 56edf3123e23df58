// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package userattributevalue

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

// model is the resource's plan and state.
type model struct {
	UserID        types.String `tfsdk:"user_id"`
	UserEmail     types.String `tfsdk:"user_email"`
	AttributeName types.String `tfsdk:"attribute_name"`
	Value         types.String `tfsdk:"value"`
	Values        types.Set    `tfsdk:"values"`

	framework.Timed
}

// identity is what the resource is known by.
type identity struct {
	UserID        types.String `tfsdk:"user_id"`
	AttributeName types.String `tfsdk:"attribute_name"`
}

func (m model) identity() identity {
	return identity{UserID: types.StringValue(m.userID()), AttributeName: m.AttributeName}
}

// userID is the id in the server's spelling.
func (m model) userID() string { return strings.ToLower(m.UserID.ValueString()) }

func (m model) attribute() string { return m.AttributeName.ValueString() }

// object names the value in messages.
func (m model) object() string {
	user := m.UserEmail.ValueString()
	if user == "" {
		user = m.UserID.ValueString()
	}
	return fmt.Sprintf("value of %s of Omni user %s", m.attribute(), user)
}

// originWarning says what is not plain about how the user came to the value.
func (m model) originWarning(origin inventory.Origin) diag.Diagnostics {
	const summary = "A user's value existed already"
	object := framework.UpperFirst("the " + m.object())
	switch origin {
	case inventory.AsWanted:
		return diag.Diagnostics{diag.NewWarningDiagnostic(summary, object+" existed already, exactly as configured, so it stays, and this resource manages it now. "+framework.ExistingAdvice)}
	case inventory.TakenOver:
		return diag.Diagnostics{diag.NewWarningDiagnostic(summary, object+" was at another address, which this run destroys. It moved here instead, and is what this resource configures now. A moved block shows that in the plan.")}
	case inventory.Remade:
		return diag.Diagnostics{framework.MadeAgain("the " + m.object())}
	}
	return nil
}

// values are those of either attribute, in a stable order.
func (m model) values() []string {
	if framework.IsSet(m.Value) {
		return []string{m.Value.ValueString()}
	}
	return framework.Strings(m.Values)
}

// isKnown reports whether the plan knows all values.
func (m model) isKnown() bool {
	return !m.Value.IsUnknown() && !m.Values.IsUnknown() && !slices.ContainsFunc(m.Values.Elements(), attr.Value.IsUnknown)
}

// wire is what is sent, in the form that the definition wants; nil where nobody
// knows it.
func (m model) wire(definition *omni.UserAttribute) nullable.Value[omni.AttributeValue] {
	value := omni.AttributeValue{Values: m.values(), Multiple: m.Value.IsNull()}
	value.Numeric = definition != nil && definition.Type.Or("") == omni.AttributeNumber
	return nullable.Of(value)
}

// read takes over what the server says of the user. The spelling of a number in the
// state stays where the server has the same number.
func (m model) read(u *omni.User) model {
	m.UserID = framework.InSpellingOf(m.UserID, u.ID)
	m.UserEmail = framework.InSpellingOf(m.UserEmail, u.Email)
	got := u.Values[m.attribute()]
	values := base.NumbersInSpellingOf(m.values(), got.Values)
	if m.Value.IsNull() && (got.Multiple || !m.Values.IsNull()) || len(values) != 1 {
		m.Value, m.Values = types.StringNull(), framework.SetOf(values)
	} else {
		m.Value, m.Values = types.StringValue(values[0]), types.SetNull(types.StringType)
	}
	return m
}
