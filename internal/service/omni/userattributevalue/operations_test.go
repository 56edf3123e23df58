// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package userattributevalue_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

func TestProtocolOperations(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	words := []string{"env", "of Omni user " + ada, "it needs"}
	protocol.Operations{
		Host: s.Host, Config: of("env", one("x")), Changed: of("env", one("y")),
		Create: append([]string{"Cannot set "}, words...),
		Read:   append([]string{"Cannot read "}, words...),
		Update: append([]string{"Cannot change "}, words...),
		Delete: append([]string{"Cannot remove the value "}, words...),
	}.Require(s.p, valueType)
}

func TestProtocolQuery(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	cyd := s.AddUser(omnimock.User{UserName: "cyd@example.com", Attributes: object{"teams": []any{"a", "b"}, "region": "us"}})
	for wanted, want := range map[string][]string{
		"":       {`region ["eu"] of ` + ada, `region ["us"] of cyd@example.com`, `teams ["a" "b"] of cyd@example.com`},
		"region": {`region ["eu"] of ` + ada, `region ["us"] of cyd@example.com`},
		"Region": nil,
	} {
		config := object{}
		if wanted != "" {
			config["attribute_name"] = wanted
		}
		found, diags := s.p.Query(valueType, config, protocol.QueryLimit, true)
		if wanted == "Region" {
			diags.RequireWarning(t, "at attribute_name: No such Omni user attribute", `Did you mean "region"?`)
		} else {
			diags.RequireNone(t)
		}
		var got []string
		for _, f := range found {
			got = append(got, f.Name)
			attribute, _, _ := strings.Cut(f.Name, " ")
			user := map[bool]string{true: s.ada, false: cyd}[strings.Contains(f.Name, ada)]
			if f.Identity["user_id"] != user || f.State["user_id"] != user || f.Identity["attribute_name"] != attribute || f.State["attribute_name"] != attribute || (f.State["value"] == nil) != (attribute == "teams") {
				t.Errorf("%v", f)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q finds %q, want %q", wanted, got, want)
		}
	}
	if found, _ := s.p.Query(valueType, nil, 2, false); len(found) != 2 {
		t.Errorf("%d, where two are enough", len(found))
	}
	_, diags := s.p.Query(valueType, object{"attribute_name": ""}, protocol.QueryLimit, false)
	diags.RequireError(t, "at attribute_name")
	s.p.RefuseEachCall(s.Host, map[string][]string{usersRoute: {"Cannot list the values of Omni users", "it needs"}}, func() protocol.Diagnostics {
		_, diags := s.p.Query(valueType, nil, protocol.QueryLimit, false)
		return diags
	})
	// Where nothing was read, the filter is not looked up.
	s.Forbid(http.MethodGet, usersRoute)
	s.p.Restart()
	s.ResetRequests()
	_, diags = s.p.Query(valueType, object{"attribute_name": "Region"}, protocol.QueryLimit, false)
	if n := s.CountRequests("", ""); n != 1 || len(diags) != 1 || !diags.HasError() {
		t.Errorf("%d requests\n%s", n, diags)
	}
}

// A plan knows the user from either of the two, another user replaces the value,
// and one that is not known yet is waited for.
func TestProtocolPlanOfTheUser(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(valueType)
	config := func(change object) object {
		return protocol.With(object{"attribute_name": "env", "value": "x"}, change)
	}
	for _, c := range []struct {
		change      object
		id, address any
		words       []string
	}{
		{object{"user_email": ada}, s.ada, ada, nil},
		{object{"user_email": strings.ToUpper(ada)}, s.ada, strings.ToUpper(ada), nil},
		{object{"user_id": s.ada}, s.ada, ada, nil},
		{object{"user_id": strings.ToUpper(s.ada)}, strings.ToUpper(s.ada), ada, nil},
		{object{"user_id": s.ada, "user_email": strings.ToUpper(ada)}, s.ada, strings.ToUpper(ada), nil},
		{object{"user_id": s.ada, "user_email": protocol.Unknown}, s.ada, protocol.Unknown, nil},
		{object{"user_id": protocol.Unknown}, protocol.Unknown, protocol.Unknown, nil},
		{object{"user_id": protocol.Unknown, "user_email": ada}, protocol.Unknown, ada, nil},
		{object{"user_email": protocol.Unknown}, protocol.Unknown, protocol.Unknown, nil},
		{object{"user_id": s.ada, "user_email": "bob@example.com"}, nil, nil, []string{"at user_email:", "belong to two users", ada}},
		{object{"user_email": "none@example.com"}, nil, nil, []string{"at user_email:", "No such Omni user"}},
		{object{"user_id": "x"}, nil, nil, []string{"at user_id", "UUID"}},
		{object{"user_id": ""}, nil, nil, []string{"at user_id"}},
		{object{"user_email": ""}, nil, nil, []string{"at user_email: Invalid value of user_email"}},
		{object{"user_email": ada, "attribute_name": ""}, nil, nil, []string{"at attribute_name"}},
		{object{"user_email": ada, "attribute_name": "none"}, nil, nil, []string{"at attribute_name:", "No such Omni user attribute"}},
		{object{"user_email": ada, "attribute_name": "level"}, nil, nil, []string{"at value:", "A value is not a number", `"x"`}},
		{object{"user_email": ada, "attribute_name": "teams"}, nil, nil, []string{"at value:", "use values instead"}},
		{object{"user_email": ada, "value": nil, "values": []string{"x"}}, nil, nil, []string{"at values:", "use value instead"}},
		{object{"user_email": "none@example.com", "attribute_name": "none"}, nil, nil, []string{"at user_email:", "No such Omni user"}},
		{object{"user_email": ada, "attribute_name": protocol.Unknown}, s.ada, ada, nil},
		{object{"user_email": ada, "attribute_name": "level", "value": protocol.Unknown}, s.ada, ada, nil},
		{object{"user_email": ada, "attribute_name": "teams", "value": protocol.Unknown}, s.ada, ada, nil},
		{object{"user_email": ada, "attribute_name": "codes", "value": nil, "values": protocol.Unknown}, s.ada, ada, nil},
		{object{"user_email": ada, "attribute_name": "codes", "value": nil, "values": []any{"1", protocol.Unknown}}, s.ada, ada, nil},
	} {
		plan := r.Plan(config(c.change))
		if c.words != nil {
			plan.RequireError(t, c.words...)
			if len(plan.Errors()) != 1 {
				t.Errorf("%v: %s", c.change, plan.Errors())
			}
			continue
		}
		plan.RequireOK(t)
		if plan.Value("user_id") != c.id || plan.Value("user_email") != c.address || len(plan.RequiresReplace()) != 0 {
			t.Errorf("%v: %v and %v, replaced for %v", c.change, plan.Value("user_id"), plan.Value("user_email"), plan.RequiresReplace())
		}
	}

	r.Apply(config(object{"user_email": ada})).RequireOK(t)
	for _, c := range []struct {
		change   object
		action   protocol.Action
		replaces string
	}{
		{object{"user_email": strings.ToUpper(ada), "value": "y"}, protocol.Update, ""},
		{object{"user_id": s.ada, "value": "y"}, protocol.Update, ""},
		{object{"user_email": "bob@example.com"}, protocol.Replace, "user_email"},
		{object{"user_id": s.bob}, protocol.Replace, "user_id"},
		{object{"user_id": protocol.Unknown}, protocol.Replace, "user_id"},
	} {
		plan := r.Plan(config(c.change))
		plan.RequireOK(t)
		if plan.Action != c.action || strings.Join(plan.RequiresReplace(), " ") != c.replaces {
			t.Errorf("%v: %s for %v", c.change, plan.Action, plan.RequiresReplace())
		}
	}
	// Another address of the same user is no other user.
	s.EditUser(s.ada, func(u *omnimock.User) { u.UserName = "ada@example.org" })
	s.p.Restart()
	plan := r.Plan(config(object{"user_email": "ada@example.org"}))
	plan.RequireOK(t)
	if plan.Action != protocol.Update || plan.Value("user_id") != s.ada {
		t.Errorf("%s for %v of %v", plan.Action, plan.RequiresReplace(), plan.Value("user_id"))
	}
}

// A delete whose answer is lost may have been carried out, and a server that tells no
// values never says: the next apply sets the value again.
func TestProtocolDeleteWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{Users: omnimock.NarrowUsers})
	r := s.p.Resource(valueType)
	r.Apply(of("env", one("x"))).RequireNone(t)
	s.p.Restart()
	s.Faults().Add(fault.InternalError().Applied().On(http.MethodPatch, "").Repeat(fault.Forever))
	r.Destroy().RequireError(t, "Cannot remove the value of env of Omni user "+ada)
	s.Faults().Clear()
	s.p.Restart()
	r.Refresh().RequireNone(t)
	r.Apply(of("env", one("x"))).RequireNone(t)
	s.has(t, ada, object{"env": "x", "region": "eu"})
}

