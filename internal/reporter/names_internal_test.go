// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func succeed() error { return nil }

// waiter waits for a name in the background.
func waiter(ctx context.Context, n *names, name string) <-chan bool {
	before, _ := n.take(name, succeed)
	done := make(chan bool, 1)
	go func() { done <- n.wait(ctx, name, before) }()
	return done
}

func TestNamesWaitForWhoGivesThemUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n, began := newNames(), time.Now()
		x := waiter(t.Context(), n, "x")
		// A long time, while something else is going on, and then the delete.
		if err := n.giveUp("y", func() error { time.Sleep(time.Hour); return nil }); err != nil {
			t.Error(err)
		}
		time.Sleep(namePatience - time.Millisecond)
		if err := n.giveUp("x", func() error { time.Sleep(time.Hour); return nil }); err != nil {
			t.Error(err)
		}
		if !<-x {
			t.Error("the name was given up, and the waiter does not know")
		}
		if d := time.Since(began); d != 2*time.Hour+namePatience-time.Millisecond {
			t.Errorf("it took %s", d)
		}
	})
}

// An operation that needs a name is waited for too: it may make room for one that gives
// the name up.
func TestNamesWaitForWhoTakesOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n, began := newNames(), time.Now()
		x := waiter(t.Context(), n, "x")
		if _, err := n.take("y", func() error { time.Sleep(time.Hour); return nil }); err != nil {
			t.Error(err)
		}
		if <-x || time.Since(began) != time.Hour+namePatience {
			t.Errorf("the wait ended after %s", time.Since(began))
		}
	})
}

func TestNamesFreedBefore(t *testing.T) {
	t.Parallel()
	n := newNames()
	before, _ := n.take("x", func() error { return n.giveUp("x", succeed) })
	if !n.wait(t.Context(), "x", before) {
		t.Error("a name that was given up while it was asked for is waited for")
	}
}

// Each that gives up makes room for an operation, which the others wait for.
func TestNamesGiveUpOneByOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n, began := newNames(), time.Now()
		waiters := []<-chan bool{waiter(t.Context(), n, "a"), waiter(t.Context(), n, "b"), waiter(t.Context(), n, "c")}
		ended := make(chan time.Duration, len(waiters))
		for _, w := range waiters {
			go func() {
				if <-w {
					t.Error("nobody gave a name up")
				}
				ended <- time.Since(began)
			}()
		}
		for i := range waiters {
			if d := <-ended; d != time.Duration(i+1)*namePatience {
				t.Errorf("waiter %d ended after %s", i, d)
			}
		}
	})
}

func TestNamesThatAreNotGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNames()
		failed := errors.New("no")
		x := waiter(t.Context(), n, "x")
		if err := n.giveUp("x", func() error { return failed }); !errors.Is(err, failed) {
			t.Error(err)
		}
		began := time.Now()
		if <-x || time.Since(began) != namePatience {
			t.Errorf("a delete that failed: after %s", time.Since(began))
		}
		ctx, cancel := context.WithCancel(t.Context())
		x = waiter(ctx, n, "x")
		cancel()
		if <-x {
			t.Error("a canceled wait found the name free")
		}
		if !n.IsQuiet() {
			t.Errorf("%+v", n)
		}
	})
}
