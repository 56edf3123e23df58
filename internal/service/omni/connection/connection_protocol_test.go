// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	entity "github.com/dataconn/terraform-provider-dataconn/internal/service/omni/connection"
)

const connectionType = "dataconn_omni_connection"

func protocolProvider(t *testing.T, s *omnimock.Server, change ...map[string]any) *protocol.Provider {
	t.Helper()
	p := protocol.New(t, protocol.Options())
	config := protocol.OmniConfig(s)
	for _, c := range change {
		config = protocol.With(config, c)
	}
	p.Configure(config).RequireNone(t)
	return p
}

const keyFile = `{"type":"service_account","client_email":"a@b","private_key":"k","project_id":"p"}`

var somePrivateKey = sync.OnceValue(func() string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}))
})

// leastOf has what the dialect cannot do without.
func leastOf(dialect string) map[string]any {
	values := map[string]any{
		"host": "account", "port": 5000, "database": "d", "username": "u", "warehouse": "w", "region": "us",
		"default_schema": "s", "accepts_license": true,
	}
	config := map[string]any{"name": "n", "dialect": dialect, "password": "first"}
	for _, name := range entity.RequiredByDialect[dialect] {
		config[name] = values[name]
	}
	switch dialect {
	case "snowflake":
		maps.Copy(config, map[string]any{"host": "account", "username": "u", "warehouse": "w"})
	case "bigquery":
		config["password"] = keyFile
	}
	return config
}

// mostOf has everything that the dialect uses; round makes the values of one
// set differ from those of another.
func mostOf(p *protocol.Provider, dialect string, round int) map[string]any {
	config := leastOf(dialect)
	for _, a := range p.Schemas().ResourceSchemas[connectionType].Block.Attributes {
		only, restricted := entity.OnlyForDialects[a.Name]
		switch {
		case !a.Optional || a.WriteOnly || a.Sensitive || restricted && !slices.Contains(only, dialect):
			continue
		case strings.HasSuffix(a.Name, "_timezone"):
			config[a.Name] = []string{"Europe/Vienna", "Asia/Tokyo"}[round%2]
		case strings.HasSuffix(a.Name, "_url"):
			config[a.Name] = fmt.Sprintf("https://%d.example.com", round)
		case a.Name == "authentication_type", a.Name == "host_override", a.Name == "base_role", a.Name == "timeouts", strings.HasSuffix(a.Name, "_wo_version"),
			a.Name == "wif_audience", a.Name == "wif_service_account_email", a.Name == "accepts_license":
			continue
		case a.Type.Is(tftypes.String):
			config[a.Name] = fmt.Sprintf("%s-%d", strings.ReplaceAll(a.Name, "_", "-"), round)
		case a.Type.Is(tftypes.Number):
			config[a.Name] = 100 + round
		case a.Type.Is(tftypes.Bool):
			config[a.Name] = round%2 == 0
		default:
			config[a.Name] = []string{fmt.Sprintf("b%d", round), "a_*"}
		}
	}
	config["base_role"] = []string{"QUERIER", "RESTRICTED_QUERIER"}[round%2]
	return config
}

func requireEmptyPlan(t *testing.T, r *protocol.Resource, config map[string]any) {
	t.Helper()
	if plan := r.Plan(config); !plan.IsEmpty() {
		t.Errorf("the plan is not empty: %s of %v\n%s", plan.Action, plan.Changes(), plan.Diagnostics)
	}
}

