// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package soak_test

import (
	"flag"
	"fmt"
	"runtime"
	"testing"
	"time"

	"go.uber.org/goleak"
)

var (
	duration  = flag.Duration("soak", 0, "how long to go on; 0 runs a few worlds")
	firstSeed = flag.Int64("seed", 1, "the seed of the first world; the next ones count on")
)

const (
	fewWorlds, fewRounds = 3, 6 // of a run without -soak
	rounds               = 12   // of a world, else

	// What the process may keep more of after many worlds than after the first
	// few. What leaks with each round soon exceeds it.
	warmUp   = 3
	heapRoom = 16 << 20
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestSoak runs worlds one after the other. A world that fails names its seed,
// and `make soak SOAKSEED=...` begins with it.
func TestSoak(t *testing.T) {
	var figures figures
	var heap uint64
	rounds, deadline := rounds, time.Now().Add(*duration)
	if *duration == 0 {
		rounds = fewRounds
	}
	for i := int64(0); ; i++ {
		if *duration == 0 && i == fewWorlds || *duration > 0 && time.Now().After(deadline) {
			break
		}
		seed := *firstSeed + i
		before := goleak.IgnoreCurrent()
		if !t.Run(fmt.Sprint(seed), func(t *testing.T) { newWorld(t, seed, &figures).run(rounds) }) {
			t.Fatalf("the world of seed %d failed; replay it with: make soak SOAKSEED=%d", seed, seed)
		}
		waitForGoroutines(t, seed, before)
		switch used := heapInUse(); {
		case i < warmUp:
			heap = max(heap, used)
		case used > heap+heapRoom:
			t.Fatalf("after the world of seed %d, %d KiB are in use, after the first ones it were %d", seed, used>>10, heap>>10)
		}
	}
	t.Logf("%s; heap %d KiB after the first worlds, %d KiB at the end", &figures, heap>>10, heapInUse()>>10)
}

func heapInUse() uint64 {
	runtime.GC()
	runtime.GC() // what finalizers let go of
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// waitForGoroutines fails the test if anything of a world outlives it. Closed
// connections take a moment to notice.
func waitForGoroutines(t *testing.T, seed int64, before goleak.Option) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; {
		err := goleak.Find(before)
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("goroutines outlive the world of seed %d: %v", seed, err)
		}
	}
}

// figures are what a run has to show for itself.
type figures struct {
	worlds, rounds, applies, changes, edits int
	faults, hit, failedApplies, lost        int
	back, strangers                         int
}

func (f *figures) String() string {
	return fmt.Sprintf("%d worlds, %d rounds, %d applies, %d changes of configurations, %d edits and deletions by others; "+
		"%d faults set, %d requests met one, %d applies failed because of them, %d objects taken over by an import that an error had asked for; "+
		"%d users went back, %d strangers made a lookalike",
		f.worlds, f.rounds, f.applies, f.changes, f.edits, f.faults, f.hit, f.failedApplies, f.lost, f.back, f.strangers)
}
