// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectionenvironment_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

const environmentType = "dataconn_omni_connection_environment"

// stage is a server with connections of one dialect, and a provider for it.
type stage struct {
	*omnimock.Server
	p           *protocol.Provider
	connections []string
}

func newStage(t *testing.T, options omnimock.Options, connections int) stage {
	t.Helper()
	s := stage{Server: omnimock.Start(t, options)}
	for n := range connections {
		s.connections = append(s.connections, s.AddConnection(map[string]any{"name": fmt.Sprint(n), "dialect": "exasol"}))
	}
	s.p = protocol.NewDialing(t, s)
	config := protocol.OmniConfig(s.Server)
	if options.Generation == omnimock.Guide2025 {
		config = protocol.With(config, map[string]any{"omni": map[string]any{"api_version": "unstable"}})
	}
	s.p.Configure(config).RequireNone(t)
	return s
}

func (s stage) config(connection int, values ...string) map[string]any {
	config := map[string]any{"base_connection_id": s.connections[0], "connection_id": s.connections[connection]}
	if values != nil {
		config["user_attribute_values"] = values
	}
	return config
}

func requireNothingToDo(t *testing.T, r *protocol.Resource, config map[string]any) {
	t.Helper()
	if plan := r.Plan(config); !plan.IsEmpty() {
		t.Errorf("the plan is not empty: %s of %v\n%s", plan.Action, plan.Changes(), plan.Diagnostics)
	}
}

func TestProtocolImportByIdentity(t *testing.T) {
	t.Parallel()
	listed := newStage(t, omnimock.Options{EnvironmentList: true}, 2)
	unlisted := newStage(t, omnimock.Options{}, 2)
	for name, s := range map[string]stage{"listed": listed, "unlisted": unlisted} {
		id := s.AddEnvironment(s.connections[0], s.connections[1], "a")
		short := map[string]any{"id": strings.ToUpper(id)}
		full := map[string]any{"id": id, "base_connection_id": s.connections[0], "connection_id": s.connections[1]}

		r := s.p.Resource(environmentType)
		r.ImportIdentity(full).RequireNone(t)
		if fmt.Sprint(r.Identity()) != fmt.Sprint(full) || r.Text("id") != id {
			t.Errorf("%s: %v %v", name, r.Identity(), r.State())
		}
		plan := r.Plan(s.config(1, "a"))
		plan.RequireNone(t)
		if name == "listed" != plan.IsEmpty() || len(plan.RequiresReplace()) > 0 {
			t.Errorf("%s: the plan is %s of %v", name, plan.Action, plan.Changes())
		}
		plan.Apply().RequireNone(t) // without the list, the values are sent once more
		requireNothingToDo(t, r, s.config(1, "a"))

		byID := s.p.Resource(environmentType)
		diags := byID.ImportIdentity(short)
		if name == "listed" {
			diags.RequireNone(t)
			if fmt.Sprint(byID.Identity()) != fmt.Sprint(full) {
				t.Errorf("the identity is %v", byID.Identity())
			}
			continue
		}
		diags.RequireError(t, "does not list connection environments", "<base connection id>/<connection id>/"+id)
	}
}

func TestProtocolSwapInOneApply(t *testing.T) {
	t.Parallel()
	for _, options := range []omnimock.Options{{EnvironmentList: true}, {}, {CommaTextEnvironments: true}, {Generation: omnimock.Guide2025}} {
		t.Run(fmt.Sprintf("%+v", options), func(t *testing.T) {
			t.Parallel()
			s := newStage(t, options, 3)
			first, second := s.p.Resource(environmentType), s.p.Resource(environmentType)
			first.Apply(s.config(1, "a", "x")).RequireNone(t)
			second.Apply(s.config(2, "b")).RequireNone(t)
			s.p.Restart()
			var group sync.WaitGroup
			group.Go(func() { first.Apply(s.config(1, "b", "x")).RequireNone(t) })
			group.Go(func() { second.Apply(s.config(2, "a")).RequireNone(t) })
			group.Wait()
			s.p.Restart()
			for r, config := range map[*protocol.Resource]map[string]any{first: s.config(1, "b", "x"), second: s.config(2, "a")} {
				r.Refresh().RequireNone(t)
				requireNothingToDo(t, r, config)
			}
			if e, _ := s.Environment(first.Text("id")); strings.Join(slices.Sorted(slices.Values(e.UserAttributeValues)), " ") != "b x" {
				t.Errorf("%v", e)
			}
		})
	}
}

