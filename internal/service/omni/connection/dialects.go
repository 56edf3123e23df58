// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"maps"
	"slices"
	"strings"
)

// The dialects of Omni's API and what each needs, as its reference documents
// them. The server's set is open: an unknown dialect only warns, and none of
// these rules is applied to it.
const (
	athena             = "athena"
	bigquery           = "bigquery"
	clickhouse         = "clickhouse"
	databricks         = "databricks"
	databricksLakebase = "databricks_lakebase"
	exasol             = "exasol"
	fabric             = "fabric"
	mariadb            = "mariadb"
	motherduck         = "motherduck"
	mssql              = "mssql"
	mysql              = "mysql"
	oracle             = "oracle"
	postgres           = "postgres"
	redshift           = "redshift"
	sapHana            = "sap_hana"
	snowflake          = "snowflake"
	starrocks          = "starrocks"
	trino              = "trino"
)

// requiredByDialect lists the attributes that a dialect cannot do without,
// whatever the authentication. Where the reference only implies them, only the
// host is listed. Nothing is said of fabric, which no reference describes yet.
var requiredByDialect = map[string][]string{
	athena:             {"region", "database"},
	bigquery:           {"region"},
	clickhouse:         {"host", "port", "username"},
	databricks:         {"host", "warehouse"},
	databricksLakebase: {"host"},
	exasol:             {"host"},
	fabric:             {},
	mariadb:            {"host", "port", "database", "username"},
	motherduck:         {},
	mssql:              {"host", "port", "database", "username", "default_schema"},
	mysql:              {"host", "port", "database", "username"},
	oracle:             {"host", "port", "database", "username", "accepts_license"},
	postgres:           {"host", "port", "database", "username"},
	redshift:           {"host", "port", "database", "username"},
	sapHana:            {"host"},
	snowflake:          {"database"},
	starrocks:          {"host", "port", "username"},
	trino:              {"host"},
}

// onlyForDialects lists, for the attributes that not every dialect uses, those
// that do.
var onlyForDialects = map[string][]string{
	"accepts_license":                      {oracle},
	"authentication_type":                  {athena, bigquery, databricks, mssql, snowflake},
	"aws_role_arn":                         {athena},
	"enable_db_semantic_layer_integration": {databricks, snowflake},
	"enable_db_semantic_layer_topics":      {databricks, snowflake},
	"external_oauth_audience":              {snowflake},
	"external_oauth_authorization_url":     {snowflake},
	"external_oauth_token_url":             {snowflake},
	"host":                                 except(bigquery, motherduck),
	"host_override":                        {snowflake},
	"include_other_catalogs":               {athena, bigquery, databricks, motherduck, snowflake, trino},
	"max_billing_bytes":                    {bigquery},
	"oauth_client_id":                      {bigquery, databricks, snowflake},
	"oauth_client_secret":                  {bigquery, databricks, snowflake},
	"oauth_client_secret_wo":               {bigquery, databricks, snowflake},
	"port":                                 except(athena, bigquery, databricks, motherduck, snowflake),
	"private_key":                          {snowflake},
	"private_key_wo":                       {snowflake},
	"region":                               {athena, bigquery},
	"trust_server_certificate":             {clickhouse, exasol, mssql, sapHana, trino},
	"use_machine_auth":                     {athena, databricks},
	"use_read_scaling":                     {motherduck},
	"use_session_hint":                     {motherduck},
	"username":                             except(motherduck),
	"warehouse":                            {databricks, snowflake},
	"wif_audience":                         {bigquery},
	"wif_service_account_email":            {bigquery},
}

func knownDialects() []string { return slices.Sorted(maps.Keys(requiredByDialect)) }

func except(dialects ...string) []string {
	return slices.DeleteFunc(knownDialects(), func(d string) bool { return slices.Contains(dialects, d) || d == fabric })
}

// authenticationTypes maps the known authentication types to their dialects.
var authenticationTypes = map[string]string{
	"aws-access-key":                           athena,
	"aws-cross-account-role":                   athena,
	"bigquery-byo-oauth-user":                  bigquery,
	"bigquery-oauth-user":                      bigquery,
	"bigquery-service-account":                 bigquery,
	"bigquery-workload-identity-federation":    bigquery,
	"databricks-oauth-m2m":                     databricks,
	"databricks-oauth-user":                    databricks,
	"databricks-personal-access-token":         databricks,
	"mssql-active-directory-password":          mssql,
	"mssql-active-directory-service-principal": mssql,
	"mssql-sql-authentication":                 mssql,
	"snowflake-external-oauth-user":            snowflake,
	"snowflake-keypair":                        snowflake,
	"snowflake-oauth-user":                     snowflake,
	"snowflake-password":                       snowflake,
}

// authenticationTypesOf returns those of a dialect, sorted.
func authenticationTypesOf(dialect string) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(authenticationTypes)), func(kind string) bool { return authenticationTypes[kind] != dialect })
}

// usesOAuth reports the authentication types in which each user signs in, so
// that the connection itself holds no password.
func usesOAuth(authenticationType string) bool {
	return strings.Contains(authenticationType, "oauth")
}
