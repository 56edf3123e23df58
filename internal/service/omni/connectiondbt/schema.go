// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectiondbt

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

var token = framework.Secret{Name: "token"}

// The longest texts that the server takes.
const (
	maxToken          = 1000
	maxCommitterEmail = 320
	maxCommitterName  = 255
)

func resourceSchema(ctx context.Context) schema.Schema {
	keptString := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	keptBool := []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()}
	attributes := map[string]schema.Attribute{
		"connection_id": schema.StringAttribute{
			MarkdownDescription: "Id of the Omni connection; its dialect has to support dbt. A change replaces the configuration: the repository is unlinked from the former connection.",
			Required:            true,
			PlanModifiers:       framework.Reference(),
		},
		"ssh_url": schema.StringAttribute{
			MarkdownDescription: "Address of the Git repository: `git@github.com:org/repo.git` or `ssh://...` where `auth_method` is `ssh`, and `https://...` without a user or a password otherwise. Changed in place; another address links another repository, which needs the token again.",
			Required:            true,
			Validators:          []validator.String{repositoryAddress()},
		},
		"branch": schema.StringAttribute{
			MarkdownDescription: "Branch of the repository, such as `main`. Changed in place.",
			Required:            true,
			Validators:          []validator.String{framework.NotEmpty()},
		},
		"autogen_relationships": schema.BoolAttribute{
			MarkdownDescription: "Whether Omni generates relationships from those of the dbt project. Changed in place.",
			Required:            true,
		},
		"enable_virtual_schemas": schema.BoolAttribute{
			MarkdownDescription: "Whether virtual schemas are enabled. Changed in place.",
			Required:            true,
		},
		"enable_semantic_layer": schema.BoolAttribute{
			MarkdownDescription: "Whether the integration with dbt's semantic layer is enabled. Changed in place. If not set, the server's value stays; a new configuration has it disabled (`false`).",
			Optional:            true,
			Computed:            true,
			PlanModifiers:       keptBool,
		},
		"dbt_version": schema.StringAttribute{
			MarkdownDescription: "Version of dbt: `Auto`, `1.11` or `1.12` on today's servers, `1.10` on older ones; other values only cause a warning. Changed in place. If not set, the server's value stays; for a new configuration the server chooses.",
			Optional:            true,
			Computed:            true,
			PlanModifiers:       keptString,
			Validators:          []validator.String{framework.NotEmpty(), framework.KnownValue("version of dbt", "Auto", "1.10", "1.11", "1.12")},
		},
		"project_root_path": schema.StringAttribute{
			MarkdownDescription: "Folder of the dbt project in the repository, such as `transform/dbt`: not absolute, and without `..`. Changed in place. If not set, the root of the repository.",
			Optional:            true,
			Validators:          []validator.String{projectRootPath()},
		},
		"auth_method": schema.StringAttribute{
			MarkdownDescription: "How Omni reaches the repository: `ssh` (with a deploy key that Omni generates and shows in its user interface), `https_token` or `github_app`; other values only cause a warning. Changed in place. If not set, the server's value stays; a new configuration uses `ssh`. Servers older than August 2026 support SSH only, and refuse the attribute with a clear error.",
			Optional:            true,
			Computed:            true,
			PlanModifiers:       keptString,
			Validators:          []validator.String{framework.NotEmpty(), framework.KnownValue("authentication method", omni.DBTAuthSSH, omni.DBTAuthToken, omni.DBTAuthGitHubApp)},
		},
		"github_app_installation_id": schema.StringAttribute{
			MarkdownDescription: "Id of the installation of Omni's GitHub app, a string of digits, where `auth_method` is `github_app`. Changed in place. If not set, the server's value stays.",
			Optional:            true,
			Computed:            true,
			PlanModifiers:       keptString,
			Validators:          []validator.String{digits()},
		},
		"commit_signing_committer_email": schema.StringAttribute{
			MarkdownDescription: "E-mail address of the committer in Omni's signed commits, where `auth_method` is `github_app`; at most 320 characters. Needs `commit_signing_committer_name`. Changed in place. If not set, the server's value stays.",
			Optional:            true,
			Computed:            true,
			PlanModifiers:       keptString,
			Validators: []validator.String{
				framework.NotEmpty(), stringvalidator.LengthAtMost(maxCommitterEmail),
				emailAddress(),
				stringvalidator.AlsoRequires(path.MatchRoot("commit_signing_committer_name")),
			},
		},
		"commit_signing_committer_name": schema.StringAttribute{
			MarkdownDescription: "Name of the committer in Omni's signed commits, where `auth_method` is `github_app`; at most 255 characters. Needs `commit_signing_committer_email`. Changed in place. If not set, the server's value stays.",
			Optional:            true,
			Computed:            true,
			PlanModifiers:       keptString,
			Validators: []validator.String{
				framework.NotEmpty(), stringvalidator.LengthAtMost(maxCommitterName),
				stringvalidator.AlsoRequires(path.MatchRoot("commit_signing_committer_email")),
			},
		},
		"commit_signing_public_key": schema.StringAttribute{
			MarkdownDescription: "Public half of the key that signs Omni's commits: register it with the Git host. Null if Omni signs no commits. The action `dataconn_omni_dbt_rotate_signing_key` replaces the key.",
			Computed:            true,
			PlanModifiers:       keptString,
		},
		"supports_dbt": schema.BoolAttribute{
			MarkdownDescription: "Whether the connection supports dbt; always true for one that has this configuration.",
			Computed:            true,
			PlanModifiers:       keptBool,
		},
		framework.SecretsSentAt: framework.SecretsSentAtAttribute("a token", "rotates it"),
		"timeouts":              framework.Timeouts(ctx),
	}
	maps.Copy(attributes, token.Attributes(
		"Token for the repository, where `auth_method` is `https_token`: needed when the repository is connected. At most 1000 characters: letters, digits, `_`, `-` and `.`.",
		stringvalidator.LengthAtMost(maxToken), tokenForm()))
	return schema.Schema{
		MarkdownDescription: "Links a dbt repository to a connection in Omni. A connection has at most one.\n\n" +
			"Destroying it unlinks the repository; the repository itself stays. Whether its dbt environments stay is up to Omni. An existing configuration is not overwritten: import it. Needs Connection Admin on the connection, and a server of 2026.\n\n" +
			"Changes made elsewhere are seen on refresh, except a change of the token. Omni generates the deploy key of an SSH repository, and no API returns it: copy it from the connection's dbt page in Omni into the Git host. The action `dataconn_omni_dbt_rotate_keys` replaces it.",
		Attributes: attributes,
	}
}

func identitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"connection_id": identityschema.StringAttribute{RequiredForImport: true, Description: "Id of the connection (a UUID)."},
	}}
}
