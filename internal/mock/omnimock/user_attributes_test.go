// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/failtest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// userAttributes returns the listed attributes by name.
func (c client) userAttributes() map[string]object {
	c.t.Helper()
	answer := c.must("GET", "/user-attributes", nil)
	if len(answer) != 1 {
		c.t.Errorf("listed %v", answer)
	}
	all := map[string]object{}
	for _, item := range answer["records"].([]any) {
		all[item.(object)["name"].(string)] = item.(object)
	}
	return all
}

func TestUserAttributesListed(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{UserAttributes: []string{"region"}})
	all := c.userAttributes()
	email := object{
		"id": "", "name": "omni_user_email", "label": "User Email", "type": "String", "multiple_values": false,
		"default_value": nil, "description": nil, "system": true,
	}
	if !reflect.DeepEqual(all["omni_user_email"], email) {
		t.Errorf("Omni's own is %v", all["omni_user_email"])
	}
	for _, name := range []string{"omni_user_id", "omni_user_name", "omni_user_timezone", "omni_is_org_admin", "omni_user_groups", "omni_user_embed_entity"} {
		if all[name]["system"] != true || all[name]["id"] != "" {
			t.Errorf("%s is %v", name, all[name])
		}
	}
	if region := all["region"]; region["system"] != false || !strings.Contains(region["id"].(string), "-") || len(region) != 8 || len(all) != 8 {
		t.Errorf("region is %v of %d", region, len(all))
	}
	c.refused("GET", "/user-attributes?cursor=x", nil, 400, "Bad Request: formErrors: Unrecognized key(s) in object: 'cursor'")
	if got := newClient(t, omnimock.Options{}).userAttributes(); got["environment"] == nil || got["env"] == nil || got["region"] == nil {
		t.Errorf("by default there are %v", got)
	}
}

func TestUserAttributeLife(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	made := c.must("POST", "/user-attributes", object{"name": "tenant", "label": "Tenant", "type": "String", "description": "d", "default_value": "a"})
	id := made["id"].(string)
	want := object{"id": id, "name": "tenant", "label": "Tenant", "type": "String", "multiple_values": false, "default_value": "a", "description": "d", "system": false}
	step := func(change object, changes object) {
		t.Helper()
		if change != nil {
			c.must("PUT", "/user-attributes/"+id, change)
		}
		want = with(want, nil)
		maps.Copy(want, changes)
		name := want["name"].(string)
		if got := c.userAttributes()[name]; !reflect.DeepEqual(got, want) {
			t.Errorf("after %v it is\n%v, want\n%v", change, got, want)
		}
	}
	if !reflect.DeepEqual(made, want) {
		t.Errorf("made %v", made)
	}
	want2 := object{"description": nil, "default_value": nil}
	step(nil, nil)
	step(object{"label": "T"}, object{"label": "T"}) // what is left out is kept
	step(object{"name": "customer"}, object{"name": "customer"})
	step(object{"type": "String"}, nil)
	step(object{"multiple_values": true}, object{"multiple_values": true, "default_value": []any{"a"}})
	step(object{"default_value": []string{"b", "c"}}, object{"default_value": []any{"b", "c"}})
	c.must("PUT", "/user-attributes/"+id, want2)
	got := c.userAttributes()["customer"]
	if got["description"] != nil || got["default_value"] != nil {
		t.Errorf("cleared, it is %v", got)
	}
	if _, ok := c.userAttributes()["tenant"]; ok {
		t.Error("the former name is listed")
	}
	c.must("DELETE", "/user-attributes/"+id, nil)
	if c.userAttributes()["customer"] != nil {
		t.Error("it is still there")
	}
	c.refused("DELETE", "/user-attributes/"+id, nil, 404, "User attribute not found")
	c.refused("PUT", "/user-attributes/"+id, object{"label": "x"}, 404, "User attribute not found")
}

