// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock_test

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

const unknownID = "550e8400-e29b-41d4-a716-446655440000"

// currentKeys is what the specification of August 2026 requires of a read.
var currentKeys = strings.Fields(`acceptsLicense allowBranchConnectionEnvironments allowsUserSpecificTimezones
	alwaysScopeViewNames authenticationType awsRoleArn baseRole branchConnectionEnvironmentOverridesUserAttr
	createdAt database defaultSchema deletedAt dialect enableDbSemanticLayerIntegration
	enableDbSemanticLayerTopics environmentConnectionSwitchesSchemaModel externalOauthAudience
	externalOauthAuthorizationUrl externalOauthTokenUrl host hostOverride id includeOtherCatalogs
	includeSchemas inferRelationshipsFromColumnNames inferRelationshipsFromForeignKeys maxBillingBytes name
	oauthClientId offloadedSchemas port queryTimeoutSeconds queryTimezone region scratchSchema systemTimezone
	trustServerCertificate updatedAt useMachineAuth useReadScaling useSessionHint
	userAttributeNameForConnectionEnvironments userAttributeValuesForDefaultEnvironment username warehouse`)

func TestCreateFillsDefaults(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	got := c.get(c.create(postgres("pg")))
	if !slices.Equal(keys(got), currentKeys) {
		t.Errorf("keys %v\nwant %v", keys(got), currentKeys)
	}
	for key, want := range map[string]any{
		"dialect": "postgres", "name": "pg", "host": "db.example.com", "port": 5432.0, "username": "omni",
		"queryTimeoutSeconds": 900.0, "systemTimezone": "UTC", "queryTimezone": "NONE",
		"alwaysScopeViewNames": false, "inferRelationshipsFromColumnNames": true,
		"inferRelationshipsFromForeignKeys": false, "allowsUserSpecificTimezones": false,
		"acceptsLicense": false, "useMachineAuth": nil, "includeSchemas": nil, "warehouse": nil,
		"deletedAt": nil, "userAttributeNameForConnectionEnvironments": nil,
	} {
		if got[key] != want {
			t.Errorf("%s = %v, want %v", key, got[key], want)
		}
	}
	if got["createdAt"] != got["updatedAt"] || !strings.HasSuffix(got["createdAt"].(string), "Z") {
		t.Errorf("created %v, updated %v", got["createdAt"], got["updatedAt"])
	}
}

func TestCreateEveryKey(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	id := c.create(with(snowflake(), object{
		"includeSchemas": "public, sales_*,", "includeOtherCatalogs": "A,B", "offloadedSchemas": []string{"x", "y"},
		"defaultSchema": "PUBLIC", "baseRole": "RESTRICTED_QUERIER", "queryTimeoutSeconds": 3600,
		"maxBillingBytes": "1000", "externalOauthTokenUrl": "https://idp.example/token", "oauthClientId": "client",
		"oauthClientSecretUnencrypted": "oauth-secret", "privateKey": "bare", "scratchSchema": "",
		"wifAudience": "//iam", "wifServiceAccountEmail": "a@b", "alwaysScopeViewNames": false, "port": 443.0,
	}))
	got := c.get(id)
	for key, want := range map[string]any{
		"includeSchemas": []any{"public", "sales_*"}, "includeOtherCatalogs": []any{"A", "B"},
		"offloadedSchemas": []any{"x", "y"}, "defaultSchema": nil, "baseRole": "RESTRICTED_QUERIER",
		"queryTimeoutSeconds": 3600.0, "maxBillingBytes": "1000", "scratchSchema": nil,
		"authenticationType": "snowflake-keypair", "alwaysScopeViewNames": false, "port": 443.0,
	} {
		if !reflect.DeepEqual(got[key], want) {
			t.Errorf("%s = %#v, want %#v", key, got[key], want)
		}
	}
	for _, key := range []string{"passwordUnencrypted", "privateKey", "oauthClientSecretUnencrypted", "wifAudience", "wifServiceAccountEmail"} {
		if _, ok := got[key]; ok {
			t.Errorf("%s is read back", key)
		}
	}
	for field, want := range map[string]string{
		"passwordUnencrypted": "sf-secret", "oauthClientSecretUnencrypted": "oauth-secret", "defaultSchema": "PUBLIC",
		"privateKey": "-----BEGIN PRIVATE KEY-----\nbare\n-----END PRIVATE KEY-----\n",
	} {
		if value, ok := c.Secret(id, field); !ok || value != want {
			t.Errorf("%s in the vault: %q", field, value)
		}
	}
	if !c.ReceivedSecret("bare") || c.ReceivedSecret("other") || c.ReceivedSecret("") {
		t.Error("ReceivedSecret is wrong")
	}
	keeps := newClient(t, omnimock.Options{SnowflakeKeepsDefaultSchema: true})
	if got := keeps.get(keeps.create(with(snowflake(), object{"defaultSchema": "S"}))); got["defaultSchema"] != "S" {
		t.Errorf("defaultSchema = %v", got["defaultSchema"])
	}
}

