// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// A creation that was carried out although it failed is found and taken over, with
// a warning; it is not sent twice, and its credentials are sent again.
func TestCreateAppliedButFailed(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]fault.Fault{
		"500":       fault.InternalError().Applied(),
		"502 HTML":  fault.BadGateway().Applied(),
		"reset":     {Reset: true, Apply: true},
		"truncated": {Truncate: true, Apply: true},
		"no JSON":   fault.NotJSON().Applied(),
		"empty":     fault.EmptyBody().Applied(),
		"other":     fault.WrongShape().Applied(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, p := start(t, reportermock.Options{})
			server.Faults().Add(f.On(http.MethodPost, list))
			r := p.Resource(typeName)
			full := map[string]any(full(attributes{"ssl": map[string]any(withSSL()), "metadata": map[string]any{"owner": "finance"}}))
			diags := r.Apply(full)
			diags.RequireOK(t)
			diags.RequireWarning(t, "An object was found after its create got no answer")
			all := server.Connections()
			if len(all) != 1 || r.Text("id") != all[0].ID {
				t.Fatalf("the state has %q, the server %v", r.Text("id"), all)
			}
			if n := server.CountRequests(http.MethodPost, list); n != 1 {
				t.Errorf("%d creations were sent", n)
			}
			var credentials map[string]any
			for _, request := range server.Requests() {
				if request.Method == http.MethodPatch {
					if err := json.Unmarshal(request.Body, &credentials); err != nil {
						t.Error(err)
					}
				}
			}
			if want := map[string]any{"password": full["password"], "ssl": wireSSL(withSSL())}; !reflect.DeepEqual(credentials, want) {
				t.Errorf("sent again: %v, want %v", credentials, want)
			}
			requireNoOp(t, r, full)
		})
	}
}

// Where the credentials of what was found cannot be sent, nothing is assumed: the
// next apply sends them.
func TestFoundWithoutItsCredentials(t *testing.T) {
	t.Parallel()
	for name, with := range map[string]map[string]any{
		"plain":         minimal(attributes{"password": "one", "ssl": map[string]any(withSSL())}),
		"without a key": minimal(attributes{"password": "one", "ssl": map[string]any(withSSL(attributes{"key": nil}))}),
		"without ssl":   minimal(attributes{"password": "one"}),
		"write-only": minimal(attributes{
			"password": nil, "password_wo": "one", "ssl": map[string]any(withSSL(attributes{"key": nil, "key_wo": "KEY-1"})),
		}),
		"with a version": minimal(attributes{
			"password": nil, "password_wo": "one", "password_wo_version": 1,
			"ssl": map[string]any(withSSL(attributes{"key": nil, "key_wo": "KEY-1", "key_wo_version": 1})),
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, p := start(t, reportermock.Options{})
			server.Faults().Add(fault.BadGateway().Applied().On(http.MethodPost, list))
			refuse := func() { server.Faults().Add(fault.Answer(http.StatusForbidden, "Forbidden").On(http.MethodPatch, one)) }
			refuse()
			r := p.Resource(typeName)
			r.Apply(with).RequireWarning(t, "Could not send the credentials of Reporter connection")
			id := r.Text("id")
			server.SetSecret(id, "password", "unknown")
			if with["ssl"] != nil {
				server.SetSecret(id, "ssl.ca", "unknown")
				server.SetSecret(id, "ssl.key", "unknown")
			}
			r.Refresh().RequireNone(t)
			refuse()
			r.Apply(with).RequireError(t, "Cannot change") // and is still to do
			r.Apply(with).RequireNone(t)
			password, _ := server.Secret(id, "password")
			ca, _ := server.Secret(id, "ssl.ca")
			key, _ := server.Secret(id, "ssl.key")
			want := [2]string{"CA-1", "KEY-1"}
			switch name {
			case "without a key":
				want[1] = ""
			case "without ssl":
				want = [2]string{}
			}
			if password != "one" || [2]string{ca, key} != want || len(server.Connections()) != 1 || r.Text("id") != id {
				t.Errorf("password %q, CA %q, key %q; the server has %v", password, ca, key, server.Connections())
			}
			requireNoOp(t, r, with)
		})
	}
}

