// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package base holds what the entities of Omni share and no other system has:
// their access to it, the query over all connections, its wording and its
// validators. What is not Omni's own is in package framework.
package base

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
)

// Provider is what Omni's entities know of the provider's data.
type Provider interface {
	Omni() (*inventory.Inventory, diag.Diagnostics)
}

func access(providerData any, diags *diag.Diagnostics) *inventory.Inventory {
	return framework.Access(providerData, Provider.Omni, diags)
}

// Resource gives a resource its access to Omni; embed it.
type Resource struct {
	Omni *inventory.Inventory
	// Hashing is for the plans of a resource with secrets.
	Hashing *framework.Hashing
}

// Configure implements resource.ResourceWithConfigure.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.Omni = access(req.ProviderData, &resp.Diagnostics)
	r.Hashing = framework.HashingOf(req.ProviderData)
}

// DataSource gives a data source its access to Omni; embed it.
type DataSource struct {
	Omni *inventory.Inventory
}

// Configure implements datasource.DataSourceWithConfigure.
func (d *DataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.Omni = access(req.ProviderData, &resp.Diagnostics)
}

// Action gives an action its access to Omni; embed it.
type Action struct {
	Omni *inventory.Inventory
}

// Configure implements action.ActionWithConfigure.
func (a *Action) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.Omni = access(req.ProviderData, &resp.Diagnostics)
}

// ModifyPlan implements action.ActionWithModifyPlan: every action is about a
// connection, whose id is judged before anything is done.
func (a *Action) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	framework.CheckReference(ctx, req.Config, "connection_id", &resp.Diagnostics)
}
