// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

// The three credentials of a connection.
var (
	password          = framework.Secret{Name: "password"}
	privateKey        = framework.Secret{Name: "private_key"}
	oauthClientSecret = framework.Secret{Name: "oauth_client_secret"}

	credentials = []framework.Secret{password, privateKey, oauthClientSecret}
)

const (
	maxQueryTimeoutSeconds = 3600
	maxPort                = 65535
)

func resourceSchema(ctx context.Context) schema.Schema {
	attributes := settingAttributes(describer{forResources: true})
	maps.Copy(attributes, password.Attributes(
		"Password of the database user. BigQuery: the text of the service account's JSON key file. MotherDuck: the access token. Databricks: the personal access token. Athena: the secret access key. Required when a connection is created, unless its authentication needs none (a Snowflake key pair, OAuth, workload identity federation, an AWS role)."))
	maps.Copy(attributes, privateKey.Attributes(
		"Private key of Snowflake key pair authentication: unencrypted RSA of at least 2048 bits in PKCS#8 PEM. "+appliesTo("private_key")))
	maps.Copy(attributes, oauthClientSecret.Attributes(
		"Client secret of the OAuth application. "+appliesTo("oauth_client_secret")))
	maps.Copy(attributes, map[string]schema.Attribute{
		"wif_audience": schema.StringAttribute{
			MarkdownDescription: "Audience of BigQuery workload identity federation; required with authentication type `bigquery-workload-identity-federation`. Sent only when the connection is created, and never returned by Omni: a change replaces the connection, and a change made elsewhere is not seen. " + appliesTo("wif_audience"),
			Optional:            true,
		},
		"wif_service_account_email": schema.StringAttribute{
			MarkdownDescription: "Service account that BigQuery workload identity federation acts as. Sent only when the connection is created, and never returned by Omni: a change replaces the connection, and a change made elsewhere is not seen. " + appliesTo("wif_service_account_email"),
			Optional:            true,
		},
		"deletion_protection": schema.BoolAttribute{
			MarkdownDescription: "While this is true in the state, the connection is neither destroyed nor replaced, because Omni would send all models and dashboards on it to the trash and erase its credentials. To destroy it, set this to false, apply, and then destroy. Default: true. Changed in place, without a request.",
			Optional:            true,
			Computed:            true,
			Default:             booldefault.StaticBool(true),
		},
		framework.SecretsSentAt: framework.SecretsSentAtAttribute("a password, private key or OAuth client secret", "rotates one of them"),
		"timeouts":              framework.Timeouts(ctx),
	})
	return schema.Schema{
		MarkdownDescription: "A database connection in Omni. It can be the base of connection environments, an environment, or neither.\n\n" +
			"Everything but `dialect`, `wif_audience` and `wif_service_account_email` changes in place. Every setting that Omni returns is compared on refresh; credentials and the two `wif_` attributes are not returned, so changes made to them elsewhere are not seen.\n\n" +
			"A setting that is not configured keeps the server's value. To clear one, set it to `\"\"` or `[]`; roles, authentication types and time zones cannot be cleared.\n\n" +
			"The API key needs the admin role to create a connection, and Connection Admin on it to change or delete it.",
		Attributes: attributes,
	}
}

func identitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"id": identityschema.StringAttribute{RequiredForImport: true, Description: "Id of the connection (a UUID)."},
	}}
}

// appliesTo says which dialects use an attribute, from the same table that
// validates it.
func appliesTo(attribute string) string {
	if dialects := onlyForDialects[attribute]; len(dialects) <= len(knownDialects())/2 {
		return "For " + listDialects(dialects) + "."
	}
	return "Not for " + listDialects(except(onlyForDialects[attribute]...)) + "."
}

func listDialects(dialects []string) string {
	noun := "dialects "
	if len(dialects) == 1 {
		noun = "dialect "
	}
	return noun + "`" + strings.Join(dialects, "`, `") + "`"
}

