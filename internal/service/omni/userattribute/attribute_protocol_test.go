// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package userattribute_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

const attributeType = "dataconn_omni_user_attribute"

func startProtocol(t *testing.T, options omnimock.Options) (*omnimock.Server, *protocol.Provider) {
	t.Helper()
	s := omnimock.Start(t, options)
	p := protocol.NewDialing(t, s)
	config := protocol.OmniConfig(s)
	if options.Generation == omnimock.Guide2025 {
		config = protocol.With(config, map[string]any{"omni": map[string]any{"api_version": "unstable"}})
	}
	p.Configure(config).RequireNone(t)
	return s, p
}

func requireNothingToDo(t *testing.T, r *protocol.Resource, config map[string]any) {
	t.Helper()
	if plan := r.Plan(config); !plan.IsEmpty() {
		t.Errorf("the plan is not empty: %s of %v\n%s", plan.Action, plan.Changes(), plan.Diagnostics)
	}
}

// requireServer fails the test unless the server has the attribute like this; no
// id is compared.
func requireServer(t *testing.T, s *omnimock.Server, want omnimock.UserAttribute) {
	t.Helper()
	got, _ := s.UserAttribute(want.Name)
	got.ID = ""
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("the server has\n%+v\nwant\n%+v", got, want)
	}
}

// sent returns the bodies of the requests with this method.
func sent(s *omnimock.Server, method string) []string {
	var bodies []string
	for _, r := range s.Requests() {
		if r.Method == method {
			bodies = append(bodies, string(r.Body))
		}
	}
	return bodies
}

// A life with every form of answer, none of which is documented, and an import
// in it.
func TestProtocolLife(t *testing.T) {
	t.Parallel()
	for _, answer := range []omnimock.AttributeAnswer{
		omnimock.AnswerObject, omnimock.AnswerRecord, omnimock.AnswerNested, omnimock.AnswerSuccess, omnimock.AnswerEmpty,
	} {
		t.Run(fmt.Sprint(answer), func(t *testing.T) {
			t.Parallel()
			s, p := startProtocol(t, omnimock.Options{UserAttributeAnswer: answer})
			config := map[string]any{"name": "tenant"}
			r := p.Resource(attributeType)
			plan := r.Plan(config)
			plan.RequireNone(t)
			if got := plan.Values(); got["label"] != "tenant" || got["type"] != "String" || got["multiple_values"] != false || got["system"] != false || got["default_values"] != nil {
				t.Errorf("planned %v", plan.Values())
			}
			plan.Apply().RequireNone(t)
			requireServer(t, s, omnimock.UserAttribute{Name: "tenant", Label: "tenant", Type: "String"})
			if got := sent(s, http.MethodPost); len(got) != 1 || got[0] != `{"type":"String","name":"tenant","label":"tenant"}` {
				t.Errorf("sent %q", got)
			}
			if made, _ := s.UserAttribute("tenant"); r.Text("id") != made.ID || r.Identity()["id"] != made.ID {
				t.Errorf("the id is %s, identity %v", r.Text("id"), r.Identity())
			}
			id := r.Text("id")
			p.Restart()
			r.Refresh().RequireNone(t)
			requireNothingToDo(t, r, config)

			for _, step := range []struct {
				config map[string]any
				sent   string
				want   omnimock.UserAttribute
			}{
				{
					map[string]any{"name": "tenant", "label": "Tenant", "description": "Who it is", "default_values": []string{"a, b"}},
					`{"label":"Tenant","description":"Who it is","default_value":"a, b"}`,
					omnimock.UserAttribute{Name: "tenant", Label: "Tenant", Type: "String", Description: "Who it is", DefaultValues: []string{"a, b"}},
				},
				{
					map[string]any{"name": "tenant", "multiple_values": true},
					`{"multiple_values":true,"default_value":["a, b"]}`,
					omnimock.UserAttribute{Name: "tenant", Label: "Tenant", Type: "String", Description: "Who it is", DefaultValues: []string{"a, b"}, MultipleValues: true},
				},
				{
					map[string]any{"name": "tenant", "default_values": []string{"y", "x"}},
					`{"default_value":["x","y"]}`,
					omnimock.UserAttribute{Name: "tenant", Label: "Tenant", Type: "String", Description: "Who it is", DefaultValues: []string{"x", "y"}, MultipleValues: true},
				},
				{
					map[string]any{"name": "tenant", "default_values": []string{}, "description": ""},
					`{"description":null,"default_value":null}`,
					omnimock.UserAttribute{Name: "tenant", Label: "Tenant", Type: "String", MultipleValues: true},
				},
			} {
				s.ResetRequests()
				plan := r.Plan(step.config)
				plan.RequireNone(t)
				if plan.Action != protocol.Update {
					t.Errorf("%s of %v", plan.Action, plan.Changes())
				}
				plan.Apply().RequireNone(t)
				if got := sent(s, http.MethodPut); len(got) != 1 || got[0] != step.sent {
					t.Errorf("sent %q, want %s", got, step.sent)
				}
				requireServer(t, s, step.want)
				p.Restart()
				r.Refresh().RequireNone(t)
				requireNothingToDo(t, r, step.config)
			}

			last := map[string]any{"name": "tenant"}
			for _, given := range []string{id, strings.ToUpper(id), "tenant"} {
				imported := p.Resource(attributeType)
				imported.Import(given).RequireNone(t)
				requireNothingToDo(t, imported, last)
			}
			imported := p.Resource(attributeType)
			imported.ImportIdentity(map[string]any{"id": id}).RequireNone(t)
			requireNothingToDo(t, imported, last)

			r.Destroy().RequireNone(t)
			if _, ok := s.UserAttribute("tenant"); ok {
				t.Error("it is still there")
			}
			p.Restart()
			imported.Refresh().RequireWarning(t, "gone", "users' values")
			if imported.Exists() {
				t.Error("it is still in the state")
			}
		})
	}
}

