// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package httpclient

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// clock is set by hand.
type clock struct{ seconds atomic.Int64 }

func (c *clock) now() time.Time { return time.Unix(c.seconds.Load(), 0) }

func (c *clock) advance(d time.Duration) { c.seconds.Add(int64(d / time.Second)) }

func withClock(c *clock) func(*Config) {
	return func(config *Config) { config.Now = c.now }
}

// wantOutage runs a request that must be given up, and returns its message.
func wantOutage(t testing.TB, client *Client, r Request) string {
	t.Helper()
	e := fail(t, t.Context(), client, r)
	wantKind(t, e, KindOutage)
	if !IsOutage(e) || e.OutcomeUnknown || e.Attempts != 0 || e.Status != 0 {
		t.Errorf("error = %+v", *e)
	}
	return e.Error()
}

func TestOutageCostsOneWait(t *testing.T) {
	t.Parallel()
	at := &clock{}
	at.advance(25 * time.Hour)
	down := reply(503, `{"detail":"down for maintenance"}`)
	slowly := func(w http.ResponseWriter, r *http.Request) {
		at.advance(time.Minute)
		down(w, r)
	}
	s := newServer(t, slowly, slowly, slowly, slowly, down, down, ok, ok, down)
	client := newTestClient(t, s.URL, withClock(at))

	e := fail(t, t.Context(), client, get("first"))
	wantKind(t, e, KindServer)
	wantText(t, e.Error(), "GET ", "/first: 503 Service Unavailable: down for maintenance (4 attempts")
	s.expect(t, 4)

	at.advance(5 * time.Minute)
	message := wantOutage(t, client, get("second")) // one attempt shows that it goes on
	s.expect(t, 5)
	if want := "Test: " + client.base.Host + ": no usable answer since 01:00:00 UTC, when GET /first was tried 4 times: " +
		"503 Service Unavailable: down for maintenance"; message != want {
		t.Errorf("got %q, want %q", message, want)
	}
	for range 100 {
		if again := wantOutage(t, client, get("other")); again != message {
			t.Fatalf("messages differ: %q, %q", again, message)
		}
	}
	s.expect(t, 5)

	at.advance(probeInterval - time.Second)
	wantOutage(t, client, get("early"))
	s.expect(t, 5)
	at.advance(time.Second)
	wantOutage(t, client, get("probe"))
	s.expect(t, 6)
	wantOutage(t, client, get("after the probe"))
	s.expect(t, 6)

	at.advance(probeInterval)
	for range 2 { // it is back
		if err := client.Do(t.Context(), post("third"), nil); err != nil {
			t.Error(err)
		}
	}
	s.expect(t, 8)
	wantKind(t, fail(t, t.Context(), client, get("next outage")), KindServer)
	s.expect(t, 12)
}

func TestOutageMessage(t *testing.T) {
	t.Parallel()
	e := &Error{
		System: "Test", Method: "GET", Host: "example.com", Path: "/a", Kind: KindNetwork, Message: "connection refused",
		Attempts: 6, Hint: "check base_url", RequestID: "r-1", Waited: time.Minute,
	}
	got := e.asOutage(time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600)))
	want := "Test: example.com: no usable answer since 02:04:05 UTC, when GET /a was tried 6 times: connection refused; check base_url"
	for attempts, want := range map[int]string{1: "tried once:", 2: "tried 2 times:"} {
		if other := (&Error{Method: "GET", Path: "/a", Attempts: attempts}).asOutage(time.Now()); !strings.Contains(other.Message, want) {
			t.Errorf("got %q", other)
		}
	}
	if got.Error() != want || got.Kind != KindOutage {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOutageOfEveryKind(t *testing.T) {
	t.Parallel()
	stuck := func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(200)
		_ = http.NewResponseController(w).Flush()
		hang(w, r)
	}
	for name, address := range map[string]string{
		"reset":        newServer(t, reset).URL,
		"cut off":      newServer(t, truncated(503)).URL,
		"a part only":  newServer(t, truncated(200)).URL,
		"no body":      newServer(t, stuck).URL,
		"502":          newServer(t, reply(502, "")).URL,
		"408":          newServer(t, reply(408, "")).URL,
		"hangs":        newServer(t, hang).URL,
		"refused":      "http://127.0.0.1:1",
		"no such host": "https://no-such-host.invalid",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			book := &logbook{}
			client := newTestClient(t, address, func(c *Config) {
				c.MaxRetries, c.Log, c.RequestTimeout = 0, book.log, time.Second
			})
			if e := fail(t, t.Context(), client, get("a")); e.Kind == KindOutage || e.Attempts != 1 {
				t.Errorf("the first error is %+v", *e)
			}
			wantOutage(t, client, get("b"))
			wantOutage(t, client, post("c"))
			if n := len(book.lines); n != 3 || book.lines[2]["attempt"] != 0 {
				t.Errorf("%d lines, want two attempts and one request that is not sent: %v", n, book.lines)
			}
		})
	}
}

