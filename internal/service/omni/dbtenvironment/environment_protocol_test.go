// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package dbtenvironment_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

const environmentType = "dataconn_omni_dbt_environment"

const listRoute = "/api/v1/connections/*/dbt/environments"

type object = map[string]any

// stage is a server with a connection that has dbt, and a provider for it.
type stage struct {
	*omnimock.Server
	p  *protocol.Provider
	id string
}

func newStage(t *testing.T, options omnimock.Options) stage {
	t.Helper()
	s := stage{Server: omnimock.Start(t, options), p: protocol.New(t, protocol.Options())}
	s.p.Configure(protocol.OmniConfig(s.Server)).RequireNone(t)
	s.id = s.AddConnection(object{"name": "n", "dialect": "postgres"})
	s.EditDBT(s.id, func(*omnimock.DBT) {})
	return s
}

// config has the variables, by name.
func (s stage) config(variables object) object {
	config := object{"connection_id": s.id, "name": "dev", "target_schema": "dev_schema"}
	if variables != nil {
		config["variables"] = variables
	}
	return config
}

// only returns the server's one environment.
func (s stage) only(t *testing.T) omnimock.DBTEnvironment {
	t.Helper()
	all := s.DBTEnvironments(s.id)
	if len(all) != 1 {
		t.Fatalf("the server has %d environments", len(all))
	}
	return all[0]
}

func (s stage) requireSettled(t *testing.T, r *protocol.Resource, config object) {
	t.Helper()
	s.p.Restart()
	r.Refresh().RequireNone(t)
	if plan := r.Plan(config); !plan.IsEmpty() || len(plan.Diagnostics) > 0 {
		t.Errorf("the plan is not empty: %s of %v\n%s", plan.Action, plan.Changes(), plan.Diagnostics)
	}
}

// Several values of one variable are refused without a server; none may be what the
// server keeps.
func TestProtocolValidatesVariables(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(environmentType)
	for _, two := range []object{{"value": "a", "secret": "b"}, {"value": "a", "secret_wo": "b"}} {
		r.Validate(s.config(object{"V": two})).RequireError(t, "at variables", "exactly one")
	}
	r.Validate(s.config(object{"V": object{}})).RequireNone(t)
	r.Plan(s.config(object{"V": object{}})).RequireError(t, "A variable needs exactly one value", `"V" has 0 of value`)
}

// A life on each kind of server, with imports in it.
func TestProtocolLife(t *testing.T) {
	t.Parallel()
	for _, options := range []omnimock.Options{{}, {Generation: omnimock.Narrow2026}, {BareDBTEnvironmentList: true}} {
		t.Run(fmt.Sprintf("%+v", options), func(t *testing.T) {
			t.Parallel()
			s := newStage(t, options)
			r := s.p.Resource(environmentType)
			r.Apply(s.config(nil)).RequireNone(t)
			s.requireSettled(t, r, s.config(nil))
			id := s.only(t).ID
			if r.Text("id") != id || r.Get("is_default_environment") != false || r.Get("owner_id") != nil || r.Get("credentials_updated_at") != nil {
				t.Errorf("%v", r.State())
			}
			full := protocol.With(s.config(object{"A": plain("a"), "EMPTY": plain(""), "B": inState("b")}), object{
				"name": "prod", "target_schema": "s", "target_database": "d", "target_name": "t", "target_role": "r", "owner_id": s.AddMember(),
			})
			r.Apply(full).RequireNone(t)
			s.requireSettled(t, r, full)
			s.requireVariables(t, map[string]string{"A": "plain a", "EMPTY": "plain ", "B": "secret b"})
			if got := s.only(t); got.ID != id || got.Name != "prod" || *got.TargetDatabase != "d" || *got.TargetName != "t" || *got.TargetRole != "r" {
				t.Errorf("%+v", got)
			}

			for name, take := range map[string]func(r *protocol.Resource) protocol.Diagnostics{
				"id": func(r *protocol.Resource) protocol.Diagnostics { return r.Import(strings.ToUpper(s.id + "/" + id)) },
				"identity": func(r *protocol.Resource) protocol.Diagnostics {
					return r.ImportIdentity(object{"connection_id": s.id, "id": id})
				},
			} {
				imported := s.p.Resource(environmentType)
				take(imported).RequireNone(t)
				if got := imported.Identity(); got["connection_id"] != s.id || got["id"] != id {
					t.Errorf("%s: %v", name, got)
				}
				// The secret cannot be read, so it is sent; nothing is replaced.
				plan := imported.Plan(full)
				if plan.Action != protocol.Update || len(plan.RequiresReplace()) > 0 || fmt.Sprint(plan.Changes()) != "[credentials_updated_at variables]" {
					t.Errorf("%s: %s of %v", name, plan.Action, plan.Changes())
				}
				plan.RequireNone(t)
				plan.Apply().RequireNone(t)
				s.requireSettled(t, imported, full)
			}

			// What is not set is none, but the owner stays.
			r.Apply(s.config(nil)).RequireNone(t)
			s.requireSettled(t, r, s.config(nil))
			if got := s.only(t); got.ID != id || got.TargetDatabase != nil || got.TargetName != nil || got.TargetRole != nil || got.OwnerID == nil || len(got.Variables) != 0 {
				t.Errorf("%+v", got)
			}
			s.requireSettled(t, r, s.config(nil))
			r.Destroy().RequireNone(t)
			if len(s.DBTEnvironments(s.id)) != 0 {
				t.Error("it is still there")
			}
			s.p.Resource(environmentType).Import(s.id+"/"+id).RequireError(t, "Nothing to import")
		})
	}
}

