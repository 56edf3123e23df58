// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package environmentroute_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

const routeType = "dataconn_omni_environment_route"

// stage is a server with a base connection and two environments, and a provider
// for it.
type stage struct {
	*omnimock.Server
	p                *protocol.Provider
	base, prod, test string
	prodEnvironment  string
}

func newStage(t *testing.T, options omnimock.Options) stage {
	t.Helper()
	s := stage{Server: omnimock.Start(t, options)}
	add := func(name string) string { return s.AddConnection(map[string]any{"name": name, "dialect": "exasol"}) }
	s.base, s.prod, s.test = add("base"), add("prod"), add("test")
	s.bind("environment", "dev")
	s.prodEnvironment = s.AddEnvironment(s.base, s.prod, "prod", "live")
	s.AddEnvironment(s.base, s.test, "test")
	s.p = protocol.New(t, protocol.Options())
	config := protocol.OmniConfig(s.Server)
	if options.Generation == omnimock.Guide2025 {
		config = protocol.With(config, map[string]any{"omni": map[string]any{"api_version": "unstable"}})
	}
	s.p.Configure(config).RequireNone(t)
	return s
}

// bind binds the base; no attribute unbinds it.
func (s stage) bind(attribute string, defaults ...string) {
	s.EditConnection(s.base, func(settings map[string]any) {
		settings["userAttributeNameForConnectionEnvironments"], settings["userAttributeValuesForDefaultEnvironment"] = nil, nil
		if attribute != "" {
			settings["userAttributeNameForConnectionEnvironments"] = attribute
		}
		if len(defaults) > 0 {
			settings["userAttributeValuesForDefaultEnvironment"] = defaults
		}
	})
}

// read asks in a new process, so that nothing is remembered.
func (s stage) read(t *testing.T, config map[string]any) (map[string]any, protocol.Diagnostics) {
	t.Helper()
	s.p.Restart()
	return s.p.ReadDataSource(routeType, protocol.With(map[string]any{"base_connection_id": s.base}, config))
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{EnvironmentList: true})
	value := func(v string) map[string]any { return map[string]any{"value": v} }
	values := func(v ...string) map[string]any { return map[string]any{"values": v} }
	check := func(config map[string]any, connection, environment, reason string, words ...string) {
		t.Helper()
		got, diags := s.read(t, config)
		diags.RequireNone(t)
		attribute := any("environment")
		if reason == "not_bound" {
			attribute = nil
		}
		want := fmt.Sprint([]any{orNil(connection), orNil(environment), attribute, reason})
		if text := fmt.Sprint([]any{got["connection_id"], got["environment_id"], got["attribute_name"], got["reason"]}); text != want {
			t.Errorf("%v: %s, want %s", config, text, want)
		}
		for _, word := range words {
			if explanation, _ := got["explanation"].(string); !strings.Contains(explanation, word) || !strings.HasSuffix(explanation, ".") {
				t.Errorf("%v: %q does not say %q", config, explanation, word)
			}
		}
	}
	check(value("prod"), s.prod, s.prodEnvironment, "matched_value", `environment = "prod"`, s.prod, `which has ["prod", "live"].`)
	check(values("prod", "live"), s.prod, s.prodEnvironment, "matched_value", `["live", "prod"]`)
	check(value("dev"), s.base, "", "default_value", `default values "dev"`)
	check(value("Prod"), s.base, "", "no_match", "none of its environments (there are 2)")
	check(value(" prod"), s.base, "", "no_match")
	check(value(""), s.base, "", "no_match")
	check(nil, s.base, "", "no_value", "without a value of environment")
	check(values(), s.base, "", "no_value")
	check(values("prod", "test"), "", "", "ambiguous", s.prod, s.test, "does not document")
	check(map[string]any{"base_connection_id": strings.ToUpper(s.base), "value": "prod"}, s.prod, s.prodEnvironment, "matched_value")

	s.EditUserAttribute("environment", func(a *omnimock.UserAttribute) { a.DefaultValues = []string{"live"} })
	check(nil, s.prod, s.prodEnvironment, "matched_value", `environment = "live"`)
	check(value("dev"), s.base, "", "default_value")
	s.RemoveUserAttribute("environment")
	check(value("prod"), s.base, "", "attribute_missing", `"environment", which does not exist`)
	s.bind("")
	check(value("prod"), s.base, "", "not_bound", "no user attribute is bound")

	// An environment may be a base itself, without any of its own.
	check(map[string]any{"base_connection_id": s.prod, "value": "prod"}, s.prod, "", "not_bound")
}

func orNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// What cannot be told is an error, and says why.
func TestRoutesThatCannotBeTold(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{EnvironmentList: true})
	for _, c := range map[string]struct {
		config map[string]any
		words  []string
	}{
		"not an id":   {map[string]any{"base_connection_id": "base"}, []string{"at base_connection_id", "UUID"}},
		"no such":     {map[string]any{"base_connection_id": "550e8400-e29b-41d4-a716-446655440000"}, []string{"at base_connection_id", "No such Omni connection"}},
		"value twice": {map[string]any{"value": "a", "values": []string{"b"}}, []string{"values"}},
		"no value":    {map[string]any{"values": []any{"a", nil}}, []string{"at values", "null"}},
	} {
		_, diags := s.read(t, c.config)
		diags.RequireError(t, c.words...)
		if len(diags) != 1 {
			t.Errorf("%v: %s", c.config, diags)
		}
	}

	environments := func(body string, words ...string) {
		t.Helper()
		s.Faults().Clear()
		s.Faults().Add(fault.Answer(200, `{"connectionEnvironments":[`+body+`]}`).On(http.MethodGet, "/api/v1/connection-environments"))
		got, diags := s.read(t, map[string]any{"value": "prod"})
		if len(words) > 0 {
			diags.RequireError(t, append(words, "Cannot find the route of a user", s.base)...)
			return
		}
		diags.RequireNone(t)
		if got["reason"] != "no_match" {
			t.Errorf("%s: %v", body, got)
		}
	}
	environments(fmt.Sprintf(`{"id":"e","baseConnectionId":%q,"connectionId":"c","userAttributeValues":{"a":1}}`, s.base), `environment "e" could be the answer`)
	environments(`{"id":"e","baseConnectionId":7}`, "could be the answer")
	environments(fmt.Sprintf(`{"id":"e","baseConnectionId":%q,"connectionId":"c"}`, s.base), "does not tell the values of environment e")
	environments(`{"id":"e","baseConnectionId":"another","connectionId":"c","userAttributeValues":{"a":1}}`) // another's oddity does no harm
	s.Faults().Clear()

	s.Forbid(http.MethodGet, "/api/v1/connection-environments")
	_, diags := s.read(t, map[string]any{"value": "prod"})
	diags.RequireError(t, "it needs the admin role")

	unlisted := newStage(t, omnimock.Options{})
	_, diags = unlisted.read(t, map[string]any{"value": "prod"})
	diags.RequireError(t, "does not list connection environments", "user interface")
	unlisted.bind("") // then there is nothing to look up
	got, diags := unlisted.read(t, map[string]any{"value": "prod"})
	diags.RequireNone(t)
	if got["reason"] != "not_bound" {
		t.Errorf("got %v", got)
	}
}

// Without the user attributes there is an answer all the same; where their
// defaults would count, with a warning.
func TestRoutesWithoutUserAttributes(t *testing.T) {
	t.Parallel()
	forbidden := newStage(t, omnimock.Options{EnvironmentList: true})
	forbidden.Forbid("", "/api/v1/user-attributes")
	guide := newStage(t, omnimock.Options{Generation: omnimock.Guide2025, EnvironmentList: true})
	for _, s := range []stage{forbidden, guide} {
		got, diags := s.read(t, map[string]any{"value": "prod"})
		diags.RequireNone(t)
		if got["connection_id"] != s.prod {
			t.Errorf("got %v", got)
		}
		got, diags = s.read(t, nil)
		diags.RequireWarning(t, "default of a user attribute is not known", `"environment"`)
		if got["connection_id"] != s.base || got["reason"] != "no_value" {
			t.Errorf("got %v", got)
		}
	}
}

// All questions about one instance take a request a collection.
func TestRoutesShareTheirReads(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{EnvironmentList: true})
	for _, value := range []string{"prod", "dev", "test", "x"} {
		_, diags := s.p.ReadDataSource(routeType, map[string]any{"base_connection_id": s.base, "value": value})
		diags.RequireNone(t)
	}
	if got := s.CountRequests("", ""); got != 3 {
		t.Errorf("%d requests: connections, environments and user attributes are one each", got)
	}
}

// Over random settings, the route is the one that the server takes. The server
// in memory has code of its own for that.
func TestRoutesAreTheServers(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	some := func(words []string, most int) []string {
		chosen := []string{}
		for _, at := range random.Perm(len(words))[:random.IntN(most+1)] {
			chosen = append(chosen, words[at])
		}
		return chosen
	}
	words := strings.Fields("a A b B ab a-b 1 1.0 ä Ä")
	reasons := map[any]int{}
	for range 40 {
		s := omnimock.Start(t, omnimock.Options{EnvironmentList: true, UserAttributes: []string{"one", "two"}})
		p := protocol.New(t, protocol.Options())
		p.Configure(protocol.OmniConfig(s)).RequireNone(t)
		var connections []string
		for n := range 5 {
			connections = append(connections, s.AddConnection(map[string]any{"name": fmt.Sprint(n), "dialect": "exasol"}))
		}
		s.EditUserAttribute("one", func(a *omnimock.UserAttribute) { a.MultipleValues, a.DefaultValues = true, some(words, 2) })
		// A value stands once among the environments of a base and its defaults.
		for _, base := range connections[:2] {
			free := some(words, len(words))
			take := func() []string {
				taken := free[:random.IntN(len(free)+1)]
				free = free[len(taken):]
				return taken
			}
			for _, c := range connections[2:] {
				if random.IntN(3) > 0 {
					s.AddEnvironment(base, c, take()...)
				}
			}
			s.EditConnection(base, func(settings map[string]any) {
				if name := []string{"one", "one", "two", "gone", ""}[random.IntN(5)]; name != "" {
					settings["userAttributeNameForConnectionEnvironments"] = name
				}
				if defaults := take(); len(defaults) > 0 {
					settings["userAttributeValuesForDefaultEnvironment"] = defaults
				}
			})
		}
		for range 20 {
			base, values := connections[random.IntN(3)], some(append(words, "", " a", "x", "a,b"), 3)
			got, diags := p.ReadDataSource(routeType, map[string]any{"base_connection_id": base, "values": values})
			diags.RequireNone(t)
			want, why := s.RouteOf(base, values)
			if got["connection_id"] != orNil(want) || (got["reason"] == "ambiguous") != (want == "") {
				t.Fatalf("base %s, values %q: the provider says %v\nthe server %s: %s", base, values, got, want, why)
			}
			reasons[got["reason"]]++
		}
	}
	t.Log(reasons)
}
