// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// ignore_changes on any form of a secret keeps it unsent, also when something else
// is; without anything else, the plan is empty.
func TestProtocolIgnoredSecretIsNotSent(t *testing.T) {
	t.Parallel()
	for name, secrets := range secretForms() {
		for _, ignored := range [][]string{{"password", "password_wo", "password_wo_version"}, slices.Collect(maps.Keys(secrets[0]))} {
			t.Run(fmt.Sprint(name, " ", len(ignored)), func(t *testing.T) {
				t.Parallel()
				s := omnimock.Start(t, omnimock.Options{})
				r := protocolProvider(t, s, nil).Resource(connectionType)
				r.Apply(hostAndSecret(0, secrets[0])).RequireNone(t)
				before := r.State()
				if plan := r.PlanIgnoring(hostAndSecret(0, secrets[1]), ignored...); !plan.IsEmpty() {
					t.Errorf("the plan is %s of %v", plan.Action, plan.Changes())
				}
				plan := r.PlanIgnoring(hostAndSecret(1, secrets[1]), ignored...)
				plan.RequireOK(t)
				plan.Apply().RequireOK(t)
				if got, _ := s.Secret(r.Text("id"), "passwordUnencrypted"); got != "one" {
					t.Errorf("the server has %q", got)
				}
				for _, attribute := range []string{"password", "password_wo_version", "credentials_updated_at"} {
					if r.Get(attribute) != before[attribute] {
						t.Errorf("%s is %v, was %v", attribute, r.Get(attribute), before[attribute])
					}
				}
				// No longer ignored, it is sent.
				r.Apply(hostAndSecret(1, secrets[1])).RequireNone(t)
				if got, _ := s.Secret(r.Text("id"), "passwordUnencrypted"); got != "two" {
					t.Errorf("the server has %q", got)
				}
				requireEmptyPlan(t, r, hostAndSecret(1, secrets[1]))
			})
		}
	}
}

// The value at the apply of a saved plan may be another one than at the plan, as
// ephemeral values are: it is sent, and the plan stays what it was.
func TestProtocolSecretDiffersFromThePlan(t *testing.T) {
	t.Parallel()
	with := func(password string, changes map[string]any) map[string]any {
		return protocol.With(hostAndSecret(0, map[string]any{"password_wo": password}), changes)
	}
	for name, changes := range map[string]map[string]any{
		"with a setting": {"host": "h1"}, "with what is not sent": {"deletion_protection": false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := omnimock.Start(t, omnimock.Options{})
			r := protocolProvider(t, s, nil).Resource(connectionType)
			r.Apply(with("one", nil)).RequireNone(t)
			r.Plan(with("one", changes)).ApplyWith(with("two", changes)).RequireNone(t)
			if got, _ := s.Secret(r.Text("id"), "passwordUnencrypted"); got != "two" {
				t.Errorf("the server has %q", got)
			}
			requireEmptyPlan(t, r, with("two", changes))
			// A rotation that turns out to be none.
			rotated := r.Text("credentials_updated_at")
			r.Plan(with("three", changes)).ApplyWith(with("two", changes)).RequireNone(t)
			if got := r.Text("credentials_updated_at"); got != rotated {
				t.Errorf("credentials_updated_at is %s, was %s", got, rotated)
			}
			requireEmptyPlan(t, r, with("two", changes))
		})
	}
}

// A version that changes while its value is ignored can send nothing.
func TestProtocolVersionOfAnIgnoredValue(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	r := protocolProvider(t, s, nil).Resource(connectionType)
	secrets := secretForms()["versioned"]
	r.Apply(hostAndSecret(0, secrets[0])).RequireNone(t)
	r.PlanIgnoring(hostAndSecret(0, secrets[1]), "password_wo").RequireError(t, "at password_wo_version", "ignore_changes")
}

// secretForms are a password before and after a change, in each form.
func secretForms() map[string][2]map[string]any {
	return map[string][2]map[string]any{
		"plain":      {{"password": "one"}, {"password": "two"}},
		"write-only": {{"password_wo": "one"}, {"password_wo": "two"}},
		"versioned":  {{"password_wo": "one", "password_wo_version": 1}, {"password_wo": "two", "password_wo_version": 2}},
	}
}

func hostAndSecret(round int, secret map[string]any) map[string]any {
	return protocol.With(map[string]any{"name": "n", "dialect": "exasol", "host": fmt.Sprint("h", round)}, secret)
}

func TestProtocolDamagedPrivateState(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	p := protocolProvider(t, s)
	config := map[string]any{"name": "n", "dialect": "exasol", "host": "h", "password_wo": "w"}
	r := p.Resource(connectionType)
	r.Apply(config).RequireNone(t)
	for _, damage := range []map[string][]byte{
		nil,
		{"password_wo_hash": []byte(`{"algorithm":"argon2id"}`)},
		{"password_wo_hash": []byte(`"text"`)},
		{"unread": []byte(`{"not":"a list"}`), "imported": []byte(`0`)},
	} {
		private, err := json.Marshal(damage)
		if err != nil {
			t.Fatal(err)
		}
		r.SetPrivate(private)
		s.ResetRequests()
		r.Refresh().RequireNone(t)
		r.Apply(config).RequireNone(t)
		if sent := patches(t, s); len(sent) != 1 || len(sent[0]) != 1 {
			t.Errorf("%s: sent %v", private, sent)
		}
		requireEmptyPlan(t, r, config)
	}
}

func TestProtocolPrivateKeyOnly(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	p := protocolProvider(t, s)
	config := map[string]any{
		"name": "n", "dialect": "snowflake", "host": "account", "database": "d", "username": "u", "warehouse": "w", "private_key_wo": somePrivateKey(),
	}
	r := p.Resource(connectionType)
	r.Apply(config).RequireNone(t)
	requireEmptyPlan(t, r, config)
	if got, _ := s.Secret(r.Text("id"), "privateKey"); got != somePrivateKey() {
		t.Error("the key did not arrive")
	}
	if r.Get("authentication_type") != "snowflake-keypair" || r.Get("credentials_updated_at") == nil {
		t.Errorf("%v", r.State())
	}
}

// The state has when the credentials were sent last, and a change of anything else
// leaves that as it is.
func TestProtocolCredentialsUpdatedAt(t *testing.T) {
	t.Parallel()
	const long = "2020-01-01T00:00:00Z"
	r := protocolProvider(t, omnimock.Start(t, omnimock.Options{})).Resource(connectionType)
	config := leastOf("exasol")
	r.Apply(config).RequireNone(t)
	if created := r.Text("credentials_updated_at"); created <= long {
		t.Errorf("after the create it is %q", created)
	}
	r.Edit(map[string]any{"credentials_updated_at": long})
	r.Apply(protocol.With(config, map[string]any{"host": "other"})).RequireNone(t)
	if got := r.Text("credentials_updated_at"); got != long {
		t.Errorf("after a change of the host it is %q", got)
	}
	r.Apply(protocol.With(config, map[string]any{"host": "other", "password": "second"})).RequireNone(t)
	if got := r.Text("credentials_updated_at"); got <= long {
		t.Errorf("after a change of the password it is %q", got)
	}
}
