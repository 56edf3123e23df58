// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectionschedule_test

import (
	"fmt"
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
	scheduleType   = "dataconn_omni_connection_schedule"
	schedulesRoute = "/api/v1/connections/*/schedules"
)

// stage is a server with a connection, and a provider for it.
type stage struct {
	*omnimock.Server
	p          *protocol.Provider
	connection string
}

func newStage(t *testing.T, options omnimock.Options) stage {
	t.Helper()
	s := stage{Server: omnimock.Start(t, options)}
	s.connection = s.AddConnection(map[string]any{"name": "one", "dialect": "exasol"})
	s.p = protocol.NewDialing(t, s)
	s.p.Configure(protocol.OmniConfig(s.Server)).RequireNone(t)
	return s
}

// built is a server on which schema models are there at once.
func built() omnimock.Options { return omnimock.Options{BuildSchemaModels: true} }

func (s stage) config(changes ...map[string]any) map[string]any {
	config := map[string]any{"connection_id": s.connection, "schedule": "0 2 * * ? *", "timezone": "Europe/Berlin"}
	for _, c := range changes {
		config = protocol.With(config, c)
	}
	return config
}

func (s stage) only(t *testing.T) omnimock.Schedule {
	t.Helper()
	all := s.Schedules()
	if len(all) != 1 {
		t.Fatalf("the server has %d schedules", len(all))
	}
	return all[0]
}

func requireNothingToDo(t *testing.T, r *protocol.Resource, config map[string]any) {
	t.Helper()
	if plan := r.Plan(config); !plan.IsEmpty() {
		t.Errorf("the plan is not empty: %s of %v\n%s", plan.Action, plan.Changes(), plan.Diagnostics)
	}
}