// One process creates, the next finds nothing to do, another state takes it over
// without a replacement, every setting changes in place.
func TestProtocolEveryDialect(t *testing.T) {
	t.Parallel()
	for dialect := range entity.RequiredByDialect {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			s := omnimock.Start(t, omnimock.Options{SnowflakeKeepsDefaultSchema: true})
			p := protocolProvider(t, s)
			for name, config := range map[string]map[string]any{"minimal": leastOf(dialect), "maximal": mostOf(p, dialect, 1)} {
				config["deletion_protection"] = false
				r := p.Resource(connectionType)
				r.Apply(config).RequireOK(t)
				requireEmptyPlan(t, r, config)
				p.Restart()
				r.Refresh().RequireNone(t)
				requireEmptyPlan(t, r, config)

				imported := p.Resource(connectionType)
				imported.Import(r.Text("id")).RequireNone(t)
				plan := imported.Plan(config)
				plan.RequireOK(t)
				if len(plan.RequiresReplace()) > 0 {
					t.Errorf("%s: the import replaces for %v", name, plan.RequiresReplace())
				}
				// All that is read is what was configured: only what cannot be read differs.
				for _, changed := range plan.Changes() {
					if !slices.Contains([]string{"password", "deletion_protection", "credentials_updated_at", "updated_at"}, changed) {
						t.Errorf("%s: after the import %s changes", name, changed)
					}
				}

				second := mostOf(p, dialect, 2)
				second["deletion_protection"] = false
				plan = r.Plan(second)
				plan.RequireOK(t)
				if plan.Action != protocol.Update {
					t.Errorf("%s: %s for %v", name, plan.Action, plan.RequiresReplace())
				}
				plan.Apply().RequireOK(t)
				p.Restart()
				r.Refresh().RequireNone(t)
				requireEmptyPlan(t, r, second)

				// What is not configured any more stays as it is.
				requireEmptyPlan(t, r, protocol.With(leastOf(dialect), map[string]any{
					"deletion_protection": false, "name": second["name"], "host": second["host"],
					"port": second["port"], "database": second["database"], "username": second["username"], "warehouse": second["warehouse"], "region": second["region"], "default_schema": second["default_schema"],
				}))
				r.Destroy().RequireNone(t)
			}
		})
	}
}

// Each setting alone: one key is sent, and the plan after it is empty.
func TestProtocolEachSettingAlone(t *testing.T) {
	t.Parallel()
	alone := map[string]bool{} // each in the first dialect that has it
	for _, dialect := range []string{"snowflake", "bigquery", "athena", "mssql"} {
		s := omnimock.Start(t, omnimock.Options{SnowflakeKeepsDefaultSchema: true})
		p := protocolProvider(t, s)
		config, other := mostOf(p, dialect, 1), mostOf(p, dialect, 2)
		r := p.Resource(connectionType)
		r.Apply(config).RequireOK(t)
		for _, name := range slices.Sorted(maps.Keys(config)) {
			if name == "dialect" || alone[name] || fmt.Sprint(other[name]) == fmt.Sprint(config[name]) {
				continue
			}
			alone[name] = true
			config[name] = other[name]
			s.ResetRequests()
			plan := r.Plan(config)
			if got := strings.Join(plan.Changes(), " "); got != name {
				t.Errorf("%s, %s: the plan changes %s", dialect, name, got)
			}
			plan.Apply().RequireOK(t)
			want := 1
			if name == "deletion_protection" {
				want = 0
			}
			sent := patches(t, s)
			if len(sent) != want || want == 1 && len(sent[0]) != 1 {
				t.Errorf("%s, %s: sent %v", dialect, name, sent)
			}
			requireEmptyPlan(t, r, config)
		}
	}
	if len(alone) < 30 {
		t.Errorf("only %d settings were changed: %v", len(alone), slices.Sorted(maps.Keys(alone)))
	}
}

func patches(t *testing.T, s *omnimock.Server) []map[string]any {
	t.Helper()
	var all []map[string]any
	for _, r := range s.Requests() {
		if r.Method == http.MethodPatch {
			var body map[string]any
			if err := json.Unmarshal(r.Body, &body); err != nil {
				t.Fatal(err)
			}
			all = append(all, body)
		}
	}
	return all
}

