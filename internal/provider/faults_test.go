// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// Whatever goes wrong in one call, the run after it ends where it should have:
// the server holds what the configuration says, once; the state has its id; and
// the next plan is empty. The table is every call of every operation, times
// every way to fail, once and for as long as the run lasts.

// failures are the ways in which a call fails.
func failures(elsewhere string) map[string]fault.Fault {
	return map[string]fault.Fault{
		"reset before":        {Reset: true},
		"reset after":         {Reset: true, Apply: true},
		"hangs before":        {Hang: true},
		"hangs after":         {Hang: true, Apply: true},
		"429":                 fault.RateLimited(),
		"429 for a second":    fault.RateLimitedFor(1),
		"500":                 fault.InternalError(),
		"500 after":           fault.InternalError().Applied(),
		"502 HTML":            fault.BadGateway(),
		"503":                 fault.Answer(503, `{"detail":"Service Unavailable","status":503}`),
		"503 after":           fault.Answer(503, ``).Applied(),
		"cut off":             {Truncate: true},
		"success is false":    fault.NoSuccess(),
		"success false after": fault.NoSuccess().Applied(),
		"another shape":       fault.WrongShape(),
		"another shape after": fault.WrongShape().Applied(),
		"a login page":        fault.NotJSON(),
		"empty":               fault.EmptyBody(),
		"empty after":         fault.EmptyBody().Applied(),
		"401":                 fault.Answer(401, `{"detail":"Unauthorized: Missing or invalid API key","status":401}`),
		"403":                 fault.Answer(403, `{"detail":"Permission denied","status":403}`),
		"403 bad token":       fault.Answer(403, `{"detail":"Invalid bearer token","status":403}`),
		"404":                 fault.Answer(404, `{"detail":"Not Found","status":404}`),
		"404 HTML":            fault.Answer(404, `<html><title>No such page</title></html>`),
		"405":                 fault.Answer(405, `{"detail":"Method Not Allowed","status":405}`),
		"409":                 fault.Answer(409, `{"detail":"Conflict","status":409}`),
		"410":                 fault.Answer(410, `{"detail":"Gone","status":410}`),
		"413":                 fault.Answer(413, `{"detail":"Payload Too Large","status":413}`),
		"endless":             {Endless: true},
		"redirect":            {Redirect: elsewhere},
	}
}

// subject is a kind of resource, with two states of its configuration.
type subject struct {
	typeName string
	options  omnimock.Options
	prepare  func(s *omnimock.Server) (config, changed object)
	// calls lists, by operation, what it calls: a method and the pattern of a
	// path below /api/v1/.
	calls map[string][]string
	// differs says how the server differs from the configuration, "" if it does
	// not; nil configures that nothing is there.
	differs func(s *omnimock.Server, r *protocol.Resource, config object) string
	// lostID finds what a create made and could not be told, as a user does who
	// is told to look for it; lostOnPurpose is set where the server has no list.
	lostID        func(s *omnimock.Server) string
	lostOnPurpose bool
}

// mayBeLost reports whether a create without an answer cannot be resolved: there
// is no list to look in.
func (s subject) mayBeLost(call string) bool {
	return call == "GET connections" || call == "GET connection-environments" || call == "GET connections/*/schedules" || call == "GET connections/*/dbt/environments" || s.lostOnPurpose
}

