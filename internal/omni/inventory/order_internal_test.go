// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"cmp"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

// Lists are by what their objects are called, and those of one name by id.
func TestOrderOfLists(t *testing.T) {
	t.Parallel()
	connection := func(id, name string) omni.Connection {
		return omni.Connection{ID: id, ConnectionSettings: omni.ConnectionSettings{Name: nullable.Of(name)}}
	}
	requireOrder(t, connectionKind, omni.Connection{ID: "9"}, connection("2", "a"), connection("3", "a"), connection("1", "b"))
	requireOrder(t, dbtEnvironmentKind, omni.DBTEnvironment{ID: "2", Name: "a"}, omni.DBTEnvironment{ID: "3", Name: "a"}, omni.DBTEnvironment{ID: "1", Name: "b"})
	requireOrder(t, scheduleKind, omni.Schedule{ID: "2", Cron: "a"}, omni.Schedule{ID: "3", Cron: "a"}, omni.Schedule{ID: "1", Cron: "b"})
	requireOrder(t, userAttributeKind, omni.UserAttribute{ID: "2", Name: "a"}, omni.UserAttribute{ID: "3", Name: "a"}, omni.UserAttribute{ID: "1", Name: "b"})
	requireOrder(t, userKind, omni.User{ID: "2", Email: "A"}, omni.User{ID: "3", Email: "a"}, omni.User{ID: "1", Email: "B"})
	requireOrder(t, schemaModelKind, omni.SchemaModel{ID: "2", ConnectionID: "a"}, omni.SchemaModel{ID: "1", ConnectionID: "b"})
}

// requireOrder compares each of the objects, which are in order, with each.
func requireOrder[T any](t *testing.T, k kind[T], objects ...T) {
	t.Helper()
	for i, a := range objects {
		for j, b := range objects {
			if got := k.compare(a, b); got != cmp.Compare(i, j) {
				t.Errorf("%+v and %+v: %d", a, b, got)
			}
		}
	}
}