// What others do to the variables is seen and undone, but for the values of
// secrets.
func TestProtocolDrift(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	config := s.config(object{"P": plain("p"), "W": hidden("w")})
	r := s.p.Resource(environmentType)
	r.Apply(config).RequireNone(t)
	want := map[string]string{"P": "plain p", "W": "secret w"}
	other := "other"
	for name, edit := range map[string]func(e *omnimock.DBTEnvironment){
		"added": func(e *omnimock.DBTEnvironment) {
			e.Variables = append(e.Variables, omnimock.DBTVariable{Name: "X", Value: &other})
		},
		"added a secret": func(e *omnimock.DBTEnvironment) {
			e.Variables = append(e.Variables, omnimock.DBTVariable{Name: "X", Value: &other, IsSecret: true})
		},
		"changed": func(e *omnimock.DBTEnvironment) { index(e, "P").Value = &other },
		"removed": func(e *omnimock.DBTEnvironment) {
			e.Variables = slices.DeleteFunc(e.Variables, func(v omnimock.DBTVariable) bool { return v.Name == "P" })
		},
		"secret removed": func(e *omnimock.DBTEnvironment) {
			e.Variables = slices.DeleteFunc(e.Variables, func(v omnimock.DBTVariable) bool { return v.Name == "W" })
		},
		"secret to plain": func(e *omnimock.DBTEnvironment) { *index(e, "W") = omnimock.DBTVariable{Name: "W", Value: &other} },
		"plain to secret": func(e *omnimock.DBTEnvironment) {
			*index(e, "P") = omnimock.DBTVariable{Name: "P", Value: &other, IsSecret: true}
		},
		"all removed": func(e *omnimock.DBTEnvironment) { e.Variables = nil },
		"name":        func(e *omnimock.DBTEnvironment) { e.Name = other },
		"schema":      func(e *omnimock.DBTEnvironment) { e.TargetSchema = other },
		"role":        func(e *omnimock.DBTEnvironment) { e.TargetRole = &other },
	} {
		s.EditDBTEnvironment(r.Text("id"), edit)
		s.p.Restart()
		r.Refresh().RequireNone(t)
		plan := r.Plan(config)
		if plan.Action != protocol.Update {
			t.Errorf("%s: %s", name, plan.Action)
		}
		plan.RequireNone(t)
		plan.Apply().RequireNone(t)
		s.requireVariables(t, want)
		if e := s.only(t); e.Name != "dev" || e.TargetSchema != "dev_schema" || e.TargetRole != nil {
			t.Errorf("%s: %+v", name, e)
		}
		s.requireSettled(t, r, config)
	}

	s.RemoveDBTEnvironment(r.Text("id"))
	s.p.Restart()
	r.Refresh().RequireWarning(t, "gone", `"dev"`)
	if r.Exists() {
		t.Error("it is still in the state")
	}
	r.Apply(config).RequireNone(t)
	s.requireVariables(t, want)
	s.TrashConnection(s.id)
	s.p.Restart()
	r.Refresh().RequireWarning(t, "gone")
}

