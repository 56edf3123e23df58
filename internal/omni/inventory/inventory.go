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
	"sync"
	"sync/atomic"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/listonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

// listTimeout bounds one load of a collection, waiting for the rate limit
// included.
const listTimeout = 5 * time.Minute

// ErrGone says that there is no such object: it was deleted, or never existed.
var ErrGone = errors.New("the object no longer exists")

// errNothingThere is an [ErrGone] that may have a simpler reason: the key of
// another organization shows an empty list too.
var errNothingThere = fmt.Errorf("%w (the server shows no connections at all: does the API key belong to another organization?)", ErrGone)

// Inventory is how the provider's entities use Omni. Reads come from one list
// call a collection however many objects there are, and are never older than
// this process's own last write. Creates happen once: one whose outcome is
// unknown is looked for, not repeated.
type Inventory struct {
	client       *omni.Client
	connections  *collection[omni.Connection]
	environments *collection[omni.Environment]
	// userAttributes has those of Omni itself by name: they have no id.
	userAttributes *collection[omni.UserAttribute]
	schemaModels   *listonce.Store[listonce.List[omni.SchemaModel]] // by connection
	users          *listonce.Store[listonce.List[omni.User]]
	// Of a connection each, by its id.
	schedules       *listonce.Group[string, *collection[omni.Schedule]]
	dbtEnvironments *listonce.Group[string, *collection[omni.DBTEnvironment]]

	// What the plans of this process will do, which other plans take into account.
	plannedObjects        plannedObjects
	plannedDialects       plannedDialects
	plannedUserAttributes plannedUserAttributes
	plannedValues         plannedValues
	deletions             deletions

	handover handover
	patience time.Duration // how long a value or an association that is in use is waited for
	batches  environmentBatches

	// written serves the reads after writes; it is apart from connections,
	// which every write empties.
	written *connectionStore

	// scheduleReads has the connections of which a schedule was read, and firstUser
	// the id or address of the user that was.
	scheduleReads sync.Map
	firstUser     atomic.Pointer[string]

	// mayNotList says that the key lacks the admin role that the list wants; one
	// connection can be read with less.
	mayNotList   atomic.Bool
	noLookalikes atomic.Bool // the list could not be read
}

// New returns an inventory over client. It makes no call.
func New(client *omni.Client) *Inventory {
	i := &Inventory{client: client, patience: conflictPatience}
	i.batches = environmentBatches{client: client, handover: &i.handover, window: batchWindow}
	listConnections := func(ctx context.Context) ([]omni.Connection, error) {
		return client.ListConnections(ctx, omni.ConnectionFilter{})
	}
	i.connections = newCollection(client, listConnections, connectionKind)
	i.written = newStore(listConnections, connectionKind)
	i.environments = newCollection(client, client.ListEnvironments, environmentKind)
	i.userAttributes = newCollection(client, client.ListUserAttributes, userAttributeKind)
	i.schemaModels = newStore(client.ListSchemaModels, schemaModelKind)
	i.users = newStore(client.ListUsers, userKind)
	i.schedules = ofConnections(client, client.ListSchedules, scheduleKind)
	i.dbtEnvironments = ofConnections(client, client.ListDBTEnvironments, dbtEnvironmentKind)
	return i
}

// kind says how objects of one kind are told apart, and in which order a list has
// them.
type kind[T any] struct {
	id        func(T) string
	compare   func(a, b T) int
	alike     string                         // see [createonce.Options]; "" where none is made
	createdAt func(T) nullable.Value[string] // nil where the server gives none
	name      func(T) string                 // nil where creates have none; see [createonce.Options]
}

// collection is the objects of one kind: read once for all who want one, and made
// once.
type collection[T any] struct {
	*listonce.Store[listonce.List[T]]
	creates *createonce.Collection[T]
}

func newStore[T any](list func(context.Context) ([]T, error), k kind[T]) *listonce.Store[listonce.List[T]] {
	return listonce.New(func(ctx context.Context) (listonce.List[T], error) {
		items, err := list(ctx)
		return listonce.NewList(items, k.id, k.compare), err
	}, listTimeout)
}

func newCollection[T any](client *omni.Client, list func(context.Context) ([]T, error), k kind[T]) *collection[T] {
	c := &collection[T]{Store: newStore(list, k)}
	c.creates = createonce.New(createonce.Options[T]{
		ID:    k.id,
		Name:  k.name,
		Alike: k.alike,
		CreatedAt: func(object T) (time.Time, bool) {
			if k.createdAt == nil {
				return time.Time{}, false
			}
			created, err := time.Parse(time.RFC3339, k.createdAt(object).Or(""))
			return created, err == nil
		},
		List:       c.all,
		Wrote:      c.Invalidate,
		ServerTime: client.ServerTime,
		SecondLook: client.SecondLook,
	})
	return c
}

// ofConnections returns the collections that the server lists by connection.
func ofConnections[T any](client *omni.Client, list func(ctx context.Context, connectionID string) ([]T, error), k kind[T]) *listonce.Group[string, *collection[T]] {
	return listonce.NewGroup(func(connectionID string) *collection[T] {
		return newCollection(client, func(ctx context.Context) ([]T, error) { return list(ctx, connectionID) }, k)
	})
}

// all returns the objects in the order of their kind.
func (c *collection[T]) all(ctx context.Context) ([]T, error) {
	snapshot, err := c.Get(ctx)
	return snapshot.Value.All, err
}

// find returns the object of this id from a list, and once more from a newer list
// where it lacks it; false once it is certain that there is none.
func (c *collection[T]) find(ctx context.Context, id string) (object T, ok bool, err error) {
	snapshot, err := c.Get(ctx)
	if err != nil {
		return object, false, err
	}
	if object, ok = snapshot.Value.Find(id); ok {
		return object, true, nil
	}
	if snapshot, err = c.Newer(ctx, snapshot); err != nil {
		return object, false, err
	}
	object, ok = snapshot.Value.Find(id)
	return object, ok, nil
}

// valueOf makes the result of a create what [createonce.Request.Send] returns.
func valueOf[T any](made *T, err error) (value T, _ error) {
	if err == nil {
		value = *made
	}
	return value, err
}

// set sets a key of a map, which it makes first where there is none.
func set[K comparable, V any](m *map[K]V, key K, value V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[key] = value
}

// isThere is what [createonce.ConfirmDelete] asks, from the error of a read. Those
// of absent say that the object is gone.
func isThere(err error, absent ...error) (bool, error) {
	for _, gone := range append(absent, ErrGone) {
		if errors.Is(err, gone) {
			return false, nil
		}
	}
	return err == nil, err
}
