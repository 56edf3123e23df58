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
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

const connectionType = "dataconn_omni_connection"

func protocolProvider(t *testing.T, s *omnimock.Server, change ...map[string]any) *protocol.Provider {
	t.Helper()
	p := protocol.NewDialing(t, s)
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
				imported.Apply(changed).RequireError(t, "too old", "systemTimezone")
				if got := imported.Text("system_timezone"); got != config["system_timezone"] {
					t.Errorf("after the refused change the state has %s", got)
				}
				requireEmptyPlan(t, imported, config)
			})
		}
	}
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
// import, the configured ones are adopted, and replace nothing, with -refresh=false
// as well.
func TestProtocolMoveAdoptsWhatIsNeverRead(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	audience := map[string]any{"wifAudience": "aud", "wifServiceAccountEmail": "a@b"}
	id := s.AddConnection(protocol.With(audience, map[string]any{"name": "n", "dialect": "bigquery", "region": "us"}))
	config := map[string]any{
		"name": "n", "dialect": "bigquery", "region": "us", "authentication_type": "bigquery-workload-identity-federation",
		"wif_audience": "aud", "wif_service_account_email": "a@b",
	}
	p := protocolProvider(t, s)
	for _, refreshes := range []bool{true, false} {
		r := p.Resource(connectionType)
		r.Move(protocol.Source{
			Provider: "registry.terraform.io/ashima-omni/omni", Type: "omni_connection",
			State: map[string]any{"id": id, "name": "n", "dialect": "bigquery"},
		}).RequireOK(t)
		if refreshes {
			r.Refresh().RequireOK(t)
		}
		plan := r.Plan(config)
		plan.RequireWarning(t, "adopted from the configuration", "wif_audience", "wif_service_account_email")
		if plan.Action != protocol.Update || len(plan.RequiresReplace()) > 0 {
			t.Errorf("refreshed %t: %s for %v", refreshes, plan.Action, plan.RequiresReplace())
		}
		if refreshes {
			r.Plan(protocol.With(config, map[string]any{"wif_service_account_email": nil})).RequireWarning(t, "adopted from the configuration", "does not return wif_audience of")
		}
	}
}

// A moved block takes over what another provider has: what the server answered,
// completed by what was sent, protected, and nothing that is secret.
func TestProtocolMove(t *testing.T) {
	t.Parallel()
	const id = "550e8400-e29b-41d4-a716-446655440000"
	at := func(path, answer, sent string) protocol.Source {
		return protocol.Source{Provider: "registry.terraform.io/mastercard/restapi", Type: "restapi_object", State: map[string]any{
			"path": path, "id": strings.ToUpper(id), "api_response": answer, "data": sent,
		}}
	}
	rest := func(answer, sent string) protocol.Source { return at("/api/v1/connections", answer, sent) }
	const settings, audience = `"dialect":"bigquery","region":"us","passwordUnencrypted":"p"`, `"wifAudience":"aud","wifServiceAccountEmail":"a@b"`
	for what, c := range map[string]struct {
		source                          protocol.Source
		name, region, audience, account any
	}{
		"answered": {rest(`{"connection":{"name":"n","dialect":"bigquery","region":"eu"}}`, `{"name":"sent",`+settings+`}`), "n", "eu", nil, nil},
		"bare":     {rest(`{"name":"n","dialect":"bigquery"}`, `{"name":"sent",`+settings+`,`+audience+`}`), "n", "us", "aud", "a@b"},
		"sent":     {rest(`{"success":true,"data":"`+id+`"}`, `{"name":"sent",`+settings+`,"wifAudience":"aud"}`), "sent", "us", "aud", nil},
		"neither":  {rest(`{`, `[]`), nil, nil, nil, nil},
		"of 2025":  {at("/api/unstable/connections", `{"name":"n","dialect":"bigquery"}`, `{}`), "n", nil, nil, nil},
		"of the omni provider": {protocol.Source{Provider: "registry.terraform.io/ashima-omni/omni", Type: "omni_connection", State: map[string]any{
			"id": id, "name": "n", "dialect": "bigquery", "wif_audience": "aud",
		}}, "n", nil, "aud", nil},
	} {
		r := protocol.New(t, protocol.Options()).Resource(connectionType)
		r.Move(c.source).RequireNone(t)
		for attribute, want := range map[string]any{
			"id": id, "name": c.name, "region": c.region, "wif_audience": c.audience, "wif_service_account_email": c.account, "deletion_protection": true, "password": nil,
		} {
			if got := r.Get(attribute); got != want {
				t.Errorf("%s: %s is %v, want %v", what, attribute, got, want)
			}
		}
		if r.Identity()["id"] != id {
			t.Errorf("%s: %v", what, r.Identity())
		}
		var private map[string][]byte
		var unread []string
		if json.Unmarshal(r.Private(), &private) != nil || json.Unmarshal(private["unread"], &unread) != nil {
			t.Errorf("%s: %s", what, r.Private())
		}
		for key, value := range map[string]any{"wifAudience": c.audience, "wifServiceAccountEmail": c.account, "region": c.region, "name": c.name} {
			if slices.Contains(unread, key) != (value == nil) {
				t.Errorf("%s: %s is %v, and %q are not read", what, key, value, unread)
			}
		}
	}
	protocol.New(t, protocol.Options()).Resource(connectionType).Move(at("/api/v1/models", `{}`, `{}`)).RequireError(t, "Cannot move a restapi_object")
	protocol.New(t, protocol.Options()).Resource(connectionType).Move(protocol.Source{
		Provider: "registry.terraform.io/ashima-omni/omni", Type: "omni_connection", State: map[string]any{"name": "n"},
	}).RequireError(t, "Cannot move a omni_connection", "Its state has no id")
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
	r.Validate(protocol.With(config, map[string]any{"dialect": "snowflake", "port": nil, "database": "d", "warehouse": "w", "private_key": `-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----`})).RequireError(t, "at private_key", `\n where its lines end`, "replace(")
	for attribute, mistake := range map[string][2]string{
		"dialect":         {"PostgreSQL", `did you mean "postgres"?`},
		"system_timezone": {"Europe/Berlín", `such as "UTC" or "Europe/Berlin"; case matters`}, "query_timezone": {"none", `or "NONE"; case matters`},
	} {
		r.Validate(protocol.With(config, map[string]any{attribute: mistake[0]})).RequireError(t, "at "+attribute, mistake[1])
	}
	r.Validate(protocol.With(config, map[string]any{"dialect": "snowflake", "port": nil, "database": "d", "warehouse": "w", "authentication_type": "snowflake-key-pair"})).RequireError(t, "at authentication_type", `did you mean "snowflake-keypair"?`)
	for _, attribute := range []string{"base_role", "authentication_type", "system_timezone", "query_timezone"} {
		r.Validate(protocol.With(config, map[string]any{attribute: ""})).RequireError(t, "at "+attribute)
	}
	federated := map[string]any{
		"name": "n", "dialect": "bigquery", "region": "us", "authentication_type": "bigquery-workload-identity-federation",
	}
	r.Validate(federated).RequireNone(t) // an import knows no audience
	r.Plan(federated).RequireError(t, "at wif_audience", "Missing")
}
