// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
)

func TestOriginWarnings(t *testing.T) {
	t.Parallel()
	for d, want := range map[diag.Diagnostic]string{
		framework.KeptByDelete("the thing"):      "One object had two addresses in this run: The thing was to be destroyed",
		framework.MadeAgain("the thing"):         "An object was destroyed and created again in this run: The thing was destroyed",
		framework.WasFound("the thing", " Yes."): "An object was found after its create got no answer: The answer to the create of the thing was lost, so the provider looked for it. This one was not there before, and has every setting that was sent. Yes.",
	} {
		if d.Severity() != diag.SeverityWarning || !strings.HasPrefix(d.Summary()+": "+d.Detail(), want) {
			t.Error(d)
		}
	}
}
