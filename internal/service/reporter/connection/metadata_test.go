// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"maps"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// annotated is a connection with metadata of every type, taken over by an import,
// and its configuration with some metadata changed; nil takes a key out.
func annotated(t *testing.T) (*reportermock.Server, *protocol.Resource, func(metadata map[string]any) map[string]any) {
	t.Helper()
	server, p := start(t, reportermock.Options{})
	id := server.Add(reportermock.Connection{
		ConfigName: "test", ProductName: "sales", Host: "db.example.com", Port: 5432, DatabaseName: "ledger", UserName: "reporter",
		Metadata: map[string]any{"n": 5.0, "flag": true, "none": nil, "deep": map[string]any{"a": []any{1.0}}, "list": []any{"a"}, "digits": "7", "owner": "a"},
	}, "theirs")
	r := p.Resource(typeName)
	r.Import(id).RequireOK(t)
	configured := func(metadata map[string]any) map[string]any {
		all := map[string]any{"n": "5", "flag": "true", "none": "null", "deep": `{"a":[1]}`, "list": `["a"]`, "digits": "7", "owner": "a"}
		for key, value := range metadata {
			if all[key] = value; value == nil {
				delete(all, key)
			}
		}
		return minimal(attributes{"metadata": all, "password": nil})
	}
	requireNoOp(t, r, configured(nil))
	return server, r, configured
}

func TestMetadataKeepsItsTypes(t *testing.T) {
	t.Parallel()
	server, r, configured := annotated(t)
	planned := map[string]any{}
	for _, change := range []struct{ planned, stored map[string]any }{
		{map[string]any{"owner": "b"}, map[string]any{"owner": "b"}},
		{map[string]any{"n": "6.5", "flag": "false", "deep": `{"b":null}`}, map[string]any{"n": 6.5, "flag": false, "deep": map[string]any{"b": nil}}},
		{map[string]any{"digits": "true", "new": "8"}, map[string]any{"digits": "true", "new": "8"}},
		{map[string]any{"n": nil, "flag": nil}, map[string]any{"n": nil, "flag": nil}},
		{map[string]any{"n": "six"}, map[string]any{"n": "six"}}, // it was removed, so it is a text now
	} {
		maps.Copy(planned, change.planned)
		want := server.Connections()[0].Metadata
		before := server.CountRequests("", "")
		for key, value := range change.stored {
			if want[key] = value; value == nil {
				delete(want, key)
			}
		}
		r.Apply(configured(planned)).RequireNone(t)
		if got := server.Connections()[0].Metadata; !reflect.DeepEqual(got, want) {
			t.Errorf("%v: the server has %v, not %v", change.planned, got, want)
		}
		if n := server.CountRequests("", "") - before; n != 2 {
			t.Errorf("%v: %d requests", change.planned, n)
		}
		requireNoOp(t, r, configured(planned))
	}
}

func TestMetadataOfAnotherTypeIsRefused(t *testing.T) {
	t.Parallel()
	server, r, configured := annotated(t)
	for key, test := range map[string]struct{ value, words string }{
		"n":    {"six", `holds a number, which another client stored, and "six" is not one`},
		"flag": {"1", `holds a boolean, which another client stored, and "1" is not one`},
		"none": {"0", "holds null, which"},
		"deep": {"[1] 2", "holds an object, which"},
		"list": {"a", "holds a list, which"},
	} {
		server.ResetRequests()
		r.Plan(configured(map[string]any{key: test.value, "owner": "b"})).RequireError(t, "at metadata."+key, test.words, "Nothing was changed")
		if n := server.CountRequests("", ""); n != 0 {
			t.Errorf("%s: the plan sent %d requests", key, n)
		}
	}
}