func TestUserAttributesRefused(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{UserAttributes: []string{"taken"}})
	const bad = "Bad Request: "
	attribute := func(changes object) object {
		return with(object{"name": "n", "label": "l", "type": "String"}, changes)
	}
	numbers := func(changes object) object { return with(attribute(object{"type": "Number"}), changes) }
	for _, test := range []struct {
		body   any
		status int
		detail string
	}{
		{"{", 400, bad + "Invalid JSON"},
		{"", 400, bad + "Empty request body"},
		{"[]", 400, bad + "formErrors: Expected object, received array"},
		{attribute(object{"name": nil}), 400, bad + "name: Required"},
		{attribute(object{"label": nil}), 400, bad + "label: Required"},
		{attribute(object{"type": nil}), 400, bad + "type: Required"},
		{attribute(object{"defaultValue": "x"}), 400, bad + "formErrors: Unrecognized key(s) in object: 'defaultValue'"},
		{attribute(object{"system": false}), 400, bad + "formErrors: Unrecognized key(s) in object: 'system'"},
		{attribute(object{"id": "x"}), 400, bad + "formErrors: Unrecognized key(s) in object: 'id'"},
		{attribute(object{"type": "Boolean"}), 400, bad + "type: Invalid enum value. Expected 'String' | 'Number', received 'Boolean'"},
		{attribute(object{"type": "string"}), 400, bad + "type: Invalid enum value. Expected 'String' | 'Number', received 'string'"},
		{attribute(object{"name": 1}), 400, bad + "name: Expected string, received number"},
		{attribute(object{"name": ""}), 400, bad + "name: String must contain at least 1 character(s)"},
		{attribute(object{"name": "a b"}), 400, bad + "name: Invalid"},
		{attribute(object{"name": "omni_x"}), 400, bad + "name: Names that begin with omni_ are reserved"},
		{attribute(object{"name": "Omni_x"}), 400, bad + "name: Names that begin with omni_ are reserved"},
		{attribute(object{"name": "taken"}), 409, `User attribute with name "taken" already exists`},
		{attribute(object{"name": "TAKEN"}), 409, `User attribute with name "TAKEN" already exists`},
		{attribute(object{"label": object{}}), 400, bad + "label: Expected string, received object"},
		{attribute(object{"label": ""}), 400, bad + "label: String must contain at least 1 character(s)"},
		{attribute(object{"description": 1}), 400, bad + "description: Expected string, received number"},
		{attribute(object{"multiple_values": "true"}), 400, bad + "multiple_values: Expected boolean, received string"},
		{attribute(object{"default_value": 1}), 400, bad + "default_value: Expected string, received number"},
		{attribute(object{"default_value": ""}), 400, bad + "default_value: String must contain at least 1 character(s)"},
		{attribute(object{"default_value": []string{"x"}}), 400, bad + "default_value: Expected string, received array"},
		{attribute(object{"multiple_values": true, "default_value": "x"}), 400, bad + "default_value: Expected array, received string"},
		{attribute(object{"multiple_values": true, "default_value": []string{"x", "x"}}), 400, bad + "default_value: Duplicate value"},
		{attribute(object{"multiple_values": true, "default_value": []any{"x", nil}}), 400, bad + "default_value: Expected string, received null"},
		{numbers(object{"default_value": "ten"}), 400, bad + "default_value: Expected number, received nan"},
		{numbers(object{"default_value": "true"}), 400, bad + "default_value: Expected number, received nan"},
		{numbers(object{"default_value": json.Number("1e400")}), 400, bad + "default_value: Expected number, received nan"},
		{numbers(object{"default_value": true}), 400, bad + "default_value: Expected number, received boolean"},
	} {
		c.refused("POST", "/user-attributes", test.body, test.status, test.detail)
	}
	if got := len(c.userAttributes()); got != 8 {
		t.Errorf("there are %d", got)
	}

	several := c.must("POST", "/user-attributes", attribute(object{"multiple_values": true}))["id"].(string)
	for _, test := range []struct {
		body   any
		status int
		detail string
	}{
		{object{}, 400, bad + "Empty request body"},
		{object{"type": "Number"}, 400, bad + "type: The type of a user attribute cannot be changed"},
		{object{"multiple_values": false}, 400, bad + "multiple_values: A user attribute with multiple values cannot be changed to a single value"},
		{object{"name": "taken"}, 409, `User attribute with name "taken" already exists`},
		{object{"system": true}, 400, bad + "formErrors: Unrecognized key(s) in object: 'system'"},
	} {
		c.refused("PUT", "/user-attributes/"+several, test.body, test.status, test.detail)
	}
	c.must("PUT", "/user-attributes/"+several, object{"name": "N"}) // its own name in another case
	c.refused("PUT", "/user-attributes/omni_user_email", object{"label": "x"}, 400, bad+"id: Invalid uuid")
	c.refused("DELETE", "/user-attributes/"+unknownID, nil, 404, "User attribute not found")
	c.refused("GET", "/user-attributes/"+several, nil, 405, "Method Not Allowed") // there is no get-one
	c.refused("PATCH", "/user-attributes/"+several, object{"label": "x"}, 405, "Method Not Allowed")

	fixed := newClient(t, omnimock.Options{UserAttributeNameFixed: true})
	id := fixed.must("POST", "/user-attributes", attribute(nil))["id"].(string)
	fixed.refused("PUT", "/user-attributes/"+id, object{"name": "m"}, 400, bad+"name: The name of a user attribute cannot be changed")
	fixed.must("PUT", "/user-attributes/"+id, object{"name": "n"})
	fixed.must("PUT", "/user-attributes/"+id, object{"label": "another"})
}

