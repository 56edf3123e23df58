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

var dbtEnvironmentKind = kind[omni.DBTEnvironment]{
	id:    func(e omni.DBTEnvironment) string { return e.ID },
	alike: "of the same name",
	compare: func(a, b omni.DBTEnvironment) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	},
}

// DBTEnvironment returns a dbt environment of a connection, or [ErrGone] once its
// absence is certain: a second list, or the end of the connection, confirms it.
// One list a connection serves all; the server has no other way to read one. A
// server that is too old for dbt is [omni.ErrNoDBT].
func (i *Inventory) DBTEnvironment(ctx context.Context, connectionID, id string) (*omni.DBTEnvironment, error) {
	environment, ok, err := i.dbtEnvironments.Of(connectionID).find(ctx, id)
	switch {
	case httpclient.IsMissing(err):
		return nil, i.withoutDBT(ctx, connectionID, err)
	case err != nil:
		return nil, err
	case !ok:
		return nil, ErrGone
	}
	return &environment, environment.Problem
}

// DBTEnvironments returns the dbt environments of a connection, by name. A
// connection without dbt is the error of [Inventory.DBT]. The list is shared: do
// not change it.
func (i *Inventory) DBTEnvironments(ctx context.Context, connectionID string) ([]omni.DBTEnvironment, error) {
	all, err := i.dbtEnvironments.Of(connectionID).all(ctx)
	if httpclient.IsForbidden(err) || httpclient.IsMissing(err) {
		// The answer alone does not tell a connection without dbt.
		if _, dbtErr := i.DBT(ctx, connectionID); dbtErr != nil {
			return nil, dbtErr
		}
	}
	return all, err
}

// CreateDBTEnvironment makes a dbt environment of a connection. Where there is no
// such connection it is [ErrGone]. A lost answer is dealt with as in
// [Inventory.CreateConnection].
func (i *Inventory) CreateDBTEnvironment(ctx context.Context, connectionID string, settings omni.DBTEnvironmentSettings) (made *omni.DBTEnvironment, isFound bool, err error) {
	environment, isFound, err := i.dbtEnvironments.Of(connectionID).creates.Create(ctx, createonce.Request[omni.DBTEnvironment]{
		Name: settings.Name,
		Send: func(ctx context.Context) (omni.DBTEnvironment, error) {
			return valueOf(i.client.CreateDBTEnvironment(ctx, connectionID, settings))
		},
		Match: func(e omni.DBTEnvironment) createonce.Match { return e.Match(settings) },
	})
	_, isUnknown := errors.AsType[*createonce.UnknownOutcomeError](err)
	switch {
	case !isUnknown && httpclient.IsMissing(err):
		return nil, false, i.withoutDBT(ctx, connectionID, err)
	case err != nil:
		return nil, false, err
	}
	return &environment, isFound, nil
}

// UpdateDBTEnvironment replaces the settings of a dbt environment.
func (i *Inventory) UpdateDBTEnvironment(ctx context.Context, connectionID, id string, settings omni.DBTEnvironmentSettings) (*omni.DBTEnvironment, error) {
	defer i.dbtEnvironments.Of(connectionID).Invalidate()
	return i.client.UpdateDBTEnvironment(ctx, connectionID, id, settings)
}

// DeleteDBTEnvironment ends a dbt environment; one that is gone already is no
// error.
func (i *Inventory) DeleteDBTEnvironment(ctx context.Context, connectionID, id string) error {
	err := i.client.DeleteDBTEnvironment(ctx, connectionID, id)
	i.dbtEnvironments.Of(connectionID).Invalidate()
	return createonce.ConfirmDelete(err, func() (bool, error) {
		_, err := i.DBTEnvironment(ctx, connectionID, id)
		return isThere(err)
	})
}
