// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

func TestNarrow2026(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{Generation: omnimock.Narrow2026})
	id := c.create(with(postgres("x"), object{"includeSchemas": "a", "wifAudience": "w"}))
	want := strings.Fields(`allowBranchConnectionEnvironments baseRole branchConnectionEnvironmentOverridesUserAttr
		createdAt database defaultSchema deletedAt dialect environmentConnectionSwitchesSchemaModel id name updatedAt
		userAttributeNameForConnectionEnvironments userAttributeValuesForDefaultEnvironment`)
	if got := keys(c.get(id)); !slices.Equal(got, want) {
		t.Errorf("GET shows %v", got)
	}
	if got := keys(c.list("")[0]); !slices.Equal(got, want) {
		t.Errorf("the list shows %v", got)
	}
	for _, key := range []string{"name", "host", "port", "includeSchemas", "oauthClientSecretUnencrypted", "dialect"} {
		c.refused("PATCH", "/connections/"+id, object{key: "x"}, 400,
			"Bad Request: formErrors: Unrecognized key(s) in object: '"+key+"'")
	}
	c.refused("PATCH", "/connections/"+id, object{"baseRole": "VIEWER", "name": "y", "host": "z"}, 400,
		"Bad Request: formErrors: Unrecognized key(s) in object: 'host', 'name'")
	c.must("PATCH", "/connections/"+id, object{
		"baseRole": "VIEWER", "passwordUnencrypted": "n",
		"environmentUserAttribute": object{"attributeName": "e", "defaultValues": []string{"p"}},
	})
	if got := c.get(id); got["baseRole"] != "VIEWER" || !reflect.DeepEqual(got["userAttributeValuesForDefaultEnvironment"], []any{"p"}) {
		t.Errorf("got %v", got)
	}
	c.must("DELETE", "/connections/"+id, nil)
	id = c.create(with(snowflake(), object{"passwordUnencrypted": nil, "privateKey": "bare"}))
	c.refused("PATCH", "/connections/"+id, object{"privateKey": "other"}, 400, "Bad Request: privateKey: must be a PEM-encoded PKCS#8 private key")
}

func TestGuide2025(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{Generation: omnimock.Guide2025, EnvironmentList: true, UserAttributes: []string{"e"}})
	base, dev, stage := c.create(postgres("prod")), c.create(postgres("dev")), c.create(postgres("stage"))
	const bad = "Bad Request: "

	// Environments: comma text in, the older answer out.
	c.refused("POST", "/connection-environments", object{"baseConnectionId": base, "environmentConnectionIds": []string{dev}}, 400,
		bad+"environmentConnectionIds: Expected string, received array")
	answer := c.must("POST", "/connection-environments", object{"baseConnectionId": base, "environmentConnectionIds": dev + ", " + stage})
	data := answer["data"].([]any)
	if answer["success"] != true || len(answer) != 2 || len(data) != 2 || len(data[0].(object)) != 2 {
		t.Errorf("answered %v", answer)
	}
	ids := map[string]string{}
	for _, item := range data {
		ids[item.(object)["environmentConnectionId"].(string)] = item.(object)["id"].(string)
	}
	path := "/connection-environments/" + ids[dev]
	c.refused("PUT", path, values("dev"), 400, bad+"userAttributeValues: Expected string, received array")
	c.must("PUT", path, object{"userAttributeValues": "dev, test"})
	c.refused("PUT", "/connection-environments/"+ids[stage], object{"userAttributeValues": "stage,test"}, 400, `User attribute value "test" is already in use`)

	// The binding: two flat keys.
	connection := "/connections/" + base
	flat := func(name, values any) object {
		return object{"userAttributeNameForConnectionEnvironments": name, "userAttributeValuesForDefaultEnvironment": values}
	}
	for _, test := range []struct {
		body   object
		detail string
	}{
		{object{"environmentUserAttribute": nil}, bad + "formErrors: Unrecognized key(s) in object: 'environmentUserAttribute'"},
		{object{"name": "x"}, bad + "formErrors: Unrecognized key(s) in object: 'name'"},
		{object{"userAttributeNameForConnectionEnvironments": "e"}, bad + "userAttributeValuesForDefaultEnvironment: Required"},
		{object{"userAttributeValuesForDefaultEnvironment": "e"}, bad + "userAttributeNameForConnectionEnvironments: Required"},
		{flat("e", []string{"prod"}), bad + "userAttributeValuesForDefaultEnvironment: Expected string, received array"},
		{flat(nil, "prod"), bad + "userAttributeNameForConnectionEnvironments: Expected string, received null"},
		{flat("", "prod"), bad + "userAttributeNameForConnectionEnvironments: String must contain at least 1 character(s)"},
		{flat("e", "prod,dev"), `User attribute value "dev" is already in use`},
	} {
		c.refused("PATCH", connection, test.body, 400, test.detail)
	}
	one := func() object {
		listed := c.list("?name=prod")
		if len(listed) != 1 {
			t.Fatalf("listed %v", listed)
		}
		return listed[0]
	}
	c.must("PATCH", connection, flat("e", "prod,live"))
	got := one()
	want := strings.Fields(`branchConnectionEnvironmentOverridesUserAttr database deletedAt dialect
		environmentConnectionSwitchesSchemaModel id name userAttributeNameForConnectionEnvironments
		userAttributeValuesForDefaultEnvironment`)
	if !slices.Equal(keys(got), want) {
		t.Errorf("the list shows %v", keys(got))
	}
	if got["userAttributeNameForConnectionEnvironments"] != "e" || got["userAttributeValuesForDefaultEnvironment"] != "prod,live" {
		t.Errorf("bound: %v", got)
	}
	if id, _ := c.Route(base, "test"); id != dev {
		t.Errorf("test gets %s", id)
	}
	c.must("PATCH", connection, flat("e", nil))
	if got := one(); got["userAttributeValuesForDefaultEnvironment"] != nil || got["userAttributeNameForConnectionEnvironments"] != "e" {
		t.Errorf("without default values: %v", got)
	}
	c.must("PATCH", connection, flat(nil, nil))
	if got := one(); got["userAttributeNameForConnectionEnvironments"] != nil {
		t.Errorf("unbound: %v", got)
	}
	c.must("PUT", path, object{"userAttributeValues": ""})
	if e, _ := c.Environment(ids[dev]); len(e.UserAttributeValues) != 0 {
		t.Errorf("emptied: %v", e)
	}
}

