// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package dbtenvironment_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

const needs = "it needs Connection Admin on the connection, whose dialect has to support dbt"

func TestProtocolOperations(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	config := s.config(object{"PLAIN": plain("x"), "SECRET": inState("y")})
	of := []string{`Omni dbt environment "dev"`, "of connection " + s.id, needs}
	protocol.Operations{
		Host: s.Host, Config: config, Changed: protocol.With(config, object{"target_schema": "other"}),
		Create: append([]string{"Cannot create "}, of...),
		Read:   append([]string{"Cannot read "}, of...),
		Update: append([]string{"Cannot change "}, of...),
		Delete: append([]string{"Cannot delete "}, of...),
	}.Require(s.p, environmentType)
}

// A server that keeps another value than the one it was sent is told of, and the
// plan's stays.
func TestProtocolWhatTheServerMakesOfIt(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	other := s.p.Resource(environmentType)
	s.Faults().Add(fault.Answer(http.StatusOK, `{"id":"550e8400-e29b-41d4-a716-446655440000","name":"dev","targetSchema":"theirs","variables":[]}`).On(http.MethodPost, ""))
	if other.Apply(s.config(nil)).RequireWarning(t, "The server changed target_schema of", `"theirs"`); other.Get("target_schema") != "dev_schema" {
		t.Errorf("%v", other.State())
	}
	r := s.p.Resource(environmentType)
	r.Apply(s.config(nil)).RequireNone(t)
	answer := `{"id":"` + r.Text("id") + `","name":"dev","targetSchema":"theirs","variables":[]}`
	s.Faults().Add(fault.Answer(http.StatusOK, answer).Applied().On(http.MethodPut, ""))
	r.Apply(protocol.With(s.config(nil), object{"target_schema": "ours"})).RequireWarning(t, "The server changed target_schema of", `"theirs"`)
	if r.Get("target_schema") != "ours" {
		t.Errorf("%v", r.State())
	}
}

