// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package httpclient

import (
	"slices"
	"strings"
)

// UnknownOutcomeError says that a create may or may not have happened, and what
// was found when looking for it.
type UnknownOutcomeError struct {
	Err        error    // what became of the request
	Found      string   // what the search found, in words
	Candidates []string // ids that could be the object
}

func (e *UnknownOutcomeError) Error() string { return e.Err.Error() + "; " + e.Found }

func (e *UnknownOutcomeError) Unwrap() error { return e.Err }

// OnlyCandidate ends the search for an object whose create had no usable answer.
// It returns the one candidate, if that is provably the object, or an
// [UnknownOutcomeError].
func OnlyCandidate(candidates []string, provable bool, cause error) (string, error) {
	slices.Sort(candidates)
	unknown := &UnknownOutcomeError{Err: cause, Candidates: candidates}
	switch {
	case len(candidates) == 1 && provable:
		return candidates[0], nil
	case len(candidates) == 0:
		unknown.Found = "the server's list shows nothing new that matches, so it was probably not made"
	case len(candidates) == 1:
		unknown.Found = "the server's list shows one that matches, but it could be somebody else's: " + candidates[0]
	default:
		unknown.Found = "the server's list shows several that match: " + strings.Join(candidates, ", ")
	}
	return "", unknown
}
