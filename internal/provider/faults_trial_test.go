// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/failtest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/host"
)

// scene is a server with one object in sight, which a resource is to manage.
type scene struct {
	*host.Host
	provider func() object // the block: its address changes when the server comes back
	// config, changed and another are three configurations of the object.
	config, changed, another object
	// begin brings the resource into the state; nil applies the configuration.
	begin func(r *protocol.Resource)
	// neighbor is another object, by its id, that is read before the resource.
	neighbor string
	// stranger makes an object of somebody else's that looks like the one that a
	// create is to make; nil is none.
	stranger func()
	// importID is what the resource is imported by; nil is its id.
	importID func(r *protocol.Resource) string
	// differs says how the server differs from the configuration, "" if it does
	// not; nil configures that nothing is there.
	differs func(r *protocol.Resource, config object) string
	// lost finds what a create made and could not be told: what to import it by,
	// and how an error may name it. Both are "" if there is nothing.
	lost func() (id, name string)
	// unshown says that the server shows too little of the object to import it.
	unshown bool
}

func (s *scene) configure(t testing.TB, p *protocol.Provider, changes object) {
	t.Helper()
	p.Configure(protocol.With(s.provider(), protocol.With(object{"max_retries": 1}, changes))).RequireOK(t)
}

// operation is something that a user does with a subject, and that fails.
type operation string

const (
	create operation = "create"
	// createLost is a create whose answer got lost, so that the object has to be
	// looked for; on top of that comes the failure.
	createLost operation = "create, answer lost"
	read       operation = "read"
	update     operation = "update"
	destroy    operation = "delete"
	importing  operation = "import"
	// reading is that of a data source, invoking that of an action, and querying
	// that of a list resource.
	reading  operation = "data source"
	invoking operation = "action"
	querying operation = "query"
)

// turn is what becomes of the configuration after the failure.
type turn string

const (
	stays         turn = "stays"
	goesBack      turn = "goes back"      // to what it was before
	goesElsewhere turn = "goes elsewhere" // to something new
)

func (o operation) turns() []turn {
	switch o {
	case create, createLost, update, destroy:
		return []turn{stays, goesBack, goesElsewhere}
	default:
		return []turn{stays}
	}
}

// ofResource reports the operations on resources.
func (o operation) ofResource() bool { return o != reading && o != invoking && o != querying }

// trial is one operation on one kind of subject, up to the failure.
type trial struct {
	kind      string
	subject   subject
	operation operation
	lose      *call // of createLost: the request whose answer is lost

	scene    *scene
	p        *protocol.Provider
	r        *protocol.Resource
	neighbor *protocol.Resource
	config   object // of the operation; nil destroys
	imported string // what was imported
	mayLose  bool   // what a create made may be left to the user
	isLeft   bool   // and was, by one who wants it no more
}

// prepare brings everything to where the operation begins.
func (x *trial) prepare(t testing.TB) {
	t.Helper()
	x.scene = x.subject.prepare(t)
	x.config = x.scene.config
	x.p = protocol.NewDialing(t, x.scene)
	x.scene.configure(t, x.p, nil)
	if !x.operation.ofResource() {
		x.scene.ResetRequests()
		return
	}
	x.r = x.p.Resource(x.subject.typeName)
	if x.operation != create && x.operation != createLost {
		if x.scene.begin != nil {
			x.scene.begin(x.r)
		} else {
			x.r.Apply(x.config).RequireOK(t)
		}
		x.p.Restart()
	}
	switch x.operation {
	case update:
		x.config = x.scene.changed
	case destroy:
		x.config = nil
	case read:
		if x.scene.neighbor != "" {
			x.neighbor = x.p.Resource(x.subject.typeName)
			x.neighbor.Import(x.scene.neighbor).RequireOK(t)
			x.p.Restart()
		}
	}
	x.scene.ResetRequests()
}

