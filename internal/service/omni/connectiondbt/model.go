// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectiondbt

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

type model struct {
	ConnectionID            types.String `tfsdk:"connection_id"`
	SSHURL                  types.String `tfsdk:"ssh_url"`
	Branch                  types.String `tfsdk:"branch"`
	AutogenRelationships    types.Bool   `tfsdk:"autogen_relationships"`
	EnableVirtualSchemas    types.Bool   `tfsdk:"enable_virtual_schemas"`
	EnableSemanticLayer     types.Bool   `tfsdk:"enable_semantic_layer"`
	DBTVersion              types.String `tfsdk:"dbt_version"`
	ProjectRootPath         types.String `tfsdk:"project_root_path"`
	AuthMethod              types.String `tfsdk:"auth_method"`
	Token                   types.String `tfsdk:"token"`
	TokenWO                 types.String `tfsdk:"token_wo"`
	TokenWOVersion          types.Int64  `tfsdk:"token_wo_version"`
	GitHubAppInstallationID types.String `tfsdk:"github_app_installation_id"`
	CommitterEmail          types.String `tfsdk:"commit_signing_committer_email"`
	CommitterName           types.String `tfsdk:"commit_signing_committer_name"`
	SigningPublicKey        types.String `tfsdk:"commit_signing_public_key"`
	SupportsDBT             types.Bool   `tfsdk:"supports_dbt"`
	CredentialsUpdatedAt    types.String `tfsdk:"credentials_updated_at"`
	framework.Timed
}

// identity is what the resource is known by.
type identity struct {
	ConnectionID types.String `tfsdk:"connection_id"`
}

func (m model) identity() identity { return identity{ConnectionID: m.ConnectionID} }

// connectionID is the connection's id in the server's spelling.
func (m model) connectionID() string { return strings.ToLower(m.ConnectionID.ValueString()) }

// object names the configuration in messages.
func (m model) object() string { return "dbt configuration of Omni connection " + m.connectionID() }

// settings are what a write sends: all that the server would set to a default
// otherwise, and of the rest what differs from the prior model.
func (m model) settings(prior model) omni.DBTSettings {
	none := types.StringNull()
	settings := omni.DBTSettings{
		SSHURL:               framework.ChangedString(m.SSHURL, none),
		Branch:               framework.ChangedString(m.Branch, none),
		AutogenRelationships: framework.ChangedBool(m.AutogenRelationships, types.BoolNull()),
		EnableVirtualSchemas: framework.ChangedBool(m.EnableVirtualSchemas, types.BoolNull()),
		EnableSemanticLayer:  framework.ChangedBool(m.EnableSemanticLayer, types.BoolNull()),
		DBTVersion:           framework.ChangedString(m.DBTVersion, none),
		ProjectRootPath:      nullable.Null[string](),

		AuthMethod:              framework.ChangedString(m.AuthMethod, prior.AuthMethod),
		GitHubAppInstallationID: framework.ChangedString(m.GitHubAppInstallationID, prior.GitHubAppInstallationID),
		CommitterEmail:          framework.ChangedString(m.CommitterEmail, prior.CommitterEmail),
		CommitterName:           framework.ChangedString(m.CommitterName, prior.CommitterName),
	}
	// The id that is kept is that of the repository before.
	if m.connects(prior) && m.AuthMethod.ValueString() == omni.DBTAuthGitHubApp {
		settings.GitHubAppInstallationID = framework.ChangedString(m.GitHubAppInstallationID, none)
	}
	if framework.IsSet(m.ProjectRootPath) {
		settings.ProjectRootPath = nullable.Of(m.ProjectRootPath.ValueString())
	}
	if !settings.CommitterEmail.IsZero() || !settings.CommitterName.IsZero() { // the server takes the two together only
		settings.CommitterEmail = framework.ChangedString(m.CommitterEmail, none)
		settings.CommitterName = framework.ChangedString(m.CommitterName, none)
	}
	return settings
}

// connects reports whether a write connects a repository: the first one, one at
// another address, or the same by another method. Then the server keeps no credentials
// of the one before. What is not known yet may be another.
func (m model) connects(prior model) bool {
	return prior.ConnectionID.IsNull() ||
		framework.IsSet(prior.SSHURL) && !m.SSHURL.Equal(prior.SSHURL) ||
		framework.IsSet(prior.AuthMethod) && !m.AuthMethod.Equal(prior.AuthMethod)
}

// differs reports whether a change of the prior model has anything to send but a
// token.
func (m model) differs(prior model) bool {
	return !reflect.DeepEqual(m.settings(prior), prior.settings(prior))
}

