// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

type (
	object      = map[string]any
	environment = map[string]string
)

const (
	firstID  = "550e8400-e29b-41d4-a716-446655440001"
	secondID = "550e8400-e29b-41d4-a716-446655440002"
	thirdID  = "550e8400-e29b-41d4-a716-446655440003"
)

// attributeOf puts a value at a path such as omni.base_url.
func attributeOf(path string, value any) object {
	if block, name, nested := strings.Cut(path, "."); nested {
		return object{block: object{name: value}}
	}
	return object{path: value}
}

func withEnvironment(t *testing.T, env environment) *protocol.Provider {
	t.Helper()
	options := protocol.Options()
	options.Getenv = func(name string) string { return env[name] }
	return protocol.New(t, options)
}

// listConnections is the cheapest use of Omni: one GET.
func listConnections(t *testing.T, p *protocol.Provider) protocol.Diagnostics {
	t.Helper()
	_, diags := p.ReadDataSource("dataconn_omni_connections", object{})
	return diags
}

func requests(s *omnimock.Server) string {
	var lines []string
	for _, r := range s.Requests() {
		lines = append(lines, r.Method+" "+r.Path)
	}
	return strings.Join(lines, ", ")
}

// setting is one attribute of the provider block, and how to see its value.
type setting struct {
	path      string
	variables []string // the first that is set counts
	// effective configures a provider and tells which value is in force.
	effective func(t *testing.T, config object, env environment) string
	// Two values as the configuration has them, and their text in the
	// environment and from effective.
	first, second         any
	firstText, secondText string
	byDefault             string // from effective when nothing is set
}

