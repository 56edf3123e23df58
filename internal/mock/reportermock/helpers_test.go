// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reportermock_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

const connections = "/v1/management/connections"

type object = map[string]any

// clock stands still until it is moved.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock {
	return &clock{at: time.Date(2026, 11, 22, 15, 56, 51, 836_000_000, time.UTC)}
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// client asks one server, as one product.
type client struct {
	*reportermock.Server
	t     *testing.T
	clock *clock
}

func newClient(t *testing.T, opts reportermock.Options) client {
	t.Helper()
	c := newClock()
	if opts.Now == nil {
		opts.Now = c.now
	}
	return client{reportermock.New(opts), t, c}
}

// send sends a request below the connections' path, as product my-product; body
// is JSON text, or a value to encode.
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
	r := httptest.NewRequest(method, connections+path, strings.NewReader(text))
	r.Header.Set("X-Product-Name", "my-product")
	r.Header.Set("Content-Type", "application/json")
	return c.roundTrip(r)
}

func (c client) roundTrip(r *http.Request) (int, object) {
	c.t.Helper()
	if r.Header.Get("Authorization") == "" && c.Token() != "" {
		r.Header.Set("Authorization", "Bearer "+c.Token())
	}
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	if w.Body.Len() == 0 {
		return w.Code, nil
	}
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

// refused sends a request that has to be refused with this code.
func (c client) refused(method, path string, body any, status int, code any) object {
	c.t.Helper()
	got, answer := c.send(method, path, body)
	if got != status || answer["code"] != code {
		c.t.Errorf("%s %s %v:\n got %d %v\nwant %d %v", method, path, body, got, answer, status, code)
	}
	return answer
}

// create makes a connection and returns its id.
func (c client) create(body object) string {
	c.t.Helper()
	return c.must("POST", "", body)["id"].(string)
}

// names lists the names of a list's items.
func (c client) names(query string) []string {
	c.t.Helper()
	out := []string{}
	for _, item := range c.must("GET", query, nil)["items"].([]any) {
		out = append(out, item.(object)["configName"].(string))
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
		"configName": name, "type": "POSTGRESQL", "host": "db.example.com", "port": 5432,
		"databaseName": "analytics", "userName": "reporter", "password": "pg-secret",
	}
}
