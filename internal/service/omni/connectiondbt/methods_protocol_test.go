// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectiondbt_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// From one method to the other, and the settings that come with each.
func TestProtocolMethods(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(dbtType)
	step := func(config object, method string) {
		t.Helper()
		plan := r.Plan(config)
		if r.Exists() && (plan.Action != protocol.Update || plan.Value("commit_signing_public_key") != protocol.Unknown) {
			t.Errorf("%s, the key is %v", plan.Action, plan.Value("commit_signing_public_key"))
		}
		plan.RequireNone(t)
		if id, isSet := config["github_app_installation_id"]; r.Exists() && !isSet && plan.Value("github_app_installation_id") != protocol.Unknown || isSet && plan.Value("github_app_installation_id") != id {
			t.Errorf("%s: the plan has the installation %v", method, plan.Value("github_app_installation_id"))
		}
		plan.Apply().RequireNone(t)
		s.requireSettled(t, r, config)
		key := r.Text("commit_signing_public_key")
		if got := s.dbt(t); got.AuthMethod != method || (key != "") != (method == "github_app") {
			t.Errorf("%+v, the key is %q", got, key)
		}
	}
	step(protocol.With(s.app(), object{"commit_signing_committer_email": "a@example.com", "commit_signing_committer_name": "A"}), "github_app")
	step(protocol.With(s.token(), object{"token_wo": "t0ken"}), "https_token")
	if got := r.Get("github_app_installation_id"); got != nil {
		t.Errorf("the installation is %v", got)
	}
	step(protocol.With(s.ssh(), object{"auth_method": "ssh"}), "ssh")
	if _, ok := s.Secret(s.id, "token"); ok {
		t.Error("the server still has the token")
	}
	step(s.app(), "github_app")

	// Another installation keeps the method that is not configured.
	plan := r.Plan(protocol.With(s.app(), object{"auth_method": nil, "github_app_installation_id": "456"}))
	if plan.RequireNone(t); plan.Value("auth_method") != "github_app" || plan.Value("commit_signing_committer_name") != protocol.Unknown {
		t.Errorf("%v", plan.Values())
	}

	// One of the committer's two changes: both are sent.
	both := protocol.With(s.app(), object{"commit_signing_committer_email": "a@example.com", "commit_signing_committer_name": "A"})
	r.Apply(both).RequireNone(t)
	s.ResetRequests()
	both["commit_signing_committer_name"] = "B"
	r.Apply(both).RequireNone(t)
	if got := strings.Join(s.bodies(t), " "); !strings.Contains(got, `"commitSigningCommitterEmail":"a@example.com","commitSigningCommitterName":"B"`) || strings.Contains(got, "authMethod") {
		t.Error(got)
	}
}

func TestProtocolToken(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(dbtType)
	requireToken := func(want string) {
		t.Helper()
		if got, _ := s.Secret(s.id, "token"); got != want {
			t.Errorf("the token is %q, not %q", got, want)
		}
	}
	apply := func(changes object, want string, sends bool) {
		t.Helper()
		// Without a version the value at apply may be another one, so whatever changes
		// may send it.
		maySend := sends || changes["token_wo"] != nil && changes["token_wo_version"] == nil
		config := protocol.With(s.token(), changes)
		s.ResetRequests()
		plan := r.Plan(config)
		if r.Exists() && (plan.Value("credentials_updated_at") == protocol.Unknown) != maySend {
			t.Errorf("%v: credentials_updated_at is %v", changes, plan.Value("credentials_updated_at"))
		}
		plan.RequireNone(t)
		var before any
		if r.Exists() {
			before = r.Get("credentials_updated_at")
		}
		plan.Apply().RequireNone(t)
		if now := r.Get("credentials_updated_at"); now == nil || !sends && now != before {
			t.Errorf("%v: credentials_updated_at was %v and is %v", changes, before, now)
		}
		if got := strings.Contains(strings.Join(s.bodies(t), " "), `"token"`); got != sends {
			t.Errorf("%v: sent is %t", changes, got)
		}
		requireToken(want)
		s.requireSettled(t, r, config)
	}
	apply(object{"token_wo": "first"}, "first", true)
	if r.Get("credentials_updated_at") == nil || strings.Contains(fmt.Sprint(r.State()), "first") {
		t.Errorf("%v", r.State())
	}
	apply(object{"token_wo": "first", "branch": "dev"}, "first", false)
	apply(object{"token_wo": "second", "branch": "dev"}, "second", true)
	apply(object{"token_wo": "third", "token_wo_version": 1}, "third", true)
	apply(object{"token_wo": "fourth", "token_wo_version": 1}, "third", false)
	apply(object{"token_wo": "fourth", "token_wo_version": 2}, "fourth", true)
	apply(object{"token": "fifth"}, "fifth", true)
	// Given up: the server keeps it.
	plan := r.Plan(s.token())
	plan.RequireWarning(t, "keeps the token")
	plan.Apply().RequireNone(t)
	requireToken("fifth")
	s.requireSettled(t, r, s.token())

	// A refused change leaves no trace.
	s.Faults().Add(fault.Answer(403, `{"detail":"Permission denied: sixth"}`).On(http.MethodPut, ""))
	diags := r.Apply(protocol.With(s.token(), object{"token_wo": "sixth"}))
	diags.RequireError(t, "(redacted)", "Connection Admin")
	requireToken("fifth")
	r.Apply(protocol.With(s.token(), object{"token_wo": "sixth"})).RequireNone(t)
	requireToken("sixth")

	imported := s.p.Resource(dbtType)
	imported.Import(s.id).RequireNone(t)
	plan = imported.Plan(protocol.With(s.token(), object{"token_wo": "sixth"}))
	if plan.Action != protocol.Update || len(plan.RequiresReplace()) != 0 {
		t.Errorf("%s", plan.Action)
	}
}

