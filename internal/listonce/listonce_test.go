// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package listonce_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/dataconn/terraform-provider-dataconn/internal/listonce"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// source is a collection whose loads are numbered and can be held back.
type source struct {
	loads   atomic.Int64
	started chan struct{} // receives at the start of every load, if set
	release chan error    // every load waits for its result, if set
}

func (s *source) load(ctx context.Context) (int64, error) {
	n := s.loads.Add(1)
	if s.started != nil {
		s.started <- struct{}{}
	}
	if s.release != nil {
		select {
		case err := <-s.release:
			return n, err
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	return n, nil
}

func heldSource() *source {
	return &source{started: make(chan struct{}, 100), release: make(chan error)}
}

func newStore(s *source) *listonce.Store[int64] { return listonce.New(s.load, time.Minute) }

func mustGet(t *testing.T, store *listonce.Store[int64], want int64) listonce.Snapshot[int64] {
	t.Helper()
	snapshot, err := store.Get(t.Context())
	if err != nil || snapshot.Value != want {
		t.Fatalf("Get() = %d, %v, want load %d", snapshot.Value, err, want)
	}
	return snapshot
}

func TestConcurrentReadsShareOneLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src := heldSource()
		store := newStore(src)
		var readers sync.WaitGroup
		for range 32 {
			readers.Go(func() {
				if s, err := store.Get(t.Context()); err != nil || s.Value != 1 {
					t.Errorf("Get() = %d, %v, want load 1", s.Value, err)
				}
			})
		}
		synctest.Wait()
		src.release <- nil
		readers.Wait()
		mustGet(t, store, 1)
		if n := src.loads.Load(); n != 1 {
			t.Errorf("%d loads, want 1", n)
		}
	})
}

func TestCancellationEndsOnlyTheOwnWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src := heldSource()
		store := newStore(src)
		first, cancelFirst := context.WithCancel(t.Context())
		var readers sync.WaitGroup
		readers.Go(func() {
			if _, err := store.Get(first); !errors.Is(err, context.Canceled) {
				t.Errorf("canceled reader got %v", err)
			}
		})
		synctest.Wait()
		readers.Go(func() {
			if s, err := store.Get(t.Context()); err != nil || s.Value != 1 {
				t.Errorf("other reader got %d, %v, want load 1", s.Value, err)
			}
		})
		synctest.Wait()
		cancelFirst()
		synctest.Wait()
		src.release <- nil
		readers.Wait()
	})
}

func TestLoadEndsWhenNobodyWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src := heldSource()
		store := newStore(src)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if _, err := store.Get(ctx); !errors.Is(err, context.Canceled) {
			t.Fatalf("Get() error = %v", err)
		}
		// synctest fails the test if the load still blocks at its end. A later
		// reader gets a load of its own.
		go func() { src.release <- nil }()
		mustGet(t, store, 2)
	})
}

func TestLoadHasItsOwnDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newStore(heldSource())
		began := time.Now()
		if _, err := store.Get(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Get() error = %v, want the deadline", err)
		}
		if d := time.Since(began); d != time.Minute {
			t.Errorf("ended after %s, want 1m", d)
		}
	})
}

func TestLoadKeepsTheCallersValues(t *testing.T) {
	t.Parallel()
	type key struct{}
	store := listonce.New(func(ctx context.Context) (string, error) {
		return ctx.Value(key{}).(string), nil
	}, time.Minute)
	s, err := store.Get(context.WithValue(t.Context(), key{}, "logger"))
	if err != nil || s.Value != "logger" {
		t.Errorf("Get() = %q, %v", s.Value, err)
	}
}

func TestPanicIsAnError(t *testing.T) {
	t.Parallel()
	for name, load := range map[string]func(context.Context) (int64, error){
		"panicked": func(context.Context) (int64, error) { panic("boom") },
		"stopped":  func(context.Context) (int64, error) { runtime.Goexit(); return 0, nil },
	} {
		_, err := listonce.New(load, time.Minute).Get(t.Context())
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("Get() error = %v, want one that says %s", err, name)
		}
	}
}

func TestInvalidateLoadsAgain(t *testing.T) {
	t.Parallel()
	store := newStore(&source{})
	mustGet(t, store, 1)
	store.Invalidate()
	mustGet(t, store, 2)
	mustGet(t, store, 2)
}

func TestInvalidateDropsTheLoadUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src := heldSource()
		store := newStore(src)
		var readers sync.WaitGroup
		for range 3 {
			readers.Go(func() {
				if s, err := store.Get(t.Context()); err != nil || s.Value != 2 {
					t.Errorf("Get() = %d, %v, want load 2: load 1 began before the write", s.Value, err)
				}
			})
		}
		synctest.Wait()
		store.Invalidate()
		synctest.Wait()
		src.release <- nil
		readers.Wait()
	})
}