// What becomes of another type after the plan is refused by the apply; what is not
// known yet is judged by it too.
func TestMetadataTypesAreJudgedAtApply(t *testing.T) {
	t.Parallel()
	server, r, configured := annotated(t)
	plan := r.Plan(configured(map[string]any{"digits": "seven", "n": protocol.Unknown}))
	plan.RequireNone(t)
	plan.ApplyWith(configured(map[string]any{"digits": "seven", "n": "six"})).RequireError(t, "at metadata.n", "holds a number")
	server.Edit(r.Text("id"), func(c *reportermock.Connection) { c.Metadata["digits"] = 7.0 })
	r.Apply(configured(map[string]any{"digits": "seven"})).RequireError(t, "at metadata.digits", "holds a number")
	if n := server.CountRequests("PATCH", one); n != 0 {
		t.Errorf("%d changes were sent", n)
	}
}

func TestMetadataThatCannotBeRead(t *testing.T) {
	t.Parallel()
	server, r, configured := annotated(t)
	plan := r.Plan(configured(map[string]any{"owner": "b"}))
	server.Faults().Add(fault.Answer(403, "").On("GET", one))
	plan.Apply().RequireError(t, "at metadata:", "Cannot read the metadata of Reporter connection")
	if n := server.CountRequests("PATCH", one); n != 0 {
		t.Errorf("%d changes were sent", n)
	}
}

// A change of something else sends no metadata, and does not ask for their types.
func TestMetadataThatStay(t *testing.T) {
	t.Parallel()
	server, r, configured := annotated(t)
	before := server.CountRequests("", "")
	r.Apply(protocol.With(configured(nil), map[string]any{"host": "other.example.com"})).RequireNone(t)
	if n := server.CountRequests("", "") - before; n != 1 {
		t.Errorf("%d requests", n)
	}
}

// Where a change of metadata may have been carried out, a plan that is to have none
// removes them, also one that does not refresh; after a refusal there is nothing to do.
func TestMetadataInDoubt(t *testing.T) {
	t.Parallel()
	some := func(value string) map[string]any { return minimal(attributes{"metadata": map[string]any{"a": value}}) }
	for name, c := range map[string]struct{ before, change map[string]any }{
		"added": {minimal(), some("1")}, "changed": {some("1"), some("2")}, "removed": {some("1"), minimal()},
	} {
		server, p := start(t, reportermock.Options{})
		r := p.Resource(typeName)
		r.Apply(c.before).RequireNone(t)
		server.Faults().Add(fault.Answer(http.StatusForbidden, "Forbidden").On(http.MethodPatch, one))
		r.Apply(c.change).RequireError(t, "Cannot change Reporter connection")
		if plan := r.Plan(c.before); !plan.IsEmpty() {
			t.Errorf("%s: after a refusal the plan back is %v", name, plan.Changes())
		}
		server.Faults().Add(fault.Fault{Reset: true}.On(http.MethodPatch, one).Repeat(fault.Forever))
		r.Apply(c.change).RequireError(t, "Cannot change Reporter connection")
		server.Faults().Clear()
		server.Edit(r.Text("id"), func(c *reportermock.Connection) { c.Metadata = map[string]any{"a": "2"} })
		r.Apply(minimal()).RequireNone(t)
		if left := server.Connections()[0].Metadata; len(left) != 0 {
			t.Errorf("%s: the server has %v", name, left)
		}
		requireNoOp(t, r, minimal())
	}
}

// The first metadata have no types to keep: nobody asks for them.
func TestMetadataThatAreTheFirst(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{})
	r := p.Resource(typeName)
	r.Apply(minimal()).RequireNone(t)
	server.ResetRequests()
	r.Apply(minimal(attributes{"metadata": map[string]any{"a": "1"}})).RequireNone(t)
	if n := server.CountRequests("", ""); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestMetadataHasNoLimits(t *testing.T) {
	t.Parallel()
	_, p := start(t, reportermock.Options{})
	r := p.Resource(typeName)
	long := minimal(attributes{"metadata": map[string]any{strings.Repeat("k", 101): strings.Repeat("v", 2001), "": ""}})
	r.Apply(long).RequireNone(t)
	requireNoOp(t, r, long)
}