// A new version of a token that ignore_changes keeps out of the plan can send nothing.
func TestProtocolVersionWithoutAToken(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(dbtType)
	config := protocol.With(s.token(), object{"token_wo": "t0ken", "token_wo_version": 1})
	r.Apply(config).RequireNone(t)
	r.PlanIgnoring(protocol.With(config, object{"token_wo_version": 2}), "token_wo").RequireError(t, "at token_wo_version:", "changes without a value")
}

func TestProtocolInvalid(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(dbtType)
	for _, c := range []struct {
		config object
		words  []string
	}{
		{protocol.With(s.ssh(), object{"connection_id": "x"}), []string{"at connection_id:", "not an id"}},
		{protocol.With(s.ssh(), object{"ssh_url": ""}), []string{"at ssh_url:", "address of a Git repository"}},
		{protocol.With(s.ssh(), object{"ssh_url": "github.com/org/repo"}), []string{"at ssh_url:", "address of a Git repository"}},
		{protocol.With(s.ssh(), object{"branch": ""}), []string{"at branch:"}},
		{protocol.With(s.ssh(), object{"auth_method": "ssh", "ssh_url": "https://github.com/o/r"}), []string{"at ssh_url:", "auth_method is ssh"}},
		{protocol.With(s.ssh(), object{"auth_method": "https_token"}), []string{"at ssh_url:", "https://"}},
		{protocol.With(s.token(), object{"ssh_url": "https://u:t0ken@github.com/o/r", "token": "t"}), []string{"at ssh_url:", "token_wo"}},
		{protocol.With(s.token(), object{"ssh_url": "https://"}), []string{"at ssh_url:", "absolute URL"}},
		{protocol.With(s.token(), object{"token": "a b"}), []string{"at token:", "letters, digits"}},
		{protocol.With(s.token(), object{"token_wo": strings.Repeat("a", 1001)}), []string{"at token_wo:", "1000"}},
		{protocol.With(s.token(), object{"token": "a", "token_wo": "b"}), []string{"at token"}},
		{protocol.With(s.ssh(), object{"auth_method": "ssh", "token": "a"}), []string{"at token:", "does not use token"}},
		{protocol.With(s.app(), object{"token_wo": "a"}), []string{"at token_wo:", "does not use token_wo"}},
		{protocol.With(s.token(), object{"token": "a", "github_app_installation_id": "1"}), []string{"at github_app_installation_id:", "does not use github_app_installation_id"}},
		{protocol.With(s.token(), object{"token": "a", "commit_signing_committer_name": "A", "commit_signing_committer_email": "a@example.com"}), []string{"at commit_signing_committer_name:", "does not use commit_signing_committer_name"}},
		{protocol.With(s.token(), object{"token": "a", "commit_signing_committer_name": "A", "commit_signing_committer_email": "a@example.com"}), []string{"at commit_signing_committer_email:", "does not use commit_signing_committer_email"}},
		{protocol.With(s.app(), object{"github_app_installation_id": "x1"}), []string{"at github_app_installation_id:", "digits"}},
		{protocol.With(s.app(), object{"commit_signing_committer_name": "A"}), []string{"at commit_signing_committer_name:", "commit_signing_committer_email"}},
		{protocol.With(s.app(), object{"commit_signing_committer_email": "a@example.com"}), []string{"at commit_signing_committer_email:", "commit_signing_committer_name"}},
		{protocol.With(s.app(), object{"commit_signing_committer_name": strings.Repeat("a", 256), "commit_signing_committer_email": "a@example.com"}), []string{"at commit_signing_committer_name:", "255"}},
		{protocol.With(s.app(), object{"commit_signing_committer_name": "A", "commit_signing_committer_email": strings.Repeat("a", 309) + "@example.com"}), []string{"at commit_signing_committer_email:", "320"}},
		{protocol.With(s.ssh(), object{"project_root_path": "/a"}), []string{"at project_root_path:", "relative"}},
		{protocol.With(s.ssh(), object{"project_root_path": `a\b`}), []string{"at project_root_path:", "write / instead"}},
		{protocol.With(s.ssh(), object{"project_root_path": "a/../b"}), []string{"at project_root_path:", "two dots"}},
		{protocol.With(s.ssh(), object{"project_root_path": "ä"}), []string{"at project_root_path:", "letters"}},
		{protocol.With(s.ssh(), object{"project_root_path": ""}), []string{"at project_root_path:", "leave"}},
	} {
		plan := r.Plan(c.config)
		plan.RequireError(t, c.words...)
		if strings.Contains(plan.String(), "t0ken") {
			t.Errorf("%s", plan.Diagnostics)
		}
	}
	// At plan: what only a repository that is connected anew needs.
	r.Plan(s.token()).RequireError(t, "at token_wo:", "Missing token")
	r.Plan(protocol.With(s.token(), object{"auth_method": nil})).RequireError(t, "at auth_method:", "Missing auth_method")
	r.Apply(s.ssh()).RequireNone(t)
	r.Plan(s.token()).RequireError(t, "at token_wo:", "Missing token")
	r.Plan(protocol.With(s.token(), object{"token_wo": protocol.Unknown})).RequireNone(t)

	for _, version := range []string{"Auto", "1.10", "1.11", "1.12"} {
		r.Validate(protocol.With(s.ssh(), object{"dbt_version": version})).RequireNone(t)
	}
	for _, odd := range []object{{"dbt_version": "1.99"}, {"auth_method": "of_the_future"}} {
		diags := r.Validate(protocol.With(s.ssh(), odd))
		diags.RequireOK(t)
		diags.RequireWarning(t, "that this provider knows")
	}
}
