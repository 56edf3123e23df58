// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// What every list resource keeps: what it finds is what an import finds, and the
// configuration that a CLI generates from it changes nothing.

// listedType is a resource type with a server that has some of its objects.
type listedType struct {
	start func(t *testing.T) (provider object, faults *fault.Script)
	count int    // how many objects the server has
	odd   string // a list of two, of which one cannot be read; "" where there is no list
	route string // of the list
	// perConnection says that each connection has a list of its own.
	perConnection bool
}

func listedTypes() map[string]listedType {
	return map[string]listedType{
		"dataconn_omni_connection": {
			start: func(t *testing.T) (object, *fault.Script) {
				s := omnimock.Start(t, omnimock.Options{})
				addOneOfEveryDialect(s)
				return protocol.OmniConfig(s), s.Faults()
			},
			count: len(everyDialect()),
			odd:   `{"connections":[{"id":"` + id1 + `","name":7},{"id":"` + id2 + `","name":"sound","dialect":"exasol"}]}`,
			route: "/api/v1/connections",
		},
		"dataconn_omni_connection_environment": {
			start: func(t *testing.T) (object, *fault.Script) {
				s := omnimock.Start(t, omnimock.Options{EnvironmentList: true})
				base := s.AddConnection(object{"name": "base", "dialect": "exasol"})
				for _, name := range []string{"one", "two", "three"} {
					s.AddEnvironment(base, s.AddConnection(object{"name": name, "dialect": "exasol"}), name)
				}
				return protocol.OmniConfig(s), s.Faults()
			},
			count: 3,
			odd: `{"connectionEnvironments":[{"id":"` + id1 + `","baseConnectionId":7},` +
				`{"id":"` + id2 + `","baseConnectionId":"` + id1 + `","connectionId":"` + id3 + `","userAttributeValues":["a"]}]}`,
			route: "/api/v1/connection-environments",
		},
		"dataconn_omni_environment_user_attribute": {
			start: func(t *testing.T) (object, *fault.Script) {
				s := omnimock.Start(t, omnimock.Options{})
				for _, name := range []string{"bound", "bound too"} {
					id := s.AddConnection(object{"name": name, "dialect": "exasol"})
					s.EditConnection(id, func(settings map[string]any) {
						settings["userAttributeNameForConnectionEnvironments"] = "environment"
						if name == "bound" {
							settings["userAttributeValuesForDefaultEnvironment"] = []string{"dev"}
						}
					})
				}
				s.AddConnection(object{"name": "not bound", "dialect": "exasol"})
				return protocol.OmniConfig(s), s.Faults()
			},
			count: 2,
			odd: `{"connections":[{"id":"` + id1 + `","name":7},{"id":"` + id2 + `","name":"sound","dialect":"exasol",` +
				`"userAttributeNameForConnectionEnvironments":"environment"}]}`,
			route: "/api/v1/connections",
		},
		"dataconn_omni_connection_schedule": {
			start: func(t *testing.T) (object, *fault.Script) {
				s := omnimock.Start(t, omnimock.Options{})
				first, second := s.AddConnection(object{"name": "a", "dialect": "postgres"}), s.AddConnection(object{"name": "b", "dialect": "exasol"})
				s.AddConnection(object{"name": "without a schema model", "dialect": "postgres"})
				s.AddSchedule(first, "0 2 * * ? *", "UTC")
				s.AddSchedule(first, "0 3 * * ? *", "Europe/Berlin")
				s.EditSchedule(s.AddSchedule(second, "0 4 * * ? *", "UTC"), func(o *omnimock.Schedule) { o.HardRefresh = true })
				return protocol.OmniConfig(s), s.Faults()
			},
			count:         3,
			odd:           `{"schedules":[{"scheduleId":"` + id1 + `","schedule":7},{"scheduleId":"` + id2 + `","connectionId":"` + id3 + `","schedule":"0 2 * * ? *","timezone":"UTC"}]}`,
			route:         "/api/v1/connections/*/schedules",
			perConnection: true,
		},
		"dataconn_omni_schema_model": {
			start: func(t *testing.T) (object, *fault.Script) {
				s := omnimock.Start(t, omnimock.Options{})
				for _, name := range []string{"b", "a"} {
					s.BuildSchemaModel(s.AddConnection(object{"name": name, "dialect": "exasol"}))
				}
				s.AddConnection(object{"name": "without one", "dialect": "exasol"})
				return protocol.OmniConfig(s), s.Faults()
			},
			count: 2,
			odd:   `{"records":[{"id":"` + id1 + `","connectionId":7},{"id":"` + id2 + `","connectionId":"` + id2 + `","modelKind":"SCHEMA","name":"sound"}]}`,
			route: "/api/v1/models",
		},
		"dataconn_omni_connection_dbt": {
			start: func(t *testing.T) (object, *fault.Script) {
				s := omnimock.Start(t, omnimock.Options{})
				for name, edit := range map[string]func(d *omnimock.DBT){
					"ssh": func(*omnimock.DBT) {},
					"https": func(d *omnimock.DBT) {
						d.AuthMethod, d.SSHURL, d.DeployKey = "https_token", "https://example.com/o/r", ""
					},
				} {
					s.EditDBT(s.AddConnection(object{"name": name, "dialect": "postgres"}), edit)
				}
				s.AddConnection(object{"name": "not configured", "dialect": "postgres"})
				s.AddConnection(object{"name": "not supported", "dialect": "exasol"})
				return protocol.OmniConfig(s), s.Faults()
			},
			count:         2,
			route:         "/api/v1/connections/*/dbt",
			perConnection: true,
		},
		"dataconn_omni_dbt_environment": {
			start: func(t *testing.T) (object, *fault.Script) {
				s := omnimock.Start(t, omnimock.Options{})
				id, value := s.AddConnection(object{"name": "dbt", "dialect": "postgres"}), "v"
				s.EditDBT(id, func(*omnimock.DBT) {})
				s.AddDBTEnvironment(id, omnimock.DBTEnvironment{Name: "dev", TargetSchema: "dev"})
				s.AddDBTEnvironment(id, omnimock.DBTEnvironment{Name: "prod", TargetSchema: "prod", TargetRole: &value, Variables: []omnimock.DBTVariable{{Name: "V", Value: &value}}})
				s.AddConnection(object{"name": "not configured", "dialect": "postgres"})
				s.AddConnection(object{"name": "not supported", "dialect": "exasol"})
				return protocol.OmniConfig(s), s.Faults()
			},
			count:         2,
			odd:           `[{"id":"` + id1 + `","name":7},{"id":"` + id2 + `","name":"sound","targetSchema":"s","variables":[]}]`,
			route:         "/api/v1/connections/*/dbt/environments",
			perConnection: true,
		},
		"dataconn_omni_user_attribute": {
			start: func(t *testing.T) (object, *fault.Script) {
				s := omnimock.Start(t, omnimock.Options{})
				for _, a := range s.UserAttributes() {
					if !a.System && a.Name != "environment" {
						s.RemoveUserAttribute(a.Name)
					}
				}
				s.AddUserAttribute(omnimock.UserAttribute{Name: "level", Type: "Number"})
				s.AddUserAttribute(omnimock.UserAttribute{Name: "zone"})
				return protocol.OmniConfig(s), s.Faults()
			},
			count: 3,
			odd:   `{"records":[{"id":"` + id1 + `","name":"odd","label":7},{"id":"` + id2 + `","name":"sound","label":"l","type":"String","multiple_values":false,"default_value":null,"description":null,"system":false}]}`,
			route: "/api/v1/user-attributes",
		},
		"dataconn_omni_user_attribute_value": {
			start: func(t *testing.T) (object, *fault.Script) {
				s := omnimock.Start(t, omnimock.Options{})
				s.AddUserAttribute(omnimock.UserAttribute{Name: "teams", MultipleValues: true})
				s.AddUser(omnimock.User{UserName: "b@example.com", Attributes: object{"env": "prod", "teams": []any{"x"}}})
				s.AddUser(omnimock.User{UserName: "a@example.com", Attributes: object{"env": "dev"}})
				s.AddUser(omnimock.User{UserName: "without@example.com"})
				return protocol.OmniConfig(s), s.Faults()
			},
			count: 3,
			odd: `{"totalResults":2,"Resources":[{"id":"` + id1 + `","userName":7},` +
				`{"id":"` + id2 + `","userName":"sound@example.com","urn:omni:params:1.0:UserAttribute":{"env":"prod"}}]}`,
			route: "/api/scim/v2/Users",
		},
		"dataconn_reporter_connection": {
			start: func(t *testing.T) (object, *fault.Script) {
				s := reportermock.Start(t, reportermock.Options{Internal: []reportermock.Internal{{ConfigName: "internal"}}})
				schema, mode := "sales", "require"
				s.Add(reportermock.Connection{ConfigName: "full", ProductName: "sales", Schema: &schema, SSLMode: &mode, Metadata: object{"team": "a"}}, "p")
				s.Add(reportermock.Connection{ConfigName: "minimal", ProductName: "sales", Type: "MYSQL"}, "p")
				s.Add(reportermock.Connection{ConfigName: "of-another-product", ProductName: "other"}, "p")
				return protocol.ReporterConfig(s), s.Faults()
			},
			count: 3,
			odd:   `{"items":[{"id":"` + id1 + `","configName":7},{"id":"` + id2 + `","configName":"sound","type":"POSTGRESQL","host":"h","port":1,"databaseName":"d","userName":"u","createdAt":"2026-01-31T00:00:00Z","updatedAt":"2026-01-31T00:00:00Z"}],"page":1,"limit":100,"total":2}`,
			route: "/v1/management/connections",
		},
	}
}

