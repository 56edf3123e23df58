// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/listonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

// A connection can have schedules once its schema model is registered. Until then
// a create looks for the model at these intervals.
const (
	schemaModelFirstWait = 250 * time.Millisecond
	schemaModelLastWait  = 30 * time.Second
)

// scheduleLists keeps one list for each connection.
type scheduleLists struct {
	mu           sync.Mutex
	byConnection map[string]*scheduleReads
}

// scheduleReads is what this process knows of one connection's schedules.
type scheduleReads struct {
	store *listonce.Store[map[string]omni.Schedule]

	isUsed bool // guarded by scheduleLists.mu

	// Guarded by creations.mu, as those of the other collections are.
	known    map[string]bool               // nil until a list has been read
	attempts map[omni.ScheduleSettings]int // two that are the same in one process cannot be told apart
}

func (i *Inventory) schedulesOf(connectionID string) *scheduleReads {
	l := &i.schedules
	l.mu.Lock()
	defer l.mu.Unlock()
	reads := l.byConnection[connectionID]
	if reads == nil {
		reads = &scheduleReads{attempts: map[omni.ScheduleSettings]int{}}
		reads.store = listonce.New(func(ctx context.Context) (map[string]omni.Schedule, error) {
			list, err := i.client.ListSchedules(ctx, connectionID)
			return byID(list, func(s omni.Schedule) string { return s.ID }), err
		}, listTimeout)
		if l.byConnection == nil {
			l.byConnection = map[string]*scheduleReads{}
		}
		l.byConnection[connectionID] = reads
	}
	return reads
}

// isFirst reports, once a connection, that nobody has read one of its schedules
// yet.
func (l *scheduleLists) isFirst(reads *scheduleReads) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	wasUsed := reads.isUsed
	reads.isUsed = true
	return !wasUsed
}

// Schedule returns a schedule of a connection, or [ErrGone] once its absence is
// certain. The first one that is read of a connection is asked for itself; from
// the second on one list serves all. An absence from the list is confirmed by
// asking for the schedule, and a 404 to that by a fresh list.
func (i *Inventory) Schedule(ctx context.Context, connectionID, id string) (*omni.Schedule, error) {
	reads := i.schedulesOf(connectionID)
	if !i.schedules.isFirst(reads) {
		snapshot, err := reads.store.Get(ctx)
		if err != nil && !httpclient.IsNotFound(err) {
			return nil, err
		}
		if s, ok := snapshot.Value[id]; ok {
			return &s, s.Problem
		}
	}
	schedule, err := i.client.GetSchedule(ctx, connectionID, id)
	if !httpclient.IsNotFound(err) && !httpclient.IsGone(err) {
		return schedule, err
	}
	snapshot, err := reads.store.Fresh(ctx)
	switch {
	case httpclient.IsNotFound(err), httpclient.IsGone(err):
		// Not even the list is there. That is right where the connection is gone.
		if _, connectionErr := i.Connection(ctx, connectionID); connectionErr != nil {
			return nil, connectionErr
		}
		return nil, fmt.Errorf("%w, although the connection is there: whether the schedule exists is not known", err)
	case err != nil:
		return nil, err
	}
	if s, ok := snapshot.Value[id]; ok {
		return &s, s.Problem
	}
	return nil, ErrGone
}

// Schedules returns the schedules of a connection in no particular order: none
// where the connection has no schema model, and [ErrGone] where there is no such
// connection.
func (i *Inventory) Schedules(ctx context.Context, connectionID string) ([]omni.Schedule, error) {
	snapshot, err := i.schedulesOf(connectionID).store.Get(ctx)
	if httpclient.IsNotFound(err) || httpclient.IsGone(err) {
		_, connectionErr := i.Connection(ctx, connectionID)
		if connectionErr != nil {
			return nil, connectionErr
		}
		if omni.SaysNoSuchObject(err) { // so it answers until there is a model
			return nil, nil
		}
	}
	return slices.Collect(maps.Values(snapshot.Value)), err
}

// NoSchemaModelError says that a connection cannot have a schedule, because it has no
// schema model.
type NoSchemaModelError struct {
	Err    error         // the server's last answer
	Waited time.Duration // how long the model was waited for
	Cause  error         // why the waiting ended, where it was not the time
}

func (e *NoSchemaModelError) Error() string {
	text := fmt.Sprintf("%s. The connection itself is there: Omni answers so until the connection has its schema model, and in %s none came", e.Err, e.Waited.Round(time.Second))
	if e.Cause != nil {
		text += " (waiting for it was interrupted)"
	}
	return text
}

// Unwrap returns the server's last answer, and why the waiting ended.
func (e *NoSchemaModelError) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Err}
	}
	return []error{e.Err, e.Cause}
}

