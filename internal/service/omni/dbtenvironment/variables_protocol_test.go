// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package dbtenvironment_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

func plain(value string) object            { return object{"value": value} }
func hidden(value string) object           { return object{"secret_wo": value} }
func versioned(value string, n int) object { return object{"secret_wo": value, "secret_wo_version": n} }
func inState(value string) object          { return object{"secret": value} }

// variables are those of the one environment: id and value by name.
func (s stage) variables(t *testing.T) map[string][2]string {
	t.Helper()
	found := map[string][2]string{}
	for _, v := range s.only(t).Variables {
		value := ""
		if v.Value != nil {
			value = "plain " + *v.Value
		} else if secret, ok := s.Secret(v.ID, "value"); ok {
			value = "secret " + secret
		}
		found[v.Name] = [2]string{v.ID, value}
	}
	return found
}

func (s stage) requireVariables(t *testing.T, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	for name, v := range s.variables(t) {
		got[name] = v[1]
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the variables are %v, not %v", got, want)
	}
}

// sent are the variables of the one write since the last call, with the ids of
// the known ones as their names.
func (s stage) sent(t *testing.T, ids map[string][2]string) []string {
	t.Helper()
	var texts []string
	writes := 0
	for _, r := range s.Requests() {
		if r.Method == http.MethodGet {
			continue
		}
		writes++
		var body struct{ Variables []json.RawMessage }
		if err := json.Unmarshal(r.Body, &body); err != nil {
			t.Fatal(err)
		}
		for _, v := range body.Variables {
			text := string(v)
			for name, id := range ids {
				text = strings.ReplaceAll(text, id[0], name)
			}
			texts = append(texts, text)
		}
	}
	s.ResetRequests()
	if writes != 1 {
		t.Errorf("%d writes", writes)
	}
	return texts
}

