// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/dataconn/terraform-provider-dataconn/internal/provider"
)

// A plan starts the provider's process three times and an apply four times, and
// each begins with these two calls.

func newServer() tfprotov6.ProviderServer {
	options := provider.Options{Version: "bench", Getenv: func(string) string { return "" }}
	return providerserver.NewProtocol6(provider.New(options)())()
}

func mustSchema(b *testing.B, server tfprotov6.ProviderServer) *tfprotov6.GetProviderSchemaResponse {
	b.Helper()
	schemas, err := server.GetProviderSchema(b.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		b.Fatal(err)
	}
	return schemas
}

func BenchmarkProviderSchema(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		mustSchema(b, newServer())
	}
}

func BenchmarkConfigure(b *testing.B) {
	request := &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.12.0", Config: omniBlock(b)}
	server := newServer()
	mustSchema(b, server)
	b.ReportAllocs()
	for b.Loop() {
		resp, err := server.ConfigureProvider(b.Context(), request)
		if err != nil {
			b.Fatal(err)
		}
		if len(resp.Diagnostics) > 0 {
			b.Fatal(resp.Diagnostics[0].Summary)
		}
	}
}

// omniBlock is a provider block with Omni's attributes only.
func omniBlock(b *testing.B) *tfprotov6.DynamicValue {
	b.Helper()
	typ := mustSchema(b, newServer()).Provider.ValueType()
	block, err := tftypes.Transform(nullObject(typ), func(at *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		if !at.Equal(tftypes.NewAttributePath().WithAttributeName("omni")) {
			return v, nil
		}
		omni := map[string]tftypes.Value{}
		if err := nullObject(v.Type()).As(&omni); err != nil {
			return v, err
		}
		omni["base_url"] = tftypes.NewValue(tftypes.String, "https://acme.omniapp.co")
		omni["api_token"] = tftypes.NewValue(tftypes.String, "omni_osk_benchmark")
		return tftypes.NewValue(v.Type(), omni), nil
	})
	if err != nil {
		b.Fatal(err)
	}
	value, err := tfprotov6.NewDynamicValue(typ, block)
	if err != nil {
		b.Fatal(err)
	}
	return &value
}

// nullObject is an object whose attributes are all null.
func nullObject(typ tftypes.Type) tftypes.Value {
	attributes := map[string]tftypes.Value{}
	if object, ok := typ.(tftypes.Object); ok {
		for name, attribute := range object.AttributeTypes {
			attributes[name] = tftypes.NewValue(attribute, nil)
		}
	}
	return tftypes.NewValue(typ, attributes)
}
