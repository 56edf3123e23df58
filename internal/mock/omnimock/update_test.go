// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"reflect"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

func pemKey(t *testing.T, kind string, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if private, ok := key.(*rsa.PrivateKey); ok && kind == "RSA PRIVATE KEY" {
		der = x509.MarshalPKCS1PrivateKey(private)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func TestUpdateMessages(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	id := c.create(postgres("x"))
	attribute := object{"attributeName": "region", "defaultValues": []string{"us"}}
	for _, step := range []struct {
		body    object
		message string
	}{
		{object{"baseRole": "QUERIER"}, "Updated connection default role."},
		{object{"baseRole": "QUERIER"}, "No updates were made to the connection."},
		{object{"environmentUserAttribute": attribute}, "Updated environment user attribute settings."},
		{object{"environmentUserAttribute": with(attribute, object{"attributeName": "another"})}, "Updated environment user attribute settings."},
		{object{"environmentUserAttribute": with(attribute, object{"attributeName": "another"})}, "No updates were made to the connection."},
		{object{"environmentUserAttribute": nil, "baseRole": "QUERY_TOPICS"}, "Updated connection default role and user attribute settings."},
		{object{"passwordUnencrypted": "new-secret"}, "Updated connection credentials."},
		{object{"host": "other"}, "Updated connection settings."},
	} {
		before := c.get(id)
		answer := c.must("PATCH", "/connections/"+id, step.body)
		if !reflect.DeepEqual(answer, object{"success": true, "message": step.message}) {
			t.Errorf("%v answered %v, want %s", step.body, answer, step.message)
		}
		moved := c.get(id)["updatedAt"] != before["updatedAt"]
		if want := !strings.HasPrefix(step.message, "No updates"); moved != want {
			t.Errorf("%v: updatedAt moved is %t", step.body, moved)
		}
	}
	got := c.get(id)
	if got["baseRole"] != "QUERY_TOPICS" || got["host"] != "other" || got["port"] != 5432.0 {
		t.Errorf("got %v", got)
	}
	if value, _ := c.Secret(id, "passwordUnencrypted"); value != "new-secret" {
		t.Errorf("password %q", value)
	}
}

func TestUpdateForms(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	id := c.create(with(snowflake(), object{"includeSchemas": "a,b", "scratchSchema": "s"}))
	for _, step := range []struct{ body, want object }{
		{object{"includeSchemas": []string{"x", "y"}}, object{"includeSchemas": []any{"x", "y"}}},
		{object{"includeSchemas": "z"}, object{"includeSchemas": []any{"z"}}},
		{object{"includeSchemas": []string{"a,b", " c "}}, object{"includeSchemas": []any{"a", "b", "c"}}},
		{object{"includeSchemas": ""}, object{"includeSchemas": nil}},
		{object{"offloadedSchemas": []string{"x"}}, object{"offloadedSchemas": []any{"x"}}},
		{object{"offloadedSchemas": []string{}}, object{"offloadedSchemas": nil}},
		{object{"scratchSchema": ""}, object{"scratchSchema": nil}},
		{object{"defaultSchema": "PUBLIC"}, object{"defaultSchema": nil}},
		{object{"host": "", "hostOverride": "h.snowflakecomputing.com"}, object{"host": nil, "hostOverride": "h.snowflakecomputing.com"}},
		{object{"useMachineAuth": true}, object{"useMachineAuth": true}},
		{object{"externalOauthTokenUrl": "https://idp.example/t"}, object{"externalOauthTokenUrl": "https://idp.example/t"}},
		{object{"externalOauthTokenUrl": nil}, object{"externalOauthTokenUrl": nil}},
		{
			object{"environmentUserAttribute": object{"attributeName": "region", "defaultValues": nil}},
			object{"userAttributeNameForConnectionEnvironments": "region", "userAttributeValuesForDefaultEnvironment": nil},
		},
		{
			object{"environmentUserAttribute": object{"attributeName": "region", "defaultValues": []string{"a", "b"}}},
			object{"userAttributeNameForConnectionEnvironments": "region", "userAttributeValuesForDefaultEnvironment": []any{"a", "b"}},
		},
		{
			object{"environmentUserAttribute": nil},
			object{"userAttributeNameForConnectionEnvironments": nil, "userAttributeValuesForDefaultEnvironment": nil},
		},
	} {
		c.must("PATCH", "/connections/"+id, step.body)
		got := c.get(id)
		for key, want := range step.want {
			if !reflect.DeepEqual(got[key], want) {
				t.Errorf("%v: %s = %#v, want %#v", step.body, key, got[key], want)
			}
		}
	}
	if schema, _ := c.Secret(id, "defaultSchema"); schema != "PUBLIC" {
		t.Errorf("defaultSchema in the vault: %q", schema)
	}
}

func TestUpdateOfHostAndBinding(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	const bad = "Bad Request: "
	path := "/connections/" + c.create(snowflake())
	c.refused("PATCH", path, object{"host": ""}, 400, bad+"host: Required")
	for _, test := range []struct {
		binding object
		detail  string
	}{
		{object{"attributeName": 1, "defaultValues": nil}, "environmentUserAttribute.attributeName: Expected string, received number"},
		{object{"attributeName": "", "defaultValues": nil}, "environmentUserAttribute.attributeName: String must contain at least 1 character(s)"},
		{object{"attributeName": "a", "defaultValues": "x"}, "environmentUserAttribute.defaultValues: Expected array, received string"},
		{object{"attributeName": "a"}, "environmentUserAttribute.defaultValues: Required"},
		{object{"defaultValues": nil}, "environmentUserAttribute.attributeName: Required"},
	} {
		c.refused("PATCH", path, object{"environmentUserAttribute": test.binding}, 400, bad+test.detail)
	}
}

// A default schema is lost on Snowflake alone.
func TestUpdateOfADefaultSchema(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		opts omnimock.Options
		body object
		want any
	}{
		{omnimock.Options{}, snowflake(), nil},
		{omnimock.Options{SnowflakeKeepsDefaultSchema: true}, snowflake(), "s"},
		{omnimock.Options{}, postgres("x"), "s"},
	} {
		c := newClient(t, test.opts)
		id := c.create(test.body)
		c.must("PATCH", "/connections/"+id, object{"defaultSchema": "s"})
		if got := c.get(id)["defaultSchema"]; got != test.want {
			t.Errorf("%v with %+v: %v", test.body["dialect"], test.opts, got)
		}
	}
}

func TestUpdateRefuses(t *testing.T) {
	t.Parallel()
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	large, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good := pemKey(t, "PRIVATE KEY", large)
	bare := strings.Split(good, "\n")[1]

	c := newClient(t, omnimock.Options{})
	pg, sf := c.create(postgres("pg")), c.create(snowflake())
	oracle := c.create(with(postgres("ora"), object{"dialect": "oracle", "acceptsLicense": true}))
	bigquery := c.create(object{"dialect": "bigquery", "name": "b", "region": "us", "passwordUnencrypted": serviceAccount})
	c.must("PATCH", "/connections/"+sf, object{"privateKey": good})
	if value, _ := c.Secret(sf, "privateKey"); value != good {
		t.Error("the key is not in the vault")
	}
	c.must("PATCH", "/connections/"+bigquery, object{"passwordUnencrypted": serviceAccount})

	const bad = "Bad Request: "
	notPEM := bad + "privateKey: must be a PEM-encoded PKCS#8 private key"
	before := c.Connections()
	for _, test := range []struct {
		id     string
		body   any
		detail string
	}{
		{pg, "", bad + "Empty request body"},
		{pg, "{}", bad + "Empty request body"},
		{pg, "{", bad + "Invalid JSON"},
		{pg, "[]", bad + "formErrors: Expected object, received array"},
		{pg, object{"dialect": "postgres"}, bad + "formErrors: Unrecognized key(s) in object: 'dialect'"},
		{pg, object{"wifAudience": "a"}, bad + "formErrors: Unrecognized key(s) in object: 'wifAudience'"},
		{pg, object{"wifServiceAccountEmail": "a"}, bad + "formErrors: Unrecognized key(s) in object: 'wifServiceAccountEmail'"},
		{pg, object{"useReadScaling": true}, bad + "formErrors: Unrecognized key(s) in object: 'useReadScaling'"},
		{pg, object{"userAttributeNameForConnectionEnvironments": "x"}, bad + "formErrors: Unrecognized key(s) in object: 'userAttributeNameForConnectionEnvironments'"},
		{pg, object{"name": ""}, bad + "name: String must contain at least 1 character(s)"},
		{pg, object{"name": nil}, bad + "name: Expected string, received null"},
		{pg, object{"database": ""}, bad + "database: String must contain at least 1 character(s)"},
		{pg, object{"host": ""}, bad + "host: Required"},
		{pg, object{"warehouse": nil}, bad + "warehouse: Expected string, received null"},
		{pg, object{"port": "1"}, bad + "port: Expected number, received string"},
		{pg, object{"includeSchemas": 1}, bad + "includeSchemas: Expected string, received number"},
		{pg, object{"includeSchemas": []any{nil}}, bad + "includeSchemas: Expected string, received null"},
		{pg, object{"maxBillingBytes": ""}, bad + "maxBillingBytes: Invalid"},
		{pg, object{"passwordUnencrypted": ""}, bad + "passwordUnencrypted: String must contain at least 1 character(s)"},
		{pg, object{"hostOverride": "h"}, bad + "hostOverride: host and hostOverride are mutually exclusive"},
		{pg, object{"privateKey": good}, bad + "privateKey: only Snowflake connections take a private key"},
		{sf, object{"privateKey": ""}, bad + "privateKey: String must contain at least 1 character(s)"},
		{sf, object{"privateKey": bare}, notPEM},
		{sf, object{"privateKey": good + "x"}, notPEM},
		{sf, object{"privateKey": pemKey(t, "RSA PRIVATE KEY", large)}, notPEM},
		{sf, object{"privateKey": pemKey(t, "PRIVATE KEY", curve)}, bad + "privateKey: must be an RSA key"},
		{sf, object{"privateKey": pemKey(t, "PRIVATE KEY", small)}, bad + "privateKey: must have 2048 bits or more"},
		{sf, object{"host": "a.snowflakecomputing.com"}, bad + "host: Please only include your Snowflake account identifier"},
		{sf, object{"hostOverride": "h"}, bad + "hostOverride: host and hostOverride are mutually exclusive"},
		{sf, object{"host": ""}, bad + "host: Required"},
		{sf, object{"warehouse": ""}, bad + "warehouse: Required"},
		{oracle, object{"acceptsLicense": false}, bad + "acceptsLicense: Required"},
		{bigquery, object{"passwordUnencrypted": "text"}, bad + "passwordUnencrypted: must be a service account key in JSON"},
		{bigquery, object{"region": ""}, bad + "region: Required"},
		{pg, object{"environmentUserAttribute": "region"}, bad + "environmentUserAttribute: Expected object, received string"},
		{pg, object{"environmentUserAttribute": object{}}, bad + "environmentUserAttribute.attributeName: Required"},
		{pg, object{"environmentUserAttribute": object{"attributeName": "r"}}, bad + "environmentUserAttribute.defaultValues: Required"},
		{pg, object{"environmentUserAttribute": object{"defaultValues": nil}}, bad + "environmentUserAttribute.attributeName: Required"},
		{pg, object{"environmentUserAttribute": object{"attributeName": "", "defaultValues": nil}}, bad + "environmentUserAttribute.attributeName: String must contain at least 1 character(s)"},
		{pg, object{"environmentUserAttribute": object{"attributeName": "r", "defaultValues": "a"}}, bad + "environmentUserAttribute.defaultValues: Expected array, received string"},
		{pg, object{"environmentUserAttribute": object{"attributeName": "r", "defaultValues": []string{""}}}, bad + "environmentUserAttribute.defaultValues: String must contain at least 1 character(s)"},
		{pg, object{"environmentUserAttribute": object{"attributeName": "r", "defaultValues": nil, "x": 1}}, bad + "formErrors: Unrecognized key(s) in object: 'x'"},
		{pg, object{"environmentUserAttribute": object{"attributeName": "r", "defaultValues": []string{"a", "a"}}}, `User attribute value "a" is already in use`},
	} {
		c.refused("PATCH", "/connections/"+test.id, test.body, 400, test.detail)
	}
	c.refused("PATCH", "/connections/x", object{"name": "y"}, 400, bad+"id: Invalid uuid")
	c.refused("PATCH", "/connections/"+unknownID, object{"name": "y"}, 404, "Connection not found")
	if !reflect.DeepEqual(before, c.Connections()) {
		t.Error("a refused change was applied")
	}
}
