// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

func answered() *omni.Connection {
	return &omni.Connection{
		ID: "11111111-2222-3333-4444-555555555555", Dialect: "postgres",
		ConnectionSettings: omni.ConnectionSettings{
			Name:           nullable.Of("Analytics"),
			Host:           nullable.Of("db.example.com"),
			Port:           nullable.Of[int64](5432),
			Database:       nullable.Of("analytics"),
			Username:       nullable.Of("omni"),
			IncludeSchemas: nullable.Of(omni.StringList{"public", "sales"}),
			Warehouse:      nullable.Null[string](),
			UseMachineAuth: nullable.Null[bool](),
		},
	}
}

// BenchmarkRead is what a refresh does with a connection that the list has.
func BenchmarkRead(b *testing.B) {
	c := answered()
	prior := read(c, Settings{})
	b.ReportAllocs()
	for b.Loop() {
		prior = read(c, prior)
	}
}

// BenchmarkChanges is what a plan does to see that there is nothing to do.
func BenchmarkChanges(b *testing.B) {
	settings := read(answered(), Settings{})
	b.ReportAllocs()
	for b.Loop() {
		if settings.changes(settings) != (omni.ConnectionSettings{}) {
			b.Fatal("a connection differs from itself")
		}
	}
}

// BenchmarkSlowHash is what each plan takes for a write-only password without a
// version. It is slow on purpose: so is guessing.
func BenchmarkSlowHash(b *testing.B) {
	ctx := b.Context()
	config := configWithPassword(ctx, b)
	private := privateState{}
	change, diags := password.Change(ctx, config, tfsdk.Plan{}, tfsdk.State{}, private)
	diags.Append(password.Remember(ctx, config, tfsdk.Plan{}, change, private)...)
	if diags.HasError() {
		b.Fatal(diags)
	}
	b.ReportAllocs()
	for b.Loop() {
		if again, diags := password.Change(ctx, config, tfsdk.Plan{}, tfsdk.State{}, private); again.Sends() || diags.HasError() {
			b.Fatalf("the password counts as changed (%v)", diags)
		}
	}
}

// privateState is the framework's, in memory.
type privateState map[string][]byte

func (p privateState) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) {
	return p[key], nil
}

func (p privateState) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	p[key] = value
	return nil
}

// configWithPassword is a configuration with nothing but password_wo.
func configWithPassword(ctx context.Context, b *testing.B) tfsdk.Config {
	b.Helper()
	all := resourceSchema(ctx)
	state := tfsdk.State{Schema: all, Raw: nullObject(ctx, all)}
	if diags := state.SetAttribute(ctx, path.Root("password_wo"), types.StringValue("benchmark-password")); diags.HasError() {
		b.Fatal(diags)
	}
	return tfsdk.Config{Schema: all, Raw: state.Raw}
}

func nullObject(ctx context.Context, s schema.Schema) tftypes.Value {
	attributes := map[string]tftypes.Value{}
	for name, attribute := range s.Attributes {
		attributes[name] = tftypes.NewValue(attribute.GetType().TerraformType(ctx), nil)
	}
	return tftypes.NewValue(s.Type().TerraformType(ctx), attributes)
}
