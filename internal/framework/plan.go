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
	"github.com/hashicorp/terraform-plugin-framework/types"
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

// readable is a configuration, a plan or a state.
type readable interface {
	Get(ctx context.Context, target any) diag.Diagnostics
}

// Decode decodes the model of a resource, whose fields are values of the framework.
// That of a null object is zero. What goes wrong is in diags. (Get into a struct does
// the same, and compiles a regular expression for each field, each time: the most
// expensive part of a refresh.)
func Decode[M any](ctx context.Context, from readable, diags *diag.Diagnostics) (model M) {
	var object types.Object
	diags.Append(from.Get(ctx, &object)...)
	attributes, structure := object.Attributes(), reflect.ValueOf(&model).Elem()
	for _, f := range reflect.VisibleFields(structure.Type()) {
		if value, ok := attributes[f.Tag.Get("tfsdk")]; ok {
			structure.FieldByIndex(f.Index).Set(reflect.ValueOf(value))
		}
	}
	return model
}

// Refresh sets the state to what a read has found. Most refreshes find nothing new, and
// writing the same again would be the slowest part of them.
func Refresh[M any](ctx context.Context, resp *resource.ReadResponse, before, found M) diag.Diagnostics {
	if reflect.DeepEqual(before, found) {
		return nil
	}
	return resp.State.Set(ctx, found)
}

// DecodePlan decodes what a plan is made from. Where there is no state, its model is
// zero. What goes wrong is in diags.
func DecodePlan[M any](ctx context.Context, req resource.ModifyPlanRequest, diags *diag.Diagnostics) (config, plan, state M) {
	return Decode[M](ctx, req.Config, diags), Decode[M](ctx, req.Plan, diags), Decode[M](ctx, req.State, diags)
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
