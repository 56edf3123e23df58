// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"cmp"
	"context"
	"errors"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

var environmentKind = kind[omni.Environment]{
	id: func(e omni.Environment) string { return e.ID },
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
// or nil where there is none or the server does not list environments.
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
			return &e, nil
		}
	}
	return nil, nil
}

// Environments returns the environments of every base connection, by base, or
// [omni.ErrNoEnvironmentList]. The list is shared: do not change it.
func (i *Inventory) Environments(ctx context.Context) ([]omni.Environment, error) {
	return i.environments.all(ctx)
}

// CreateEnvironment associates a connection with a base connection. Those that
// are created for one base at the same time share a request. A lost
// answer is dealt with as in [Inventory.CreateConnection]; on a server without
// the list of environments it is always a [createonce.UnknownOutcomeError].
func (i *Inventory) CreateEnvironment(ctx context.Context, baseConnectionID, connectionID string) (*omni.Environment, error) {
	environment, _, err := i.environments.creates.Create(ctx, createonce.Request[omni.Environment]{
		Name: baseConnectionID + "/" + connectionID,
		Send: func(ctx context.Context) (omni.Environment, error) {
			return i.batches.create(ctx, baseConnectionID, connectionID)
		},
		Match: func(e omni.Environment) createonce.Match {
			if e.Associates(baseConnectionID, connectionID) {
				return createonce.Same
			}
			return createonce.Other
		},
	})
	if unknown, ok := errors.AsType[*createonce.UnknownOutcomeError](err); ok && errors.Is(err, omni.ErrNoEnvironmentList) {
		unknown.Found = "and this server has no list of environments to look in"
	}
	return &environment, err
}

// DeleteEnvironment dissolves an association; one that is gone already is no
// error.
func (i *Inventory) DeleteEnvironment(ctx context.Context, id string) error {
	err := i.client.DeleteEnvironment(ctx, id)
	i.environments.Invalidate()
	return createonce.ConfirmDelete(err, func() (bool, error) {
		_, err := i.Environment(ctx, id)
		return isThere(err, omni.ErrNoEnvironmentList) // nothing shows it, so the 404 stands
	})
}
