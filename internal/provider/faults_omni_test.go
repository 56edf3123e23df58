// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// The older generations.
var (
	narrow2026 = omnimock.Options{Generation: omnimock.Narrow2026}
	guide2025  = omnimock.Options{Generation: omnimock.Guide2025}
)

func omniSubjects() map[string]subject {
	const (
		connection = "dataconn_omni_connection"
		binding    = "dataconn_omni_environment_user_attribute"
	)
	withModels := omnimock.Options{BuildSchemaModels: true}
	all := map[string]subject{
		"connection":                   {typeName: connection, prepare: connectionOn(omnimock.Options{}, ""), adopts: true, lookalikes: true},
		"connection 2026":              {typeName: connection, prepare: connectionOn(narrow2026, ""), isOlder: true, lookalikes: true},
		"connection 2025":              {typeName: connection, prepare: connectionOn(guide2025, ""), isOlder: true, keeps: true, lookalikes: true, without: []operation{destroy}},
		"connection, newer role":       {typeName: connection, prepare: newerRole, adopts: true, undoes: true, taints: http.MethodPatch, only: call.writes, without: []operation{createLost, read, update, destroy, importing}},
		"connection, schema not shown": {typeName: connection, prepare: snowflake, adopts: true, only: call.writesOrFollows, without: []operation{createLost, read, destroy, importing}},

		"environment":           environmentOn(omnimock.Options{EnvironmentList: true}),
		"environment 2026":      environmentOn(omnimock.Options{EnvironmentList: true, Generation: omnimock.Narrow2026}),
		"environment, no list":  environmentOn(omnimock.Options{EnvironmentListStatus: http.StatusMethodNotAllowed}),
		"environment 2025":      environmentOn(guide2025),
		"environment, by comma": environmentOn(omnimock.Options{EnvironmentList: true, CommaTextEnvironments: true}),

		"schedule":      {typeName: "dataconn_omni_connection_schedule", prepare: scheduleOn(withModels), adopts: true, lookalikes: true},
		"schedule 2026": {typeName: "dataconn_omni_connection_schedule", prepare: scheduleOn(omnimock.Options{Generation: omnimock.Narrow2026, BuildSchemaModels: true}), adopts: true, isOlder: true},

		// Registering twice does no harm, and a destroy asks nobody.
		"schema model": {typeName: "dataconn_omni_schema_model", prepare: schemaModelOn, adopts: true, without: []operation{createLost, destroy}},

		"dbt":             {typeName: "dataconn_omni_connection_dbt", prepare: dbtOn(omnimock.Options{}, ""), adopts: true, single: true},
		"dbt 2026":        {typeName: "dataconn_omni_connection_dbt", prepare: dbtOn(narrow2026, ""), adopts: true, single: true, isOlder: true},
		"dbt environment": {typeName: "dataconn_omni_dbt_environment", prepare: dbtEnvironmentOn(omnimock.Options{}, ""), adopts: true},

		"user attribute definition":             {typeName: "dataconn_omni_user_attribute", prepare: definitionOn(omnimock.Options{}), adopts: true},
		"user attribute definition, without id": {typeName: "dataconn_omni_user_attribute", prepare: definitionOn(omnimock.Options{UserAttributeAnswer: omnimock.AnswerSuccess}), isOlder: true, adopts: true, withoutID: true},

		"user's value":          {typeName: "dataconn_omni_user_attribute_value", prepare: userValueOn(omnimock.Options{}), adopts: true, believes: goneUser, single: true},
		"user's value, by path": {typeName: "dataconn_omni_user_attribute_value", prepare: userValueOn(omnimock.Options{UserPathsOnly: true}), adopts: true, believes: goneUser, single: true, isOlder: true},

		"user's value, not told": {typeName: "dataconn_omni_user_attribute_value", prepare: userValueOn(omnimock.Options{Users: omnimock.NarrowUsers}), adopts: true, believes: goneUser, single: true, isOlder: true, without: []operation{importing}},

		"user attribute":       {typeName: binding, prepare: attributeOn(omnimock.Options{}), adopts: true, single: true},
		"user attribute 2026":  {typeName: binding, prepare: attributeOn(narrow2026), adopts: true, single: true, isOlder: true},
		"user attribute, flat": {typeName: binding, prepare: attributeOn(omnimock.Options{FlatEnvironmentAttribute: true}), adopts: true, single: true, isOlder: true, without: []operation{destroy}},
		"user attribute 2025":  {typeName: binding, prepare: attributeOn(guide2025), adopts: true, single: true, isOlder: true, without: []operation{destroy}},
	}
	// The other forms of secrets, in what writes them.
	writes := []operation{read, destroy, importing}
	for _, form := range forms[1:] {
		name := ", password" + form
		all["connection"+name] = subject{typeName: connection, prepare: connectionOn(omnimock.Options{}, form), adopts: true, only: call.writes, without: writes}
		all["connection 2026"+name] = subject{typeName: connection, prepare: connectionOn(narrow2026, form), isOlder: true, only: call.writes, without: writes}
		all["connection 2025"+name] = subject{typeName: connection, prepare: connectionOn(guide2025, form), isOlder: true, keeps: true, only: call.writes, without: writes}
	}
	for _, form := range forms {
		all["dbt, token"+form] = subject{typeName: "dataconn_omni_connection_dbt", prepare: dbtOn(omnimock.Options{}, "token"+form), adopts: true, single: true, only: call.writes, without: writes}
		if form != "" {
			all["dbt environment, secret"+form] = subject{typeName: "dataconn_omni_dbt_environment", prepare: dbtEnvironmentOn(omnimock.Options{}, form), adopts: true, only: call.writes, without: writes}
		}
	}
	return all
}

