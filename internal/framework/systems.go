// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package framework holds what every entity of the provider shares: access to
// the configured systems, the wording of diagnostics, secrets, conversions
// between Terraform's values and the wire's, validators, and the adoption of
// imported values.
package framework

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

// Systems is what the provider hands to its entities: a getter a system. A
// system that is not configured costs nothing until one of its entities is
// used; then the getter's error says what would configure it.
type Systems struct {
	Omni func() (*omni.Inventory, error)
}

// NotConfiguredError says why a system cannot be used, and how to make it
// usable.
type NotConfiguredError struct {
	System string // as users call it: "Omni"
	Detail string
}

func (e *NotConfiguredError) Error() string { return e.System + " is not configured: " + e.Detail }

// OmniResource gives a resource its access to Omni; embed it.
type OmniResource struct {
	Omni *omni.Inventory
}

// Configure implements resource.ResourceWithConfigure.
func (r *OmniResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.Omni = omniOf(req.ProviderData, &resp.Diagnostics)
}

// OmniDataSource gives a data source its access to Omni; embed it.
type OmniDataSource struct {
	Omni *omni.Inventory
}

// Configure implements datasource.DataSourceWithConfigure.
func (d *OmniDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.Omni = omniOf(req.ProviderData, &resp.Diagnostics)
}

// omniOf returns nil without a diagnostic while Terraform only validates: the
// provider is not configured then.
func omniOf(providerData any, diags *diag.Diagnostics) *omni.Inventory {
	if providerData == nil {
		return nil
	}
	systems, ok := providerData.(*Systems)
	if !ok {
		diags.AddError("Unexpected provider data", fmt.Sprintf("Expected *framework.Systems, got %T. This is a bug in the provider; please report it.", providerData))
		return nil
	}
	inventory, err := systems.Omni()
	if err != nil {
		diags.AddError("Omni is not configured", notConfiguredDetail(err))
		return nil
	}
	return inventory
}

func notConfiguredDetail(err error) string {
	if e, ok := errors.AsType[*NotConfiguredError](err); ok {
		return e.Detail
	}
	return err.Error()
}
