// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"context"
	"strings"
	"sync"
)

// plannedDialects are those that connections will have after this run, by id. A
// plan that replaces a base or an environment by one of another dialect has to
// show that the two fit, before the association between them is dissolved.
type plannedDialects struct {
	mu   sync.Mutex
	byID map[string]string
}

// PlanDialect notes, in a plan, that a connection is replaced by one of another
// dialect; "" is one that shows at apply only.
func (i *Inventory) PlanDialect(id, dialect string) {
	i.plannedDialects.mu.Lock()
	defer i.plannedDialects.mu.Unlock()
	set(&i.plannedDialects.byID, strings.ToLower(id), dialect)
}

// DialectAfterPlan returns the dialect that the connection, or what replaces it,
// has after this run: "" where that is not known. The error is that of
// [Inventory.Connection].
func (i *Inventory) DialectAfterPlan(ctx context.Context, id string) (string, error) {
	i.plannedDialects.mu.Lock()
	dialect, planned := i.plannedDialects.byID[strings.ToLower(id)]
	i.plannedDialects.mu.Unlock()
	if planned {
		return dialect, nil
	}
	connection, err := i.Connection(ctx, id)
	if err != nil {
		return "", err
	}
	return connection.Dialect, nil
}
