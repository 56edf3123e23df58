// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package base

import (
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// MaxProductName is how many characters the name of a product may have.
const MaxProductName = 100

// NameCharacters matches the names of products and of connections.
var NameCharacters = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)

// OnlyNameCharacters refuses what [NameCharacters] does not match.
func OnlyNameCharacters() validator.String {
	return stringvalidator.RegexMatches(NameCharacters, "may contain letters, digits, _ and - only")
}

// ProductName checks the name of a product as the service does.
func ProductName() []validator.String {
	return []validator.String{stringvalidator.LengthBetween(1, MaxProductName), OnlyNameCharacters()}
}
