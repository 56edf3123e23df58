// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock_test

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/failtest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

const (
	attributesKey = "urn:omni:params:1.0:UserAttribute"
	patchSchema   = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
)

// userClient asks under the prefix of SCIM.
func userClient(t *testing.T, opts omnimock.Options) client {
	t.Helper()
	c := newClient(t, opts)
	c.prefix = "/api/scim/v2"
	return c
}

func patch(operations ...object) object {
	return object{"schemas": []string{patchSchema}, "Operations": operations}
}

// merge is the operation without a path.
func merge(values object) object {
	return object{"op": "replace", "value": object{attributesKey: values}}
}

func emails(answer object) []string {
	var all []string
	for _, user := range answer["Resources"].([]any) {
		all = append(all, user.(object)["userName"].(string))
	}
	return all
}

func TestUsersListed(t *testing.T) {
	t.Parallel()
	c := userClient(t, omnimock.Options{UserPage: 2})
	ids := []string{"11111111-0000-4000-8000-000000000001", "11111111-0000-4000-8000-000000000002", "11111111-0000-4000-8000-000000000003"}
	for i, name := range []string{"ada@example.com", "bob@example.com", "eve@example.com"} {
		c.AddUser(omnimock.User{ID: ids[i], UserName: name})
	}
	first := c.must("GET", "/Users", nil)
	if got := emails(first); !reflect.DeepEqual(got, []string{"ada@example.com", "bob@example.com"}) {
		t.Errorf("the first page has %v", got)
	}
	delete(first, "Resources")
	want := object{"schemas": []any{"urn:ietf:params:scim:api:messages:2.0:ListResponse"}, "totalResults": 3.0, "startIndex": 1.0, "itemsPerPage": 2.0}
	if !reflect.DeepEqual(first, want) {
		t.Errorf("the frame is %v", first)
	}
	for path, want := range map[string][]string{
		"/users?startIndex=3":                                    {"eve@example.com"},
		"/Users?startIndex=4":                                    nil,
		"/Users?count=1&startIndex=2":                            {"bob@example.com"},
		"/Users?count=1000":                                      {"ada@example.com", "bob@example.com"}, // as many as a page has
		`/Users?filter=userName+eq+"BOB@example.com"`:            {"bob@example.com"},
		`/Users?filter=userName+eq+"b"`:                          nil,
		"/Users?filter=" + url.QueryEscape(`userName eq "a\"b"`): nil,
	} {
		if got := emails(c.must("GET", path, nil)); !reflect.DeepEqual(got, want) {
			t.Errorf("%s found %v", path, got)
		}
	}
	const bad = "Bad Request: "
	c.refused("GET", "/Users?sortBy=userName", nil, 400, bad+"formErrors: Unrecognized key(s) in object: 'sortBy'")
	c.refused("GET", "/Users?startIndex=0", nil, 400, bad+"startIndex: Number must be greater than or equal to 1")
	c.refused("GET", "/Users?count=x", nil, 400, bad+"count: Number must be greater than or equal to 1")
	for _, filter := range []string{"", "userName", `userName co "a"`, `email eq "a"`, `userName eq a`, `userName eq "a" or userName eq "b"`} {
		c.refused("GET", "/Users?filter="+url.QueryEscape(filter), nil, 400, bad+"filter: Invalid filter")
	}
	c.refused("POST", "/Users", object{}, 405, "Method Not Allowed")
	c.refused("GET", "/groups", nil, 404, "Not Found")

	strict := userClient(t, omnimock.Options{RefuseLargeUserPages: true, LooseUserFilter: true})
	strict.refused("GET", "/Users?count=101", nil, 400, bad+"count: Number must be less than or equal to 100")
	strict.AddUser(omnimock.User{UserName: "ada@example.com"})
	if got := emails(strict.must("GET", `/Users?filter=userName+eq+"da@example.com"`, nil)); len(got) != 1 {
		t.Errorf("the loose filter found %v", got)
	}
}