func TestCreateDialects(t *testing.T) {
	t.Parallel()
	hosted := func(changes object) object { return with(postgres("x"), changes) }
	bodies := map[string]object{
		"athena":              {"region": "us-east-1", "database": "awsdatacatalog", "passwordUnencrypted": "s"},
		"bigquery":            {"region": "us", "passwordUnencrypted": serviceAccount},
		"clickhouse":          hosted(nil),
		"databricks":          {"host": "h", "warehouse": "/sql/1", "passwordUnencrypted": "s"},
		"databricks_lakebase": {"passwordUnencrypted": "s"},
		"exasol":              {"passwordUnencrypted": "s"},
		"fabric":              {"passwordUnencrypted": "s"},
		"mariadb":             hosted(nil),
		"motherduck":          {"passwordUnencrypted": "s"},
		"mssql":               hosted(object{"defaultSchema": "dbo"}),
		"mysql":               hosted(nil),
		"oracle":              hosted(object{"acceptsLicense": true}),
		"postgres":            hosted(nil),
		"redshift":            hosted(nil),
		"sap_hana":            {"passwordUnencrypted": "s"},
		"snowflake":           snowflake(),
		"starrocks":           {"host": "h", "username": "u", "passwordUnencrypted": "s"},
		"trino":               {"passwordUnencrypted": "s"},
	}
	if len(bodies) != 18 {
		t.Fatalf("%d dialects", len(bodies))
	}
	required := map[string]string{
		"athena": "region database", "bigquery": "region", "clickhouse": "host port username", "databricks": "host warehouse",
		"mariadb": "host port database username", "mssql": "host port database username defaultSchema", "mysql": "host port database username",
		"oracle": "host port database username", "postgres": "host port database username", "redshift": "host port database username",
		"snowflake": "host database username warehouse", "starrocks": "host username",
	}
	methods := map[string]any{ // how it authenticates by default
		"athena": "aws-access-key", "bigquery": "bigquery-service-account", "databricks": "databricks-personal-access-token",
		"mssql": "mssql-sql-authentication", "snowflake": "snowflake-password",
	}
	withoutDBT := []string{"exasol", "mariadb", "sap_hana", "starrocks"}
	multiCatalog := []string{"athena", "bigquery", "databricks", "motherduck", "snowflake", "trino"}
	c := newClient(t, omnimock.Options{})
	narrow := newClient(t, omnimock.Options{Generation: omnimock.Narrow2026})
	guide := newClient(t, omnimock.Options{Generation: omnimock.Guide2025})
	for dialect, body := range bodies {
		body = with(body, object{"dialect": dialect, "name": dialect})
		id := c.create(body)
		if got := c.must("GET", "/connections/"+id+"/dbt", nil)["supportsDbt"]; got == slices.Contains(withoutDBT, dialect) {
			t.Errorf("%s: supportsDbt %v", dialect, got)
		}
		got := c.get(id)
		if want := methods[dialect]; got["authenticationType"] != want || got["baseRole"] != "NO_ACCESS" {
			t.Errorf("%s: authenticationType %v, baseRole %v", dialect, got["authenticationType"], got["baseRole"])
		}
		for _, key := range append(strings.Fields(required[dialect]), "passwordUnencrypted") {
			c.refused("POST", "/connections", with(body, object{key: nil}), 400, "Bad Request: "+key+": Required")
		}
		if want := slices.Contains(multiCatalog, dialect); got["alwaysScopeViewNames"] != want {
			t.Errorf("%s: alwaysScopeViewNames %v", dialect, got["alwaysScopeViewNames"])
		}
		if dialect == "fabric" {
			narrow.refused("POST", "/connections", body, 400, "Invalid connection dialect")
		} else {
			narrow.create(body)
		}
		if slices.Contains([]string{"fabric", "databricks_lakebase", "oracle", "sap_hana"}, dialect) {
			guide.refused("POST", "/connections", body, 400, "Invalid connection dialect")
		} else {
			guide.create(body)
		}
		c.refused("POST", "/connections", with(body, object{"passwordUnencrypted": nil}), 400, "Bad Request: passwordUnencrypted: Required")
		c.refused("POST", "/connections", with(body, object{"passwordUnencrypted": ""}), 400, "Bad Request: passwordUnencrypted: Required")
	}
	bigquery := c.list("?dialect=bigquery")[0]
	if bigquery["database"] != "proj" || bigquery["username"] != "a@proj.iam" {
		t.Errorf("bigquery: %v", bigquery)
	}
}

