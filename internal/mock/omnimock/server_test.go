// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

func TestAuthentication(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	if !regexp.MustCompile(`^omni_osk_[0-9a-f]{64}$`).MatchString(c.Token()) {
		t.Errorf("token %q", c.Token())
	}
	for _, test := range []struct {
		header string
		status int
		detail string
	}{
		{"", 401, "Unauthorized: Missing or invalid API key"},
		{"Bearer ", 401, "Unauthorized: Missing or invalid API key"},
		{"Basic abc", 401, "Unauthorized: Missing or invalid API key"},
		{c.Token(), 401, "Unauthorized: Missing or invalid API key"},
		{"Bearer wrong", 403, "Invalid bearer token"},
	} {
		r := httptest.NewRequest("GET", "/api/v1/connections", nil)
		if test.header != "" {
			r.Header.Set("Authorization", test.header)
		}
		status, answer := c.roundTrip(r)
		if status != test.status || answer["detail"] != test.detail || answer["status"] != float64(test.status) {
			t.Errorf("%q: got %d %v", test.header, status, answer)
		}
	}
}

// The server's own clock dates its answers and what is made.
func TestClock(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 15, 56, 51, 0, time.UTC)
	s := omnimock.Start(t, omnimock.Options{Now: func() time.Time { return at }})
	id := s.AddConnection(map[string]any{"name": "n", "dialect": "exasol"})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+"/api/v1/connections/"+id, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if c, _ := s.Connection(id); resp.Header.Get("Date") != "Sun, 22 Nov 2026 15:56:51 GMT" || !c.CreatedAt.Equal(at) {
		t.Errorf("answered at %s, made at %s", resp.Header.Get("Date"), c.CreatedAt)
	}
}

func TestForbid(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	id := c.create(postgres("a"))
	c.Forbid("PATCH", "/api/v1/connections/*")
	c.refused("PATCH", "/connections/"+id, object{"name": "b"}, 403, "Permission denied")
	c.refused("PATCH", "/connections/"+id, "{", 403, "Permission denied")
	c.get(id)
	c.AllowAll()
	c.must("PATCH", "/connections/"+id, object{"name": "b"})
}

func TestRoutesAndMethods(t *testing.T) {
	t.Parallel()
	const id = "550e8400-e29b-41d4-a716-446655440000"
	tests := map[string]struct {
		opts         omnimock.Options
		method, path string
		status       int
		detail       string
	}{
		"unknown path":          {method: "GET", path: "/api/v1/folders", status: 404, detail: "Not Found"},
		"no prefix":             {method: "GET", path: "/connections", status: 404, detail: "Not Found"},
		"old prefix, new":       {method: "GET", path: "/api/unstable/connections", status: 404, detail: "Not Found"},
		"new prefix, old":       {opts: omnimock.Options{Generation: omnimock.Guide2025}, method: "GET", path: "/api/v1/connections", status: 404, detail: "Not Found"},
		"trailing slash":        {method: "GET", path: "/api/v1/connections/", status: 404, detail: "Not Found"},
		"below one":             {method: "GET", path: "/api/v1/connections/" + id + "/x", status: 404, detail: "Not Found"},
		"no PUT":                {method: "PUT", path: "/api/v1/connections/" + id, status: 405, detail: "Method Not Allowed"},
		"no DELETE of all":      {method: "DELETE", path: "/api/v1/connections", status: 405, detail: "Method Not Allowed"},
		"no environment by id":  {method: "GET", path: "/api/v1/connection-environments/" + id, status: 405, detail: "Method Not Allowed"},
		"no list":               {method: "GET", path: "/api/v1/connection-environments", status: 404, detail: "Not Found"},
		"no list, 405":          {opts: omnimock.Options{EnvironmentListStatus: 405}, method: "GET", path: "/api/v1/connection-environments", status: 405, detail: "Method Not Allowed"},
		"no list, 400":          {opts: omnimock.Options{EnvironmentListStatus: 400}, method: "GET", path: "/api/v1/connection-environments", status: 400, detail: "Invalid method"},
		"guide: no get-one":     {opts: omnimock.Options{Generation: omnimock.Guide2025}, method: "GET", path: "/api/unstable/connections/" + id, status: 404, detail: "Not Found"},
		"guide: no delete":      {opts: omnimock.Options{Generation: omnimock.Guide2025}, method: "DELETE", path: "/api/unstable/connections/" + id, status: 404, detail: "Not Found"},
		"guide: no DELETE":      {opts: omnimock.Options{Generation: omnimock.Guide2025}, method: "DELETE", path: "/api/unstable/connections", status: 400, detail: "Invalid method"},
		"guide: invalid method": {opts: omnimock.Options{Generation: omnimock.Guide2025}, method: "PUT", path: "/api/unstable/connections/" + id, status: 400, detail: "Invalid method"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, test.opts)
			c.prefix = ""
			c.refused(test.method, test.path, object{}, test.status, test.detail)
		})
	}
}