// What the server makes of our request is found, also where its clock is off, and
// where it keeps a host in another case.
func TestCreateIsFoundOnOddServers(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{-5 * time.Minute, 0, 5 * time.Minute} {
		server, p := start(t, reportermock.Options{LowerCaseHosts: true, Now: func() time.Time { return time.Now().Add(off) }})
		server.Faults().Add(fault.BadGateway().Applied().On(http.MethodPost, list))
		r := p.Resource(typeName)
		mixed := minimal(attributes{"host": "DB.Example.com"})
		r.Apply(mixed).RequireOK(t)
		if all := server.Connections(); len(all) != 1 || all[0].Host != "db.example.com" || r.Text("id") != all[0].ID {
			t.Errorf("%s: %+v", off, all)
		}
		requireNoOp(t, r, mixed)
	}
}

// What has the name once the second request is refused, and had not after the first
// was lost, may be another run's as well as our first, arrived late: it is not taken,
// and the error says how to.
func TestCreateDoesNotAdoptWhatCameBetween(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{})
	server.Faults().Add(fault.BadGateway().On(http.MethodPost, list))
	var between string
	server.Faults().Add(fault.Fault{Hook: func() {
		between = server.Add(reportermock.Connection{ConfigName: "test", ProductName: "sales", DatabaseName: "ledger", UserName: "reporter"}, "theirs")
	}}.On(http.MethodPost, list))
	r := p.Resource(typeName)
	diags := r.Apply(config())
	diags.RequireError(t, "it could be somebody else's: "+between, "terraform import <address of this resource> test\n")
	if password, _ := server.Secret(between, "password"); r.Exists() || password != "theirs" {
		t.Errorf("the state has %q, the connection the password %q", r.Text("id"), password)
	}
}

// A creation that failed before the server saw it is sent again, because no list
// shows the name. In the end it is an error that says what to look for. Nothing of
// it is in the state, and applying again makes one.
func TestCreateFailedBefore(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]fault.Fault{
		"reset":    {Reset: true},
		"500":      fault.InternalError(),
		"502 HTML": fault.BadGateway(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, p := start(t, reportermock.Options{})
			server.Faults().Add(f.On(http.MethodPost, list).Repeat(3))
			r := p.Resource(typeName)
			r.Apply(config()).RequireError(t, "Cannot create Reporter connection \"test\"", "probably not created",
				"terraform import <address of this resource> test\n")
			if r.Exists() || len(server.Connections()) > 0 || server.CountRequests(http.MethodPost, list) != 3 {
				t.Fatalf("state %v, server %v", r.State(), server.Connections())
			}
			server.Faults().Add(f.On(http.MethodPost, list).Repeat(2))
			r.Apply(config()).RequireOK(t)
			requireNoOp(t, r, config())
		})
	}
}

// Somebody else's connection of that name is not taken for ours.
func TestCreateDoesNotAdoptOthers(t *testing.T) {
	t.Parallel()
	for name, theirs := range map[string]reportermock.Connection{
		"older":         {CreatedAt: time.Now().Add(-time.Hour)},
		"other host":    {Host: "elsewhere.example.com"},
		"other product": {ProductName: "theirs"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, p := start(t, reportermock.Options{})
			theirs.ConfigName, theirs.DatabaseName, theirs.UserName = "test", "ledger", "reporter"
			if theirs.ProductName == "" {
				theirs.ProductName = "sales"
			}
			id := server.Add(theirs, "theirs")
			server.Faults().Add(fault.InternalError().On(http.MethodPost, list))
			r := p.Resource(typeName)
			r.Apply(config()).RequireError(t, "it could be somebody else's: "+id)
			if r.Exists() {
				t.Fatalf("adopted %s", r.Text("id"))
			}
		})
	}
}

// One process never adopts twice: what it made for one resource is not another's.
func TestCreateDoesNotAdoptItsOwn(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{})
	first, second := p.Resource(typeName), p.Resource(typeName)
	first.Apply(config()).RequireOK(t)
	server.Faults().Add(fault.BadGateway().On(http.MethodPost, list))
	second.Apply(config()).RequireError(t, "nothing new that matches")
	if second.Exists() {
		t.Error("two resources have one connection")
	}
}
