// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package base holds what the entities of Reporter share and no other system
// has. What is not Reporter's own is in package framework.
package base

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
)

// Reporter is how entities use the Reporter service.
type Reporter struct {
	Client      *reporter.Client
	ProductName string // of connections that name none; may be empty
	// ProductNameUnknown reports that the provider's configuration has a name which
	// is not known yet.
	ProductNameUnknown bool
}

// Provider is what Reporter's entities know of the provider's data.
type Provider interface {
	Reporter() (*Reporter, diag.Diagnostics)
}

func access(providerData any, diags *diag.Diagnostics) *Reporter {
	return framework.Access(providerData, Provider.Reporter, diags)
}

// Resource gives a resource its access to Reporter; embed it.
type Resource struct {
	Reporter *Reporter
	// Hashing is for the plans of a resource with secrets.
	Hashing *framework.Hashing
}

// Configure implements resource.ResourceWithConfigure.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.Reporter = access(req.ProviderData, &resp.Diagnostics)
	r.Hashing = framework.HashingOf(req.ProviderData)
}

// DataSource gives a data source its access to Reporter; embed it.
type DataSource struct {
	Reporter *Reporter
}

// Configure implements datasource.DataSourceWithConfigure.
func (d *DataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.Reporter = access(req.ProviderData, &resp.Diagnostics)
}

// Action gives an action its access to Reporter; embed it.
type Action struct {
	Reporter *Reporter
}

// Configure implements action.ActionWithConfigure.
func (a *Action) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.Reporter = access(req.ProviderData, &resp.Diagnostics)
}

// ModifyPlan implements action.ActionWithModifyPlan: every action is about a
// connection, whose id is judged before anything is done.
func (a *Action) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	framework.CheckReference(ctx, req.Config, "connection_id", &resp.Diagnostics)
}
