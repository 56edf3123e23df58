// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package userattributevalue_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

const (
	valueType  = "dataconn_omni_user_attribute_value"
	usersRoute = "/api/scim/v2/Users"
	ada        = "ada@example.com"
)

type object = map[string]any

// stage is a server with two users and attributes of every kind, and a provider for
// it.
type stage struct {
	*omnimock.Server
	p        *protocol.Provider
	ada, bob string
}

func newStage(t *testing.T, options omnimock.Options) stage {
	t.Helper()
	options.EnvironmentList = true
	s := stage{Server: omnimock.Start(t, options)}
	s.AddUserAttribute(omnimock.UserAttribute{Name: "level", Type: "Number"})
	s.AddUserAttribute(omnimock.UserAttribute{Name: "teams", MultipleValues: true})
	s.AddUserAttribute(omnimock.UserAttribute{Name: "codes", Type: "Number", MultipleValues: true})
	s.ada = s.AddUser(omnimock.User{UserName: ada, Attributes: object{"region": "eu"}})
	s.bob = s.AddUser(omnimock.User{UserName: "bob@example.com"})
	s.p = protocol.NewDialing(t, s)
	s.p.Configure(protocol.OmniConfig(s.Server)).RequireNone(t)
	return s
}

func of(attribute string, more object) object {
	return protocol.With(object{"user_email": ada, "attribute_name": attribute}, more)
}

func one(value string) object     { return object{"value": value} }
func all(values ...string) object { return object{"values": values} }

// has compares a user's values on the server.
func (s stage) has(t *testing.T, email string, want object) {
	t.Helper()
	user, _ := s.User(email)
	got, _ := json.Marshal(user.Attributes)
	wanted, _ := json.Marshal(want)
	if string(got) != string(wanted) {
		t.Errorf("%s has %s, want %s", email, got, wanted)
	}
}

func requireNothingToDo(t *testing.T, r *protocol.Resource, config object) {
	t.Helper()
	if plan := r.Plan(config); !plan.IsEmpty() {
		t.Errorf("the plan is not empty: %s of %v\n%s", plan.Action, plan.Changes(), plan.Diagnostics)
	}
}

// Every kind of attribute, by id and by address, on every kind of server.
func TestProtocolLife(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]omnimock.Options{
		"whole": {}, "by path": {UserPathsOnly: true}, "without empty parts": {Users: omnimock.UsersWithoutEmptyParts},
	} {
		for _, c := range []struct {
			attribute       string
			first, second   object
			server, server2 any
		}{
			{"env", one("dev"), one("prod"), "dev", "prod"},
			{"level", one("3"), one("9007199254740993"), 3, "9007199254740993"},
			{"level", one("1.50"), one("-2"), "1.50", -2},
			{"teams", all("a", "b"), all("b"), []string{"a", "b"}, []string{"b"}},
			{"codes", all("1", "9007199254740993"), all("2"), []any{1, "9007199254740993"}, []any{2}},
		} {
			s := newStage(t, options)
			r := s.p.Resource(valueType)
			r.Apply(of(c.attribute, c.first)).RequireNone(t)
			s.has(t, ada, object{"region": "eu", c.attribute: c.server})
			if r.Get("user_id") != s.ada || !reflect.DeepEqual(r.Identity(), object{"user_id": s.ada, "attribute_name": c.attribute}) {
				t.Errorf("%s: %v %v", name, r.State(), r.Identity())
			}
			requireNothingToDo(t, r, of(c.attribute, c.first))
			s.p.Restart()
			r.Refresh().RequireNone(t)
			requireNothingToDo(t, r, of(c.attribute, c.first))
			plan := r.Plan(of(c.attribute, c.second))
			if plan.Action != protocol.Update {
				t.Errorf("%s: %s", name, plan.Action)
			}
			plan.Apply().RequireNone(t)
			s.has(t, ada, object{"region": "eu", c.attribute: c.server2})
			s.p.Restart()
			r.Refresh().RequireNone(t)
			requireNothingToDo(t, r, of(c.attribute, c.second))

			again := s.p.Resource(valueType)
			again.Import(strings.ToUpper(ada) + "/" + c.attribute).RequireNone(t)
			requireNothingToDo(t, again, of(c.attribute, c.second))
			again = s.p.Resource(valueType)
			again.Import(strings.ToUpper(s.ada) + "/" + c.attribute).RequireNone(t)
			requireNothingToDo(t, again, protocol.With(c.second, object{"user_id": s.ada, "attribute_name": c.attribute}))
			requireNothingToDo(t, again, of(c.attribute, protocol.With(c.second, object{"user_id": s.ada})))
			r.Destroy().RequireNone(t)
			s.has(t, ada, object{"region": "eu"})
		}
	}
}

