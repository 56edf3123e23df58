// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package environmentuserattribute_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

const connectionsRoute = "/api/v1/connections"

func TestProtocolOperations(t *testing.T) {
	t.Parallel()
	const needs = "it needs Connection Admin on the connection"
	s, p, base := startProtocol(t, omnimock.Options{})
	object := "environment user attribute of Omni connection " + base
	config := map[string]any{"connection_id": base, "attribute_name": "env", "default_values": []string{"dev"}}
	protocol.Operations{
		Host: s.Host, Config: config, Changed: protocol.With(config, map[string]any{"default_values": []string{"test"}}),
		Create: []string{"Cannot set the " + object, needs},
		Read:   []string{"Cannot read the " + object, "it needs the admin role, or at least Restricted Querier on the connection"},
		Update: []string{"Cannot change the " + object, needs},
		Delete: []string{"Cannot remove the " + object, needs},
	}.Require(p, attributeType)
}

// Where it cannot be read what the connection is bound to, nothing is bound.
func TestProtocolConnectionThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s, p, base := startProtocol(t, omnimock.Options{})
	s.Faults().Add(fault.Answer(http.StatusForbidden, `{"detail":"Permission denied"}`).On(http.MethodGet, "").Repeat(fault.Forever))
	r := p.Resource(attributeType)
	r.Apply(map[string]any{"connection_id": base, "attribute_name": "env"}).RequireError(t, "at connection_id:", "Cannot set the environment user attribute", "Permission denied")
	if r.Exists() || s.CountRequests(http.MethodPatch, "") != 0 {
		t.Error("it was bound")
	}
}

// Where the read before fails, nothing was sent, and so it is not said.
func TestProtocolReadBeforeFails(t *testing.T) {
	t.Parallel()
	s, p, base := startProtocol(t, omnimock.Options{})
	s.Faults().Add(fault.InternalError().On(http.MethodGet, "/api/v1/connections/*").Repeat(fault.Forever))
	diags := p.Resource(attributeType).Apply(map[string]any{"connection_id": base, "attribute_name": "env"})
	diags.RequireError(t, "at connection_id:", "Cannot set the environment user attribute", "500")
	if strings.Contains(diags.String(), "carried out") {
		t.Errorf("%s", diags)
	}
}

// A connection that is not there cannot be bound.
func TestProtocolNoSuchConnection(t *testing.T) {
	t.Parallel()
	const unknown = "550e8400-e29b-41d4-a716-446655440000"
	_, p, _ := startProtocol(t, omnimock.Options{})
	p.Resource(attributeType).Apply(map[string]any{"connection_id": unknown, "attribute_name": "env"}).RequireError(t, "at connection_id:", "No such Omni connection", unknown)
}

// An update whose answer is lost may have set the new values: the state knows
// neither, one that was refused keeps the old ones.
func TestProtocolUpdateWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault       fault.Fault
		name, knows any
	}{
		"lost":    {fault.InternalError().Applied(), nil, nil},
		"refused": {fault.Answer(http.StatusForbidden, `{"detail":"Permission denied"}`), "env", []string{"dev"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, p, base := startProtocol(t, omnimock.Options{})
			config := map[string]any{"connection_id": base, "attribute_name": "env", "default_values": []string{"dev"}}
			changed := protocol.With(config, map[string]any{"default_values": []string{"test"}})
			r := p.Resource(attributeType)
			r.Apply(config).RequireNone(t)
			s.Faults().Add(c.fault.On(http.MethodPatch, "").Repeat(fault.Forever))
			r.Apply(changed).RequireError(t, "Cannot change the environment user attribute")
			s.Faults().Clear()
			if got, want := protocolText(r.Get("default_values")), protocolText(c.knows); got != want || r.Get("attribute_name") != c.name {
				t.Errorf("the state has %s of %v, want %s of %v", got, r.Get("attribute_name"), want, c.name)
			}
			r.Apply(changed).RequireNone(t)
			requireNothingToDo(t, r, changed)
		})
	}
}

// A connection that is gone has no binding.
func TestProtocolConnectionThatIsGone(t *testing.T) {
	t.Parallel()
	s, p, base := startProtocol(t, omnimock.Options{})
	r := p.Resource(attributeType)
	r.Apply(map[string]any{"connection_id": base, "attribute_name": "env"}).RequireNone(t)
	s.TrashConnection(base)
	p.Restart()
	if r.Refresh().RequireWarning(t, "gone"); r.Exists() {
		t.Error("it is still in the state")
	}
}

