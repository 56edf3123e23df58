// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/host"
)

func TestTargets(t *testing.T) {
	t.Parallel()
	targets, err := Targets(env(map[string]string{
		"OMNI_BASE_URL": " https://Acme.omniapp.co/api/v1/ ", "OMNI_API_KEY": "k", "OMNI_API_VERSION": "unstable",
		"REPORTER_BASE_URL": "http://127.0.0.1:4006/v1/management/connections", "REPORTER_MAX_REQUESTS_PER_MINUTE": "7",
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := []Target{
		{System: Omni, Origin: "https://acme.omniapp.co", Version: Unstable, Token: "k", PerMinute: 60},
		{System: Reporter, Origin: "http://127.0.0.1:4006", Product: "tf-acc", PerMinute: 7},
	}
	if !slices.Equal(targets, want) {
		t.Errorf("got  %+v\nwant %+v", targets, want)
	}
	for i, prefix := range []string{"/api/unstable/", "/v1/management/"} {
		if got := targets[i].Prefix(); got != prefix {
			t.Errorf("%s: the prefix is %s", targets[i].System, got)
		}
	}
}

// What is missing or cannot be meant is named by its variable.
func TestTargetsThatAreNotWhole(t *testing.T) {
	t.Parallel()
	const omni, reporter = "https://acme.omniapp.co", "http://127.0.0.1:4006"
	for want, variables := range map[string]map[string]string{
		"no server is named":                      {"OMNI_API_TOKEN": "t"},
		"OMNI_BASE_URL: ":                         {"OMNI_BASE_URL": "acme", "OMNI_API_TOKEN": "t"},
		"OMNI_API_TOKEN is not":                   {"OMNI_BASE_URL": omni},
		"OMNI_MAX_REQUESTS_PER_MINUTE is not":     {"OMNI_BASE_URL": omni, "OMNI_API_TOKEN": "t", "OMNI_MAX_REQUESTS_PER_MINUTE": "99999999999999999999"},
		"REPORTER_MAX_REQUESTS_PER_MINUTE is not": {"REPORTER_BASE_URL": reporter, "REPORTER_MAX_REQUESTS_PER_MINUTE": "0"},
	} {
		if all, err := Targets(env(variables)); err == nil || !strings.Contains(err.Error(), want) || all != nil {
			t.Errorf("%v: %v, %v", variables, all, err)
		}
	}
	all, err := Targets(env(map[string]string{
		"OMNI_BASE_URL": omni, "OMNI_API_TOKEN": "token", "OMNI_API_KEY": "key", "OMNI_MAX_REQUESTS_PER_MINUTE": "1",
		"REPORTER_BASE_URL": reporter, "REPORTER_PRODUCT_NAME": "sales", "REPORTER_TOKEN": "bearer",
	}))
	want := []Target{
		{System: Omni, Origin: omni, Version: "v1", Token: "token", PerMinute: 1},
		{System: Reporter, Origin: reporter, Product: "sales", Token: "bearer", PerMinute: 100},
	}
	if err != nil || !slices.Equal(all, want) {
		t.Errorf("got  %+v, %v\nwant %+v", all, err, want)
	}
}

func env(variables map[string]string) func(string) string {
	return func(name string) string { return variables[name] }
}

func TestIsOurs(t *testing.T) {
	t.Parallel()
	name := NewName()
	const former = "tf-acc-abcdefghijqtqz" // as an earlier run named it
	for _, ours := range []string{name, name + "-prod", NewName(), former} {
		if !IsOurs(ours) {
			t.Errorf("%q is not taken for ours", ours)
		}
	}
	for _, theirs := range []string{"", "tf-acc-", "tf-acc-test", "tf-acc-production", "tf-acc-production-eu", "tf-acc-productioncopy", "tf-acc-k2v7hq3mz", name + "-a-b", name + "-", "a " + name, name + "\n", AttributeName(name)} {
		if IsOurs(theirs) {
			t.Errorf("%q is taken for ours", theirs)
		}
	}
	if got := AttributeName(former); got != "tf_acc_abcdefghijqtqz" {
		t.Errorf("the attribute is called %q", got)
	}
	if name == NewName() {
		t.Error("two names are the same")
	}
}

// serve answers requests in order, and returns a server that sends them.
func serve(t *testing.T, answers ...http.HandlerFunc) *Server {
	t.Helper()
	requests := 0
	listening := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		answers[min(requests, len(answers))-1](w, r)
	}))
	t.Cleanup(listening.Close)
	server, err := Connect(t.Context(), Target{System: Omni, Origin: listening.URL, Version: "v1", Token: "t", PerMinute: 100000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server
}

// A server is reached through the proxy that the environment names, as the provider
// reaches it.
func TestProxyOfTheEnvironment(t *testing.T) {
	t.Parallel()
	server, err := Connect(t.Context(), Target{System: Omni, PerMinute: 1})
	if err != nil {
		t.Fatal(err)
	}
	transport, ok := server.client.Transport.(*http.Transport)
	if !ok || transport.Proxy == nil {
		t.Fatal("no proxy is asked for")
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://omni.example.com", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if proxy, err := transport.Proxy(request); err != nil || proxy == nil || proxy.String() != theProxy {
		t.Errorf("the proxy is %v (%v)", proxy, err)
	}
}

// A request that the rate limit refuses is sent again, and the headers of the first
// refusal are kept.
func TestDoWaitsForTheLimit(t *testing.T) {
	t.Parallel()
	refuse := func(header string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "0")
			w.Header().Set("X-Refusal", header)
			w.WriteHeader(http.StatusTooManyRequests)
		}
	}
	server := serve(t, refuse("first"), refuse("second"), func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(w, `{"body":%q,"path":%q,"authorization":%q}`, body, r.URL.Path, r.Header.Get("Authorization"))
	})
	answer, err := server.Do(t.Context(), http.MethodPost, "connections", map[string]int{"a": 1}, nil)
	if err != nil || answer.Text("body") != `{"a":1}` || answer.Text("path") != "/api/v1/connections" || answer.Text("authorization") != "Bearer t" {
		t.Errorf("%s, %v", answer.Body, err)
	}
	if server.Sent != 3 || server.Limited.Get("X-Refusal") != "first" {
		t.Errorf("%d requests, the first refused with %v", server.Sent, server.Limited)
	}
	answer, err = server.Do(t.Context(), http.MethodPost, "/elsewhere", []byte("{"), http.Header{"Authorization": nil})
	if err != nil || answer.Text("body") != "{" || answer.Text("path") != "/elsewhere" || answer.Text("authorization") != "" {
		t.Errorf("%s, %v", answer.Body, err)
	}
}

