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
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// subject is a kind of resource, on a kind of server.
type subject struct {
	typeName string
	isData   bool // a data source
	prepare  func(t *testing.T) *scene
	without  []operation     // that this server cannot do, or that another row covers
	only     func(call) bool // the calls that this row is about; nil is all
	isOlder  bool            // a server that differs in few calls: fewer failures are enough
	unlisted bool            // a server that has no list to look for a lost object in
	// mayHaveNoList says that a 404 or 405 to the list counts as having none.
	mayHaveNoList bool
	// unprovable says that the server returns too little to show that a lost object
	// is the one that was made.
	unprovable bool
	// withoutID says that the answer to a create has no id, so that the object is
	// always looked for.
	withoutID bool
	// taints is the method of the follow-up of a create whose failure leaves a
	// tainted resource where the create cannot be undone either; "" is none.
	taints string
	// believes reports answers that cannot be told from the truth.
	believes func(call, fault.Fault) bool
}

// subjects are all of them, by a name. A new resource is a row here.
func subjects() map[string]subject {
	isToken := call.isToken
	all := map[string]subject{
		"connection":      {typeName: "dataconn_omni_connection", prepare: connectionOn(omnimock.Options{})},
		"connection 2026": {typeName: "dataconn_omni_connection", prepare: connectionOn(omnimock.Options{Generation: omnimock.Narrow2026}), isOlder: true, unprovable: true},
		"connection 2025": {typeName: "dataconn_omni_connection", prepare: connectionOn(omnimock.Options{Generation: omnimock.Guide2025}), isOlder: true, unprovable: true, without: []operation{destroy}},

		"environment":           environmentOn(omnimock.Options{EnvironmentList: true}),
		"environment, no list":  environmentOn(omnimock.Options{EnvironmentListStatus: http.StatusMethodNotAllowed}),
		"environment 2025":      environmentOn(omnimock.Options{Generation: omnimock.Guide2025}),
		"environment, by comma": environmentOn(omnimock.Options{EnvironmentList: true, CommaTextEnvironments: true}),

		"schedule": {typeName: "dataconn_omni_connection_schedule", prepare: scheduleOn(omnimock.Options{BuildSchemaModels: true})},

		// Registering twice does no harm, and a destroy asks nobody.
		"schema model": {typeName: "dataconn_omni_schema_model", prepare: schemaModelOn, without: []operation{createLost, destroy}},

		"dbt":             {typeName: "dataconn_omni_connection_dbt", prepare: dbtOn(omnimock.Options{})},
		"dbt 2026":        {typeName: "dataconn_omni_connection_dbt", prepare: dbtOn(omnimock.Options{Generation: omnimock.Narrow2026}), isOlder: true},
		"dbt environment": {typeName: "dataconn_omni_dbt_environment", prepare: dbtEnvironmentOn(omnimock.Options{})},

		"user attribute definition":             {typeName: "dataconn_omni_user_attribute", prepare: definitionOn(omnimock.Options{})},
		"user attribute definition, without id": {typeName: "dataconn_omni_user_attribute", prepare: definitionOn(omnimock.Options{UserAttributeAnswer: omnimock.AnswerSuccess}), isOlder: true, withoutID: true},

		"user's value":          {typeName: "dataconn_omni_user_attribute_value", prepare: userValueOn(omnimock.Options{})},
		"user's value, by path": {typeName: "dataconn_omni_user_attribute_value", prepare: userValueOn(omnimock.Options{UserPathsOnly: true}), isOlder: true},

		"user attribute":       {typeName: "dataconn_omni_environment_user_attribute", prepare: attributeOn(omnimock.Options{})},
		"user attribute, flat": {typeName: "dataconn_omni_environment_user_attribute", prepare: attributeOn(omnimock.Options{FlatEnvironmentAttribute: true}), isOlder: true, without: []operation{destroy}},
		"user attribute 2025":  {typeName: "dataconn_omni_environment_user_attribute", prepare: attributeOn(omnimock.Options{Generation: omnimock.Guide2025}), isOlder: true, without: []operation{destroy}},

		"reporter connection":             {typeName: "dataconn_reporter_connection", prepare: reporterOn(reportermock.StaticToken), believes: believedByReporter},
		"reporter connection, token":      {typeName: "dataconn_reporter_connection", prepare: reporterOn(reportermock.ClientCredentials), only: isToken, without: []operation{createLost, importing}},
		"reporter connection, unassigned": {typeName: "dataconn_reporter_connection", prepare: unassigned, without: []operation{create, createLost, read, destroy, importing}},
	}
	for name, config := range map[string]object{
		"dataconn_omni_connection":              {"name": "n"},
		"dataconn_omni_connections":             {},
		"dataconn_omni_connection_environments": {},
		"dataconn_omni_environment_route":       nil,
		"dataconn_omni_environment_audience":    nil,
		"dataconn_omni_user_attribute":          {"name": "env"},
		"dataconn_omni_user_attributes":         {},
		"dataconn_omni_users":                   {},
		"dataconn_reporter_connection":          {"config_name": "n"},
		"dataconn_reporter_connections":         {},
		"dataconn_reporter_connection_schema":   nil,
		"dataconn_reporter_data_sources":        {},
	} {
		all["data "+name] = subject{typeName: name, isData: true, prepare: dataOn(name, config)}
	}
	return all
}

