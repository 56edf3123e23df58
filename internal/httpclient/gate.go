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

// gate holds back the requests of one client: so many at a time, so many a
// minute, and none while the server wants quiet.
type gate struct {
	slots   chan struct{}
	limiter *rate.Limiter
	limited atomic.Int64 // answers of 429, to whatever request
	waiting atomic.Int64 // requests that have not entered yet
	inform  func(ctx context.Context, waiting int, takes time.Duration)
	asked   atomic.Int64 // the pause that a server asked for last, a time.Duration

	mu         sync.Mutex
	informedAt time.Time            // when inform was last called
	pauses     map[string]time.Time // their ends, by quota; that of "" is for all
}

func newGate(perMinute int) *gate {
	limit, burst := rate.Inf, 0
	if perMinute > 0 {
		limit, burst = rate.Limit(float64(perMinute)/60), max(1, perMinute/10)
	}
	return &gate{
		slots:   make(chan struct{}, maxInFlight),
		limiter: rate.NewLimiter(limit, burst),
		inform:  func(context.Context, int, time.Duration) {},
		pauses:  map[string]time.Time{},
	}
}

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
	return g.limiter.Limit() != rate.Inf && g.limiter.Tokens() < 1 || g.paused("") > 0
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
		// A pause may have begun while this request waited for its turn.
		if g.paused("") <= 0 {
			return nil
		}
	}
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
// did not use of its own can be no reserve, and from now on is none.
func (g *gate) refused() {
	g.limited.Add(1)
	g.limiter.SetBurst(min(g.limiter.Burst(), 1))
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
