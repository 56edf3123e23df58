// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import "sync"

// plannedUserAttributes are the names of the user attributes that plans of this
// process make, so that what refers to one of them is not told that there is none.
type plannedUserAttributes struct {
	mu    sync.Mutex
	names map[string]bool
}

// PlanUserAttribute notes, in a plan, that a user attribute of this name is made.
func (i *Inventory) PlanUserAttribute(name string) {
	i.plannedUserAttributes.mu.Lock()
	defer i.plannedUserAttributes.mu.Unlock()
	set(&i.plannedUserAttributes.names, name, true)
}

// PlansUserAttribute reports whether a plan of this process makes a user attribute of
// this name.
func (i *Inventory) PlansUserAttribute(name string) bool {
	i.plannedUserAttributes.mu.Lock()
	defer i.plannedUserAttributes.mu.Unlock()
	return i.plannedUserAttributes.names[name]
}
