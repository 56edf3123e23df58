// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
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

// noList gives the reason why a resource cannot be listed.
var noList = map[string]string{}

// Every resource can be found by a query, and the table has every list resource.
func TestContractOfEveryListResource(t *testing.T) {
	t.Parallel()
	schemas := protocol.New(t, protocol.Options()).Schemas()
	for typeName := range schemas.ResourceSchemas {
		_, isListed := schemas.ListResourceSchemas[typeName]
		if (noList[typeName] == "") != isListed {
			t.Errorf("%s has a list resource: %t; reason for none: %q", typeName, isListed, noList[typeName])
		}
	}
	for typeName := range schemas.ListResourceSchemas {
		if _, ok := listedTypes()[typeName]; !ok {
			t.Errorf("%s is not in the table", typeName)
		}
		requireFile(t, "examples/list-resources/"+typeName+"/list-resource.tfquery.hcl", `list "`+typeName+`"`)
	}
}

func eachListed(t *testing.T, test func(t *testing.T, typeName string, c listedType, p *protocol.Provider, faults *fault.Script)) {
	t.Helper()
	for typeName, c := range listedTypes() {
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			provider, faults := c.start(t)
			p := protocol.New(t, protocol.Options())
			p.Configure(provider).RequireNone(t)
			test(t, typeName, c, p, faults)
		})
	}
}

// A state that was listed is the state that an import makes, and the
// configuration generated from it plans to nothing, with nothing to complain
// about but what the schema warns of.
func TestListedIsWhatAnImportReads(t *testing.T) {
	t.Parallel()
	eachListed(t, func(t *testing.T, typeName string, c listedType, p *protocol.Provider, _ *fault.Script) {
		t.Helper()
		found, diags := p.Query(typeName, nil, protocol.QueryLimit, true)
		diags.RequireNone(t)
		if len(found) != c.count {
			t.Fatalf("%d found, not %d", len(found), c.count)
		}
		for _, one := range found {
			r := p.Resource(typeName)
			r.ImportIdentity(one.Identity).RequireNone(t)
			if !reflect.DeepEqual(one.State, r.State()) {
				t.Errorf("%s: listed\n%v\nimported\n%v", one.Name, one.State, r.State())
			}
			if !reflect.DeepEqual(one.Identity, r.Identity()) {
				t.Errorf("%s: listed as %v, imported as %v", one.Name, one.Identity, r.Identity())
			}
			plan := r.Plan(p.GenerateConfig(typeName, one.State))
			plan.RequireNone(t)
			if !plan.IsEmpty() {
				t.Errorf("%s: the generated configuration is to %s %v", one.Name, plan.Action, plan.Changes())
			}
		}
		without, diags := p.Query(typeName, nil, protocol.QueryLimit, false)
		diags.RequireNone(t)
		if names(without) != names(found) {
			t.Errorf("found %s, and with states %s", names(without), names(found))
		}
	})
}

func names(found []protocol.Listed) string {
	all := make([]string, len(found))
	for i, one := range found {
		all[i] = one.Name
	}
	return strings.Join(all, "; ")
}

// The limit ends the list, and nothing is asked for where it is 0.
func TestListLimit(t *testing.T) {
	t.Parallel()
	eachListed(t, func(t *testing.T, typeName string, c listedType, p *protocol.Provider, faults *fault.Script) {
		t.Helper()
		faults.Add(fault.InternalError().On("", c.route).Repeat(1000))
		found, diags := p.Query(typeName, nil, 0, false)
		diags.RequireNone(t)
		if len(found) != 0 {
			t.Errorf("a limit of 0 gives %d", len(found))
		}
		faults.Clear()
		for _, limit := range []int64{1, int64(c.count) - 1, int64(c.count), int64(c.count) + 1} {
			found, diags := p.Query(typeName, nil, limit, false)
			diags.RequireNone(t)
			if want := min(int(limit), c.count); len(found) != want {
				t.Errorf("a limit of %d gives %d of %d", limit, len(found), c.count)
			}
		}
	})
}