func TestProtocolOlderGenerations(t *testing.T) {
	t.Parallel()
	for generation, version := range map[omnimock.Generation]string{omnimock.Narrow2026: "v1", omnimock.Guide2025: "unstable"} {
		for _, dialect := range []string{"postgres", "snowflake", "bigquery", "mssql", "motherduck"} {
			t.Run(fmt.Sprintf("%d/%s", generation, dialect), func(t *testing.T) {
				t.Parallel()
				s := omnimock.Start(t, omnimock.Options{Generation: generation})
				p := protocolProvider(t, s, map[string]any{"omni": map[string]any{"api_version": version}})
				config := protocol.With(mostOf(p, dialect, 1), map[string]any{"deletion_protection": false})
				r := p.Resource(connectionType)
				r.Apply(config).RequireOK(t)
				p.Restart()
				r.Refresh().RequireNone(t)
				requireEmptyPlan(t, r, config)

				imported := p.Resource(connectionType)
				imported.Import(r.Text("id")).RequireNone(t)
				plan := imported.Plan(config)
				plan.RequireOK(t)
				plan.RequireWarning(t, "adopted")
				if plan.Action != protocol.Update {
					t.Errorf("%s for %v", plan.Action, plan.RequiresReplace())
				}
				s.ResetRequests()
				plan.Apply().RequireOK(t)
				if sent := patches(t, s); len(sent) != 1 || len(sent[0]) != 1 || sent[0]["passwordUnencrypted"] == nil {
					t.Errorf("the first apply after the import sent %v", sent)
				}
				p.Restart()
				imported.Refresh().RequireNone(t)
				requireEmptyPlan(t, imported, config)

				// What is known by now is not adopted again: this server cannot change
				// it, and says so; nothing is replaced.
				changed := protocol.With(config, map[string]any{"system_timezone": "Africa/Nairobi"})
				imported.Apply(changed).RequireError(t, "older generation", "systemTimezone")
				if got := imported.Text("system_timezone"); got != config["system_timezone"] {
					t.Errorf("after the refused change the state has %s", got)
				}
				requireEmptyPlan(t, imported, config)
			})
		}
	}
}

// A plan sees neither -replace nor a taint.
func TestProtocolDeleteItselfRefuses(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	p := protocolProvider(t, s)
	config := leastOf("exasol")
	r := p.Resource(connectionType)
	r.Apply(config).RequireNone(t)
	id := r.Text("id")
	require := func(what string, diags protocol.Diagnostics) {
		t.Helper()
		diags.RequireError(t, "at deletion_protection:", "protected", "deletion_protection = false")
		if _, kept := s.Secret(id, "passwordUnencrypted"); !kept || r.Text("id") != id {
			t.Fatalf("%s: the connection is gone, or out of the state", what)
		}
	}
	require("destroy", r.PlanDestroy().Diagnostics)
	require("-replace", r.PlanReplace(config).Apply())
	r.Taint()
	require("taint", r.Apply(config))
	// A state of before the attribute has null there: the default is true.
	r.Edit(map[string]any{"deletion_protection": nil})
	require("null, destroy", r.PlanDestroy().Diagnostics)
	require("null, -replace", r.PlanReplace(config).Apply())

	config["deletion_protection"] = false
	r.Apply(config).RequireNone(t)
	r.PlanReplace(config).Apply().RequireNone(t)
	if r.Text("id") == id {
		t.Error("not replaced")
	}
	r.Destroy().RequireNone(t)
}

func TestProtocolImportByIdentity(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	p := protocolProvider(t, s)
	id := s.AddConnection(map[string]any{"name": "n", "dialect": "exasol", "host": "h"})
	r := p.Resource(connectionType)
	r.ImportIdentity(map[string]any{"id": strings.ToUpper(id)}).RequireNone(t)
	if r.Text("id") != id || r.Identity()["id"] != id || r.Get("deletion_protection") != true {
		t.Errorf("%v %v", r.State(), r.Identity())
	}
	requireEmptyPlan(t, r, map[string]any{"name": "n", "dialect": "exasol", "host": "h"})
	// A state without an identity gets one.
	p.Restart()
	old := p.Resource(connectionType)
	old.Edit(r.State())
	old.Refresh().RequireNone(t)
	if old.Identity()["id"] != id {
		t.Errorf("the identity is %v", old.Identity())
	}
	unknown := p.Resource(connectionType)
	unknown.ImportIdentity(map[string]any{"id": "550e8400-e29b-41d4-a716-446655440000"}).RequireError(t, "Nothing to import")
}

