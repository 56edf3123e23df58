// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/listonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

var connectionKind = kind[omni.Connection]{
	id:    func(c omni.Connection) string { return c.ID },
	alike: "of the same name and dialect",
	compare: func(a, b omni.Connection) int {
		return cmp.Or(cmp.Compare(a.Name.Or(""), b.Name.Or("")), cmp.Compare(a.ID, b.ID))
	},
	createdAt: func(c omni.Connection) nullable.Value[string] { return c.CreatedAt },
	name:      func(c omni.Connection) string { return c.Name.Or("") },
}

type (
	connectionStore    = listonce.Store[listonce.List[omni.Connection]]
	connectionSnapshot = listonce.Snapshot[listonce.List[omni.Connection]]
)

// Connection returns a connection, or [ErrGone] once its absence is certain: an
// absence from the list is confirmed by asking for the connection itself, and a
// 404 to that (which a server without the route gives as well) by a fresh list.
func (i *Inventory) Connection(ctx context.Context, id string) (*omni.Connection, error) {
	if i.mayNotList.Load() {
		return i.askWithoutList(ctx, id)
	}
	snapshot, err := i.connections.Get(ctx)
	if httpclient.IsForbidden(err) {
		i.mayNotList.Store(true)
		return i.askWithoutList(ctx, id)
	}
	if err != nil {
		return nil, err
	}
	if c, ok := snapshot.Value.Find(id); ok {
		return usable(&c)
	}
	connection, err := i.askForConnection(ctx, id)
	if !errors.Is(err, ErrGone) {
		return connection, err
	}
	return listedAfter(ctx, i.connections.Store, snapshot, id)
}

// FreshConnection returns a connection as it is now. A single caller asks for the
// connection itself; several at once share a list, which costs one request instead
// of one each.
func (i *Inventory) FreshConnection(ctx context.Context, id string) (*omni.Connection, error) {
	return i.connectionSince(ctx, i.written.Mark(), id)
}

// WrittenConnection is [Inventory.FreshConnection] for the read after a write: the
// connection as it was after the last write of this process.
func (i *Inventory) WrittenConnection(ctx context.Context, id string) (*omni.Connection, error) {
	return i.connectionSince(ctx, i.written.LastWrite(), id)
}

func (i *Inventory) connectionSince(ctx context.Context, mark connectionSnapshot, id string) (*omni.Connection, error) {
	together, end := i.handover.gather(ctx, i.client.IsThrottled(), 0)
	defer end()
	if together > 1 {
		// Without the right to list, or if the list lacks it, ask as if alone.
		if snapshot, err := i.written.Newer(ctx, mark); err == nil {
			if c, ok := snapshot.Value.Find(id); ok {
				return usable(&c)
			}
		}
	}
	connection, err := i.askForConnection(ctx, id)
	if !errors.Is(err, ErrGone) {
		return connection, err
	}
	return listedAfter(ctx, i.written, i.written.Mark(), id)
}

// listedAfter returns a connection from a list that is newer than seen.
func listedAfter(ctx context.Context, store *connectionStore, seen connectionSnapshot, id string) (*omni.Connection, error) {
	snapshot, err := store.Newer(ctx, seen)
	if err != nil {
		return nil, err
	}
	if c, ok := snapshot.Value.Find(id); ok {
		return usable(&c)
	}
	if len(snapshot.Value.All) == 0 {
		return nil, errNothingThere
	}
	return nil, ErrGone
}

func (i *Inventory) askForConnection(ctx context.Context, id string) (*omni.Connection, error) {
	connection, err := i.client.GetConnection(ctx, id)
	if httpclient.IsMissing(err) {
		return nil, ErrGone
	}
	if err != nil {
		return nil, err
	}
	return usable(connection)
}

// askWithoutList is for a key that may not list. A 404 that does not say that
// the connection does not exist may come from a server without this route, and
// no list can tell.
func (i *Inventory) askWithoutList(ctx context.Context, id string) (*omni.Connection, error) {
	connection, err := i.client.GetConnection(ctx, id)
	switch {
	case httpclient.IsGone(err), httpclient.IsNotFound(err) && omni.SaysNoSuchObject(err):
		return nil, ErrGone
	case httpclient.IsNotFound(err):
		return nil, fmt.Errorf("%w; this does not show that it is gone: an older server answers this for every connection, and the API key may not list connections. A key with the admin role can tell", err)
	case err != nil:
		return nil, err
	}
	return usable(connection)
}

