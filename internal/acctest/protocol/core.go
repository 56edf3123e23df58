// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package protocol

import (
	"fmt"
	"maps"
	"slices"
	"strings"

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
		case value.IsNull() && a.Computed && !hasConfigured(a, was):
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

// hasConfigured reports whether a nested object of the state has something that
// can only have been configured: without the configuration it goes.
func hasConfigured(a *tfprotov6.SchemaAttribute, prior tftypes.Value) bool {
	if a.NestedType == nil || !a.Optional {
		return false
	}
	found := false
	eachNested(a.NestedType, prior, prior, func(_, object tftypes.Value) tftypes.Value {
		values := attributes(object)
		found = found || slices.ContainsFunc(a.NestedType.Attributes, func(inner *tfprotov6.SchemaAttribute) bool {
			return !inner.Computed && !values[inner.Name].IsNull()
		})
		return object
	})
	return found
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

// ignoreChanges returns the configuration in which an attribute has its prior
// value, as lifecycle.ignore_changes makes it; ssl.key is in a nested object. A
// resource that is not in the state ignores nothing.
func ignoreChanges(prior, config tftypes.Value, path string) tftypes.Value {
	name, inner, isNested := strings.Cut(path, ".")
	before, configured := attributes(prior), maps.Clone(attributes(config))
	was, ok := before[name]
	switch {
	case !ok:
		return config
	case isNested:
		configured[name] = ignoreChanges(was, configured[name], inner)
	default:
		configured[name] = was
	}
	return tftypes.NewValue(config.Type(), configured)
}

// checkPlan is core's "Provider produced invalid plan": only what the provider
// may compute and the configuration leaves out can differ from both the
// configuration and the prior state.
func checkPlan(schema *tfprotov6.Schema, prior, config, planned tftypes.Value) Diagnostics {
	config = withoutWriteOnly(schema.Block.Attributes, config)
	return coreErrors("Provider produced invalid plan", invalidPlan("", schema.Block.Attributes, prior, config, planned))
}

func invalidPlan(prefix string, schema []*tfprotov6.SchemaAttribute, prior, config, planned tftypes.Value) []string {
	before, configured, plan := attributes(prior), attributes(config), attributes(planned)
	var problems []string
	for _, a := range schema {
		got, want := plan[a.Name], configured[a.Name]
		was, ok := before[a.Name]
		if !ok {
			was = tftypes.NewValue(a.ValueType(), nil)
		}
		name := prefix + a.Name
		switch {
		case got.Equal(want),
			got.Equal(was) && !was.IsNull() && !want.IsNull(),
			a.Computed && want.IsNull():
		case a.NestedType != nil && !want.IsNull() && want.IsKnown() && !got.IsNull() && got.IsKnown():
			problems = append(problems, invalidNested(name+".", a.NestedType, was, want, got)...)
		default:
			problems = append(problems, fmt.Sprintf("%s: %v is planned, %v is configured", name, shown(a, got), shown(a, want)))
		}
	}
	return problems
}

func invalidNested(prefix string, nested *tfprotov6.SchemaObject, prior, config, planned tftypes.Value) []string {
	if nested.Nesting != tfprotov6.SchemaObjectNestingModeMap {
		return invalidPlan(prefix, nested.Attributes, prior, config, planned)
	}
	before, configured, plan := attributes(prior), attributes(config), attributes(planned)
	var problems []string
	for key := range plan {
		if _, ok := configured[key]; !ok {
			problems = append(problems, prefix+key+": is planned, and not configured")
		}
	}
	for key, want := range configured {
		got, ok := plan[key]
		switch {
		case !ok:
			problems = append(problems, prefix+key+": is configured, and not planned")
		case !want.IsKnown():
			problems = append(problems, invalidUnknown(prefix+key, nested, got)...)
		case want.IsNull() || got.IsNull() || !got.IsKnown():
			if !got.Equal(want) {
				problems = append(problems, prefix+key+": another object is planned than is configured")
			}
		default:
			problems = append(problems, invalidPlan(prefix+key+".", nested.Attributes, before[key], want, got)...)
		}
	}
	slices.Sort(problems)
	return problems
}

// invalidUnknown judges what is planned for an element that is unknown as a whole:
// its attributes are unknown too, but no write-only one may be.
func invalidUnknown(name string, nested *tfprotov6.SchemaObject, planned tftypes.Value) []string {
	got := attributes(planned)
	var problems []string
	for _, a := range nested.Attributes {
		switch value := got[a.Name]; {
		case a.WriteOnly && (got == nil || !value.IsNull()):
			problems = append(problems, fmt.Sprintf("%s.%s: the provider returned a value for the write-only attribute", name, a.Name))
		case !a.WriteOnly && got != nil && value.IsKnown():
			problems = append(problems, fmt.Sprintf("%s.%s: is planned, and unknown in the configuration", name, a.Name))
		}
	}
	return problems
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
		return compatibleElements(as[[]tftypes.Value](planned), as[[]tftypes.Value](actual))
	}
	was, is := attributes(planned), attributes(actual)
	for name := range was {
		if value, ok := is[name]; !ok || !compatible(was[name], value) {
			return false
		}
	}
	return len(was) == len(is)
}

// compatibleElements is about a list or a set that had unknown elements: of a
// set, these may have become the same.
func compatibleElements(planned, actual []tftypes.Value) bool {
	matches := func(one tftypes.Value, among []tftypes.Value, swap bool) bool {
		return slices.ContainsFunc(among, func(other tftypes.Value) bool {
			if swap {
				return compatible(other, one)
			}
			return compatible(one, other)
		})
	}
	return len(actual) <= len(planned) &&
		!slices.ContainsFunc(planned, func(v tftypes.Value) bool { return !matches(v, actual, false) }) &&
		!slices.ContainsFunc(actual, func(v tftypes.Value) bool { return !matches(v, planned, true) })
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

// checkRead holds for every data source: what is neither computed nor configured has no
// value, because a plan before the read shows none.
func checkRead(schema *tfprotov6.Schema, config, read tftypes.Value) Diagnostics {
	configured, got := attributes(config), attributes(read)
	var problems []string
	for _, a := range schema.Block.Attributes {
		if !a.Computed && configured[a.Name].IsNull() && !got[a.Name].IsNull() {
			problems = append(problems, a.Name+": has a value that a plan does not show")
		}
	}
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
