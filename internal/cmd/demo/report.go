// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
)

// step is one numbered part of the demo. Its error ends the demo; what it
// expects, and does not see, does not.
type step struct {
	title string
	run   func(ctx context.Context, r *report) error
}

// report prints what happens and keeps count of what was expected.
type report struct {
	out     io.Writer
	verbose bool

	current string   // the step under way
	held    int      // expectations that hold
	failed  []string // those that do not, each with its step
}

func (r *report) print(format string, args ...any) {
	_, _ = fmt.Fprintf(r.out, format+"\n", args...)
}

// note prints a line that belongs to the step under way.
func (r *report) note(format string, args ...any) {
	r.print("      "+format, args...)
}

// expect prints what ought to hold, and records whether it does.
func (r *report) expect(holds bool, format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	if holds {
		r.held++
		r.note("ok    %s", what)
		return
	}
	r.failed = append(r.failed, r.current+": "+what)
	r.note("FAIL  %s", what)
}

// expectEqual is expect for a value; a failure says what it is instead.
func expectEqual[T comparable](r *report, got, want T, format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	if got != want {
		what += fmt.Sprintf(" (want %v, got %v)", want, got)
	}
	r.expect(got == want, "%s", what)
}

// run runs the steps in order, each with its time and the requests it made.
func (r *report) run(ctx context.Context, steps []step, requests func() int) error {
	for i, s := range steps {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("stopped before %q", s.title)
		}
		r.current = s.title
		r.print("")
		r.print("%d/%d   %s", i+1, len(steps), s.title)
		start, before := time.Now(), requests()
		err := s.run(ctx, r)
		if took := time.Since(start).Round(100 * time.Millisecond); took > 0 {
			r.note("%s, %d requests", took, requests()-before)
		}
		switch {
		case ctx.Err() != nil:
			return fmt.Errorf("stopped during %q", s.title)
		case err != nil:
			return fmt.Errorf("%s: %w", s.title, err)
		}
	}
	return nil
}

// verdict returns what did not hold.
func (r *report) verdict() error {
	if len(r.failed) == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d expectations do not hold:\n  - %s", len(r.failed), len(r.failed)+r.held, strings.Join(r.failed, "\n  - "))
}
