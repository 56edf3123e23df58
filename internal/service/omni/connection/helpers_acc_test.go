// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
)

func TestMain(m *testing.M) { acctest.Main(m) }

const typeName = "dataconn_omni_connection"

// attributes are those of a connection's block.
type attributes = acctest.Attributes

// connection is a block of this label. Its name is the label too, and it is not
// protected, unless the attributes say otherwise.
func connection(label string, changes ...attributes) string {
	a := attributes{"name": label, "deletion_protection": false}.With(changes...)
	return acctest.Resource(typeName, label, a)
}

func address(label string) string { return typeName + "." + label }

// serviceAccount is a key file as BigQuery wants it for a password.
const serviceAccount = `{"type":"service_account","project_id":"acme","client_email":"omni@acme.iam.gserviceaccount.com","private_key":"-----BEGIN PRIVATE KEY-----"}`

// minimal returns the least that each of the 18 dialects can be created with,
// after the tables of Omni's reference.
func minimal() map[string]attributes {
	withPassword := func(a attributes) attributes { return attributes{"password": "first-secret"}.With(a) }
	host := withPassword(attributes{"host": "db.example.com"})
	user := host.With(attributes{"port": 5432, "username": "omni"})
	database := user.With(attributes{"database": "analytics"})
	dialects := map[string]attributes{
		"athena":              withPassword(attributes{"region": "eu-west-1", "database": "awsdatacatalog"}),
		"bigquery":            {"region": "eu", "password": serviceAccount},
		"clickhouse":          user,
		"databricks":          host.With(attributes{"warehouse": "/sql/1.0/warehouses/1"}),
		"databricks_lakebase": host,
		"exasol":              host,
		"fabric":              host,
		"mariadb":             database,
		"motherduck":          withPassword(nil),
		"mssql":               database.With(attributes{"default_schema": "dbo"}),
		"mysql":               database,
		"oracle":              database.With(attributes{"accepts_license": true}),
		"postgres":            database,
		"redshift":            database,
		"sap_hana":            host,
		"snowflake":           withPassword(attributes{"host": "acme-eu", "database": "ANALYTICS", "warehouse": "WH", "username": "OMNI"}),
		"starrocks":           user,
		"trino":               host,
	}
	for dialect, a := range dialects {
		dialects[dialect] = a.With(attributes{"dialect": dialect})
	}
	return dialects
}

// postgres is the connection of the tests that need just one.
func postgres(changes ...attributes) attributes { return minimal()["postgres"].With(changes...) }

// setting is one that changes in place.
type setting struct {
	attribute string
	dialects  []string // that use it; none means all. Its own test takes the first
	from, to  any
	// cleared is the empty value that takes it away; nil where it cannot be.
	cleared any
}

