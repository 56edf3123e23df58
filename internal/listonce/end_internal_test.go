// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package listonce

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// Who leaves a load that was dropped does not end the one that came after it.
func TestLeavingADroppedLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := New(func(context.Context) (int, error) { time.Sleep(time.Second); return 7, nil }, time.Minute)
		_, dropped, _ := store.join(t.Context(), 0)
		store.Invalidate()
		_, next, _ := store.join(t.Context(), 0)
		store.leave(dropped)
		<-next.done
		if next.dropped || next.err != nil || next.value != 7 {
			t.Errorf("%+v", next)
		}
	})
}

// A load's context ends with it, not with its time: what hangs on it is freed.
func TestContextEndsWithTheLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var ended <-chan struct{}
		store := New(func(ctx context.Context) (int, error) { ended = ctx.Done(); return 0, nil }, time.Hour)
		if _, err := store.Get(t.Context()); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if <-ended; time.Since(began) != 0 {
			t.Errorf("it lasted %s longer", time.Since(began))
		}
	})
}
