// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectionenvironment_test

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

const environmentsRoute = "/api/v1/connection-environments"

func TestProtocolOperations(t *testing.T) {
	t.Parallel()
	const needs = "it needs the admin role"
	s := newStage(t, omnimock.Options{EnvironmentList: true}, 2)
	of := []string{"Omni connection environment", "(connection " + s.connections[1] + " of base " + s.connections[0] + ")", needs}
	protocol.Operations{
		Host: s.Host, Config: s.config(1, "a"), Changed: s.config(1, "b"),
		Create: append([]string{"Cannot create "}, of...),
		Read:   append([]string{"Cannot read "}, of...),
		Update: append([]string{"Cannot change the values of "}, of...),
		Delete: append([]string{"Cannot delete "}, of...),
	}.Require(s.p, environmentType)
}

func TestProtocolQuery(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{EnvironmentList: true}, 4)
	ids := map[string]string{}
	for base, connection := range map[int]int{0: 1, 2: 3} {
		ids[s.connections[connection]] = s.AddEnvironment(s.connections[base], s.connections[connection], "a")
	}
	for base, want := range map[string]string{"": s.connections[1] + " " + s.connections[3], strings.ToUpper(s.connections[2]): s.connections[3]} {
		config := map[string]any{}
		if base != "" {
			config["base_connection_id"] = base
		}
		found, diags := s.p.Query(environmentType, config, protocol.QueryLimit, true)
		diags.RequireNone(t)
		var got []string
		for _, f := range found {
			connection, _ := f.State["connection_id"].(string)
			got = append(got, connection)
			if f.Identity["id"] != ids[connection] || f.State["id"] != ids[connection] || f.Identity["connection_id"] != connection || f.Identity["base_connection_id"] != f.State["base_connection_id"] || f.State["base_connection_id"] == connection {
				t.Errorf("%v", f)
			}
		}
		if !sameElements(got, strings.Fields(want)) {
			t.Errorf("%q finds %v, want %v", base, got, want)
		}
	}
	if found, _ := s.p.Query(environmentType, nil, 1, false); len(found) != 1 {
		t.Errorf("%d, where one is enough", len(found))
	}
	_, diags := s.p.Query(environmentType, map[string]any{"base_connection_id": "x"}, protocol.QueryLimit, false)
	diags.RequireError(t, "at base_connection_id")
	if found, diags := s.p.Query(environmentType, map[string]any{"base_connection_id": s.connections[1]}, protocol.QueryLimit, false); len(found) > 0 || len(diags) > 0 {
		t.Errorf("a connection without environments: %v\n%s", found, diags)
	}
	s.p.RefuseEachCall(s.Host, map[string][]string{environmentsRoute: {"Cannot list Omni connection environments", "it needs the admin role"}}, func() protocol.Diagnostics {
		_, diags := s.p.Query(environmentType, nil, protocol.QueryLimit, false)
		return diags
	})
}

// A base connection that does not exist is an error; one without environments, or
// none, is not.
func TestProtocolQueryThatFindsNone(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{EnvironmentList: true}, 1)
	gone := s.AddConnection(map[string]any{"name": "gone", "dialect": "exasol"})
	s.TrashConnection(gone)
	for _, base := range []any{nil, s.connections[0], gone} {
		found, diags := s.p.Query(environmentType, map[string]any{"base_connection_id": base}, protocol.QueryLimit, false)
		if base == gone {
			diags.RequireError(t, "at base_connection_id:", "No such Omni connection", gone)
		} else {
			diags.RequireNone(t)
		}
		if len(found) > 0 {
			t.Errorf("%v finds %v", base, found)
		}
	}
}

func sameElements(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// A server that lists none says how else to find them.
func TestProtocolQueryWithoutAList(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{}, 2)
	_, diags := s.p.Query(environmentType, nil, protocol.QueryLimit, false)
	diags.RequireError(t, "Cannot list Omni connection environments", "does not list connection environments", "Import each as <base connection id>/<connection id>/<id>")
}

