// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"maps"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
)

// An update is carried out, its answer is lost, and the user goes back to the former
// configuration with -refresh=false: no plan may take the former state for the
// server's.
// One attribute is enough, whatever it was before.
func TestLostAttributeThenBackWithoutRefresh(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind           string
		first, changed object
	}{
		"a plain variable":              {"dbt environment", nil, object{"variables": object{"PLAIN": object{"value": "other"}, "SECRET": object{"secret": "first"}}}},
		"a variable that is removed":    {"dbt environment", nil, object{"variables": object{"PLAIN": object{"value": "p"}}}},
		"a secret that becomes plain":   {"dbt environment", nil, object{"variables": object{"PLAIN": object{"value": "p"}, "SECRET": object{"value": "x"}}}},
		"a role that was none":          {"dbt environment", object{"target_role": nil}, object{"target_role": "r"}},
		"the attribute of a binding":    {"user attribute", nil, object{"attribute_name": "region"}},
		"default values that were none": {"user attribute", object{"default_values": nil}, object{"default_values": []string{"x"}}},
		"a root path that was none":     {"dbt", object{"project_root_path": nil}, object{"project_root_path": "a"}},
		"metadata of which was none":    {"reporter connection", object{"metadata": nil}, object{"metadata": object{"team": "x"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			subject, changed := subjects()[c.kind], c.changed
			prepare := subject.prepare
			subject.prepare = func(t testing.TB) *scene {
				t.Helper()
				s := prepare(t)
				s.config = protocol.With(s.config, c.first)
				return s
			}
			c := cell{trial: trial{kind: c.kind, subject: subject, operation: update}, turn: goesBack}
			c.prepare(t)
			c.config = maps.Clone(c.scene.config)
			maps.Copy(c.config, changed) // not what is inside
			c.lostAndBack(t)
		})
	}
}

func TestLostUpdateThenBackWithoutRefresh(t *testing.T) {
	t.Parallel()
	for kind, subject := range subjects() {
		if subject.by != "" || kind == "schema model" || kind == "reporter connection, token" || kind == "reporter connection, unassigned" {
			continue // registering is all that is ever written of a schema model
		}
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			c := cell{trial: trial{kind: kind, subject: subject, operation: update}}
			c.prepare(t)
			if _, isMore := c.config["multiple_values"]; isMore { // which no server takes back
				c.config = c.scene.another
			}
			c.lostAndBack(t)
		})
	}
}

// lostAndBack loses the answer to the update, and goes back.
func (c *cell) lostAndBack(t *testing.T) {
	t.Helper()
	for _, method := range []string{"PATCH", "PUT"} {
		c.scene.Faults().Add(fault.Fault{Reset: true, Apply: true}.On(method, "").Repeat(fault.Forever))
	}
	c.do(t).RequireError(t)
	c.scene.Faults().Clear()
	c.p.Restart()
	plan := c.r.Plan(c.scene.config)
	plan.RequireOK(t)
	if plan.IsEmpty() {
		t.Fatalf("the plan is empty; the state is %v", c.r.State())
	}
	plan.Apply().RequireOK(t)
	if differs := c.scene.differs(c.r, c.scene.config); differs != "" {
		t.Error(differs)
	}
}
