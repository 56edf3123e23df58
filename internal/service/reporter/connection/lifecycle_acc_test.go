// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// A minimal and a full connection: what is configured arrives, what the server
// adds is in the state, and the plans after it are empty.
func TestCreate(t *testing.T) {
	reporter := acctest.StartReporter(t, reportermock.Options{})
	other := full(attributes{"config_name": "full_DB-1"})
	at := typeName + ".full"
	reporter.Run(t, resource.TestStep{
		Config: reporter.Config(connection(minimal()), acctest.Resource(typeName, "full", other)),
		ConfigStateChecks: []statecheck.StateCheck{
			reporter.ExpectWrites(
				write("POST", map[string]any{
					"configName": "test", "type": "POSTGRESQL", "host": "db.example.com", "port": 5432,
					"databaseName": "ledger", "userName": "reporter", "password": "first-secret",
				})+" 201",
				write("POST", map[string]any{
					"configName": "full_DB-1", "type": "POSTGRESQL", "host": "db.example.com", "port": 5432,
					"databaseName": "ledger", "userName": "reporter", "password": "first-secret", "schema": "reporting",
					"ssl": wireSSL(withSSL()), "metadata": map[string]any{"owner": "finance", "stage": "prod"},
				})+" 201",
			),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("product_name"), knownvalue.StringExact(acctest.Product)),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("schema"), knownvalue.Null()),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("ssl"), knownvalue.Null()),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("metadata"), knownvalue.Null()),
			statecheck.ExpectKnownValue(at, tfjsonpath.New("product_name"), knownvalue.StringExact("My-Product")),
			statecheck.ExpectKnownValue(at, tfjsonpath.New("id"), knownvalue.NotNull()),
			statecheck.ExpectKnownValue(at, tfjsonpath.New("created_at"), knownvalue.StringFunc(isMilliseconds)),
			statecheck.ExpectKnownValue(at, tfjsonpath.New("updated_at"), knownvalue.StringFunc(isMilliseconds)),
			statecheck.ExpectKnownValue(at, tfjsonpath.New("credentials_updated_at"), knownvalue.NotNull()),
			stored(t, reporter, "test", func(c reportermock.Connection) (any, any) { return c.ProductName, strings.ToLower(acctest.Product) }),
			stored(t, reporter, "full_DB-1", func(c reportermock.Connection) (any, any) { return c.ProductName, "my-product" }),
		},
	})
	if left := reporter.Connections(); len(left) > 0 {
		t.Errorf("left on the server: %v", left)
	}
}

func isMilliseconds(text string) error {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err == nil && at != at.Truncate(time.Millisecond) {
		err = fmt.Errorf("%s has more than milliseconds", text)
	}
	return err
}