// Each switch of the hand-written docs' server stands alone as well.
func TestSwitches(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		opts                     omnimock.Options
		textIDs, textValues, old bool
	}{
		"none":   {},
		"all":    {omnimock.Options{CommaTextEnvironments: true}, true, true, true},
		"ids":    {omnimock.Options{CommaTextEnvironmentIDs: true}, true, false, false},
		"values": {omnimock.Options{CommaTextEnvironmentValues: true}, false, true, false},
		"answer": {omnimock.Options{LegacyEnvironmentAnswer: true}, false, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, test.opts)
			base, dev := c.create(postgres("prod")), c.create(postgres("dev"))
			form := map[bool]any{true: dev, false: []string{dev}}
			request := func(text bool) object {
				return object{"baseConnectionId": base, "environmentConnectionIds": form[text]}
			}
			if status, _ := c.send("POST", "/connection-environments", request(!test.textIDs)); status != 400 {
				t.Errorf("the other form of the ids: %d", status)
			}
			answer := c.must("POST", "/connection-environments", request(test.textIDs))
			if _, old := answer["data"]; old != test.old {
				t.Errorf("answered %v", answer)
			}
			path := "/connection-environments/" + c.Environments()[0].ID
			form = map[bool]any{true: "a,b", false: []string{"a", "b"}}
			if status, _ := c.send("PUT", path, object{"userAttributeValues": form[!test.textValues]}); status != 400 {
				t.Errorf("the other form of the values: %d", status)
			}
			c.must("PUT", path, object{"userAttributeValues": form[test.textValues]})
			if got := c.Environments()[0].UserAttributeValues; !slices.Equal(got, []string{"a", "b"}) {
				t.Errorf("values %v", got)
			}
		})
	}
}

func TestFlatAttributeOnACurrentServer(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{FlatEnvironmentAttribute: true})
	id := c.create(postgres("x"))
	c.refused("PATCH", "/connections/"+id, object{"environmentUserAttribute": nil}, 400,
		"Bad Request: formErrors: Unrecognized key(s) in object: 'environmentUserAttribute'")
	c.must("PATCH", "/connections/"+id, object{
		"name": "y", "userAttributeNameForConnectionEnvironments": "e", "userAttributeValuesForDefaultEnvironment": "p",
	})
	c.must("PATCH", "/connections/"+id, object{"host": "h"}) // says nothing of the binding
	if got := c.get(id); got["name"] != "y" || got["host"] != "h" || got["userAttributeNameForConnectionEnvironments"] != "e" || !reflect.DeepEqual(got["userAttributeValuesForDefaultEnvironment"], []any{"p"}) {
		t.Errorf("got %v", got)
	}
}
