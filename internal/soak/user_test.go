// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package soak_test

import (
	"slices"
	"strings"
)

// remember keeps the configuration for whoever goes back to it.
func (w *world) remember() {
	w.former = nil
	for _, e := range w.entries {
		if e.config != nil {
			w.former = append(w.former, former{e, e.config})
		}
	}
}

// turn is what a user does after an apply that may have failed: stay, go back to
// the former configuration, or go on to another.
func (w *world) turn() {
	switch n := w.random.IntN(10); {
	case w.ends:
	case n < 3:
		w.figures.back++
		w.goBack()
	case n < 5:
		w.note("the user goes elsewhere")
		w.changeConfig()
	}
}

// goBack restores the configuration from before the round: what was changed or
// removed is as it was, what is new goes.
func (w *world) goBack() {
	w.note("the user goes back")
	isNew := slices.Clone(w.entries)
	for _, f := range w.former {
		isNew = slices.DeleteFunc(isNew, func(e *entry) bool { return e == f.entry })
		if !slices.Contains(w.entries, f.entry) {
			w.entries = append(w.entries, f.entry) // it was destroyed
		}
		f.entry.config, f.entry.changed = f.config, true
	}
	for _, e := range isNew {
		if e.config != nil && (isProtected(e) || !w.canDelete(e)) && e.resource.Exists() {
			continue // it cannot go at once
		}
		for _, other := range isNew {
			if slices.Contains(w.refsOf(other), e) {
				other.config = nil
			}
		}
		e.config = nil
	}
	w.sortEntries()
}

// replaceNothing ends the effect of -replace, which is for one command.
func (w *world) replaceNothing() {
	for _, e := range w.entries {
		e.replace = false
	}
}

// takeOverLost does what errors asked for: it imports what was made without an
// answer, and that the provider could not be sure of. Nothing is lost that no
// error tells of.
func (w *world) takeOverLost() {
	w.t.Helper()
	for _, e := range w.entries {
		if e.config == nil || e.resource.Exists() {
			continue
		}
		id := e.kind.lost(w, e)
		isHeld := func(other *entry) bool { // one that is still to be destroyed, in the same place
			return other.kind.name == e.kind.name && other.resource.Exists() && strings.HasSuffix(id, other.kind.id(other.resource))
		}
		if id == "" || slices.ContainsFunc(w.entries, isHeld) {
			continue
		}
		if !strings.Contains(e.errors.Errors().String(), "import") {
			w.t.Errorf("%s was made, is not in the state, and no error says so:\n%s", e.name, e.errors)
		}
		w.note("import %s as %s", e.name, id)
		e.resource.Import(id).RequireOK(w.t)
		w.figures.lost++
	}
}
