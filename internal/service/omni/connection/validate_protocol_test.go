// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"maps"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	entity "github.com/dataconn/terraform-provider-dataconn/internal/service/omni/connection"
)

// set is what a configuration of a dialect has besides the least, or instead of it.
type set = map[string]any

// planner returns what plans the least of a dialect, changed, without a server.
func planner(t *testing.T) func(dialect string, changes set) protocol.Diagnostics {
	t.Helper()
	r := protocol.New(t, protocol.Options()).Resource(connectionType)
	return func(dialect string, changes set) protocol.Diagnostics {
		t.Helper()
		return r.Plan(protocol.With(leastOf(dialect), changes)).Diagnostics
	}
}

// What cannot work is refused by the plan, with one error, on the attribute that is
// wrong.
func TestProtocolInvalidConfiguration(t *testing.T) {
	t.Parallel()
	plan := planner(t)
	const wif = "bigquery-workload-identity-federation"
	encrypted := "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIE\n-----END ENCRYPTED PRIVATE KEY-----\n"
	for name, c := range map[string]struct {
		dialect   string
		changes   set
		attribute string
		message   string
	}{
		"empty name":             {"postgres", set{"name": ""}, "name", "is empty"},
		"empty database":         {"bigquery", set{"database": ""}, "database", "is empty"},
		"no host":                {"postgres", set{"host": nil}, "host", "A postgres connection needs host"},
		"an empty host":          {"exasol", set{"host": ""}, "host", "An exasol connection needs host"},
		"no region":              {"athena", set{"region": nil}, "region", "An athena connection needs region"},
		"no user name":           {"snowflake", set{"username": nil}, "username", "A snowflake connection needs username"},
		"no warehouse":           {"snowflake", set{"warehouse": ""}, "warehouse", "A snowflake connection needs warehouse"},
		"no port":                {"clickhouse", set{"port": nil}, "port", "A clickhouse connection needs port"},
		"licence not accepted":   {"oracle", set{"accepts_license": false}, "accepts_license", "only if accepts_license is true"},
		"no password":            {"postgres", set{"password": nil}, "password", "A new postgres connection needs password or, better, password_wo"},
		"no key file":            {"bigquery", set{"password": nil}, "password", "A new bigquery connection needs password"},
		"no snowflake password":  {"snowflake", set{"password": nil}, "password", "A new snowflake connection needs password"},
		"no databricks token":    {"databricks", set{"password": nil, "use_machine_auth": false}, "password", "A new databricks connection needs password"},
		"no athena key":          {"athena", set{"password": nil}, "password", "A new athena connection needs password"},
		"key pair without key":   {"snowflake", set{"authentication_type": "snowflake-keypair"}, "private_key", "needs private_key or private_key_wo; if it comes from a variable, check that its TF_VAR_ environment variable is set."},
		"no audience":            {"bigquery", set{"authentication_type": wif, "password": nil}, "wif_audience", "needs wif_audience"},
		"an empty audience":      {"bigquery", set{"authentication_type": wif, "password": nil, "wif_audience": ""}, "wif_audience", "needs wif_audience"},
		"no snowflake host":      {"snowflake", set{"host": nil}, "host", "needs host (the account identifier) or host_override"},
		"empty snowflake hosts":  {"snowflake", set{"host": "", "host_override": ""}, "host", "needs host (the account identifier) or host_override"},
		"snowflake URL":          {"snowflake", set{"host": "https://acme.snowflakecomputing.com"}, "host", "a host has no scheme"},
		"part of a port":         {"postgres", set{"port": 5432.5}, "port", "whole number"},
		"two snowflake hosts":    {"snowflake", set{"host_override": "acme.example.com"}, "host_override", "not both"},
		"full snowflake host":    {"snowflake", set{"host": "acme.SnowflakeComputing.com"}, "host", "account identifier only"},
		"password not JSON":      {"bigquery", set{"password": "hunter2"}, "password", "service account's JSON key file"},
		"nor with its type":      {"bigquery", set{"password": "hunter2", "authentication_type": "bigquery-service-account"}, "password", "service account's JSON key file"},
		"password not a key":     {"bigquery", set{"password_wo": `{"type":"user"}`, "password": nil}, "password_wo", "ot a service account's key file"},
		"private key not PEM":    {"snowflake", set{"private_key": "MIIE"}, "private_key", "not PEM"},
		"private key encrypted":  {"snowflake", set{"private_key_wo": encrypted}, "private_key_wo", "encrypted"},
		"empty private key":      {"snowflake", set{"private_key": ""}, "private_key", "the value is empty"},
		"private key elsewhere":  {"postgres", set{"private_key": "x"}, "private_key", "A postgres connection does not use private_key"},
		"comma in an element":    {"postgres", set{"include_schemas": []string{"a,b"}}, `include_schemas."a,b"`, "cannot contain a comma"},
		"spaces round elements":  {"postgres", set{"offloaded_schemas": []string{" a"}}, `offloaded_schemas." a"`, "lose its leading or trailing spaces"},
		"timeout zero":           {"postgres", set{"query_timeout_seconds": 0}, "query_timeout_seconds", "between 1 and 3600"},
		"timeout over the limit": {"postgres", set{"query_timeout_seconds": 3601}, "query_timeout_seconds", "between 1 and 3600"},
		"bytes below zero":       {"bigquery", set{"max_billing_bytes": -1}, "max_billing_bytes", "at least 0"},
		"port zero":              {"postgres", set{"port": 0}, "port", "between 1 and 65535"},
		"port too high":          {"postgres", set{"port": 65536}, "port", "between 1 and 65535"},
		"host with scheme":       {"postgres", set{"host": "https://db.example.com"}, "host", "a host has no scheme"},
		"host with path":         {"postgres", set{"host": "db.example.com/analytics"}, "host", "a host has no path"},
		"override with scheme":   {"snowflake", set{"host": nil, "host_override": "https://acme.example.com"}, "host_override", "a host has no scheme"},
		"URL without TLS":        {"snowflake", set{"external_oauth_token_url": "http://a.example.com"}, "external_oauth_token_url", "https://"},
		"the other URL":          {"snowflake", set{"external_oauth_authorization_url": "http://a.example.com"}, "external_oauth_authorization_url", "https://"},
		"attribute not used":     {"postgres", set{"warehouse": "WH"}, "warehouse", "A postgres connection does not use warehouse"},
		"port not used":          {"snowflake", set{"port": 443}, "port", "does not use port"},
		"another's sign-in":      {"snowflake", set{"authentication_type": "mssql-sql-authentication"}, "authentication_type", "belongs to mssql connections"},
		"a sign-in not used":     {"postgres", set{"authentication_type": "mssql-sql-authentication"}, "authentication_type", "A postgres connection does not use authentication_type"},
		"nor a misspelt one":     {"postgres", set{"authentication_type": "mssql_sql_authentication"}, "authentication_type", "A postgres connection does not use authentication_type"},
		"two passwords":          {"postgres", set{"password_wo": "p"}, "password", "password_wo"},
		"version without value":  {"postgres", set{"password_wo_version": 1}, "password_wo_version", "password_wo"},
		"empty password":         {"postgres", set{"password": ""}, "password", "the value is empty"},
	} {
		diags := plan(c.dialect, c.changes)
		if len(diags.Errors()) != 1 {
			t.Errorf("%s: %d errors:\n%s", name, len(diags.Errors()), diags)
			continue
		}
		diags.RequireError(t, "at "+c.attribute+":", c.message)
	}
}