// Only certain absence drops it from the state.
func TestProtocolUncertainAbsence(t *testing.T) {
	t.Parallel()
	page := func(info, records string) fault.Fault {
		return fault.Answer(200, `{"pageInfo":`+info+`,"records":`+records+`}`).On(http.MethodGet, listRoute)
	}
	for name, c := range map[string]struct {
		faults []fault.Fault
		fails  string
	}{
		"one partial list":       {[]fault.Fault{page(`{"hasNextPage":false}`, `[]`)}, ""},
		"a page without an end":  {[]fault.Fault{page(`{"hasNextPage":true,"nextCursor":null}`, `[]`)}, "nextCursor"},
		"the same page again":    {[]fault.Fault{page(`{"hasNextPage":true,"nextCursor":"a"}`, `[]`), page(`{"hasNextPage":true,"nextCursor":"a"}`, `[]`)}, "has no end"},
		"the second page fails":  {[]fault.Fault{page(`{"hasNextPage":true,"nextCursor":"a"}`, `[]`), fault.Answer(403, `{"detail":"Permission denied"}`).On(http.MethodGet, listRoute)}, "Permission denied"},
		"an object":              {[]fault.Fault{fault.Answer(200, `{}`).On(http.MethodGet, listRoute)}, "records"},
		"no such route":          {[]fault.Fault{fault.Answer(404, `{"detail":"Not Found"}`).On(http.MethodGet, listRoute)}, "no dbt in its API"},
		"does not support dbt":   {[]fault.Fault{fault.Answer(403, `{"detail":"Permission denied or connection does not support dbt"}`).On(http.MethodGet, listRoute)}, "support dbt"},
		"this one is odd":        {nil, "unexpected form"},
		"another of them is odd": {[]fault.Fault{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, omnimock.Options{})
			r := s.p.Resource(environmentType)
			r.Apply(s.config(nil)).RequireNone(t)
			s.p.Restart()
			good, _ := json.Marshal(s.only(t))
			switch name {
			case "this one is odd":
				c.faults = []fault.Fault{page(`{}`, `[{"id":"`+r.Text("id")+`","name":1}]`)}
			case "another of them is odd":
				c.faults = []fault.Fault{page(`{}`, `[{"id":"x"},17,`+string(good)+`,null]`)}
			}
			for _, f := range c.faults {
				s.Faults().Add(f)
			}
			if diags := r.Refresh(); c.fails == "" {
				diags.RequireNone(t)
			} else {
				diags.RequireError(t, "Cannot read Omni dbt environment", c.fails)
			}
			if !r.Exists() {
				t.Error("it fell out of the state")
			}
		})
	}
}

// A refresh of many costs as many requests as their list has pages.
func TestProtocolManyShareOneList(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	var all []*protocol.Resource
	for n := range 150 {
		id := s.AddDBTEnvironment(s.id, omnimock.DBTEnvironment{Name: fmt.Sprint(n), TargetSchema: "s"})
		r := s.p.Resource(environmentType)
		r.Edit(object{"id": id, "connection_id": s.id, "name": fmt.Sprint(n), "target_schema": "s"})
		all = append(all, r)
	}
	s.ResetRequests()
	var group sync.WaitGroup
	for _, r := range all {
		group.Go(func() { r.Refresh().RequireNone(t) })
	}
	group.Wait()
	if got := s.CountRequests("", ""); got != 2 {
		t.Errorf("%d requests", got)
	}
	for _, r := range all {
		if !r.Exists() {
			t.Fatal("one fell out of the state")
		}
	}
}