// What a user looks like, in the three forms.
func TestUserShown(t *testing.T) {
	t.Parallel()
	narrow := object{"userName": "ada@example.com", "displayName": "Ada", "active": false, "schemas": []any{"urn:ietf:params:scim:schemas:core:2.0:User"}}
	for form, more := range map[omnimock.UserAnswer][]string{
		omnimock.WholeUsers: {attributesKey, "emails", "groups", "meta"}, omnimock.UsersWithoutEmptyParts: {"emails", "meta"}, omnimock.NarrowUsers: {},
	} {
		c := userClient(t, omnimock.Options{Users: form})
		id := c.AddUser(omnimock.User{UserName: "ada@example.com", DisplayName: "Ada", Inactive: true})
		user := c.must("GET", "/users/"+id, nil)
		if user["id"] != id {
			t.Errorf("the id is %v", user["id"])
		}
		for key, want := range narrow {
			if !reflect.DeepEqual(user[key], want) {
				t.Errorf("%s is %v", key, user[key])
			}
		}
		for _, key := range more {
			if _, ok := user[key]; !ok {
				t.Errorf("form %d lacks %s", form, key)
			}
		}
		if len(user) != 5+len(more) {
			t.Errorf("form %d has %v", form, keys(user))
		}
	}
	c := userClient(t, omnimock.Options{Users: omnimock.UsersWithoutEmptyParts})
	id := c.AddUser(omnimock.User{UserName: "ada@example.com", Groups: []string{"Analysts"}, Attributes: object{"region": "eu"}})
	user := c.must("GET", "/Users/"+strings.ToUpper(id), nil)
	group := user["groups"].([]any)[0].(object)
	meta := user["meta"].(object)
	if added, _ := c.User("ada@example.com"); meta["resourceType"] != "User" || meta["created"] != meta["lastModified"] || added.CreatedAt.IsZero() || !added.UpdatedAt.Equal(added.CreatedAt) {
		t.Errorf("%v of %v", meta, added)
	}
	if group["display"] != "Analysts" || len(group["value"].(string)) != 8 || !reflect.DeepEqual(user[attributesKey], object{"region": "eu"}) {
		t.Errorf("got %v", user)
	}
	c.refused("GET", "/Users/x", nil, 400, "Bad Request: id: Invalid uuid")
	c.refused("GET", "/Users/"+unknownID, nil, 404, "User with id "+unknownID+" does not exist")
}