func TestBodies(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	for body, detail := range map[string]string{
		"":                 "Bad Request: Invalid JSON",
		"{":                "Bad Request: Invalid JSON",
		`{"name":"a"} {}`:  "Bad Request: Invalid JSON",
		`{"name":"a"} x`:   "Bad Request: Invalid JSON",
		`<html></html>`:    "Bad Request: Invalid JSON",
		`[]`:               "Bad Request: formErrors: Expected object, received array",
		`"a"`:              "Bad Request: formErrors: Expected object, received string",
		`null`:             "Bad Request: formErrors: Expected object, received null",
		`{"y":1,"x":true}`: "Bad Request: formErrors: Unrecognized key(s) in object: 'x', 'y'",
	} {
		c.refused("POST", "/connections", body, 400, detail)
	}
	c.refused("POST", "/connections", `{"name":"`+strings.Repeat("x", 1<<20)+`"}`, 413, "Payload Too Large")
	for _, media := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/json; charset", "no body"} {
		r := httptest.NewRequest("POST", "/api/v1/connections", strings.NewReader("{}"))
		if media == "no body" {
			r = httptest.NewRequest("POST", "/api/v1/connections", http.NoBody)
		}
		r.Header.Set("Authorization", "Bearer "+c.Token())
		if media != "" {
			r.Header.Set("Content-Type", media)
		}
		if status, _ := c.roundTrip(r); status != 415 {
			t.Errorf("content type %q: %d", media, status)
		}
	}
}

func TestWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	c.refused("GET", "/connections?name=%zz", nil, 400, "Bad Request: query: Invalid")
	whole, err := json.Marshal(postgres("x"))
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", v1+"/connections", io.MultiReader(bytes.NewReader(whole), iotest.ErrReader(errors.New("gone"))))
	r.Header.Set("Authorization", "Bearer "+c.Token())
	r.Header.Set("Content-Type", "application/json")
	if status, answer := c.roundTrip(r); status != 400 || answer["detail"] != "Bad Request: Invalid JSON" {
		t.Errorf("%d %v", status, answer)
	}
}

// Who leaves before a slow server answers gets nothing.
func TestLatencyEndsWithTheClient(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{Latency: time.Hour})
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	c.ServeHTTP(w, httptest.NewRequestWithContext(ended, "GET", v1+"/connections", http.NoBody))
	if len(w.Header()) > 0 || w.Body.Len() > 0 {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	for _, retryAfter := range []string{"", "7"} {
		c := newClient(t, omnimock.Options{RequestsPerMinute: 2, RetryAfter: retryAfter})
		c.list("")
		c.list("")
		r := httptest.NewRequest("GET", "/api/v1/connections", nil)
		r.Header.Set("Authorization", "Bearer "+c.Token())
		w := httptest.NewRecorder()
		c.ServeHTTP(w, r)
		if w.Code != 429 || w.Body.String() != `{"detail":"Too Many Requests","status":429}` || w.Header().Get("Retry-After") != retryAfter {
			t.Errorf("got %d %s %v", w.Code, w.Body, w.Header())
		}
	}
}