func TestProtocolLife(t *testing.T) {
	t.Parallel()
	s := newStage(t, built())
	r := s.p.Resource(scheduleType)
	r.Apply(s.config()).RequireNone(t)
	requireNothingToDo(t, r, s.config())
	made := s.only(t)
	for name, want := range map[string]any{
		"id": made.ID, "connection_id": s.connection, "schedule": "0 2 * * ? *", "timezone": "Europe/Berlin", "hard_refresh": false,
		"description": "Runs on 0 2 * * ? * in Europe/Berlin", "disabled_at": nil,
	} {
		if got := r.Get(name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if identity := map[string]any{"connection_id": s.connection, "id": made.ID}; !reflect.DeepEqual(r.Identity(), identity) || r.Text("created_at") == "" {
		t.Errorf("%v %v", r.Identity(), r.State())
	}

	// Each change in place, with everything sent; nothing changed, nothing sent.
	for _, change := range []map[string]any{
		{"schedule": "0 3 ? * MON-FRI *"}, {"timezone": "UTC", "hard_refresh": true}, {"hard_refresh": nil}, {"timeouts": map[string]any{"read": "3m"}},
	} {
		config := s.config(change)
		s.ResetRequests()
		plan := r.Plan(config)
		if plan.Action != protocol.Update || plan.Value("id") != made.ID {
			t.Fatalf("%v: %s, id %v", change, plan.Action, plan.Value("id"))
		}
		if isKept := plan.Value("description") != protocol.Unknown; isKept != (change["timeouts"] != nil) {
			t.Errorf("%v: what the server says of it is kept: %t", change, isKept)
		}
		plan.Apply().RequireNone(t)
		requireNothingToDo(t, r, config)
		got, hard := s.only(t), config["hard_refresh"] == true
		if got.ID != made.ID || got.Schedule != config["schedule"] || got.Timezone != config["timezone"] || got.HardRefresh != hard {
			t.Errorf("%v: the server has %+v", change, got)
		}
		s.p.Restart()
		r.Refresh().RequireNone(t)
		requireNothingToDo(t, r, config)
	}
	s.ResetRequests()
	r.Apply(s.config(map[string]any{"timeouts": map[string]any{"read": "4m"}})).RequireNone(t)
	if n := s.CountRequests("", ""); n != 0 {
		t.Errorf("%d requests for other timeouts", n)
	}
	r.Destroy().RequireNone(t)
	if n := len(s.Schedules()); n != 0 {
		t.Errorf("%d schedules left", n)
	}
}

func TestProtocolEveryUpdateSendsAll(t *testing.T) {
	t.Parallel()
	s := newStage(t, built())
	r := s.p.Resource(scheduleType)
	hard := map[string]any{"hard_refresh": true}
	r.Apply(s.config(hard)).RequireNone(t)
	r.Apply(s.config(hard, map[string]any{"timezone": "UTC"})).RequireNone(t)
	if got := s.only(t); !got.HardRefresh || got.Timezone != "UTC" {
		t.Errorf("%+v", got)
	}
	var bodies []string
	for _, request := range s.Requests() {
		if request.Method != http.MethodGet {
			bodies = append(bodies, request.Method+" "+string(request.Body))
		}
	}
	want := []string{
		`POST {"schedule":"0 2 * * ? *","timezone":"Europe/Berlin","hardRefresh":true}`, `PUT {"schedule":"0 2 * * ? *","timezone":"UTC","hardRefresh":true}`,
	}
	if !reflect.DeepEqual(bodies, want) {
		t.Errorf("sent %q", bodies)
	}
}

func TestProtocolReplacement(t *testing.T) {
	t.Parallel()
	s := newStage(t, built())
	r := s.p.Resource(scheduleType)
	r.Apply(s.config()).RequireNone(t)
	other := map[string]any{"connection_id": s.AddConnection(map[string]any{"name": "two", "dialect": "exasol"})}
	plan := r.Plan(s.config(other))
	if plan.Action != protocol.Replace || strings.Join(plan.RequiresReplace(), " ") != "connection_id" {
		t.Errorf("%s for %v", plan.Action, plan.RequiresReplace())
	}
	plan.Apply().RequireNone(t)
	if got := s.only(t); got.ConnectionID != other["connection_id"] {
		t.Errorf("%+v", got)
	}
}

func TestProtocolDrift(t *testing.T) {
	t.Parallel()
	s := newStage(t, built())
	r := s.p.Resource(scheduleType)
	r.Apply(s.config()).RequireNone(t)
	id := r.Text("id")
	disabled := time.Date(2026, 9, 1, 2, 0, 0, 0, time.UTC)
	s.EditSchedule(id, func(o *omnimock.Schedule) {
		o.Schedule, o.HardRefresh, o.DisabledAt = "0 4 * * ? *", true, &disabled
	})
	s.p.Restart()
	r.Refresh().RequireNone(t)
	if r.Text("disabled_at") != "2026-09-01T02:00:00.000Z" || r.Get("hard_refresh") != true {
		t.Errorf("%v", r.State())
	}
	plan := r.Plan(s.config())
	if plan.Action != protocol.Update || plan.Value("schedule") != "0 2 * * ? *" || plan.Value("hard_refresh") != false {
		t.Errorf("%s of %v", plan.Action, plan.Changes())
	}
	plan.Apply().RequireNone(t)
	requireNothingToDo(t, r, s.config())

	s.RemoveSchedule(id)
	s.p.Restart()
	r.Refresh().RequireWarning(t, "An Omni schedule is gone", id, "removed from the state")
	if r.Exists() {
		t.Error("it is still in the state")
	}
	r.Apply(s.config()).RequireNone(t)
	s.TrashConnection(s.connection)
	s.p.Restart()
	r.Refresh().RequireWarning(t, "is gone")
	if r.Exists() {
		t.Error("it is still in the state")
	}
}

func TestProtocolImport(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]omnimock.Options{"current": built(), "older": {NoHardRefresh: true, BuildSchemaModels: true}} {
		s := newStage(t, options)
		id := s.AddSchedule(s.connection, "0 2 * * ? *", "Europe/Berlin")
		identity := map[string]any{"connection_id": s.connection, "id": id}
		byID, byIdentity := s.p.Resource(scheduleType), s.p.Resource(scheduleType)
		byID.Import(strings.ToUpper(s.connection) + "/" + id).RequireNone(t)
		byIdentity.ImportIdentity(identity).RequireNone(t)
		for _, r := range []*protocol.Resource{byID, byIdentity} {
			if !reflect.DeepEqual(r.Identity(), identity) || r.Get("hard_refresh") != false {
				t.Errorf("%s: %v %v", name, r.Identity(), r.State())
			}
			requireNothingToDo(t, r, s.config())
		}
		nothing := s.p.Resource(scheduleType)
		nothing.Import(s.connection+"/"+s.connection).RequireError(t, "Nothing to import")
		nothing.Import(id).RequireError(t, "at id:", "<connection id>/<id>")
	}
}

func TestProtocolServerWithoutHardRefresh(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{NoHardRefresh: true, BuildSchemaModels: true})
	r := s.p.Resource(scheduleType)
	hard := map[string]any{"hard_refresh": true}
	r.Apply(s.config(hard)).RequireError(t, "at hard_refresh:", "has no hard refresh", "Nothing was changed", "Unrecognized key(s)")
	if r.Exists() || len(s.Schedules()) != 0 {
		t.Fatalf("%v %v", r.State(), s.Schedules())
	}
	r.Apply(s.config()).RequireNone(t)
	requireNothingToDo(t, r, s.config())
	r.Apply(s.config(hard)).RequireError(t, "at hard_refresh:", "has no hard refresh")
	if r.Get("hard_refresh") != false {
		t.Error("the refused value is in the state")
	}
	s.p.Restart()
	r.Refresh().RequireNone(t)
	requireNothingToDo(t, r, s.config())
	r.Apply(s.config(map[string]any{"timezone": "UTC"})).RequireNone(t)
	r.Destroy().RequireNone(t)
}