func TestCreateWithoutPassword(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	noPassword := func(body, changes object) object {
		return with(with(body, object{"passwordUnencrypted": nil}), changes)
	}
	const inPEM = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nk\n-----END ENCRYPTED PRIVATE KEY-----"
	for sent, want := range map[string]string{" k\n": "-----BEGIN PRIVATE KEY-----\nk\n-----END PRIVATE KEY-----\n", inPEM: inPEM} {
		id := c.create(noPassword(snowflake(), object{"privateKey": sent}))
		if got, _ := c.Secret(id, "privateKey"); got != want || c.get(id)["authenticationType"] != "snowflake-keypair" {
			t.Errorf("%q is kept as %q", sent, got)
		}
	}
	c.create(noPassword(snowflake(), object{"authenticationType": "snowflake-oauth-user", "warehouse": nil, "username": nil}))
	c.create(with(snowflake(), object{"authenticationType": "snowflake-external-oauth-user", "passwordUnencrypted": ""}))
	c.create(object{"dialect": "bigquery", "name": "b", "region": "us", "authenticationType": "bigquery-workload-identity-federation", "wifAudience": "a"})
	c.create(object{"dialect": "databricks", "name": "d", "host": "h", "warehouse": "w", "authenticationType": "databricks-oauth-m2m"})
	c.create(object{"dialect": "databricks", "name": "d", "host": "h", "warehouse": "w", "authenticationType": "databricks-oauth-user"})
	// A service account is one for BigQuery alone.
	if got := c.get(c.create(object{"dialect": "databricks", "name": "d", "host": "h", "warehouse": "w", "passwordUnencrypted": serviceAccount})); got["username"] != nil || got["database"] != nil {
		t.Errorf("%v", got)
	}
	c.create(object{"dialect": "athena", "name": "a", "region": "r", "database": "d", "authenticationType": "aws-cross-account-role"})
	c.create(object{"dialect": "athena", "name": "a", "region": "r", "database": "d", "awsRoleArn": "arn:aws:iam::1:role/r"})
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	const bad = "Bad Request: "
	tests := []struct {
		body   object
		detail string
	}{
		{with(postgres("x"), object{"schemas": "a"}), bad + "formErrors: Unrecognized key(s) in object: 'schemas'"},
		{with(postgres("x"), object{"environmentUserAttribute": object{}}), bad + "formErrors: Unrecognized key(s) in object: 'environmentUserAttribute'"},
		{with(postgres("x"), object{"dialect": nil}), bad + "dialect: Required"},
		{with(postgres("x"), object{"dialect": 1}), bad + "dialect: Expected string, received number"},
		{with(postgres("x"), object{"dialect": "duckdb"}), "Invalid connection dialect"},
		{with(postgres("x"), object{"dialect": "Postgres"}), "Invalid connection dialect"},
		{with(postgres("x"), object{"name": nil}), bad + "name: Required"},
		{postgres(""), bad + "name: String must contain at least 1 character(s)"},
		{with(postgres("x"), object{"port": "5432"}), bad + "port: Expected number, received string"},
		{with(postgres("x"), object{"port": 1.5}), bad + "port: Expected integer, received float"},
		{with(postgres("x"), object{"port": 0}), bad + "port: Number must be greater than or equal to 1"},
		{with(postgres("x"), object{"port": 65536}), bad + "port: Number must be less than or equal to 65535"},
		{with(postgres("x"), object{"queryTimeoutSeconds": 3601}), bad + "queryTimeoutSeconds: Number must be less than or equal to 3600"},
		{with(postgres("x"), object{"host": true}), bad + "host: Expected string, received boolean"},
		{with(postgres("x"), object{"useMachineAuth": "true"}), bad + "useMachineAuth: Expected boolean, received string"},
		{with(postgres("x"), object{"includeSchemas": []string{"a"}}), bad + "includeSchemas: Expected string, received array"},
		{with(postgres("x"), object{"includeOtherCatalogs": []string{"a"}}), bad + "includeOtherCatalogs: Expected string, received array"},
		{with(postgres("x"), object{"offloadedSchemas": []int{1}}), bad + "offloadedSchemas: Expected string, received number"},
		{with(postgres("x"), object{"maxBillingBytes": 5}), bad + "maxBillingBytes: Expected string, received number"},
		{with(postgres("x"), object{"maxBillingBytes": "5e3"}), bad + "maxBillingBytes: Invalid"},
		{with(postgres("x"), object{"privateKey": "k"}), bad + "privateKey: only Snowflake connections take a private key"},
		{with(postgres("x"), object{"hostOverride": "h"}), bad + "hostOverride: host and hostOverride are mutually exclusive"},
		{with(postgres("x"), object{"host": ""}), bad + "host: Required"},
		{with(postgres("x"), object{"port": nil}), bad + "port: Required"},
		{with(snowflake(), object{"host": "acme.snowflakecomputing.com"}), bad + "host: Please only include your Snowflake account identifier"},
		{with(snowflake(), object{"host": "ACME.SnowflakeComputing.com"}), bad + "host: Please only include your Snowflake account identifier"},
		{with(snowflake(), object{"hostOverride": "h"}), bad + "hostOverride: host and hostOverride are mutually exclusive"},
		{with(snowflake(), object{"host": nil}), bad + "host: Required"},
		{with(snowflake(), object{"warehouse": nil}), bad + "warehouse: Required"},
		{with(snowflake(), object{"privateKey": ""}), bad + "privateKey: String must contain at least 1 character(s)"},
		{with(snowflake(), object{"externalOauthTokenUrl": "http://x/"}), bad + "externalOauthTokenUrl: Invalid url"},
		{object{"dialect": "bigquery", "name": "b", "region": "us", "passwordUnencrypted": "text"}, bad + "passwordUnencrypted: must be a service account key in JSON"},
		{object{"dialect": "bigquery", "name": "b", "region": "us", "passwordUnencrypted": `{"type":"authorized_user"}`}, bad + "passwordUnencrypted: must be a service account key in JSON"},
		{object{"dialect": "bigquery", "name": "b", "passwordUnencrypted": serviceAccount}, bad + "region: Required"},
		{object{"dialect": "bigquery", "name": "b", "region": "us", "authenticationType": "bigquery-workload-identity-federation"}, bad + "wifAudience: Required"},
		{object{"dialect": "athena", "name": "a", "region": "r", "passwordUnencrypted": "s"}, bad + "database: Required"},
		{object{"dialect": "databricks", "name": "d", "host": "h", "passwordUnencrypted": "s"}, bad + "warehouse: Required"},
		{with(postgres("x"), object{"dialect": "mssql"}), bad + "defaultSchema: Required"},
		{with(postgres("x"), object{"dialect": "oracle"}), bad + "acceptsLicense: Required"},
		{with(postgres("x"), object{"dialect": "oracle", "acceptsLicense": false}), bad + "acceptsLicense: Required"},
	}
	c := newClient(t, omnimock.Options{})
	for _, test := range tests {
		c.refused("POST", "/connections", test.body, 400, test.detail)
	}
	c.refused("POST", "/connections", `{"dialect":"postgres","name":"x","host":null}`, 400, bad+"host: Expected string, received null")
	c.refused("POST", "/connections?x=1", postgres("x"), 400, bad+"formErrors: Unrecognized key(s) in object: 'x'")
	if n := len(c.Connections()); n != 0 {
		t.Errorf("%d connections were made anyway", n)
	}
	if !c.ReceivedSecret("sf-secret") {
		t.Error("the secret of a refused request does not count as received")
	}
	guide := newClient(t, omnimock.Options{Generation: omnimock.Guide2025})
	guide.refused("POST", "/connections", with(postgres("x"), object{"wifAudience": "a"}), 400, bad+"formErrors: Unrecognized key(s) in object: 'wifAudience'")
	guide.refused("POST", "/connections", with(postgres("x"), object{"offloadedSchemas": []string{"a"}}), 400, bad+"offloadedSchemas: Expected string, received array")
}

