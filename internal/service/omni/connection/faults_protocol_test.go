// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

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

// A plan sees neither -replace nor a taint.
func TestProtocolDeleteItselfRefuses(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	p := protocolProvider(t, s)
	config := leastOf("exasol")
	r := p.Resource(connectionType)
	r.Apply(config).RequireNone(t)
	id := r.Text("id")
	require := func(what string, diags protocol.Diagnostics) {
		t.Helper()
		diags.RequireError(t, "at deletion_protection:", "protected", "deletion_protection = false")
		if _, kept := s.Secret(id, "passwordUnencrypted"); !kept || r.Text("id") != id {
			t.Fatalf("%s: the connection is gone, or out of the state", what)
		}
	}
	require("destroy", r.PlanDestroy().Diagnostics)
	require("-replace", r.PlanReplace(config).Apply())
	r.Taint()
	require("taint", r.Apply(config))
	// A state of before the attribute has null there: the default is true.
	r.Edit(map[string]any{"deletion_protection": nil})
	require("null, destroy", r.PlanDestroy().Diagnostics)
	require("null, -replace", r.PlanReplace(config).Apply())

	unconfigured := protocol.New(t, protocol.Options()).Resource(connectionType)
	unconfigured.Edit(map[string]any{"id": id, "name": "n", "dialect": "exasol"})
	require("no server", unconfigured.PlanDestroy().Diagnostics)

	config["deletion_protection"] = false
	r.Apply(config).RequireNone(t)
	r.PlanReplace(config).Apply().RequireNone(t)
	if r.Text("id") == id {
		t.Error("not replaced")
	}
	r.Destroy().RequireNone(t)
}

// A change that the server refused has not happened: the state says so, and it is
// tried again.
func TestProtocolRefusedChangeLeavesTheOldValues(t *testing.T) {
	t.Parallel()
	for name, secrets := range secretForms() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := omnimock.Start(t, omnimock.Options{})
			p := protocolProvider(t, s, map[string]any{"max_retries": 0})
			r := p.Resource(connectionType)
			r.Apply(hostAndSecret(0, secrets[0])).RequireNone(t)
			before, private := r.State(), string(r.Private())
			for _, f := range []fault.Fault{
				fault.Answer(403, `{"detail":"Permission denied"}`), fault.Answer(400, `{"detail":"no"}`),
			} {
				s.Faults().Add(f.On(http.MethodPatch, ""))
				r.Apply(hostAndSecret(1, secrets[1])).RequireError(t, "Cannot change Omni connection")
				if got := r.State(); fmt.Sprint(got) != fmt.Sprint(before) || string(r.Private()) != private {
					t.Errorf("after a failed change the state is %v, was %v", got, before)
				}
				requireEmptyPlan(t, r, hostAndSecret(0, secrets[0]))
			}
			r.Apply(hostAndSecret(1, secrets[1])).RequireNone(t)
			if got, _ := s.Secret(r.Text("id"), "passwordUnencrypted"); got != "two" {
				t.Errorf("the server has %q", got)
			}
			requireEmptyPlan(t, r, hostAndSecret(1, secrets[1]))
		})
	}
}

// After a change whose answer got lost nobody knows which secret the server has: the
// state claims nothing, and the next apply sends what is configured by then, be it
// the former one.
func TestProtocolLostAnswerThenBack(t *testing.T) {
	t.Parallel()
	for name, secrets := range secretForms() {
		for answer, lost := range map[string]fault.Fault{"an error": fault.InternalError().Applied(), "none": (fault.Fault{Reset: true}).Applied()} {
			t.Run(name+", "+answer, func(t *testing.T) {
				t.Parallel()
				s := omnimock.Start(t, omnimock.Options{})
				p := protocolProvider(t, s, map[string]any{"max_retries": 0})
				r := p.Resource(connectionType)
				r.Apply(hostAndSecret(0, secrets[0])).RequireNone(t)
				s.Faults().Add(lost.On(http.MethodPatch, ""))
				if diags := r.Apply(hostAndSecret(1, secrets[1])); !diags.HasError() {
					t.Fatal("the lost answer is no error")
				}
				if got, _ := s.Secret(r.Text("id"), "passwordUnencrypted"); got != "two" {
					t.Fatalf("the server has %q", got)
				}
				again := protocolProvider(t, s, nil).Resource(connectionType) // the next run
				again.Upgrade(0, r.StateFile()).RequireNone(t)
				again.SetPrivate(r.Private())
				again.Refresh().RequireNone(t)
				again.Apply(hostAndSecret(0, secrets[0])).RequireNone(t)
				if got, _ := s.Secret(again.Text("id"), "passwordUnencrypted"); got != "one" {
					t.Errorf("back to the former configuration, the server has %q", got)
				}
				requireEmptyPlan(t, again, hostAndSecret(0, secrets[0]))
			})
		}
	}
}

