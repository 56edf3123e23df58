// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package live

import (
	"crypto/rand"
	"regexp"
	"strings"
)

// randomLength is that of the random part of a name.
const randomLength = 10

// NewName returns a name for something that a run makes: tf-acc-<random>.
func NewName() string { return "tf-acc-" + strings.ToLower(rand.Text()[:randomLength]) }

// ours is exactly what NewName makes, with at most one word after it.
var ours = regexp.MustCompile(`^tf-acc-[a-z2-7]{10}(-[a-z0-9]+)?$`)

// IsOurs reports whether a whole name is one that NewName made, or such a name
// and a word: tf-acc-abcdefghij-base.
func IsOurs(name string) bool { return ours.MatchString(name) }

// AttributeName is the name of the user attribute whose label is a name of
// NewName: such a name cannot have dashes.
func AttributeName(label string) string { return strings.ReplaceAll(label, "-", "_") }