// Each variable changes by itself: the others keep their ids, and the secrets
// that did not change are not sent.
func TestProtocolVariables(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(environmentType)
	config := s.config(object{"P": plain("p"), "W": hidden("w"), "V": versioned("v", 1), "S": inState("s")})
	r.Apply(config).RequireNone(t)
	s.requireSettled(t, r, config)
	if r.Get("credentials_updated_at") == nil || strings.Contains(fmt.Sprint(r.State()), "secret_wo:w") {
		t.Errorf("%v", r.State())
	}
	for _, c := range []struct {
		name      string
		variables object
		rotates   bool
		sent      []string
		server    map[string]string
		anew      []string // those that get another id
	}{
		{
			"a plain value",
			object{"P": plain("p2")},
			true,
			[]string{`{"id":"P","isSecret":false,"value":"p2"}`, `{"id":"S","isSecret":true}`, `{"id":"V","isSecret":true}`, `{"id":"W","isSecret":true}`},
			map[string]string{"P": "plain p2", "S": "secret s", "V": "secret v", "W": "secret w"},
			nil,
		},
		{
			"a secret without a version",
			object{"W": hidden("w2")},
			true,
			[]string{`{"id":"P","isSecret":false,"value":"p2"}`, `{"id":"S","isSecret":true}`, `{"id":"V","isSecret":true}`, `{"id":"W","isSecret":true,"value":"w2"}`},
			map[string]string{"P": "plain p2", "S": "secret s", "V": "secret v", "W": "secret w2"},
			nil,
		},
		{
			"a version",
			object{"V": versioned("v2", 2)},
			true,
			[]string{`{"id":"P","isSecret":false,"value":"p2"}`, `{"id":"S","isSecret":true}`, `{"id":"V","isSecret":true,"value":"v2"}`, `{"id":"W","isSecret":true}`},
			map[string]string{"P": "plain p2", "S": "secret s", "V": "secret v2", "W": "secret w2"},
			nil,
		},
		{
			"a secret in the state",
			object{"S": inState("s2")},
			true,
			[]string{`{"id":"P","isSecret":false,"value":"p2"}`, `{"id":"S","isSecret":true,"value":"s2"}`, `{"id":"V","isSecret":true}`, `{"id":"W","isSecret":true}`},
			map[string]string{"P": "plain p2", "S": "secret s2", "V": "secret v2", "W": "secret w2"},
			nil,
		},
		{
			"a renamed one",
			object{"P": nil, "P2": plain("p2")},
			true,
			[]string{`{"name":"P2","isSecret":false,"value":"p2"}`, `{"id":"S","isSecret":true}`, `{"id":"V","isSecret":true}`, `{"id":"W","isSecret":true}`},
			map[string]string{"P2": "plain p2", "S": "secret s2", "V": "secret v2", "W": "secret w2"},
			[]string{"P2"},
		},
		{
			"a removed one",
			object{"V": nil},
			true,
			[]string{`{"id":"P2","isSecret":false,"value":"p2"}`, `{"id":"S","isSecret":true}`, `{"id":"W","isSecret":true}`},
			map[string]string{"P2": "plain p2", "S": "secret s2", "W": "secret w2"},
			nil,
		},
		{
			"an added one",
			object{"V": hidden("v")},
			true,
			[]string{`{"id":"P2","isSecret":false,"value":"p2"}`, `{"id":"S","isSecret":true}`, `{"name":"V","isSecret":true,"value":"v"}`, `{"id":"W","isSecret":true}`},
			map[string]string{"P2": "plain p2", "S": "secret s2", "V": "secret v", "W": "secret w2"},
			[]string{"V"},
		},
		{
			"from secret to plain",
			object{"W": plain("w2")},
			true,
			[]string{`{"id":"P2","isSecret":false,"value":"p2"}`, `{"id":"S","isSecret":true}`, `{"id":"V","isSecret":true}`, `{"name":"W","isSecret":false,"value":"w2"}`},
			map[string]string{"P2": "plain p2", "S": "secret s2", "V": "secret v", "W": "plain w2"},
			[]string{"W"},
		},
		{
			"and back to the same secret",
			object{"W": hidden("w2")},
			true,
			[]string{`{"id":"P2","isSecret":false,"value":"p2"}`, `{"id":"S","isSecret":true}`, `{"id":"V","isSecret":true}`, `{"name":"W","isSecret":true,"value":"w2"}`},
			map[string]string{"P2": "plain p2", "S": "secret s2", "V": "secret v", "W": "secret w2"},
			[]string{"W"},
		},
		{
			"from the state to write-only",
			object{"S": hidden("s2")},
			true,
			[]string{`{"id":"P2","isSecret":false,"value":"p2"}`, `{"id":"S","isSecret":true,"value":"s2"}`, `{"id":"V","isSecret":true}`, `{"id":"W","isSecret":true}`},
			map[string]string{"P2": "plain p2", "S": "secret s2", "V": "secret v", "W": "secret w2"},
			nil,
		},
		{"none", object{"P2": nil, "S": nil, "V": nil, "W": nil}, false, nil, map[string]string{}, nil},
	} {
		before := s.variables(t)
		variables := config["variables"].(object)
		for name, v := range c.variables {
			changed := maps.Clone(variables)
			if delete(changed, name); v != nil {
				changed[name] = v
			}
			variables = changed
		}
		config = s.config(variables)
		s.ResetRequests()
		plan := r.Plan(config)
		if plan.Action != protocol.Update || (plan.Value("credentials_updated_at") == protocol.Unknown) != c.rotates {
			t.Errorf("%s: %s, credentials_updated_at is %v", c.name, plan.Action, plan.Value("credentials_updated_at"))
		}
		for name, v := range plan.Value("variables").(object) {
			if isNew := v.(object)["id"] == protocol.Unknown; isNew != slices.Contains(c.anew, name) {
				t.Errorf("%s: the id of %s is unknown: %t", c.name, name, isNew)
			}
		}
		plan.RequireNone(t)
		plan.Apply().RequireNone(t)
		if got := s.sent(t, before); !slices.Equal(got, c.sent) {
			t.Errorf("%s: sent\n  %s\nwant\n  %s", c.name, strings.Join(got, "\n  "), strings.Join(c.sent, "\n  "))
		}
		s.requireVariables(t, c.server)
		for name, v := range s.variables(t) {
			if was, ok := before[name]; ok && was[0] != v[0] && !slices.Contains(c.anew, name) {
				t.Errorf("%s: %s has another id", c.name, name)
			}
		}
		s.requireSettled(t, r, config)
	}
	// An empty map is none.
	if strings.Contains(string(r.Private()), "hash") {
		t.Errorf("hashes are left: %s", r.Private())
	}
}

func index(e *omnimock.DBTEnvironment, name string) *omnimock.DBTVariable {
	return &e.Variables[slices.IndexFunc(e.Variables, func(v omnimock.DBTVariable) bool { return v.Name == name })]
}

