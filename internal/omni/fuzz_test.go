// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

// FuzzAnswers has a server answer every call with one body. Whatever that is, a
// call succeeds only if it says what the call needs, and an error shows nothing
// that it must not.
func FuzzAnswers(f *testing.F) {
	const (
		id    = "550e8400-e29b-41d4-a716-446655440000"
		other = "550e8400-e29b-41d4-a716-446655440001"
		token = "tok_0123456789abcdef"
		mine  = "a-secret-password"
	)
	for _, seed := range []string{
		`{"connections":[{"id":"` + id + `","name":"n","dialect":"exasol"},{"id":"x","port":"y"},null,7]}`,
		`{"connection":{"id":"` + id + `","name":"n","dialect":"exasol"}}`,
		`{"connectionEnvironments":[{"id":"` + other + `","baseConnectionId":"` + id + `","connectionId":"` + other + `","userAttributeValues":"a,b"},[]]}`,
		`{"success":true,"data":[{"id":"` + other + `","environmentConnectionId":"` + other + `"}]}`,
		`{"success":true,"data":"` + id + `"}`, `{"success":false,"error":"` + token + ` ` + mine + `"}`, `{"data":"../.."}`,
		`{"connections":null}`, `{"connections":{}}`, `[]`, `null`, ``, `{`, `<html>` + token, `{"success":true}`, "\xff", `{"connection":{"id":"` + other + `"}}`,
	} {
		f.Add(200, []byte(seed))
		f.Add(404, []byte(seed))
	}
	type answer struct {
		status int
		body   []byte
	}
	var current atomic.Pointer[answer]
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(current.Load().status)
		_, _ = w.Write(current.Load().body)
	}))
	f.Cleanup(server.Close)
	http, err := httpclient.New(httpclient.Config{BaseURL: server.URL, Token: secret.New(token), Describe: omni.Describe})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(http.CloseIdleConnections)

	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if status != 200 && status != 400 && status != 403 && status != 404 && status != 410 {
			status = 200 // others are retried, or cannot be sent
		}
		current.Store(&answer{status, body})
		client, ctx := omni.NewClient(http, omni.DefaultAPIVersion), t.Context()
		check := func(call string, err error) bool {
			switch {
			case err == nil && status != 200:
				t.Errorf("%s: a %d is a success", call, status)
			case err != nil && (strings.Contains(err.Error(), token) || strings.Contains(err.Error(), mine) && call != "read" || !utf8.ValidString(err.Error())):
				t.Errorf("%s: error %q", call, err)
			}
			return err == nil
		}
		if list, err := client.ListConnections(ctx, omni.ConnectionFilter{}); check("read", err) {
			for _, c := range list {
				_ = c.IsDeleted()
			}
		}
		if c, err := client.GetConnection(ctx, id); check("read", err) && !strings.EqualFold(c.ID, id) {
			t.Errorf("connection %q is taken for %s", c.ID, id)
		}
		request := omni.ConnectionCreate{Dialect: "exasol", Settings: omni.ConnectionSettings{Name: nullable.Of("n")}}
		request.Secrets.Password = new(secret.New(mine))
		if made, err := client.CreateConnection(ctx, request); check("create", err) && uuid.Validate(made) != nil {
			t.Errorf("a connection of the id %q was made", made)
		}
		for call, err := range map[string]error{
			"update": client.UpdateConnection(ctx, id, omni.ConnectionUpdate{Secrets: request.Secrets}), "delete": client.DeleteConnection(ctx, id),
			"values": client.SetEnvironmentValues(ctx, id, []string{"a"}), "detach": client.DeleteEnvironment(ctx, id),
			"bind": client.SetEnvironmentUserAttribute(ctx, id, &omni.EnvironmentUserAttribute{AttributeName: "a"}),
		} {
			if call != "update" && err != nil && strings.Contains(err.Error(), mine) {
				continue // it was no secret of that call
			}
			if check(call, err) && !json.Valid(body) {
				t.Errorf("%s: what is not JSON is a success", call)
			}
		}
		if list, err := client.ListEnvironments(ctx); err == nil {
			check("read", nil)
			for _, e := range list {
				_ = e.Values.Or(nil)
			}
		}
		if made, err := client.CreateEnvironments(ctx, id, []string{other}, false); err == nil {
			check("associate", nil)
			if len(made) != 1 || made[0].ID == "" || !strings.EqualFold(made[0].ConnectionID, other) {
				t.Errorf("%+v was made of %s", made, other)
			}
		}
	})
}
