// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

type named struct {
	Name types.String `tfsdk:"name"`
	Tags types.Set    `tfsdk:"tags"`
}

type decoded struct {
	named

	Port types.Int64 `tfsdk:"port"`
}

func decodedSchema() schema.Schema {
	return schema.Schema{Attributes: map[string]schema.Attribute{
		"name": schema.StringAttribute{Optional: true},
		"tags": schema.SetAttribute{Optional: true, ElementType: types.StringType},
		"port": schema.Int64Attribute{Optional: true},
	}}
}

// Decode is Get into the model, for whatever a value can be.
func TestDecode(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]decoded{
		"values":  {named{types.StringValue("a"), SetOf([]string{"b", "c"})}, types.Int64Value(5432)},
		"null":    {named{types.StringNull(), types.SetNull(types.StringType)}, types.Int64Null()},
		"unknown": {named{types.StringUnknown(), types.SetUnknown(types.StringType)}, types.Int64Unknown()},
	} {
		plan := tfsdk.Plan{Schema: decodedSchema()}
		if diags := plan.Set(t.Context(), want); diags.HasError() {
			t.Fatal(diags)
		}
		var diags diag.Diagnostics
		var byGet decoded
		diags.Append(plan.Get(t.Context(), &byGet)...)
		got := Decode[decoded](t.Context(), plan, &diags)
		if diags.HasError() || !reflect.DeepEqual(got, want) || !reflect.DeepEqual(got, byGet) {
			t.Errorf("%s: %+v, want %+v (%v)", name, got, want, diags)
		}
	}

	object := decodedSchema().Type().TerraformType(t.Context())
	var diags diag.Diagnostics
	if got := Decode[decoded](t.Context(), tfsdk.State{Schema: decodedSchema(), Raw: tftypes.NewValue(object, nil)}, &diags); diags.HasError() || !reflect.DeepEqual(got, decoded{}) {
		t.Errorf("a null object: %+v (%v)", got, diags)
	}
	Decode[decoded](t.Context(), tfsdk.State{Schema: decodedSchema(), Raw: tftypes.NewValue(tftypes.String, "x")}, &diags)
	if !diags.HasError() {
		t.Error("a state that cannot be read is no error")
	}
}

// A refresh that finds nothing new writes nothing.
func TestRefresh(t *testing.T) {
	t.Parallel()
	before := decoded{named{types.StringValue("a"), SetOf([]string{"b", "c"})}, types.Int64Value(1)}
	for name, test := range map[string]struct {
		found decoded
		want  types.Int64
	}{
		"as before":   {decoded{named{types.StringValue("a"), SetOf([]string{"b", "c"})}, types.Int64Value(1)}, types.Int64Value(7)},
		"another one": {decoded{before.named, types.Int64Value(2)}, types.Int64Value(2)},
	} {
		resp := resource.ReadResponse{State: tfsdk.State{Schema: decodedSchema()}}
		diags := resp.State.Set(t.Context(), decoded{before.named, types.Int64Value(7)}) // which shows whether it is written
		diags.Append(Refresh(t.Context(), &resp, before, test.found)...)
		if got := Decode[decoded](t.Context(), resp.State, &diags); diags.HasError() || !got.Port.Equal(test.want) {
			t.Errorf("%s: %v, want %v (%v)", name, got.Port, test.want, diags)
		}
	}
}
