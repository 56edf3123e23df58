// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"context"
	"errors"
	"testing"
)

// Secrets are sent again even where the user has canceled, and within their own time;
// what could not be sent is marked for the next plan.
func TestResend(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, failure := range []error{nil, errors.New("refused")} {
		kept := private{}
		diags := Resend(ctx, kept, Attempt{Action: "send the secrets of", Object: "the thing"}, func(ctx context.Context) error {
			if _, isBounded := ctx.Deadline(); !isBounded || ctx.Err() != nil {
				t.Errorf("bounded: %t, %v", isBounded, ctx.Err())
			}
			return failure
		})
		isUnconfirmed, _ := IsUnconfirmed(ctx, kept)
		if isWarned := len(diags) == 1 && diags.WarningsCount() == 1; isUnconfirmed != (failure != nil) || isWarned != (failure != nil) {
			t.Errorf("%v: unconfirmed %t, %v", failure, isUnconfirmed, diags)
		}
	}
}
