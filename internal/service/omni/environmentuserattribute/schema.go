// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package environmentuserattribute

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

func resourceSchema(ctx context.Context) schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Binds a base connection in Omni to the user attribute whose value picks the environment. A base connection has at most one such binding.\n\n" +
			"Destroying it unbinds the attribute: then every user is on the base connection. Changes made elsewhere are seen on refresh, including the end of the binding.\n\n" +
			"A create never overwrites an existing binding: import it. One that is exactly as configured is adopted, with a warning, because it may be managed elsewhere too. Give each base connection one resource: an apply that would create two fails for the second, and if the state has the same binding at two addresses, a plan that destroys one of them is refused; with `-target` the plan does not see the other, and nothing is refused. Two configurations cannot see each other: the destroy in one unbinds the connection for both. Needs Connection Admin on the connection.",
		Attributes: map[string]schema.Attribute{
			"connection_id": schema.StringAttribute{
				MarkdownDescription: "Id of the base connection. A change replaces the binding: the former connection is unbound.",
				Required:            true,
				PlanModifiers:       framework.Reference(),
			},
			"attribute_name": schema.StringAttribute{
				MarkdownDescription: "Reference of the user attribute in Omni, such as `environment`: the name used in SQL, not the label. If Omni has none with this name, the plan warns, because everybody would be on the base connection. Refer to `dataconn_omni_user_attribute` to have it created first. Changed in place.",
				Required:            true,
				Validators:          []validator.String{framework.NotEmpty()},
			},
			"default_values": schema.SetAttribute{
				MarkdownDescription: "Attribute values that the base connection itself serves, such as `dev`. They are unique among the base's environments; case matters; an element cannot contain a comma. Users without a matching value are on the base connection anyway. Changed in place. If not set: none.",
				ElementType:         types.StringType,
				Optional:            true,
				Validators:          []validator.Set{setvalidator.NoNullValues(), setvalidator.ValueStringsAre(base.ListElement())},
			},
			"timeouts": framework.Timeouts(ctx),
		},
	}
}

func identitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"connection_id": identityschema.StringAttribute{RequiredForImport: true, Description: "Id of the base connection (a UUID)."},
	}}
}
