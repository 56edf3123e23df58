// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package httpclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

func TestFaultsAreRetriedWhereThatIsSafe(t *testing.T) {
	t.Parallel()
	faults := map[string]http.HandlerFunc{
		"reset":            reset,
		"truncated answer": truncated(200),
		"truncated error":  truncated(503),
	}
	for _, status := range []int{408, 500, 502, 503, 504} {
		faults[fmt.Sprint(status)] = reply(status, `{"detail":"try later"}`)
	}
	for name, fault := range faults {
		for _, method := range []string{"GET", "PUT", "DELETE"} {
			t.Run(name+" "+method, func(t *testing.T) {
				t.Parallel()
				s := newServer(t, fault, fault, ok)
				var out answer
				if err := newTestClient(t, s.URL).Do(t.Context(), Request{Method: method}, &out); err != nil || out.Value != "ok" {
					t.Errorf("Do() = %q, %v", out.Value, err)
				}
				s.expect(t, 3)
			})
		}
		for _, method := range []string{"POST", "PATCH"} {
			t.Run(name+" "+method, func(t *testing.T) {
				t.Parallel()
				s := newServer(t, fault, ok)
				e := fail(t, t.Context(), newTestClient(t, s.URL), Request{Method: method, Body: answer{"x"}})
				if !IsOutcomeUnknown(e) {
					t.Errorf("outcome is not unknown: %v", e)
				}
				wantText(t, e.Error(), "whether the server carried it out is not known")
				s.expect(t, 1)
			})
		}
		t.Run(name+" idempotent POST", func(t *testing.T) {
			t.Parallel()
			bodies := make(chan int64, 2)
			s := newServer(t,
				func(w http.ResponseWriter, r *http.Request) { bodies <- r.ContentLength; fault(w, r) },
				func(w http.ResponseWriter, r *http.Request) { bodies <- r.ContentLength; ok(w, r) })
			r := post()
			r.Idempotent = true
			var out answer
			if err := newTestClient(t, s.URL).Do(t.Context(), r, &out); err != nil {
				t.Error(err)
			}
			s.expect(t, 2)
			if first, second := <-bodies, <-bodies; first == 0 || first != second {
				t.Errorf("bodies of %d and %d bytes, want the same", first, second)
			}
		})
	}
}

func TestMayBeDone(t *testing.T) {
	t.Parallel()
	refused := reply(409, `{}`)
	for name, test := range map[string]struct {
		handlers []http.HandlerFunc
		want     bool
	}{
		"refused":                 {[]http.HandlerFunc{refused}, false},
		"limited, then refused":   {[]http.HandlerFunc{reply(429, `{}`), refused}, false},
		"lost, then refused":      {[]http.HandlerFunc{reset, refused}, true},
		"a fault, then refused":   {[]http.HandlerFunc{reply(503, `{}`), refused}, true},
		"faults to the end":       {[]http.HandlerFunc{reply(500, `{}`)}, true},
		"a success of no use":     {[]http.HandlerFunc{reply(200, `<html>`)}, true},
		"a redirect to elsewhere": {[]http.HandlerFunc{reply(303, ``, "Location", "http://elsewhere.example/")}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := post()
			r.Idempotent = true
			e := fail(t, t.Context(), newTestClient(t, newServer(t, test.handlers...).URL), r)
			if MayBeDone(e) != test.want || e.OutcomeUnknown {
				t.Errorf("%+v", *e)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if e := fail(t, ctx, newTestClient(t, newServer(t, ok).URL), post()); MayBeDone(e) {
		t.Errorf("not sent: %+v", *e)
	}
	if MayBeDone(errors.New("x")) || MayBeDone(nil) {
		t.Error("an error of another kind")
	}
}

func TestRetriesEnd(t *testing.T) {
	t.Parallel()
	s := newServer(t, reply(503, `{"detail":"down"}`, "X-Request-Id", "r-1"))
	e := fail(t, t.Context(), newTestClient(t, s.URL), get("a"))
	s.expect(t, 4)
	wantKind(t, e, KindServer)
	if e.Attempts != 4 || e.Status != 503 || e.RequestID != "r-1" || e.OutcomeUnknown || e.Waited <= 0 {
		t.Errorf("error = %+v", *e)
	}
	wantText(t, e.Error(), "Test: GET ", "/a: 503 Service Unavailable: down", "r-1", "4 attempts")
}

// What a message says was waited is the time between attempts, not in them.
func TestWaitedIsNotTheTimeOfAttempts(t *testing.T) {
	t.Parallel()
	at := &clock{}
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		at.advance(7 * time.Second)
		reply(503, "")(w, r)
	})
	book := &logbook{}
	client := newTestClient(t, s.URL, withClock(at), func(c *Config) {
		c.Log = func(ctx context.Context, message string, fields map[string]any) {
			at.advance(3 * time.Second) // an attempt is logged when it is over
			book.log(ctx, message, fields)
		}
	})
	e := fail(t, t.Context(), client, get("a"))
	if e.Waited != 4*3*time.Second || !e.SentAt.Equal(time.Unix(3*(7+3), 0)) {
		t.Errorf("waited %s, sent at %s", e.Waited, e.SentAt)
	}
	wantText(t, e.Error(), "(4 attempts, waited 12s)")
	for _, line := range book.lines {
		if line["duration_ms"] != int64(7000) {
			t.Errorf("line = %v", line)
		}
	}
}

func TestNotRetried(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 401, 403, 404, 405, 409, 410, 422, 501} {
		for _, r := range []Request{get(), post()} {
			s := newServer(t, reply(status, `{}`))
			if e := fail(t, t.Context(), newTestClient(t, s.URL), r); e.OutcomeUnknown || e.Status != status {
				t.Errorf("%d: error = %+v", status, *e)
			}
			s.expect(t, 1)
		}
	}
}