func omniScene(t testing.TB, options omnimock.Options) (*omnimock.Server, *scene) {
	t.Helper()
	options.InMemory = true
	s := omnimock.Start(t, options)
	return s, &scene{Host: s.Host, provider: func() object {
		block := protocol.OmniConfig(s)
		if options.Generation == omnimock.Guide2025 {
			block = protocol.With(block, object{"omni": object{"api_version": "unstable"}})
		}
		return block
	}}
}

func connectionOn(options omnimock.Options, form string) func(t testing.TB) *scene {
	return func(t testing.TB) *scene {
		t.Helper()
		s, scene := omniScene(t, options)
		// One that is the same in all the server shows, and is somebody else's.
		lookalike := object{"name": "n", "dialect": "exasol", "host": "h", "includeSchemas": []string{"a"}, "baseRole": "VIEWER"}
		theirs := []string{s.AddConnection(lookalike)}
		scene.stranger = func() {
			if options.Generation == omnimock.Current { // which shows that it is another
				lookalike["host"] = "h9"
			}
			theirs = append(theirs, s.AddConnection(lookalike))
		}
		scene.config = inForm(form, object{"name": "n", "dialect": "exasol", "host": "h", "include_schemas": []string{"a"}, "base_role": "VIEWER", "password": "first", "deletion_protection": false})
		second, third := object{"password": "second", "base_role": "QUERIER"}, object{"password": "the-third"}
		if options.Generation == omnimock.Current {
			second = protocol.With(second, object{"host": "h2", "include_schemas": []string{}})
			third = protocol.With(third, object{"name": "n3"})
		}
		scene.changed = protocol.With(scene.config, inForm(form, second))
		scene.another = protocol.With(scene.config, inForm(form, third))
		ours := func() []omnimock.Connection {
			return slices.DeleteFunc(s.Connections(), func(c omnimock.Connection) bool { return slices.Contains(theirs, c.ID) })
		}
		scene.lost = func() (string, string) {
			for _, c := range ours() {
				return c.ID, c.ID
			}
			return "", ""
		}
		scene.differs = func(r *protocol.Resource, config object) string {
			for _, id := range theirs {
				if c, _ := s.Connection(id); c.DeletedAt != nil || !c.UpdatedAt.Equal(c.CreatedAt) {
					return fmt.Sprintf("somebody else's connection was changed: %v", c)
				}
			}
			all := ours()
			if config == nil || len(all) != 1 {
				return count(len(all), config)
			}
			password, _ := s.Secret(all[0].ID, "passwordUnencrypted")
			schemas, _ := all[0].Settings["includeSchemas"].([]string)
			if all[0].Name() != config["name"] || all[0].Settings["host"] != config["host"] || all[0].Settings["baseRole"] != config["base_role"] || password != secretIn(config, "password") ||
				fmt.Sprint(schemas) != fmt.Sprint(config["include_schemas"]) || r.Text("id") != all[0].ID {
				return fmt.Sprintf("the server has %v with the password %s, the state id %s", all[0], password, r.Text("id"))
			}
			return ""
		}
		return scene
	}
}

