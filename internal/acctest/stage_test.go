// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

// failure runs a check in both of its roles and returns what it says.
func failure(t *testing.T, c Check) string {
	t.Helper()
	var plan plancheck.CheckPlanResponse
	c.CheckPlan(t.Context(), plancheck.CheckPlanRequest{}, &plan)
	var state statecheck.CheckStateResponse
	c.CheckState(t.Context(), statecheck.CheckStateRequest{}, &state)
	if (plan.Error == nil) != (state.Error == nil) {
		t.Errorf("of a plan %v, of a state %v", plan.Error, state.Error)
	}
	if plan.Error == nil {
		return ""
	}
	return plan.Error.Error()
}

func TestChecks(t *testing.T) {
	t.Parallel()
	s := &stage{writes: func() []string {
		return []string{`POST connections {"a":1} 200`, `POST connections {"a":2} 200`, "DELETE connections 204"}
	}}
	quiet := &stage{writes: func() []string { return nil }}
	s.notes.note(diagnostics)
	for name, c := range map[string]struct {
		check Check
		want  string // the beginning of what it says; "" where it passes
	}{
		"all writes":         {s.ExpectWrites("DELETE", `POST connections {"a":2}`, "POST connections"), ""},
		"a write that lacks": {s.ExpectWrites("PATCH"), "write not sent: PATCH\nsent:\n  POST connections"},
		"one write too few":  {s.ExpectWrites("DELETE", "POST", "POST", "POST"), "write not sent: POST\n"},
		"one write more":     {s.ExpectWrites("POST", "POST"), "unexpected writes:\n  DELETE connections 204"},
		"no write":           {quiet.ExpectWrites(), ""},
		"a warning":          {s.ExpectWarning("", "two"), ""},
		"another attribute":  {s.ExpectWarning("host", "two"), `missing warning on "host": two: ` + "\n" + `got error on "ssl": one: of them`},
		"an error":           {s.ExpectWarning("ssl", "one"), "missing warning"},
		"other words":        {s.ExpectWarning("", "two", "three"), `missing warning on "": two … three`},
		"warned":             {s.ExpectNoWarning(), `unexpected warning on "": two: `},
		"not warned":         {quiet.ExpectNoWarning(), ""},
		"a function":         {CheckThat(func() error { return errors.New("no") }), "no"},
	} {
		if got := failure(t, c.check); (got == "") != (c.want == "") || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if err := s.find(true, "ssl", []string{"one", "of them"}); err != nil {
		t.Error(err)
	}
	if err := s.find(true, "host", nil); err == nil || !strings.HasPrefix(err.Error(), `missing error on "host"`) {
		t.Errorf("%v", err)
	}
	Require(t, s.ExpectWarning("", "two"), quiet.ExpectWrites())
	s.RequireKept(t, "packed")
	(&stage{writes: quiet.writes, notes: recorder{diagnostics: []Diagnostic{{IsError: true, Attribute: "host", Summary: "no"}}}}).RequireRefused(t, "host", "no")
}

// A step begins with an empty record, and two plans follow it where it applies a
// configuration that has to last.
func TestPreparedSteps(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		step   resource.TestStep
		checks int
	}{
		"a configuration": {resource.TestStep{Config: "c"}, 1},
		"a file":          {resource.TestStep{ConfigFile: config.StaticFile("f")}, 1},
		"none":            {resource.TestStep{}, 0},
		"an import":       {resource.TestStep{Config: "c", ImportState: true}, 0},
		"a destroy":       {resource.TestStep{Config: "c", Destroy: true}, 0},
		"an error":        {resource.TestStep{Config: "c", ExpectError: Saying("no")}, 0},
		"a plan that is":  {resource.TestStep{Config: "c", ExpectNonEmptyPlan: true}, 0},
	} {
		var order []string
		s := &stage{reset: func() { order = append(order, "reset") }}
		s.notes.note(diagnostics)
		c.step.PreConfig = func() { order = append(order, "before") }
		s.prepare(&c.step)
		if c.step.PreConfig(); !slices.Equal(order, []string{"before", "reset"}) || s.Said() != nil {
			t.Errorf("%s: %v, said %v", name, order, s.Said())
		}
		if checks := c.step.ConfigPlanChecks; len(checks.PostApplyPreRefresh) != c.checks || len(checks.PostApplyPostRefresh) != c.checks {
			t.Errorf("%s: %+v", name, checks)
		}
	}
	step := resource.TestStep{}
	(&stage{reset: func() {}}).prepare(&step)
	step.PreConfig()
}

func TestSaying(t *testing.T) {
	t.Parallel()
	pattern := Saying("a (very) long message")
	for text, want := range map[string]bool{"Error: a (very)\n│   long message.": false, "a (very)\n  long message": true, "a very long message": false} {
		if pattern.MatchString(text) != want {
			t.Errorf("%q: want %t", text, want)
		}
	}
}