// A server that asks to wait for long is not waited for.
func TestDoGivesUp(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	answer, err := server.Do(t.Context(), http.MethodGet, "connections", nil, nil)
	if err != nil || answer.Status != http.StatusTooManyRequests || server.Sent != 1 {
		t.Errorf("%d after %d requests, %v", answer.Status, server.Sent, err)
	}
}

// A server that refuses for ever is asked eight times, further and further apart where
// it does not say how long to wait; a wait of five minutes is not too long, and the
// caller may end it.
func TestDoWaitsLongerEachTime(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		retryAfter string
		timeout    time.Duration
		took       time.Duration
		sent       int
		err        error
	}{
		"no header":    {"", time.Hour, 140 * time.Second, 8, nil},
		"five minutes": {"300", time.Hour, 35 * time.Minute, 8, nil},
		"too long":     {"301", time.Hour, 0, 1, nil},
		"a deadline":   {"", 12 * time.Second, 12 * time.Second, 2, context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := host.New(func(w http.ResponseWriter, _ *http.Request) {
					if test.retryAfter != "" {
						w.Header().Set("Retry-After", test.retryAfter)
					}
					w.WriteHeader(http.StatusTooManyRequests)
				}, 0)
				server := connectInMemory(t, h, 60_000)
				ctx, cancel := context.WithTimeout(t.Context(), test.timeout)
				defer cancel()
				began := time.Now()
				answer, err := server.Do(ctx, http.MethodGet, "connections", nil, nil)
				if !errors.Is(err, test.err) || err == nil && answer.Status != http.StatusTooManyRequests || server.Sent != test.sent || time.Since(began).Round(time.Second) != test.took {
					t.Errorf("%d, %v after %d requests and %s", answer.Status, err, server.Sent, time.Since(began))
				}
			})
		})
	}
}

// Requests are apart, as the limit of the server allows, and without a token none is
// sent; a body has its type, no body has none.
func TestRequestsAreApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := host.New(func(http.ResponseWriter, *http.Request) {}, 100)
		server := connectInMemory(t, h, 6)
		began := time.Now()
		for _, body := range []any{nil, map[string]int{"a": 1}, []byte("x"), nil} {
			if _, err := server.Do(t.Context(), http.MethodPost, "x", body, nil); err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(began); took != 30*time.Second {
			t.Errorf("four requests took %s", took)
		}
		var types []string
		for _, r := range h.Requests() {
			types = append(types, r.Header.Get("Content-Type")+" "+string(r.Body))
			if _, ok := r.Header["Authorization"]; ok {
				t.Error("an authorization was sent")
			}
		}
		if want := []string{" ", `application/json {"a":1}`, "application/json x", " "}; !slices.Equal(types, want) {
			t.Errorf("%q", types)
		}
		if _, err := server.Do(t.Context(), http.MethodPost, "x", func() {}, nil); err == nil {
			t.Error("a function became JSON")
		}
		if _, err := server.Do(t.Context(), "a method", "x", nil, nil); err == nil {
			t.Error("a method with a space was sent")
		}
	})
}

