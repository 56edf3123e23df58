// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package failtest is for tests of what has to fail: assertions that tests share, and
// mistakes of a test that a mock answers with a panic.
package failtest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// T is a test whose failure is not one of the test around it.
type T struct {
	testing.TB
	ctx context.Context //nolint:containedctx // as a test has one

	mu       sync.Mutex // guards everything below
	said     []string
	failed   bool
	skipped  bool
	cleanups []func() // the last first
}

// Run runs a test inside of t, with a context and cleanups of its own, and returns what
// it said when it failed or was skipped, by lines; "" where it passed.
func Run(t testing.TB, body func(t *T)) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	inner := &T{TB: t, ctx: ctx}
	inner.run(func() { body(inner) })
	cancel()
	for clean := inner.lastCleanup(); clean != nil; clean = inner.lastCleanup() {
		inner.run(clean)
	}
	inner.mu.Lock()
	defer inner.mu.Unlock()
	return strings.Join(inner.said, "\n")
}

// run lets f end its goroutine, as a fatal error does.
func (t *T) run(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

func (t *T) lastCleanup() func() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.cleanups) == 0 {
		return nil
	}
	clean := t.cleanups[0]
	t.cleanups = t.cleanups[1:]
	return clean
}

// note notes what it says as it fails, or is skipped.
func (t *T) note(how *bool, text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	*how = true
	t.said = append(t.said, text)
}

func (t *T) is(how *bool) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return *how
}

// Context ends before the cleanups.
func (t *T) Context() context.Context { return t.ctx }

// Cleanup registers what [Run] does at its end, the last first.
func (t *T) Cleanup(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cleanups = slices.Insert(t.cleanups, 0, f)
}

// Parallel does nothing: [Run] waits for its end.
func (*T) Parallel() {}

// Error notes an error.
func (t *T) Error(args ...any) { t.note(&t.failed, text(args)) }

// Errorf notes an error.
func (t *T) Errorf(format string, args ...any) { t.Error(fmt.Sprintf(format, args...)) }

// Fatal notes an error and ends the test.
func (t *T) Fatal(args ...any) {
	t.Error(args...)
	runtime.Goexit()
}

// Fatalf notes an error and ends the test.
func (t *T) Fatalf(format string, args ...any) { t.Fatal(fmt.Sprintf(format, args...)) }

// Fail notes that it failed.
func (t *T) Fail() { t.Error("failed") }

// FailNow notes that it failed and ends the test.
func (t *T) FailNow() { t.Fatal("failed") }

// Failed reports whether there was an error.
func (t *T) Failed() bool { return t.is(&t.failed) }

// Skip notes why it is skipped, and ends the test.
func (t *T) Skip(args ...any) {
	t.note(&t.skipped, "skipped: "+text(args))
	runtime.Goexit()
}

// Skipf notes why it is skipped, and ends the test.
func (t *T) Skipf(format string, args ...any) { t.Skip(fmt.Sprintf(format, args...)) }

// SkipNow ends the test.
func (t *T) SkipNow() { t.Skip("now") }

// Skipped reports whether it was skipped.
func (t *T) Skipped() bool { return t.is(&t.skipped) }

func text(args []any) string { return strings.TrimSuffix(fmt.Sprintln(args...), "\n") }

// RequirePanics fails the test unless each mistake panics with words.
func RequirePanics(t testing.TB, mistakes map[string]func()) {
	t.Helper()
	for name, mistake := range mistakes {
		func() {
			defer func() {
				if text, ok := recover().(string); !ok || text == "" {
					t.Errorf("%s: no panic with words", name)
				}
			}()
			mistake()
		}()
	}
}
