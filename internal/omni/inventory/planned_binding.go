// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"strings"
	"sync"
)

// plannedBindings are the bindings of states in the plans of this process: which
// resource keeps the one of a base connection, and which ends it.
type plannedBindings struct {
	mu         sync.Mutex
	kept, ends map[string]string // the resource by base connection, in lower case
}

// PlanBinding notes, in a plan, whether a resource keeps the binding that its state
// has of a base connection. It reports whether another resource plans the opposite:
// both have the same binding, and the end of it for one is its end for the other.
func (i *Inventory) PlanBinding(connectionID, resource string, isKept bool) (isContested bool) {
	p := &i.plannedBindings
	p.mu.Lock()
	defer p.mu.Unlock()
	ours, theirs := &p.ends, p.kept
	if isKept {
		ours, theirs = &p.kept, p.ends
	}
	key := strings.ToLower(connectionID)
	set(ours, key, resource)
	other := theirs[key]
	return other != "" && other != resource
}
