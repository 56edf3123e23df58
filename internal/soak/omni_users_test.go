// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package soak_test

import (
	"fmt"
	"slices"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// schemaModel registers the schema model of a connection. No API deletes one, so a
// destroyed one stays, and counts as others'.
func schemaModel() *kind {
	models := route{"POST", "/api/v1/models"}
	return &kind{
		name: "schema model", typeName: "dataconn_omni_schema_model", dependent: true,
		creation: []route{models, {"GET", "/api/v1/models"}}, update: models, deletion: models,
		configure: func(w *world) object {
			bases := slices.DeleteFunc(w.connections(), func(base *entry) bool {
				return slices.ContainsFunc(w.entries, func(e *entry) bool { return e.kind.name == "schema model" && slices.Contains(w.refsOf(e), base) })
			})
			if len(bases) == 0 || w.age != omnimock.Current {
				return nil
			}
			return object{"connection_id": ref{pick(w, bases)}, "refresh_on_create": w.chance(50)}
		},
		change: func(w *world, _ *entry, config object) object {
			config["refresh_on_create"] = w.chance(50)
			return config
		},
		id: func(r *protocol.Resource) string { return r.Text("connection_id") },
		onServer: func(w *world) []string {
			return slices.DeleteFunc(w.omni.SchemaModels(), func(id string) bool {
				return !slices.ContainsFunc(w.entries, func(e *entry) bool {
					return e.kind.name == "schema model" && e.resource.Exists() && e.resource.Text("connection_id") == id
				})
			})
		},
		differs: func(w *world, _ *entry, config object) string {
			if !slices.Contains(w.omni.SchemaModels(), config["connection_id"].(string)) {
				return fmt.Sprintf("the server has no schema model of %v", config["connection_id"])
			}
			return ""
		},
		edit:   func(*world, *entry) {}, // it has nothing of its own
		remove: func(w *world, e *entry) { w.omni.RemoveSchemaModel(e.resource.Text("connection_id")) },
		lost:   func(*world, *entry) string { return "" }, // registering it again takes it over
	}
}

// theUsers are those of the organization; the first one's values are others'.
var theUsers = []string{"theirs@example.com", "a@example.com", "B@example.com"}

// addUsers makes the users.
func (w *world) addUsers() {
	for _, email := range theUsers {
		values := object{}
		if email == theUsers[0] {
			values = object{"env": "theirs", "region": "theirs"}
		}
		id := w.omni.AddUser(omnimock.User{UserName: email, Attributes: values})
		for name := range values {
			w.others = append(w.others, id+"/"+name)
		}
	}
}

// userValue is a user's value of an attribute.
func userValue() *kind {
	const users = "/api/scim/v2/Users"
	idOf := func(w *world, config object) string {
		user, _ := w.omni.User(config["user_email"].(string))
		return user.ID + "/" + config["attribute_name"].(string)
	}
	write := route{"PATCH", users + "/*"}
	return &kind{
		name: "user value", typeName: "dataconn_omni_user_attribute_value",
		creation: []route{write, {"GET", users}}, update: write, deletion: write,
		configure: func(w *world) object {
			config := object{"user_email": pick(w, theUsers[1:]), "attribute_name": pick(w, []string{"env", "region"}), "value": pick(w, []string{"x", "y"})}
			isTaken := func(e *entry) bool {
				return e.kind.name == "user value" && e.config["user_email"] == config["user_email"] && e.config["attribute_name"] == config["attribute_name"] ||
					e.kind.name == "user value" && e.config == nil && e.resource.Exists() && e.kind.id(e.resource) == idOf(w, config)
			}
			if w.age != omnimock.Current || slices.ContainsFunc(w.entries, isTaken) {
				return nil
			}
			return config
		},
		change: func(w *world, _ *entry, config object) object {
			config["value"] = pick(w, []string{"x", "y", "z", "ü"})
			return config
		},
		id: func(r *protocol.Resource) string { return r.Text("user_id") + "/" + r.Text("attribute_name") },
		onServer: func(w *world) []string {
			var ids []string
			for _, u := range w.omni.Users() {
				for name := range u.Attributes {
					ids = append(ids, u.ID+"/"+name)
				}
			}
			return w.ours(ids)
		},
		differs: func(w *world, _ *entry, config object) string {
			user, _ := w.omni.User(config["user_email"].(string))
			if got := user.Attributes[config["attribute_name"].(string)]; got != config["value"] {
				return fmt.Sprintf("the user has the value %v, not %v", got, config["value"])
			}
			return ""
		},
		edit: func(w *world, e *entry) {
			w.omni.SetUserValues(e.resource.Text("user_id"), object{e.resource.Text("attribute_name"): "edited"})
		},
		remove: func(w *world, e *entry) {
			w.omni.SetUserValues(e.resource.Text("user_id"), object{e.resource.Text("attribute_name"): nil})
		},
		lost: func(w *world, e *entry) string {
			if id := idOf(w, e.config); slices.Contains(e.kind.onServer(w), id) {
				return id
			}
			return ""
		},
	}
}
