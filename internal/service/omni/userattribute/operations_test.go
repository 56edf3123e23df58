// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package userattribute_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

const (
	needs           = "it needs the right to manage user attributes, which organization admins have"
	attributesRoute = "/api/v1/user-attributes"
)

func TestProtocolOperations(t *testing.T) {
	t.Parallel()
	s, p := startProtocol(t, omnimock.Options{})
	config := map[string]any{"name": "tenant", "label": "Tenant"}
	of := []string{`Omni user attribute "tenant"`, needs}
	protocol.Operations{
		Host: s.Host, Config: config, Changed: protocol.With(config, map[string]any{"label": "Customer"}),
		Create: append([]string{"Cannot create "}, of...),
		Read:   append([]string{"Cannot read "}, of...),
		Update: append([]string{"Cannot change "}, of...),
		Delete: append([]string{"Cannot delete "}, of...),
	}.Require(p, attributeType)
	p.Resource(attributeType).Import("none").RequireError(t, `Cannot import Omni user attribute "none"`)
}

func TestProtocolQuery(t *testing.T) {
	t.Parallel()
	s, p := startProtocol(t, omnimock.Options{})
	for _, name := range []string{"tenants", "a_tenant", "level"} {
		s.AddUserAttribute(omnimock.UserAttribute{Name: name, Type: "Number"})
	}
	for wanted, want := range map[string]string{"TENANT": "a_tenant (Number), tenants (Number)", "level": "level (Number)", "none": ""} {
		found, diags := p.Query(attributeType, map[string]any{"name": wanted}, protocol.QueryLimit, true)
		diags.RequireNone(t)
		var got []string
		for _, f := range found {
			got = append(got, f.Name)
			name, _ := f.State["name"].(string)
			if a, _ := s.UserAttribute(name); f.Identity["id"] != a.ID || f.State["id"] != a.ID || !strings.HasPrefix(f.Name, name+" (") {
				t.Errorf("%v", f)
			}
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%q finds %q, want %s", wanted, got, want)
		}
	}
	found, diags := p.Query(attributeType, nil, protocol.QueryLimit, false)
	diags.RequireNone(t)
	for _, f := range found {
		if strings.Contains(f.Name, "omni_") {
			t.Errorf("%v is one of Omni's own", f)
		}
	}
	if found, _ := p.Query(attributeType, nil, 2, false); len(found) != 2 {
		t.Errorf("%d, where two are enough", len(found))
	}
	_, diags = p.Query(attributeType, map[string]any{"name": ""}, protocol.QueryLimit, false)
	diags.RequireError(t, "at name")
	query := func() protocol.Diagnostics {
		_, diags := p.Query(attributeType, nil, protocol.QueryLimit, false)
		return diags
	}
	p.RefuseEachCall(s.Host, map[string][]string{attributesRoute: {"Cannot list Omni user attributes", needs}}, query)

	p.Restart()
	s.Faults().Add(fault.Answer(http.StatusOK, `{"records":[{"id":"x","name":7}]}`).On(http.MethodGet, attributesRoute))
	query().RequireWarning(t, "An Omni user attribute is left out")
	// Its name could be the wanted one.
	p.Restart()
	s.Faults().Add(fault.Answer(http.StatusOK, `{"records":[{"id":"x","name":7}]}`).On(http.MethodGet, attributesRoute))
	_, diags = p.Query(attributeType, map[string]any{"name": "tenant"}, protocol.QueryLimit, false)
	diags.RequireWarning(t, "An Omni user attribute is left out")
}

// One that moved to another address without a moved block is there in the end.
func TestProtocolAtAnotherAddress(t *testing.T) {
	t.Parallel()
	s, p := startProtocol(t, omnimock.Options{})
	config := map[string]any{"name": "tenant"}
	before, after := p.Resource(attributeType), p.Resource(attributeType)
	before.Apply(config).RequireNone(t)
	p.Restart()
	after.Apply(config).RequireWarning(t, "A user attribute existed already")
	before.Destroy().RequireWarning(t, "two addresses", `Omni user attribute "tenant"`, "moved")
	if made, ok := s.UserAttribute("tenant"); !ok || after.Get("id") != made.ID {
		t.Errorf("%v", after.State())
	}
}