// droppingListener closes the first connections before anything is read.
type droppingListener struct {
	net.Listener
	drop atomic.Int64
}

func (l *droppingListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil || l.drop.Add(-1) < 0 {
			return conn, err
		}
		_ = conn.Close()
	}
}

func TestWhatNeverLeftIsRetried(t *testing.T) {
	t.Parallel()
	t.Run("TLS handshake broken off", func(t *testing.T) {
		t.Parallel()
		s := &server{}
		s.Server = httptest.NewUnstartedServer(s.handler(ok))
		listener := &droppingListener{Listener: s.Listener}
		listener.drop.Store(2)
		s.Listener = listener
		s.StartTLS()
		t.Cleanup(s.Close)
		client := newTestClient(t, s.URL, func(c *Config) { c.InsecureSkipVerify = true })
		var out answer
		if err := client.Do(t.Context(), post(), &out); err != nil {
			t.Error(err)
		}
		s.expect(t, 1)
	})
	t.Run("connection refused", func(t *testing.T) {
		t.Parallel()
		s := newServer(t, ok)
		s.Close()
		book := &logbook{}
		e := fail(t, t.Context(), newTestClient(t, s.URL, func(c *Config) { c.Log = book.log }), post())
		wantKind(t, e, KindNetwork)
		if e.OutcomeUnknown || e.Attempts != 4 || len(book.lines) != 4 {
			t.Errorf("error = %+v after %d attempts", *e, len(book.lines))
		}
		wantText(t, e.Error(), "refused", "base_url")
	})
	t.Run("no such host", func(t *testing.T) {
		t.Parallel()
		e := fail(t, t.Context(), newTestClient(t, "https://no-such-host.invalid"), post())
		if e.OutcomeUnknown || e.Attempts != 4 {
			t.Errorf("error = %+v", *e)
		}
	})
}

// A kept connection that the server closed meanwhile is no fault of the request.
func TestDeadKeptConnection(t *testing.T) {
	t.Parallel()
	s := newServer(t, ok)
	client := newTestClient(t, s.URL, func(c *Config) { c.MaxRetries = 0 })
	for range 5 {
		var out answer
		if err := client.Do(t.Context(), get(), &out); err != nil {
			t.Fatal(err)
		}
		s.CloseClientConnections()
	}
}

// A body that the server did not get whole cannot have been carried out.
func TestBodyCutShortIsSentAgain(t *testing.T) {
	t.Parallel()
	s := newServer(t, reset, ok) // which reads no body
	large := Request{Method: http.MethodPost, Body: answer{strings.Repeat("x", 16<<20)}}
	if err := newTestClient(t, s.URL).Do(t.Context(), large, nil); err != nil {
		t.Error(err)
	}
	s.expect(t, 2)
}

func TestAttemptTimeout(t *testing.T) {
	t.Parallel()
	short := func(c *Config) { c.RequestTimeout = 2 * time.Second; c.MaxRetries = 1 }
	stuck := func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(200)
		_ = http.NewResponseController(w).Flush()
		hang(w, r)
	}
	for name, handler := range map[string]http.HandlerFunc{"no answer": hang, "no end of the body": stuck} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newServerInMemory(t, handler)
				client := newTestClient(t, s.URL, s.inMemory, short)
				e := fail(t, t.Context(), client, get())
				wantKind(t, e, KindTimeout)
				s.expect(t, 2)
				wantText(t, e.Error(), "2s", "request_timeout")

				e = fail(t, t.Context(), client, post())
				wantKind(t, e, KindTimeout)
				if !e.OutcomeUnknown {
					t.Error("outcome of a POST is not unknown")
				}
				s.expect(t, 3)
			})
		})
	}
}

