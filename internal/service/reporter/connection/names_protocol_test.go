// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// applyAll applies configurations at the same time.
func applyAll(applies ...func() protocol.Diagnostics) []protocol.Diagnostics {
	results := make([]protocol.Diagnostics, len(applies))
	var group sync.WaitGroup
	for i, apply := range applies {
		group.Go(func() { results[i] = apply() })
	}
	group.Wait()
	return results
}

// A name that another connection gave up in this run may be a resource that has moved.
func TestNameThatWasGivenUp(t *testing.T) {
	t.Parallel()
	_, p := start(t, reportermock.Options{})
	former := p.Resource(typeName)
	former.Apply(config()).RequireNone(t)
	former.Apply(protocol.With(config(), map[string]any{"config_name": "test-2"})).RequireNone(t)
	p.Resource(typeName).Apply(config()).RequireWarning(t, "A name changed hands in this run", "moved block")
}

func TestNameIsFreedWhileItIsAskedFor(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) {
		server, p := start(t, reportermock.Options{InMemory: true})
		other := func(name string) map[string]any { return protocol.With(config(), map[string]any{"config_name": name}) }
		create := func(name string) *protocol.Resource {
			r := p.Resource(typeName)
			r.Apply(other(name)).RequireNone(t)
			return r
		}
		for what, free := range map[string]func(name string) func() protocol.Diagnostics{
			"deleted": func(name string) func() protocol.Diagnostics { return create(name).PlanDestroy().Apply },
			"renamed": func(name string) func() protocol.Diagnostics { return create(name).Plan(other(name + "-2")).Apply },
			"held by a job, and deleted": func(name string) func() protocol.Diagnostics {
				apply := create(name).PlanDestroy().Apply
				server.Faults().Add(reportermock.JobRunning().On(http.MethodDelete, one))
				return apply
			},
		} {
			for _, taker := range []string{"created", "renamed"} {
				name := strings.Map(func(r rune) rune {
					if r < 'a' || r > 'z' {
						return '-'
					}
					return r
				}, what+" "+taker)
				free, take := free(name), p.Resource(typeName)
				if taker == "renamed" {
					take = create(name + "-1")
				}
				for _, diags := range applyAll(take.Plan(other(name)).Apply, free) {
					diags.RequireOK(t)
				}
				requireNoOp(t, take, other(name))
			}
		}
	})
}

// Where creates keep the deletes that they wait for from beginning, they delete
// what the plan says themselves: the first delete tells them.
func TestCreateThatKeepsItsDeleteFromBeginning(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) {
		server, p := start(t, reportermock.Options{InMemory: true})
		other := func(name string) map[string]any { return protocol.With(config(), map[string]any{"config_name": name}) }
		var old, made []*protocol.Resource
		names := []string{"one", "two", "three"}
		for _, name := range names {
			r := p.Resource(typeName)
			r.Apply(other(name)).RequireNone(t)
			old, made = append(old, r), append(made, p.Resource(typeName))
		}
		server.Add(reportermock.Connection{ConfigName: "theirs"}, "theirs")
		creates := []protocol.Plan{made[0].Plan(other("one")), made[1].Plan(other("two"))}
		deletes := []protocol.Plan{old[0].PlanDestroy(), old[1].PlanDestroy(), old[2].PlanDestroy()}
		stranger := p.Resource(typeName).Plan(other("theirs"))
		p.Restart() // as between plan and apply

		creates[0].Apply().RequireError(t, "FET-1002", "-parallelism=1", "moved block, or apply again") // nothing tells yet
		deletes[2].Apply().RequireNone(t)
		server.Faults().Add(reportermock.JobRunning().On(http.MethodDelete, one))
		creates[0].Apply().RequireWarning(t, "moved block")
		deletes[0].Apply().RequireNone(t) // it is gone already
		stranger.Apply().RequireError(t, "FET-1002")
		deletes[1].Apply().RequireNone(t)
		creates[1].Apply().RequireWarning(t, "moved block")
		requireNoOp(t, made[0], other("one"))
		requireNoOp(t, made[1], other("two"))
		if n := len(server.Connections()); n != 3 {
			t.Errorf("%d connections", n)
		}
	})
}

func TestNameThatStaysTaken(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) {
		server, p := start(t, reportermock.Options{InMemory: true})
		id := server.Add(reportermock.Connection{ConfigName: "test", ProductName: "hr"}, "theirs")
		r := p.Resource(typeName)
		r.Apply(config()).RequireError(t, "FET-1002", id, `product "hr"`, "terraform import", "apply again")
		if r.Exists() || server.CountRequests("POST", list) != 1 {
			t.Errorf("%d creates", server.CountRequests("POST", list))
		}
		mine := p.Resource(typeName)
		mine.Apply(protocol.With(config(), map[string]any{"config_name": "mine"})).RequireNone(t)
		mine.Apply(config()).RequireError(t, "FET-1002", id, "choose another name", "third name")
		if mine.Text("config_name") != "mine" {
			t.Errorf("the state has the name %q", mine.Text("config_name"))
		}
	})
}

// A name that is refused and then free is tried again, also where another program
// freed it.
func TestNameThatIsFreeAfterAll(t *testing.T) {
	t.Parallel()
	const refusal = `{"code":"FET-1002","message":"An entity of type connection with the same unique attributes already exists.","title":"Conflict"}`
	for name, test := range map[string]struct {
		refusals int
		creates  int
		words    string
	}{
		"once":   {1, 2, ""},
		"always": {fault.Forever, 3, "no list shows which connection has it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			protocol.InBubble(t, func(t *testing.T) {
				server, p := start(t, reportermock.Options{InMemory: true})
				server.Faults().Add(fault.Answer(http.StatusConflict, refusal).On(http.MethodPost, list).Repeat(test.refusals))
				diags := p.Resource(typeName).Apply(config())
				if test.words == "" {
					diags.RequireNone(t)
				} else {
					diags.RequireError(t, test.words)
				}
				if n := server.CountRequests("POST", list); n != test.creates {
					t.Errorf("%d creates, want %d", n, test.creates)
				}
			})
		})
	}
}
