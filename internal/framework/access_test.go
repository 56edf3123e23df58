// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework_test

import (
	"errors"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
)

func TestNotConfiguredError(t *testing.T) {
	t.Parallel()
	if got := (&framework.NotConfiguredError{System: "Omni", Detail: "why"}).Error(); got != "Omni is not configured: why" {
		t.Error(got)
	}
}

// system is what the provider's data gives of a system.
type system struct{ err error }

func (s system) it() (*string, diag.Diagnostics) {
	if s.err != nil {
		return nil, framework.Unusable(s.err)
	}
	name := "the access"
	return &name, nil
}

func TestAccess(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		data            any
		hasAccess       bool
		summary, detail string
	}{
		"not configured yet": {nil, false, "", ""},
		"configured":         {system{}, true, "", ""},
		"without the system": {system{&framework.NotConfiguredError{System: "Omni", Detail: "Set omni."}}, false, "Omni is not configured", "Set omni."},
		"another error":      {system{errors.New("odd")}, false, "A system is not configured", "odd"},
		"other data":         {7, false, "Unexpected provider data", "int gives no access to this entity's system. This is a bug in the provider; please report it."},
	} {
		var diags diag.Diagnostics
		access := framework.Access(c.data, system.it, &diags)
		if (access != nil) != c.hasAccess || len(diags) != map[bool]int{true: 1}[c.summary != ""] {
			t.Errorf("%s: %v %v", name, access, diags)
		}
		for _, d := range diags {
			if d.Summary() != c.summary || d.Detail() != c.detail {
				t.Errorf("%s: %s: %s", name, d.Summary(), d.Detail())
			}
		}
	}
}
