// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// unconfirmedKey marks, in the private state, an object whose secrets the server
// may not have, although the state has them.
const unconfirmedKey = "unconfirmed"

// Unconfirm is for a create that found its object after the answer was lost, and
// could not send the secrets again, which was the attempt that ended in err. A create
// that succeeds has to save what was planned, so the state has them; the mark makes
// the next plan send them all. Call it after [SecretChanges.Remember], which takes
// the mark away.
func Unconfirm(ctx context.Context, private PrivateStateWriter, attempt Attempt, err error) diag.Diagnostics {
	diags := diag.Diagnostics{attempt.Warning(err, "The object is in the state, but may lack them. The next plan sends them again.")}
	diags.Append(private.SetKey(ctx, unconfirmedKey, []byte("true"))...)
	return diags
}

// IsUnconfirmed reports whether the secrets in the state are not known to be the
// server's; see [Unconfirm].
func IsUnconfirmed(ctx context.Context, private PrivateState) (bool, diag.Diagnostics) {
	mark, diags := private.GetKey(ctx, unconfirmedKey)
	return len(mark) > 0, diags
}
