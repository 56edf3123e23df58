// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package protocol

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// fake is a provider with one resource, which plans and applies as the test
// says, and keeps what it was sent.
type fake struct {
	tfprotov6.ProviderServer
	t     *testing.T
	plan  func(nth int, req *tfprotov6.PlanResourceChangeRequest) *tfprotov6.PlanResourceChangeResponse
	apply func(req *tfprotov6.ApplyResourceChangeRequest) *tfprotov6.ApplyResourceChangeResponse

	valid     Diagnostics // of every configuration
	validated *tfprotov6.ValidateResourceConfigRequest

	plans   []*tfprotov6.PlanResourceChangeRequest
	applies []*tfprotov6.ApplyResourceChangeRequest
}

func (f *fake) ValidateResourceConfig(_ context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	f.validated = req
	return &tfprotov6.ValidateResourceConfigResponse{Diagnostics: f.valid}, nil
}

func (f *fake) PlanResourceChange(_ context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	f.plans = append(f.plans, req)
	return f.plan(len(f.plans), req), nil
}

func (f *fake) ApplyResourceChange(_ context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	f.applies = append(f.applies, req)
	return f.apply(req), nil
}

func (f *fake) dynamic(values map[string]any) *tfprotov6.DynamicValue {
	f.t.Helper()
	v := testObject(f.t, values)
	d, err := tfprotov6.NewDynamicValue(v.Type(), v)
	if err != nil {
		f.t.Fatal(err)
	}
	return &d
}

// start returns a resource in this state; nil is none.
func (f *fake) start(state map[string]any) *Resource {
	p := &Provider{t: f.t, server: f, schemas: &tfprotov6.GetProviderSchemaResponse{ResourceSchemas: map[string]*tfprotov6.Schema{"it": testSchema()}}}
	r := p.Resource("it")
	if state != nil {
		r.state, r.private = testObject(f.t, state), []byte("of the state")
	}
	return r
}

// asProposed plans what core proposes, with private data of its own.
func asProposed(_ int, req *tfprotov6.PlanResourceChangeRequest) *tfprotov6.PlanResourceChangeResponse {
	return &tfprotov6.PlanResourceChangeResponse{PlannedState: req.ProposedNewState, PlannedPrivate: []byte("of a plan")}
}

func asPlanned(req *tfprotov6.ApplyResourceChangeRequest) *tfprotov6.ApplyResourceChangeResponse {
	return &tfprotov6.ApplyResourceChangeResponse{NewState: req.PlannedState, Private: []byte("applied")}
}

// An apply plans again, with the private data of the state: what the first plan
// kept there is gone, and what it knew is not to change.
func TestApplyPlansAgain(t *testing.T) {
	t.Parallel()
	before, config := map[string]any{"required": "a"}, map[string]any{"required": "b"}
	for name, c := range map[string]struct {
		second func(f *fake, resp *tfprotov6.PlanResourceChangeResponse)
		words  string // of the error, "" if there is to be none
	}{
		"the same": {second: func(*fake, *tfprotov6.PlanResourceChangeResponse) {}},
		"another value": {words: "inconsistent final plan", second: func(f *fake, resp *tfprotov6.PlanResourceChangeResponse) {
			resp.PlannedState = f.dynamic(map[string]any{"required": "b", "computed": 2})
		}},
		"a replacement": {words: "inconsistent final plan", second: func(_ *fake, resp *tfprotov6.PlanResourceChangeResponse) {
			resp.RequiresReplace = []*tftypes.AttributePath{tftypes.NewAttributePath().WithAttributeName("required")}
		}},
		"an error": {words: "second thoughts", second: func(_ *fake, resp *tfprotov6.PlanResourceChangeResponse) {
			resp.Diagnostics = coreErrors("second thoughts", []string{""})
		}},
	} {
		f := &fake{t: t, apply: asPlanned}
		f.plan = func(nth int, req *tfprotov6.PlanResourceChangeRequest) *tfprotov6.PlanResourceChangeResponse {
			resp := asProposed(nth, req)
			if nth > 1 {
				c.second(f, resp)
			}
			return resp
		}
		diags := f.start(before).Apply(config)
		if diags.HasError() != (c.words != "") || !strings.Contains(diags.String(), c.words) || len(f.applies) == 0 != diags.HasError() {
			t.Errorf("%s: %d applies, and %s", name, len(f.applies), diags)
		}
		if len(f.plans) < 2 || string(f.plans[1].PriorPrivate) != "of the state" {
			t.Errorf("%s: the second of %d plans got the wrong private data", name, len(f.plans))
		}
	}
}

