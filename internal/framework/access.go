// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package framework holds what every entity of the provider shares, whatever
// its system: the wording of diagnostics, secrets, conversions between
// Terraform's values and the wire's, validators, and the adoption of imported
// values. It names no system; what the entities of one system share is in that
// system's package base.
package framework

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// NotConfiguredError says why a system cannot be used, and how to make it
// usable.
type NotConfiguredError struct {
	System  string // as users call it
	Summary string // what is wrong; empty where something is missing
	Detail  string
}

func (e *NotConfiguredError) Error() string { return e.summary() + ": " + e.Detail }

func (e *NotConfiguredError) summary() string {
	return cmp.Or(e.Summary, e.System+" is not configured")
}

// Access returns the access to a system that the provider's data gives; S is the
// part of that data which a system's entities know. A system that is not
// configured costs nothing until one of its entities asks here; then the diagnostics
// say what would configure it. While Terraform only validates, the provider is
// not configured: the access is nil, without a diagnostic.
func Access[S, T any](providerData any, get func(S) (*T, diag.Diagnostics), diags *diag.Diagnostics) *T {
	if providerData == nil {
		return nil
	}
	systems, ok := providerData.(S)
	if !ok {
		diags.AddError("Unexpected provider data", fmt.Sprintf("%T gives no access to this entity's system. This is a bug in the provider; please report it.", providerData))
		return nil
	}
	access, problems := get(systems)
	diags.Append(problems...)
	return access
}

// Unusable returns the diagnostics for why a system cannot be used.
func Unusable(err error) diag.Diagnostics {
	if e, ok := errors.AsType[*NotConfiguredError](err); ok {
		return diag.Diagnostics{diag.NewErrorDiagnostic(e.summary(), e.Detail)}
	}
	return diag.Diagnostics{diag.NewErrorDiagnostic("A system is not configured", err.Error())}
}
