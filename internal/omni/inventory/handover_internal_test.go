// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/omni/omnitest"
)

func succeed() error { return nil }

// Only what is freed after the refusal ends the wait for a value.
func TestWaitForValues(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, since, meanwhile func(h *handover)
		want                     bool
	}{
		"freed before":            {func(h *handover) { h.free("a") }, nil, nil, false},
		"all freed before":        {func(h *handover) { h.free() }, nil, nil, false},
		"another is freed":        {nil, nil, func(h *handover) { h.free("b") }, false},
		"it is freed":             {func(h *handover) { h.free("a") }, nil, func(h *handover) { h.free("b", "a") }, true},
		"any may be freed":        {func(h *handover) { h.free() }, nil, func(h *handover) { h.free() }, true},
		"freed, and then another": {nil, func(h *handover) { h.free("a"); h.free("b") }, nil, true},
		"nothing is freed":        {nil, nil, nil, false},
		"a write that ends":       {nil, nil, func(h *handover) { h.Begin()() }, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			h := &handover{}
			end := h.Begin()
			if c.before != nil {
				c.before(h)
			}
			since := h.lastFree()
			if c.since != nil {
				c.since(h)
			}
			if c.meanwhile != nil {
				go c.meanwhile(h)
			}
			if got := h.awaitValues(t.Context(), []string{"x", "a"}, since, time.Second); got != c.want {
				t.Errorf("%s: %t", name, got)
			}
			if h.IsQuiet() {
				t.Errorf("%s: the write that waited does not count", name)
			}
			if end(); !h.IsQuiet() {
				t.Errorf("%s: a write counts that has ended", name)
			}
		})
	}
}

// A delete is a write like any other.
func TestDeletesAreWaitedFor(t *testing.T) {
	t.Parallel()
	failed := errors.New("no")
	for _, result := range []error{nil, failed} {
		synctest.Test(t, func(t *testing.T) {
			h := &handover{}
			go func() {
				if isLeft, err := h.end("key", "id", func() error { time.Sleep(time.Second); return result }); isLeft || !errors.Is(err, result) {
					t.Errorf("%t, %v", isLeft, err)
				}
			}()
			synctest.Wait()
			began := time.Now()
			if h.Await(t.Context(), time.Minute, h.IsQuiet); time.Since(began) != time.Second {
				t.Errorf("quiet after %s", time.Since(began))
			}
			if h.Await(t.Context(), time.Minute, h.IsQuiet); time.Since(began) != time.Second {
				t.Error("a write is still counted")
			}
			if h.hasEnded("key") != (result == nil) || h.hasMade("key") {
				t.Errorf("%v: ended %t, made %t", result, h.hasEnded("key"), h.hasMade("key"))
			}
		})
	}
}

// What a create has claimed a delete leaves, once; what a delete is ending cannot be
// claimed, and the claim waits for its end.
func TestClaims(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &handover{}
		if !h.claim(t.Context(), "key", time.Minute) || !h.hasMade("key") || h.hasMade("other") {
			t.Error("what nobody is ending was not claimed")
		}
		if isLeft, err := h.end("key", "id", func() error { return errors.New("removed") }); !isLeft || err != nil {
			t.Errorf("%t, %v", isLeft, err)
		}
		if isLeft, err := h.end("key", "id", succeed); isLeft || err != nil || h.hasMade("key") {
			t.Errorf("the create's own delete: %t, %v", isLeft, err)
		}
		go func() { _, _ = h.end("other", "id", func() error { time.Sleep(time.Second); return nil }) }()
		synctest.Wait()
		began := time.Now()
		if h.claim(t.Context(), "other", time.Minute) || time.Since(began) != time.Second || h.hasMade("other") {
			t.Errorf("claimed, or not waited for: %s", time.Since(began))
		}
		if _, isFree := h.take(t.Context(), "other", time.Minute); !isFree || time.Since(began) != time.Second {
			t.Errorf("free: %t, after %s", isFree, time.Since(began))
		}
		if id, isFree := h.take(t.Context(), "third", time.Minute); id != "" || isFree || time.Since(began) != time.Second+time.Minute {
			t.Errorf("%q, %t, after %s", id, isFree, time.Since(began))
		}
		if isLeft, err := h.end("third", "id", succeed); isLeft || err != nil {
			t.Errorf("left to a create that no longer waits: %t, %v", isLeft, err)
		}
	})
}

// A batch that is sent closes itself, and not the next one of its base.
func TestSentBatchLeavesTheNextOpen(t *testing.T) {
	t.Parallel()
	s := omnitest.New(t, "v1", omnitest.Always(http.StatusBadRequest, `{"detail":"no"}`))
	b := environmentBatches{client: s.Client, handover: &handover{}}
	first, _ := b.join(t.Context(), "base", "a")
	next, isFirst := b.join(t.Context(), "base", "a") // the same again is a request of its own
	if !isFirst || next == first {
		t.Fatal("a request would have the same connection twice")
	}
	b.send("base", first, false)
	if batch, isFirst := b.join(t.Context(), "base", "b"); isFirst || batch != next {
		t.Error("the next batch takes no more members")
	}
	b.send("base", next, false)
	if batch, isFirst := b.join(t.Context(), "base", "c"); !isFirst || batch == next {
		t.Error("a batch that was sent takes members")
	}
}

// A batch that the server refuses is tried one by one, because one member may be the
// reason; another error is that of all.
func TestRefusedBatchIsTakenApart(t *testing.T) {
	t.Parallel()
	for status, requests := range map[int]int{http.StatusBadRequest: 3, http.StatusNotFound: 3, http.StatusConflict: 3, http.StatusForbidden: 1} {
		s := omnitest.New(t, "v1", omnitest.Always(status, `{"detail":"no"}`))
		b := environmentBatches{client: s.Client, handover: &handover{}}
		batch, _ := b.join(t.Context(), "base", "a")
		_, _ = b.join(t.Context(), "base", "b")
		b.send("base", batch, false)
		if sent := s.Sent(); len(sent) != requests || batch.errs["a"] == nil || batch.errs["b"] == nil {
			t.Errorf("%d: %q, %v", status, sent, batch.errs)
		}
	}
}