// The server merges: what is not named stays, null clears.
func TestUserPatched(t *testing.T) {
	t.Parallel()
	c := userClient(t, omnimock.Options{})
	c.AddUserAttribute(omnimock.UserAttribute{Name: "level", Type: "Number"})
	c.AddUserAttribute(omnimock.UserAttribute{Name: "teams", MultipleValues: true})
	c.AddUserAttribute(omnimock.UserAttribute{Name: "codes", Type: "Number", MultipleValues: true})
	id := c.AddUser(omnimock.User{UserName: "ada@example.com", Attributes: object{"env": "dev"}})
	path := "/Users/" + id
	check := func(body, want object) {
		t.Helper()
		if got := c.must("PATCH", path, body)[attributesKey]; !reflect.DeepEqual(got, want) {
			t.Errorf("%v made %v", body, got)
		}
		if got := c.must("GET", path, nil)[attributesKey]; !reflect.DeepEqual(got, want) {
			t.Errorf("%v left %v", body, got)
		}
	}
	check(patch(merge(object{"region": "eu", "level": 3, "teams": []string{"a", "b"}})), object{"env": "dev", "region": "eu", "level": 3.0, "teams": []any{"a", "b"}})
	check(patch(merge(object{"teams": nil, "level": nil})), object{"env": "dev", "region": "eu"})
	check(patch(merge(object{"level": "9007199254740993"})), object{"env": "dev", "region": "eu", "level": "9007199254740993"})
	check(patch(merge(object{"level": json.Number("9007199254740993"), "codes": []any{1, "2"}})), object{"env": "dev", "region": "eu", "level": 9007199254740992.0, "codes": []any{1.0, "2"}})
	check(patch(merge(object{"level": nil, "codes": nil})), object{"env": "dev", "region": "eu"})
	for _, at := range []string{":", "."} {
		check(patch(object{"op": "Replace", "path": attributesKey + at + "region", "value": "us"}), object{"env": "dev", "region": "us"})
		check(patch(object{"op": "remove", "path": attributesKey + at + "region", "value": nil}), object{"env": "dev"})
	}
	check(patch(object{"op": "add", "value": object{attributesKey: object{"region": "us"}}}), object{"env": "dev", "region": "us"})
	check(patch(merge(object{"region": nil})), object{"env": "dev"})
	check(patch(merge(object{"region": "us"}), object{"op": "remove", "path": attributesKey + ":region", "value": "us"}), object{"env": "dev"})
	core := patch(merge(object{"env": nil}))
	core["schemas"] = []string{"urn:ietf:params:scim:schemas:core:2.0:User"}
	check(core, object{})

	// With the definition go the values, and a renamed one keeps them.
	c.SetUserValues(id, object{"env": "dev", "region": "eu"})
	c.EditUserAttribute("env", func(a *omnimock.UserAttribute) { a.Name = "stage" })
	c.RemoveUserAttribute("region")
	check(patch(merge(object{"environment": "x"})), object{"stage": "dev", "environment": "x"})
	stage, _ := c.UserAttribute("stage")
	c.prefix = v1
	c.must("PUT", "/user-attributes/"+stage.ID, object{"name": "tier"})
	if user, _ := c.User("ada@example.com"); !reflect.DeepEqual(user.Attributes, object{"tier": "dev", "environment": "x"}) {
		t.Errorf("renamed: %v", user.Attributes)
	}
}

func TestUserPatchIsDated(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 1, 2, 3, 0, time.UTC)
	c := userClient(t, omnimock.Options{Now: func() time.Time { return now }})
	path := "/Users/" + c.AddUser(omnimock.User{UserName: "ada@example.com"})
	now = now.Add(time.Minute)
	meta := c.must("PATCH", path, patch(merge(object{"env": "dev"})))["meta"].(object)
	if meta["created"] != "2026-11-27T01:02:03.000Z" || meta["lastModified"] != "2026-11-27T01:03:03.000Z" {
		t.Errorf("%v", meta)
	}
}

