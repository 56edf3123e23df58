// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectiondbt_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

const (
	dbtName     = "dataconn_omni_connection_dbt"
	needsOfList = "it needs Connection Admin on the connection"
)

func TestProtocolOperations(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	of := " the dbt configuration of Omni connection " + s.id
	protocol.Operations{
		Host: s.Host, Config: s.ssh(), Changed: protocol.With(s.ssh(), object{"branch": "dev"}),
		Create: []string{"Cannot create" + of, needsOfList},
		Read:   []string{"Cannot read" + of, needsOfList},
		Update: []string{"Cannot change" + of, needsOfList},
		Delete: []string{"Cannot delete" + of, needsOfList},
	}.Require(s.p, dbtName)
}

// What is of a connection that will not be replaced is not unlinked before it.
func TestProtocolPlanOfAProtectedConnection(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	config := object{"name": "ours", "dialect": "postgres", "host": "h", "port": 5432, "database": "d", "username": "u", "password": "p"}
	connection := s.p.Resource("dataconn_omni_connection")
	connection.Apply(config).RequireOK(t)
	r := s.p.Resource(dbtName)
	r.Apply(protocol.With(s.ssh(), object{"connection_id": connection.Get("id")})).RequireOK(t)
	s.p.Restart()
	connection.Refresh().RequireOK(t) // as every plan begins
	connection.PlanReplace(config)
	r.Plan(protocol.With(s.ssh(), object{"connection_id": protocol.Unknown})).RequireError(t, "at connection_id:", "The connection is protected against deletion", connection.Text("id"))
}

// Of connections without dbt, and of those that cannot have it, nothing is said.
func TestProtocolQuery(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	second := s.AddConnection(object{"name": "a", "dialect": "postgres"})
	s.AddConnection(object{"name": "bare", "dialect": "postgres"})
	s.AddConnection(object{"name": "unable", "dialect": "exasol"})
	for _, id := range []string{s.id, second} {
		s.EditDBT(id, func(d *omnimock.DBT) { d.SSHURL, d.Branch = "git@github.com:org/"+id+".git", "main" })
	}
	for _, c := range []struct {
		config object
		want   string
	}{
		{nil, second + " " + s.id},
		{object{"connection_id": second}, second},
		{object{"connection_id": strings.ToUpper(s.id)}, s.id},
	} {
		found, diags := s.p.Query(dbtName, c.config, protocol.QueryLimit, true)
		diags.RequireNone(t)
		var got []string
		for _, f := range found {
			id := f.Identity["connection_id"].(string)
			got = append(got, id)
			if f.State["connection_id"] != id || f.State["branch"] != "main" || f.Name != "git@github.com:org/"+id+".git of "+map[string]string{s.id: "n", second: "a"}[id] {
				t.Errorf("%v", f)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%v finds %v, want %s", c.config, got, c.want)
		}
	}
	_, diags := s.p.Query(dbtName, object{"connection_id": "x"}, protocol.QueryLimit, false)
	diags.RequireError(t, "at connection_id")
	one := func() protocol.Diagnostics {
		_, diags := s.p.Query(dbtName, object{"connection_id": s.id}, protocol.QueryLimit, false)
		return diags
	}
	s.p.RefuseEachCall(s.Host, map[string][]string{"/api/v1/connections/*/dbt": {"Cannot list the dbt configuration", s.id, needsOfList}}, one)
	s.p.FailEachCall(s.Host, nil, func() protocol.Diagnostics {
		_, diags := s.p.Query(dbtName, nil, protocol.QueryLimit, false)
		return diags
	})
}

// With its connection the configuration is gone; a server that stores another
// branch is told of, and the plan's stays.
func TestProtocolWhatTheServerMakesOfIt(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(dbtName)
	other := fault.Answer(http.StatusOK, `{"supportsDbt":true,"sshUrl":"git@github.com:org/repo.git","branch":"other","autogenRelationships":true,"enableVirtualSchemas":false}`).Applied().On(http.MethodPut, "")
	s.Faults().Add(other)
	r.Apply(s.ssh()).RequireWarning(t, "The server changed branch of dbt configuration of Omni connection "+s.id, `"other"`)
	if r.Get("branch") != "main" {
		t.Errorf("%v", r.State())
	}
	s.Faults().Add(other)
	r.Apply(protocol.With(s.ssh(), object{"branch": "dev"})).RequireWarning(t, "The server changed branch of", `"other"`)
	if r.Get("branch") != "dev" {
		t.Errorf("%v", r.State())
	}
	// So it is where the connection cannot have dbt any more.
	imported := s.p.Resource(dbtName)
	imported.Import(s.id).RequireNone(t)
	s.Faults().Add(fault.Answer(http.StatusOK, `{"supportsDbt":false,"message":"dbt not configured for this connection"}`).On(http.MethodGet, ""))
	s.p.Restart()
	if imported.Refresh().RequireWarning(t, "An Omni dbt configuration is gone", "does not support dbt"); imported.Exists() {
		t.Error("it is still in the state")
	}
	s.TrashConnection(s.id)
	s.p.Restart()
	r.Refresh().RequireWarning(t, "An Omni dbt configuration is gone", s.id)
	if r.Exists() {
		t.Error("it is still in the state")
	}
}
