// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"strings"
	"unicode"
)

const (
	maxEdits  = 2 // letters that may be wrong
	minLength = 5 // of a name that may be meant although a letter is wrong
)

// Nearest returns the known name that a text most likely means: the same one,
// whatever its case and separators, or one of which a letter or two are wrong. It is
// empty where none is near.
func Nearest(text string, known []string) string {
	best, distance := "", maxEdits+1
	for _, name := range known {
		d := edits(bare(text), bare(name))
		if d < distance && (d == 0 || len(name) >= minLength) {
			best, distance = name, d
		}
	}
	return best
}

// bare leaves letters and digits, in lower case.
func bare(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, text)
}

// edits counts the letters to add, drop or change that make one text the other.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(row[j]+1, row[j+1]+1, change)
		}
	}
	return row[len(b)]
}