func usable(c *omni.Connection) (*omni.Connection, error) {
	switch {
	case c.Problem != nil:
		return nil, c.Problem
	case c.IsDeleted():
		return nil, ErrGone
	}
	return c, nil
}

// Connections returns the connections that match the filter, which the server
// applies: by name, unless the filter has the server sort them. The unfiltered
// list is shared with every other read: do not change it.
func (i *Inventory) Connections(ctx context.Context, filter omni.ConnectionFilter) ([]omni.Connection, error) {
	if filter.IsZero() {
		return i.connections.all(ctx)
	}
	list, err := i.client.ListConnections(ctx, filter)
	if filter.SortField == "" {
		slices.SortFunc(list, connectionKind.compare)
	}
	return list, err
}

// CreateConnection makes a connection and returns its id. When the answer is lost,
// it looks for the connection as [createonce.Collection.Create] says; isFound tells
// that it was found so. Whether that one has what the server never returns, such as
// credentials, is not known. Where none is certain to be the one, the error is a
// [createonce.UnknownOutcomeError], whose candidates are the new connections of the
// same name and dialect.
func (i *Inventory) CreateConnection(ctx context.Context, request omni.ConnectionCreate) (id string, isFound bool, err error) {
	defer i.handover.Begin()()
	defer i.written.Wrote()
	connection, isFound, err := i.connections.creates.Create(ctx, createonce.Request[omni.Connection]{
		Name: request.Settings.Name.Or(""),
		Send: func(ctx context.Context) (omni.Connection, error) {
			id, err := i.client.CreateConnection(ctx, request)
			return omni.Connection{ID: id}, err
		},
		Match: func(c omni.Connection) createonce.Match { return c.Match(request) },
	})
	return connection.ID, isFound, err
}

// Lookalikes returns the connections that have every setting of the request, were
// there before this process made its own, and are not dated before since. They
// may be what a run made that could not note it, because it was killed. Without
// a list there are none to see.
func (i *Inventory) Lookalikes(ctx context.Context, request omni.ConnectionCreate, since time.Time) []omni.Connection {
	if i.noLookalikes.Load() {
		return nil
	}
	before, known := i.connections.creates.Before(ctx)
	if !known {
		i.noLookalikes.Store(true) // nobody's plan waits for the list a second time
		return nil
	}
	var found []omni.Connection
	for _, c := range before {
		if _, err := usable(&c); err == nil && !i.connections.creates.CreatedBefore(c, since) && c.Has(request) {
			found = append(found, c)
		}
	}
	return found
}

// UpdateConnection changes a connection in place; an empty change is not sent.
func (i *Inventory) UpdateConnection(ctx context.Context, id string, update omni.ConnectionUpdate) error {
	if update.IsEmpty() {
		return nil
	}
	defer i.handover.Begin()()
	defer i.wroteConnection()
	return i.client.UpdateConnection(ctx, id, update)
}

// wroteConnection makes later reads see a write. Call it before the write counts as
// ended, so that those who have waited for that load a list that shows it.
func (i *Inventory) wroteConnection() {
	i.connections.Invalidate()
	i.written.Wrote()
}

// DeleteConnection moves a connection to the trash. One that is gone already is
// no error; one that the server still shows after a 404 is, because a server of
// the 2025 generation has no delete.
func (i *Inventory) DeleteConnection(ctx context.Context, id string) error {
	defer i.handover.Begin()()
	err := i.client.DeleteConnection(ctx, id)
	i.handover.free() // its associations are dissolved with it
	i.wroteConnection()
	i.environments.Invalidate() // the server dissolves its associations
	i.schedules.Of(id).Invalidate()
	i.dbtEnvironments.Of(id).Invalidate()
	i.schemaModels.Invalidate() // it goes to the trash too
	return createonce.ConfirmDelete(err, func() (bool, error) {
		_, err := i.Connection(ctx, id)
		return isThere(err)
	})
}