// What a server answers, or what was tried once only, is no outage.
func TestNoOutage(t *testing.T) {
	t.Parallel()
	once := get("a")
	once.Final500 = true
	for name, test := range map[string]struct {
		handler  http.HandlerFunc
		request  Request
		requests int64 // of each call
	}{
		"404":              {reply(404, "{}"), get("a"), 1},
		"501":              {reply(501, ""), get("a"), 1},
		"a page":           {reply(200, "<html>"), get("a"), 1},
		"a lost answer":    {reset, post("a"), 1},
		"500 to a trial":   {reply(500, ""), once, 1},
		"500":              {reply(500, ""), get("a"), 4},
		"a pause too long": {reply(503, "", "Retry-After", "3600"), get("a"), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, test.handler)
			client := newTestClient(t, s.URL)
			for range 3 {
				if e := fail(t, t.Context(), client, test.request); e.Kind == KindOutage {
					t.Errorf("error = %+v", *e)
				}
				clear(client.gate.pauses)
			}
			s.expect(t, 3*test.requests)
		})
	}
}

// One route that fails is no outage while another one answers.
func TestOtherAnswersPreventAnOutage(t *testing.T) {
	t.Parallel()
	var client *Client
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthy" {
			ok(w, r)
			return
		}
		reply(502, "")(w, r)
	})
	client = newTestClient(t, s.URL, func(c *Config) {
		c.Log = func(ctx context.Context, _ string, fields map[string]any) {
			if fields["path"] == "/sick" && fields["attempt"] == 2 {
				if err := client.Do(ctx, get("healthy"), nil); err != nil {
					t.Error(err)
				}
			}
		}
	})
	for range 3 {
		wantKind(t, fail(t, t.Context(), client, get("sick")), KindServer)
	}
	s.expect(t, 3*(4+1))
}

// A call that is under way when the outage begins makes no further attempt.
func TestOutageEndsCallsUnderWay(t *testing.T) {
	t.Parallel()
	begun, release := make(chan struct{}), make(chan struct{})
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			close(begun)
			<-release
		}
		reply(503, "")(w, r)
	})
	client := newTestClient(t, s.URL)
	var slow sync.WaitGroup
	slow.Go(func() { wantOutage(t, client, get("slow")) })
	<-begun
	wantKind(t, fail(t, t.Context(), client, get("quick")), KindServer)
	close(release)
	slow.Wait()
	s.expect(t, 1+4)
}

// Those who come during a probe wait for what it shows.
func TestProbeServesAll(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{"is back": ok, "is still down": reply(503, "")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begun, release := make(chan struct{}), make(chan struct{})
			s := newServer(t, reply(503, ""), func(w http.ResponseWriter, r *http.Request) {
				close(begun)
				<-release
				answer(w, r)
			}, answer)
			client := newTestClient(t, s.URL, func(c *Config) { c.MaxRetries = 0 })
			wantKind(t, fail(t, t.Context(), client, get("first")), KindServer)

			var calls sync.WaitGroup
			call := func() {
				if name == "is back" {
					if err := client.Do(t.Context(), post("x"), nil); err != nil {
						t.Error(err)
					}
					return
				}
				wantOutage(t, client, get("x"))
			}
			calls.Go(call)
			<-begun
			for range 20 {
				calls.Go(call)
			}
			impatient, cancel := context.WithCancel(t.Context())
			cancel()
			wantKind(t, fail(t, impatient, client, get("x")), KindCanceled)
			s.expect(t, 2)
			close(release)
			calls.Wait()
			if name == "is back" {
				s.expect(t, 2+20)
			} else {
				s.expect(t, 2)
			}
		})
	}
}

// down returns a client in an outage.
func down(t *testing.T, change ...func(*Config)) *Client {
	t.Helper()
	client := newTestClient(t, "https://example.com", change...)
	client.outage.begin(&Error{Message: "down"}, time.Now(), 0)
	return client
}

func TestProbe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &down(t).outage
		admit := func() chan struct{} {
			t.Helper()
			probe, err := o.admit(t.Context())
			if err != nil || probe == nil {
				t.Fatalf("admit() = %v, %v, want a probe", probe, err)
			}
			return probe
		}
		first := admit()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if probe, err := o.admit(ctx); probe != nil || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("admit() during a probe = %v, %v", probe, err)
		}
		o.end(nil, true) // of a call that is no probe
		o.end(first, false)
		o.end(first, true) // ended before
		second := admit()  // the first one made no attempt
		o.end(second, true)
		if probe, err := o.admit(t.Context()); probe != nil || !IsOutage(err) {
			t.Errorf("admit() after a failed probe = %v, %v", probe, err)
		}
		time.Sleep(probeInterval)
		third := admit()

		var waiting sync.WaitGroup
		waiting.Go(func() {
			if probe, err := o.admit(t.Context()); probe != nil || err != nil {
				t.Errorf("admit() after an answer = %v, %v", probe, err)
			}
		})
		synctest.Wait()
		o.answered() // to a call that was under way
		waiting.Wait()
		o.begin(&Error{}, time.Now(), o.count())
		fourth := admit()
		o.end(third, true) // of the outage before
		if o.probe != fourth {
			t.Error("the end of an old probe ended another")
		}
		o.end(fourth, true)
		o.answered()
		o.begin(&Error{}, time.Now(), o.count())
		admit() // at once, whatever the outage before has shown
	})
}