// TestEveryEntityHasFaults keeps the table whole.
func TestEveryEntityHasFaults(t *testing.T) {
	t.Parallel()
	p := protocol.New(t, protocol.Options())
	has := func(typeName string, isData bool) bool {
		for _, s := range subjects() {
			if s.typeName == typeName && s.isData == isData {
				return true
			}
		}
		return false
	}
	for typeName := range p.Schemas().ResourceSchemas {
		if !has(typeName, false) {
			t.Errorf("the resource %s has no row", typeName)
		}
	}
	for typeName := range p.Schemas().DataSourceSchemas {
		if !has(typeName, true) {
			t.Errorf("the data source %s has no row", typeName)
		}
	}
}

func omniScene(t *testing.T, options omnimock.Options) (*omnimock.Server, *scene) {
	t.Helper()
	s := omnimock.Start(t, options)
	return s, &scene{Host: s.Host, provider: func() object {
		block := protocol.OmniConfig(s)
		if options.Generation == omnimock.Guide2025 {
			block = protocol.With(block, object{"omni": object{"api_version": "unstable"}})
		}
		return block
	}}
}

func count(n int, config object) string {
	if config == nil && n == 0 {
		return ""
	}
	return fmt.Sprintf("the server has %d", n)
}

func connectionOn(options omnimock.Options) func(t *testing.T) *scene {
	return func(t *testing.T) *scene {
		t.Helper()
		s, scene := omniScene(t, options)
		// One that is the same in all the server shows, and is somebody else's.
		s.AddConnection(object{"name": "n", "dialect": "exasol", "host": "h", "includeSchemas": []string{"a"}})
		scene.config = object{"name": "n", "dialect": "exasol", "host": "h", "include_schemas": []string{"a"}, "password": "first", "deletion_protection": false}
		scene.changed = protocol.With(scene.config, object{"password": "second"})
		if options.Generation == omnimock.Current {
			scene.changed = protocol.With(scene.changed, object{"host": "h2", "include_schemas": []string{}})
		}
		ours := func() []omnimock.Connection {
			return slices.DeleteFunc(s.Connections(), func(c omnimock.Connection) bool {
				_, made := s.Secret(c.ID, "passwordUnencrypted")
				return !made
			})
		}
		scene.lost = func() (string, string) {
			for _, c := range ours() {
				return c.ID, c.ID
			}
			return "", ""
		}
		scene.differs = func(r *protocol.Resource, config object) string {
			all := ours()
			if config == nil || len(all) != 1 {
				return count(len(all), config)
			}
			password, _ := s.Secret(all[0].ID, "passwordUnencrypted")
			schemas, _ := all[0].Settings["includeSchemas"].([]string)
			if all[0].Settings["host"] != config["host"] || password != config["password"] || fmt.Sprint(schemas) != fmt.Sprint(config["include_schemas"]) || r.Text("id") != all[0].ID {
				return fmt.Sprintf("the server has %v with the password %s, the state id %s", all[0], password, r.Text("id"))
			}
			return ""
		}
		return scene
	}
}

