// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/listonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

// searchTimeout bounds the search for an object whose creation may or may not
// have happened. The search also runs when the user has cancelled: its result
// is what keeps the object from being lost.
const searchTimeout = 45 * time.Second

// clockSkew is how far the server's clock may be behind ours when a creation
// time is used to tell a new object from an old one.
const clockSkew = 2 * time.Minute

// creations knows which objects were there before this process made its own.
// Omni has no idempotency key, so that knowledge is what tells an object that a
// lost answer belongs to from one that somebody else made.
type creations struct {
	mu                  sync.Mutex
	knownConnections    map[string]bool // nil until a list has been read
	connectionsBefore   map[string]omni.Connection
	noLookalikes        atomic.Bool // the list could not be read
	knownEnvironments   map[string]bool
	knownUserAttributes map[string]bool
	attempts            map[string]int // by name: two of a name in one process cannot be told apart
}

// CreateConnection makes a connection and returns its id. When the answer to
// the request is lost, the list is read again: exactly one connection that was
// not there before, has every setting that was sent and was asked for by nobody
// else in this process is ours, and its id is returned; otherwise the error is
// an [httpclient.UnknownOutcomeError].
func (i *Inventory) CreateConnection(ctx context.Context, request omni.ConnectionCreate) (string, error) {
	name := request.Settings.Name.Or("")
	known := i.rememberConnections(ctx)
	i.creations.attempt(name)
	started := time.Now()
	id, err := i.client.CreateConnection(ctx, request)
	i.connections.Invalidate()
	if httpclient.IsOutcomeUnknown(err) {
		id, err = i.searchConnection(ctx, request, started, known, err)
	}
	if err == nil {
		i.creations.made(&i.creations.knownConnections, id)
	}
	return id, err
}

func (i *Inventory) searchConnection(ctx context.Context, request omni.ConnectionCreate, started time.Time, known bool, cause error) (string, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), searchTimeout)
	defer cancel()
	snapshot, err := i.connections.Get(ctx)
	if err != nil {
		return "", &httpclient.UnknownOutcomeError{Err: cause, Found: "looking for it failed too: " + err.Error()}
	}
	var candidates []string
	i.creations.mu.Lock()
	for id, c := range snapshot.Value {
		if c.Problem == nil && !i.creations.knownConnections[id] && !createdBefore(c.CreatedAt, started) && c.Has(request) {
			candidates = append(candidates, id)
		}
	}
	alone := i.creations.attempts[request.Settings.Name.Or("")] == 1
	i.creations.mu.Unlock()
	return httpclient.OnlyCandidate(candidates, known && alone, cause)
}

// createdBefore reports whether the server dates the object before the request,
// with room for a wrong clock. Older servers give no date.
func createdBefore(createdAt nullable.Value[string], started time.Time) bool {
	created, err := time.Parse(time.RFC3339, createdAt.Or(""))
	return err == nil && created.Before(started.Add(-clockSkew))
}

// CreateEnvironment associates a connection with a base connection. Those that
// are created for one base at the same time share a request. A lost
// answer is dealt with as in [Inventory.CreateConnection]; on a server without
// the list of environments it is always an [httpclient.UnknownOutcomeError].
func (i *Inventory) CreateEnvironment(ctx context.Context, baseConnectionID, connectionID string) (*omni.Environment, error) {
	known := remember(ctx, &i.creations, i.environments, &i.creations.knownEnvironments, nil)
	environment, err := i.batches.create(ctx, baseConnectionID, connectionID)
	i.environments.Invalidate()
	if httpclient.IsOutcomeUnknown(err) {
		return i.searchEnvironment(ctx, baseConnectionID, connectionID, known, err)
	}
	if err != nil {
		return nil, err
	}
	i.creations.made(&i.creations.knownEnvironments, environment.ID)
	return environment, nil
}

func (i *Inventory) searchEnvironment(ctx context.Context, baseConnectionID, connectionID string, known bool, cause error) (*omni.Environment, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), searchTimeout)
	defer cancel()
	snapshot, err := i.environments.Get(ctx)
	if errors.Is(err, omni.ErrNoEnvironmentList) {
		return nil, &httpclient.UnknownOutcomeError{Err: cause, Found: "and this server has no list of environments to look in"}
	}
	if err != nil {
		return nil, &httpclient.UnknownOutcomeError{Err: cause, Found: "looking for it failed too: " + err.Error()}
	}
	var candidates []string
	i.creations.mu.Lock()
	for id, e := range snapshot.Value {
		if e.Associates(baseConnectionID, connectionID) && !i.creations.knownEnvironments[id] {
			candidates = append(candidates, id)
		}
	}
	i.creations.mu.Unlock()
	id, err := httpclient.OnlyCandidate(candidates, known, cause)
	if err != nil {
		return nil, err
	}
	i.creations.made(&i.creations.knownEnvironments, id)
	environment := snapshot.Value[id]
	return &environment, nil
}

// remember makes sure, once a process, that the objects that were there before
// the first create are known, and reports whether they are. A server that does
// not give its list is no reason not to create: only a lost answer cannot be
// resolved then. The objects themselves go to keep, unless it is nil.
func remember[T any](ctx context.Context, c *creations, store *listonce.Store[map[string]T], known *map[string]bool, keep *map[string]T) bool {
	c.mu.Lock()
	done := *known != nil
	c.mu.Unlock()
	if done {
		return true
	}
	snapshot, err := store.Get(ctx)
	if err != nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if *known == nil {
		*known = make(map[string]bool, len(snapshot.Value))
		for id := range snapshot.Value {
			(*known)[id] = true
		}
		if keep != nil {
			*keep = snapshot.Value
		}
	}
	return true
}

func (i *Inventory) rememberConnections(ctx context.Context) bool {
	return remember(ctx, &i.creations, i.connections, &i.creations.knownConnections, &i.creations.connectionsBefore)
}

// Lookalikes returns the connections that have every setting of the request, were
// there before this process made its own, and are not dated before since. They
// may be what a run made that could not note it, because it was killed. Without
// a list there are none to see.
func (i *Inventory) Lookalikes(ctx context.Context, request omni.ConnectionCreate, since time.Time) []omni.Connection {
	if i.creations.noLookalikes.Load() {
		return nil
	}
	if !i.rememberConnections(ctx) {
		i.creations.noLookalikes.Store(true) // nobody's plan waits for the list a second time
		return nil
	}
	i.creations.mu.Lock()
	defer i.creations.mu.Unlock()
	var found []omni.Connection
	for _, c := range i.creations.connectionsBefore {
		if _, err := usable(&c); err == nil && !createdBefore(c.CreatedAt, since) && c.Has(request) {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b omni.Connection) int { return strings.Compare(a.ID, b.ID) })
	return found
}

func (c *creations) attempt(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.attempts == nil {
		c.attempts = map[string]int{}
	}
	c.attempts[name]++
}

// made records an object of this process, so that it is never taken for
// another's lost one.
func (c *creations) made(known *map[string]bool, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if *known == nil {
		return
	}
	(*known)[id] = true
}
