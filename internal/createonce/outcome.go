// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package createonce

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
)

// ErrNoID is what [Request.Send] returns where the server says that it made the
// object, and not which one it is.
var ErrNoID = errors.New("the server created it, but its answer has no id")

// LaterError is what [Request.Send] returns where the answer was lost, and nothing
// came of the create at first: what the list shows now is newer, so it may be
// somebody else's and is not taken over.
type LaterError struct{ Err error }

func (e *LaterError) Error() string { return e.Err.Error() }

func (e *LaterError) Unwrap() error { return e.Err }

// isUnknown reports an error after which the object may be there.
func isUnknown(err error) bool { return httpclient.IsOutcomeUnknown(err) || errors.Is(err, ErrNoID) }

// UnknownOutcomeError says that a create may or may not have happened, and what
// was found when looking for it.
type UnknownOutcomeError struct {
	Err        error    // what became of the request
	Search     error    // why the search failed; nil where it did not
	Found      string   // what the search found, in words
	Candidates []string // ids that could be the object, sorted
}

func (e *UnknownOutcomeError) Error() string { return e.Err.Error() + "; " + e.Found }

// Unwrap returns what became of the request, and why the search failed.
func (e *UnknownOutcomeError) Unwrap() []error {
	if e.Search == nil {
		return []error{e.Err}
	}
	return []error{e.Err, e.Search}
}

// unknownOutcome words what the list shows: candidates, of which same have all that was
// sent. What the others have in common with it is alike.
func unknownOutcome(cause error, candidates, same []string, alike string) *UnknownOutcomeError {
	slices.Sort(candidates)
	slices.Sort(same)
	unknown := &UnknownOutcomeError{Err: cause, Candidates: candidates}
	if len(candidates) == 0 {
		unknown.Found = "the server's list shows nothing new that matches, so it was probably not created"
		return unknown
	}
	one, it := "one", "it"
	if len(candidates) > 1 {
		one, it = "several", "they"
	}
	what := alike + " whose settings differ or are not all returned"
	switch len(same) {
	case 0:
	case len(candidates):
		what = "with every setting that was sent"
	default:
		what = alike + " (with every setting that was sent: " + strings.Join(same, ", ") + ")"
	}
	unknown.Found = fmt.Sprintf("the server's list shows %s %s, but %s could be somebody else's: %s", one, what, it, strings.Join(candidates, ", "))
	return unknown
}