// settings are all that the server returns and changes in place.
func settings() []setting {
	warehouses := []string{"snowflake", "databricks"}
	semantic := []string{"databricks", "snowflake"}
	certificate := []string{"mssql", "clickhouse", "exasol", "sap_hana", "trino"}
	catalogs := []string{"trino", "athena", "bigquery", "databricks", "motherduck", "snowflake"}
	hosts := []string{
		"postgres", "athena", "clickhouse", "databricks", "databricks_lakebase", "exasol", "fabric", "mariadb", "mssql",
		"mysql", "oracle", "redshift", "sap_hana", "snowflake", "starrocks", "trino",
	}
	ports := []string{
		"postgres", "clickhouse", "databricks_lakebase", "exasol", "fabric", "mariadb", "mssql", "mysql", "oracle",
		"redshift", "sap_hana", "starrocks", "trino",
	}
	users := append([]string{"bigquery"}, hosts...)
	return []setting{
		{"host", hosts, "db-1", "db-2", nil},
		{"host_override", []string{"fabric"}, "over-1", "over-2", ""},
		{"port", ports, 1001, 1002, nil},
		{"database", nil, "one", "two", nil},
		{"username", users, "one", "two", ""},
		{"base_role", nil, "VIEWER", "QUERIER", nil},
		{"warehouse", warehouses, "/wh/1", "/wh/2", nil},
		{"region", []string{"athena", "bigquery"}, "eu-1", "eu-2", nil},
		{"include_schemas", nil, []string{"a", "b"}, []string{"b", "sales_*"}, []string{}},
		{"include_other_catalogs", catalogs, []string{"a", "b"}, []string{"c"}, []string{}},
		{"offloaded_schemas", nil, []string{"a"}, []string{"A", "b"}, []string{}},
		{"default_schema", nil, "one", "two", ""},
		{"scratch_schema", nil, "one", "two", ""},
		{"query_timeout_seconds", nil, 300, 3600, nil},
		{"max_billing_bytes", []string{"bigquery"}, 1_000_000_000_000, 2_000_000_000_000, nil},
		{"system_timezone", nil, "Europe/Berlin", "America/Sao_Paulo", nil},
		{"query_timezone", nil, "Europe/Berlin", "America/Sao_Paulo", nil},
		{"allows_user_specific_timezones", nil, true, false, nil},
		{"always_scope_view_names", nil, true, false, nil},
		{"trust_server_certificate", certificate, true, false, nil},
		{"accepts_license", []string{"fabric", "oracle"}, true, false, nil},
		{"authentication_type", []string{"mssql"}, "mssql-sql-authentication", "mssql-active-directory-password", nil},
		{"aws_role_arn", []string{"athena"}, "arn:aws:iam::1:role/a", "arn:aws:iam::1:role/b", ""},
		{"enable_db_semantic_layer_integration", semantic, true, false, nil},
		{"enable_db_semantic_layer_topics", semantic, true, false, nil},
		{"external_oauth_audience", []string{"snowflake"}, "one", "two", ""},
		{"external_oauth_authorization_url", []string{"snowflake"}, "https://a.example.com", "https://b.example.com", nil},
		{"external_oauth_token_url", []string{"snowflake"}, "https://a.example.com", "https://b.example.com", nil},
		{"oauth_client_id", []string{"databricks", "snowflake", "bigquery"}, "one", "two", ""},
		{"infer_relationships_from_column_names", nil, true, false, nil},
		{"infer_relationships_from_foreign_keys", nil, true, false, nil},
		{"use_machine_auth", []string{"databricks", "athena"}, true, false, nil},
	}
}

func (s setting) dialect() string {
	if len(s.dialects) == 0 {
		return "postgres"
	}
	return s.dialects[0]
}

// block is the connection that the setting is tried on.
func (s setting) block(value any) string {
	a := minimal()[s.dialect()]
	if s.attribute == "host_override" {
		delete(a, "host") // one excludes the other
	}
	return connection(s.attribute, a, attributes{s.attribute: value})
}

// wireName is the server's name of an attribute.
func wireName(attribute string) string {
	switch attribute {
	case "password", "oauth_client_secret":
		attribute += "_unencrypted"
	}
	parts := strings.Split(attribute, "_")
	for i, part := range parts[1:] {
		parts[i+1] = strings.ToUpper(part[:1]) + part[1:]
	}
	return strings.Join(parts, "")
}

// stored is a value as the server keeps it.
func stored(attribute string, value any) any {
	if n, ok := value.(int); ok && attribute == "max_billing_bytes" {
		return strconv.Itoa(n)
	}
	return value
}

// patch is the request that sends exactly these attributes.
func patch(a attributes) string {
	body := map[string]any{}
	for name, value := range a {
		body[wireName(name)] = stored(name, value)
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return "PATCH connections " + string(encoded)
}

// privateKeys are two keys that Snowflake would take. They take a while to make.
var privateKeys = sync.OnceValue(func() []string {
	return []string{makePrivateKey(), makePrivateKey(), makePrivateKey()}
})

func makePrivateKey() string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}
