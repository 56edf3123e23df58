// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

func TestDataSource(t *testing.T) {
	reporter := acctest.StartReporter(t, reportermock.Options{Internal: []reportermock.Internal{{ConfigName: "midaz_onboarding", Type: "MONGODB"}}})
	id := reporter.Add(theirs(), "theirs")
	internal := "data." + typeName + ".internal"
	var checks []statecheck.StateCheck
	for _, label := range []string{"by_id", "by_name"} {
		at := "data." + typeName + "." + label
		checks = append(checks,
			statecheck.ExpectKnownValue(at, tfjsonpath.New("config_name"), knownvalue.StringExact("test")),
			statecheck.ExpectKnownValue(at, tfjsonpath.New("product_name"), knownvalue.StringExact("other-product")),
			statecheck.ExpectKnownValue(at, tfjsonpath.New("port"), knownvalue.Int64Exact(5432)),
			statecheck.ExpectKnownValue(at, tfjsonpath.New("schema"), knownvalue.StringExact("reporting")),
			statecheck.ExpectKnownValue(at, tfjsonpath.New("ssl").AtMapKey("mode"), knownvalue.StringExact("require")),
			statecheck.ExpectKnownValue(at, tfjsonpath.New("metadata").AtMapKey("owner"), knownvalue.StringExact("finance")),
		)
	}
	checks = append(checks,
		statecheck.ExpectKnownValue("data."+typeName+".by_name", tfjsonpath.New("id"), knownvalue.StringExact(id)),
		statecheck.ExpectKnownValue(internal, tfjsonpath.New("config_name"), knownvalue.StringExact("midaz_onboarding")),
		statecheck.ExpectKnownValue(internal, tfjsonpath.New("product_name"), knownvalue.Null()),
		statecheck.ExpectKnownValue(internal, tfjsonpath.New("ssl"), knownvalue.Null()),
	)
	reporter.Run(t, resource.TestStep{
		Config: reporter.Config(
			acctest.Data(typeName, "by_id", attributes{"id": strings.ToUpper(id)}),
			acctest.Data(typeName, "by_name", attributes{"config_name": "test"}),
			acctest.Data(typeName, "internal", attributes{"id": reporter.Internal("midaz_onboarding")})),
		ConfigStateChecks: checks,
	})
}

func TestDataSourceFindsNone(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{})
	deleted := server.Add(reportermock.Connection{ConfigName: "test"}, "x")
	server.Remove(deleted)
	for _, c := range []struct {
		config map[string]any
		words  []string
	}{
		{map[string]any{"config_name": "test"}, []string{"at config_name", "No such Reporter connection"}},
		{map[string]any{"id": deleted}, []string{"at id", "No such Reporter connection", "was deleted"}},
		{map[string]any{"id": "../connections"}, []string{"at id", "UUID"}},
		{map[string]any{}, []string{"[id,config_name]"}},
		{map[string]any{"id": deleted, "config_name": "test"}, []string{"[id,config_name]"}},
	} {
		_, diags := p.ReadDataSource(typeName, c.config)
		diags.RequireError(t, c.words...)
	}
	server.Faults().Add(fault.Answer(http.StatusForbidden, "").On(http.MethodGet, list).Repeat(fault.Forever))
	_, diags := p.ReadDataSource(typeName, map[string]any{"config_name": "test"})
	diags.RequireError(t, "Cannot find Reporter connection", "not allowed")
}