// The user's first Ctrl-C, while the server is at work.
func TestProtocolInterruptedCreateRecordsTheID(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	p := protocolProvider(t, s)
	s.Faults().Add(fault.Fault{Hang: true}.Applied().On(http.MethodPost, ""))
	config := leastOf("exasol")
	r := p.Resource(connectionType)
	plan := r.Plan(config)
	done := make(chan protocol.Diagnostics)
	go func() { done <- plan.Apply() }()
	for len(s.Connections()) == 0 {
		time.Sleep(time.Millisecond)
	}
	p.Stop()
	diags := <-done
	diags.RequireOK(t)
	if id := s.Connections()[0].ID; !r.Exists() || r.Text("id") != id || r.IsTainted() {
		t.Fatalf("the id is not in the state, or is tainted:\n%s", diags)
	}
	p.Restart()
	r.Refresh().RequireNone(t)
	requireEmptyPlan(t, r, config)
}

func TestProtocolRateLimit(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) {
		s := omnimock.Start(t, omnimock.Options{InMemory: true})
		p := protocolProvider(t, s)
		config := protocol.With(leastOf("exasol"), map[string]any{"timeouts": map[string]any{"update": "1m"}})
		r := p.Resource(connectionType)
		r.Apply(config).RequireNone(t)
		changed := protocol.With(config, map[string]any{"host": "h2"})

		// It passes: the change is made, late.
		s.Faults().Add(fault.RateLimited().On(http.MethodPatch, "").Repeat(3))
		r.Apply(changed).RequireNone(t)

		// It lasts: within the operation's timeout, and the error says what happened.
		s.Faults().Add(fault.RateLimited().On(http.MethodPatch, "").Repeat(fault.Forever))
		began := time.Now()
		short := protocol.With(config, map[string]any{"timeouts": map[string]any{"update": "2s"}})
		r.Apply(short).RequireError(t, "Cannot change", "attempt", "max_requests_per_minute", "timeout")
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("it took %s", took)
		}
		s.Faults().Clear()

		// The server names a wait beyond the timeout: no use to begin it. (What is left of
		// the pause before is over.)
		time.Sleep(time.Minute)
		s.Faults().Add(fault.RateLimitedFor(time.Hour).On(http.MethodPatch, ""))
		began = time.Now()
		r.Apply(config).RequireError(t, "429", "1h0m0s")
		if took := time.Since(began); took > 0 {
			t.Errorf("it took %s", took)
		}
		if r.Text("host") != "h2" {
			t.Errorf("the state has %s", r.Text("host"))
		}
	})
}

// A connection that is the same and new may be what a killed run made: the plan
// names it. It is not taken over, nor refused: two that look the same are legal.
func TestProtocolLeftOver(t *testing.T) {
	t.Parallel()
	theirs := map[string]any{"name": "n", "dialect": "exasol", "host": "h", "port": 5000}
	config := map[string]any{"name": "n", "dialect": "exasol", "host": "h", "port": 5000, "password": "p"}
	for name, c := range map[string]struct {
		options omnimock.Options
		theirs  map[string]any // what is other there
		age     time.Duration
		config  map[string]any // what is other here
		forbid  bool
		warns   bool
		unasked bool // nothing can be the same yet
	}{
		"the same":             {warns: true},
		"as old as a day":      {age: 25 * time.Hour},
		"some hours":           {age: 20 * time.Hour, warns: true},
		"without a date":       {options: omnimock.Options{Generation: omnimock.Guide2025}, age: 25 * time.Hour, warns: true},
		"another name":         {theirs: map[string]any{"name": "N"}},
		"another host":         {theirs: map[string]any{"host": "h2"}},
		"another base role":    {theirs: map[string]any{"baseRole": "NO_ACCESS"}, config: map[string]any{"base_role": "Analysts"}, warns: true},
		"another dialect":      {theirs: map[string]any{"dialect": "mysql"}},
		"a name not known yet": {config: map[string]any{"name": protocol.Unknown}, unasked: true},
		"nor the dialect":      {config: map[string]any{"dialect": protocol.Unknown}, unasked: true},
		"a host not known yet": {config: map[string]any{"host": protocol.Unknown}, warns: true},
		"a list out of bounds": {forbid: true},
		"an incomplete one":    {config: map[string]any{"password": nil}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := omnimock.New(c.options)
			origin := omnimock.New(c.options)
			id := origin.AddConnection(protocol.With(theirs, c.theirs))
			snapshot := origin.Snapshot()
			snapshot.Connections[0].CreatedAt = time.Now().Add(-c.age)
			s.Restore(snapshot)
			s.Listen(t, false)
			if c.forbid {
				s.Forbid(http.MethodGet, "/api/v1/connections")
			}
			change := map[string]any{}
			if c.options.Generation == omnimock.Guide2025 {
				change = map[string]any{"omni": map[string]any{"api_version": "unstable"}}
			}
			p := protocolProvider(t, s, change)
			plan := p.Resource(connectionType).Plan(protocol.With(config, c.config))
			warned := len(plan.Warnings()) > 0
			if warned != c.warns {
				t.Fatalf("said: %s", plan.Diagnostics)
			}
			if c.unasked && s.CountRequests(http.MethodGet, "/api/v1/connections") != 0 {
				t.Error("a list was asked for")
			}
			if warned {
				plan.RequireWarning(t, "exists already", id, "terraform import <address of this resource> "+id)
				if isDated := strings.Contains(plan.String(), "made at"); isDated == (c.options.Generation == omnimock.Guide2025) {
					t.Errorf("a date is shown: %t, said: %s", isDated, plan.Diagnostics)
				}
			}
		})
	}
}

