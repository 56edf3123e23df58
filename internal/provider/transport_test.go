// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// What may reach a server, and which one, is the same for every system. Below
// the provider, internal/httpclient tests certificates and proxies in full.

// endpoint is a server of some system, and a resource that lives on it.
type endpoint struct {
	url          func() string
	certificate  func() string
	faults       *fault.Script
	requests     func() []omnimock.Request
	block        object
	blockAt      func(url string) object // changes of the block: another address
	typeName     string
	config       object
	onCollection string // path
}

const hostileHeader = "X-Evil"

// endpoints starts a server of each system, and of Reporter one for each address
// that it has.
func endpoints(t *testing.T, tls bool) map[string]endpoint {
	t.Helper()
	omni := omnimock.Start(t, omnimock.Options{TLS: tls})
	reporter := reportermock.Start(t, reportermock.Options{TLS: tls, Auth: reportermock.StaticToken})
	auth := reportermock.Start(t, reportermock.Options{TLS: tls, Auth: reportermock.ClientCredentials})
	ofReporter := object{
		"config_name": "name", "type": "POSTGRESQL", "host": "h", "port": 1, "database_name": "d", "user_name": "u", "password": "a secret",
	}
	return map[string]endpoint{
		"omni": {
			omni.URL, omni.CertificatePEM, omni.Faults(), omni.Requests, protocol.OmniConfig(omni),
			func(url string) object { return object{"omni": object{"base_url": url}} },
			"dataconn_omni_connection",
			object{"name": "n", "dialect": "exasol", "host": "h", "password": "a secret", "deletion_protection": false},
			"/api/v1/connections",
		},
		"reporter": {
			reporter.URL, reporter.CertificatePEM, reporter.Faults(), reporter.Requests, protocol.ReporterConfig(reporter),
			func(url string) object { return object{"reporter": object{"base_url": url}} },
			"dataconn_reporter_connection", ofReporter, "/v1/management/connections",
		},
		"reporter's authorization": {
			auth.URL, auth.CertificatePEM, auth.Faults(), auth.Requests, protocol.ReporterConfig(auth),
			func(url string) object { return object{"reporter": object{"auth_url": url}} },
			"dataconn_reporter_connection", ofReporter, "/v1/login/oauth/access_token",
		},
	}
}

// The certificate has to be trusted, and be that of the host that is asked.
// Nothing is sent else.
func TestCertificates(t *testing.T) {
	t.Parallel()
	for name, e := range endpoints(t, true) {
		attempt := func(settings object) protocol.Diagnostics {
			p := protocol.New(t, protocol.Options())
			p.Configure(protocol.With(protocol.With(e.block, object{"max_retries": 0}), settings)).RequireOK(t)
			return p.Resource(e.typeName).Apply(e.config)
		}
		attempt(nil).RequireError(t, "certificate", "set ca_certificate")
		attempt(object{"ca_certificate": otherAuthority}).RequireError(t, "certificate", "set ca_certificate")
		other := strings.Replace(e.url(), "127.0.0.1", "localhost", 1) // of which the certificate says nothing
		attempt(protocol.With(e.blockAt(other), object{"ca_certificate": e.certificate()})).RequireError(t, "localhost", "certificate")
		for _, r := range e.requests() {
			if r.Path == e.onCollection {
				t.Errorf("%s: %s %s was sent", name, r.Method, r.Path)
			}
		}
		attempt(object{"ca_certificate": e.certificate()}).RequireOK(t)
	}
}