// One attribute, by its name or by its id; an error names the others.
func TestProtocolFindsOne(t *testing.T) {
	t.Parallel()
	s, p := startProtocol(t, omnimock.Options{})
	id := s.AddUserAttribute(omnimock.UserAttribute{Name: "tenant", Label: "Tenant", Type: "Number"})
	s.AddUserAttribute(omnimock.UserAttribute{Name: "other", Type: "String"})
	for _, c := range []struct {
		config     map[string]any
		name, kind string
	}{
		{map[string]any{"name": "tenant"}, "tenant", "Number"},
		{map[string]any{"id": strings.ToUpper(id)}, "tenant", "Number"},
		{map[string]any{"name": "other"}, "other", "String"},
	} {
		state, diags := p.ReadDataSource(attributeType, c.config)
		diags.RequireNone(t)
		if state["name"] != c.name || state["type"] != c.kind || (state["id"] == id) != (c.name == "tenant") {
			t.Errorf("%v finds %v", c.config, state)
		}
	}
	for _, c := range []struct {
		config map[string]any
		words  []string
	}{
		{map[string]any{"name": "Tenant"}, []string{"at name:", "No such Omni user attribute", `is "Tenant"; case matters`, "there are: ", "tenant", ". Create it"}},
		{map[string]any{"id": "550e8400-e29b-41d4-a716-44665544ffff"}, []string{"at id:", "No such Omni user attribute"}},
		{map[string]any{"id": "x"}, []string{"at id:", "UUID"}},
		{map[string]any{}, []string{"one"}},
	} {
		_, diags := p.ReadDataSource(attributeType, c.config)
		diags.RequireError(t, c.words...)
	}
	for i := range 19 {
		s.AddUserAttribute(omnimock.UserAttribute{Name: fmt.Sprintf("many_%02d", i)})
	}
	p.Restart()
	_, diags := p.ReadDataSource(attributeType, map[string]any{"name": "none"})
	diags.RequireError(t, "many_17, and 4 more. Create it")
	for at, config := range map[string]map[string]any{"at name:": {"name": "tenant"}, "at id:": {"id": id}} {
		p.RefuseEachCall(s.Host, map[string][]string{attributesRoute: {at, "Cannot find Omni user attribute"}}, func() protocol.Diagnostics {
			_, diags := p.ReadDataSource(attributeType, config)
			return diags
		})
	}
}

// One that is there just as configured is taken over, and so is said; another refusal
// than that of its name says nothing about it.
func TestProtocolTakesOver(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) { // it waits for a delete that could come
		requireTakesOver(t)
	})
}

func requireTakesOver(t *testing.T) {
	t.Helper()
	s, p := startProtocol(t, omnimock.Options{InMemory: true})
	id := s.AddUserAttribute(omnimock.UserAttribute{Name: "tenant", Label: "Tenant", Type: "Number"})
	alike := map[string]any{"name": "tenant", "label": "Tenant", "type": "Number"}
	s.Forbid(http.MethodPost, attributesRoute)
	diags := p.Resource(attributeType).Apply(alike)
	diags.RequireError(t, "Cannot create", needs)
	if strings.Contains(diags.String(), "of this name already") {
		t.Errorf("%s", diags)
	}
	s.AllowAll()
	for key, other := range map[string]any{"label": "Other", "type": "String", "multiple_values": true, "default_values": []string{"1"}, "description": "d"} {
		p.Resource(attributeType).Apply(protocol.With(alike, map[string]any{key: other})).RequireError(t, "Omni has a user attribute of this name already", id)
	}
	r := p.Resource(attributeType)
	r.Apply(alike).RequireWarning(t, "A user attribute existed already", "exactly as configured")
	if r.Text("id") != id {
		t.Errorf("took %s, not %s", r.Text("id"), id)
	}
}

// One that this run would destroy at another address moves with the users' values, and
// is changed to what is configured.
func TestProtocolMovesAndChanges(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) {
		s, p := startProtocol(t, omnimock.Options{InMemory: true})
		before, after := p.Resource(attributeType), p.Resource(attributeType)
		before.Apply(map[string]any{"name": "tenant", "label": "Tenant"}).RequireNone(t)
		id := before.Text("id")
		p.Restart()
		destroyed := make(chan protocol.Diagnostics)
		go func() {
			time.Sleep(time.Second) // the create has met it, and waits
			destroyed <- before.Destroy()
		}()
		config := map[string]any{"name": "tenant", "label": "Customer", "default_values": []string{"none"}}
		after.Apply(config).RequireWarning(t, "another address", "users' values", "moved")
		(<-destroyed).RequireWarning(t, "two addresses", "moved")
		if n := s.CountRequests(http.MethodDelete, ""); n != 0 || after.Text("id") != id {
			t.Errorf("%d deletes; the id was %s and is %s", n, id, after.Text("id"))
		}
		requireServer(t, s, omnimock.UserAttribute{Name: "tenant", Label: "Customer", Type: "String", DefaultValues: []string{"none"}})
		p.Restart()
		after.Refresh().RequireNone(t)
		requireNothingToDo(t, after, config)
	})
}

