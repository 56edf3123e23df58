// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package base

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the same time zones on every machine, also on one that has none

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
)

// timezoneName is the form of the names. It keeps out what a machine has beside
// the zones, and another case, which some file systems would let through.
var timezoneName = regexp.MustCompile(`^[A-Z][A-Za-z0-9_+-]*(/[A-Z][A-Za-z0-9_+-]*)*$`)

// Timezone requires the name of a time zone in the IANA database, or one of the
// other words that the server takes in its place.
func Timezone(others ...string) validator.String {
	return framework.CheckString("the name of a time zone in the IANA database", func(value string) error {
		if slices.Contains(others, value) {
			return nil
		}
		return checkTimezone(value, others)
	})
}

// checkTimezone explains what is wrong with the name of a time zone; nil where
// nothing is.
func checkTimezone(name string, others []string) error {
	expected := `expected a name of the IANA database, such as ` + orQuoted(append([]string{"UTC", "Europe/Berlin"}, others...)) + "; case matters"
	switch _, err := time.LoadLocation(name); {
	case name == "Local":
		return errors.New(`"Local" would be the time zone of whatever machine runs this, and the server does not know it: ` + expected)
	case name == "", err != nil, !timezoneName.MatchString(name):
		return fmt.Errorf("%q is not a time zone: %s", name, expected)
	}
	return nil
}

func orQuoted(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = strconv.Quote(word)
	}
	return strings.Join(quoted, " or ")
}
