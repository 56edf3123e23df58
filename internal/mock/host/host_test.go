// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package host_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/failtest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/host"
)

// echo answers with the body, and with the status that the query names.
func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if r.URL.Query().Has("teapot") {
		w.WriteHeader(http.StatusTeapot)
	}
	_, _ = w.Write(body)
}

func send(t *testing.T, client *http.Client, method, url, body string) (status int, answer string, err error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

// plain is a client that keeps no connection.
func plain() *http.Client { return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} }

func TestHostThatDoesNotListen(t *testing.T) {
	t.Parallel()
	h := host.New(echo, 10)
	if h.URL() != "" || h.CertificatePEM() != "" {
		t.Errorf("%q, %q", h.URL(), h.CertificatePEM())
	}
	h.Close() // nothing to stop
}

// Close ends requests that a fault has hanging, also those that came without a socket.
func TestCloseEndsWhatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := host.New(echo, 10)
		h.Faults().Add(fault.Fault{Hang: true})
		hasEnded := false
		go func() {
			defer func() { hasEnded = recover() == http.ErrAbortHandler }() //nolint:errorlint // it is this one
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), "GET", "/", http.NoBody))
		}()
		if synctest.Wait(); hasEnded {
			t.Error("it did not hang")
		}
		h.Close()
		if synctest.Wait(); !hasEnded {
			t.Error("it still hangs")
		}
	})
}

// Close does not wait for a request that runs.
func TestCloseBreaksOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := host.New(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 10)
		h.ListenInMemory(t)
		client := &http.Client{Transport: &http.Transport{DialContext: h.Dial, DisableKeepAlives: true}}
		ended := make(chan error, 1)
		go func() {
			_, _, err := send(t, client, "GET", h.URL(), "")
			ended <- err
		}()
		synctest.Wait()
		h.Close()
		if err := <-ended; err == nil {
			t.Error("it was answered")
		}
	})
}

// A server that listens again has ended what it had; the end of the tests finds what
// has not.
func TestListenInMemoryAgain(t *testing.T) {
	t.Parallel()
	h := host.New(echo, 10)
	client := &http.Client{Transport: &http.Transport{DialContext: h.Dial, DisableKeepAlives: true}}
	for range 2 {
		h.ListenInMemory(t)
		if _, answer, err := send(t, client, "POST", h.URL(), "x"); err != nil || answer != "x" {
			t.Errorf("%q, %v", answer, err)
		}
	}
}

func TestListenAndRefuse(t *testing.T) {
	t.Parallel()
	h := host.New(echo, 10)
	h.Listen(t, false)
	first := h.URL()
	if _, answer, err := send(t, plain(), "POST", first, "x"); err != nil || answer != "x" || h.CertificatePEM() != "" {
		t.Errorf("%q, %v", answer, err)
	}
	lasting := &http.Client{Transport: &http.Transport{}} // keeps its connection
	defer lasting.CloseIdleConnections()
	if _, answer, err := send(t, lasting, "POST", first, "x"); err != nil || answer != "x" {
		t.Errorf("%q, %v", answer, err)
	}
	h.Refuse()
	for _, client := range []*http.Client{plain(), lasting} {
		if _, _, err := send(t, client, "POST", first, "x"); err == nil {
			t.Error("it still answers")
		}
	}
	h.Listen(t, false)
	dialing := &http.Client{Transport: &http.Transport{DialContext: h.Dial, DisableKeepAlives: true}}
	for _, client := range []*http.Client{plain(), dialing} {
		if _, answer, err := send(t, client, "POST", h.URL(), "y"); err != nil || answer != "y" {
			t.Errorf("%q, %v", answer, err)
		}
	}
	second := h.URL()
	h.Listen(t, false)
	if _, _, err := send(t, plain(), "POST", second, "y"); err == nil {
		t.Error("it listens on two ports")
	}
	h.Close()
	h.Close()
	if _, _, err := send(t, plain(), "POST", h.URL(), "y"); err == nil {
		t.Error("it answers after Close")
	}
}

