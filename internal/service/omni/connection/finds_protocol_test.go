// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

const connectionsRoute = "/api/v1/connections"

// oddList is a list of one connection that can be read and one that cannot.
func oddList(id string) fault.Fault {
	return fault.Answer(http.StatusOK, `{"connections":[{"id":"`+id+`","name":7},{"id":"b","name":"fine","dialect":"exasol"}]}`).On(http.MethodGet, connectionsRoute)
}

// What finds connections: by filter, in order, without those in the trash and with
// a word about one that cannot be read.
func TestProtocolFinds(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	p := protocolProvider(t, s)
	ids := map[string]string{}
	for _, name := range []string{"sales", "Sales EU", "ops"} {
		ids[name] = s.AddConnection(map[string]any{"name": name, "dialect": "exasol", "database": "db of " + name})
	}
	ids["lake"] = s.AddConnection(map[string]any{"name": "lake", "dialect": "athena", "region": "us", "userAttributeNameForConnectionEnvironments": "env", "userAttributeValuesForDefaultEnvironment": []string{"dev"}})
	ids["old sales"] = s.AddConnection(map[string]any{"name": "old sales", "dialect": "exasol"})
	s.TrashConnection(ids["old sales"])

	plural := func(config map[string]any) (names []string, all []any) {
		t.Helper()
		state, diags := p.ReadDataSource(connectionType+"s", config)
		diags.RequireNone(t)
		all, _ = state["connections"].([]any)
		for _, c := range all {
			object, _ := c.(map[string]any)
			name, _ := object["name"].(string)
			names = append(names, name)
			if object["id"] != ids[name] || (object["deleted_at"] != nil) != strings.HasPrefix(name, "old") {
				t.Errorf("%v", object)
			}
		}
		return names, all
	}
	listed := func(config map[string]any) (names []string) {
		t.Helper()
		found, diags := p.Query(connectionType, config, protocol.QueryLimit, true)
		diags.RequireNone(t)
		for _, f := range found {
			name, _ := f.State["name"].(string)
			names = append(names, name)
			if f.Identity["id"] != ids[name] || f.State["id"] != ids[name] || f.State["deletion_protection"] != true || f.Name != fmt.Sprintf("%s (%s)", name, f.State["dialect"]) {
				t.Errorf("%v", f)
			}
		}
		return names
	}
	for _, c := range []struct {
		config map[string]any
		want   []string
	}{
		{nil, []string{"Sales EU", "lake", "ops", "sales"}},
		{map[string]any{"name": "SALES"}, []string{"Sales EU", "sales"}},
		{map[string]any{"database": "OF OPS"}, []string{"ops"}},
		{map[string]any{"dialects": []string{"athena"}}, []string{"lake"}},
	} {
		if names, _ := plural(c.config); !slices.Equal(names, c.want) {
			t.Errorf("%v finds %q", c.config, names)
		}
		if names := listed(c.config); !slices.Equal(names, c.want) {
			t.Errorf("a query for %v finds %q", c.config, names)
		}
	}
	if names, _ := plural(map[string]any{"include_deleted": true, "sort_field": "name", "sort_direction": "desc"}); !slices.Equal(names, []string{"sales", "ops", "old sales", "lake", "Sales EU"}) {
		t.Errorf("with the trash: %q", names)
	}
	if found, _ := p.Query(connectionType, nil, 2, false); len(found) != 2 {
		t.Errorf("%d, where two are enough", len(found))
	}
	_, all := plural(map[string]any{"name": "lake"})
	lake, _ := all[0].(map[string]any)
	if lake["user_attribute_name_for_connection_environments"] != "env" || fmt.Sprint(lake["user_attribute_values_for_default_environment"]) != "[dev]" || lake["updated_at"] == nil || lake["region"] != "us" {
		t.Errorf("%v", lake)
	}

	p.Restart()
	s.Faults().Add(oddList(ids["ops"]))
	state, diags := p.ReadDataSource(connectionType+"s", nil)
	diags.RequireWarning(t, "An Omni connection is left out", ids["ops"])
	if all, _ := state["connections"].([]any); len(all) != 1 {
		t.Errorf("%v", state)
	}
	p.Restart()
	s.Faults().Add(oddList(ids["ops"]))
	found, diags := p.Query(connectionType, nil, protocol.QueryLimit, false)
	diags.RequireWarning(t, "An Omni connection is left out", ids["ops"])
	if len(found) != 1 || found[0].Name != "fine (exasol)" {
		t.Errorf("%v", found)
	}
}

