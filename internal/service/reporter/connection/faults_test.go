// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

const (
	list = "/v1/management/connections"
	one  = list + "/*"
)

// config is what minimal is, for the protocol.
func config() map[string]any { return map[string]any(minimal()) }

// start returns a server and a provider that is configured for it.
func start(t *testing.T, opts reportermock.Options) (*reportermock.Server, *protocol.Provider) {
	t.Helper()
	server := reportermock.Start(t, opts)
	p := protocol.NewDialing(t, server)
	p.Configure(protocol.ReporterConfig(server)).RequireOK(t)
	return server, p
}

func requireNoOp(t *testing.T, r *protocol.Resource, config map[string]any) {
	t.Helper()
	r.Refresh().RequireNone(t)
	plan := r.Plan(config)
	plan.RequireNone(t)
	if plan.Action != protocol.NoOp {
		t.Errorf("the plan is %s of %q", plan.Action, plan.Changes())
	}
}

// While a job runs, a change and a deletion wait; beyond the timeout the error
// says so and nothing is lost.
func TestJobRunning(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) {
		server, p := start(t, reportermock.Options{InMemory: true})
		r := p.Resource(typeName)
		patient := protocol.With(config(), map[string]any{"timeouts": map[string]any{"create": nil, "read": nil, "update": "20s", "delete": "20s"}})
		r.Apply(patient).RequireOK(t)

		server.Faults().Add(reportermock.JobRunning().On(http.MethodPatch, one))
		r.Apply(protocol.With(patient, map[string]any{"port": 1})).RequireOK(t)
		if got := server.Connections()[0].Port; got != 1 || server.CountRequests(http.MethodPatch, one) != 2 {
			t.Errorf("the port is %d", got)
		}

		server.StartJob("test")
		hasty := protocol.With(patient, map[string]any{"timeouts": map[string]any{"update": "4s", "delete": "4s"}})
		r.Apply(protocol.With(hasty, map[string]any{"port": 2})).RequireError(t, "active jobs", "had not ended after 4s")
		if r.Get("port") != int64(1) {
			t.Errorf("the state has the port %v", r.Get("port"))
		}
		server.FinishJob("test")
		r.Apply(protocol.With(hasty, map[string]any{"port": 1})).RequireOK(t) // the timeouts alone
		server.StartJob("test")
		r.Destroy().RequireError(t, "Cannot delete", "active jobs")
		if !r.Exists() {
			t.Error("the state lost the connection")
		}
		server.FinishJob("test")
		server.Faults().Add(reportermock.JobRunning().On(http.MethodDelete, one))
		r.Destroy().RequireOK(t)
		if r.Exists() || len(server.Connections()) > 0 {
			t.Error("not deleted")
		}
	})
}

// A deletion of what is gone already succeeds; a 404 that is not about the
// connection does not.
func TestDelete(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{})
	r := p.Resource(typeName)
	r.Apply(config()).RequireOK(t)
	server.Faults().Add(fault.Answer(http.StatusNotFound, `{"code":404,"title":"request_failed","message":"Cannot DELETE"}`).On(http.MethodDelete, one))
	r.Destroy().RequireError(t, "Cannot delete")
	if !r.Exists() {
		t.Fatal("the state lost the connection")
	}
	server.Remove(r.Text("id"))
	r.Destroy().RequireOK(t)
}