func TestUserAttributeNumbers(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	c.must("POST", "/user-attributes", `{"name":"n","label":"n","type":"Number","multiple_values":true,"default_value":[1.50,"-2e3",9007199254740993,"9007199254740993",0.0,1e20,1e21,-1E21,0.000001,1e-7]}`)
	// Values of numbers are kept as text, but a JSON number above 2^53-1 was rounded before.
	if got := c.userAttributes()["n"]["default_value"]; !reflect.DeepEqual(got, []any{"1.5", "-2e3", "9007199254740992", "9007199254740993", "0", "100000000000000000000", "1e+21", "-1e+21", "0.000001", "1e-7"}) {
		t.Errorf("got %v", got)
	}
}

// Every form of answer, and the servers that have no writes.
func TestUserAttributeAnswers(t *testing.T) {
	t.Parallel()
	body := object{"name": "n", "label": "l", "type": "String"}
	for form, inside := range map[omnimock.AttributeAnswer]string{omnimock.AnswerRecord: "record", omnimock.AnswerNested: "userAttribute"} {
		c := newClient(t, omnimock.Options{UserAttributeAnswer: form})
		answer := c.must("POST", "/user-attributes", body)
		if made, ok := answer[inside].(object); !ok || made["name"] != "n" || len(answer) != 1 {
			t.Errorf("answered %v", answer)
		}
	}
	c := newClient(t, omnimock.Options{UserAttributeAnswer: omnimock.AnswerSuccess})
	if answer := c.must("POST", "/user-attributes", body); !reflect.DeepEqual(answer, object{"success": true}) {
		t.Errorf("answered %v", answer)
	}
	empty := newClient(t, omnimock.Options{UserAttributeAnswer: omnimock.AnswerEmpty})
	r := httptest.NewRequest("POST", v1+"/user-attributes", strings.NewReader(`{"name":"n","label":"l","type":"String"}`))
	r.Header.Set("Authorization", "Bearer "+empty.Token())
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	empty.ServeHTTP(w, r)
	if w.Code != http.StatusNoContent || w.Body.Len() != 0 {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}

	for status, detail := range map[int]string{404: "Not Found", 405: "Method Not Allowed", 400: "Invalid method"} {
		c := newClient(t, omnimock.Options{UserAttributeWritesStatus: status})
		id := c.userAttributes()["region"]["id"].(string)
		c.refused("POST", "/user-attributes", body, status, detail)
		c.refused("PUT", "/user-attributes/"+id, object{"label": "x"}, status, detail)
		c.refused("DELETE", "/user-attributes/"+id, nil, status, detail)
	}
	narrow := newClient(t, omnimock.Options{Generation: omnimock.Narrow2026})
	narrow.refused("POST", "/user-attributes", body, 404, "Not Found")
	guide := newClient(t, omnimock.Options{Generation: omnimock.Guide2025})
	guide.refused("GET", "/user-attributes", nil, 404, "Not Found")
}

// The refusal of a key without the right has a form of its own.
func TestUserAttributesForbidden(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	c.Forbid("POST", "/api/v1/user-attributes")
	status, answer := c.send("POST", "/user-attributes", object{"name": "n", "label": "l", "type": "String"})
	want := object{"error": "Forbidden", "message": "User does not have permission to manage user attributes"}
	if status != 403 || !reflect.DeepEqual(answer, want) {
		t.Errorf("answered %d %v", status, answer)
	}
	c.userAttributes()
}