// Whatever the server says, the query says it, and finds nothing.
func TestListFailures(t *testing.T) {
	t.Parallel()
	failures := map[string]struct {
		fault fault.Fault
		words []string
	}{
		"403":           {fault.Answer(403, `{"detail":"Permission denied","message":"Permission denied","status":403}`), []string{"Permission denied"}},
		"500":           {fault.InternalError(), []string{"500"}},
		"HTML":          {fault.NotJSON(), nil},
		"another shape": {fault.WrongShape(), nil},
		"empty":         {fault.EmptyBody(), nil},
		"cut off":       {fault.Fault{Truncate: true}, nil},
	}
	for typeName, c := range listedTypes() {
		if c.perConnection { // see TestListPerConnection
			continue
		}
		for name, failure := range failures {
			t.Run(typeName+"/"+name, func(t *testing.T) {
				t.Parallel()
				provider, faults := c.start(t)
				p := protocol.New(t, protocol.Options())
				p.Configure(protocol.With(provider, object{"max_retries": 0})).RequireNone(t)
				faults.Add(failure.fault.On("", c.route).Repeat(1000))
				found, diags := p.Query(typeName, nil, protocol.QueryLimit, true)
				diags.RequireError(t, append([]string{"Cannot list"}, failure.words...)...)
				if len(found) != 0 || len(diags) != 1 {
					t.Errorf("found %s and said\n%s", names(found), diags)
				}
			})
		}
	}
}

// One object that cannot be read is a warning, and the others are listed.
func TestListWithAnOddObject(t *testing.T) {
	t.Parallel()
	eachListed(t, func(t *testing.T, typeName string, c listedType, p *protocol.Provider, faults *fault.Script) {
		t.Helper()
		if c.odd == "" {
			t.Skip("there is no list")
		}
		times := 1000
		if c.perConnection {
			times = 1
		}
		faults.Add(fault.Answer(200, c.odd).On("", c.route).Repeat(times))
		found, diags := p.Query(typeName, nil, protocol.QueryLimit, true)
		diags.RequireOK(t)
		diags.RequireWarning(t, "is left out", id1, "The others are listed")
		if len(found) == 0 || !c.perConnection && len(found) != 1 || len(diags) != 1 {
			t.Errorf("found %s and said\n%s", names(found), diags)
		}
	})
}

// A filter that cannot be right fails on its path, before anything is sent; a
// system that is not configured says so.
func TestListRefuses(t *testing.T) {
	t.Parallel()
	omni, reporter := omnimock.Start(t, omnimock.Options{EnvironmentList: true}), reportermock.Start(t, reportermock.Options{})
	p := protocol.New(t, protocol.Options())
	p.Configure(mergedConfig(protocol.OmniConfig(omni), protocol.ReporterConfig(reporter))).RequireNone(t)
	for name, c := range map[string]struct {
		typeName string
		config   object
		at       string
		words    []string
	}{
		"a dialect with a comma":   {"dataconn_omni_connection", object{"dialects": []string{"postgres,mysql"}}, "dialects.", []string{"comma"}},
		"no dialect at all":        {"dataconn_omni_connection", object{"dialects": []string{}}, "dialects", []string{"at least 1"}},
		"an empty name":            {"dataconn_omni_connection", object{"name": ""}, "name", []string{"at least 1"}},
		"an empty database":        {"dataconn_omni_connection", object{"database": ""}, "database", []string{"at least 1"}},
		"a base that is no id":     {"dataconn_omni_connection_environment", object{"base_connection_id": "base"}, "base_connection_id", []string{"not an id"}},
		"an empty attribute":       {"dataconn_omni_environment_user_attribute", object{"attribute_name": ""}, "attribute_name", []string{"at least 1"}},
		"a schedule's connection":  {"dataconn_omni_connection_schedule", object{"connection_id": "c"}, "connection_id", []string{"not an id"}},
		"a dbt's connection":       {"dataconn_omni_connection_dbt", object{"connection_id": "c"}, "connection_id", []string{"not an id"}},
		"an environment's":         {"dataconn_omni_dbt_environment", object{"connection_id": "c"}, "connection_id", []string{"not an id"}},
		"an attribute's name":      {"dataconn_omni_user_attribute", object{"name": ""}, "name", []string{"at least 1"}},
		"a product with a blank":   {"dataconn_reporter_connection", object{"product_name": "a b"}, "product_name", []string{"letters, digits"}},
		"a type that is none":      {"dataconn_reporter_connection", object{"type": "postgres"}, "type", []string{"POSTGRESQL"}},
		"a time that is none":      {"dataconn_reporter_connection", object{"created_after": "last year"}, "created_after", []string{"2026-01-31"}},
		"metadata that is nothing": {"dataconn_reporter_connection", object{"metadata": object{"team": nil}}, "metadata", []string{"null"}},
	} {
		found, diags := p.Query(c.typeName, c.config, protocol.QueryLimit, false)
		if len(found) > 0 || len(omni.Requests())+len(reporter.Requests()) > 0 {
			t.Errorf("%s: %d requests", name, len(omni.Requests())+len(reporter.Requests()))
		}
		diags.RequireError(t, append(c.words, "at "+c.at)...)
	}
	_, diags := p.Query("dataconn_omni_connection", object{"dialects": []string{"dbase"}}, protocol.QueryLimit, false)
	diags.RequireError(t, "at dialects:", "Invalid dialect(s): dbase") // the server knows, we do not

	for typeName := range listedTypes() {
		p := protocol.New(t, protocol.Options())
		p.Configure(nil).RequireOK(t)
		_, diags := p.Query(typeName, nil, protocol.QueryLimit, false)
		diags.RequireError(t, "is not configured")
	}
}

