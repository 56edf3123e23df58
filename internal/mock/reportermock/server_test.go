// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reportermock_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

func TestClientCredentials(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{Auth: reportermock.ClientCredentials, TokenLifetime: time.Minute})
	ask := func(media, body string) (int, object) {
		r := httptest.NewRequest("POST", "/v1/login/oauth/access_token", strings.NewReader(body))
		r.Header.Set("Content-Type", media)
		return c.roundTrip(r)
	}
	body := func(grant, id, secret string) string {
		encoded, _ := json.Marshal(map[string]string{"grantType": grant, "clientId": id, "clientSecret": secret})
		return string(encoded)
	}
	right := body("client_credentials", c.ClientID(), c.ClientSecret())
	status, answer := ask("application/json", right)
	if status != 200 || answer["tokenType"] != "Bearer" || answer["expiresIn"] != 60.0 {
		t.Fatalf("%d %v", status, answer)
	}
	for _, test := range []struct {
		media, body string
		status      int
	}{
		{"application/x-www-form-urlencoded", right, 400},
		{"application/json", "{", 400},
		{"application/json", body("password", c.ClientID(), c.ClientSecret()), 400},
		{"application/json", body("client_credentials", "x", c.ClientSecret()), 401},
		{"application/json", body("client_credentials", c.ClientID(), "x"), 401},
		{"application/json", `{"grant_type":"client_credentials"}`, 400},
	} {
		if status, answer := ask(test.media, test.body); status != test.status || answer["code"] != "AUT-1004" {
			t.Errorf("%+v: %d %v", test, status, answer)
		}
	}
	get := func(token string) (int, string) {
		r := httptest.NewRequest("GET", connections, nil)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		c.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	token := answer["accessToken"].(string)
	for i, want := range []string{`^{"alg":"RS256","typ":"JWT"}$`, `^{"jti":"[0-9a-f-]{36}","type":"application"}$`, `^"[0-9a-f-]{36}"$`} {
		if part, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[i]); err != nil || !regexp.MustCompile(want).Match(part) {
			t.Errorf("part %d of the token is %s, %v", i, part, err)
		}
	}
	if status, _ := get(token); status != 200 {
		t.Errorf("a new token: %d", status)
	}
	for _, key := range []string{"refreshToken", "idToken"} {
		other := answer[key].(string)
		if status, _ := get(other); status != 401 || strings.Count(other, ".") != 2 || other == token {
			t.Errorf("the %s %s: %d", key, other, status)
		}
	}
	c.clock.advance(time.Minute)
	if status, body := get(token); status != 401 || !strings.Contains(body, "token expired") {
		t.Errorf("an old token: %d %s", status, body)
	}
	_, answer = ask("application/json", right)
	c.RevokeTokens()
	if status, _ := get(answer["accessToken"].(string)); status != 401 {
		t.Errorf("a revoked token: %d", status)
	}
	if status, _ := get(c.Token()); status != 200 {
		t.Errorf("the static token: %d", status)
	}
	c.Forbid("GET", connections)
	if status, body := get(c.Token()); status != 403 || body != "Forbidden" {
		t.Errorf("forbidden: %d %s", status, body)
	}
	c.AllowAll()
	c.SetAuthDown(true)
	login := httptest.NewRequest("POST", "/v1/login/oauth/access_token", strings.NewReader(right))
	login.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	if c.ServeHTTP(w, login); w.Code != 500 || w.Body.String() != "Internal Server Error" {
		t.Errorf("the token endpoint, when it is down: %d %s", w.Code, w.Body)
	}
	if status, body := get(c.Token()); status != 500 || body != "Internal Server Error" {
		t.Errorf("auth down: %d %s", status, body)
	}
	if !c.ReceivedSecret(c.ClientSecret()) {
		t.Error("the client's secret was not received")
	}
}

