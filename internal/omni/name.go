// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// SameName reports whether two names are the same to a reader: an editor may write an
// accent as a character of its own, and the server keeps what it got.
func SameName(a, b string) bool { return norm.NFC.String(a) == norm.NFC.String(b) }

// SameEmail is [SameName] for e-mail addresses, whose case does not matter.
func SameEmail(a, b string) bool {
	return strings.EqualFold(norm.NFC.String(a), norm.NFC.String(b))
}
