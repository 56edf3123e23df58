// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package failtest_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/failtest"
)

// What a test says is returned, and where it ends it ends.
func TestRun(t *testing.T) {
	t.Parallel()
	type T = failtest.T
	for name, c := range map[string]struct {
		body                  func(t *T)
		want                  string
		failed, skipped, ends bool
	}{
		"nothing": {body: func(t *T) { t.Helper(); t.Parallel(); t.Log("no error") }},
		"errors":  {func(t *T) { t.Error("one", 2); t.Errorf("%d", 3); t.Fail() }, "one 2\n3\nfailed", true, false, false},
		"fatal":   {func(t *T) { t.Fatal("one", 2) }, "one 2", true, false, true},
		"fatalf":  {func(t *T) { t.Fatalf("%d", 3) }, "3", true, false, true},
		"now":     {func(t *T) { t.FailNow() }, "failed", true, false, true},
		"skip":    {func(t *T) { t.Skip("one", 2) }, "skipped: one 2", false, true, true},
		"skipf":   {func(t *T) { t.Skipf("%d", 3) }, "skipped: 3", false, true, true},
		"skipnow": {func(t *T) { t.SkipNow() }, "skipped: now", false, true, true},
	} {
		var inner *T
		ends := true
		got := failtest.Run(t, func(t *T) {
			inner = t
			c.body(t)
			ends = false
		})
		if got != c.want || inner.Failed() != c.failed || inner.Skipped() != c.skipped || ends != c.ends {
			t.Errorf("%s: %q, failed %t, skipped %t, ended %t", name, got, inner.Failed(), inner.Skipped(), ends)
		}
	}
}

// Cleanups come at the end, the last first, each to its end, and without the context.
func TestCleanups(t *testing.T) {
	t.Parallel()
	got := failtest.Run(t, func(t *failtest.T) {
		t.Cleanup(func() { t.Error("first") })
		t.Cleanup(func() { t.Fatal("second") })
		t.Cleanup(func() { t.Error(t.Context().Err()) })
		t.Fatal("test", t.Context().Err())
	})
	if want := "test <nil>\ncontext canceled\nsecond\nfirst"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestRequirePanics(t *testing.T) {
	t.Parallel()
	failtest.RequirePanics(t, map[string]func(){"words": func() { panic("no such thing") }})
	for name, mistake := range map[string]func(){
		"none":     func() {},
		"no words": func() { panic("") },
		"error":    func() { panic(errors.New("no such thing")) },
	} {
		got := failtest.Run(t, func(t *failtest.T) { failtest.RequirePanics(t, map[string]func(){name: mistake}) })
		if !strings.HasPrefix(got, name+": ") {
			t.Errorf("%s: %q", name, got)
		}
	}
}
