// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// requiredSettings returns what a dialect needs, according to Omni's setup
// pages and its API reference. Dialects for which that is a guess only
// (databricks_lakebase, exasol, fabric, sap_hana, trino) need nothing here.
func requiredSettings(dialect string, settings map[string]any) []string {
	oauth := usesOAuth(settings)
	switch dialect {
	case "athena":
		return []string{"region", "database"}
	case "bigquery":
		if settings["authenticationType"] == "bigquery-workload-identity-federation" {
			return []string{"region", "wifAudience"}
		}
		return []string{"region"}
	case "databricks":
		return []string{"host", "warehouse"}
	case "clickhouse":
		return []string{"host", "port", "username"}
	case "starrocks": // 9030 is its documented default port
		return []string{"host", "username"}
	case "mysql", "mariadb", "postgres", "redshift", "oracle":
		return []string{"host", "port", "database", "username"}
	case "mssql":
		return []string{"host", "port", "database", "username", "defaultSchema"}
	case "snowflake":
		needs := []string{"host", "database"}
		if settings["hostOverride"] != nil {
			needs = []string{"hostOverride", "database"}
		}
		if !oauth {
			needs = append(needs, "username", "warehouse")
		}
		return needs
	}
	return nil
}

// usesOAuth reports an authentication type that brings the users' or the
// client's own tokens in place of a password.
func usesOAuth(settings map[string]any) bool {
	kind, _ := settings["authenticationType"].(string)
	return slices.Contains([]string{
		"snowflake-oauth-user", "snowflake-external-oauth-user",
		"databricks-oauth-m2m", "databricks-oauth-user",
	}, kind)
}

// needsPassword: every schema requires passwordUnencrypted, and the texts
// exempt some ways to authenticate. Choice: those and no others.
func needsPassword(dialect string, settings map[string]any, secrets map[string]string) bool {
	switch dialect {
	case "snowflake":
		return secrets["privateKey"] == "" && !usesOAuth(settings)
	case "databricks":
		return !usesOAuth(settings)
	case "bigquery":
		return settings["authenticationType"] != "bigquery-workload-identity-federation"
	case "athena":
		return settings["authenticationType"] != "aws-cross-account-role" && settings["awsRoleArn"] == nil
	}
	return true
}

// checkNew checks the settings of a new connection against its dialect.
func checkNew(dialect string, settings map[string]any, secrets map[string]string) error {
	for _, name := range requiredSettings(dialect, settings) {
		if settings[name] == nil {
			return required(name)
		}
	}
	if dialect == "oracle" && settings["acceptsLicense"] != true {
		return required("acceptsLicense")
	}
	if secrets["passwordUnencrypted"] == "" && needsPassword(dialect, settings, secrets) {
		return required("passwordUnencrypted")
	}
	if _, ok := secrets["privateKey"]; ok && dialect != "snowflake" {
		return keyNotSnowflake()
	}
	if err := checkPassword(dialect, secrets); err != nil {
		return err
	}
	return checkHost(dialect, settings)
}

// checkHost: a Snowflake host is the account identifier alone, and excludes
// hostOverride.
func checkHost(dialect string, settings map[string]any) error {
	host, _ := settings["host"].(string)
	if dialect == "snowflake" && strings.Contains(strings.ToLower(host), "snowflakecomputing.com") {
		return invalid("host", "Please only include your Snowflake account identifier")
	}
	if host != "" && settings["hostOverride"] != nil {
		return invalid("hostOverride", "host and hostOverride are mutually exclusive")
	}
	return nil
}

// checkPassword: BigQuery's password is the text of a service account's key
// file.
func checkPassword(dialect string, secrets map[string]string) error {
	password := secrets["passwordUnencrypted"]
	if dialect != "bigquery" || password == "" {
		return nil
	}
	if key := parseServiceAccount(password); key.Type != "service_account" {
		return invalid("passwordUnencrypted", "must be a service account key in JSON")
	}
	return nil
}

type serviceAccount struct {
	Type        string `json:"type"`
	ProjectID   string `json:"project_id"`
	ClientEmail string `json:"client_email"`
}

func parseServiceAccount(password string) serviceAccount {
	var key serviceAccount
	_ = json.Unmarshal([]byte(password), &key) // the zero value is no service account
	return key
}

// fillDefaults sets what the client left out, as far as it is documented.
func fillDefaults(settings map[string]any, secrets map[string]string) {
	dialect := settings["dialect"].(string)
	fill := func(name string, value any) {
		if settings[name] == nil {
			settings[name] = value
		}
	}
	for _, f := range connectionFields() {
		if f.read {
			fill(f.name, nil)
		}
	}
	fill("queryTimeoutSeconds", 900)
	fill("systemTimezone", "UTC")
	fill("queryTimezone", "NONE")
	fill("alwaysScopeViewNames", slices.Contains(
		[]string{"athena", "bigquery", "databricks", "motherduck", "snowflake", "trino"}, dialect))
	fill("inferRelationshipsFromColumnNames", true)
	for _, name := range []string{
		"inferRelationshipsFromForeignKeys", "allowsUserSpecificTimezones", "trustServerCertificate",
		"acceptsLicense", "enableDbSemanticLayerIntegration", "enableDbSemanticLayerTopics",
		"allowBranchConnectionEnvironments", "branchConnectionEnvironmentOverridesUserAttr",
		"environmentConnectionSwitchesSchemaModel",
	} {
		fill(name, false)
	}
	// Choice: these defaults are not documented, only that there are some. A
	// client must take whatever comes.
	fill("baseRole", "NO_ACCESS")
	fill("authenticationType", defaultAuthentication(dialect, secrets))
	if dialect == "starrocks" {
		fill("port", 9030)
	}
	if dialect == "bigquery" {
		key := parseServiceAccount(secrets["passwordUnencrypted"])
		if key.ProjectID != "" {
			fill("database", key.ProjectID)
		}
		if key.ClientEmail != "" {
			fill("username", key.ClientEmail)
		}
	}
}

func defaultAuthentication(dialect string, secrets map[string]string) any {
	switch dialect {
	case "athena":
		return "aws-access-key"
	case "bigquery":
		return "bigquery-service-account"
	case "databricks":
		return "databricks-personal-access-token"
	case "mssql":
		return "mssql-sql-authentication"
	case "snowflake":
		if secrets["privateKey"] != "" {
			return "snowflake-keypair"
		}
		return "snowflake-password"
	}
	return nil
}

func keyNotSnowflake() *refusal {
	return refuse(http.StatusBadRequest, "Bad Request: privateKey: only Snowflake connections take a private key")
}