// Only a certain absence takes the connection out of the state.
func TestUncertainAbsence(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{Auth: reportermock.StaticToken})
	r := p.Resource(typeName)
	r.Apply(config()).RequireOK(t)
	id := r.Text("id")
	for name, f := range map[string]fault.Fault{
		"401":       fault.Answer(http.StatusUnauthorized, ""),
		"403":       {Status: http.StatusForbidden, Header: http.Header{"Content-Type": {"text/plain"}}, Body: "Forbidden"},
		"404 route": fault.Answer(http.StatusNotFound, `{"code":404,"title":"request_failed","message":"Cannot GET"}`),
		"404 HTML":  {Status: http.StatusNotFound, Header: http.Header{"Content-Type": {"text/html"}}, Body: "<html>"},
		"tenant":    fault.Answer(http.StatusNotFound, `{"code":"FET-1081","title":"Tenant Not Found","message":"no such tenant"}`),
		"500":       fault.InternalError(),
		"503":       reportermock.Unavailable(),
		"HTML":      fault.NotJSON(),
		"other":     fault.WrongShape(),
		"empty":     fault.EmptyBody(),
		"another":   fault.Answer(http.StatusOK, `{"id":"01a203f9-7cfc-732d-9a64-ee1583d54da2","configName":"x"}`),
	} {
		p.Restart()
		server.Faults().Add(f.On(http.MethodGet, one).Repeat(fault.Forever))
		diags := r.Refresh()
		if !strings.Contains(diags.Errors().String(), "Cannot read Reporter connection \"test\"") {
			t.Errorf("%s: %s", name, diags)
		}
		if !r.Exists() || r.Text("id") != id {
			t.Fatalf("%s: the state has %q", name, r.Text("id"))
		}
		server.Faults().Clear()
	}
	requireNoOp(t, r, config())
	server.Remove(id)
	p.Restart()
	r.Refresh().RequireWarning(t, "is gone")
	if r.Exists() {
		t.Error("what is gone is in the state")
	}
}

// A failed change leaves the old values in the state, secrets included, and the
// next apply sends it again.
func TestFailedUpdate(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{})
	r := p.Resource(typeName)
	before := protocol.With(config(), map[string]any{"password": nil, "password_wo": "one", "password_wo_version": 1})
	after := protocol.With(before, map[string]any{"password_wo": "two", "password_wo_version": 2, "port": 1})
	r.Apply(before).RequireOK(t)
	server.Faults().Add(fault.Answer(http.StatusBadRequest, `{"title":"Bad Request","code":"FET-0001","message":"m","fields":{"port":"port is in use","username":"odd"}}`).On(http.MethodPatch, one))
	diags := r.Apply(after)
	diags.RequireError(t, "at port", "port is in use")
	diags.RequireError(t, "at user_name", "odd")
	if r.Get("port") != int64(5432) || r.Get("password_wo_version") != int64(1) {
		t.Errorf("the state has %v", r.State())
	}
	r.Apply(after).RequireOK(t)
	if got, _ := server.Secret(r.Text("id"), "password"); got != "two" {
		t.Errorf("the server has the password %q", got)
	}
	requireNoOp(t, r, after)
}

// An ssl block that is unknown as a whole may turn out to be none, which the service
// cannot do in place: it is planned as a replacement, and judged at the apply.
func TestUnknownSSL(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{})
	ssl := func(value any) map[string]any { return protocol.With(config(), map[string]any{"ssl": value}) }
	settings := map[string]any{"mode": "require", "ca": "CA", "key": "K"}

	created := p.Resource(typeName)
	plan := created.Plan(ssl(protocol.Unknown))
	plan.RequireNone(t)
	plan.ApplyWith(ssl(settings)).RequireOK(t)
	requireNoOp(t, created, ssl(settings))

	plan = created.Plan(ssl(protocol.Unknown))
	if plan.Action != protocol.Replace || !slices.Equal(plan.RequiresReplace(), []string{"ssl"}) {
		t.Errorf("the plan is %s for %v", plan.Action, plan.RequiresReplace())
	}
	plan.RequireWarning(t, "at ssl", "leave only what is in it unknown")
	plan.ApplyWith(ssl(nil)).RequireOK(t)
	requireNoOp(t, created, ssl(nil))

	// Where there is none, it is a change in place, which sends whatever it turns out
	// to be.
	plan = created.Plan(ssl(protocol.Unknown))
	if plan.Action != protocol.Update || plan.Value("updated_at") != protocol.Unknown || plan.Value("credentials_updated_at") != protocol.Unknown {
		t.Errorf("%s of %v", plan.Action, plan.Changes())
	}
	plan.ApplyWith(ssl(settings)).RequireOK(t)
	if got, _ := server.Secret(created.Text("id"), "ssl.key"); got != "K" {
		t.Errorf("the server has the key %q", got)
	}
	requireNoOp(t, created, ssl(settings))

	// One that has become known is a change in place.
	created.Apply(ssl(map[string]any{"mode": "allow", "ca": "CA", "key_wo": "K2"})).RequireOK(t)
	if got, _ := server.Secret(created.Text("id"), "ssl.ca"); got != "CA" {
		t.Errorf("the server has the certificate %q", got)
	}
}