func subjects() map[string]subject {
	environment := subject{
		typeName: "dataconn_omni_connection_environment",
		options:  omnimock.Options{EnvironmentList: true},
		prepare: func(s *omnimock.Server) (object, object) {
			config := object{
				"base_connection_id":    s.AddConnection(object{"name": "base", "dialect": "exasol"}),
				"connection_id":         s.AddConnection(object{"name": "other", "dialect": "exasol"}),
				"user_attribute_values": []string{"a", "b"},
			}
			return config, protocol.With(config, object{"user_attribute_values": []string{"b", "c"}})
		},
		calls: map[string][]string{
			"create": {"GET connections", "GET connection-environments", "POST connection-environments", "PUT connection-environments/*"},
			"read":   {"GET connection-environments"},
			"update": {"PUT connection-environments/*"},
			"delete": {"DELETE connection-environments/*"},
		},
		differs: func(s *omnimock.Server, r *protocol.Resource, config object) string {
			all := s.Environments()
			if config == nil || len(all) != 1 {
				return count(len(all), config)
			}
			got := object{"base_connection_id": all[0].BaseConnectionID, "connection_id": all[0].ConnectionID, "user_attribute_values": slices.Sorted(slices.Values(all[0].UserAttributeValues))}
			if fmt.Sprint(got) != fmt.Sprint(config) || r.Text("id") != all[0].ID {
				return fmt.Sprintf("the server has %v of id %s, the state id %s", got, all[0].ID, r.Text("id"))
			}
			return ""
		},
	}
	environment.lostID = func(s *omnimock.Server) string {
		for _, e := range s.Environments() {
			return e.BaseConnectionID + "/" + e.ConnectionID + "/" + e.ID
		}
		return ""
	}
	unlisted := environment
	unlisted.lostOnPurpose = true
	unlisted.options = omnimock.Options{}
	unlisted.calls = map[string][]string{
		"create": {"GET connection-environments", "POST connection-environments"},
		"read":   {"GET connection-environments", "GET connections"},
	}
	return map[string]subject{
		"connection": {
			typeName: "dataconn_omni_connection",
			prepare: func(s *omnimock.Server) (object, object) {
				// One that is the same in all the server shows, and is somebody else's.
				s.AddConnection(object{"name": "n", "dialect": "exasol", "host": "h", "includeSchemas": []string{"a"}})
				config := object{"name": "n", "dialect": "exasol", "host": "h", "include_schemas": []string{"a"}, "password": "first", "deletion_protection": false}
				return config, protocol.With(config, object{"host": "h2", "include_schemas": []string{}, "password": "second"})
			},
			calls: map[string][]string{
				"create": {"GET connections", "POST connections", "GET connections/*"},
				"read":   {"GET connections"},
				"update": {"PATCH connections/*", "GET connections/*"},
				"delete": {"DELETE connections/*"},
			},
			lostID: func(s *omnimock.Server) string {
				for _, c := range withPassword(s) {
					return c.ID
				}
				return ""
			},
			differs: func(s *omnimock.Server, r *protocol.Resource, config object) string {
				all := withPassword(s)
				if config == nil || len(all) != 1 {
					return count(len(all), config)
				}
				password, _ := s.Secret(all[0].ID, "passwordUnencrypted")
				schemas, _ := all[0].Settings["includeSchemas"].([]string)
				if all[0].Settings["host"] != config["host"] || password != config["password"] || fmt.Sprint(schemas) != fmt.Sprint(config["include_schemas"]) || r.Text("id") != all[0].ID {
					return fmt.Sprintf("the server has %v with the password %s, the state id %s", all[0], password, r.Text("id"))
				}
				return ""
			},
		},
		"dbt":                         dbtSubject(omnimock.Current),
		"dbt of the older generation": dbtSubject(omnimock.Narrow2026),
		"dbt environment":             dbtEnvironmentSubject(),
		"schedule": {
			typeName: "dataconn_omni_connection_schedule",
			options:  omnimock.Options{BuildSchemaModels: true},
			prepare: func(s *omnimock.Server) (object, object) {
				connection := s.AddConnection(object{"name": "n", "dialect": "exasol"})
				// One that is the same, and is somebody else's.
				s.AddSchedule(connection, "0 2 * * ? *", "UTC")
				config := object{"connection_id": connection, "schedule": "0 2 * * ? *", "timezone": "UTC", "hard_refresh": true}
				return config, protocol.With(config, object{"schedule": "0 3 * * ? *", "hard_refresh": false})
			},
			calls: map[string][]string{
				"create": {"GET connections/*/schedules", "POST connections/*/schedules"},
				"read":   {"GET connections/*/schedules/*"},
				"update": {"PUT connections/*/schedules/*"},
				"delete": {"DELETE connections/*/schedules/*"},
			},
			lostID: func(s *omnimock.Server) string {
				for _, o := range ourSchedules(s) {
					return o.ConnectionID + "/" + o.ID
				}
				return ""
			},
			differs: func(s *omnimock.Server, r *protocol.Resource, config object) string {
				all := ourSchedules(s)
				if config == nil || len(all) != 1 {
					return count(len(all), config)
				}
				got := object{"connection_id": all[0].ConnectionID, "schedule": all[0].Schedule, "timezone": all[0].Timezone, "hard_refresh": all[0].HardRefresh}
				if fmt.Sprint(got) != fmt.Sprint(config) || r.Text("id") != all[0].ID {
					return fmt.Sprintf("the server has %v of id %s, the state id %s", got, all[0].ID, r.Text("id"))
				}
				return ""
			},
		},
		"environment":                environment,
		"user attribute definition":  userAttributeSubject(omnimock.AnswerObject),
		"user attribute without id":  userAttributeSubject(omnimock.AnswerSuccess),
		"environment without a list": unlisted,
		"user attribute": {
			typeName: "dataconn_omni_environment_user_attribute",
			prepare: func(s *omnimock.Server) (object, object) {
				config := object{
					"connection_id":  s.AddConnection(object{"name": "base", "dialect": "exasol"}),
					"attribute_name": "env", "default_values": []string{"dev"},
				}
				return config, protocol.With(config, object{"attribute_name": "region", "default_values": nil})
			},
			calls: map[string][]string{
				"create": {"GET user-attributes", "GET connections/*", "PATCH connections/*"},
				"read":   {"GET connections"},
				"update": {"GET user-attributes", "PATCH connections/*"},
				"delete": {"PATCH connections/*"},
			},
			differs: func(s *omnimock.Server, _ *protocol.Resource, config object) string {
				settings := s.Connections()[0].Settings
				name, values := settings["userAttributeNameForConnectionEnvironments"], settings["userAttributeValuesForDefaultEnvironment"]
				if list, _ := values.([]string); list == nil {
					values = nil
				}
				if fmt.Sprint(name, values) != fmt.Sprint(config["attribute_name"], config["default_values"]) {
					return fmt.Sprintf("the server has %v with %v", name, values)
				}
				return ""
			},
		},
	}
}

