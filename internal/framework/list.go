// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Listed is one object that a query found. M is its resource's model.
type Listed[M any] struct {
	Name     string // what people know it by
	Identity any    // the resource's identity
	// State completes a state in which nothing is set, as the read after an
	// import does.
	State func(blank M) (M, diag.Diagnostics)
	// Diagnostics take the place of an object: a warning leaves out one that
	// cannot be read, an error ends the query.
	Diagnostics diag.Diagnostics
}

// NotListed is what a query yields in place of an object.
func NotListed[M any](why ...diag.Diagnostic) Listed[M] { return Listed[M]{Diagnostics: why} }

// LeftOut says that a list lacks one object, because of a problem with what the
// server returned of it.
func LeftOut(what, object string, problem error) diag.Diagnostic {
	return diag.NewWarningDiagnostic(what+" is left out", fmt.Sprintf("%s: %s. The others are listed.", object, problem))
}

// ListFound is [ListResults] where one attempt finds all objects.
func ListFound[C, M any](ctx context.Context, req list.ListRequest, attempt Attempt, find func(config C) ([]Listed[M], error)) iter.Seq[list.ListResult] {
	return ListResults(ctx, req, func(config C) iter.Seq[Listed[M]] {
		found, err := find(config)
		if err != nil {
			found = []Listed[M]{NotListed[M](attempt.Error(err))}
		}
		return slices.Values(found)
	})
}

// ListResults answers a query: it decodes the configuration of the list block,
// and turns what find yields into results until the limit is reached. All that
// goes wrong becomes a result, because nothing else of a query is shown.
func ListResults[C, M any](ctx context.Context, req list.ListRequest, find func(config C) iter.Seq[Listed[M]]) iter.Seq[list.ListResult] {
	return func(push func(list.ListResult) bool) {
		var config C
		if diags := req.Config.Get(ctx, &config); diags.HasError() {
			push(list.ListResult{Diagnostics: diags})
			return
		}
		if req.Limit <= 0 {
			return
		}
		count := int64(0)
		for item := range find(config) {
			result, counts := listResult(ctx, req, item)
			if counts {
				count++
			}
			if !push(result) || count == req.Limit {
				return
			}
		}
	}
}

// listResult reports whether the result counts towards the limit: a warning
// does not.
func listResult[M any](ctx context.Context, req list.ListRequest, item Listed[M]) (list.ListResult, bool) {
	if len(item.Diagnostics) > 0 {
		return list.ListResult{Diagnostics: item.Diagnostics}, false
	}
	result := req.NewListResult(ctx)
	result.DisplayName = item.Name
	result.Diagnostics.Append(result.Identity.Set(ctx, item.Identity)...)
	if req.IncludeResource {
		result.Diagnostics.Append(setListed(ctx, result.Resource, item.State)...)
	}
	return result, true
}

func setListed[M any](ctx context.Context, resource *tfsdk.Resource, state func(M) (M, diag.Diagnostics)) diag.Diagnostics {
	object, ok := resource.Schema.Type().TerraformType(ctx).(tftypes.Object)
	if !ok {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unexpected schema", fmt.Sprintf("Expected an object, got %T. This is a bug in the provider; please report it.", resource.Schema.Type()))}
	}
	nothing := make(map[string]tftypes.Value, len(object.AttributeTypes))
	for name, attribute := range object.AttributeTypes {
		nothing[name] = tftypes.NewValue(attribute, nil)
	}
	resource.Raw = tftypes.NewValue(object, nothing)
	var blank M
	if diags := resource.Get(ctx, &blank); diags.HasError() {
		return diags
	}
	complete, diags := state(blank)
	diags.Append(resource.Set(ctx, complete)...)
	return diags
}
