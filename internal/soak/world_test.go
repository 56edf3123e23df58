// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package soak_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

type object = map[string]any

// world is two servers, one configuration of both, and its state.
type world struct {
	t        *testing.T
	figures  *figures
	random   *rand.Rand
	omni     *omnimock.Server
	reporter *reportermock.Server
	p        *protocol.Provider
	block    object // the provider's

	entries []*entry // configured, or still in the state; what others refer to comes first
	others  []string // ids on the servers that others own
	foreign string   // what those are like, which stays as it is
	former  []former // the configurations before this round's changes
	age     omnimock.Generation
	atOnce  bool // whatever can run at once does: closer to a CLI, but no replay is exact
	ends    bool // everything goes, whatever a user might want
	listed  bool // the server lists environments
	names   int  // given so far
	made    int  // secrets so far

	log   lockedBuffer
	said  []string // what came out of the provider in this phase
	mu    sync.Mutex
	trace []string // what the world did, for whoever looks into a failure
}

// entry is a resource of the configuration, or one on its way out of the state.
type entry struct {
	kind     *kind
	name     string
	config   object // with refs; nil once it is no longer configured
	refs     []*entry
	resource *protocol.Resource
	changed  bool // since the last apply without a fault
	replace  bool // -replace names it
	plan     protocol.Plan
	pending  bool // the plan had values that were not known
	failed   bool
	errors   protocol.Diagnostics // of the last apply
}

// former is an entry with the configuration that it had.
type former struct {
	entry  *entry
	config object
}

// ref is, in a configuration, the id of another entry.
type ref struct{ to *entry }

func newWorld(t *testing.T, seed int64, f *figures) *world {
	t.Helper()
	w := &world{t: t, figures: f, random: rand.New(rand.NewPCG(uint64(seed), 0))}
	w.listed, w.atOnce = w.chance(70), w.chance(25)
	w.age = pick(w, []omnimock.Generation{omnimock.Current, omnimock.Current, omnimock.Current, omnimock.Narrow2026, omnimock.Guide2025})
	clock := w.clock()
	w.omni = omnimock.Start(t, omnimock.Options{
		Generation:                  w.age,
		Now:                         clock,
		Token:                       "omni_osk_" + w.secret(),
		EnvironmentList:             w.listed,
		EnvironmentListStatus:       pick(w, []int{404, 405, 400}),
		CommaTextEnvironmentIDs:     w.chance(25),
		CommaTextEnvironmentValues:  w.chance(25),
		LegacyEnvironmentAnswer:     w.chance(25),
		FlatEnvironmentAttribute:    w.chance(25),
		DeletedGetNotFound:          w.chance(25),
		SnowflakeKeepsDefaultSchema: w.chance(25),
		EchoSecretsInErrors:         w.chance(50),
	})
	w.reporter = reportermock.Start(t, reportermock.Options{
		Now:                 clock,
		LowerCaseHosts:      w.chance(25),
		Auth:                pick(w, []reportermock.Auth{reportermock.NoAuth, reportermock.StaticToken, reportermock.ClientCredentials}),
		Token:               w.secret(),
		ClientSecret:        w.secret(),
		EchoSecretsInErrors: w.chance(50),
	})
	w.block = protocol.With(protocol.OmniConfig(w.omni), protocol.ReporterConfig(w.reporter))
	if w.age == omnimock.Guide2025 {
		w.block = protocol.With(w.block, object{"omni": object{"api_version": "unstable"}})
	}
	w.note("seed %d, generation %d, environments listed: %t, at once: %t, clock %s", seed, w.age, w.listed, w.atOnce, time.Until(clock()).Round(time.Second))
	w.addForeign()
	w.p = protocol.New(t, protocol.Options())
	w.p.LogTo(&w.log)
	w.p.Configure(w.block).RequireOK(t)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("what the world did:\n%s", strings.Join(w.trace, "\n"))
		}
	})
	return w
}

// clock is the servers', which may be off.
func (w *world) clock() func() time.Time {
	off := pick(w, []time.Duration{0, 0, 0, -5 * time.Minute, 5 * time.Minute, -time.Hour})
	return func() time.Time { return time.Now().Add(off) }
}

// run is the life of a world: it grows, changes and ends empty.
func (w *world) run(rounds int) {
	w.figures.worlds++
	for n := range rounds {
		w.note("round %d", n)
		w.round(w.changeConfig)
	}
	w.note("the end")
	w.ends = true
	if w.age == omnimock.Guide2025 {
		return // which cannot delete a connection
	}
	w.round(w.unprotect)
	w.round(w.changeToNothing)
	if left := len(w.entries); left > 0 {
		w.t.Errorf("%d resources are left", left)
	}
}

