// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Reference is the plan modifiers of an attribute that has the id of another
// object and cannot change in place. A text that is no id is an error of the plan,
// not of the validation: with mock_provider, terraform test makes up ids that a
// validator would refuse, and plans nothing. Ids compare without case, so the
// state's spelling stays where only the case differs.
func Reference() []planmodifier.String {
	return []planmodifier.String{reference{}, stringplanmodifier.RequiresReplace()}
}

type reference struct{}

func (reference) Description(context.Context) string {
	return "a UUID, which compares without case"
}
func (r reference) MarkdownDescription(ctx context.Context) string { return r.Description(ctx) }

// PlanModifyString implements planmodifier.String.
func (reference) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if !IsSet(req.PlanValue) {
		return
	}
	if IsSet(req.StateValue) && strings.EqualFold(req.StateValue.ValueString(), req.PlanValue.ValueString()) {
		resp.PlanValue = req.StateValue
		return
	}
	ReferencedID(req.Path, req.PlanValue, &resp.Diagnostics)
}

// CheckReference judges, in the plan of an action, the id of another object; see
// [Reference].
func CheckReference(ctx context.Context, config tfsdk.Config, attribute string, diags *diag.Diagnostics) {
	var id types.String
	diags.Append(config.GetAttribute(ctx, path.Root(attribute), &id)...)
	ReferencedID(path.Root(attribute), id, diags)
}

// ReferencedID returns the id that an attribute has, in the server's spelling:
// "" where it is not set, and where it is no id, which becomes an error on the
// attribute.
func ReferencedID(at path.Path, id types.String, diags *diag.Diagnostics) string {
	if !IsSet(id) {
		return ""
	}
	parsed, err := ParseID(id.ValueString())
	if err != nil {
		diags.AddAttributeError(at, fmt.Sprintf("Invalid value of %s", at), err.Error())
	}
	return parsed
}