func TestUserPatchRefused(t *testing.T) {
	t.Parallel()
	c := userClient(t, omnimock.Options{})
	c.AddUserAttribute(omnimock.UserAttribute{Name: "level", Type: "Number"})
	c.AddUserAttribute(omnimock.UserAttribute{Name: "teams", MultipleValues: true})
	id := c.AddUser(omnimock.User{UserName: "ada@example.com"})
	const bad = "Bad Request: "
	values := func(name string, value any) object { return patch(merge(object{name: value})) }
	at := func(path string) object { return patch(object{"op": "replace", "path": path, "value": "x"}) }
	for _, test := range []struct {
		body   any
		detail string
	}{
		{"{", bad + "Invalid JSON"},
		{object{"Operations": []any{}}, bad + "schemas: Required"},
		{with(patch(), object{"Operations": nil}), bad + "Operations: Required"},
		{with(patch(), object{"schemas": []string{"x"}}), bad + "schemas: Invalid"},
		{with(patch(), object{"schemas": []string{}}), bad + "schemas: Invalid"},
		{with(patch(), object{"schemas": []string{patchSchema, patchSchema}}), bad + "schemas: Invalid"},
		{with(patch(), object{"schemas": "x"}), bad + "schemas: Expected array, received string"},
		{with(patch(), object{"Operations": object{}}), bad + "Operations: Expected array, received object"},
		{with(patch(), object{"Operations": []any{"x"}}), bad + "Operations.0: Expected object, received string"},
		{patch(object{"op": "replace", "value": "x", "from": "y"}), bad + "formErrors: Unrecognized key(s) in object: 'from'"},
		{patch(object{"op": 1, "value": "x"}), bad + "Operations.0.op: Expected string, received number"},
		{patch(object{"op": "add", "path": 1, "value": "x"}), bad + "Operations.0.path: Expected string, received number"},
		{at(""), bad + "Operations.0.path: String must contain at least 1 character(s)"},
		{patch(object{"op": "replace", "value": object{attributesKey: "x"}}), bad + "Operations.0.value." + attributesKey + ": Expected object, received string"},
		{with(patch(), object{"x": 1}), bad + "formErrors: Unrecognized key(s) in object: 'x'"},
		{with(patch(), object{"Operations": []any{}}), bad + "Operations: Array must contain at least 1 element(s)"},
		{patch(object{"op": "set", "value": "x"}), bad + "Operations.0.op: Invalid enum value. Expected 'add' | 'replace' | 'remove', received 'set'"},
		{patch(object{"op": "remove", "path": attributesKey + ":env"}), bad + "Operations.0.value: Required"},
		{patch(object{"op": "remove", "value": nil}), bad + "Operations.0.path: Required"},
		{patch(object{"op": "replace", "value": "x"}), bad + "Operations.0.value: Expected object, received string"},
		{patch(object{"op": "replace", "value": object{"userName": "x@example.com"}}), bad + "formErrors: Unrecognized key(s) in object: 'userName'"},
		{at(":env"), bad + "Operations.0.path: Unsupported path ':env'"},
		{at("userName"), bad + "Operations.0.path: Unsupported path 'userName'"},
		{at(attributesKey), bad + "Operations.0.path: Unsupported path '" + attributesKey + "'"},
		{at(attributesKey + ":nobody"), bad + "nobody: User attribute does not exist"},
		{values("nobody", "x"), bad + "nobody: User attribute does not exist"},
		{values("omni_user_email", "x"), bad + "omni_user_email: System attributes cannot be set"},
		{values("env", ""), bad + "env: String must contain at least 1 character(s)"},
		{values("env", 1), bad + "env: Expected string, received number"},
		{values("env", []string{"x"}), bad + "env: Expected string, received array"},
		{values("level", "1-2"), bad + "level: Expected number, received nan"},
		{values("level", "ten"), bad + "level: Expected number, received nan"},
		{values("level", true), bad + "level: Expected number, received boolean"},
		{values("teams", "x"), bad + "teams: Expected array, received string"},
		{values("teams", []string{}), bad + "teams: Array must contain at least 1 element(s)"},
		{values("teams", []string{"x", "x"}), bad + "teams: Duplicate value"},
		// One that is refused takes the others with it.
		{patch(merge(object{"env": "dev"}), merge(object{"nobody": "x"})), bad + "nobody: User attribute does not exist"},
	} {
		c.refused("PATCH", "/Users/"+id, test.body, 400, test.detail)
	}
	if user, _ := c.User("Ada@example.com"); len(user.Attributes) != 0 {
		t.Errorf("there is %v", user.Attributes)
	}
	old := userClient(t, omnimock.Options{UserPathsOnly: true})
	id = old.AddUser(omnimock.User{UserName: "ada@example.com"})
	old.refused("PATCH", "/Users/"+id, values("env", "x"), 400, bad+"Operations.0.path: Required")
}

// A person's key is refused whatever it asks SCIM, and may ask the rest.
func TestUsersNeedAnOrganizationKey(t *testing.T) {
	t.Parallel()
	c := userClient(t, omnimock.Options{PersonalToken: true})
	const text = "User-scoped API keys are not allowed to access the SCIM API."
	c.refused("GET", "/Users", nil, 403, text)
	c.refused("GET", "/users/"+unknownID, nil, 403, text)
	c.refused("PATCH", "/users/"+unknownID, patch(), 403, text)
	c.prefix = v1
	if !strings.HasPrefix(c.Token(), "omni_pat_") {
		t.Errorf("the token is %s", c.Token())
	}
	c.must("GET", "/user-attributes", nil)
	r := httptest.NewRequest("GET", "/api/scim/v2/Users", nil)
	if status, _ := c.roundTrip(r); status != 401 {
		t.Errorf("without a token: %d", status)
	}
}