func TestProtocolUnknownUntilApply(t *testing.T) {
	t.Parallel()
	base := map[string]any{"name": "n", "dialect": "exasol", "host": "h", "password": "p", "deletion_protection": false}
	for name, c := range map[string]struct {
		before        map[string]any // besides the base
		unknown, then map[string]any
		sent          []string // keys
		replaces      bool
	}{
		"host turns out the same": {unknown: map[string]any{"host": protocol.Unknown}, then: map[string]any{"host": "h"}},
		"host turns out another":  {unknown: map[string]any{"host": protocol.Unknown}, then: map[string]any{"host": "h2"}, sent: []string{"host"}},
		"host turns out null":     {unknown: map[string]any{"host": protocol.Unknown}, then: map[string]any{"host": "h", "scratch_schema": nil}},
		"a set with an unknown":   {unknown: map[string]any{"include_schemas": []any{"a", protocol.Unknown}}, then: map[string]any{"include_schemas": []string{"a", "b"}}, sent: []string{"includeSchemas"}},
		"a password, the same":    {unknown: map[string]any{"password": protocol.Unknown}, then: map[string]any{"password": "p"}},
		"a password, another":     {unknown: map[string]any{"password": protocol.Unknown}, then: map[string]any{"password": "q"}, sent: []string{"passwordUnencrypted"}},
		"write-only, the same":    {before: map[string]any{"password": nil, "password_wo": "w"}, unknown: map[string]any{"password": nil, "password_wo": protocol.Unknown}, then: map[string]any{"password": nil, "password_wo": "w"}},
		"write-only, another":     {before: map[string]any{"password": nil, "password_wo": "w"}, unknown: map[string]any{"password": nil, "password_wo": protocol.Unknown}, then: map[string]any{"password": nil, "password_wo": "v"}, sent: []string{"passwordUnencrypted"}},
		"version, the same":       {before: map[string]any{"password": nil, "password_wo": "w", "password_wo_version": 1}, unknown: map[string]any{"password": nil, "password_wo": "w", "password_wo_version": protocol.Unknown}, then: map[string]any{"password": nil, "password_wo": "w", "password_wo_version": 1}},
		"version, another":        {before: map[string]any{"password": nil, "password_wo": "w", "password_wo_version": 1}, unknown: map[string]any{"password": nil, "password_wo": "w", "password_wo_version": protocol.Unknown}, then: map[string]any{"password": nil, "password_wo": "w", "password_wo_version": 2}, sent: []string{"passwordUnencrypted"}},
		"dialect":                 {unknown: map[string]any{"dialect": protocol.Unknown}, replaces: true},
		"audience":                {unknown: map[string]any{"dialect": protocol.Unknown, "wif_audience": protocol.Unknown}, replaces: true},
		"service account":         {unknown: map[string]any{"dialect": protocol.Unknown, "wif_service_account_email": protocol.Unknown}, replaces: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := omnimock.Start(t, omnimock.Options{})
			p := protocolProvider(t, s)
			config := protocol.With(base, c.before)
			r := p.Resource(connectionType)
			r.Apply(config).RequireNone(t)
			id := r.Text("id")
			s.ResetRequests()
			plan := r.Plan(protocol.With(config, c.unknown))
			plan.RequireNone(t)
			if c.replaces { // it has to be planned now: a replacement cannot come up during the apply
				want := strings.Join(slices.Sorted(maps.Keys(c.unknown)), " ")
				if got := strings.Join(plan.RequiresReplace(), " "); plan.Action != protocol.Replace || got != want {
					t.Errorf("%s for %s", plan.Action, got)
				}
				return
			}
			if plan.Action != protocol.Update {
				t.Fatalf("%s", plan.Action)
			}
			final := protocol.With(config, c.then)
			plan.ApplyWith(final).RequireNone(t)
			requireEmptyPlan(t, r, final)
			var keys []string
			for _, body := range patches(t, s) {
				keys = append(keys, slices.Sorted(maps.Keys(body))...)
			}
			if !slices.Equal(keys, c.sent) || r.Text("id") != id {
				t.Errorf("sent %v, want %v; the id is %s, was %s", keys, c.sent, r.Text("id"), id)
			}
		})
	}
}

