// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

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
		"an empty name":            {"dataconn_omni_connection", object{"name": ""}, "name", []string{"is empty"}},
		"an empty database":        {"dataconn_omni_connection", object{"database": ""}, "database", []string{"is empty"}},
		"a base that is no id":     {"dataconn_omni_connection_environment", object{"base_connection_id": "base"}, "base_connection_id", []string{"not an id"}},
		"an empty attribute":       {"dataconn_omni_environment_user_attribute", object{"attribute_name": ""}, "attribute_name", []string{"is empty"}},
		"a schedule's connection":  {"dataconn_omni_connection_schedule", object{"connection_id": "c"}, "connection_id", []string{"not an id"}},
		"a dbt's connection":       {"dataconn_omni_connection_dbt", object{"connection_id": "c"}, "connection_id", []string{"not an id"}},
		"an environment's":         {"dataconn_omni_dbt_environment", object{"connection_id": "c"}, "connection_id", []string{"not an id"}},
		"an attribute's name":      {"dataconn_omni_user_attribute", object{"name": ""}, "name", []string{"is empty"}},
		"a product with a space":   {"dataconn_reporter_connection", object{"product_name": "a b"}, "product_name", []string{"letters, digits"}},
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
		says   string
	}{
		"dataconn_omni_connection": {
			{object{"name": "A POST"}, "a postgres (postgres)", ""},
			{object{"dialects": []string{"mysql", "mssql"}}, "a mssql (mssql); a mysql (mysql)", ""},
			{object{"database": "project"}, "a bigquery (bigquery)", ""},
			{object{"name": "postgres", "dialects": []string{"mysql"}}, "", ""},
		},
		"dataconn_omni_connection_environment": {
			{nil, "one of base base; three of base base; two of base base", ""},
			{object{"base_connection_id": id1}, "", "ERROR at base_connection_id: No such Omni connection"},
		},
		"dataconn_omni_environment_user_attribute": {
			{object{"attribute_name": "environment"}, "environment on bound; environment on bound too", ""},
			{object{"attribute_name": "Environment"}, "", `WARNING at attribute_name: No such Omni user attribute`},
		},
		"dataconn_omni_connection_schedule": {
			{nil, "0 2 * * ? * UTC of a; 0 3 * * ? * Europe/Berlin of a; 0 4 * * ? * UTC of b", ""},
		},
		"dataconn_omni_schema_model": {
			{nil, "a; b", ""},
		},
		"dataconn_omni_connection_dbt": {
			{nil, "https://example.com/o/r of https; git@github.com:org/repo.git of ssh", ""},
		},
		"dataconn_omni_dbt_environment": {
			{nil, "dev of dbt; prod of dbt", ""},
		},
		"dataconn_omni_user_attribute": {
			{object{"name": "ON"}, "environment (String); zone (String)", ""},
			{object{"name": "omni_user"}, "", ""},
		},
		"dataconn_omni_user_attribute_value": {
			{nil, `env ["dev"] of a@example.com; env ["prod"] of b@example.com; teams ["x"] of b@example.com`, ""},
			{object{"attribute_name": "teams"}, `teams ["x"] of b@example.com`, ""},
			{object{"attribute_name": "Env"}, "", `Omni shows no user attribute "Env"; case matters, and the label does not count. Did you mean "env"?`},
		},
		"dataconn_reporter_connection": {
			{object{"product_name": "Sales"}, "full (POSTGRESQL, product sales); minimal (MYSQL, product sales)", ""},
			{object{"type": "MYSQL"}, "minimal (MYSQL, product sales)", ""},
			{object{"metadata": object{"team": "a"}}, "full (POSTGRESQL, product sales)", ""},
			{object{"created_after": "2000-01-01", "product_name": "other"}, "of-another-product (POSTGRESQL, product other)", ""},
			{object{"created_after": "2999-01-01"}, "", `"2999-01-01" is in the future: no connection was created after it yet`},
		},
	}
	eachListed(t, func(t *testing.T, typeName string, _ listedType, p *protocol.Provider, _ *fault.Script) {
		t.Helper()
		if len(tests[typeName]) == 0 {
			t.Error("no filters are tested")
		}
		for _, test := range tests[typeName] {
			found, diags := p.Query(typeName, test.config, protocol.QueryLimit, false)
			if said := diags.String(); !strings.Contains(said, test.says) || said != "" && test.says == "" {
				t.Errorf("%v says %q, not %q", test.config, said, test.says)
			}
			if names(found) != test.want {
				t.Errorf("%v finds %q, not %q", test.config, names(found), test.want)
			}
		}
	})
}
