// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter

import (
	"cmp"
	"context"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/listonce"
)

// listTimeout bounds one read of a window, waiting for the rate limit included.
const listTimeout = 5 * time.Minute

// windowList serves the reads of a walk. A connection's id carries the time of its
// creation (UUIDv7), and with it the only window of a list that can show it.
// The first read in a window asks for the connection itself; from the second on
// one list of the window serves all.
type windowList struct {
	*listonce.Store[listonce.List[Connection]]
	isUsed atomic.Bool // a connection of its window was read
}

// newWindowList returns the list of the window that begins at start.
func (c *Client) newWindowList(start time.Time) *windowList {
	return &windowList{Store: listonce.New(func(ctx context.Context) (listonce.List[Connection], error) {
		all, err := c.readWindow(ctx, connectionsPath(), ConnectionFilter{}, start, start.Add(windowDays*24*time.Hour))
		id := func(c Connection) string { return c.ID }
		return listonce.NewList(all, id, func(a, b Connection) int { return cmp.Compare(a.ID, b.ID) }), err
	}, listTimeout)}
}

// listWith returns the list that can show a connection; nil where its id does not tell.
func (c *Client) listWith(id string) *windowList {
	parsed, _ := uuid.Parse(id) // what is no UUID has no version
	if parsed.Version() != 7 {
		return nil
	}
	seconds, nanoseconds := parsed.Time().UnixTime()
	return c.windowLists.Of(time.Unix(seconds, nanoseconds).UTC().Truncate(windowDays * 24 * time.Hour))
}

// ReadConnection returns one connection, as [Client.GetConnection] does, for a
// caller that is one of many. It is never older than this client's own last
// write; an absence from a list is confirmed by asking for the connection.
func (c *Client) ReadConnection(ctx context.Context, id string) (*Connection, error) {
	list := c.listWith(id)
	if list == nil || !list.isUsed.Swap(true) {
		return c.GetConnection(ctx, id)
	}
	snapshot, err := list.Get(ctx)
	if httpclient.IsMissing(err) || httpclient.IsNoRoute(err) {
		return c.GetConnection(ctx, id) // it is the list that is missing
	}
	if err != nil {
		return nil, err
	}
	connection, ok := snapshot.Value.Find(id)
	if !ok {
		return c.GetConnection(ctx, id)
	}
	return &connection, connection.Problem
}

// wrote makes later reads load again.
func (c *Client) wrote() {
	for _, list := range c.windowLists.Members() {
		list.Invalidate()
	}
}
