// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package schemamodel

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
)

func resourceSchema(ctx context.Context) schema.Schema {
	kept := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	return schema.Schema{
		MarkdownDescription: "Registers the schema model of an Omni connection: what Omni knows about the tables of its database. Omni does not do that on its own, and without it a connection can have neither schedules nor shared models. Make `dataconn_omni_connection_schedule` depend on it.\n\n" +
			"Registering does not access the database. An existing one is taken over as it is. A connection has at most one, and Omni cannot delete it: destroying this resource only removes it from the state, with a warning; it ends with its connection. Its name is always the connection's. The API key needs Connection Admin on the connection.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "Id of the model, which is that of the connection.",
				Computed:            true,
				PlanModifiers:       kept,
			},
			"connection_id": schema.StringAttribute{
				MarkdownDescription: "Id of the connection (a UUID). A change replaces the resource: the other connection's model is registered, and this one is removed from the state.",
				Required:            true,
				PlanModifiers:       framework.Reference(),
			},
			"refresh_on_create": schema.BoolAttribute{
				MarkdownDescription: "Whether Omni reads the schema of the database once the model is registered, for which it must be able to reach the database. The apply waits for it, within `timeouts.create`. A refresh that fails is a warning, because the model exists nevertheless, and the next apply tries again. An existing model is not refreshed. Later changes of this attribute do nothing: use the action `dataconn_omni_schema_refresh` or the resource `dataconn_omni_connection_schedule`. Default: `false`.",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(false),
			},
			"refreshed_at": schema.StringAttribute{
				MarkdownDescription: "When this resource last made Omni read the schema (RFC 3339); null if it never did. Refreshes by others do not count.",
				Computed:            true,
				PlanModifiers:       kept,
			},
			"created_at": schema.StringAttribute{
				MarkdownDescription: "When the model was registered (RFC 3339).",
				Computed:            true,
				PlanModifiers:       kept,
			},
			"timeouts": framework.Timeouts(ctx),
		},
	}
}

func identitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"connection_id": identityschema.StringAttribute{RequiredForImport: true, Description: "Id of the connection (a UUID)."},
	}}
}