// Every attribute that PATCH takes changes in place, by a request that holds
// nothing else; a change made elsewhere is seen and put back.
func TestChangeInPlace(t *testing.T) {
	reporter := acctest.StartReporter(t, reportermock.Options{})
	ssl := func(changes attributes) attributes { return attributes{"ssl": withSSL(changes)} }
	wire := func(changes attributes) map[string]any { return map[string]any{"ssl": wireSSL(withSSL(changes))} }
	// One connection a change, so that one apply tries them all.
	table := map[string]struct {
		from, to attributes
		sent     map[string]any // nil for nothing
	}{
		"name":           {nil, attributes{"config_name": "renamed"}, map[string]any{"configName": "renamed"}},
		"case":           {nil, attributes{"config_name": "CASE"}, map[string]any{"configName": "CASE"}},
		"host":           {nil, attributes{"host": "DB2.example.com"}, map[string]any{"host": "DB2.example.com"}},
		"port":           {nil, attributes{"port": 5433}, map[string]any{"port": 5433}},
		"database":       {nil, attributes{"database_name": "other"}, map[string]any{"databaseName": "other"}},
		"user":           {nil, attributes{"user_name": "else"}, map[string]any{"userName": "else"}},
		"password":       {nil, attributes{"password": "second-secret"}, map[string]any{"password": "second-secret"}},
		"schema":         {nil, attributes{"schema": "public"}, map[string]any{"schema": "public"}},
		"schema-added":   {attributes{"schema": nil}, attributes{"schema": "public"}, map[string]any{"schema": "public"}},
		"metadata":       {nil, attributes{"metadata": attributes{"ünï": "ö", "empty": ""}}, map[string]any{"metadata": map[string]any{"ünï": "ö", "empty": ""}}},
		"metadata-empty": {nil, attributes{"metadata": attributes{}}, map[string]any{"metadata": map[string]any{}}},
		"metadata-gone":  {nil, attributes{"metadata": nil}, map[string]any{"metadata": map[string]any{}}},
		"metadata-none":  {attributes{"metadata": attributes{}}, attributes{"metadata": nil}, nil},
		"ssl-mode":       {nil, ssl(attributes{"mode": "require"}), wire(attributes{"mode": "require"})},
		"ssl-ca":         {nil, ssl(attributes{"ca": "CA-2"}), wire(attributes{"ca": "CA-2"})},
		"ssl-cert":       {nil, ssl(attributes{"cert": "CERT-2"}), wire(attributes{"cert": "CERT-2"})},
		"ssl-key":        {nil, ssl(attributes{"key": "KEY-2"}), wire(attributes{"key": "KEY-2"})},
		"ssl-client":     {nil, ssl(attributes{"cert": nil, "key": nil}), map[string]any{"ssl": map[string]any{"mode": "verify-full", "ca": "CA-1"}}},
		"ssl-added":      {attributes{"ssl": nil}, ssl(nil), wire(nil)},
		"type":           {attributes{"ssl": nil}, attributes{"type": "MYSQL"}, map[string]any{"type": "MYSQL"}},
		"type-with-ssl": {
			nil,
			attributes{"type": "MYSQL", "ssl": withSSL(attributes{"mode": "preferred"})},
			map[string]any{"type": "MYSQL", "ssl": wireSSL(withSSL(attributes{"mode": "preferred"}))},
		},
		"product-case": {nil, attributes{"product_name": "MY-PRODUCT"}, nil},
		"product-gone": {nil, attributes{"product_name": nil}, nil},
		"timeouts":     {nil, attributes{"timeouts": attributes{"update": "5m"}}, nil},
	}
	step := func(changed bool, writes ...string) resource.TestStep {
		var blocks []string
		for label, c := range table {
			a := full(attributes{"config_name": label}, c.from)
			if changed {
				a = a.With(c.to)
			}
			blocks = append(blocks, acctest.Resource(typeName, label, a))
		}
		return resource.TestStep{Config: reporter.Config(blocks...), ConfigStateChecks: []statecheck.StateCheck{reporter.ExpectWrites(writes...)}}
	}
	var created, changed []string
	for _, c := range table {
		created = append(created, "POST connections")
		if c.sent != nil {
			changed = append(changed, patch(c.sent)+" 200")
		}
	}
	elsewhere := step(true, patch(map[string]any{"host": "db.example.com", "port": 5433, "metadata": map[string]any{"owner": "finance", "stage": "prod"}}),
		patch(map[string]any{"ssl": wireSSL(withSSL(attributes{"mode": "require"}))}))
	elsewhere.PreConfig = func() {
		reporter.Edit(reporter.Only(t, "port").ID, func(c *reportermock.Connection) {
			c.Host, c.Port, c.Metadata = "elsewhere.example.com", 1, nil
		})
		mode := "allow"
		reporter.Edit(reporter.Only(t, "ssl-mode").ID, func(c *reportermock.Connection) { c.SSLMode = &mode })
	}
	reporter.Run(t, step(false, created...), step(true, changed...), elsewhere)
}

// A schema that is set can be emptied in place, and what is empty can go.
func TestSchemaEmptied(t *testing.T) {
	reporter := acctest.StartReporter(t, reportermock.Options{})
	step := func(schema any, writes ...string) resource.TestStep {
		return resource.TestStep{
			Config:            reporter.Config(connection(minimal(attributes{"schema": schema}))),
			ConfigStateChecks: []statecheck.StateCheck{reporter.ExpectWrites(writes...)},
		}
	}
	reporter.Run(t,
		step("", "POST connections"),
		step("one", patch(map[string]any{"schema": "one"})),
		step("", patch(map[string]any{"schema": ""})),
		step(nil),
	)
}

// What PATCH cannot do replaces the connection, the plan says why, and the name
// is free for the new one.
func TestReplacement(t *testing.T) {
	for name, c := range map[string]struct {
		to  attributes
		why string
	}{
		"product_name": {full(attributes{"product_name": "other"}), `cannot move a connection from product "My-Product" to "other"`},
		"ssl":          {full(attributes{"ssl": nil}), "cannot remove ssl settings"},
		"schema":       {full(attributes{"schema": nil}), "cannot unset a schema"},
	} {
		t.Run(name, func(t *testing.T) {
			reporter := acctest.StartReporter(t, reportermock.Options{})
			id := statecheck.CompareValue(compare.ValuesDiffer())
			// The password's hash is of the connection that goes.
			secretly := attributes{"password": nil, "password_wo": "write-only-secret"}
			reporter.Run(t,
				resource.TestStep{
					Config:            reporter.Config(connection(full(secretly))),
					ConfigStateChecks: []statecheck.StateCheck{id.AddStateValue(address, tfjsonpath.New("id"))},
				},
				resource.TestStep{
					Config: reporter.Config(connection(c.to, secretly)),
					ConfigPlanChecks: planChecks(
						action(plancheck.ResourceActionDestroyBeforeCreate),
						reporter.ExpectWarning(name, "The connection is replaced", c.why),
					),
					ConfigStateChecks: []statecheck.StateCheck{
						reporter.ExpectWrites("DELETE connections 204", "POST connections"),
						id.AddStateValue(address, tfjsonpath.New("id")),
						keeps(reporter, map[string]string{"password": "write-only-secret"}),
					},
				},
			)
		})
	}
}

