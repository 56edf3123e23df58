// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"slices"
	"strings"
	"sync"
)

// plannedValues are the values that the plans of this process announce, so that
// two of one base with the same value are refused before anything is made.
type plannedValues struct {
	mu     sync.Mutex
	byBase map[string]map[string][]string // by base connection and connection, in lower case
}

// PlanValues notes, in a plan, the values that a connection is to have in a base's
// routing; a base's own default values are those of the base. It returns a value
// that another connection is to have too, and that connection; "" for none.
func (i *Inventory) PlanValues(baseConnectionID, connectionID string, values []string) (value, otherConnectionID string) {
	p := &i.plannedValues
	p.mu.Lock()
	defer p.mu.Unlock()
	base, connection := strings.ToLower(baseConnectionID), strings.ToLower(connectionID)
	connections := p.byBase[base]
	set(&connections, connection, values)
	set(&p.byBase, base, connections)
	for other, theirs := range connections {
		if at := slices.IndexFunc(values, func(v string) bool { return slices.Contains(theirs, v) }); other != connection && at >= 0 {
			return values[at], other
		}
	}
	return "", ""
}
