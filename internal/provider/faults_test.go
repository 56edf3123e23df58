// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/host"
)

// Whatever goes wrong in one call, the run after it ends where it should have:
// the server holds what the configuration says, once; the state has its id; and
// the next plan is empty. The table makes itself: each operation on each kind of
// resource (faults_subjects_test.go) is carried out once to see which calls it
// makes, and then once for every call and every way in which that can fail.

// failures are the ways in which a call fails.
func failures(elsewhere string) map[string]fault.Fault {
	return map[string]fault.Fault{
		"reset before":        {Reset: true},
		"reset after":         {Reset: true, Apply: true},
		"hangs before":        {Hang: true},
		"hangs after":         {Hang: true, Apply: true},
		"429":                 fault.RateLimited(),
		"429 for a second":    fault.RateLimitedFor(time.Second),
		"500":                 fault.InternalError(),
		"500 after":           fault.InternalError().Applied(),
		"502 HTML":            fault.BadGateway(),
		"503":                 fault.Answer(503, `{"detail":"Service Unavailable","status":503}`),
		"503 after":           fault.Answer(503, ``).Applied(),
		"cut off":             {Truncate: true},
		"success is false":    fault.NoSuccess(),
		"success false after": fault.NoSuccess().Applied(),
		"another shape":       fault.WrongShape(),
		"another shape after": fault.WrongShape().Applied(),
		"a login page":        fault.NotJSON(),
		"empty":               fault.EmptyBody(),
		"empty after":         fault.EmptyBody().Applied(),
		"401":                 fault.Answer(401, `{"detail":"Unauthorized: Missing or invalid API key","status":401}`),
		"403":                 fault.Answer(403, `{"detail":"Permission denied","status":403}`),
		"403 bad token":       fault.Answer(403, `{"detail":"Invalid bearer token","status":403}`),
		"404":                 fault.Answer(404, `{"detail":"Not Found","status":404}`),
		"404 HTML":            fault.Answer(404, `<html><title>No such page</title></html>`),
		"405":                 fault.Answer(405, `{"detail":"Method Not Allowed","status":405}`),
		"409":                 fault.Answer(409, `{"detail":"Conflict","status":409}`),
		"410":                 fault.Answer(410, `{"detail":"Gone","status":410}`),
		"413":                 fault.Answer(413, `{"detail":"Payload Too Large","status":413}`),
		"endless":             {Endless: true},
		"redirect":            {Redirect: elsewhere},
		refused:               {},
	}
}

// refused is no fault of the server: when the call is made, there is none.
const refused = "connection refused"

// enough are the failures for servers whose calls differ from the newest one's
// in their bodies, mostly: one of each kind.
var enough = []string{"reset before", "reset after", "hangs after", "429", "500 after", "cut off", "success is false", "another shape after", "403", "404", refused}

// isRetried reports the failures that a second attempt hides. Not so a 429: that
// would be waited for until the operation's timeout.
func isRetried(f fault.Fault) bool {
	return f.Reset || f.Hang || f.Truncate || f.Status >= 500
}

// isHidden reports the failures that a second attempt hides, whichever they are;
// the one that is left shows that it does.
func isHidden(c call, name string, f fault.Fault) bool {
	return isRetried(f) && c.method != http.MethodPost && name != "500"
}

// waits reports the failures that end by the time limit of a request, or by a
// wait; they cost time, not work.
func waits(f fault.Fault) bool { return f.Hang || f.Endless || f.Header.Get("Retry-After") != "" }

// scene is a server with one object in sight, which a resource is to manage.
type scene struct {
	*host.Host
	provider        func() object // the block: its address changes when the server comes back
	config, changed object
	// begin brings the resource into the state; nil applies the configuration.
	begin func(r *protocol.Resource)
	// neighbor is another object, by its id, that is read before the resource.
	neighbor string
	// importID is what the resource is imported by; nil is its id.
	importID func(r *protocol.Resource) string
	// differs says how the server differs from the configuration, "" if it does
	// not; nil configures that nothing is there.
	differs func(r *protocol.Resource, config object) string
	// lost finds what a create made and could not be told: what to import it by,
	// and how an error may name it. Both are "" if there is nothing.
	lost func() (id, name string)
}