// Of many that are the same, three are named.
func TestProtocolManyLeftOver(t *testing.T) {
	t.Parallel()
	for there, words := range map[int]string{3: "", 5: "; and 2 more)"} {
		s := omnimock.Start(t, omnimock.Options{})
		for range there {
			s.AddConnection(map[string]any{"name": "n", "dialect": "exasol", "host": "h", "port": 5000})
		}
		plan := protocolProvider(t, s).Resource(connectionType).Plan(map[string]any{"name": "n", "dialect": "exasol", "host": "h", "port": 5000, "password": "p"})
		plan.RequireWarning(t, "exists already", `an exasol connection "n"`, words)
		said := plan.String()
		if strings.Count(said, "made at") != 3 || strings.Count(said, "terraform import") != 3 || words == "" && strings.Contains(said, " more)") {
			t.Errorf("of %d: %s", there, said)
		}
	}
}

// What this process makes itself is no leftover, and the plans of many new
// connections share one list.
func TestProtocolLeftOverIsNotOurs(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	p := protocolProvider(t, s)
	config := map[string]any{"name": "n", "dialect": "exasol", "host": "h", "port": 5000, "password": "p"}
	for range 3 {
		p.Resource(connectionType).Apply(config).RequireNone(t)
	}
	if n := s.CountRequests(http.MethodGet, "/api/v1/connections"); n != 1 {
		t.Errorf("%d lists for three new connections", n)
	}
	s.ResetRequests()
	s.Forbid(http.MethodGet, "/api/v1/connections")
	p.Restart()
	for range 3 {
		p.Resource(connectionType).Plan(config).RequireNone(t)
	}
	if n := s.CountRequests(http.MethodGet, "/api/v1/connections"); n != 1 {
		t.Errorf("a list that is forbidden was asked for %d times", n)
	}
}

// A refused dialect of a query is about that attribute, and nothing else is.
func TestProtocolQueryRefused(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	s.AddConnection(map[string]any{"name": "n", "dialect": "exasol"})
	p := protocolProvider(t, s)
	query := func(config map[string]any) protocol.Diagnostics {
		_, diags := p.Query(connectionType, config, protocol.QueryLimit, false)
		return diags
	}
	query(map[string]any{"dialects": []any{"nosuch"}}).RequireError(t, "at dialects:", "Cannot list Omni connections")
	for _, c := range []struct {
		status int
		body   string
		config map[string]any
	}{
		{http.StatusBadRequest, `{"detail":"Bad Request: dialect: Invalid"}`, map[string]any{"name": "n"}},
		{http.StatusBadRequest, `{"detail":"Bad Request: name: Invalid"}`, map[string]any{"dialects": []any{"exasol"}}},
		{http.StatusForbidden, `{"detail":"no dialect for you"}`, map[string]any{"dialects": []any{"exasol"}}},
	} {
		s.Faults().Add(fault.Answer(c.status, c.body).On(http.MethodGet, "/api/v1/connections"))
		if diags := query(c.config); !diags.HasError() || strings.Contains(diags.String(), "at dialects") {
			t.Errorf("%d %s: %s", c.status, c.body, diags)
		}
	}
}

// A bad token reads as one, although Omni answers as if a role was missing.
func TestProtocolBadToken(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	s.Faults().Add(fault.Answer(http.StatusForbidden, `{"detail":"Invalid bearer token","status":403}`).Repeat(fault.Forever))
	r := protocolProvider(t, s).Resource(connectionType)
	r.Import("550e8400-e29b-41d4-a716-446655440000").RequireError(t, "does not accept the credentials")
}