// settings is the table of every attribute. TestEveryAttributeHasASetting fails
// where the schema has one more.
func settings(t *testing.T) []setting {
	t.Helper()
	servers := map[string]*omnimock.Server{}
	for _, name := range []string{"one", "two"} {
		servers[name] = omnimock.Start(t, omnimock.Options{Token: "token-" + name})
	}
	one, two := servers["one"], servers["two"]
	return []setting{
		{
			path: "omni.base_url", variables: []string{"OMNI_BASE_URL"},
			first: one.URL(), firstText: one.URL(), second: two.URL(), secondText: two.URL(),
			byDefault: "set omni.base_url",
			effective: func(t *testing.T, config object, env environment) string {
				p := withEnvironment(t, env)
				p.Configure(protocol.With(config, object{"omni": protocol.With(inner(config, "omni"), object{"api_token": "x"})})).RequireOK(t)
				diags := listConnections(t, p)
				for _, s := range servers {
					if strings.Contains(diags.String(), strings.TrimPrefix(s.URL(), "http://")) {
						return s.URL()
					}
				}
				return diags.String()
			},
		},
		{
			path: "omni.api_token", variables: []string{"OMNI_API_TOKEN", "OMNI_API_KEY"},
			first: "secret-1", firstText: "secret-1", second: "secret-2", secondText: "secret-2",
			byDefault: "set omni.api_token",
			effective: func(t *testing.T, config object, env environment) string {
				s := omnimock.Start(t, omnimock.Options{})
				p := withEnvironment(t, env)
				p.Configure(protocol.With(config, object{"omni": protocol.With(inner(config, "omni"), object{"base_url": s.URL()})})).RequireOK(t)
				diags := listConnections(t, p)
				if sent := s.Requests(); len(sent) > 0 {
					return strings.TrimPrefix(sent[0].Header.Get("Authorization"), "Bearer ")
				}
				return diags.String()
			},
		},
		{
			path: "omni.api_version", variables: []string{"OMNI_API_VERSION"},
			first: "unstable", firstText: "unstable", second: "v1", secondText: "v1", byDefault: "v1",
			effective: func(t *testing.T, config object, env environment) string {
				s := omnimock.Start(t, omnimock.Options{})
				listConnections(t, configured(t, s, config, env))
				return strings.Split(s.Requests()[0].Path, "/")[2]
			},
		},
		{
			path: "omni.max_requests_per_minute", variables: []string{"OMNI_MAX_REQUESTS_PER_MINUTE"},
			first: 7, firstText: "7", second: 9, secondText: "9", byDefault: "60",
			effective: func(t *testing.T, config object, env environment) string {
				s := omnimock.Start(t, omnimock.Options{})
				id := s.AddConnection(object{"name": "a", "dialect": "exasol", "host": "h"})
				p := configured(t, s, protocol.With(object{"omni": object{"max_requests_per_minute": nil}}, config), env)
				r := p.Resource("dataconn_omni_connection")
				r.Import(id).RequireOK(t)
				s.Faults().Add(fault.Answer(http.StatusBadRequest, "{}").On(http.MethodPatch, "").Repeat(fault.Forever))
				change := object{"name": "b", "dialect": "exasol", "host": "h", "timeouts": object{"update": "500ms"}}
				for range 20 { // beyond the burst
					if _, rest, found := strings.Cut(r.Apply(change).String(), "the limit of "); found {
						return strings.Fields(rest)[0]
					}
				}
				return "no limit"
			},
		},
		{
			path: "request_timeout", variables: []string{"DATACONN_REQUEST_TIMEOUT"},
			first: "20ms", firstText: "20ms", second: "30ms", secondText: "30ms", byDefault: "more than 1s",
			effective: func(t *testing.T, config object, env environment) string {
				s := omnimock.Start(t, omnimock.Options{})
				s.Faults().Add(fault.Fault{Delay: time.Second, Times: fault.Forever})
				diags := listConnections(t, configured(t, s, protocol.With(config, object{"max_retries": 0}), env))
				if _, rest, found := strings.Cut(diags.String(), "no complete answer within "); found {
					return strings.Trim(strings.Fields(rest)[0], ";")
				}
				diags.RequireOK(t)
				return "more than 1s"
			},
		},
		{
			path: "max_retries", variables: []string{"DATACONN_MAX_RETRIES"},
			first: 0, firstText: "0", second: 2, secondText: "2", byDefault: "5",
			effective: func(t *testing.T, config object, env environment) string {
				s := omnimock.Start(t, omnimock.Options{})
				s.Faults().Add(fault.InternalError().Repeat(fault.Forever))
				listConnections(t, configured(t, s, config, env)).RequireError(t, "500")
				return fmt.Sprint(len(s.Requests()) - 1)
			},
		},
		{
			path: "ca_certificate", variables: []string{"DATACONN_CA_CERTIFICATE"},
			first: authority(t), firstText: authority(t), second: otherAuthority, secondText: otherAuthority,
			byDefault: "not trusted",
			effective: func(t *testing.T, config object, env environment) string {
				diags := listConnections(t, configured(t, tlsServer(t), config, env))
				if !diags.HasError() {
					return authority(t)
				}
				diags.RequireError(t, "certificate", "set ca_certificate")
				if config["ca_certificate"] != nil || env["DATACONN_CA_CERTIFICATE"] != "" {
					return otherAuthority
				}
				return "not trusted"
			},
		},
		{
			path: "insecure_skip_verify", variables: []string{"DATACONN_INSECURE_SKIP_VERIFY"},
			first: true, firstText: "true", second: false, secondText: "false", byDefault: "false",
			effective: func(t *testing.T, config object, env environment) string {
				return fmt.Sprint(!listConnections(t, configured(t, tlsServer(t), config, env)).HasError())
			},
		},
		{
			path: "omni.allow_deletion_of", variables: []string{"OMNI_ALLOW_DELETION_OF"},
			first: []any{firstID}, firstText: firstID, second: []any{secondID, thirdID}, secondText: secondID + "," + thirdID, byDefault: "none of them",
			effective: func(t *testing.T, config object, env environment) string {
				p := configured(t, omnimock.Start(t, omnimock.Options{}), config, env)
				var allowed []string
				for _, id := range []string{firstID, secondID, thirdID} {
					r := p.Resource("dataconn_omni_connection")
					r.Edit(object{"id": strings.ToUpper(id), "name": "n", "dialect": "exasol", "deletion_protection": true})
					if !r.PlanDestroy().HasError() {
						allowed = append(allowed, id)
					}
				}
				return cmp.Or(strings.Join(allowed, ","), "none of them")
			},
		},
		reporterSetting("reporter.base_url", "REPORTER_BASE_URL", one.URL(), two.URL(), "set reporter.base_url", object{"base_url": nil}, func(p *protocol.Provider, _ *fakeReporter) string {
			diags := importReporter(t, p, "")
			for _, s := range servers {
				if strings.Contains(diags.String(), strings.TrimPrefix(s.URL(), "http://")) {
					return s.URL()
				}
			}
			return diags.String()
		}),
		reporterSetting("reporter.token", "REPORTER_TOKEN", "token-1", "token-2", "none", nil, func(p *protocol.Provider, r *fakeReporter) string {
			importReporter(t, p, "")
			if r.first().Header.Get("Authorization") == "" {
				return "none"
			}
			return strings.TrimPrefix(r.first().Header.Get("Authorization"), "Bearer ")
		}),
		reporterSetting("reporter.auth_url", "REPORTER_AUTH_URL", one.URL(), two.URL(), "reporter.auth_url", object{"client_id": "i", "client_secret": "s"}, func(p *protocol.Provider, _ *fakeReporter) string {
			diags := importReporter(t, p, "")
			for _, s := range servers {
				if strings.Contains(diags.String(), strings.TrimPrefix(s.URL(), "http://")) {
					return s.URL()
				}
			}
			return diags.String()
		}),
		reporterSetting("reporter.client_id", "REPORTER_CLIENT_ID", "id-1", "id-2", "reporter.client_id", object{"auth_url": "", "client_secret": "s"}, func(p *protocol.Provider, r *fakeReporter) string {
			importReporter(t, p, "")
			return r.credentials()["clientId"]
		}),
		reporterSetting("reporter.client_secret", "REPORTER_CLIENT_SECRET", "secret-1", "secret-2", "reporter.client_secret", object{"auth_url": "", "client_id": "i"}, func(p *protocol.Provider, r *fakeReporter) string {
			importReporter(t, p, "")
			return r.credentials()["clientSecret"]
		}),
		reporterSetting("reporter.product_name", "REPORTER_PRODUCT_NAME", "one", "two", "missing", nil, func(p *protocol.Provider, _ *fakeReporter) string {
			plan := p.Resource("dataconn_reporter_connection").Plan(object{
				"config_name": "name", "type": "POSTGRESQL", "host": "h", "port": 1, "database_name": "d", "user_name": "u", "password": "p",
			})
			if name, ok := plan.Value("product_name").(string); ok {
				return name
			}
			plan.RequireError(t, "at product_name:")
			return "missing"
		}),
		reporterSetting("reporter.max_requests_per_minute", "REPORTER_MAX_REQUESTS_PER_MINUTE", 7, 9, "100", nil, func(p *protocol.Provider, _ *fakeReporter) string {
			for range 20 { // beyond the burst
				if _, rest, found := strings.Cut(importReporter(t, p, "200ms").String(), "the limit of "); found {
					return strings.Fields(rest)[0]
				}
			}
			return "no limit"
		}),
	}
}

