// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
)

// An update is carried out, its answer is lost, and the user goes back to the former
// configuration with -refresh=false: no plan may take the former state for the
// server's.
// Of what is replaced whole, the part that changed is enough.
func TestLostPlainVariableThenBackWithoutRefresh(t *testing.T) {
	t.Parallel()
	c := cell{trial: trial{kind: "dbt environment", subject: subjects()["dbt environment"], operation: update}}
	c.prepare(t)
	c.config = protocol.With(c.scene.config, object{"variables": object{"PLAIN": object{"value": "other"}}})
	c.lostAndBack(t)
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