// A load that does not heed its context ends after the write; it must not
// overwrite what was loaded since.
func TestOvertakenLoadIsNotKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var loads atomic.Int64
		slow := make(chan struct{})
		store := listonce.New(func(context.Context) (int64, error) {
			n := loads.Add(1)
			if n == 1 {
				<-slow
			}
			return n, nil
		}, time.Minute)
		var reader sync.WaitGroup
		reader.Go(func() { mustGet(t, store, 2) })
		synctest.Wait()
		store.Invalidate()
		reader.Wait()
		close(slow)
		synctest.Wait()
		mustGet(t, store, 2)
	})
}

func TestNewer(t *testing.T) {
	t.Parallel()
	store := newStore(&source{})
	old := mustGet(t, store, 1)
	other := mustGet(t, store, 1)

	fresh, err := store.Newer(t.Context(), old)
	if err != nil || fresh.Value != 2 {
		t.Fatalf("Newer() = %d, %v, want load 2", fresh.Value, err)
	}
	shared, err := store.Newer(t.Context(), other)
	if err != nil || shared.Value != 2 {
		t.Errorf("Newer() of a snapshot as old = %d, %v, want load 2 shared", shared.Value, err)
	}
	fresh, err = store.Newer(t.Context(), fresh)
	if err != nil || fresh.Value != 3 {
		t.Errorf("Newer() of the newest = %d, %v, want load 3", fresh.Value, err)
	}
	mustGet(t, store, 3)
}

func TestNewerJoinsOnlyALoadThatIsNewEnough(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src := heldSource()
		store := newStore(src)
		go func() { src.release <- nil }()
		before := mustGet(t, store, 1)

		newer := func(than listonce.Snapshot[int64], want int64) func() {
			return func() {
				if s, err := store.Newer(t.Context(), than); err != nil || s.Value != want {
					t.Errorf("Newer() = %d, %v, want load %d", s.Value, err, want)
				}
			}
		}
		var readers sync.WaitGroup
		readers.Go(newer(before, 2))
		readers.Go(newer(before, 2))
		synctest.Wait()
		during := mustGet(t, store, 1) // handed out while load 2 runs
		readers.Go(newer(during, 3))
		synctest.Wait()
		src.release <- nil
		synctest.Wait()
		src.release <- nil
		readers.Wait()
		if n := src.loads.Load(); n != 3 {
			t.Errorf("%d loads, want 3", n)
		}
	})
}

func TestNewerThanAMark(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src := heldSource()
		store := newStore(src)
		go func() { src.release <- nil }()
		mustGet(t, store, 1)

		fresh := func(want int64) func() {
			return func() {
				if s, err := store.Newer(t.Context(), store.Mark()); err != nil || s.Value != want {
					t.Errorf("Newer() = %d, %v, want load %d", s.Value, err, want)
				}
			}
		}
		var readers sync.WaitGroup
		readers.Go(fresh(2))
		synctest.Wait()
		readers.Go(fresh(3)) // load 2 began before they asked; they share the next
		readers.Go(fresh(3))
		synctest.Wait()
		mustGet(t, store, 1) // the others' reads do not wait
		src.release <- nil
		synctest.Wait()
		src.release <- nil
		readers.Wait()
	})
}

// A writer who comes to read late shares the load that others began after its write.
func TestNewerThanTheLastWrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src := heldSource()
		store := newStore(src)
		read := func(want int64) func() {
			mark := store.LastWrite()
			return func() {
				if s, err := store.Newer(t.Context(), mark); err != nil || s.Value != want {
					t.Errorf("Newer() = %d, %v, want load %d", s.Value, err, want)
				}
			}
		}
		var readers sync.WaitGroup
		store.Wrote()
		readers.Go(read(1))
		synctest.Wait()
		readers.Go(read(1)) // load 1 began after the write
		store.Wrote()
		readers.Go(read(2)) // and before this one
		src.release <- nil
		synctest.Wait()
		src.release <- nil
		readers.Wait()
		read(2)() // from memory
	})
}

// A failed confirmation does not throw away what is known.
func TestNewerFailureKeepsTheSnapshot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src := heldSource()
		store := newStore(src)
		go func() { src.release <- nil }()
		old := mustGet(t, store, 1)
		go func() { src.release <- errors.New("no") }()
		if _, err := store.Newer(t.Context(), old); err == nil {
			t.Error("Newer() gave no error")
		}
		mustGet(t, store, 1)
	})
}

// Readers never see less than what was written before they asked.
func TestReadsSeeOwnWrites(t *testing.T) {
	t.Parallel()
	var written atomic.Int64
	store := listonce.New(func(context.Context) (int64, error) {
		seen := written.Load()
		runtime.Gosched()
		return seen, nil
	}, time.Minute)
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for range 200 {
				mine := written.Add(1)
				store.Invalidate()
				s, err := store.Get(t.Context())
				if err != nil || s.Value < mine {
					t.Errorf("Get() = %d, %v after write %d", s.Value, err, mine)
					return
				}
			}
		})
	}
	workers.Wait()
}

func BenchmarkGet(b *testing.B) {
	store := newStore(&source{})
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := store.Get(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