// Everything that may be unknown at plan is not judged there.
func TestUnknownValues(t *testing.T) {
	t.Parallel()
	_, p := start(t, reportermock.Options{})
	unknown := map[string]any{"password": nil, "password_wo": protocol.Unknown}
	for _, name := range []string{"product_name", "config_name", "type", "host", "port", "database_name", "user_name", "schema", "metadata"} {
		unknown[name] = protocol.Unknown
	}
	unknown["ssl"] = map[string]any{"mode": protocol.Unknown, "ca": protocol.Unknown, "key_wo": protocol.Unknown}
	known := protocol.With(config(), map[string]any{
		"product_name": "Other", "password": nil, "password_wo": "p", "schema": "s", "metadata": map[string]any{"a": "b"},
		"ssl": map[string]any{"mode": "require", "ca": "CA", "key_wo": "K"},
	})
	r := p.Resource(typeName)
	plan := r.Plan(unknown)
	plan.RequireNone(t)
	plan.ApplyWith(known).RequireOK(t)
	requireNoOp(t, r, known)
	plan = r.Plan(protocol.With(unknown, map[string]any{"product_name": "Other", "schema": "s"}))
	plan.RequireNone(t)
	plan.ApplyWith(known).RequireOK(t)
	requireNoOp(t, r, known)
	// A product cannot change in place, nor can a schema be unset, so an unknown one
	// replaces.
	if plan = r.Plan(unknown); plan.Action != protocol.Replace || strings.Join(plan.RequiresReplace(), " ") != "product_name schema" {
		t.Errorf("%s for %v", plan.Action, plan.RequiresReplace())
	}
	plan.RequireWarning(t, "at product_name", "known only at apply")
	plan.RequireWarning(t, "at schema", "known only at apply")
}

// The three ways to authenticate. A token is fetched once, however many reads
// want one, and once more when the server no longer takes it.
func TestAuthentication(t *testing.T) {
	t.Parallel()
	for name, auth := range map[string]reportermock.Auth{
		"none": reportermock.NoAuth, "static token": reportermock.StaticToken, "client credentials": reportermock.ClientCredentials,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, p := start(t, reportermock.Options{Auth: auth})
			var log safeBuffer
			p.LogTo(&log)
			const count = 8
			var resources []*protocol.Resource
			for i := range count {
				server.Add(reportermock.Connection{ConfigName: "existing" + string(rune('a'+i)), ProductName: "sales"}, "x")
			}
			for _, c := range server.Connections() {
				r := p.Resource(typeName)
				r.Import(c.ID).RequireOK(t)
				resources = append(resources, r)
			}
			p.Restart()
			server.ResetRequests()
			all := func(do func(*protocol.Resource) protocol.Diagnostics) {
				var group sync.WaitGroup
				for _, r := range resources {
					group.Go(func() {
						if diags := do(r); len(diags) > 0 {
							t.Error(diags)
						}
					})
				}
				group.Wait()
			}
			tokens := func() int { return server.CountRequests(http.MethodPost, "/v1/login/oauth/access_token") }
			all((*protocol.Resource).Refresh)
			wanted := 0
			if auth == reportermock.ClientCredentials {
				wanted = 1
			}
			if got := tokens(); got != wanted {
				t.Errorf("%d tokens were fetched, not %d", got, wanted)
			}
			server.RevokeTokens()
			all((*protocol.Resource).Destroy)
			if left := server.Connections(); len(left) > 0 {
				t.Errorf("left on the server: %v", left)
			}
			if got := tokens(); got != 2*wanted {
				t.Errorf("%d tokens were fetched, not %d", got, 2*wanted)
			}
			for _, secret := range []string{server.Token(), server.ClientSecret()} {
				if secret != "" && strings.Contains(log.String(), secret) {
					t.Errorf("the log has %q", secret)
				}
			}
		})
	}
	t.Run("wrong secret", func(t *testing.T) {
		t.Parallel()
		server := reportermock.Start(t, reportermock.Options{Auth: reportermock.ClientCredentials})
		p := protocol.New(t, protocol.Options())
		const wrong = "a-wrong-client-secret"
		p.Configure(protocol.With(protocol.ReporterConfig(server), map[string]any{"reporter": map[string]any{"client_secret": wrong}})).RequireOK(t)
		diags := p.Resource(typeName).Apply(config())
		diags.RequireError(t, "Cannot create", "client id or the client secret is wrong")
		if strings.Contains(diags.String(), wrong) || strings.Contains(diags.String(), "whether the server carried it out is not known") {
			t.Errorf("said: %s", diags)
		}
	})
}

