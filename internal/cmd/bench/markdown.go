// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// markdown is the result, as far as there is one.
func (b *bench) markdown() string {
	var m strings.Builder
	b.describe(&m)
	b.requestTable(&m)
	b.limitTable(&m)
	b.timeTable(&m)
	b.memoryTable(&m)
	b.startUpTable(&m)
	return m.String()
}

// describe says what was measured, and on what.
func (b *bench) describe(m *strings.Builder) {
	printf(m, "Measured on %s: %s, %s %s. ", b.started.Format(time.DateOnly), machine(), b.workshop.cli.Kind, b.workshop.cli.Version)
	printf(m, "The server is in memory on the same machine, and takes %s for each answer. ", b.options.latency)
	printf(m, "An estate of N is 2N resources: N connections, N-1 environments of the first one, and its user attribute. A no-op plan is run %d times, and the middle one shown.\n", noopRuns)
	if load := loadAverage(); load != "" {
		printf(m, "Load average (1 minute): %s before, %s after.\n", b.loadBefore, load)
	} else {
		printf(m, "Memory is measured on Linux only.\n")
	}
}

func (b *bench) requestTable(m *strings.Builder) {
	t := newTable(append([]string{"N", "Command"}, append(kinds, "All")...)...)
	for _, r := range b.rows {
		cells := []string{strconv.Itoa(r.size), r.command}
		for _, kind := range kinds {
			cells = append(cells, strconv.Itoa(r.real.requests.byKind[kind]))
		}
		t.add(append(cells, strconv.Itoa(r.real.requests.total()))...)
	}
	t.write(m, "Requests")
}

func (b *bench) limitTable(m *strings.Builder) {
	t := newTable("N", "Command", "Limit, requests a minute", "Time", "CPU time", "Requests", "Refused with 429", "Of what the limit allows", "While it sends")
	for _, r := range b.limited {
		used, sending := "–", "–"
		if r.command == apply {
			used = percent(utilization(r.cost.requests.total(), r.cost.wall, b.options.limit))
			sending = percent(utilization(r.cost.requests.total()-1, r.cost.requests.span, b.options.limit))
		}
		t.add(strconv.Itoa(r.size), r.command, r.what, seconds(r.cost.wall), seconds(r.cost.cpu),
			strconv.Itoa(r.cost.requests.total()), strconv.Itoa(r.cost.requests.refused), used, sending)
	}
	t.write(m, "Under a rate limit")
}

func (b *bench) timeTable(m *strings.Builder) {
	t := newTable("N", "Command", "Time", "Floor", "Ratio", "CPU time", "Floor", "Ratio")
	for _, r := range b.rows {
		t.add(strconv.Itoa(r.size), r.command,
			seconds(r.real.wall), seconds(r.floor.wall), ratio(r.real.wall, r.floor.wall),
			seconds(r.real.cpu), seconds(r.floor.cpu), ratio(r.real.cpu, r.floor.cpu))
	}
	t.write(m, "Time, and CPU time of CLI and provider")
}

func (b *bench) memoryTable(m *strings.Builder) {
	t := newTable("N", "Command", "CLI and provider", "Floor", "Provider alone", "Floor")
	for _, r := range b.rows {
		t.add(strconv.Itoa(r.size), r.command,
			megabytes(r.real.memory.tree), megabytes(r.floor.memory.tree),
			megabytes(r.real.memory.provider), megabytes(r.floor.memory.provider))
	}
	t.write(m, "Peak memory")
}

func (b *bench) startUpTable(m *strings.Builder) {
	t := newTable("Process", "Start until handshake", "Memory by then", "Executable")
	for _, s := range b.startUp {
		t.add(s.plugin, fmt.Sprintf("%.0f ms", float64(s.median)/float64(time.Millisecond)), megabytes(s.memory), megabytes(s.size))
	}
	t.write(m, "Start of the provider's process")
}

// utilization compares so many requests in that time with as many as the limit allows.
func utilization(requests int, in time.Duration, perMinute int) float64 {
	return float64(requests) / (in.Minutes() * float64(perMinute))
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

// table is a Markdown table.
type table struct{ lines [][]string }

func newTable(head ...string) *table { return &table{[][]string{head}} }

func (t *table) add(cells ...string) { t.lines = append(t.lines, cells) }

// write writes a table, unless it is empty.
func (t *table) write(m *strings.Builder, title string) {
	if len(t.lines) < 2 {
		return
	}
	printf(m, "\n%s:\n\n", title)
	for i, cells := range t.lines {
		printf(m, "| %s |\n", strings.Join(cells, " | "))
		if i == 0 {
			printf(m, "|%s\n", strings.Repeat(" --- |", len(cells)))
		}
	}
}

func printf(m *strings.Builder, format string, args ...any) { _, _ = fmt.Fprintf(m, format, args...) }

func seconds(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("%.2f s", d.Seconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

func ratio(a, b time.Duration) string { return fmt.Sprintf("%.2f", a.Seconds()/b.Seconds()) }

func megabytes(n int64) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprintf("%d MB", n>>20)
}

// machine is the size of this one.
func machine() string {
	text := fmt.Sprintf("%d cores", runtime.NumCPU())
	content, _ := os.ReadFile("/proc/meminfo") // there is none but on Linux
	var kilobytes int64
	if _, err := fmt.Sscanf(string(content), "MemTotal: %d kB", &kilobytes); err == nil {
		text += fmt.Sprintf(", %d GB", (kilobytes+1<<19)>>20)
	}
	return fmt.Sprintf("%s, %s/%s", text, runtime.GOOS, runtime.GOARCH)
}

// loadAverage says how busy the machine has been in the last minute; "" where
// it does not tell.
func loadAverage() string {
	content, _ := os.ReadFile("/proc/loadavg") // there is none but on Linux
	first, _, _ := strings.Cut(string(content), " ")
	return first
}