// The second call of a create fails for good: the first is undone, and the next
// apply starts clean.
func TestProtocolValuesThatCannotBeSet(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]omnimock.Options{"list": {EnvironmentList: true}, "no list": {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, options, 2)
			s.Faults().Add(fault.Answer(403, `{"detail":"Permission denied"}`).On(http.MethodPut, ""))
			r := s.p.Resource(environmentType)
			r.Apply(s.config(1, "a")).RequireError(t, "set the values of", "deleted again", "the admin role")
			if len(s.Environments()) != 0 || r.Exists() {
				t.Fatalf("%v %v", s.Environments(), r.State())
			}
			s.p.Restart()
			r.Apply(s.config(1, "a")).RequireNone(t)
			requireNothingToDo(t, r, s.config(1, "a"))
			if all := s.Environments(); len(all) != 1 || all[0].ID != r.Text("id") || !slices.Equal(all[0].UserAttributeValues, []string{"a"}) {
				t.Errorf("%v", all)
			}
		})
	}
}

func TestProtocolInterruptedCreateRecordsTheID(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{EnvironmentList: true}, 2)
	s.Faults().Add(fault.Fault{Hang: true}.Applied().On(http.MethodPost, ""))
	r := s.p.Resource(environmentType)
	plan := r.Plan(s.config(1, "a"))
	done := make(chan protocol.Diagnostics)
	go func() { done <- plan.Apply() }()
	for len(s.Environments()) == 0 {
		time.Sleep(time.Millisecond)
	}
	s.p.Stop()
	diags := <-done
	if !r.Exists() || r.Text("id") != s.Environments()[0].ID {
		t.Fatalf("the id is not in the state:\n%s", diags)
	}
	s.p.Restart()
	r.Refresh().RequireNone(t)
	r.Apply(s.config(1, "a")).RequireOK(t)
	requireNothingToDo(t, r, s.config(1, "a"))
}

// A user who cancels does not wait until the association is dissolved again: it stays,
// and the state has it.
func TestProtocolCanceledBeforeItHasValues(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{EnvironmentList: true}, 2)
	s.Faults().Add(fault.Fault{Hang: true, Hook: s.p.Stop}.On(http.MethodPut, "").Repeat(fault.Forever))
	r := s.p.Resource(environmentType)
	r.Apply(s.config(1, "a")).RequireError(t, "in the state, without values", "terraform untaint")
	if all := s.Environments(); len(all) != 1 || !r.Exists() || r.Text("id") != all[0].ID {
		t.Errorf("the server has %v, the state %v", all, r.State())
	}
}

func TestProtocolUnknownUntilApply(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{EnvironmentList: true}, 3)
	r := s.p.Resource(environmentType)
	// Both connections are made in the same apply.
	plan := r.Plan(map[string]any{"base_connection_id": protocol.Unknown, "connection_id": protocol.Unknown, "user_attribute_values": protocol.Unknown})
	plan.RequireNone(t)
	if got := s.CountRequests("", ""); got != 0 {
		t.Errorf("%d requests for a plan that knows nothing", got)
	}
	plan.ApplyWith(s.config(1, "a")).RequireNone(t)
	requireNothingToDo(t, r, s.config(1, "a"))

	// A connection that is to be replaced takes its environment with it.
	plan = r.Plan(protocol.With(s.config(1, "a"), map[string]any{"connection_id": protocol.Unknown}))
	if plan.Action != protocol.Replace || strings.Join(plan.RequiresReplace(), " ") != "connection_id" {
		t.Errorf("%s for %v", plan.Action, plan.RequiresReplace())
	}
	// One value that is not known is no reason.
	plan = r.Plan(protocol.With(s.config(1), map[string]any{"user_attribute_values": []any{"a", protocol.Unknown}}))
	if plan.Action != protocol.Update {
		t.Errorf("%s for %v", plan.Action, plan.RequiresReplace())
	}
	plan.ApplyWith(s.config(1, "a", "b")).RequireNone(t)
	requireNothingToDo(t, r, s.config(1, "a", "b"))
}

