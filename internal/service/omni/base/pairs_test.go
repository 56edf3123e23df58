// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package base_test

import (
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

type pairedModel struct {
	ID      types.String `tfsdk:"id"`
	Name    types.String `tfsdk:"name"`
	IsOpen  types.Bool   `tfsdk:"is_open"`
	Port    types.Int64  `tfsdk:"port"`
	Bytes   types.Int64  `tfsdk:"bytes"`
	Schemas types.Set    `tfsdk:"schemas"`
}

type pairedWire struct {
	ID      string                          `json:"id"`
	Name    nullable.Value[string]          `json:"name"`
	IsOpen  nullable.Value[bool]            `json:"isOpen"`
	Port    nullable.Value[int64]           `json:"port"`
	Bytes   nullable.Value[omni.Digits]     `json:"bytes"`
	Schemas nullable.Value[omni.StringList] `json:"schemas"`
}

// What is read is what was written, for every kind of field; a change has only what
// differs, and what the server leaves out stays.
func TestPairs(t *testing.T) {
	t.Parallel()
	pairs := framework.Pairs[pairedModel, pairedWire]()
	m := pairedModel{
		ID: types.StringValue("i"), Name: types.StringValue("n"), IsOpen: types.BoolValue(true),
		Port: types.Int64Value(1), Bytes: types.Int64Value(2), Schemas: framework.SetOf([]string{"a", "b"}),
	}
	all := base.Changes[pairedModel, pairedWire](pairs, m, pairedModel{})
	want := pairedWire{
		Name: nullable.Of("n"), IsOpen: nullable.Of(true),
		Port: nullable.Of[int64](1), Bytes: nullable.Of(omni.Digits(2)), Schemas: nullable.Of(omni.StringList{"a", "b"}),
	}
	if !reflect.DeepEqual(all, want) {
		t.Errorf("all is %+v", all)
	}
	all.ID = "i"
	if got := base.Read(pairs, &all, pairedModel{}); !reflect.DeepEqual(got, m) {
		t.Errorf("read back it is %+v", got)
	}
	changed := m
	changed.Port = types.Int64Value(3)
	if got := base.Changes[pairedModel, pairedWire](pairs, changed, m); !reflect.DeepEqual(got, pairedWire{Port: nullable.Of[int64](3)}) {
		t.Errorf("the change is %+v", got)
	}
	if got := base.Read(pairs, &pairedWire{}, m); !reflect.DeepEqual(got, m) {
		t.Errorf("after an answer without keys it is %+v", got)
	}
}