// The halves of a replacement: the new object is planned again from nothing, and
// the old one's end has the private data of the plan.
func TestApplyOfAReplacement(t *testing.T) {
	t.Parallel()
	f := &fake{t: t, plan: asProposed, apply: asPlanned}
	r := f.start(map[string]any{"required": "a", "computed": 1})
	r.PlanReplace(map[string]any{"required": "b"}).Apply().RequireNone(t)
	var got []string
	for _, req := range f.plans {
		prior := r.p.unmarshal(req.PriorState, r.schema.ValueType())
		got = append(got, map[bool]string{true: "from nothing", false: "from the state"}[prior.IsNull()]+" with "+string(req.PriorPrivate))
	}
	if want := []string{"from the state with of the state", "from nothing with of a plan", "from nothing with "}; !slices.Equal(got, want) {
		t.Errorf("the plans were %q", got)
	}
	if len(f.applies) != 2 || string(f.applies[0].PlannedPrivate) != "of a plan" || r.Text("required") != "b" || string(r.Private()) != "applied" {
		t.Errorf("%d applies, the first with %s; then %v", len(f.applies), f.applies[0].PlannedPrivate, r.State())
	}
}

// What ignore_changes hides from the plans, the apply sees.
func TestIgnoredChangesReachTheApply(t *testing.T) {
	t.Parallel()
	before := map[string]any{"required": "a", "optional": "old", "block": map[string]any{"mode": "m"}}
	config := map[string]any{"required": "b", "optional": "new", "secret_wo": "s", "block": map[string]any{"key_wo": "k", "mode": "n"}}
	f := &fake{t: t, plan: asProposed, apply: asPlanned}
	r := f.start(before)
	r.PlanIgnoring(config, "optional", "secret_wo", "block.key_wo").Apply().RequireNone(t)
	for _, req := range f.plans {
		seen, _ := goValue(r.p.unmarshal(req.Config, r.schema.ValueType())).(map[string]any)
		block, _ := seen["block"].(map[string]any)
		if seen["required"] != "b" || seen["optional"] != "old" || seen["secret_wo"] != nil || block["key_wo"] != nil || block["mode"] != "n" {
			t.Errorf("a plan got %v", seen)
		}
	}
	applied, _ := goValue(r.p.unmarshal(f.applies[0].Config, r.schema.ValueType())).(map[string]any)
	if applied["optional"] != "new" || applied["secret_wo"] != "s" || r.Text("optional") != "old" {
		t.Errorf("the apply got %v, the state has %v", applied, r.State())
	}
}

// An error with nothing in the place of the object does not lose it.
func TestFailedApplyKeepsTheState(t *testing.T) {
	t.Parallel()
	f := &fake{t: t, plan: asProposed, apply: func(*tfprotov6.ApplyResourceChangeRequest) *tfprotov6.ApplyResourceChangeResponse {
		v := tftypes.NewValue(testSchema().ValueType(), nil)
		d, _ := tfprotov6.NewDynamicValue(v.Type(), v)
		return &tfprotov6.ApplyResourceChangeResponse{NewState: &d, Diagnostics: coreErrors("failed", []string{""})}
	}}
	r := f.start(map[string]any{"required": "a"})
	r.Apply(map[string]any{"required": "b"}).RequireError(t, "failed")
	if r.Text("required") != "a" || string(r.Private()) != "of the state" || r.IsTainted() {
		t.Errorf("the state has %v", r.State())
	}
}