// Environments of one connection that are made at once, one of them with a lost
// answer.
func TestProtocolCreateAtOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	s.AddDBTEnvironment(s.id, omnimock.DBTEnvironment{Name: "env 3", TargetSchema: "dev_schema", Variables: []omnimock.DBTVariable{}}) // somebody else's
	s.Faults().Add(fault.Fault{Reset: true}.Applied().On(http.MethodPost, ""))
	resources := make([]*protocol.Resource, 10)
	config := func(n int) object {
		return protocol.With(s.config(object{"V": hidden(fmt.Sprint("hidden ", n))}), object{"name": fmt.Sprint("env ", n)})
	}
	var group sync.WaitGroup
	var found atomic.Int32
	for n := range resources {
		resources[n] = s.p.Resource(environmentType)
		group.Go(func() {
			diags := resources[n].Apply(config(n))
			diags.RequireOK(t)
			found.Add(int32(len(diags.Warnings())))
		})
	}
	group.Wait()
	if found.Load() != 1 {
		t.Errorf("%d warnings", found.Load())
	}
	ids := map[string]bool{}
	for n, r := range resources {
		ids[r.Text("id")] = true
		s.requireSettled(t, r, config(n))
	}
	if len(ids) != 10 || len(s.DBTEnvironments(s.id)) != 11 {
		t.Errorf("%d ids, the server has %d", len(ids), len(s.DBTEnvironments(s.id)))
	}
}

// A lost answer that cannot be resolved: which of two that are the same is ours?
func TestProtocolLostCreateIsNotGuessed(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	s.Faults().Add(fault.Answer(403, `{"detail":"Permission denied"}`).On(http.MethodGet, "")) // so nobody knows what was there
	s.Faults().Add(fault.Fault{Reset: true}.Applied().On(http.MethodPost, ""))
	r := s.p.Resource(environmentType)
	id := func() string { return s.only(t).ID }
	diags := r.Apply(s.config(nil))
	diags.RequireError(t, "could be somebody else's: "+id(), "terraform import <address of this resource> "+s.id+"/<id>\n")
	if r.Exists() || s.CountRequests(http.MethodPost, "") != 1 {
		t.Error("it was taken, or made again")
	}
}

func TestProtocolFailures(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(environmentType)
	other := s.AddConnection(object{"name": "n", "dialect": "exasol"})
	r.Apply(protocol.With(s.config(nil), object{"connection_id": other})).RequireError(t, "does not support dbt")
	r.Apply(protocol.With(s.config(nil), object{"connection_id": "550e8400-e29b-41d4-a716-446655440000"})).RequireError(t, "no longer exists")
	r.Apply(protocol.With(s.config(nil), object{"owner_id": "550e8400-e29b-41d4-a716-446655440000"})).RequireError(t, "not a member")
	without := s.AddConnection(object{"name": "n", "dialect": "postgres"})
	r.Apply(protocol.With(s.config(nil), object{"connection_id": without})).RequireError(t, "dbt not configured", "Link a repository to the connection first, with dataconn_omni_connection_dbt")

	config := s.config(object{"P": plain("p"), "W": hidden("first-value")})
	r.Apply(config).RequireNone(t)
	state := fmt.Sprint(r.State())
	changed := s.config(object{"P": plain("p2"), "W": hidden("second-value"), "N": hidden("third-value")})
	for _, status := range []int{400, 403, 404, 409} {
		s.Faults().Add(fault.Answer(status, `{"detail":"refused second-value and third-value"}`).On(http.MethodPut, ""))
		diags := r.Apply(changed)
		diags.RequireError(t, "Cannot change Omni dbt environment", "(redacted)")
		if strings.Contains(diags.String(), "-value") || fmt.Sprint(r.State()) != state {
			t.Errorf("%s\n%v", diags, r.State())
		}
	}
	s.requireVariables(t, map[string]string{"P": "plain p", "W": "secret first-value"})
	s.Faults().Add(fault.Answer(404, `{"detail":"Connection or environment not found"}`).On(http.MethodDelete, ""))
	r.Destroy().RequireError(t, "404")
	if !r.Exists() {
		t.Fatal("it fell out of the state")
	}
	r.Apply(changed).RequireNone(t)
	s.requireSettled(t, r, changed)
	s.RemoveDBTEnvironment(r.Text("id"))
	r.Destroy().RequireNone(t)
}

func TestProtocolReplacement(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(environmentType)
	r.Apply(s.config(object{"W": hidden("w")})).RequireNone(t)
	other := s.AddConnection(object{"name": "other", "dialect": "postgres"})
	s.EditDBT(other, func(*omnimock.DBT) {})
	config := protocol.With(s.config(object{"W": hidden("w")}), object{"connection_id": other})
	plan := r.Plan(config)
	if plan.Action != protocol.Replace || fmt.Sprint(plan.RequiresReplace()) != "[connection_id]" {
		t.Errorf("%s for %v", plan.Action, plan.RequiresReplace())
	}
	plan.Apply().RequireNone(t)
	s.requireSettled(t, r, config)
	if len(s.DBTEnvironments(s.id)) != 0 || len(s.DBTEnvironments(other)) != 1 {
		t.Error("not replaced")
	}
	s.id = other
	s.requireVariables(t, map[string]string{"W": "secret w"})
}

