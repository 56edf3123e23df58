// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// Every dialect is made from the least it needs and from all it can have; what
// was configured is what the server stores, and nothing else is sent.
func TestCreateEveryDialect(t *testing.T) {
	most := map[string]attributes{}
	for dialect, a := range minimal() {
		for _, s := range settings() {
			if s.dialects == nil || slices.Contains(s.dialects, dialect) {
				a = a.With(attributes{s.attribute: s.from})
			}
		}
		most[dialect] = a
	}
	most["fabric"]["host_override"] = nil // host is there; one excludes the other
	most["databricks"]["authentication_type"] = "databricks-personal-access-token"
	most["snowflake"]["authentication_type"] = "snowflake-password"
	most["bigquery"]["authentication_type"] = "bigquery-service-account"
	most["athena"]["authentication_type"] = "aws-access-key"

	for name, dialects := range map[string]map[string]attributes{"least": minimal(), "most": most} {
		t.Run(name, func(t *testing.T) {
			omni := acctest.StartOmni(t, omnimock.Options{})
			var blocks []string
			var checks []statecheck.StateCheck
			for _, dialect := range slices.Sorted(maps.Keys(dialects)) {
				a := dialects[dialect]
				blocks = append(blocks, connection(dialect, a))
				checks = append(checks,
					statecheck.ExpectKnownValue(address(dialect), tfjsonpath.New("id"), knownvalue.NotNull()),
					statecheck.ExpectKnownValue(address(dialect), tfjsonpath.New("dialect"), knownvalue.StringExact(dialect)),
					statecheck.ExpectKnownValue(address(dialect), tfjsonpath.New("created_at"), knownvalue.NotNull()),
					acctest.CheckThat(func() error { return sameOnServer(omni.Only(t, dialect), a) }),
				)
			}
			checks = append(checks, acctest.CheckThat(func() error { return sentOnly(omni.Requests(), dialects) }))
			omni.Run(t, resource.TestStep{Config: omni.Config(blocks...), ConfigStateChecks: checks})
		})
	}
}

// sameOnServer compares what was configured with what the server stores.
func sameOnServer(got omnimock.Connection, configured attributes) error {
	for _, name := range configured.Configured() {
		value := configured[name]
		switch {
		case name == "password":
			continue
		case name == "default_schema" && got.Dialect() == "snowflake":
			value = nil // the server takes it and forgets it
		}
		if have := got.Settings[wireName(name)]; !reflect.DeepEqual(have, stored(name, value)) {
			return fmt.Errorf("%s: the server has %#v for %s, configured is %#v", got.Dialect(), have, name, value)
		}
	}
	return nil
}

// sentOnly checks that the creations carry the configured keys and no other.
func sentOnly(requests []omnimock.Request, dialects map[string]attributes) error {
	for _, r := range requests {
		if r.Method != http.MethodPost {
			continue
		}
		var body map[string]any
		if err := json.Unmarshal(r.Body, &body); err != nil {
			return err
		}
		want := []string{"name"}
		dialect, _ := body["dialect"].(string)
		for _, name := range dialects[dialect].Configured() {
			want = append(want, wireName(name))
		}
		slices.Sort(want)
		if got := slices.Sorted(maps.Keys(body)); !slices.Equal(got, want) {
			return fmt.Errorf("%s: sent %q, configured are %q", body["dialect"], got, want)
		}
	}
	return nil
}

// Every setting changes in place, by a request that holds nothing else; a change
// made elsewhere is seen and put back; and what can be cleared is.
func TestSettingsChangeInPlace(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	table := settings()
	// One connection a setting, so that one apply tries them all.
	step := func(value func(setting) any, sent []string) resource.TestStep {
		s := resource.TestStep{ConfigStateChecks: []statecheck.StateCheck{omni.ExpectWrites(sent...)}}
		var blocks []string
		for _, row := range table {
			a := value(row)
			blocks = append(blocks, row.block(a))
			s.ConfigStateChecks = append(s.ConfigStateChecks,
				statecheck.ExpectKnownValue(address(row.attribute), tfjsonpath.New(row.attribute), known(a)))
		}
		s.Config = omni.Config(blocks...)
		return s
	}
	var created, changes, clears []string
	for _, row := range table {
		created = append(created, "POST connections")
		changes = append(changes, patch(attributes{row.attribute: row.to}))
		if row.cleared != nil {
			clears = append(clears, patch(attributes{row.attribute: row.cleared}))
		}
	}
	from := func(row setting) any { return row.from }
	to := func(row setting) any { return row.to }
	cleared := func(row setting) any {
		if row.cleared != nil {
			return row.cleared
		}
		return row.to
	}
	updates := func(changed func(setting) bool) []plancheck.PlanCheck {
		var checks []plancheck.PlanCheck
		for _, row := range table {
			action := plancheck.ResourceActionNoop
			if changed(row) {
				action = plancheck.ResourceActionUpdate
			}
			checks = append(checks, plancheck.ExpectResourceAction(address(row.attribute), action))
		}
		return checks
	}

	create, change, drift, empty := step(from, created), step(to, changes), step(to, changes), step(cleared, clears)
	change.ConfigPlanChecks.PreApply = updates(func(setting) bool { return true })
	drift.ConfigPlanChecks.PreApply = change.ConfigPlanChecks.PreApply
	drift.PreConfig = func() {
		for _, row := range table {
			omni.EditConnection(omni.Only(t, row.attribute).ID, func(settings map[string]any) {
				settings[wireName(row.attribute)] = stored(row.attribute, row.from)
			})
		}
	}
	empty.ConfigPlanChecks.PreApply = updates(func(row setting) bool { return row.cleared != nil })
	for _, row := range table {
		same := statecheck.CompareValue(compare.ValuesSame())
		for _, s := range []*resource.TestStep{&create, &change, &drift, &empty} {
			s.ConfigStateChecks = append(s.ConfigStateChecks, same.AddStateValue(address(row.attribute), tfjsonpath.New("id")))
		}
	}
	empty.ConfigStateChecks = append(empty.ConfigStateChecks, acctest.CheckThat(func() error {
		for _, row := range table {
			if got := omni.Only(t, row.attribute).Settings[wireName(row.attribute)]; row.cleared != nil && got != nil {
				return fmt.Errorf("%s is not cleared on the server: %v", row.attribute, got)
			}
		}
		return nil
	}))
	omni.Run(t, create, change, drift, empty)
}