// Another name is a change in place; where the server refuses it, nothing has
// changed.
func TestProtocolRename(t *testing.T) {
	t.Parallel()
	for _, fixed := range []bool{false, true} {
		s, p := startProtocol(t, omnimock.Options{UserAttributeNameFixed: fixed})
		before, after := map[string]any{"name": "tenant"}, map[string]any{"name": "customer"}
		r := p.Resource(attributeType)
		r.Apply(before).RequireNone(t)
		id := r.Text("id")
		plan := r.Plan(after)
		plan.RequireOK(t)
		plan.RequireWarning(t, "at name:", "renamed", `"tenant" becomes "customer"`, "base connection")
		if plan.Action != protocol.Update || plan.Value("label") != "tenant" {
			t.Errorf("%s of %v", plan.Action, plan.Values())
		}
		diags := plan.Apply()
		if fixed {
			diags.RequireError(t, "Cannot change Omni user attribute", "cannot be changed")
			requireNothingToDo(t, r, before)
			requireServer(t, s, omnimock.UserAttribute{Name: "tenant", Label: "tenant", Type: "String"})
			continue
		}
		diags.RequireNone(t)
		if r.Text("id") != id {
			t.Error("it is another one now")
		}
		requireNothingToDo(t, r, after)
	}
}

// What the server cannot change replaces; nothing else does.
func TestProtocolReplacement(t *testing.T) {
	t.Parallel()
	_, p := startProtocol(t, omnimock.Options{})
	for name, c := range map[string]struct {
		from, to map[string]any
		replaces string
	}{
		"another type":                {map[string]any{"type": "String"}, map[string]any{"type": "Number"}, "type"},
		"the type, not configured":    {map[string]any{"type": "Number"}, nil, ""},
		"several values become one":   {map[string]any{"multiple_values": true}, map[string]any{"multiple_values": false}, "multiple_values"},
		"one value becomes several":   {map[string]any{"multiple_values": false}, map[string]any{"multiple_values": true}, ""},
		"several, not configured":     {map[string]any{"multiple_values": true}, nil, ""},
		"a type that is not known":    {map[string]any{"type": "Number"}, map[string]any{"type": protocol.Unknown}, "type"},
		"a name that is not known":    {nil, map[string]any{"name": protocol.Unknown}, ""},
		"a default that is not known": {nil, map[string]any{"default_values": protocol.Unknown}, ""},
	} {
		base := map[string]any{"name": "a" + strings.NewReplacer(" ", "_", ",", "").Replace(name)}
		r := p.Resource(attributeType)
		r.Apply(protocol.With(base, c.from)).RequireNone(t)
		plan := r.Plan(protocol.With(base, c.to))
		plan.RequireNone(t)
		if got := strings.Join(plan.RequiresReplace(), " "); got != c.replaces {
			t.Errorf("%s: %s, %q replaces", name, plan.Action, got)
		}
	}

	// A server that does not return the type leaves it unknown after an import;
	// that is adopted, not replaced.
	r := p.Resource(attributeType)
	r.Apply(map[string]any{"name": "untyped"}).RequireNone(t)
	r.Edit(map[string]any{"type": nil})
	plan := r.Plan(map[string]any{"name": "untyped", "type": "Number"})
	if plan.Action != protocol.Update {
		t.Errorf("%s of %v", plan.Action, plan.RequiresReplace())
	}
}

