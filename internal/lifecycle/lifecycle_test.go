// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package lifecycle_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
)

var everyOne = flag.Bool("lifecycle.all", false, "try each cell by itself")

func TestMain(m *testing.M) { acctest.Main(m) }

// count is how many cells ran.
var count struct{ all, known atomic.Int32 }

func TestLifecycle(t *testing.T) {
	t.Run("ways", func(t *testing.T) {
		for _, way := range ways() {
			if way.alike && !*everyOne {
				continue
			}
			t.Run(slug(way.name), func(t *testing.T) {
				t.Parallel()
				way.test(t)
			})
		}
	})
	// Not to the test's log, which nobody sees when all is well.
	_, _ = fmt.Fprintf(os.Stderr, "lifecycle: %d cells of %d ways, %d of them known to fail\n", count.all.Load(), len(ways()), count.known.Load())
}

func slug(name string) string {
	return strings.NewReplacer(" ", "_", "/", ".", ";", "").Replace(name)
}

// test tries a way on all its units: those that work in one world, which is
// fast, and each by itself where that fails or was asked for.
func (y way) test(t *testing.T) {
	var together, alone []*unit
	tried := map[string]bool{} // why a cell fails
	units := y.units()
	if !*everyOne {
		units = representative(units)
	}
	for _, u := range units {
		cell := u.cell(y.name)
		if why := knownFailures[cell]; why != "" && tried[why] && !*everyOne {
			continue // one of each kind will do
		}
		tried[knownFailures[cell]] = true
		count.all.Add(1)
		if knownFailures[cell] != "" || refusals[cell] != "" || *everyOne {
			alone = append(alone, u)
		} else {
			together = append(together, u)
		}
	}
	y.together(t, together)
	y.each(t, alone)
}

// together tries the way on all units at once. If that fails, those that the
// message names are tried by themselves, and the others together again.
func (y way) together(t *testing.T, units []*unit) {
	if len(units) < 2 {
		y.each(t, units)
		return
	}
	err := attempt(t, y.do, units...)
	if err == nil {
		return
	}
	hadFailed := t.Failed()
	named, others := units, []*unit(nil)
	if problem := (*failure)(nil); errors.As(err, &problem) && len(problem.labels) > 0 {
		isNamed := func(u *unit) bool { return slices.Contains(problem.labels, u.label) }
		named = slices.DeleteFunc(slices.Clone(units), func(u *unit) bool { return !isNamed(u) })
		others = slices.DeleteFunc(slices.Clone(units), isNamed)
	}
	y.together(t, others) // gives them other labels
	y.each(t, named)
	if t.Failed() == hadFailed {
		t.Errorf("%s: %d units fail together only: %v", y.name, len(units), err)
	}
}

// each tries the way on each unit in a world of its own.
func (y way) each(t *testing.T, units []*unit) {
	for _, u := range units {
		t.Run(slug(u.cell(y.name)), func(t *testing.T) {
			cell := u.cell(y.name)
			w := newWorld(t, u)
			err := w.try(y.do)
			if words := refusals[cell]; words != "" {
				err = w.refused(err, words)
			}
			switch why := knownFailures[cell]; {
			case why != "" && err == nil:
				t.Errorf("this works now: take %q out of knownFailures", cell)
			case why != "":
				count.known.Add(1)
			case err != nil:
				t.Errorf("%s: %v", cell, err)
			}
		})
	}
}

// refused checks a way that has to be refused: the last command said so in these
// words, and the way back is open.
func (w *world) refused(err error, words string) error {
	if problem := (*failure)(nil); err != nil && !errors.As(err, &problem) {
		return err
	}
	return w.try(func(w *world) {
		if err == nil {
			w.fail("this is not refused any more: take it out of refusals")
		}
		if w.says(words); strings.Contains(w.last, "bug in the provider") {
			w.fail("%v", err)
		}
		w.begin("")
		w.destroy()
	})
}