// One that cannot be read is left out, and the others are found; their order is
// that of names.
func TestProtocolQueryOfOddOnes(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{EnvironmentList: true}, 3)
	answer := `{"connectionEnvironments":[{"id":"odd","connectionId":7},{"id":"2","baseConnectionId":"` + s.connections[0] + `","connectionId":"` + s.connections[2] + `"},` +
		`{"id":"1","baseConnectionId":"` + s.connections[0] + `","connectionId":"` + s.connections[1] + `"}]}`
	s.Faults().Add(fault.Answer(http.StatusOK, answer).On(http.MethodGet, environmentsRoute))
	found, diags := s.p.Query(environmentType, nil, protocol.QueryLimit, false)
	diags.RequireWarning(t, "An Omni connection environment is left out", `"odd"`)
	if len(found) != 2 || found[0].Name != "1 of base 0" || found[1].Name != "2 of base 0" {
		t.Errorf("%v", found)
	}
}

// The plan judges each of the two connections, and both.
func TestProtocolPlanJudgesConnections(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{EnvironmentList: true}, 2)
	gone := s.AddConnection(map[string]any{"name": "gone", "dialect": "exasol"})
	s.TrashConnection(gone)
	other := s.AddConnection(map[string]any{"name": "other", "dialect": "postgres"})
	r := s.p.Resource(environmentType)
	for _, c := range []struct {
		base, connection any
		words            []string
	}{
		{gone, s.connections[1], []string{"at base_connection_id:", "No such Omni connection"}},
		{s.connections[0], gone, []string{"at connection_id:", "No such Omni connection"}},
		{protocol.Unknown, gone, []string{"at connection_id:", "No such Omni connection"}},
		{gone, protocol.Unknown, []string{"at base_connection_id:", "No such Omni connection"}},
		{s.connections[0], other, []string{"at connection_id:", "The dialects differ", "exasol", "postgres"}},
		{s.connections[0], strings.ToUpper(s.connections[0]), []string{"at connection_id:", "cannot be its own environment"}},
		{protocol.Unknown, s.connections[1], nil},
		{s.connections[0], protocol.Unknown, nil},
	} {
		plan := r.Plan(map[string]any{"base_connection_id": c.base, "connection_id": c.connection})
		if c.words == nil {
			plan.RequireOK(t)
		} else {
			plan.RequireError(t, c.words...)
			if len(plan.Diagnostics) != 1 {
				t.Errorf("%d problems:\n%s", len(plan.Diagnostics), plan.Diagnostics)
			}
		}
	}
	for _, values := range [][]any{{"a,b"}, {" a"}, {"a", nil}} {
		r.Validate(protocol.With(s.config(1), map[string]any{"user_attribute_values": values})).RequireError(t, "at user_attribute_values")
	}
	// Where it cannot be read, the server judges at apply.
	s.Faults().Add(fault.InternalError().On("", "").Repeat(fault.Forever))
	s.p.Restart()
	r.Plan(s.config(1)).RequireOK(t)
}

// A change is judged as a new one is.
func TestProtocolPlanJudgesAChange(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{EnvironmentList: true}, 2)
	gone := s.AddConnection(map[string]any{"name": "gone", "dialect": "exasol"})
	s.TrashConnection(gone)
	r := s.p.Resource(environmentType)
	r.Apply(s.config(1)).RequireOK(t)
	for _, attribute := range []string{"base_connection_id", "connection_id"} {
		r.Plan(protocol.With(s.config(1), map[string]any{attribute: gone})).RequireError(t, "at "+attribute+":", "No such Omni connection")
	}
}