func TestSecretsInErrors(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{EchoSecretsInErrors: true})
	c.refused("POST", "/connections", with(postgres("x"), object{"port": "1"}), 400,
		"Bad Request: port: Expected number, received string (received 'pg-secret')")
	id := c.create(postgres("x"))
	c.refused("PATCH", "/connections/"+id, object{"privateKey": "k"}, 400,
		"Bad Request: privateKey: only Snowflake connections take a private key (received 'k')")
}

func TestList(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	for i, name := range []string{"Prod", "dev", "DEV two", "50%_off"} {
		c.create(with(postgres(name), object{"database": fmt.Sprintf("DB%d", i)}))
	}
	c.create(snowflake())
	trashed := c.create(postgres("old"))
	c.must("DELETE", "/connections/"+trashed, nil)
	for query, want := range map[string][]string{
		"":                                       {"50%_off", "DEV two", "Prod", "dev", "sf"},
		"?name=dEv":                              {"DEV two", "dev"},
		"?name=" + url.QueryEscape("%_"):         {"50%_off"},
		"?database=db1":                          {"dev"},
		"?dialect=snowflake":                     {"sf"},
		"?dialect=snowflake,postgres":            {"50%_off", "DEV two", "Prod", "dev", "sf"},
		"?includeDeleted=false&name=old":         {},
		"?includeDeleted=true&name=old":          {"old"},
		"?name=dev&database=DB2&sortField=name":  {"DEV two"},
		"?dialect=oracle":                        {},
		"?name=o&includeDeleted=true&database=a": {"old"},
	} {
		names := []string{}
		for _, item := range c.list(query) {
			names = append(names, item["name"].(string))
		}
		slices.Sort(names)
		if !slices.Equal(names, want) {
			t.Errorf("%s: %v, want %v", query, names, want)
		}
	}
	first := func(query string) any { return c.list(query)[0]["name"] }
	if first("?sortField=name") != "50%_off" || first("?sortField=name&sortDirection=desc") != "sf" || first("?sortField=dialect&sortDirection=desc") != "sf" {
		t.Error("the order is wrong")
	}
	if !slices.Equal(keys(c.list("")[0]), currentKeys) {
		t.Error("a list shows other keys")
	}
	for query, detail := range map[string]string{
		"?pageSize=5":                   "Bad Request: formErrors: Unrecognized key(s) in object: 'pageSize'",
		"?sortField=id":                 "Bad Request: sortField: Invalid enum value. Expected 'database' | 'dialect' | 'name', received 'id'",
		"?sortDirection=up":             "Bad Request: sortDirection: Invalid enum value. Expected 'asc' | 'desc', received 'up'",
		"?includeDeleted=1":             "Bad Request: includeDeleted: Invalid enum value. Expected 'true' | 'false', received '1'",
		"?dialect=postgres,foo,duckdb2": "Invalid dialect(s): foo, duckdb2",
		"?dialect=":                     "Invalid dialect(s): ",
	} {
		c.refused("GET", "/connections"+query, nil, 400, detail)
	}
}