// newerRole is a connection whose base role the server takes in a change only, after
// the create.
func newerRole(t testing.TB) *scene {
	t.Helper()
	scene := connectionOn(omnimock.Options{BaseRoleEnum: true}, "")(t)
	scene.config = protocol.With(scene.config, object{"base_role": "QUERY_TOPICS"})
	return scene
}

// snowflake is a connection of which the server does not return all.
func snowflake(t testing.TB) *scene {
	t.Helper()
	s, scene := omniScene(t, omnimock.Options{})
	scene.config = object{
		"name": "n", "dialect": "snowflake", "host": "account", "database": "d", "warehouse": "w", "username": "u", "password": "p",
		"default_schema": "first", "deletion_protection": false,
	}
	scene.changed = protocol.With(scene.config, object{"default_schema": "second"})
	scene.another = protocol.With(scene.config, object{"default_schema": "third"})
	scene.differs = func(r *protocol.Resource, config object) string {
		all := s.Connections()
		if config == nil || len(all) != 1 {
			return count(len(all), config)
		}
		schema, _ := s.Secret(all[0].ID, "defaultSchema")
		if schema != config["default_schema"] || r.Get("default_schema") != schema || r.Text("id") != all[0].ID {
			return fmt.Sprintf("the server has %v with the schema %q, the state %v", all[0], schema, r.State())
		}
		return ""
	}
	return scene
}

func environmentOn(options omnimock.Options) subject {
	isNewest := reflect.DeepEqual(options, omnimock.Options{EnvironmentList: true})
	return subject{
		typeName: "dataconn_omni_connection_environment", isOlder: !isNewest,
		adopts: options.EnvironmentList, unlisted: !options.EnvironmentList, mayHaveNoList: true, undoes: true, taints: http.MethodPut,
		// Without a list nothing contradicts a 404.
		believes: func(c call, f fault.Fault) bool {
			return !options.EnvironmentList && c.method == http.MethodDelete && f.Status == http.StatusNotFound
		},
		prepare: func(t testing.TB) *scene {
			t.Helper()
			s, scene := omniScene(t, options)
			scene.config = object{
				"base_connection_id":    s.AddConnection(object{"name": "base", "dialect": "exasol"}),
				"connection_id":         s.AddConnection(object{"name": "other", "dialect": "exasol"}),
				"user_attribute_values": []string{"a", "b"},
			}
			scene.changed = protocol.With(scene.config, object{"user_attribute_values": []string{"b", "c"}})
			scene.another = protocol.With(scene.config, object{"user_attribute_values": []string{"d"}})
			composite := func(e omnimock.Environment) string {
				return e.BaseConnectionID + "/" + e.ConnectionID + "/" + e.ID
			}
			scene.importID = func(*protocol.Resource) string { return composite(s.Environments()[0]) }
			scene.lost = func() (string, string) {
				for _, e := range s.Environments() {
					return composite(e), e.ID
				}
				return "", ""
			}
			scene.differs = func(r *protocol.Resource, config object) string {
				all := s.Environments()
				if config == nil || len(all) != 1 {
					return count(len(all), config)
				}
				got := object{"base_connection_id": all[0].BaseConnectionID, "connection_id": all[0].ConnectionID, "user_attribute_values": slices.Sorted(slices.Values(all[0].UserAttributeValues))}
				if fmt.Sprint(got) != fmt.Sprint(config) || r.Text("id") != all[0].ID {
					return fmt.Sprintf("the server has %v of id %s, the state id %s", got, all[0].ID, r.Text("id"))
				}
				return ""
			}
			return scene
		},
	}
}

