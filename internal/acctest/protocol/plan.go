// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package protocol

import (
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Action is what a plan would do.
type Action string

// The actions.
const (
	NoOp    Action = "no-op"
	Create  Action = "create"
	Update  Action = "update"
	Replace Action = "replace" // the old one is destroyed first
	Delete  Action = "delete"
)

// Plan is a planned change of a resource.
type Plan struct {
	Diagnostics
	Action Action

	r        *Resource
	config   tftypes.Value
	planned  tftypes.Value // what is planned; of a replacement, the new object
	private  []byte
	identity *tfprotov6.ResourceIdentityData
	replaces []string
	options  planOptions
}

// planOptions are what a user can ask of a plan.
type planOptions struct {
	replace bool     // -replace
	ignored []string // ignore_changes
}

// IsEmpty reports that nothing is to be done and nothing is wrong.
func (p Plan) IsEmpty() bool { return p.Action == NoOp && !p.HasError() }

// RequiresReplace returns the attributes for which the provider wants a
// replacement.
func (p Plan) RequiresReplace() []string { return p.replaces }

// Value returns a planned attribute; [Unknown] is known after apply.
func (p Plan) Value(attribute string) any { return goValue(attributes(p.planned)[attribute]) }

// Values returns all planned attributes.
func (p Plan) Values() map[string]any {
	values, _ := goValue(p.planned).(map[string]any)
	return values
}

// Private returns the planned private state, as a plan file holds it.
func (p Plan) Private() []byte { return slices.Clone(p.private) }

// Changes returns the names of the attributes that differ from the state,
// sorted.
func (p Plan) Changes() []string {
	before := attributes(p.r.state)
	var names []string
	for name, value := range attributes(p.planned) {
		if was, ok := before[name]; !ok && !value.IsNull() || ok && !value.Equal(was) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Plan plans the change from the state to the configuration. It does not
// refresh.
func (r *Resource) Plan(config map[string]any) Plan {
	r.p.t.Helper()
	return r.plan(r.p.object(r.schema, config), planOptions{})
}

// PlanReplace is Plan with the option -replace.
func (r *Resource) PlanReplace(config map[string]any) Plan {
	r.p.t.Helper()
	return r.plan(r.p.object(r.schema, config), planOptions{replace: true})
}

// PlanIgnoring is Plan with ignore_changes in the resource's lifecycle block;
// "ssl.key" is an attribute of a nested object. The provider is given the
// configured values of these nowhere but when the plan is applied.
func (r *Resource) PlanIgnoring(config map[string]any, ignored ...string) Plan {
	r.p.t.Helper()
	return r.plan(r.p.object(r.schema, config), planOptions{ignored: ignored})
}

func (r *Resource) plan(config tftypes.Value, options planOptions) Plan {
	r.p.t.Helper()
	plan := Plan{r: r, Action: NoOp, config: config, planned: r.state, private: r.private, identity: r.identity, options: options}
	if plan.Diagnostics = r.validate(config); plan.HasError() {
		return plan
	}
	prior, private, identity := r.state, r.private, r.identity
	if r.tainted {
		prior, private, identity = r.null(), nil, nil
	}
	visible := config
	for _, path := range options.ignored {
		visible = ignoreChanges(prior, visible, path)
	}
	plan.change(prior, visible, private, identity)
	replaces := plan.replaces
	switch {
	case plan.HasError():
	case !r.Exists():
		plan.Action = Create
	case r.tainted:
		plan.Action = Replace
	case len(replaces) > 0 || options.replace:
		// The new object is planned once more, from nothing: it ignores nothing.
		plan.change(r.null(), config, plan.private, plan.identity)
		plan.replaces, plan.Action = replaces, Replace
	case !plan.planned.Equal(r.state):
		plan.Action = Update
	}
	return plan
}

// change asks the provider for a plan, and checks it as core does.
func (p *Plan) change(prior, config tftypes.Value, private []byte, identity *tfprotov6.ResourceIdentityData) {
	p.r.p.t.Helper()
	protocol := p.r.p
	resp, err := protocol.server.PlanResourceChange(protocol.context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName:         p.r.typeName,
		PriorState:       protocol.dynamic(prior),
		ProposedNewState: protocol.dynamic(proposedNew(p.r.schema, prior, config)),
		Config:           protocol.dynamic(config),
		PriorPrivate:     private,
		PriorIdentity:    identity,
	})
	protocol.must(err)
	p.Diagnostics = append(p.Diagnostics, resp.Diagnostics...)
	if p.HasError() {
		return
	}
	p.planned = protocol.unmarshal(resp.PlannedState, p.r.schema.ValueType())
	p.private, p.identity, p.replaces = resp.PlannedPrivate, resp.PlannedIdentity, nil
	for _, path := range resp.RequiresReplace {
		if differs(path, prior, p.planned) {
			p.replaces = append(p.replaces, attributePath(path))
		}
	}
	p.Diagnostics = append(p.Diagnostics, checkPlan(p.r.schema, prior, config, p.planned)...)
}

// differs reports whether two objects differ in what the path leads to.
func differs(path *tftypes.AttributePath, a, b tftypes.Value) bool {
	x, _, missesX := tftypes.WalkAttributePath(a, path)
	y, _, missesY := tftypes.WalkAttributePath(b, path)
	if missesX != nil || missesY != nil {
		return (missesX == nil) != (missesY == nil)
	}
	value, isValue := x.(tftypes.Value)
	other, isOther := y.(tftypes.Value)
	return !isValue || !isOther || !value.Equal(other)
}

// Apply carries the plan out, and returns the diagnostics of this alone.
func (p Plan) Apply() Diagnostics {
	p.r.p.t.Helper()
	return p.apply(p.config)
}

// ApplyWith carries the plan out after what was unknown in its configuration
// has become known.
func (p Plan) ApplyWith(config map[string]any) Diagnostics {
	p.r.p.t.Helper()
	return p.apply(p.r.p.object(p.r.schema, config))
}

func (p Plan) apply(config tftypes.Value) Diagnostics {
	r := p.r
	r.p.t.Helper()
	if p.HasError() {
		r.p.t.Fatalf("a plan with errors cannot be applied:\n%s", p.Errors())
	}
	var diags Diagnostics
	switch p.Action {
	case NoOp:
		return nil // core drops the private state of such a plan as well
	case Delete:
		return r.apply(p)
	case Replace:
		// Even the end of the old object gets the private data of the new one's plan.
		destroy := Plan{r: r, config: r.null(), planned: r.null(), private: p.private, identity: r.identity}
		if diags = r.apply(destroy); r.Exists() {
			return diags
		}
	}
	final := p.again(config)
	diags = append(diags, final.Diagnostics...)
	if final.HasError() || final.Action == NoOp {
		return diags
	}
	return append(diags, r.apply(final)...)
}

// again plans once more, as core does before it applies anything: from the state,
// its private data and the configuration of now, without the private data of the
// first plan. What that plan knew has to be the same. What it says again is left
// out.
func (p Plan) again(config tftypes.Value) Plan {
	p.r.p.t.Helper()
	const summary = "Provider produced inconsistent final plan"
	final := p.r.plan(config, p.options)
	final.Diagnostics = slices.DeleteFunc(final.Diagnostics, func(d *tfprotov6.Diagnostic) bool {
		return slices.ContainsFunc(p.Diagnostics, func(said *tfprotov6.Diagnostic) bool { return describe(said) == describe(d) })
	})
	if final.HasError() {
		return final
	}
	expected := p.Action
	if expected == Replace {
		expected = Create // the old object is gone
	}
	if final.Action != expected && !(expected == Update && final.Action == NoOp) {
		final.Diagnostics = append(final.Diagnostics, coreErrors(summary, []string{fmt.Sprintf("the action was %s and is %s", p.Action, final.Action)})...)
	}
	final.Diagnostics = append(final.Diagnostics, checkResult(summary, p.r.schema, p.planned, final.planned)...)
	return final
}

// Apply plans and applies; a plan with errors is not applied.
func (r *Resource) Apply(config map[string]any) Diagnostics {
	r.p.t.Helper()
	plan := r.Plan(config)
	if plan.HasError() {
		return plan.Diagnostics
	}
	return append(plan.Diagnostics, plan.Apply()...)
}

// PlanDestroy plans the end of the resource.
func (r *Resource) PlanDestroy() Plan {
	r.p.t.Helper()
	plan := Plan{r: r, Action: NoOp, config: r.null(), planned: r.null(), private: r.private, identity: r.identity}
	if !r.Exists() {
		return plan
	}
	plan.Action = Delete
	resp, err := r.p.server.PlanResourceChange(r.p.context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName:         r.typeName,
		PriorState:       r.p.dynamic(r.state),
		ProposedNewState: r.p.dynamic(r.null()),
		Config:           r.p.dynamic(r.null()),
		PriorPrivate:     r.private,
		PriorIdentity:    r.identity,
	})
	r.p.must(err)
	plan.Diagnostics = resp.Diagnostics
	plan.private = resp.PlannedPrivate
	return plan
}