// userAttributeSubject is an attribute on a server with this form of answers. A
// name is unique, so a lost one is found wherever the list can be read.
func userAttributeSubject(answers omnimock.AttributeAnswer) subject {
	made := func(s *omnimock.Server) []omnimock.UserAttribute {
		return slices.DeleteFunc(s.UserAttributes(), func(a omnimock.UserAttribute) bool { return !strings.HasPrefix(a.Name, "tenant") })
	}
	return subject{
		typeName: "dataconn_omni_user_attribute",
		options:  omnimock.Options{UserAttributeAnswer: answers},
		prepare: func(*omnimock.Server) (object, object) {
			config := object{"name": "tenant", "label": "Tenant", "type": "Number", "default_values": []string{"1"}}
			return config, protocol.With(config, object{"name": "tenants", "multiple_values": true, "default_values": []string{"1", "2"}})
		},
		calls: map[string][]string{
			"create": {"GET user-attributes", "POST user-attributes"},
			"read":   {"GET user-attributes"},
			"update": {"PUT user-attributes/*"},
			"delete": {"DELETE user-attributes/*"},
		},
		lostID: func(s *omnimock.Server) string {
			for _, a := range made(s) {
				return a.ID
			}
			return ""
		},
		differs: func(s *omnimock.Server, r *protocol.Resource, config object) string {
			all := made(s)
			if config == nil || len(all) != 1 {
				return count(len(all), config)
			}
			a := all[0]
			if a.Name != config["name"] || a.Type != config["type"] || fmt.Sprint(a.DefaultValues) != fmt.Sprint(config["default_values"]) || a.MultipleValues != (len(a.DefaultValues) > 1) || r.Text("id") != a.ID {
				return fmt.Sprintf("the server has %+v, the state id %s", a, r.Text("id"))
			}
			return ""
		},
	}
}

// isRetried reports the failures that a second attempt hides. Not so a 429: that
// would be waited for until the operation's timeout.
func isRetried(f fault.Fault) bool {
	return f.Reset || f.Hang || f.Truncate || f.Status >= 500
}

// withPassword returns the connections that were made through the API.
func withPassword(s *omnimock.Server) []omnimock.Connection {
	return slices.DeleteFunc(s.Connections(), func(c omnimock.Connection) bool {
		_, ours := s.Secret(c.ID, "passwordUnencrypted")
		return !ours
	})
}

// dbtSubject is a dbt configuration. Only the older generation is asked for what
// was written.
func dbtSubject(generation omnimock.Generation) subject {
	s := subject{
		typeName: "dataconn_omni_connection_dbt",
		options:  omnimock.Options{Generation: generation},
		prepare: func(s *omnimock.Server) (object, object) {
			config := object{
				"connection_id": s.AddConnection(object{"name": "n", "dialect": "postgres"}),
				"ssh_url":       "git@example.com:o/r.git", "branch": "main", "autogen_relationships": true, "enable_virtual_schemas": false,
				"project_root_path": "a",
			}
			return config, protocol.With(config, object{"branch": "dev", "enable_virtual_schemas": true, "project_root_path": nil})
		},
		calls: map[string][]string{
			"create": {"GET connections/*/dbt", "PUT connections/*/dbt"},
			"read":   {"GET connections/*/dbt"},
			"update": {"PUT connections/*/dbt"},
			"delete": {"DELETE connections/*/dbt"},
		},
		differs: func(s *omnimock.Server, _ *protocol.Resource, config object) string {
			got, ok := s.DBT(s.Connections()[0].ID)
			if config == nil || !ok {
				return count(map[bool]int{true: 1}[ok], config)
			}
			root := any(nil)
			if got.ProjectRootPath != nil {
				root = *got.ProjectRootPath
			}
			if got.SSHURL != config["ssh_url"] || got.Branch != config["branch"] || got.EnableVirtualSchemas != config["enable_virtual_schemas"] || root != config["project_root_path"] {
				return fmt.Sprintf("the server has %+v", got)
			}
			return ""
		},
	}
	if generation != omnimock.Current {
		s.calls["update"] = append(s.calls["update"], "GET connections/*/dbt")
	}
	return s
}

