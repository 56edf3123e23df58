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
var errThrottled = errors.New("no turn within the rate limit")

// gate holds back the requests of one client: so many at a time, so many a
// minute, and none while the server wants quiet.
type gate struct {
	slots   chan struct{}
	limiter *rate.Limiter
	limited atomic.Int64 // answers of 429, to whatever request

	mu         sync.Mutex
	pauseUntil time.Time
}

func newGate(perMinute int) *gate {
	limit, burst := rate.Inf, 0
	if perMinute > 0 {
		limit, burst = rate.Limit(float64(perMinute)/60), max(1, perMinute/10)
	}
	return &gate{
		slots:   make(chan struct{}, maxInFlight),
		limiter: rate.NewLimiter(limit, burst),
	}
}

// enter waits for a slot, and for a turn unless the caller has one. patience is
// how long a pause may still last. If the error is nil the caller must leave.
func (g *gate) enter(ctx context.Context, patience func(context.Context) time.Duration, hasTurn bool) error {
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

func (g *gate) leave() { <-g.slots }

func (g *gate) wait(ctx context.Context, patience func(context.Context) time.Duration) error {
	for {
		if left := g.paused(); left > 0 {
			if left > patience(ctx) {
				return errPaused
			}
			if err := sleep(ctx, left); err != nil {
				return err
			}
			continue
		}
		if err := g.limiter.Wait(ctx); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return errThrottled
		}
		// A pause may have begun while this request waited for its turn.
		if g.paused() <= 0 {
			return nil
		}
	}
}

// pause keeps every request back for d, or longer if a longer pause is on.
func (g *gate) pause(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := time.Now().Add(d); until.After(g.pauseUntil) {
		g.pauseUntil = until
	}
}

func (g *gate) paused() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return time.Until(g.pauseUntil)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