func TestProtocolSpellingOfIDs(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{EnvironmentList: true}, 2)
	config := map[string]any{"base_connection_id": strings.ToUpper(s.connections[0]), "connection_id": strings.ToUpper(s.connections[1])}
	r := s.p.Resource(environmentType)
	r.Apply(config).RequireNone(t)
	s.p.Restart()
	r.Refresh().RequireNone(t)
	requireNothingToDo(t, r, config)
}

// Where the values could not be set and the association could not be dissolved, an
// apply makes it anew, and after an untaint the next one sets the values alone: on a server that lists
// environments and on one that does not.
func TestProtocolValuesFailForGood(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]omnimock.Options{"list": {EnvironmentList: true}, "no list": {}} {
		for _, untaint := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, untaint %t", name, untaint), func(t *testing.T) {
				t.Parallel()
				s := newStage(t, options, 2)
				config := s.config(1, "prod")
				r := s.p.Resource(environmentType)
				s.Faults().Add(fault.Answer(http.StatusForbidden, `{"detail":"Permission denied","status":403}`).On(http.MethodPut, ""))
				s.Faults().Add(fault.Answer(http.StatusForbidden, `{"detail":"Permission denied","status":403}`).On(http.MethodDelete, ""))
				r.Apply(config).RequireError(t, "in the state, without values", "terraform untaint")
				id := r.Text("id")
				if untaint {
					r.Untaint()
				}
				s.p.Restart()
				r.Refresh().RequireOK(t)
				s.ResetRequests()
				r.Apply(config).RequireOK(t)
				requireNothingToDo(t, r, config)
				all := s.Environments()
				if len(all) != 1 || all[0].ID != r.Text("id") || !slices.Equal(all[0].UserAttributeValues, []string{"prod"}) {
					t.Errorf("the server has %+v, the state %s", all, r.Text("id"))
				}
				if kept := r.Text("id") == id; kept != untaint {
					t.Errorf("the association was kept: %t", kept)
				}
			})
		}
	}
}

// An association that was kept although the answer about its values was lost claims
// none, so that none are sent where there are to be none.
func TestProtocolLostValuesOfAKeptAssociation(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{}, 2)
	r := s.p.Resource(environmentType)
	s.Faults().Add(fault.InternalError().Applied().On(http.MethodPut, "").Repeat(fault.Forever))
	s.Faults().Add(fault.Answer(http.StatusForbidden, `{"detail":"Permission denied","status":403}`).On(http.MethodDelete, ""))
	r.Apply(s.config(1, "prod")).RequireError(t, "in the state, without values")
	s.Faults().Clear()
	r.Untaint()
	s.p.Restart()
	r.Refresh().RequireOK(t)
	r.Apply(s.config(1, []string{}...)).RequireOK(t)
	if all := s.Environments(); len(all) != 1 || len(all[0].UserAttributeValues) != 0 {
		t.Errorf("the server has %+v", all)
	}
}

// What one address gives up another takes, in one run and without being dissolved.
func TestProtocolAssociationAtAnotherAddress(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options omnimock.Options
		values  []string
	}{
		"list": {omnimock.Options{EnvironmentList: true}, []string{"a", "b"}}, "list, no values": {omnimock.Options{EnvironmentList: true}, []string{}},
		"no list": {omnimock.Options{}, []string{"a", "b"}}, "no list, no values": {omnimock.Options{}, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, c.options, 2)
			before, after := s.p.Resource(environmentType), s.p.Resource(environmentType)
			before.Apply(s.config(1, "a")).RequireNone(t)
			id := before.Text("id")
			s.p.Restart()
			s.ResetRequests()
			plan := after.Plan(s.config(1, c.values...))
			plan.RequireNone(t)
			done := make(chan protocol.Diagnostics)
			go func() { done <- plan.Apply() }()
			for s.CountRequests(http.MethodPost, "") < 1 || c.options.EnvironmentList && s.CountRequests(http.MethodGet, "/api/v1/connection-environments") < 2 {
				time.Sleep(time.Millisecond)
			}
			gone := before.Destroy()
			(<-done).RequireOK(t)
			if s.CountRequests(http.MethodDelete, "") == 0 { // the create was there in time
				gone.RequireWarning(t, "another address", "moved")
				if after.Text("id") != id {
					t.Errorf("the id is %s, and was %s", after.Text("id"), id)
				}
			}
			s.p.Restart()
			after.Refresh().RequireNone(t)
			requireNothingToDo(t, after, s.config(1, c.values...))
			if all := s.Environments(); len(all) != 1 || all[0].ID != after.Text("id") || len(all[0].UserAttributeValues) != len(c.values) {
				t.Errorf("%v", all)
			}
		})
	}
}