func inner(config object, block string) object {
	o, _ := config[block].(object)
	return o
}

// configured returns a provider for the server with more configuration.
func configured(t *testing.T, s *omnimock.Server, config object, env environment) *protocol.Provider {
	t.Helper()
	p := withEnvironment(t, env)
	p.Configure(protocol.With(protocol.OmniConfig(s), config)).RequireOK(t)
	return p
}

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

// reporterSetting is a setting of Reporter. The block is complete apart from it:
// more has what else there is, "" for the address of the fake.
func reporterSetting(path, variable string, first, second any, byDefault string, more object, observe func(*protocol.Provider, *fakeReporter) string) setting {
	return setting{
		path: path, variables: []string{variable},
		first: first, firstText: fmt.Sprint(first), second: second, secondText: fmt.Sprint(second), byDefault: byDefault,
		effective: func(t *testing.T, config object, env environment) string {
			fake := newFakeReporter(t)
			block := object{"base_url": fake.URL, "product_name": "p", "max_requests_per_minute": 100000}
			delete(block, strings.TrimPrefix(path, "reporter."))
			for name, value := range more {
				if value == "" {
					value = fake.URL
				}
				block[name] = value
			}
			p := withEnvironment(t, env)
			diags := p.Configure(protocol.With(object{"reporter": block}, config))
			if diags.HasError() {
				return diags.String()
			}
			return observe(p, fake)
		},
	}
}