// A create of which nobody knows the outcome says how to take over what there may be.
func TestProtocolUnknownOutcome(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	s.Faults().Add(fault.Fault{Reset: true}.On(http.MethodPost, ""))
	r := protocolProvider(t, s).Resource(connectionType)
	r.Apply(leastOf("exasol")).RequireError(t, `Cannot create Omni connection "n"`, "shows nothing new that matches", "terraform import <address of this resource> <id>\n")
	if r.Exists() {
		t.Errorf("the state has %v", r.State())
	}
}

// Whether a connection that was found after a lost answer has its credentials, nothing
// shows: they are sent again.
func TestProtocolFoundGetsItsCredentials(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	s.Faults().Add(fault.Fault{Reset: true}.Applied().On(http.MethodPost, ""))
	r := protocolProvider(t, s).Resource(connectionType)
	r.Apply(leastOf("exasol")).RequireWarning(t, "An object was found after its create got no answer", "Its credentials are sent again")
	if sent := patches(t, s); len(sent) != 1 || len(sent[0]) != 1 || sent[0]["passwordUnencrypted"] != leastOf("exasol")["password"] {
		t.Errorf("the changes are %v", sent)
	}
}

// What rests on a protected connection is not taken down for a replacement that will
// be refused. A refresh tells which are protected.
func TestProtocolReplacementOfTheProtected(t *testing.T) {
	t.Parallel()
	for _, isProtected := range []bool{true, false} {
		s := omnimock.Start(t, omnimock.Options{EnvironmentList: true})
		p := protocolProvider(t, s)
		config := protocol.With(leastOf("exasol"), map[string]any{"deletion_protection": isProtected})
		r := p.Resource(connectionType)
		r.Apply(config).RequireNone(t)
		other := s.AddConnection(map[string]any{"name": "other", "dialect": "exasol"})
		environment := p.Resource("dataconn_omni_connection_environment")
		environment.Apply(map[string]any{"base_connection_id": r.Text("id"), "connection_id": other}).RequireOK(t)

		p.Restart()
		r.Refresh().RequireNone(t)
		p.Resource(connectionType).Plan(config).RequireOK(t) // what would replace it
		plan := environment.Plan(map[string]any{"base_connection_id": protocol.Unknown, "connection_id": other})
		if isProtected {
			plan.RequireError(t, "at base_connection_id:", "The connection is protected against deletion", r.Text("id"))
		} else {
			plan.RequireOK(t)
		}
	}
}

// A write that cannot be read back is a warning, and the state has what was sent.
func TestProtocolReadBackThatFails(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	r := protocolProvider(t, s).Resource(connectionType)
	s.Faults().Add(fault.Answer(http.StatusForbidden, `{"detail":"Permission denied"}`).On(http.MethodGet, "").Repeat(fault.Forever))
	config := protocol.With(leastOf("snowflake"), map[string]any{"default_schema": "one"})
	for _, schema := range []string{"one", "two"} {
		config = protocol.With(config, map[string]any{"default_schema": schema})
		diags := r.Apply(config)
		diags.RequireOK(t)
		diags.RequireWarning(t, `Could not read back Omni connection "n"`, "The write succeeded, and the state has what was sent")
		for attribute, want := range map[string]any{"id": s.Connections()[0].ID, "dialect": "snowflake", "name": "n", "host": "account", "default_schema": schema, "port": nil, "created_at": nil} {
			if got := r.Get(attribute); got != want {
				t.Errorf("%s is %v, want %v", attribute, got, want)
			}
		}
	}
	if len(s.Connections()) != 1 {
		t.Errorf("the server has %d connections", len(s.Connections()))
	}
}

// Where the server stores something else than was sent, the state keeps what was
// planned, and a warning says what the server has.
func TestProtocolServerStoresAnother(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{})
	r := protocolProvider(t, s).Resource(connectionType)
	config := leastOf("exasol")
	for _, c := range []struct{ method, host string }{{http.MethodPost, "first"}, {http.MethodPatch, "second"}} {
		s.Faults().Add(fault.Fault{Apply: true, Hook: func() {
			s.EditConnection(s.Connections()[0].ID, func(settings map[string]any) { settings["host"] = "theirs" })
		}}.On(c.method, ""))
		r.Apply(protocol.With(config, map[string]any{"host": c.host})).RequireWarning(t, "at host:", "The server changed host of Omni connection", "theirs")
		if r.Text("host") != c.host {
			t.Errorf("after %s the state has %q", c.method, r.Text("host"))
		}
	}
}
