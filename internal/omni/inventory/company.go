// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"context"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
)

// company lets operations that can share a request wait for each other, and set out
// together. A CLI runs so many operations at a time, and tells neither how many nor
// whether more are to come. So how many are waited for is learned, from how many were
// seen at once and from waits that were in vain. The handover's mutex guards it.
type company struct {
	waiting  int       // those who have joined the present round
	round    int       // how many groups have set out
	size     int       // of the latest group
	setOut   time.Time // when it did
	most     int       // how many operations there are at once, as far as is known
	isScarce bool      // the rate limit has made requests wait
}

// presumed is how many operations a CLI is expected to run at once unless more are
// seen: the default of -parallelism.
const presumed = 10

// How long a group waits after the latest event while nothing is under way, and how
// long at most. Where requests wait for the rate limit, waiting for everybody costs
// nothing. Elsewhere half of them is company enough, so that the other half writes
// meanwhile, and the quiet is longer than a CLI needs to start the next operation:
// Terraform 1.11 takes 77 ms with 1,000 connections, and more when it saves the state.
const (
	companyQuiet      = 400 * time.Millisecond
	companyPatience   = 2 * time.Second
	throttledQuiet    = time.Second
	throttledPatience = 30 * time.Second
)

// gather waits for company, and returns how many set out together, and what to call
// when the operation has ended. Where nobody was seen yet, it waits as long as lonely
// for the first to come.
func (h *handover) gather(ctx context.Context, isThrottled bool, lonely time.Duration) (size int, end func()) {
	h.Lock()
	h.isScarce = h.isScarce || isThrottled
	quiet, patience := companyQuiet, companyPatience
	if h.isScarce {
		quiet, patience = throttledQuiet, throttledPatience
	}
	round := h.join()
	isLonely := h.most == 1
	h.Unlock()

	if deadline, ok := ctx.Deadline(); ok {
		patience = min(patience, time.Until(deadline)/2)
	}
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if isLonely {
		_ = httpclient.Sleep(within, lonely)
	}
	isComplete := h.Await(within, quiet, func() bool { return h.round != round || h.isComplete() })
	return h.depart(ctx, round, !isComplete && within.Err() == nil), h.Begin()
}

// join counts the caller in. Who comes so soon after a group has set out would have
// been company for it, if it had waited.
func (h *handover) join() (round int) {
	h.waiting++
	if h.waiting == 1 && h.most < presumed && time.Since(h.setOut) < companyQuiet {
		h.most++
	}
	h.most = max(h.most, h.Count()+h.waiting)
	h.Wake()
	return h.round
}

// isComplete reports whether so many wait that nobody else is waited for.
func (h *handover) isComplete() bool {
	if h.isScarce {
		return h.waiting >= h.most
	}
	return h.waiting >= h.most/2
}

// depart ends the caller's wait: the group sets out, unless it has already, or the
// caller alone gives up.
func (h *handover) depart(ctx context.Context, round int, inVain bool) (size int) {
	h.Lock()
	defer h.Unlock()
	switch {
	case h.round != round:
		return h.size
	case ctx.Err() != nil:
		h.waiting--
		return 1
	case inVain:
		h.most = max(1, h.most/2)
	}
	h.size, h.waiting, h.setOut = h.waiting, 0, time.Now()
	h.round++
	h.Wake()
	return h.size
}