func TestOperationDeadlineAndCancel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := newServerInMemory(t, hang, func(w http.ResponseWriter, r *http.Request) {
			cancel()
			hang(w, r)
		})
		client := newTestClient(t, s.URL, s.inMemory)

		short, stop := context.WithTimeout(t.Context(), 5*time.Second)
		defer stop()
		e := fail(t, short, client, post())
		wantKind(t, e, KindTimeout)
		if !e.OutcomeUnknown || !errors.Is(e, context.DeadlineExceeded) || !IsTimeout(e) {
			t.Errorf("error = %+v", *e)
		}

		e = fail(t, ctx, client, post())
		wantKind(t, e, KindCanceled)
		if !e.OutcomeUnknown || !errors.Is(e, context.Canceled) {
			t.Errorf("error = %+v", *e)
		}
		s.expect(t, 2)

		e = fail(t, ctx, client, post()) // canceled before
		if e.OutcomeUnknown || e.Kind != KindCanceled {
			t.Errorf("error = %+v", *e)
		}
		s.expect(t, 2)
	})
}

func TestCancelWhileWaiting(t *testing.T) {
	t.Parallel()
	s := newServer(t, reply(429, "", "Retry-After", "60"))
	ctx, cancel := context.WithCancel(t.Context())
	logged := func(c *Config) { // an attempt is logged when it has failed
		c.Log = func(context.Context, string, map[string]any) { cancel() }
	}
	e := fail(t, ctx, newTestClient(t, s.URL, logged), post())
	wantKind(t, e, KindCanceled)
	if e.OutcomeUnknown {
		t.Error("outcome is unknown after a 429")
	}
	s.expect(t, 1)
}

func TestWaitBeyondTheDeadlineEndsAtOnce(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"long":   reply(429, `{"detail":"slow down"}`, "Retry-After", "3600"),
		"absurd": reply(429, `{"detail":"slow down"}`, "Retry-After", strings.Repeat("9", 40)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newServerInMemory(t, handler)
				began := time.Now()
				for _, withDeadline := range []bool{true, false} {
					client := newTestClient(t, s.URL, s.inMemory) // the other one is paused
					ctx := t.Context()
					if withDeadline {
						var cancel context.CancelFunc
						ctx, cancel = context.WithTimeout(ctx, time.Minute)
						defer cancel()
					}
					e := fail(t, ctx, client, post())
					wantKind(t, e, KindRateLimited)
					if e.OutcomeUnknown || !IsRateLimited(e) {
						t.Errorf("error = %+v", *e)
					}
					wantText(t, e.Error(), "max_requests_per_minute", "raise the timeout")
					wantText(t, e.Error(), "slow down", "1 attempt", "waiting")
				}
				if d := time.Since(began); d != 0 {
					t.Errorf("took %s, want an error at once", d)
				}
			})
		})
	}
}

func TestPlainBackoff(t *testing.T) {
	t.Parallel()
	c := &call{client: newTestClient(t, "https://example.com", func(c *Config) { c.MinBackoff, c.MaxBackoff = 0, 0 })}
	for attempts, want := range map[int]time.Duration{
		0: 500 * time.Millisecond, 1: 500 * time.Millisecond, 2: time.Second, 3: 2 * time.Second, 7: 30 * time.Second, 1 << 30: 30 * time.Second,
	} {
		for range 100 {
			if got := c.client.Backoff(attempts); got < want/2 || got > want {
				t.Fatalf("Backoff(%d) = %s, want %s to %s", attempts, got, want/2, want)
			}
		}
	}
}

