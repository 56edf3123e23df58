// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
)

// wireKeys are the attributes that a create and a change can send, and their keys.
var wireKeys = map[string]string{
	"config_name": "configName", "type": "type", "host": "host", "port": "port", "database_name": "databaseName",
	"user_name": "userName", "schema": "schema", "metadata": "metadata",
}

func metadata(key, value string) types.Map {
	return types.MapValueMust(types.StringType, map[string]attr.Value{key: types.StringValue(value)})
}

// Each setting is sent under one key and read from the same; a mistake in one
// line of the conversions shows here.
func TestSettingsThereAndBack(t *testing.T) {
	t.Parallel()
	settings := reflect.TypeFor[Settings]()
	seen := map[string]bool{}
	for i := range settings.NumField() {
		name := settings.Field(i).Tag.Get("tfsdk")
		key, sends := wireKeys[name]
		var one Settings
		field := reflect.ValueOf(&one).Elem().Field(i)
		switch field.Interface().(type) {
		case types.String:
			field.Set(reflect.ValueOf(types.StringValue("text of " + name)))
		case types.Int64:
			field.Set(reflect.ValueOf(types.Int64Value(4711)))
		case types.Map:
			field.Set(reflect.ValueOf(metadata("k", "v")))
		default:
			t.Fatalf("%s: an unexpected type", name)
		}
		encoded, err := json.Marshal(one.changes(Settings{}))
		if err != nil {
			t.Fatal(err)
		}
		var sent map[string]any
		if err := json.Unmarshal(encoded, &sent); err != nil {
			t.Fatal(err)
		}
		if got := slices.Collect(maps.Keys(sent)); sends != (len(got) == 1) || sends && got[0] != key {
			t.Errorf("%s: sent as %q, want %q", name, got, key)
		}
		if unchanged := one.changes(one); unchanged != (reporter.ConnectionSettings{}) {
			t.Errorf("%s: sent although it did not change", name)
		}
		if !sends {
			continue
		}
		seen[name] = true
		var connection reporter.Connection
		if err := json.Unmarshal(fmt.Appendf(nil, `{"id":"x",%s`, encoded[1:]), &connection); err != nil {
			t.Fatal(err)
		}
		back := read(&connection, Settings{})
		if got, want := reflect.ValueOf(back).Field(i).Interface(), field.Interface(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v became %v", name, want, got)
		}
	}
	if len(seen) != len(wireKeys) {
		t.Errorf("tried %d settings of %d", len(seen), len(wireKeys))
	}
}

// What an answer leaves out is not set; what the state spells otherwise and means
// the same stays.
func TestRead(t *testing.T) {
	t.Parallel()
	empty := types.MapValueMust(types.StringType, map[string]attr.Value{})
	for name, c := range map[string]struct {
		answer      string
		prior, want Settings
	}{
		"product in another case": {
			`{"productName":"my-product"}`, Settings{ProductName: types.StringValue("My-Product")}, Settings{ProductName: types.StringValue("My-Product")},
		},
		"another product":           {`{"productName":"b"}`, Settings{ProductName: types.StringValue("a")}, Settings{ProductName: types.StringValue("b")}},
		"no product":                {`{}`, Settings{ProductName: types.StringValue("a")}, Settings{}},
		"schema gone":               {`{}`, Settings{Schema: types.StringValue("a")}, Settings{}},
		"empty schema left out":     {`{}`, Settings{Schema: types.StringValue("")}, Settings{Schema: types.StringValue("")}},
		"emptied schema, never set": {`{"schema":""}`, Settings{}, Settings{}},
		"emptied schema":            {`{"schema":""}`, Settings{Schema: types.StringValue("a")}, Settings{Schema: types.StringValue("")}},
		"no metadata":               {`{}`, Settings{Metadata: metadata("a", "b")}, Settings{Metadata: types.MapNull(types.StringType)}},
		"empty metadata":            {`{}`, Settings{Metadata: empty}, Settings{Metadata: empty}},
		"metadata echoed":           {`{"metadata":{}}`, Settings{Metadata: types.MapNull(types.StringType)}, Settings{Metadata: types.MapNull(types.StringType)}},
		"metadata of other types": {
			`{"metadata":{"n":12345678901234567890,"o":{"a":[1,true,null]},"t":"x"}}`,
			Settings{},
			Settings{Metadata: types.MapValueMust(types.StringType, map[string]attr.Value{
				"n": types.StringValue("12345678901234567890"), "o": types.StringValue(`{"a":[1,true,null]}`), "t": types.StringValue("x"),
			})},
		},
		"times": {
			`{"createdAt":"2026-11-22T15:56:51.83622498Z","updatedAt":"2026-11-22T16:56:51.8Z"}`,
			Settings{},
			Settings{CreatedAt: types.StringValue("2026-11-22T15:56:51.836Z"), UpdatedAt: types.StringValue("2026-11-22T16:56:51.8Z")},
		},
	} {
		var connection reporter.Connection
		if err := json.Unmarshal([]byte(c.answer), &connection); err != nil {
			t.Fatal(err)
		}
		got, want := read(&connection, c.prior), c.want
		want.ID = types.StringValue("")
		if len(want.Metadata.Elements()) == 0 && want.Metadata.ElementType(t.Context()) != types.StringType {
			want.Metadata = types.MapNull(types.StringType)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\ngot  %v\nwant %v", name, got, want)
		}
	}
}

