// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const (
	someID  = "550e8400-e29b-41d4-a716-446655440000"
	upperID = "550E8400-E29B-41D4-A716-446655440000"
	otherID = "550e8400-e29b-41d4-a716-446655440001"
)

func TestReference(t *testing.T) {
	t.Parallel()
	at, isID := path.Root("connection_id"), Reference()[0]
	if isID.Description(t.Context()) == "" || isID.MarkdownDescription(t.Context()) != isID.Description(t.Context()) {
		t.Errorf("it describes itself as %q", isID.MarkdownDescription(t.Context()))
	}
	for name, c := range map[string]struct {
		state, plan, want types.String
		fails             bool
	}{
		"new":                {types.StringNull(), types.StringValue(someID), types.StringValue(someID), false},
		"new in upper case":  {types.StringNull(), types.StringValue(upperID), types.StringValue(upperID), false},
		"the same":           {types.StringValue(someID), types.StringValue(someID), types.StringValue(someID), false},
		"other case":         {types.StringValue(someID), types.StringValue(upperID), types.StringValue(someID), false},
		"other case, stored": {types.StringValue(upperID), types.StringValue(someID), types.StringValue(upperID), false},
		"another":            {types.StringValue(someID), types.StringValue(otherID), types.StringValue(otherID), false},
		"unknown":            {types.StringValue(someID), types.StringUnknown(), types.StringUnknown(), false},
		"no id":              {types.StringNull(), types.StringValue("x6soowih"), types.StringValue("x6soowih"), true},
		"no id any more":     {types.StringValue(someID), types.StringValue(""), types.StringValue(""), true},
		"never was one":      {types.StringValue("mocked"), types.StringValue("mocked"), types.StringValue("mocked"), false},
	} {
		resp := planmodifier.StringResponse{PlanValue: c.plan}
		isID.PlanModifyString(t.Context(), planmodifier.StringRequest{Path: at, StateValue: c.state, PlanValue: c.plan}, &resp)
		if !resp.PlanValue.Equal(c.want) || resp.Diagnostics.HasError() != c.fails {
			t.Errorf("%s: %s %v", name, resp.PlanValue, resp.Diagnostics)
		}
		if c.fails && !resp.Diagnostics[0].(diag.DiagnosticWithPath).Path().Equal(at) {
			t.Errorf("%s: not on the attribute: %v", name, resp.Diagnostics)
		}
	}
}

func TestReferencedID(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		id    types.String
		want  string
		fails bool
	}{
		"null":    {types.StringNull(), "", false},
		"unknown": {types.StringUnknown(), "", false},
		"lower":   {types.StringValue(someID), someID, false},
		"upper":   {types.StringValue(upperID), someID, false},
		"none":    {types.StringValue("x"), "", true},
	} {
		var diags diag.Diagnostics
		if got := ReferencedID(path.Root("id"), c.id, &diags); got != c.want || diags.HasError() != c.fails {
			t.Errorf("%s: %q %v", name, got, diags)
		}
	}
}