// do carries out the operation.
func (x *trial) do(t testing.TB) protocol.Diagnostics {
	t.Helper()
	switch x.operation {
	case reading:
		_, diags := x.p.ReadDataSource(x.subject.typeName, x.config)
		return diags
	case invoking:
		_, diags := x.p.Invoke(x.subject.typeName, x.config, nil)
		return diags
	case querying:
		_, diags := x.p.Query(x.subject.typeName, x.config, protocol.QueryLimit, true)
		return diags
	case read:
		var diags protocol.Diagnostics
		if x.neighbor != nil {
			diags = x.neighbor.Refresh()
		}
		return append(diags, x.r.Refresh()...)
	case destroy:
		return x.r.Destroy()
	case importing:
		if x.scene.importID != nil {
			x.imported = x.scene.importID(x.r)
		} else {
			x.imported = x.r.Text("id")
		}
		x.r = x.p.Resource(x.subject.typeName) // another state
		return x.r.Import(x.imported)
	default:
		return x.r.Apply(x.config)
	}
}

// calls carries out the operation without a failure, and returns its requests.
func (x trial) calls(t *testing.T) []call {
	t.Helper()
	x.prepare(t)
	if x.lose != nil {
		x.scene.Faults().Add(x.lose.on(fault.Fault{Reset: true, Apply: true}))
	}
	diags := x.do(t)
	if x.operation != createLost || x.subject.adopts {
		diags.RequireOK(t)
	}
	calls := callsOf(x.scene.Host)
	for i := range calls {
		calls[i].lost = x.lose != nil && slices.ContainsFunc(calls[:i], func(c call) bool { return c.is(*x.lose) })
	}
	return calls
}

// arm lets the call fail.
func (c *cell) arm(t testing.TB) {
	t.Helper()
	if c.fault.Hang || c.fault.Endless {
		c.scene.configure(t, c.p, object{"request_timeout": "5s"})
	}
	script := c.scene.Faults()
	if c.failure == strangers {
		c.fault.Hook = c.scene.stranger
	}
	answerLost := fault.Fault{Reset: true, Apply: true}
	switch {
	case c.failure != refused:
		script.Add(c.call.on(c.fault).Repeat(c.times))
	case c.call.before == nil:
		c.scene.Refuse()
	case c.lose != nil && c.call.before.is(*c.lose):
		answerLost.Hook = c.scene.Refuse
	default:
		script.Add(c.call.before.on(fault.Fault{Hook: c.scene.Refuse}))
	}
	if c.lose != nil {
		script.Add(c.lose.on(answerLost))
	}
}

// disarm ends what was armed.
func (c *cell) disarm(t testing.TB) {
	t.Helper()
	script := c.scene.Faults()
	if c.lose == nil && script.Pending() > 0 && !c.fault.Hang { // a call before it may have been too late on a busy machine
		t.Fatal("the operation does not make this call")
	}
	script.Clear()
	if c.failure == refused {
		c.scene.ListenInMemory(t)
	}
}

// run carries out the operation, in which the call fails, and then the next run.
func (c *cell) run(t testing.TB) {
	t.Helper()
	c.prepare(t)
	c.arm(t)
	var before object
	if c.r != nil {
		before = c.r.State()
	}
	diags := c.do(t)
	for _, word := range []string{"panic", "inconsistent", "invalid result", "invalid plan", "nil pointer"} {
		if strings.Contains(diags.String(), word) {
			t.Errorf("%s", diags)
		}
	}
	c.disarm(t)
	c.requireOutcome(t, diags)
	if !c.operation.ofResource() {
		c.scene.configure(t, c.p, nil)
		if c.operation != invoking {
			c.do(t).RequireOK(t)
		}
		return
	}
	isRefused := c.fault.Status/100 == 4 // else a write may have been carried out, and the state forgets what was written
	if diags.HasError() && (c.operation == read || (c.operation == destroy || c.operation == update) && isRefused) && !reflect.DeepEqual(c.r.State(), before) {
		t.Errorf("what failed changed the state from\n%v to\n%v\n%s", before, c.r.State(), diags)
	}
	if c.operation == read && !c.r.Exists() {
		t.Fatalf("the resource fell out of the state:\n%s", diags)
	}
	if c.r.IsTainted() && c.call.method != c.subject.taints {
		t.Errorf("the resource is tainted: the next run would destroy it\n%s", diags)
	}
	// On a machine so busy that the search is too late as well, an error is right.
	c.mayLose = c.lose != nil || c.subject.single || !c.subject.adopts || c.fault.Hang || c.subject.withoutID && c.call.method == "GET"
	// An error names what was made, but where there is no list, or it failed too.
	hasList := !c.subject.unlisted && !(c.subject.mayHaveNoList && (c.fault.Status == 404 || c.fault.Status == 405))
	c.converges(t, diags, hasList && !c.call.lost && c.times != fault.Forever && !c.fault.Hang)
}

