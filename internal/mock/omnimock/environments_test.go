// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// environmentsOf creates environments and returns their ids by connection.
func (c client) environmentsOf(base string, ids ...string) map[string]string {
	c.t.Helper()
	answer := c.must("POST", "/connection-environments", object{"baseConnectionId": base, "environmentConnectionIds": ids})
	out, last := map[string]string{}, ""
	for _, item := range answer["connectionEnvironments"].([]any) {
		e := item.(object)
		if e["baseConnectionId"] != base || !reflect.DeepEqual(e["userAttributeValues"], []any{}) || len(e) != 4 {
			c.t.Errorf("created %v", e)
		}
		if e["id"].(string) < last {
			c.t.Errorf("not by id: %v", answer)
		}
		last = e["id"].(string)
		out[e["connectionId"].(string)] = last
	}
	if len(answer) != 1 || len(out) != len(ids) {
		c.t.Errorf("creation answered %v", answer)
	}
	return out
}

func values(list ...string) object { return object{"userAttributeValues": append([]string{}, list...)} }

func TestFiveStepsOfTheGuide(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{EnvironmentList: true})
	base, dev, stage := c.create(postgres("prod")), c.create(postgres("dev")), c.create(postgres("stage"))
	environments := c.environmentsOf(base, dev, stage)
	c.must("PATCH", "/connections/"+base, object{
		"environmentUserAttribute": object{"attributeName": "environment", "defaultValues": []string{"prod"}},
	})
	answer := c.must("PUT", "/connection-environments/"+environments[dev], values("dev", "test"))
	if !reflect.DeepEqual(answer, object{"success": true}) {
		t.Errorf("PUT answered %v", answer)
	}
	c.must("PUT", "/connection-environments/"+environments[stage], values("stage"))
	for value, want := range map[string]string{"prod": base, "dev": dev, "test": dev, "stage": stage, "Dev": base, "": base} {
		if got, reason := c.Route(base, value); got != want || reason == "" {
			t.Errorf("%q gets %s (%s), want %s", value, got, reason, want)
		}
	}
	listed := c.must("GET", "/connection-environments", nil)["connectionEnvironments"].([]any)
	if len(listed) != 2 {
		t.Errorf("listed %v", listed)
	}
	for _, item := range listed {
		e := item.(object)
		if e["connectionId"] == dev && !reflect.DeepEqual(e["userAttributeValues"], []any{"dev", "test"}) {
			t.Errorf("listed %v", e)
		}
	}
	c.refused("GET", "/connection-environments?baseConnectionId="+base, nil, 400,
		"Bad Request: formErrors: Unrecognized key(s) in object: 'baseConnectionId'")

	// Unbound, the base serves everybody; the environments stay.
	c.must("PATCH", "/connections/"+base, object{"environmentUserAttribute": nil})
	if got, _ := c.Route(base, "dev"); got != base {
		t.Errorf("unbound, dev gets %s", got)
	}
	if answer := c.must("DELETE", "/connection-environments/"+environments[dev], nil); !reflect.DeepEqual(answer, object{"success": true}) {
		t.Errorf("DELETE answered %v", answer)
	}
	c.refused("DELETE", "/connection-environments/"+environments[dev], nil, 404,
		"Connection environment with id "+environments[dev]+" does not exist")
	if got := c.get(dev); got["deletedAt"] != nil {
		t.Error("detaching deleted the connection")
	}
}