// All months, all pages, and each filter.
func TestPluralDataSource(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{Internal: []reportermock.Internal{{ConfigName: "midaz_onboarding", Type: "MONGODB"}}})
	now := time.Now().UTC()
	add := func(name, product, kind string, age time.Duration, metadata map[string]any) {
		server.Add(reportermock.Connection{ConfigName: name, ProductName: product, Type: kind, CreatedAt: now.Add(-age), Metadata: metadata}, "x")
	}
	const day = 24 * time.Hour
	add("new", "sales", "POSTGRESQL", 0, map[string]any{"stage": "prod", "empty": "", "a.b": "c"})
	add("month", "sales", "MYSQL", 31*day, map[string]any{"stage": "test"})
	add("year", "hr", "POSTGRESQL", 365*day, map[string]any{"stage": "prod", "n": 5})
	names := func(result map[string]any) []string {
		found := []string{}
		connections, _ := result["connections"].([]any)
		for _, c := range connections {
			one, _ := c.(map[string]any)
			name, _ := one["config_name"].(string)
			found = append(found, name)
		}
		return found
	}
	long := strings.Repeat("k", 80)
	for _, c := range []struct {
		config map[string]any
		want   []string
	}{
		{map[string]any{}, []string{"midaz_onboarding", "month", "new", "year"}},
		{map[string]any{"product_name": "SALES"}, []string{"month", "new"}},
		{map[string]any{"product_name": "none"}, []string{}},
		{map[string]any{"type": "POSTGRESQL"}, []string{"new", "year"}},
		{map[string]any{"type": "MONGODB"}, []string{"midaz_onboarding"}},
		{map[string]any{"metadata": map[string]any{"stage": "prod"}}, []string{"new", "year"}},
		{map[string]any{"metadata": map[string]any{"stage": "prod", "empty": ""}}, []string{"new"}},
		{map[string]any{"metadata": map[string]any{"a.b": "c"}}, []string{"new"}},
		{map[string]any{"metadata": map[string]any{"n": "5"}}, []string{}}, // the service compares texts
		{map[string]any{"metadata": map[string]any{long: "v"}}, []string{}},
		{map[string]any{"metadata": map[string]any{}}, []string{"midaz_onboarding", "month", "new", "year"}},
		{map[string]any{"created_after": now.Add(-40 * day).Format(time.DateOnly)}, []string{"midaz_onboarding", "month", "new"}},
		{map[string]any{"created_after": now.Add(-time.Hour).Format(time.RFC3339)}, []string{"midaz_onboarding", "new"}},
		{map[string]any{"created_after": now.Add(time.Hour).Format(time.RFC3339)}, []string{"midaz_onboarding"}},
	} {
		result, diags := p.ReadDataSource(typeName+"s", c.config)
		diags.RequireNone(t)
		if got := names(result); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v: got %q, want %q", c.config, got, c.want)
		}
	}
	server.ResetRequests()
	_, diags := p.ReadDataSource(typeName+"s", map[string]any{"created_after": now.Format(time.DateOnly)})
	diags.RequireNone(t)
	if n := len(server.Requests()); n != 1 {
		t.Errorf("%d requests for one day", n)
	}
	for config, words := range map[string][]string{
		"type":          {"at type", "POSTGRESQL"},
		"created_after": {"at created_after", "2026-01-31"},
		"product_name":  {"at product_name", "letters"},
	} {
		_, diags := p.ReadDataSource(typeName+"s", map[string]any{config: "not valid"})
		diags.RequireError(t, words...)
	}

	for i := range 230 {
		add(fmt.Sprintf("many-%03d", i), "many", "ORACLE", 2*time.Hour, nil)
	}
	result, diags := p.ReadDataSource(typeName+"s", map[string]any{"product_name": "many"})
	diags.RequireNone(t)
	if got := names(result); len(got) != 230 || got[229] != "many-229" {
		t.Errorf("%d of 230 on three pages", len(got))
	}
}

// One odd item in the list leaves the others.
func TestPluralDataSourceOddItem(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{})
	const fine = `{"id":"01a203f9-7cfc-732d-9a64-ee1583d54da2","configName":"fine","type":"MYSQL","host":"h","port":1,"databaseName":"d",` +
		`"userName":"u","createdAt":"2026-11-22T15:56:51.836Z","updatedAt":"2026-11-22T15:56:51.836Z"}`
	server.Faults().Add(fault.Answer(http.StatusOK, `{"items":[{"id":"odd","configName":5},`+fine+`],"page":1,"limit":100,"total":2}`).On(http.MethodGet, list))
	result, diags := p.ReadDataSource(typeName+"s", map[string]any{"created_after": "2026-11-01"})
	diags.RequireOK(t)
	diags.RequireWarning(t, "is left out", `"odd"`)
	if connections, _ := result["connections"].([]any); len(connections) != 1 {
		t.Errorf("got %v", connections)
	}
	// The one that is asked for by its name is not made up of what could be read.
	server.Faults().Add(fault.Answer(http.StatusOK, `{"items":[{"id":"odd","configName":"mine","type":"MYSQL","port":"x"}],"page":1,"limit":100,"total":1}`).On(http.MethodGet, list))
	_, diags = p.ReadDataSource(typeName, map[string]any{"config_name": "mine"})
	diags.RequireError(t, "at config_name:", "Unreadable Reporter connection", "port")
}
