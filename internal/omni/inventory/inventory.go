// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package inventory is Omni as the provider's entities use it. It remembers what
// was read and what was made: each collection is listed once for all who read it,
// an object is created exactly once, environments that are made together share a
// request, and values that move between environments wait for each other.
//
// Wire types and single calls are one floor below, in package omni. What only one
// entity needs is in the entity's own package.
package inventory

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/listonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

// listTimeout bounds one load of a collection, waiting for the rate limit
// included.
const listTimeout = 5 * time.Minute

// ErrGone says that the object does not exist, or no longer.
var ErrGone = errors.New("the object does not exist any more")

// errNothingThere is an [ErrGone] that may have a simpler reason: the key of
// another organization shows an empty list too.
var errNothingThere = fmt.Errorf("%w (the server shows no connections at all: does the API key belong to another organization?)", ErrGone)

// Inventory is how the provider's entities use Omni. Reads come from one list
// call a collection however many objects there are, and are never older than
// this process's own last write. Creates happen once: one whose outcome is
// unknown is looked for, not repeated.
type Inventory struct {
	client       *omni.Client
	connections  *listonce.Store[map[string]omni.Connection]
	environments *listonce.Store[map[string]omni.Environment]
	// userAttributes has those of Omni itself by name: they have no id.
	userAttributes *listonce.Store[map[string]omni.UserAttribute]
	schemaModels   *listonce.Store[map[string]omni.SchemaModel] // by connection
	users          userReads
	expected       expectations
	creations      creations
	batches        environmentBatches

	schedules       scheduleLists
	dbtEnvironments dbtEnvironmentLists

	// written serves the reads after writes; it is apart from connections,
	// which every write empties.
	written *listonce.Store[map[string]omni.Connection]
	readers atomic.Int32 // reads after writes under way

	// mayNotList says that the key lacks the admin role that the list wants; one
	// connection can be read with less.
	mayNotList atomic.Bool
}

// New returns an inventory over client. It makes no call.
func New(client *omni.Client) *Inventory {
	i := &Inventory{client: client}
	listConnections := func(ctx context.Context) (map[string]omni.Connection, error) {
		list, err := client.ListConnections(ctx, omni.ConnectionFilter{})
		return byID(list, func(c omni.Connection) string { return c.ID }), err
	}
	i.connections = listonce.New(listConnections, listTimeout)
	i.written = listonce.New(listConnections, listTimeout)
	i.batches.client, i.batches.window = client, batchWindow
	i.environments = listonce.New(func(ctx context.Context) (map[string]omni.Environment, error) {
		list, err := client.ListEnvironments(ctx)
		return byID(list, func(e omni.Environment) string { return e.ID }), err
	}, listTimeout)
	i.userAttributes = listonce.New(func(ctx context.Context) (map[string]omni.UserAttribute, error) {
		list, err := client.ListUserAttributes(ctx)
		return byID(list, omni.UserAttribute.Key), err
	}, listTimeout)
	i.schemaModels = listonce.New(func(ctx context.Context) (map[string]omni.SchemaModel, error) {
		list, err := client.ListSchemaModels(ctx)
		return byID(list, func(m omni.SchemaModel) string { return strings.ToLower(m.ConnectionID) }), err
	}, listTimeout)
	i.users.store = listonce.New(func(ctx context.Context) (map[string]omni.User, error) {
		list, err := client.ListUsers(ctx)
		return byID(list, func(u omni.User) string { return strings.ToLower(u.ID) }), err
	}, listTimeout)
	return i
}

func byID[T any](list []T, id func(T) string) map[string]T {
	m := make(map[string]T, len(list))
	for _, item := range list {
		m[id(item)] = item
	}
	return m
}

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
	if c, ok := snapshot.Value[id]; ok {
		return usable(&c)
	}
	connection, err := i.askForConnection(ctx, id)
	if !errors.Is(err, ErrGone) {
		return connection, err
	}
	return i.listedAfter(ctx, snapshot, id)
}

// FreshConnection returns a connection as it is now, for the read after a
// write. One alone asks for the connection itself; several at once share a list,
// which costs one request instead of one each.
func (i *Inventory) FreshConnection(ctx context.Context, id string) (*omni.Connection, error) {
	defer i.readers.Add(-1)
	if i.readers.Add(1) > 1 {
		// Without the right to list, or if the list lacks it, ask as if alone.
		if snapshot, err := i.written.Fresh(ctx); err == nil {
			if c, ok := snapshot.Value[id]; ok {
				return usable(&c)
			}
		}
	}
	connection, err := i.askForConnection(ctx, id)
	if !errors.Is(err, ErrGone) {
		return connection, err
	}
	snapshot, err := i.written.Fresh(ctx)
	if err != nil {
		return nil, err
	}
	if c, ok := snapshot.Value[id]; ok {
		return usable(&c)
	}
	return nil, ErrGone
}