// A delete that the server refuses is not done where the attribute is there, nor where
// that cannot be seen.
func TestProtocolDeleteThatIsRefused(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(valueType)
	r.Apply(of("env", one("x"))).RequireNone(t)
	for _, isReadable := range []bool{true, false} {
		if !isReadable {
			s.Forbid(http.MethodGet, "/api/v1/user-attributes")
		}
		s.p.Restart()
		s.Faults().Add(fault.Answer(http.StatusBadRequest, `{"detail":"Bad Request: env: no"}`).On(http.MethodPatch, ""))
		if r.Destroy().RequireError(t, "Cannot remove the value of env of Omni user", "env: no"); !r.Exists() || r.Get("value") != "x" {
			t.Errorf("with attributes that can be read: %t: %v", isReadable, r.State())
		}
	}
}

// The user goes between the plan and the create.
func TestProtocolCreateForAUserWhoIsGone(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(valueType)
	s.Faults().Add(fault.Fault{Hook: func() { s.RemoveUser(s.ada) }}.On(http.MethodGet, usersRoute+"/*"))
	if r.Apply(of("env", one("x"))).RequireError(t, "at user_id:", "No such Omni user", s.ada+" no longer exists"); r.Exists() {
		t.Error("it is in the state")
	}
}

// Where the read before fails, nothing was sent, and so it is not said.
func TestProtocolReadBeforeFails(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	s.Faults().Add(fault.InternalError().On(http.MethodGet, usersRoute+"/*").Repeat(fault.Forever))
	diags := s.p.Resource(valueType).Apply(of("env", one("x")))
	diags.RequireError(t, "Cannot set the value of env of Omni user", "500")
	if strings.Contains(diags.String(), "carried out") {
		t.Errorf("%s", diags)
	}
}

