// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package fault_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
)

const own = `{"answer":"the server's own"}`

// site is a server behind a script that counts what reaches it.
type site struct {
	*httptest.Server
	script  fault.Script
	arrived atomic.Int32 // at the script
	handled atomic.Int32
	body    atomic.Value
}

func start(t *testing.T, tls bool, faults ...fault.Fault) *site {
	t.Helper()
	s := &site{}
	for _, f := range faults {
		s.script.Add(f)
	}
	script := s.script.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.handled.Add(1)
		body, _ := io.ReadAll(r.Body)
		s.body.Store(string(body))
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, own)
	}))
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.arrived.Add(1)
		script.ServeHTTP(w, r)
	}))
	if tls {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(func() {
		s.script.Close()
		s.Close()
	})
	return s
}

// do sends a request; the answer's body is read, err tells how that ended.
func (s *site) do(ctx context.Context, t *testing.T, method, path string) (*http.Response, string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, s.URL+path, strings.NewReader("asked"))
	if err != nil {
		t.Fatal(err)
	}
	client := s.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return resp, string(body), err
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault   fault.Fault
		status  int
		body    string // part of it
		header  http.Header
		handled int32
	}{
		"status":         {fault: fault.Answer(409, `{"detail":"no"}`), status: 409, body: `"no"`, header: http.Header{"Content-Type": {"application/json"}}},
		"applied status": {fault: fault.InternalError().Applied(), status: 500, body: "Internal", handled: 1},
		"body alone":     {fault: fault.Fault{Body: "{}"}, status: 200, body: "{}"},
		"html":           {fault: fault.BadGateway(), status: 502, body: "<html>", header: http.Header{"Content-Type": {"text/html"}}},
		"429":            {fault: fault.RateLimited(), status: 429, body: "Too Many", header: http.Header{"Retry-After": nil}},
		"429 with wait":  {fault: fault.RateLimitedFor(1500 * time.Millisecond), status: 429, header: http.Header{"Retry-After": {"2"}}},
		"no success":     {fault: fault.NoSuccess(), status: 200, body: `"success":false`},
		"wrong shape":    {fault: fault.WrongShape(), status: 200, body: "["},
		"header alone":   {fault: fault.Fault{Header: http.Header{"X-Y": {"z"}}}, status: 200, header: http.Header{"X-Y": {"z"}, "Content-Type": {"application/json"}}},
		"not JSON":       {fault: fault.NotJSON(), status: 200, body: "<!doctype", header: http.Header{"Content-Type": {"text/html"}}},
		"empty":          {fault: fault.EmptyBody(), status: 200},
		"redirect":       {fault: fault.Fault{Redirect: "https://other.example/"}, status: 307, header: http.Header{"Location": {"https://other.example/"}}},
		"redirect 302":   {fault: fault.Fault{Redirect: "/x", Status: 302}, status: 302, header: http.Header{"Location": {"/x"}}},
		"late":           {fault: fault.Fault{Delay: time.Millisecond}, status: 201, body: own, handled: 1},
		"applied late":   {fault: fault.Fault{Delay: time.Millisecond, Apply: true}, status: 201, body: own, handled: 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, false, test.fault)
			resp, body, err := s.do(t.Context(), t, "POST", "/x")
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != test.status || !strings.Contains(body, test.body) {
				t.Errorf("got %d %q, want %d and %q", resp.StatusCode, body, test.status, test.body)
			}
			for key, want := range test.header {
				if got := resp.Header.Get(key); got != strings.Join(want, "") {
					t.Errorf("%s = %q, want %q", key, got, want)
				}
			}
			if got := s.handled.Load(); got != test.handled {
				t.Errorf("the server handled %d requests, want %d", got, test.handled)
			}
			if got := s.body.Load(); test.handled == 1 && got != "asked" {
				t.Errorf("the server read %q", got)
			}
			if resp, _, err := s.do(t.Context(), t, "POST", "/x"); err != nil || resp.StatusCode != 201 {
				t.Errorf("a fault that fires once fired twice: %v %v", resp, err)
			}
		})
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	for _, tls := range []bool{false, true} {
		for _, apply := range []bool{false, true} {
			s := start(t, tls, fault.Fault{Reset: true, Apply: apply, Times: fault.Forever})
			_, _, err := s.do(t.Context(), t, "POST", "/x")
			if !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("TLS %t, apply %t: got %v, want a reset connection", tls, apply, err)
			}
			if got := s.handled.Load() > 0; got != apply {
				t.Errorf("TLS %t, apply %t: handled is %t", tls, apply, got)
			}
		}
	}
}

