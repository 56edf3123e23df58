// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

func TestDataSource(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	id := omni.AddConnection(onServer())
	omni.AddConnection(map[string]any{"name": "Test", "dialect": "mysql"}) // case counts
	trashed := omni.AddConnection(map[string]any{"name": "test", "dialect": "trino"})
	omni.TrashConnection(trashed)
	checks := func(name string) []statecheck.StateCheck {
		at := "data." + address(name)
		return []statecheck.StateCheck{
			statecheck.ExpectKnownValue(at, tfjsonpath.New("id"), knownvalue.StringExact(id)),
			statecheck.ExpectKnownValue(at, tfjsonpath.New("name"), knownvalue.StringExact("test")),
			statecheck.ExpectKnownValue(at, tfjsonpath.New("port"), knownvalue.Int64Exact(5432)),
			statecheck.ExpectKnownValue(at, tfjsonpath.New("include_schemas"), known([]string{"a", "b"})),
			statecheck.ExpectKnownValue(at, tfjsonpath.New("query_timezone"), knownvalue.StringExact("NONE")),
			statecheck.ExpectKnownValue(at, tfjsonpath.New("warehouse"), knownvalue.Null()),
		}
	}
	omni.Run(t, resource.TestStep{
		Config: omni.Config(
			acctest.Data(typeName, "by_id", attributes{"id": strings.ToUpper(id)}),
			acctest.Data(typeName, "by_name", attributes{"name": "test"})),
		ConfigStateChecks: append(checks("by_id"), checks("by_name")...),
	})
}

func TestDataSourceFindsNone(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	sales := omni.AddConnection(map[string]any{"name": "Sales EU", "dialect": "postgres"})
	twins := []string{
		omni.AddConnection(map[string]any{"name": "twin", "dialect": "mysql"}),
		omni.AddConnection(map[string]any{"name": "twin", "dialect": "trino"}),
	}
	trashed := omni.AddConnection(map[string]any{"name": "old", "dialect": "mysql"})
	omni.TrashConnection(trashed)

	var steps []resource.TestStep
	for _, c := range []struct {
		config   attributes
		messages []string
	}{
		{attributes{"name": "sales"}, []string{"No such Omni connection", "Similar names:", "Sales EU (postgres, id " + sales}},
		{attributes{"name": "twin"}, []string{"Several Omni connections have this name", "(mysql, id " + twins[0], "(trino, id " + twins[1]}},
		{attributes{"name": "old"}, []string{"No such Omni connection"}},
		{attributes{"id": trashed}, []string{"No such Omni connection", "in the trash"}},
		{attributes{"id": "550e8400-e29b-41d4-a716-446655440000"}, []string{"No such Omni connection"}},
		{attributes{"id": "../connections"}, []string{"UUID"}},
		{attributes{}, []string{"[id,name]"}},
		{attributes{"id": trashed, "name": "old"}, []string{"[id,name]"}},
	} {
		for _, message := range c.messages {
			steps = append(steps, resource.TestStep{
				Config: omni.Config(acctest.Data(typeName, "test", c.config)), ExpectError: acctest.Saying(message),
			})
		}
	}
	omni.Run(t, steps...)
}

// One connection can be read without the right to list them.
func TestDataSourceWithoutAdminRole(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	id := omni.AddConnection(onServer())
	omni.Forbid(http.MethodGet, "/api/v1/connections")
	data := func(a attributes) string { return omni.Config(acctest.Data(typeName, "test", a)) }
	omni.Run(t,
		resource.TestStep{Config: data(attributes{"name": "test"}), ExpectError: acctest.Saying("it needs the admin role (to list connections)")},
		resource.TestStep{Config: data(attributes{"id": id})},
	)
}

func TestPluralDataSource(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	for _, c := range [][3]string{{"Bravo", "postgres", "sales"}, {"alpha", "mysql", "SALES_EU"}, {"Charlie", "postgres", "hr"}} {
		omni.AddConnection(map[string]any{"name": c[0], "dialect": c[1], "database": c[2]})
	}
	omni.TrashConnection(omni.AddConnection(map[string]any{"name": "Delta", "dialect": "trino", "database": "zoo"}))

	var blocks []string
	var checks []statecheck.StateCheck
	for _, c := range []struct {
		label  string
		config attributes
		names  []string
	}{
		{"all", attributes{}, []string{"Bravo", "Charlie", "alpha"}},
		{"name", attributes{"name": "A"}, []string{"Bravo", "Charlie", "alpha"}},
		{"part", attributes{"name": "ALPH"}, []string{"alpha"}},
		{"database", attributes{"database": "sales"}, []string{"Bravo", "alpha"}},
		{"dialect", attributes{"dialects": []string{"postgres"}}, []string{"Bravo", "Charlie"}},
		{"dialects", attributes{"dialects": []string{"mysql", "trino"}}, []string{"alpha"}},
		{"deleted", attributes{"include_deleted": true, "dialects": []string{"mysql", "trino"}}, []string{"Delta", "alpha"}},
		{"sorted", attributes{"sort_field": "database"}, []string{"alpha", "Charlie", "Bravo"}},
		{"reversed", attributes{"sort_field": "database", "sort_direction": "desc"}, []string{"Bravo", "Charlie", "alpha"}},
		{"none", attributes{"name": "zebra"}, []string{}},
	} {
		blocks = append(blocks, acctest.Data(typeName+"s", c.label, c.config))
		at := "data." + typeName + "s." + c.label
		checks = append(checks, statecheck.ExpectKnownValue(at, tfjsonpath.New("connections"), knownvalue.ListSizeExact(len(c.names))))
		for i, name := range c.names {
			checks = append(checks, statecheck.ExpectKnownValue(at, tfjsonpath.New("connections").AtSliceIndex(i).AtMapKey("name"), knownvalue.StringExact(name)))
		}
	}
	deletedAt := func(i int, check knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data."+typeName+"s.deleted", tfjsonpath.New("connections").AtSliceIndex(i).AtMapKey("deleted_at"), check)
	}
	checks = append(checks, deletedAt(0, knownvalue.NotNull()), deletedAt(1, knownvalue.Null()))
	omni.Run(t,
		resource.TestStep{
			Config:      omni.Config(acctest.Data(typeName+"s", "test", attributes{"dialects": []string{"newdb"}})),
			ExpectError: acctest.Saying("Invalid dialect(s): newdb"),
		},
		resource.TestStep{
			Config:      omni.Config(acctest.Data(typeName+"s", "test", attributes{"sort_direction": "asc"})),
			ExpectError: acctest.Saying("sort_field"),
		},
		resource.TestStep{Config: omni.Config(blocks...), ConfigStateChecks: checks},
	)
}

// An accent may be a character of its own, in the configuration or on the server.
func TestDataSourceFindsNamesInEveryNormalForm(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{})
	id := server.AddConnection(map[string]any{"name": "cafe\u0301", "dialect": "postgres"})
	p := protocol.New(t, protocol.Options())
	p.Configure(protocol.OmniConfig(server)).RequireOK(t)
	got, diags := p.ReadDataSource("dataconn_omni_connection", map[string]any{"name": "caf\u00e9"})
	diags.RequireNone(t)
	if got["id"] != id {
		t.Errorf("got %v", got)
	}
}
