// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package schemamodel_test

import (
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

const (
	modelType   = "dataconn_omni_schema_model"
	modelsRoute = "/api/v1/models"
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

func (s stage) config(changes ...map[string]any) map[string]any {
	config := map[string]any{"connection_id": s.connection}
	for _, c := range changes {
		config = protocol.With(config, c)
	}
	return config
}

func refreshed() map[string]any { return map[string]any{"refresh_on_create": true} }

// writes are the requests that are no reads, and their bodies.
func (s stage) writes() []string {
	var all []string
	for _, r := range s.Requests() {
		if r.Method != http.MethodGet {
			all = append(all, strings.TrimSpace(r.Method+" "+strings.ReplaceAll(r.Path, s.connection, "ID")+" "+string(r.Body)))
		}
	}
	return all
}

func (s stage) requireWrites(t *testing.T, want ...string) {
	t.Helper()
	if got := s.writes(); !reflect.DeepEqual(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
	s.ResetRequests()
}

func requireNothingToDo(t *testing.T, r *protocol.Resource, config map[string]any) {
	t.Helper()
	if plan := r.Plan(config); !plan.IsEmpty() {
		t.Errorf("the plan is not empty: %s of %v\n%s", plan.Action, plan.Changes(), plan.Diagnostics)
	}
}

func TestProtocolLife(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(modelType)
	config := s.config()
	r.Apply(config).RequireNone(t)
	register := `POST /api/v1/models {"connectionId":"` + s.connection + `","modelKind":"SCHEMA"}`
	s.requireWrites(t, register)
	for name, want := range map[string]any{"id": s.connection, "connection_id": s.connection, "refresh_on_create": false, "refreshed_at": nil} {
		if got := r.Get(name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if r.Text("created_at") == "" || s.SchemaModelRefreshed(s.connection) || !reflect.DeepEqual(r.Identity(), map[string]any{"connection_id": s.connection}) {
		t.Errorf("%v %v", r.State(), r.Identity())
	}
	requireNothingToDo(t, r, config)
	s.p.Restart()
	before := r.State()
	r.Refresh().RequireNone(t)
	if !reflect.DeepEqual(r.State(), before) {
		t.Errorf("the refresh found %v after %v", r.State(), before)
	}

	// Later changes have nothing to send.
	for _, change := range []map[string]any{refreshed(), {}, {"timeouts": map[string]any{"read": "3m"}}} {
		r.Apply(s.config(change)).RequireNone(t)
		requireNothingToDo(t, r, s.config(change))
	}
	s.requireWrites(t)

	// What others do is not this resource's: its state has nothing that they change.
	before = r.State()
	s.EditConnection(s.connection, func(settings map[string]any) { settings["name"] = "two" })
	s.p.Restart()
	r.Refresh().RequireNone(t)
	if !reflect.DeepEqual(r.State(), before) {
		t.Errorf("the refresh found %v after %v", r.State(), before)
	}
	s.ResetRequests()
	r.Destroy().RequireWarning(t, "Omni keeps the schema model", s.connection, "cannot delete")
	if n := s.CountRequests("", ""); n != 0 || len(s.SchemaModels()) != 1 {
		t.Errorf("%d requests, %v", n, s.SchemaModels())
	}
	// And so the next one takes it over.
	again := s.p.Resource(modelType)
	diags := again.Apply(s.config())
	diags.RequireWarning(t, "The schema model existed already", "If another resource has the same connection_id")
	if len(diags) != 1 || strings.Contains(diags.String(), "refreshed") {
		t.Errorf("%s", diags)
	}
	s.requireWrites(t, register)
	requireNothingToDo(t, again, s.config())
}

func TestProtocolRefreshOnCreate(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(modelType)
	r.Apply(s.config(refreshed())).RequireNone(t)
	s.requireWrites(t, `POST /api/v1/models {"connectionId":"`+s.connection+`","modelKind":"SCHEMA"}`, "POST /api/v1/models/ID/refresh")
	if !s.SchemaModelRefreshed(s.connection) || r.Text("refreshed_at") == "" || r.Text("created_at") == "" {
		t.Errorf("the apply did not wait for the refresh: %v", r.State())
	}
	requireNothingToDo(t, r, s.config(refreshed()))

	// One that is there already is left alone.
	other := s.AddConnection(map[string]any{"name": "two", "dialect": "exasol"})
	s.BuildSchemaModel(other)
	s.ResetRequests()
	taken := s.p.Resource(modelType)
	config := protocol.With(refreshed(), map[string]any{"connection_id": other})
	taken.Apply(config).RequireWarning(t, "existed already", "was not refreshed", "dataconn_omni_schema_refresh")
	if got := s.writes(); len(got) != 1 {
		t.Errorf("sent %q", got)
	}
	requireNothingToDo(t, taken, config)
}

// A refresh that fails taints nothing; the next apply owes it, and then it is done.
func TestProtocolRefreshOwed(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(modelType)
	config := s.config(refreshed())
	failed := fault.Answer(200, `{"job_id":"j","job_type":"REFRESH_SCHEMA","status":"FAILED","message":"no route to the database"}`)
	s.Faults().Add(failed.On(http.MethodGet, "/api/v1/jobs/*/status"))
	r.Apply(config).RequireWarning(t, "Could not refresh the schema model", "The next apply tries the refresh again", "no route to the database")
	if !r.Exists() || r.Get("refreshed_at") != nil {
		t.Fatalf("the state is %v", r.State())
	}
	s.p.Restart()
	r.Refresh().RequireNone(t)
	s.Forbid(http.MethodPost, "")
	r.Apply(config).RequireError(t, "Cannot refresh the schema model", "Permission denied", "Connection Admin")
	s.AllowAll()
	plan := r.Plan(config)
	if plan.Action != protocol.Update || !reflect.DeepEqual(plan.Changes(), []string{"refreshed_at"}) {
		t.Errorf("%s of %v", plan.Action, plan.Changes())
	}
	s.Faults().Add(failed.On(http.MethodGet, "/api/v1/jobs/*/status"))
	plan.Apply().RequireError(t, "Cannot refresh the schema model", "no route to the database")
	r.Apply(config).RequireNone(t)
	if !s.SchemaModelRefreshed(s.connection) || r.Text("refreshed_at") == "" {
		t.Errorf("it was not refreshed: %v", r.State())
	}
	requireNothingToDo(t, r, config)

	// Who does not want it any more owes nothing.
	other := s.AddConnection(map[string]any{"name": "two", "dialect": "exasol"})
	second := s.p.Resource(modelType)
	s.Faults().Add(failed.On(http.MethodGet, "/api/v1/jobs/*/status"))
	second.Apply(protocol.With(config, map[string]any{"connection_id": other})).RequireWarning(t, "Could not refresh")
	without := map[string]any{"connection_id": other}
	s.ResetRequests()
	second.Apply(without).RequireNone(t)
	s.requireWrites(t)
	requireNothingToDo(t, second, without)
	second.Apply(protocol.With(config, without)).RequireNone(t) // and a later wish is none for now
	s.requireWrites(t)
}

func TestProtocolRefreshThatTakesTooLong(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) {
		s := newStage(t, omnimock.Options{RefreshNeverEnds: true, InMemory: true})
		owing := s.p.Resource(modelType)
		bounded := protocol.With(refreshed(), map[string]any{"connection_id": s.AddConnection(map[string]any{"name": "two", "dialect": "exasol"}), "timeouts": map[string]any{"update": "2s"}})
		s.Faults().Add(fault.Answer(http.StatusForbidden, `{"detail":"Permission denied"}`).On(http.MethodPost, modelsRoute+"/*/refresh"))
		owing.Apply(bounded).RequireWarning(t, "Could not refresh", "Permission denied", "it needs Connection Admin on the connection")
		var both sync.WaitGroup
		both.Go(func() {
			owing.Apply(bounded).RequireError(t, "Cannot refresh", "within timeouts.update. It goes on in Omni as job")
		})
		r := s.p.Resource(modelType)
		r.Apply(s.config(refreshed(), map[string]any{"timeouts": map[string]any{"create": "2s"}})).
			RequireWarning(t, "Could not refresh", "within timeouts.create. It goes on in Omni as job")
		both.Wait()
		if !r.Exists() || r.Get("id") != s.connection {
			t.Errorf("%v", r.State())
		}
	})
}

func TestProtocolFailures(t *testing.T) {
	t.Parallel()
	const unknown = "550e8400-e29b-41d4-a716-446655440000"
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(modelType)
	r.Apply(map[string]any{"connection_id": unknown}).RequireError(t, "at connection_id:", "No such Omni connection", unknown)
	r.Apply(map[string]any{"connection_id": "x"}).RequireError(t, "at connection_id:", "UUID")
	s.Forbid(http.MethodPost, modelsRoute)
	r.Apply(s.config()).RequireError(t, "Cannot register the schema model", s.connection, "Permission denied", "Connection Admin")
	s.AllowAll()
	if r.Exists() || len(s.SchemaModels()) != 0 {
		t.Fatalf("%v %v", r.State(), s.SchemaModels())
	}
	// It is registered, and only the answer to the read back is missing.
	s.Faults().Add(fault.Answer(403, `{"detail":"Permission denied"}`).On(http.MethodGet, modelsRoute))
	r.Apply(s.config()).RequireWarning(t, "Could not read back the schema model")
	if r.Get("id") != s.connection || r.Get("created_at") != nil {
		t.Errorf("%v", r.State())
	}
	requireNothingToDo(t, r, s.config())
	r.Apply(s.config(map[string]any{"timeouts": map[string]any{"read": "3m"}})).RequireNone(t)
	s.p.Restart()
	r.Refresh().RequireNone(t)
	if r.Text("created_at") == "" {
		t.Error("the refresh did not complete it")
	}

	// Its refresh counts all the same.
	second := s.p.Resource(modelType)
	s.Faults().Add(fault.Answer(403, `{"detail":"Permission denied"}`).On(http.MethodGet, modelsRoute))
	second.Apply(protocol.With(refreshed(), map[string]any{"connection_id": s.AddConnection(map[string]any{"name": "two", "dialect": "exasol"})})).
		RequireWarning(t, "Could not read back the schema model")
	if second.Text("refreshed_at") == "" {
		t.Errorf("%v", second.State())
	}

	guide := newStage(t, omnimock.Options{Generation: omnimock.Guide2025})
	guide.p.Configure(protocol.With(protocol.OmniConfig(guide.Server), map[string]any{"omni": map[string]any{"api_version": "unstable"}})).RequireNone(t)
	guide.p.Resource(modelType).Apply(guide.config()).RequireError(t, "Cannot register", "has no models in its API")
}

func TestProtocolGone(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(modelType)
	for _, remove := range []func(string){s.RemoveSchemaModel, s.TrashConnection} {
		r.Apply(s.config()).RequireNone(t)
		remove(s.connection)
		s.p.Restart()
		r.Refresh().RequireWarning(t, "An Omni schema model is gone", s.connection, "removed from the state")
		if r.Exists() {
			t.Error("it is still in the state")
		}
	}
}

func TestProtocolReplacement(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(modelType)
	r.Apply(s.config()).RequireNone(t)
	other := map[string]any{"connection_id": s.AddConnection(map[string]any{"name": "two", "dialect": "exasol"})}
	plan := r.Plan(other)
	if plan.Action != protocol.Replace || strings.Join(plan.RequiresReplace(), " ") != "connection_id" {
		t.Errorf("%s for %v", plan.Action, plan.RequiresReplace())
	}
	plan.Apply().RequireWarning(t, "Omni keeps the schema model")
	if r.Get("id") != other["connection_id"] || len(s.SchemaModels()) != 2 {
		t.Errorf("%v %v", r.State(), s.SchemaModels())
	}
}

func TestProtocolImport(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	s.BuildSchemaModel(s.connection)
	identity := map[string]any{"connection_id": s.connection}
	byID, byIdentity := s.p.Resource(modelType), s.p.Resource(modelType)
	byID.Import(strings.ToUpper(s.connection)).RequireNone(t)
	byIdentity.ImportIdentity(identity).RequireNone(t)
	for _, r := range []*protocol.Resource{byID, byIdentity} {
		if !reflect.DeepEqual(r.Identity(), identity) || r.Get("id") != s.connection {
			t.Errorf("%v %v", r.Identity(), r.State())
		}
		requireNothingToDo(t, r, s.config())
	}
	bare := s.AddConnection(map[string]any{"name": "bare", "dialect": "exasol"})
	s.p.Resource(modelType).Import(bare).RequireError(t, "Nothing to import")
	s.p.Resource(modelType).Import("x").RequireError(t, "at connection_id:", "id of the connection")
}

// All of them take one list.
func TestProtocolReadsShareAList(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	var all []*protocol.Resource
	for range 5 {
		id := s.AddConnection(map[string]any{"name": "n", "dialect": "exasol"})
		r := s.p.Resource(modelType)
		r.Apply(map[string]any{"connection_id": id}).RequireNone(t)
		all = append(all, r)
	}
	s.p.Restart()
	s.ResetRequests()
	for _, r := range all {
		r.Refresh().RequireNone(t)
	}
	if n := s.CountRequests("", ""); n != 1 {
		t.Errorf("%d requests for the refresh", n)
	}
}
