// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package soak_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// required are the attributes that a connection of a dialect needs, with values
// for each. Most connections are exasol, so that some can be associated.
var required = map[string]map[string][]any{
	"exasol":     {"host": {"h1", "h2"}},
	"postgres":   {"host": {"h1", "h2"}, "port": {5432, 5433}, "database": {"d1", "d2"}, "username": {"u1", "u2"}},
	"mssql":      {"host": {"h1", "h2"}, "port": {1433, 1434}, "database": {"d1", "d2"}, "username": {"u1", "u2"}, "default_schema": {"dbo", "other"}},
	"snowflake":  {"host": {"account1", "account2"}, "database": {"d1", "d2"}, "username": {"u1", "u2"}, "warehouse": {"w1", "w2"}},
	"trino":      {"host": {"h1", "h2"}},
	"motherduck": {},
}

// optional are attributes that every dialect takes. "" and an empty list clear
// one; to leave it out keeps what the server has.
var optional = map[string][]any{
	"base_role":                             {"VIEWER", "QUERIER", "RESTRICTED_QUERIER", "QUERY_TOPICS", "a custom role"},
	"include_schemas":                       {[]string{"a"}, []string{"b", "a"}, []string{"sales_*", "ü"}, []string{}},
	"offloaded_schemas":                     {[]string{"A"}, []string{"A", "b"}, []string{}},
	"scratch_schema":                        {"s1", "s2", ""},
	"query_timeout_seconds":                 {1, 900, 3600},
	"system_timezone":                       {"UTC", "Europe/Vienna"},
	"query_timezone":                        {"NONE", "Europe/Vienna"},
	"allows_user_specific_timezones":        {true, false},
	"always_scope_view_names":               {true, false},
	"infer_relationships_from_column_names": {true, false},
	"default_schema":                        {"s1", "s2"},
}

func omniConnection() *kind {
	const typeName = "dataconn_omni_connection"
	settings := func(w *world, config object) object {
		for _, name := range slices.Sorted(maps.Keys(required[config["dialect"].(string)])) {
			config[name] = pick(w, required[config["dialect"].(string)][name])
		}
		return config
	}
	return &kind{
		name: "connection", typeName: typeName, keeps: true,
		creation: []route{{"POST", "/api/v1/connections"}, {"GET", "/api/v1/connections/*"}},
		update:   route{"PATCH", "/api/v1/connections/*"}, deletion: route{"DELETE", "/api/v1/connections/*"},
		configure: func(w *world) object {
			dialect := "exasol"
			if w.chance(35) && w.age != omnimock.Guide2025 {
				dialect = pick(w, slices.Sorted(maps.Keys(required)))
			}
			config := w.withSecret(settings(w, object{"name": fmt.Sprintf("n%d", w.names+1), "dialect": dialect}), "password")
			for _, name := range slices.Sorted(maps.Keys(optional)) {
				if _, ok := config[name]; !ok && w.chance(30) {
					config[name] = pick(w, optional[name])
				}
			}
			if w.chance(75) {
				config["deletion_protection"] = false
			}
			return config
		},
		change: func(w *world, e *entry, config object) object {
			switch {
			case w.age == omnimock.Narrow2026 && w.chance(50):
				return protocol.With(config, object{"base_role": pick(w, optional["base_role"])})
			case w.age != omnimock.Current: // which change little in place
				return w.withSecret(config, "password")
			}
			name := pick(w, slices.Sorted(maps.Keys(optional)))
			_, isRequired := required[config["dialect"].(string)][name]
			switch n := w.random.IntN(10); {
			case n < 4 && !isRequired:
				config[name] = pick(w, optional[name])
			case n < 5 && !isRequired:
				delete(config, name)
			case n < 7:
				return w.withSecret(config, "password")
			case n < 8:
				config["deletion_protection"] = w.chance(20)
			case n < 9 && !isProtected(e) && !w.isReferredTo(e):
				for name := range required[config["dialect"].(string)] {
					delete(config, name)
				}
				config["dialect"] = pick(w, slices.Sorted(maps.Keys(required)))
				return settings(w, config)
			default:
				return settings(w, config)
			}
			return config
		},
		id: func(r *protocol.Resource) string { return r.Text("id") },
		onServer: func(w *world) []string {
			var ids []string
			for _, c := range w.omni.Connections() {
				ids = append(ids, c.ID)
			}
			return w.ours(ids)
		},
		differs: func(w *world, e *entry, config object) string {
			c, _ := w.omni.Connection(e.resource.Text("id"))
			for name, value := range config {
				key := camelCase(name)
				switch {
				case name == "default_schema" && config["dialect"] == "snowflake": // never returned
				case name == "base_role":
					if stored, _ := c.Settings[key].(string); sameRole(stored) != sameRole(value.(string)) {
						return fmt.Sprintf("the server has the role %q, not %q", stored, value)
					}
				case strings.HasPrefix(name, "password"), name == "deletion_protection":
				case !sameValue(value, c.Settings[key]):
					return fmt.Sprintf("the server has the %s %v, not %v", key, c.Settings[key], value)
				}
			}
			if got, _ := w.omni.Secret(c.ID, "passwordUnencrypted"); got != secretOf(config, "password") {
				return fmt.Sprintf("the server has the password %q, not %q", got, secretOf(config, "password"))
			}
			return ""
		},
		edit: func(w *world, e *entry) {
			if w.age != omnimock.Current {
				return // nobody could see it
			}
			w.omni.EditConnection(e.resource.Text("id"), func(settings map[string]any) {
				settings["scratchSchema"] = pick(w, []any{"edited", nil})
				settings["includeSchemas"] = pick(w, []any{[]string{"edited"}, nil})
				settings["baseRole"] = pick(w, []any{"MODELER", nil})
				settings["allowBranchConnectionEnvironments"] = w.chance(50)
			})
		},
		remove: func(w *world, e *entry) {
			if w.age == omnimock.Guide2025 {
				return
			}
			if w.chance(50) {
				w.omni.TrashConnection(e.resource.Text("id"))
			} else {
				w.omni.PurgeConnection(e.resource.Text("id"))
			}
		},
		lost: func(w *world, e *entry) string {
			for _, c := range w.omni.Connections() {
				if c.Name() == e.config["name"] && !slices.Contains(w.others, c.ID) {
					return c.ID
				}
			}
			return ""
		},
	}
}

