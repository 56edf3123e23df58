// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package listonce serves many reads of one collection from one list call.
// Terraform refreshes every resource by itself; without this, a refresh of N
// objects would cost N requests.
package listonce

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Store loads a collection once and serves every read of a walk from it. What a
// read sees is never older than the last call of [Store.Invalidate]. It is safe
// for concurrent use.
type Store[T any] struct {
	load    func(context.Context) (T, error)
	timeout time.Duration

	mu     sync.Mutex
	begun  uint64 // how many loads have begun; the number of the latest
	loaded uint64 // the number of the load that value is from; 0 means none
	value  T
	wrote  uint64     // how many loads had begun when the last write ended
	flight *flight[T] // the load under way whose result counts, or nil
	failed *failure   // the last load, if its error is kept, or nil
}

// failure is the error of a load that took all the time it had.
type failure struct {
	number uint64 // of the load
	err    error
	until  time.Time // when the error is forgotten
}

// keepFailure is how long such an error serves those who ask: many readers must
// not wait, one after the other, for the same end. A load that fails sooner
// is cheap to try again, or else its client knows that the server is down.
const keepFailure = 10 * time.Second

// Snapshot is a collection as one load found it.
type Snapshot[T any] struct {
	// Value is shared by all who hold the snapshot: do not change it.
	Value T
	// obtained is how many loads had begun when the snapshot was handed out:
	// those with a higher number began later.
	obtained uint64
}

// flight is a load under way. The fields below done are set before it closes.
type flight[T any] struct {
	number  uint64
	cancel  context.CancelFunc
	waiters int // guarded by Store.mu
	done    chan struct{}

	dropped bool // the result does not count; ask again
	value   T
	err     error
}

// New returns an empty store. load gets a context of its own, which carries the
// values of the first caller's and ends after timeout, or when nobody waits for
// the result any more.
func New[T any](load func(context.Context) (T, error), timeout time.Duration) *Store[T] {
	return &Store[T]{load: load, timeout: timeout}
}

// Get returns the collection. The first caller starts a load, and those that
// come while it runs share it. An error goes to those who wait and is not kept,
// except that of a load which took all its time: that one also goes to those who
// come in the 10 seconds after. If ctx ends, so does the wait, for this caller
// only.
func (s *Store[T]) Get(ctx context.Context) (Snapshot[T], error) { return s.get(ctx, 0) }

// Newer returns a snapshot whose load began after than was handed out, from
// memory if there is one. It confirms what an older snapshot only hints at.
func (s *Store[T]) Newer(ctx context.Context, than Snapshot[T]) (Snapshot[T], error) {
	return s.get(ctx, than.obtained)
}

// Mark returns a snapshot of nothing: what is [Store.Newer] than it comes from a load
// that began after the call, which those who ask while one load runs share. It shows
// the caller's own write, without making everybody else's reads wait for it as
// [Store.Invalidate] does.
func (s *Store[T]) Mark() Snapshot[T] {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Snapshot[T]{obtained: s.begun}
}

// Wrote notes that a write has ended, for [Store.LastWrite]. It leaves the others'
// reads alone, unlike [Store.Invalidate].
func (s *Store[T]) Wrote() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wrote = s.begun
}

// LastWrite is [Store.Mark], as of the last call of [Store.Wrote]. A writer who comes
// to read a little later than others can so share a load that they have begun since.
func (s *Store[T]) LastWrite() Snapshot[T] {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Snapshot[T]{obtained: s.wrote}
}

// Invalidate makes later reads load again. Call it after every write, even one
// that failed: it may have been carried out. A load under way began before the
// write was known; it is dropped, and those who wait for it get a newer one.
func (s *Store[T]) Invalidate() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loaded = 0
	s.failed = nil
	s.drop()
}

// get returns the result of a load with a number higher than after.
func (s *Store[T]) get(ctx context.Context, after uint64) (Snapshot[T], error) {
	for {
		snapshot, f, err := s.join(ctx, after)
		if f == nil {
			return snapshot, err
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			s.leave(f)
			return Snapshot[T]{}, fmt.Errorf("waiting for the list ended: %w", ctx.Err())
		}
		if f.dropped || f.number <= after {
			continue // it was not the caller's load, and now another can begin
		}
		if f.err != nil {
			return Snapshot[T]{}, f.err
		}
		// One load runs at a time, so none had begun after it when it ended.
		return Snapshot[T]{Value: f.value, obtained: f.number}, nil
	}
}

// join returns the snapshot or the error that is known, otherwise the load to wait for,
// which it starts if there is none.
func (s *Store[T]) join(ctx context.Context, after uint64) (Snapshot[T], *flight[T], error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.loaded > after {
		return Snapshot[T]{Value: s.value, obtained: s.begun}, nil, nil
	}
	if s.failed != nil && s.failed.number > after && time.Now().Before(s.failed.until) {
		return Snapshot[T]{}, nil, s.failed.err
	}
	if s.flight == nil {
		s.begun++
		loadCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.timeout) //nolint:gosec // run and drop call cancel
		s.flight = &flight[T]{number: s.begun, cancel: cancel, done: make(chan struct{})}
		go s.run(loadCtx, s.flight)
	}
	s.flight.waiters++
	return Snapshot[T]{}, s.flight, nil
}

// leave gives up waiting for f. A load that nobody waits for is ended.
func (s *Store[T]) leave(f *flight[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.waiters--
	if f.waiters == 0 && s.flight == f {
		s.drop()
	}
}

// drop ends the load under way, if any, without a result. The caller holds mu.
func (s *Store[T]) drop() {
	if s.flight == nil {
		return
	}
	s.flight.dropped = true
	s.flight.cancel()
	close(s.flight.done)
	s.flight = nil
}

// errStopped is the error of a load that neither returned nor panicked.
var errStopped = errors.New("the load stopped without a result")

func (s *Store[T]) run(ctx context.Context, f *flight[T]) {
	defer f.cancel()
	var value T
	err := errStopped
	// Deferred, so that waiters are released whatever load does.
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("the load panicked: %v", cause)
		}
		s.finish(f, value, err, errors.Is(ctx.Err(), context.DeadlineExceeded))
	}()
	value, err = s.load(ctx)
}

func (s *Store[T]) finish(f *flight[T], value T, err error, timeIsUp bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flight != f {
		return // dropped
	}
	s.flight, s.failed = nil, nil
	f.value, f.err = value, err
	switch {
	case err == nil:
		s.value, s.loaded = value, f.number
	case timeIsUp:
		s.failed = &failure{f.number, err, time.Now().Add(keepFailure)}
	}
	close(f.done)
}