func TestConfigurationBeforeEnvironmentBeforeDefault(t *testing.T) {
	t.Parallel()
	for _, s := range settings(t) {
		t.Run(s.path, func(t *testing.T) {
			t.Parallel()
			check := func(what string, config object, env environment, want string) {
				t.Helper()
				if got := s.effective(t, config, env); got != want && !(want == s.byDefault && strings.Contains(strings.ToLower(got), want)) {
					t.Errorf("%s: got %q, want %q", what, got, want)
				}
			}
			check("nothing set", object{}, nil, s.byDefault)
			check("null in the configuration", attributeOf(s.path, nil), nil, s.byDefault)
			check("an empty variable", object{}, environment{s.variables[0]: ""}, s.byDefault)
			for i, variable := range s.variables {
				env := environment{variable: s.secondText}
				check(variable, object{}, env, s.secondText)
				if s.first != nil {
					check("configuration and "+variable, attributeOf(s.path, s.first), env, s.firstText)
				}
				for _, later := range s.variables[i+1:] {
					env[later] = s.firstText
					check(variable+" and "+later, object{}, env, s.secondText)
				}
			}
			if s.second != nil {
				check("configuration", attributeOf(s.path, s.second), nil, s.secondText)
			}
		})
	}
}

// attributePaths walks the provider's schema down to the leaves.
func attributePaths(prefix string, attributes []*tfprotov6.SchemaAttribute, visit func(path string, a *tfprotov6.SchemaAttribute)) {
	for _, a := range attributes {
		if a.NestedType != nil {
			attributePaths(prefix+a.Name+".", a.NestedType.Attributes, visit)
			continue
		}
		visit(prefix+a.Name, a)
	}
}

// An attribute that nobody put into the table could take another one's
// variable, or none, and no test would see it.
func TestEveryAttributeHasASetting(t *testing.T) {
	t.Parallel()
	table := map[string]setting{}
	documented := map[string]string{} // variable to attribute
	for _, s := range settings(t) {
		table[s.path] = s
		for _, variable := range s.variables {
			if other, taken := documented[variable]; taken {
				t.Errorf("%s sets %s and %s", variable, other, s.path)
			}
			documented[variable] = s.path
		}
	}
	var asked sync.Map
	options := protocol.Options()
	options.Getenv = func(name string) string { asked.Store(name, true); return "" }
	p := protocol.New(t, options)
	p.Configure(object{}).RequireNone(t)

	attributePaths("", p.Schemas().Provider.Block.Attributes, func(path string, a *tfprotov6.SchemaAttribute) {
		s, ok := table[path]
		if !ok {
			t.Errorf("%s is not in the table of settings", path)
			return
		}
		delete(table, path)
		for _, variable := range s.variables {
			if _, ok := asked.Load(variable); !ok {
				t.Errorf("%s: the provider does not read %s", path, variable)
			}
			if !strings.Contains(a.Description, "`"+variable+"`") {
				t.Errorf("%s: the description does not name %s", path, variable)
			}
		}
	})
	for path := range table {
		t.Errorf("the provider has no attribute %s", path)
	}
	asked.Range(func(name, _ any) bool {
		if _, ok := documented[name.(string)]; !ok {
			t.Errorf("the provider reads %s, which is not in the table", name)
		}
		return true
	})
}

func TestConfigureMakesNoRequest(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	p := protocol.New(t, protocol.Options())
	config := protocol.With(protocol.OmniConfig(s), object{"reporter": object{
		"base_url": s.URL(), "auth_url": s.URL(), "client_id": "id", "client_secret": "secret",
	}})
	p.ValidateProvider(config).RequireNone(t)
	p.Configure(config).RequireNone(t)
	p.Resource("dataconn_omni_connection").Validate(object{"name": "n", "dialect": "exasol", "host": "h"}).RequireNone(t)
	if got := requests(s); got != "" {
		t.Errorf("Configure made requests: %s", got)
	}
}