func TestProtocolInvalidConfiguration(t *testing.T) {
	t.Parallel()
	s, p := startProtocol(t, omnimock.Options{})
	for _, c := range map[string]struct {
		config map[string]any
		words  []string
	}{
		"Omni's own":          {map[string]any{"name": "omni_user_email"}, []string{"at name", "omni_", "data source"}},
		"Omni's own, case":    {map[string]any{"name": "Omni_x"}, []string{"at name", "omni_"}},
		"no name":             {map[string]any{"name": ""}, []string{"at name"}},
		"spaces":              {map[string]any{"name": "a b"}, []string{"at name", "label"}},
		"unknown type":        {map[string]any{"name": "a", "type": "Boolean"}, []string{"at type"}},
		"no label":            {map[string]any{"name": "a", "label": ""}, []string{"at label"}},
		"two defaults":        {map[string]any{"name": "a", "multiple_values": false, "default_values": []string{"x", "y"}}, []string{"at default_values:", "multiple_values is false"}},
		"two, not configured": {map[string]any{"name": "a", "default_values": []string{"x", "y"}}, []string{"at default_values", "multiple_values is false"}},
		"two, one unknown":    {map[string]any{"name": "a", "default_values": []any{"x", protocol.Unknown}}, []string{"at default_values"}},
		"an empty default":    {map[string]any{"name": "a", "default_values": []string{""}}, []string{"at default_values"}},
		"no number":           {map[string]any{"name": "a", "type": "Number", "default_values": []string{"ten"}}, []string{"at default_values", `"ten"`}},
		"hexadecimal":         {map[string]any{"name": "a", "type": "Number", "default_values": []string{"0x10"}}, []string{"at default_values"}},
		"infinite":            {map[string]any{"name": "a", "type": "Number", "multiple_values": true, "default_values": []string{"1", "Inf"}}, []string{"at default_values"}},
	} {
		plan := p.Resource(attributeType).Plan(c.config)
		plan.RequireError(t, c.words...)
	}
	if got := s.CountRequests("", ""); got != 0 {
		t.Errorf("%d requests", got)
	}
	p.Resource(attributeType).Validate(map[string]any{"name": "a", "multiple_values": false, "default_values": []string{"x", "y"}}).RequireError(t, "at default_values:")
	// Without a server as well.
	protocol.New(t, protocol.Options()).Resource(attributeType).Plan(map[string]any{"name": "a"}).RequireNone(t)
	// Later than the configuration alone shows it.
	r := p.Resource(attributeType)
	r.Apply(map[string]any{"name": "amount", "type": "Number"}).RequireNone(t)
	plan := r.Plan(map[string]any{"name": "amount", "default_values": []string{"much"}})
	plan.RequireError(t, "at default_values", "is not a number")
	// What is not known is not judged.
	plan = p.Resource(attributeType).Plan(map[string]any{"name": "later", "type": protocol.Unknown, "multiple_values": protocol.Unknown, "default_values": []any{"x", "y", protocol.Unknown}})
	plan.RequireNone(t)
	plan.ApplyWith(map[string]any{"name": "later", "type": "String", "multiple_values": true, "default_values": []string{"x", "y", "z"}}).RequireNone(t)
}

// Numbers can be written in several ways, and the server chooses.
func TestProtocolNumbers(t *testing.T) {
	t.Parallel()
	s, p := startProtocol(t, omnimock.Options{})
	config := map[string]any{"name": "amount", "type": "Number", "multiple_values": true, "default_values": []string{"1.50", "-2e3", "7"}}
	r := p.Resource(attributeType)
	r.Apply(config).RequireNone(t)
	s.EditUserAttribute("amount", func(a *omnimock.UserAttribute) { a.DefaultValues = []string{"7.0", "1.5", "-2000"} })
	p.Restart()
	r.Refresh().RequireNone(t)
	requireNothingToDo(t, r, config)
	s.EditUserAttribute("amount", func(a *omnimock.UserAttribute) { a.DefaultValues = []string{"7.0", "1.5", "-2001"} })
	p.Restart()
	r.Refresh().RequireNone(t)
	if plan := r.Plan(config); plan.Action != protocol.Update || !slices.Equal(plan.Changes(), []string{"default_values"}) {
		t.Errorf("%s of %v", plan.Action, plan.Changes())
	}
}

