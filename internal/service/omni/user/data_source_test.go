// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package user_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

const usersType = "dataconn_omni_users"

type object = map[string]any

func start(t *testing.T, options omnimock.Options) (*omnimock.Server, *protocol.Provider) {
	t.Helper()
	s := omnimock.Start(t, options)
	s.AddUserAttribute(omnimock.UserAttribute{Name: "level", Type: "Number"})
	s.AddUserAttribute(omnimock.UserAttribute{Name: "teams", MultipleValues: true})
	s.AddUser(omnimock.User{UserName: "Bob@example.com", DisplayName: "Bob", Inactive: true, Attributes: object{"env": "prod"}})
	s.AddUser(omnimock.User{UserName: "ada@example.com", DisplayName: "Ada", Groups: []string{"Analysts", "Staff"}, Attributes: object{"env": "prod", "teams": []any{"b", "a"}, "level": "3"}})
	s.AddUser(omnimock.User{UserName: "eve@example.com", DisplayName: "Eve", Groups: []string{"Staff"}, Attributes: object{"env": "dev"}})
	p := protocol.New(t, protocol.Options())
	p.Configure(protocol.OmniConfig(s)).RequireNone(t)
	return s, p
}

func emails(got object) string {
	var all []string
	for _, u := range got["users"].([]any) {
		all = append(all, u.(object)["email"].(string))
	}
	return strings.Join(all, " ")
}

func TestUsers(t *testing.T) {
	t.Parallel()
	s, p := start(t, omnimock.Options{UserPage: 2})
	for _, c := range []struct {
		config object
		want   string
	}{
		{nil, "ada@example.com Bob@example.com eve@example.com"},
		{object{"active": true}, "ada@example.com eve@example.com"},
		{object{"active": false}, "Bob@example.com"},
		{object{"email": "ADA@example.com"}, "ada@example.com"},
		{object{"email": "nobody@example.com"}, ""},
		{object{"group": "Staff"}, "ada@example.com eve@example.com"},
		{object{"group": "staff"}, ""},
		{object{"attribute_name": "env"}, "ada@example.com Bob@example.com eve@example.com"},
		{object{"attribute_name": "env", "attribute_value": "prod", "active": true}, "ada@example.com"},
		{object{"attribute_name": "teams", "attribute_value": "a"}, "ada@example.com"},
		{object{"attribute_name": "region"}, ""},
		{object{"email": "eve@example.com", "group": "Analysts"}, ""},
		{object{"email": "eve@example.com", "group": "Staff"}, "eve@example.com"},
		{object{"group": "Staff", "attribute_name": "teams"}, "ada@example.com"},
		{object{"group": "Staff", "attribute_name": "env", "attribute_value": "dev"}, "eve@example.com"},
		{object{"group": "Analysts", "attribute_name": "env", "attribute_value": "dev"}, ""},
		{object{"attribute_name": "env", "attribute_value": "Prod"}, ""},
	} {
		got, diags := p.ReadDataSource(usersType, c.config)
		diags.RequireNone(t)
		if emails(got) != c.want {
			t.Errorf("%v: %q", c.config, emails(got))
		}
	}
	// All of it took one list, of two pages, and one look for an address before it.
	if n := s.CountRequests("", ""); n > 4 {
		t.Errorf("%d requests", n)
	}
	got, _ := p.ReadDataSource(usersType, object{"email": "ada@example.com"})
	ada, _ := s.User("ada@example.com")
	want := object{
		"id": ada.ID, "email": "ada@example.com", "display_name": "Ada", "active": true, "groups": []any{"Analysts", "Staff"},
		"attribute_values": object{"env": []any{"prod"}, "teams": []any{"a", "b"}, "level": []any{"3"}},
	}
	if fmt.Sprint(got["users"].([]any)[0]) != fmt.Sprint(want) {
		t.Errorf("got %v", got["users"])
	}
	_, diags := p.ReadDataSource(usersType, object{"attribute_value": "x"})
	diags.RequireError(t, "attribute_name")
}

// One address alone is one request, however many users there are.
func TestOneUserIsOneRequest(t *testing.T) {
	t.Parallel()
	s, p := start(t, omnimock.Options{})
	if got, diags := p.ReadDataSource(usersType, object{"email": "ada@example.com"}); diags.HasError() || emails(got) != "ada@example.com" {
		t.Errorf("%v %s", got, diags)
	}
	if n := s.CountRequests("", ""); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestUsersThatCannotBeRead(t *testing.T) {
	t.Parallel()
	_, personal := start(t, omnimock.Options{PersonalToken: true})
	_, diags := personal.ReadDataSource(usersType, nil)
	diags.RequireError(t, "Cannot list Omni users", "not a personal token", "User-scoped API keys", "an API key of the organization")

	_, narrow := start(t, omnimock.Options{Users: omnimock.NarrowUsers})
	got, diags := narrow.ReadDataSource(usersType, object{"active": true})
	diags.RequireNone(t)
	first := got["users"].([]any)[0].(object)
	if !reflect.DeepEqual([]any{first["groups"], first["attribute_values"], first["display_name"]}, []any{nil, nil, "Ada"}) {
		t.Errorf("%v", first)
	}
	for _, filter := range []object{{"group": "Staff"}, {"attribute_name": "env"}} {
		_, diags = narrow.ReadDataSource(usersType, filter)
		diags.RequireError(t, "does not return the attribute values")
	}

	s, p := start(t, omnimock.Options{})
	p.RefuseEachCall(s.Host, map[string][]string{"/api/scim/v2/Users": {"Cannot list Omni users", "an API key of the organization"}}, func() protocol.Diagnostics {
		_, diags := p.ReadDataSource(usersType, object{"email": "ada@example.com"})
		return diags
	})
	s.Faults().Add(fault.Answer(200, `{"totalResults":3,"Resources":[{"id":"a","userName":7},{"id":"b","userName":"b@example.com","meta":{},"urn:omni:params:1.0:UserAttribute":{"odd":{},"also":{},"b":{},"a":{},"z":{},"env":"x"}},{"id":"c","userName":"c@example.com"}]}`).On("GET", ""))
	got, diags = p.ReadDataSource(usersType, nil)
	diags.RequireWarning(t, "An Omni user is left out", `"a"`)
	diags.RequireWarning(t, "Values of an Omni user are left out", "User b@example.com: a (", "), also (", "), b (", "), odd (", "), z (")
	if text := diags.String(); !slices.IsSorted([]int{strings.Index(text, ": a ("), strings.Index(text, "also ("), strings.Index(text, "b ("), strings.Index(text, "odd ("), strings.Index(text, "z (")}) {
		t.Errorf("not in order: %s", text)
	}
	if emails(got) != "b@example.com c@example.com" || len(diags) != 2 {
		t.Errorf("%v\n%s", got, diags)
	}
	if values := got["users"].([]any)[0].(object)["attribute_values"]; fmt.Sprint(values) != "map[env:[x]]" {
		t.Errorf("%v", values)
	}
	s.Faults().Add(fault.Answer(200, `{"totalResults":1,"Resources":[{"id":"b","userName":"b@example.com","meta":{},"urn:omni:params:1.0:UserAttribute":{"odd":{}}}]}`).On("GET", ""))
	p.Restart()
	_, diags = p.ReadDataSource(usersType, object{"attribute_name": "odd"})
	diags.RequireError(t, "Cannot filter Omni users", `"odd" of user b@example.com`)
}
