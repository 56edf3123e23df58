// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/omnitest"
)

// group is a gathering in the background: how many set out together, and when.
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

// Nobody waits who was never seen to have company, but for the time that is asked
// for.
func TestLonelyOperationSetsOut(t *testing.T) {
	t.Parallel()
	for _, lonely := range []time.Duration{0, time.Second / 2} {
		synctest.Test(t, func(t *testing.T) {
			h, began := &handover{}, time.Now()
			size, end := h.gather(t.Context(), true, lonely)
			end()
			if took := time.Since(began); size != 1 || took != lonely {
				t.Errorf("%d set out after %s, want 1 after %s", size, took, lonely)
			}
		})
	}
}

// Ten operations were seen. Where the rate limit makes requests wait, all of them
// are waited for, otherwise half of them.
func TestCompanyIsWaitedFor(t *testing.T) {
	t.Parallel()
	const seen, pace = 10, 10 * time.Millisecond
	for isThrottled, want := range map[bool]int{true: seen, false: seen / 2} {
		synctest.Test(t, func(t *testing.T) {
			h := &handover{company: company{most: seen}}
			var all []<-chan group
			for range want {
				time.Sleep(pace)
				all = append(all, gatherOne(t.Context(), h, isThrottled))
			}
			for i, one := range all {
				if got := <-one; got != (group{want, pace * time.Duration(want-1-i)}) {
					t.Errorf("throttled %t, operation %d: %d set out after %s", isThrottled, i, got.size, got.took)
				}
			}
		})
	}
}

// A wait ends when nothing happens any more, then with fewer expected; and at last
// whatever happens.
func TestWaitForCompanyIsBounded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		isThrottled, isWriting bool
		deadline               time.Duration
		took                   time.Duration
		most                   int
	}{
		"quiet":                            {false, false, time.Hour, companyQuiet, 5},
		"quiet, throttled":                 {true, false, time.Hour, throttledQuiet, 5},
		"a write hangs":                    {false, true, time.Hour, companyPatience, 10},
		"a write hangs, throttled":         {true, true, time.Hour, throttledPatience, 10},
		"half of the operation's own time": {true, true, time.Minute / 2, time.Minute / 4, 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := &handover{company: company{most: 10}}
				if c.isWriting {
					defer h.Begin()()
				}
				ctx, cancel := context.WithTimeout(t.Context(), c.deadline)
				defer cancel()
				first, second := gatherOne(ctx, h, c.isThrottled), gatherOne(ctx, h, c.isThrottled)
				if one, other := <-first, <-second; one != (group{2, c.took}) || other != one {
					t.Errorf("set out: %v and %v, want 2 after %s", one, other, c.took)
				}
				if h.most != c.most || h.waiting != 0 {
					t.Errorf("%d are expected from now on, want %d; %d count as waiting", h.most, c.most, h.waiting)
				}
			})
		})
	}
}

// Who gives up does so alone, and is not counted on.
func TestCanceledOperationLeavesItsCompany(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &handover{company: company{most: 4}}
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

// Who comes soon after a group has set out would have been company: the next groups
// are larger, up to what a CLI runs at once. Who comes late would not.
func TestCompanyIsLearned(t *testing.T) {
	t.Parallel()
	for gap, want := range map[time.Duration]int{companyQuiet - 1: presumed, companyQuiet: 1} {
		synctest.Test(t, func(t *testing.T) {
			h := &handover{}
			var all []<-chan group
			for range 100 {
				all = append(all, gatherOne(t.Context(), h, false))
				time.Sleep(gap)
			}
			if h.most != want {
				t.Errorf("operations every %s: %d are expected, want %d", gap, h.most, want)
			}
			for _, one := range all {
				if got := <-one; want == 1 && got != (group{1, 0}) {
					t.Errorf("one waited in vain: %v", got)
				}
			}
		})
	}
}

// Who waits to join a batch that is sent meanwhile waits no longer.
func TestSentBatchEndsTheWaitOfItsMembers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := omnitest.New(t, "v1", omnitest.Always(http.StatusForbidden, `{"detail":"no"}`))
		b := environmentBatches{client: s.Client, handover: &handover{company: company{most: 10}}}
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

// The time that is asked for is for those who may be alone.
func TestCompanyDoesNotWaitForTheFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, began := &handover{company: company{most: 4}}, time.Now()
		one := gatherOne(t.Context(), h, false)
		size, end := h.gather(t.Context(), false, time.Second)
		end()
		if took := time.Since(began); size != 2 || took != 0 || <-one != (group{2, 0}) {
			t.Errorf("%d set out after %s", size, took)
		}
	})
}

// Where the rate limit has made requests wait once, it is expected to again.
func TestRateLimitIsRemembered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &handover{company: company{most: 2, isScarce: true}}
		if got := <-gatherOne(t.Context(), h, false); got != (group{1, throttledQuiet}) {
			t.Errorf("%d set out after %s", got.size, got.took)
		}
	})
}

// Of those who come soon after a group has set out, the first shows that it should
// have waited for one more.
func TestLateCompanyCountsOnce(t *testing.T) {
	t.Parallel()
	h := &handover{company: company{most: 4, setOut: time.Now()}}
	for range 3 {
		h.join()
	}
	if h.most != 5 {
		t.Errorf("%d are expected, want 5", h.most)
	}
}

// After a wait in vain half as many are expected, and always the operation itself.
func TestWaitInVainHalvesWhatIsExpected(t *testing.T) {
	t.Parallel()
	for most, want := range map[int]int{10: 5, 3: 1, 2: 1, 1: 1} {
		h := &handover{company: company{most: most, waiting: 1}}
		if size := h.depart(t.Context(), 0, true); size != 1 || h.most != want {
			t.Errorf("of %d, %d set out, and %d are expected, want %d", most, size, h.most, want)
		}
	}
}