// A change that the server refused has not happened: the state says so, and it is
// tried again.
func TestProtocolRefusedChangeLeavesTheOldValues(t *testing.T) {
	t.Parallel()
	for name, secrets := range secretForms() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := omnimock.Start(t, omnimock.Options{})
			p := protocolProvider(t, s, map[string]any{"max_retries": 0})
			r := p.Resource(connectionType)
			r.Apply(hostAndSecret(0, secrets[0])).RequireNone(t)
			before, private := r.State(), string(r.Private())
			for _, f := range []fault.Fault{
				fault.Answer(403, `{"detail":"Permission denied"}`), fault.Answer(400, `{"detail":"no"}`),
			} {
				s.Faults().Add(f.On(http.MethodPatch, ""))
				r.Apply(hostAndSecret(1, secrets[1])).RequireError(t, "Cannot change Omni connection")
				if got := r.State(); fmt.Sprint(got) != fmt.Sprint(before) || string(r.Private()) != private {
					t.Errorf("after a failed change the state is %v, was %v", got, before)
				}
				requireEmptyPlan(t, r, hostAndSecret(0, secrets[0]))
			}
			r.Apply(hostAndSecret(1, secrets[1])).RequireNone(t)
			if got, _ := s.Secret(r.Text("id"), "passwordUnencrypted"); got != "two" {
				t.Errorf("the server has %q", got)
			}
			requireEmptyPlan(t, r, hostAndSecret(1, secrets[1]))
		})
	}
}

// After a change whose answer got lost nobody knows which secret the server has: the
// state claims nothing, and the next apply sends what is configured by then, be it
// the former one.
func TestProtocolLostAnswerThenBack(t *testing.T) {
	t.Parallel()
	for name, secrets := range secretForms() {
		for answer, lost := range map[string]fault.Fault{"an error": fault.InternalError().Applied(), "none": (fault.Fault{Reset: true}).Applied()} {
			t.Run(name+", "+answer, func(t *testing.T) {
				t.Parallel()
				s := omnimock.Start(t, omnimock.Options{})
				p := protocolProvider(t, s, map[string]any{"max_retries": 0})
				r := p.Resource(connectionType)
				r.Apply(hostAndSecret(0, secrets[0])).RequireNone(t)
				s.Faults().Add(lost.On(http.MethodPatch, ""))
				if diags := r.Apply(hostAndSecret(1, secrets[1])); !diags.HasError() {
					t.Fatal("the lost answer is no error")
				}
				if got, _ := s.Secret(r.Text("id"), "passwordUnencrypted"); got != "two" {
					t.Fatalf("the server has %q", got)
				}
				again := protocolProvider(t, s, nil).Resource(connectionType) // the next run
				again.Upgrade(0, r.StateFile()).RequireNone(t)
				again.SetPrivate(r.Private())
				again.Refresh().RequireNone(t)
				again.Apply(hostAndSecret(0, secrets[0])).RequireNone(t)
				if got, _ := s.Secret(again.Text("id"), "passwordUnencrypted"); got != "one" {
					t.Errorf("back to the former configuration, the server has %q", got)
				}
				requireEmptyPlan(t, again, hostAndSecret(0, secrets[0]))
			})
		}
	}
}

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