func (s *scene) configure(t *testing.T, p *protocol.Provider, changes object) {
	t.Helper()
	p.Configure(protocol.With(s.provider(), protocol.With(object{"max_retries": 1}, changes))).RequireOK(t)
}

// operation is something that a user does with a resource, and that fails.
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
	// reading is that of a data source.
	reading operation = "data source"
)

// call is one request of an operation.
type call struct {
	method, path string // the path as a pattern: "*" for an id
	nth          int    // of those with this method and path, from 0
	before       *call  // the request before it, or nil
	done         bool   // the server did it
	lost         bool   // the create's request has been made already, and its answer lost
}

func (c call) String() string {
	return fmt.Sprintf("%s %s (%d)", c.method, strings.TrimPrefix(strings.TrimPrefix(c.path, "/api/"), "/v1/management/"), c.nth+1)
}

func (c call) isToken() bool { return strings.HasSuffix(c.path, "/access_token") }

func (c call) is(other call) bool {
	return c.method == other.method && c.path == other.path && c.nth == other.nth
}

func (c call) on(f fault.Fault) fault.Fault { return f.On(c.method, c.path).After(c.nth) }

var ids = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// callsOf lists the requests since the last reset.
func callsOf(h *host.Host) []call {
	var calls []call
	seen := map[string]int{}
	for _, r := range h.Requests() {
		c := call{method: r.Method, path: ids.ReplaceAllString(r.Path, "*"), done: r.Status/100 == 2}
		c.nth = seen[c.method+c.path]
		seen[c.method+c.path]++
		if n := len(calls); n > 0 {
			c.before = &calls[n-1]
		}
		calls = append(calls, c)
	}
	return calls
}

// lostCall returns the request that makes the object, if sending it twice could
// make two.
func lostCall(calls []call) *call {
	for i, c := range calls {
		if c.method != http.MethodGet && c.done && !c.isToken() {
			if c.method == http.MethodPost {
				return &calls[i]
			}
			break
		}
	}
	return nil
}

// trial is one operation on one kind of resource, up to the failure.
type trial struct {
	subject   subject
	operation operation
	lose      *call // of createLost: the request whose answer is lost

	scene    *scene
	p        *protocol.Provider
	r        *protocol.Resource
	neighbor *protocol.Resource
	config   object
	imported string // what was imported
	mayLose  bool   // what a create made may be left to the user
}

