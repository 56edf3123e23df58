// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reportermock_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// exchange is a request that a running Fetcher Manager 2.0.2 was seen to
// answer, and its answer. Ids of connections are {names}, bound by the answer in
// which they first occur; times are <ns> or <ms>, by how many digits they had;
// latencies are 0. Of what was observed, two exchanges are left out: those that
// make a job, which is another API. A job is started by StartJob here.
type exchange struct {
	Name        string            `json:"name"`
	Method      string            `json:"method"`
	Path        string            `json:"path"`
	Headers     map[string]string `json:"headers"`
	Body        string            `json:"body"`
	Status      int               `json:"status"`
	ContentType string            `json:"contentType"` // "" means application/json
	Answer      string            `json:"answer"`
}

func exchanges(t *testing.T) (without, with []exchange) {
	t.Helper()
	data, err := os.ReadFile("testdata/exchanges.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		WithoutAuthentication []exchange `json:"withoutAuthentication"`
		WithAuthentication    []exchange `json:"withAuthentication"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	return file.WithoutAuthentication, file.WithAuthentication
}

// replay plays exchanges in their order, which they depend on.
type replay struct {
	*reportermock.Server
	clock *clock
	names map[string]string // value by name
}

var (
	nanoseconds  = regexp.MustCompile(`"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{4,9}Z"`)
	milliseconds = regexp.MustCompile(`"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z"`)
	latency      = regexp.MustCompile(`"latencyMs":\d+`)
	newIDs       = regexp.MustCompile(`"id":"(\{c\d+\})"`)
)

func (r *replay) fill(text string) string {
	for name, value := range r.names {
		text = strings.ReplaceAll(text, name, value)
	}
	return text
}

func (r *replay) bind(name, value string) {
	r.names[name] = value
	inner := strings.TrimSuffix(name, "}")
	r.names[inner+" upper}"] = strings.ToUpper(value)
	r.names[inner+" plain}"] = strings.ReplaceAll(value, "-", "")
}

func (r *replay) play(t *testing.T, e exchange) {
	t.Helper()
	r.clock.advance(7 * time.Millisecond)
	request := httptest.NewRequest(e.Method, r.fill(e.Path), strings.NewReader(e.Body))
	for name, value := range e.Headers {
		request.Header[name] = []string{r.fill(value)}
	}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, request)

	got := w.Body.String()
	if match := newIDs.FindStringSubmatch(e.Answer); match != nil && r.names[match[1]] == "" {
		var created struct {
			ID string `json:"id"`
		}
		if json.Unmarshal(w.Body.Bytes(), &created) != nil || created.ID == "" {
			t.Fatalf("no id in %s", got)
		}
		r.bind(match[1], created.ID)
	}
	got = milliseconds.ReplaceAllString(nanoseconds.ReplaceAllString(got, `"<ns>"`), `"<ms>"`)
	got = latency.ReplaceAllString(got, `"latencyMs":0`)
	if want := r.fill(e.Answer); w.Code != e.Status || got != want {
		t.Errorf("%s %s\n%s\n got %d %s\nwant %d %s", e.Method, e.Path, e.Body, w.Code, got, e.Status, want)
	}
	contentType := "application/json"
	switch {
	case e.ContentType != "":
		contentType = e.ContentType
	case e.Answer == "":
		contentType = ""
	}
	if header := w.Header(); header.Get("Content-Type") != contentType || header.Get("X-Request-Id") == "" {
		t.Errorf("%s: header %v", e.Name, header)
	}
}

func TestObservedExchanges(t *testing.T) {
	c := newClock()
	r := &replay{
		Server: reportermock.New(reportermock.Options{Now: c.now, Databases: []reportermock.Database{{
			Host: "127.0.0.1", Port: 15432, DatabaseName: "mydatabase", UserName: "dbuser", Password: "secretpassword",
			Tables: map[string][]string{"account": {"name", "id"}, "my_schema.t2": {"x"}},
		}}}),
		clock: c, names: map[string]string{},
	}
	// What had happened in between and is not part of the exchanges.
	before := map[string]func(){
		"list page 99": func() {
			for suffix := range strings.SplitSeq("abcdefghijk", "") {
				r.Add(reportermock.Connection{ConfigName: "more-" + suffix, ProductName: "more"}, "p")
			}
		},
		"patch empty {}": func() {
			schema, mode := "public", "require"
			r.bind("{c20}", r.Add(reportermock.Connection{
				ConfigName: "upd-one", ProductName: "upd-prod", Port: 15432, Schema: &schema, SSLMode: &mode,
				Metadata: map[string]any{"a": "1", "b": "2"},
			}, "secretpassword"))
			r.bind("{c21}", r.Add(reportermock.Connection{ConfigName: "upd-two", ProductName: "upd-prod"}, "secretpassword"))
		},
		"test rate 6": func() {
			for range 6 {
				r.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", r.fill(connections+"/{c22}/test"), nil))
			}
		},
		"create with the database stopped": func() { r.SetDatabaseDown(true) },
		"j create":                         func() { r.SetDatabaseDown(false) },
		"patch with active job":            func() { r.StartJob("job-conn") },
		"unassigned list": func() {
			r.Edit(r.names["{c04}"], func(c *reportermock.Connection) { c.ProductName = "" })
		},
		"list startDate=2026-10-01&endDate=2026-10-31": func() {
			r.Edit(r.names["{c06}"], func(c *reportermock.Connection) { c.CreatedAt = c.CreatedAt.AddDate(0, 0, -40) })
		},
		"vs down": func() { r.Add(reportermock.Connection{ConfigName: "host-1", ProductName: "hosts"}, "p") },
	}
	without, _ := exchanges(t)
	for _, e := range without {
		t.Run(e.Name, func(t *testing.T) {
			if set, ok := before[e.Name]; ok {
				set()
				delete(before, e.Name)
			}
			r.play(t, e)
		})
	}
	for name := range before {
		t.Errorf("no exchange is named %q", name)
	}
	if len(without) != 216 {
		t.Errorf("%d exchanges", len(without))
	}
}

func TestObservedExchangesWithAuthentication(t *testing.T) {
	const expired = "eyJhbGciOiJSUzI1NiJ9.eyJ0eXBlIjoiYXBwbGljYXRpb24ifQ.c2lnbmF0dXJl"
	c := newClock()
	r := &replay{
		Server: reportermock.New(reportermock.Options{
			Now:  c.now,
			Auth: reportermock.StaticToken,
			Internal: []reportermock.Internal{{
				ConfigName: "midaz_onboarding", Host: "127.0.0.1", Port: 15432, DatabaseName: "mydatabase", UserName: "dbuser", Password: "p",
			}},
			Databases: []reportermock.Database{{
				Host: "127.0.0.1", Port: 15432, DatabaseName: "mydatabase", UserName: "dbuser", Password: "p",
				Tables: map[string][]string{"account": {"id", "name"}},
			}},
		}),
		clock: c, names: map[string]string{},
	}
	r.names["{internal}"] = r.Internal("midaz_onboarding")
	r.names["{token}"] = r.Token()
	r.names["{expired}"] = expired
	r.Forbid(http.MethodDelete, "")
	_, with := exchanges(t)
	for _, e := range with {
		t.Run(e.Name, func(t *testing.T) {
			r.SetAuthDown(e.Name == "auth server down")
			r.play(t, e)
		})
	}
	if len(with) != 17 {
		t.Errorf("%d exchanges", len(with))
	}
}