// What was changed elsewhere is put back.
func TestProtocolChangesElsewhere(t *testing.T) {
	t.Parallel()
	s, p := startProtocol(t, omnimock.Options{})
	config := map[string]any{"name": "tenant", "label": "Tenant", "description": "d", "default_values": []string{"a"}}
	r := p.Resource(attributeType)
	r.Apply(config).RequireNone(t)
	s.EditUserAttribute("tenant", func(a *omnimock.UserAttribute) {
		a.Name, a.Label, a.Description, a.DefaultValues = "renamed", "l", "", nil
	})
	p.Restart()
	r.Refresh().RequireNone(t)
	plan := r.Plan(config)
	if !slices.Equal(plan.Changes(), []string{"default_values", "description", "label", "name"}) {
		t.Errorf("%s of %v", plan.Action, plan.Changes())
	}
	plan.Apply().RequireNone(t)
	requireServer(t, s, omnimock.UserAttribute{Name: "tenant", Label: "Tenant", Type: "String", Description: "d", DefaultValues: []string{"a"}})
}

// A server without the writes says so in one of two ways; what to do is the same.
func TestProtocolServerWithoutWrites(t *testing.T) {
	t.Parallel()
	for _, options := range []omnimock.Options{
		{UserAttributeWritesStatus: http.StatusNotFound},
		{UserAttributeWritesStatus: http.StatusMethodNotAllowed},
		{UserAttributeWritesStatus: http.StatusBadRequest},
		{Generation: omnimock.Narrow2026},
		{Generation: omnimock.Guide2025},
	} {
		t.Run(fmt.Sprintf("%d %d", options.Generation, options.UserAttributeWritesStatus), func(t *testing.T) {
			t.Parallel()
			s, p := startProtocol(t, options)
			advice := []string{"cannot create, change or remove user attributes", "September 2026", "user interface", "data.dataconn_omni_user_attribute"}
			r := p.Resource(attributeType)
			r.Apply(map[string]any{"name": "tenant"}).RequireError(t, advice...)
			if r.Exists() {
				t.Fatal("it is in the state")
			}
			if options.Generation == omnimock.Guide2025 {
				r.Import("tenant").RequireError(t, "does not list user attributes")
				return
			}
			id := s.AddUserAttribute(omnimock.UserAttribute{Name: "tenant"})
			p.Restart()
			r.Import(id).RequireNone(t) // it can be looked at
			requireNothingToDo(t, r, map[string]any{"name": "tenant"})
			r.Apply(map[string]any{"name": "tenant", "label": "T"}).RequireError(t, advice...)
			r.Destroy().RequireError(t, advice...)
			if !r.Exists() {
				t.Error("it fell out of the state")
			}
		})
	}
}

// A name that is taken is told apart from other refusals, and the way to take it
// over is said.
func TestProtocolNameTaken(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) { // it waits for what could free the name
		requireNameTaken(t)
	})
}

func requireNameTaken(t *testing.T) {
	t.Helper()
	s, p := startProtocol(t, omnimock.Options{InMemory: true})
	id := s.AddUserAttribute(omnimock.UserAttribute{Name: "tenant", Label: "theirs"})
	r := p.Resource(attributeType)
	r.Apply(map[string]any{"name": "tenant"}).RequireError(t, "already exists", "terraform import <address of this resource> "+id)
	r.Import("tenant").RequireNone(t)
	requireNothingToDo(t, r, map[string]any{"name": "tenant"})
	taken := r.Apply(map[string]any{"name": "region"})
	taken.RequireError(t, "already exists", "names are unique", "third name", "choose another")
	if strings.Contains(taken.String(), "terraform import") || strings.Contains(taken.String(), "create_before_destroy") {
		t.Errorf("advice for a create: %s", taken)
	}
	// Its own name is not taken by another.
	s.Faults().Add(fault.Answer(http.StatusBadRequest, `{"detail":"Bad Request: label: no"}`).On(http.MethodPut, "").Repeat(fault.Forever))
	s.Faults().Add(fault.Answer(http.StatusBadRequest, `{"detail":"Bad Request: label: no"}`).On(http.MethodPatch, "").Repeat(fault.Forever))
	diags := r.Apply(map[string]any{"name": "tenant", "label": "another"})
	diags.RequireError(t, "label: no")
	if strings.Contains(diags.String(), "terraform import") {
		t.Errorf("%s", diags)
	}
	s.Faults().Clear()
	// In other case nothing of that name is found, so nothing more is said.
	other := p.Resource(attributeType)
	other.Apply(map[string]any{"name": "Tenant"}).RequireError(t, "already exists")
}

