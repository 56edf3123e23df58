// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// fakeReporter refuses everything, and keeps what it was asked.
type fakeReporter struct {
	*httptest.Server
	status   atomic.Int32 // of every answer
	mu       sync.Mutex
	requests []*http.Request
	bodies   []string
}

func newFakeReporter(t *testing.T) *fakeReporter {
	t.Helper()
	r := &fakeReporter{}
	r.status.Store(http.StatusBadRequest)
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.requests, r.bodies = append(r.requests, req), append(r.bodies, string(body))
		w.WriteHeader(int(r.status.Load()))
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *fakeReporter) first() *http.Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.requests) == 0 {
		return &http.Request{}
	}
	return r.requests[0]
}

// credentials are those of the request for a token.
func (r *fakeReporter) credentials() map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	sent := map[string]string{}
	if len(r.bodies) > 0 {
		_ = json.Unmarshal([]byte(r.bodies[0]), &sent)
	}
	return sent
}

// importReporter is the cheapest use of Reporter that has a timeout: one GET.
func importReporter(t *testing.T, p *protocol.Provider, timeout string) protocol.Diagnostics {
	t.Helper()
	r := p.Resource("dataconn_reporter_connection")
	state := object{"id": id1, "config_name": "name", "type": "POSTGRESQL", "host": "h", "port": 1, "database_name": "d", "user_name": "u"}
	if timeout != "" {
		state["timeouts"] = object{"read": timeout}
	}
	r.Edit(state)
	return r.Refresh()
}

func TestReporterBaseURLSuffixes(t *testing.T) {
	t.Parallel()
	const path = "/v1/management/connections"
	for suffix, want := range map[string]string{
		"":                           path,
		"/":                          path,
		"/v1":                        path,
		"/v1/":                       path,
		"/v1/management":             path,
		"/v1/management/":            path,
		"/v1/management/connections": path,
		"/tenant/v1":                 "/tenant" + path,
		"/v1/v1":                     "/v1" + path, // one suffix, not all of them
		"/management":                "/management" + path,
		"/apiv1":                     "/apiv1" + path,
	} {
		t.Run(fmt.Sprintf("%q", suffix), func(t *testing.T) {
			t.Parallel()
			s := reportermock.Start(t, reportermock.Options{})
			p := protocol.New(t, protocol.Options())
			p.Configure(protocol.With(protocol.ReporterConfig(s), object{"reporter": object{"base_url": s.URL() + suffix}})).RequireOK(t)
			_, diags := p.ReadDataSource("dataconn_reporter_connections", object{"created_after": time.Now().Format(time.DateOnly)})
			if got := s.Requests()[0].Path; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if want == path {
				diags.RequireOK(t)
			} else {
				diags.RequireError(t, "Cannot GET "+want, "Check base_url")
			}
			if strings.Contains(diags.String(), "login page") {
				t.Error(diags)
			}
		})
	}
}

func TestReporterCredentials(t *testing.T) {
	t.Parallel()
	clientCredentials := object{"auth_url": "https://auth.example.com", "client_id": "id", "client_secret": "secret"}
	const (
		url    = "et reporter.auth_url in the provider block, or the environment variable REPORTER_AUTH_URL"
		id     = "et reporter.client_id in the provider block, or the environment variable REPORTER_CLIENT_ID"
		secret = "et reporter.client_secret in the provider block, or the environment variable REPORTER_CLIENT_SECRET"
	)
	lacks := func(parts ...string) []string {
		return []string{"at reporter:", "any part of them is set. S" + strings.Join(parts, "; s") + "."}
	}
	p := protocol.New(t, protocol.Options())
	for name, c := range map[string]struct {
		config object
		words  []string // nil: accepted
	}{
		"none":               {object{}, nil},
		"token":              {object{"token": "t"}, nil},
		"client credentials": {clientCredentials, nil},
		"both":               {protocol.With(clientCredentials, object{"token": "t"}), []string{"at reporter.token:"}},
		"token and url":      {object{"token": "t", "auth_url": "https://auth.example.com"}, []string{"at reporter.token:"}},
		"token and id":       {object{"token": "t", "client_id": "id"}, []string{"at reporter.token:"}},
		"token and secret":   {object{"token": "t", "client_secret": "secret"}, []string{"at reporter.token:"}},
		"no url":             {protocol.With(clientCredentials, object{"auth_url": nil}), lacks(url)},
		"no id":              {protocol.With(clientCredentials, object{"client_id": nil}), lacks(id)},
		"no secret":          {protocol.With(clientCredentials, object{"client_secret": nil}), lacks(secret)},
		"url alone":          {object{"auth_url": "https://auth.example.com"}, lacks(id, secret)},
		"id alone":           {object{"client_id": "id"}, lacks(url, secret)},
		"secret alone":       {object{"client_secret": "secret"}, lacks(url, id)},
		"unknown secret":     {protocol.With(clientCredentials, object{"client_secret": protocol.Unknown}), nil},
	} {
		config := object{"reporter": c.config}
		diags := append(p.ValidateProvider(config), p.Configure(config)...)
		if c.words == nil {
			diags.RequireNone(t)
			continue
		}
		t.Log(name)
		diags.RequireError(t, c.words...)
	}
}