func TestGetAndDelete(t *testing.T) {
	t.Parallel()
	for _, hidden := range []bool{false, true} {
		c := newClient(t, omnimock.Options{DeletedGetNotFound: hidden})
		id := c.create(postgres("x"))
		c.refused("GET", "/connections/nonsense", nil, 400, "Bad Request: id: Invalid uuid")
		c.refused("GET", "/connections/"+unknownID, nil, 404, "Connection does not exist")
		c.refused("DELETE", "/connections/nonsense", nil, 400, "Bad Request: id: Invalid uuid")
		c.refused("DELETE", "/connections/"+unknownID, nil, 404, "Connection not found")
		answer := c.must("DELETE", "/connections/"+id, nil)
		if !reflect.DeepEqual(answer, object{"success": true, "message": "Connection moved to trash."}) {
			t.Errorf("delete answered %v", answer)
		}
		c.refused("DELETE", "/connections/"+id, nil, 410, "Connection is already archived")
		c.refused("PATCH", "/connections/"+id, object{"name": "y"}, 404, "Connection not found")
		if hidden {
			c.refused("GET", "/connections/"+id, nil, 404, "Connection does not exist")
		} else if got := c.get(id); got["deletedAt"] == nil {
			t.Errorf("deleted: %v", got)
		}
		if _, ok := c.Secret(id, "passwordUnencrypted"); ok {
			t.Error("the credentials are still there")
		}
		if !c.ReceivedSecret("pg-secret") {
			t.Error("the vault forgot what it received")
		}
	}
}

