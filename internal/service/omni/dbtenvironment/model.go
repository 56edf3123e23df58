// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package dbtenvironment

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

// model is the resource's plan and state.
type model struct {
	ID                   types.String `tfsdk:"id"`
	ConnectionID         types.String `tfsdk:"connection_id"`
	Name                 types.String `tfsdk:"name"`
	TargetSchema         types.String `tfsdk:"target_schema"`
	TargetDatabase       types.String `tfsdk:"target_database"`
	TargetName           types.String `tfsdk:"target_name"`
	TargetRole           types.String `tfsdk:"target_role"`
	OwnerID              types.String `tfsdk:"owner_id"`
	IsDefaultEnvironment types.Bool   `tfsdk:"is_default_environment"`
	Variables            types.Map    `tfsdk:"variables"`
	CredentialsUpdatedAt types.String `tfsdk:"credentials_updated_at"`
	framework.Timed
}

// identity is what the resource is known by.
type identity struct {
	ConnectionID types.String `tfsdk:"connection_id"`
	ID           types.String `tfsdk:"id"`
}

func (m model) identity() identity { return identity{ConnectionID: m.ConnectionID, ID: m.ID} }

// connectionID is the connection's id in the server's spelling.
func (m model) connectionID() string { return strings.ToLower(m.ConnectionID.ValueString()) }

// object names the environment in messages.
func (m model) object() string {
	return framework.ObjectName("Omni dbt environment", m.Name, m.ID) + " of connection " + m.connectionID()
}

// settings are what a write sends: everything, because the server replaces the
// whole. An unset text is null, but for the owner of a new environment, which is
// left out: a personal token cannot give any.
func (m model) settings(prior model, secrets framework.SecretChanges) omni.DBTEnvironmentSettings {
	orNull := func(v types.String) nullable.Value[string] {
		if framework.IsSet(v) {
			return nullable.Of(v.ValueString())
		}
		return nullable.Null[string]()
	}
	settings := omni.DBTEnvironmentSettings{
		Name:           m.Name.ValueString(),
		TargetSchema:   m.TargetSchema.ValueString(),
		TargetDatabase: orNull(m.TargetDatabase),
		TargetName:     orNull(m.TargetName),
		TargetRole:     orNull(m.TargetRole),
	}
	if !m.OwnerID.IsUnknown() {
		settings.OwnerID = orNull(m.OwnerID)
	}
	before := prior.variables()
	planned := m.variables()
	for _, name := range slices.Sorted(maps.Keys(planned)) {
		v := planned[name]
		write := omni.DBTVariableWrite{Name: name, IsSecret: v.isSecret()}
		if persists(name, v, before) {
			write.ID = before[name].id.ValueString()
		}
		if v.isSecret() {
			write.Value = secrets.Value(variableSecret(name))
		} else {
			value := secret.New(v.value.ValueString())
			write.Value = &value
		}
		settings.Variables = append(settings.Variables, write)
	}
	return settings
}

// differs reports whether a change of the prior model has anything to send but
// secrets of variables that persist.
func (m model) differs(prior model) bool {
	for _, pair := range [][2]types.String{
		{m.Name, prior.Name},
		{m.TargetSchema, prior.TargetSchema},
		{m.TargetDatabase, prior.TargetDatabase},
		{m.TargetName, prior.TargetName},
		{m.TargetRole, prior.TargetRole},
		{m.OwnerID, prior.OwnerID},
	} {
		if !pair[0].Equal(pair[1]) {
			return true
		}
	}
	before, planned := prior.variables(), m.variables()
	if len(before) != len(planned) {
		return true
	}
	for name, v := range planned {
		if !persists(name, v, before) || !v.value.Equal(before[name].value) {
			return true
		}
	}
	return false
}

// read takes over the server's environment. Secrets are never returned: those of
// variables that are secret on the server stay.
func (m model) read(e *omni.DBTEnvironment) model {
	m.ID = types.StringValue(e.ID)
	m.Name = types.StringValue(e.Name)
	m.TargetSchema = types.StringValue(e.TargetSchema)
	m.TargetDatabase = readText(e.TargetDatabase, m.TargetDatabase)
	m.TargetName = readText(e.TargetName, m.TargetName)
	m.TargetRole = readText(e.TargetRole, m.TargetRole)
	m.OwnerID = readText(e.OwnerID, m.OwnerID)
	m.IsDefaultEnvironment = framework.ReadBool(e.IsDefault, m.IsDefaultEnvironment)
	m.Variables = m.readVariables(*e.Variables)
	return m
}

// readText reads an empty text as none: no attribute can be empty.
func readText(got nullable.Value[string], prior types.String) types.String {
	if text := framework.ReadString(got, prior); text.ValueString() != "" {
		return text
	}
	return types.StringNull()
}

// written returns the planned environment with what the server filled in. The
// variables are those of the plan, whatever the server made of them: a refresh
// shows that.
func (m model) written(e *omni.DBTEnvironment) model {
	ids := map[string]string{}
	for _, v := range *e.Variables {
		ids[v.Name] = v.ID
	}
	planned := m.Variables
	variables := m.variables()
	for name, v := range variables {
		if v.id.IsUnknown() {
			v.id = types.StringNull()
			if id, ok := ids[name]; ok {
				v.id = types.StringValue(id)
			}
			variables[name] = v
		}
	}
	m = m.read(e)
	m.Variables = planned
	if len(variables) > 0 {
		m.Variables = mapOf(variables)
	}
	return m
}