// Where there is no connection to reset, the answer is broken off.
func TestResetWithoutAConnection(t *testing.T) {
	t.Parallel()
	defer func() {
		if got := recover(); got != http.ErrAbortHandler { //nolint:errorlint // it is this one
			t.Errorf("%v", got)
		}
	}()
	var script fault.Script
	script.Add(fault.Fault{Reset: true})
	script.Wrap(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), "GET", "/", http.NoBody))
}

func TestTruncate(t *testing.T) {
	t.Parallel()
	s := start(t, false, fault.Fault{Truncate: true}, fault.Fault{Truncate: true, Body: "1234567890"})
	resp, body, err := s.do(t.Context(), t, "POST", "/x")
	if !errors.Is(err, io.ErrUnexpectedEOF) || body != own[:len(own)/2] || resp.StatusCode != http.StatusCreated || resp.ContentLength != int64(len(own)) {
		t.Errorf("got %q, %v", body, err)
	}
	if _, body, err = s.do(t.Context(), t, "POST", "/x"); !errors.Is(err, io.ErrUnexpectedEOF) || body != "12345" {
		t.Errorf("got %q, %v", body, err)
	}
	if got := s.handled.Load(); got != 1 {
		t.Errorf("handled %d", got)
	}
}

func TestHangEndsWithTheClient(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]fault.Fault{
		"hang":         {Hang: true},
		"applied hang": {Hang: true, Apply: true},
		"long delay":   {Delay: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			f.Hook = cancel
			s := start(t, false, f)
			if _, _, err := s.do(ctx, t, "POST", "/x"); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			s.Close() // waits for the handler: it must have noticed
			if got := s.handled.Load() > 0; got != f.Apply {
				t.Errorf("handled is %t", got)
			}
		})
	}
}

func TestCloseEndsHanging(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]fault.Fault{
		"hang": {Hang: true}, "endless": {Endless: true}, "delay": {Delay: time.Hour},
	} {
		s := start(t, false, f)
		done := make(chan error, 1)
		go func() {
			resp, err := s.Client().Get(s.URL)
			if err == nil {
				_, err = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
			done <- err
		}()
		for s.arrived.Load() == 0 {
			time.Sleep(time.Millisecond)
		}
		s.script.Close()
		s.script.Close()
		if err := <-done; err == nil {
			t.Errorf("%s: the answer ended well", name)
		}
	}
}

func TestEndless(t *testing.T) {
	t.Parallel()
	s := start(t, false, fault.Fault{Endless: true, Body: `"first",`}, fault.Fault{Endless: true, Status: http.StatusBadGateway})
	resp, body, err := s.do(t.Context(), t, "GET", "/x")
	if err != nil || resp.StatusCode != 200 || len(body) != 1<<20 || resp.Header.Get("Content-Type") != "application/json" || !strings.HasPrefix(body, `["first","endless","endless",`) {
		t.Errorf("got %v, %d bytes, %v", resp, len(body), err)
	}
	if resp, body, err := s.do(t.Context(), t, "GET", "/x"); err != nil || resp.StatusCode != http.StatusBadGateway || len(body) != 1<<20 {
		t.Errorf("got %v, %d bytes, %v", resp, len(body), err)
	}
}

// Without a fault the server answers by itself.
func TestWithoutAFault(t *testing.T) {
	t.Parallel()
	var script fault.Script
	w := httptest.NewRecorder()
	script.Wrap(http.HandlerFunc(func(got http.ResponseWriter, _ *http.Request) {
		if got != http.ResponseWriter(w) {
			t.Error("the answer is kept back")
		}
	})).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/", http.NoBody))
}

