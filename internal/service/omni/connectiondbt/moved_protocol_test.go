// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectiondbt_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

const elsewhere = "https://github.com/org/elsewhere"

// tokenForms are a token in each of its forms.
func tokenForms() map[string]object {
	return map[string]object{"plain": {"token": "t0ken"}, "write-only": {"token_wo": "t0ken"}, "versioned": {"token_wo": "t0ken", "token_wo_version": 1}}
}

// requireToken applies a plan that has to announce the token, and looks for it in the
// one request that it sends.
func (s stage) requireToken(t *testing.T, name string, r *protocol.Resource, config object) {
	t.Helper()
	s.ResetRequests()
	plan := r.Plan(config)
	if plan.Value("credentials_updated_at") != protocol.Unknown {
		t.Errorf("%s: the plan does not announce the token: %v", name, plan.Changes())
	}
	plan.Apply().RequireNone(t)
	if sent := s.bodies(t); len(sent) != 1 || !strings.Contains(sent[0], `"token":"t0ken"`) {
		t.Errorf("%s: sent %q", name, sent)
	}
	s.requireSettled(t, r, config)
}

// Another address is another repository: the token goes along although neither its
// version nor its hash changed, and only if the configuration has one.
func TestProtocolTokenGoesToAnotherRepository(t *testing.T) {
	t.Parallel()
	for name, token := range tokenForms() {
		s := newStage(t, omnimock.Options{})
		r := s.p.Resource(dbtType)
		config := protocol.With(s.token(), token)
		r.Apply(config).RequireNone(t)
		moved := protocol.With(config, object{"ssh_url": elsewhere})

		s.ResetRequests()
		without := protocol.With(s.token(), object{"ssh_url": elsewhere})
		r.Plan(without).RequireError(t, "at token_wo:", "Missing token", "Nothing was sent")
		if n := s.CountRequests(http.MethodPut, ""); n != 0 {
			t.Errorf("%s: %d writes", name, n)
		}
		s.requireToken(t, name, r, moved)
		if got := s.dbt(t); got.SSHURL != elsewhere {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// Somebody switched the repository to SSH: the repair connects it again, with the
// token that is configured.
func TestProtocolMethodIsPutBack(t *testing.T) {
	t.Parallel()
	for name, token := range tokenForms() {
		s := newStage(t, omnimock.Options{})
		r := s.p.Resource(dbtType)
		config := protocol.With(s.token(), token)
		r.Apply(config).RequireNone(t)
		s.EditDBT(s.id, func(d *omnimock.DBT) { d.AuthMethod, d.SSHURL = "ssh", "git@github.com:org/repo.git" })
		s.p.Restart()
		r.Refresh().RequireNone(t)
		s.requireToken(t, name, r, config)
		if got := s.dbt(t); got.AuthMethod != "https_token" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// The installation of the GitHub app goes along out of the state.
func TestProtocolAppGoesToAnotherRepository(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(dbtType)
	r.Apply(s.app()).RequireNone(t)
	for name, config := range map[string]object{
		"configured":     protocol.With(s.app(), object{"ssh_url": elsewhere}),
		"from the state": protocol.With(s.app(), object{"ssh_url": elsewhere + "-2", "github_app_installation_id": nil}),
	} {
		s.ResetRequests()
		r.Apply(config).RequireNone(t)
		if sent := s.bodies(t); len(sent) != 1 || !strings.Contains(sent[0], `"githubAppInstallationId":"`) {
			t.Errorf("%s: sent %q", name, sent)
		}
		s.requireSettled(t, r, config)
	}
	// A state that an older server left without it has nothing to go along.
	r.Edit(object{"github_app_installation_id": nil})
	r.Plan(protocol.With(s.app(), object{"ssh_url": elsewhere + "-3", "github_app_installation_id": nil})).
		RequireError(t, "at github_app_installation_id:", "Missing github_app_installation_id")
	fresh := newStage(t, omnimock.Options{})
	fresh.p.Resource(dbtType).Apply(protocol.With(fresh.app(), object{"github_app_installation_id": nil})).
		RequireError(t, "at github_app_installation_id:", "Missing github_app_installation_id")
}

func TestProtocolCommitterAddress(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	for address, isRight := range map[string]bool{
		"bot@example.com": true, "a.b+c@sub.example.co": true, "Bot": false, "bot@localhost": false, "Bot <bot@example.com>": false, "a@b@c.com": false, "bot@example.com ": false,
	} {
		diags := s.p.Resource(dbtType).Plan(protocol.With(s.app(), object{"commit_signing_committer_email": address, "commit_signing_committer_name": "Bot"})).Diagnostics
		if isRight {
			diags.RequireNone(t)
		} else {
			diags.RequireError(t, "at commit_signing_committer_email:", "e-mail address")
		}
	}
}