// The schema model of a new connection comes while the create waits for it.
func TestProtocolSchemaModel(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) {
		s := newStage(t, omnimock.Options{InMemory: true})
		r := s.p.Resource(scheduleType)
		done := make(chan protocol.Diagnostics)
		go func() { done <- r.Apply(s.config()) }()
		for s.CountRequests(http.MethodPost, schedulesRoute) == 0 {
			time.Sleep(time.Millisecond)
		}
		s.BuildSchemaModel(s.connection)
		diags := <-done
		diags.RequireNone(t)
		requireNothingToDo(t, r, s.config())
		s.only(t)
	})
}

func TestProtocolSchemaModelThatDoesNotCome(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) {
		s := newStage(t, omnimock.Options{InMemory: true})
		r := s.p.Resource(scheduleType)
		r.Apply(s.config(map[string]any{"timeouts": map[string]any{"create": "5s"}})).
			RequireError(t, "at connection_id:", "Cannot create schedule (0 2 * * ? *, Europe/Berlin)", "404", "schema model", "dataconn_omni_schema_model", "timeouts.create")
		if r.Exists() {
			t.Errorf("%v", r.State())
		}

		plan := r.Plan(s.config())
		s.ResetRequests()
		done := make(chan protocol.Diagnostics)
		go func() { done <- plan.Apply() }()
		for s.CountRequests(http.MethodGet, "/api/v1/connections/*") == 0 { // the connection was looked at
			time.Sleep(time.Millisecond)
		}
		s.p.Stop()
		diags := <-done
		diags.RequireError(t, "Cannot create schedule")
		if r.Exists() {
			t.Errorf("%v", r.State())
		}
	})
}