// What works is not refused: each kind of authentication without what it does not
// need, the limits, and what turns out at apply only.
func TestProtocolValidConfiguration(t *testing.T) {
	t.Parallel()
	plan := planner(t)
	const wif = "bigquery-workload-identity-federation"
	without := func(changes set) set {
		maps.Copy(changes, set{"password": nil})
		return changes
	}
	for name, c := range map[string]struct {
		dialect string
		changes set
	}{
		"fabric without password":        {"fabric", without(set{})},
		"an unknown dialect":             {"exasol", without(set{"dialect": "tomorrow", "port": 1, "warehouse": "w"})},
		"a dialect known later":          {"exasol", without(set{"dialect": protocol.Unknown, "host": nil, "warehouse": "w"})},
		"a sign-in known later":          {"snowflake", without(set{"authentication_type": protocol.Unknown, "username": nil, "warehouse": nil})},
		"a key file known later":         {"bigquery", set{"authentication_type": protocol.Unknown, "password": "hunter2"}},
		"a password known later":         {"bigquery", set{"password": protocol.Unknown}},
		"a region known later":           {"athena", set{"region": protocol.Unknown}},
		"unused values known later":      {"postgres", set{"warehouse": protocol.Unknown, "include_other_catalogs": protocol.Unknown, "use_machine_auth": protocol.Unknown, "max_billing_bytes": protocol.Unknown}},
		"snowflake, key pair":            {"snowflake", without(set{"authentication_type": "snowflake-keypair", "private_key": somePrivateKey()})},
		"snowflake, write-only key pair": {"snowflake", without(set{"authentication_type": "snowflake-keypair", "private_key_wo": somePrivateKey()})},
		"snowflake, a key alone":         {"snowflake", without(set{"private_key_wo": somePrivateKey()})},
		"snowflake, OAuth":               {"snowflake", without(set{"authentication_type": "snowflake-oauth-user", "username": nil, "warehouse": nil})},
		"snowflake, full name":           {"snowflake", set{"host": nil, "host_override": "acme.snowflakecomputing.com"}},
		"snowflake, one host cleared":    {"snowflake", set{"host_override": ""}},
		"snowflake, hosts known later":   {"snowflake", set{"host": protocol.Unknown, "host_override": protocol.Unknown}},
		"snowflake, host known later":    {"snowflake", set{"host": protocol.Unknown, "host_override": "a.example.com"}},
		"snowflake, override later":      {"snowflake", set{"host_override": protocol.Unknown}},
		"bigquery, federation":           {"bigquery", without(set{"authentication_type": wif, "wif_audience": "a"})},
		"bigquery, audience later":       {"bigquery", without(set{"authentication_type": wif, "wif_audience": protocol.Unknown})},
		"bigquery, OAuth":                {"bigquery", without(set{"authentication_type": "bigquery-oauth-user"})},
		"bigquery, another password":     {"bigquery", set{"authentication_type": "bigquery-oauth-user", "password": "hunter2"}},
		"databricks, as itself":          {"databricks", without(set{"use_machine_auth": true})},
		"databricks, maybe as itself":    {"databricks", without(set{"use_machine_auth": protocol.Unknown})},
		"athena, as itself":              {"athena", without(set{"use_machine_auth": true})},
		"athena, a role":                 {"athena", without(set{"aws_role_arn": "arn:aws:iam::1:role/a"})},
		"athena, another account's role": {"athena", without(set{"authentication_type": "aws-cross-account-role"})},
		"oracle, license later":          {"oracle", set{"accepts_license": protocol.Unknown}},
		"write-only password":            {"postgres", without(set{"password_wo": "p"})},
		"the highest numbers":            {"postgres", set{"port": 65535, "query_timeout_seconds": 3600}},
		"the lowest numbers":             {"postgres", set{"port": 1, "query_timeout_seconds": 1}},
		"nothing may be billed":          {"bigquery", set{"max_billing_bytes": 0}},
		"a sign-in of one letter":        {"snowflake", set{"authentication_type": "x"}},
		"unused, and empty":              {"postgres", set{"warehouse": "", "include_other_catalogs": []string{}, "use_machine_auth": false}},
	} {
		if diags := plan(c.dialect, c.changes); diags.HasError() {
			t.Errorf("%s:\n%s", name, diags)
		}
	}
}