// What cannot be asked, and what is refused.
func TestProtocolFindsRefused(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	s.AddConnection(map[string]any{"name": "n", "dialect": "exasol"})
	p := protocolProvider(t, s)
	plural := func(config map[string]any) func() protocol.Diagnostics {
		return func() protocol.Diagnostics {
			_, diags := p.ReadDataSource(connectionType+"s", config)
			return diags
		}
	}
	query := func(config map[string]any) func() protocol.Diagnostics {
		return func() protocol.Diagnostics {
			_, diags := p.Query(connectionType, config, protocol.QueryLimit, false)
			return diags
		}
	}
	for at, config := range map[string]map[string]any{
		"dialects": {"dialects": []string{"a,b"}}, "sort_field": {"sort_field": "host"}, "sort_direction": {"sort_field": "name", "sort_direction": "up"},
		`"sort_field"`: {"sort_direction": "asc"}, "dialects[Value": {"dialects": []any{nil}},
	} {
		if at == "dialects[Value" {
			at = "dialects"
		}
		plural(config)().RequireError(t, at)
	}
	for at, config := range map[string]map[string]any{
		"at name": {"name": ""}, "at database": {"database": ""}, "at dialects": {"dialects": []string{}}, "at dialects.0": {"dialects": []string{"a,b"}}, "ull": {"dialects": []any{nil}},
	} {
		query(config)().RequireError(t, at)
	}
	// A dialect that is nearly a known one is refused without a request.
	misspelled := map[string]any{"dialects": []string{"PostgreSQL"}}
	plural(misspelled)().RequireError(t, "at dialects", `did you mean "postgres"?`)
	query(misspelled)().RequireError(t, "at dialects", `did you mean "postgres"?`)
	if n := s.CountRequests("", ""); n != 0 {
		t.Errorf("%d requests for what is refused", n)
	}
	words := map[string][]string{connectionsRoute: {"Cannot list Omni connections", "it needs the admin role"}}
	p.RefuseEachCall(s.Host, words, plural(nil))
	p.RefuseEachCall(s.Host, words, query(nil))
	for _, problem := range []string{"dialects: Invalid enum value", "name: Required"} {
		s.Faults().Add(fault.Answer(http.StatusBadRequest, `{"detail":"Bad Request: `+problem+`"}`).On(http.MethodGet, connectionsRoute))
		diags := query(map[string]any{"dialects": []string{"exasol"}})()
		diags.RequireError(t, "Cannot list Omni connections", problem)
		if strings.Contains(diags.String(), "at dialects") != strings.HasPrefix(problem, "dialects") {
			t.Errorf("%s", diags)
		}
	}
	s.Faults().Add(fault.Answer(http.StatusBadRequest, `{"detail":"Bad Request: dialects: Invalid enum value"}`).On(http.MethodGet, connectionsRoute))
	p.Restart()
	if diags := query(map[string]any{"name": "n"})(); strings.Contains(diags.String(), "at dialects") {
		t.Errorf("%s", diags)
	}
}

// One connection, by id in any case or by its exact name; else an error that
// shows what may be meant.
func TestProtocolFindsOne(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	p := protocolProvider(t, s)
	add := func(name string) string { return s.AddConnection(map[string]any{"name": name, "dialect": "exasol"}) }
	id, twin, other := add("Sales EU"), add("twin"), add("twin")
	trashed, accented := add("Sales"), add("Verk\u00e4ufe")
	s.TrashConnection(trashed)
	for i := range 12 {
		add(fmt.Sprintf("many %02d", i))
	}
	read := func(config map[string]any) (map[string]any, protocol.Diagnostics) {
		return p.ReadDataSource(connectionType, config)
	}
	for _, config := range []map[string]any{{"name": "Sales EU"}, {"id": id}, {"id": strings.ToUpper(id)}} {
		state, diags := read(config)
		diags.RequireNone(t)
		if !strings.EqualFold(fmt.Sprint(state["id"]), id) || state["name"] != "Sales EU" || state["dialect"] != "exasol" {
			t.Errorf("%v finds %v", config, state)
		}
	}
	if state, diags := p.ReadDataSource(connectionType, map[string]any{"name": "Verka\u0308ufe"}); diags.HasError() || state["id"] != accented {
		t.Errorf("an accent of its own finds %v\n%s", state, diags)
	}
	for _, c := range []struct {
		config map[string]any
		words  []string
	}{
		{map[string]any{"name": "twin"}, []string{"at name:", "Several Omni connections have this name", `2 connections are named "twin"`, twin, other}},
		{map[string]any{"name": "sales"}, []string{"at name:", "No such Omni connection", `exactly the name "sales"`, "Similar names:\n  - Sales EU (exasol, id " + id + ")"}},
		{map[string]any{"name": "many"}, []string{"- many 09 (", "- and 2 more"}},
		{map[string]any{"name": "none"}, []string{"No such Omni connection"}},
		{map[string]any{"id": trashed}, []string{"at id:", "No such Omni connection"}},
		{map[string]any{"id": "x"}, []string{"at id:", "UUID"}},
		{map[string]any{}, []string{"one"}},
		{map[string]any{"id": id, "name": "twin"}, []string{"one"}},
		{map[string]any{"name": ""}, []string{"at name"}},
	} {
		_, diags := read(c.config)
		diags.RequireError(t, c.words...)
		if strings.Contains(diags.String(), "Similar") != (fmt.Sprint(c.config["name"]) == "sales" || fmt.Sprint(c.config["name"]) == "many") || strings.Contains(diags.String(), trashed) && c.config["id"] != trashed {
			t.Errorf("%s", diags)
		}
	}
	byName := func() protocol.Diagnostics {
		_, diags := read(map[string]any{"name": "Sales EU"})
		return diags
	}
	p.RefuseEachCall(s.Host, map[string][]string{connectionsRoute: {"at name:", `Cannot find Omni connection "Sales EU"`, "it needs the admin role (to list connections)"}}, byName)
	s.Faults().Add(fault.Answer(http.StatusForbidden, `{"detail":"Permission denied"}`).On(http.MethodGet, "").Repeat(fault.Forever))
	p.Restart()
	_, diags := read(map[string]any{"id": id})
	diags.RequireError(t, "at id:", "Cannot read Omni connection "+id, "it needs the admin role, or at least Restricted Querier on the connection")
}

// The server sorts by any of three.
func TestProtocolSortFields(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	p := protocolProvider(t, s)
	for _, field := range []string{"database", "dialect", "name"} {
		for _, direction := range []string{"asc", "desc"} {
			_, diags := p.ReadDataSource(connectionType+"s", map[string]any{"sort_field": field, "sort_direction": direction})
			diags.RequireNone(t)
		}
	}
}
