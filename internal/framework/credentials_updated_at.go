// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// SecretsSentAt is the attribute of a resource with secrets that tells when they
// were sent last. It is how a plan shows a rotation: it becomes known after apply.
const SecretsSentAt = "credentials_updated_at"

// SecretsSentAtAttribute describes it. sent names the secrets, and rotation says
// what a plan does in which it becomes known after apply.
func SecretsSentAtAttribute(sent, rotation string) schema.Attribute {
	return schema.StringAttribute{
		MarkdownDescription: "When this provider last sent " + sent + " (RFC 3339, UTC). Becomes known after apply in a plan that " + rotation + ".",
		Computed:            true,
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
}

// PlanToSend shows in a plan that secrets are sent, or may be.
func PlanToSend(ctx context.Context, resp *resource.ModifyPlanResponse) {
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(SecretsSentAt), types.StringUnknown())...)
}

// SentAt returns the attribute after an apply: now where its plan left it open and
// secrets were sent, else what it was before.
func (c SecretChanges) SentAt(planned, prior types.String) types.String {
	switch {
	case !planned.IsUnknown():
		return planned
	case c.Sends():
		return Now()
	default:
		return prior
	}
}