// Made again after it was dissolved in the same run: nobody is without a word.
func TestProtocolAssociationIsMadeAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{EnvironmentList: true}, 2)
	before, after := s.p.Resource(environmentType), s.p.Resource(environmentType)
	before.Apply(s.config(1, "a")).RequireNone(t)
	s.p.Restart()
	before.Destroy().RequireNone(t)
	after.Apply(s.config(1, "a")).RequireWarning(t, "created it again", "moved")
	requireNothingToDo(t, after, s.config(1, "a"))
}

// After an answer that got lost, the state does not claim the former values.
func TestProtocolValuesThatMayBeSet(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]omnimock.Options{"list": {EnvironmentList: true}, "no list": {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, options, 2)
			r := s.p.Resource(environmentType)
			r.Apply(s.config(1, "a")).RequireNone(t)
			s.Faults().Add(fault.BadGateway().Applied().On(http.MethodPut, "").Repeat(fault.Forever))
			r.Apply(s.config(1, "b")).RequireError(t, "change the values of")
			s.Faults().Clear()
			s.p.Restart()
			r.Refresh().RequireNone(t)
			// The user goes back.
			r.Apply(s.config(1, "a")).RequireNone(t)
			requireNothingToDo(t, r, s.config(1, "a"))
			if e := s.Environments()[0]; !slices.Equal(e.UserAttributeValues, []string{"a"}) {
				t.Errorf("the server routes %v", e.UserAttributeValues)
			}
		})
	}
}

// A base that becomes one of another dialect is refused at plan, before anything
// is dissolved, unless its environment follows in the same run.
func TestProtocolDialectThatChanges(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{EnvironmentList: true}, 0)
	connection := func(name, dialect string) map[string]any {
		return map[string]any{
			"name": name, "dialect": dialect, "host": "h", "port": 1, "database": "d", "username": "u", "password": "p", "deletion_protection": false,
		}
	}
	base, other := s.p.Resource("dataconn_omni_connection"), s.p.Resource("dataconn_omni_connection")
	base.Apply(connection("base", "exasol")).RequireNone(t)
	other.Apply(connection("other", "exasol")).RequireNone(t)
	r := s.p.Resource(environmentType)
	config := func(baseID any) map[string]any {
		return map[string]any{"base_connection_id": baseID, "connection_id": other.Text("id")}
	}
	r.Apply(config(base.Text("id"))).RequireNone(t)

	s.p.Restart()
	base.Plan(connection("base", "trino")).RequireNone(t)
	r.Plan(config(protocol.Unknown)).RequireError(t, "at connection_id", "The dialects differ", "trino", "exasol")

	s.p.Restart()
	base.Plan(connection("base", "trino")).RequireNone(t)
	other.Plan(connection("other", "trino")).RequireNone(t)
	both := map[string]any{"base_connection_id": protocol.Unknown, "connection_id": protocol.Unknown}
	if plan := r.Plan(both); plan.Action != protocol.Replace || plan.HasError() {
		t.Errorf("%s\n%s", plan.Action, plan.Diagnostics)
	}
}

// A list that fails is not said to be missing.
func TestProtocolLostWithAListThatFails(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) {
		s := newStage(t, omnimock.Options{EnvironmentList: true, InMemory: true}, 2)
		s.Faults().Add(fault.Fault{Reset: true, Apply: true, Hook: func() { s.Forbid(http.MethodGet, environmentsRoute) }}.On(http.MethodPost, ""))
		diags := s.p.Resource(environmentType).Apply(s.config(1, "a"))
		diags.RequireError(t, "may have been carried out", "terraform import")
		if strings.Contains(diags.String(), "has no list") {
			t.Error(diags)
		}
	})
}

