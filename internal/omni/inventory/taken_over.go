// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import "sync"

// takenOver is the objects that creates of this process found on the server and
// took over. Where a resource gets another address without a moved block,
// Terraform creates at the new address and deletes at the old one, in whichever
// order; both mean the same object, which has to be there in the end.
type takenOver struct {
	mu      sync.Mutex
	objects map[[2]string]bool
}

// TakeOver notes that a create found the object there and kept it. kind is the
// entity's, such as "dbt"; id is what the object is known by.
func (i *Inventory) TakeOver(kind, id string) {
	i.takenOver.mu.Lock()
	defer i.takenOver.mu.Unlock()
	if i.takenOver.objects == nil {
		i.takenOver.objects = map[[2]string]bool{}
	}
	i.takenOver.objects[[2]string{kind, id}] = true
}

// IsTakenOver reports whether a create of this process took the object over: then
// it has another address in the state, and a delete of the former one must leave
// it alone.
func (i *Inventory) IsTakenOver(kind, id string) bool {
	i.takenOver.mu.Lock()
	defer i.takenOver.mu.Unlock()
	return i.takenOver.objects[[2]string{kind, id}]
}
