// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

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
		diags.RequireError(t, "at connection_id:", "No such Omni connection", id1)

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