func TestProtocolUnknownUntilApply(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	known := s.config(object{"P": plain("p"), "W": hidden("w")})
	for name, variables := range map[string]any{
		"the map":      protocol.Unknown,
		"an element":   object{"P": protocol.Unknown, "W": hidden("w")},
		"both":         object{"P": protocol.Unknown, "W": protocol.Unknown},
		"the value":    object{"P": object{"value": protocol.Unknown}, "W": hidden("w")},
		"the secret":   object{"P": plain("p"), "W": object{"secret_wo": protocol.Unknown}},
		"the version":  object{"P": plain("p"), "W": object{"secret_wo": "w", "secret_wo_version": protocol.Unknown}},
		"which of two": object{"P": object{"value": "p", "secret": protocol.Unknown}, "W": object{"value": protocol.Unknown, "secret_wo": "w"}},
	} {
		config := protocol.With(known, object{"connection_id": protocol.Unknown})
		config["variables"] = variables
		final := protocol.With(known, nil)
		if name == "the version" {
			final["variables"] = object{"P": plain("p"), "W": versioned("w", 3)}
		}
		r := s.p.Resource(environmentType)
		plan := r.Plan(config)
		plan.RequireNone(t)
		plan.ApplyWith(final).RequireNone(t)
		s.requireVariables(t, map[string]string{"P": "plain p", "W": "secret w"})
		s.requireSettled(t, r, final)

		// And in a change.
		config["connection_id"] = s.id
		plan = r.Plan(config)
		plan.RequireNone(t)
		if isOpen := plan.Value("credentials_updated_at") == protocol.Unknown; !isOpen && slices.Contains([]string{"the map", "an element", "both", "the secret"}, name) {
			t.Errorf("%s: a secret may be sent, and the plan does not say so", name)
		}
		plan.ApplyWith(final).RequireNone(t)
		s.requireSettled(t, r, final)
		r.Destroy().RequireNone(t)
	}
}

func TestProtocolInvalid(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(environmentType)
	for _, c := range []struct {
		config object
		words  []string
	}{
		{protocol.With(s.config(nil), object{"connection_id": "x"}), []string{"at connection_id", "not an id"}},
		{protocol.With(s.config(nil), object{"name": ""}), []string{"at name"}},
		{protocol.With(s.config(nil), object{"target_schema": ""}), []string{"at target_schema"}},
		{protocol.With(s.config(nil), object{"target_database": ""}), []string{"at target_database:"}},
		{protocol.With(s.config(nil), object{"target_name": ""}), []string{"at target_name:"}},
		{protocol.With(s.config(nil), object{"target_role": ""}), []string{"at target_role:"}},
		{protocol.With(s.config(nil), object{"owner_id": ""}), []string{"at owner_id:"}},
		{protocol.With(s.config(nil), object{"target_role": ""}), []string{"at target_role"}},
		{s.config(object{"": plain("a")}), []string{"at variables"}},
		{s.config(object{"A": object{}}), []string{"at variables.A:", "exactly one", "secret_wo"}},
		{s.config(object{"A": nil}), []string{"at variables", "Null"}},
		{s.config(object{"A": object{"value": "a", "secret_wo": "b"}}), []string{"at variables.A"}},
		{s.config(object{"A": object{"value": "a", "secret": "b"}}), []string{"at variables.A"}},
		{s.config(object{"A": object{"secret": "a", "secret_wo": "b"}}), []string{"at variables.A"}},
		{s.config(object{"A": object{"value": "a", "secret_wo_version": 1}}), []string{"at variables.A.secret_wo_version"}},
		{s.config(object{"A": object{"secret_wo": ""}}), []string{"at variables.A.secret_wo"}},
	} {
		r.Plan(c.config).RequireError(t, c.words...)
	}
	for _, id := range []string{s.id, s.id + "/", "/" + s.id, s.id + "/" + s.id + "/" + s.id, "x/y"} {
		r.Import(id).RequireError(t, "at id", "<connection id>/<id>")
	}
}