func attributeOn(options omnimock.Options) func(t testing.TB) *scene {
	return func(t testing.TB) *scene {
		t.Helper()
		s, scene := omniScene(t, options)
		scene.config = object{
			"connection_id":  s.AddConnection(object{"name": "base", "dialect": "exasol"}),
			"attribute_name": "env", "default_values": []string{"dev"},
		}
		scene.changed = protocol.With(scene.config, object{"attribute_name": "region", "default_values": []string{"eu"}})
		if reflect.DeepEqual(options, omnimock.Options{}) {
			scene.changed["default_values"] = nil // the flat form cannot take them away
		}
		scene.another = protocol.With(scene.config, object{"attribute_name": "region", "default_values": []string{"us"}})
		scene.importID = func(r *protocol.Resource) string { return r.Text("connection_id") }
		scene.lost = func() (string, string) {
			if c := s.Connections()[0]; c.Settings["userAttributeNameForConnectionEnvironments"] != nil {
				return c.ID, c.ID
			}
			return "", ""
		}
		scene.differs = func(_ *protocol.Resource, config object) string {
			settings := s.Connections()[0].Settings
			name, values := settings["userAttributeNameForConnectionEnvironments"], settings["userAttributeValuesForDefaultEnvironment"]
			if list, _ := values.([]string); list == nil {
				values = nil
			}
			if fmt.Sprint(name, values) != fmt.Sprint(config["attribute_name"], config["default_values"]) {
				return fmt.Sprintf("the server has %v with %v", name, values)
			}
			return ""
		}
		return scene
	}
}

func scheduleOn(options omnimock.Options) func(t testing.TB) *scene {
	return func(t testing.TB) *scene {
		t.Helper()
		s, scene := omniScene(t, options)
		connection := s.AddConnection(object{"name": "n", "dialect": "exasol"})
		// One that is the same, and is somebody else's.
		theirs := []string{s.AddSchedule(connection, "0 2 * * ? *", "UTC")}
		s.EditSchedule(theirs[0], func(o *omnimock.Schedule) { o.HardRefresh = true })
		scene.config = object{"connection_id": connection, "schedule": "0 2 * * ? *", "timezone": "UTC", "hard_refresh": true}
		scene.changed = protocol.With(scene.config, object{"schedule": "0 3 * * ? *", "hard_refresh": false})
		scene.another = protocol.With(scene.config, object{"timezone": "Europe/Vienna"})
		scene.stranger = func() {
			id := s.AddSchedule(connection, "0 2 * * ? *", "UTC")
			s.EditSchedule(id, func(o *omnimock.Schedule) { o.HardRefresh = false })
			theirs = append(theirs, id)
		}
		ours := func() []omnimock.Schedule {
			return slices.DeleteFunc(s.Schedules(), func(o omnimock.Schedule) bool { return slices.Contains(theirs, o.ID) })
		}
		scene.importID = func(r *protocol.Resource) string { return connection + "/" + r.Text("id") }
		scene.lost = func() (string, string) {
			for _, o := range ours() {
				return o.ConnectionID + "/" + o.ID, o.ID
			}
			return "", ""
		}
		scene.differs = func(r *protocol.Resource, config object) string {
			all := ours()
			if config == nil || len(all) != 1 {
				return count(len(all), config)
			}
			got := object{"connection_id": all[0].ConnectionID, "schedule": all[0].Schedule, "timezone": all[0].Timezone, "hard_refresh": all[0].HardRefresh}
			if fmt.Sprint(got) != fmt.Sprint(config) || r.Text("id") != all[0].ID {
				return fmt.Sprintf("the server has %v of id %s, the state id %s", got, all[0].ID, r.Text("id"))
			}
			return ""
		}
		return scene
	}
}

func schemaModelOn(t testing.TB) *scene {
	t.Helper()
	s, scene := omniScene(t, omnimock.Options{})
	connection := s.AddConnection(object{"name": "n", "dialect": "exasol"})
	scene.config = object{"connection_id": connection, "refresh_on_create": true}
	scene.changed = object{"connection_id": connection}
	scene.another = object{"connection_id": connection, "refresh_on_create": false}
	scene.importID = func(r *protocol.Resource) string { return r.Text("connection_id") }
	scene.differs = func(r *protocol.Resource, config object) string {
		if config != nil && (len(s.SchemaModels()) != 1 || r.Text("id") != connection) {
			return fmt.Sprintf("the server has %v, the state id %s", s.SchemaModels(), r.Text("id"))
		}
		return ""
	}
	return scene
}