// next is the configuration after the turn.
func (c *cell) next() object {
	switch {
	case c.turn == goesElsewhere:
		return c.scene.another
	case c.turn == goesBack && (c.operation == create || c.operation == createLost):
		return nil
	case c.turn == goesBack:
		return c.scene.config
	default:
		return c.config
	}
}

// converges is the next run, without a failure.
func (c *cell) converges(t testing.TB, diags protocol.Diagnostics, isNamed bool) {
	t.Helper()
	c.config = c.next()
	c.scene.configure(t, c.p, nil)
	c.p.Restart()
	c.r.Refresh().RequireOK(t)
	switch {
	case c.operation == importing && !c.r.Exists():
		c.r.Import(c.imported).RequireOK(t)
	case (c.operation == create || c.operation == createLost) && !c.r.Exists() && c.scene.lost != nil && !(c.subject.single && c.turn == stays):
		c.adoptLost(t, diags, isNamed)
	}
	if c.config == nil {
		ending := c.r.Destroy()
		if c.subject.keeps && c.r.Exists() {
			ending.RequireError(t, "cannot delete it through the API")
			return // the state keeps what is there
		}
		ending.RequireOK(t)
	} else {
		c.r.Apply(c.config).RequireOK(t)
		c.p.Restart()
		c.r.Refresh().RequireNone(t)
		if plan := c.r.Plan(c.config); !plan.IsEmpty() {
			t.Errorf("the plan is not empty: %s of %v\n%s", plan.Action, plan.Changes(), plan.Diagnostics)
		}
	}
	if c.r.Exists() != (c.config != nil) {
		t.Errorf("in the state: %t", c.r.Exists())
	}
	if differs := c.scene.differs(c.r, c.config); differs != "" && !c.isLeft {
		t.Errorf("%s\nafter:\n%s", differs, diags)
	}
}

// adoptLost takes over what a create left behind without a place in the state,
// as a user does who reads the error, and still wants it.
func (c *cell) adoptLost(t testing.TB, diags protocol.Diagnostics, isNamed bool) {
	t.Helper()
	id, name := c.scene.lost()
	if id == "" {
		return
	}
	if !c.mayLose {
		t.Errorf("it was made and then lost:\n%s", diags)
	}
	diags.RequireError(t, "import")
	if isNamed {
		diags.RequireError(t, name)
	}
	if c.isLeft = c.config == nil; !c.isLeft && !c.scene.unshown {
		c.r.Import(id).RequireOK(t)
	}
}

// test runs the cell, which has to pass unless it is known to fail.
func (c cell) test(t *testing.T) {
	var problems string
	protocol.InBubble(t, func(t *testing.T) {
		problems = failtest.Run(t, func(t *failtest.T) { c.run(t) })
	})
	why, isKnown := knownFailure(c)
	switch {
	case isKnown && problems == "":
		t.Errorf("it passes: take it off the list of known failures (%s)", why)
	case !isKnown && problems != "":
		t.Error(problems)
	}
}
