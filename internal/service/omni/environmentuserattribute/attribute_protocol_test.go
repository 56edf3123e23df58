// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package environmentuserattribute_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

const attributeType = "dataconn_omni_environment_user_attribute"

func startProtocol(t *testing.T, options omnimock.Options) (*omnimock.Server, *protocol.Provider, string) {
	t.Helper()
	s := omnimock.Start(t, options)
	p := protocol.NewDialing(t, s)
	config := protocol.OmniConfig(s)
	if options.Generation == omnimock.Guide2025 {
		config = protocol.With(config, map[string]any{"omni": map[string]any{"api_version": "unstable"}})
	}
	p.Configure(config).RequireNone(t)
	return s, p, s.AddConnection(map[string]any{"name": "base", "dialect": "exasol"})
}

func requireNothingToDo(t *testing.T, r *protocol.Resource, config map[string]any) {
	t.Helper()
	if plan := r.Plan(config); !plan.IsEmpty() {
		t.Errorf("the plan is not empty: %s of %v\n%s", plan.Action, plan.Changes(), plan.Diagnostics)
	}
}

// A life on every kind of server, with an import by identity in it.
func TestProtocolLife(t *testing.T) {
	t.Parallel()
	for _, options := range []omnimock.Options{{}, {Generation: omnimock.Narrow2026}, {Generation: omnimock.Guide2025}, {FlatEnvironmentAttribute: true}} {
		t.Run(fmt.Sprintf("%+v", options), func(t *testing.T) {
			t.Parallel()
			s, p, base := startProtocol(t, options)
			config := map[string]any{"connection_id": base, "attribute_name": "env", "default_values": []string{"dev", "test"}}
			r := p.Resource(attributeType)
			r.Apply(config).RequireNone(t)
			p.Restart()
			r.Refresh().RequireNone(t)
			requireNothingToDo(t, r, config)

			imported := p.Resource(attributeType)
			imported.ImportIdentity(map[string]any{"connection_id": strings.ToUpper(base)}).RequireNone(t)
			requireNothingToDo(t, imported, config)
			if imported.Identity()["connection_id"] != base {
				t.Errorf("the identity is %v", imported.Identity())
			}

			config["attribute_name"], config["default_values"] = "region", nil
			r.Apply(config).RequireNone(t)
			p.Restart()
			r.Refresh().RequireNone(t)
			requireNothingToDo(t, r, config)
			r.Destroy().RequireNone(t)
			if got := s.Connections()[0].Settings["userAttributeNameForConnectionEnvironments"]; got != nil {
				t.Errorf("bound to %v after the destroy", got)
			}
			p.Restart()
			imported.Refresh().RequireWarning(t, "gone")
			if imported.Exists() {
				t.Error("the binding is still in the state")
			}
			unbound := p.Resource(attributeType)
			unbound.Import(base).RequireError(t, "Nothing to import")
		})
	}
}

// An existing binding routes somebody's users.
func TestProtocolExistingBindingIsNotOverwritten(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) { // it waits for a delete that could come
		s, p, base := startProtocol(t, omnimock.Options{InMemory: true})
		s.EditConnection(base, func(settings map[string]any) {
			settings["userAttributeNameForConnectionEnvironments"] = "theirs"
			settings["userAttributeValuesForDefaultEnvironment"] = []string{"x"}
		})
		s.AddUserAttribute(omnimock.UserAttribute{Name: "ours"})
		config := map[string]any{"connection_id": base, "attribute_name": "ours"}
		r := p.Resource(attributeType)
		r.Apply(config).RequireError(t, `"theirs"`, `["x"]`, "terraform import <address of this resource> "+base+"\n")
		if r.Exists() || s.CountRequests(http.MethodPatch, "") != 0 {
			t.Error("it was overwritten")
		}
		r.Import(base).RequireNone(t)
		r.Apply(config).RequireNone(t)
		requireNothingToDo(t, r, config)
	})
}