// goneUser: what a GET of a user says about the user is so.
func goneUser(c call, f fault.Fault) bool {
	isGone := f.Status == http.StatusGone || f.Status == http.StatusNotFound && !strings.HasPrefix(f.Body, "<")
	return isGone && c.method == http.MethodGet && strings.HasSuffix(c.path, "/Users/*")
}

func userValueOn(options omnimock.Options) func(t testing.TB) *scene {
	return func(t testing.TB) *scene {
		t.Helper()
		s, scene := omniScene(t, options)
		ours := s.AddUser(omnimock.User{UserName: "a@example.com", Attributes: object{"region": "eu"}})
		theirs := s.AddUser(omnimock.User{UserName: "b@example.com", Attributes: object{"env": "theirs"}})
		scene.config = object{"user_email": "a@example.com", "attribute_name": "env", "value": "x"}
		scene.changed = protocol.With(scene.config, object{"value": "y"})
		scene.another = protocol.With(scene.config, object{"value": "z"})
		scene.neighbor = theirs + "/env"
		scene.importID = func(r *protocol.Resource) string { return r.Text("user_id") + "/env" }
		scene.lost = func() (string, string) {
			if user, _ := s.User("a@example.com"); user.Attributes["env"] != nil {
				return ours + "/env", "env"
			}
			return "", ""
		}
		scene.differs = func(_ *protocol.Resource, config object) string {
			want := object{"region": "eu"}
			if config != nil {
				want["env"] = config["value"]
			}
			if user, _ := s.User("a@example.com"); !reflect.DeepEqual(user.Attributes, want) {
				return fmt.Sprintf("the user has %v", user.Attributes)
			}
			return ""
		}
		if options.Users == omnimock.NarrowUsers { // which shows nothing to import
			scene.neighbor, scene.unshown = "", true
		}
		return scene
	}
}

// dbtOn is a repository; form is "", or "token" with a form of the secret.
func dbtOn(options omnimock.Options, form string) func(t testing.TB) *scene {
	return func(t testing.TB) *scene {
		t.Helper()
		s, scene := omniScene(t, options)
		scene.config = object{
			"connection_id": s.AddConnection(object{"name": "n", "dialect": "postgres"}),
			"ssh_url":       "git@example.com:o/r.git", "branch": "main", "autogen_relationships": true, "enable_virtual_schemas": false,
			"project_root_path": "a",
		}
		second, third := object{"branch": "dev", "enable_virtual_schemas": true, "project_root_path": nil}, object{"branch": "other"}
		if token, ok := strings.CutPrefix(form, "token"); ok {
			scene.config = protocol.With(scene.config, inForm(token, object{"ssh_url": "https://git.example.com/o/r", "auth_method": "https_token", "token": "first"}))
			second = protocol.With(second, inForm(token, object{"token": "second"}))
			third = inForm(token, object{"token": "the-third"})
		}
		scene.changed, scene.another = protocol.With(scene.config, second), protocol.With(scene.config, third)
		scene.importID = func(r *protocol.Resource) string { return r.Text("connection_id") }
		scene.lost = func() (string, string) {
			id := s.Connections()[0].ID
			if _, ok := s.DBT(id); ok {
				return id, id
			}
			return "", ""
		}
		scene.differs = func(_ *protocol.Resource, config object) string {
			id := s.Connections()[0].ID
			got, ok := s.DBT(id)
			if config == nil || !ok {
				return count(map[bool]int{true: 1}[ok], config)
			}
			root := any(nil)
			if got.ProjectRootPath != nil {
				root = *got.ProjectRootPath
			}
			token, _ := s.Secret(id, "token")
			if got.SSHURL != config["ssh_url"] || got.Branch != config["branch"] || got.EnableVirtualSchemas != config["enable_virtual_schemas"] || root != config["project_root_path"] || token != secretIn(config, "token") {
				return fmt.Sprintf("the server has %+v with the token %q", got, token)
			}
			return ""
		}
		return scene
	}
}

