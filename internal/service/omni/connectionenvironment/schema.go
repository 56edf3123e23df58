// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectionenvironment

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

func resourceSchema(ctx context.Context) schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Makes a connection an environment of a base connection in Omni, and sets which users are routed to it: those whose user attribute has one of the values. All others stay on the base connection. `dataconn_omni_environment_user_attribute` sets the attribute.\n\n" +
			"Destroying it removes the association; both connections stay. The API key needs the admin role.\n\n" +
			"Changes made elsewhere are seen where the server lists connection environments. On other servers, which the provider recognizes, it sees only that one of the two connections is gone, and an import needs the form `<base connection>/<connection>/<id>`.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "Id of the association, a UUID given by Omni.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"base_connection_id": schema.StringAttribute{
				MarkdownDescription: "Id of the base connection. A change replaces the association.",
				Required:            true,
				PlanModifiers:       framework.Reference(),
			},
			"connection_id": schema.StringAttribute{
				MarkdownDescription: "Id of the connection that becomes the environment. It must have the same dialect as the base, and be another connection. A change replaces the association.",
				Required:            true,
				PlanModifiers:       framework.Reference(),
			},
			"user_attribute_values": schema.SetAttribute{
				MarkdownDescription: "Values of the user attribute that route a user to this environment. A value is unique among the environments of the base and the base's default values; case matters; an element cannot contain a comma. Values may move between environments in one apply, except with `-parallelism=1`; meanwhile their users are on the base connection. `create_before_destroy` cannot keep a value while `connection_id` changes, because the old environment still has it. Changed in place. If not set, the server's values stay; `[]` routes nobody.",
				ElementType:         types.StringType,
				Optional:            true,
				Computed:            true,
				PlanModifiers:       []planmodifier.Set{setplanmodifier.UseStateForUnknown()},
				Validators:          []validator.Set{setvalidator.NoNullValues(), setvalidator.ValueStringsAre(base.ListElement())},
			},
			"timeouts": framework.Timeouts(ctx),
		},
	}
}

func identitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"id":                 identityschema.StringAttribute{RequiredForImport: true, Description: "Id of the association (a UUID)."},
		"base_connection_id": identityschema.StringAttribute{OptionalForImport: true, Description: "Id of the base connection; needed for an import from a server that does not list connection environments."},
		"connection_id":      identityschema.StringAttribute{OptionalForImport: true, Description: "Id of the environment's connection; needed for an import from a server that does not list connection environments."},
	}}
}
