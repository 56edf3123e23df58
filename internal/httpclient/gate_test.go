// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package httpclient

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func untilDeadline(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return time.Hour
	}
	return time.Until(deadline)
}

func TestGateKeepsTheRate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		perMinute, requests int
		want                time.Duration
	}{
		{perMinute: 60, requests: 6, want: 0}, // the burst
		{perMinute: 60, requests: 7, want: time.Second},
		{perMinute: 60, requests: 60, want: 54 * time.Second},
		{perMinute: 60, requests: 66, want: window},
		{perMinute: 60, requests: 67, want: window + time.Second},
		{perMinute: 60, requests: 120, want: window + 54*time.Second},
		{perMinute: 120, requests: 12 + 120, want: window},
		{perMinute: 5, requests: 1 + 5, want: window},
		{perMinute: 0, requests: 1000, want: 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			g := newGate(test.perMinute)
			began := time.Now()
			var workers sync.WaitGroup
			for range test.requests {
				workers.Go(func() {
					if err := g.enter(t.Context(), untilDeadline, "", false); err != nil {
						t.Error(err)
						return
					}
					g.leave()
				})
			}
			workers.Wait()
			if d := time.Since(began); (d - test.want).Abs() > 10*time.Millisecond {
				t.Errorf("%d requests at %d per minute took %s, want %s", test.requests, test.perMinute, d, test.want)
			}
		})
	}
}

// A client that had nothing to send for a while makes up for it, and still never sends
// more in any minute than it may.
func TestGateMakesUpForIdleTimes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(60)
		began := time.Now()
		var passed []time.Time
		for i := range 600 {
			if i%20 == 19 {
				time.Sleep(4 * time.Second)
			}
			if err := g.enter(t.Context(), untilDeadline, "", false); err != nil {
				t.Fatal(err)
			}
			passed = append(passed, time.Now())
			g.leave()
			if first := i - 60; first >= 0 && passed[i].Sub(passed[first]) < time.Minute {
				t.Fatalf("requests %d to %d came within a minute", first, i)
			}
		}
		if d, most := time.Since(began), 10*window; d > most {
			t.Errorf("600 requests took %s, although there was room for them in %s", d, most)
		}
	})
}

// A window that is full is known to be so, and nobody waits for it in vain.
func TestGateWithAFullWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(60)
		for range 60 {
			if err := g.enter(t.Context(), untilDeadline, "", false); err != nil {
				t.Fatal(err)
			}
			g.leave()
		}
		time.Sleep(3 * time.Second) // the limiter has turns again
		if !g.isThrottled() {
			t.Error("a full window throttles nobody")
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		began := time.Now()
		if err := g.enter(ctx, untilDeadline, "", false); !errors.Is(err, errThrottled) || time.Since(began) != 0 {
			t.Errorf("enter() = %v after %s, want errThrottled at once", err, time.Since(began))
		}
		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if err := g.enter(ctx, untilDeadline, "", false); !errors.Is(err, context.Canceled) {
			t.Errorf("enter() = %v, want canceled", err)
		}
		ctx, cancel = context.WithTimeout(t.Context(), time.Minute) // long enough
		defer cancel()
		if err := g.enter(ctx, untilDeadline, "", false); err != nil || time.Since(began) != window-57*time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		if g.isThrottled() {
			t.Error("throttled, although five requests have left the window and a turn is there")
		}
	})
}

func TestGateTellsOfAQueueOnceAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(60)
		var told []int // the minutes in which it was told
		began := time.Now()
		g.inform = func(_ context.Context, waiting int, takes time.Duration) { // a minute apart
			told = append(told, int(time.Since(began).Minutes()))
			if waiting < 5 || waiting > 10 || takes != time.Duration(waiting)*time.Second {
				t.Errorf("told of %d that take %s", waiting, takes)
			}
		}
		var requests sync.WaitGroup
		for range 10 { // as many at a time as Terraform has
			requests.Go(func() {
				for range 15 {
					if err := g.enter(t.Context(), untilDeadline, "", false); err != nil {
						t.Error(err)
						return
					}
					g.leave()
				}
			})
		}
		requests.Wait()
		// 144 requests wait for a turn, one a second.
		if !slices.Equal(told, []int{0, 1, 2}) {
			t.Errorf("told in the minutes %v", told)
		}
	})
}

