// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
)

// Settings are the attributes that the service returns, but for ssl. Resource
// and data sources share them.
type Settings struct {
	ID           types.String `tfsdk:"id"`
	ProductName  types.String `tfsdk:"product_name"`
	ConfigName   types.String `tfsdk:"config_name"`
	Type         types.String `tfsdk:"type"`
	Host         types.String `tfsdk:"host"`
	Port         types.Int64  `tfsdk:"port"`
	DatabaseName types.String `tfsdk:"database_name"`
	UserName     types.String `tfsdk:"user_name"`
	Schema       types.String `tfsdk:"schema"`
	Metadata     types.Map    `tfsdk:"metadata"`
	CreatedAt    types.String `tfsdk:"created_at"`
	UpdatedAt    types.String `tfsdk:"updated_at"`
}

// model is the resource's plan and state. The block ssl may be unknown as a
// whole, so it is decoded where it is known only.
type model struct {
	Settings
	SSL                  types.Object `tfsdk:"ssl"`
	Password             types.String `tfsdk:"password"`
	PasswordWO           types.String `tfsdk:"password_wo"`
	PasswordWOVersion    types.Int64  `tfsdk:"password_wo_version"`
	TestConnection       types.Bool   `tfsdk:"test_connection"`
	CredentialsUpdatedAt types.String `tfsdk:"credentials_updated_at"`
	framework.Timed
}

type sslModel struct {
	Mode         types.String `tfsdk:"mode"`
	CA           types.String `tfsdk:"ca"`
	Cert         types.String `tfsdk:"cert"`
	Key          types.String `tfsdk:"key"`
	KeyWO        types.String `tfsdk:"key_wo"`
	KeyWOVersion types.Int64  `tfsdk:"key_wo_version"`
}

var sslTypes = map[string]attr.Type{
	"mode": types.StringType, "ca": types.StringType, "cert": types.StringType,
	"key": types.StringType, "key_wo": types.StringType, "key_wo_version": types.Int64Type,
}

// ssl returns the block, all null where it is null or unknown.
func (m model) ssl(ctx context.Context) (sslModel, diag.Diagnostics) {
	var block sslModel
	if !framework.IsSet(m.SSL) {
		return block, nil
	}
	diags := m.SSL.As(ctx, &block, basetypes.ObjectAsOptions{})
	return block, diags
}

// identity is what the resource is known by.
type identity struct {
	ID types.String `tfsdk:"id"`
}

func (m model) identity() identity { return identity{ID: m.ID} }

// object names the connection in messages.
func (s Settings) object() string {
	return framework.ObjectName("Reporter connection", s.ConfigName, s.ID)
}

// assigns reports whether the plan gives a connection without a product to one.
// Only connections of old servers have none.
func (s Settings) assigns(prior model) bool {
	return prior.ProductName.IsNull() && framework.IsSet(s.ProductName)
}

// changes returns the settings that differ from the prior ones and are known,
// in the wire's form. With zero prior settings it is what a create sends.
func (s Settings) changes(prior Settings) reporter.ConnectionSettings {
	return reporter.ConnectionSettings{
		ConfigName:   framework.ChangedString(s.ConfigName, prior.ConfigName),
		Type:         framework.ChangedString(s.Type, prior.Type),
		Host:         framework.ChangedString(s.Host, prior.Host),
		Port:         framework.ChangedInt64[int64](s.Port, prior.Port),
		DatabaseName: framework.ChangedString(s.DatabaseName, prior.DatabaseName),
		UserName:     framework.ChangedString(s.UserName, prior.UserName),
		Schema:       framework.ChangedString(s.Schema, prior.Schema),
		Metadata:     changedMetadata(s.Metadata, prior.Metadata),
	}
}

// read returns the settings as the service has them. What it leaves out is not
// set; an empty prior value stays, because it leaves that out as well.
func read(c *reporter.Connection, prior Settings) Settings {
	s := Settings{
		ID:           types.StringValue(c.ID),
		ProductName:  framework.ReadString(orNull(c.ProductName), prior.ProductName),
		ConfigName:   framework.ReadString(orNull(c.ConfigName), prior.ConfigName),
		Type:         framework.ReadString(orNull(c.Type), prior.Type),
		Host:         framework.ReadString(orNull(c.Host), prior.Host),
		Port:         framework.ReadInt64(orNull(c.Port), prior.Port),
		DatabaseName: framework.ReadString(orNull(c.DatabaseName), prior.DatabaseName),
		UserName:     framework.ReadString(orNull(c.UserName), prior.UserName),
		Schema:       framework.ReadString(orNull(c.Schema), prior.Schema),
		Metadata:     readMetadata(c.Metadata, prior.Metadata),
		CreatedAt:    timestamp(c.CreatedAt),
		UpdatedAt:    timestamp(c.UpdatedAt),
	}
	if framework.IsSet(prior.ProductName) && sameProduct(prior.ProductName, s.ProductName) {
		s.ProductName = prior.ProductName
	}
	if host, ok := c.Host.Get(); ok { // a server may keep it in another case
		s.Host = framework.InSpellingOf(prior.Host, host)
	}
	// A schema that was emptied is returned as "", one that was never set is not.
	if prior.Schema.IsNull() && s.Schema.ValueString() == "" {
		s.Schema = types.StringNull()
	}
	return s
}

func orNull[T any](v nullable.Value[T]) nullable.Value[T] {
	if v.IsZero() {
		return nullable.Null[T]()
	}
	return v
}

// sameProduct compares as the service does, which keeps lower case.
func sameProduct(a, b types.String) bool {
	return reporter.NormalizeProductName(a.ValueString()) == reporter.NormalizeProductName(b.ValueString())
}

func timestamp(v nullable.Value[time.Time]) types.String {
	if t, ok := v.Get(); ok {
		return types.StringValue(t.Format(time.RFC3339Nano))
	}
	return types.StringNull()
}
