// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// IsUnchanged reports that a plan changes nothing of the state. Most plans are
// like that, so what only matters for a change can be left out. It may be wrong
// in one direction: a plan that it calls changed can still change nothing.
// (Value.Equal is exact, and builds a path for each attribute: as slow as the
// rest of the plan.)
func IsUnchanged(plan tfsdk.Plan, state tfsdk.State) bool {
	return reflect.DeepEqual(plan.Raw, state.Raw)
}

// DecodePlan decodes what a plan is made from. Where there is no state, its model is
// zero. What goes wrong is in diags.
func DecodePlan[M any](ctx context.Context, req resource.ModifyPlanRequest, diags *diag.Diagnostics) (config, plan, state M) {
	diags.Append(req.Config.Get(ctx, &config)...)
	diags.Append(req.Plan.Get(ctx, &plan)...)
	if !req.State.Raw.IsNull() {
		diags.Append(req.State.Get(ctx, &state)...)
	}
	return config, plan, state
}

// KeepPlanned makes the state after an apply agree with the plan, as Terraform
// requires: where the server returned something else than a known planned
// value, the planned one stays and, for a configured attribute, a warning says
// what the server has. The next refresh shows the server's value as drift.
func KeepPlanned(ctx context.Context, config tfsdk.Config, plan tfsdk.Plan, state *tfsdk.State, object string) diag.Diagnostics {
	var diags diag.Diagnostics
	configured, planned, actual := attributesOf(config.Raw), attributesOf(plan.Raw), attributesOf(state.Raw)
	kept := maps.Clone(actual)
	for name, want := range planned {
		if !want.IsFullyKnown() || want.Equal(actual[name]) {
			continue
		}
		if !configured[name].IsNull() {
			diags.AddAttributeWarning(path.Root(name), fmt.Sprintf("The server changed %s of %s", name, object),
				fmt.Sprintf("It accepted the configured value, but stores another one (%s). The next plan will show the difference; to avoid that, configure what the server stores.", show(actual[name])))
		}
		kept[name] = want
	}
	state.Raw = tftypes.NewValue(state.Raw.Type(), kept)
	return diags
}

// show prints a value that is not secret: secrets never come from a server.
func show(v tftypes.Value) string {
	var text string
	var flag bool
	var number big.Float
	var elements []tftypes.Value
	switch {
	case v.IsNull():
		return "none"
	case v.As(&text) == nil:
		return fmt.Sprintf("%q", text)
	case v.As(&flag) == nil:
		return strconv.FormatBool(flag)
	case v.As(&number) == nil:
		return number.Text('f', -1)
	case v.As(&elements) == nil:
		shown := make([]string, len(elements))
		for i, element := range elements {
			shown[i] = show(element)
		}
		slices.Sort(shown)
		return "[" + strings.Join(shown, ", ") + "]"
	default:
		return v.String()
	}
}