// A path that the provider names is a reason to replace only where what it leads to
// changes.
func TestWhatRequiresReplace(t *testing.T) {
	t.Parallel()
	path := tftypes.NewAttributePath().WithAttributeName
	mode := path("block").WithAttributeName("mode")
	for name, c := range map[string]struct {
		before, config map[string]any
		path           *tftypes.AttributePath
		want           Action
	}{
		"another value":       {map[string]any{"required": "a"}, map[string]any{"required": "b"}, path("required"), Replace},
		"the same value":      {map[string]any{"required": "a"}, map[string]any{"required": "a", "optional": "b"}, path("required"), Update},
		"nested":              {map[string]any{"required": "a", "block": map[string]any{"mode": "m"}}, map[string]any{"required": "a", "block": map[string]any{"mode": "n"}}, mode, Replace},
		"nested, the same":    {map[string]any{"required": "a", "block": map[string]any{"mode": "m"}}, map[string]any{"required": "b", "block": map[string]any{"mode": "m"}}, mode, Update},
		"a new block":         {map[string]any{"required": "a"}, map[string]any{"required": "a", "block": map[string]any{"mode": "n"}}, mode, Replace},
		"a block that goes":   {map[string]any{"required": "a", "block": map[string]any{"mode": "n"}}, map[string]any{"required": "a"}, mode, Replace},
		"no block":            {map[string]any{"required": "a"}, map[string]any{"required": "b"}, mode, Update},
		"what does not exist": {map[string]any{"required": "a"}, map[string]any{"required": "b"}, path("none"), Update},
		"a create":            {nil, map[string]any{"required": "b"}, path("required"), Create},
	} {
		f := &fake{t: t, plan: func(nth int, req *tfprotov6.PlanResourceChangeRequest) *tfprotov6.PlanResourceChangeResponse {
			resp := asProposed(nth, req)
			resp.RequiresReplace = []*tftypes.AttributePath{c.path}
			return resp
		}}
		plan := f.start(c.before).Plan(c.config)
		replaces := len(plan.RequiresReplace()) == 1 && plan.RequiresReplace()[0] == attributePath(c.path)
		if plan.Action != c.want || replaces != (c.want == Replace) && c.want != Create {
			t.Errorf("%s: %s for %v", name, plan.Action, plan.RequiresReplace())
		}
	}
}

// The plan of a resource that is tainted is one from nothing.
func TestPlanOfATaintedResource(t *testing.T) {
	t.Parallel()
	f := &fake{t: t, plan: asProposed, apply: asPlanned}
	r := f.start(map[string]any{"required": "a", "computed": 1})
	r.identity = &tfprotov6.ResourceIdentityData{}
	r.Taint()
	config := map[string]any{"required": "a"}
	plan := r.Plan(config)
	if plan.Action != Replace || plan.Value("computed") != nil || f.plans[0].PriorPrivate != nil || f.plans[0].PriorIdentity != nil {
		t.Errorf("%s of %v, from %+v", plan.Action, plan.Values(), f.plans[0])
	}
	r.Untaint()
	if plan := r.Plan(config); !plan.IsEmpty() || f.plans[1].PriorIdentity == nil {
		t.Errorf("untainted: %s of %v, from %+v", plan.Action, plan.Changes(), f.plans[1])
	}
	r.Taint()
	r.Apply(config).RequireNone(t)
	if r.IsTainted() || !r.Exists() {
		t.Errorf("replaced: %v, tainted %t", r.State(), r.IsTainted())
	}
}

