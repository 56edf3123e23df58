// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package soak_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// kind is a type of resource: a new one is a row of kinds.
type kind struct {
	name     string
	typeName string
	// dependent is set where a reference that changes replaces the resource.
	dependent bool
	// keeps is set where a creation that fails halfway must not end in a taint.
	keeps bool
	// creation, update and deletion are the calls that can go wrong most.
	creation         []route
	update, deletion route
	// configure makes a new configuration; nil where there is nothing to refer to.
	configure func(w *world) object
	// change makes another configuration of one. Secrets are never taken away: no
	// server would notice.
	change func(w *world, e *entry, config object) object
	// id is what onServer returns of a resource.
	id func(r *protocol.Resource) string
	// onServer returns the ids of all that the server has, sorted, without what
	// others own.
	onServer func(w *world) []string
	// differs says how the server differs from the configuration, "" if it does
	// not.
	differs func(w *world, e *entry, config object) string
	// edit changes the object on the server; it may do nothing.
	edit func(w *world, e *entry)
	// remove takes the object off the server; it may do nothing.
	remove func(w *world, e *entry)
	// lost returns the import id of an object that a creation without an answer
	// made, "" if there is none.
	lost func(w *world, e *entry) string
	// waits reports whether some of the entries have to be changed at once,
	// because one waits for what another gives up. nil is never.
	waits func(w *world, entries []*entry) bool
}

// kinds lists what others refer to first.
func kinds() []*kind {
	return []*kind{
		omniConnection(),
		environment(),
		userAttribute(),
		schemaModel(),
		userValue(),
		reporterConnection(),
	}
}

// changeConfig adds, changes and removes a few resources.
func (w *world) changeConfig() {
	for range 1 + w.random.IntN(4) {
		w.figures.changes++
		switch {
		case len(w.entries) < 4 || w.chance(35) && len(w.entries) < 18:
			// Environments need two connections that agree, so they often come to
			// nothing, and there is most that can go wrong with them.
			w.add(pick(w, append(kinds(), environment(), environment())))
		case w.chance(25):
			w.unconfigure(pick(w, w.entries))
		case w.chance(8):
			if e := pick(w, w.entries); e.config != nil && !isProtected(e) && w.canDelete(e) {
				w.note("replace %s", e.name)
				e.replace = true
			}
		default:
			if e := pick(w, w.entries); e.config != nil {
				w.reconfigure(e, e.kind.change(w, e, maps.Clone(e.config)))
			}
		}
	}
}

func (w *world) add(k *kind) {
	config := k.configure(w)
	if config == nil {
		return
	}
	w.names++
	e := &entry{kind: k, name: fmt.Sprintf("%s %d", k.name, w.names), config: config, resource: w.p.Resource(k.typeName)}
	w.note("add %s: %s", e.name, shown(config))
	w.entries = append(w.entries, e)
	w.sortEntries()
}

// sortEntries puts what others refer to first.
func (w *world) sortEntries() {
	order := func(k *kind) int {
		return slices.IndexFunc(kinds(), func(one *kind) bool { return one.name == k.name })
	}
	slices.SortStableFunc(w.entries, func(a, b *entry) int { return cmp.Compare(order(a.kind), order(b.kind)) })
}

func (w *world) reconfigure(e *entry, config object) {
	w.note("change %s: %s", e.name, shown(config))
	e.config, e.changed = config, true
}

// unconfigure removes an entry and what refers to it. A protected one loses its
// protection instead.
func (w *world) unconfigure(e *entry) {
	switch {
	case e.config == nil, !w.canDelete(e):
	case isProtected(e):
		w.reconfigure(e, protocol.With(e.config, object{"deletion_protection": false}))
	default:
		for _, other := range w.entries {
			if slices.Contains(w.refsOf(other), e) {
				w.unconfigure(other)
			}
		}
		w.note("remove %s", e.name)
		e.config = nil
	}
}

// canDelete: the first servers deleted no connection, and let go of no user
// attribute; nor can the ends of their environments change.
func (w *world) canDelete(e *entry) bool {
	return w.age != omnimock.Guide2025 || e.kind.name == "reporter connection" || e.kind.name == "environment"
}

// isProtected reports whether the state or the configuration protects the entry:
// either refuses a deletion.
func isProtected(e *entry) bool {
	return e.kind.name == "connection" && (e.config["deletion_protection"] != false || e.resource.Exists() && e.resource.Get("deletion_protection") != false)
}

func (w *world) unprotect() {
	for _, e := range w.entries {
		if e.config != nil && isProtected(e) {
			w.unconfigure(e)
		}
	}
}

