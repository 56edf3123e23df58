// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

// isEmpty reports null and "", which clears a setting: neither satisfies a
// requirement.
func isEmpty(v attr.Value) bool {
	if s, ok := v.(types.String); ok && !s.IsUnknown() {
		return s.ValueString() == ""
	}
	return v.IsNull()
}

// isUnused reports a value that uses no setting: an empty one, or false, which
// the server returns for every dialect and a generated configuration repeats. One
// that is unknown may turn out so.
func isUnused(v attr.Value) bool {
	switch v := v.(type) {
	case types.Bool:
		return !v.ValueBool()
	case types.Set:
		return len(v.Elements()) == 0
	default:
		return v.IsUnknown() || isEmpty(v)
	}
}

// checkDialect checks the configuration against what its dialect requires and
// uses. It never judges an unknown value or an unknown dialect.
func checkDialect(config model) diag.Diagnostics {
	var diags diag.Diagnostics
	if !framework.IsSet(config.Dialect) {
		return diags
	}
	dialect := config.Dialect.ValueString()
	configured := framework.Attributes(config)
	for _, name := range append(slices.Clone(requiredByDialect[dialect]), requiredBySignIn(config)...) {
		if isEmpty(configured[name]) {
			diags.AddAttributeError(path.Root(name), fmt.Sprintf("Missing %s", name), fmt.Sprintf("%s connection needs %s.", framework.UpperFirst(framework.WithArticle(dialect)), name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(onlyForDialects)) {
		if !isUnused(configured[name]) && !dialectUses(dialect, name) {
			diags.AddAttributeError(path.Root(name), fmt.Sprintf("%s connection does not use %s", framework.UpperFirst(framework.WithArticle(dialect)), name),
				fmt.Sprintf("Remove %s: Omni uses it only for %s.", name, strings.Join(onlyForDialects[name], ", ")))
		}
	}
	diags.Append(checkSnowflakeHost(config, dialect)...)
	diags.Append(checkAuthenticationType(config, dialect)...)
	if dialect == oracle && framework.IsSet(config.AcceptsLicense) && !config.AcceptsLicense.ValueBool() {
		diags.AddAttributeError(path.Root("accepts_license"), "The Oracle license is not accepted", "Omni creates an oracle connection only if accepts_license is true.")
	}
	if dialect == snowflake && framework.IsSet(config.DefaultSchema) && config.DefaultSchema.ValueString() != "" {
		diags.AddAttributeWarning(path.Root("default_schema"), "Snowflake does not return default_schema",
			"Omni accepts default_schema for Snowflake but does not return it. The configured value is kept in the state; a change made elsewhere is not seen.")
	}
	return diags
}

// requiredBySignIn lists what the kind of authentication requires beyond the
// dialect. An unknown authentication type requires nothing here.
func requiredBySignIn(config model) []string {
	if config.AuthenticationType.IsUnknown() {
		return nil
	}
	signIn := config.AuthenticationType.ValueString()
	if config.Dialect.ValueString() == snowflake && !usesOAuth(signIn) {
		return []string{"username", "warehouse"}
	}
	return nil
}

func checkSnowflakeHost(config model, dialect string) diag.Diagnostics {
	var diags diag.Diagnostics
	if dialect != snowflake {
		return diags
	}
	switch {
	case isEmpty(config.Host) && isEmpty(config.HostOverride):
		diags.AddAttributeError(path.Root("host"), "Missing host", "A snowflake connection needs host (the account identifier) or host_override.")
	case !isEmpty(config.Host) && !isEmpty(config.HostOverride) && !config.Host.IsUnknown() && !config.HostOverride.IsUnknown():
		diags.AddAttributeError(path.Root("host_override"), "Both host and host_override", "A snowflake connection takes host (the account identifier) or host_override, not both. Remove one; set it to \"\" to clear it on the server.")
	}
	if framework.CheckHostName(config.Host.ValueString()) == nil && strings.HasSuffix(strings.ToLower(config.Host.ValueString()), ".snowflakecomputing.com") {
		diags.AddAttributeError(path.Root("host"), "Invalid host", "This is the Snowflake account identifier only: remove .snowflakecomputing.com, or use host_override for the full name.")
	}
	return diags
}

// signInType is a validator of the authentication type that judges nothing where the
// dialect has none: then it is an error to set one, which is enough.
type signInType struct{ validator.String }

// ValidateString implements validator.String.
func (v signInType) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	var dialect types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("dialect"), &dialect)...)
	if dialectUses(dialect.ValueString(), "authentication_type") {
		v.String.ValidateString(ctx, req, resp)
	}
}