// isReferredTo reports whether something refers to the entry.
func (w *world) isReferredTo(to *entry) bool {
	return slices.ContainsFunc(w.entries, func(e *entry) bool { return slices.Contains(w.refsOf(e), to) })
}

func sameRole(role string) string {
	if role == "RESTRICTED_QUERIER" {
		return "QUERY_TOPICS"
	}
	return role
}

// camelCase is the name of an attribute on the wire.
func camelCase(name string) string {
	words := strings.Split(name, "_")
	for i, word := range words[1:] {
		words[i+1] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "")
}

// values can be used in environments. Default values of a base are others, because
// a base lets a value go only after an environment took it, and the other way
// round.
var values = []string{"a", "b", "c", "d", "E", "ü"}

func environment() *kind {
	const typeName = "dataconn_omni_connection_environment"
	// free are the values that no other environment of the base is configured
	// with.
	free := func(w *world, base *entry, except any) []string {
		taken, _ := except.([]string)
		taken = slices.Clone(taken)
		var used []string
		for _, e := range w.entries {
			if to, ok := e.config["base_connection_id"].(ref); ok && to.to == base {
				of, _ := e.config["user_attribute_values"].([]string)
				used = append(used, of...)
			}
		}
		return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return slices.Contains(used, v) && !slices.Contains(taken, v) })
	}
	return &kind{
		name: "environment", typeName: typeName, dependent: true,
		creation: []route{{"POST", "/api/v1/connection-environments"}, {"PUT", "/api/v1/connection-environments/*"}},
		update:   route{"PUT", "/api/v1/connection-environments/*"}, deletion: route{"DELETE", "/api/v1/connection-environments/*"},
		configure: func(w *world) object {
			var pairs [][2]*entry
			for _, base := range w.connections() {
				for _, other := range w.connections() {
					if base != other && base.config["dialect"] == other.config["dialect"] && !w.areAssociated(base, other) {
						pairs = append(pairs, [2]*entry{base, other})
					}
				}
			}
			if len(pairs) == 0 {
				return nil
			}
			pair := pick(w, pairs)
			config := object{"base_connection_id": ref{pair[0]}, "connection_id": ref{pair[1]}}
			if left := free(w, pair[0], nil); len(left) > 0 && w.chance(85) {
				config["user_attribute_values"] = some(w, left)
			}
			return config
		},
		change: func(w *world, _ *entry, config object) object {
			base := config["base_connection_id"].(ref).to
			if w.chance(50) { // swap with another environment of the base
				for _, e := range w.entries {
					if to, ok := e.config["base_connection_id"].(ref); ok && to.to == base && e.config["connection_id"] != config["connection_id"] &&
						e.config["user_attribute_values"] != nil && config["user_attribute_values"] != nil {
						mine := config["user_attribute_values"]
						config["user_attribute_values"] = e.config["user_attribute_values"]
						w.reconfigure(e, protocol.With(e.config, object{"user_attribute_values": mine}))
						return config
					}
				}
			}
			if left := free(w, base, config["user_attribute_values"]); len(left) > 0 {
				config["user_attribute_values"] = some(w, left)
			}
			return config
		},
		id: func(r *protocol.Resource) string { return r.Text("id") },
		onServer: func(w *world) []string {
			var ids []string
			for _, e := range w.omni.Environments() {
				ids = append(ids, e.ID)
			}
			return w.ours(ids)
		},
		differs: func(w *world, e *entry, config object) string {
			have, _ := w.omni.Environment(e.resource.Text("id"))
			if have.BaseConnectionID != config["base_connection_id"] || have.ConnectionID != config["connection_id"] {
				return fmt.Sprintf("the server associates %s with %s", have.BaseConnectionID, have.ConnectionID)
			}
			if want, ok := config["user_attribute_values"]; ok && !sameValue(want, have.UserAttributeValues) {
				return fmt.Sprintf("the server has the values %q, not %q", have.UserAttributeValues, want)
			}
			return ""
		},
		edit: func(w *world, e *entry) {
			if w.listed { // else nobody can see it
				w.omni.EditEnvironment(e.resource.Text("id"), pick(w, [][]string{{"edited"}, {}, {"a"}})...)
			}
		},
		remove: func(w *world, e *entry) {
			if w.listed {
				w.omni.RemoveEnvironment(e.resource.Text("id"))
			}
		},
		lost: func(w *world, e *entry) string {
			base, other := e.config["base_connection_id"].(ref).to.resource, e.config["connection_id"].(ref).to.resource
			for _, have := range w.omni.Environments() {
				if base.Exists() && other.Exists() && have.BaseConnectionID == base.Text("id") && have.ConnectionID == other.Text("id") {
					return have.BaseConnectionID + "/" + have.ConnectionID + "/" + have.ID
				}
			}
			return ""
		},
		waits: func(w *world, entries []*entry) bool {
			return slices.ContainsFunc(entries, func(e *entry) bool {
				wanted, _ := e.config["user_attribute_values"].([]string)
				return slices.ContainsFunc(w.omni.Environments(), func(have omnimock.Environment) bool {
					isOwn := e.resource.Exists() && have.ID == e.resource.Text("id")
					return !isOwn && slices.ContainsFunc(wanted, func(v string) bool { return slices.Contains(have.UserAttributeValues, v) })
				})
			})
		},
	}
}

