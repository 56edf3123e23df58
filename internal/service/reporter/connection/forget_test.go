// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"net/http"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// A change whose answer is lost may have been carried out. The state forgets what
// no read tells, so that the next apply sends it, also where the configuration is
// by then what it was before.
func TestLostChangeAndBack(t *testing.T) {
	t.Parallel()
	ssl := func(changes attributes) attributes { return attributes{"ssl": map[string]any(withSSL(changes))} }
	for name, test := range map[string]struct {
		before, after attributes
		keeps         map[string]string // what the server has to have of before
	}{
		"password": {attributes{"password": "one"}, attributes{"password": "two"}, map[string]string{"password": "one"}},
		"password_wo": {
			attributes{"password": nil, "password_wo": "one"},
			attributes{"password": nil, "password_wo": "two"},
			map[string]string{"password": "one"},
		},
		"password_wo with a version": {
			attributes{"password": nil, "password_wo": "one", "password_wo_version": 1},
			attributes{"password": nil, "password_wo": "two", "password_wo_version": 2},
			map[string]string{"password": "one"},
		},
		"from plain to write-only": {
			attributes{"password": "one"},
			attributes{"password": nil, "password_wo": "two"},
			map[string]string{"password": "one"},
		},
		"ssl.ca":   {ssl(attributes{"ca": "one"}), ssl(attributes{"ca": "two"}), map[string]string{"ssl.ca": "one"}},
		"ssl.cert": {ssl(attributes{"cert": "one"}), ssl(attributes{"cert": "two"}), map[string]string{"ssl.cert": "one"}},
		"ssl.key":  {ssl(attributes{"key": "one"}), ssl(attributes{"key": "two"}), map[string]string{"ssl.key": "one"}},
		"ssl.key_wo": {
			ssl(attributes{"key": nil, "key_wo": "one"}), ssl(attributes{"key": nil, "key_wo": "two"}),
			map[string]string{"ssl.key": "one"},
		},
		"ssl.key_wo with a version": {
			ssl(attributes{"key": nil, "key_wo": "one", "key_wo_version": 1}), ssl(attributes{"key": nil, "key_wo": "two", "key_wo_version": 2}),
			map[string]string{"ssl.key": "one"},
		},
		"ssl.mode, with all of ssl": {ssl(attributes{"mode": "require"}), ssl(attributes{"mode": "disable"}), map[string]string{"ssl.key": "KEY-1"}},
		"metadata":                  {attributes{"metadata": map[string]any{"a": "1"}}, attributes{"metadata": map[string]any{"a": "2"}}, nil},
		"host":                      {attributes{"host": "one"}, attributes{"host": "two"}, nil},
	} {
		for lost, f := range map[string]fault.Fault{"reset": {Reset: true, Apply: true}, "500": fault.InternalError().Applied(), "HTML": fault.NotJSON().Applied()} {
			t.Run(name+", "+lost, func(t *testing.T) {
				t.Parallel()
				server, p := start(t, reportermock.Options{})
				r := p.Resource(typeName)
				before := minimal(test.before)
				r.Apply(before).RequireNone(t)
				server.Faults().Add(f.On(http.MethodPatch, one).Repeat(fault.Forever))
				r.Apply(minimal(test.after)).RequireError(t, "Cannot change Reporter connection")
				server.Faults().Clear()

				r.Refresh().RequireNone(t)
				plan := r.Plan(before)
				plan.RequireNone(t)
				if plan.IsEmpty() {
					t.Fatal("the plan back is empty")
				}
				plan.Apply().RequireNone(t)
				requireNoOp(t, r, before)
				for field, value := range test.keeps {
					if got, _ := server.Secret(r.Text("id"), field); got != value {
						t.Errorf("the server has the %s %q, not %q", field, got, value)
					}
				}
				c := server.Connections()[0]
				if before["host"] != c.Host || before["metadata"] != nil && c.Metadata["a"] != "1" {
					t.Errorf("%+v", c)
				}
			})
		}
	}
}

// What an import left unread is adopted, but not once a change of ssl was lost: then it
// is sent.
func TestLostChangeAfterAnImport(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{})
	mode := "require"
	id := server.Add(reportermock.Connection{ConfigName: "test", ProductName: "sales", Host: "db.example.com", Port: 5432, DatabaseName: "ledger", UserName: "reporter", SSLMode: &mode}, "first-secret")
	r := p.Resource(typeName)
	r.Import(id).RequireNone(t)
	r.Plan(minimal(attributes{"ssl": map[string]any{"mode": mode, "ca": "CA-1"}})).RequireWarning(t, "at ssl:", "Imported settings are adopted", "ssl.ca")
	wanted := minimal(attributes{"ssl": map[string]any{"mode": "disable", "ca": "CA-2"}})
	server.Faults().Add(fault.Fault{Reset: true, Apply: true}.On(http.MethodPatch, one).Repeat(fault.Forever))
	r.Apply(wanted).RequireError(t, "Cannot change Reporter connection")
	server.Faults().Clear()
	server.SetSecret(id, "ssl.ca", "CA-1")
	r.Refresh().RequireNone(t)
	r.Apply(wanted).RequireOK(t)
	if ca, _ := server.Secret(id, "ssl.ca"); ca != "CA-2" {
		t.Errorf("the server has %q", ca)
	}
	requireNoOp(t, r, wanted)
}

// A refusal changes nothing: the state keeps all it knows.
func TestRefusedChangeForgetsNothing(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{})
	r := p.Resource(typeName)
	before := minimal(attributes{"password": "one", "ssl": map[string]any(withSSL())})
	r.Apply(before).RequireNone(t)
	server.Faults().Add(fault.Answer(http.StatusForbidden, "Forbidden").On(http.MethodPatch, one))
	r.Apply(minimal(attributes{"password": "two", "ssl": map[string]any(withSSL(attributes{"key": "two"}))})).RequireError(t)
	requireNoOp(t, r, before)
}
