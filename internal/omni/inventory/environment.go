// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"cmp"
	"context"
	"errors"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

var environmentKind = kind[omni.Environment]{
	id:    func(e omni.Environment) string { return e.ID },
	alike: "between the same two connections",
	compare: func(a, b omni.Environment) int {
		return cmp.Or(cmp.Compare(a.BaseConnectionID, b.BaseConnectionID), cmp.Compare(a.ConnectionID, b.ConnectionID), cmp.Compare(a.ID, b.ID))
	},
}

// Environment returns an environment, [ErrGone] once its absence from the list
// is certain, or [omni.ErrNoEnvironmentList].
func (i *Inventory) Environment(ctx context.Context, id string) (*omni.Environment, error) {
	environment, ok, err := i.environments.find(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, ErrGone
	}
	return &environment, environment.Problem
}

// FindEnvironment returns the environment that associates the two connections,
// or nil where there is none or the server does not list environments. Of one that
// cannot be read the error says so.
func (i *Inventory) FindEnvironment(ctx context.Context, baseConnectionID, connectionID string) (*omni.Environment, error) {
	all, err := i.Environments(ctx)
	if errors.Is(err, omni.ErrNoEnvironmentList) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, e := range all {
		if e.Associates(baseConnectionID, connectionID) {
			return &e, e.Problem
		}
	}
	return nil, nil
}

// Environments returns the environments of every base connection, by base, or
// [omni.ErrNoEnvironmentList]. The list is shared: do not change it.
func (i *Inventory) Environments(ctx context.Context) ([]omni.Environment, error) {
	return i.environments.all(ctx)
}

// Origin says how an object that a create returns came to be this run's.
type Origin int

// The origins.
const (
	Made      Origin = iota // the server made it
	Found                   // it was found after the answer was lost
	TakenOver               // it was there, and this run would have destroyed it at another address
	Remade                  // this run destroyed it first, and then made it again
	AsWanted                // it was there, just as it was to be made
)

// CreateEnvironment associates a connection with a base connection. Those that
// are created for one base at the same time share a request. A lost
// answer is dealt with as in [Inventory.CreateConnection]; on a server without
// the list of environments it is always a [createonce.UnknownOutcomeError]. Where
// the two are associated already, the association is taken over with its values if
// it is as agrees wants it, or if a delete of it comes in this run.
func (i *Inventory) CreateEnvironment(ctx context.Context, baseConnectionID, connectionID string, agrees func(*omni.Environment) bool) (*omni.Environment, Origin, error) {
	key := associationKey(baseConnectionID, connectionID)
	origin := Made
	if i.handover.hasEnded(key) {
		origin = Remade
	}
	environment, isFound, err := i.createEnvironment(ctx, baseConnectionID, connectionID)
	switch {
	case isFound:
		origin = Found
	case httpclient.IsBadRequest(err):
		existing := i.mayExist(ctx, err, baseConnectionID, connectionID)
		if existing == nil {
			return nil, origin, err
		}
		if existing.ID != "" && agrees(existing) && !i.handover.hasMade(key) && i.handover.claim(ctx, key, i.patience) {
			return existing, AsWanted, nil
		}
		id, isFree := i.handover.take(ctx, key, i.patience)
		switch {
		case id != "":
			existing.ID = id
			return existing, TakenOver, nil
		case isFree:
			environment, _, err = i.createEnvironment(ctx, baseConnectionID, connectionID)
			origin = Remade
		}
	}
	if unknown, ok := errors.AsType[*createonce.UnknownOutcomeError](err); ok && errors.Is(err, omni.ErrNoEnvironmentList) {
		unknown.Found = "and this server has no list of environments to look in"
	}
	if err == nil {
		i.handover.noteMade(key)
	}
	return &environment, origin, err
}

// mayExist returns the association that a refused create of the same one tells of,
// nil where there is none. A server without the list shows neither its id nor its
// values.
func (i *Inventory) mayExist(ctx context.Context, refusal error, baseConnectionID, connectionID string) *omni.Environment {
	existing, err := i.FindEnvironment(ctx, baseConnectionID, connectionID)
	if err != nil || existing != nil {
		return existing
	}
	if _, err := i.Environments(ctx); errors.Is(err, omni.ErrNoEnvironmentList) && omni.IsNotAssociable(refusal) {
		return &omni.Environment{BaseConnectionID: baseConnectionID, ConnectionID: connectionID}
	}
	return nil
}

func (i *Inventory) createEnvironment(ctx context.Context, baseConnectionID, connectionID string) (omni.Environment, bool, error) {
	return i.environments.creates.Create(ctx, createonce.Request[omni.Environment]{
		Name: baseConnectionID + "/" + connectionID,
		Send: func(ctx context.Context) (omni.Environment, error) {
			return i.batches.create(ctx, baseConnectionID, connectionID)
		},
		Match: func(e omni.Environment) createonce.Match { return e.Match(baseConnectionID, connectionID) },
	})
}

// DeleteEnvironment dissolves an association; one that is gone already is no
// error. Where a create of this run waits for it, it is left to that, and isLeft
// is true.
func (i *Inventory) DeleteEnvironment(ctx context.Context, e omni.Environment) (isLeft bool, err error) {
	return i.handover.end(associationKey(e.BaseConnectionID, e.ConnectionID), e.ID, func() error {
		defer i.handover.free()
		err := i.client.DeleteEnvironment(ctx, e.ID)
		i.environments.Invalidate()
		return createonce.ConfirmDelete(err, func() (bool, error) {
			_, err := i.Environment(ctx, e.ID)
			return isThere(err, omni.ErrNoEnvironmentList) // nothing shows it, so the 404 stands
		})
	})
}
