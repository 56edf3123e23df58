// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"strings"
	"sync"
)

// plannedObjects are the objects of states in the plans of this process: which
// resource keeps one, and which ends it.
type plannedObjects struct {
	mu         sync.Mutex
	kept, ends map[string]string // the resource by object, in lower case
}

// PlanObject notes, in a plan, whether a resource keeps the object that its state has,
// such as the binding of a base connection. It reports whether another resource plans
// the opposite: both have the same object, and its end for one is its end for the
// other.
func (i *Inventory) PlanObject(object, resource string, isKept bool) (isContested bool) {
	p := &i.plannedObjects
	p.mu.Lock()
	defer p.mu.Unlock()
	ours, theirs := &p.ends, p.kept
	if isKept {
		ours, theirs = &p.kept, p.ends
	}
	key := strings.ToLower(object)
	set(ours, key, resource)
	other := theirs[key]
	return other != "" && other != resource
}