// The destroy of a binding whose connection is gone is done; a 404 of another
// kind is an error.
func TestProtocolDestroyAfterTheConnection(t *testing.T) {
	t.Parallel()
	s, p, base := startProtocol(t, omnimock.Options{})
	config := map[string]any{"connection_id": base, "attribute_name": "env"}
	r := p.Resource(attributeType)
	r.Apply(config).RequireNone(t)
	s.Faults().Add(fault.Answer(404, `{"detail":"Not Found"}`).On(http.MethodPatch, ""))
	r.Destroy().RequireError(t, "404")
	if !r.Exists() {
		t.Fatal("it fell out of the state")
	}
	p.Restart()
	s.TrashConnection(base)
	r.Destroy().RequireNone(t)
}

// A binding to an attribute that Omni does not have routes nobody, so the plan
// says so; one that stays as it is costs no request.
func TestProtocolWarnsOfAMissingUserAttribute(t *testing.T) {
	t.Parallel()
	s, p, base := startProtocol(t, omnimock.Options{})
	config := func(name any) map[string]any { return map[string]any{"connection_id": base, "attribute_name": name} }
	words := []string{"at attribute_name", "no such user attribute yet", `"tenant"`, "every user works on the base connection", "If this apply creates it, you can ignore this"}
	r := p.Resource(attributeType)
	plan := r.Plan(config("tenant"))
	plan.RequireOK(t)
	plan.RequireWarning(t, words...)
	plan.Apply().RequireNone(t)

	// Bound as it is, nothing is looked up.
	p.Restart()
	r.Refresh().RequireNone(t)
	s.ResetRequests()
	for _, changed := range []map[string]any{config("tenant"), protocol.With(config("tenant"), map[string]any{"default_values": []string{"dev"}})} {
		r.Plan(changed).RequireNone(t)
	}
	if got := s.CountRequests("", ""); got != 0 {
		t.Errorf("%d requests", got)
	}

	r.Plan(config("environment")).RequireNone(t)
	r.Plan(config("Environment")).RequireWarning(t, "case matters")
	r.Plan(config("omni_user_email")).RequireNone(t)
	r.Plan(config(protocol.Unknown)).RequireNone(t)
	r.Destroy().RequireNone(t)
	if got := s.CountRequests(http.MethodGet, "/api/v1/user-attributes"); got != 1 {
		t.Errorf("%d lists", got)
	}

	// All bindings of a plan share the look.
	p.Restart()
	s.ResetRequests()
	for range 5 {
		p.Resource(attributeType).Plan(config("tenant")).RequireWarning(t, words...)
	}
	if got := s.CountRequests("", ""); got != 1 {
		t.Errorf("%d requests", got)
	}
}

// One that the same configuration makes is no reason for a warning: neither in
// the plan nor, once it is made, in the apply.
func TestProtocolUserAttributeOfTheSameApply(t *testing.T) {
	t.Parallel()
	s, p, base := startProtocol(t, omnimock.Options{BindingNeedsAttribute: true})
	attribute, binding := map[string]any{"name": "tenant"}, map[string]any{"connection_id": base, "attribute_name": "tenant"}
	made, bound := p.Resource("dataconn_omni_user_attribute"), p.Resource(attributeType)
	made.Plan(attribute).RequireNone(t)
	bound.Plan(binding).RequireNone(t)

	p.Restart() // the apply
	made.Apply(attribute).RequireNone(t)
	bound.Apply(binding).RequireNone(t)
	requireNothingToDo(t, bound, binding)

	// A rename of both, in one apply.
	attribute, binding["attribute_name"] = map[string]any{"name": "customer"}, "customer"
	p.Restart()
	made.Plan(attribute).RequireWarning(t, "renamed")
	bound.Plan(binding).RequireNone(t)
	p.Restart()
	made.Apply(attribute).RequireOK(t)
	bound.Apply(binding).RequireNone(t)
	if got := s.Connections()[0].Settings["userAttributeNameForConnectionEnvironments"]; got != "customer" {
		t.Errorf("bound to %v", got)
	}
}