func known(value any) knownvalue.Check {
	switch v := value.(type) {
	case int:
		return knownvalue.Int64Exact(int64(v))
	case bool:
		return knownvalue.Bool(v)
	case []string:
		var elements []knownvalue.Check
		for _, e := range v {
			elements = append(elements, knownvalue.StringExact(e))
		}
		return knownvalue.SetExact(elements)
	case string:
		return knownvalue.StringExact(v)
	default:
		return knownvalue.Null()
	}
}

// What is not configured belongs to the server; order and the two names of one
// role mean nothing; a name changes in place; nothing is sent for what only the
// state knows.
func TestServerSideValues(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	first := attributes{"base_role": "RESTRICTED_QUERIER", "include_schemas": []string{"b", "a", "c"}}
	id := statecheck.CompareValue(compare.ValuesSame())
	sameID := func() statecheck.StateCheck { return id.AddStateValue(address("test"), tfjsonpath.New("id")) }
	omni.Run(t,
		resource.TestStep{
			Config: omni.Config(connection("test", postgres(first))),
			ConfigStateChecks: []statecheck.StateCheck{
				sameID(),
				statecheck.ExpectKnownValue(address("test"), tfjsonpath.New("query_timeout_seconds"), knownvalue.Int64Exact(900)),
				statecheck.ExpectKnownValue(address("test"), tfjsonpath.New("always_scope_view_names"), knownvalue.Bool(false)),
				statecheck.ExpectKnownValue(address("test"), tfjsonpath.New("warehouse"), knownvalue.Null()),
			},
		},
		resource.TestStep{
			PreConfig: func() {
				omni.EditConnection(omni.Only(t, "test").ID, func(s map[string]any) {
					s["queryTimeoutSeconds"] = 77
					s["allowBranchConnectionEnvironments"] = true
					s["baseRole"] = "QUERY_TOPICS"
					s["includeSchemas"] = []string{"c", "b", "a"}
				})
			},
			Config:           omni.Config(connection("test", postgres(first))),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			ConfigStateChecks: []statecheck.StateCheck{
				omni.ExpectWrites(),
				statecheck.ExpectKnownValue(address("test"), tfjsonpath.New("query_timeout_seconds"), knownvalue.Int64Exact(77)),
				statecheck.ExpectKnownValue(address("test"), tfjsonpath.New("allow_branch_connection_environments"), knownvalue.Bool(true)),
				statecheck.ExpectKnownValue(address("test"), tfjsonpath.New("base_role"), knownvalue.StringExact("RESTRICTED_QUERIER")),
			},
		},
		resource.TestStep{
			Config: omni.Config(connection("test", postgres(first, attributes{"name": "renamed", "deletion_protection": true}))),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address("test"), plancheck.ResourceActionUpdate),
				plancheck.ExpectKnownValue(address("test"), tfjsonpath.New("id"), knownvalue.NotNull()),
				plancheck.ExpectKnownValue(address("test"), tfjsonpath.New("credentials_updated_at"), knownvalue.NotNull()),
			}},
			ConfigStateChecks: []statecheck.StateCheck{sameID(), omni.ExpectWrites(`PATCH connections {"name":"renamed"}`)},
		},
		resource.TestStep{
			// The protection is the provider's own affair.
			Config: omni.Config(connection("test", postgres(first, attributes{"name": "renamed"}))),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address("test"), plancheck.ResourceActionUpdate),
				plancheck.ExpectKnownValue(address("test"), tfjsonpath.New("credentials_updated_at"), knownvalue.NotNull()),
			}},
			ConfigStateChecks: []statecheck.StateCheck{sameID(), omni.ExpectWrites()},
		},
	)
}