func environmentOn(options omnimock.Options) subject {
	isNewest := reflect.DeepEqual(options, omnimock.Options{EnvironmentList: true})
	return subject{
		typeName: "dataconn_omni_connection_environment", isOlder: !isNewest, unlisted: !options.EnvironmentList, mayHaveNoList: true, taints: http.MethodPut,
		// Without a list nothing contradicts a 404.
		believes: func(c call, f fault.Fault) bool {
			return !options.EnvironmentList && c.method == http.MethodDelete && f.Status == http.StatusNotFound
		},
		prepare: func(t *testing.T) *scene {
			t.Helper()
			s, scene := omniScene(t, options)
			scene.config = object{
				"base_connection_id":    s.AddConnection(object{"name": "base", "dialect": "exasol"}),
				"connection_id":         s.AddConnection(object{"name": "other", "dialect": "exasol"}),
				"user_attribute_values": []string{"a", "b"},
			}
			scene.changed = protocol.With(scene.config, object{"user_attribute_values": []string{"b", "c"}})
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

func attributeOn(options omnimock.Options) func(t *testing.T) *scene {
	return func(t *testing.T) *scene {
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
		scene.importID = func(r *protocol.Resource) string { return r.Text("connection_id") }
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

func scheduleOn(options omnimock.Options) func(t *testing.T) *scene {
	return func(t *testing.T) *scene {
		t.Helper()
		s, scene := omniScene(t, options)
		connection := s.AddConnection(object{"name": "n", "dialect": "exasol"})
		// One that is the same, and is somebody else's.
		theirs := s.AddSchedule(connection, "0 2 * * ? *", "UTC")
		s.EditSchedule(theirs, func(o *omnimock.Schedule) { o.HardRefresh = true })
		scene.config = object{"connection_id": connection, "schedule": "0 2 * * ? *", "timezone": "UTC", "hard_refresh": true}
		scene.changed = protocol.With(scene.config, object{"schedule": "0 3 * * ? *", "hard_refresh": false})
		ours := func() []omnimock.Schedule {
			return slices.DeleteFunc(s.Schedules(), func(o omnimock.Schedule) bool { return o.ID == theirs })
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

func schemaModelOn(t *testing.T) *scene {
	t.Helper()
	s, scene := omniScene(t, omnimock.Options{})
	connection := s.AddConnection(object{"name": "n", "dialect": "exasol"})
	scene.config = object{"connection_id": connection, "refresh_on_create": true}
	scene.changed = object{"connection_id": connection}
	scene.importID = func(r *protocol.Resource) string { return r.Text("connection_id") }
	scene.differs = func(r *protocol.Resource, config object) string {
		if config != nil && (len(s.SchemaModels()) != 1 || r.Text("id") != connection) {
			return fmt.Sprintf("the server has %v, the state id %s", s.SchemaModels(), r.Text("id"))
		}
		return ""
	}
	return scene
}

func userValueOn(options omnimock.Options) func(t *testing.T) *scene {
	return func(t *testing.T) *scene {
		t.Helper()
		s, scene := omniScene(t, options)
		s.AddUser(omnimock.User{UserName: "a@example.com", Attributes: object{"region": "eu"}})
		theirs := s.AddUser(omnimock.User{UserName: "b@example.com", Attributes: object{"env": "theirs"}})
		scene.config = object{"user_email": "a@example.com", "attribute_name": "env", "value": "x"}
		scene.changed = protocol.With(scene.config, object{"value": "y"})
		scene.neighbor = theirs + "/env"
		scene.importID = func(r *protocol.Resource) string { return r.Text("user_id") + "/env" }
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
		return scene
	}
}

func dbtOn(options omnimock.Options) func(t *testing.T) *scene {
	return func(t *testing.T) *scene {
		t.Helper()
		s, scene := omniScene(t, options)
		scene.config = object{
			"connection_id": s.AddConnection(object{"name": "n", "dialect": "postgres"}),
			"ssh_url":       "git@example.com:o/r.git", "branch": "main", "autogen_relationships": true, "enable_virtual_schemas": false,
			"project_root_path": "a",
		}
		scene.changed = protocol.With(scene.config, object{"branch": "dev", "enable_virtual_schemas": true, "project_root_path": nil})
		scene.importID = func(r *protocol.Resource) string { return r.Text("connection_id") }
		scene.differs = func(_ *protocol.Resource, config object) string {
			got, ok := s.DBT(s.Connections()[0].ID)
			if config == nil || !ok {
				return count(map[bool]int{true: 1}[ok], config)
			}
			root := any(nil)
			if got.ProjectRootPath != nil {
				root = *got.ProjectRootPath
			}
			if got.SSHURL != config["ssh_url"] || got.Branch != config["branch"] || got.EnableVirtualSchemas != config["enable_virtual_schemas"] || root != config["project_root_path"] {
				return fmt.Sprintf("the server has %+v", got)
			}
			return ""
		}
		return scene
	}
}

func dbtEnvironmentOn(options omnimock.Options) func(t *testing.T) *scene {
	variables := func(plain, secret string) object {
		return object{"PLAIN": object{"value": plain}, "SECRET": object{"secret_wo": secret}}
	}
	return func(t *testing.T) *scene {
		t.Helper()
		s, scene := omniScene(t, options)
		connection := s.AddConnection(object{"name": "n", "dialect": "postgres"})
		s.EditDBT(connection, func(*omnimock.DBT) {})
		// One that is the same in all the server shows, and is somebody else's.
		plain, secret := "p", "theirs"
		theirs := s.AddDBTEnvironment(connection, omnimock.DBTEnvironment{Name: "n", TargetSchema: "s", Variables: []omnimock.DBTVariable{
			{Name: "PLAIN", Value: &plain}, {Name: "SECRET", Value: &secret, IsSecret: true},
		}})
		scene.config = object{"connection_id": connection, "name": "n", "target_schema": "s", "variables": variables("p", "first")}
		scene.changed = protocol.With(scene.config, object{"target_schema": "s2", "variables": variables("p2", "second")})
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
					got[v.Name] = object{"secret_wo": secret}
				} else {
					got[v.Name] = object{"value": *v.Value}
				}
			}
			if all[0].TargetSchema != config["target_schema"] || fmt.Sprint(got) != fmt.Sprint(config["variables"]) || r.Text("id") != all[0].ID {
				return fmt.Sprintf("the server has %+v with %v, the state id %s", all[0], got, r.Text("id"))
			}
			return ""
		}
		return scene
	}
}

// definitionOn is a user attribute itself. A name is unique, so a lost one is
// found wherever the list can be read.
func definitionOn(options omnimock.Options) func(t *testing.T) *scene {
	return func(t *testing.T) *scene {
		t.Helper()
		s, scene := omniScene(t, options)
		scene.config = object{"name": "tenant", "label": "Tenant", "type": "Number", "default_values": []string{"1"}}
		scene.changed = protocol.With(scene.config, object{"name": "tenants", "multiple_values": true, "default_values": []string{"1", "2"}})
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
			if a.Name != config["name"] || a.Type != config["type"] || fmt.Sprint(a.DefaultValues) != fmt.Sprint(config["default_values"]) || a.MultipleValues != (len(a.DefaultValues) > 1) || r.Text("id") != a.ID {
				return fmt.Sprintf("the server has %+v, the state id %s", a, r.Text("id"))
			}
			return ""
		}
		return scene
	}
}

func reporterScene(t *testing.T, auth reportermock.Auth) (*reportermock.Server, *scene) {
	t.Helper()
	s := reportermock.Start(t, reportermock.Options{Auth: auth, AnyDatabase: true})
	scene := &scene{Host: s.Host, provider: func() object { return protocol.ReporterConfig(s) }}
	scene.config = object{
		"config_name": "ours", "type": "POSTGRESQL", "host": "db.example.com", "port": 5432, "database_name": "ledger",
		"user_name": "reporter", "password": "first", "test_connection": true,
	}
	scene.changed = protocol.With(scene.config, object{"port": 5433, "password": "second"})
	scene.neighbor = s.Add(reportermock.Connection{ConfigName: "theirs", ProductName: "sales"}, "theirs")
	ours := func() []reportermock.Connection {
		return slices.DeleteFunc(s.Connections(), func(c reportermock.Connection) bool { return c.ID == scene.neighbor })
	}
	scene.importID = func(*protocol.Resource) string { return "ours" }
	scene.lost = func() (string, string) {
		for _, c := range ours() {
			return c.ID, c.ConfigName
		}
		return "", ""
	}
	scene.differs = func(r *protocol.Resource, config object) string {
		all := ours()
		if config == nil || len(all) != 1 {
			return count(len(all), config)
		}
		password, _ := s.Secret(all[0].ID, "password")
		if all[0].Port != config["port"] || all[0].ProductName != "sales" || password != config["password"] || r.Text("id") != all[0].ID {
			return fmt.Sprintf("the server has %+v with the password %s, the state id %s", all[0], password, r.Text("id"))
		}
		return ""
	}
	return s, scene
}

func reporterOn(auth reportermock.Auth) func(t *testing.T) *scene {
	return func(t *testing.T) *scene {
		t.Helper()
		_, scene := reporterScene(t, auth)
		return scene
	}
}

// unassigned is a connection of an old server, which is given to a product.
func unassigned(t *testing.T) *scene {
	t.Helper()
	s, scene := reporterScene(t, reportermock.StaticToken)
	id := s.Add(reportermock.Connection{ConfigName: "ours", DatabaseName: "ledger", UserName: "reporter"}, "x")
	scene.begin = func(r *protocol.Resource) { r.Import(id).RequireOK(t) }
	return scene
}

// believedByReporter: a 410 is about the object, and no list can tell otherwise
// for one that may be of any month.
func believedByReporter(c call, f fault.Fault) bool {
	return f.Status == http.StatusGone && c.method == http.MethodGet && strings.HasSuffix(c.path, "/*")
}

func dataOn(typeName string, config object) func(t *testing.T) *scene {
	return func(t *testing.T) *scene {
		t.Helper()
		if strings.HasPrefix(typeName, "dataconn_omni") {
			s, scene := omniScene(t, omnimock.Options{EnvironmentList: true})
			id := s.AddConnection(object{"name": "n", "dialect": "exasol", "userAttributeNameForConnectionEnvironments": "env"})
			if scene.config = config; config == nil {
				scene.config = object{"base_connection_id": id}
			}
			return scene
		}
		s := reportermock.Start(t, reportermock.Options{AnyDatabase: true, DataSources: []reportermock.DataSource{{ID: "d", ExternalName: "d", Type: "postgresql"}}})
		id := s.Add(reportermock.Connection{ConfigName: "n", ProductName: "sales"}, "x")
		scene := &scene{Host: s.Host, provider: func() object { return protocol.ReporterConfig(s) }, config: config}
		if config == nil {
			scene.config = object{"connection_id": id}
		}
		return scene
	}
}
