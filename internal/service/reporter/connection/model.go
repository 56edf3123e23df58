// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
)

// settings are the attributes that the service returns, but for ssl. Resource
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

// model is the resource's plan and state.
type model struct {
	Settings
	Password             types.String   `tfsdk:"password"`
	PasswordWO           types.String   `tfsdk:"password_wo"`
	PasswordWOVersion    types.Int64    `tfsdk:"password_wo_version"`
	SSL                  *sslModel      `tfsdk:"ssl"`
	TestConnection       types.Bool     `tfsdk:"test_connection"`
	CredentialsUpdatedAt types.String   `tfsdk:"credentials_updated_at"`
	Timeouts             timeouts.Value `tfsdk:"timeouts"`
}

type sslModel struct {
	Mode         types.String `tfsdk:"mode"`
	CA           types.String `tfsdk:"ca"`
	Cert         types.String `tfsdk:"cert"`
	Key          types.String `tfsdk:"key"`
	KeyWO        types.String `tfsdk:"key_wo"`
	KeyWOVersion types.Int64  `tfsdk:"key_wo_version"`
}