func TestBaseURLSuffixes(t *testing.T) {
	t.Parallel()
	for suffix, want := range map[string]string{
		"":                  "/api/v1/connections",
		"/":                 "/api/v1/connections",
		"//":                "/api/v1/connections",
		"/api":              "/api/v1/connections",
		"/api/":             "/api/v1/connections",
		"/api/v1":           "/api/v1/connections",
		"/api/v1/":          "/api/v1/connections",
		"/api/unstable":     "/api/v1/connections",
		" \n":               "/api/v1/connections",
		"/tenant":           "/tenant/api/v1/connections",
		"/tenant/api/v1":    "/tenant/api/v1/connections",
		"/api/v1/api":       "/api/v1/api/v1/connections", // one suffix, not all of them
		"/myapi":            "/myapi/api/v1/connections",
		"/api/v2":           "/api/v2/api/v1/connections",
		"/tenant/apiv1/api": "/tenant/apiv1/api/v1/connections",
	} {
		t.Run(fmt.Sprintf("%q", suffix), func(t *testing.T) {
			t.Parallel()
			s := omnimock.Start(t, omnimock.Options{})
			listConnections(t, configured(t, s, object{"omni": object{"base_url": s.URL() + suffix}}, nil))
			if got := s.Requests()[0].Path; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
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

func TestBadValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path, variable string
		value          any
		text           string // in the environment
		words          string
	}{
		{"omni.base_url", "OMNI_BASE_URL", "acme.omniapp.co", "acme.omniapp.co", "https://"},
		{"omni.base_url", "OMNI_BASE_URL", "https://user:hunter2@acme.omniapp.co", "https://user:hunter2@acme.omniapp.co", "user name or password"},
		{"omni.base_url", "OMNI_BASE_URL", "https://acme.omniapp.co?token=hunter2", "https://acme.omniapp.co?token=hunter2", "query"},
		{"omni.base_url", "OMNI_BASE_URL", "https://acme.omniapp.co:port", "https://acme.omniapp.co:port", "URL"},
		{"omni.api_token", "OMNI_API_TOKEN", "hunter2\nhunter2", "hunter2\nhunter2", "control character"},
		{"omni.api_token", "OMNI_API_TOKEN", "hunter2\x00", "hunter2\x00", "control character"},
		{"omni.api_token", "OMNI_API_TOKEN", "hunter2…", "hunter2…", "ASCII"},
		{"omni.api_version", "OMNI_API_VERSION", "v2", "v2", "unstable"},
		{"omni.max_requests_per_minute", "OMNI_MAX_REQUESTS_PER_MINUTE", 0, "0", "1"},
		{"omni.allow_deletion_of", "OMNI_ALLOW_DELETION_OF", []any{"x"}, "x", "is not an id"},
		{"omni.max_requests_per_minute", "OMNI_MAX_REQUESTS_PER_MINUTE", -1, "many", "1"},
		{"omni.max_requests_per_minute", "OMNI_MAX_REQUESTS_PER_MINUTE", 1_000_001, "1e3", "1000000"},
		{"request_timeout", "DATACONN_REQUEST_TIMEOUT", "30", "30", "duration"},
		{"request_timeout", "DATACONN_REQUEST_TIMEOUT", "-1s", "-1s", "duration"},
		{"request_timeout", "DATACONN_REQUEST_TIMEOUT", "0s", "0s", "duration"},
		{"request_timeout", "DATACONN_REQUEST_TIMEOUT", "", "soon", "duration"},
		{"max_retries", "DATACONN_MAX_RETRIES", -1, "-1", "0"},
		{"max_retries", "DATACONN_MAX_RETRIES", 21, "21", "20"},
		{"ca_certificate", "DATACONN_CA_CERTIFICATE", "ca.pem", "ca.pem", "file()"},
		{"insecure_skip_verify", "DATACONN_INSECURE_SKIP_VERIFY", nil, "perhaps", "neither true nor false"},
		{"reporter.base_url", "REPORTER_BASE_URL", "reporter", "reporter", "https://"},
		{"reporter.auth_url", "REPORTER_AUTH_URL", "auth", "auth", "https://"},
		{"reporter.product_name", "REPORTER_PRODUCT_NAME", "my product", "my product", "letters"},
		{"reporter.product_name", "REPORTER_PRODUCT_NAME", strings.Repeat("a", 101), strings.Repeat("a", 101), "100"},
		{"reporter.token", "REPORTER_TOKEN", "hunter2\rhunter2", "hunter2\rhunter2", "control character"},
		{"reporter.max_requests_per_minute", "REPORTER_MAX_REQUESTS_PER_MINUTE", 0, "0", "1"},
	} {
		t.Run(fmt.Sprintf("%s=%v", c.path, c.value), func(t *testing.T) {
			t.Parallel()
			for what, one := range map[string]struct {
				config object
				env    environment
				words  []string
			}{
				"configuration": {attributeOf(c.path, c.value), nil, []string{"at " + c.path + ":", c.words}},
				"environment":   {object{}, environment{c.variable: c.text}, []string{c.variable, c.path, c.words}},
			} {
				if what == "configuration" && c.value == nil {
					continue // the type alone refuses it
				}
				p := withEnvironment(t, one.env)
				diags := append(p.ValidateProvider(one.config), p.Configure(one.config)...)
				if system, _, nested := strings.Cut(c.path, "."); nested && one.env != nil {
					// The environment of one system stops nobody but its own users.
					diags.RequireNone(t)
					diags = listConnections(t, p)
					other := importReporter(t, p, "")
					if system == "reporter" {
						diags, other = other, diags
					}
					if strings.Contains(other.String(), c.variable) {
						t.Errorf("the other system says %s", other)
					}
				}
				diags.RequireError(t, one.words...)
				if strings.Contains(diags.String(), "hunter2") {
					t.Errorf("%s: a credential is repeated:\n%s", what, diags)
				}
			}
		})
	}
}

// A refused credential is called one, as opposed to a missing role, and the error
// names where it was set.
func TestRefusedCredentialsAreNamed(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	for words, env := range map[string]environment{
		"Check the environment variable OMNI_API_KEY:": {"OMNI_API_KEY": "mistyped"},
		"Check omni.api_token in the provider block":   nil,
	} {
		p := withEnvironment(t, env)
		config := object{"base_url": s.URL()}
		if env == nil {
			config["api_token"] = "mistyped"
		}
		p.Configure(object{"omni": config}).RequireOK(t)
		listConnections(t, p).RequireError(t, "does not accept the credentials", words)
	}
	fake := newFakeReporter(t)
	for words, env := range map[string]environment{
		"REPORTER_TOKEN": {"REPORTER_TOKEN": "mistyped"},
		"REPORTER_CLIENT_ID and REPORTER_CLIENT_SECRET": {"REPORTER_AUTH_URL": fake.URL, "REPORTER_CLIENT_ID": "i", "REPORTER_CLIENT_SECRET": "s"},
	} {
		fake.status.Store(http.StatusUnauthorized)
		env["REPORTER_BASE_URL"] = fake.URL
		p := withEnvironment(t, env)
		p.Configure(object{}).RequireOK(t)
		importReporter(t, p, "").RequireError(t, words)
	}
}

// Terraform hides what is sensitive, in the provider block too.
func TestCredentialsOfTheProviderAreSensitive(t *testing.T) {
	t.Parallel()
	want := []string{"omni.api_token", "reporter.client_secret", "reporter.token"}
	var got []string
	attributePaths("", protocol.New(t, protocol.Options()).Schemas().Provider.Block.Attributes, func(path string, a *tfprotov6.SchemaAttribute) {
		if a.Sensitive {
			got = append(got, path)
		}
	})
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("sensitive are %v, not %v", got, want)
	}
}

func TestEmptyTextsAreRefused(t *testing.T) {
	t.Parallel()
	p := protocol.New(t, protocol.Options())
	for _, path := range []string{
		"omni.base_url", "omni.api_token", "reporter.base_url", "reporter.product_name", "reporter.token",
		"reporter.auth_url", "reporter.client_id", "reporter.client_secret",
	} {
		p.ValidateProvider(attributeOf(path, "")).RequireError(t, "at "+path+":")
	}
}

// What a user has not got yet must not lead to a request to some other place,
// and must not keep the other system from working.
func TestUnknownValues(t *testing.T) {
	t.Parallel()
	p := protocol.New(t, protocol.Options())
	paths := []string{"omni", "reporter"}
	attributePaths("", p.Schemas().Provider.Block.Attributes, func(path string, _ *tfprotov6.SchemaAttribute) {
		paths = append(paths, path)
	})
	for _, path := range paths {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s := omnimock.Start(t, omnimock.Options{})
			// The environment would answer for everything.
			p := withEnvironment(t, environment{
				"OMNI_BASE_URL": s.URL(), "OMNI_API_TOKEN": s.Token(), "OMNI_API_KEY": s.Token(), "OMNI_API_VERSION": "v1",
				"OMNI_MAX_REQUESTS_PER_MINUTE": "100000", "REPORTER_BASE_URL": s.URL(), "REPORTER_PRODUCT_NAME": "p",
			})
			config := attributeOf(path, protocol.Unknown)
			p.ValidateProvider(config).RequireNone(t)
			p.Configure(config).RequireNone(t)
			diags, reporter := listConnections(t, p), importReporter(t, p, "")
			if !strings.HasPrefix(path, "omni") {
				reporter.RequireError(t, "Reporter is not configured", path, "not known yet")
			} else if strings.Contains(reporter.String(), "not configured") {
				t.Errorf("%s", reporter)
			}
			if strings.HasPrefix(path, "reporter") {
				diags.RequireNone(t)
				return
			}
			diags.RequireError(t, "Omni is not configured", path, "not known yet")
			// What needs no server goes on.
			p.Resource("dataconn_omni_connection").Plan(object{"name": "n", "dialect": "exasol", "host": "h", "password": "p"}).RequireNone(t)
			if got := s.CountRequests("", "/api/*/*"); got != 0 {
				t.Errorf("requests were made: %s", requests(s))
			}
		})
	}
}

func TestUnconfiguredSystemSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	p := protocol.New(t, protocol.Options())
	p.Configure(object{}).RequireNone(t)
	listConnections(t, p).RequireError(t, "Omni is not configured", "omni.base_url", "OMNI_BASE_URL", "omni.api_token", "OMNI_API_TOKEN", "OMNI_API_KEY")

	importReporter(t, p, "").RequireError(t, "Reporter is not configured", "reporter.base_url", "REPORTER_BASE_URL")

	p.Configure(object{"omni": object{"base_url": "https://acme.omniapp.co"}}).RequireNone(t)
	diags := listConnections(t, p)
	diags.RequireError(t, "Omni is not configured", "omni.api_token", "OMNI_API_TOKEN")
	if strings.Contains(diags.String(), "OMNI_BASE_URL") {
		t.Errorf("what is set is named as missing:\n%s", diags)
	}
	// Validation needs no system.
	protocol.New(t, protocol.Options()).Resource("dataconn_omni_connection").Validate(object{"name": "n", "dialect": "exasol", "host": "h"}).RequireNone(t)
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		config object
		words  []string // nil: none
	}{
		{object{"omni": object{"base_url": "http://acme.example.com", "api_token": "t"}}, []string{"at omni.base_url:", "http://"}},
		{object{"omni": object{"base_url": "HTTP://acme.example.com/api", "api_token": "t"}}, []string{"at omni.base_url:", "http://"}},
		{object{"omni": object{"base_url": "http://localhost:1", "api_token": "t"}}, nil},
		{object{"omni": object{"base_url": "http://127.0.0.1:1", "api_token": "t"}}, nil},
		{object{"omni": object{"base_url": "https://acme.example.com", "api_token": "t"}}, nil},
		{object{"reporter": object{"base_url": "http://acme.example.com"}}, []string{"at reporter.base_url:", "http://"}},
		{object{"reporter": object{"base_url": "http://[::1]:1"}}, nil},
		{object{"reporter": object{"auth_url": "http://auth.example.com", "client_id": "i", "client_secret": "s"}}, []string{"at reporter.auth_url:", "http://"}},
		{object{"insecure_skip_verify": true}, []string{"at insecure_skip_verify:", "ca_certificate"}},
		{object{"insecure_skip_verify": false}, nil},
	} {
		t.Run(fmt.Sprint(c.config), func(t *testing.T) {
			t.Parallel()
			diags := protocol.New(t, protocol.Options()).Configure(c.config)
			diags.RequireOK(t)
			if c.words == nil {
				diags.RequireNone(t)
				return
			}
			diags.RequireWarning(t, c.words...)
		})
	}
}

