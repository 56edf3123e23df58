// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory_test

import (
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
)

func TestRefusesReplacement(t *testing.T) {
	t.Parallel()
	const id = "550e8400-e29b-41d4-a716-44665544000a"
	for name, c := range map[string]struct {
		note func(i *inventory.Inventory)
		want bool
	}{
		"nothing known":              {func(*inventory.Inventory) {}, false},
		"protected":                  {func(i *inventory.Inventory) { i.NoteProtected(id, "n", "postgres") }, false},
		"one without a name is made": {func(i *inventory.Inventory) { i.PlanConnection("", "") }, false},
		"its like is made":           {func(i *inventory.Inventory) { i.PlanConnection("n", "postgres") }, false},
		"protected, and made": {func(i *inventory.Inventory) {
			i.NoteProtected(id, "n", "postgres")
			i.PlanConnection("n", "postgres")
		}, true},
		"another name is made": {func(i *inventory.Inventory) {
			i.NoteProtected(id, "n", "postgres")
			i.PlanConnection("m", "postgres")
		}, false},
		"another is protected": {func(i *inventory.Inventory) {
			i.NoteProtected("x", "n", "postgres")
			i.PlanConnection("n", "postgres")
		}, false},
		"allowed": {func(i *inventory.Inventory) {
			i.AllowDeletionOf(strings.ToUpper(id))
			i.NoteProtected(id, "n", "postgres")
			i.PlanConnection("n", "postgres")
		}, false},
	} {
		i := inventory.New(omni.NewClient(nil, omni.DefaultAPIVersion))
		c.note(i)
		for range 2 { // what depends on the connection asks one after the other
			if got := i.RefusesReplacement(strings.ToUpper(id)); got != c.want {
				t.Errorf("%s: %t", name, got)
			}
		}
		if got := i.MayDelete(id); got != (name == "allowed") {
			t.Errorf("%s: may delete: %t", name, got)
		}
	}
}
