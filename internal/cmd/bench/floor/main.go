// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Command floor is the provider without its work: the same schemas, but no
// request is sent. A create invents the ids and takes what else a server fills in from
// the file of BENCH_VALUES, a read finds what the state says, and nothing is checked that
// a schema does not check. What a CLI needs with it
// is what no provider of these resources can go below.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	fwprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
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

// Create fills in what the plan does not know.
func (r resting) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.Diagnostics.Append(r.settle(ctx, req.Plan, &resp.State)...)
	resp.Diagnostics.Append(identify(ctx, resp.State, resp.Identity)...)
}

// Read leaves the state as it is, which the framework has put into the answer.
func (resting) Read(ctx context.Context, _ resource.ReadRequest, resp *resource.ReadResponse) {
	resp.Diagnostics.Append(identify(ctx, resp.State, resp.Identity)...)
}

// Update takes over the plan.
func (r resting) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.Append(r.settle(ctx, req.Plan, &resp.State)...)
	resp.Diagnostics.Append(identify(ctx, resp.State, resp.Identity)...)
}

// Delete forgets the state, which the framework does.
func (resting) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// settle makes the state of a plan.
func (r resting) settle(ctx context.Context, plan tfsdk.Plan, state *tfsdk.State) (diags diag.Diagnostics) {
	values, err := r.values(ctx)
	if err != nil {
		diags.AddError("Cannot read what the floor fills in", err.Error())
		return diags
	}
	if state.Raw, err = tftypes.Transform(plan.Raw, values.fillIn); err != nil {
		diags.AddError("Cannot settle the plan", err.Error())
	}
	return diags
}

// values are those of a real resource's attributes, as its state has them.
type values map[string]json.RawMessage

// values returns those of this type of resource.
func (r resting) values(ctx context.Context) (values, error) {
	var metadata resource.MetadataResponse
	r.Metadata(ctx, resource.MetadataRequest{ProviderTypeName: "dataconn"}, &metadata)
	encoded, err := os.ReadFile(os.Getenv("BENCH_VALUES")) //nolint:gosec // the benchmark names it
	if err != nil {
		return nil, err
	}
	var all map[string]values
	err = json.Unmarshal(encoded, &all)
	return all[metadata.TypeName], err
}

// fillIn gives an unknown attribute its value.
func (v values) fillIn(at *tftypes.AttributePath, value tftypes.Value) (tftypes.Value, error) {
	name, isAttribute := at.LastStep().(tftypes.AttributeName)
	switch {
	case value.IsKnown():
		return value, nil
	case name == "id":
		return tftypes.NewValue(tftypes.String, uuid.NewString()), nil
	case isAttribute && len(at.Steps()) == 1 && v[string(name)] != nil:
		return tfprotov6.RawState{JSON: v[string(name)]}.Unmarshal(value.Type())
	default:
		return value, fmt.Errorf("%s has no value in the file", at)
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
