// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectionschedule

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

func resourceSchema(ctx context.Context) schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Refreshes the schema of an Omni connection on a schedule, so that new tables and columns of the database become visible in Omni. A connection can have several schedules, even two with the same times.\n\n" +
			"Destroying it ends the schedule; the schema stays as it is. Changes made elsewhere are seen on refresh. The API key needs Connection Admin on the connection.\n\n" +
			"Omni accepts a schedule once the connection has its schema model, which Omni does not create on its own: register it with `dataconn_omni_schema_model`, and refer to its `connection_id`. If there is none yet, the create waits for it, within `timeouts.create`.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "Id of the schedule, a UUID given by Omni.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"connection_id": schema.StringAttribute{
				MarkdownDescription: "Id of the connection whose schema is refreshed. A change replaces the schedule.",
				Required:            true,
				PlanModifiers:       framework.Reference(),
			},
			"schedule": schema.StringAttribute{
				MarkdownDescription: "When the schema is refreshed: a [cron expression of AWS EventBridge](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html) without `cron()` around it. Its six fields are minute, hour, day-of-month, month, day-of-week (1 is Sunday) and year. Exactly one of the two days is `?`. For example, `0 2 * * ? *` is every day at 2:00. Changed in place.",
				Required:            true,
				Validators:          []validator.String{framework.CheckString("a cron expression of AWS EventBridge with six fields", checkCron)},
			},
			"timezone": schema.StringAttribute{
				MarkdownDescription: "Time zone of the schedule, by its name in the IANA database, such as `Europe/Berlin` or `UTC`. Case matters. Changed in place.",
				Required:            true,
				Validators:          []validator.String{base.Timezone()},
			},
			"hard_refresh": schema.BoolAttribute{
				MarkdownDescription: "Whether each refresh is a hard one: the schema is read from scratch, so that what the database no longer has disappears from it too. Needs a server of July 2026 or later; an older one refuses `true`, and changes made elsewhere are not seen there. Changed in place. Default: `false`.",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(false),
			},
			"description": schema.StringAttribute{
				MarkdownDescription: "The schedule in the server's words, such as `At 02:00 AM`. Null on servers that do not return it.",
				Computed:            true,
			},
			"disabled_at": schema.StringAttribute{
				MarkdownDescription: "When Omni disabled the schedule (RFC 3339); null while it is active. A schedule cannot be enabled again through the API: use Omni's user interface, or `-replace`.",
				Computed:            true,
			},
			"created_at": schema.StringAttribute{
				MarkdownDescription: "When the schedule was created (RFC 3339). Null on servers that do not return it.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"updated_at": schema.StringAttribute{
				MarkdownDescription: "When the schedule was last changed (RFC 3339). Null on servers that do not return it.",
				Computed:            true,
			},
			"timeouts": framework.Timeouts(ctx),
		},
	}
}

func identitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"connection_id": identityschema.StringAttribute{RequiredForImport: true, Description: "Id of the connection (a UUID)."},
		"id":            identityschema.StringAttribute{RequiredForImport: true, Description: "Id of the schedule (a UUID)."},
	}}
}