func TestLogHasOneLinePerAttempt(t *testing.T) {
	t.Parallel()
	const password = "p4ssw0rd-in-body"
	s := newServer(t, reply(503, `{"detail":"no `+password+`"}`, "X-Request-Id", "r-"+token), ok)
	book := &logbook{}
	client := newTestClient(t, s.URL, func(c *Config) { c.Log = book.log })
	r := Request{
		Method: "PUT", Path: []string{"a b"}, Query: map[string][]string{"name": {password}, "b": {"1"}},
		Header: http.Header{"X-Extra": {password}}, Body: answer{password}, Secrets: []secret.String{secret.New(password)},
	}
	var out answer
	if err := client.Do(t.Context(), r, &out); err != nil {
		t.Fatal(err)
	}
	if len(book.lines) != 2 {
		t.Fatalf("%d lines, want 2: %v", len(book.lines), book.lines)
	}
	for i, line := range book.lines {
		if text := fmt.Sprint(line); strings.Contains(text, password) || strings.Contains(text, token) {
			t.Errorf("log shows a secret: %s", text)
		}
		if line["message"] != "HTTP request" || line["system"] != "Test" || line["attempt"] != i+1 || line["method"] != "PUT" || line["host"] != client.base.Host || line["path"] != "/a%20b" || fmt.Sprint(line["query_keys"]) != "[b name]" || line["bytes"] == 0 {
			t.Errorf("line %d = %v", i, line)
		}
	}
	if _, again := book.lines[0]["retry_in_ms"]; !again || book.lines[0]["status"] != 503 || book.lines[0]["request_id"] == nil {
		t.Errorf("first line = %v", book.lines[0])
	}
	if _, again := book.lines[1]["retry_in_ms"]; again || book.lines[1]["status"] != 200 {
		t.Errorf("last line = %v", book.lines[1])
	}
}

// What there is not is not logged as empty, and a wait that nobody asked for is the
// backoff.
func TestLogOfAPlainRequest(t *testing.T) {
	t.Parallel()
	book := &logbook{}
	client := newTestClient(t, newServer(t, reply(500, ""), ok).URL, func(c *Config) {
		c.Log, c.MinBackoff, c.MaxBackoff = book.log, 10*time.Millisecond, 10*time.Millisecond
	})
	if err := client.Do(t.Context(), get(), nil); err != nil || len(book.lines) != 2 {
		t.Fatalf("%v, %v", book.lines, err)
	}
	for _, line := range book.lines {
		for _, key := range []string{"query_keys", "request_id", "error"} {
			if value, there := line[key]; there {
				t.Errorf("%s is logged as %v", key, value)
			}
		}
	}
	if wait, _ := book.lines[0]["retry_in_ms"].(int64); wait < 5 || wait > 10 {
		t.Errorf("first line = %v", book.lines[0])
	}
	book.lines = nil
	broken := newTestClient(t, newServer(t, reset, ok).URL, func(c *Config) { c.Log = book.log })
	if err := broken.Do(t.Context(), get(), nil); err != nil || len(book.lines) != 2 || fmt.Sprint(book.lines[0]["error"]) == "" || book.lines[0]["error"] == nil || book.lines[0]["status"] != nil {
		t.Errorf("%v, %v", book.lines, err)
	}
}

func TestFaultWaitBeyondTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServerInMemory(t, reply(503, `{"detail":"maintenance"}`, "Retry-After", "3600"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		e := fail(t, ctx, newTestClient(t, s.URL, s.inMemory), get())
		wantKind(t, e, KindServer)
		wantText(t, e.Error(), "maintenance", "would pass the deadline", "raise the timeout")
		s.expect(t, 1)
	})
}

func TestFinal500(t *testing.T) {
	t.Parallel()
	r := get("x")
	r.Final500 = true
	for kind, final := range map[Kind]http.HandlerFunc{KindServer: reply(500, ""), KindNetwork: truncated(500)} { // the status is enough
		s := newServer(t, reply(503, ""), final, ok)
		e := fail(t, t.Context(), newTestClient(t, s.URL), r)
		wantKind(t, e, kind)
		s.expect(t, 2)
	}
}

// Without a deadline the time for waits is counted from the first of them.
func TestPatience(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &call{}
		for _, want := range []time.Duration{maxPatience, maxPatience - time.Minute, maxPatience - 2*time.Minute} {
			if got := c.patience(t.Context()); got != want {
				t.Errorf("%s left, want %s", got, want)
			}
			time.Sleep(time.Minute)
		}
	})
}

// roundTrip is a transport.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A server that answers before it has the whole body has seen the request.
func TestAnswerToAPartOfTheBody(t *testing.T) {
	t.Parallel()
	client := newTestClient(t, "http://example.com")
	client.transport.RegisterProtocol("http", roundTrip(func(r *http.Request) (*http.Response, error) {
		httptrace.ContextClientTrace(r.Context()).WroteRequest(httptrace.WroteRequestInfo{Err: io.ErrClosedPipe})
		return &http.Response{StatusCode: http.StatusInternalServerError, Body: http.NoBody}, r.Body.Close()
	}))
	if e := fail(t, t.Context(), client, post()); !e.OutcomeUnknown || e.Attempts != 1 {
		t.Errorf("error = %+v", *e)
	}
}