func TestEnvironmentsRefused(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	base, dev, used, other := c.create(postgres("prod")), c.create(postgres("dev")), c.create(postgres("used")), c.create(snowflake())
	gone := c.create(postgres("gone"))
	c.must("DELETE", "/connections/"+gone, nil)
	environment := c.environmentsOf(base, used)[used]
	const bad = "Bad Request: "
	invalid := "The following environment connection IDs are not valid for this connection: "
	request := func(base, ids any) object {
		return object{"baseConnectionId": base, "environmentConnectionIds": ids}
	}
	for _, test := range []struct {
		body   any
		status int
		detail string
	}{
		{"{", 400, bad + "Invalid JSON"},
		{object{}, 400, bad + "baseConnectionId: Required"},
		{object{"baseConnectionId": base}, 400, bad + "environmentConnectionIds: Required"},
		{with(request(base, []string{dev}), values("x")), 400, bad + "formErrors: Unrecognized key(s) in object: 'userAttributeValues'"},
		{request("prod", []string{dev}), 400, bad + "baseConnectionId: Base connection ID must be a valid UUID"},
		{request("{"+base+"}", []string{dev}), 400, bad + "baseConnectionId: Base connection ID must be a valid UUID"},
		{request(1, []string{dev}), 400, bad + "baseConnectionId: Expected string, received number"},
		{request(base, dev), 400, bad + "environmentConnectionIds: Expected array, received string"},
		{request(base, []any{1}), 400, bad + "environmentConnectionIds: Expected string, received number"},
		{request(base, []string{"dev"}), 400, bad + "environmentConnectionIds: All environment connection IDs must be valid UUIDs"},
		{request(base, []string{}), 400, bad + "environmentConnectionIds: Array must contain at least 1 element(s)"},
		{request(unknownID, []string{dev}), 404, "Connection with id " + unknownID + " does not exist"},
		{request(gone, []string{dev}), 404, "Connection with id " + gone + " does not exist"},
		{request(base, []string{dev, unknownID}), 404, "Connection with id " + unknownID + " does not exist"},
		{request(base, []string{gone}), 404, "Connection with id " + gone + " does not exist"},
		{request(base, []string{base}), 400, invalid + base},
		{request(base, []string{dev, other, used}), 400, invalid + other + ", " + used},
		{request(base, []string{dev, dev}), 400, invalid + dev},
	} {
		c.refused("POST", "/connection-environments", test.body, test.status, test.detail)
	}
	if n := len(c.Environments()); n != 1 {
		t.Errorf("%d environments", n)
	}
	path := "/connection-environments/" + environment
	for body, detail := range map[string]string{
		"":  bad + "Invalid JSON",
		"{": bad + "Invalid JSON",
		`{"userAttributeValues":["a"],"connectionId":"x"}`: bad + "formErrors: Unrecognized key(s) in object: 'connectionId'",
		`{}`:                                bad + "userAttributeValues: Required",
		`{"userAttributeValues":null}`:      bad + "userAttributeValues: Expected array, received null",
		`{"userAttributeValues":"a"}`:       bad + "userAttributeValues: Expected array, received string",
		`{"userAttributeValues":[1]}`:       bad + "userAttributeValues: Expected string, received number",
		`{"userAttributeValues":[""]}`:      bad + "userAttributeValues: String must contain at least 1 character(s)",
		`{"userAttributeValues":["a","a"]}`: `User attribute value "a" is already in use`,
	} {
		c.refused("PUT", path, body, 400, detail)
	}
	c.refused("PUT", "/connection-environments/x", values(), 400, bad+"id: Invalid uuid")
	c.refused("DELETE", "/connection-environments/x", nil, 400, bad+"id: Invalid uuid")
	c.refused("PUT", "/connection-environments/"+unknownID, values(), 404, "Connection environment with id "+unknownID+" does not exist")
}

func TestValuesAreUniquePerBase(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	base, one, two := c.create(postgres("prod")), c.create(postgres("one")), c.create(postgres("two"))
	environments := c.environmentsOf(base, one, two)
	first, second := "/connection-environments/"+environments[one], "/connection-environments/"+environments[two]
	bind := func(list ...string) object {
		return object{"environmentUserAttribute": object{"attributeName": "e", "defaultValues": list}}
	}
	inUse := func(value string) string { return `User attribute value "` + value + `" is already in use` }
	c.must("PATCH", "/connections/"+base, bind("prod"))
	c.must("PUT", first, values("a", "b"))
	c.must("PUT", first, values("b", "a")) // its own values are free
	c.refused("PUT", second, values("c", "b"), 400, inUse("b"))
	c.refused("PUT", second, values("prod"), 400, inUse("prod"))
	c.must("PUT", second, values("c"))
	c.refused("PATCH", "/connections/"+base, bind("prod", "c"), 400, inUse("c"))
	c.must("PATCH", "/connections/"+base, bind("prod", "d")) // its own are free too
	// A swap has to free a value first.
	c.refused("PUT", first, values("c"), 400, inUse("c"))
	c.must("PUT", first, values())
	c.must("PUT", second, values("a", "b"))
	c.must("PUT", first, values("c"))
	// Another base is another matter.
	base2 := c.create(postgres("prod 2"))
	env2 := c.environmentsOf(base2, one)[one]
	c.must("PUT", "/connection-environments/"+env2, values("a", "prod"))
}

func TestAssociationsGoWithTheirConnections(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	base, one, two := c.create(postgres("prod")), c.create(postgres("one")), c.create(postgres("two"))
	environments := c.environmentsOf(base, one, two)
	c.must("DELETE", "/connections/"+one, nil)
	c.refused("PUT", "/connection-environments/"+environments[one], values(), 404, "Connection environment with id "+environments[one]+" does not exist")
	c.must("PUT", "/connection-environments/"+environments[two], values("x"))
	c.must("DELETE", "/connections/"+base, nil)
	if n := len(c.Environments()); n != 0 {
		t.Errorf("%d environments left", n)
	}
	if id, reason := c.Route(base, "x"); id != "" || !strings.Contains(reason, "does not exist") {
		t.Errorf("a deleted base leads to %q, %s", id, reason)
	}
}

func TestEnvironmentsAreAnsweredByID(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	var ids []string
	for range 8 {
		ids = append(ids, c.create(postgres("x")))
	}
	c.environmentsOf(c.create(postgres("base")), ids...)
}
