// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package base

import (
	"math/big"
	"regexp"
	"slices"
)

// number matches the numbers of JSON.
var number = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// IsNumber reports whether a text is a number of JSON.
func IsNumber(text string) bool { return number.MatchString(text) }

// precision is that of comparisons, in bits: more than any number has here.
const precision = 512

// SameNumber reports whether two texts are the same, or the same number in two
// spellings.
func SameNumber(a, b string) bool {
	if a == b {
		return true
	}
	if !IsNumber(a) || !IsNumber(b) {
		return false
	}
	x, _, errX := big.ParseFloat(a, 10, precision, big.ToNearestEven)
	y, _, errY := big.ParseFloat(b, 10, precision, big.ToNearestEven)
	return errX == nil && errY == nil && !x.IsInf() && x.Cmp(y) == 0
}

// NumbersInSpellingOf returns the values, those that are numbers in the spelling of the
// prior ones that are the same number.
func NumbersInSpellingOf(prior, values []string) []string {
	spelled := slices.Clone(values)
	for i, value := range values {
		if at := slices.IndexFunc(prior, func(p string) bool { return SameNumber(p, value) }); at >= 0 {
			spelled[i] = prior[at]
		}
	}
	return spelled
}