// Nothing is applied where there is nothing to do, and only once what was planned.
func TestWhatIsApplied(t *testing.T) {
	t.Parallel()
	same, other := map[string]any{"required": "a"}, map[string]any{"required": "b"}
	f := &fake{t: t, plan: asProposed, apply: asPlanned}
	r := f.start(same)
	if plan := r.Plan(same); plan.Action != NoOp || len(plan.Changes()) != 0 || len(plan.Apply()) != 0 || len(f.plans) != 1 || len(f.applies) != 0 {
		t.Errorf("%s of %v: %d plans, %d applies", plan.Action, plan.Changes(), len(f.plans), len(f.applies))
	}
	plan := r.Plan(other)
	if got := plan.Changes(); plan.Action != Update || plan.IsEmpty() || !slices.Equal(got, []string{"required"}) || string(plan.Private()) != "of a plan" {
		t.Errorf("%s of %v with %s", plan.Action, got, plan.Private())
	}
	r.Destroy().RequireNone(t)
	if r.Exists() || r.Private() != nil || r.Identity() != nil || len(f.applies) != 1 || string(f.applies[0].PlannedPrivate) != "of a plan" {
		t.Errorf("destroyed: %v, %s, %d applies", r.State(), r.Private(), len(f.applies))
	}
	plans := len(f.plans)
	if plan := r.PlanDestroy(); plan.Action != NoOp || len(r.Destroy()) != 0 || len(f.plans) != plans || len(f.applies) != 1 {
		t.Errorf("of what is not there: %s, %d plans, %d applies", plan.Action, len(f.plans)-plans, len(f.applies))
	}
	if got := r.Plan(map[string]any{"required": "a", "either": []string{"x"}}).Changes(); !slices.Equal(got, []string{"either", "required"}) {
		t.Errorf("a create changes %v", got)
	}

	// The second plan may find that there is nothing left to do.
	f = &fake{t: t, apply: asPlanned}
	f.plan = func(nth int, req *tfprotov6.PlanResourceChangeRequest) *tfprotov6.PlanResourceChangeResponse {
		resp := asProposed(nth, req)
		if resp.PlannedState = f.dynamic(map[string]any{"required": "a", "computed": Unknown}); nth > 1 {
			resp.PlannedState = f.dynamic(map[string]any{"required": "a", "computed": 1})
		}
		return resp
	}
	r = f.start(map[string]any{"required": "a", "computed": 1})
	if diags := r.Apply(same); len(diags) != 0 || len(f.applies) != 0 || len(f.plans) != 2 {
		t.Errorf("%s: %d plans, %d applies", diags, len(f.plans), len(f.applies))
	}
}

// A destroy that fails leaves the old object where it is: no new one is made, by a
// replacement neither.
func TestDestroyThatFails(t *testing.T) {
	t.Parallel()
	f := &fake{t: t, plan: asProposed, apply: func(req *tfprotov6.ApplyResourceChangeRequest) *tfprotov6.ApplyResourceChangeResponse {
		return &tfprotov6.ApplyResourceChangeResponse{NewState: req.PriorState, Private: req.PlannedPrivate, Diagnostics: coreErrors("failed", []string{"still in use"})}
	}}
	r := f.start(map[string]any{"required": "a"})
	diags := r.PlanReplace(map[string]any{"required": "b"}).Apply()
	if diags.RequireError(t, "still in use"); len(diags) != 1 || len(f.applies) != 1 || r.Text("required") != "a" || r.IsTainted() {
		t.Errorf("%d applies, %s; the state has %v, tainted %t", len(f.applies), diags, r.State(), r.IsTainted())
	}
	f.plan = func(int, *tfprotov6.PlanResourceChangeRequest) *tfprotov6.PlanResourceChangeResponse {
		return &tfprotov6.PlanResourceChangeResponse{Diagnostics: coreErrors("protected", []string{""})}
	}
	diags = r.Destroy()
	if diags.RequireError(t, "protected"); len(diags) != 1 || len(f.applies) != 1 {
		t.Errorf("%s, %d applies", diags, len(f.applies))
	}
}

// What is created halfway is tainted, and what a change did not finish is not.
func TestTaint(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before  map[string]any
		fails   bool
		tainted bool
	}{
		"a create that fails": {nil, true, true},
		"a create":            {nil, false, false},
		"a change that fails": {map[string]any{"required": "a"}, true, false},
	} {
		f := &fake{t: t, plan: asProposed, apply: func(req *tfprotov6.ApplyResourceChangeRequest) *tfprotov6.ApplyResourceChangeResponse {
			resp := asPlanned(req)
			resp.NewIdentity = &tfprotov6.ResourceIdentityData{}
			if c.fails {
				resp.Diagnostics = coreErrors("halfway", []string{""})
			}
			return resp
		}}
		r := f.start(c.before)
		diags := r.Apply(map[string]any{"required": "b"})
		if diags.HasError() != c.fails || r.IsTainted() != c.tainted || r.Text("required") != "b" || r.identity == nil || string(r.Private()) != "applied" {
			t.Errorf("%s: %s, tainted %t, %v", name, diags, r.IsTainted(), r.State())
		}
	}
}