func TestAttributeName(t *testing.T) {
	t.Parallel()
	for name, key := range wireKeys {
		if got := framework.AttributeName(key); got != name {
			t.Errorf("%s: got %s, want %s", key, got, name)
		}
	}
}

// The hosts are those that were tried on a running service.
func TestCheckHost(t *testing.T) {
	t.Parallel()
	for _, host := range []string{
		"localhost", "DB.Example.COM", "h", strings.Repeat("a", 63), "db.1x", "10.0.0.1", "127.0.0.1", "::1", "db-1.example.com",
	} {
		if err := checkHost(host); err != nil {
			t.Errorf("%q is refused: %v", host, err)
		}
	}
	for _, host := range []string{
		"", "1db.example.com", "my_db", "my-db-", "-db", "db.example.com.", "db..x", strings.Repeat("a", 64), "999.1.1.1", "[::1]",
		"fe80::1%eth0", " db ", "host:5432", "http://db", "münchen.de", "not a host!", ".db", "db/x", "db\n",
	} {
		if checkHost(host) == nil {
			t.Errorf("%q is taken", host)
		}
	}
}

func TestCheckSSLMode(t *testing.T) {
	t.Parallel()
	modes := map[string]string{
		"POSTGRESQL": "disable allow prefer require verify-ca verify-full",
		"MYSQL":      "false true skip-verify preferred",
		"MONGODB":    "disable false true enable insecure",
		"ORACLE":     "disable false true enable verify skip-verify",
		"SQL_SERVER": "disable false true strict",
	}
	all := map[string]bool{"Require": true, "TRUE": true, "bogus": true}
	for _, list := range modes {
		for mode := range strings.FieldsSeq(list) {
			all[mode] = true
		}
	}
	for kind, list := range modes {
		for mode := range all {
			want := slices.Contains(strings.Fields(list), mode)
			if got := !checkSSLMode(types.StringValue(kind), types.StringValue(mode)).HasError(); got != want {
				t.Errorf("%s with %q: taken is %t", kind, mode, got)
			}
		}
	}
	if len(knownTypes()) != len(modes) {
		t.Errorf("the types are %q", knownTypes())
	}
	for _, unjudged := range [][2]types.String{
		{types.StringUnknown(), types.StringValue("x")},
		{types.StringValue("MYSQL"), types.StringUnknown()},
		{types.StringValue("NEW_TYPE"), types.StringValue("x")},
		{types.StringNull(), types.StringNull()},
	} {
		if diags := checkSSLMode(unjudged[0], unjudged[1]); len(diags) > 0 {
			t.Errorf("%v: %v", unjudged, diags)
		}
	}
}
