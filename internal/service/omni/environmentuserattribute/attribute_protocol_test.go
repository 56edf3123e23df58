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
	p := protocol.New(t, protocol.Options())
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
			unbound.Import(base).RequireError(t, "non-existent")
		})
	}
}

// An existing binding routes somebody's users.
func TestProtocolExistingBindingIsNotOverwritten(t *testing.T) {
	t.Parallel()
	s, p, base := startProtocol(t, omnimock.Options{})
	s.EditConnection(base, func(settings map[string]any) {
		settings["userAttributeNameForConnectionEnvironments"] = "theirs"
		settings["userAttributeValuesForDefaultEnvironment"] = []string{"x"}
	})
	config := map[string]any{"connection_id": base, "attribute_name": "ours"}
	r := p.Resource(attributeType)
	r.Apply(config).RequireError(t, `"theirs"`, `["x"]`, "terraform import", base)
	if r.Exists() || s.CountRequests(http.MethodPatch, "") != 0 {
		t.Error("it was overwritten")
	}
	r.Import(base).RequireNone(t)
	r.Apply(config).RequireNone(t)
	requireNothingToDo(t, r, config)
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
