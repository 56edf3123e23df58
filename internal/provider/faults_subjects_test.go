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
	// taints is the method of the follow-up of a create whose failure for good
	// leaves a tainted resource; "" is none.
	taints string
	// believes reports answers that cannot be told from the truth.
	believes func(call, fault.Fault) bool
}

// subjects are all of them, by a name. A new resource is a row here.
func subjects() map[string]subject {
	isToken := call.isToken
	all := map[string]subject{
		"connection":      {typeName: "dataconn_omni_connection", prepare: connectionOn(omnimock.Options{})},
		"connection 2026": {typeName: "dataconn_omni_connection", prepare: connectionOn(omnimock.Options{Generation: omnimock.Narrow2026}), isOlder: true},
		"connection 2025": {typeName: "dataconn_omni_connection", prepare: connectionOn(omnimock.Options{Generation: omnimock.Guide2025}), isOlder: true, without: []operation{destroy}},

		"environment":           environmentOn(omnimock.Options{EnvironmentList: true}),
		"environment, no list":  environmentOn(omnimock.Options{EnvironmentListStatus: http.StatusMethodNotAllowed}),
		"environment 2025":      environmentOn(omnimock.Options{Generation: omnimock.Guide2025}),
		"environment, by comma": environmentOn(omnimock.Options{EnvironmentList: true, CommaTextEnvironments: true}),

		"user attribute":       {typeName: "dataconn_omni_environment_user_attribute", prepare: attributeOn(omnimock.Options{})},
		"user attribute, flat": {typeName: "dataconn_omni_environment_user_attribute", prepare: attributeOn(omnimock.Options{FlatEnvironmentAttribute: true}), isOlder: true, without: []operation{destroy}},
		"user attribute 2025":  {typeName: "dataconn_omni_environment_user_attribute", prepare: attributeOn(omnimock.Options{Generation: omnimock.Guide2025}), isOlder: true, without: []operation{destroy}},

		"reporter connection":             {typeName: "dataconn_reporter_connection", prepare: reporterOn(reportermock.StaticToken), believes: believedByReporter},
		"reporter connection, token":      {typeName: "dataconn_reporter_connection", prepare: reporterOn(reportermock.ClientCredentials), only: isToken, without: []operation{createLost, importing}},
		"reporter connection, unassigned": {typeName: "dataconn_reporter_connection", prepare: unassigned, without: []operation{create, createLost, read, destroy, importing}},
	}
	for name, config := range map[string]object{
		"dataconn_omni_connection":            {"name": "n"},
		"dataconn_omni_connections":           {},
		"dataconn_reporter_connection":        {"config_name": "n"},
		"dataconn_reporter_connections":       {},
		"dataconn_reporter_connection_schema": nil,
		"dataconn_reporter_data_sources":      {},
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
	isNewest := options == omnimock.Options{EnvironmentList: true}
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
		if options == (omnimock.Options{}) {
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
// for one that may be of any month. A 200 without content is as good as the 204
// of a deletion.
func believedByReporter(c call, f fault.Fault) bool {
	isGone := f.Status == http.StatusGone && c.method == http.MethodGet && strings.HasSuffix(c.path, "/*")
	return isGone || c.method == http.MethodDelete && !f.Apply && reflect.DeepEqual(f, fault.EmptyBody())
}

func dataOn(typeName string, config object) func(t *testing.T) *scene {
	return func(t *testing.T) *scene {
		t.Helper()
		if strings.HasPrefix(typeName, "dataconn_omni") {
			s, scene := omniScene(t, omnimock.Options{EnvironmentList: true})
			s.AddConnection(object{"name": "n", "dialect": "exasol"})
			scene.config = config
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