func TestStart(t *testing.T) {
	t.Parallel()
	for want, transport := range map[string]host.Transport{
		"http://127.0.0.1:": {}, "https://127.0.0.1:": {TLS: true}, "http://127.0.0.1:1": {InMemory: true, TLS: true},
	} {
		h := host.New(echo, 10)
		h.Start(t, transport)
		if !strings.HasPrefix(h.URL(), want) || (h.URL() == want) != transport.InMemory || (h.CertificatePEM() != "") != (h.URL()[:5] == "https") {
			t.Errorf("%+v listens at %s", transport, h.URL())
		}
	}
}

// A fault reaches the connection through the record.
func TestReset(t *testing.T) {
	t.Parallel()
	h := host.New(echo, 10)
	h.Faults().Add(fault.Fault{Reset: true})
	h.Listen(t, false)
	if _, _, err := send(t, plain(), "POST", h.URL(), "x"); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("%v", err)
	}
}

func TestListenWithTLS(t *testing.T) {
	t.Parallel()
	h := host.New(echo, 10)
	h.Listen(t, true)
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(h.CertificatePEM())) {
		t.Fatalf("no certificate in %q", h.CertificatePEM())
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}}
	if _, answer, err := send(t, client, "POST", h.URL(), "x"); err != nil || answer != "x" || !strings.HasPrefix(h.URL(), "https://") {
		t.Errorf("%q, %v", answer, err)
	}
}

// Every request is recorded with what it was answered, also one that a fault takes;
// of a body as much as tells that it is too large, while the server gets all of it.
func TestRequestsAreRecorded(t *testing.T) {
	t.Parallel()
	h := host.New(echo, 3)
	h.Listen(t, false)
	began := time.Now()
	h.Faults().Add(fault.Answer(http.StatusBadGateway, "").On("DELETE", ""))
	if _, answer, err := send(t, plain(), "PUT", h.URL()+"/a/b?teapot=1", "12345678"); err != nil || answer != "12345678" {
		t.Errorf("%q, %v", answer, err)
	}
	if status, _, err := send(t, plain(), "DELETE", h.URL()+"/a/c", ""); err != nil || status != http.StatusBadGateway {
		t.Errorf("%d, %v", status, err)
	}
	all := h.Requests()
	if len(all) != 2 {
		t.Fatalf("%d requests", len(all))
	}
	put := all[0]
	if put.Method != "PUT" || put.Path != "/a/b" || put.Query.Get("teapot") != "1" || string(put.Body) != "1234" || put.Status != http.StatusTeapot || put.Header.Get("User-Agent") == "" || put.Time.Before(began) || put.Time.After(time.Now()) {
		t.Errorf("%+v", put)
	}
	if all[1].Status != http.StatusBadGateway {
		t.Errorf("%+v", all[1])
	}
	put.Body[0] = 'x' // the caller's own copy
	if string(h.Requests()[0].Body) != "1234" {
		t.Error("a record can be changed")
	}
	for _, c := range []struct {
		method, path string
		want         int
	}{{"", "", 2}, {"PUT", "", 1}, {"POST", "", 0}, {"", "/a/*", 2}, {"", "/a", 0}, {"DELETE", "/a/c", 1}, {"DELETE", "/a/b", 0}} {
		if got := h.CountRequests(c.method, c.path); got != c.want {
			t.Errorf("%s %s: %d requests, want %d", c.method, c.path, got, c.want)
		}
	}
	h.ResetRequests()
	if h.CountRequests("", "") != 0 {
		t.Error("requests are not forgotten")
	}
}

