// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter

import (
	"context"
	"slices"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
)

// A CLI runs so many operations at a time. With more creates that wait for their
// names than that, the deletes that they wait for could not begin. So a plan notes
// what it deletes; the note travels with each delete, because what a plan notes
// about a create does not reach its apply; and the deletes that are carried out
// tell the process of the others. A create that nobody makes room for then deletes
// the former connection itself, as the plan says.

// maxNoted bounds the note of one delete: those of several tell it all.
const maxNoted = 50

// PlanDelete notes that the plan deletes a connection, and returns what the apply
// has to be told with [Client.NoteDeletes]: the ids of those that it deletes
// too, as far as is known.
func (c *Client) PlanDelete(id string) []string {
	c.names.Lock()
	defer c.names.Unlock()
	c.names.plannedDeletes = append(c.names.plannedDeletes, id)
	return slices.Clone(c.names.plannedDeletes[max(0, len(c.names.plannedDeletes)-maxNoted):])
}

// NoteDeletes takes what [Client.PlanDelete] returned in the plan.
func (c *Client) NoteDeletes(ids []string) {
	c.names.Lock()
	defer c.names.Unlock()
	for _, id := range ids {
		c.names.deletedInRun[id] = true
	}
}

// deletesInRun reports whether this run deletes a connection.
func (c *Client) deletesInRun(id string) bool {
	c.names.Lock()
	defer c.names.Unlock()
	return c.names.deletedInRun[id]
}

// RemoveConnection deletes a connection once no job uses it. One that is gone
// already is no error. Its name is free then.
func (c *Client) RemoveConnection(ctx context.Context, configName, id string) error {
	return c.names.giveUp(configName, func() error {
		err := WhileJobRuns(ctx, func() error { return c.DeleteConnection(ctx, id) })
		if httpclient.IsMissing(err) {
			return nil
		}
		return err
	})
}
