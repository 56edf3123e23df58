// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"context"
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/reporter/base"
)

// The two credentials of a connection.
var (
	password = framework.Secret{Name: "password"}
	sslKey   = framework.Secret{Block: "ssl", Name: "key"}
)

const (
	maxPort       = 65535
	minConfigName = 3
)

const inPlace = " Changed in place."

func resourceSchema(ctx context.Context) schema.Schema {
	attributes := map[string]schema.Attribute{
		"id": schema.StringAttribute{
			MarkdownDescription: "Id of the connection, a UUID given by the service.",
			Computed:            true,
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"product_name": schema.StringAttribute{
			MarkdownDescription: "Product that the connection belongs to: up to 100 letters, digits, `_` and `-`. The service keeps it in lower case; case does not matter here. Default for a new connection: `product_name` of the provider's `reporter` block. A change replaces the connection; a change of the provider's does not.",
			Optional:            true,
			Computed:            true,
			Validators:          base.ProductName(),
		},
		"config_name": schema.StringAttribute{
			MarkdownDescription: "Name of the connection: 3 to 100 letters, digits, `_` and `-`. It is unique in the whole service, across products; case matters." + inPlace,
			Required:            true,
			Validators:          []validator.String{base.Name(minConfigName)},
		},
		"type": schema.StringAttribute{
			MarkdownDescription: "Kind of database: `" + strings.Join(knownTypes(), "`, `") + "`, in upper case." + inPlace,
			Required:            true,
			Validators:          []validator.String{knownType()},
		},
		"host": schema.StringAttribute{
			MarkdownDescription: "Host name or IP address of the database, without scheme, port or brackets. On PostgreSQL the service cannot connect to an IPv6 address; use a host name that resolves to it." + inPlace,
			Required:            true,
			Validators:          []validator.String{framework.CheckString("a host name or IP address", checkHost)},
		},
		"port": schema.Int64Attribute{
			CustomType:          framework.WholeNumber{},
			MarkdownDescription: "TCP port of the database, 1 to 65535." + inPlace,
			Required:            true,
			Validators:          []validator.Int64{int64validator.Between(1, maxPort)},
		},
		"database_name": schema.StringAttribute{
			MarkdownDescription: "Name of the database." + inPlace,
			Required:            true,
			Validators:          []validator.String{trimmed()},
		},
		"user_name": schema.StringAttribute{
			MarkdownDescription: "Database user." + inPlace,
			Required:            true,
			Validators:          []validator.String{trimmed()},
		},
		"schema": schema.StringAttribute{
			MarkdownDescription: "Schema of the database that is read. Without it, the service reads `public` on PostgreSQL. Changed in place; it cannot be unset, so removing it replaces the connection. Where it is known after apply only, it might be null then, so that plan replaces the connection.",
			Optional:            true,
		},
		"metadata": schema.MapAttribute{
			MarkdownDescription: "Texts to keep with the connection. The service itself reads some keys when it connects: `directConnection` (`\"true\"`) and `authSource` on MongoDB, `serviceName` on Oracle. What other clients stored as a number, a boolean, a list, an object or null is shown as JSON and keeps its type: a new value must be of the same type, until the key is removed. Changed in place, as a whole; removing it clears it.",
			ElementType:         types.StringType,
			Optional:            true,
			Validators:          []validator.Map{mapvalidator.NoNullValues()},
		},
		"ssl": schema.SingleNestedAttribute{
			MarkdownDescription: "How the connection to the database is encrypted. The service stores `ca`, `cert` and `key`, and requires `ca`, but its drivers use the mode only. So a mode that verifies the database's certificate, such as `verify-ca` and `verify-full` on PostgreSQL, connects only if a public authority signed it; if your own did, use a mode that encrypts without verifying, such as `require`. The service returns only the mode, so other changes made elsewhere are not seen. Changed in place, as a whole. The service cannot take the settings away, so removing it replaces the connection. Where the whole block is known after apply only, it might be null then, so that plan replaces the connection: write the block itself, and leave only what is in it unknown.",
			Optional:            true,
			Attributes:          sslAttributes(),
		},
		"test_connection": schema.BoolAttribute{
			MarkdownDescription: "Whether the service tests the connection after it is created or changed; a test that fails is a warning with the service's own words. The service allows 10 tests per minute and connection. Default: false.",
			Optional:            true,
			Computed:            true,
			Default:             booldefault.StaticBool(false),
		},
		framework.SecretsSentAt: framework.SecretsSentAtAttribute("the password or the ssl key", "rotates one of them"),
		"created_at": schema.StringAttribute{
			MarkdownDescription: "When the connection was created (RFC 3339, UTC, milliseconds).",
			Computed:            true,
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"updated_at": schema.StringAttribute{
			MarkdownDescription: "When the connection was last changed (RFC 3339, UTC, milliseconds).",
			Computed:            true,
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"timeouts": framework.Timeouts(ctx),
	}
	maps.Copy(attributes, password.Attributes("Password of the database user. Required when a connection is created. The service does not pass every character on: on PostgreSQL a space, and on MySQL anything but letters, digits, `-`, `_`, `.` and `~`, reaches the database as something else."))
	return schema.Schema{
		MarkdownDescription: "A database connection of a product in Lerian Reporter.\n\n" +
			"A change of `product_name`, removal of `ssl` and removal of `schema` replace the connection; everything else changes in place. A name is free only once the old connection is deleted, so `create_before_destroy` cannot work.\n\n" +
			"Changes made elsewhere are seen on refresh, except those of the password and of `ssl.ca`, `ssl.cert` and `ssl.key`, which the service never returns.\n\n" +
			"Where the service checks permissions, the token needs the actions `post`, `get`, `patch` and `delete` on the resource `connections` (a client's token is checked as `admin/fetcher-editor-role`).",
		Attributes: attributes,
	}
}

func sslAttributes() map[string]schema.Attribute {
	attributes := sslKey.Attributes("Private key of the client certificate. The service takes `ssl` as a whole, so once the key is no longer configured, the next change of another setting of `ssl` removes it.", framework.PEMText())
	attributes["mode"] = schema.StringAttribute{
		MarkdownDescription: "Mode, which depends on the type; case matters. " + describeModes() + inPlace,
		Required:            true,
		Validators:          []validator.String{framework.NotEmpty()},
	}
	attributes["ca"] = schema.StringAttribute{
		MarkdownDescription: "Certificate of the authority that signed the server's certificate (PEM). The service requires it with every mode, even with `disable`, and does not use it; only an imported connection may omit it, as long as nothing in `ssl` changes." + inPlace,
		Optional:            true,
		Validators:          []validator.String{framework.NotEmpty(), framework.PEMText()},
	}
	attributes["cert"] = schema.StringAttribute{
		MarkdownDescription: "Client certificate (PEM)." + inPlace,
		Optional:            true,
		Validators:          []validator.String{framework.NotEmpty(), framework.PEMText()},
	}
	return attributes
}

func describeModes() string {
	var sentences []string
	for _, t := range knownTypes() {
		sentences = append(sentences, "`"+t+"`: `"+strings.Join(sslModes[t], "`, `")+"`.")
	}
	return strings.Join(sentences, " ")
}

func identitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"id": identityschema.StringAttribute{RequiredForImport: true, Description: "Id of the connection (a UUID)."},
	}}
}
