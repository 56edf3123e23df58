// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inflight_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/dataconn/terraform-provider-dataconn/internal/inflight"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const quiet = 2 * time.Second

// free is something that is waited for.
type free struct {
	inflight.Operations
	isFree bool
}

func (f *free) set() {
	f.Lock()
	defer f.Unlock()
	f.isFree = true
	f.Wake()
}

type waited struct {
	isFree bool
	took   time.Duration
}

// wait waits in the background.
func (f *free) wait(ctx context.Context) <-chan waited {
	ended, began := make(chan waited, 1), time.Now()
	go func() {
		isFree := f.Await(ctx, quiet, func() bool { return f.isFree })
		ended <- waited{isFree, time.Since(began)}
	}()
	synctest.Wait()
	return ended
}

func require(t *testing.T, ended <-chan waited, want waited) {
	t.Helper()
	if got := <-ended; got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestAwait(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		during func(f *free, cancel context.CancelFunc)
		want   waited
	}{
		"nothing is under way": {func(*free, context.CancelFunc) {}, waited{false, quiet}},
		"what is under way brings it": {func(f *free, _ context.CancelFunc) {
			end := f.Begin()
			time.Sleep(time.Hour)
			f.set()
			end()
		}, waited{true, time.Hour}},
		"what is under way brings nothing": {func(f *free, _ context.CancelFunc) {
			end := f.Begin()
			time.Sleep(time.Hour)
			end()
		}, waited{false, time.Hour + quiet}},
		"an event begins the quiet anew": {func(f *free, _ context.CancelFunc) {
			time.Sleep(quiet - 1)
			f.Lock()
			f.Wake()
			f.Unlock()
		}, waited{false, 2*quiet - 1}},
		"what waits itself does not count": {func(f *free, _ context.CancelFunc) {
			defer f.Begin()()
			time.Sleep(time.Minute)
			resume := f.Pause()
			time.Sleep(time.Hour)
			resume()
		}, waited{false, time.Minute + quiet}},
		"what goes on counts again": {func(f *free, _ context.CancelFunc) {
			end := f.Begin()
			resume := f.Pause()
			time.Sleep(quiet / 2)
			resume()
			time.Sleep(time.Hour)
			end()
		}, waited{false, quiet/2 + time.Hour + quiet}},
		"the caller's end": {func(f *free, cancel context.CancelFunc) {
			defer f.Begin()()
			time.Sleep(time.Minute)
			cancel()
		}, waited{false, time.Minute}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var f free
				time.Sleep(time.Hour) // what was before does not count as quiet
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				ended := f.wait(ctx)
				c.during(&f, cancel)
				require(t, ended, c.want)
			})
		})
	}
}

func TestAwaitWhatIsThere(t *testing.T) {
	t.Parallel()
	var f free
	f.set()
	if !f.Await(t.Context(), 0, func() bool { return f.isFree }) {
		t.Error("it was there, and was waited for")
	}
	f.Lock()
	defer f.Unlock() // Await has given it back
	if !f.IsQuiet() {
		t.Error("something is under way")
	}
}

// What waits itself is not under way.
func TestCount(t *testing.T) {
	t.Parallel()
	var o inflight.Operations
	requireCount := func(want int) {
		t.Helper()
		o.Lock()
		defer o.Unlock()
		if o.Count() != want || o.IsQuiet() != (want == 0) {
			t.Errorf("%d are under way, quiet %t; want %d", o.Count(), o.IsQuiet(), want)
		}
	}
	requireCount(0)
	first, second := o.Begin(), o.Begin()
	requireCount(2)
	resume := o.Pause()
	requireCount(1)
	resume()
	first()
	requireCount(1)
	second()
	requireCount(0)
}

// Each that gives up makes room for an operation, which the others wait for.
func TestAwaitGivesUpOneByOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var f free
		ended := make(chan waited)
		for range 3 {
			one := f.wait(t.Context())
			go func() { ended <- <-one }()
		}
		for i := range 3 {
			require(t, ended, waited{false, time.Duration(i+1) * quiet})
		}
	})
}

// One event wakes all who wait.
func TestEventWakesAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &free{}
		first, second := f.wait(t.Context()), f.wait(t.Context())
		time.Sleep(time.Second)
		f.set()
		require(t, first, waited{true, time.Second})
		require(t, second, waited{true, time.Second})
	})
}
