// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework_test

import (
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
)

func TestNotConfiguredError(t *testing.T) {
	t.Parallel()
	if got := (&framework.NotConfiguredError{System: "Omni", Detail: "why"}).Error(); got != "Omni is not configured: why" {
		t.Error(got)
	}
}