// A change sends this attribute alone; nothing changed, nothing sent.
func TestProtocolWhatIsSent(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(valueType)
	r.Apply(of("env", one("dev"))).RequireNone(t)
	r.Apply(of("env", protocol.With(one("dev"), object{"timeouts": object{"read": "3m"}}))).RequireNone(t)
	r.Apply(of("env", protocol.With(one("prod"), object{"user_email": "ADA@example.com"}))).RequireNone(t)
	r.Destroy().RequireNone(t)
	var sent []string
	for _, request := range s.Requests() {
		if request.Method != http.MethodGet {
			sent = append(sent, request.Method+" "+strings.TrimPrefix(request.Path, usersRoute)+" "+string(request.Body))
		}
	}
	frame := func(value string) string {
		return "PATCH /" + s.ada + ` {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","value":{"urn:omni:params:1.0:UserAttribute":{"env":` + value + `}}}]}`
	}
	if want := []string{frame(`"dev"`), frame(`"prod"`), frame("null")}; !reflect.DeepEqual(sent, want) {
		t.Errorf("sent %q", sent)
	}
}

// A plan does not judge values of which one is unknown, and a single value stays one
// where the server returns a list of it.
func TestProtocolUnknownAndSingleValues(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	s.p.Resource(valueType).Plan(of("codes", object{"values": []any{"1", protocol.Unknown}})).RequireNone(t)
	r := s.p.Resource(valueType)
	r.Apply(of("env", one("a"))).RequireNone(t)
	s.p.Restart()
	s.Faults().Add(fault.Answer(200, `{"id":"`+s.ada+`","userName":"`+ada+`","urn:omni:params:1.0:UserAttribute":{"env":["a"]}}`).On(http.MethodGet, usersRoute+"/*"))
	if r.Refresh().RequireNone(t); s.Faults().Pending() > 0 {
		t.Error("the list was not read")
	}
	requireNothingToDo(t, r, of("env", one("a")))
}

// Two of one user at the same time both stay.
func TestProtocolTwoOfOneUser(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	var group sync.WaitGroup
	for _, attribute := range []string{"env", "environment"} {
		group.Go(func() { s.p.Resource(valueType).Apply(of(attribute, one("x"))).RequireNone(t) })
	}
	group.Wait()
	s.has(t, ada, object{"env": "x", "environment": "x", "region": "eu"})
}

func TestProtocolDrift(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(valueType)
	r.Apply(of("env", one("dev"))).RequireNone(t)
	s.SetUserValues(s.ada, object{"env": "test"})
	s.p.Restart()
	r.Refresh().RequireNone(t)
	if r.Get("value") != "test" {
		t.Errorf("%v", r.State())
	}
	r.Apply(of("env", one("dev"))).RequireNone(t)
	s.has(t, ada, object{"env": "dev", "region": "eu"})

	s.SetUserValues(s.ada, object{"env": nil})
	s.p.Restart()
	r.Refresh().RequireWarning(t, "A value of an Omni user is gone", "no longer has a value of it")
	if r.Exists() {
		t.Error("it is still in the state")
	}
	r.Apply(of("env", one("dev"))).RequireNone(t)
	s.RemoveUser(s.ada)
	s.p.Restart()
	r.Refresh().RequireWarning(t, "is gone", "no longer in the organization")
	if r.Exists() {
		t.Error("it is still in the state")
	}
}