// round changes the configuration, lets others meddle, applies while servers
// fail, and applies once more while they do not. Then everything must be right.
func (w *world) round(change func()) {
	w.t.Helper()
	w.figures.rounds++
	w.omni.ResetRequests()
	w.reporter.ResetRequests()
	w.remember()
	change()
	w.meddle()
	if w.chance(70) {
		w.setFaults()
		w.p.Configure(protocol.With(w.block, object{"request_timeout": "1s", "max_retries": 1})).RequireOK(w.t)
		if w.apply() {
			w.replaceNothing()
		} else {
			w.figures.failedApplies++ // whoever asked for a replacement asks again
		}
		w.disarm()
		w.checkSecrets()
		w.takeOverLost()
		w.p.Configure(w.block).RequireOK(w.t)
		w.turn()
	}
	if !w.apply() {
		w.t.Fatal("an apply without a fault failed")
	}
	w.replaceNothing()
	w.verify()
}

// apply is what a CLI does: refresh, plan, and carry out. It reports whether all
// went well.
func (w *world) apply() bool {
	w.t.Helper()
	w.figures.applies++
	w.p.Restart()
	for _, e := range w.entries {
		e.errors, e.failed, e.pending = nil, false, false
	}
	w.each(w.entries, func(e *entry) { w.hear(e, "refresh", e.resource.Refresh()) })
	w.entries = slices.DeleteFunc(w.entries, func(e *entry) bool { return e.config == nil && !e.resource.Exists() })
	if w.anyFailed() {
		return false
	}
	for _, e := range w.entries {
		w.planOne(e)
	}
	if w.anyFailed() {
		return false
	}
	w.destroyFirst()
	w.thenChange()
	w.entries = slices.DeleteFunc(w.entries, func(e *entry) bool { return e.config == nil && !e.resource.Exists() })
	return !w.anyFailed()
}

func (w *world) planOne(e *entry) {
	w.t.Helper()
	switch {
	case e.config == nil:
		e.plan = e.resource.PlanDestroy()
	case e.replace && e.resource.Exists():
		config, _ := w.resolve(e, true)
		e.plan = e.resource.PlanReplace(config)
	default:
		config, pending := w.resolve(e, true)
		e.pending = pending
		e.plan = e.resource.Plan(config)
	}
	w.hear(e, "plan "+string(e.plan.Action), e.plan.Diagnostics)
	w.emerge(withoutOwn(e.plan.Values()))
}

// resolve puts ids in the place of refs. While it is planned, the id of what is
// about to be made is unknown.
func (w *world) resolve(e *entry, planning bool) (config object, pending bool) {
	config = object{}
	for name, value := range e.config {
		if to, ok := value.(ref); ok {
			value = any(protocol.Unknown)
			if to.to.resource.Exists() && (!planning || to.to.plan.Action != protocol.Replace) {
				value = to.to.resource.Text("id")
			} else {
				pending = true
			}
		}
		config[name] = value
	}
	return config, pending
}

// destroyFirst destroys what is no longer configured, and what is replaced
// because something that it refers to is: the dependents come first.
func (w *world) destroyFirst() {
	w.t.Helper()
	for _, e := range slices.Backward(w.entries) {
		goes := e.config == nil || e.plan.Action == protocol.Replace && e.kind.dependent
		if !goes || !e.resource.Exists() {
			continue
		}
		if w.isInUse(e) {
			e.failed = true
			continue
		}
		w.hear(e, "destroy", e.resource.Destroy())
		e.failed = e.failed || e.resource.Exists()
		e.pending = false
	}
}

// isInUse reports whether something failed to go that has to go first.
func (w *world) isInUse(e *entry) bool {
	return slices.ContainsFunc(w.entries, func(other *entry) bool {
		return other.failed && other.resource.Exists() && (slices.Contains(other.refs, e) || slices.Contains(w.refsOf(other), e))
	})
}

func (w *world) thenChange() {
	w.t.Helper()
	for i := range kinds() {
		var ready []*entry
		for _, e := range w.entries {
			if e.kind.name != kinds()[i].name || e.config == nil || e.failed || e.plan.Action == protocol.Replace && w.isInUse(e) {
				continue
			}
			if slices.ContainsFunc(w.refsOf(e), func(to *entry) bool { return to.failed || !to.resource.Exists() }) {
				e.failed = true
				continue
			}
			ready = append(ready, e)
		}
		change := func(e *entry) {
			gone := e.plan.Action != protocol.Create && !e.resource.Exists()
			config, _ := w.resolve(e, false)
			var diags protocol.Diagnostics
			switch {
			case gone: // destroyFirst took the first half of the replacement
				diags = e.resource.Apply(config)
			case e.pending:
				diags = e.plan.ApplyWith(config)
			default:
				diags = e.plan.Apply()
			}
			w.hear(e, "apply "+string(e.plan.Action), diags)
		}
		if kinds()[i].waits != nil && kinds()[i].waits(w, ready) {
			inParallel(ready, change) // as every CLI does it; one after the other would wait for nothing
		} else {
			w.each(ready, change)
		}
	}
}