// Whether two resources have one binding is seen without a refresh, but not by what an
// older version created.
func TestProtocolBindingInTwoResourcesWithoutARefresh(t *testing.T) {
	t.Parallel()
	_, p, base := startProtocol(t, omnimock.Options{})
	config := map[string]any{"connection_id": base, "attribute_name": "env"}
	created, imported := p.Resource(attributeType), p.Resource(attributeType)
	created.Apply(config).RequireNone(t)
	imported.Import(base).RequireNone(t)
	p.Restart()
	created.Plan(protocol.With(config, map[string]any{"connection_id": protocol.Unknown})).RequireNone(t) // it may stay
	imported.Plan(config).RequireNone(t)
	created.Plan(protocol.With(config, map[string]any{"connection_id": protocol.Unknown})).RequireNone(t)
	created.PlanDestroy().RequireError(t, "Two resources have the same binding")
	// Every version finds the mark of the others under this name.
	if !strings.Contains(string(created.Private()), `"mark"`) {
		t.Errorf("%s", created.Private())
	}
	created.SetPrivate(nil)
	p.Restart()
	imported.Plan(config).RequireNone(t)
	created.PlanDestroy().RequireNone(t)
}

// What concerns the provider alone sends nothing, and without a server a plan judges
// nothing.
func TestProtocolNothingToSend(t *testing.T) {
	t.Parallel()
	s, p, base := startProtocol(t, omnimock.Options{})
	config := map[string]any{"connection_id": base, "attribute_name": "env"}
	r := p.Resource(attributeType)
	r.Apply(config).RequireNone(t)
	s.ResetRequests()
	r.Apply(protocol.With(config, map[string]any{"timeouts": map[string]any{"read": "3m"}})).RequireNone(t)
	if n := s.CountRequests("", ""); n != 0 {
		t.Errorf("%d requests", n)
	}
	protocol.New(t, protocol.Options()).Resource(attributeType).Plan(config).RequireNone(t)
}

// A value picks one connection: not the base and an environment of it.
func TestProtocolValueOfAnEnvironment(t *testing.T) {
	t.Parallel()
	s, p, base := startProtocol(t, omnimock.Options{EnvironmentList: true})
	other := s.AddConnection(map[string]any{"name": "other", "dialect": "exasol"})
	p.Resource("dataconn_omni_connection_environment").Plan(map[string]any{"base_connection_id": base, "connection_id": other, "user_attribute_values": []string{"dev"}}).RequireOK(t)
	r := p.Resource(attributeType)
	config := map[string]any{"connection_id": base, "attribute_name": "env", "default_values": []string{"dev"}}
	r.Plan(config).RequireError(t, "at default_values:", "Two connections of one base have the same value", `"dev"`, other)
	r.Plan(protocol.With(config, map[string]any{"default_values": []string{"test"}})).RequireOK(t)
}

// The plan refuses what no server is asked about: an id that is none, a value
// twice, and nothing where only one of the two is known.
func TestProtocolPlanRefuses(t *testing.T) {
	t.Parallel()
	_, p, base := startProtocol(t, omnimock.Options{})
	r := p.Resource(attributeType)
	for name, c := range map[string]struct {
		change map[string]any
		words  []string
	}{
		"no id":           {map[string]any{"connection_id": "x"}, []string{"at connection_id", "UUID"}},
		"no name":         {map[string]any{"attribute_name": ""}, []string{"at attribute_name"}},
		"comma":           {map[string]any{"default_values": []string{"a,b"}}, []string{"at default_values"}},
		"null":            {map[string]any{"default_values": []any{nil}}, []string{"at default_values"}},
		"connection soon": {map[string]any{"connection_id": protocol.Unknown, "default_values": []string{"a"}}, nil},
		"values soon":     {map[string]any{"default_values": protocol.Unknown}, nil},
	} {
		plan := r.Plan(protocol.With(map[string]any{"connection_id": base, "attribute_name": "env"}, c.change))
		if len(c.words) > 0 {
			plan.RequireError(t, c.words...)
		} else if plan.HasError() {
			t.Errorf("%s: %s", name, plan.Diagnostics)
		}
	}
}