// read takes over the server's configuration. What this generation of the server
// does not return stays.
func (m model) read(d *omni.DBT) model {
	m.SSHURL = framework.ReadString(d.SSHURL, m.SSHURL)
	m.Branch = framework.ReadString(d.Branch, m.Branch)
	m.AutogenRelationships = framework.ReadBool(d.AutogenRelationships, m.AutogenRelationships)
	m.EnableVirtualSchemas = framework.ReadBool(d.EnableVirtualSchemas, m.EnableVirtualSchemas)
	m.EnableSemanticLayer = framework.ReadBool(d.EnableSemanticLayer, m.EnableSemanticLayer)
	m.DBTVersion = framework.ReadString(d.DBTVersion, m.DBTVersion)
	m.ProjectRootPath = framework.ReadString(d.ProjectRootPath, m.ProjectRootPath)
	if m.ProjectRootPath.ValueString() == "" { // both are the root of the repository
		m.ProjectRootPath = types.StringNull()
	}
	m.AuthMethod = framework.ReadString(d.AuthMethod, m.AuthMethod)
	m.GitHubAppInstallationID = framework.ReadString(d.GitHubAppInstallationID, m.GitHubAppInstallationID)
	m.CommitterEmail = framework.ReadString(d.CommitterEmail, m.CommitterEmail)
	m.CommitterName = framework.ReadString(d.CommitterName, m.CommitterName)
	m.SigningPublicKey = framework.ReadString(d.SigningPublicKey, m.SigningPublicKey)
	m.SupportsDBT = types.BoolValue(true)
	return m
}

// agrees reports whether the server has all that the plan knows; of the token
// nobody can tell.
func (m model) agrees(d *omni.DBT) bool {
	server := m.read(d)
	for _, pair := range [][2]attr.Value{
		{m.SSHURL, server.SSHURL},
		{m.Branch, server.Branch},
		{m.AutogenRelationships, server.AutogenRelationships},
		{m.EnableVirtualSchemas, server.EnableVirtualSchemas},
		{m.EnableSemanticLayer, server.EnableSemanticLayer},
		{m.DBTVersion, server.DBTVersion},
		{m.ProjectRootPath, server.ProjectRootPath},
		{m.AuthMethod, server.AuthMethod},
		{m.GitHubAppInstallationID, server.GitHubAppInstallationID},
		{m.CommitterEmail, server.CommitterEmail},
		{m.CommitterName, server.CommitterName},
	} {
		if !pair[0].IsUnknown() && !pair[0].Equal(pair[1]) {
			return false
		}
	}
	return true
}

// newer are the attributes that a server before August 2026 does not return.
func (m *model) newer() map[string]*types.String {
	return map[string]*types.String{
		"auth_method":                    &m.AuthMethod,
		"github_app_installation_id":     &m.GitHubAppInstallationID,
		"commit_signing_committer_email": &m.CommitterEmail,
		"commit_signing_committer_name":  &m.CommitterName,
	}
}

// absentAttributes are the names of the attributes that the server did not return.
func absentAttributes(d *omni.DBT) []string {
	var names []string
	for name, value := range map[string]nullable.Value[string]{
		"auth_method":                    d.AuthMethod,
		"github_app_installation_id":     d.GitHubAppInstallationID,
		"commit_signing_committer_email": d.CommitterEmail,
		"commit_signing_committer_name":  d.CommitterName,
	} {
		if value.IsZero() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// adopts returns those unread attributes that the plan gives a value for the
// first time since the import.
func (m model) adopts(prior model, unread []string) []string {
	planned, before := m.newer(), prior.newer()
	return slices.DeleteFunc(slices.Clone(unread), func(name string) bool {
		return planned[name] == nil || !framework.IsSet(*planned[name]) || !before[name].IsNull()
	})
}

// adopt takes the planned values of attributes as those that the server has.
func (m model) adopt(plan model, names []string) model {
	planned, own := plan.newer(), m.newer()
	for _, name := range names {
		*own[name] = *planned[name]
	}
	return m
}

// explain words a write that an older server refused because of what it does not
// know.
func explain(err error) error {
	keys := omni.UnrecognizedKeys(err)
	if len(keys) == 0 {
		return err
	}
	names := map[string]string{
		"authMethod": "auth_method", "githubAppInstallationId": "github_app_installation_id",
		"commitSigningCommitterEmail": "commit_signing_committer_email", "commitSigningCommitterName": "commit_signing_committer_name",
		"token": "token and token_wo", "enableSemanticLayer": "enable_semantic_layer", "dbtVersion": "dbt_version", "projectRootPath": "project_root_path",
	}
	for i, key := range keys {
		if name, ok := names[key]; ok {
			keys[i] = name
		}
	}
	return fmt.Errorf("%s. This Omni server is too old for %s: it reaches dbt repositories by SSH only. Nothing was changed. Remove what it does not know from the configuration, or have Omni update the server", err.Error(), strings.Join(keys, ", "))
}
