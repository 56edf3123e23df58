// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package protocol_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// The life of one resource, with every call that the harness makes.
func TestLife(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	p := protocol.New(t, protocol.Options())
	p.Configure(protocol.OmniConfig(s)).RequireNone(t)
	config := map[string]any{"name": "a", "dialect": "exasol", "host": "h", "password_wo": "secret", "deletion_protection": false}

	r := p.Resource("dataconn_omni_connection")
	if plan := r.Plan(config); plan.Action != protocol.Create || plan.Value("id") != protocol.Unknown || plan.Value("name") != "a" {
		t.Fatalf("%s %v", plan.Action, plan.Values())
	}
	r.Apply(config).RequireNone(t)
	id := r.Text("id")
	if !r.Plan(config).IsEmpty() || r.Identity()["id"] != id || !strings.Contains(string(r.Private()), "password_wo_hash") {
		t.Errorf("after the create: %v %v %s", r.Plan(config).Changes(), r.Identity(), r.Private())
	}

	s.EditConnection(id, func(settings map[string]any) { settings["host"] = "other" })
	r.Refresh().RequireNone(t)
	p.Restart()
	r.Refresh().RequireNone(t)
	plan := r.Plan(config)
	// Without a version, whether the secret is sent shows at apply.
	if got := strings.Join(plan.Changes(), " "); plan.Action != protocol.Update || got != "credentials_updated_at host" {
		t.Errorf("%s of %s", plan.Action, got)
	}
	plan.Apply().RequireNone(t)

	// Core plans again when the last unknown value is known.
	plan = r.Plan(protocol.With(config, map[string]any{"host": protocol.Unknown}))
	if plan.Value("host") != protocol.Unknown {
		t.Errorf("host is planned as %v", plan.Value("host"))
	}
	plan.ApplyWith(protocol.With(config, map[string]any{"host": "third"})).RequireNone(t)
	if got := r.Text("host"); got != "third" || r.Text("id") != id {
		t.Errorf("host is %s", got)
	}

	config["dialect"], config["name"] = "trino", "b"
	plan = r.Plan(config)
	if plan.Action != protocol.Replace || strings.Join(plan.RequiresReplace(), " ") != "dialect" || plan.Value("id") != protocol.Unknown {
		t.Errorf("%s for %v", plan.Action, plan.RequiresReplace())
	}
	plan.Apply().RequireNone(t)
	second := r.Text("id")
	r.PlanReplace(config).Apply().RequireNone(t)
	third := r.Text("id")
	r.Taint()
	r.Apply(config).RequireNone(t)
	if fourth := r.Text("id"); second == id || third == second || fourth == third || r.IsTainted() {
		t.Error("a replacement kept its id")
	}

	again := p.Resource("dataconn_omni_connection")
	again.Import("no id").RequireError(t, "not an id")
	again.Import(r.Text("id")).RequireNone(t)
	byIdentity := p.Resource("dataconn_omni_connection")
	byIdentity.ImportIdentity(r.Identity()).RequireNone(t)
	if byIdentity.Text("name") != "b" || again.Text("name") != "b" {
		t.Error("an import has another name")
	}

	r.Destroy().RequireNone(t)
	if r.Exists() || len(s.Connections()) != 0 {
		t.Error("the connection is still there")
	}
	p.Restart()
	again.Refresh().RequireWarning(t, "gone")
	if again.Exists() {
		t.Error("what is gone is still in the state")
	}

	values, diags := p.ReadDataSource("dataconn_omni_connections", map[string]any{})
	diags.RequireNone(t)
	if list, ok := values["connections"].([]any); !ok || len(list) != 0 {
		t.Errorf("the list is %v", values["connections"])
	}
}

func TestStopInterrupts(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	p := protocol.New(t, protocol.Options())
	p.Configure(protocol.OmniConfig(s)).RequireNone(t)
	r := p.Resource("dataconn_omni_connection")
	r.Import(s.AddConnection(map[string]any{"name": "a", "dialect": "exasol"})).RequireNone(t)
	p.Restart()
	s.ResetRequests()
	s.Faults().Add(fault.Fault{Hang: true}.On(http.MethodGet, ""))
	done := make(chan protocol.Diagnostics)
	go func() { done <- r.Refresh() }()
	for len(s.Requests()) == 0 {
		time.Sleep(time.Millisecond)
	}
	p.Stop()
	(<-done).RequireError(t, "cancel")
}
