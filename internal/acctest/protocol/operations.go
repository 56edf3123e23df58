// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package protocol

import (
	"bytes"
	"net/http"
	"reflect"
	"slices"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/host"
)

// Operations are the four operations of a resource as [Operations.Require] tries
// them. The words of each are those of its error when the server allows nothing:
// what was tried, on which object, and what it needs. An operation without words
// makes no request that could be refused.
type Operations struct {
	Host            *host.Host
	Config, Changed map[string]any // Changed is an update in place

	Create, Read, Update, Delete []string
}

// Require tries each operation of a resource that is not in the state: bounded by
// a time that is no time, which it has to refuse before it asks the server for
// anything; on a server that allows nothing; and as it should go. What fails
// leaves the state as it was, the private one included. The identity is set by each
// operation, and by an import; a query finds what the import reads; what is gone is
// found to be so.
func (o Operations) Require(p *Provider, typeName string) {
	p.t.Helper()
	r := p.Resource(typeName)
	o.change(r, "create", o.Config, o.Create)
	if !r.Exists() {
		p.t.Fatal("it was not created")
	}
	o.read(r)
	o.isLost(r)
	r.identity = nil // as a CLI leaves it that knows none
	o.change(r, "update", o.Changed, o.Update)
	r.requireIdentity()
	o.bound(r)
	o.imports(r)
	o.delete(r)
}

// change tries a create or an update.
func (o Operations) change(r *Resource, operation string, config map[string]any, words []string) {
	r.p.t.Helper()
	plan := r.Plan(config)
	plan.RequireOK(r.p.t)
	unbounded := plan
	unbounded.planned = r.p.object(r.schema, With(plan.Values(), unbound(operation)))
	private := r.private
	o.fails(r, func() Diagnostics { return r.apply(unbounded) }, operation)
	r.private = private // without what the plan noted for its apply
	o.isRefused(r, func() Diagnostics { return r.apply(plan) }, words, writing...)
	r.Apply(config).RequireOK(r.p.t)
	o.isDone(r, config)
}

// isDone requires a plan that finds nothing to do, and asks nobody to know it.
func (o Operations) isDone(r *Resource, config map[string]any) {
	r.p.t.Helper()
	r.p.Restart()
	o.Host.ResetRequests()
	if plan := r.Plan(config); !plan.IsEmpty() {
		r.p.t.Errorf("the plan is %s of %v: %s", plan.Action, plan.Changes(), plan)
	}
	if n := len(o.Host.Requests()); n != 0 {
		r.p.t.Errorf("%d requests for a plan of nothing", n)
	}
}

// isLost carries an update out whose answers are lost. Then it is not known what the
// server has, so that the next plan sends what is configured by then, even where that
// is what was there before.
func (o Operations) isLost(r *Resource) {
	r.p.t.Helper()
	if len(o.Update) == 0 {
		return
	}
	plan := r.Plan(o.Changed)
	plan.RequireOK(r.p.t)
	for _, method := range writing {
		o.Host.Faults().Add(fault.InternalError().Applied().On(method, "").Repeat(fault.Forever))
	}
	r.apply(plan).RequireError(r.p.t)
	o.Host.Faults().Clear()
	r.p.Restart()
	if plan = r.Plan(o.Config); plan.Action != Update {
		r.p.t.Errorf("after an update whose answer was lost, the plan to go back is %s: %s", plan.Action, plan)
	}
	r.Apply(o.Config).RequireOK(r.p.t)
	o.isDone(r, o.Config)
}

// bound changes the bound of an operation alone, which the server has no part in.
func (o Operations) bound(r *Resource) {
	r.p.t.Helper()
	config := With(o.Changed, map[string]any{"timeouts": map[string]any{"read": "5m"}})
	o.Host.ResetRequests()
	plan := r.Plan(config)
	if changes := plan.Changes(); !slices.Equal(changes, []string{"timeouts"}) {
		r.p.t.Errorf("the bound changes %v", changes)
	}
	plan.Apply().RequireOK(r.p.t)
	for _, request := range o.Host.Requests() {
		if slices.Contains(writing, request.Method) {
			r.p.t.Errorf("%s %s for a bound alone", request.Method, request.Path)
		}
	}
	o.isDone(r, config)
}

func (o Operations) read(r *Resource) {
	r.p.t.Helper()
	r.p.Restart()
	o.withoutBound(r, "read", r.Refresh)
	o.isRefused(r, r.Refresh, o.Read, http.MethodGet)
	private := r.Private()
	r.identity = nil
	r.Refresh().RequireNone(r.p.t)
	r.requireIdentity()
	if !bytes.Equal(r.Private(), private) {
		r.p.t.Errorf("a refresh that found nothing new changed the private state from %s to %s", private, r.Private())
	}
}

