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
		MarkdownDescription: "Registers the schema model of an Omni connection: what Omni knows of the tables of its database. Omni does not do that by itself, and without it a connection can have neither schedules nor shared models. Let `dataconn_omni_connection_schedule` depend on it.\n\n" +
			"Registering does not reach for the database. One that is there already is taken over as it is. A connection has one at most, and Omni cannot delete it: destroying this resource only forgets it, with a warning, and it ends with its connection. Its name is always the connection's. The API key needs Connection Admin on the connection.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "Id of the model, which is that of the connection.",
				Computed:            true,
				PlanModifiers:       kept,
			},
			"connection_id": schema.StringAttribute{
				MarkdownDescription: "Id of the connection (a UUID). A change replaces the resource: the other connection's model is registered, and this one forgotten.",
				Required:            true,
				PlanModifiers:       framework.Reference(),
			},
			"refresh_on_create": schema.BoolAttribute{
				MarkdownDescription: "Whether Omni reads the schema of the database once the model is registered, which takes a database that it can reach. The apply waits for it, within `timeouts.create`. A refresh that fails is a warning, because the model is there all the same, and the next apply tries it again. A model that was there already is not refreshed. Afterwards a change does nothing: use the action `dataconn_omni_schema_refresh` or the resource `dataconn_omni_connection_schedule`. Default: `false`.",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(false),
			},
			"refreshed_at": schema.StringAttribute{
				MarkdownDescription: "When this resource last had Omni read the schema (RFC 3339); null where it never did. Refreshes by others do not count.",
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