func TestRouteOfUser(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	base, prod := c.create(postgres("base")), c.create(postgres("prod"))
	c.AddEnvironment(base, prod, "prod", "Admins", "eve@example.com", "3", "red")
	c.AddUserAttribute(omnimock.UserAttribute{Name: "teams", MultipleValues: true})
	c.AddUserAttribute(omnimock.UserAttribute{Name: "level", Type: "Number"})
	ada := c.AddUser(omnimock.User{UserName: "ada@example.com", Groups: []string{"Staff", "Admins"}, Attributes: object{"env": "prod", "level": json.Number("3"), "teams": []any{"blue", "red"}}})
	eve := c.AddUser(omnimock.User{UserName: "eve@example.com"})
	for attribute, want := range map[string][2]string{
		"env": {prod, base}, "level": {prod, base}, "teams": {prod, base}, "omni_user_groups": {prod, base}, "omni_user_email": {base, prod}, "omni_user_name": {base, prod},
	} {
		c.must("PATCH", "/connections/"+base, object{"environmentUserAttribute": object{"attributeName": attribute, "defaultValues": []string{}}})
		for i, user := range []string{ada, eve} {
			if got, reason := c.RouteOfUser(base, user); got != want[i] || reason == "" {
				t.Errorf("by %s user %d gets %s (%s)", attribute, i, got, reason)
			}
		}
	}
	for _, ids := range [][2]string{{base, unknownID}, {unknownID, ada}} {
		if got, reason := c.RouteOfUser(ids[0], ids[1]); got != "" || reason != "there is no such user or base" {
			t.Errorf("%s (%s)", got, reason)
		}
	}
}

func TestUsersOutOfBand(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	id := c.AddUser(omnimock.User{UserName: "ada@example.com", Attributes: object{"env": "dev"}})
	restored := c.restored()
	many := newClient(t, omnimock.Options{})
	for i := range 5 {
		many.AddUser(omnimock.User{UserName: strconv.Itoa(i) + "@example.com"})
	}
	if !slices.IsSortedFunc(many.Users(), func(a, b omnimock.User) int { return strings.Compare(a.ID, b.ID) }) {
		t.Errorf("not by id: %v", many.Users())
	}
	if got := restored.Users(); len(got) != 1 || got[0].ID != id || got[0].Attributes["env"] != "dev" {
		t.Errorf("restored %v", got)
	}
	c.EditUser(id, func(u *omnimock.User) { u.Inactive, u.Attributes = true, nil })
	c.prefix = "/api/scim/v2"
	if got := c.must("PATCH", "/Users/"+id, patch(merge(object{"region": "eu"})))[attributesKey]; !reflect.DeepEqual(got, object{"region": "eu"}) {
		t.Errorf("got %v", got)
	}
	if user, ok := c.User("ADA@example.com"); !ok || !user.Inactive {
		t.Errorf("got %v", user)
	}
	c.RemoveUser(id)
	failtest.RequirePanics(t, map[string]func(){
		"no address": func() { c.AddUser(omnimock.User{UserName: "ada"}) },
		"taken": func() {
			c.AddUser(omnimock.User{UserName: "bob@example.com"})
			c.AddUser(omnimock.User{UserName: "BOB@example.com"})
		},
		"no attribute": func() { c.AddUser(omnimock.User{UserName: "c@example.com", Attributes: object{"nobody": "x"}}) },
		"gone":         func() { c.SetUserValues(id, nil) },
		"gone too":     func() { c.EditUser(id, func(*omnimock.User) {}) },
	})
}
