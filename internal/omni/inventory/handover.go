// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"context"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/inflight"
)

// handover lets what is unique on the server change hands within one run: a
// value of a user attribute, which one environment gives up and another wants,
// and an association or a binding that is destroyed at one address and made at
// another. The operations are writes, and reads that wait at the barrier. The zero
// value is ready.
type handover struct {
	inflight.Operations

	frees    uint64            // how often values were freed; the number of the latest
	freed    map[string]uint64 // by value: the latest time
	freedAny uint64            // the latest time that may have freed any value

	possessions map[handoverKey]*possession

	barrier barrier
}

// possession is what this run knows of something that may change hands.
type possession struct {
	isWanted bool   // a create waits for it
	isTaken  bool   // a create took it over, so that a delete must leave it
	left     string // the id that a delete left to a create
	isEnding bool   // a delete is ending it
	hasEnded bool   // a delete has ended it
	isMade   bool   // a create has made it or taken it over, and no delete has ended it since
	frees    int    // how often a delete or a rename has freed the key
}

// of returns what is known under the key. The caller holds the mutex.
func (h *handover) of(key handoverKey) *possession {
	if h.possessions[key] == nil {
		set(&h.possessions, key, &possession{})
	}
	return h.possessions[key]
}

// handoverKey names what may change hands: there is one of it on the server.
type handoverKey string

func associationKey(baseConnectionID, connectionID string) handoverKey {
	return handoverKey("environment " + baseConnectionID + "/" + connectionID)
}

func bindingKey(connectionID string) handoverKey { return handoverKey("binding of " + connectionID) }

func dbtKey(connectionID string) handoverKey { return handoverKey("dbt of " + connectionID) }

func userAttributeKey(name string) handoverKey { return handoverKey("user attribute " + name) }

func userValueKey(userID, attribute string) handoverKey {
	return handoverKey("value of " + userID + "/" + attribute)
}

// lastFree returns the number of the latest time that values were freed, for
// [handover.awaitValues].
func (h *handover) lastFree() uint64 {
	h.Lock()
	defer h.Unlock()
	return h.frees
}

// free says that nobody holds the values any more, or any value at all where there
// are none.
func (h *handover) free(values ...string) {
	h.Lock()
	defer h.Unlock()
	h.frees++
	if len(values) == 0 {
		h.freedAny = h.frees
	}
	for _, v := range values {
		set(&h.freed, v, h.frees)
	}
	h.Wake()
}

