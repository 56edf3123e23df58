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

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
)

// Systems is what the provider hands to its entities: a getter a system. A
// system that is not configured costs nothing until one of its entities is
// used; then the getter's error says what would configure it.
type Systems struct {
	Omni     func() (*inventory.Inventory, error)
	Reporter func() (*Reporter, error)
}

// Reporter is how entities use the Reporter service.
type Reporter struct {
	Client      *reporter.Client
	ProductName string // of connections that name none; may be empty
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
	Omni *inventory.Inventory
}

// Configure implements resource.ResourceWithConfigure.
func (r *OmniResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.Omni = system(req.ProviderData, func(s *Systems) (*inventory.Inventory, error) { return s.Omni() }, &resp.Diagnostics)
}

// OmniDataSource gives a data source its access to Omni; embed it.
type OmniDataSource struct {
	Omni *inventory.Inventory
}

// Configure implements datasource.DataSourceWithConfigure.
func (d *OmniDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.Omni = system(req.ProviderData, func(s *Systems) (*inventory.Inventory, error) { return s.Omni() }, &resp.Diagnostics)
}

// OmniAction gives an action its access to Omni; embed it.
type OmniAction struct {
	Omni *inventory.Inventory
}

// Configure implements action.ActionWithConfigure.
func (a *OmniAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.Omni = system(req.ProviderData, func(s *Systems) (*inventory.Inventory, error) { return s.Omni() }, &resp.Diagnostics)
}

// ReporterResource gives a resource its access to Reporter; embed it.
type ReporterResource struct {
	Reporter *Reporter
}

// Configure implements resource.ResourceWithConfigure.
func (r *ReporterResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.Reporter = system(req.ProviderData, func(s *Systems) (*Reporter, error) { return s.Reporter() }, &resp.Diagnostics)
}

// ReporterDataSource gives a data source its access to Reporter; embed it.
type ReporterDataSource struct {
	Reporter *Reporter
}

// Configure implements datasource.DataSourceWithConfigure.
func (d *ReporterDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.Reporter = system(req.ProviderData, func(s *Systems) (*Reporter, error) { return s.Reporter() }, &resp.Diagnostics)
}

// ReporterAction gives an action its access to Reporter; embed it.
type ReporterAction struct {
	Reporter *Reporter
}

// Configure implements action.ActionWithConfigure.
func (a *ReporterAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.Reporter = system(req.ProviderData, func(s *Systems) (*Reporter, error) { return s.Reporter() }, &resp.Diagnostics)
}

// system returns nil without a diagnostic while Terraform only validates: the
// provider is not configured then.
func system[T any](providerData any, get func(*Systems) (*T, error), diags *diag.Diagnostics) *T {
	if providerData == nil {
		return nil
	}
	systems, ok := providerData.(*Systems)
	if !ok {
		diags.AddError("Unexpected provider data", fmt.Sprintf("Expected *framework.Systems, got %T. This is a bug in the provider; please report it.", providerData))
		return nil
	}
	access, err := get(systems)
	if err == nil {
		return access
	}
	if e, ok := errors.AsType[*NotConfiguredError](err); ok {
		diags.AddError(e.System+" is not configured", e.Detail)
	} else {
		diags.AddError("A system is not configured", err.Error())
	}
	return nil
}
