// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"context"
	"sync"
	"time"
)

// handover lets what is unique on the server change hands within one run: a
// value of a user attribute, which one environment gives up and another wants,
// and an association or a binding that is destroyed at one address and made at
// another. The zero value is ready.
//
// Terraform does not tell a provider in an apply what is still to come. So those
// who want something wait, without requests, while anything is being written that
// could bring it, and a while longer for a write that has yet to begin.
type handover struct {
	mu      sync.Mutex
	changed chan struct{} // closed at every event
	writes  int           // under way, and not waiting themselves
	events  uint64        // how many there were; the number of the latest

	freed    map[string]uint64 // by value: the latest event that freed it
	freedAny uint64            // the latest event that may have freed any value

	wanted map[string]bool   // what a create waits for
	taken  map[string]bool   // what a create took over, so that a delete must leave it
	left   map[string]string // the ids that a delete left to a create
	ending map[string]bool   // what a delete is ending
	ended  map[string]bool   // what a delete has ended
	made   map[string]bool   // what a create has made or taken over, and no delete has ended since
}

// event wakes all who wait. The caller holds mu.
func (h *handover) event() uint64 {
	if h.changed != nil {
		close(h.changed)
		h.changed = nil
	}
	h.events++
	return h.events
}

// write notes a write that begins, and returns what to call when it has ended.
func (h *handover) write() (end func()) {
	h.count(1)
	return func() { h.count(-1) }
}

func (h *handover) count(by int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.writes += by
	h.event()
}

// now returns the number of the latest event, for [handover.awaitValues].
func (h *handover) now() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.events
}

// free says that nobody holds the values any more, or any value at all where there
// are none.
func (h *handover) free(values ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	event := h.event()
	if len(values) == 0 {
		h.freedAny = event
	}
	if h.freed == nil {
		h.freed = map[string]uint64{}
	}
	for _, v := range values {
		h.freed[v] = event
	}
}

// await returns true once isDone does, which it calls with mu held, after every
// event. It returns false when ctx has ended, or when for the time of quiet nothing
// was being written.
func (h *handover) await(ctx context.Context, quiet time.Duration, isDone func() bool) bool {
	for {
		h.mu.Lock()
		if isDone() {
			h.mu.Unlock()
			return true
		}
		if h.changed == nil {
			h.changed = make(chan struct{})
		}
		changed, isQuiet := h.changed, h.writes == 0
		h.mu.Unlock()

		var over <-chan time.Time
		if isQuiet {
			over = time.After(quiet)
		}
		select {
		case <-changed:
		case <-over:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

// settle waits while anything is being written, for as long as patience.
func (h *handover) settle(ctx context.Context, patience time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	h.await(ctx, 0, func() bool { return h.writes == 0 })
}

// awaitValues waits until one of the values was freed since an event; see
// [handover.await]. The caller has a write under way, which does not count
// meanwhile.
func (h *handover) awaitValues(ctx context.Context, values []string, since uint64, quiet time.Duration) bool {
	h.count(-1)
	defer h.count(1)
	return h.await(ctx, quiet, func() bool {
		if h.freedAny > since {
			return true
		}
		for _, v := range values {
			if h.freed[v] > since {
				return true
			}
		}
		return false
	})
}

// take waits for the delete of what the server has already: one that comes leaves
// it to the caller, and take returns its id. One that was under way ends it, and
// take reports isFree. It does neither where no delete comes.
func (h *handover) take(ctx context.Context, key string, quiet time.Duration) (id string, isFree bool) {
	h.want(key, true)
	defer h.want(key, false)
	h.await(ctx, quiet, func() bool {
		id, isFree = h.left[key], h.ended[key]
		return id != "" || isFree
	})
	return id, isFree && id == ""
}

// claim takes what the server has already without waiting for a delete, unless one
// is under way: then it waits for its end, and returns false.
func (h *handover) claim(ctx context.Context, key string, quiet time.Duration) bool {
	h.mu.Lock()
	isEnding := h.ending[key]
	if !isEnding {
		set(&h.taken, key, true)
		set(&h.made, key, true)
	}
	h.mu.Unlock()
	if isEnding {
		h.await(ctx, quiet, func() bool { return !h.ending[key] })
	}
	return !isEnding
}

// end runs a delete, unless the object is left to a create that took it over or
// waits for it: then isLeft is true.
func (h *handover) end(key, id string, remove func() error) (isLeft bool, err error) {
	if h.leave(key, id) {
		return true, nil
	}
	err = remove()
	h.mu.Lock()
	defer h.mu.Unlock()
	set(&h.ending, key, false)
	set(&h.ended, key, err == nil)
	if err == nil {
		delete(h.made, key)
	}
	h.writes--
	h.event()
	return false, err
}

// leave leaves an object to a create, or notes that its delete begins.
func (h *handover) leave(key, id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	isLeft := h.taken[key] || h.wanted[key]
	if isLeft {
		delete(h.taken, key) // a delete that comes later is the create's own
		set(&h.left, key, id)
	} else {
		set(&h.ending, key, true)
		h.writes++
	}
	h.event()
	return isLeft
}

func (h *handover) hasEnded(key string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ended[key]
}

// make notes what a create has made: a second create of the same in this run is
// another resource of the configuration, which must not take it over.
func (h *handover) make(key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	set(&h.made, key, true)
}

// reserve is [handover.make] ahead of the create: false where another create of this
// run has made the same, or is about to.
func (h *handover) reserve(key string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.made[key] {
		return false
	}
	set(&h.made, key, true)
	return true
}

// unreserve is for a create that failed.
func (h *handover) unreserve(key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.made, key)
}

func (h *handover) hasMade(key string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.made[key]
}

func (h *handover) want(key string, isWanted bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	set(&h.wanted, key, isWanted)
	h.event()
}

func set[V any](m *map[string]V, key string, value V) {
	if *m == nil {
		*m = map[string]V{}
	}
	(*m)[key] = value
}