func (w *world) changeToNothing() {
	for _, e := range slices.Backward(w.entries) {
		w.unconfigure(e)
	}
}

// stranger makes what resembles a connection of ours as far as an old server
// tells: a newer one shows that it is another.
func (w *world) stranger(e *entry) func() {
	name, dialect := e.config["name"], e.config["dialect"]
	return func() {
		id := w.omni.AddConnection(object{"name": name, "dialect": dialect, "host": "a stranger's", "passwordUnencrypted": "theirs"})
		w.mu.Lock()
		defer w.mu.Unlock()
		w.others = append(w.others, id)
		w.foreign = w.foreignNow()
		w.figures.strangers++
	}
}

// meddle does what others do meanwhile.
func (w *world) meddle() {
	if w.chance(50) || len(w.entries) == 0 {
		return
	}
	for range 1 + w.random.IntN(3) {
		e := pick(w, w.entries)
		if !e.resource.Exists() || !slices.Contains(e.kind.onServer(w), e.kind.id(e.resource)) {
			continue // new, or others were faster
		}
		w.figures.edits++
		e.changed = true
		if w.chance(70) {
			w.note("others edit %s", e.name)
			e.kind.edit(w, e)
		} else {
			w.note("others remove %s", e.name)
			e.kind.remove(w, e)
		}
	}
	if w.chance(20) {
		w.note("the tokens are revoked")
		w.reporter.RevokeTokens()
	}
}

// addForeign adds what others own. It resembles ours: the first name of each
// kind is taken as well, where the server lets it.
func (w *world) addForeign() {
	base := w.omni.AddConnection(object{"name": "n1", "dialect": "exasol", "host": "h1", "passwordUnencrypted": "theirs"})
	other := w.omni.AddConnection(object{"name": "n2", "dialect": "exasol", "host": "h1"})
	w.omni.EditConnection(base, func(settings map[string]any) {
		settings["userAttributeNameForConnectionEnvironments"] = "env"
	})
	w.others = append(w.others, base, other, w.omni.AddEnvironment(base, other, "a", "b"))
	w.addUsers()
	for _, c := range foreignReporterConnections() {
		w.others = append(w.others, w.reporter.Add(c, "theirs"))
	}
	w.foreign = w.foreignNow()
}

// foreignNow describes what others own.
func (w *world) foreignNow() string {
	var all []any
	for _, id := range w.others {
		if c, ok := w.omni.Connection(id); ok {
			secret, _ := w.omni.Secret(id, "passwordUnencrypted")
			all = append(all, c, secret)
		}
		if e, ok := w.omni.Environment(id); ok {
			all = append(all, e)
		}
		if c, ok := w.reporter.Connection(id); ok {
			secret, _ := w.reporter.Secret(id, "password")
			all = append(all, c, secret)
		}
	}
	user, _ := w.omni.User(theUsers[0])
	encoded, _ := json.Marshal(append(all, user.Attributes))
	return string(encoded)
}

// ours leaves out what others own, and sorts.
func (w *world) ours(ids []string) []string {
	ids = slices.DeleteFunc(ids, func(id string) bool { return slices.Contains(w.others, id) })
	slices.Sort(ids)
	return ids
}

// withSecret puts a new secret into one of its three forms.
func (w *world) withSecret(config object, name string) object {
	version, _ := config[name+"_wo_version"].(int)
	config = protocol.With(config, object{name: nil, name + "_wo": nil, name + "_wo_version": nil})
	form := w.random.IntN(3)
	if form == 0 {
		config[name] = w.secret()
		return config
	}
	config[name+"_wo"] = w.secret()
	if form == 2 {
		config[name+"_wo_version"] = version + 1
	}
	return config
}

// secretOf returns the configured secret in whatever form.
func secretOf(config object, name string) string {
	for _, form := range []string{name, name + "_wo"} {
		if value, ok := config[form].(string); ok {
			return value
		}
	}
	return ""
}

// shown writes a configuration down for the trace.
func shown(config object) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(config)) {
		value := config[name]
		if to, ok := value.(ref); ok {
			value = to.to.name
		}
		parts = append(parts, fmt.Sprintf("%s=%v", name, value))
	}
	return strings.Join(parts, " ")
}

// sameValue compares a configured value with a server's: what is empty is unset,
// and the order of a list is none.
func sameValue(configured, stored any) bool {
	normal := func(v any) any {
		switch v := v.(type) {
		case []string:
			if len(v) == 0 {
				return nil
			}
			return slices.Sorted(slices.Values(v))
		case string:
			if v == "" {
				return nil
			}
		}
		return v
	}
	return reflect.DeepEqual(normal(configured), normal(stored))
}
