// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package userattribute

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

func resourceSchema(ctx context.Context) schema.Schema {
	attributes := settingAttributes()
	attributes["timeouts"] = framework.Timeouts(ctx)
	return schema.Schema{
		MarkdownDescription: "A user attribute in Omni. Users have values of it, and it picks the connection environment if `dataconn_omni_environment_user_attribute` binds it to a base connection. The users' own values are not managed here.\n\n" +
			"**Destroying or replacing it removes every user's value of it.** SQL that refers to it and embed logins that pass it break, and every base connection that is bound to it sends all users to the base connection. Omni does not report any of this.\n\n" +
			"It needs an Omni server of September 2026 or newer. Older ones only list user attributes: there, create it in Omni's user interface and read it with the data source `dataconn_omni_user_attribute`. The API key needs the right to manage user attributes, which organization admins have.",
		Attributes: attributes,
	}
}

// settingAttributes are what a user attribute has, in the resource and in the
// data sources.
func settingAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id": schema.StringAttribute{
			MarkdownDescription: "Id of the user attribute, a UUID given by Omni.",
			Computed:            true,
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"name": schema.StringAttribute{
			MarkdownDescription: "Reference of the attribute, such as `environment`: the name used in SQL, in SCIM and where a base connection is bound. It is unique and does not begin with `omni_`. Changed in place, which keeps the users' values; everything else that refers to it by the former name has to be changed too.",
			Required:            true,
			Validators: []validator.String{
				framework.NotEmpty(),
				framework.CheckString("not a name of Omni's own, no spaces", checkName),
			},
		},
		"label": schema.StringAttribute{
			MarkdownDescription: "What the attribute is called in Omni's user interface. Changed in place. Default: the name, for a new attribute; otherwise the server's value stays.",
			Optional:            true,
			Computed:            true,
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			Validators:          []validator.String{framework.NotEmpty()},
		},
		"type": schema.StringAttribute{
			MarkdownDescription: "`String` or `Number`. A change replaces the attribute, and every user's value is lost. Default: `String`.",
			Optional:            true,
			Computed:            true,
			PlanModifiers: []planmodifier.String{
				stringplanmodifier.UseStateForUnknown(),
				stringplanmodifier.RequiresReplaceIf(becomesAnother, "Omni cannot change the type.", "Omni cannot change the type."),
			},
			Validators: []validator.String{framework.OneOf(omni.AttributeString, omni.AttributeNumber)},
		},
		"multiple_values": schema.BoolAttribute{
			MarkdownDescription: "Whether a user can have several values. Changed in place from false to true; Omni does not allow the reverse, so a change from true to false replaces the attribute, and every user's value is lost. Default: false.",
			Optional:            true,
			Computed:            true,
			PlanModifiers: []planmodifier.Bool{
				boolplanmodifier.UseStateForUnknown(),
				boolplanmodifier.RequiresReplaceIf(becomesSingle, "Omni cannot reduce several values to one.", "Omni cannot reduce several values to one."),
			},
		},
		"default_values": schema.SetAttribute{
			MarkdownDescription: "Value of users who have none of their own; several where `multiple_values` is true. For the type `Number` each is a number, such as `\"42\"` or `\"-1.5\"`. Changed in place. If not set, the server's value stays; `[]` removes it.",
			ElementType:         types.StringType,
			Optional:            true,
			Computed:            true,
			PlanModifiers:       []planmodifier.Set{setplanmodifier.UseStateForUnknown()},
			Validators:          []validator.Set{setvalidator.NoNullValues(), setvalidator.ValueStringsAre(framework.Element())},
		},
		"description": schema.StringAttribute{
			MarkdownDescription: "What the attribute is for. Changed in place. If not set, the server's value stays; `\"\"` removes it.",
			Optional:            true,
			Computed:            true,
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"system": schema.BoolAttribute{
			MarkdownDescription: "Whether Omni itself defines the attribute, such as `omni_user_email`. Those can be bound, but neither created nor changed.",
			Computed:            true,
			PlanModifiers:       []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()},
		},
	}
}

func identitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"id": identityschema.StringAttribute{RequiredForImport: true, Description: "Id of the user attribute (a UUID)."},
	}}
}

// becomesAnother is a change of a known type to another: what is not configured stays
// as it is.
func becomesAnother(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
	resp.RequiresReplace = !req.StateValue.IsNull()
}

// becomesSingle is the change of multiple_values that Omni does not allow, or may
// be: a replacement has to be planned before the value is known.
func becomesSingle(_ context.Context, req planmodifier.BoolRequest, resp *boolplanmodifier.RequiresReplaceIfFuncResponse) {
	resp.RequiresReplace = req.StateValue.ValueBool() && !req.PlanValue.ValueBool()
}