// One list serves the values of all users.
func TestProtocolReadsShareAList(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	var values []*protocol.Resource
	for _, attribute := range []string{"env", "environment"} {
		for _, user := range []string{ada, "bob@example.com"} {
			r := s.p.Resource(valueType)
			r.Apply(of(attribute, object{"user_email": user, "value": "x"})).RequireNone(t)
			values = append(values, r)
		}
	}
	s.p.Restart()
	s.ResetRequests()
	for _, r := range values {
		r.Refresh().RequireNone(t)
	}
	// The first user is asked for alone, and again for the second attribute.
	if one, list := s.CountRequests(http.MethodGet, usersRoute+"/*"), s.CountRequests(http.MethodGet, usersRoute); one > 2 || list != 1 {
		t.Errorf("%d users asked for, %d lists", one, list)
	}
}

func TestProtocolPlanErrors(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	const unknown = "550e8400-e29b-41d4-a716-446655440000"
	for name, c := range map[string]struct {
		config object
		words  []string
	}{
		"no user by address":   {of("env", object{"user_email": "nobody@example.com", "value": "x"}), []string{"at user_email:", "No such Omni user", "nobody@example.com"}},
		"no user by id":        {object{"user_id": unknown, "attribute_name": "env", "value": "x"}, []string{"at user_id:", "No such Omni user", unknown}},
		"no id":                {object{"user_id": "ada", "attribute_name": "env", "value": "x"}, []string{"at user_id:", "UUID"}},
		"two users":            {of("env", object{"user_id": s.bob, "value": "x"}), []string{"at user_email:", "belong to two users", "bob@example.com"}},
		"neither":              {object{"attribute_name": "env", "value": "x"}, []string{"user_id", "user_email"}},
		"no attribute":         {of("Env", one("x")), []string{"at attribute_name:", "No such Omni user attribute", `"Env"`}},
		"system attribute":     {of("omni_user_groups", one("x")), []string{"at attribute_name:", "Omni's own attributes"}},
		"several for one":      {of("env", all("x")), []string{"at values:", "has one value"}},
		"one for several":      {of("teams", one("x")), []string{"at value:", "has several values"}},
		"no number":            {of("level", one("ten")), []string{"at value:", "is not a number", `"ten"`}},
		"no number among them": {of("codes", all("1", "x")), []string{"at values:", "is not a number", `"x"`}},
		"no value":             {of("env", nil), []string{"value", "values"}},
		"both":                 {of("env", object{"value": "x", "values": []string{"x"}}), []string{"value", "values"}},
		"an empty value":       {of("env", one("")), []string{"at value:"}},
		"no values":            {of("teams", all()), []string{"at values:"}},
		"a null value":         {of("teams", object{"values": []any{"x", nil}}), []string{"at values"}},
	} {
		diags := s.p.Resource(valueType).Apply(c.config)
		if !diags.HasError() {
			t.Errorf("%s: no error", name)
			continue
		}
		diags.RequireError(t, c.words...)
	}
	if n := s.CountRequests(http.MethodPatch, ""); n != 0 {
		t.Errorf("%d writes", n)
	}
}

