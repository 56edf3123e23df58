// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
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

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/provider"
)

// Omni is one acceptance test's world: a mock server, the provider that talks to
// it, and a record of what the provider says to either side.
type Omni struct {
	*omnimock.Server
	block string
	notes recorder
}

// StartOmni starts a mock server that ends with the test. Further lines go into
// the omni attribute of the provider block.
func StartOmni(t *testing.T, opts omnimock.Options, further ...string) *Omni {
	t.Helper()
	s := omnimock.Start(t, opts)
	if opts.Generation == omnimock.Guide2025 {
		further = append(further, `api_version = "unstable"`)
	}
	return &Omni{Server: s, block: OmniProvider(s, further...)}
}

// Providers are factories of a provider that is recorded. It sees the
// environment variables that name the server, for configurations that come with
// a provider block of their own.
func (o *Omni) Providers() map[string]func() (tfprotov6.ProviderServer, error) {
	options := Options()
	environment := map[string]string{
		"OMNI_BASE_URL": o.URL(), "OMNI_API_TOKEN": o.Token(), "OMNI_MAX_REQUESTS_PER_MINUTE": "100000",
	}
	if strings.Contains(o.block, `"unstable"`) {
		environment["OMNI_API_VERSION"] = "unstable"
	}
	options.Getenv = func(name string) string { return environment[name] }
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
			return recorded{server: full, notes: &o.notes}, nil
		},
	}
}

// Config puts the provider block in front of other blocks.
func (o *Omni) Config(blocks ...string) string { return o.block + strings.Join(blocks, "\n") }

// Run is resource.ParallelTest with this provider. Every step begins with an
// empty record, after its PreConfig; and after every step that applies a
// configuration, two plans must be empty: one without and one with a refresh.
func (o *Omni) Run(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	o.RunFrom(t, nil, steps...)
}

// RunFrom is Run for a CLI of at least this version; others skip the test.
func (o *Omni) RunFrom(t *testing.T, versions []tfversion.TerraformVersionCheck, steps ...resource.TestStep) {
	t.Helper()
	for i := range steps {
		o.prepare(&steps[i])
	}
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: o.Providers(),
		TerraformVersionChecks:   versions,
		Steps:                    steps,
	})
}

func (o *Omni) prepare(step *resource.TestStep) {
	before := step.PreConfig
	step.PreConfig = func() {
		if before != nil {
			before()
		}
		o.ResetRequests()
		o.notes.reset()
	}
	hasConfig := step.Config != "" || step.ConfigFile != nil
	if hasConfig && !step.ImportState && !step.Destroy && step.ExpectError == nil && !step.ExpectNonEmptyPlan {
		checks := &step.ConfigPlanChecks
		checks.PostApplyPreRefresh = append(checks.PostApplyPreRefresh, plancheck.ExpectEmptyPlan())
		checks.PostApplyPostRefresh = append(checks.PostApplyPostRefresh, plancheck.ExpectEmptyPlan())
	}
}

// Said returns the provider's diagnostics since the step began.
func (o *Omni) Said() []Diagnostic { return o.notes.said() }

// Writes returns the requests since the step began that could change something,
// such as
//
//	PATCH connections {"port":5433} 200
//
// in the order of arrival, without ids, and with the keys of the body sorted.
func (o *Omni) Writes() []string {
	var writes []string
	for _, r := range o.Requests() {
		if r.Method == http.MethodGet {
			continue
		}
		collection := strings.TrimPrefix(strings.TrimPrefix(r.Path, "/api/v1/"), "/api/unstable/")
		collection, _, _ = strings.Cut(collection, "/")
		write := r.Method + " " + collection
		var body any
		if json.Unmarshal(r.Body, &body) == nil {
			sorted, _ := json.Marshal(body) // what was decoded encodes
			write += " " + string(sorted)
		}
		writes = append(writes, fmt.Sprintf("%s %d", write, r.Status))
	}
	return writes
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
func Require(t *testing.T, checks ...Check) {
	t.Helper()
	for _, c := range checks {
		var resp statecheck.CheckStateResponse
		if c.CheckState(t.Context(), statecheck.CheckStateRequest{}, &resp); resp.Error != nil {
			t.Error(resp.Error)
		}
	}
}

// ExpectWrites checks that the step sent exactly these writes, in any order.
// Each is the beginning of one of [Omni.Writes]: a body may be left out, but not
// a part of it.
func (o *Omni) ExpectWrites(want ...string) Check {
	return check(func() error {
		got := o.Writes()
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
func (o *Omni) ExpectWarning(attribute string, texts ...string) Check {
	return check(func() error { return o.find(false, attribute, texts) })
}

// ExpectNoWarning checks that the step brought no warning.
func (o *Omni) ExpectNoWarning() Check {
	return check(func() error {
		for _, d := range o.Said() {
			if !d.IsError {
				return fmt.Errorf("unexpected %s", d)
			}
		}
		return nil
	})
}

// RequireRefused fails the test unless the step brought an error on the
// attribute, with each of the texts, and sent no write.
func (o *Omni) RequireRefused(t *testing.T, attribute string, texts ...string) {
	t.Helper()
	if err := o.find(true, attribute, texts); err != nil {
		t.Error(err)
	}
	if writes := o.Writes(); len(writes) > 0 {
		t.Errorf("what was refused was sent all the same:\n  %s", strings.Join(writes, "\n  "))
	}
}

// RequireKept fails the test if the provider handed the secret to the CLI.
func (o *Omni) RequireKept(t *testing.T, secret string) {
	t.Helper()
	if o.notes.handedOut(secret) {
		t.Errorf("the provider handed the secret %q out", secret)
	}
}

func (o *Omni) find(isError bool, attribute string, texts []string) error {
	said := o.Said()
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

// Only returns the server's one connection of this name.
func (o *Omni) Only(t *testing.T, name string) omnimock.Connection {
	t.Helper()
	var found []omnimock.Connection
	for _, c := range o.Connections() {
		if c.Name() == name {
			found = append(found, c)
		}
	}
	if len(found) != 1 {
		t.Fatalf("the server has %d connections named %q", len(found), name)
	}
	return found[0]
}

// Names returns the names of the server's connections, sorted.
func (o *Omni) Names() []string {
	names := map[string]bool{}
	for _, c := range o.Connections() {
		names[c.Name()] = true
	}
	return slices.Sorted(maps.Keys(names))
}
