// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework_test

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
)

type (
	shared struct {
		HostOverride types.String `tfsdk:"host_override"`
		Untagged     types.String
	}
	fieldsModel struct {
		shared
		Port     types.Int64  `tfsdk:"port"`
		Password types.String `tfsdk:"password"` // not on the wire
		Rows     []string     `tfsdk:"rows"`     // no value of Terraform's
	}
	wireShared struct {
		HostOverride nullable.Value[string] `json:"hostOverride,omitzero"`
	}
	fieldsWire struct {
		wireShared
		Port    nullable.Value[int64] `json:"port,omitzero"`
		Other   nullable.Value[bool]  `json:"other,omitzero"` // no attribute
		Ignored error                 `json:"-"`
	}
)

func TestPairsAreWhatHasTheSameName(t *testing.T) {
	t.Parallel()
	var m fieldsModel
	var w fieldsWire
	got := map[any]any{}
	pairs := framework.Pairs[fieldsModel, fieldsWire]()
	if names := framework.Names(pairs); !slices.Equal(names, []string{"host_override", "port"}) {
		t.Errorf("their names are %q", names)
	}
	for _, pair := range pairs {
		got[pair.Attribute(&m)] = pair.Field(&w)
	}
	if want := map[any]any{&m.HostOverride: &w.HostOverride, &m.Port: &w.Port}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAttributesAreTheModelsValues(t *testing.T) {
	t.Parallel()
	m := fieldsModel{shared: shared{HostOverride: text("h")}, Port: types.Int64Value(1)}
	got := framework.Attributes(m)
	if !slices.Equal(slices.Sorted(maps.Keys(got)), []string{"host_override", "password", "port"}) || !got["host_override"].Equal(text("h")) || !got["port"].Equal(types.Int64Value(1)) {
		t.Errorf("%v", got)
	}
}

func TestAttributeName(t *testing.T) {
	t.Parallel()
	for wire, want := range map[string]string{
		"": "", "id": "id", "-": "-", "fromAtoZ": "from_ato_z", "configName": "config_name",
		"awsRoleArn": "aws_role_arn", "enableDbSemanticLayerTopics": "enable_db_semantic_layer_topics",
		"externalOauthTokenUrl": "external_oauth_token_url", "wifServiceAccountEmail": "wif_service_account_email",
	} {
		if got := framework.AttributeName(wire); got != want {
			t.Errorf("%s: %s", wire, got)
		}
	}
}

func TestSetChanged(t *testing.T) {
	t.Parallel()
	planned, prior, port := text("new"), text("old"), types.Int64Value(1)
	for _, c := range []struct {
		plan, prior any
		want        nullable.Value[string]
	}{
		{&planned, &prior, nullable.Of("new")},
		{&planned, &planned, nullable.Value[string]{}},
		{&port, &port, nullable.Value[string]{}}, // of another type, so not its to set
	} {
		var field nullable.Value[string]
		framework.SetChanged(&field, framework.ChangedString, c.plan, c.prior)
		if !reflect.DeepEqual(field, c.want) {
			t.Errorf("%v after %v: %+v", c.plan, c.prior, field)
		}
	}
}

func TestSetRead(t *testing.T) {
	t.Parallel()
	attribute := text("prior")
	var absent nullable.Value[string]
	if framework.SetRead(&attribute, framework.ReadString, &absent); !attribute.Equal(text("prior")) {
		t.Errorf("an absent key makes it %s", attribute)
	}
	got := nullable.Of("got")
	if framework.SetRead(&attribute, framework.ReadString, &got); !attribute.Equal(text("got")) {
		t.Errorf("a value makes it %s", attribute)
	}
}
