// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package userattribute

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

// settings are what the resource and the data sources have in common.
type settings struct {
	ID             types.String `tfsdk:"id"`
	Name           types.String `tfsdk:"name"`
	Label          types.String `tfsdk:"label"`
	Type           types.String `tfsdk:"type"`
	MultipleValues types.Bool   `tfsdk:"multiple_values"`
	DefaultValues  types.Set    `tfsdk:"default_values"`
	Description    types.String `tfsdk:"description"`
	System         types.Bool   `tfsdk:"system"`
}

// model is the resource's plan and state.
type model struct {
	settings
	framework.Timed
}

// identity is what the resource is known by.
type identity struct {
	ID types.String `tfsdk:"id"`
}

func (m model) identity() identity { return identity{ID: m.ID} }

// object names the attribute in messages.
func (m model) object() string {
	return framework.ObjectName("Omni user attribute", m.Name, m.ID)
}

// changesOf is what makes an attribute that exists the planned one; false where its
// type or its several values cannot change.
func (m model) changesOf(a *omni.UserAttribute) (omni.UserAttributeSettings, bool) {
	existing := model{settings: m.read(a)}
	isPossible := existing.Type.Equal(m.Type) && (m.MultipleValues.ValueBool() || !existing.MultipleValues.ValueBool())
	return m.changes(existing), isPossible
}

// originWarning says what is not plain about how the attribute came to be.
func (m model) originWarning(origin inventory.Origin) diag.Diagnostics {
	switch origin {
	case inventory.Found:
		return diag.Diagnostics{framework.WasFound(m.object(), "")}
	case inventory.Remade:
		return diag.Diagnostics{diag.NewWarningDiagnostic("A user attribute was destroyed and created again in this run", m.object()+" is new, and no user has a value of it. If only its address changed, a moved block keeps the former one, with the values. "+framework.OnPurposeAdvice)}
	case inventory.TakenOver:
		return diag.Diagnostics{diag.NewWarningDiagnostic("A user attribute existed already", m.object()+" was at another address, which this run destroys. It moved here instead, with the users' values, and was changed to what is configured. A moved block shows that in the plan.")}
	case inventory.AsWanted:
		return diag.Diagnostics{diag.NewWarningDiagnostic("A user attribute existed already", m.object()+" existed already, exactly as configured, so it stays, with the users' values, and this resource manages it now. "+framework.ExistingAdvice)}
	}
	return nil
}

// complete fills in what a new attribute has where nothing is configured.
func (m model) complete(config model) model {
	if config.Label.IsNull() {
		m.Label = m.Name
	}
	if config.Type.IsNull() {
		m.Type = types.StringValue(omni.AttributeString)
	}
	if config.MultipleValues.IsNull() {
		m.MultipleValues = types.BoolValue(false)
	}
	if config.DefaultValues.IsNull() {
		m.DefaultValues = types.SetNull(types.StringType)
	}
	if config.Description.IsNull() {
		m.Description = types.StringNull()
	}
	m.System = types.BoolValue(false)
	return m
}

// createRequest is what a create sends. Only what is not the server's own
// default is sent besides what it requires.
func (m model) createRequest() omni.UserAttributeCreate {
	request := omni.UserAttributeCreate{
		Type:                  m.Type.ValueString(),
		UserAttributeSettings: omni.UserAttributeSettings{Name: nullable.Of(m.Name.ValueString()), Label: nullable.Of(m.Label.ValueString())},
	}
	if m.Description.ValueString() != "" {
		request.Description = nullable.Of(m.Description.ValueString())
	}
	if m.MultipleValues.ValueBool() {
		request.MultipleValues = nullable.Of(true)
	}
	if len(framework.Strings(m.DefaultValues)) > 0 {
		request.DefaultValue = m.defaultValue()
	}
	return request
}

// defaultValue is what is sent: null for none.
func (m model) defaultValue() nullable.Value[omni.AttributeValue] {
	values := framework.Strings(m.DefaultValues)
	if len(values) == 0 {
		return nullable.Null[omni.AttributeValue]()
	}
	return nullable.Of(omni.AttributeValue{Values: values, Multiple: m.MultipleValues.ValueBool()})
}

// changes is what an update sends: only what differs. A default goes along when
// the attribute begins to have several values, because its form changes.
func (m model) changes(state model) omni.UserAttributeSettings {
	change := omni.UserAttributeSettings{
		Name:           framework.ChangedString(m.Name, state.Name),
		Label:          framework.ChangedString(m.Label, state.Label),
		Description:    framework.ChangedString(m.Description, state.Description),
		MultipleValues: framework.ChangedBool(m.MultipleValues, state.MultipleValues),
	}
	switch {
	case m.Description.ValueString() == state.Description.ValueString(): // null and "" are the same
		change.Description = nullable.Value[string]{}
	case change.Description.Or("-") == "":
		change.Description = nullable.Null[string]()
	}
	before, after := framework.Strings(state.DefaultValues), framework.Strings(m.DefaultValues)
	if !m.DefaultValues.IsUnknown() && (!slices.Equal(before, after) || !change.MultipleValues.IsZero() && len(after) > 0) {
		change.DefaultValue = m.defaultValue()
	}
	return change
}

// read takes over what the server lists.
func (s settings) read(a *omni.UserAttribute) settings {
	s.ID = types.StringValue(a.ID)
	s.Name = types.StringValue(a.Name)
	s.Label = framework.ReadString(a.Label, s.Label)
	s.Type = framework.ReadString(a.Type, s.Type)
	s.MultipleValues = framework.ReadBool(a.MultipleValues, s.MultipleValues)
	s.Description = framework.ReadString(a.Description, s.Description)
	s.System = types.BoolValue(a.IsSystem())
	s.DefaultValues = s.readDefault(a.DefaultValue)
	return s
}

// readDefault keeps the spelling of the prior values where the server's are the
// same: numbers can be written in many ways. An empty list stays where there is
// none.
func (s settings) readDefault(got nullable.Value[omni.AttributeValue]) types.Set {
	if got.IsZero() && !s.DefaultValues.IsUnknown() {
		return s.DefaultValues
	}
	values, prior := got.Or(omni.AttributeValue{}).Values, framework.Strings(s.DefaultValues)
	if s.Type.ValueString() == omni.AttributeNumber {
		values = base.NumbersInSpellingOf(prior, values)
	}
	switch {
	case len(values) > 0:
		return framework.SetOf(values)
	case framework.IsSet(s.DefaultValues) && len(prior) == 0:
		return s.DefaultValues
	default:
		return types.SetNull(types.StringType)
	}
}
