// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/provider"
)

// T is a test, or one inside of it that has to fail.
type T interface {
	testing.TB
	Parallel()
}

// stage is what the tests of every system have: a provider, and a record of what
// it says to the CLI and to the server.
type stage struct {
	block       string            // the provider block
	environment map[string]string // that the provider sees
	reset       func()            // forgets the server's requests
	writes      func() []string   // the requests that could change something
	notes       recorder
}

// Providers are factories of a provider that is recorded. It sees the
// environment variables that name the server, for configurations that come with
// a provider block of their own.
func (s *stage) Providers() map[string]func() (tfprotov6.ProviderServer, error) {
	options := protocol.Options()
	options.Getenv = func(name string) string { return s.environment[name] }
	return map[string]func() (tfprotov6.ProviderServer, error){
		"dataconn": func() (tfprotov6.ProviderServer, error) {
			inner, err := providerserver.NewProtocol6WithError(provider.New(options)())()
			if err != nil {
				return nil, err
			}
			full, ok := inner.(server)
			if !ok {
				return nil, fmt.Errorf("%T lacks methods that the recorder would hide", inner)
			}
			return recorded{server: full, notes: &s.notes}, nil
		},
	}
}

// Config puts the provider block in front of other blocks.
func (s *stage) Config(blocks ...string) string { return s.block + strings.Join(blocks, "\n") }

// Run is resource.ParallelTest with this provider. Every step begins with an
// empty record, after its PreConfig; and after every step that applies a
// configuration, two plans must be empty: one without and one with a refresh.
func (s *stage) Run(t T, steps ...resource.TestStep) {
	t.Helper()
	s.RunFrom(t, nil, steps...)
}

// RunFrom is Run for a CLI of at least this version; others skip the test.
func (s *stage) RunFrom(t T, versions []tfversion.TerraformVersionCheck, steps ...resource.TestStep) {
	t.Helper()
	RequireWriteOnly(t)
	for i := range steps {
		s.prepare(&steps[i])
	}
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: s.Providers(),
		TerraformVersionChecks:   versions,
		Steps:                    steps,
	})
}

func (s *stage) prepare(step *resource.TestStep) {
	before := step.PreConfig
	step.PreConfig = func() {
		if before != nil {
			before()
		}
		s.reset()
		s.notes.reset()
	}
	hasConfig := step.Config != "" || step.ConfigFile != nil
	if hasConfig && !step.ImportState && !step.Destroy && step.ExpectError == nil && !step.ExpectNonEmptyPlan {
		checks := &step.ConfigPlanChecks
		checks.PostApplyPreRefresh = append(checks.PostApplyPreRefresh, plancheck.ExpectEmptyPlan())
		checks.PostApplyPostRefresh = append(checks.PostApplyPostRefresh, plancheck.ExpectEmptyPlan())
	}
}

// Said returns the provider's diagnostics since the step began.
func (s *stage) Said() []Diagnostic { return s.notes.said() }

// write writes down a request that could change something, with the keys of its
// body sorted.
func write(method, path string, body []byte, status int) string {
	line := method + " " + path
	var decoded any
	if json.Unmarshal(body, &decoded) == nil {
		sorted, _ := json.Marshal(decoded) // what was decoded encodes
		line += " " + string(sorted)
	}
	return fmt.Sprintf("%s %d", line, status)
}

// check is a check of the record: of a plan before it is applied, or of what the
// apply did.
type check func() error

// CheckPlan implements plancheck.PlanCheck.
func (c check) CheckPlan(_ context.Context, _ plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	resp.Error = c()
}

// CheckState implements statecheck.StateCheck.
func (c check) CheckState(_ context.Context, _ statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	resp.Error = c()
}

// Check is a plan check and a state check.
type Check interface {
	plancheck.PlanCheck
	statecheck.StateCheck
}

// CheckThat makes a check of a function.
func CheckThat(f func() error) Check { return check(f) }

// Require fails the test if a check fails: for a step that ends in an error, of
// which there is neither plan nor state.
func Require(t testing.TB, checks ...Check) {
	t.Helper()
	for _, c := range checks {
		var resp statecheck.CheckStateResponse
		if c.CheckState(t.Context(), statecheck.CheckStateRequest{}, &resp); resp.Error != nil {
			t.Error(resp.Error)
		}
	}
}

// ExpectWrites checks that the step sent exactly these writes, in any order.
// Each is the beginning of one of Writes: a body may be left out, but not
// a part of it.
func (s *stage) ExpectWrites(want ...string) Check {
	return check(func() error {
		got := s.writes()
		rest := slices.Clone(got)
		for _, w := range want {
			i := slices.IndexFunc(rest, func(g string) bool { return strings.HasPrefix(g, w) })
			if i < 0 {
				return fmt.Errorf("write not sent: %s\nsent:\n  %s", w, strings.Join(got, "\n  "))
			}
			rest = slices.Delete(rest, i, i+1)
		}
		if len(rest) > 0 {
			return fmt.Errorf("unexpected writes:\n  %s", strings.Join(rest, "\n  "))
		}
		return nil
	})
}

// ExpectWarning checks that the step brought a warning on the attribute ("" for
// the whole object) with each of the texts.
func (s *stage) ExpectWarning(attribute string, texts ...string) Check {
	return check(func() error { return s.find(false, attribute, texts) })
}

// ExpectNoWarning checks that the step brought no warning.
func (s *stage) ExpectNoWarning() Check {
	return check(func() error {
		for _, d := range s.Said() {
			if !d.IsError {
				return fmt.Errorf("unexpected %s", d)
			}
		}
		return nil
	})
}

// RequireRefused fails the test unless the step brought an error on the
// attribute, with each of the texts, and sent no write.
func (s *stage) RequireRefused(t testing.TB, attribute string, texts ...string) {
	t.Helper()
	if err := s.find(true, attribute, texts); err != nil {
		t.Error(err)
	}
	if writes := s.writes(); len(writes) > 0 {
		t.Errorf("what was refused was sent anyway:\n  %s", strings.Join(writes, "\n  "))
	}
}

// RequireKept fails the test if the provider handed the secret to the CLI.
func (s *stage) RequireKept(t testing.TB, secret string) {
	t.Helper()
	if s.notes.handedOut(secret) {
		t.Errorf("the provider handed the secret %q out", secret)
	}
}

func (s *stage) find(isError bool, attribute string, texts []string) error {
	said := s.Said()
	for _, d := range said {
		missing := slices.ContainsFunc(texts, func(text string) bool { return !d.mentions(text) })
		if d.IsError == isError && d.Attribute == attribute && !missing {
			return nil
		}
	}
	wanted := Diagnostic{IsError: isError, Attribute: attribute, Summary: strings.Join(texts, " … ")}
	lines := []string{fmt.Sprintf("missing %s", wanted)}
	for _, d := range said {
		lines = append(lines, "got "+d.String())
	}
	return errors.New(strings.Join(lines, "\n"))
}

// Saying matches an error message of a CLI, which breaks lines where it likes.
func Saying(text string) *regexp.Regexp {
	words := strings.Fields(text)
	for i, w := range words {
		words[i] = regexp.QuoteMeta(w)
	}
	return regexp.MustCompile(strings.Join(words, `\s+`))
}
