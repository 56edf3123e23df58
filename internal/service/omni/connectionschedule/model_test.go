// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectionschedule

import (
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

const (
	connectionID = "550e8400-e29b-41d4-a716-446655440001"
	scheduleID   = "550e8400-e29b-41d4-a716-446655440002"
)

func TestRead(t *testing.T) {
	t.Parallel()
	full := omni.Schedule{
		ID: scheduleID, ConnectionID: connectionID, Cron: "0 2 * * ? *", Timezone: "UTC", HardRefresh: nullable.Of(true),
		Description: nullable.Of("At 02:00 AM"), DisabledAt: nullable.Null[string](), CreatedAt: nullable.Of("c"), UpdatedAt: nullable.Of("u"),
	}
	read := model{
		ID: types.StringValue(scheduleID), ConnectionID: types.StringValue(connectionID), Schedule: types.StringValue("0 2 * * ? *"), Timezone: types.StringValue("UTC"),
		HardRefresh: types.BoolValue(true), Description: types.StringValue("At 02:00 AM"), DisabledAt: types.StringNull(),
		CreatedAt: types.StringValue("c"), UpdatedAt: types.StringValue("u"),
	}
	if got := (model{}).read(&full); !reflect.DeepEqual(got, read) {
		t.Errorf("%+v", got)
	}
	// The configured spelling of an id stays.
	spelled := model{ConnectionID: types.StringValue(strings.ToUpper(connectionID))}
	if got := spelled.read(&full); got.ConnectionID != spelled.ConnectionID || got.connectionID() != connectionID {
		t.Errorf("%+v", got)
	}
	// An older server leaves keys out: what is known stays, and after an import
	// a server that does not know hard refreshes does none.
	older := omni.Schedule{ID: scheduleID, ConnectionID: connectionID, Cron: "1 2 * * ? *", Timezone: "UTC"}
	got := read.read(&older)
	want := read
	want.Schedule = types.StringValue("1 2 * * ? *")
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	if got := (model{}).read(&older); got.HardRefresh != types.BoolValue(false) || !got.Description.IsNull() {
		t.Errorf("%+v", got)
	}
	planned := model{Description: types.StringUnknown(), DisabledAt: types.StringUnknown(), CreatedAt: types.StringUnknown(), UpdatedAt: types.StringUnknown()}
	if got := planned.read(&older); !got.Description.IsNull() || !got.DisabledAt.IsNull() || !got.CreatedAt.IsNull() || !got.UpdatedAt.IsNull() {
		t.Errorf("unknown after an apply: %+v", got)
	}
}

// What an import knows is less.
func TestObjectNamesWhatIsKnown(t *testing.T) {
	t.Parallel()
	m := model{ID: types.StringValue(scheduleID), ConnectionID: types.StringValue(connectionID)}
	if got, want := m.object(), "schedule "+scheduleID+" of Omni connection "+connectionID; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	m.Schedule, m.Timezone = types.StringValue("0 2 * * ? *"), types.StringValue("UTC")
	if got, want := m.object(), "schedule "+scheduleID+" (0 2 * * ? *, UTC) of Omni connection "+connectionID; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	m.ID = types.StringUnknown()
	if got, want := m.object(), "schedule (0 2 * * ? *, UTC) of Omni connection "+connectionID; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