// The user's first Ctrl-C, while the server is at work.
func TestProtocolInterruptedCreateRecordsTheID(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	p := protocolProvider(t, s)
	s.Faults().Add(fault.Fault{Hang: true}.Applied().On(http.MethodPost, ""))
	config := leastOf("exasol")
	r := p.Resource(connectionType)
	plan := r.Plan(config)
	done := make(chan protocol.Diagnostics)
	go func() { done <- plan.Apply() }()
	for len(s.Connections()) == 0 {
		time.Sleep(time.Millisecond)
	}
	p.Stop()
	diags := <-done
	diags.RequireOK(t)
	if id := s.Connections()[0].ID; !r.Exists() || r.Text("id") != id || r.IsTainted() {
		t.Fatalf("the id is not in the state, or is tainted:\n%s", diags)
	}
	p.Restart()
	r.Refresh().RequireNone(t)
	requireEmptyPlan(t, r, config)
}

func TestProtocolRateLimit(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	p := protocolProvider(t, s)
	config := protocol.With(leastOf("exasol"), map[string]any{"timeouts": map[string]any{"update": "1m"}})
	r := p.Resource(connectionType)
	r.Apply(config).RequireNone(t)
	changed := protocol.With(config, map[string]any{"host": "h2"})

	// It passes: the change is made, late.
	s.Faults().Add(fault.RateLimited().On(http.MethodPatch, "").Repeat(3))
	r.Apply(changed).RequireNone(t)

	// It lasts: within the operation's timeout, and the error says what happened.
	s.Faults().Add(fault.RateLimited().On(http.MethodPatch, "").Repeat(fault.Forever))
	began := time.Now()
	short := protocol.With(config, map[string]any{"timeouts": map[string]any{"update": "2s"}})
	r.Apply(short).RequireError(t, "Cannot change", "attempt", "max_requests_per_minute", "timeout")
	if took := time.Since(began); took > time.Minute {
		t.Errorf("it took %s", took)
	}
	s.Faults().Clear()

	// The server names a wait beyond the timeout: no use to begin it.
	s.Faults().Add(fault.RateLimitedFor(time.Hour).On(http.MethodPatch, ""))
	r.Apply(config).RequireError(t, "429", "1h0m0s")
	if r.Text("host") != "h2" {
		t.Errorf("the state has %s", r.Text("host"))
	}
}

func TestProtocolStateOfAnotherVersion(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	p := protocolProvider(t, s)
	id := s.AddConnection(map[string]any{"name": "n", "dialect": "exasol", "host": "h"})
	r := p.Resource(connectionType)
	// Attributes that came later are missing, one that was dropped is there.
	r.Upgrade(0, []byte(`{"id":"`+id+`","name":"n","dialect":"exasol","dropped_later":true}`)).RequireNone(t)
	r.Refresh().RequireNone(t)
	config := map[string]any{"name": "n", "dialect": "exasol", "host": "h"}
	r.Apply(config).RequireNone(t) // the protection's default
	if sent := patches(t, s); len(sent) > 0 {
		t.Errorf("sent %v", sent)
	}
	requireEmptyPlan(t, r, config)
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

// A connection that is the same and new may be what a killed run made: the plan
// names it. It is not taken over, nor refused: two that look the same are legal.
func TestProtocolLeftOver(t *testing.T) {
	t.Parallel()
	theirs := map[string]any{"name": "n", "dialect": "exasol", "host": "h", "port": 5000}
	config := map[string]any{"name": "n", "dialect": "exasol", "host": "h", "port": 5000, "password": "p"}
	for name, c := range map[string]struct {
		options omnimock.Options
		theirs  map[string]any // what is other there
		age     time.Duration
		config  map[string]any // what is other here
		forbid  bool
		warns   bool
	}{
		"the same":             {warns: true},
		"as old as a day":      {age: 25 * time.Hour},
		"some hours":           {age: 20 * time.Hour, warns: true},
		"without a date":       {options: omnimock.Options{Generation: omnimock.Guide2025}, age: 25 * time.Hour, warns: true},
		"another name":         {theirs: map[string]any{"name": "N"}},
		"another host":         {theirs: map[string]any{"host": "h2"}},
		"another dialect":      {theirs: map[string]any{"dialect": "mysql"}},
		"a name not known yet": {config: map[string]any{"name": protocol.Unknown}},
		"a host not known yet": {config: map[string]any{"host": protocol.Unknown}, warns: true},
		"a list out of bounds": {forbid: true},
		"an incomplete one":    {config: map[string]any{"password": nil}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := omnimock.New(c.options)
			origin := omnimock.New(c.options)
			id := origin.AddConnection(protocol.With(theirs, c.theirs))
			snapshot := origin.Snapshot()
			snapshot.Connections[0].CreatedAt = time.Now().Add(-c.age)
			s.Restore(snapshot)
			s.Listen(t, false)
			if c.forbid {
				s.Forbid(http.MethodGet, "/api/v1/connections")
			}
			change := map[string]any{}
			if c.options.Generation == omnimock.Guide2025 {
				change = map[string]any{"omni": map[string]any{"api_version": "unstable"}}
			}
			p := protocolProvider(t, s, change)
			plan := p.Resource(connectionType).Plan(protocol.With(config, c.config))
			warned := len(plan.Warnings()) > 0
			if warned != c.warns {
				t.Fatalf("said: %s", plan.Diagnostics)
			}
			if warned {
				plan.RequireWarning(t, "exists already", id, "terraform import <address of this resource> "+id)
			}
		})
	}
}