// No credential and no secret follows a redirect: not to another host, and not
// from https to http.
func TestRedirectsTakeNothingAlong(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("followed to another server: %s %s %v", r.Method, r.URL, r.Header)
	}))
	t.Cleanup(elsewhere.Close)
	for _, tls := range []bool{false, true} {
		for name, e := range endpoints(t, tls) {
			plain := strings.Replace(e.url(), "https://", "http://", 1)
			for _, location := range []string{elsewhere.URL + "/x", strings.Replace(elsewhere.URL, "http://", "//", 1), plain + "/x"} {
				if location == plain+"/x" && !tls {
					continue // that is the server itself
				}
				for _, status := range []int{301, 302, 303, 307, 308} {
					e.faults.Add(fault.Fault{Status: status, Redirect: location}.On(http.MethodPost, e.onCollection).Repeat(fault.Forever))
					p := protocol.New(t, protocol.Options())
					p.Configure(protocol.With(e.block, object{"ca_certificate": authority(t), "max_retries": 0})).RequireOK(t)
					diags := p.Resource(e.typeName).Apply(e.config)
					diags.RequireError(t, "redirect")
					e.faults.Clear()
					if strings.Contains(diags.String(), "a secret") {
						t.Errorf("%s, %d to %s: %s", name, status, location, diags)
					}
				}
			}
		}
	}
}

// What reaches a header or a path is checked before: attributes of the provider
// and of resources, ids in a state that was edited, and import ids. Nothing but
// a route of the API with one plain id is asked for.
func TestNothingIsSmuggledIn(t *testing.T) {
	t.Parallel()
	routes := regexp.MustCompile(`^/(api/v1/(connections|connection-environments|user-attributes)|v1/management/connections)(/[^/\\?#%[:cntrl:]]+)?$`)
	hostile := []string{
		"../../admin", "..", ".", "a/../../b", `..\..\admin`, "%2e%2e/admin", "a/b", "a?b=c", "a#b", "", " ",
		"x\r\n" + hostileHeader + ": 1", "x\n" + hostileHeader + ": 1", "x\x00", "é", strings.Repeat("a", 100_000),
		"550e8400-e29b-41d4-a716-446655440000/../x", "{550e8400-e29b-41d4-a716-446655440000}", "urn:uuid:550e8400-e29b-41d4-a716-446655440000",
	}
	for name, e := range endpoints(t, false) {
		if name == "reporter's authorization" {
			continue // it has neither ids nor products
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := protocol.New(t, protocol.Options())
			p.Configure(protocol.With(e.block, object{"max_retries": 0})).RequireOK(t)
			for _, text := range hostile {
				for typeName := range p.Schemas().ResourceSchemas {
					if strings.Contains(typeName, "_"+name+"_") {
						r := p.Resource(typeName)
						if diags := r.Import(text); !diags.HasError() || r.Exists() {
							t.Errorf("%s: import of %.40q: %s", typeName, text, diags)
						}
					}
				}
				if name == "reporter" {
					r := p.Resource(e.typeName)
					if diags := r.Apply(protocol.With(e.config, object{"product_name": text})); !diags.HasError() {
						t.Errorf("a product %.40q is accepted", text)
					}
					if !p.ValidateProvider(protocol.With(e.block, object{"reporter": object{"product_name": text}})).HasError() {
						t.Errorf("a product %.40q of the provider is accepted", text)
					}
				}
			}
			r := p.Resource(e.typeName)
			r.Apply(e.config).RequireOK(t)
			id := r.Text("id")
			for _, text := range hostile {
				r.Edit(object{"id": text})
				if diags := r.Refresh(); !diags.HasError() && r.Exists() {
					t.Errorf("a state with the id %.40q is read", text)
				}
				for _, change := range []string{"change", "destroy"} {
					if !r.Exists() { // it was certain that there is no such object
						r = p.Resource(e.typeName)
						r.Import(id).RequireOK(t)
						r.Apply(e.config).RequireOK(t)
					}
					r.Edit(object{"id": text})
					if change == "change" {
						r.Apply(protocol.With(e.config, object{"host": "other"}))
					} else {
						r.Destroy()
					}
				}
			}
			for _, request := range e.requests() {
				if !routes.MatchString(request.Path) {
					t.Errorf("sent: %s %.80q", request.Method, request.Path)
				}
				if request.Header.Get(hostileHeader) != "" {
					t.Errorf("sent: %s %s with a header of its own", request.Method, request.Path)
				}
			}
		})
	}
}
