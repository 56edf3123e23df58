// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import "strings"

// UpperFirst makes the first letter, an ASCII one, a capital.
func UpperFirst(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// WithArticle puts "a" or "an" before a word.
func WithArticle(word string) string {
	if word != "" && strings.ContainsRune("aeiouAEIO", rune(word[0])) {
		return "an " + word
	}
	return "a " + word
}