// A probe that was never sent shows nothing: the next call is one too.
func TestProbeThatIsNotSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := down(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		wantKind(t, fail(t, ctx, client, get()), KindCanceled)
		if probe, err := client.outage.admit(t.Context()); err != nil || probe == nil {
			t.Errorf("admit() = %v, %v, want a probe", probe, err)
		}
	})
}

// A call that waits at the gate when the outage begins is not sent for nothing.
func TestOutageWhileWaitingAtTheGate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newTestClient(t, "https://example.com")
		for range maxInFlight {
			if err := client.gate.enter(t.Context(), untilDeadline, "", false); err != nil {
				t.Fatal(err)
			}
		}
		enter := func() (*call, error) {
			c := &call{client: client}
			return c, c.enter(t.Context())
		}
		var waiting sync.WaitGroup
		waiting.Go(func() {
			c, err := enter()
			if err != nil || c.probe == nil {
				t.Errorf("enter() = %v, %v, want a probe", c.probe, err)
				return
			}
			client.outage.end(c.probe, true)
			client.gate.leave()
		})
		synctest.Wait()
		client.outage.begin(&Error{}, time.Now(), 0)
		client.gate.leave()
		waiting.Wait()
		if _, err := enter(); !IsOutage(err) {
			t.Errorf("enter() = %v", err)
		}
		if n := len(client.gate.slots); n != maxInFlight-1 {
			t.Errorf("%d slots are taken", n)
		}
	})
}

// What a lost answer belongs to has to be looked for: that is not given up
// because of the same lost answer.
func TestLostAnswerInAnOutage(t *testing.T) {
	t.Parallel()
	s := newServer(t, reply(503, ""), reset, ok)
	client := newTestClient(t, s.URL, func(c *Config) { c.MaxRetries = 0 })
	wantKind(t, fail(t, t.Context(), client, get("a")), KindServer)
	if e := fail(t, t.Context(), client, post("a")); !e.OutcomeUnknown {
		t.Errorf("error = %+v", *e)
	}
	if err := client.Do(t.Context(), get("a"), nil); err != nil {
		t.Error(err)
	}
	s.expect(t, 3)
}

func TestNoTurnInAnOutage(t *testing.T) {
	t.Parallel()
	client := down(t, func(c *Config) { c.MaxRequestsPerMinute = 60 })
	if client.Turn(t.Context()) {
		t.Error("a request got a turn")
	}
	client.outage.answered()
	if !client.Turn(t.Context()) {
		t.Error("after the outage there is no turn")
	}
}

// The outage of the service that gives tokens reads the same for every request.
func TestOutageOfTheTokenSource(t *testing.T) {
	t.Parallel()
	s := newServer(t, ok)
	source := &tokens{err: &Error{System: "Login", Host: "login", Kind: KindOutage, Message: "no usable answer"}}
	client := newTestClient(t, s.URL, with(source))
	message := wantOutage(t, client, get("a"))
	if again := wantOutage(t, client, post("b")); again != message {
		t.Errorf("messages differ: %q, %q", again, message)
	}
	wantText(t, message, "there is no access token: Login: login: no usable answer")
	s.expect(t, 0)
}

// The error of an outage says of each call what that call may have done.
func TestOutageTellsWhatMayBeDone(t *testing.T) {
	t.Parallel()
	at := &clock{}
	down := reply(503, `{"detail":"down"}`)
	s := newServer(t, down, down, down, down, down)
	client := newTestClient(t, s.URL, withClock(at))
	fail(t, t.Context(), client, get("first"))
	at.advance(5 * time.Minute)
	for _, isTried := range []bool{true, false} { // one attempt shows that it goes on
		e := fail(t, t.Context(), client, Request{Method: http.MethodPatch, Path: []string{"x"}, Idempotent: true})
		if !IsOutage(e) || e.MayBeDone != isTried {
			t.Errorf("tried: %t: %+v", isTried, *e)
		}
	}
	earlier := &call{client: client, mayBeDone: true} // and its last attempt did not get through
	if e := earlier.inOutage(&Error{}); !e.MayBeDone || e.OutcomeUnknown {
		t.Errorf("%+v", *e)
	}
}