// An attribute that the same run creates is not missed by the plan of its value.
func TestProtocolAttributeOfTheSameRun(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	attribute := s.p.Resource("dataconn_omni_user_attribute")
	config := object{"name": "new", "type": "String"}
	planned := attribute.Plan(config)
	planned.RequireNone(t)
	r := s.p.Resource(valueType)
	plan := r.Plan(of("new", one("x")))
	plan.RequireNone(t)
	planned.Apply().RequireNone(t)
	plan.Apply().RequireNone(t)
	s.has(t, ada, object{"new": "x", "region": "eu"})
}

// What an import id lacks is said, and on which of its parts.
func TestProtocolImportIDs(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	for id, words := range map[string][]string{
		"env":           {"at user_id:", `"env" is not <user>/<attribute>`},
		"/env":          {"at user_id:", `"/env" is not <user>/<attribute>`},
		ada + "/":       {"at user_id:", "is not <user>/<attribute>"},
		"x/env":         {"at user_id:", "A user is imported by id, or by e-mail address"},
		"b@x.y/env":     {"No such Omni user", "b@x.y"},
		ada + "/omni_x": {"at attribute_name:", "Omni's own"},
	} {
		diags := s.p.Resource(valueType).Import(id)
		if diags.RequireError(t, words...); len(diags) != 1 {
			t.Errorf("%s: %s", id, diags)
		}
	}
	r := s.p.Resource(valueType)
	r.Import(ada + "/region").RequireNone(t)
	if r.Get("value") != "eu" {
		t.Errorf("%v", r.State())
	}
}