// requireIdentity requires an identity with the values that the state has.
func (r *Resource) requireIdentity() {
	r.p.t.Helper()
	identity, state := r.Identity(), r.State()
	if len(identity) == 0 {
		r.p.t.Fatal("it has no identity")
	}
	for name, value := range identity {
		if value != state[name] {
			r.p.t.Errorf("%s is %v in the identity and %v in the state", name, value, state[name])
		}
	}
}

// imports takes the object over by its identity, as another state would.
func (o Operations) imports(r *Resource) {
	r.p.t.Helper()
	r.p.Restart()
	other := r.p.Resource(r.typeName)
	other.ImportIdentity(r.Identity()).RequireOK(r.p.t)
	other.requireIdentity()
	if !reflect.DeepEqual(other.Identity(), r.Identity()) {
		r.p.t.Errorf("the import of %v is %v", r.Identity(), other.Identity())
	}
	other.requireListed()
}

// requireListed requires a query that finds the object as the import read it.
func (r *Resource) requireListed() {
	r.p.t.Helper()
	if r.p.schemas.ListResourceSchemas[r.typeName] == nil {
		return
	}
	found, diags := r.p.Query(r.typeName, nil, QueryLimit, true)
	diags.RequireNone(r.p.t)
	at := slices.IndexFunc(found, func(one Listed) bool { return reflect.DeepEqual(one.Identity, r.Identity()) })
	if at < 0 {
		r.p.t.Fatalf("a query does not find %v, but %v", r.Identity(), found)
	}
	if state := found[at].State; !reflect.DeepEqual(state, r.State()) {
		r.p.t.Errorf("a query finds\n%v, and an import\n%v", state, r.State())
	}
}

func (o Operations) delete(r *Resource) {
	r.p.t.Helper()
	r.p.Restart()
	if len(o.Delete) > 0 {
		o.withoutBound(r, "delete", r.Destroy)
	}
	o.isRefused(r, r.Destroy, o.Delete, writing...)
	before := *r
	r.Destroy().RequireOK(r.p.t)
	if len(o.Delete) > 0 {
		before.isGone()
	}
}

// isGone destroys, reads and imports what no longer exists.
func (r *Resource) isGone() {
	r.p.t.Helper()
	r.p.Restart()
	destroyed, imported := *r, r.p.Resource(r.typeName)
	destroyed.Destroy().RequireNone(r.p.t)
	identity := r.Identity()
	if r.Refresh().RequireWarning(r.p.t, "gone"); r.Exists() {
		r.p.t.Error("what is gone stays in the state")
	}
	imported.ImportIdentity(identity).RequireError(r.p.t, "Nothing to import")
}

func unbound(operation string) map[string]any {
	return map[string]any{"timeouts": map[string]any{operation: "soon"}}
}

// withoutBound carries out what works from a state whose bound is no time.
func (o Operations) withoutBound(r *Resource, operation string, do func() Diagnostics) {
	r.p.t.Helper()
	state, private := r.state, r.private
	r.Edit(unbound(operation))
	o.fails(r, do, operation)
	r.state, r.private = state, private
}

// fails requires an error about the time of the operation, no request, and a
// state as before.
func (o Operations) fails(r *Resource, do func() Diagnostics, operation string) {
	r.p.t.Helper()
	o.Host.ResetRequests()
	before := r.State()
	do().RequireError(r.p.t, `timeout for "`+operation+`"`)
	if n := len(o.Host.Requests()); n != 0 || !reflect.DeepEqual(r.State(), before) {
		r.p.t.Errorf("%d requests; the state was %v and is %v", n, before, r.State())
	}
}

// isRefused carries something out while the server allows nothing, and while it
// allows no such method.
func (o Operations) isRefused(r *Resource, do func() Diagnostics, words []string, methods ...string) {
	r.p.t.Helper()
	if len(words) == 0 {
		return
	}
	before, private := r.State(), r.Private()
	for _, refused := range [][]string{{""}, methods} {
		r.p.Restart()
		for _, method := range refused {
			o.Host.Faults().Add(refusal().On(method, "").Repeat(fault.Forever))
		}
		if diags := do(); refused[0] == "" {
			diags.RequireError(r.p.t)
		} else {
			diags.RequireError(r.p.t, words...)
		}
		o.Host.Faults().Clear()
		if !reflect.DeepEqual(r.State(), before) {
			r.p.t.Errorf("what was refused changed the state from\n%v to\n%v", before, r.State())
		}
		if !bytes.Equal(r.Private(), private) {
			r.p.t.Errorf("what was refused changed the private state from %s to %s", private, r.Private())
		}
	}
	r.p.Restart()
}

// writing are the methods of requests that change something.
var writing = []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

func refusal() fault.Fault {
	return fault.Answer(http.StatusForbidden, `{"detail":"Permission denied","status":403}`)
}