// What stands on a connection that will not be replaced is not replaced before it.
func TestProtocolPlanOfAProtectedConnection(t *testing.T) {
	t.Parallel()
	for _, attribute := range []string{"base_connection_id", "connection_id"} {
		s := newStage(t, omnimock.Options{EnvironmentList: true}, 1)
		config := map[string]any{"name": "ours", "dialect": "exasol", "host": "h", "password": "p"}
		connection := s.p.Resource("dataconn_omni_connection")
		connection.Apply(config).RequireOK(t)
		pair := map[string]any{"base_connection_id": s.connections[0], "connection_id": s.connections[0]}
		pair[attribute] = connection.Get("id")
		r := s.p.Resource(environmentType)
		r.Apply(pair).RequireOK(t)
		s.p.Restart()
		connection.Refresh().RequireOK(t) // as every plan begins
		connection.PlanReplace(config)
		r.Plan(protocol.With(pair, map[string]any{attribute: protocol.Unknown})).RequireError(t, "at "+attribute+":", "The connection is protected against deletion", connection.Text("id"))
	}
}

// A moved block takes the ids of the connections along.
func TestProtocolMove(t *testing.T) {
	t.Parallel()
	const id, base, connection = "550e8400-e29b-41d4-a716-446655440001", "550e8400-e29b-41d4-a716-446655440002", "550e8400-e29b-41d4-a716-446655440003"
	whole := map[string]any{"id": strings.ToUpper(id), "base_connection_id": strings.ToUpper(base), "environment_connection_id": connection, "user_attribute_values": []string{"b", "a"}}
	move := func(change map[string]any) (*protocol.Resource, protocol.Diagnostics) {
		r := protocol.New(t, protocol.Options()).Resource(environmentType)
		return r, r.Move(protocol.Source{Provider: "registry.terraform.io/exploreomni/omni", Type: "omni_connection_environment", State: protocol.With(whole, change)})
	}
	r, diags := move(nil)
	diags.RequireNone(t)
	ids := map[string]any{"id": id, "base_connection_id": base, "connection_id": connection}
	for name, want := range ids {
		if r.Get(name) != want {
			t.Errorf("%s is %v", name, r.Get(name))
		}
	}
	if !reflect.DeepEqual(r.Identity(), ids) || !reflect.DeepEqual(r.Get("user_attribute_values"), []string{"a", "b"}) {
		t.Errorf("%v %v", r.Identity(), r.State())
	}
	for words, change := range map[string]map[string]any{
		"has no id":                          {"id": nil},
		`"x" is not an id`:                   {"id": "x"},
		`"b" is not an id`:                   {"base_connection_id": "b"},
		`"c" is not an id`:                   {"environment_connection_id": "c"},
		"base_connection_id and environment": {"base_connection_id": nil},
		"connection_id are needed":           {"environment_connection_id": nil},
	} {
		_, diags := move(change)
		diags.RequireError(t, "Cannot move a omni_connection_environment", words)
	}
}

// What the server leaves out of a refusal is said: that it exists, and how to take
// it over.
func TestProtocolRefusedCreate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options omnimock.Options
		exists  bool
		fault   int
		with    []string
		without string
	}{
		"exists":               {omnimock.Options{EnvironmentList: true}, true, 0, []string{"The two are associated already", "terraform import <address of this resource> "}, "probably"},
		"refused with a list":  {omnimock.Options{EnvironmentList: true}, false, 400, []string{"not today"}, "terraform import"},
		"not allowed":          {omnimock.Options{EnvironmentList: true}, false, 403, []string{"not today"}, "terraform import"},
		"exists, not allowed":  {omnimock.Options{EnvironmentList: true}, true, 403, []string{"not today"}, "terraform import"},
		"refused without list": {omnimock.Options{}, false, 400, []string{"not today"}, "terraform import"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			protocol.InBubble(t, func(t *testing.T) {
				c.options.InMemory = true
				s := newStage(t, c.options, 2)
				if c.exists {
					s.AddEnvironment(s.connections[0], s.connections[1], "theirs")
				}
				if c.fault != 0 {
					s.Faults().Add(fault.Answer(c.fault, `{"detail":"not today"}`).On(http.MethodPost, environmentsRoute).Repeat(fault.Forever))
				}
				r := s.p.Resource(environmentType)
				diags := r.Apply(s.config(1, "a"))
				diags.RequireError(t, c.with...)
				if strings.Contains(diags.String(), c.without) || r.Exists() {
					t.Errorf("%s", diags)
				}
			})
		})
	}
}
