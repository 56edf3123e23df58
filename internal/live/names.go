// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package live

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"regexp"
	"strings"
)

// A name is tf-acc-, ten random letters and digits, and four that are computed
// from these: what a person calls tf-acc-production is not ours.
const (
	randomLength = 10
	checkLength  = 4
)

// NewName returns a name for something that a run makes: tf-acc-<random>.
func NewName() string {
	random := strings.ToLower(rand.Text()[:randomLength])
	return "tf-acc-" + random + check(random)
}

func check(random string) string {
	sum := sha256.Sum256([]byte("tf-acc-" + random))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:checkLength]
}

// ours is what NewName makes, with at most one word after it.
var ours = regexp.MustCompile(`^tf-acc-([a-z2-7]{10})([a-z2-7]{4})(-[a-z0-9]+)?$`)

// IsOurs reports whether a whole name is one that NewName made, or such a name, a
// dash and a word.
func IsOurs(name string) bool {
	match := ours.FindStringSubmatch(name)
	return match != nil && check(match[1]) == match[2]
}

// AttributeName is the name of the user attribute whose label is a name of
// NewName: such a name cannot have dashes.
func AttributeName(label string) string { return strings.ReplaceAll(label, "-", "_") }