func mergedConfig(configs ...object) object {
	merged := object{}
	for _, c := range configs {
		maps.Copy(merged, c)
	}
	return merged
}

// Filters narrow the list, and names tell the objects apart.
func TestListFilters(t *testing.T) {
	t.Parallel()
	tests := map[string][]struct {
		config object
		want   string
	}{
		"dataconn_omni_connection": {
			{object{"name": "A POST"}, "a postgres (postgres)"},
			{object{"dialects": []string{"mysql", "mssql"}}, "a mssql (mssql); a mysql (mysql)"},
			{object{"database": "project"}, "a bigquery (bigquery)"},
			{object{"name": "postgres", "dialects": []string{"mysql"}}, ""},
		},
		"dataconn_omni_connection_environment": {
			{nil, "one of base base; three of base base; two of base base"},
			{object{"base_connection_id": id1}, ""},
		},
		"dataconn_omni_environment_user_attribute": {
			{object{"attribute_name": "environment"}, "environment on bound; environment on bound too"},
			{object{"attribute_name": "Environment"}, ""},
		},
		"dataconn_omni_connection_schedule": {
			{nil, "0 2 * * ? * UTC of a; 0 3 * * ? * Europe/Berlin of a; 0 4 * * ? * UTC of b"},
		},
		"dataconn_omni_schema_model": {
			{nil, "a; b"},
		},
		"dataconn_omni_connection_dbt": {
			{nil, "https://example.com/o/r of https; git@github.com:org/repo.git of ssh"},
		},
		"dataconn_omni_dbt_environment": {
			{nil, "dev of dbt; prod of dbt"},
		},
		"dataconn_omni_user_attribute": {
			{object{"name": "ON"}, "environment (String); zone (String)"},
			{object{"name": "omni_user"}, ""},
		},
		"dataconn_omni_user_attribute_value": {
			{nil, `env ["dev"] of a@example.com; env ["prod"] of b@example.com; teams ["x"] of b@example.com`},
			{object{"attribute_name": "teams"}, `teams ["x"] of b@example.com`},
			{object{"attribute_name": "Env"}, ""},
		},
		"dataconn_reporter_connection": {
			{object{"product_name": "Sales"}, "full (POSTGRESQL, product sales); minimal (MYSQL, product sales)"},
			{object{"type": "MYSQL"}, "minimal (MYSQL, product sales)"},
			{object{"metadata": object{"team": "a"}}, "full (POSTGRESQL, product sales)"},
			{object{"created_after": "2000-01-01", "product_name": "other"}, "of-another-product (POSTGRESQL, product other)"},
			{object{"created_after": "2999-01-01"}, ""},
		},
	}
	eachListed(t, func(t *testing.T, typeName string, _ listedType, p *protocol.Provider, _ *fault.Script) {
		t.Helper()
		if len(tests[typeName]) == 0 {
			t.Error("no filters are tested")
		}
		for _, test := range tests[typeName] {
			found, diags := p.Query(typeName, test.config, protocol.QueryLimit, false)
			diags.RequireNone(t)
			if names(found) != test.want {
				t.Errorf("%v finds %q, not %q", test.config, names(found), test.want)
			}
		}
	})
}