func checkAuthenticationType(config model, dialect string) diag.Diagnostics {
	var diags diag.Diagnostics
	belongsTo, known := authenticationTypes[config.AuthenticationType.ValueString()]
	if known && belongsTo != dialect && slices.Contains(onlyForDialects["authentication_type"], dialect) {
		diags.AddAttributeError(path.Root("authentication_type"), "Authentication type of another dialect",
			fmt.Sprintf("%s belongs to %s connections; this one is %s. Use one of %s.", config.AuthenticationType.ValueString(), belongsTo, dialect, strings.Join(authenticationTypesOf(dialect), ", ")))
	}
	return diags
}

// checkServiceAccount requires a BigQuery password to be a service account's
// key file, unless the authentication is of another kind.
func checkServiceAccount(config model) diag.Diagnostics {
	var diags diag.Diagnostics
	signIn := config.AuthenticationType // one that is not known yet may be of any kind
	if config.Dialect.ValueString() != bigquery || !signIn.IsNull() && signIn.ValueString() != "bigquery-service-account" {
		return diags
	}
	for name, value := range map[string]types.String{"password": config.Password, "password_wo": config.PasswordWO} {
		if err := base.CheckServiceAccountJSON(value.ValueString()); err != nil && framework.IsSet(value) {
			diags.AddAttributeError(path.Root(name), "Not a service account's key file", sentence(err))
		}
	}
	return diags
}

// checkPrivateKey judges the key where the dialect uses one: elsewhere all that is
// wrong with it is that it is there. An empty one has its own error.
func checkPrivateKey(config model) diag.Diagnostics {
	var diags diag.Diagnostics
	for name, value := range map[string]types.String{"private_key": config.PrivateKey, "private_key_wo": config.PrivateKeyWO} {
		if value.ValueString() == "" || framework.IsSet(config.Dialect) && !dialectUses(config.Dialect.ValueString(), name) {
			continue
		}
		if err := base.CheckPrivateKey(value.ValueString()); err != nil {
			diags.AddAttributeError(path.Root(name), "Invalid value of "+name, err.Error())
		}
	}
	return diags
}

// checkCredentials requires, when a connection is created, the credentials that
// its authentication needs. Later the server has them.
func checkCredentials(config model) diag.Diagnostics {
	var diags diag.Diagnostics
	if !framework.IsSet(config.Dialect) || config.AuthenticationType.IsUnknown() {
		return diags
	}
	dialect, signIn := config.Dialect.ValueString(), config.AuthenticationType.ValueString()
	hasKey := !config.PrivateKey.IsNull() || !config.PrivateKeyWO.IsNull()
	if dialect == bigquery && signIn == "bigquery-workload-identity-federation" && isEmpty(config.WIFAudience) {
		diags.AddAttributeError(path.Root("wif_audience"), "Missing wif_audience", "A new bigquery connection with workload identity federation needs wif_audience.")
		return diags
	}
	if signIn == "snowflake-keypair" && !hasKey {
		diags.AddAttributeError(path.Root("private_key"), "Missing private key", "A snowflake connection with key pair authentication needs private_key or private_key_wo; "+framework.UnsetVariable+".")
		return diags
	}
	if _, known := requiredByDialect[dialect]; !known || dialect == fabric || usesOAuth(signIn) {
		return diags
	}
	machine := config.UseMachineAuth.IsUnknown() || config.UseMachineAuth.ValueBool()
	switch dialect {
	case snowflake:
		if hasKey {
			return diags
		}
	case bigquery:
		if signIn == "bigquery-workload-identity-federation" {
			return diags
		}
	case databricks:
		if machine {
			return diags
		}
	case athena:
		if machine || signIn == "aws-cross-account-role" || !config.AWSRoleARN.IsNull() {
			return diags
		}
	}
	if config.Password.IsNull() && config.PasswordWO.IsNull() {
		diags.AddAttributeError(path.Root("password"), "Missing password", fmt.Sprintf("A new %s connection needs password or, better, password_wo; %s.", dialect, framework.UnsetVariable))
	}
	return diags
}

func sentence(err error) string { return framework.UpperFirst(err.Error()) + "." }