func TestTokenWithNewlineIsTrimmed(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	listConnections(t, configured(t, s, object{"omni": object{"api_token": " " + s.Token() + "\r\n"}}, nil)).RequireNone(t)
}

func TestUserAgent(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	listConnections(t, configured(t, s, object{}, nil)).RequireNone(t)
	if got, want := s.Requests()[0].Header.Get("User-Agent"), "terraform-provider-dataconn/test (terraform 1.12.0)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestUnstableAPIVersionUsesItsPaths(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{Generation: omnimock.Guide2025})
	listConnections(t, configured(t, s, object{"omni": object{"api_version": "unstable"}}, nil)).RequireNone(t)
	if got := requests(s); got != "GET /api/unstable/connections" {
		t.Error(got)
	}
}

func TestReporterCredentials(t *testing.T) {
	t.Parallel()
	clientCredentials := object{"auth_url": "https://auth.example.com", "client_id": "id", "client_secret": "secret"}
	p := protocol.New(t, protocol.Options())
	for name, c := range map[string]struct {
		config object
		words  []string // nil: accepted
	}{
		"none":               {object{}, nil},
		"token":              {object{"token": "t"}, nil},
		"client credentials": {clientCredentials, nil},
		"both":               {protocol.With(clientCredentials, object{"token": "t"}), []string{"at reporter.token:"}},
		"token and one part": {object{"token": "t", "client_id": "id"}, []string{"at reporter.token:"}},
		"no url":             {protocol.With(clientCredentials, object{"auth_url": nil}), []string{"at reporter:", "reporter.auth_url", "REPORTER_AUTH_URL"}},
		"no id":              {protocol.With(clientCredentials, object{"client_id": nil}), []string{"at reporter:", "reporter.client_id", "REPORTER_CLIENT_ID"}},
		"no secret":          {protocol.With(clientCredentials, object{"client_secret": nil}), []string{"at reporter:", "reporter.client_secret", "REPORTER_CLIENT_SECRET"}},
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
		"configured in part, the rest around":  {object{"client_id": "i"}, environment{"REPORTER_TOKEN": "t", "REPORTER_AUTH_URL": "", "REPORTER_CLIENT_SECRET": "s"}, "credentials"},
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

// tlsServer is a mock with a certificate that the system does not trust.
func tlsServer(t *testing.T) *omnimock.Server {
	t.Helper()
	return omnimock.Start(t, omnimock.Options{TLS: true})
}

// authority is what a client has to trust to talk to a tlsServer: they all have
// httptest's certificate.
func authority(t *testing.T) string {
	t.Helper()
	return tlsServer(t).CertificatePEM()
}

func TestTrustedCertificate(t *testing.T) {
	t.Parallel()
	s := tlsServer(t)
	listConnections(t, configured(t, s, object{}, nil)).RequireError(t, "certificate", "set ca_certificate")
	listConnections(t, configured(t, s, object{"ca_certificate": s.CertificatePEM()}, nil)).RequireNone(t)
	listConnections(t, configured(t, s, object{"insecure_skip_verify": true}, nil)).RequireNone(t)
	if got := s.CountRequests(http.MethodGet, ""); got != 2 {
		t.Errorf("%d requests arrived, want 2", got)
	}
}

func TestProviderBlockIsOptional(t *testing.T) {
	t.Parallel()
	p := protocol.New(t, protocol.Options())
	p.ValidateProvider(nil).RequireNone(t)
	var required []string
	attributePaths("", p.Schemas().Provider.Block.Attributes, func(path string, a *tfprotov6.SchemaAttribute) {
		if a.Required || a.Computed {
			required = append(required, path)
		}
	})
	if slices.Sort(required); len(required) > 0 {
		t.Errorf("required or computed: %v", required)
	}
}

// otherAuthority is a certificate that signed nothing here: it is made for these
// tests.
const otherAuthority = `-----BEGIN CERTIFICATE-----
MIIBjzCCATWgAwIBAgIUKdNEJ7reXJyCHNPbZvmIcv1UK8MwCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRQW5vdGhlciBhdXRob3JpdHkwIBcNMjYxMTIyMTkyNDM5WhgP
MjEyNjEwMjkxOTI0MzlaMBwxGjAYBgNVBAMMEUFub3RoZXIgYXV0aG9yaXR5MFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEPXYbk1f8LtVxGLXiKNDczhbzkqbaIGoL
RuNyThHH6WALecQ8fz95rbbKoA/PzQuaMEmZcx7huBQLSZrEz2ePFqNTMFEwHQYD
VR0OBBYEFEq4dhsVzvx3WNeG5SRf3uP3YvDEMB8GA1UdIwQYMBaAFEq4dhsVzvx3
WNeG5SRf3uP3YvDEMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIg
NKDpie1M8y82AZxhh2rulxvR/tigX2OM0EF9uqu9NsICIQCtS9HlrzPJ8alvZFNc
SILORaxpXgpe+IsyVF8s0aHQqQ==
-----END CERTIFICATE-----
`
