// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// memory is the most that was resident at a time, in bytes. It is zero where
// there is no /proc: memory is measured on Linux only.
type memory struct {
	tree     int64 // a CLI and all its children, which are providers
	provider int64 // the largest of the providers
}

// samplingInterval is short beside a command, and long beside what a sample
// takes.
const samplingInterval = 20 * time.Millisecond

// watch samples the memory of a process and its descendants, until the function
// that it returns is called for the peaks.
func watch(root int) (peaks func() memory) {
	stop := make(chan struct{})
	result := make(chan memory)
	go func() {
		var peak memory
		ticker := time.NewTicker(samplingInterval)
		defer ticker.Stop()
		for {
			now := sample(root)
			peak.tree = max(peak.tree, now.tree)
			peak.provider = max(peak.provider, now.provider)
			select {
			case <-ticker.C:
			case <-stop:
				result <- peak
				return
			}
		}
	}()
	return func() memory {
		close(stop)
		return <-result
	}
}

// sample adds up resident memory. The few pages that processes share (the two
// programs are different and statically linked) count for each.
func sample(root int) memory {
	program := executableOf(root)
	m := memory{tree: resident(root)}
	for _, pid := range descendants(root) {
		// Between fork and exec a child has its parent's memory.
		if executableOf(pid) == program {
			continue
		}
		rss := resident(pid)
		m.tree += rss
		m.provider = max(m.provider, rss)
	}
	return m
}

func executableOf(pid int) string {
	path, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid)) // "" once the process has ended
	return path
}

// resident reads the second number of statm, in pages.
func resident(pid int) int64 {
	numbers := readNumbers(fmt.Sprintf("/proc/%d/statm", pid))
	if len(numbers) < 2 {
		return 0
	}
	return int64(numbers[1]) * int64(os.Getpagesize())
}

// descendants returns the children of a process, theirs, and so on. Each thread
// has its own list of children.
func descendants(pid int) []int {
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid)) // the pattern is well formed
	var all []int
	for _, list := range lists {
		for _, child := range readNumbers(list) {
			all = append(all, child)
			all = slices.Concat(all, descendants(child))
		}
	}
	return all
}

// readNumbers reads a line of numbers; a file that is gone has none.
func readNumbers(file string) []int {
	content, _ := os.ReadFile(file) //nolint:gosec // G304: a file of /proc
	var numbers []int
	for field := range strings.FieldsSeq(string(content)) {
		n, err := strconv.Atoi(field)
		if err != nil {
			return nil
		}
		numbers = append(numbers, n)
	}
	return numbers
}