// Names of variables are free: they are keys of a path and of the private state.
// A generated configuration has secret variables without a value: the server
// keeps what it has. A variable that is no secret one there needs one.
func TestProtocolSecretWithoutAValue(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(environmentType)
	r.Apply(s.config(object{"A": hidden("first"), "B": plain("b")})).RequireNone(t)
	s.ResetRequests()
	bare := object{"secret": nil, "secret_wo": nil, "value": nil}

	imported := s.p.Resource(environmentType)
	imported.Import(s.id + "/" + s.only(t).ID).RequireNone(t)
	generated := s.config(object{"A": bare, "B": plain("b")})
	if plan := imported.Plan(generated); !plan.IsEmpty() {
		t.Errorf("the plan of the generated configuration changes %v", plan.Changes())
	}
	imported.Apply(s.config(object{"A": bare, "B": plain("c")})).RequireNone(t)
	if got := s.variables(t); got["A"][1] != "secret first" || got["B"][1] != "plain c" {
		t.Errorf("the server has %v", got)
	}
	for name, variables := range map[string]object{
		"plain": {"A": bare, "B": bare},
		"new":   {"A": bare, "B": plain("c"), "C": bare},
	} {
		imported.Plan(s.config(variables)).RequireError(t, "exactly one value", "keeps its value")
		if got := s.variables(t); len(got) != 2 {
			t.Errorf("%s: the server has %v", name, got)
		}
	}
	s.p.Resource(environmentType).Plan(generated).RequireError(t, "exactly one value")
}

func TestProtocolNamesOfVariables(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	variables := object{}
	for _, name := range []string{"a.b", `a"b`, "a]b", "a[\"c\"].d", `\`, " ", "ä", "a\nb", "..", "_wo", "secret"} {
		variables[name] = hidden("hidden " + name)
	}
	config := s.config(variables)
	r := s.p.Resource(environmentType)
	r.Apply(config).RequireNone(t)
	s.requireSettled(t, r, config)
	variables["a.b"] = hidden("other")
	if plan := r.Plan(config); plan.Value("credentials_updated_at") != protocol.Unknown {
		t.Error("the change is not noticed")
	}
	r.Apply(config).RequireNone(t)
	s.requireSettled(t, r, config)
	if got := s.variables(t)["a.b"][1]; got != "secret other" {
		t.Error(got)
	}
}

// A new version of a secret that ignore_changes keeps out of the plan can send nothing.
func TestProtocolVersionWithoutASecret(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(environmentType)
	r.Apply(s.config(object{"V": versioned("v", 1)})).RequireNone(t)
	r.PlanIgnoring(s.config(object{"V": versioned("v", 2)}), "variables.V.secret_wo").
		RequireError(t, "at variables.V.secret_wo_version:", "changes without a value")
}

// A secret variable that others deleted and made again has a value that was never
// sent: state and private state forget theirs, and the plan sends it.
func TestProtocolSecretThatOthersReplaced(t *testing.T) {
	t.Parallel()
	for form, value := range map[string]object{"plain": inState("ours"), "write-only": hidden("ours"), "with a version": versioned("ours", 1)} {
		s := newStage(t, omnimock.Options{})
		config := s.config(object{"V": value, "P": plain("p")})
		r := s.p.Resource(environmentType)
		r.Apply(config).RequireNone(t)
		s.p.Restart()
		r.Refresh().RequireNone(t)
		if plan := r.Plan(config); !plan.IsEmpty() {
			t.Errorf("%s: the plan is not empty: %v", form, plan.Changes())
		}
		theirs := "theirs"
		s.EditDBTEnvironment(r.Text("id"), func(e *omnimock.DBTEnvironment) {
			e.Variables = []omnimock.DBTVariable{{Name: "V", Value: &theirs, IsSecret: true}, {Name: "P", Value: new("p")}}
		})
		s.p.Restart()
		r.Refresh().RequireNone(t)
		if strings.Contains(fmt.Sprint(r.State()), "ours") {
			t.Errorf("%s: the state claims %v", form, r.State())
		}
		r.Apply(config).RequireNone(t)
		if got := s.variables(t)["V"][1]; got != "secret ours" {
			t.Errorf("%s: the server has %s", form, got)
		}
		if plan := r.Plan(config); !plan.IsEmpty() {
			t.Errorf("%s: the plan is not empty: %v", form, plan.Changes())
		}
	}
}