// A create whose answer is lost is no dead end on a server without the list: the
// errors say that the association probably exists, and how to see and dissolve it;
// then the next apply goes on.
func TestProtocolLostWithoutAList(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]omnimock.Options{
		"404": {}, "405": {EnvironmentListStatus: http.StatusMethodNotAllowed}, "2025": {Generation: omnimock.Guide2025},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			protocol.InBubble(t, func(t *testing.T) { // it waits for a delete that could come
				options.InMemory = true
				s := newStage(t, options, 2)
				r := s.p.Resource(environmentType)
				s.Faults().Add(fault.Fault{Reset: true, Apply: true}.On(http.MethodPost, ""))
				lookup := fmt.Sprintf("terraform import <address of this resource> %s/%s/<id>", s.connections[0], s.connections[1])
				const place = "in Omni's user interface, under Settings > Connections > Environments"
				r.Apply(s.config(1, "a")).RequireError(t, "may have been carried out", "it probably does", place, "remove it there", lookup+"\n")
				s.p.Restart()
				r.Apply(s.config(1, "a")).RequireError(t, "probably associated already, by an earlier apply whose answer was lost", place, "remove the association there and apply again", lookup)
				s.RemoveEnvironment(s.Environments()[0].ID)
				r.Apply(s.config(1, "a")).RequireNone(t)
				requireNothingToDo(t, r, s.config(1, "a"))
				if all := s.Environments(); len(all) != 1 || all[0].ID != r.Text("id") {
					t.Errorf("the server has %v, the state %s", all, r.Text("id"))
				}
			})
		})
	}
}

// Without the list, an association ends with either of its connections; one that
// cannot be read is no proof.
func TestProtocolConnectionGoneWithoutAList(t *testing.T) {
	t.Parallel()
	for at := range 2 {
		s := newStage(t, omnimock.Options{}, 2)
		r := s.p.Resource(environmentType)
		r.Apply(s.config(1, "a")).RequireNone(t)
		s.p.Restart()
		s.Faults().Add(fault.Answer(http.StatusForbidden, `{"detail":"Permission denied"}`).On(http.MethodGet, "/api/v1/connections").Repeat(fault.Forever))
		s.Faults().Add(fault.Answer(http.StatusForbidden, `{"detail":"Permission denied"}`).On(http.MethodGet, "/api/v1/connections/"+s.connections[at]).Repeat(fault.Forever))
		r.Refresh().RequireError(t, "Cannot read Omni connection environment", "Permission denied")
		s.Faults().Clear()
		s.TrashConnection(s.connections[at])
		s.p.Restart()
		if r.Refresh().RequireWarning(t, "An Omni connection environment is gone"); r.Exists() {
			t.Error("it is still in the state")
		}
	}
}

// Without the list nothing shows that an association is gone; what finds out has the
// next apply make it anew.
func TestProtocolGoneWithoutAList(t *testing.T) {
	t.Parallel()
	for name, find := range map[string]func(s stage, r *protocol.Resource){
		"a delete whose answer is lost": func(s stage, r *protocol.Resource) {
			s.Faults().Add(fault.Fault{Reset: true, Apply: true}.On(http.MethodDelete, "").Repeat(fault.Forever))
			r.Destroy().RequireError(t, "connection reset")
			s.Faults().Clear()
		},
		"a change": func(s stage, r *protocol.Resource) {
			s.RemoveEnvironment(r.Text("id"))
			r.Apply(s.config(1, "b")).RequireError(t, "The association is gone", "Apply again")
		},
	} {
		s := newStage(t, omnimock.Options{}, 2)
		s.p.Configure(protocol.With(protocol.OmniConfig(s.Server), map[string]any{"max_retries": 1})).RequireNone(t)
		r := s.p.Resource(environmentType)
		r.Apply(s.config(1, "a")).RequireNone(t)
		former := r.Text("id")
		find(s, r)
		s.p.Restart()
		r.Refresh().RequireNone(t)
		plan := r.Plan(s.config(1, "a"))
		plan.RequireWarning(t, "An association may be gone")
		if fmt.Sprint(plan.RequiresReplace()) != "[id]" || len(plan.Warnings()) != 1 { // the new one is not in doubt
			t.Errorf("%s: %s because of %v:\n%s", name, plan.Action, plan.RequiresReplace(), plan.Diagnostics)
		}
		plan.Apply().RequireOK(t)
		requireNothingToDo(t, r, s.config(1, "a"))
		if all := s.Environments(); len(all) != 1 || all[0].ID != r.Text("id") || all[0].ID == former {
			t.Errorf("%s: the server has %v, the state %s", name, all, r.Text("id"))
		}
	}
}