// One that is found after its create got no answer is said to be, and its secrets are
// sent again: the next plan sends them where that fails.
func TestProtocolFoundAfterItsCreate(t *testing.T) {
	t.Parallel()
	const found = "An object was found after its create got no answer"
	for name, c := range map[string]struct {
		variables object
		refused   bool
		words     []string // besides
	}{
		"no secret":     {object{"P": plain("p")}, false, nil},
		"a secret":      {object{"S": hidden("s")}, false, []string{"Its secrets are sent again"}},
		"a secret lost": {object{"S": hidden("s")}, true, []string{`Could not send the secrets of Omni dbt environment "dev"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, omnimock.Options{})
			s.Faults().Add(fault.Fault{Reset: true}.Applied().On(http.MethodPost, ""))
			if c.refused {
				s.Forbid(http.MethodPut, "")
			}
			r := s.p.Resource(environmentType)
			diags := r.Apply(s.config(c.variables))
			diags.RequireOK(t)
			diags.RequireWarning(t, found)
			diags.RequireWarning(t, c.words...)
			if (name == "no secret") == strings.Contains(diags.String(), "secrets") {
				t.Errorf("%s", diags)
			}
			if want := map[bool]int{false: 1, true: 2}[c.refused]; len(diags) != want {
				t.Errorf("%s", diags)
			}
			s.AllowAll()
			if plan := r.Plan(s.config(c.variables)); plan.IsEmpty() == c.refused {
				t.Errorf("the plan is %s of %v", plan.Action, plan.Changes())
			}
		})
	}
}

// After an update without an answer, what it may have removed or made anew has no id:
// the next one makes it, and what persists keeps its id.
func TestProtocolUpdateWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault fault.Fault
		knows bool
	}{
		"lost":    {fault.InternalError().Applied(), false},
		"refused": {fault.Answer(http.StatusForbidden, `{"detail":"Permission denied"}`), true},
	} {
		s := newStage(t, omnimock.Options{})
		r := s.p.Resource(environmentType)
		r.Apply(s.config(object{"GONE": plain("g"), "KEPT": plain("k"), "TURNED": hidden("t")})).RequireNone(t)
		kept := s.variables(t)["KEPT"][0]
		changed := protocol.With(s.config(object{"KEPT": plain("k"), "TURNED": plain("t")}), object{"target_schema": "other"})
		s.Faults().Add(c.fault.On(http.MethodPut, "").Repeat(fault.Forever))
		r.Apply(changed).RequireError(t, "Cannot change Omni dbt environment")
		s.Faults().Clear()
		for variable, v := range r.Get("variables").(object) {
			if hasID := v.(object)["id"] != nil; hasID != (c.knows || variable == "KEPT") {
				t.Errorf("%s: %s has the id %v", name, variable, v.(object)["id"])
			}
		}
		if knows := r.Get("target_schema") != nil; knows != c.knows {
			t.Errorf("%s: the schema is %v", name, r.Get("target_schema"))
		}
		r.Apply(changed).RequireNone(t)
		s.requireVariables(t, map[string]string{"KEPT": "plain k", "TURNED": "plain t"})
		if id := s.variables(t)["KEPT"][0]; id != kept {
			t.Errorf("%s: KEPT has another id", name)
		}
		s.requireSettled(t, r, changed)
	}
}

// What is of a connection that will not be replaced is not replaced before it.
func TestProtocolPlanOfAProtectedConnection(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	config := object{"name": "ours", "dialect": "postgres", "host": "h", "port": 5432, "database": "d", "username": "u", "password": "p"}
	connection := s.p.Resource("dataconn_omni_connection")
	connection.Apply(config).RequireOK(t)
	s.EditDBT(connection.Text("id"), func(*omnimock.DBT) {})
	r := s.p.Resource(environmentType)
	r.Apply(protocol.With(s.config(nil), object{"connection_id": connection.Get("id")})).RequireOK(t)
	s.p.Restart()
	connection.Refresh().RequireOK(t) // as every plan begins
	connection.PlanReplace(config)
	r.Plan(protocol.With(s.config(nil), object{"connection_id": protocol.Unknown})).RequireError(t, "at connection_id:", "The connection is protected against deletion", connection.Text("id"))
}

func TestProtocolQuery(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	second := s.AddConnection(object{"name": "a", "dialect": "postgres"})
	s.EditDBT(second, func(*omnimock.DBT) {})
	bare := s.AddConnection(object{"name": "bare", "dialect": "postgres"})
	unable := s.AddConnection(object{"name": "unable", "dialect": "exasol"})
	ids := map[string]string{}
	for name, connection := range map[string]string{"dev": s.id, "prod": second} {
		ids[name] = s.AddDBTEnvironment(connection, omnimock.DBTEnvironment{Name: name, TargetSchema: "s"})
	}
	for _, c := range []struct {
		config object
		want   string
	}{
		{nil, "prod of a, dev of n"},
		{object{"connection_id": s.id}, "dev of n"},
	} {
		found, diags := s.p.Query(environmentType, c.config, protocol.QueryLimit, true)
		diags.RequireNone(t)
		var got []string
		for _, f := range found {
			got = append(got, f.Name)
			name, _ := f.State["name"].(string)
			if f.Identity["id"] != ids[name] || f.State["id"] != ids[name] || f.Identity["connection_id"] != f.State["connection_id"] || !strings.HasPrefix(f.Name, name) {
				t.Errorf("%v", f)
			}
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%v finds %q, want %s", c.config, got, c.want)
		}
	}
	_, diags := s.p.Query(environmentType, object{"connection_id": "x"}, protocol.QueryLimit, false)
	diags.RequireError(t, "at connection_id")
	one := func() protocol.Diagnostics {
		_, diags := s.p.Query(environmentType, object{"connection_id": s.id}, protocol.QueryLimit, false)
		return diags
	}
	s.p.RefuseEachCall(s.Host, map[string][]string{listRoute: {"Cannot list the dbt environments", s.id, needs}}, one)
	for _, connection := range []string{bare, unable} { // which have none, however their list is refused
		s.p.Restart()
		s.Faults().Add(fault.Answer(http.StatusNotFound, `{"detail":"Not Found","status":404}`).On(http.MethodGet, listRoute))
		found, diags := s.p.Query(environmentType, object{"connection_id": connection}, protocol.QueryLimit, false)
		if diags.RequireNone(t); len(found) > 0 || s.Faults().Pending() > 0 {
			t.Errorf("%v", found)
		}
	}

	s.p.Restart()
	s.Faults().Add(fault.Answer(http.StatusOK, `{"records":[{"id":7}],"pageInfo":{"hasNextPage":false}}`).On(http.MethodGet, listRoute))
	one().RequireWarning(t, "An Omni dbt environment is left out", s.id)
}