// The provider's product is for new connections: a change of it moves nothing.
func TestProviderProductChanges(t *testing.T) {
	reporter := acctest.StartReporter(t, reportermock.Options{})
	moved := strings.Replace(reporter.Config(connection(minimal())), acctest.Product, "Marketing", 1)
	explicit := strings.Replace(reporter.Config(connection(minimal(attributes{"product_name": "sales"}))), acctest.Product, "Marketing", 1)
	reporter.Run(t,
		resource.TestStep{Config: reporter.Config(connection(minimal()))},
		resource.TestStep{
			Config: moved,
			ConfigPlanChecks: planChecks(plancheck.ExpectEmptyPlan(),
				reporter.ExpectWarning("product_name", "The connection stays in its product", "Marketing")),
		},
		resource.TestStep{Config: explicit, ConfigPlanChecks: planChecks(plancheck.ExpectEmptyPlan(), reporter.ExpectNoWarning())},
	)
}

// A connection that was deleted elsewhere is made again; so is one that goes
// between the refresh and its deletion.
func TestDeletedElsewhere(t *testing.T) {
	reporter := acctest.StartReporter(t, reportermock.Options{})
	config := reporter.Config(connection(minimal()))
	remove := func() { reporter.Remove(reporter.Only(t, "test").ID) }
	reporter.Run(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: remove,
			Config:    config,
			ConfigPlanChecks: planChecks(action(plancheck.ResourceActionCreate),
				reporter.ExpectWarning("", "A Reporter connection is gone", `"test"`)),
			ConfigStateChecks: []statecheck.StateCheck{reporter.ExpectWrites("POST connections")},
		},
	)
}

// A name that is taken, by whatever product's connection, is explained: whose it
// is, and how to take it over.
func TestNameTaken(t *testing.T) {
	reporter := acctest.StartReporter(t, reportermock.Options{})
	old := reporter.Add(reportermock.Connection{
		ConfigName: "taken", ProductName: "theirs", CreatedAt: time.Now().AddDate(0, -7, 0),
	}, "theirs")
	refused := resource.TestStep{
		Config:      reporter.Config(connection(minimal(attributes{"config_name": "taken"}))),
		ExpectError: acctest.Saying("terraform import <address of this resource> " + old),
	}
	renamed := refused
	renamed.ExpectError = acctest.Saying(`"taken" belongs to connection ` + old + ` of product "theirs"`)
	otherCase := resource.TestStep{Config: reporter.Config(connection(minimal(attributes{"config_name": "TAKEN"})))}
	reporter.Run(t, refused, otherCase, renamed, resource.TestStep{
		Config:            otherCase.Config,
		ConfigStateChecks: []statecheck.StateCheck{reporter.ExpectWrites()},
	})
	if left := reporter.Connections(); len(left) != 1 || left[0].ID != old {
		t.Errorf("left on the server: %v", left)
	}
}

// The test of a connection warns in the server's words, and only where it was
// created or changed.
func TestTestConnection(t *testing.T) {
	reporter := acctest.StartReporter(t, reportermock.Options{})
	config := func(port int, test bool) string {
		return reporter.Config(connection(minimal(attributes{"port": port, "test_connection": test})))
	}
	failed := reporter.ExpectWarning("test_connection", "cannot connect to the database", "was saved", "The adapter failed to connect to the target data source")
	reporter.Run(t,
		resource.TestStep{Config: config(1, true), ConfigStateChecks: []statecheck.StateCheck{
			failed, reporter.ExpectWrites("POST connections {", "POST connections/test"),
		}},
		resource.TestStep{Config: config(1, true), ConfigStateChecks: []statecheck.StateCheck{reporter.ExpectNoWarning(), reporter.ExpectWrites()}},
		resource.TestStep{Config: config(2, true), ConfigStateChecks: []statecheck.StateCheck{failed}},
		resource.TestStep{Config: config(2, false), ConfigStateChecks: []statecheck.StateCheck{reporter.ExpectNoWarning(), reporter.ExpectWrites()}},
		resource.TestStep{
			PreConfig: func() {
				reporter.AddDatabase(reportermock.Database{
					Host: "db.example.com", Port: 2, DatabaseName: "ledger", UserName: "reporter", Password: "first-secret",
				})
			},
			Config:            config(2, true),
			ConfigStateChecks: []statecheck.StateCheck{reporter.ExpectNoWarning(), reporter.ExpectWrites("POST connections/test 200")},
		},
	)
}

// 30 connections in one configuration: no page and no rate limit loses one.
func TestManyConnections(t *testing.T) {
	reporter := acctest.StartReporter(t, reportermock.Options{})
	many := acctest.Resource(typeName, "test", minimal(attributes{
		"count": 30, "config_name": acctest.Expression(`"many-${count.index}"`),
	}))
	list := acctest.Data(typeName+"s", "all", attributes{
		"product_name": "SALES", "depends_on": acctest.Expression("[" + address + "]"),
	})
	reporter.Run(t, resource.TestStep{
		Config: reporter.Config(many, list),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("data."+typeName+"s.all", tfjsonpath.New("connections"), knownvalue.ListSizeExact(30)),
		},
	})
}
