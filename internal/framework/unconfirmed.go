// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
)

// unconfirmed marks an object whose secrets the server may not have, although the
// state has them.
const unconfirmed Mark = "unconfirmed"

// Resend is for a create that found its object after the answer was lost: it sends the
// secrets again, because no server returns them, so that nothing shows whether it has
// them. Where send fails, a warning says so, in the words of the attempt, and a mark
// makes the next plan send them all: a create that succeeds has to save what was
// planned, so the state has them. Call it after [SecretChanges.Remember], which takes
// the mark away.
func Resend(ctx context.Context, private PrivateStateWriter, attempt Attempt, send func(context.Context) error) diag.Diagnostics {
	sending, end := Afterwards(ctx)
	defer end()
	err := send(sending)
	if err == nil {
		return nil
	}
	diags := diag.Diagnostics{attempt.Warning(err, "The object is in the state, but may lack them. The next plan sends them again.")}
	diags.Append(unconfirmed.Set(ctx, private)...)
	return diags
}

// IsUnconfirmed reports whether the secrets in the state are not known to be the
// server's; see [Resend].
func IsUnconfirmed(ctx context.Context, private PrivateStateReader) (bool, diag.Diagnostics) {
	return unconfirmed.IsSet(ctx, private)
}

// ForgetWhole is for an update that failed, and may have been carried out
// nevertheless, of an object that is always sent whole: without one of the attributes
// that it needs, the state makes the next plan send all of them, also those that are
// null again by then.
func ForgetWhole(ctx context.Context, err error, state *tfsdk.State, attribute string) diag.Diagnostics {
	if !httpclient.MayBeDone(err) {
		return nil
	}
	return state.SetAttribute(ctx, path.Root(attribute), types.StringNull())
}

// ForgetWritten is for an update that failed and may have been carried out
// nevertheless: of the attributes that it was to change, the state no longer claims a
// value, so that the next plan sends what is configured by then, also where it does
// not refresh. What the server returns, the next refresh brings back.
func ForgetWritten(err error, plan tfsdk.Plan, state *tfsdk.State, attributes ...string) {
	if !httpclient.MayBeDone(err) {
		return
	}
	planned, prior := attributesOf(plan.Raw), attributesOf(state.Raw)
	claimed := maps.Clone(prior)
	for _, name := range attributes {
		if value := planned[name]; value.IsFullyKnown() && !value.Equal(prior[name]) {
			claimed[name] = tftypes.NewValue(value.Type(), nil)
		}
	}
	state.Raw = tftypes.NewValue(state.Raw.Type(), claimed)
}
