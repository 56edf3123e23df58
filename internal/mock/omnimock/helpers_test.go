// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

const v1 = "/api/v1"

type object = map[string]any

// client asks one server, under its prefix.
type client struct {
	*omnimock.Server
	t      *testing.T
	prefix string
}

func newClient(t *testing.T, opts omnimock.Options) client {
	t.Helper()
	prefix := v1
	if opts.Generation == omnimock.Guide2025 {
		prefix = "/api/unstable"
	}
	return client{omnimock.New(opts), t, prefix}
}

// send sends a request; body is JSON text, or a value to encode.
func (c client) send(method, path string, body any) (int, object) {
	c.t.Helper()
	text, ok := body.(string)
	if !ok && body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		text = string(encoded)
	}
	r := httptest.NewRequest(method, c.prefix+path, strings.NewReader(text))
	r.Header.Set("Authorization", "Bearer "+c.Token())
	r.Header.Set("Content-Type", "application/json")
	return c.roundTrip(r)
}

func (c client) roundTrip(r *http.Request) (int, object) {
	c.t.Helper()
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	var answer object
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		c.t.Fatalf("%s %s: %v in %s", r.Method, r.URL, err, w.Body)
	}
	return w.Code, answer
}

// must sends a request that has to succeed.
func (c client) must(method, path string, body any) object {
	c.t.Helper()
	status, answer := c.send(method, path, body)
	if status/100 != 2 {
		c.t.Fatalf("%s %s: %d %v", method, path, status, answer)
	}
	return answer
}

// refused sends a request that has to be refused with this text.
func (c client) refused(method, path string, body any, status int, detail string) {
	c.t.Helper()
	got, answer := c.send(method, path, body)
	if got != status || answer["detail"] != detail || answer["status"] != float64(status) {
		c.t.Errorf("%s %s %v:\n got %d %v\nwant %d %s", method, path, body, got, answer, status, detail)
	}
}

// create makes a connection and returns its id.
func (c client) create(body object) string {
	c.t.Helper()
	answer := c.must("POST", "/connections", body)
	if answer["success"] != true || len(answer) != 2 {
		c.t.Errorf("creation answered %v", answer)
	}
	return answer["data"].(string)
}

func (c client) get(id string) object {
	c.t.Helper()
	return c.must("GET", "/connections/"+id, nil)["connection"].(object)
}

func (c client) list(query string) []object {
	c.t.Helper()
	out := []object{}
	for _, item := range c.must("GET", "/connections"+query, nil)["connections"].([]any) {
		out = append(out, item.(object))
	}
	return out
}

// with returns a copy of a body with changes; nil takes a key out.
func with(body object, changes object) object {
	out := maps.Clone(body)
	maps.Copy(out, changes)
	maps.DeleteFunc(out, func(_ string, value any) bool { return value == nil })
	return out
}

func postgres(name string) object {
	return object{
		"dialect": "postgres", "name": name, "host": "db.example.com", "port": 5432,
		"database": "analytics", "username": "omni", "passwordUnencrypted": "pg-secret",
	}
}

func snowflake() object {
	return object{
		"dialect": "snowflake", "name": "sf", "host": "myaccount", "database": "ANALYTICS",
		"warehouse": "WH", "username": "OMNI", "passwordUnencrypted": "sf-secret",
	}
}

const serviceAccount = `{"type":"service_account","project_id":"proj","client_email":"a@proj.iam","private_key":"k"}`

func keys(o object) []string { return slices.Sorted(maps.Keys(o)) }

// restored returns a server with what the other had, saved and loaded as JSON.
func (c client) restored() client {
	c.t.Helper()
	encoded, err := json.Marshal(c.Snapshot())
	if err != nil {
		c.t.Fatal(err)
	}
	var snapshot omnimock.Snapshot
	if err := json.Unmarshal(encoded, &snapshot); err != nil {
		c.t.Fatal(err)
	}
	other := newClient(c.t, omnimock.Options{})
	other.Restore(snapshot)
	return other
}
