// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
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

func withEnvironment(t *testing.T, env environment, servers ...protocol.Dialer) *protocol.Provider {
	t.Helper()
	options := protocol.Options()
	options.Getenv = func(name string) string { return env[name] }
	for _, s := range servers {
		options.Dial = s.Dial
	}
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
		{"omni.api_token", "OMNI_API_TOKEN", `"hunter2"`, `'hunter2'`, "quotation marks"},
		{"omni.api_token", "OMNI_API_TOKEN", "$OMNI_API_TOKEN", "${hunter2}", "begins with $"},
		{"omni.base_url", "OMNI_BASE_URL", `"https://acme.omniapp.co"`, `'https://acme.omniapp.co'`, "quotation marks"},
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
		{"max_retries", "DATACONN_MAX_RETRIES", 5.5, "5.5", "whole number"},
		{"omni.max_requests_per_minute", "OMNI_MAX_REQUESTS_PER_MINUTE", 5.5, "5.5", "whole number"},
		{"reporter.max_requests_per_minute", "REPORTER_MAX_REQUESTS_PER_MINUTE", 5.5, "5.5", "whole number"},
		{"ca_certificate", "DATACONN_CA_CERTIFICATE", "ca.pem", "ca.pem", "file("},
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
				"environment":   {object{}, environment{c.variable: c.text}, []string{c.variable, " " + c.path + " ", c.words}},
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
					one.words = append(one.words, "Invalid environment variables of ")
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

// The limits themselves are allowed, and the next number is not.
func TestLimitsOfValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path, variable string
		low, high      int
	}{
		{"max_retries", "DATACONN_MAX_RETRIES", 0, 20},
		{"omni.max_requests_per_minute", "OMNI_MAX_REQUESTS_PER_MINUTE", 1, 1_000_000},
		{"reporter.max_requests_per_minute", "REPORTER_MAX_REQUESTS_PER_MINUTE", 1, 1_000_000},
	} {
		for value, isAllowed := range map[int]bool{c.low - 1: false, c.low: true, c.high: true, c.high + 1: false} {
			p := withEnvironment(t, nil)
			if diags := p.ValidateProvider(attributeOf(c.path, value)); diags.HasError() == isAllowed {
				t.Errorf("%s = %d: %s", c.path, value, diags)
			}
			p = withEnvironment(t, environment{c.variable: fmt.Sprint(value)})
			said := p.Configure(object{})
			if !said.HasError() {
				said = append(listConnections(t, p), importReporter(t, p, "")...)
			}
			if strings.Contains(said.String(), c.variable) == isAllowed {
				t.Errorf("%s=%d: %s", c.variable, value, said)
			}
		}
	}
	for version, isAllowed := range map[string]bool{"v1": true, "unstable": true, "v2": false} {
		if diags := withEnvironment(t, nil).ValidateProvider(attributeOf("omni.api_version", version)); diags.HasError() == isAllowed {
			t.Errorf("version %s: %s", version, diags)
		}
	}
	name := strings.Repeat("a", 100)
	p := withEnvironment(t, environment{"REPORTER_PRODUCT_NAME": name})
	p.ValidateProvider(attributeOf("reporter.product_name", name)).RequireNone(t)
	p.Configure(object{}).RequireNone(t)
	if said := importReporter(t, p, "").String(); strings.Contains(said, "REPORTER_PRODUCT_NAME") {
		t.Error(said)
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
	login := func(authURL string) environment {
		return environment{"REPORTER_AUTH_URL": authURL, "REPORTER_CLIENT_ID": "i", "REPORTER_CLIENT_SECRET": "s"}
	}
	for words, c := range map[string]struct {
		env    environment
		status int32
	}{
		"Check the environment variable REPORTER_TOKEN:":                                                                      {environment{"REPORTER_TOKEN": "mistyped"}, http.StatusUnauthorized},
		"REPORTER_CLIENT_ID and REPORTER_CLIENT_SECRET":                                                                       {login(fake.URL), http.StatusUnauthorized},
		"none are configured. Set reporter.token in the provider block (environment: REPORTER_TOKEN), or client credentials:": {environment{}, http.StatusUnauthorized},
		"check that auth_url is the address of the identity service":                                                          {login(fake.URL), http.StatusNotFound},
		"check reporter.auth_url, the network":                                                                                {login("http://127.0.0.1:1"), 0},
	} {
		fake.status.Store(c.status)
		c.env["REPORTER_BASE_URL"] = fake.URL
		p := withEnvironment(t, c.env)
		p.Configure(object{"max_retries": 0}).RequireOK(t)
		diags := importReporter(t, p, "")
		diags.RequireError(t, words)
		if c.status == http.StatusNotFound && strings.Contains(diags.String(), "refused the client credentials") {
			t.Errorf("nobody refused them:\n%s", diags)
		}
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

func TestUnconfiguredSystemSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	p := protocol.New(t, protocol.Options())
	p.Configure(object{}).RequireNone(t)
	listConnections(t, p).RequireError(t, "Omni is not configured", "Set omni.base_url in the provider block, or the environment variable OMNI_BASE_URL; set omni.api_token in the provider block, or the environment variable OMNI_API_TOKEN (or OMNI_API_KEY).")

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

// A variable of one system's environment does not bother the other's users.
func TestWarningsOfTheEnvironment(t *testing.T) {
	t.Parallel()
	p := withEnvironment(t, environment{
		"OMNI_BASE_URL": "http://omni.example.com", "OMNI_API_TOKEN": "t",
		"REPORTER_BASE_URL": "http://reporter.example.com", "REPORTER_TOKEN": "t",
	})
	p.Configure(object{}).RequireNone(t)
	for _, c := range []struct{ resource, own, others string }{
		{"dataconn_omni_connection_schedule", "OMNI_BASE_URL", "REPORTER"},
		{"dataconn_reporter_connection", "REPORTER_BASE_URL", "OMNI"},
	} {
		config := map[string]object{
			"dataconn_omni_connection_schedule": {"connection_id": id1, "schedule": "30 6 ? * MON-FRI *", "timezone": "UTC"},
			"dataconn_reporter_connection":      {"product_name": "p", "config_name": "name", "type": "POSTGRESQL", "host": "h", "port": 1, "database_name": "d", "user_name": "u", "password": "p"},
		}[c.resource]
		diags := p.Resource(c.resource).Plan(config)
		diags.RequireOK(t)
		diags.RequireWarning(t, "is used without TLS", c.own)
		if strings.Contains(diags.String(), c.others) {
			t.Errorf("%s warns of the other system:\n%s", c.resource, diags)
		}
		if again := p.Resource(c.resource).Plan(config); strings.Contains(again.String(), "TLS") {
			t.Errorf("%s warns again:\n%s", c.resource, again)
		}
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

// What is empty between the commas of the environment is no id.
func TestDeletableIDsOfTheEnvironment(t *testing.T) {
	t.Parallel()
	p := configured(t, omnimock.Start(t, omnimock.Options{}), object{}, environment{"OMNI_ALLOW_DELETION_OF": " ,,\n" + firstID + ","})
	r := p.Resource("dataconn_omni_connection")
	r.Edit(object{"id": firstID, "name": "n", "dialect": "exasol", "deletion_protection": true})
	r.PlanDestroy().RequireOK(t)
}
