// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package httpclient

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestRateLimitIsRetriedBeyondMaxRetries(t *testing.T) {
	t.Parallel()
	limited := reply(429, `{"detail":"slow down"}`)
	for _, r := range []Request{get(), post(), {Method: "PATCH"}} {
		s := newServer(t, limited, limited, limited, limited, limited, truncated(429), ok)
		var out answer
		if err := newTestClient(t, s.URL, func(c *Config) { c.MaxRetries = 0 }).Do(t.Context(), r, &out); err != nil {
			t.Errorf("%s: %v", r.Method, err)
		}
		s.expect(t, 7)
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		first   http.HandlerFunc
		request Request
		min     time.Duration
	}{
		"429 seconds":      {reply(429, "", "Retry-After", "1"), post(), time.Second},
		"503 seconds":      {reply(503, "", "Retry-After", "1"), get(), time.Second},
		"429 date":         {replyDate(2 * time.Second), get(), time.Second},
		"429 garbage":      {reply(429, "", "Retry-After", "soon"), get(), 0},
		"429 negative":     {reply(429, "", "Retry-After", "-1000"), get(), 0},
		"500 says nothing": {reply(500, "", "Retry-After", "3600"), get(), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, test.first, ok)
			began := time.Now()
			var out answer
			if err := newTestClient(t, s.URL).Do(t.Context(), test.request, &out); err != nil {
				t.Fatal(err)
			}
			if d := time.Since(began); d < test.min || d > test.min+time.Minute {
				t.Errorf("took %s, want %s or a little more", d, test.min)
			}
			s.expect(t, 2)
		})
	}
}

// replyDate asks to come back at a point of time. Dates have whole seconds.
func replyDate(after time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		reply(429, "", "Retry-After", time.Now().Add(after).UTC().Format(http.TimeFormat))(w, r)
	}
}

func TestOneRateLimitPausesAllRequests(t *testing.T) {
	t.Parallel()
	for _, status := range []int{429, 503} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			var limitedAt atomic.Int64
			var early atomic.Int64
			s := newServer(t,
				func(w http.ResponseWriter, r *http.Request) {
					reply(status, "", "Retry-After", "1")(w, r)
					limitedAt.Store(time.Now().UnixNano())
				},
				func(w http.ResponseWriter, r *http.Request) {
					if time.Since(time.Unix(0, limitedAt.Load())) < 900*time.Millisecond {
						early.Add(1)
					}
					ok(w, r)
				})
			seen := make(chan struct{}, 1)
			client := newTestClient(t, s.URL, func(c *Config) {
				c.Log = func(context.Context, string, map[string]any) {
					select {
					case seen <- struct{}{}:
					default:
					}
				}
			})
			var workers sync.WaitGroup
			workers.Go(func() {
				var out answer
				if err := client.Do(t.Context(), get("first"), &out); err != nil {
					t.Error(err)
				}
			})
			<-seen // the pause is on when the attempt is logged
			for range 20 {
				workers.Go(func() {
					var out answer
					if err := client.Do(t.Context(), post("other"), &out); err != nil {
						t.Error(err)
					}
				})
			}
			workers.Wait()
			if n := early.Load(); n != 0 {
				t.Errorf("%d requests came during the pause", n)
			}
			s.expect(t, 22)
		})
	}
}

func TestOwnRateLimitBeyondTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServerInMemory(t, ok)
		book := &logbook{}
		client := newTestClient(t, s.URL, s.inMemory, func(c *Config) { c.MaxRequestsPerMinute, c.Log = 1, book.log })
		var out answer
		if err := client.Do(t.Context(), get(), &out); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		e := fail(t, ctx, client, post())
		wantKind(t, e, KindTimeout)
		wantText(t, e.Error(), "1 requests per minute", "max_requests_per_minute")
		if e.OutcomeUnknown || e.Attempts != 0 || len(book.lines) != 2 {
			t.Errorf("error = %+v after %v", *e, book.lines)
		}
		s.expect(t, 1)
	})
}

// The own limit is not the reason where the server's is lower.
func TestOwnRateLimitAfterTheServers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServerInMemory(t, reply(429, ""))
		client := newTestClient(t, s.URL, s.inMemory, func(c *Config) { c.MaxRequestsPerMinute = 1 })
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		for range 2 { // the call that met the 429, and another one
			e := fail(t, ctx, client, post())
			wantKind(t, e, KindRateLimited)
			wantText(t, e.Error(), "1 requests per minute", "the server has answered 429", "lower max_requests_per_minute")
			if e.OutcomeUnknown {
				t.Errorf("error = %+v", *e)
			}
		}
		s.expect(t, 1)
	})
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"120":                             2 * time.Minute,
		"Fri, 02 Jan 2026 03:05:05 GMT":   time.Minute,
		"Friday, 02-Jan-26 03:05:05 GMT":  time.Minute,
		"Fri Jan  2 03:05:05 2026":        time.Minute,
		"9223372036854775807":             maxRetryAfter,
		"99999999999999999999999":         maxRetryAfter,
		"Fri, 02 Jan 9999 03:05:05 GMT":   maxRetryAfter,
		"":                                0,
		"0":                               0,
		"-1":                              0,
		"-99999999999999999999999":        0,
		"1.5":                             0,
		"Fri, 02 Jan 2026 03:04:05 GMT":   0,
		"Fri, 02 Jan 2026 03:05:05 +0100": 0,
		"soon":                            0,
	} {
		if got, ok := retryAfter(header, now); got != want && ok || ok != (want > 0) {
			t.Errorf("retryAfter(%q) = %s, %t, want %s", header, got, ok, want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"", "1", "-1", "99999999999999999999", "Fri, 02 Jan 2026 03:04:05 GMT", "1e9", "Fri"} {
		f.Add(seed)
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	f.Fuzz(func(t *testing.T, header string) {
		if got, ok := retryAfter(header, now); ok && (got <= 0 || got > maxRetryAfter) {
			t.Errorf("retryAfter(%q) = %s", header, got)
		}
	})
}

func TestPauseBeyondTheDeadlineEndsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServerInMemory(t, reply(429, "", "Retry-After", "3600"))
		book := &logbook{}
		client := newTestClient(t, s.URL, s.inMemory, func(c *Config) { c.Log = book.log })
		// The second meets the pause of the first.
		for _, want := range []string{"the next wait of 1h0m0s would pass the deadline", "asked for a pause longer than the time that is left: 1h0m0s"} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			e := fail(t, ctx, client, post())
			wantKind(t, e, KindRateLimited)
			wantText(t, e.Error(), want, "max_requests_per_minute")
		}
		if len(book.lines) != 2 {
			t.Errorf("each is tried once: %v", book.lines)
		}
		s.expect(t, 1)
	})
}

// Where the server names no time, none is named.
func TestPauseOfNoNamedTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServerInMemory(t, reply(429, ""))
		client := newTestClient(t, s.URL, s.inMemory, func(c *Config) { c.MinBackoff, c.MaxBackoff = time.Minute, time.Minute })
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		wantText(t, fail(t, ctx, client, post()).Error(), "would pass the deadline")
		if e := fail(t, ctx, client, post()); e.Message != "the server asked for a pause longer than the time that is left" {
			t.Errorf("%v", e)
		}
		s.expect(t, 1)
	})
}

func TestRateLimitCutShort(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "3600")
		truncated(429)(w, r)
	})
	e := fail(t, t.Context(), newTestClient(t, s.URL), post())
	wantKind(t, e, KindRateLimited)
	wantText(t, e.Error(), "would pass the deadline")
}