// What this process makes itself is no leftover, and the plans of many new
// connections share one list.
func TestProtocolLeftOverIsNotOurs(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	p := protocolProvider(t, s)
	config := map[string]any{"name": "n", "dialect": "exasol", "host": "h", "port": 5000, "password": "p"}
	for range 3 {
		p.Resource(connectionType).Apply(config).RequireNone(t)
	}
	if n := s.CountRequests(http.MethodGet, "/api/v1/connections"); n != 1 {
		t.Errorf("%d lists for three new connections", n)
	}
	s.ResetRequests()
	s.Forbid(http.MethodGet, "/api/v1/connections")
	p.Restart()
	for range 3 {
		p.Resource(connectionType).Plan(config).RequireNone(t)
	}
	if n := s.CountRequests(http.MethodGet, "/api/v1/connections"); n != 1 {
		t.Errorf("a list that is forbidden was asked for %d times", n)
	}
}

// A refused dialect of a query is about that attribute, and nothing else is.
func TestProtocolQueryRefused(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	s.AddConnection(map[string]any{"name": "n", "dialect": "exasol"})
	p := protocolProvider(t, s)
	query := func(config map[string]any) protocol.Diagnostics {
		_, diags := p.Query(connectionType, config, protocol.QueryLimit, false)
		return diags
	}
	query(map[string]any{"dialects": []any{"nosuch"}}).RequireError(t, "at dialects:", "Cannot list Omni connections")
	for _, c := range []struct {
		status int
		body   string
		config map[string]any
	}{
		{http.StatusBadRequest, `{"detail":"Bad Request: dialect: Invalid"}`, map[string]any{"name": "n"}},
		{http.StatusBadRequest, `{"detail":"Bad Request: name: Invalid"}`, map[string]any{"dialects": []any{"exasol"}}},
		{http.StatusForbidden, `{"detail":"no dialect for you"}`, map[string]any{"dialects": []any{"exasol"}}},
	} {
		s.Faults().Add(fault.Answer(c.status, c.body).On(http.MethodGet, "/api/v1/connections"))
		if diags := query(c.config); !diags.HasError() || strings.Contains(diags.String(), "at dialects") {
			t.Errorf("%d %s: %s", c.status, c.body, diags)
		}
	}
}

// What a generated configuration repeats of other dialects uses none of their
// settings: false, an empty text, an empty set.
func TestProtocolUnusedSettings(t *testing.T) {
	t.Parallel()
	p := protocolProvider(t, omnimock.Start(t, omnimock.Options{}))
	config := leastOf("exasol")
	for name, values := range map[string][]any{
		"use_machine_auth":       {false, true},
		"warehouse":              {"", "w"},
		"include_other_catalogs": {[]string{}, []string{"c"}},
	} {
		p.Resource(connectionType).Validate(protocol.With(config, map[string]any{name: values[0]})).RequireNone(t)
		p.Resource(connectionType).Validate(protocol.With(config, map[string]any{name: values[1]})).RequireError(t, "at "+name+":", "does not use")
	}
}

