// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

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
			effective: inBubble(func(t *testing.T, config object, env environment) string {
				s := omnimock.Start(t, omnimock.Options{InMemory: true})
				id := s.AddConnection(object{"name": "a", "dialect": "exasol", "host": "h"})
				p := configured(t, s, protocol.With(object{"omni": object{"max_requests_per_minute": nil}}, config), env)
				r := p.Resource("dataconn_omni_connection")
				r.Import(id).RequireOK(t)
				s.Faults().Add(fault.Answer(http.StatusBadRequest, "{}").On(http.MethodPatch, "").Repeat(fault.Forever))
				change := object{"name": "b", "dialect": "exasol", "host": "h", "timeouts": object{"update": "500ms"}}
				return limitThatIsMet(func() protocol.Diagnostics { return r.Apply(change) })
			}),
		},
		{
			path: "request_timeout", variables: []string{"DATACONN_REQUEST_TIMEOUT"},
			first: "20ms", firstText: "20ms", second: "30ms", secondText: "30ms", byDefault: "more than 1s",
			effective: inBubble(func(t *testing.T, config object, env environment) string {
				s := omnimock.Start(t, omnimock.Options{InMemory: true})
				s.Faults().Add(fault.Fault{Delay: time.Second, Times: fault.Forever})
				diags := listConnections(t, configured(t, s, protocol.With(config, object{"max_retries": 0}), env))
				if _, rest, found := strings.Cut(diags.String(), "no complete answer within "); found {
					return strings.Trim(strings.Fields(rest)[0], ";")
				}
				diags.RequireOK(t)
				return "more than 1s"
			}),
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
		{
			path: "reporter.max_requests_per_minute", variables: []string{"REPORTER_MAX_REQUESTS_PER_MINUTE"},
			first: 7, firstText: "7", second: 9, secondText: "9", byDefault: "100",
			effective: inBubble(func(t *testing.T, config object, env environment) string {
				s := reportermock.Start(t, reportermock.Options{InMemory: true})
				p := withEnvironment(t, env, s)
				block := protocol.With(protocol.ReporterConfig(s), object{"reporter": object{"max_requests_per_minute": nil}})
				p.Configure(protocol.With(block, config)).RequireOK(t)
				return limitThatIsMet(func() protocol.Diagnostics { return importReporter(t, p, "200ms") })
			}),
		},
	}
}

// inBubble lets a setting be seen on a clock of its own.
func inBubble(effective func(*testing.T, object, environment) string) func(*testing.T, object, environment) string {
	return func(t *testing.T, config object, env environment) (value string) {
		protocol.InBubble(t, func(t *testing.T) { value = effective(t, config, env) })
		return value
	}
}

// limitThatIsMet makes calls, which are shorter than the wait for a turn, until one
// says which limit it met.
func limitThatIsMet(call func() protocol.Diagnostics) string {
	for range 20 { // beyond the burst
		if _, rest, found := strings.Cut(call().String(), "the limit of "); found {
			return strings.Fields(rest)[0]
		}
	}
	return "no limit"
}

func inner(config object, block string) object {
	o, _ := config[block].(object)
	return o
}

// configured returns a provider for the server with more configuration.
func configured(t *testing.T, s *omnimock.Server, config object, env environment) *protocol.Provider {
	t.Helper()
	p := withEnvironment(t, env, s)
	p.Configure(protocol.With(protocol.OmniConfig(s), config)).RequireOK(t)
	return p
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
			requireFile(t, "README.md", "`"+variable+"`")
			requireFile(t, "templates/index.md.tmpl", "`"+variable+"`")
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
