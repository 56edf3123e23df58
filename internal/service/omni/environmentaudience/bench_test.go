// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package environmentaudience_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"
)

// BenchmarkAudience is what telling who works where takes in a large organization:
// time, requests, and the most memory at one moment. Without a rate limit, and with
// the server in the same process, which counts too.
func BenchmarkAudience(b *testing.B) {
	for _, users := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprintf("users=%d", users), func(b *testing.B) {
			s := newLargeStage(b, users)
			s.ResetRequests()
			peak := watchHeap()
			b.ReportAllocs()
			for b.Loop() {
				_, diags := s.read(nil)
				diags.RequireNone(b)
			}
			b.ReportMetric(float64(peak())/(1<<20), "MB-peak")
			b.ReportMetric(float64(s.CountRequests("", ""))/float64(b.N), "requests/op")
		})
	}
}

// watchHeap looks at the heap until the function that it returns is called, which
// says by how much it grew at most, in bytes.
func watchHeap() (stop func() uint64) {
	heap := func() uint64 {
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapInuse
	}
	runtime.GC()
	before, most, over := heap(), uint64(0), make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		ticker := time.NewTicker(5 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-over:
				return
			case <-ticker.C:
				most = max(most, heap())
			}
		}
	})
	return func() uint64 {
		close(over)
		watching.Wait()
		return max(most, before) - before
	}
}
