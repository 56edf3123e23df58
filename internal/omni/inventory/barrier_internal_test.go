// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/omnitest"
)

// group is a wait at the barrier in the background: how many it released together, and
// when.
type group struct {
	size int
	took time.Duration
}

func gatherOne(ctx context.Context, h *handover, isThrottled bool) <-chan group {
	out, began := make(chan group, 1), time.Now()
	go func() {
		size, end := h.gather(ctx, isThrottled, 0)
		out <- group{size, time.Since(began)}
		end()
	}()
	synctest.Wait()
	return out
}

// An operation that never saw another does not wait, but for the time that is asked
// for.
func TestSingleOperationDoesNotWait(t *testing.T) {
	t.Parallel()
	for _, ifAlone := range []time.Duration{0, time.Second / 2} {
		synctest.Test(t, func(t *testing.T) {
			h, began := &handover{}, time.Now()
			size, end := h.gather(t.Context(), true, ifAlone)
			end()
			if took := time.Since(began); size != 1 || took != ifAlone {
				t.Errorf("%d went on after %s, want 1 after %s", size, took, ifAlone)
			}
		})
	}
}

// Ten operations were seen. Where the rate limit makes requests wait, all of them
// are waited for, otherwise half of them.
func TestBarrierWaitsForExpected(t *testing.T) {
	t.Parallel()
	const seen, pace = 10, 10 * time.Millisecond
	for isThrottled, want := range map[bool]int{true: seen, false: seen / 2} {
		synctest.Test(t, func(t *testing.T) {
			h := &handover{barrier: barrier{expected: seen}}
			var all []<-chan group
			for range want {
				time.Sleep(pace)
				all = append(all, gatherOne(t.Context(), h, isThrottled))
			}
			for i, one := range all {
				if got := <-one; got != (group{want, pace * time.Duration(want-1-i)}) {
					t.Errorf("throttled %t, operation %d: %d went on after %s", isThrottled, i, got.size, got.took)
				}
			}
		})
	}
}

// A wait ends when nothing happens any more, then with fewer expected; and at last
// whatever happens.
func TestWaitAtBarrierIsBounded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		isThrottled, isWriting bool
		deadline               time.Duration
		took                   time.Duration
		expected               int
	}{
		"quiet":                            {false, false, time.Hour, barrierQuiet, 5},
		"quiet, throttled":                 {true, false, time.Hour, throttledQuiet, 5},
		"a write hangs":                    {false, true, time.Hour, barrierPatience, 10},
		"a write hangs, throttled":         {true, true, time.Hour, throttledPatience, 10},
		"half of the operation's own time": {true, true, time.Minute / 2, time.Minute / 4, 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := &handover{barrier: barrier{expected: 10}}
				if c.isWriting {
					defer h.Begin()()
				}
				ctx, cancel := context.WithTimeout(t.Context(), c.deadline)
				defer cancel()
				first, second := gatherOne(ctx, h, c.isThrottled), gatherOne(ctx, h, c.isThrottled)
				if one, other := <-first, <-second; one != (group{2, c.took}) || other != one {
					t.Errorf("went on: %v and %v, want 2 after %s", one, other, c.took)
				}
				if h.barrier.expected != c.expected || h.barrier.waiting != 0 {
					t.Errorf("%d are expected from now on, want %d; %d count as waiting", h.barrier.expected, c.expected, h.barrier.waiting)
				}
			})
		})
	}
}

// An operation that gives up does so alone, and no longer counts as waiting.
func TestCanceledOperationLeavesBarrier(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &handover{barrier: barrier{expected: 4}}
		ctx, cancel := context.WithCancel(t.Context())
		leaves, stays := gatherOne(ctx, h, true), gatherOne(t.Context(), h, true)
		cancel()
		if got := <-leaves; got != (group{1, 0}) {
			t.Errorf("the one that was canceled: %v", got)
		}
		if got := <-stays; got != (group{1, throttledQuiet}) {
			t.Errorf("the other: %v", got)
		}
	})
}

// One that comes soon after a release would have been part of the round: the next
// rounds are larger, up to what a CLI runs at once. One that comes late would not.
func TestExpectedNumberIsLearned(t *testing.T) {
	t.Parallel()
	for gap, want := range map[time.Duration]int{barrierQuiet - 1: defaultParallelism, barrierQuiet: 1} {
		synctest.Test(t, func(t *testing.T) {
			h := &handover{}
			var all []<-chan group
			for range 100 {
				all = append(all, gatherOne(t.Context(), h, false))
				time.Sleep(gap)
				synctest.Wait() // for those that the same moment wakes
			}
			h.Lock()
			expected := h.barrier.expected
			h.Unlock()
			if expected != want {
				t.Errorf("operations every %s: %d are expected, want %d", gap, expected, want)
			}
			for _, one := range all {
				if got := <-one; want == 1 && got != (group{1, 0}) {
					t.Errorf("one waited for nobody: %v", got)
				}
			}
		})
	}
}

// An operation at the barrier does not wait on once its batch was sent.
func TestSentBatchEndsTheWaitOfItsMembers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := omnitest.New(t, "v1", omnitest.Always(http.StatusForbidden, `{"detail":"no"}`))
		b := environmentBatches{client: s.Client, handover: &handover{barrier: barrier{expected: 10}}}
		batch, _ := b.join(t.Context(), "base", "first")
		began := time.Now()
		go func() {
			synctest.Wait() // the other gathers
			b.send("base", batch, false)
		}()
		if _, err := b.create(t.Context(), "base", "other"); !httpclient.IsForbidden(err) || time.Since(began) != 0 {
			t.Errorf("%v, after %s", err, time.Since(began))
		}
	})
}