func dbtEnvironmentOn(options omnimock.Options, form string) func(t testing.TB) *scene {
	variables := func(plain, secret string) object {
		return inForm(form, object{"PLAIN": object{"value": plain}, "SECRET": object{"secret": secret}})
	}
	return func(t testing.TB) *scene {
		t.Helper()
		s, scene := omniScene(t, options)
		connection := s.AddConnection(object{"name": "n", "dialect": "postgres"})
		s.EditDBT(connection, func(*omnimock.DBT) {})
		// One that is the same in all the server shows, and is somebody else's.
		plain, secret := "p", "theirs"
		theirs := s.AddDBTEnvironment(connection, omnimock.DBTEnvironment{Name: "n", TargetSchema: "s", Variables: []omnimock.DBTVariable{
			{Name: "PLAIN", Value: &plain}, {Name: "SECRET", Value: &secret, IsSecret: true},
		}})
		owner := s.AddMember()
		scene.config = object{
			"connection_id": connection, "name": "n", "target_schema": "s", "variables": variables("p", "first"),
			"target_database": "d", "target_name": "t", "target_role": "r", "owner_id": owner,
		}
		scene.changed = protocol.With(scene.config, object{"target_schema": "s2", "target_role": nil, "variables": variables("p2", "second")})
		scene.another = protocol.With(scene.config, object{"target_database": "d3", "variables": variables("p", "the-third")})
		ours := func() []omnimock.DBTEnvironment {
			return slices.DeleteFunc(s.DBTEnvironments(connection), func(e omnimock.DBTEnvironment) bool { return e.ID == theirs })
		}
		scene.importID = func(r *protocol.Resource) string { return connection + "/" + r.Text("id") }
		scene.lost = func() (string, string) {
			for _, e := range ours() {
				return e.ConnectionID + "/" + e.ID, e.ID
			}
			return "", ""
		}
		scene.differs = func(r *protocol.Resource, config object) string {
			all := ours()
			if config == nil || len(all) != 1 {
				return count(len(all), config)
			}
			got := object{}
			for _, v := range all[0].Variables {
				if secret, ok := s.Secret(v.ID, "value"); ok {
					got[v.Name] = secret
				} else {
					got[v.Name] = *v.Value
				}
			}
			configured, _ := config["variables"].(object)
			plain, _ := configured["PLAIN"].(object)
			secret, _ := configured["SECRET"].(object)
			want := object{"PLAIN": plain["value"], "SECRET": secretIn(secret, "secret")}
			role := any(nil)
			if all[0].TargetRole != nil {
				role = *all[0].TargetRole
			}
			if all[0].TargetSchema != config["target_schema"] || *all[0].TargetDatabase != config["target_database"] || role != config["target_role"] || *all[0].OwnerID != owner || fmt.Sprint(got) != fmt.Sprint(want) || r.Text("id") != all[0].ID {
				return fmt.Sprintf("the server has %+v with %v, the state id %s", all[0], got, r.Text("id"))
			}
			return ""
		}
		return scene
	}
}

// definitionOn is a user attribute itself. A name is unique, so a lost one is
// found wherever the list can be read.
func definitionOn(options omnimock.Options) func(t testing.TB) *scene {
	return func(t testing.TB) *scene {
		t.Helper()
		s, scene := omniScene(t, options)
		scene.config = object{"name": "tenant", "label": "Tenant", "type": "Number", "default_values": []string{"1"}}
		scene.changed = protocol.With(scene.config, object{"name": "tenants", "multiple_values": true, "default_values": []string{"1", "2"}})
		scene.another = protocol.With(scene.config, object{"label": "Another", "default_values": []string{"3"}})
		ours := func() []omnimock.UserAttribute {
			return slices.DeleteFunc(s.UserAttributes(), func(a omnimock.UserAttribute) bool { return !strings.HasPrefix(a.Name, "tenant") })
		}
		scene.lost = func() (string, string) {
			for _, a := range ours() {
				return a.Name, a.Name // the error says so
			}
			return "", ""
		}
		scene.differs = func(r *protocol.Resource, config object) string {
			all := ours()
			if config == nil || len(all) != 1 {
				return count(len(all), config)
			}
			a := all[0]
			if a.Name != config["name"] || a.Type != config["type"] || fmt.Sprint(a.DefaultValues) != fmt.Sprint(config["default_values"]) || config["multiple_values"] == true && !a.MultipleValues || r.Text("id") != a.ID {
				return fmt.Sprintf("the server has %+v, the state id %s", a, r.Text("id"))
			}
			return ""
		}
		return scene
	}
}
