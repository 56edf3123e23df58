// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package base_test

import (
	"slices"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

func TestSameNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"1", "1.0", true},
		{"1e3", "1000", true},
		{"-0.5", "-5E-1", true},
		{"9007199254740993", "9007199254740992", false}, // beyond what a float tells apart
		{"1", "2", false},
		{"a", "a", true},
		{"1", "0x1", false},
		{"0x1", "1", false},
		{"+1", "1", false},
		{"1", "+1", false},
		{"1e999999999", "1e999999998", false},
		{"1", "1e99999999999999999999", false}, // beyond what can be parsed
		{"1e99999999999999999999", "1", false},
	} {
		if got := base.SameNumber(c.a, c.b); got != c.want {
			t.Errorf("%s and %s: %t", c.a, c.b, got)
		}
	}
}

// Prior spellings stay where the numbers are the same; the order is the server's.
func TestNumbersInSpellingOf(t *testing.T) {
	t.Parallel()
	values := []string{"1000", "7.0", "a", "3"}
	if got := base.NumbersInSpellingOf([]string{"7", "1e3", "a", "2"}, values); !slices.Equal(got, []string{"1e3", "7", "a", "3"}) {
		t.Errorf("%q", got)
	}
	if !slices.Equal(values, []string{"1000", "7.0", "a", "3"}) {
		t.Errorf("the values became %q", values)
	}
}
