// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package httpclient

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// errPaused reports that the pause a server asked for outlasts the request.
var errPaused = errors.New("the server asked this client to pause")

// errThrottled reports that the own rate limit outlasts the request.
var errThrottled = errors.New("no room within the rate limit")

// longQueue is how long a queue at the rate limit takes that is worth a word.
const longQueue = 5 * time.Second

// window is how long a request counts against the server's limit: a minute, and by
// how much longer than another a request may be on its way.
const window = time.Minute + 250*time.Millisecond

// gate holds back the requests of one client: so many at a time, so many a
// minute, and none while the server wants quiet. The limiter spreads them, and allows
// for a burst after less was sent; that there are never more in any minute, bursts
// included, is the window's part.
type gate struct {
	slots     chan struct{}
	limiter   *rate.Limiter
	perMinute int          // 0 is no limit
	limited   atomic.Int64 // answers of 429, to whatever request
	waiting   atomic.Int64 // requests that have not entered yet
	inform    func(ctx context.Context, waiting int, takes time.Duration)
	asked     atomic.Int64 // the pause that a server asked for last, a time.Duration

	mu         sync.Mutex
	informedAt time.Time            // when inform was last called
	pauses     map[string]time.Time // their ends, by quota; that of "" is for all
	passed     []time.Time          // when the requests of the window got their turns
}

func newGate(perMinute int) *gate {
	limit := rate.Inf
	if perMinute > 0 {
		limit = rate.Limit(float64(perMinute) / 60)
	}
	return &gate{
		slots:     make(chan struct{}, maxInFlight),
		limiter:   rate.NewLimiter(limit, burstOf(perMinute)),
		perMinute: perMinute,
		inform:    func(context.Context, int, time.Duration) {},
		pauses:    map[string]time.Time{},
	}
}

// burstOf is how many requests may go out at once.
func burstOf(perMinute int) int { return max(1, perMinute/10) }

// enter waits for a slot, and for a turn unless the caller has one. patience is
// how long a pause may still last. A pause of the quota alone is waited out
// first, so that it takes nobody's slot. If the error is nil the caller must leave.
func (g *gate) enter(ctx context.Context, patience func(context.Context) time.Duration, quota string, hasTurn bool) error {
	g.waiting.Add(1)
	defer g.waiting.Add(-1)
	g.informOfQueue(ctx)
	if err := g.sitOut(ctx, patience, quota); err != nil {
		return err
	}
	select {
	case g.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if hasTurn {
		return nil
	}
	if err := g.wait(ctx, patience); err != nil {
		g.leave()
		return err
	}
	return nil
}

// informOfQueue tells of a queue at the rate limit that is worth a word, a minute after the
// last time at the earliest. Where there is a queue, requests keep coming.
func (g *gate) informOfQueue(ctx context.Context) {
	waiting, limit := g.waiting.Load(), g.limiter.Limit()
	takes := time.Duration(float64(waiting) / float64(limit) * float64(time.Second))
	if limit == rate.Inf || takes < longQueue {
		return
	}
	g.mu.Lock()
	isTime := time.Since(g.informedAt) >= time.Minute
	if isTime {
		g.informedAt = time.Now()
	}
	g.mu.Unlock()
	if isTime {
		g.inform(ctx, int(waiting), takes)
	}
}

func (g *gate) leave() { <-g.slots }

// isThrottled reports whether a request would have to wait, for the own rate limit or
// because the server wants quiet.
func (g *gate) isThrottled() bool {
	return g.perMinute > 0 && (g.limiter.Tokens() < 1 || g.isFull()) || g.paused("") > 0
}

func (g *gate) wait(ctx context.Context, patience func(context.Context) time.Duration) error {
	for {
		if err := g.sitOut(ctx, patience, ""); err != nil {
			return err
		}
		if err := g.limiter.Wait(ctx); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return errThrottled
		}
		if err := g.pass(ctx); err != nil {
			return err
		}
		// A pause may have begun while this request waited for its turn.
		if g.paused("") <= 0 {
			return nil
		}
	}
}

// pass waits until the window has room, and counts the caller in.
func (g *gate) pass(ctx context.Context) error {
	for {
		wait := g.countIn()
		if wait <= 0 {
			return nil
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
			return errThrottled
		}
		if err := Sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// countIn counts a request into the window, or returns how long that will be full.
func (g *gate) countIn() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	wait := g.untilRoom()
	if wait <= 0 && g.perMinute > 0 {
		g.passed = append(g.passed, time.Now())
	}
	return wait
}

func (g *gate) isFull() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.untilRoom() > 0
}

// untilRoom is how long the window will be full; 0 where it has room. The caller holds
// the mutex.
func (g *gate) untilRoom() time.Duration {
	now := time.Now()
	for len(g.passed) > 0 && now.Sub(g.passed[0]) >= window {
		g.passed = g.passed[1:]
	}
	if g.perMinute <= 0 || len(g.passed) < g.perMinute {
		return 0
	}
	return window - now.Sub(g.passed[0])
}

// sitOut waits until no pause is on.
func (g *gate) sitOut(ctx context.Context, patience func(context.Context) time.Duration, quota string) error {
	for {
		left := g.paused(quota)
		if left <= 0 {
			return nil
		}
		if left > patience(ctx) {
			return errPaused
		}
		if err := Sleep(ctx, left); err != nil {
			return err
		}
	}
}

// refused notes that the server's limit is used up, by whomever: what this client
// did not use of its own can be no reserve, and is none until a minute has passed
// without another refusal.
func (g *gate) refused() {
	refusals := g.limited.Add(1)
	g.limiter.SetBurst(1)
	time.AfterFunc(time.Minute, func() {
		if g.limited.Load() == refusals {
			g.limiter.SetBurst(burstOf(g.perMinute))
		}
	})
}

// pause keeps the requests of a quota back for d, or longer if a longer pause is
// on; all requests where the quota is "".
func (g *gate) pause(quota string, d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := time.Now().Add(d); until.After(g.pauses[quota]) {
		g.pauses[quota] = until
	}
}

func (g *gate) paused(quota string) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return time.Until(g.pauses[quota])
}

// Sleep waits for so long. It returns the error of ctx if that ends first.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
