// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectiondbt

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

// model is the resource's plan and state.
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

// Tests check that these cover the fields of the types.
var (
	changeable = framework.Pairs[model, omni.DBTSettings]()
	readable   = framework.Pairs[model, omni.DBT]()
	// newerPairs are of what a server before August 2026 does not return.
	newerPairs = slices.DeleteFunc(slices.Clone(changeable), func(pair framework.Pair) bool {
		return !slices.Contains([]string{"auth_method", "github_app_installation_id", "commit_signing_committer_email", "commit_signing_committer_name"}, pair.Name)
	})
)

// settings are what a write sends: all that the server would set to a default
// otherwise, and of the rest what differs from the prior model.
func (m model) settings(prior model) omni.DBTSettings {
	settings := base.Changes[model, omni.DBTSettings](changeable, m, model{})
	if !framework.IsSet(m.ProjectRootPath) {
		settings.ProjectRootPath = nullable.Null[string]()
	}
	changed := base.Changes[model, omni.DBTSettings](changeable, m, prior)
	settings.AuthMethod = changed.AuthMethod
	// The id that is kept is that of the repository before.
	if !m.connects(prior) || m.AuthMethod.ValueString() != omni.DBTAuthGitHubApp {
		settings.GitHubAppInstallationID = changed.GitHubAppInstallationID
	}
	if changed.CommitterEmail.IsZero() && changed.CommitterName.IsZero() { // else both: the server takes the two together only
		settings.CommitterEmail, settings.CommitterName = changed.CommitterEmail, changed.CommitterName
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
	m = base.Read(readable, d, m)
	if m.ProjectRootPath.ValueString() == "" { // both are the root of the repository
		m.ProjectRootPath = types.StringNull()
	}
	m.SupportsDBT = types.BoolValue(true)
	return m
}

// agrees reports whether the server has all that the plan knows; of the token
// nobody can tell.
func (m model) agrees(d *omni.DBT) bool {
	server := framework.Attributes(m.read(d))
	for name, planned := range framework.Attributes(m) {
		if !planned.IsUnknown() && !planned.Equal(server[name]) {
			return false
		}
	}
	return true
}

// newer are the attributes that a server before August 2026 does not return.
func (m *model) newer() map[string]*types.String {
	attributes := map[string]*types.String{}
	for _, pair := range newerPairs {
		if text, ok := pair.Attribute(m).(*types.String); ok {
			attributes[pair.Name] = text
		}
	}
	return attributes
}

// absentAttributes are the names of the attributes that the server did not return.
func absentAttributes(d *omni.DBT) []string {
	var names []string
	for _, pair := range newerPairs {
		if text, ok := pair.Field(&d.DBTSettings).(*nullable.Value[string]); ok && text.IsZero() {
			names = append(names, pair.Name)
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
	names := framework.AttributeNames(keys)
	if at := slices.Index(names, token.Name); at >= 0 {
		names[at] = token.Name + " and " + token.Name + "_wo"
	}
	return fmt.Errorf("%s. This Omni server is too old for %s: it reaches dbt repositories by SSH only. Nothing was changed. Remove what it does not know from the configuration, or have Omni update the server", err.Error(), strings.Join(names, ", "))
}