// A value that no environment of a bound base has is worth a warning; an attribute
// that no base is bound to is about something else.
func TestProtocolRoutesToTheBase(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	base, prod := s.AddConnection(object{"name": "base", "dialect": "exasol"}), s.AddConnection(object{"name": "prod", "dialect": "exasol"})
	s.AddEnvironment(base, prod, "prod")
	plan := func(value string) protocol.Diagnostics {
		s.p.Restart()
		return s.p.Resource(valueType).Plan(of("env", one(value))).Diagnostics
	}
	plan("elsewhere").RequireNone(t)
	s.EditConnection(base, func(settings map[string]any) {
		settings["userAttributeNameForConnectionEnvironments"], settings["userAttributeValuesForDefaultEnvironment"] = "env", []string{"dev"}
	})
	plan("prod").RequireNone(t)
	plan("dev").RequireNone(t)
	plan("Prod").RequireWarning(t, "at attribute_name:", "A value leads to no environment", `"Prod"`, "routes to the base")
	// What cannot be read says nothing.
	s.Forbid(http.MethodGet, "/api/v1/connection-environments")
	plan("Prod").RequireNone(t)
}

// A value that somebody else gave is not overwritten; the same one is taken over.
func TestProtocolSomebodyElses(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) { // it waits for a delete that could come
		s := newStage(t, omnimock.Options{InMemory: true})
		r := s.p.Resource(valueType)
		r.Apply(of("region", one("us"))).RequireError(t, "Cannot set the value of region of Omni user", `["eu"] already`, "moved {", "terraform import <address of this resource> "+s.ada+"/region\n")
		if r.Exists() {
			t.Error("it is in the state")
		}
		r.Apply(of("region", one("eu"))).RequireWarning(t, "existed already, exactly as configured", "The value of region of Omni user ada@example.com", "moved", "somebody else")
		requireNothingToDo(t, r, of("region", one("eu")))
	})
}

// Another user, or another attribute, is another value.
func TestProtocolReplacement(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]object{"user_email": {"user_email": "bob@example.com"}, "attribute_name": {"attribute_name": "environment"}} {
		s := newStage(t, omnimock.Options{})
		r := s.p.Resource(valueType)
		r.Apply(of("env", one("x"))).RequireNone(t)
		plan := r.Plan(of("env", protocol.With(one("x"), change)))
		if plan.Action != protocol.Replace || strings.Join(plan.RequiresReplace(), " ") != name {
			t.Errorf("%s for %v", plan.Action, plan.RequiresReplace())
		}
		plan.Apply().RequireNone(t)
		if name == "user_email" {
			s.has(t, ada, object{"region": "eu"})
			s.has(t, "bob@example.com", object{"env": "x"})
		} else {
			s.has(t, ada, object{"region": "eu", "environment": "x"})
		}
	}
	// An address that is not known yet could be another's.
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(valueType)
	r.Apply(of("env", one("x"))).RequireNone(t)
	if plan := r.Plan(of("env", object{"user_email": protocol.Unknown, "value": "x"})); plan.Action != protocol.Replace {
		t.Errorf("%s for an unknown user", plan.Action)
	}
}

// A rename without moved, whichever address goes first: the value is there in the end.
func TestProtocolRenamed(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	before := s.p.Resource(valueType)
	before.Apply(of("env", one("x"))).RequireNone(t)
	s.p.Restart()
	after := s.p.Resource(valueType)
	after.Apply(of("env", one("x"))).RequireWarning(t, "existed already", "moved")
	before.Destroy().RequireWarning(t, "two addresses", "The value of env of Omni user ada@example.com", "moved")
	s.has(t, ada, object{"env": "x", "region": "eu"})
	after.Destroy().RequireNone(t) // its own
	s.has(t, ada, object{"region": "eu"})

	before.Apply(of("env", one("x"))).RequireOK(t)
	s.p.Restart()
	before.Destroy().RequireNone(t)
	after.Apply(of("env", one("x"))).RequireWarning(t, "The value of env of Omni user ada@example.com was destroyed and created again", "moved")
	s.has(t, ada, object{"env": "x", "region": "eu"})
}