func dbtEnvironmentSubject() subject {
	ours := func(s *omnimock.Server) (found []omnimock.DBTEnvironment) {
		for _, e := range s.DBTEnvironments(s.Connections()[0].ID) {
			if len(e.Variables) > 0 && slices.ContainsFunc(e.Variables, func(v omnimock.DBTVariable) bool {
				value, _ := s.Secret(v.ID, "value")
				return v.Name == "SECRET" && value != "theirs"
			}) {
				found = append(found, e)
			}
		}
		return found
	}
	variables := func(plain, secret string) object {
		return object{"PLAIN": object{"value": plain}, "SECRET": object{"secret_wo": secret}}
	}
	return subject{
		typeName: "dataconn_omni_dbt_environment",
		prepare: func(s *omnimock.Server) (object, object) {
			connection := s.AddConnection(object{"name": "n", "dialect": "postgres"})
			s.EditDBT(connection, func(*omnimock.DBT) {})
			// One that is the same in all the server shows, and is somebody else's.
			plain, theirs := "p", "theirs"
			s.AddDBTEnvironment(connection, omnimock.DBTEnvironment{Name: "n", TargetSchema: "s", Variables: []omnimock.DBTVariable{
				{Name: "PLAIN", Value: &plain}, {Name: "SECRET", Value: &theirs, IsSecret: true},
			}})
			config := object{"connection_id": connection, "name": "n", "target_schema": "s", "variables": variables("p", "first")}
			changed := protocol.With(config, object{"target_schema": "s2"})
			changed["variables"] = variables("p2", "second")
			return config, changed
		},
		calls: map[string][]string{
			"create": {"GET connections/*/dbt/environments", "POST connections/*/dbt/environments"},
			"read":   {"GET connections/*/dbt/environments"},
			"update": {"PUT connections/*/dbt/environments/*"},
			"delete": {"DELETE connections/*/dbt/environments/*"},
		},
		lostID: func(s *omnimock.Server) string {
			for _, e := range ours(s) {
				return e.ConnectionID + "/" + e.ID
			}
			return ""
		},
		differs: func(s *omnimock.Server, r *protocol.Resource, config object) string {
			all := ours(s)
			if config == nil || len(all) != 1 {
				return count(len(all), config)
			}
			got := object{}
			for _, v := range all[0].Variables {
				if secret, ok := s.Secret(v.ID, "value"); ok {
					got[v.Name] = object{"secret_wo": secret}
				} else {
					got[v.Name] = object{"value": *v.Value}
				}
			}
			if all[0].TargetSchema != config["target_schema"] || fmt.Sprint(got) != fmt.Sprint(config["variables"]) || r.Text("id") != all[0].ID {
				return fmt.Sprintf("the server has %+v with %v, the state id %s", all[0], got, r.Text("id"))
			}
			return ""
		},
	}
}

// ourSchedules returns the schedules that are not somebody else's.
func ourSchedules(s *omnimock.Server) []omnimock.Schedule {
	return slices.DeleteFunc(s.Schedules(), func(o omnimock.Schedule) bool { return o.Schedule == "0 2 * * ? *" && !o.HardRefresh })
}

func count(n int, config object) string {
	if config == nil && n == 0 {
		return ""
	}
	return fmt.Sprintf("the server has %d", n)
}

// atOnce runs tests that mostly wait beside each other, more than there are
// processors.
func atOnce(t *testing.T, tests map[string]func(t *testing.T)) {
	t.Helper()
	var group sync.WaitGroup
	slots := make(chan struct{}, 24)
	for _, name := range slices.Sorted(maps.Keys(tests)) {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			t.Run(name, tests[name])
		})
	}
	group.Wait()
}