func TestProtocolRefusals(t *testing.T) {
	t.Parallel()
	s := newStage(t, built())
	r := s.p.Resource(scheduleType)
	const unknown = "550e8400-e29b-41d4-a716-446655440000"
	r.Apply(s.config(map[string]any{"connection_id": unknown})).RequireError(t, "at connection_id:", "No such Omni connection", unknown)
	for attribute, answer := range map[string]string{
		"schedule": `{"detail":"Invalid cron expression","status":400}`,
		"timezone": `{"detail":"Invalid timezone","status":400}`,
	} {
		s.Faults().Add(fault.Answer(400, answer).On(http.MethodPost, ""))
		r.Apply(s.config()).RequireError(t, "at "+attribute+":", "Cannot create", "Invalid")
	}
	for _, words := range []string{"Permission denied", "Permission denied: cron", "Permission denied: timezone"} { // no fault of the schedule
		s.Faults().Add(fault.Answer(403, `{"detail":"`+words+`"}`).On(http.MethodPost, ""))
		r.Apply(s.config()).RequireError(t, "ERROR: Cannot create schedule", words, "it needs Connection Admin")
	}
	s.Faults().Add(fault.Answer(404, `{"detail":"Not Found"}`).On(http.MethodPost, "")) // no such route
	r.Apply(s.config()).RequireError(t, "404", "Not Found")
	if r.Exists() || len(s.Schedules()) > 0 {
		t.Errorf("%v %v", r.State(), s.Schedules())
	}

	r.Apply(s.config()).RequireNone(t)
	s.Faults().Add(fault.Answer(403, `{"detail":"Permission denied"}`).On(http.MethodPut, ""))
	r.Apply(s.config(map[string]any{"timezone": "UTC"})).RequireError(t, "Cannot change schedule", r.Text("id"), "it needs Connection Admin")
	if r.Text("timezone") != "Europe/Berlin" {
		t.Error("a refused change is in the state")
	}
	s.Faults().Add(fault.Answer(404, `{"detail":"Not Found"}`).On(http.MethodDelete, ""))
	r.Destroy().RequireError(t, "cannot delete it through the API")
	if !r.Exists() {
		t.Error("what is on the server fell out of the state")
	}
}

func TestProtocolValidation(t *testing.T) {
	t.Parallel()
	p := protocol.New(t, protocol.Options()) // no server is needed
	r := p.Resource(scheduleType)
	config := map[string]any{"connection_id": "550e8400-e29b-41d4-a716-446655440000", "schedule": "0 2 * * ? *", "timezone": "UTC"}
	r.Validate(config).RequireNone(t)
	for attribute, values := range map[string][]any{
		"schedule":      {"", "0 2 * * *", "cron(0 2 * * ? *)", "0 2 * * * *", "0 25 * * ? *"},
		"timezone":      {"", "Local", "Mars/Base", "europe/berlin"},
		"connection_id": {"", "x"},
	} {
		for _, value := range values {
			r.Plan(protocol.With(config, map[string]any{attribute: value})).RequireError(t, "at "+attribute+":", "Invalid value of "+attribute)
		}
		r.Validate(protocol.With(config, map[string]any{attribute: protocol.Unknown})).RequireNone(t)
	}
}

// A server may store something else than it was sent.
func TestProtocolServerThatChangesValues(t *testing.T) {
	t.Parallel()
	s := newStage(t, built())
	r := s.p.Resource(scheduleType)
	r.Apply(s.config()).RequireNone(t)
	answer := fmt.Sprintf(`{"scheduleId":%q,"connectionId":%q,"schedule":"0 2 * * ? *","timezone":"Etc/UTC","hardRefresh":false}`, r.Text("id"), s.connection)
	s.Faults().Add(fault.Answer(200, answer).Applied().On(http.MethodPut, ""))
	r.Apply(s.config(map[string]any{"timezone": "UTC"})).RequireWarning(t, "at timezone:", "The server changed timezone", "Etc/UTC")
	if r.Text("timezone") != "UTC" {
		t.Errorf("%v", r.State())
	}
}

func TestProtocolManySchedulesAtOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t, built())
	resources := make([]*protocol.Resource, 10)
	for i := range resources {
		resources[i] = s.p.Resource(scheduleType)
	}
	each := func(do func(r *protocol.Resource)) {
		var group sync.WaitGroup
		for _, r := range resources {
			group.Go(func() { do(r) })
		}
		group.Wait()
	}
	each(func(r *protocol.Resource) { r.Apply(s.config()).RequireNone(t) }) // all the same, which is allowed
	if n := len(s.Schedules()); n != len(resources) {
		t.Fatalf("%d schedules", n)
	}
	s.p.Restart()
	s.ResetRequests()
	each(func(r *protocol.Resource) { r.Refresh().RequireNone(t) })
	if n := s.CountRequests("", ""); n != 2 {
		t.Errorf("%d requests to refresh %d schedules", n, len(resources))
	}
	each(func(r *protocol.Resource) { r.Destroy().RequireNone(t) })
	if n := len(s.Schedules()); n != 0 {
		t.Errorf("%d schedules left", n)
	}
}

