// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni_test

import (
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

func TestSameName(t *testing.T) {
	t.Parallel()
	composed, decomposed := "caf\u00e9", "cafe\u0301"
	for _, c := range []struct {
		a, b string
		want bool
	}{{composed, decomposed, true}, {decomposed, composed, true}, {"cafe", composed, false}, {"Cafe", "cafe", false}, {"", "", true}} {
		if got := omni.SameName(c.a, c.b); got != c.want {
			t.Errorf("%+q and %+q: %t", c.a, c.b, got)
		}
	}
}
