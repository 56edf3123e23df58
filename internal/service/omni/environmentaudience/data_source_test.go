// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package environmentaudience_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const audienceType = "dataconn_omni_environment_audience"

type object = map[string]any

// stage is a server with a base, two environments and some users, and a provider.
type stage struct {
	*omnimock.Server
	p                *protocol.Provider
	base, prod, test string
}

func newStage(t testing.TB, options omnimock.Options) stage {
	t.Helper()
	options.EnvironmentList = true
	s := stage{Server: omnimock.Start(t, options)}
	add := func(name string) string { return s.AddConnection(object{"name": name, "dialect": "exasol"}) }
	s.base, s.prod, s.test = add("base"), add("prod"), add("test")
	s.AddEnvironment(s.base, s.prod, "prod", "Admins")
	s.AddEnvironment(s.base, s.test, "test")
	s.AddUserAttribute(omnimock.UserAttribute{Name: "stages", MultipleValues: true})
	for _, u := range []omnimock.User{
		{UserName: "ada@example.com", Groups: []string{"Admins"}, Attributes: object{"env": "prod"}},
		{UserName: "bob@example.com", DisplayName: "Bob", Groups: []string{"Staff"}, Attributes: object{"env": "test", "stages": []any{"test", "prod"}}},
		{UserName: "eve@example.com", Attributes: object{"env": "dev"}},
		{UserName: "kim@example.com"},
		{UserName: "old@example.com", Inactive: true, Attributes: object{"env": "prod"}},
	} {
		s.AddUser(u)
	}
	s.bind("env")
	s.p = protocol.New(t, protocol.Options())
	s.p.Configure(protocol.OmniConfig(s.Server)).RequireNone(t)
	return s
}

func (s stage) bind(attribute string) {
	s.EditConnection(s.base, func(settings map[string]any) {
		settings["userAttributeNameForConnectionEnvironments"], settings["userAttributeValuesForDefaultEnvironment"] = nil, nil
		if attribute != "" {
			settings["userAttributeNameForConnectionEnvironments"], settings["userAttributeValuesForDefaultEnvironment"] = attribute, []string{"dev"}
		}
	})
}

// read asks in a new process.
func (s stage) read(more object) (object, protocol.Diagnostics) {
	s.p.Restart()
	return s.p.ReadDataSource(audienceType, protocol.With(object{"base_connection_id": s.base}, more))
}

// works is "who: where (why)" for every user.
func (s stage) works(got object) string {
	names := map[any]string{s.base: "base", s.prod: "prod", s.test: "test", nil: "?"}
	var all []string
	for _, item := range got["users"].([]any) {
		u := item.(object)
		name, _, _ := strings.Cut(u["email"].(string), "@")
		all = append(all, fmt.Sprintf("%s: %s (%s)", name, names[u["connection_id"]], u["reason"]))
	}
	return strings.Join(all, ", ")
}

func TestAudience(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{UserPage: 2})
	check := func(more object, want string) object {
		t.Helper()
		got, diags := s.read(more)
		diags.RequireNone(t)
		if works := s.works(got); works != want {
			t.Errorf("got  %s\nwant %s", works, want)
		}
		return got
	}
	got := check(nil, "ada: prod (matched_value), bob: test (matched_value), eve: base (default_value), kim: base (no_value)")
	want := object{
		s.prod: object{"user_count": int64(1), "user_emails": []any{"ada@example.com"}}, s.test: object{"user_count": int64(1), "user_emails": []any{"bob@example.com"}},
		s.base: object{"user_count": int64(2), "user_emails": []any{"eve@example.com", "kim@example.com"}},
	}
	if fmt.Sprint(got["connections"]) != fmt.Sprint(want) || got["user_count"] != int64(4) || got["attribute_name"] != "env" || len(got["moves"].([]any)) != 0 {
		t.Errorf("got %v", got)
	}
	first := got["users"].([]any)[0].(object)
	if fmt.Sprint(first["groups"], first["values"]) != "[Admins] [prod]" || first["environment_id"] == nil {
		t.Errorf("got %v", first)
	}

	// What the base will have are its default values.
	for value, reason := range map[string]string{"dev": "default_value", "local": "no_match"} {
		check(object{"environment_values": object{strings.ToUpper(s.base): []string{value}}}, "ada: prod (matched_value), bob: test (matched_value), eve: base ("+reason+"), kim: base (no_value)")
	}

	s.EditUserAttribute("env", func(a *omnimock.UserAttribute) { a.DefaultValues = []string{"test"} })
	check(nil, "ada: prod (matched_value), bob: test (matched_value), eve: base (default_value), kim: test (matched_value)")
	s.bind("stages")
	got = check(nil, "ada: base (no_value), bob: ? (ambiguous), eve: base (no_value), kim: base (no_value)")
	if on := got["connections"].(object); len(on) != 3 || on[s.base].(object)["user_count"] != int64(3) {
		t.Errorf("they work on %v", on)
	}
	s.bind("omni_user_groups")
	check(nil, "ada: prod (matched_value), bob: base (no_match), eve: base (no_value), kim: base (no_value)")
	s.bind("omni_user_email")
	check(nil, "ada: base (no_match), bob: base (no_match), eve: base (no_match), kim: base (no_match)")
	s.bind("omni_user_name")
	check(object{"environment_values": object{s.test: []string{"Bob"}}}, "ada: base (no_match), bob: test (matched_value), eve: base (no_match), kim: base (no_match)")
	s.bind("gone")
	check(nil, "ada: base (attribute_missing), bob: base (attribute_missing), eve: base (attribute_missing), kim: base (attribute_missing)")
	s.bind("")
	check(nil, "ada: base (not_bound), bob: base (not_bound), eve: base (not_bound), kim: base (not_bound)")
}

