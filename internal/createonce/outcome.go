// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package createonce

import (
	"errors"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
)

// ErrNoID is what [Request.Send] returns where the server says that it made the
// object, and not which one it is.
var ErrNoID = errors.New("the server created it, but its answer has no id")

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

func unknownOutcome(cause error, candidates []string) *UnknownOutcomeError {
	unknown := &UnknownOutcomeError{Err: cause, Candidates: candidates}
	switch len(candidates) {
	case 0:
		unknown.Found = "the server's list shows nothing new that matches, so it was probably not created"
	case 1:
		unknown.Found = "the server's list shows one that matches, but it could be somebody else's: " + candidates[0]
	default:
		unknown.Found = "the server's list shows several that match: " + strings.Join(candidates, ", ")
	}
	return unknown
}
