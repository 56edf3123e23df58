// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// No route takes an unknown key in the query, an id that is none, a body that is no
// object, or an unknown key in the body.
func TestEveryRouteRefusesWhatIsUnknown(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{EnvironmentList: true, BuildSchemaModels: true})
	c.prefix = ""
	base, member := c.AddConnection(postgres("base")), c.AddConnection(postgres("member"))
	environment := c.AddEnvironment(base, member)
	c.EditDBT(base, func(*omnimock.DBT) {})
	dbtEnvironment := c.AddDBTEnvironment(base, omnimock.DBTEnvironment{Name: "n", TargetSchema: "s"})
	schedule := c.AddSchedule(base, "0 2 * * ? *", "UTC")
	attribute := c.AddUserAttribute(omnimock.UserAttribute{Name: "n"})
	user := c.AddUser(omnimock.User{UserName: "ada@example.com"})
	for _, route := range []string{
		"GET connections", "POST connections", "GET connections/" + base, "PATCH connections/" + base, "DELETE connections/" + base,
		"GET connection-environments", "POST connection-environments", "PUT connection-environments/" + environment, "DELETE connection-environments/" + environment,
		"GET connections/" + base + "/schedules", "POST connections/" + base + "/schedules",
		"GET connections/" + base + "/schedules/" + schedule, "PUT connections/" + base + "/schedules/" + schedule, "DELETE connections/" + base + "/schedules/" + schedule,
		"GET connections/" + base + "/dbt", "PUT connections/" + base + "/dbt", "DELETE connections/" + base + "/dbt", "POST connections/" + base + "/dbt/rotate-signing-key",
		"GET connections/" + base + "/dbt/environments", "POST connections/" + base + "/dbt/environments",
		"PUT connections/" + base + "/dbt/environments/" + dbtEnvironment, "DELETE connections/" + base + "/dbt/environments/" + dbtEnvironment,
		"GET models", "POST models", "DELETE models/" + base, "POST models/" + base + "/refresh", "GET jobs/" + base + "/status",
		"GET user-attributes", "POST user-attributes", "PUT user-attributes/" + attribute, "DELETE user-attributes/" + attribute,
		"GET v2/Users", "GET v2/Users/" + user, "PATCH v2/Users/" + user,
	} {
		method, path, _ := strings.Cut(route, " ")
		prefix := "/api/v1/"
		if strings.HasPrefix(path, "v2") {
			prefix = "/api/scim/"
		}
		check := func(path string, body any, part string) {
			t.Helper()
			if status, answer := c.send(method, prefix+path, body); status != 400 || !strings.Contains(answer["detail"].(string), part) {
				t.Errorf("%s %s %v: %d %v", method, path, body, status, answer)
			}
		}
		check(path+"?unknown=1", object{}, "'unknown'")
		for _, id := range []string{base, environment, schedule, dbtEnvironment, attribute, user} {
			if strings.Contains(path, id) {
				check(strings.Replace(path, id, "none", 1), object{}, "Invalid uuid")
			}
		}
		if method == "POST" && !strings.HasSuffix(path, "refresh") || method == "PUT" || method == "PATCH" {
			check(path, "[]", "Expected object, received array")
			check(path, object{"unknown": 1}, "'unknown'")
		}
	}
}

// What a refusal is about is named by its key.
func TestRefusalsNameTheKey(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	postgresID, oracle := c.create(postgres("p")), c.create(with(postgres("o"), object{"dialect": "oracle", "acceptsLicense": true}))
	snowflakeID := c.create(snowflake())
	for _, r := range []struct {
		method, path string
		body         object
		part         string
	}{
		{"POST", "/user-attributes", object{"name": "n", "label": "l", "type": 7}, "type: Expected string"},
		{"POST", "/user-attributes", object{"name": "n", "label": "l", "type": "Text"}, "type: Invalid enum value"},
		{"POST", "/user-attributes", object{"name": "n", "label": "l"}, "type: Required"},
		{"POST", "/connections", with(postgres("m"), object{"dialect": "mariadb", "database": nil}), "database: Required"},
		{"POST", "/connections", with(postgres("m"), object{"dialect": "redshift", "username": nil}), "username: Required"},
		{"PATCH", "/connections/" + oracle, object{"acceptsLicense": false}, "acceptsLicense: Required"},
		{"PATCH", "/connections/" + snowflakeID, object{"privateKey": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"}, "privateKey: must be a PEM-encoded PKCS#8 private key"},
		{"PATCH", "/connections/" + snowflakeID, object{"privateKey": "AAAA"}, "privateKey: must be a PEM-encoded PKCS#8 private key"},
	} {
		if status, answer := c.send(r.method, r.path, r.body); status != 400 || !strings.Contains(answer["detail"].(string), r.part) {
			t.Errorf("%s %v: %d %v, want %s", r.path, r.body, status, answer, r.part)
		}
	}
	c.must("PATCH", "/connections/"+postgresID, object{"acceptsLicense": false}) // Oracle's alone
}

// A server that is stopped and started again has its connections as they were.
func TestSnapshotOfConnections(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	id := c.create(snowflake())
	other := newClient(t, omnimock.Options{})
	other.Restore(c.Snapshot())
	before, _ := c.Connection(id)
	after, ok := other.Connection(id)
	if !ok || !after.CreatedAt.Equal(before.CreatedAt) || !after.UpdatedAt.Equal(before.UpdatedAt) {
		t.Errorf("%+v\n%+v", before, after)
	}
	for name, want := range before.Settings {
		if got := after.Settings[name]; !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v, and was %v", name, got, want)
		}
	}
	if _, ok := after.Settings["passwordUnencrypted"]; ok {
		t.Error("a secret is a setting")
	}
	if want, _ := c.Secret(id, "passwordUnencrypted"); want == "" {
		t.Error("no password is known")
	} else if got, _ := other.Secret(id, "passwordUnencrypted"); got != want {
		t.Errorf("password %q", got)
	}
}
