// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import "regexp"

type known struct {
	pattern *regexp.Regexp
	why     string
}

// knownFailures are the cells that the provider does not get right yet, by a
// pattern of what they are, with the reason. A cell of them that passes fails the
// test, so that the list cannot but shrink. It is empty: what comes next goes here.
var knownFailures = []known{}

// knownFailure returns why the cell is known to fail, false if it is not.
func knownFailure(c cell) (why string, ok bool) {
	text := c.text()
	for _, k := range knownFailures {
		if k.pattern.MatchString(text) {
			return k.why, true
		}
	}
	return "", false
}