// settingAttributes are those that the server returns: the resource and the
// data sources share them.
func settingAttributes(d describer) map[string]schema.Attribute {
	roles := []string{"NO_ACCESS", "VIEWER", "RESTRICTED_QUERIER", "QUERY_TOPICS", "QUERIER", "MODELER", "CONNECTION_ADMIN"}
	knownTypes := slices.Sorted(maps.Keys(authenticationTypes))
	return map[string]schema.Attribute{
		"id": schema.StringAttribute{
			MarkdownDescription: "Id of the connection, a UUID given by Omni.",
			Computed:            true,
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"name": schema.StringAttribute{
			MarkdownDescription: "Name of the connection. Omni does not require it to be unique." + d.forResource("Changed in place."),
			Required:            true,
			Validators:          []validator.String{framework.NotEmpty()},
		},
		"dialect": schema.StringAttribute{
			MarkdownDescription: "Kind of database: `" + strings.Join(knownDialects(), "`, `") + "`." + d.forResource("Other values only cause a warning. A change replaces the connection."),
			Required:            true,
			Validators:          []validator.String{framework.NotEmpty(), framework.KnownName("dialect", knownDialects()...)},
		},
		"host":                                  d.text("host", "Host name or address of the database. Snowflake: the account identifier only."+d.forResource("Without a scheme, and without `.snowflakecomputing.com`; it excludes `host_override`, and takes its place."), framework.HostName()),
		"host_override":                         d.text("host_override", "Full Snowflake host, for accounts that are reached under another name."+d.forResource("It excludes `host`, and takes its place."), framework.HostName()),
		"port":                                  d.number("port", "TCP port of the database."+d.forResource("1 to 65535. Omni documents no default: set it."), int64validator.Between(1, maxPort)),
		"database":                              d.text("database", "Database. BigQuery: the project id. Databricks: the default catalog. Athena: the data catalog. Trino: the catalog.", framework.NotEmpty()),
		"username":                              d.text("username", "Database user. BigQuery: the service account's `client_email`. Athena: the access key id."),
		"base_role":                             d.text("base_role", "Role that every user of the organization has on this connection: `"+strings.Join(roles, "`, `")+"`, or a custom role's name. `RESTRICTED_QUERIER` and `QUERY_TOPICS` are the same role."+d.forResource("Other values only cause a warning."), framework.NotEmpty(), framework.KnownValue("role", roles...)),
		"warehouse":                             d.text("warehouse", "Snowflake: the warehouse, optional with OAuth. Databricks: the HTTP path."),
		"region":                                d.text("region", "Region of the data. BigQuery: for example `us` or `europe-west1`. Athena: the AWS region."),
		"include_schemas":                       d.texts("include_schemas", "Schemas to show; wildcards such as `sales_*` are allowed. Empty means all."),
		"include_other_catalogs":                d.texts("include_other_catalogs", "Further catalogs or databases to show."),
		"offloaded_schemas":                     d.texts("offloaded_schemas", "Schemas whose tables are loaded only on demand; case matters."),
		"default_schema":                        d.text("default_schema", "Schema that unqualified table names belong to. BigQuery: the dataset."+d.forResource("Required for `mssql`. Snowflake accepts but does not return it, so a change made elsewhere is not seen there.")),
		"scratch_schema":                        d.text("scratch_schema", "Schema that Omni may write to, for uploads and the like. Snowflake: `DB.SCHEMA` is allowed."),
		"query_timeout_seconds":                 d.number("query_timeout_seconds", "Longest time a query may run, in seconds, on databases that support query timeouts. Omni's default: 900."+d.forResource("1 to 3600."), int64validator.Between(1, maxQueryTimeoutSeconds)),
		"max_billing_bytes":                     d.number("max_billing_bytes", "Largest number of bytes that a query may be billed for.", int64validator.AtLeast(0)),
		"system_timezone":                       d.text("system_timezone", "IANA time zone of the data in the database. Omni's default: `UTC`.", base.Timezone()),
		"query_timezone":                        d.text("query_timezone", "IANA time zone that results are converted to, or `NONE`. Omni's default: `NONE`.", base.Timezone("NONE")),
		"allows_user_specific_timezones":        d.boolean("allows_user_specific_timezones", "Whether users may choose their own time zone. Omni's default: false."),
		"always_scope_view_names":               d.boolean("always_scope_view_names", "Whether the names of views always carry their schema. Omni's default: true for dialects with several catalogs, otherwise false."),
		"trust_server_certificate":              d.boolean("trust_server_certificate", "Whether the database's TLS certificate is accepted without verification. Omni's default: false."),
		"accepts_license":                       d.boolean("accepts_license", "Whether you accept the license of the Oracle driver."+d.forResource("Must be true.")),
		"authentication_type":                   d.text("authentication_type", "How Omni signs in to the database: `"+strings.Join(knownTypes, "`, `")+"`."+d.forResource("Other values only cause a warning."), framework.NotEmpty(), signInType{framework.KnownName("authentication type", knownTypes...)}),
		"aws_role_arn":                          d.text("aws_role_arn", "ARN of the AWS role that Omni assumes."),
		"enable_db_semantic_layer_integration":  d.boolean("enable_db_semantic_layer_integration", "Whether Omni reads the database's own semantic layer. Omni's default: false."),
		"enable_db_semantic_layer_topics":       d.boolean("enable_db_semantic_layer_topics", "Whether topics are created from the database's semantic layer. Omni's default: false."),
		"external_oauth_audience":               d.text("external_oauth_audience", "Audience of external OAuth."),
		"external_oauth_authorization_url":      d.text("external_oauth_authorization_url", "Authorization URL of external OAuth."+d.forResource("It begins with https://."), framework.HTTPSURL()),
		"external_oauth_token_url":              d.text("external_oauth_token_url", "Token URL of external OAuth."+d.forResource("It begins with https://."), framework.HTTPSURL()),
		"oauth_client_id":                       d.text("oauth_client_id", "Client id of the OAuth application."),
		"infer_relationships_from_column_names": d.boolean("infer_relationships_from_column_names", "Whether joins are suggested from the names of columns. Omni's default: true."),
		"infer_relationships_from_foreign_keys": d.boolean("infer_relationships_from_foreign_keys", "Whether joins are created from foreign keys; honored for `postgres` and `snowflake`. Omni's default: false."),
		"use_machine_auth":                      d.boolean("use_machine_auth", "Whether Omni signs in as itself instead of as each user."),

		"use_read_scaling":                             computedBoolean("MotherDuck read scaling, set in Omni's user interface."),
		"use_session_hint":                             computedBoolean("MotherDuck session hints, set in Omni's user interface."),
		"allow_branch_connection_environments":         computedBoolean("Whether branches may choose their connection environment, set in Omni's user interface."),
		"environment_connection_switches_schema_model": computedBoolean("Whether switching the environment switches the schema model, set in Omni's user interface."),
		"created_at": schema.StringAttribute{
			MarkdownDescription: "When the connection was created (RFC 3339). Null on servers that do not return it.",
			Computed:            true,
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
	}
}

// describer builds attributes and their descriptions: for the resource with what
// matters to whoever configures them, for data sources without.
type describer struct{ forResources bool }

// forResource is the part of a description that is about configuring.
func (d describer) forResource(text string) string {
	if d.forResources {
		return " " + text
	}
	return ""
}

func (d describer) describe(attribute, description string) string {
	if _, limited := onlyForDialects[attribute]; limited {
		description += " " + appliesTo(attribute)
	}
	return description + d.forResource("Changed in place.")
}

// The server fills in what is not configured, so a setting is optional and
// computed, and keeps its value while the configuration is silent about it.

func (d describer) text(attribute, description string, validators ...validator.String) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: d.describe(attribute, description),
		Optional:            true,
		Computed:            true,
		Validators:          validators,
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
}

func (d describer) number(attribute, description string, validators ...validator.Int64) schema.Int64Attribute {
	return schema.Int64Attribute{
		CustomType:          framework.WholeNumber{},
		MarkdownDescription: d.describe(attribute, description),
		Optional:            true,
		Computed:            true,
		Validators:          validators,
		PlanModifiers:       []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
	}
}

func (d describer) boolean(attribute, description string) schema.BoolAttribute {
	return schema.BoolAttribute{
		MarkdownDescription: d.describe(attribute, description),
		Optional:            true,
		Computed:            true,
		PlanModifiers:       []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()},
	}
}

func (d describer) texts(attribute, description string) schema.SetAttribute {
	return schema.SetAttribute{
		MarkdownDescription: d.describe(attribute, description+d.forResource("An element cannot contain a comma.")),
		ElementType:         types.StringType,
		Optional:            true,
		Computed:            true,
		Validators:          []validator.Set{setvalidator.NoNullValues(), setvalidator.ValueStringsAre(base.ListElement())},
		PlanModifiers:       []planmodifier.Set{setplanmodifier.UseStateForUnknown()},
	}
}

func computedBoolean(description string) schema.BoolAttribute {
	return schema.BoolAttribute{
		MarkdownDescription: description,
		Computed:            true,
		PlanModifiers:       []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()},
	}
}