func TestTestAllowance(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{AnyDatabase: true, RetryAfter: "6"})
	one, two := c.create(postgres("one")), c.create(postgres("two"))
	const unknown = "7c1d8249-6bc3-48a0-8d12-568ed70e6abb"
	for range 10 {
		if answer := c.must("POST", "/"+one+"/test", nil); !reflect.DeepEqual(answer, object{"status": "success", "message": "Connection successful", "latencyMs": 6.0}) {
			t.Errorf("%v", answer)
		}
		c.refused("POST", "/"+unknown+"/test", nil, 404, "FET-1001")
	}
	for range 2 {
		if m := c.refused("POST", "/"+strings.ToUpper(one)+"/test", nil, 429, 429.0)["message"]; m != "Connection test limit reached. Try again in 6 seconds." {
			t.Error(m)
		}
	}
	c.refused("POST", "/"+unknown+"/test", nil, 429, 429.0)
	c.must("POST", "/"+two+"/test", nil)
	c.clock.advance(4500 * time.Millisecond)
	if m := c.refused("POST", "/"+one+"/test", nil, 429, 429.0)["message"].(string); !strings.Contains(m, "in 2 seconds") {
		t.Error(m)
	}
	c.clock.advance(1500 * time.Millisecond)
	c.must("POST", "/"+one+"/test", nil)
	c.refused("POST", "/"+one+"/test", nil, 429, 429.0)
	c.clock.advance(time.Hour)
	for range 10 {
		c.must("POST", "/"+one+"/test", nil)
	}
	c.refused("POST", "/"+one+"/test", nil, 429, 429.0)
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{RequestsPerMinute: 2})
	c.must("GET", "", nil)
	c.clock.advance(30 * time.Second)
	c.must("GET", "", nil)
	c.refused("GET", "", nil, 429, 429.0)
	c.clock.advance(30 * time.Second)
	c.must("GET", "", nil)
	c.refused("GET", "", nil, 429, 429.0)
	w := httptest.NewRecorder()
	c.ServeHTTP(w, httptest.NewRequest("GET", connections, nil))
	if _, has := w.Header()["Retry-After"]; w.Code != 429 || has {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestSchemas(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{})
	id := c.create(postgres("one"))
	c.refused("GET", "/"+id+"/schema", nil, 500, 500.0)
	c.AddDatabase(reportermock.Database{
		Host: "db.example.com", Port: 5432, DatabaseName: "analytics", UserName: "reporter", Password: "pg-secret",
		Tables: map[string][]string{"b": {"y", "x"}, "a": nil, "s.t": {"z"}, "s": nil},
	})
	for schema, want := range map[string]string{
		"":       `[{"fields":[],"name":"a"},{"fields":["x","y"],"name":"b"},{"fields":[],"name":"s"}]`,
		"public": `[{"fields":[],"name":"a"},{"fields":["x","y"],"name":"b"},{"fields":[],"name":"s"}]`,
		"s":      `[{"fields":["z"],"name":"s.t"}]`,
		"none":   `[]`,
	} {
		c.must("PATCH", "/"+id, object{"schema": schema})
		if got, _ := json.Marshal(c.must("GET", "/"+id+"/schema", nil)["tables"]); string(got) != want {
			t.Errorf("%q: %s", schema, got)
		}
	}
}