// everyDialect are settings that each dialect can work with.
func everyDialect() map[string]object {
	network := object{"host": "db.example.com", "port": 5432, "database": "d", "username": "u", "defaultSchema": "s"}
	with := func(changes object) object { return protocol.With(network, changes) }
	all := map[string]object{
		"athena":     {"region": "us-east-1", "database": "d", "username": "u"},
		"bigquery":   {"region": "us", "database": "project", "username": "u", "maxBillingBytes": "1000000000000"},
		"databricks": {"host": "h", "warehouse": "w", "includeOtherCatalogs": []string{"a", "b"}},
		"motherduck": {"database": "d"},
		"oracle":     with(object{"acceptsLicense": true}),
		"snowflake":  {"host": "account", "database": "d", "username": "u", "warehouse": "w", "authenticationType": "snowflake-keypair"},
	}
	for _, dialect := range []string{
		"clickhouse", "databricks_lakebase", "exasol", "fabric", "mariadb", "mssql", "mysql", "postgres", "redshift", "sap_hana", "starrocks", "trino",
	} {
		all[dialect] = network
	}
	return all
}

func addOneOfEveryDialect(s *omnimock.Server) {
	for dialect, settings := range everyDialect() {
		s.AddConnection(protocol.With(settings, object{"name": "a " + dialect, "dialect": dialect}))
	}
}