func (i *Inventory) listedAfter(ctx context.Context, seen listonce.Snapshot[map[string]omni.Connection], id string) (*omni.Connection, error) {
	snapshot, err := i.connections.Newer(ctx, seen)
	if err != nil {
		return nil, err
	}
	if c, ok := snapshot.Value[id]; ok {
		return usable(&c)
	}
	if len(snapshot.Value) == 0 {
		return nil, errNothingThere
	}
	return nil, ErrGone
}

func (i *Inventory) askForConnection(ctx context.Context, id string) (*omni.Connection, error) {
	connection, err := i.client.GetConnection(ctx, id)
	if httpclient.IsNotFound(err) || httpclient.IsGone(err) {
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
		return nil, fmt.Errorf("%w; this does not show that it is gone: an older server answers so for every connection, and the API key may not list connections. A key with the admin role can tell", err)
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
// applies. The unfiltered list is shared with every other read.
func (i *Inventory) Connections(ctx context.Context, filter omni.ConnectionFilter) ([]omni.Connection, error) {
	if !filter.IsZero() {
		return i.client.ListConnections(ctx, filter)
	}
	snapshot, err := i.connections.Get(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]omni.Connection, 0, len(snapshot.Value))
	for _, c := range snapshot.Value {
		list = append(list, c)
	}
	return list, nil
}

// UpdateConnection changes a connection in place; an empty change is not sent.
func (i *Inventory) UpdateConnection(ctx context.Context, id string, update omni.ConnectionUpdate) error {
	if update.IsEmpty() {
		return nil
	}
	defer i.connections.Invalidate()
	return i.client.UpdateConnection(ctx, id, update)
}

// DeleteConnection moves a connection to the trash. One that is gone already is
// no error; one that the server still shows after a 404 is, because a server of
// the 2025 generation has no delete.
func (i *Inventory) DeleteConnection(ctx context.Context, id string) error {
	err := i.client.DeleteConnection(ctx, id)
	i.connections.Invalidate()
	i.environments.Invalidate() // the server dissolves its associations
	i.schemaModels.Invalidate() // it goes to the trash too
	i.schedulesOf(id).store.Invalidate()
	i.dbtEnvironmentsOf(id).store.Invalidate()
	switch {
	case err == nil, httpclient.IsGone(err):
		return nil
	case !httpclient.IsNotFound(err):
		return err
	}
	switch _, readErr := i.Connection(ctx, id); {
	case errors.Is(readErr, ErrGone):
		return nil
	case readErr == nil:
		return &NotDeletedError{Err: err}
	default:
		return readErr
	}
}

// NotDeletedError says that the server answered 404 to a delete of an object
// that it still shows: it has no such route.
type NotDeletedError struct{ Err error }

func (e *NotDeletedError) Error() string {
	return "this Omni server cannot delete it through the API (it answered 404, and still shows the object)"
}

func (e *NotDeletedError) Unwrap() error { return e.Err }

// Environment returns an environment, [ErrGone] once its absence from the list
// is certain, or [omni.ErrNoEnvironmentList].
func (i *Inventory) Environment(ctx context.Context, id string) (*omni.Environment, error) {
	snapshot, err := i.environments.Get(ctx)
	if err != nil {
		return nil, err
	}
	if e, ok := snapshot.Value[id]; ok {
		return &e, e.Problem
	}
	if snapshot, err = i.environments.Newer(ctx, snapshot); err != nil {
		return nil, err
	}
	if e, ok := snapshot.Value[id]; ok {
		return &e, e.Problem
	}
	return nil, ErrGone
}

// FindEnvironment returns the environment that associates the two connections,
// or nil where there is none or the server does not list environments.
func (i *Inventory) FindEnvironment(ctx context.Context, baseConnectionID, connectionID string) (*omni.Environment, error) {
	snapshot, err := i.environments.Get(ctx)
	if errors.Is(err, omni.ErrNoEnvironmentList) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, e := range snapshot.Value {
		if e.Associates(baseConnectionID, connectionID) {
			return &e, nil
		}
	}
	return nil, nil
}

// Environments returns the environments of every base connection, in no
// particular order, or [omni.ErrNoEnvironmentList].
func (i *Inventory) Environments(ctx context.Context) ([]omni.Environment, error) {
	snapshot, err := i.environments.Get(ctx)
	if err != nil {
		return nil, err
	}
	return slices.Collect(maps.Values(snapshot.Value)), nil
}

// DeleteEnvironment dissolves an association; one that is gone already is no
// error.
func (i *Inventory) DeleteEnvironment(ctx context.Context, id string) error {
	err := i.client.DeleteEnvironment(ctx, id)
	i.environments.Invalidate()
	switch {
	case err == nil, httpclient.IsGone(err):
		return nil
	case !httpclient.IsNotFound(err):
		return err
	}
	switch _, readErr := i.Environment(ctx, id); {
	case errors.Is(readErr, ErrGone), errors.Is(readErr, omni.ErrNoEnvironmentList):
		return nil // nothing shows it, so the 404 stands
	case readErr == nil:
		return &NotDeletedError{Err: err}
	default:
		return readErr
	}
}