func TestDataSources(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{DataSources: []reportermock.DataSource{
		{ID: "x", ExternalName: "Z", Type: "mongodb"},
		{ID: "a", ExternalName: "A", Type: "postgresql", Tables: map[string][]string{"t": {"f"}}},
	}})
	for path, want := range map[string]string{
		"":   `[{"id":"a","externalName":"A","type":"postgresql"},{"id":"x","externalName":"Z","type":"mongodb"}]`,
		"/a": `{"id":"a","externalName":"A","type":"postgresql","tables":[{"name":"t","fields":["f"]}]}`,
		"/x": `{"id":"x","externalName":"Z","type":"mongodb","tables":[]}`,
	} {
		w := httptest.NewRecorder()
		c.ServeHTTP(w, httptest.NewRequest("GET", "/v1/data-sources"+path, nil))
		if w.Code != 200 || w.Body.String() != want {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	w := httptest.NewRecorder()
	c.ServeHTTP(w, httptest.NewRequest("GET", "/v1/data-sources/b", nil))
	if w.Code != 404 || !strings.Contains(w.Body.String(), `"code":"TPL-0031"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{})
	id := c.create(postgres("one"))
	for _, test := range []struct {
		method, path string
		status       int
		code         any
	}{
		{"PATCH", "/unassigned", 400, "FET-0404"},
		{"GET", "/validate-schema", 400, "FET-0404"},
		{"DELETE", "/" + id + "/test", 405, 405.0},
		{"GET", "/" + id + "/assign", 405, 405.0},
		{"GET", "/" + id + "/other", 404, 404.0},
		{"GET", "/" + id + "/test/more", 404, 404.0},
		{"GET", "//" + id, 404, 404.0},
	} {
		c.refused(test.method, test.path, postgres("x"), test.status, test.code)
	}
	r := httptest.NewRequest("HEAD", connections+"/"+id, nil)
	r.Header.Set("X-Request-Id", "mine")
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	if w.Code != 200 || w.Header().Get("X-Request-Id") != "mine" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestStart(t *testing.T) {
	t.Parallel()
	for _, encrypted := range []bool{false, true} {
		s := reportermock.Start(t, reportermock.Options{TLS: encrypted, Latency: 20 * time.Millisecond, Auth: reportermock.StaticToken, Token: "t"})
		pool := x509.NewCertPool()
		if pool.AppendCertsFromPEM([]byte(s.CertificatePEM())) != encrypted {
			t.Errorf("TLS %t: certificate %q", encrypted, s.CertificatePEM())
		}
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
		send := func(method, body string) (*http.Response, error) {
			r, err := http.NewRequestWithContext(t.Context(), method, s.URL()+connections+"?limit=1", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer t")
			return client.Do(r)
		}
		begin := time.Now()
		resp, err := send("GET", "")
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if s.AuthURL()+s.ClientID()+s.ClientSecret() != "" {
			t.Errorf("a token endpoint at %s for %s", s.AuthURL(), s.ClientID())
		}
		if string(body) != `{"items":[],"page":1,"limit":1,"total":0}` || time.Since(begin) < 20*time.Millisecond {
			t.Errorf("got %s after %v", body, time.Since(begin))
		}
		if _, err := send("POST", strings.Repeat(" ", 5<<20)); err == nil {
			t.Error("a body of 5 MiB got an answer")
		}
		s.Close()
		s.Close()
		if _, err := send("GET", ""); err == nil {
			t.Error("a closed server answers")
		}
	}
	if s := reportermock.Start(t, reportermock.Options{Auth: reportermock.ClientCredentials}); s.AuthURL() != s.URL() || len(s.ClientID()) != 36 || !strings.HasPrefix(s.ClientSecret(), "secret-") {
		t.Errorf("the token endpoint is at %s, not %s", s.AuthURL(), s.URL())
	}
	if s := reportermock.New(reportermock.Options{}); s.URL() != "" || s.CertificatePEM() != "" || s.AuthURL() != "" || s.Token() != "" {
		t.Error("a server that was not started has addresses")
	}
}

func TestRecordAndFaults(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{})
	id := c.create(postgres("one"))
	c.ResetRequests()
	c.Faults().Add(reportermock.JobRunning().On("PATCH", connections+"/*").Repeat(2))
	c.Faults().Add(reportermock.Unavailable().Applied())
	c.refused("PATCH", "/"+id, object{"port": 1}, 409, "FET-1021")
	c.refused("GET", "", nil, 503, "FET-0003")
	c.refused("PATCH", "/"+id, object{"port": 1}, 409, "FET-1021")
	if got := c.must("PATCH", "/"+id, object{"port": 1})["port"]; got != 1.0 || c.Faults().Pending() != 0 {
		t.Errorf("port %v", got)
	}
	c.Faults().Add(fault.BadGateway().Applied())
	w := httptest.NewRecorder()
	c.ServeHTTP(w, httptest.NewRequest("DELETE", connections+"/"+id, nil))
	if w.Code != 502 || len(c.Connections()) != 0 {
		t.Errorf("%d", w.Code)
	}
	requests := c.Requests()
	if len(requests) != 5 || requests[0].Status != 409 || string(requests[0].Body) != `{"port":1}` || requests[4].Status != 502 {
		t.Errorf("%+v", requests)
	}
	if n := c.CountRequests("PATCH", connections+"/*"); n != 3 {
		t.Errorf("%d", n)
	}
	if n := c.CountRequests("", connections); n != 1 {
		t.Errorf("%d", n)
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	c := newClient(t, reportermock.Options{AnyDatabase: true, RequestsPerMinute: 10_000})
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			id := c.create(with(postgres(fmt.Sprintf("c-%d", i)), object{"metadata": object{"a": "1"}}))
			c.must("PATCH", "/"+id, object{"port": 1, "metadata": object{"a": "2"}})
			c.names("?limit=100")
			c.must("GET", "/"+id+"/schema", nil)
			c.Edit(id, func(e *reportermock.Connection) { e.Metadata["a"] = "3" })
			c.Connections()
			c.Requests()
			c.send("DELETE", "/"+id, nil)
		})
	}
	group.Wait()
	if n := len(c.Connections()); n != 0 {
		t.Errorf("%d connections left", n)
	}
}