func TestMatching(t *testing.T) {
	t.Parallel()
	var script fault.Script
	handler := script.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) }))
	ask := func(method, path string) int {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(method, path, bytes.NewReader(nil)))
		return w.Code
	}
	script.Add(fault.Answer(501, "").On("GET", "/a/*").After(1).Repeat(2))
	script.Add(fault.Answer(502, "").On("", "/a/*"))
	script.Add(fault.Answer(503, "").On("", "/b").Repeat(fault.Forever))
	if got := script.Pending(); got != 3 {
		t.Errorf("pending %d at the start", got)
	}
	for i, step := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/a", 200},     // "*" is a segment of its own
		{"GET", "/a/1/2", 200}, // and one only
		{"GET", "/a/1", 502},   // the first fault skips it, the second takes it
		{"POST", "/a/1", 200},  // the first is for GET, the second is used up
		{"GET", "/a/1", 501},
		{"GET", "/a/2", 501},
		{"GET", "/a/3", 200},
		{"GET", "/b", 503},
		{"PUT", "/b", 503},
	} {
		if got := ask(step.method, step.path); got != step.want {
			t.Errorf("step %d: %s %s got %d, want %d", i, step.method, step.path, got, step.want)
		}
	}
	if got := script.Pending(); got != 0 {
		t.Errorf("pending %d at the end", got)
	}
	script.Clear()
	if got := ask("GET", "/b"); got != 200 {
		t.Errorf("after Clear: %d", got)
	}
}

// What has not fired as often as it should is pending.
func TestPending(t *testing.T) {
	t.Parallel()
	for times, want := range map[int][]int{0: {1, 0, 0}, 2: {1, 1, 0}, fault.Forever: {1, 0, 0}} {
		var script fault.Script
		script.Add(fault.Answer(500, "").Repeat(times))
		handler := script.Wrap(http.NotFoundHandler())
		for asked, pending := range want {
			if got := script.Pending(); got != pending {
				t.Errorf("%d times: %d pending after %d requests", times, got, asked)
			}
			handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), "GET", "/", http.NoBody))
		}
	}
}

func TestMalformedPatternPanics(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	var script fault.Script
	script.Add(fault.Fault{Path: "/["})
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	s := start(t, false, fault.Answer(500, "").Repeat(10))
	var failed atomic.Int32
	var group sync.WaitGroup
	for range 30 {
		group.Go(func() {
			resp, err := s.Client().Get(s.URL)
			if err != nil {
				t.Error(err)
				return
			}
			resp.Body.Close()
			if resp.StatusCode == 500 {
				failed.Add(1)
			}
			s.script.Add(fault.Fault{Path: "/never"})
			s.script.Pending()
		})
	}
	group.Wait()
	if failed.Load() != 10 {
		t.Errorf("%d failed, want 10", failed.Load())
	}
	if got := s.script.Fired(); got != 10 {
		t.Errorf("%d requests met a fault, want 10", got)
	}
	s.script.Clear()
	if got := s.script.Fired(); got != 0 {
		t.Errorf("after Clear, %d requests met a fault", got)
	}
}

func TestHook(t *testing.T) {
	t.Parallel()
	s := start(t, false)
	var handled []int32
	hook := func() { handled = append(handled, s.handled.Load()) }
	s.script.Add(fault.Fault{Hook: hook})
	s.script.Add(fault.Fault{Hook: hook, Apply: true})
	for range 2 {
		if resp, body, err := s.do(t.Context(), t, "GET", "/x"); err != nil || resp.StatusCode != 201 || body != own {
			t.Errorf("got %v, %q, %v", resp, body, err)
		}
	}
	if !slices.Equal(handled, []int32{0, 2}) {
		t.Errorf("handled at the hooks: %v", handled)
	}
}

// The length that the server gave is not that of another body.
func TestRewriteOfAnAnswerWithALength(t *testing.T) {
	t.Parallel()
	var script fault.Script
	script.Add(fault.Fault{Rewrite: func([]byte) []byte { return []byte("longer") }})
	w := httptest.NewRecorder()
	script.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1")
		_, _ = w.Write([]byte("x"))
	})).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/", http.NoBody))
	if w.Body.String() != "longer" || w.Header().Get("Content-Length") != "" {
		t.Errorf("%s %v", w.Body, w.Header())
	}
}

func TestRewriteChangesTheServersOwnAnswer(t *testing.T) {
	t.Parallel()
	longer := func(body []byte) []byte { return append(body, " and more"...) }
	s := start(t, false, fault.Fault{Rewrite: longer}, fault.Fault{Rewrite: longer, Apply: true}, fault.Fault{Rewrite: longer, Status: http.StatusTeapot, Body: "scripted"})
	for _, want := range []struct {
		status int
		body   string
	}{
		{http.StatusCreated, own + " and more"}, {http.StatusCreated, own + " and more"}, {http.StatusTeapot, "scripted"}, {http.StatusCreated, own},
	} {
		response, err := http.Get(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || response.StatusCode != want.status || string(body) != want.body {
			t.Errorf("%d %q, %v; want %d %q", response.StatusCode, body, err, want.status, want.body)
		}
	}
}
