// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package httpclient

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// probeInterval is how long requests fail at once after an attempt has shown that
// an outage goes on: a thousand of them are through by then, and a server that
// is back is noticed.
const probeInterval = 10 * time.Second

// outage makes a server that cannot be reached cost a run one wait, not one for
// each object. It begins when a call has made all its attempts and no call got a
// usable answer meanwhile, and ends with the next such answer. While it lasts one
// call at a time makes one attempt, as a probe; those that come meanwhile wait
// for what comes of it, and after a failure all fail at once for a while.
type outage struct {
	now func() time.Time

	mu      sync.Mutex
	answers int           // usable ones so far
	err     *Error        // of the calls that are given up; nil where there is no outage
	probeAt time.Time     // no probe begins before
	probe   chan struct{} // closed when the probe under way ends; nil if there is none
}

// admit waits for a probe under way, and returns one to end if the caller is to
// make it. The error is that of the outage where the server has been tried just
// now.
func (o *outage) admit(ctx context.Context) (probe chan struct{}, err error) {
	for {
		o.mu.Lock()
		underWay := o.probe
		switch {
		case o.err == nil:
			o.mu.Unlock()
			return nil, nil
		case underWay == nil && o.now().Before(o.probeAt):
			defer o.mu.Unlock()
			return nil, o.err
		case underWay == nil:
			o.probe = make(chan struct{})
			defer o.mu.Unlock()
			return o.probe, nil
		}
		o.mu.Unlock()
		select {
		case <-underWay:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// end ends a probe without an answer. Unless it is conclusive, the next call is a
// probe too.
func (o *outage) end(probe chan struct{}, conclusive bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if probe == nil || o.probe != probe {
		return // it had an answer, or another call had
	}
	if conclusive {
		o.probeAt = o.now().Add(probeInterval)
	}
	o.closeProbe()
}

func (o *outage) closeProbe() {
	if o.probe != nil {
		close(o.probe)
		o.probe = nil
	}
}

// answered ends the outage, if there is one.
func (o *outage) answered() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answers++
	o.err = nil
	o.probeAt = time.Time{}
	o.closeProbe()
}

// count returns how many usable answers there were.
func (o *outage) count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.answers
}

// goesOn returns the error of those who are given up, or nil.
func (o *outage) goesOn() *Error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}

// begin declares an outage because a call failed with e after all its attempts,
// unless there have been more than so many usable answers since. It returns the
// error for the caller, which is e itself for the first one.
func (o *outage) begin(e *Error, since time.Time, answers int) *Error {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.err != nil:
		return o.err
	case o.answers == answers:
		o.err = e.asOutage(since)
	}
	return e
}

// asOutage is the error of the calls that are given up after e. It is the same
// for all: a thousand messages that each explain the same explain nothing.
func (e *Error) asOutage(since time.Time) *Error {
	times := "once"
	if e.Attempts > 1 {
		times = fmt.Sprintf("%d times", e.Attempts)
	}
	return &Error{
		System: e.System,
		Host:   e.Host,
		Kind:   KindOutage,
		Message: fmt.Sprintf("no usable answer since %s, when %s %s was tried %s: %s",
			since.UTC().Format("15:04:05 UTC"), e.Method, e.Path, times, truncate(e.whatHappened(), maxID)),
		Hint: e.Hint,
	}
}