// The server's spelling of a number is not a change, whatever else it has.
func TestProtocolReadKeepsTheSpelling(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(valueType)
	config := of("codes", all("1e1", "2"))
	level := s.p.Resource(valueType)
	level.Apply(of("level", one("1.50"))).RequireOK(t)
	s.EditUser(s.ada, func(u *omnimock.User) { u.Attributes["level"] = 1.5 })
	s.p.Restart()
	level.Refresh().RequireNone(t)
	requireNothingToDo(t, level, of("level", one("1.50")))
	r.Apply(config).RequireOK(t)
	s.p.Restart()
	r.Refresh().RequireNone(t)
	requireNothingToDo(t, r, config)
	if got := r.Get("values").([]string); !slices.Equal(got, []string{"1e1", "2"}) || r.Get("value") != nil || r.Identity()["user_id"] != s.ada {
		t.Errorf("%v %v", r.State(), r.Identity())
	}
}

// Only live connections that are bound to the attribute route by it.
func TestProtocolRouteOfAValue(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	bound := func(more object) string {
		return s.AddConnection(protocol.With(object{"name": "n", "dialect": "exasol", "userAttributeNameForConnectionEnvironments": "env"}, more))
	}
	trashed := bound(object{"userAttributeValuesForDefaultEnvironment": []string{"old"}})
	r := s.p.Resource(valueType)
	warns := func(value string, want bool) {
		t.Helper()
		s.p.Restart()
		if got := strings.Contains(r.Plan(of("env", one(value))).String(), "A value leads to no environment"); got != want {
			t.Errorf("%s: warns %t", value, got)
		}
	}
	warns("old", false)
	warns("other", true)
	s.p.Restart()
	if plan := r.Plan(of("env", all("other"))); len(plan.Diagnostics) != 1 || !plan.HasError() { // one thing at a time
		t.Errorf("%s", plan.Diagnostics)
	}
	s.TrashConnection(trashed)
	warns("other", false) // nothing routes by it
	base, other, third := bound(object{"userAttributeValuesForDefaultEnvironment": []string{"dev"}}), s.AddConnection(object{"name": "o", "dialect": "exasol"}), s.AddConnection(object{"name": "p", "dialect": "exasol"})
	s.AddEnvironment(base, other, "prod")
	s.AddEnvironment(other, third, "of another base")
	for value, want := range map[string]bool{"dev": false, "prod": false, "old": true, "Prod": true, "of another base": true} {
		warns(value, want)
	}
}

// What is not known until the apply is not judged; the write of a value whose user is
// gone by then says so.
func TestProtocolValueThatIsKnownLater(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	s.AddConnection(object{"name": "n", "dialect": "exasol", "userAttributeNameForConnectionEnvironments": "env"})
	r := s.p.Resource(valueType)
	r.Plan(of("env", object{"value": protocol.Unknown})).RequireNone(t)
	r.Apply(of("env", one("x"))).RequireOK(t)
	s.RemoveUser(s.ada)
	s.p.Restart()
	r.Apply(of("env", one("y"))).RequireError(t, "at user_id:", "No such Omni user", s.ada+" no longer exists")
}

// A value is named by what is known of its user.
func TestProtocolNameOfTheUser(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(valueType)
	s.Faults().Add(fault.Answer(http.StatusForbidden, `{"detail":"Permission denied"}`).On(http.MethodGet, "").Repeat(fault.Forever))
	r.Import(s.ada+"/env").RequireError(t, "Cannot read the value of env of Omni user "+s.ada)
}

// While the provider's own configuration is not known, a plan judges nothing.
func TestProtocolPlanUnconfigured(t *testing.T) {
	t.Parallel()
	r := protocol.New(t, protocol.Options()).Resource(valueType)
	plan := r.Plan(of("env", one("x")))
	if plan.RequireNone(t); plan.Value("user_id") != protocol.Unknown {
		t.Errorf("%v", plan.Values())
	}
}

// A server that returns one value alone, of an attribute that has several, does not
// make the plan change its form.
func TestProtocolOneOfSeveralValues(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(valueType)
	r.Apply(of("teams", all("a"))).RequireNone(t)
	s.p.Restart()
	s.Faults().Add(fault.Answer(http.StatusOK, `{"id":"`+s.ada+`","userName":"`+ada+`","urn:omni:params:1.0:UserAttribute":{"teams":"a"}}`).On(http.MethodGet, usersRoute+"/*"))
	if r.Refresh().RequireNone(t); s.Faults().Pending() > 0 {
		t.Error("the user was not read")
	}
	requireNothingToDo(t, r, of("teams", all("a")))
}