// The time that is asked for is only for an operation that may be alone.
func TestRoundDoesNotWaitForTheFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, began := &handover{barrier: barrier{expected: 4}}, time.Now()
		one := gatherOne(t.Context(), h, false)
		size, end := h.gather(t.Context(), false, time.Second)
		end()
		if took := time.Since(began); size != 2 || took != 0 || <-one != (group{2, 0}) {
			t.Errorf("%d went on after %s", size, took)
		}
	})
}

// Where the rate limit has made requests wait once, it is expected to again.
func TestRateLimitIsRemembered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &handover{barrier: barrier{expected: 2, isScarce: true}}
		if got := <-gatherOne(t.Context(), h, false); got != (group{1, throttledQuiet}) {
			t.Errorf("%d went on after %s", got.size, got.took)
		}
	})
}

// Of those that come soon after a release, the first shows that the round should have
// waited for one more.
func TestLateOperationsCountOnce(t *testing.T) {
	t.Parallel()
	h := &handover{barrier: barrier{expected: 4, releasedAt: time.Now()}}
	for range 3 {
		h.join()
	}
	if h.barrier.expected != 5 {
		t.Errorf("%d are expected, want 5", h.barrier.expected)
	}
}

// After a round that stayed incomplete half as many are expected, and always the operation itself.
func TestIncompleteRoundHalvesWhatIsExpected(t *testing.T) {
	t.Parallel()
	for expected, want := range map[int]int{10: 5, 3: 1, 2: 1, 1: 1} {
		h := &handover{barrier: barrier{expected: expected, waiting: 1}}
		if size := h.release(t.Context(), 0, true); size != 1 || h.barrier.expected != want {
			t.Errorf("of %d, %d went on, and %d are expected, want %d", expected, size, h.barrier.expected, want)
		}
	}
}

// A batch is given up once nobody waits for it any more.
func TestBatchThatNobodyWaitsFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := omnitest.New(t, "v1", func(r *http.Request, _ string) (int, string) {
			<-r.Context().Done()
			return http.StatusInternalServerError, ""
		})
		b := environmentBatches{client: s.Client, handover: &handover{barrier: barrier{expected: 4}}}
		began := time.Now()
		first, stopFirst := context.WithCancel(t.Context())
		second, stopSecond := context.WithTimeout(t.Context(), 2*time.Second)
		defer stopSecond()
		go func() {
			time.Sleep(time.Second)
			stopFirst()
		}()
		go func() { _, _ = b.create(second, "base", "other") }()
		if _, err := b.create(first, "base", "one"); err == nil || time.Since(began) != 2*time.Second {
			t.Errorf("%v, after %s", err, time.Since(began))
		}
	})
}

// Those who read at the same time share a list. One that it lacks is asked for alone,
// and after a write no older list will do.
func TestReadsOfConnectionsTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const a, b, c = omnitest.IDA, omnitest.IDB, omnitest.IDC
		item := func(id string) string { return `{"id":"` + id + `","name":"n","dialect":"exasol"}` }
		s := omnitest.New(t, "v1", func(r *http.Request, _ string) (int, string) {
			switch {
			case r.Method != http.MethodGet:
				return http.StatusOK, `{"success":true,"message":"done"}`
			case strings.HasSuffix(r.URL.Path, c):
				return http.StatusOK, `{"connection":` + item(c) + `}`
			}
			return http.StatusOK, `{"connections":[` + item(a) + "," + item(b) + `]}`
		})
		i := New(s.Client)
		read := func(ids ...string) {
			t.Helper()
			i.handover.barrier.expected = 2 * len(ids)
			var group sync.WaitGroup
			for _, id := range ids {
				group.Go(func() {
					if c, err := i.WrittenConnection(t.Context(), id); err != nil || c.ID != id {
						t.Errorf("%s: %+v, %v", id, c, err)
					}
				})
				synctest.Wait()
			}
			group.Wait()
		}
		read(a, b)
		s.Expect(t, "GET connections")
		read(c, b)
		s.Expect(t, "GET connections/"+c)
		name := omni.ConnectionUpdate{Settings: omni.ConnectionSettings{Name: nullable.Of("m")}}
		for write, do := range map[string]func() error{
			"PATCH connections/" + a + ` {"name":"m"}`: func() error { return i.UpdateConnection(t.Context(), a, name) },
			"DELETE connections/" + c:                  func() error { return i.DeleteConnection(t.Context(), c) },
			"PATCH connections/" + b + ` {"environmentUserAttribute":null}`: func() error {
				return i.SetEnvironmentUserAttribute(t.Context(), b, nil)
			},
		} {
			if err := do(); err != nil {
				t.Errorf("%s: %v", write, err)
			}
			read(a, b)
			s.Expect(t, write, "GET connections")
		}

		// A single one asks for itself, at once.
		i.handover.barrier = barrier{expected: 1}
		began := time.Now()
		if _, err := i.FreshConnection(t.Context(), c); err != nil || time.Since(began) != 0 {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		s.Expect(t, "GET connections/"+c)
	})
}