// Secrets are in no log, at any level, whatever goes wrong; and what a server
// repeats of one is masked.
func TestSecretsInLogsAndMessages(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{Auth: reportermock.ClientCredentials, EchoSecretsInErrors: true})
	var log safeBuffer
	p.LogTo(&log)
	secrets := []string{`canary"pass-1`, "canary-key-1", `canary"pass-2`, "canary-key-2", server.ClientSecret(), server.Token()}
	secretly := func(n, version int) map[string]any {
		return protocol.With(config(), map[string]any{
			"password": nil, "password_wo": secrets[2*n], "password_wo_version": version,
			"ssl": map[string]any{"mode": "require", "ca": "CA", "key_wo": secrets[2*n+1], "key_wo_version": version},
		})
	}
	echo := func(n int) fault.Fault {
		body, _ := json.Marshal(map[string]any{"title": "Bad Request", "code": "FET-0001", "message": "refused " + secrets[2*n] + " and " + secrets[2*n+1]})
		return fault.Answer(http.StatusBadRequest, string(body))
	}
	var said strings.Builder
	note := func(diags protocol.Diagnostics, words string) {
		t.Helper()
		if !strings.Contains(diags.Errors().String(), words) {
			t.Errorf("no error with %q: %s", words, diags)
		}
		said.WriteString(diags.String())
	}
	r := p.Resource(typeName)
	server.Faults().Add(echo(0).On(http.MethodPost, list))
	note(r.Apply(secretly(0, 1)), "refused (redacted) and (redacted)")
	server.Faults().Add(fault.InternalError().On(http.MethodPost, list).Repeat(3))
	note(r.Apply(secretly(0, 1)), "probably not created")
	r.Apply(secretly(0, 1)).RequireOK(t)
	server.Faults().Add(echo(1).On(http.MethodPatch, one))
	note(r.Apply(secretly(1, 2)), "refused (redacted) and (redacted)")
	r.Apply(secretly(1, 2)).RequireOK(t)
	said.Write(r.StateFile())
	said.Write(r.Private())
	for _, secret := range secrets {
		encoded, _ := json.Marshal(secret)
		for _, form := range []string{secret, strings.Trim(string(encoded), `"`)} {
			if strings.Contains(log.String(), form) {
				t.Errorf("the log has %q", form)
			}
			if strings.Contains(said.String(), form) {
				t.Errorf("a message or the state has %q", form)
			}
		}
	}
	if !strings.Contains(log.String(), list) {
		t.Error("nothing was logged")
	}
	for _, secret := range secrets[:4] {
		if !server.ReceivedSecret(secret) {
			t.Errorf("%q was not sent", secret)
		}
	}
}

// safeBuffer is a log for concurrent writers.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// A host that the service's guard refuses is marked, at create and at a change.
func TestForbiddenHost(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{GuardHosts: true})
	inside := protocol.With(config(), map[string]any{"host": "10.0.0.1"})
	r := p.Resource(typeName)
	r.Apply(inside).RequireError(t, "at host:", "FET-0414", "not a valid external database endpoint")
	if r.Exists() || len(server.Connections()) != 0 {
		t.Error("a connection was made")
	}
	r.Apply(config()).RequireOK(t)
	r.Apply(inside).RequireError(t, "at host:", "FET-0414")
	requireNoOp(t, r, config())
}
