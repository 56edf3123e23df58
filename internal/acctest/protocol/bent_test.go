// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package protocol

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/dataconn/terraform-provider-dataconn/internal/provider"
)

const (
	attributeType  = "dataconn_omni_user_attribute" // resource, data source and list resource
	connectionType = "dataconn_omni_connection"
	rotateType     = "dataconn_omni_dbt_rotate_keys" // an action
)

// bent is the provider with faults that it does not have: before sees, and may change,
// each request, or fail it; after does so with the answer. Either may be nil.
type bent struct {
	honest
	before func(req any) error
	after  func(req, resp any)
}

// honest is what the framework's server is, of the calls that tests make.
type honest interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

// begin starts a provider that is bent in this and every further process.
func (b bent) begin(t testing.TB) *Provider {
	t.Helper()
	return begin(t, func() tfprotov6.ProviderServer {
		b.honest = providerserver.NewProtocol6(provider.New(Options())())().(honest)
		return b
	})
}

func pass[Q, R any](ctx context.Context, b bent, req *Q, call func(context.Context, *Q) (*R, error)) (*R, error) {
	if b.before != nil {
		if err := b.before(req); err != nil {
			return nil, err
		}
	}
	resp, err := call(ctx, req)
	if err == nil && b.after != nil {
		b.after(req, resp)
	}
	return resp, err
}

func (b bent) GetProviderSchema(ctx context.Context, req *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return pass(ctx, b, req, b.honest.GetProviderSchema)
}

func (b bent) GetResourceIdentitySchemas(ctx context.Context, req *tfprotov6.GetResourceIdentitySchemasRequest) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return pass(ctx, b, req, b.honest.GetResourceIdentitySchemas)
}

func (b bent) ValidateProviderConfig(ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return pass(ctx, b, req, b.honest.ValidateProviderConfig)
}

func (b bent) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return pass(ctx, b, req, b.honest.ConfigureProvider)
}

func (b bent) StopProvider(ctx context.Context, req *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return pass(ctx, b, req, b.honest.StopProvider)
}

func (b bent) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return pass(ctx, b, req, b.honest.ValidateResourceConfig)
}

func (b bent) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return pass(ctx, b, req, b.honest.PlanResourceChange)
}

func (b bent) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return pass(ctx, b, req, b.honest.ApplyResourceChange)
}

func (b bent) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return pass(ctx, b, req, b.honest.ReadResource)
}

func (b bent) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return pass(ctx, b, req, b.honest.ImportResourceState)
}

func (b bent) MoveResourceState(ctx context.Context, req *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	return pass(ctx, b, req, b.honest.MoveResourceState)
}

func (b bent) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return pass(ctx, b, req, b.honest.UpgradeResourceState)
}

func (b bent) GenerateResourceConfig(ctx context.Context, req *tfprotov6.GenerateResourceConfigRequest) (*tfprotov6.GenerateResourceConfigResponse, error) {
	return pass(ctx, b, req, b.honest.GenerateResourceConfig)
}

func (b bent) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return pass(ctx, b, req, b.honest.ValidateDataResourceConfig)
}

func (b bent) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return pass(ctx, b, req, b.honest.ReadDataSource)
}

func (b bent) ValidateListResourceConfig(ctx context.Context, req *tfprotov6.ValidateListResourceConfigRequest) (*tfprotov6.ValidateListResourceConfigResponse, error) {
	return pass(ctx, b, req, b.honest.ValidateListResourceConfig)
}

func (b bent) ValidateActionConfig(ctx context.Context, req *tfprotov6.ValidateActionConfigRequest) (*tfprotov6.ValidateActionConfigResponse, error) {
	return pass(ctx, b, req, b.honest.ValidateActionConfig)
}

func (b bent) PlanAction(ctx context.Context, req *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse, error) {
	return pass(ctx, b, req, b.honest.PlanAction)
}

func (b bent) ListResource(ctx context.Context, req *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error) {
	return pass(ctx, b, req, b.honest.ListResource)
}

func (b bent) InvokeAction(ctx context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	return pass(ctx, b, req, b.honest.InvokeAction)
}