// What an apply returns is judged as core does, where it succeeds against the plan as
// well.
func TestResultsOfAnApply(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		state map[string]any
		fails bool
		words []string
	}{
		"another value":               {map[string]any{"required": "c"}, false, []string{"inconsistent result after apply", "required: b was planned, it is c"}},
		"another value, and an error": {map[string]any{"required": "c"}, true, nil},
		"unknown":                     {map[string]any{"required": "b", "either": Unknown}, false, []string{"invalid result object", "either: unknown"}},
		"unknown, and an error":       {map[string]any{"required": "b", "either": Unknown}, true, []string{"invalid result object", "either: unknown"}},
	} {
		f := &fake{t: t, plan: asProposed}
		f.apply = func(*tfprotov6.ApplyResourceChangeRequest) *tfprotov6.ApplyResourceChangeResponse {
			resp := &tfprotov6.ApplyResourceChangeResponse{NewState: f.dynamic(c.state)}
			if c.fails {
				resp.Diagnostics = coreErrors("failed", []string{""})
			}
			return resp
		}
		diags := f.start(map[string]any{"required": "a"}).Apply(map[string]any{"required": "b"})
		if c.words == nil && len(diags) != 1 {
			t.Errorf("%s: %s", name, diags)
		}
		diags.RequireError(t, c.words...)
	}
}

// What the second plan says again is said once, and what is new is added.
func TestWarningsOfBothPlans(t *testing.T) {
	t.Parallel()
	f := &fake{t: t, apply: asPlanned}
	f.plan = func(nth int, req *tfprotov6.PlanResourceChangeRequest) *tfprotov6.PlanResourceChangeResponse {
		resp := asProposed(nth, req)
		resp.Diagnostics = []*tfprotov6.Diagnostic{{Severity: tfprotov6.DiagnosticSeverityWarning, Summary: "again"}}
		if nth > 1 {
			resp.Diagnostics = append(resp.Diagnostics, &tfprotov6.Diagnostic{Severity: tfprotov6.DiagnosticSeverityWarning, Summary: "new"})
		}
		return resp
	}
	r := f.start(map[string]any{"required": "a"})
	if got := r.Apply(map[string]any{"required": "b"}).String(); got != "WARNING: again: \n\nWARNING: new: " {
		t.Error(got)
	}
}

// An action that the second plan changes is an inconsistency: it is said which.
func TestAnotherAction(t *testing.T) {
	t.Parallel()
	f := &fake{t: t, plan: asProposed, apply: asPlanned}
	r := f.start(nil)
	plan := r.Plan(map[string]any{"required": "b"})
	r.state = testObject(t, map[string]any{"required": "a"})
	plan.Apply().RequireError(t, "inconsistent final plan", "the action was create and is update")
	if len(f.applies) != 0 {
		t.Errorf("%d applies", len(f.applies))
	}
}

// What is not in the state ignores no changes.
func TestNothingToIgnore(t *testing.T) {
	t.Parallel()
	f := &fake{t: t, plan: asProposed, apply: asPlanned}
	r := f.start(nil)
	r.PlanIgnoring(map[string]any{"required": "b", "optional": "new", "block": map[string]any{"mode": "m"}}, "optional", "block.mode", "none").Apply().RequireNone(t)
	if r.Text("optional") != "new" || r.Text("computed") != "" || r.Text("required") != "b" {
		t.Errorf("%v", r.State())
	}
}

// A wrong configuration is not planned.
func TestPlanOfAWrongConfiguration(t *testing.T) {
	t.Parallel()
	f := &fake{t: t, plan: asProposed, apply: asPlanned, valid: coreErrors("invalid", []string{""})}
	r := f.start(map[string]any{"required": "a"})
	plan := r.Plan(map[string]any{"required": "b"})
	if plan.RequireError(t, "invalid"); plan.Action != NoOp || plan.IsEmpty() || plan.Value("required") != "a" || len(f.plans) != 0 {
		t.Errorf("%s of %v, %d plans", plan.Action, plan.Values(), len(f.plans))
	}
	if diags := r.Apply(map[string]any{"required": "b"}); len(diags) != 1 || len(f.applies) != 0 {
		t.Errorf("%s, %d applies", diags, len(f.applies))
	}
	if f.validated == nil || !f.validated.ClientCapabilities.WriteOnlyAttributesAllowed || f.validated.TypeName != "it" {
		t.Errorf("%+v", f.validated)
	}
}
