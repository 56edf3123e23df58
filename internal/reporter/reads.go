// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/listonce"
)

// listTimeout bounds one read of a window, waiting for the rate limit included.
const listTimeout = 5 * time.Minute

// reads serves the reads of a walk. A connection's id carries the time of its
// creation (UUIDv7), and with it the only window of a list that can show it.
// The first read in a window asks for the connection itself; from the second on
// one list of the window serves all.
type reads struct {
	mu      sync.Mutex
	windows map[time.Time]*readWindow // by their start
}

type readWindow struct {
	isUsed bool
	store  *listonce.Store[map[string]Connection]
}

// ReadConnection returns one connection, as [Client.GetConnection] does, for a
// caller that is one of many. It is never older than this client's own last
// write; an absence from a list is confirmed by asking for the connection.
func (c *Client) ReadConnection(ctx context.Context, id string) (*Connection, error) {
	store := c.storeFor(id)
	if store == nil {
		return c.GetConnection(ctx, id)
	}
	snapshot, err := store.Get(ctx)
	if httpclient.IsNotFound(err) || httpclient.IsGone(err) || httpclient.IsNoRoute(err) {
		return c.GetConnection(ctx, id) // it is the list that is missing
	}
	if err != nil {
		return nil, err
	}
	connection, ok := snapshot.Value[id]
	if !ok {
		return c.GetConnection(ctx, id)
	}
	return &connection, connection.Problem
}

// storeFor returns the list that can show a connection; nil where it is the
// first to be read from it, or where its id does not tell.
func (c *Client) storeFor(id string) *listonce.Store[map[string]Connection] {
	parsed, err := uuid.Parse(id)
	if err != nil || parsed.Version() != 7 {
		return nil
	}
	seconds, nanoseconds := parsed.Time().UnixTime()
	start := time.Unix(seconds, nanoseconds).UTC().Truncate(windowDays * 24 * time.Hour)

	c.reads.mu.Lock()
	defer c.reads.mu.Unlock()
	window := c.reads.windows[start]
	if window == nil {
		window = &readWindow{store: listonce.New(func(ctx context.Context) (map[string]Connection, error) {
			return c.readByID(ctx, start)
		}, listTimeout)}
		if c.reads.windows == nil {
			c.reads.windows = map[time.Time]*readWindow{}
		}
		c.reads.windows[start] = window
	}
	if !window.isUsed {
		window.isUsed = true
		return nil
	}
	return window.store
}

func (c *Client) readByID(ctx context.Context, start time.Time) (map[string]Connection, error) {
	list, err := c.readWindow(ctx, connectionsPath(), ConnectionFilter{}, start, start.Add(windowDays*24*time.Hour))
	if err != nil {
		return nil, err
	}
	connections := make(map[string]Connection, len(list))
	for _, connection := range list {
		connections[connection.ID] = connection
	}
	return connections, nil
}

// wrote makes later reads load again.
func (c *Client) wrote() {
	c.reads.mu.Lock()
	defer c.reads.mu.Unlock()
	for _, window := range c.reads.windows {
		window.store.Invalidate()
	}
}