// Whoever configures it is told of a queue.
func TestClientInformsOfAQueue(t *testing.T) {
	t.Parallel()
	var told []string
	client := newTestClient(t, "https://example.com", func(c *Config) {
		c.MaxRequestsPerMinute = 60
		c.Inform = func(_ context.Context, message string, fields map[string]any) {
			told = append(told, fmt.Sprint(message, fields["waiting"], fields["seconds"]))
		}
	})
	client.gate.inform(t.Context(), 7, 9*time.Second)
	if want := "7 requests to Test wait for the rate limit of 60 a minute, which takes about 9s7 9"; !slices.Equal(told, []string{want}) {
		t.Errorf("told %q", told)
	}
}

func TestGateCapsRequestsInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(0)
		for range maxInFlight {
			if err := g.enter(t.Context(), untilDeadline, "", false); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := g.enter(ctx, untilDeadline, "", false); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("enter() = %v, want no room", err)
		}
		g.leave()
		if err := g.enter(t.Context(), untilDeadline, "", false); err != nil {
			t.Errorf("enter() after leave() = %v", err)
		}
	})
}

func TestGatePausesOneQuota(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(0)
		g.pause("a", time.Minute)
		began := time.Now()
		waited := make(chan time.Duration, maxInFlight)
		for range maxInFlight {
			go func() {
				if err := g.enter(t.Context(), untilDeadline, "a", false); err != nil {
					t.Error(err)
				}
				waited <- time.Since(began)
				g.leave()
			}()
		}
		synctest.Wait()
		for _, quota := range []string{"", "b"} {
			if err := g.enter(t.Context(), untilDeadline, quota, false); err != nil || time.Since(began) != 0 {
				t.Errorf("quota %q: %v after %s", quota, err, time.Since(began))
			}
			g.leave()
		}
		for range maxInFlight {
			if d := <-waited; d != time.Minute {
				t.Errorf("a request of the quota waited %s", d)
			}
		}
		g.pause("", time.Minute)
		if err := g.enter(t.Context(), untilDeadline, "a", false); err != nil || time.Since(began) != 2*time.Minute {
			t.Errorf("a pause of all: %v after %s", err, time.Since(began))
		}
	})
}

// A pause of a quota that grows is waited out whole, by whoever has the patience, and
// ends with the context, also for who has a turn.
func TestGatePauseOfAQuotaThatGrows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(0)
		began := time.Now()
		g.pause("a", time.Minute)
		time.AfterFunc(30*time.Second, func() { g.pause("a", 2*time.Minute) })
		patience := func(context.Context) time.Duration { return 90 * time.Second }
		if err := g.enter(t.Context(), patience, "a", true); err != nil || time.Since(began) != 150*time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		g.leave()
		g.pause("a", 91*time.Second)
		if err := g.enter(t.Context(), patience, "a", true); !errors.Is(err, errPaused) {
			t.Errorf("enter() = %v, want errPaused", err)
		}
		time.Sleep(91 * time.Second)
		for range 20 { // whatever is chosen where a slot is free
			g.pause("a", time.Minute)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if err := g.enter(ctx, patience, "a", true); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("enter() = %v, want the deadline", err)
			}
			cancel()
		}
	})
}

func TestGatePausesAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(0)
		began := time.Now()
		g.pause("", time.Minute)
		g.pause("", time.Second) // a shorter one does not end a longer one
		var workers sync.WaitGroup
		for range 20 {
			workers.Go(func() {
				if err := g.enter(t.Context(), untilDeadline, "", false); err != nil {
					t.Error(err)
					return
				}
				defer g.leave()
				if d := time.Since(began); d != time.Minute {
					t.Errorf("passed after %s, want 1m", d)
				}
			})
		}
		workers.Wait()
	})
}

func TestGateHoldsWhatWaitedForItsTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(6) // a turn every 10 s
		began := time.Now()
		if err := g.enter(t.Context(), untilDeadline, "", false); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(5*time.Second, func() { g.pause("", time.Minute) })
		if err := g.enter(t.Context(), untilDeadline, "", false); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(began); d < 65*time.Second {
			t.Errorf("passed after %s, within the pause", d)
		}
	})
}