// A create that is quicker than the rename of what has its name takes that over. The
// attribute belongs to the rename; the next apply makes one for the create.
func TestProtocolRenamedAfterItWasTaken(t *testing.T) {
	t.Parallel()
	s, p := startProtocol(t, omnimock.Options{})
	renamed, created := p.Resource(attributeType), p.Resource(attributeType)
	former, next := map[string]any{"name": "tenant", "label": "Tenant"}, map[string]any{"name": "customer", "label": "Tenant"}
	renamed.Apply(former).RequireNone(t)
	id := renamed.Text("id")
	p.Restart()
	created.Apply(former).RequireWarning(t, "existed already")
	renamed.Apply(next).RequireWarning(t, "two resources in this run", `"tenant"`, "Apply again")
	p.Restart()
	renamed.Refresh().RequireNone(t)
	created.Refresh().RequireWarning(t, "is gone", `renamed to "customer"`)
	if created.Exists() || renamed.Text("id") != id {
		t.Errorf("there: %t; the id was %s and is %s", created.Exists(), id, renamed.Text("id"))
	}
	created.Apply(former).RequireNone(t)
	if a, _ := s.UserAttribute("tenant"); a.ID == id || created.Text("id") != a.ID {
		t.Errorf("%s and %s, of %+v", renamed.Text("id"), created.Text("id"), s.UserAttributes())
	}
	p.Restart()
	requireNothingToDo(t, renamed, next)
	requireNothingToDo(t, created, former)
}

// Once a read has found what was taken over as it was, a new name is a change by
// others, which the next apply puts back.
func TestProtocolTakenOverAndRenamedLater(t *testing.T) {
	t.Parallel()
	s, p := startProtocol(t, omnimock.Options{})
	id := s.AddUserAttribute(omnimock.UserAttribute{Name: "tenant"})
	r, other := p.Resource(attributeType), p.Resource(attributeType)
	config := map[string]any{"name": "tenant"}
	r.Apply(config).RequireWarning(t, "existed already")
	p.Restart()
	r.Refresh().RequireNone(t)
	other.Import(id).RequireNone(t)
	other.Apply(map[string]any{"name": "customer", "label": "tenant"}).RequireWarning(t, "is renamed")
	p.Restart()
	r.Refresh().RequireNone(t)
	if plan := r.Plan(config); plan.Action != protocol.Update || r.Text("id") != id {
		t.Errorf("%s of %v", plan.Action, plan.Changes())
	}
}

// Where no answer to a create came back, the way to take over what it made is said;
// where nothing was sent, it is not.
func TestProtocolCreateOfUnknownOutcome(t *testing.T) {
	t.Parallel()
	s, p := startProtocol(t, omnimock.Options{})
	create := func() protocol.Diagnostics { return p.Resource(attributeType).Apply(map[string]any{"name": "tenant"}) }
	s.Faults().Add(fault.InternalError().On(http.MethodGet, attributesRoute).Repeat(fault.Forever))
	diags := create()
	diags.RequireError(t, "Cannot create", "nothing was created, because the existing user attributes could not be listed first")
	if text := diags.String(); strings.Contains(text, "carried out") || strings.Contains(text, "terraform import") || s.CountRequests(http.MethodPost, "") != 0 {
		t.Errorf("%s", text)
	}
	s.Faults().Clear()
	p.Restart()
	s.Faults().Add(fault.InternalError().On(http.MethodPost, attributesRoute).Repeat(fault.Forever))
	s.Faults().Add(fault.InternalError().On(http.MethodGet, attributesRoute).Repeat(fault.Forever).After(1))
	create().RequireError(t, "Cannot create", "may have been carried out", "terraform import <address of this resource> tenant\n")
}

// A name that the server refuses is said to have odd characters where it has some; one
// without them is refused for another reason.
func TestProtocolRefusedName(t *testing.T) {
	t.Parallel()
	s, p := startProtocol(t, omnimock.Options{})
	for name, isOdd := range map[string]bool{"data-env": true, "data_env2": false, "\u00e4": true} {
		s.Faults().Add(fault.Answer(http.StatusBadRequest, `{"detail":"Bad Request: name: Invalid"}`).On(http.MethodPost, attributesRoute))
		diags := p.Resource(attributeType).Apply(map[string]any{"name": name})
		diags.RequireError(t, "name: Invalid")
		if got := strings.Contains(diags.String(), "neither letters, digits nor _"); got != isOdd {
			t.Errorf("%s", diags)
		}
	}
}

// After an update without an answer the state claims nothing of what it may have changed.
func TestProtocolUpdateWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	s, p := startProtocol(t, omnimock.Options{})
	r := p.Resource(attributeType)
	r.Apply(map[string]any{"name": "tenant", "label": "l", "description": "d", "default_values": []string{"x"}}).RequireNone(t)
	changed := map[string]any{"name": "customer", "label": "m", "description": "e", "default_values": []string{"y"}, "multiple_values": true}
	s.Faults().Add(fault.InternalError().Applied().On(http.MethodPut, "").Repeat(fault.Forever))
	r.Apply(changed).RequireError(t, "Cannot change Omni user attribute")
	s.Faults().Clear()
	for name := range changed {
		if r.Get(name) != nil {
			t.Errorf("the state claims %s: %v", name, r.Get(name))
		}
	}
	r.Apply(changed).RequireOK(t)
	requireNothingToDo(t, r, changed)
}
