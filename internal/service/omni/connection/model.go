// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

// Settings are the attributes that the server returns. Resource and data
// sources share them.
type Settings struct {
	ID                                types.String `tfsdk:"id"`
	Name                              types.String `tfsdk:"name"`
	Dialect                           types.String `tfsdk:"dialect"`
	Host                              types.String `tfsdk:"host"`
	HostOverride                      types.String `tfsdk:"host_override"`
	Port                              types.Int64  `tfsdk:"port"`
	Database                          types.String `tfsdk:"database"`
	Username                          types.String `tfsdk:"username"`
	BaseRole                          types.String `tfsdk:"base_role"`
	Warehouse                         types.String `tfsdk:"warehouse"`
	Region                            types.String `tfsdk:"region"`
	IncludeSchemas                    types.Set    `tfsdk:"include_schemas"`
	IncludeOtherCatalogs              types.Set    `tfsdk:"include_other_catalogs"`
	OffloadedSchemas                  types.Set    `tfsdk:"offloaded_schemas"`
	DefaultSchema                     types.String `tfsdk:"default_schema"`
	ScratchSchema                     types.String `tfsdk:"scratch_schema"`
	QueryTimeoutSeconds               types.Int64  `tfsdk:"query_timeout_seconds"`
	MaxBillingBytes                   types.Int64  `tfsdk:"max_billing_bytes"`
	SystemTimezone                    types.String `tfsdk:"system_timezone"`
	QueryTimezone                     types.String `tfsdk:"query_timezone"`
	AllowsUserSpecificTimezones       types.Bool   `tfsdk:"allows_user_specific_timezones"`
	AlwaysScopeViewNames              types.Bool   `tfsdk:"always_scope_view_names"`
	TrustServerCertificate            types.Bool   `tfsdk:"trust_server_certificate"`
	AcceptsLicense                    types.Bool   `tfsdk:"accepts_license"`
	AuthenticationType                types.String `tfsdk:"authentication_type"`
	AWSRoleARN                        types.String `tfsdk:"aws_role_arn"`
	EnableDBSemanticLayerIntegration  types.Bool   `tfsdk:"enable_db_semantic_layer_integration"`
	EnableDBSemanticLayerTopics       types.Bool   `tfsdk:"enable_db_semantic_layer_topics"`
	ExternalOAuthAudience             types.String `tfsdk:"external_oauth_audience"`
	ExternalOAuthAuthorizationURL     types.String `tfsdk:"external_oauth_authorization_url"`
	ExternalOAuthTokenURL             types.String `tfsdk:"external_oauth_token_url"`
	OAuthClientID                     types.String `tfsdk:"oauth_client_id"`
	InferRelationshipsFromColumnNames types.Bool   `tfsdk:"infer_relationships_from_column_names"`
	InferRelationshipsFromForeignKeys types.Bool   `tfsdk:"infer_relationships_from_foreign_keys"`
	UseMachineAuth                    types.Bool   `tfsdk:"use_machine_auth"`

	UseReadScaling                           types.Bool   `tfsdk:"use_read_scaling"`
	UseSessionHint                           types.Bool   `tfsdk:"use_session_hint"`
	AllowBranchConnectionEnvironments        types.Bool   `tfsdk:"allow_branch_connection_environments"`
	EnvironmentConnectionSwitchesSchemaModel types.Bool   `tfsdk:"environment_connection_switches_schema_model"`
	CreatedAt                                types.String `tfsdk:"created_at"`
}

// dataSourceModel is a connection as the data sources return it. The resource leaves out
// what changes without it: its own state would drift.
type dataSourceModel struct {
	Settings
	UserAttributeName          types.String `tfsdk:"user_attribute_name_for_connection_environments"`
	UserAttributeDefaultValues types.Set    `tfsdk:"user_attribute_values_for_default_environment"`
	UpdatedAt                  types.String `tfsdk:"updated_at"`
}

// model is the resource's plan and state.
type model struct {
	Settings
	Password                 types.String `tfsdk:"password"`
	PasswordWO               types.String `tfsdk:"password_wo"`
	PasswordWOVersion        types.Int64  `tfsdk:"password_wo_version"`
	PrivateKey               types.String `tfsdk:"private_key"`
	PrivateKeyWO             types.String `tfsdk:"private_key_wo"`
	PrivateKeyWOVersion      types.Int64  `tfsdk:"private_key_wo_version"`
	OAuthClientSecret        types.String `tfsdk:"oauth_client_secret"`
	OAuthClientSecretWO      types.String `tfsdk:"oauth_client_secret_wo"`
	OAuthClientSecretVersion types.Int64  `tfsdk:"oauth_client_secret_wo_version"`
	WIFAudience              types.String `tfsdk:"wif_audience"`
	WIFServiceAccountEmail   types.String `tfsdk:"wif_service_account_email"`
	DeletionProtection       types.Bool   `tfsdk:"deletion_protection"`
	CredentialsUpdatedAt     types.String `tfsdk:"credentials_updated_at"`
	framework.Timed
}

