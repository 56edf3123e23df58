// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"strings"
	"sync"
)

// deletions is what is known of connections that are protected against deletion.
// A plan sees no -replace and no taint: that one is being replaced shows only by
// the create of its like, which the same plan has.
type deletions struct {
	allowed map[string]bool // ids; set before anything else

	mu        sync.Mutex
	protected map[string]connectionLike // by id
	planned   map[connectionLike]bool   // what plans make
}

// connectionLike is what a connection and its replacement have in common.
type connectionLike struct{ name, dialect string }

// AllowDeletionOf names the connections that may be deleted although their state
// protects them. Call it before anything else.
func (i *Inventory) AllowDeletionOf(ids ...string) {
	i.deletions.allowed = make(map[string]bool, len(ids))
	for _, id := range ids {
		i.deletions.allowed[strings.ToLower(id)] = true
	}
}

// MayDelete reports whether a connection may be deleted whatever protects it.
func (i *Inventory) MayDelete(connectionID string) bool {
	return i.deletions.allowed[strings.ToLower(connectionID)]
}

// NoteProtected notes, in a read, that the state protects a connection.
func (i *Inventory) NoteProtected(connectionID, name, dialect string) {
	i.deletions.mu.Lock()
	defer i.deletions.mu.Unlock()
	set(&i.deletions.protected, strings.ToLower(connectionID), connectionLike{name, dialect})
}

// PlanConnection notes, in a plan, that a connection is made.
func (i *Inventory) PlanConnection(name, dialect string) {
	i.deletions.mu.Lock()
	defer i.deletions.mu.Unlock()
	set(&i.deletions.planned, connectionLike{name, dialect}, true)
}

// RefusesReplacement reports whether the plan replaces a connection that may not be
// deleted, as far as plans show it.
func (i *Inventory) RefusesReplacement(connectionID string) bool {
	i.deletions.mu.Lock()
	defer i.deletions.mu.Unlock()
	like, protected := i.deletions.protected[strings.ToLower(connectionID)]
	return protected && i.deletions.planned[like] && !i.MayDelete(connectionID)
}