// Values that are not there yet: who would move.
func TestMoves(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	moves := func(more object) string {
		t.Helper()
		got, diags := s.read(more)
		diags.RequireNone(t)
		names := map[any]string{s.base: "base", s.prod: "prod", s.test: "test", nil: "?"}
		var all []string
		for _, item := range got["moves"].([]any) {
			m := item.(object)
			all = append(all, fmt.Sprintf("%s: %s to %s", m["email"], names[m["from_connection_id"]], names[m["to_connection_id"]]))
		}
		return strings.Join(all, ", ")
	}
	values := func(id string, values ...string) object { return object{strings.ToUpper(id): values} }
	for name, c := range map[string]struct {
		more object
		want string
	}{
		"the same":              {object{"environment_values": values(s.prod, "prod", "Admins")}, ""},
		"a value moves":         {object{"environment_values": protocol.With(values(s.prod, "prod", "test"), values(s.test, "x"))}, "bob@example.com: test to prod"},
		"a value goes":          {object{"environment_values": values(s.prod)}, "ada@example.com: prod to base"},
		"one more default":      {object{"environment_values": values(s.base, "dev", "local")}, ""},
		"base and others":       {object{"environment_values": protocol.With(values(s.base, "prod"), protocol.With(values(s.prod, "x"), values(s.test, "y")))}, "ada@example.com: prod to base, bob@example.com: test to base"},
		"two have it":           {object{"environment_values": values(s.prod, "prod", "test")}, "bob@example.com: test to ?"},
		"a new environment":     {object{"environment_values": values("550e8400-e29b-41d4-a716-446655440000", "dev")}, "eve@example.com: base to "},
		"a user's value":        {object{"user_values": object{"EVE@example.com": []string{"prod"}}}, "eve@example.com: base to prod"},
		"a user's value goes":   {object{"user_values": object{"ada@example.com": []string{}}}, "ada@example.com: prod to base"},
		"both at the same time": {object{"user_values": object{"kim@example.com": []string{"new"}}, "environment_values": values(s.test, "test", "new")}, "kim@example.com: base to test"},
	} {
		if got := moves(c.more); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}

	// A slip looks as if nobody moved.
	got, diags := s.read(object{"user_values": object{"ADA@example.com": []string{"prod"}, "eeve@example.com": []string{"prod"}, "kim@example.com": []string{}}})
	diags.RequireWarning(t, "at user_values.eeve@example.com: No such Omni user", `"eeve@example.com", so this value moves nobody. Did you mean "eve@example.com"?`)
	if moved := got["moves"].([]any); len(moved) > 0 {
		t.Errorf("moved are %v", moved)
	}
}