// A pause that begins while a request waits for its turn, and outlasts it, ends it.
func TestGatePauseBeyondTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(6) // a turn every 10 s
		began := time.Now()
		if err := g.enter(t.Context(), untilDeadline, "", false); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(5*time.Second, func() { g.pause("", time.Minute) })
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		if err := g.enter(ctx, untilDeadline, "", false); !errors.Is(err, errPaused) || time.Since(began) != 10*time.Second || len(g.slots) != 1 {
			t.Errorf("%v after %s, with %d slots taken", err, time.Since(began), len(g.slots))
		}
	})
}

// A client that was refused has no reserve: the limit is used up, if not by itself.
func TestGateHasNoReserveOnceRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(60)
		if g.isThrottled() {
			t.Error("throttled before the first request")
		}
		g.refused()
		g.pause("", 10*time.Second)
		if !g.isThrottled() {
			t.Error("not throttled in a pause")
		}
		began := time.Now()
		for i := range 4 {
			if err := g.enter(t.Context(), untilDeadline, "", false); err != nil {
				t.Fatal(err)
			}
			g.leave()
			if d, want := time.Since(began), time.Duration(10+i)*time.Second; (d - want).Abs() > 10*time.Millisecond {
				t.Errorf("request %d passed after %s, want %s", i, d, want)
			}
		}
		// After a minute without a refusal there is a reserve again.
		g.refused()
		time.Sleep(30 * time.Second)
		g.refused()
		time.Sleep(45 * time.Second)
		if got := g.limiter.Burst(); got != 1 {
			t.Errorf("a reserve of %d, 45 s after a refusal", got)
		}
		time.Sleep(16 * time.Second)
		if got := g.limiter.Burst(); got != 6 {
			t.Errorf("a reserve of %d, a minute after the last refusal, want 6", got)
		}
		unlimited := newGate(0)
		unlimited.refused()
		if unlimited.isThrottled() {
			t.Error("without a limit and a pause there is nothing to wait for")
		}
	})
}

func TestGateDoesNotWaitInVain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		began := time.Now()

		paused := newGate(0)
		paused.pause("", time.Minute)
		if err := paused.enter(ctx, untilDeadline, "", false); !errors.Is(err, errPaused) {
			t.Errorf("enter() = %v, want errPaused", err)
		}
		throttled := newGate(1)
		if err := throttled.enter(ctx, untilDeadline, "", false); err != nil {
			t.Fatal(err)
		}
		if err := throttled.enter(ctx, untilDeadline, "", false); !errors.Is(err, errThrottled) {
			t.Errorf("enter() = %v, want errThrottled", err)
		}
		if d := time.Since(began); d != 0 {
			t.Errorf("said so after %s, want at once", d)
		}
	})
}

func TestGateWaitEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1)
		g.pause("", time.Second)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(500*time.Millisecond, cancel)
		if err := g.enter(ctx, untilDeadline, "", false); !errors.Is(err, context.Canceled) {
			t.Errorf("enter() in a pause = %v, want canceled", err)
		}
		if err := g.enter(t.Context(), untilDeadline, "", false); err != nil {
			t.Fatal(err)
		}
		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(500*time.Millisecond, cancel)
		if err := g.enter(ctx, untilDeadline, "", false); !errors.Is(err, context.Canceled) {
			t.Errorf("enter() without a turn = %v, want canceled", err)
		}
		g.leave()
		if n := len(g.slots); n != 0 {
			t.Errorf("%d slots are still taken", n)
		}
	})
}

func TestTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServerInMemory(t, ok, reply(503, ""))
		client := newTestClient(t, s.URL, s.inMemory, func(c *Config) { c.MaxRequestsPerMinute = 2 }) // one at a time
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		r := get("a")
		r.HasTurn = true
		if client.IsThrottled() || !client.Turn(ctx) {
			t.Fatal("the first request gets no turn")
		}
		if !client.IsThrottled() || client.Turn(ctx) {
			t.Fatal("the next turn is 30 seconds away")
		}
		if err := client.Do(ctx, r, nil); err != nil {
			t.Error(err)
		}
		// A further attempt needs a turn of its own.
		if e := fail(t, ctx, client, r); e.Attempts != 1 {
			t.Errorf("%d attempts", e.Attempts)
		}
		s.expect(t, 2)
	})
}