func TestProtocolQuery(t *testing.T) {
	t.Parallel()
	s, p, base := startProtocol(t, omnimock.Options{})
	other := s.AddConnection(map[string]any{"name": "other", "dialect": "exasol", "userAttributeNameForConnectionEnvironments": "env"})
	trashed := s.AddConnection(map[string]any{"name": "trashed", "dialect": "exasol", "userAttributeNameForConnectionEnvironments": "env"})
	s.TrashConnection(trashed)
	s.AddConnection(map[string]any{"name": "unbound", "dialect": "exasol"})
	s.EditConnection(base, func(settings map[string]any) {
		settings["userAttributeNameForConnectionEnvironments"] = "region"
		settings["userAttributeValuesForDefaultEnvironment"] = []string{"eu"}
	})
	for wanted, names := range map[string][]string{"": {"region on base", "env on other"}, "env": {"env on other"}, "Env": nil} {
		config := map[string]any{}
		if wanted != "" {
			config["attribute_name"] = wanted
		}
		found, diags := p.Query(attributeType, config, protocol.QueryLimit, true)
		if wanted == "Env" {
			diags.RequireWarning(t, "at attribute_name: No such Omni user attribute", `Did you mean "env"?`)
		} else {
			diags.RequireNone(t)
		}
		var got []string
		for _, f := range found {
			got = append(got, f.Name)
			if f.Identity["connection_id"] != f.State["connection_id"] || f.State["connection_id"] != map[string]string{"region on base": base, "env on other": other}[f.Name] {
				t.Errorf("%v", f)
			}
		}
		if protocolText(got) != protocolText(names) {
			t.Errorf("%q finds %v, want %v", wanted, got, names)
		}
	}
	if found, _ := p.Query(attributeType, nil, 1, false); len(found) != 1 {
		t.Errorf("%d, where one is enough", len(found))
	}
	_, diags := p.Query(attributeType, map[string]any{"attribute_name": ""}, protocol.QueryLimit, false)
	diags.RequireError(t, "at attribute_name")

	p.RefuseEachCall(s.Host, map[string][]string{connectionsRoute: {"Cannot list environment user attributes of Omni connections", "it needs the admin role"}}, func() protocol.Diagnostics {
		_, diags := p.Query(attributeType, nil, protocol.QueryLimit, false)
		return diags
	})

	// Where nothing was read, the filter is not looked up.
	s.Forbid(http.MethodGet, connectionsRoute)
	p.Restart()
	s.ResetRequests()
	_, diags = p.Query(attributeType, map[string]any{"attribute_name": "Env"}, protocol.QueryLimit, false)
	if n := s.CountRequests("", ""); n != 1 || len(diags) != 1 || !diags.HasError() {
		t.Errorf("%d requests\n%s", n, diags)
	}
	s.AllowAll()

	// One that cannot be read is left out, and the others are found.
	s.Faults().Add(fault.Answer(http.StatusOK, `{"connections":[{"id":7},{"id":"`+other+`","name":"other","dialect":"exasol","userAttributeNameForConnectionEnvironments":"env"}]}`).On(http.MethodGet, connectionsRoute))
	p.Restart()
	found, diags := p.Query(attributeType, nil, protocol.QueryLimit, false)
	diags.RequireWarning(t, "left out")
	if len(found) != 1 || found[0].Name != "env on other" {
		t.Errorf("%v", found)
	}
}

// What binds a connection that will not be replaced is not replaced before it.
func TestProtocolPlanOfAProtectedConnection(t *testing.T) {
	t.Parallel()
	_, p, _ := startProtocol(t, omnimock.Options{})
	config := map[string]any{"name": "ours", "dialect": "exasol", "host": "h", "password": "p"}
	connection := p.Resource("dataconn_omni_connection")
	connection.Apply(config).RequireOK(t)
	binding := map[string]any{"connection_id": connection.Get("id"), "attribute_name": "env"}
	r := p.Resource(attributeType)
	r.Apply(binding).RequireOK(t)
	p.Restart()
	connection.Refresh().RequireOK(t) // as every plan begins
	connection.PlanReplace(config)
	r.Plan(protocol.With(binding, map[string]any{"connection_id": protocol.Unknown})).RequireError(t, "at connection_id:", "The connection is protected against deletion", connection.Text("id"))
}

func protocolText(value any) string {
	encoded, _ := json.Marshal(value)
	return string(encoded)
}