// connections are the configured ones.
func (w *world) connections() []*entry {
	var all []*entry
	for _, e := range w.entries {
		if e.kind.name == "connection" && e.config != nil {
			all = append(all, e)
		}
	}
	return all
}

func (w *world) areAssociated(base, other *entry) bool {
	return slices.ContainsFunc(w.entries, func(e *entry) bool {
		return e.config["base_connection_id"] == ref{base} && e.config["connection_id"] == ref{other}
	})
}

func userAttribute() *kind {
	const typeName, nameKey, valuesKey = "dataconn_omni_environment_user_attribute", "userAttributeNameForConnectionEnvironments", "userAttributeValuesForDefaultEnvironment"
	settings := func(w *world, config object) object {
		config["attribute_name"] = pick(w, []string{"env", "region"})
		delete(config, "default_values")
		if w.chance(60) {
			config["default_values"] = some(w, []string{"x", "y", "Z"})
		}
		return config
	}
	return &kind{
		name: "user attribute", typeName: typeName, dependent: true,
		creation: []route{{"PATCH", "/api/v1/connections/*"}},
		update:   route{"PATCH", "/api/v1/connections/*"}, deletion: route{"PATCH", "/api/v1/connections/*"},
		configure: func(w *world) object {
			bases := slices.DeleteFunc(w.connections(), func(base *entry) bool {
				return slices.ContainsFunc(w.entries, func(e *entry) bool { return e.kind.name == "user attribute" && slices.Contains(w.refsOf(e), base) })
			})
			if len(bases) == 0 {
				return nil
			}
			return settings(w, object{"connection_id": ref{pick(w, bases)}})
		},
		change: func(w *world, _ *entry, config object) object { return settings(w, config) },
		id:     func(r *protocol.Resource) string { return r.Text("connection_id") },
		onServer: func(w *world) []string {
			var ids []string
			for _, c := range w.omni.Connections() {
				if c.Settings[nameKey] != nil {
					ids = append(ids, c.ID)
				}
			}
			return w.ours(ids)
		},
		differs: func(w *world, e *entry, config object) string {
			c, _ := w.omni.Connection(e.resource.Text("connection_id"))
			if c.Settings[nameKey] != config["attribute_name"] || !sameValue(config["default_values"], c.Settings[valuesKey]) {
				return fmt.Sprintf("the server has %v with %v", c.Settings[nameKey], c.Settings[valuesKey])
			}
			return ""
		},
		edit: func(w *world, e *entry) {
			w.omni.EditConnection(e.resource.Text("connection_id"), func(settings map[string]any) {
				settings[nameKey], settings[valuesKey] = "edited", pick(w, []any{[]string{"edited"}, nil})
			})
		},
		remove: func(w *world, e *entry) {
			w.omni.EditConnection(e.resource.Text("connection_id"), func(settings map[string]any) {
				settings[nameKey], settings[valuesKey] = nil, nil
			})
		},
		lost: func(w *world, e *entry) string {
			for _, base := range w.refsOf(e) {
				if !base.resource.Exists() {
					continue
				}
				id := base.resource.Text("id")
				if c, ok := w.omni.Connection(id); ok && c.DeletedAt == nil && c.Settings[nameKey] != nil { // none is in the trash
					return id
				}
			}
			return ""
		},
	}
}