// prepare brings everything to where the operation begins.
func (x *trial) prepare(t *testing.T) {
	t.Helper()
	x.scene = x.subject.prepare(t)
	x.config = x.scene.config
	x.p = protocol.New(t, protocol.Options())
	x.scene.configure(t, x.p, nil)
	if x.operation == reading {
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
func (x *trial) do(t *testing.T) protocol.Diagnostics {
	t.Helper()
	switch x.operation {
	case reading:
		_, diags := x.p.ReadDataSource(x.subject.typeName, x.config)
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
	if !x.subject.unlisted && !x.subject.unprovable || x.operation != createLost {
		diags.RequireOK(t)
	}
	calls := callsOf(x.scene.Host)
	for i := range calls {
		calls[i].lost = x.lose != nil && slices.ContainsFunc(calls[:i], func(c call) bool { return c.is(*x.lose) })
	}
	return calls
}

// fails carries out the operation, in which the call fails so many times, and
// then the next run.
func (x trial) fails(t *testing.T, c call, name string, f fault.Fault, times int) {
	t.Helper()
	x.prepare(t)
	if f.Hang || f.Endless {
		x.scene.configure(t, x.p, object{"request_timeout": "5s"})
	}
	script := x.scene.Faults()
	answerLost := fault.Fault{Reset: true, Apply: true}
	switch {
	case name != refused:
		script.Add(c.on(f).Repeat(times))
	case c.before == nil:
		x.scene.Refuse()
	case x.lose != nil && c.before.is(*x.lose):
		answerLost.Hook = x.scene.Refuse
	default:
		script.Add(c.before.on(fault.Fault{Hook: x.scene.Refuse}))
	}
	if x.lose != nil {
		script.Add(x.lose.on(answerLost))
	}
	var before object
	if x.r != nil {
		before = x.r.State()
	}
	diags := x.do(t)
	for _, word := range []string{"panic", "inconsistent", "invalid result", "invalid plan", "nil pointer"} {
		if strings.Contains(diags.String(), word) {
			t.Errorf("%s", diags)
		}
	}
	if x.lose == nil && script.Pending() > 0 && !f.Hang { // a call before it may have been too late on a busy machine
		t.Fatal("the operation does not make this call")
	}
	script.Clear()
	if name == refused {
		x.scene.Listen(t, false)
	}
	if x.operation == reading {
		x.scene.configure(t, x.p, nil)
		x.do(t).RequireOK(t)
		return
	}
	if diags.HasError() && (x.operation == read || x.operation == update || x.operation == destroy) && !reflect.DeepEqual(forgotten(before, x.r.State()), x.r.State()) {
		t.Errorf("what failed changed the state from\n%v to\n%v\n%s", before, x.r.State(), diags)
	}
	if x.operation == read && !x.r.Exists() {
		t.Fatalf("the resource fell out of the state:\n%s", diags)
	}
	if x.r.IsTainted() && c.method != x.subject.taints {
		t.Errorf("the resource is tainted: the next run would destroy it\n%s", diags)
	}
	// On a machine so busy that the search is too late as well, an error is right.
	x.mayLose = x.lose != nil || x.subject.unlisted || x.subject.unprovable || f.Hang || x.subject.withoutID && c.method == http.MethodGet
	// An error names what was made, but where there is no list, or it failed too.
	hasList := !x.subject.unlisted && !(x.subject.mayHaveNoList && (f.Status == http.StatusNotFound || f.Status == http.StatusMethodNotAllowed))
	x.converges(t, diags, hasList && !c.lost && times != fault.Forever && !f.Hang)
}

// forgettable are what may be forgotten besides secrets: what some servers, or
// all, never return.
var forgettable = []string{"user_attribute_values", "default_values", "ca", "cert"}

// forgotten is the state before without what the state after does not know any
// more: a write that may have been carried out makes it forget what was written.
func forgotten(before, after object) object {
	state := maps.Clone(before)
	for name, was := range before {
		_, isSecret := before[name+"_wo"]
		value, ok := after[name]
		inner, isObject := value.(object)
		innerBefore, wasObject := was.(object)
		switch {
		case isObject && wasObject:
			state[name] = forgotten(innerBefore, inner)
		case ok && value == nil && (isSecret || strings.HasSuffix(name, "_wo_version") || slices.Contains(forgettable, name)):
			state[name] = nil
		}
	}
	return state
}

// converges is the next run, without a failure.
func (x *trial) converges(t *testing.T, diags protocol.Diagnostics, isNamed bool) {
	t.Helper()
	if x.operation == destroy {
		x.config = nil
	}
	x.scene.configure(t, x.p, nil)
	x.p.Restart()
	x.r.Refresh().RequireOK(t)
	switch {
	case x.config == nil:
		x.r.Destroy().RequireOK(t)
	case x.operation == importing && !x.r.Exists():
		x.r.Import(x.imported).RequireOK(t)
	case !x.r.Exists() && x.scene.lost != nil:
		x.adoptLost(t, diags, isNamed)
	}
	if x.config != nil {
		x.r.Apply(x.config).RequireOK(t)
		x.p.Restart()
		x.r.Refresh().RequireNone(t)
		if plan := x.r.Plan(x.config); !plan.IsEmpty() {
			t.Errorf("the plan is not empty: %s of %v\n%s", plan.Action, plan.Changes(), plan.Diagnostics)
		}
	}
	if x.r.Exists() != (x.config != nil) {
		t.Errorf("in the state: %t", x.r.Exists())
	}
	if differs := x.scene.differs(x.r, x.config); differs != "" {
		t.Errorf("%s\nafter:\n%s", differs, diags)
	}
}

// adoptLost takes over what a create left behind without a place in the state,
// as a user does who reads the error.
func (x *trial) adoptLost(t *testing.T, diags protocol.Diagnostics, isNamed bool) {
	t.Helper()
	id, name := x.scene.lost()
	if id == "" {
		return
	}
	if !x.mayLose {
		t.Errorf("it was made and then lost:\n%s", diags)
	}
	diags.RequireError(t, "import")
	if isNamed {
		diags.RequireError(t, name)
	}
	x.r.Import(id).RequireOK(t)
}

// pick leaves out the middle of long runs of the same call, such as a walk
// through the months of a list.
func pick(calls []call) []call {
	last := map[string]int{}
	for _, c := range calls {
		last[c.method+c.path] = c.nth
	}
	return slices.DeleteFunc(slices.Clone(calls), func(c call) bool { return c.nth > 0 && c.nth < last[c.method+c.path] })
}

// tried counts failures.
type tried struct{ all, survived, calls atomic.Int32 }

// trials returns a test for every failure of every call, in two groups: those
// that compute, and those that mostly wait.
func trials(t *testing.T, elsewhere string, count *tried) (work, wait map[string]func(*testing.T)) {
	t.Helper()
	work, wait = map[string]func(*testing.T){}, map[string]func(*testing.T){}
	for kind, subject := range subjects() {
		operations := []operation{create, createLost, read, update, destroy, importing}
		if subject.isData {
			operations = []operation{reading}
		}
		var lose *call
		for _, operation := range operations {
			if slices.Contains(subject.without, operation) {
				continue
			}
			x := trial{subject: subject, operation: operation}
			if operation == createLost {
				if x.lose = lose; lose == nil {
					continue
				}
			}
			calls := x.calls(t)
			if operation == create {
				lose = lostCall(calls)
			}
			for _, c := range pick(calls) {
				if x.lose != nil && c.is(*x.lose) || subject.only != nil && !subject.only(c) {
					continue
				}
				count.calls.Add(1)
				for failure, f := range failures(elsewhere) {
					if subject.isOlder && !slices.Contains(enough, failure) || c.method == http.MethodGet && f.Apply || subject.believes != nil && subject.believes(c, f) {
						continue // a read does nothing that could be lost
					}
					if failure == "410" && c.method == http.MethodDelete {
						f = f.Applied() // what the server calls gone is gone
					}
					for how, times := range map[string]int{"once": 1, "on and on": fault.Forever} {
						if times == fault.Forever && (!isRetried(f) || subject.isOlder && c.method == http.MethodPost) || times == 1 && isHidden(c, failure, f) {
							continue // the other is as good
						}
						group := work
						if waits(f) {
							group = wait
						}
						name := strings.NewReplacer(" ", "_", "/", ".").Replace(fmt.Sprintf("%s; %s; %s; %s; %s", kind, operation, c, failure, how))
						group[name] = func(t *testing.T) {
							count.all.Add(1)
							x.fails(t, c, failure, f, times)
							if !t.Failed() {
								count.survived.Add(1)
							}
						}
					}
				}
			}
		}
	}
	return work, wait
}

// atOnce runs tests beside each other, so many at a time.
func atOnce(t *testing.T, slots int, tests map[string]func(t *testing.T)) {
	t.Helper()
	var group sync.WaitGroup
	free := make(chan struct{}, slots)
	for _, name := range slices.Sorted(maps.Keys(tests)) {
		free <- struct{}{}
		group.Go(func() {
			defer func() { <-free }()
			t.Run(name, tests[name])
		})
	}
	group.Wait()
}

func TestFaults(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("a redirect was followed to another host: %s %s, Authorization %q", r.Method, r.URL, r.Header.Get("Authorization"))
	}))
	t.Cleanup(elsewhere.Close)
	var count tried
	work, wait := trials(t, elsewhere.URL, &count)
	var group sync.WaitGroup
	group.Go(func() { atOnce(t, 2*runtime.GOMAXPROCS(0), work) })
	group.Go(func() { atOnce(t, 128, wait) })
	group.Wait()
	t.Logf("%d faults tried in %d calls of %d kinds, %d survived", count.all.Load(), count.calls.Load(), len(subjects()), count.survived.Load())
}
