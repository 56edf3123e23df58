// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Command floor is the provider without its work: the same schemas, but no
// request is sent. A create invents the ids, a read finds what the state says,
// and nothing is checked that a schema does not check. What a CLI needs with it
// is what no provider of these resources can go below.
package main

import (
	"context"
	"log"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	fwprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/dataconn/terraform-provider-dataconn/internal/provider"
)

// version is set as main.version of the provider is.
var version = "dev"

func main() {
	if err := provider.SilenceUnreadLogs(); err != nil {
		log.Fatal(err)
	}
	err := providerserver.Serve(context.Background(), newProvider, providerserver.ServeOpts{
		Address: "registry.terraform.io/dataconn/dataconn",
	})
	if err != nil {
		log.Fatal(err)
	}
}

// idle is the real provider, but for what its resources do.
type idle struct{ fwprovider.Provider }

func newProvider() fwprovider.Provider {
	return idle{provider.New(provider.Options{Version: version})()}
}

// Configure takes any configuration and does nothing with it.
func (idle) Configure(context.Context, fwprovider.ConfigureRequest, *fwprovider.ConfigureResponse) {}

// Resources are the real ones, at rest.
func (p idle) Resources(ctx context.Context) []func() resource.Resource {
	factories := p.Provider.Resources(ctx)
	for i, factory := range factories {
		factories[i] = func() resource.Resource { return resting{factory()} }
	}
	return factories
}

// resting is a resource that keeps what it is told. Only the methods of
// [resource.Resource] are embedded, so it has no ValidateConfig and no
// ModifyPlan.
type resting struct{ resource.Resource }

// IdentitySchema is that of the real resource.
func (r resting) IdentitySchema(ctx context.Context, req resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	if identified, ok := r.Resource.(resource.ResourceWithIdentity); ok {
		identified.IdentitySchema(ctx, req, resp)
	}
}

// Create invents an id; everything else that is not known is null.
func (resting) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.Diagnostics.Append(settle(req.Plan, &resp.State)...)
	resp.Diagnostics.Append(identify(ctx, resp.State, resp.Identity)...)
}

// Read leaves the state as it is, which the framework has put into the answer.
func (resting) Read(ctx context.Context, _ resource.ReadRequest, resp *resource.ReadResponse) {
	resp.Diagnostics.Append(identify(ctx, resp.State, resp.Identity)...)
}

// Update takes over the plan.
func (resting) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.Append(settle(req.Plan, &resp.State)...)
	resp.Diagnostics.Append(identify(ctx, resp.State, resp.Identity)...)
}

// Delete forgets the state, which the framework does.
func (resting) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// settle makes the state of a plan.
func settle(plan tfsdk.Plan, state *tfsdk.State) (diags diag.Diagnostics) {
	settled, err := tftypes.Transform(plan.Raw, final)
	if err != nil {
		diags.AddError("Cannot settle the plan", err.Error())
	}
	state.Raw = settled
	return diags
}

// final gives an unknown value its final one.
func final(at *tftypes.AttributePath, value tftypes.Value) (tftypes.Value, error) {
	switch {
	case value.IsKnown():
		return value, nil
	case at.Equal(tftypes.NewAttributePath().WithAttributeName("id")):
		return tftypes.NewValue(tftypes.String, uuid.NewString()), nil
	default:
		return tftypes.NewValue(value.Type(), nil), nil
	}
}

// identify makes the identity of a state. Older CLIs want it from every call.
func identify(ctx context.Context, state tfsdk.State, identity *tfsdk.ResourceIdentity) (diags diag.Diagnostics) {
	for name := range identity.Schema.GetAttributes() {
		var value types.String // all that the identities of this provider are made of
		diags.Append(state.GetAttribute(ctx, path.Root(name), &value)...)
		diags.Append(identity.SetAttribute(ctx, path.Root(name), value)...)
	}
	return diags
}
