// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package protocol

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// This file holds the part of Terraform's core between the calls of the
// protocol: what state it proposes, and what it refuses in an answer. The
// provider has nested attributes and no blocks, so blocks are left out.

// proposedNew merges the configuration with the prior state: an attribute that
// the provider may compute keeps its prior value where the configuration is
// null; all others are as configured. Write-only values are in no proposal.
func proposedNew(schema *tfprotov6.Schema, prior, config tftypes.Value) tftypes.Value {
	return propose(schema.Block.Attributes, prior, withoutWriteOnly(schema.Block.Attributes, config))
}

func propose(schema []*tfprotov6.SchemaAttribute, prior, config tftypes.Value) tftypes.Value {
	before, configured := attributes(prior), attributes(config)
	proposed := map[string]tftypes.Value{}
	for _, a := range schema {
		was, ok := before[a.Name]
		if !ok {
			was = tftypes.NewValue(a.ValueType(), nil)
		}
		value := configured[a.Name]
		switch {
		case value.IsNull() && a.Computed:
			value = was
		case a.NestedType != nil:
			value = eachNested(a.NestedType, was, value, func(was, value tftypes.Value) tftypes.Value {
				return propose(a.NestedType.Attributes, was, value)
			})
		}
		proposed[a.Name] = value
	}
	return tftypes.NewValue(config.Type(), proposed)
}

// eachNested replaces the nested object, or each object of a map, that is there
// and known; prior is what was in the same place.
func eachNested(nested *tfprotov6.SchemaObject, prior, value tftypes.Value, replace func(prior, object tftypes.Value) tftypes.Value) tftypes.Value {
	if value.IsNull() || !value.IsKnown() {
		return value
	}
	switch nested.Nesting {
	case tfprotov6.SchemaObjectNestingModeSingle:
		return replace(prior, value)
	case tfprotov6.SchemaObjectNestingModeMap:
		before, replaced := attributes(prior), maps.Clone(attributes(value))
		for key, element := range replaced {
			if !element.IsNull() && element.IsKnown() {
				was, ok := before[key]
				if !ok {
					was = tftypes.NewValue(element.Type(), nil)
				}
				replaced[key] = replace(was, element)
			}
		}
		return tftypes.NewValue(value.Type(), replaced)
	default:
		return value
	}
}

// withoutWriteOnly returns an object whose write-only attributes, also those in
// objects inside it, are null.
func withoutWriteOnly(schema []*tfprotov6.SchemaAttribute, object tftypes.Value) tftypes.Value {
	if object.IsNull() || !object.IsKnown() {
		return object
	}
	stripped := maps.Clone(attributes(object))
	for _, a := range schema {
		switch {
		case a.WriteOnly:
			stripped[a.Name] = tftypes.NewValue(a.ValueType(), nil)
		case a.NestedType != nil:
			stripped[a.Name] = eachNested(a.NestedType, stripped[a.Name], stripped[a.Name], func(_, object tftypes.Value) tftypes.Value {
				return withoutWriteOnly(a.NestedType.Attributes, object)
			})
		}
	}
	return tftypes.NewValue(object.Type(), stripped)
}

// checkPlan is core's "Provider produced invalid plan": only what the provider
// may compute and the configuration leaves out can differ from both the
// configuration and the prior state.
func checkPlan(schema *tfprotov6.Schema, prior, config, planned tftypes.Value) Diagnostics {
	before, plan := attributes(prior), attributes(planned)
	configured := attributes(withoutWriteOnly(schema.Block.Attributes, config))
	var problems []string
	for _, a := range schema.Block.Attributes {
		got, want := plan[a.Name], configured[a.Name]
		was, hadBefore := before[a.Name]
		switch {
		case got.Equal(want),
			want.IsNull() && a.Computed,
			hadBefore && !was.IsNull() && !want.IsNull() && got.Equal(was),
			a.NestedType != nil && anyComputed(a.NestedType.Attributes):
		default:
			problems = append(problems, fmt.Sprintf("%s: %v is planned, %v is configured", a.Name, shown(a, got), shown(a, want)))
		}
	}
	return coreErrors("Provider produced invalid plan", problems)
}

func anyComputed(schema []*tfprotov6.SchemaAttribute) bool {
	return slices.ContainsFunc(schema, func(a *tfprotov6.SchemaAttribute) bool { return a.Computed })
}

// checkResult is core's "Provider produced inconsistent result after apply":
// what was known in the plan must have come true.
func checkResult(summary string, schema *tfprotov6.Schema, planned, actual tftypes.Value) Diagnostics {
	want, got := attributes(planned), attributes(actual)
	var problems []string
	if planned.IsNull() != actual.IsNull() {
		problems = append(problems, fmt.Sprintf("the object: planned null is %t, now it is %t", planned.IsNull(), actual.IsNull()))
	}
	for _, a := range schema.Block.Attributes {
		if actual.IsNull() || planned.IsNull() {
			break
		}
		if !compatible(want[a.Name], got[a.Name]) {
			problems = append(problems, fmt.Sprintf("%s: %v was planned, it is %v", a.Name, shown(a, want[a.Name]), shown(a, got[a.Name])))
		}
	}
	return coreErrors(summary, problems)
}

// compatible lets unknown become anything, and looks into objects and maps.
func compatible(planned, actual tftypes.Value) bool {
	if !planned.IsKnown() {
		return true
	}
	if planned.IsFullyKnown() || planned.IsNull() || actual.IsNull() || !actual.IsKnown() {
		return planned.Equal(actual)
	}
	switch planned.Type().(type) {
	case tftypes.Object, tftypes.Map:
	default:
		return true // a list or set with unknown elements
	}
	was, is := attributes(planned), attributes(actual)
	for name := range was {
		if value, ok := is[name]; !ok || !compatible(was[name], value) {
			return false
		}
	}
	return len(was) == len(is)
}

// checkState holds for every state: no write-only values, nothing unknown.
func checkState(schema *tfprotov6.Schema, state tftypes.Value) Diagnostics {
	var problems []string
	for name, value := range attributes(state) {
		if !value.IsFullyKnown() {
			problems = append(problems, name+": unknown in the state")
		}
	}
	if !withoutWriteOnly(schema.Block.Attributes, state).Equal(state) {
		problems = append(problems, "a write-only value is in the state")
	}
	slices.Sort(problems)
	return coreErrors("Provider returned invalid result object", problems)
}

// shown keeps secrets out of the output of tests too.
func shown(a *tfprotov6.SchemaAttribute, v tftypes.Value) any {
	if a.Sensitive && !v.IsNull() {
		return "(sensitive)"
	}
	return goValue(v)
}

func coreErrors(summary string, problems []string) Diagnostics {
	diags := make(Diagnostics, len(problems))
	for i, problem := range problems {
		diags[i] = &tfprotov6.Diagnostic{Severity: tfprotov6.DiagnosticSeverityError, Summary: summary, Detail: problem}
	}
	return diags
}