func TestReadOnlySendsNoWrite(t *testing.T) {
	t.Parallel()
	server := serve(t, func(http.ResponseWriter, *http.Request) {})
	server.ReadOnly = true
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		if _, err := server.Do(t.Context(), method, "connections", nil, nil); !errors.Is(err, ErrReadOnly) {
			t.Errorf("%s: %v", method, err)
		}
	}
	if _, err := server.Do(t.Context(), http.MethodGet, "connections", nil, nil); err != nil || server.Sent != 1 {
		t.Errorf("GET: %v after %d requests", err, server.Sent)
	}
}

// An answer that breaks off is an error, and of an endless one the beginning is read,
// and the connection closed.
func TestAnswersThatAreNotWhole(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		isClosed := false
		h := host.New(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/short" {
				w.Header().Set("Content-Length", "10")
				_, _ = io.WriteString(w, "{}")
				return
			}
			for block := make([]byte, 1<<20); ; {
				if _, err := w.Write(block); err != nil {
					isClosed = true
					return
				}
			}
		}, 0)
		server := connectInMemory(t, h, 60_000)
		if answer, err := server.Do(t.Context(), http.MethodGet, "/short", nil, nil); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%q, %v", answer.Body, err)
		}
		if answer, err := server.Do(t.Context(), http.MethodGet, "/endless", nil, nil); err != nil || len(answer.Body) != 16<<20 {
			t.Errorf("%d bytes, %v", len(answer.Body), err)
		}
		if synctest.Wait(); !isClosed {
			t.Error("the connection is still open")
		}
	})
}

// A connection serves one request after the other until Close.
func TestCloseGivesConnectionsBack(t *testing.T) {
	t.Parallel()
	server := serve(t, func(http.ResponseWriter, *http.Request) {})
	var reused []bool
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) { reused = append(reused, c.Reused) }})
	for range 2 {
		if _, err := server.Do(ctx, http.MethodGet, "connections", nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	server.Close()
	if _, err := server.Do(ctx, http.MethodGet, "connections", nil, nil); err != nil || !slices.Equal(reused, []bool{false, true, false}) {
		t.Errorf("connections were reused: %v, %v", reused, err)
	}
}

// Credentials are exchanged for a token; a login that gives out none is not a
// connection without one.
func TestConnectExchangesCredentials(t *testing.T) {
	t.Parallel()
	login := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch string(body) {
		case `{"clientId":"c","clientSecret":"s","grantType":"client_credentials"}`:
			_, _ = io.WriteString(w, `{"accessToken":"given"}`)
		case `{"clientId":"c","clientSecret":"empty","grantType":"client_credentials"}`:
			_, _ = io.WriteString(w, `{"token":"elsewhere"}`)
		default:
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(login.Close)
	connect := func(ctx context.Context, secret string) (*Server, error) {
		targets, err := Targets(env(map[string]string{
			"REPORTER_BASE_URL": "http://127.0.0.1:1", "REPORTER_AUTH_URL": login.URL, "REPORTER_CLIENT_ID": "c", "REPORTER_CLIENT_SECRET": secret,
		}))
		if err != nil {
			t.Fatal(err)
		}
		server, err := Connect(ctx, targets[0])
		if server != nil {
			t.Cleanup(server.Close)
		}
		return server, err
	}
	if server, err := connect(t.Context(), "s"); err != nil || server.Token != "given" {
		t.Errorf("%v, %v", server, err)
	}
	for secret, status := range map[string]int{"wrong": 401, "empty": 200} {
		want := fmt.Sprintf("%s gave out no token: it answered %d", login.URL, status)
		if server, err := connect(t.Context(), secret); server != nil || err == nil || err.Error() != want {
			t.Errorf("%s: %v, %v", secret, server, err)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if server, err := connect(gone, "s"); server != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", server, err)
	}
}

func TestAnswerAt(t *testing.T) {
	t.Parallel()
	a := Answer{Body: []byte(`{"list":[{"id":"x","gone":null}],"n":1}`)}
	if a.Text("list", 0, "id") != "x" || a.At("list", 1, "id") != nil || a.Text("n") != "" || a.At("n", "deeper") != nil {
		t.Error("a wrong value")
	}
	if !a.Has("list", 0, "gone") || a.Has("list", 0, "none") || a.Has("n", "deeper") {
		t.Error("a wrong key")
	}
	if (Answer{Body: []byte("<html>")}).JSON() != nil {
		t.Error("HTML is JSON")
	}
}

// connectInMemory connects to a host that listens without a socket.
func connectInMemory(t *testing.T, h *host.Host, perMinute int) *Server {
	t.Helper()
	h.ListenInMemory(t)
	server, err := Connect(t.Context(), Target{System: Reporter, Origin: h.URL(), PerMinute: perMinute})
	if err != nil {
		t.Fatal(err)
	}
	server.client.Transport = &http.Transport{DialContext: h.Dial, DisableKeepAlives: true}
	return server
}