// One that this run would take away at another address becomes what is configured.
func TestProtocolMovesAndChanges(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) {
		s := newStage(t, omnimock.Options{InMemory: true})
		before, after := s.p.Resource(valueType), s.p.Resource(valueType)
		before.Apply(of("env", one("x"))).RequireNone(t)
		s.p.Restart()
		destroyed := make(chan protocol.Diagnostics)
		go func() {
			time.Sleep(time.Second) // the create has met it, and waits
			destroyed <- before.Destroy()
		}()
		after.Apply(of("env", one("y"))).RequireWarning(t, "existed already", "another address", "moved")
		(<-destroyed).RequireWarning(t, "two addresses", "moved")
		s.has(t, ada, object{"env": "y", "region": "eu"})
		requireNothingToDo(t, after, of("env", one("y")))
	})
}

func TestProtocolKeysAndServers(t *testing.T) {
	t.Parallel()
	personal := newStage(t, omnimock.Options{PersonalToken: true})
	personal.p.Resource(valueType).Apply(of("env", one("x"))).RequireError(t, "at user_email:", "not a personal token", "an API key of the organization")

	// A server that does not tell values keeps the state's.
	narrow := newStage(t, omnimock.Options{Users: omnimock.NarrowUsers})
	r := narrow.p.Resource(valueType)
	r.Apply(of("env", one("x"))).RequireNone(t)
	narrow.p.Restart()
	r.Refresh().RequireNone(t)
	requireNothingToDo(t, r, of("env", one("x")))
	// What an answer that got lost left is not known there, and no reason to fail.
	narrow.Faults().Add(fault.InternalError().On(http.MethodPatch, "").Repeat(fault.Forever))
	r.Apply(of("env", one("y"))).RequireError(t, "Cannot change the value of env of Omni user")
	narrow.Faults().Clear()
	narrow.p.Restart()
	r.Refresh().RequireNone(t)
	r.Apply(of("env", one("x"))).RequireNone(t)
	narrow.p.Resource(valueType).Import(ada+"/env").RequireError(t, "does not return the attribute values")

	s := newStage(t, omnimock.Options{})
	r = s.p.Resource(valueType)
	s.Faults().Add(fault.Answer(400, `{"detail":"Bad Request: env: no"}`).On(http.MethodPatch, ""))
	r.Apply(of("env", one("x"))).RequireError(t, "Cannot set the value of env of Omni user "+ada, "env: no")
	r.Apply(of("env", one("x"))).RequireNone(t)
	s.Faults().Add(fault.Answer(403, `{"detail":"Permission denied"}`).On(http.MethodPatch, ""))
	r.Apply(of("env", one("y"))).RequireError(t, "Cannot change the value of env of Omni user", "Permission denied")
	if r.Get("value") != "x" {
		t.Errorf("%v", r.State())
	}
	s.RemoveUserAttribute("env") // and with it every value
	s.p.Restart()
	s.Faults().Add(fault.Answer(403, `{"detail":"Permission denied"}`).On(http.MethodPatch, ""))
	r.Destroy().RequireError(t, "Cannot remove the value of env of Omni user", "Permission denied")
	r.Destroy().RequireNone(t)
	byIdentity := s.p.Resource(valueType)
	byIdentity.ImportIdentity(object{"user_id": s.ada, "attribute_name": "region"}).RequireNone(t)
	if byIdentity.Get("value") != "eu" {
		t.Errorf("%v", byIdentity.State())
	}
	s.p.Resource(valueType).Import(ada+"/environment").RequireError(t, "Nothing to import")
	s.Faults().Add(fault.Answer(200, `{"id":"`+s.ada+`","userName":"`+ada+`","urn:omni:params:1.0:UserAttribute":{"environment":{"a":1}}}`).On(http.MethodGet, usersRoute+"/*"))
	s.p.Restart()
	s.p.Resource(valueType).Import(s.ada+"/environment").RequireError(t, "Cannot read the value of environment of Omni user", "value of a user attribute")
}
