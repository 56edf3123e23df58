// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// TestSmallestEstate runs the whole benchmark, with as little of it as there
// can be.
func TestSmallestEstate(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	out := filepath.Join(t.TempDir(), "result.md")
	var stdout, stderr bytes.Buffer
	o := options{sizes: []int{2}, limit: 600, limitedSize: 2, out: out, profiles: t.TempDir()}
	if err := run(t.Context(), o, &stdout, &stderr); err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	written, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if string(written) != stdout.String() {
		t.Errorf("the file has\n%s\nand standard output\n%s", written, stdout.String())
	}
	for _, line := range []string{
		`provider \| .*`,
		`floor \| .*`,
		// How many reads an apply shares depends on what runs at the same time.
		`2 \| apply \| \d+ \| \d+ \| 3 \| 1 \| 1 \| 0 \| \d+`,
		`2 \| no-op plan \| 2 \| 0 \| 0 \| 0 \| 0 \| 0 \| 2`,
		`2 \| destroy \| 2 \| 0 \| 0 \| 0 \| 1 \| 3 \| 6`,
		`2 \| no-op plan \| provider: 600 \| .*`,
		`2 \| apply \| provider and server: 600 \| .*`,
	} {
		if !regexp.MustCompile(`(?m)^\| ` + line + ` \|$`).MatchString(stdout.String()) {
			t.Errorf("no line is %s in\n%s", line, stdout.String())
		}
	}
	if profiles, err := filepath.Glob(filepath.Join(o.profiles, "cpu-*.pprof")); err != nil || len(profiles) == 0 {
		t.Errorf("profiles: %q, error %v", profiles, err)
	}
	if left, err := filepath.Glob(filepath.Join(os.TempDir(), "dataconn-bench-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, error %v", left, err)
	}
}

func TestFlags(t *testing.T) {
	o, err := parseFlags(nil, &bytes.Buffer{})
	if err != nil || !slices.Equal(o.sizes, []int{10, 100, 1000}) || o.latency != 50*time.Millisecond || o.limit != 60 || o.limitedSize != 100 || o.out != "" {
		t.Errorf("the defaults are %+v, error %v", o, err)
	}
	o, err = parseFlags([]string{"-n", "2, 30", "-latency", "0s", "-limit", "0", "-out", "x.md"}, &bytes.Buffer{})
	if err != nil || !slices.Equal(o.sizes, []int{2, 30}) || o.latency != 0 || o.limit != 0 || o.out != "x.md" {
		t.Errorf("got %+v, error %v", o, err)
	}
	for _, wrong := range [][]string{{"more"}, {"-n", "1"}, {"-n", "10,"}, {"-n", ""}, {"-latency", "-1s"}, {"-limit", "-1"}, {"-limit-n", "1"}, {"-x"}} {
		if _, err := parseFlags(wrong, &bytes.Buffer{}); err == nil {
			t.Errorf("%q is accepted", wrong)
		}
	}
}

func TestCountRequests(t *testing.T) {
	began := time.Now()
	got := countRequests([]omnimock.Request{
		{Method: "GET", Path: "/api/v1/connections", Status: 200, Time: began},
		{Method: "GET", Path: "/api/v1/connection-environments", Status: 200},
		{Method: "GET", Path: "/api/v1/connections/x", Status: 404},
		{Method: "GET", Path: "/api/v1/connections/x", Status: 429},
		{Method: "POST", Path: "/api/v1/connections", Status: 429},
		{Method: "POST", Path: "/api/v1/connections", Status: 200, Time: began.Add(time.Minute)},
	})
	want := map[string]int{getList: 2, getOne: 1, "POST": 1}
	if !maps.Equal(got.byKind, want) || got.refused != 2 || got.total() != 4 || got.span != time.Minute {
		t.Errorf("got %+v, %d in all; want %v, 2 refused, 4 in all, within a minute", got, got.total(), want)
	}
	if none := countRequests(nil); none.total() != 0 || none.span != 0 {
		t.Errorf("of no requests %+v", none)
	}
}

func TestUtilization(t *testing.T) {
	if got := percent(utilization(59, time.Minute, 60)); got != "98.3 %" {
		t.Errorf("59 of 60 in a minute are %s", got)
	}
}

func TestJudge(t *testing.T) {
	with := func(total int) cost { return cost{requests: requests{byKind: map[string]int{getList: total}}} }
	for _, c := range []struct {
		size      int
		command   string
		perMinute int
		total     int
		fails     bool
	}{
		{1000, noop, unlimited, 3, false},
		{10, noop, unlimited, 4, true},
		{100, apply, 60, 235, false},
		{100, apply, 60, 236, true},
		{1000, apply, 60, 2305, false},
		{1000, apply, 60, 2306, true},
		{100, apply, unlimited, 258, false},
		{100, apply, unlimited, 259, true},
		{10, apply, 60, 48, false},
		{10, apply, 60, 49, true},
		{100, destroy, unlimited, 10000, false},
	} {
		var b bench
		b.judge(c.size, c.command, c.perMinute, with(c.total))
		if failed := b.verdict() != nil; failed != c.fails {
			t.Errorf("%s of %d with %d requests: %v", c.command, c.size, c.total, b.verdict())
		}
	}
}

func TestFindWarning(t *testing.T) {
	output := "│ Warning: Provider development overrides are in effect\n│ \nApply complete!\n"
	if got := findWarning(output); got != "" {
		t.Errorf("%q is a warning", got)
	}
	if got := findWarning(output + "│ Warning: An Omni connection is gone\n│ more\n"); got != "Warning: An Omni connection is gone" {
		t.Errorf("the warning is %q", got)
	}
}

func TestSettings(t *testing.T) {
	e := &estate{server: omnimock.New(omnimock.Options{Token: "the-token"}), url: "http://127.0.0.1:1", size: 7}
	got := e.settings(60)
	for _, want := range []string{"OMNI_BASE_URL=http://127.0.0.1:1", "OMNI_API_TOKEN=the-token", "OMNI_MAX_REQUESTS_PER_MINUTE=60", "TF_VAR_connections=7"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is missing in %q", want, got)
		}
	}
}

func TestWatchSeesTheProcess(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("memory is measured on Linux only")
	}
	if peak := watch(os.Getpid())(); peak.tree < 1<<20 {
		t.Errorf("this process has %d bytes", peak.tree)
	}
	const none = 1 << 30 // beyond the largest process id
	if peak := watch(none)(); peak != (memory{}) {
		t.Errorf("no process has %+v", peak)
	}
}

func TestMiddle(t *testing.T) {
	for want, walls := range map[time.Duration][]time.Duration{7: {7}, 2: {9, 2, 1}, 3: {3, 3, 1}} {
		var costs []cost
		for _, wall := range walls {
			costs = append(costs, cost{wall: wall})
		}
		if got := middle(costs).wall; got != want {
			t.Errorf("the middle of %v is %v", walls, got)
		}
	}
}
