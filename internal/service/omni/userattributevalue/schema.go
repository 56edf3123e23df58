// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package userattributevalue

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

func resourceSchema(ctx context.Context) schema.Schema {
	kept := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	return schema.Schema{
		MarkdownDescription: "A user's value of a user attribute in Omni: with a base connection bound to the attribute, it decides which database the user works on. All other attributes of the user stay as they are.\n\n" +
			"Destroying it removes the value, and the user has the attribute's default again. A create does not overwrite a value that somebody else set: import it. Changes made elsewhere are seen on refresh. It needs " + base.NeedsOrganizationKey + ".",
		Attributes: map[string]schema.Attribute{
			"user_id": schema.StringAttribute{
				MarkdownDescription: "Id of the user's membership, as `dataconn_omni_users` has it. Set this or `user_email`; both must belong to the same user. A change to another user replaces the value: the former user loses it.",
				Optional:            true,
				Computed:            true,
				PlanModifiers:       kept,
				Validators:          []validator.String{stringvalidator.AtLeastOneOf(path.MatchRoot("user_id"), path.MatchRoot("user_email"))},
			},
			"user_email": schema.StringAttribute{
				MarkdownDescription: "E-mail address of the user; case does not matter. It never changes. Set this or `user_id`; both must belong to the same user. A change to another user replaces the value: the former user loses it.",
				Optional:            true,
				Computed:            true,
				PlanModifiers:       kept,
				Validators:          []validator.String{framework.NotEmpty()},
			},
			"attribute_name": schema.StringAttribute{
				MarkdownDescription: "Reference of the user attribute, case included, such as `environment`. Omni's own attributes, whose names begin with `omni_`, cannot be set. A change replaces the value: it is removed from the former attribute.",
				Required:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
				Validators:          []validator.String{framework.NotEmpty(), framework.CheckString("not a name of Omni's own", checkName)},
			},
			"value": schema.StringAttribute{
				MarkdownDescription: "The value, of an attribute that has one. For the type `Number` it is a number, such as `\"42\"`. Set either this or `values`. Changed in place.",
				Optional:            true,
				Validators:          []validator.String{framework.NotEmpty(), stringvalidator.ExactlyOneOf(path.MatchRoot("value"), path.MatchRoot("values"))},
			},
			"values": schema.SetAttribute{
				MarkdownDescription: "The values, of an attribute that has several; at least one. Set either this or `value`. Changed in place.",
				ElementType:         types.StringType,
				Optional:            true,
				Validators: []validator.Set{
					setvalidator.SizeAtLeast(1),
					setvalidator.NoNullValues(),
					setvalidator.ValueStringsAre(framework.Element()),
				},
			},
			"timeouts": framework.Timeouts(ctx),
		},
	}
}

func identitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"user_id":        identityschema.StringAttribute{RequiredForImport: true, Description: "Id of the user's membership (a UUID)."},
		"attribute_name": identityschema.StringAttribute{RequiredForImport: true, Description: "Reference of the user attribute."},
	}}
}
