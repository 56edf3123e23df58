// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
)

// confirm sends the credentials of a connection that was found after its create
// had no usable answer: they are never returned, so that nothing shows whether it
// has them. Where that fails, the next apply does it.
func (r *connectionResource) confirm(ctx context.Context, plan model, request reporter.ConnectionCreate, private framework.PrivateStateWriter) diag.Diagnostics {
	diags := diag.Diagnostics{diag.NewWarningDiagnostic("A Reporter connection was found after its answer was lost",
		fmt.Sprintf("The request to create %s got no usable answer. A connection of that name was created since, in the same product and with every setting that the service returns. It was taken over, and its credentials are sent again.", plan.object()))}
	if err := r.Reporter.Client.SendCredentials(ctx, plan.ID.ValueString(), request); err != nil {
		diags.Append(framework.Unconfirm(ctx, private, framework.Attempt{Action: "send the credentials of", Object: plan.object()}, err)...)
	}
	return diags
}