// Each dialect needs each of what its table lists, and one that is missing is the
// only thing that is wrong.
func TestProtocolEachRequirement(t *testing.T) {
	t.Parallel()
	plan := planner(t)
	for dialect, required := range entity.RequiredByDialect {
		for _, attribute := range required {
			diags := plan(dialect, set{attribute: nil})
			if len(diags.Errors()) != 1 {
				t.Errorf("%s without %s: %s", dialect, attribute, diags)
				continue
			}
			diags.RequireError(t, "at "+attribute+":", "Missing "+attribute)
		}
	}
}

// Snowflake returns no default_schema, and the user is told; nobody is who does not
// set it, or clears it.
func TestProtocolSnowflakeDefaultSchema(t *testing.T) {
	t.Parallel()
	plan := planner(t)
	plan("snowflake", set{"default_schema": "s"}).RequireWarning(t, "at default_schema:", "Snowflake does not return default_schema")
	plan("snowflake", set{"default_schema": ""}).RequireNone(t)
	plan("postgres", set{"default_schema": "s"}).RequireNone(t)
}

// Of the two hosts of Snowflake the one that is configured displaces the other.
func TestProtocolSnowflakeHostsDisplaceEachOther(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	r := protocolProvider(t, s).Resource(connectionType)
	r.Apply(leastOf("snowflake")).RequireOK(t)
	byOverride := protocol.With(leastOf("snowflake"), set{"host": nil, "host_override": "acme.example.com"})
	for _, c := range []struct {
		config         set
		host, override any
	}{{byOverride, nil, "acme.example.com"}, {leastOf("snowflake"), "account", nil}} {
		plan := r.Plan(c.config)
		if plan.Value("host") != c.host || plan.Value("host_override") != c.override {
			t.Errorf("planned: host %v, host_override %v", plan.Value("host"), plan.Value("host_override"))
		}
		plan.Apply().RequireOK(t)
		if r.Get("host") != c.host || r.Get("host_override") != c.override {
			t.Errorf("host %v, host_override %v", r.Get("host"), r.Get("host_override"))
		}
		requireEmptyPlan(t, r, c.config)
	}
	// Nothing displaces anything where neither is configured, or both are cleared.
	neither := protocol.With(leastOf("snowflake"), set{"host": protocol.Unknown})
	if plan := r.Plan(neither); plan.Value("host") != protocol.Unknown {
		t.Errorf("host is planned as %v", plan.Value("host"))
	}
	// What is configured stays, whatever becomes of the other.
	both := protocol.With(leastOf("snowflake"), set{"host_override": protocol.Unknown})
	if plan := r.Plan(both); plan.Value("host") != "account" {
		t.Errorf("with an override that is not known yet, host is planned as %v", plan.Value("host"))
	}
}