// Who works where, by the attribute: the end of the definition is the end of the
// routes, and nothing else changes.
func TestRoutesByAttribute(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	base, prod, test := c.create(postgres("base")), c.create(postgres("prod")), c.create(postgres("test"))
	c.AddEnvironment(base, prod, "prod", "live")
	c.AddEnvironment(base, test, "test")
	requireRoute := func(want string, values ...string) {
		t.Helper()
		if got, reason := c.RouteOf(base, values); got != want || reason == "" {
			t.Errorf("%q leads to %s (%s), want %s", values, got, reason, want)
		}
	}
	requireRoute(base, "prod") // nothing is bound
	bind := object{"environmentUserAttribute": object{"attributeName": "environment", "defaultValues": []string{"dev"}}}
	c.must("PATCH", "/connections/"+base, bind)
	requireRoute(prod, "prod")
	requireRoute(prod, "live", "prod")
	requireRoute(prod, "dev", "prod")
	requireRoute(prod, "nothing", "prod")
	requireRoute(base, "dev")
	for value, want := range map[string]string{
		"dev": `the environment "dev" is a default value of the base connection`, "x": `no environment has the environment "x"`,
	} {
		if _, reason := c.Route(base, value); reason != want {
			t.Errorf("%s: %s", value, reason)
		}
	}
	requireRoute(base, "Prod")
	requireRoute(base, " prod")
	requireRoute(base)
	requireRoute("", "prod", "test") // which of the two is not documented
	c.EditUserAttribute("environment", func(a *omnimock.UserAttribute) { a.DefaultValues = []string{"test"} })
	requireRoute(test)
	requireRoute(base, "dev")

	id := c.userAttributes()["environment"]["id"].(string)
	c.must("DELETE", "/user-attributes/"+id, nil)
	requireRoute(base, "prod")
	if got := c.get(base)["userAttributeNameForConnectionEnvironments"]; got != "environment" {
		t.Errorf("bound to %v", got)
	}
	c.AddUserAttribute(omnimock.UserAttribute{Name: "environment"})
	requireRoute(prod, "prod")

	strict := newClient(t, omnimock.Options{BindingNeedsAttribute: true})
	id = strict.create(postgres("base"))
	strict.must("PATCH", "/connections/"+id, bind)
	strict.refused("PATCH", "/connections/"+id, object{"environmentUserAttribute": object{"attributeName": "nobody", "defaultValues": nil}}, 400,
		`Bad Request: environmentUserAttribute: User attribute "nobody" does not exist`)
}

func TestUserAttributesOutOfBand(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{UserAttributes: []string{}})
	id := c.AddUserAttribute(omnimock.UserAttribute{Name: "a", DefaultValues: []string{"x"}})
	copied, _ := c.UserAttribute("a")
	copied.DefaultValues[0] = "mine"
	if again, ok := c.UserAttribute("a"); !ok || again.ID != id || again.DefaultValues[0] != "x" || again.Label != "a" || again.Type != "String" {
		t.Errorf("got %v", again)
	}
	c.EditUserAttribute("a", func(a *omnimock.UserAttribute) { a.Name = "b" })
	if got := c.UserAttributes(); len(got) != 8 || got[0].Name != "b" || got[0].ID != id {
		t.Errorf("got %v", got)
	}
	snapshot := c.Snapshot()
	restored := newClient(t, omnimock.Options{})
	restored.Restore(snapshot)
	if !reflect.DeepEqual(restored.UserAttributes(), c.UserAttributes()) {
		t.Errorf("restored %v", restored.UserAttributes())
	}
	c.RemoveUserAttribute("b")
	if _, ok := c.UserAttribute("b"); ok {
		t.Error("it is still there")
	}
	failtest.RequirePanics(t, map[string]func(){
		"no name":   func() { c.AddUserAttribute(omnimock.UserAttribute{}) },
		"Omni's":    func() { c.AddUserAttribute(omnimock.UserAttribute{Name: "omni_user_id"}) },
		"no such":   func() { c.EditUserAttribute("b", func(*omnimock.UserAttribute) {}) },
		"gone once": func() { c.RemoveUserAttribute("b") },
	})
}