// Where the user attributes cannot be read, nothing is said and nothing fails.
func TestProtocolNoWarningWithoutTheList(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options omnimock.Options
		fault   fault.Fault
	}{
		"forbidden":    {fault: fault.Answer(403, `{"error":"Forbidden","message":"no"}`)},
		"no route":     {options: omnimock.Options{Generation: omnimock.Guide2025}},
		"broken":       {fault: fault.NotJSON()},
		"another form": {fault: fault.WrongShape()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, p, base := startProtocol(t, c.options)
			s.Faults().Add(c.fault.On(http.MethodGet, "/api/v1/user-attributes").Repeat(fault.Forever))
			config := map[string]any{"connection_id": base, "attribute_name": "tenant"}
			r := p.Resource(attributeType)
			r.Apply(config).RequireNone(t)
			requireNothingToDo(t, r, config)
		})
	}
}

// Two resources whose states have one binding: the end of it for one would be its
// end for the other, so the plan refuses it, whichever is planned first.
func TestProtocolBindingInTwoResources(t *testing.T) {
	t.Parallel()
	words := []string{"Two resources have the same binding", "terraform state rm"}
	for _, keptFirst := range []bool{true, false} {
		s, p, base := startProtocol(t, omnimock.Options{})
		other := s.AddConnection(map[string]any{"name": "other", "dialect": "exasol"})
		config := map[string]any{"connection_id": base, "attribute_name": "env"}
		first, second := p.Resource(attributeType), p.Resource(attributeType)
		first.Apply(config).RequireNone(t)
		second.Import(base).RequireNone(t)
		moved := protocol.With(config, map[string]any{"connection_id": other})
		for _, end := range []func() protocol.Diagnostics{
			func() protocol.Diagnostics { return second.Plan(moved).Diagnostics },
			func() protocol.Diagnostics { return second.Destroy() },
		} {
			p.Restart()
			first.Refresh().RequireNone(t)
			second.Refresh().RequireNone(t)
			if keptFirst {
				first.Plan(config).RequireNone(t)
				end().RequireError(t, words...)
			} else {
				second.Plan(moved).RequireNone(t)
				first.Plan(config).RequireError(t, words...)
			}
		}
		if c, _ := s.Connection(base); c.Settings["userAttributeNameForConnectionEnvironments"] != "env" {
			t.Errorf("bound to %v", c.Settings["userAttributeNameForConnectionEnvironments"])
		}
		p.Restart() // both end: no plan objects
		first.Destroy().RequireNone(t)
		second.Destroy().RequireNone(t)
	}
}

// A binding that moves to another address in one run is there afterwards.
func TestProtocolBindingAtAnotherAddress(t *testing.T) {
	t.Parallel()
	for _, createFirst := range []bool{true, false} {
		s, p, base := startProtocol(t, omnimock.Options{})
		config := map[string]any{"connection_id": base, "attribute_name": "env", "default_values": []string{"dev"}}
		before, after := p.Resource(attributeType), p.Resource(attributeType)
		before.Apply(config).RequireNone(t)
		p.Restart()
		if createFirst {
			after.Apply(config).RequireWarning(t, "moved")
			before.Destroy().RequireWarning(t, "another address", "moved")
		} else {
			before.Destroy().RequireNone(t)
			after.Apply(config).RequireWarning(t, "created it again", "moved")
		}
		if got := s.Connections()[0].Settings["userAttributeNameForConnectionEnvironments"]; got != "env" {
			t.Errorf("create first %t: bound to %v", createFirst, got)
		}
		p.Restart()
		after.Refresh().RequireNone(t)
		requireNothingToDo(t, after, config)
	}
}