// CreateSchedule makes a schedule of a connection. While the connection is there
// and its schema model is not, it is tried again for as long as the context
// lasts; then the error is a [NoSchemaModelError]. Where there is no such
// connection it is [ErrGone]. A lost answer is dealt with as in
// [Inventory.CreateConnection].
func (i *Inventory) CreateSchedule(ctx context.Context, connectionID string, settings omni.ScheduleSettings) (*omni.Schedule, error) {
	reads := i.schedulesOf(connectionID)
	i.creations.mu.Lock()
	reads.attempts[settings]++
	i.creations.mu.Unlock()

	var noModel error // the latest answer that said so
	started := time.Now()
	for wait := schemaModelFirstWait; ; {
		known := remember(ctx, &i.creations, reads.store, &reads.known, nil)
		schedule, err := i.client.CreateSchedule(ctx, connectionID, settings)
		reads.store.Invalidate()
		if httpclient.IsOutcomeUnknown(err) {
			return i.searchSchedule(ctx, connectionID, settings, started, known, err)
		}
		if err == nil {
			i.creations.made(&reads.known, schedule.ID)
			return schedule, nil
		}
		if httpclient.IsNotFound(err) && omni.SaysNoSuchObject(err) {
			noModel = err
			_, err = i.FreshConnection(ctx, connectionID)
		}
		switch {
		case noModel != nil && ctx.Err() != nil:
			return nil, noSchemaModel(ctx, noModel, started)
		case err != nil:
			return nil, err
		}
		if !i.awaitSchemaModel(ctx, connectionID, &wait) {
			return nil, noSchemaModel(ctx, noModel, started)
		}
	}
}

// awaitSchemaModel looks for the schema model of a connection, at one request a try,
// and reports whether it came before the context ended. Where the models cannot be
// read it reports that too: then the schedule's own answer tells. The waits grow, from
// one call to the next as well.
func (i *Inventory) awaitSchemaModel(ctx context.Context, connectionID string, wait *time.Duration) bool {
	for {
		select {
		case <-ctx.Done():
			return false
		// Jitter keeps the schedules of many new connections apart.
		case <-time.After(*wait/2 + rand.N(*wait)): //nolint:gosec // no secret depends on it
		}
		*wait = min(2**wait, schemaModelLastWait)
		model, err := i.client.GetSchemaModel(ctx, connectionID)
		if ctx.Err() == nil && (model != nil || err != nil) {
			return true
		}
	}
}

func noSchemaModel(ctx context.Context, err error, started time.Time) error {
	e := &NoSchemaModelError{Err: err, Waited: time.Since(started)}
	if errors.Is(ctx.Err(), context.Canceled) {
		e.Cause = context.Canceled
	}
	return e
}

func (i *Inventory) searchSchedule(ctx context.Context, connectionID string, settings omni.ScheduleSettings, started time.Time, known bool, cause error) (*omni.Schedule, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), searchTimeout)
	defer cancel()
	reads := i.schedulesOf(connectionID)
	snapshot, err := reads.store.Get(ctx)
	if err != nil {
		return nil, &httpclient.UnknownOutcomeError{Err: cause, Found: "looking for it failed too: " + err.Error()}
	}
	var candidates []string
	i.creations.mu.Lock()
	for id, s := range snapshot.Value {
		if s.Problem == nil && !reads.known[id] && !createdBefore(s.CreatedAt, started) && s.Has(settings) {
			candidates = append(candidates, id)
		}
	}
	alone := reads.attempts[settings] == 1
	i.creations.mu.Unlock()
	id, err := httpclient.OnlyCandidate(candidates, known && alone, cause)
	if err != nil {
		return nil, err
	}
	i.creations.made(&reads.known, id)
	schedule := snapshot.Value[id]
	return &schedule, nil
}

// UpdateSchedule replaces the settings of a schedule.
func (i *Inventory) UpdateSchedule(ctx context.Context, connectionID, id string, settings omni.ScheduleSettings) (*omni.Schedule, error) {
	defer i.schedulesOf(connectionID).store.Invalidate()
	return i.client.UpdateSchedule(ctx, connectionID, id, settings)
}

// DeleteSchedule ends a schedule; one that is gone already is no error.
func (i *Inventory) DeleteSchedule(ctx context.Context, connectionID, id string) error {
	err := i.client.DeleteSchedule(ctx, connectionID, id)
	i.schedulesOf(connectionID).store.Invalidate()
	switch {
	case err == nil, httpclient.IsGone(err):
		return nil
	case !httpclient.IsNotFound(err):
		return err
	}
	switch _, readErr := i.Schedule(ctx, connectionID, id); {
	case errors.Is(readErr, ErrGone):
		return nil
	case readErr == nil:
		return &NotDeletedError{Err: err}
	default:
		return readErr
	}
}
