// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package listonce_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/listonce"
)

func TestErrorBeforeTheTimeIsNotKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src := heldSource()
		store := newStore(src)
		failure := errors.New("no")
		var readers sync.WaitGroup
		for range 3 {
			readers.Go(func() {
				if _, err := store.Get(t.Context()); !errors.Is(err, failure) {
					t.Errorf("Get() error = %v, want %v", err, failure)
				}
			})
		}
		synctest.Wait()
		src.release <- failure
		readers.Wait()

		go func() { src.release <- nil }()
		mustGet(t, store, 2)
	})
}

// slow takes its time, a minute being all there is, and counts.
type slow struct {
	takes time.Duration
	loads int
	err   error
}

func (s *slow) load(context.Context) (int, error) {
	s.loads++
	time.Sleep(s.takes)
	return s.loads, s.err
}

// An error that took all the time there is, is not waited for again by everyone.
func TestErrorAfterAllTheTimeIsKeptForAWhile(t *testing.T) {
	t.Parallel()
	for takes, isKept := range map[time.Duration]bool{time.Minute - 1: false, time.Minute + 1: true} {
		synctest.Test(t, func(t *testing.T) {
			source := &slow{takes: takes, err: errors.New("no answer")}
			store := listonce.New(source.load, time.Minute)
			want := func(loads int) {
				t.Helper()
				if _, err := store.Get(t.Context()); !errors.Is(err, source.err) || source.loads != loads {
					t.Errorf("Get() error = %v after %d loads, want %v after %d", err, source.loads, source.err, loads)
				}
			}
			want(1)
			if !isKept {
				want(2)
				return
			}
			time.Sleep(10*time.Second - 1)
			for range 1000 {
				want(1)
			}
			time.Sleep(time.Nanosecond)
			want(2)
		})
	}
}

func TestWhatEndsAKeptError(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		act  func(context.Context, *listonce.Store[int]) error
		want int // the loads, after one more read
	}{
		"a write":      {func(_ context.Context, s *listonce.Store[int]) error { s.Invalidate(); return nil }, 2},
		"a fresh read": {func(ctx context.Context, s *listonce.Store[int]) error { _, err := s.Newer(ctx, s.Mark()); return err }, 2},
		"an older read": {func(ctx context.Context, s *listonce.Store[int]) error {
			_, err := s.Newer(ctx, listonce.Snapshot[int]{})
			return err
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				source := &slow{takes: time.Minute + 1, err: errors.New("no answer")}
				store := listonce.New(source.load, time.Minute)
				if _, err := store.Get(t.Context()); err == nil {
					t.Fatal("Get() gave no error")
				}
				failure := source.err
				source.err = nil
				if err := test.act(t.Context(), store); (test.want == 1) != errors.Is(err, failure) {
					t.Errorf("error = %v", err)
				}
				if _, err := store.Get(t.Context()); (test.want == 1) != errors.Is(err, failure) || source.loads != test.want {
					t.Errorf("Get() error = %v after %d loads, want %d", err, source.loads, test.want)
				}
			})
		})
	}
}

// What was read before stays, and a later success replaces the kept error.
func TestKeptErrorAndSnapshot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &slow{takes: time.Minute + 1}
		store := listonce.New(source.load, time.Minute)
		old, err := store.Get(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		source.err = errors.New("no answer")
		for range 2 {
			if _, err := store.Newer(t.Context(), old); !errors.Is(err, source.err) || source.loads != 2 {
				t.Errorf("Newer() error = %v after %d loads", err, source.loads)
			}
		}
		if again, err := store.Get(t.Context()); err != nil || again.Value != 1 || source.loads != 2 {
			t.Errorf("Get() = %d, %v after %d loads, want what was read before", again.Value, err, source.loads)
		}
		source.err = nil
		if fresh, err := store.Newer(t.Context(), store.Mark()); err != nil || fresh.Value != 3 {
			t.Errorf("Newer() = %d, %v", fresh.Value, err)
		}
		if newer, err := store.Newer(t.Context(), old); err != nil || newer.Value != 3 {
			t.Errorf("Newer() = %d, %v", newer.Value, err)
		}
	})
}