func TestProtocolInterruptedCreateRecordsTheID(t *testing.T) {
	t.Parallel()
	s := newStage(t, built())
	s.Faults().Add(fault.Fault{Hang: true}.Applied().On(http.MethodPost, ""))
	r := s.p.Resource(scheduleType)
	plan := r.Plan(s.config())
	done := make(chan protocol.Diagnostics)
	go func() { done <- plan.Apply() }()
	for len(s.Schedules()) == 0 {
		time.Sleep(time.Millisecond)
	}
	s.p.Stop()
	diags := <-done
	if !r.Exists() || r.Text("id") != s.only(t).ID {
		t.Fatalf("the id is not in the state:\n%s", diags)
	}
	s.p.Restart()
	r.Refresh().RequireNone(t)
	requireNothingToDo(t, r, s.config())
}

// What is found after its create got no answer is taken over, and said to be.
func TestProtocolFoundCreate(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) {
		options := built()
		options.InMemory = true
		s := newStage(t, options)
		s.Faults().Add(fault.Fault{Reset: true}.Applied().On(http.MethodPost, ""))
		r := s.p.Resource(scheduleType)
		r.Apply(s.config()).RequireWarning(t, "An object was found after its create got no answer", s.only(t).ID)
		if r.Text("id") != s.only(t).ID {
			t.Errorf("%v", r.State())
		}
	})
}

// Which of two that are alike is its own is not guessed; the command that takes one
// over is there.
func TestProtocolLostCreateIsNotGuessed(t *testing.T) {
	t.Parallel()
	s := newStage(t, built())
	s.Faults().Add(fault.Answer(http.StatusForbidden, `{"detail":"Permission denied"}`).On(http.MethodGet, schedulesRoute)) // so nobody knows what was there
	s.Faults().Add(fault.Fault{Reset: true}.Applied().On(http.MethodPost, ""))
	r := s.p.Resource(scheduleType)
	r.Apply(s.config()).RequireError(t, "Cannot create schedule", s.only(t).ID, "terraform import <address of this resource> "+s.connection+"/<id>\n")
	if r.Exists() || s.CountRequests(http.MethodPost, "") != 1 {
		t.Error("it was taken, or made again")
	}
}

// A query over all connections goes on where one of them was deleted since they
// were listed, and says which cannot be asked.
func TestProtocolQuery(t *testing.T) {
	t.Parallel()
	s := newStage(t, built())
	second := s.AddConnection(map[string]any{"name": "two", "dialect": "exasol"})
	s.AddSchedule(s.connection, "0 2 * * ? *", "UTC")
	s.AddSchedule(second, "0 3 * * ? *", "UTC")
	query := func() ([]protocol.Listed, protocol.Diagnostics) {
		s.p.Restart()
		return s.p.Query(scheduleType, nil, protocol.QueryLimit, true)
	}
	found, diags := query()
	diags.RequireNone(t)
	if len(found) != 2 || found[0].State["connection_id"] != s.connection || found[1].State["schedule"] != "0 3 * * ? *" {
		t.Errorf("%v", found)
	}
	first := "/api/v1/connections/" + s.connection + "/schedules"
	s.Faults().Add(fault.Answer(http.StatusNotFound, `{"detail":"Connection not found","status":404}`).On(http.MethodGet, first).Repeat(fault.Forever))
	s.Faults().Add(fault.Fault{Hook: func() { s.TrashConnection(s.connection) }}.On(http.MethodGet, "/api/v1/connections"))
	found, diags = query()
	diags.RequireNone(t)
	if len(found) != 1 || found[0].State["connection_id"] != second {
		t.Errorf("%v", found)
	}
	s.p.FailEachCall(s.Host, nil, func() protocol.Diagnostics {
		_, diags := s.p.Query(scheduleType, nil, protocol.QueryLimit, false)
		return diags
	})
}
