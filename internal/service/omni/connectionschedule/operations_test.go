// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectionschedule_test

import (
	"net/http"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
)

func TestProtocolOperations(t *testing.T) {
	t.Parallel()
	s := newStage(t, built())
	of := []string{"(0 2 * * ? *, Europe/Berlin) of Omni connection " + s.connection, "it needs Connection Admin on the connection"}
	protocol.Operations{
		Host: s.Host, Config: s.config(), Changed: s.config(map[string]any{"timezone": "UTC"}),
		Create: append([]string{"Cannot create schedule "}, of...),
		Read:   append([]string{"Cannot read schedule "}, of...),
		Update: append([]string{"Cannot change schedule "}, of...),
		Delete: []string{"Cannot delete schedule", "(0 2 * * ? *, UTC)", of[1]},
	}.Require(s.p, scheduleType)
}

func TestProtocolQueryOfOneConnection(t *testing.T) {
	t.Parallel()
	s := newStage(t, built())
	other := s.AddConnection(map[string]any{"name": "other", "dialect": "exasol"})
	s.AddSchedule(s.connection, "0 2 * * ? *", "UTC")
	id := s.AddSchedule(other, "0 3 * * ? *", "UTC")
	config := map[string]any{"connection_id": other}
	found, diags := s.p.Query(scheduleType, config, protocol.QueryLimit, true)
	diags.RequireNone(t)
	if len(found) != 1 || found[0].Name != "0 3 * * ? * UTC of other" || found[0].Identity["id"] != id || found[0].State["id"] != id || found[0].Identity["connection_id"] != other || found[0].State["connection_id"] != other {
		t.Errorf("%v", found)
	}
	_, diags = s.p.Query(scheduleType, map[string]any{"connection_id": "x"}, protocol.QueryLimit, false)
	diags.RequireError(t, "at connection_id")
	query := func() protocol.Diagnostics {
		_, diags := s.p.Query(scheduleType, config, protocol.QueryLimit, false)
		return diags
	}
	s.p.RefuseEachCall(s.Host, map[string][]string{schedulesRoute: {"Cannot list the schedules", other, "it needs Connection Admin on the connection"}}, query)

	s.p.Restart()
	s.Faults().Add(fault.Answer(http.StatusOK, `{"schedules":[{"scheduleId":"x","schedule":7}]}`).On(http.MethodGet, schedulesRoute))
	query().RequireWarning(t, "An Omni schedule is left out", other)
}
