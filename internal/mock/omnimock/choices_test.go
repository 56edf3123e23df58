// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock_test

import (
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/conformance"
)

// Whoever has a real server can ask it about each choice that this mock makes.
func TestEveryChoiceHasAProbe(t *testing.T) {
	t.Parallel()
	missing, err := conformance.Unlisted(".", "omnimock")
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range missing {
		t.Errorf("%s; see internal/conformance", problem)
	}
}
