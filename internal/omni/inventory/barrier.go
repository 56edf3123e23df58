// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"context"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
)

// barrier holds back operations that can share a request, until enough of them wait
// to go on together. Nobody knows how many will come: a CLI runs so many operations
// at a time, and tells neither how many nor whether more follow. So the number to
// wait for is learned, from how many were seen at once and from waits that ended
// before that many had come. The handover's mutex guards it.
type barrier struct {
	waiting    int       // operations in the present round
	round      int       // how many rounds were released
	size       int       // operations in the latest of them
	releasedAt time.Time // when that was
	expected   int       // how many operations there are at once, as far as is known
	isScarce   bool      // the rate limit has made requests wait
}

// defaultParallelism is how many operations a CLI runs at once unless -parallelism
// says otherwise.
const defaultParallelism = 10

// How long a round waits after the latest event while nothing is under way, and how
// long at most. Where requests wait for the rate limit, waiting for everybody costs
// nothing. Elsewhere half of them are enough, so that the other half writes
// meanwhile, and the quiet is longer than a CLI needs to start the next operation:
// Terraform 1.11 takes 77 ms with 1,000 connections, and more when it saves the state.
const (
	barrierQuiet      = 400 * time.Millisecond
	barrierPatience   = 2 * time.Second
	throttledQuiet    = time.Second
	throttledPatience = 30 * time.Second
)

// gather waits at the barrier, and returns how many operations it released together,
// and what to call when this one has ended. Where no other was seen yet, it waits for
// the time ifAlone for one to come.
func (h *handover) gather(ctx context.Context, isThrottled bool, ifAlone time.Duration) (size int, end func()) {
	h.Lock()
	b := &h.barrier
	b.isScarce = b.isScarce || isThrottled
	quiet, patience := barrierQuiet, barrierPatience
	if b.isScarce {
		quiet, patience = throttledQuiet, throttledPatience
	}
	round := h.join()
	isAlone := b.expected == 1
	h.Unlock()

	if deadline, ok := ctx.Deadline(); ok {
		patience = min(patience, time.Until(deadline)/2)
	}
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if isAlone {
		_ = httpclient.Sleep(within, ifAlone)
	}
	isComplete := h.Await(within, quiet, func() bool { return b.round != round || b.isComplete() })
	isQuiet := !isComplete && within.Err() == nil
	return h.release(ctx, round, isQuiet), h.Begin()
}

// join counts the caller in. One that comes soon after a release would have been part
// of that round, had it waited. The caller holds the mutex.
func (h *handover) join() (round int) {
	b := &h.barrier
	b.waiting++
	if b.waiting == 1 && b.expected < defaultParallelism && time.Since(b.releasedAt) < barrierQuiet {
		b.expected++
	}
	b.expected = max(b.expected, h.Count()+b.waiting)
	h.Wake()
	return b.round
}

// isComplete reports whether so many wait that nobody else is waited for.
func (b *barrier) isComplete() bool {
	if b.isScarce {
		return b.waiting >= b.expected
	}
	return b.waiting >= b.expected/2
}

// release ends the caller's wait, and with it the round, unless that was released
// already or the caller alone gives up. isQuiet says that the wait ended because
// nothing happened any more; then fewer operations are expected from now on.
func (h *handover) release(ctx context.Context, round int, isQuiet bool) (size int) {
	h.Lock()
	defer h.Unlock()
	b := &h.barrier
	switch {
	case b.round != round:
		return b.size
	case ctx.Err() != nil:
		b.waiting--
		return 1
	case isQuiet:
		b.expected = max(1, b.expected/2)
	}
	b.size, b.waiting, b.releasedAt = b.waiting, 0, time.Now()
	b.round++
	h.Wake()
	return b.size
}