// What belongs to a connection is found for that connection alone, or for all of
// them, where the failure of one leaves out its own.
func TestListPerConnection(t *testing.T) {
	t.Parallel()
	eachListed(t, func(t *testing.T, typeName string, c listedType, p *protocol.Provider, faults *fault.Script) {
		t.Helper()
		if !c.perConnection {
			t.Skip("it does not belong to a connection")
		}
		all, diags := p.Query(typeName, nil, protocol.QueryLimit, true)
		diags.RequireNone(t)
		byConnection := map[string]int{}
		for _, one := range all {
			byConnection[one.Identity["connection_id"].(string)]++
		}
		for id, count := range byConnection {
			found, diags := p.Query(typeName, object{"connection_id": strings.ToUpper(id)}, protocol.QueryLimit, true)
			diags.RequireNone(t)
			if len(found) != count {
				t.Errorf("%d of %d found: %s", len(found), count, names(found))
			}
			if limited, _ := p.Query(typeName, object{"connection_id": id}, 1, false); len(limited) != 1 {
				t.Errorf("with a limit of 1: %s", names(limited))
			}
		}
		_, diags = p.Query(typeName, object{"connection_id": id1}, protocol.QueryLimit, true)
		diags.RequireError(t, "at connection_id:", "Cannot list", id1)

		last := all[len(all)-1].Identity["connection_id"].(string)
		route := strings.Replace(c.route, "*", last, 1)
		p.Restart() // what was read is forgotten
		faults.Add(fault.Answer(403, `{"detail":"Permission denied","status":403}`).On("", route).Repeat(1000))
		if typeName == "dataconn_omni_dbt_environment" { // a 403 has a second reason there, which this tells
			faults.Add(fault.Answer(403, `{"detail":"Permission denied","status":403}`).On("", "/api/v1/connections/"+last+"/dbt").Repeat(1000))
		}
		found, diags := p.Query(typeName, nil, protocol.QueryLimit, true)
		diags.RequireOK(t)
		diags.RequireWarning(t, "Could not list", last, "left out", "Permission denied")
		if len(found) != len(all)-byConnection[last] || len(diags) != 1 {
			t.Errorf("found %s and said\n%s", names(found), diags)
		}
		_, diags = p.Query(typeName, object{"connection_id": last}, protocol.QueryLimit, true)
		diags.RequireError(t, "at connection_id:", "Cannot list", "Connection Admin")

		faults.Clear()
		faults.Add(fault.Answer(500, `{"detail":"Internal error","status":500}`).On("", route).Repeat(1000))
		_, diags = p.Query(typeName, nil, protocol.QueryLimit, true)
		diags.RequireError(t, "Cannot list", last, "500")

		faults.Clear()
		faults.Add(fault.Answer(403, `{"detail":"Permission denied","status":403}`).On("", "/api/v1/connections").Repeat(1000))
		p.Restart()
		_, diags = p.Query(typeName, nil, protocol.QueryLimit, true)
		diags.RequireError(t, "Cannot list Omni connections", "connection_id")
		found, diags = p.Query(typeName, object{"connection_id": last}, protocol.QueryLimit, true)
		diags.RequireNone(t) // which needs no list
		if len(found) != byConnection[last] {
			t.Errorf("found %s", names(found))
		}
	})
}

// A walk over the connections ends with the limit.
func TestListPerConnectionSendsNoMoreThanItNeeds(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	for n := range 20 {
		s.AddSchedule(s.AddConnection(object{"name": fmt.Sprintf("%02d", n), "dialect": "postgres"}), "0 2 * * ? *", "UTC")
	}
	p := protocol.New(t, protocol.Options())
	p.Configure(protocol.OmniConfig(s)).RequireNone(t)
	found, diags := p.Query("dataconn_omni_connection_schedule", nil, 2, true)
	diags.RequireNone(t)
	if len(found) != 2 || len(s.Requests()) != 3 {
		t.Errorf("%d found with %d requests", len(found), len(s.Requests()))
	}
}

// A server without dbt says so once, and not for every connection.
func TestListWithoutDBT(t *testing.T) {
	t.Parallel()
	for _, typeName := range []string{"dataconn_omni_connection_dbt", "dataconn_omni_dbt_environment"} {
		s := omnimock.Start(t, omnimock.Options{})
		for range 3 {
			s.AddConnection(object{"name": "n", "dialect": "postgres"})
		}
		s.Faults().Add(fault.Answer(404, `{"detail":"Not Found","status":404}`).On("", "/api/v1/connections/*/dbt").Repeat(1000))
		s.Faults().Add(fault.Answer(404, `{"detail":"Not Found","status":404}`).On("", "/api/v1/connections/*/dbt/environments").Repeat(1000))
		p := protocol.New(t, protocol.Options())
		p.Configure(protocol.OmniConfig(s)).RequireNone(t)
		_, diags := p.Query(typeName, nil, protocol.QueryLimit, true)
		diags.RequireError(t, "has no dbt in its API")
		if len(diags) != 1 {
			t.Errorf("%s", diags)
		}
	}
}