func TestFaults(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("a redirect was followed to another host: %s %s, Authorization %q", r.Method, r.URL, r.Header.Get("Authorization"))
	}))
	t.Cleanup(elsewhere.Close)
	tests := map[string]func(t *testing.T){}
	for kind, subject := range subjects() {
		for operation, calls := range subject.calls {
			tests[strings.ReplaceAll(kind, " ", "_")+"/"+operation+"/nobody_listens"] = func(t *testing.T) {
				testFault(t, subject, operation, false, nobodyListens)
			}
			for _, call := range calls {
				for failure, f := range failures(elsewhere.URL) {
					for how, times := range map[string]int{"once": 1, "on and on": fault.Forever} {
						if times == fault.Forever && !isRetried(f) {
							continue // once is as good
						}
						method, path, _ := strings.Cut(call, " ")
						if method == http.MethodGet && f.Apply {
							continue // a read does nothing that could be lost
						}
						name := fmt.Sprintf("%s/%s/%s/%s/%s", kind, operation, call, failure, how)
						if failure == "410" && method == http.MethodDelete {
							f = f.Applied() // what the server calls gone is gone
						}
						tests[strings.ReplaceAll(name, " ", "_")] = func(t *testing.T) {
							testFault(t, subject, operation, subject.mayBeLost(call), f.On(method, "/api/v1/"+path).Repeat(times))
						}
					}
				}
			}
		}
	}
	atOnce(t, tests)
}

// nobodyListens is no fault of the server: there is none.
var nobodyListens = fault.Fault{Path: "/nobody/listens"}

// closedPort is an address where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	return server.URL
}

func testFault(t *testing.T, subject subject, operation string, mayBeLost bool, f fault.Fault) {
	t.Helper()
	s := omnimock.Start(t, subject.options)
	config, changed := subject.prepare(s)
	p := configured(t, s, object{"max_retries": 1}, nil)
	r := p.Resource(subject.typeName)
	if operation != "create" {
		r.Apply(config).RequireNone(t)
		p.Restart()
	}
	if f.Hang { // an endless answer ends at the size limit
		p.Configure(protocol.With(protocol.OmniConfig(s), object{"request_timeout": "1s", "max_retries": 1})).RequireNone(t)
	}
	if operation == "update" {
		config = changed
	}

	if f.Path == nobodyListens.Path {
		p.Configure(protocol.With(protocol.OmniConfig(s), object{"omni": object{"base_url": closedPort(t)}, "max_retries": 1})).RequireNone(t)
	} else {
		s.Faults().Add(f)
	}
	var diags protocol.Diagnostics
	switch operation {
	case "create", "update":
		diags = r.Apply(config)
	case "read":
		diags = r.Refresh()
		if !r.Exists() {
			t.Fatalf("the resource fell out of the state:\n%s", diags)
		}
	case "delete":
		config = nil
		diags = r.Destroy()
	}
	if s.Faults().Pending() > 0 {
		t.Fatal("the operation does not make this call")
	}
	if f.Path == nobodyListens.Path {
		diags.RequireError(t, "check base_url")
	}
	s.Faults().Clear()
	if r.IsTainted() && subject.typeName == "dataconn_omni_connection" {
		t.Errorf("the connection is tainted: the next run would send it to the trash\n%s", diags)
	}
	for _, word := range []string{"panic", "inconsistent", "invalid result", "invalid plan", "nil pointer"} {
		if strings.Contains(diags.String(), word) {
			t.Errorf("%s", diags)
		}
	}

	// The next run.
	p.Configure(protocol.With(protocol.OmniConfig(s), object{"max_retries": 1})).RequireNone(t)
	p.Restart()
	r.Refresh().RequireOK(t)
	if config == nil {
		r.Destroy().RequireOK(t)
	} else {
		if !r.Exists() && mayBeLost && subject.lostID != nil {
			if id := subject.lostID(s); id != "" {
				diags.RequireError(t, "import") // so it was said
				r.Import(id).RequireOK(t)
			}
		}
		r.Apply(config).RequireOK(t)
		p.Restart()
		r.Refresh().RequireNone(t)
		if plan := r.Plan(config); !plan.IsEmpty() {
			t.Errorf("the plan is not empty: %s of %v\n%s", plan.Action, plan.Changes(), plan.Diagnostics)
		}
	}
	if r.Exists() != (config != nil) {
		t.Errorf("in the state: %t", r.Exists())
	}
	if differs := subject.differs(s, r, config); differs != "" {
		t.Errorf("%s\nafter:\n%s", differs, diags)
	}
}