// Snowflake takes a default schema and returns none: the configured one stays,
// with a warning.
func TestSnowflakeDefaultSchema(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	block := func(schema string) string {
		return omni.Config(connection("test", minimal()["snowflake"], attributes{"default_schema": schema}))
	}
	kept := func(schema string) []statecheck.StateCheck {
		return []statecheck.StateCheck{
			statecheck.ExpectKnownValue(address("test"), tfjsonpath.New("default_schema"), knownvalue.StringExact(schema)),
			omni.ExpectWarning("default_schema", "Snowflake does not return default_schema"),
		}
	}
	omni.Run(t,
		resource.TestStep{Config: block("ONE"), ConfigStateChecks: kept("ONE")},
		resource.TestStep{Config: block("TWO"), ConfigStateChecks: append(kept("TWO"), omni.ExpectWrites(`PATCH connections {"defaultSchema":"TWO"}`))},
	)
}

// A snowflake connection moves between host and host_override in one apply.
func TestSnowflakeHostAndOverride(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	override := attributes{"host": nil, "host_override": "acme.privatelink.example.com"}
	step := func(host, override string, a attributes, writes ...string) resource.TestStep {
		value := func(text string) knownvalue.Check {
			if text == "" {
				return knownvalue.Null()
			}
			return knownvalue.StringExact(text)
		}
		return resource.TestStep{
			Config: omni.Config(connection("test", minimal()["snowflake"], a)),
			ConfigStateChecks: []statecheck.StateCheck{
				omni.ExpectWrites(writes...),
				statecheck.ExpectKnownValue(address("test"), tfjsonpath.New("host"), value(host)),
				statecheck.ExpectKnownValue(address("test"), tfjsonpath.New("host_override"), value(override)),
			},
		}
	}
	omni.Run(t,
		step("acme-eu", "", nil, "POST connections"),
		step("", "acme.privatelink.example.com", override, `PATCH connections {"host":"","hostOverride":"acme.privatelink.example.com"}`),
		step("acme-us", "", attributes{"host": "acme-us"}, `PATCH connections {"host":"acme-us","hostOverride":""}`),
	)
}

// A change that the server refuses leaves the state as it was, so that the next
// plan shows it again.
func TestRefusedChange(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	config := func(port int) string { return omni.Config(connection("test", postgres(attributes{"port": port}))) }
	omni.Run(t,
		resource.TestStep{Config: config(1)},
		resource.TestStep{
			PreConfig:   func() { omni.Forbid(http.MethodPatch, "/api/v1/connections/*") },
			Config:      config(2),
			ExpectError: acctest.Saying("it needs Connection Admin on the connection"),
		},
		resource.TestStep{
			PreConfig: omni.AllowAll,
			Config:    config(2),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address("test"), plancheck.ResourceActionUpdate),
			}},
			ConfigStateChecks: []statecheck.StateCheck{omni.ExpectWrites(`PATCH connections {"port":2}`)},
		},
	)
}

// An older server cannot change most settings: the error says so, nothing is
// replaced, and what it can change still changes.
func TestOlderServerChanges(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{Generation: omnimock.Narrow2026})
	config := func(a attributes) string { return omni.Config(connection("test", postgres(a))) }
	omni.Run(t,
		resource.TestStep{
			Config: config(nil),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address("test"), tfjsonpath.New("host"), knownvalue.StringExact("db.example.com")),
				statecheck.ExpectKnownValue(address("test"), tfjsonpath.New("query_timeout_seconds"), knownvalue.Null()),
			},
		},
		resource.TestStep{
			Config:      config(attributes{"host": "elsewhere"}),
			ExpectError: acctest.Saying("This Omni server is too old to change host in place"),
		},
		resource.TestStep{
			Config:            config(attributes{"base_role": "MODELER"}),
			ConfigStateChecks: []statecheck.StateCheck{omni.ExpectWrites(`PATCH connections {"baseRole":"MODELER"}`)},
		},
	)
}

// The provider never judges by the dialect's name alone: an unknown one warns,
// and the server decides.
func TestUnknownDialect(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{Generation: omnimock.Narrow2026})
	omni.Run(t, resource.TestStep{
		Config: omni.Config(
			connection("unknown", attributes{"dialect": "newdb", "password": "p", "warehouse": "w"}),
			connection("newer", minimal()["fabric"])), // which this server does not have
		ExpectError: acctest.Saying("Invalid connection dialect"),
	})
	acctest.Require(t,
		omni.ExpectWarning("dialect", `"newdb" is not a dialect that this provider knows`),
		omni.ExpectWrites("POST connections", "POST connections"))
	var created []string
	for _, d := range omni.Said() {
		if d.IsError && strings.HasPrefix(d.Summary, "Cannot create") {
			created = append(created, d.Summary)
		}
	}
	if len(created) != 2 {
		t.Errorf("errors: %q", created)
	}
}