// identity is what the resource is known by.
type identity struct {
	ID types.String `tfsdk:"id"`
}

func (m model) identity() identity { return identity{ID: m.ID} }

// object names the connection in messages.
func (s Settings) object() string {
	return framework.ObjectName("Omni connection", s.Name, s.ID)
}

// Tests check that these cover the fields of the types.
var (
	changeable = framework.Pairs[Settings, omni.ConnectionSettings]()
	readable   = framework.Pairs[Settings, omni.Connection]()
	findable   = framework.Pairs[dataSourceModel, omni.Connection]()
)

// changes returns the settings that differ from the prior ones and are known,
// in the wire's form. With zero prior settings it is what a create sends.
func (s Settings) changes(prior Settings) omni.ConnectionSettings {
	changed := base.Changes[Settings, omni.ConnectionSettings](changeable, s, prior)
	// The server refuses an empty address: null clears it.
	for _, address := range []*nullable.Value[string]{&changed.ExternalOAuthAuthorizationURL, &changed.ExternalOAuthTokenURL} {
		if text, ok := address.Get(); ok && text == "" {
			*address = nullable.Null[string]()
		}
	}
	return changed
}

// read returns the settings as the server has them. The prior ones fill in what
// this generation of the server does not return.
func read(c *omni.Connection, prior Settings) Settings {
	s := base.Read(readable, c, prior)
	if framework.IsSet(prior.BaseRole) && omni.SameRole(prior.BaseRole.ValueString(), s.BaseRole.ValueString()) {
		s.BaseRole = prior.BaseRole
	}
	// Live servers take Snowflake's default schema and return null for it.
	if c.Dialect == snowflake && s.DefaultSchema.IsNull() && framework.IsSet(prior.DefaultSchema) {
		s.DefaultSchema = prior.DefaultSchema
	}
	s, _ = s.withoutUnused(prior)
	return s
}

// forDataSource returns a connection as the server has it.
func forDataSource(c *omni.Connection) dataSourceModel {
	return base.Read(findable, c, dataSourceModel{})
}

// bareAnswer is an answer that says nothing but which connection it is: reading it
// makes every unknown attribute null and keeps the rest.
func bareAnswer(id string) *omni.Connection { return &omni.Connection{ID: id} }

// createRequest is what a create sends; secrets come from the configuration.
func (m model) createRequest(secrets omni.ConnectionSecrets) omni.ConnectionCreate {
	return omni.ConnectionCreate{
		Dialect:                m.Dialect.ValueString(),
		Settings:               m.changes(Settings{}).WithoutEmpty(),
		Secrets:                secrets,
		WIFAudience:            framework.ChangedString(m.WIFAudience, types.StringNull()),
		WIFServiceAccountEmail: framework.ChangedString(m.WIFServiceAccountEmail, types.StringNull()),
	}
}

// What can be given to a create only and is never returned.
const (
	wifAudienceKey            = "wifAudience"
	wifServiceAccountEmailKey = "wifServiceAccountEmail"
)

var createOnlyKeys = []string{wifAudienceKey, wifServiceAccountEmailKey}

// absentKeys are the wire names of what the server did not return.
func absentKeys(c *omni.Connection) []string {
	absent := append(c.AbsentKeys(), createOnlyKeys...)
	if c.Dialect == snowflake && c.DefaultSchema.IsNull() {
		absent = append(absent, "defaultSchema") // null there says nothing; see read
	}
	return absent
}

// adopts returns the wire names of those unread settings that the plan gives a
// value for the first time since the import.
func (m model) adopts(prior model, unread []string) []string {
	unknown := prior.changes(Settings{}).AbsentKeys() // a move may know what the server does not return
	configured := func(key string) bool {
		switch key {
		case wifAudienceKey:
			return framework.IsSet(m.WIFAudience) && prior.WIFAudience.IsNull()
		case wifServiceAccountEmailKey:
			return framework.IsSet(m.WIFServiceAccountEmail) && prior.WIFServiceAccountEmail.IsNull()
		default:
			changed := m.changes(prior.Settings)
			return changed != changed.Without([]string{key}) && slices.Contains(unknown, key)
		}
	}
	return slices.DeleteFunc(slices.Clone(unread), func(key string) bool { return !configured(key) })
}
