// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package base_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/action"
	actionschema "github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/dataconn/terraform-provider-dataconn/internal/service/reporter/base"
)

// Names have a length and an alphabet, and each fault is said on its own.
func TestNames(t *testing.T) {
	t.Parallel()
	const alphabet = "may contain letters, digits, _ and - only"
	longest := strings.Repeat("a", 100)
	for name, c := range map[string]struct {
		validator validator.String
		value     string
		words     string // of its one error
	}{
		"a product":      {base.ProductName()[0], "aZ_0-9", ""},
		"the shortest":   {base.ProductName()[0], "p", ""},
		"the longest":    {base.ProductName()[0], longest, ""},
		"too long":       {base.ProductName()[0], longest + "a", "it has 101 characters, and must have between 1 and 100"},
		"a space":        {base.ProductName()[0], "a b", alphabet},
		"nothing":        {base.ProductName()[0], "", "the value is empty"},
		"a name":         {base.Name(3), "abc", ""},
		"too short":      {base.Name(3), "ab", "it has 2 characters, and must have between 3 and 100"},
		"a dot":          {base.Name(3), "a.b", alphabet},
		"a line's end":   {base.Name(3), "a\n", alphabet},
		"of other signs": {base.Name(3), "ä", alphabet},
	} {
		resp := &validator.StringResponse{}
		c.validator.ValidateString(t.Context(), validator.StringRequest{Path: path.Root("name"), ConfigValue: types.StringValue(c.value)}, resp)
		switch diags := resp.Diagnostics; {
		case c.words == "" && len(diags) > 0, c.words != "" && len(diags) != 1:
			t.Errorf("%s: %v", name, diags)
		case c.words != "" && !strings.Contains(diags[0].Detail(), c.words):
			t.Errorf("%s: %v, want %q", name, diags[0], c.words)
		}
	}
}

func TestNoSuchConnection(t *testing.T) {
	t.Parallel()
	want := diag.NewAttributeErrorDiagnostic(path.Root("connection_id"), "No such Reporter connection", `There is no connection with the id "17", or it was deleted.`)
	if got := base.NoSuchConnection(path.Root("connection_id"), "17"); !got.Equal(want) {
		t.Errorf("%v", got)
	}
}

// The id of an action's connection is judged when the action is planned.
func TestActionIsJudgedInThePlan(t *testing.T) {
	t.Parallel()
	schema := actionschema.Schema{Attributes: map[string]actionschema.Attribute{"connection_id": actionschema.StringAttribute{Required: true}}}
	for name, c := range map[string]struct {
		id  any
		bad bool
	}{
		"an id":     {"550e8400-e29b-41d4-a716-446655440000", false},
		"no id":     {"sales", true},
		"not known": {tftypes.UnknownValue, false},
	} {
		raw := tftypes.NewValue(schema.Type().TerraformType(t.Context()), map[string]tftypes.Value{"connection_id": tftypes.NewValue(tftypes.String, c.id)})
		resp := &action.ModifyPlanResponse{}
		(&base.Action{}).ModifyPlan(t.Context(), action.ModifyPlanRequest{Config: tfsdk.Config{Schema: schema, Raw: raw}}, resp)
		if c.bad != (len(resp.Diagnostics) == 1 && resp.Diagnostics[0].Summary() == "Invalid value of connection_id") || !c.bad && len(resp.Diagnostics) > 0 {
			t.Errorf("%s: %v", name, resp.Diagnostics)
		}
	}
}
