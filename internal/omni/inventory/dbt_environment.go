// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/listonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

// dbtEnvironmentLists keeps one list for each connection.
type dbtEnvironmentLists struct {
	mu           sync.Mutex
	byConnection map[string]*dbtEnvironmentReads
}

// dbtEnvironmentReads is what this process knows of one connection's dbt
// environments.
type dbtEnvironmentReads struct {
	store *listonce.Store[map[string]omni.DBTEnvironment]

	// Guarded by creations.mu, as those of the other collections are.
	known    map[string]bool // nil until a list has been read
	attempts map[string]int  // by name: two of a name in one process cannot be told apart
}

func (i *Inventory) dbtEnvironmentsOf(connectionID string) *dbtEnvironmentReads {
	l := &i.dbtEnvironments
	l.mu.Lock()
	defer l.mu.Unlock()
	reads := l.byConnection[connectionID]
	if reads == nil {
		reads = &dbtEnvironmentReads{attempts: map[string]int{}}
		reads.store = listonce.New(func(ctx context.Context) (map[string]omni.DBTEnvironment, error) {
			list, err := i.client.ListDBTEnvironments(ctx, connectionID)
			return byID(list, func(e omni.DBTEnvironment) string { return e.ID }), err
		}, listTimeout)
		if l.byConnection == nil {
			l.byConnection = map[string]*dbtEnvironmentReads{}
		}
		l.byConnection[connectionID] = reads
	}
	return reads
}

// DBTEnvironment returns a dbt environment of a connection, or [ErrGone] once its
// absence is certain: a second list, or the end of the connection, confirms it.
// One list a connection serves all; the server has no other way to read one. A
// server that is too old for dbt is [omni.ErrNoDBT].
func (i *Inventory) DBTEnvironment(ctx context.Context, connectionID, id string) (*omni.DBTEnvironment, error) {
	reads := i.dbtEnvironmentsOf(connectionID)
	snapshot, err := reads.store.Get(ctx)
	for confirmed := false; err == nil; confirmed = true {
		if e, ok := snapshot.Value[id]; ok {
			return &e, e.Problem
		}
		if confirmed {
			return nil, ErrGone
		}
		snapshot, err = reads.store.Newer(ctx, snapshot)
	}
	if httpclient.IsNotFound(err) || httpclient.IsGone(err) {
		return nil, i.withoutDBT(ctx, connectionID, err)
	}
	return nil, err
}

// DBTEnvironments returns the dbt environments of a connection in no particular
// order. A connection without dbt is the error of [Inventory.DBT].
func (i *Inventory) DBTEnvironments(ctx context.Context, connectionID string) ([]omni.DBTEnvironment, error) {
	snapshot, err := i.dbtEnvironmentsOf(connectionID).store.Get(ctx)
	if httpclient.IsForbidden(err) || httpclient.IsNotFound(err) || httpclient.IsGone(err) {
		// The answer alone does not tell a connection without dbt.
		if _, dbtErr := i.DBT(ctx, connectionID); dbtErr != nil {
			return nil, dbtErr
		}
	}
	return slices.Collect(maps.Values(snapshot.Value)), err
}

// CreateDBTEnvironment makes a dbt environment of a connection. Where there is no
// such connection it is [ErrGone]. A lost answer is dealt with as in
// [Inventory.CreateConnection].
func (i *Inventory) CreateDBTEnvironment(ctx context.Context, connectionID string, settings omni.DBTEnvironmentSettings) (*omni.DBTEnvironment, error) {
	reads := i.dbtEnvironmentsOf(connectionID)
	known := remember(ctx, &i.creations, reads.store, &reads.known, nil)
	i.creations.mu.Lock()
	reads.attempts[settings.Name]++
	i.creations.mu.Unlock()
	environment, err := i.client.CreateDBTEnvironment(ctx, connectionID, settings)
	reads.store.Invalidate()
	switch {
	case httpclient.IsOutcomeUnknown(err):
		return i.searchDBTEnvironment(ctx, connectionID, settings, known, err)
	case httpclient.IsNotFound(err), httpclient.IsGone(err):
		return nil, i.withoutDBT(ctx, connectionID, err)
	case err != nil:
		return nil, err
	}
	i.creations.made(&reads.known, environment.ID)
	return environment, nil
}

func (i *Inventory) searchDBTEnvironment(ctx context.Context, connectionID string, settings omni.DBTEnvironmentSettings, known bool, cause error) (*omni.DBTEnvironment, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), searchTimeout)
	defer cancel()
	reads := i.dbtEnvironmentsOf(connectionID)
	snapshot, err := reads.store.Get(ctx)
	if err != nil {
		return nil, &httpclient.UnknownOutcomeError{Err: cause, Found: "looking for it failed too: " + err.Error()}
	}
	var candidates []string
	i.creations.mu.Lock()
	for id, e := range snapshot.Value {
		if e.Problem == nil && !reads.known[id] && e.Has(settings) {
			candidates = append(candidates, id)
		}
	}
	alone := reads.attempts[settings.Name] == 1
	i.creations.mu.Unlock()
	id, err := httpclient.OnlyCandidate(candidates, known && alone, cause)
	if err != nil {
		return nil, err
	}
	i.creations.made(&reads.known, id)
	environment := snapshot.Value[id]
	return &environment, nil
}

// UpdateDBTEnvironment replaces the settings of a dbt environment.
func (i *Inventory) UpdateDBTEnvironment(ctx context.Context, connectionID, id string, settings omni.DBTEnvironmentSettings) (*omni.DBTEnvironment, error) {
	defer i.dbtEnvironmentsOf(connectionID).store.Invalidate()
	return i.client.UpdateDBTEnvironment(ctx, connectionID, id, settings)
}

// DeleteDBTEnvironment ends a dbt environment; one that is gone already is no
// error.
func (i *Inventory) DeleteDBTEnvironment(ctx context.Context, connectionID, id string) error {
	err := i.client.DeleteDBTEnvironment(ctx, connectionID, id)
	i.dbtEnvironmentsOf(connectionID).store.Invalidate()
	switch {
	case err == nil, httpclient.IsGone(err):
		return nil
	case !httpclient.IsNotFound(err):
		return err
	}
	switch _, readErr := i.DBTEnvironment(ctx, connectionID, id); {
	case errors.Is(readErr, ErrGone):
		return nil
	case readErr == nil:
		return &NotDeletedError{Err: err}
	default:
		return readErr
	}
}
