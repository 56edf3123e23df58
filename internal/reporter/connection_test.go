// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

func TestConnectionFromCreationToDeletion(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	key := secret.New("the-private-key")
	request := postgres("full_DB-1")
	request.Settings.Schema = nullable.Of("my_schema")
	request.Settings.Metadata = nullable.Of(reporter.Metadata{"team": "data", "n": json.Number("5"), "list": []any{true}})
	request.SSL = &reporter.SSL{Mode: "require", CA: secret.New("the-authority"), Key: &key}
	created := s.create(t, request)
	if created.ProductName.Or("") != "my-product" || created.SSLMode.Or("") != "require" || created.Schema.Or("") != "my_schema" ||
		created.Port.Or(0) != 5432 || created.IsInternal() {
		t.Errorf("created %+v", created)
	}
	for field, want := range map[string]string{"password": "a-secret-password", "ssl.ca": "the-authority", "ssl.key": "the-private-key"} {
		if got, ok := s.Secret(created.ID, field); !ok || got != want {
			t.Errorf("secret %s is %q", field, got)
		}
	}
	if _, ok := s.Secret(created.ID, "ssl.cert"); ok {
		t.Error("a certificate was sent")
	}

	read, err := s.GetConnection(t.Context(), strings.ToUpper(created.ID))
	if err != nil || !reflect.DeepEqual(read, created) {
		t.Errorf("created %+v\nbut read %+v, %v", created, read, err)
	}

	s.clock.advance(time.Second)
	updated, err := s.UpdateConnection(t.Context(), created.ID, reporter.ConnectionUpdate{
		Settings: reporter.ConnectionSettings{
			Host: nullable.Of("10.0.0.1"), Schema: nullable.Null[string](), Metadata: nullable.Of(reporter.Metadata{}),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if updated.Host.Or("") != "10.0.0.1" || updated.Schema.Or("") != "my_schema" || len(updated.Metadata.Or(nil)) != 0 ||
		updated.CreatedAt.Or(time.Time{}) != created.CreatedAt.Or(time.Time{}) ||
		!updated.UpdatedAt.Or(time.Time{}).After(created.UpdatedAt.Or(time.Time{})) {
		t.Errorf("updated %+v", updated)
	}
	requests := s.Requests()
	if got := string(requests[len(requests)-1].Body); got != `{"host":"10.0.0.1","metadata":{}}` {
		t.Errorf("sent %s", got)
	}

	password := secret.New("another-password")
	if _, err = s.UpdateConnection(t.Context(), created.ID, reporter.ConnectionUpdate{Password: &password}); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Secret(created.ID, "password"); got != "another-password" {
		t.Errorf("password %q", got)
	}
	if err := s.DeleteConnection(t.Context(), created.ID); err != nil {
		t.Error(err)
	}
	if err := s.DeleteConnection(t.Context(), created.ID); !httpclient.IsNotFound(err) {
		t.Errorf("the second delete: %v", err)
	}
	if _, err := s.GetConnection(t.Context(), created.ID); !httpclient.IsNotFound(err) {
		t.Errorf("a read after the delete: %v", err)
	}
	wantNoSecret(t, request, "a-secret-password", "the-authority")
}

// A deletion is done when the server says so, or no longer has the connection.
func TestDeletionAnsweredByAnother(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]fault.Fault{"empty": fault.EmptyBody(), "page": fault.NotJSON(), "other answer": fault.NoSuccess(), "another shape": fault.WrongShape()} {
		s := start(t, reportermock.Options{})
		id := s.Add(reportermock.Connection{ConfigName: "test"}, "p")
		s.Faults().Add(f.On(http.MethodDelete, connectionsPath+"/*"))
		if err := s.DeleteConnection(t.Context(), id); !httpclient.IsUnreadable(err) {
			t.Errorf("%s: error %v while the connection is there", name, err)
		}
		s.Faults().Add(f.Applied().On(http.MethodDelete, connectionsPath+"/*"))
		if err := s.DeleteConnection(t.Context(), id); err != nil || len(s.Connections()) > 0 {
			t.Errorf("%s: error %v, left %v", name, err, s.Connections())
		}
	}
}

func TestUpdatesThatAreNotSent(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	created := s.create(t, postgres("one"))
	s.ResetRequests()
	empty := secret.New("")
	for name, update := range map[string]reporter.ConnectionUpdate{
		"nothing":        {},
		"null":           {Settings: reporter.ConnectionSettings{Schema: nullable.Null[string]()}},
		"empty password": {Password: &empty},
		"ssl, no mode":   {SSL: &reporter.SSL{CA: secret.New("CA")}},
	} {
		if _, err := s.UpdateConnection(t.Context(), created.ID, update); err == nil || !strings.Contains(err.Error(), created.ID) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
	for name, update := range map[string]reporter.ConnectionUpdate{
		"a setting": {Settings: reporter.ConnectionSettings{Host: nullable.Of("h")}}, "a password": {Password: &empty}, "ssl": {SSL: &reporter.SSL{}},
	} {
		if update.IsEmpty() {
			t.Errorf("a change of %s is empty", name)
		}
	}
	if got, _ := s.Secret(created.ID, "password"); got != "a-secret-password" {
		t.Errorf("password %q", got)
	}
}

func TestConflicts(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	created := s.create(t, postgres("one"))
	rename := reporter.ConnectionUpdate{Settings: reporter.ConnectionSettings{ConfigName: nullable.Of("other")}}

	_, err := s.CreateConnection(t.Context(), postgres("one"))
	if !reporter.IsNameTaken(err) || !httpclient.IsConflict(err) || httpclient.IsOutcomeUnknown(err) {
		t.Errorf("the same name: %v", err)
	}
	_, err = s.AssignConnection(t.Context(), created.ID, "other")
	if !httpclient.IsConflict(err) || reporter.IsNameTaken(err) || reporter.IsJobRunning(err) {
		t.Errorf("assigned: %v", err)
	}
	s.StartJob("one")
	_, err = s.UpdateConnection(t.Context(), created.ID, rename)
	if !reporter.IsJobRunning(err) || reporter.IsNameTaken(err) {
		t.Errorf("update during a job: %v", err)
	}
	if err := s.DeleteConnection(t.Context(), created.ID); !reporter.IsJobRunning(err) {
		t.Errorf("delete during a job: %v", err)
	}
	s.FinishJob("one")
	if _, err = s.UpdateConnection(t.Context(), created.ID, rename); err != nil {
		t.Error(err)
	}
	for want, c := range map[bool][]reporter.Connection{
		true:  {{CreatedAt: nullable.Of(time.Time{})}},
		false: {{}, {CreatedAt: nullable.Of(time.Time{}), ProductName: nullable.Of("p")}, {CreatedAt: nullable.Of(time.Now())}},
	} {
		for i := range c {
			if c[i].IsInternal() != want {
				t.Errorf("%+v: the server's own: %t", c[i], !want)
			}
		}
	}
	if reporter.IsJobRunning(nil) || reporter.IsJobRunning(errors.New("x")) {
		t.Error("any error is a conflict")
	}
}

func TestAssign(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	id := s.Add(reportermock.Connection{ConfigName: "legacy"}, "p")
	s.create(t, postgres("other"))
	if unassigned, err := s.GetConnection(t.Context(), id); err != nil || !unassigned.ProductName.IsZero() || unassigned.IsInternal() {
		t.Fatalf("%+v, %v", unassigned, err)
	}
	assigned, err := s.AssignConnection(t.Context(), id, "New-Prod ")
	if err != nil || assigned.ProductName.Or("") != reporter.NormalizeProductName("New-Prod ") {
		t.Errorf("%+v, %v", assigned, err)
	}
}

func TestFieldErrors(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	tests := map[string]struct {
		change func(*reporter.ConnectionCreate)
		fields map[string]string
	}{
		"missing": {
			func(c *reporter.ConnectionCreate) { c.Settings.Port = nullable.Of[int64](0) },
			map[string]string{"port": "port is a required field"},
		},
		"host": {
			func(c *reporter.ConnectionCreate) { c.Settings.Host = nullable.Of("db:5432") },
			map[string]string{"host": "must be a host name or an IP address, without a port"},
		},
		"second stage": {
			func(c *reporter.ConnectionCreate) {
				c.Settings.ConfigName = nullable.Of("a b")
				c.Settings.UserName = nullable.Of(" ")
				c.Settings.DatabaseName = nullable.Of(" ")
			},
			map[string]string{
				"configName":   "config name can only contain alphanumeric characters, underscores, and hyphens",
				"userName":     "username is required",
				"databaseName": "database name is required",
			},
		},
		"ssl": {
			func(c *reporter.ConnectionCreate) { c.SSL = &reporter.SSL{Mode: "require"} },
			map[string]string{"ssl.ca": "SSL CA is required"},
		},
	}
	for name, test := range tests {
		request := postgres("name")
		test.change(&request)
		_, err := s.CreateConnection(t.Context(), request)
		if got := reporter.FieldErrors(err); !httpclient.IsBadRequest(err) || !reflect.DeepEqual(got, test.fields) {
			t.Errorf("%s: %q in %v", name, got, err)
		}
		for field, text := range test.fields {
			if !strings.Contains(err.Error(), field+": "+text) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	_, err := s.CreateConnection(t.Context(), reporter.ConnectionCreate{ProductName: "a b", Settings: postgres("x").Settings})
	if reporter.FieldErrors(err) != nil || !strings.Contains(err.Error(), "X-Product-Name") {
		t.Errorf("the header: %v", err)
	}
}

func TestSecretsInErrors(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{EchoSecretsInErrors: true})
	request := postgres("x")
	request.SSL = &reporter.SSL{Mode: "bogus", CA: secret.New("the-authority")}
	_, err := s.CreateConnection(t.Context(), request)
	if !httpclient.IsBadRequest(err) || !s.ReceivedSecret("the-authority") {
		t.Fatal(err)
	}
	e, _ := httpclient.AsError(err)
	wantNoSecret(t, *e, "the-authority", "a-secret-password")

	s.Faults().Add(fault.Answer(409, `{"code":"FET-1002","message":"a-secret-password","fields":{"ssl.ca":"the-authority is odd"}}`))
	_, err = s.CreateConnection(t.Context(), request)
	e, _ = httpclient.AsError(err)
	wantNoSecret(t, *e, "the-authority", "a-secret-password")

	// Those of a change are others.
	change := secret.New("another-password")
	s.Faults().Add(fault.Answer(400, `{"code":"FET-0001","message":"another-password, other-authority, other-certificate or other-key"}`))
	_, err = s.UpdateConnection(t.Context(), "01a203f9-7cfc-732d-9a64-ee1583d54da2", reporter.ConnectionUpdate{
		Password: &change, SSL: &reporter.SSL{Mode: "require", CA: secret.New("other-authority"), Cert: optional("other-certificate"), Key: optional("other-key")},
	})
	if e, _ = httpclient.AsError(err); e == nil || e.Message != "(redacted), (redacted), (redacted) or (redacted)" {
		t.Errorf("%v", err)
	}
	for _, sent := range []string{"another-password", "other-authority", "other-certificate", "other-key"} {
		if body := string(s.Requests()[len(s.Requests())-1].Body); !strings.Contains(body, sent) {
			t.Errorf("%s was not sent", sent)
		}
	}
}

func optional(text string) *secret.String { s := secret.New(text); return &s }

func TestLostCreationIsFound(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	for _, f := range []fault.Fault{{Reset: true, Apply: true}, fault.BadGateway().Applied()} {
		s.Faults().Add(f.On("POST", connectionsPath))
		name := "lost-" + string(rune('a'+len(s.Connections())))
		_, err := s.CreateConnection(t.Context(), postgres(name))
		if !httpclient.IsOutcomeUnknown(err) {
			t.Fatalf("%v", err)
		}
		before := len(s.Requests())
		found, err := s.FindConnection(t.Context(), name)
		if err != nil || found == nil || found.Port.Or(0) != 5432 {
			t.Errorf("found %+v, %v", found, err)
		}
		if n := len(s.Requests()) - before; n != 1 {
			t.Errorf("the search took %d requests", n)
		}
	}
	if n := s.CountRequests("POST", ""); n != 2 {
		t.Errorf("%d creations were sent", n)
	}
}

// The server's clock, which its answers tell, decides what was made since.
func TestLostCreationIsFoundByTheServersClock(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{-5 * time.Minute, 5 * time.Minute} {
		s := reportermock.Start(t, reportermock.Options{InMemory: true, Now: func() time.Time { return time.Now().Add(ahead) }})
		config := httpConfig(s)
		config.Token = secret.New(s.Token())
		client := reporter.NewClient(newHTTP(t, config), reporter.Options{})
		s.Faults().Add(fault.Fault{Reset: true, Apply: true}.On("POST", connectionsPath))
		made, found, err := client.CreateConnectionOnce(t.Context(), postgres("lost"))
		if err != nil || !found || made.ID != s.Connections()[0].ID {
			t.Errorf("the server is %s ahead: %+v, %t, %v", ahead, made, found, err)
		}
		// What somebody made three minutes ago is not ours.
		theirs := s.Add(reportermock.Connection{
			ProductName: "my-product", ConfigName: "theirs", Type: "POSTGRESQL", Host: "db.example.com", Port: 5432,
			DatabaseName: "mydatabase", UserName: "dbuser", CreatedAt: time.Now().Add(ahead - 3*time.Minute),
		}, "p")
		s.Faults().Add(fault.Fault{Reset: true}.On("POST", connectionsPath))
		_, _, err = client.CreateConnectionOnce(t.Context(), postgres("theirs"))
		if unknown, ok := errors.AsType[*createonce.UnknownOutcomeError](err); !ok || !slices.Equal(unknown.Candidates, []string{theirs}) {
			t.Errorf("the server is %s ahead: %v", ahead, err)
		}
	}
}

func TestAnswersThatAreNotTheConnection(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	created := s.create(t, postgres("one"))
	for name, f := range map[string]fault.Fault{
		"another":   fault.Answer(200, `{"id":"01a203f9-7cfc-732d-9a64-ee1583d54da2","configName":"x"}`),
		"no id":     fault.Answer(200, `{}`),
		"null":      fault.Answer(200, `null`),
		"array":     fault.WrongShape(),
		"HTML":      fault.NotJSON(),
		"empty":     fault.EmptyBody(),
		"odd type":  fault.Answer(200, `{"id":"`+created.ID+`","port":"x"}`),
		"HTML 404":  {Status: 404, Body: "<html><title>nginx</title></html>", Header: http.Header{"Content-Type": {"text/html"}}},
		"plain 404": {Status: 404, Body: "404 page not found", Header: http.Header{"Content-Type": {"text/plain"}}},
		"gateway":   fault.Answer(404, `{"message":"no Route matched with those values"}`),
		"tenant":    fault.Answer(404, `{"code":"TENANT_NOT_FOUND","title":"x","message":"y"}`),
		"another's": fault.Answer(404, `{"code":"ABC-123","title":"x","message":"y"}`),
		"tenant 2":  fault.Answer(404, `{"code":"FET-1081","title":"x","message":"y"}`),
		"empty 404": {Status: 404},
	} {
		s.Faults().Add(f)
		if _, err := s.GetConnection(t.Context(), created.ID); !httpclient.IsUnreadable(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// All of another connection is not this one either, nor is what lacks its ssl mode.
	other := whole(t, s.Server, s.create(t, postgres("two")).ID)
	s.Faults().Add(fault.Answer(200, encode(t, other)))
	if _, err := s.GetConnection(t.Context(), created.ID); !httpclient.IsUnreadable(err) || !strings.Contains(err.Error(), "instead of") {
		t.Errorf("another connection: %v", err)
	}
	other["id"], other["ssl"] = strings.ToUpper(created.ID), map[string]any{}
	s.Faults().Add(fault.Answer(200, encode(t, other)))
	if _, err := s.GetConnection(t.Context(), created.ID); !httpclient.IsUnreadable(err) || !strings.Contains(err.Error(), `ssl: the JSON has no "mode"`) {
		t.Errorf("no ssl mode: %v", err)
	}
	delete(other, "ssl")
	s.Faults().Add(fault.Answer(200, encode(t, other)))
	if _, err := s.GetConnection(t.Context(), created.ID); err != nil {
		t.Errorf("an id in upper case: %v", err)
	}
	s.Faults().Add(fault.Answer(404, `{"code":404,"title":"request_failed","message":"Cannot GET /x"}`))
	if _, err := s.GetConnection(t.Context(), created.ID); !httpclient.IsNoRoute(err) || !reporter.IsNoSuchRoute(err) {
		t.Errorf("route 404: %v", err)
	}
}

// whole returns the connection as the server shows it.
func whole(t testing.TB, c *reportermock.Server, id string) map[string]any {
	t.Helper()
	w := httptest.NewRecorder()
	c.ServeHTTP(w, httptest.NewRequest("GET", connectionsPath+"/"+id, nil))
	var object map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &object); err != nil {
		t.Fatalf("%v in %s", err, w.Body)
	}
	return object
}

// thin returns the connection without one of its keys, or with null in it.
func thin(t testing.TB, c *reportermock.Server, id, key string, null bool) string {
	t.Helper()
	object := whole(t, c, id)
	if object[key] == nil {
		t.Fatalf("%v has no %s", object, key)
	}
	delete(object, key)
	if null {
		object[key] = nil
	}
	return encode(t, object)
}

func encode(t testing.TB, object map[string]any) string {
	t.Helper()
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAnswersThatLackAField(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	one, two := s.create(t, postgres("one")), s.create(t, postgres("two"))
	for _, key := range []string{"id", "configName", "type", "host", "port", "databaseName", "userName", "createdAt", "updatedAt"} {
		for _, null := range []bool{false, true} {
			odd := thin(t, s.Server, one.ID, key, null)
			s.Faults().Add(fault.Answer(200, odd))
			if _, err := s.GetConnection(t.Context(), one.ID); !httpclient.IsUnreadable(err) || !strings.Contains(err.Error(), `"`+key+`"`) {
				t.Errorf("a GET without %s: %v", key, err)
			}
			s.Faults().Add(fault.Answer(200, `{"items":[`+odd+`,`+thin(t, s.Server, two.ID, "productName", null)+`],"total":2,"limit":100}`))
			s.Faults().Add(fault.Answer(200, `{"items":[]}`).Repeat(20))
			list, err := s.ListConnections(t.Context(), reporter.ConnectionFilter{})
			if err != nil || len(list) != 2 || list[0].Problem == nil || !strings.Contains(list[0].Problem.Error(), `"`+key+`"`) || list[1].Problem != nil {
				t.Errorf("a list without %s: %+v, %v", key, list, err)
			}
			s.Faults().Clear()
		}
	}
}

func TestConnectionDecoding(t *testing.T) {
	t.Parallel()
	var c reporter.Connection
	err := json.Unmarshal([]byte(`{"id":"x","ssl":null,"schema":"","metadata":{"n":12345678901234567890,"f":1.50},`+
		`"createdAt":"2026-11-22T15:56:51.83699999Z","updatedAt":"2026-11-22T12:56:51-03:00","new":[1]}`), &c)
	if err != nil {
		t.Fatal(err)
	}
	metadata, _ := json.Marshal(c.Metadata)
	if !c.SSLMode.IsNull() || c.Schema.IsNull() || c.Schema.IsZero() || string(metadata) != `{"f":1.50,"n":12345678901234567890}` {
		t.Errorf("%+v %s", c, metadata)
	}
	created, updated := c.CreatedAt.Or(time.Time{}), c.UpdatedAt.Or(time.Time{})
	if created.Format(time.RFC3339Nano) != "2026-11-22T15:56:51.836Z" || updated.Format(time.RFC3339Nano) != "2026-11-22T15:56:51Z" {
		t.Errorf("%v %v", created, updated)
	}
	var bare reporter.Connection
	if err := json.Unmarshal([]byte(`{"id":"x","createdAt":null}`), &bare); err != nil || !bare.SSLMode.IsZero() || !bare.UpdatedAt.IsZero() || !bare.CreatedAt.IsNull() {
		t.Errorf("%+v, %v", bare, err)
	}
	for _, odd := range []string{`[]`, `{"metadata":"x"}`, `{"metadata":[1]}`, `{"createdAt":"yesterday"}`, `{"port":1.5}`} {
		if json.Unmarshal([]byte(odd), &c) == nil {
			t.Errorf("%s was decoded", odd)
		}
	}
}
