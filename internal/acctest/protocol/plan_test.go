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

	plans   []*tfprotov6.PlanResourceChangeRequest
	applies []*tfprotov6.ApplyResourceChangeRequest
}

func (*fake) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
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