// Every setting that can be changed is taken and shown, and no other.
func TestEverySetting(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	id := c.create(snowflake())
	const url, readOnly, createOnly, secret = "https://idp.example/t", "read only", "create only", "secret"
	for name, value := range map[string]any{
		"name": "n", "database": "d", "port": 1.0, "queryTimeoutSeconds": 60.0, "host": "h",
		"username": "u", "baseRole": "VIEWER", "warehouse": "w", "region": "r", "scratchSchema": "s", "systemTimezone": "UTC", "queryTimezone": "UTC",
		"authenticationType": "snowflake-oauth-user", "awsRoleArn": "a", "oauthClientId": "o", "externalOauthAudience": "e", "externalOauthAuthorizationUrl": url,
		"externalOauthTokenUrl": url, "includeSchemas": []any{"a"}, "includeOtherCatalogs": []any{"a"}, "offloadedSchemas": []any{"a"},
		"allowsUserSpecificTimezones": true, "alwaysScopeViewNames": true, "trustServerCertificate": true, "acceptsLicense": true,
		"enableDbSemanticLayerIntegration": true, "enableDbSemanticLayerTopics": true, "inferRelationshipsFromColumnNames": true,
		"inferRelationshipsFromForeignKeys": true, "useMachineAuth": true, "useReadScaling": readOnly, "useSessionHint": readOnly,
		"allowBranchConnectionEnvironments": readOnly, "branchConnectionEnvironmentOverridesUserAttr": readOnly, "environmentConnectionSwitchesSchemaModel": readOnly,
		"userAttributeNameForConnectionEnvironments": readOnly, "userAttributeValuesForDefaultEnvironment": readOnly,
		"wifAudience": createOnly, "wifServiceAccountEmail": createOnly,
		"passwordUnencrypted": secret, "oauthClientSecretUnencrypted": secret,
	} {
		body, unknown := object{name: value}, "Bad Request: formErrors: Unrecognized key(s) in object: '"+name+"'"
		switch value {
		case readOnly:
			c.refused("POST", "/connections", with(snowflake(), body), 400, unknown)
			c.refused("PATCH", "/connections/"+id, body, 400, unknown)
		case createOnly:
			c.create(with(snowflake(), body))
			c.refused("PATCH", "/connections/"+id, body, 400, unknown)
		case secret:
			c.must("PATCH", "/connections/"+id, object{name: "hidden-" + name})
			if _, shown := c.get(id)[name]; shown || !c.ReceivedSecret("hidden-"+name) {
				t.Errorf("%s is shown: %t", name, shown)
			}
		default:
			c.must("PATCH", "/connections/"+id, body)
			if got := c.get(id)[name]; !reflect.DeepEqual(got, value) {
				t.Errorf("%s is %v, not %v", name, got, value)
			}
		}
	}
}

// A create may take fewer base roles than a change.
func TestBaseRoleEnum(t *testing.T) {
	t.Parallel()
	newer := with(postgres("n"), object{"baseRole": "QUERY_TOPICS"})
	newClient(t, omnimock.Options{}).create(newer)
	c := newClient(t, omnimock.Options{BaseRoleEnum: true})
	c.refused("POST", "/connections", newer, 400, "Bad Request: baseRole: Invalid enum value")
	c.create(postgres("n"))
	id := c.create(with(postgres("n"), object{"baseRole": "VIEWER"}))
	c.must("PATCH", "/connections/"+id, object{"baseRole": "QUERY_TOPICS"})
	if got := c.get(id)["baseRole"]; got != "QUERY_TOPICS" {
		t.Errorf("the role is %v", got)
	}
}