// Settings that no server returns are not known after a move either: as after an
// import, the configured ones are adopted, and replace nothing.
func TestProtocolMoveAdoptsWhatIsNeverRead(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	audience := map[string]any{"wifAudience": "aud", "wifServiceAccountEmail": "a@b"}
	id := s.AddConnection(protocol.With(audience, map[string]any{"name": "n", "dialect": "bigquery", "region": "us"}))
	r := protocolProvider(t, s).Resource(connectionType)
	r.Move(protocol.Source{
		Provider: "registry.terraform.io/ashima-omni/omni", Type: "omni_connection",
		State: map[string]any{"id": id, "name": "n", "dialect": "bigquery"},
	}).RequireOK(t)
	r.Refresh().RequireOK(t)
	config := map[string]any{
		"name": "n", "dialect": "bigquery", "region": "us", "authentication_type": "bigquery-workload-identity-federation",
		"wif_audience": "aud", "wif_service_account_email": "a@b",
	}
	plan := r.Plan(config)
	plan.RequireWarning(t, "adopted from the configuration")
	if plan.Action != protocol.Update || len(plan.RequiresReplace()) > 0 {
		t.Errorf("%s for %v", plan.Action, plan.RequiresReplace())
	}
}

// A bad token reads as one, although Omni answers as if a role was missing.
func TestProtocolBadToken(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	s.Faults().Add(fault.Answer(http.StatusForbidden, `{"detail":"Invalid bearer token","status":403}`).Repeat(fault.Forever))
	r := protocolProvider(t, s).Resource(connectionType)
	r.Import("550e8400-e29b-41d4-a716-446655440000").RequireError(t, "does not accept the credentials")
}

// What reads right and is not is said in so many words: a port in the host, a line
// break at the end of a password, a key with \n instead of line breaks.
func TestProtocolMistakesOfForm(t *testing.T) {
	t.Parallel()
	r := protocol.New(t, protocol.Options()).Resource(connectionType)
	config := map[string]any{"name": "n", "dialect": "exasol", "host": "h", "port": 1, "username": "u", "password": "p"}
	r.Validate(config).RequireNone(t)
	r.Validate(protocol.With(config, map[string]any{"host": "h:5432"})).RequireError(t, "at host", "set port = 5432")
	r.Validate(protocol.With(config, map[string]any{"password": "p\n"})).RequireWarning(t, "at password", "line break", "trimspace")
	r.Validate(protocol.With(config, map[string]any{"password": nil, "password_wo": "p\r\n"})).RequireWarning(t, "at password_wo", "line break")
	r.Validate(protocol.With(config, map[string]any{"private_key": `-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----`})).RequireError(t, "at private_key", `\n where its lines end`, "replace(")
	for attribute, mistake := range map[string][2]string{
		"dialect": {"PostgreSQL", `did you mean "postgres"?`}, "authentication_type": {"snowflake-key-pair", `did you mean "snowflake-keypair"?`},
		"system_timezone": {"Europe/Berlín", `such as "UTC" or "Europe/Berlin"; case matters`}, "query_timezone": {"none", `or "NONE"; case matters`},
	} {
		r.Validate(protocol.With(config, map[string]any{attribute: mistake[0]})).RequireError(t, "at "+attribute, mistake[1])
	}
	for _, attribute := range []string{"base_role", "authentication_type", "system_timezone", "query_timezone"} {
		r.Validate(protocol.With(config, map[string]any{attribute: ""})).RequireError(t, "at "+attribute)
	}
	federated := map[string]any{
		"name": "n", "dialect": "bigquery", "region": "us", "authentication_type": "bigquery-workload-identity-federation",
	}
	r.Validate(federated).RequireNone(t) // an import knows no audience
	r.Plan(federated).RequireError(t, "at wif_audience", "Missing")
}