func TestForbid(t *testing.T) {
	t.Parallel()
	h := host.New(echo, 10)
	h.Forbid("PUT", "/a/*")
	h.Forbid("", "/b")
	for route, want := range map[string]bool{"PUT /a/1": true, "GET /a/1": false, "PUT /a": false, "PUT /c": false, "GET /b": true, "DELETE /b": true} {
		method, path, _ := strings.Cut(route, " ")
		r := httptest.NewRequestWithContext(t.Context(), method, path, http.NoBody)
		if h.IsForbidden(r) != want {
			t.Errorf("%s is forbidden: %t", route, !want)
		}
	}
	h.AllowAll()
	if h.IsForbidden(httptest.NewRequestWithContext(t.Context(), "GET", "/b", http.NoBody)) {
		t.Error("it is still forbidden")
	}
	h.Forbid("", "")
	if !h.IsForbidden(httptest.NewRequestWithContext(t.Context(), "GET", "/any", http.NoBody)) {
		t.Error("not everything is forbidden")
	}
}

// A mistake in a test's pattern shows where it is made.
func TestMalformedPatterns(t *testing.T) {
	t.Parallel()
	h := host.New(echo, 10)
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), "GET", "/", http.NoBody))
	failtest.RequirePanics(t, map[string]func(){
		"Forbid":        func() { h.Forbid("GET", "/[") },
		"CountRequests": func() { h.CountRequests("", "/[") },
	})
}

// The window of the rate limit slides, and what is refused does not count.
func TestAdmit(t *testing.T) {
	t.Parallel()
	h := host.New(echo, 10)
	start := time.Unix(1000, 0)
	for _, c := range []struct {
		at   time.Duration
		want bool
	}{
		{0, true},
		{30 * time.Second, true},
		{31 * time.Second, false},
		{time.Minute - 1, false},
		{time.Minute, true},
		{time.Minute, false},
		{89 * time.Second, false},
		{90 * time.Second, true},
		{time.Hour, true},
		{time.Hour, true},
		{time.Hour, false},
	} {
		if got := h.Admit(start.Add(c.at), 2); got != c.want {
			t.Errorf("after %s: %t", c.at, got)
		}
	}
	one := host.New(echo, 10)
	if !one.Admit(start, 1) || one.Admit(start, 1) || !one.Admit(start.Add(time.Minute), 1) {
		t.Error("not one a minute")
	}
	if !h.Admit(start.Add(time.Hour), 0) {
		t.Error("0 is no limit")
	}
}

// Without a socket a server answers in a bubble, where its delays take no time, while
// it does not refuse connections.
func TestListenInMemory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := host.New(echo, 10)
		h.ListenInMemory(t)
		client := &http.Client{Transport: &http.Transport{DialContext: h.Dial, DisableKeepAlives: true}}
		h.Faults().Add(fault.Fault{Delay: time.Hour})
		began := time.Now()
		if _, answer, err := send(t, client, "POST", h.URL(), "x"); err != nil || answer != "x" || time.Since(began) != time.Hour {
			t.Errorf("%q, %v after %s", answer, err, time.Since(began))
		}
		h.Refuse()
		if _, _, err := send(t, client, "POST", h.URL(), "x"); !errors.Is(err, syscall.ECONNREFUSED) || !strings.HasSuffix(err.Error(), ": dial tcp 127.0.0.1:1: connect: connection refused") {
			t.Errorf("it still answers: %v", err)
		}
		h.ListenInMemory(t)
		if _, answer, err := send(t, client, "POST", h.URL(), "x"); err != nil || answer != "x" {
			t.Errorf("it does not answer again: %q, %v", answer, err)
		}
	})
	h, elsewhere := host.New(echo, 10), host.New(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("elsewhere")) }, 10)
	h.ListenInMemory(t)
	elsewhere.Listen(t, false)
	client := &http.Client{Transport: &http.Transport{DialContext: h.Dial, DisableKeepAlives: true}}
	if _, answer, err := send(t, client, "POST", elsewhere.URL(), "x"); err != nil || answer != "elsewhere" {
		t.Errorf("another server's address reaches %q, %v", answer, err)
	}
}
