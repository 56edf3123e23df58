// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectionenvironment_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// A value that stays in use elsewhere is an error after the timeout, and the
// environment keeps the values that it gave up meanwhile.
func TestProtocolValueStaysInUse(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) {
		s := newStage(t, omnimock.Options{EnvironmentList: true, InMemory: true}, 3)
		theirs := s.AddEnvironment(s.connections[0], s.connections[1], "dev") // another configuration's
		r := s.p.Resource(environmentType)
		of := func(value string) map[string]any {
			return protocol.With(s.config(2, value), map[string]any{"timeouts": map[string]any{"update": "4s"}})
		}
		r.Apply(of("prod")).RequireNone(t)
		began := time.Now()
		r.Apply(of("dev")).RequireError(t, "Cannot change the values", `"dev" is already in use`, theirs, "remove the value from its holder first")
		if took := time.Since(began); took > 4*time.Second || took == 0 {
			t.Errorf("it was waited for %s", took)
		}
		s.p.Restart()
		r.Refresh().RequireNone(t)
		requireNothingToDo(t, r, of("prod"))
	})
}

// Where the values that were freed for a swap could not be given back, the state claims
// none: the plan back sends them.
func TestProtocolValuesThatAreNotRestored(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) {
		s := newStage(t, omnimock.Options{InMemory: true}, 3)
		s.AddEnvironment(s.connections[0], s.connections[1], "dev")
		r := s.p.Resource(environmentType)
		r.Apply(s.config(2, "prod")).RequireNone(t)
		s.Faults().Add(fault.Answer(http.StatusForbidden, `{"detail":"Permission denied"}`).On(http.MethodPut, "").After(2).Repeat(fault.Forever))
		r.Apply(s.config(2, "dev")).RequireError(t, "Cannot change the values", "were freed")
		s.Faults().Clear()
		r.Apply(s.config(2, "prod")).RequireNone(t)
		for _, e := range s.Environments() {
			if e.ID == r.Text("id") && !slices.Equal(e.UserAttributeValues, []string{"prod"}) {
				t.Errorf("the server has %v", e.UserAttributeValues)
			}
		}
	})
}

// No values are what a new association has: setting none is no request.
func TestProtocolNoValues(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{EnvironmentList: true}, 2)
	r := s.p.Resource(environmentType)
	config := protocol.With(s.config(1), map[string]any{"user_attribute_values": []string{}})
	r.Apply(config).RequireNone(t)
	requireNothingToDo(t, r, config)
	if n := s.CountRequests(http.MethodPut, ""); n != 0 {
		t.Errorf("%d requests that set values", n)
	}
}

// An association that was taken over is not dissolved because its new values are
// refused.
func TestProtocolTakenOverAndRefused(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) {
		s := newStage(t, omnimock.Options{EnvironmentList: true, InMemory: true}, 2)
		before, after := s.p.Resource(environmentType), s.p.Resource(environmentType)
		before.Apply(s.config(1, "a")).RequireNone(t)
		id := before.Text("id")
		s.p.Restart()
		s.ResetRequests()
		plan := after.Plan(s.config(1, "b"))
		s.Faults().Add(fault.Answer(http.StatusForbidden, `{"detail":"Permission denied"}`).On(http.MethodPut, "").Repeat(fault.Forever))
		done := make(chan protocol.Diagnostics)
		go func() { done <- plan.Apply() }()
		for s.CountRequests(http.MethodPost, "") < 1 || s.CountRequests(http.MethodGet, environmentsRoute) < 2 {
			time.Sleep(time.Millisecond)
		}
		before.Destroy().RequireWarning(t, "another address")
		(<-done).RequireError(t, "Cannot set the values", "The association is in the state as it was found")
		if all := s.Environments(); len(all) != 1 || all[0].ID != id || after.Text("id") != id {
			t.Errorf("the server has %v, the state %s", all, after.Text("id"))
		}
	})
}

func TestProtocolOneValueForTwo(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{EnvironmentList: true}, 3)
	first, second := s.p.Resource(environmentType), s.p.Resource(environmentType)
	first.Plan(s.config(1, "a", "b")).RequireNone(t)
	upper := protocol.With(s.config(2, "b"), map[string]any{"base_connection_id": strings.ToUpper(s.connections[0])})
	second.Plan(upper).RequireError(t, "at user_attribute_values:", `"b"`, s.connections[1], "same value")
	second.Plan(s.config(2, "c")).RequireNone(t)
	binding := s.p.Resource("dataconn_omni_environment_user_attribute")
	binding.Plan(map[string]any{"connection_id": s.connections[0], "attribute_name": "env", "default_values": []string{"c"}}).RequireError(t, `"c"`, s.connections[2])
}
