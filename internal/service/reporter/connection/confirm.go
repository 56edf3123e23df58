// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
)

// unconfirmedKey marks, in the private state, a connection whose credentials the
// service may not have, although the state has them.
const unconfirmedKey = "unconfirmed"

// confirm sends the credentials of a connection that was found after its create
// had no usable answer: they are never returned, so that nothing shows whether it
// has them. Where that fails, the next apply does it.
func (r *connectionResource) confirm(ctx context.Context, plan model, request reporter.ConnectionCreate, private framework.PrivateStateWriter) diag.Diagnostics {
	diags := diag.Diagnostics{diag.NewWarningDiagnostic("A Reporter connection was found after its answer was lost",
		fmt.Sprintf("The request that creates %s had no usable answer. A connection of that name was created since, in the same product and with every setting that the service returns. It was taken over, and its credentials are sent again.", plan.object()))}
	if err := r.Reporter.Client.SendCredentials(ctx, plan.ID.ValueString(), request); err != nil {
		attempt := framework.Attempt{Action: "send the credentials of", Object: plan.object()}
		diags.Append(attempt.Warning(err, "The connection exists, and may not have them. The next plan sends them again."))
		diags.Append(private.SetKey(ctx, unconfirmedKey, []byte("true"))...)
	}
	return diags
}

func isUnconfirmed(ctx context.Context, private framework.PrivateState) (bool, diag.Diagnostics) {
	mark, diags := private.GetKey(ctx, unconfirmedKey)
	return len(mark) > 0, diags
}

// planSecrets are what a plan sends of the credentials: all of them while they are
// unconfirmed.
func planSecrets(ctx context.Context, req resource.ModifyPlanRequest) (framework.SecretChanges, diag.Diagnostics) {
	if unconfirmed, diags := isUnconfirmed(ctx, req.Private); unconfirmed || diags.HasError() {
		return framework.PlanNewSecrets(ctx, req, password, sslKey)
	}
	return framework.PlanSecrets(ctx, req, password, sslKey)
}

// plannedSecrets are what an apply sends of them.
func plannedSecrets(ctx context.Context, req resource.UpdateRequest) (framework.SecretChanges, diag.Diagnostics) {
	if unconfirmed, diags := isUnconfirmed(ctx, req.Private); unconfirmed || diags.HasError() {
		return framework.PlannedNewSecrets(ctx, req, password, sslKey)
	}
	return framework.PlannedSecrets(ctx, req, password, sslKey)
}
