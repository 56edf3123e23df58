// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package protocol

import (
	"net/http"
	"reflect"

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
// leaves the state as it was.
func (o Operations) Require(p *Provider, typeName string) {
	p.t.Helper()
	r := p.Resource(typeName)
	o.change(r, "create", o.Config, o.Create)
	if !r.Exists() {
		p.t.Fatal("it was not created")
	}
	o.read(r)
	o.change(r, "update", o.Changed, o.Update)
	o.delete(r)
}

// change tries a create or an update.
func (o Operations) change(r *Resource, operation string, config map[string]any, words []string) {
	r.p.t.Helper()
	plan := r.Plan(config)
	plan.RequireOK(r.p.t)
	unbounded := plan
	unbounded.planned = r.p.object(r.schema, With(plan.Values(), unbound(operation)))
	o.fails(r, func() Diagnostics { return r.apply(unbounded) }, operation)
	o.isRefused(r, func() Diagnostics { return r.apply(plan) }, words, writing...)
	r.Apply(config).RequireOK(r.p.t)
}

func (o Operations) read(r *Resource) {
	r.p.t.Helper()
	r.p.Restart()
	o.withoutBound(r, "read", r.Refresh)
	o.isRefused(r, r.Refresh, o.Read, http.MethodGet)
	r.Refresh().RequireOK(r.p.t)
}

func (o Operations) delete(r *Resource) {
	r.p.t.Helper()
	r.p.Restart()
	if len(o.Delete) > 0 {
		o.withoutBound(r, "delete", r.Destroy)
	}
	o.isRefused(r, r.Destroy, o.Delete, writing...)
	r.Destroy().RequireOK(r.p.t)
}

func unbound(operation string) map[string]any {
	return map[string]any{"timeouts": map[string]any{operation: "soon"}}
}

// withoutBound carries out what works from a state whose bound is no time.
func (o Operations) withoutBound(r *Resource, operation string, do func() Diagnostics) {
	r.p.t.Helper()
	state := r.state
	r.Edit(unbound(operation))
	o.fails(r, do, operation)
	r.state = state
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
	before := r.State()
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
	}
	r.p.Restart()
}

// writing are the methods of requests that change something.
var writing = []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

func refusal() fault.Fault {
	return fault.Answer(http.StatusForbidden, `{"detail":"Permission denied","status":403}`)
}
