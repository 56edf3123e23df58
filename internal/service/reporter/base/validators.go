// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package base

import (
	"fmt"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
)

const maxName = 100

var nameCharacters = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)

// CheckName says what is wrong with the name of a product or of a connection, which
// has at least so many characters; nil where the service takes it.
func CheckName(name string, least int) error {
	switch {
	case name == "":
		return framework.ErrEmpty
	case !nameCharacters.MatchString(name):
		return fmt.Errorf("%q is no name: it may contain letters, digits, _ and - only", name)
	case len(name) < least || len(name) > maxName:
		return fmt.Errorf("it has %d characters, and must have between %d and %d", len(name), least, maxName)
	}
	return nil
}

// Name is the validator of [CheckName].
func Name(least int) validator.String {
	return framework.CheckString("letters, digits, _ and -", func(value string) error { return CheckName(value, least) })
}

// ProductName checks the name of a product.
func ProductName() []validator.String { return []validator.String{Name(1)} }