// refsOf are the entries that the configuration refers to now; refs are those of
// the state.
func (w *world) refsOf(e *entry) []*entry {
	var refs []*entry
	for _, value := range e.config {
		if to, ok := value.(ref); ok {
			refs = append(refs, to.to)
		}
	}
	return refs
}

// verify is what holds after every apply without a fault.
func (w *world) verify() {
	w.t.Helper()
	w.p.Restart()
	for _, e := range w.entries {
		e.failed = false
	}
	w.each(w.entries, func(e *entry) {
		diags := e.resource.Refresh()
		w.hear(e, "second refresh", diags)
		if len(diags) > 0 {
			e.failed = true
		}
	})
	if w.anyFailed() {
		w.t.Fatal("the refresh after an apply brings something new")
	}
	owned := map[string][]string{}
	for _, e := range w.entries {
		if !e.resource.Exists() {
			w.t.Fatalf("%s is not in the state", e.name)
		}
		config, _ := w.resolve(e, false)
		if plan := e.resource.Plan(config); !plan.IsEmpty() {
			w.t.Errorf("%s: the plan after an apply is not empty: %s of %v\n%s", e.name, plan.Action, plan.Changes(), plan.Diagnostics)
		}
		if differs := e.kind.differs(w, e, config); differs != "" {
			w.t.Errorf("%s: %s", e.name, differs)
		}
		owned[e.kind.name] = append(owned[e.kind.name], e.kind.id(e.resource))
		e.refs, e.changed = w.refsOf(e), false
		w.emerge(withoutOwn(e.resource.State()), e.resource.Identity(), private(w.t, e.resource))
	}
	for _, k := range kinds() {
		slices.Sort(owned[k.name])
		if onServer := k.onServer(w); !slices.Equal(onServer, owned[k.name]) {
			w.t.Errorf("%s: the server has %v, the state %v", k.name, onServer, owned[k.name])
		}
	}
	if now := w.foreignNow(); now != w.foreign {
		w.t.Errorf("what others own was changed:\n%s\nwas:\n%s", now, w.foreign)
	}
	w.checkSecrets()
	if w.t.Failed() {
		w.t.FailNow()
	}
}

// hear takes note of what the provider says, and of an error.
func (w *world) hear(e *entry, what string, diags protocol.Diagnostics) {
	w.t.Helper()
	text := what + " " + e.name
	if len(diags) > 0 {
		text += ": " + diags.String()
	}
	w.note("%s", text)
	w.emerge(diags.String())
	e.errors = append(e.errors, diags...)
	e.failed = e.failed || diags.HasError()
	for _, word := range []string{"panic", "inconsistent", "invalid result", "invalid plan", "nil pointer"} {
		if strings.Contains(diags.String(), word) {
			w.t.Errorf("%s: %s", e.name, diags)
		}
	}
	if e.resource.IsTainted() && e.kind.keeps {
		w.t.Errorf("%s is tainted: the next apply would destroy it for nothing", e.name)
	}
}

func (w *world) anyFailed() bool {
	return slices.ContainsFunc(w.entries, func(e *entry) bool { return e.failed })
}

// each does something for entries that do not depend on each other.
func (w *world) each(entries []*entry, do func(*entry)) {
	if w.atOnce {
		inParallel(entries, do)
		return
	}
	for _, e := range entries {
		do(e)
	}
}

func inParallel(entries []*entry, do func(*entry)) {
	var group sync.WaitGroup
	for _, e := range entries {
		group.Go(func() { do(e) })
	}
	group.Wait()
}

func (w *world) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trace = append(w.trace, fmt.Sprintf(format, args...))
}

func (w *world) chance(percent int) bool { return w.random.IntN(100) < percent }

func pick[T any](w *world, from []T) T { return from[w.random.IntN(len(from))] }

// some returns at least one of the elements, in their order.
func some[T any](w *world, from []T) []T {
	chosen := slices.DeleteFunc(slices.Clone(from), func(T) bool { return w.chance(50) })
	if len(chosen) == 0 {
		return []T{pick(w, from)}
	}
	return chosen
}