// awaitValues waits until one of the values was freed since a [handover.lastFree];
// see [inflight.Operations.Await]. The caller has a write under way, which does not
// count meanwhile.
func (h *handover) awaitValues(ctx context.Context, values []string, since uint64, quiet time.Duration) bool {
	defer h.Pause()()
	return h.Await(ctx, quiet, func() bool {
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
// take reports isFree, as it does after a rename. It does neither where none comes.
func (h *handover) take(ctx context.Context, key handoverKey, quiet time.Duration) (id string, isFree bool) {
	h.want(key, true)
	defer h.want(key, false)
	frees := h.freesOf(key)
	h.Await(ctx, quiet, func() bool {
		id, isFree = h.of(key).left, h.of(key).hasEnded || h.of(key).frees != frees
		return id != "" || isFree
	})
	return id, isFree && id == ""
}

// claim takes what the server has already without waiting for a delete, unless one
// is under way: then it waits for its end, and returns false.
func (h *handover) claim(ctx context.Context, key handoverKey, quiet time.Duration) bool {
	h.Lock()
	possession := h.of(key)
	isEnding := possession.isEnding
	if !isEnding {
		possession.isTaken, possession.isMade = true, true
	}
	h.Unlock()
	if isEnding {
		h.Await(ctx, quiet, func() bool { return !possession.isEnding })
	}
	return !isEnding
}

// end runs a delete, unless the object is left to a create that took it over or
// waits for it: then isLeft is true.
func (h *handover) end(key handoverKey, id string, remove func() error) (isLeft bool, err error) {
	defer h.Begin()()
	if h.leave(key, id) {
		return true, nil
	}
	err = remove()
	h.Lock()
	defer h.Unlock()
	possession := h.of(key)
	possession.isEnding, possession.hasEnded = false, err == nil
	if err == nil {
		possession.isMade = false
		possession.frees++
	}
	return false, err
}

// rename runs a change that gives an object another key, and so frees its own. A
// create that meets the object meanwhile waits for the end. Where the new key is held
// by another object, the change is sent again once this run has freed that. wasTaken
// is true where a create of this run had taken the object over before.
func (h *handover) rename(ctx context.Context, from, to handoverKey, quiet time.Duration, change func() (isHeld bool, err error)) (wasTaken bool, err error) {
	defer h.Begin()()
	h.setEnding(from)
	for isAgain := true; isAgain; {
		frees := h.freesOf(to)
		var isHeld bool
		isHeld, err = change()
		isAgain = isNameTaken(err) && (h.freesOf(to) != frees || isHeld && h.waitFree(ctx, to, frees, quiet))
	}
	h.Lock()
	defer h.Unlock()
	former := h.of(from)
	former.isEnding = false
	if err != nil {
		return false, err
	}
	wasTaken = former.isTaken
	former.isTaken, former.isMade = false, false
	former.frees++
	h.of(to).isMade = true
	return wasTaken, nil
}

// waitFree is [handover.awaitFree] for an operation that is under way, which does not
// count meanwhile.
func (h *handover) waitFree(ctx context.Context, key handoverKey, since int, quiet time.Duration) bool {
	defer h.Pause()()
	return h.awaitFree(ctx, key, since, quiet)
}

func (h *handover) setEnding(key handoverKey) {
	h.Lock()
	defer h.Unlock()
	h.of(key).isEnding = true
}

// freesOf returns how often the key was freed, for [handover.awaitFree].
func (h *handover) freesOf(key handoverKey) int {
	h.Lock()
	defer h.Unlock()
	return h.of(key).frees
}

// awaitFree waits until the key was freed since a [handover.freesOf]; see
// [inflight.Operations.Await].
func (h *handover) awaitFree(ctx context.Context, key handoverKey, since int, quiet time.Duration) bool {
	return h.Await(ctx, quiet, func() bool { return h.of(key).frees != since })
}

// leave leaves an object to a create, or notes that its delete begins.
func (h *handover) leave(key handoverKey, id string) bool {
	h.Lock()
	defer h.Unlock()
	possession := h.of(key)
	isLeft := possession.isTaken || possession.isWanted
	if isLeft {
		possession.isTaken = false // a delete that comes later is the create's own
		possession.left = id
	} else {
		possession.isEnding = true
	}
	h.Wake()
	return isLeft
}

func (h *handover) hasEnded(key handoverKey) bool {
	h.Lock()
	defer h.Unlock()
	return h.of(key).hasEnded
}

// noteMade notes what a create has made: a second create of the same in this run is
// another resource of the configuration, which must not take it over.
func (h *handover) noteMade(key handoverKey) {
	h.Lock()
	defer h.Unlock()
	h.of(key).isMade = true
}

// reserve is [handover.noteMade] ahead of the create: false where another create of this
// run has made the same, or is about to.
func (h *handover) reserve(key handoverKey) bool {
	h.Lock()
	defer h.Unlock()
	possession := h.of(key)
	isReserved := !possession.isMade
	possession.isMade = true
	return isReserved
}

// unreserve is for a create that failed.
func (h *handover) unreserve(key handoverKey) {
	h.Lock()
	defer h.Unlock()
	h.of(key).isMade = false
}

func (h *handover) hasMade(key handoverKey) bool {
	h.Lock()
	defer h.Unlock()
	return h.of(key).isMade
}

func (h *handover) want(key handoverKey, isWanted bool) {
	h.Lock()
	defer h.Unlock()
	h.of(key).isWanted = isWanted
	h.Wake()
}