// What is configured goes before the environment as a whole: a token that
// happens to be there does not displace client credentials, nor the other way
// round.
func TestReporterCredentialsOfTheEnvironment(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config object
		env    environment
		want   string
	}{
		"configured credentials, token around": {object{"auth_url": "", "client_id": "i", "client_secret": "s"}, environment{"REPORTER_TOKEN": "t"}, "credentials"},
		"configured token, credentials around": {object{"token": "t"}, environment{"REPORTER_AUTH_URL": "", "REPORTER_CLIENT_ID": "i", "REPORTER_CLIENT_SECRET": "s"}, "token"},
		"both around":                          {object{}, environment{"REPORTER_TOKEN": "t", "REPORTER_AUTH_URL": "", "REPORTER_CLIENT_ID": "i", "REPORTER_CLIENT_SECRET": "s"}, "token"},
		"configured url, the rest around":      {object{"auth_url": ""}, environment{"REPORTER_TOKEN": "t", "REPORTER_CLIENT_ID": "i", "REPORTER_CLIENT_SECRET": "s"}, "credentials"},
		"configured id, the rest around":       {object{"client_id": "i"}, environment{"REPORTER_TOKEN": "t", "REPORTER_AUTH_URL": "", "REPORTER_CLIENT_SECRET": "s"}, "credentials"},
		"configured secret, the rest around":   {object{"client_secret": "s"}, environment{"REPORTER_TOKEN": "t", "REPORTER_AUTH_URL": "", "REPORTER_CLIENT_ID": "i"}, "credentials"},
		"a token around, nothing else":         {object{}, environment{"REPORTER_TOKEN": "t"}, "token"},
	} {
		fake := newFakeReporter(t)
		config := object{"base_url": fake.URL}
		for key, value := range c.config {
			if value == "" {
				value = fake.URL
			}
			config[key] = value
		}
		if _, ok := c.env["REPORTER_AUTH_URL"]; ok {
			c.env["REPORTER_AUTH_URL"] = fake.URL
		}
		p := withEnvironment(t, c.env)
		p.Configure(object{"reporter": config}).RequireNone(t)
		importReporter(t, p, "").RequireError(t, "400")
		got := "token"
		if fake.first().Header.Get("Authorization") != "Bearer t" {
			got = "credentials"
		}
		if got != c.want {
			t.Errorf("%s: the %s was used, sent %s", name, got, fake.credentials())
		}
	}
}

// Credentials that are incomplete in the environment stop nobody but Reporter's users.
func TestReporterCredentialsOfTheEnvironmentIncomplete(t *testing.T) {
	t.Parallel()
	p := withEnvironment(t, environment{"REPORTER_AUTH_URL": "https://auth.example.com", "REPORTER_CLIENT_ID": "i"})
	p.Configure(object{"reporter": object{"base_url": "https://a.example.com"}}).RequireNone(t)
	importReporter(t, p, "").RequireError(t, "The client credentials in the environment are incomplete.",
		"any part of them is set. Set reporter.client_secret in the provider block, or the environment variable REPORTER_CLIENT_SECRET.")
}

// Credentials that the identity service takes, and Reporter does not, are those of
// another instance: the error names where their secret was set.
func TestReporterRefusesTheTokenOfItsIdentityService(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			_, _ = io.WriteString(w, `{"accessToken":"of another instance"}`)
			return
		}
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(s.Close)
	complete := object{"base_url": s.URL, "auth_url": s.URL, "client_id": "i"}
	for words, c := range map[string]struct {
		more object
		env  environment
	}{
		"Check the environment variable REPORTER_CLIENT_SECRET:":                                    {nil, environment{"REPORTER_CLIENT_SECRET": "s"}},
		"Check reporter.client_secret in the provider block (environment: REPORTER_CLIENT_SECRET):": {object{"client_secret": "s"}, nil},
	} {
		p := withEnvironment(t, c.env)
		p.Configure(object{"reporter": protocol.With(complete, c.more)}).RequireNone(t)
		importReporter(t, p, "").RequireError(t, "The server does not accept the credentials.", words)
	}
}

// What no client can be made of is an error of the system that is used.
func TestClientsThatCannotBeMade(t *testing.T) {
	t.Parallel()
	options := protocol.Options()
	options.Version = "1\n"
	const why = "user agent: it contains a control character"
	const address = "https://a.example.com"
	p := protocol.New(t, options)
	for _, credentials := range []object{nil, {"auth_url": address, "client_id": "i", "client_secret": "s"}} {
		p.Configure(object{
			"omni":     object{"base_url": address, "api_token": "t"},
			"reporter": protocol.With(object{"base_url": address}, credentials),
		}).RequireNone(t)
		listConnections(t, p).RequireError(t, "Omni is not configured", why)
		importReporter(t, p, "").RequireError(t, "Reporter is not configured", why)
	}
}