func TestProtocolWithoutTheRight(t *testing.T) {
	t.Parallel()
	s, p := startProtocol(t, omnimock.Options{})
	r := p.Resource(attributeType)
	config := map[string]any{"name": "tenant"}
	r.Apply(config).RequireNone(t)
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
		s.Forbid(method, "/api/v1/user-attributes")
		s.Forbid(method, "/api/v1/user-attributes/*")
	}
	words := []string{"User does not have permission to manage user attributes", "the right to manage user attributes"}
	p.Resource(attributeType).Apply(map[string]any{"name": "other"}).RequireError(t, words...)
	r.Apply(map[string]any{"name": "tenant", "label": "T"}).RequireError(t, words...)
	r.Destroy().RequireError(t, words...)
	s.Forbid(http.MethodGet, "/api/v1/user-attributes")
	p.Restart()
	r.Refresh().RequireError(t, append(words, "Cannot read Omni user attribute")...)
	if !r.Exists() {
		t.Error("it fell out of the state")
	}
}

// A list that cannot be whole takes nothing out of the state.
func TestProtocolSuspiciousLists(t *testing.T) {
	t.Parallel()
	s, p := startProtocol(t, omnimock.Options{})
	r := p.Resource(attributeType)
	r.Apply(map[string]any{"name": "tenant"}).RequireNone(t)
	whole := fmt.Sprintf(`{"records":[{"id":%q,"name":"tenant","type":"String","multiple_values":false,"label":"tenant","default_value":null,"description":null,"system":false},{"id":7}]}`, r.Text("id"))
	for name, c := range map[string]struct {
		body  string
		words []string // none is success
	}{
		"empty list":      {`{"records":[]}`, []string{"no user attribute at all"}},
		"no list":         {`{}`, []string{"no list"}},
		"null":            {`null`, []string{"Cannot read"}},
		"this one is odd": {fmt.Sprintf(`{"records":[{"id":%q,"name":"tenant","default_value":{"a":1}}]}`, r.Text("id")), []string{"unexpected form"}},
		"another is odd":  {whole, nil},
	} {
		p.Restart()
		s.Faults().Clear()
		s.Faults().Add(fault.Answer(200, c.body).On(http.MethodGet, "").Repeat(fault.Forever))
		diags := r.Refresh()
		if c.words == nil {
			diags.RequireNone(t)
		} else {
			diags.RequireError(t, c.words...)
		}
		if !r.Exists() {
			t.Fatalf("%s: it fell out of the state", name)
		}
	}
}

// A refresh and a plan of any number of attributes, in which nothing changes, take
// one request.
func TestProtocolRefreshTakesOneRequest(t *testing.T) {
	t.Parallel()
	s, p := startProtocol(t, omnimock.Options{})
	resources := map[*protocol.Resource]map[string]any{}
	var names []string
	for n := range 40 {
		names = append(names, fmt.Sprintf("tenant_%d", n))
		s.AddUserAttribute(omnimock.UserAttribute{Name: names[n]})
	}
	for _, name := range names {
		r := p.Resource(attributeType)
		r.Import(name).RequireNone(t)
		resources[r] = map[string]any{"name": name}
	}
	p.Restart()
	s.ResetRequests()
	var group sync.WaitGroup
	for r, config := range resources {
		group.Go(func() {
			if diags := r.Refresh(); len(diags) > 0 {
				t.Error(diags)
			}
			requireNothingToDo(t, r, config)
		})
	}
	group.Wait()
	if got := s.CountRequests("", ""); got != 1 {
		t.Errorf("%d requests", got)
	}
}

// Those of Omni itself cannot be taken over.
func TestProtocolImportRefused(t *testing.T) {
	t.Parallel()
	s, p := startProtocol(t, omnimock.Options{})
	r := p.Resource(attributeType)
	r.Import("omni_user_email").RequireError(t, "at id", "Omni's own attributes", "data source")
	r.Import("omni_of_tomorrow").RequireError(t, "at id", "Omni's own attributes", "data source")
	if got := s.CountRequests("", ""); got != 0 {
		t.Errorf("%d requests for names of Omni's own", got)
	}
	r.Import("Region").RequireError(t, "at id", "nor the name of a user attribute; case matters")
	r.Import("550e8400-e29b-41d4-a716-446655440000").RequireError(t, "Nothing to import")
	// A name need not tell: one without an id is Omni's as well.
	p.Restart()
	s.Faults().Add(fault.Answer(http.StatusOK, `{"records":[{"name":"tenant","type":"String"}]}`).On(http.MethodGet, attributesRoute))
	r.Import("tenant").RequireError(t, "at id", `"tenant" is one of Omni's own attributes`)
	p.Restart()
	s.Forbid(http.MethodGet, attributesRoute)
	r.Import("tenant").RequireError(t, `Cannot import Omni user attribute "tenant"`, needs)
}
