// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package inflight lets the operations of one run wait for what others of them may
// bring: a name that is given up, a delete of what is in the way, enough of them to
// share a request.
//
// Terraform does not tell a provider in an apply what is still to come. So whoever
// wants what another object has waits, without requests, while anything is under way
// that could free it, and a while longer for an operation that has yet to begin.
// What is waited for is the business of the caller; this package knows no system.
package inflight

import (
	"context"
	"math"
	"sync"
	"time"
)

// Operations are those of one run that could free something. The zero value is
// ready. Embed it: its mutex also guards what the waits are about.
type Operations struct {
	sync.Mutex
	underWay   int           // and not waiting themselves
	quietSince time.Time     // the latest event
	changed    chan struct{} // closed at the next event; nil while nobody waits
}

// Begin notes an operation that begins, and returns what to call when it has ended.
func (o *Operations) Begin() (end func()) {
	o.count(1)
	return func() { o.count(-1) }
}

// Pause takes an operation that waits itself out of the count, and returns what to
// call when it goes on.
func (o *Operations) Pause() (resume func()) {
	o.count(-1)
	return func() { o.count(1) }
}

func (o *Operations) count(by int) {
	o.Lock()
	defer o.Unlock()
	o.underWay += by
	o.Wake()
}

// IsQuiet reports whether no operation is under way. The caller holds the mutex.
func (o *Operations) IsQuiet() bool { return o.underWay == 0 }

// Count returns how many operations are under way. The caller holds the mutex.
func (o *Operations) Count() int { return o.underWay }

// Wake wakes all who wait, because something has changed. The caller holds the mutex.
func (o *Operations) Wake() {
	o.quietSince = time.Now()
	if o.changed != nil {
		close(o.changed)
		o.changed = nil
	}
}

// Await returns true once isDone does, which it calls with the mutex held, after
// every event. It returns false when ctx has ended, or when for the time of quiet no
// operation was under way and nothing happened. Whoever gives up then makes room for
// an operation, because a CLI runs so many at a time; so the others wait on.
func (o *Operations) Await(ctx context.Context, quiet time.Duration, isDone func() bool) bool {
	o.Lock()
	defer o.Unlock()
	began := time.Now()
	for !isDone() {
		wait := time.Duration(math.MaxInt64)
		if o.IsQuiet() {
			since := o.quietSince
			if since.Before(began) {
				since = began
			}
			wait = time.Until(since.Add(quiet))
		}
		if wait <= 0 {
			o.Wake()
			return false
		}
		if !o.sleep(ctx, wait) {
			return false
		}
	}
	return true
}

// sleep gives the mutex up until something changes or the time is over, and reports
// whether the context still lasts.
func (o *Operations) sleep(ctx context.Context, d time.Duration) bool {
	if o.changed == nil {
		o.changed = make(chan struct{})
	}
	changed, timer := o.changed, time.NewTimer(d)
	defer timer.Stop()
	o.Unlock()
	defer o.Lock()
	select {
	case <-changed:
	case <-timer.C:
	case <-ctx.Done():
		return false
	}
	return true
}
