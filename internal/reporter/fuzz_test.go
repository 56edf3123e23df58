// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

// FuzzAnswers has a server answer every call with one body. Whatever that is, a
// call succeeds only if it says what the call needs, an error shows nothing that
// it must not, and no list is read forever.
func FuzzAnswers(f *testing.F) {
	const (
		id    = "01a203fa-feab-773e-adb0-0c25da86352c"
		token = "tok_0123456789abcdef"
	)
	one := `{"id":"` + id + `","configName":"n","productName":"p","port":1,"createdAt":"` + time.Now().UTC().Format(time.RFC3339) + `","metadata":{"a":1e400}}`
	for _, seed := range []string{
		one, `{"items":[` + one + `],"limit":1}`, `{"items":[` + one + `,{"id":"` + id + `","port":"x"},7,null],"limit":10,"page":1,"total":1}`,
		`{"items":null}`, `{"items":[],"limit":-1}`, `{"id":"x"}`, `[]`, `null`, ``, `{`, "\xff",
		`{"code":"FET-1001","message":"` + token + ` a-secret-password"}`, `{"code":404,"title":"request_failed"}`, `<html>` + token,
		`{"accessToken":"t","expiresIn":1e400}`, `{"accessToken":"a\r\nb","expiresIn":-1}`, `{"status":"success","latencyMs":1}`,
		`[{"id":"db","externalName":"db","type":"postgresql"}]`, `{"id":"db","tables":[{"name":"t","fields":["a"]}]}`,
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
	http := newHTTP(f, httpclient.Config{BaseURL: server.URL, Token: secret.New(token), Describe: reporter.Describe})

	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if status != 200 && status != 400 && status != 403 && status != 404 && status != 409 && status != 422 {
			status = 200 // others are retried, or cannot be sent
		}
		current.Store(&answer{status, body})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		client := reporter.NewClient(http, reporter.Options{CreatedAfter: time.Now().Add(-time.Hour)})
		check := func(call string, err error, secrets ...string) bool {
			for _, text := range append(secrets, token) {
				if err != nil && (strings.Contains(err.Error(), text) || !utf8.ValidString(err.Error())) {
					t.Errorf("%s: error %q", call, err)
				}
			}
			if err == nil && status != 200 {
				t.Errorf("%s: a %d is a success", call, status)
			}
			return err == nil
		}
		if c, err := client.GetConnection(ctx, id); check("get", err) && !strings.EqualFold(uuid.MustParse(c.ID).String(), id) {
			t.Errorf("connection %q is taken for %s", c.ID, id)
		}
		if c, err := client.CreateConnection(ctx, postgres("n")); check("create", err, "a-secret-password") && uuid.Validate(c.ID) != nil {
			t.Errorf("a connection of the id %q was made", c.ID)
		}
		if err := client.DeleteConnection(ctx, id); err == nil && status != 404 {
			t.Errorf("a %d is a deletion", status)
		}
		if _, err := client.ListConnections(ctx, reporter.ConnectionFilter{}); err == nil {
			check("list", nil)
		}
		if c, err := client.FindConnection(ctx, "n"); err == nil && c != nil && c.ConfigName.Or("") != "n" {
			t.Errorf("connection %+v is taken for n", c)
		}
		_, err := client.TestConnection(ctx, id)
		check("test", err)
		_, err = client.GetSchema(ctx, id)
		check("schema", err)
		_, err = client.ListDataSources(ctx)
		check("data sources", err)
		source := reporter.NewTokenSource(http, "client", secret.New("the client's secret"))
		if got, err := source.Token(ctx); check("token", err, "the client's secret") && got.IsEmpty() {
			t.Error("an empty token")
		}
		if ctx.Err() != nil {
			t.Error("a list is read forever")
		}
	})
}
