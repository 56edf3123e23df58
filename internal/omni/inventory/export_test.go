// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"context"
	"time"
)

// SetPatience lets a test see the end of a wait for what is in use.
func (i *Inventory) SetPatience(d time.Duration) { i.patience = d }

// AwaitWanted returns when a create waits for the delete of the key.
func (i *Inventory) AwaitWanted(key handoverKey) {
	h := &i.handover
	h.Await(context.Background(), time.Minute, func() bool { return h.of(key).isWanted })
}

// The keys of what may change hands.
var (
	AssociationKey = associationKey
	BindingKey     = bindingKey
	UserValueKey   = userValueKey
)