// A server without a list of environments is an error that says what to do.
func TestListWithoutEnvironmentList(t *testing.T) {
	t.Parallel()
	p := protocol.New(t, protocol.Options())
	p.Configure(protocol.OmniConfig(omnimock.Start(t, omnimock.Options{}))).RequireNone(t)
	_, diags := p.Query("dataconn_omni_connection_environment", nil, protocol.QueryLimit, true)
	diags.RequireError(t, "does not list connection environments", "<base connection id>/<connection id>/<id>")
}

// A name is not worth an error: without the right to list connections, an
// environment is shown by ids.
func TestListEnvironmentsWithoutNames(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{EnvironmentList: true})
	base, other := s.AddConnection(object{"name": "base", "dialect": "exasol"}), s.AddConnection(object{"name": "other", "dialect": "exasol"})
	s.AddEnvironment(base, other)
	s.Forbid("GET", "/api/v1/connections")
	p := protocol.New(t, protocol.Options())
	p.Configure(protocol.OmniConfig(s)).RequireNone(t)
	found, diags := p.Query("dataconn_omni_connection_environment", object{"base_connection_id": strings.ToUpper(base)}, protocol.QueryLimit, false)
	diags.RequireNone(t)
	if want := fmt.Sprintf("%s of base %s", other, base); names(found) != want {
		t.Errorf("found %s, not %s", names(found), want)
	}
}

// A secret variable is listed without its value, and the generated configuration
// leaves it on the server as it is.
func TestListedSecretVariable(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	id, value := s.AddConnection(object{"name": "dbt", "dialect": "postgres"}), "canary-value"
	s.EditDBT(id, func(*omnimock.DBT) {})
	s.AddDBTEnvironment(id, omnimock.DBTEnvironment{Name: "dev", TargetSchema: "dev", Variables: []omnimock.DBTVariable{{Name: "TOKEN", Value: &value, IsSecret: true}}})
	p := protocol.New(t, protocol.Options())
	p.Configure(protocol.OmniConfig(s)).RequireNone(t)
	const typeName = "dataconn_omni_dbt_environment"
	found, diags := p.Query(typeName, nil, protocol.QueryLimit, true)
	diags.RequireNone(t)
	if strings.Contains(fmt.Sprint(found), value) {
		t.Error("the value was listed")
	}
	generated := p.GenerateConfig(typeName, found[0].State)
	r := p.Resource(typeName)
	r.ImportIdentity(found[0].Identity).RequireNone(t)
	if plan := r.Plan(generated); !plan.IsEmpty() {
		t.Errorf("the generated configuration changes %v", plan.Changes())
	}
	plan := r.Plan(protocol.With(generated, object{"variables": object{"TOKEN": object{"secret_wo": "new"}}}))
	plan.RequireOK(t)
	if len(plan.RequiresReplace()) > 0 || plan.Action != protocol.Update {
		t.Errorf("%s, replaced for %v", plan.Action, plan.RequiresReplace())
	}
}

// What older servers do not return is null in the state that is listed; the
// configuration that a user completes is adopted then, as after any import.
func TestListOfOlderServers(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{Generation: omnimock.Narrow2026})
	s.AddConnection(object{"name": "n", "dialect": "postgres", "host": "h", "port": 5432, "database": "d", "username": "u"})
	p := protocol.New(t, protocol.Options())
	p.Configure(protocol.OmniConfig(s)).RequireNone(t)
	found, diags := p.Query("dataconn_omni_connection", nil, protocol.QueryLimit, true)
	diags.RequireNone(t)
	generated := p.GenerateConfig("dataconn_omni_connection", found[0].State)
	r := p.Resource("dataconn_omni_connection")
	r.ImportIdentity(found[0].Identity).RequireNone(t)
	r.Plan(generated).RequireError(t, "at host:", "needs host")
	plan := r.Plan(protocol.With(generated, object{"host": "h", "port": 5432, "username": "u"}))
	plan.RequireWarning(t, "adopted from the configuration", "host")
	if len(plan.RequiresReplace()) > 0 {
		t.Errorf("replaced for %v", plan.RequiresReplace())
	}
}