func TestAudienceThatCannotBeTold(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	_, diags := s.read(object{"base_connection_id": "550e8400-e29b-41d4-a716-446655440000"})
	diags.RequireError(t, "at base_connection_id:", "No such Omni connection")
	for words, config := range map[string]object{
		"at environment_values.x:|UUID":                          {"environment_values": object{"x": []string{"a"}}},
		`at base_connection_id:|UUID`:                            {"base_connection_id": "x"},
		"at environment_values: Null Map Value":                  {"environment_values": object{s.prod: nil}},
		"Invalid value of environment_values|the value is empty": {"environment_values": object{s.prod: []any{""}}},
		"at user_values.eve@example.com: Null Set Value":         {"user_values": object{"eve@example.com": []any{nil}}},
	} {
		_, diags := s.read(config)
		diags.RequireError(t, strings.Split(words, "|")...)
		if len(diags) != 1 {
			t.Errorf("%v: %s", config, diags)
		}
	}
	for path, needs := range map[string]string{"/api/v1/connection-environments": "the admin role", "/api/scim/v2/Users": "an API key of the organization"} {
		s.Forbid(http.MethodGet, path)
		_, diags = s.read(nil)
		diags.RequireError(t, "Cannot find the audience of Omni connection "+s.base, "it needs "+needs)
		s.AllowAll()
	}
	s.bind("omni_is_org_admin")
	_, diags = s.read(nil)
	diags.RequireError(t, "Cannot find the audience", "omni_is_org_admin", "does not return")
	s.bind("env")
	s.Forbid("", "/api/v1/user-attributes")
	got, diags := s.read(nil)
	diags.RequireWarning(t, "default of a user attribute is not known")
	if len(got["users"].([]any)) != 4 {
		t.Errorf("got %v", got)
	}
	s.AllowAll()
	s.Faults().Add(fault.Answer(200, `{"totalResults":3,"Resources":[{"id":"a","userName":7},{"id":"b","userName":"b@example.com","meta":{},"urn:omni:params:1.0:UserAttribute":{"env":{}}},{"id":"c","userName":"c@example.com","meta":{}}]}`).On(http.MethodGet, "/api/scim/v2/Users"))
	got, diags = s.read(nil)
	diags.RequireWarning(t, "An Omni user is left out", `"a"`)
	diags.RequireWarning(t, "An Omni user is left out", "b@example.com")
	if s.works(got) != "c: base (no_value)" || strings.Contains(diags.String(), "does not return") {
		t.Errorf("got %v\n%s", got["users"], diags)
	}
	s.Forbid("", "/api/scim/v2/Users") // routing needs another key than users do
	_, diags = s.read(nil)
	diags.RequireError(t, "it needs an API key of the organization (omni_osk_...)")

	personal := newStage(t, omnimock.Options{PersonalToken: true})
	_, diags = personal.read(nil)
	diags.RequireError(t, "not a personal token", "an API key of the organization")
	narrow := newStage(t, omnimock.Options{Users: omnimock.NarrowUsers})
	_, diags = narrow.read(nil)
	diags.RequireError(t, "does not return the attribute values")
	for _, attribute := range []string{"omni_user_email", ""} { // none of the values is needed
		narrow.bind(attribute)
		got, diags = narrow.read(nil)
		diags.RequireNone(t)
		if first := got["users"].([]any)[0].(object); got["user_count"] != int64(4) || first["groups"] != nil {
			t.Errorf("bound to %q: %v", attribute, got)
		}
	}
}

// Over random organizations, everybody works where the server says. The server in
// memory has code of its own for that.
func TestAudienceIsTheServers(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	words := strings.Fields("prod test dev Prod x Admins")
	for range 15 {
		s := newStage(t, omnimock.Options{Users: omnimock.UserAnswer(random.IntN(2)), UserPage: 1 + random.IntN(5)})
		s.bind([]string{"env", "stages", "omni_user_groups", "omni_user_email", "gone", ""}[random.IntN(6)])
		if random.IntN(2) == 0 {
			s.EditUserAttribute("env", func(a *omnimock.UserAttribute) { a.DefaultValues = []string{words[random.IntN(len(words))]} })
		}
		for n := range 12 {
			u := omnimock.User{UserName: fmt.Sprintf("u%d@example.com", n), Attributes: object{}}
			if random.IntN(3) > 0 {
				u.Attributes["env"] = words[random.IntN(len(words))]
			}
			if random.IntN(3) > 0 {
				u.Attributes["stages"] = []any{words[random.IntN(3)], words[3+random.IntN(3)]}
			}
			if random.IntN(2) == 0 {
				u.Groups = []string{words[random.IntN(len(words))]}
			}
			s.AddUser(u)
		}
		got, diags := s.read(nil)
		diags.RequireOK(t)
		for _, item := range got["users"].([]any) {
			u := item.(object)
			want, why := s.RouteOfUser(s.base, u["id"].(string))
			if got, _ := u["connection_id"].(string); got != want {
				t.Errorf("%v works on %q, the server says %q: %s", u, got, want, why)
			}
		}
	}
}

// newLargeStage has so many users in all.
func newLargeStage(t testing.TB, users int) stage {
	t.Helper()
	s := newStage(t, omnimock.Options{})
	for n := range users - len(s.Users()) {
		s.AddUser(omnimock.User{UserName: fmt.Sprintf("u%05d@example.com", n), Groups: []string{"Staff"}, Attributes: object{"env": []string{"prod", "test", "dev", "x"}[n%4]}})
	}
	return s
}

// A large organization takes a fixed number of requests: its pages, and one for each
// of the other collections.
func TestLargeAudience(t *testing.T) {
	t.Parallel()
	const users = 2_000
	s := newLargeStage(t, users)
	s.ResetRequests()
	got, diags := s.read(nil)
	diags.RequireNone(t)
	if n := len(got["users"].([]any)); n != users-1 {
		t.Errorf("%d users", n)
	}
	pages := (users + 99) / 100
	if n := s.CountRequests("", ""); n != pages+3 {
		t.Errorf("%d requests, want %d", n, pages+3)
	}
	counts := []int64{}
	for _, c := range got["connections"].(object) {
		counts = append(counts, c.(object)["user_count"].(int64))
	}
	slices.Sort(counts)
	if counts[0] < int64(users)/4-5 {
		t.Errorf("they work on %v", counts)
	}
}
