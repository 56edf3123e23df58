// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter

import (
	"context"
	"fmt"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/inflight"
)

// Names of connections are unique. Where one run deletes a connection and makes
// another of the same name, such as after a resource was renamed without a moved
// block, nothing orders the two: the create may come first, and is refused. It
// waits for the name then, because within one process it shows who gives it up.

// namePatience is how long a refused create waits after the last operation that
// could have given its name up, or made room for one that does: the CLI runs so
// many at a time, and those that wait keep others from starting.
const namePatience = 2 * time.Second

// names are what the operations of one run do to names: one that is refused waits
// while another could give its name up, or make room for one that does.
type names struct {
	inflight.Operations

	freed          map[string]int  // how often the name was given up
	plannedDeletes []string        // ids of the connections that the plan deletes, in a process that plans
	deletedInRun   map[string]bool // the same, in one that applies
}

func newNames() *names {
	return &names{freed: map[string]int{}, deletedInRun: map[string]bool{}}
}

// giveUp runs an operation that frees a name if it succeeds.
func (n *names) giveUp(name string, operation func() error) error {
	defer n.Begin()()
	err := operation()
	if err == nil {
		n.Lock()
		defer n.Unlock()
		n.freed[name]++
	}
	return err
}

// take runs an operation that needs a name, and returns what wait has to know.
func (n *names) take(name string, operation func() error) (freedBefore int, err error) {
	n.Lock()
	freedBefore = n.freed[name]
	n.Unlock()
	defer n.Begin()()
	return freedBefore, operation()
}

// wait waits until the name was given up once more, and reports whether it was.
func (n *names) wait(ctx context.Context, name string, freedBefore int) bool {
	return n.Await(ctx, namePatience, func() bool { return n.freed[name] != freedBefore })
}

// NameTakenError says that another connection has the name, and which.
type NameTakenError struct {
	Err    error       // the server's refusal
	Name   string      // as it was asked for
	Owner  *Connection // nil where no list shows one
	Search error       // why the search for the owner failed; nil where it did not
}

func (e *NameTakenError) Error() string {
	const unique = "Names are unique in the whole service, across products"
	switch {
	case e.Search != nil:
		return fmt.Sprintf("%s. %s. It is not known which connection has the name %q: %s", e.Err, unique, e.Name, e.Search)
	case e.Owner == nil:
		return fmt.Sprintf("%s. %s. The name %q was tried again, but no list shows which connection has it", e.Err, unique, e.Name)
	}
	return fmt.Sprintf("%s. %s. %q belongs to connection %s of product %q", e.Err, unique, e.Name, e.Owner.ID, e.Owner.ProductName.Or(""))
}

// Unwrap returns the refusal, and why the search failed.
func (e *NameTakenError) Unwrap() []error {
	if e.Search == nil {
		return []error{e.Err}
	}
	return []error{e.Err, e.Search}
}

// HasGivenUp reports whether an operation of this process gave the name up: a
// connection that takes it afterwards may be the same one at another address.
func (c *Client) HasGivenUp(configName string) bool {
	c.names.Lock()
	defer c.names.Unlock()
	return c.names.freed[configName] > 0
}

// NoteGivenUp notes that a change freed a configuration name.
func (c *Client) NoteGivenUp(configName string) {
	_ = c.names.giveUp(configName, func() error { return nil })
}

// maxFreeTries bounds how often a name that is refused, and that nobody seems to
// have, is tried again.
const maxFreeTries = 3

// WhenNameIsFree runs an operation that needs a configuration name, again where
// the server refuses it and the name turns out to be free: because another
// operation of this process gave it up ([Client.RemoveConnection],
// [Client.NoteGivenUp]) or was about to ([Client.NoteDeletes]), or because no list
// shows a connection of that name. A refusal that stays is a [NameTakenError]. It
// is safe for creates too: what was refused was not made.
func (c *Client) WhenNameIsFree(ctx context.Context, configName string, operation func() error) error {
	for tries := 1; ; tries++ {
		freedBefore, err := c.names.take(configName, operation)
		if !IsNameTaken(err) {
			return err
		}
		if c.names.wait(ctx, configName, freedBefore) {
			continue
		}
		owner, findErr := c.FindConnection(ctx, configName)
		if owner != nil && c.deletesInRun(owner.ID) {
			if err := c.RemoveConnection(ctx, configName, owner.ID); err != nil {
				return err
			}
			continue
		}
		if findErr != nil || owner != nil || tries >= maxFreeTries {
			return &NameTakenError{Err: err, Name: configName, Owner: owner, Search: findErr}
		}
	}
}
