// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"net/http"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

var withNewerRole = map[string]any{"name": "n", "dialect": "exasol", "host": "h", "password": "p", "base_role": "QUERY_TOPICS", "deletion_protection": false}

// A role that the server takes in a change only is set by one.
func TestProtocolBaseRoleIsLeftToAChange(t *testing.T) {
	t.Parallel()
	for _, options := range []omnimock.Options{{BaseRoleEnum: true}, {BaseRoleEnum: true, Generation: omnimock.Narrow2026}} {
		s := omnimock.Start(t, options)
		p := protocolProvider(t, s)
		r := p.Resource(connectionType)
		r.Apply(withNewerRole).RequireNone(t)
		if posts, patches := s.CountRequests(http.MethodPost, ""), s.CountRequests(http.MethodPatch, ""); posts != 2 || patches != 1 {
			t.Errorf("%d creates and %d changes", posts, patches)
		}
		all := s.Connections()
		if len(all) != 1 || all[0].Settings["baseRole"] != "QUERY_TOPICS" || r.Text("id") != all[0].ID {
			t.Errorf("the server has %v, the state %v", all, r.State())
		}
		if plan := r.Plan(withNewerRole); !plan.IsEmpty() {
			t.Errorf("the plan is not empty: %v", plan.Changes())
		}
	}
}

// Without a role there is nothing to leave to a change.
func TestProtocolRefusedBaseRoleThatWasNotSent(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	s.Faults().Add(fault.Answer(http.StatusBadRequest, `{"detail":"Bad Request: baseRole: Required","status":400}`).On(http.MethodPost, "").Repeat(fault.Forever))
	protocolProvider(t, s).Resource(connectionType).Apply(leastOf("exasol")).RequireError(t, "Cannot create", "baseRole: Required")
	if posts := s.CountRequests(http.MethodPost, ""); posts != 1 {
		t.Errorf("%d creates", posts)
	}
}

// Where the change is refused too, the create is undone; where that fails, the state
// has the connection.
func TestProtocolBaseRoleThatNobodyTakes(t *testing.T) {
	t.Parallel()
	refused := fault.Answer(http.StatusBadRequest, `{"detail":"Bad Request: baseRole: no such role","status":400}`)
	for _, fails := range []bool{false, true} {
		s := omnimock.Start(t, omnimock.Options{BaseRoleEnum: true})
		r := protocolProvider(t, s).Resource(connectionType)
		s.Faults().Add(refused.On(http.MethodPatch, ""))
		if fails {
			s.Faults().Add(fault.Answer(http.StatusForbidden, `{"detail":"Permission denied","status":403}`).On(http.MethodDelete, ""))
		}
		diags := r.Apply(withNewerRole)
		if left := living(s); fails {
			diags.RequireError(t, "at base_role: Cannot set the base role of Omni connection", "no such role", "failed too", "terraform untaint")
			if left != 1 || !r.Exists() || !r.IsTainted() || r.Get("base_role") != nil {
				t.Errorf("the server has %d, the state %v", left, r.State())
			}
			requireRoleIsSet(t, s, r)
		} else {
			diags.RequireError(t, "no such role", "deleted again")
			if left != 0 || r.Exists() {
				t.Errorf("the server has %d, the state %v", left, r.State())
			}
		}
	}
}

// requireRoleIsSet follows the error's advice: the next apply sends the role again,
// and the connection stays.
func requireRoleIsSet(t *testing.T, s *omnimock.Server, r *protocol.Resource) {
	t.Helper()
	id := r.Get("id")
	r.Untaint()
	r.Refresh().RequireOK(t)
	plan := r.Plan(withNewerRole)
	if plan.Action != protocol.Update {
		t.Errorf("%s of %v", plan.Action, plan.Changes())
	}
	plan.Apply().RequireNone(t)
	if all := s.Connections(); len(all) != 1 || all[0].ID != id || all[0].Settings["baseRole"] != "QUERY_TOPICS" {
		t.Errorf("the server has %v", all)
	}
}

func living(s *omnimock.Server) int {
	n := 0
	for _, c := range s.Connections() {
		if c.DeletedAt == nil {
			n++
		}
	}
	return n
}