func TestStart(t *testing.T) {
	t.Parallel()
	for _, encrypted := range []bool{false, true} {
		s := omnimock.Start(t, omnimock.Options{TLS: encrypted, Latency: 20 * time.Millisecond, Token: "omni_osk_x"})
		pool := x509.NewCertPool()
		if pool.AppendCertsFromPEM([]byte(s.CertificatePEM())) != encrypted {
			t.Errorf("TLS %t: certificate %q", encrypted, s.CertificatePEM())
		}
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
		r, err := http.NewRequestWithContext(t.Context(), "GET", s.URL()+"/api/v1/connections?name=x", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer omni_osk_x")
		begin := time.Now()
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if string(body) != `{"connections":[]}` || time.Since(begin) < 20*time.Millisecond {
			t.Errorf("got %s after %v", body, time.Since(begin))
		}
		s.Close()
		s.Close()
		if _, err := client.Do(r); err == nil {
			t.Error("a closed server answers")
		}
	}
}

func TestRecordAndFaults(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	s.Faults().Add(fault.BadGateway())
	s.Faults().Add(fault.Fault{Reset: true, Method: "POST", Apply: true})
	post := func() (*http.Response, error) {
		r, err := http.NewRequestWithContext(t.Context(), "POST", s.URL()+"/api/v1/connections?", strings.NewReader(
			`{"dialect":"motherduck","name":"m","passwordUnencrypted":"duck"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+s.Token())
		return http.DefaultClient.Do(r)
	}
	resp, err := post()
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 502 || len(s.Connections()) != 0 {
		t.Errorf("first: %d, %d connections", resp.StatusCode, len(s.Connections()))
	}
	if _, err := post(); err == nil || len(s.Connections()) != 1 {
		t.Errorf("second: %v, %d connections", err, len(s.Connections()))
	}
	requests := s.Requests()
	if len(requests) != 2 || requests[0].Status != 502 || requests[1].Status != 0 ||
		!strings.Contains(string(requests[1].Body), "motherduck") || requests[1].Time.IsZero() {
		t.Errorf("recorded %+v", requests)
	}
	if n := s.CountRequests("POST", "/api/v1/*"); n != 2 {
		t.Errorf("counted %d", n)
	}
	if n := s.CountRequests("", "/api/v1/connections/*"); n != 0 {
		t.Errorf("counted %d", n)
	}
	s.ResetRequests()
	if len(s.Requests()) != 0 {
		t.Error("requests after a reset")
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{EnvironmentList: true})
	base := c.create(postgres("base"))
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			id := c.create(postgres("env"))
			c.must("POST", "/connection-environments", object{"baseConnectionId": base, "environmentConnectionIds": []string{id}})
			c.must("PATCH", "/connections/"+id, object{"port": 1})
			c.list("")
			c.must("GET", "/connection-environments", nil)
			c.Connections()
			c.Requests()
			c.Route(base, "x")
			c.must("DELETE", "/connections/"+id, nil)
		})
	}
	group.Wait()
	if n := len(c.Environments()); n != 0 {
		t.Errorf("%d environments left", n)
	}
}

// A server that refuses comes back, with what it had.
func TestRefuse(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	ask := func() (int, error) {
		r, err := http.NewRequestWithContext(t.Context(), "GET", s.URL()+"/api/v1/connections", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+s.Token())
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			return 0, err
		}
		return resp.StatusCode, resp.Body.Close()
	}
	s.Faults().Add(fault.Fault{Hook: s.Refuse})
	if status, err := ask(); status != 200 || err != nil {
		t.Errorf("the request under way: %d, %v", status, err)
	}
	if _, err := ask(); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("the next: %v", err)
	}
	s.Listen(t, false)
	if status, err := ask(); status != 200 || err != nil {
		t.Errorf("back again: %d, %v", status, err)
	}
}
