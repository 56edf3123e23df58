// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package dbtenvironment

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

// variableSecret is the secret of the variable of this name.
func variableSecret(name string) framework.Secret {
	return framework.ElementSecret("variables", name, "secret")
}

// variable is an element of variables. Where it is not unknown, it is secret if
// it has no value.
type variable struct {
	id, value, secret types.String
	version           types.Int64 // of secret_wo, which itself is in no plan and no state
}

func (v variable) isSecret() bool { return v.value.IsNull() }

func variableType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"id": types.StringType, "value": types.StringType,
		"secret": types.StringType, "secret_wo": types.StringType, "secret_wo_version": types.Int64Type,
	}}
}

// isReplaced reports whether the server's variable of this name is another one:
// others deleted ours and made it again, with a value that we never sent.
func (v variable) isReplaced(server omni.DBTVariable) bool {
	return framework.IsSet(v.id) && !strings.EqualFold(v.id.ValueString(), server.ID)
}

func (v variable) object() attr.Value {
	return types.ObjectValueMust(variableType().AttrTypes, map[string]attr.Value{
		"id": v.id, "value": v.value,
		"secret": v.secret, "secret_wo": types.StringNull(), "secret_wo_version": v.version,
	})
}

// variables returns the elements that are known, by name. They are plans or
// states, so none has a write-only value.
func (m model) variables() map[string]variable {
	known := map[string]variable{}
	for name, element := range m.Variables.Elements() {
		object, _ := element.(types.Object)
		if !framework.IsSet(object) {
			continue
		}
		var v variable
		attributes := object.Attributes()
		v.id, _ = attributes["id"].(types.String)
		v.value, _ = attributes["value"].(types.String)
		v.secret, _ = attributes["secret"].(types.String)
		v.version, _ = attributes["secret_wo_version"].(types.Int64)
		known[name] = v
	}
	return known
}

// openVariables gives each variable that is unknown as a whole its attributes, all
// of them unknown but the write-only one: an unknown write-only value counts as one
// that the provider returned. ok is false where there is none.
func (m model) openVariables() (opened types.Map, ok bool) {
	if !framework.IsSet(m.Variables) {
		return opened, false
	}
	elements := maps.Clone(m.Variables.Elements())
	for name, element := range elements {
		if element.IsUnknown() {
			unknown := variable{id: types.StringUnknown(), value: types.StringUnknown(), secret: types.StringUnknown(), version: types.Int64Unknown()}
			elements[name], ok = unknown.object(), true
		}
	}
	if !ok {
		return opened, false
	}
	return types.MapValueMust(variableType(), elements), true
}

func mapOf(variables map[string]variable) types.Map {
	elements := make(map[string]attr.Value, len(variables))
	for name, v := range variables {
		elements[name] = v.object()
	}
	return types.MapValueMust(variableType(), elements)
}

// persists reports whether a planned variable is one that the server has: of the
// same name and kind. Omni knows it by its id then.
func persists(name string, planned variable, prior map[string]variable) bool {
	before := prior[name]
	return framework.IsSet(before.id) && !planned.value.IsUnknown() && before.isSecret() == planned.isSecret()
}

// hasSecret reports whether the server has a secret variable of this name.
func (m model) hasSecret(name string) bool {
	v := m.variables()[name]
	return v.isSecret() && framework.IsSet(v.id)
}

// secrets are the secrets of the planned variables: those that the server has
// already, and those that are new to it.
func (m model) secrets(prior model) (existing, added []framework.Secret) {
	before := prior.variables()
	planned := m.variables()
	for _, name := range slices.Sorted(maps.Keys(planned)) {
		switch v := planned[name]; {
		case !v.isSecret():
		case persists(name, v, before):
			existing = append(existing, variableSecret(name))
		default:
			added = append(added, variableSecret(name))
		}
	}
	return existing, added
}

// forgotten are the secrets of variables that are secret no more, or gone.
func (m model) forgotten(prior model) []framework.Secret {
	var secrets []framework.Secret
	planned := m.variables()
	for name, before := range prior.variables() {
		if now, ok := planned[name]; before.isSecret() && (!ok || !now.isSecret()) {
			secrets = append(secrets, variableSecret(name))
		}
	}
	return secrets
}

// replaced are the secrets of variables that others deleted and made again.
func (m model) replaced(e *omni.DBTEnvironment) []framework.Secret {
	var secrets []framework.Secret
	prior := m.variables()
	for _, v := range *e.Variables {
		if v.IsSecret && prior[v.Name].isReplaced(v) {
			secrets = append(secrets, variableSecret(v.Name))
		}
	}
	return secrets
}

func (m model) readVariables(list []omni.DBTVariable) types.Map {
	if len(list) == 0 {
		if framework.IsSet(m.Variables) && len(m.Variables.Elements()) == 0 {
			return m.Variables // an empty map is as good as none
		}
		return types.MapNull(variableType())
	}
	prior := m.variables()
	read := map[string]variable{}
	for _, v := range list {
		one := variable{id: types.StringValue(v.ID), value: types.StringNull(), secret: types.StringNull(), version: types.Int64Null()}
		switch before := prior[v.Name]; { // all null where it is not known
		case !v.IsSecret && v.Value.IsZero() && !before.isSecret():
			one.value = before.value // not said
		case !v.IsSecret:
			one.value = types.StringValue(v.Value.Or(""))
		case before.isSecret() && !before.isReplaced(v):
			one.secret, one.version = before.secret, before.version
		}
		read[v.Name] = one
	}
	return mapOf(read)
}
