// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package dbtenvironment

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
)

func resourceSchema(ctx context.Context) schema.Schema {
	nonEmpty := []validator.String{framework.NotEmpty()}
	return schema.Schema{
		MarkdownDescription: "An environment of a connection's dbt project in Omni: the schema that the models are in, and the variables that they are built with. The connection needs a dbt configuration, see `dataconn_omni_connection_dbt`; refer to its `connection_id` so that the two are created in the right order.\n\n" +
			"Changes made elsewhere are seen on refresh, including variables that were added or removed, but not the values of secret ones. Needs Connection Admin on the connection, and a server of 2026.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "Id of the environment, a UUID given by Omni.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"connection_id": schema.StringAttribute{
				MarkdownDescription: "Id of the Omni connection. A change replaces the environment.",
				Required:            true,
				PlanModifiers:       framework.Reference(),
			},
			"name": schema.StringAttribute{
				MarkdownDescription: "Name of the environment. Changed in place.",
				Required:            true,
				Validators:          nonEmpty,
			},
			"target_schema": schema.StringAttribute{
				MarkdownDescription: "Schema that dbt builds the models in. Changed in place.",
				Required:            true,
				Validators:          nonEmpty,
			},
			"target_database": schema.StringAttribute{
				MarkdownDescription: "Database in place of the connection's. Changed in place. If not set: none.",
				Optional:            true,
				Validators:          nonEmpty,
			},
			"target_name": schema.StringAttribute{
				MarkdownDescription: "Name of the dbt target in place of the project's. Changed in place. If not set: none.",
				Optional:            true,
				Validators:          nonEmpty,
			},
			"target_role": schema.StringAttribute{
				MarkdownDescription: "Role in the database in place of the connection's. Changed in place. If not set: none.",
				Optional:            true,
				Validators:          nonEmpty,
			},
			"owner_id": schema.StringAttribute{
				MarkdownDescription: "Id of the user, a member of the organization, whose development environment this is. Changed in place. If not set, the server's value stays. Only an organization's API key can set it: with a personal token the environment belongs to the token's own user.",
				Optional:            true,
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
				Validators:          nonEmpty,
			},
			"is_default_environment": schema.BoolAttribute{
				MarkdownDescription: "Whether this is the default environment of the dbt project.",
				Computed:            true,
				PlanModifiers:       []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()},
			},
			"variables": schema.MapNestedAttribute{
				MarkdownDescription: "All variables of the environment, by name; one that is added elsewhere is removed by the next apply. Changed in place, one by one. If not set: none. A variable has exactly one of `value`, `secret` and `secret_wo`; a secret one that the environment has already may have none, and then keeps its value on the server. One that changes from plain to secret, or back, is removed and created again.",
				Optional:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: variableAttributes()},
				Validators:          []validator.Map{mapvalidator.NoNullValues(), mapvalidator.KeysAre(framework.NotEmpty())},
			},
			framework.SecretsSentAt: framework.SecretsSentAtAttribute("the value of a secret variable", "sends one"),
			"timeouts":              framework.Timeouts(ctx),
		},
	}
}

func variableAttributes() map[string]schema.Attribute {
	attributes := variableSecret("").Attributes("")
	// The usual words say that the server keeps what is taken away; a variable has
	// another value then, or ends.
	hidden, _ := attributes["secret"].(schema.StringAttribute)
	hidden.MarkdownDescription = "Value of a secret variable, which Omni never shows. Kept in the state; prefer `secret_wo`. The server never returns it, so a change made outside Terraform is not seen. Changed in place."
	attributes["secret"] = hidden
	attributes["id"] = schema.StringAttribute{
		MarkdownDescription: "Id of the variable, a UUID given by Omni.",
		Computed:            true,
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseNonNullStateForUnknown()},
	}
	attributes["value"] = schema.StringAttribute{
		MarkdownDescription: "Value of a plain variable. Everyone who can read the environment can read it. It may be empty.",
		Optional:            true,
	}
	return attributes
}

func identitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"connection_id": identityschema.StringAttribute{RequiredForImport: true, Description: "Id of the connection (a UUID)."},
		"id":            identityschema.StringAttribute{RequiredForImport: true, Description: "Id of the dbt environment (a UUID)."},
	}}
}
