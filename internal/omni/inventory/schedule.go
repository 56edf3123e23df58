// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

// A connection can have schedules once its schema model is registered. Until then
// a create looks for the model at these intervals.
const (
	schemaModelFirstWait = 250 * time.Millisecond
	schemaModelLastWait  = 30 * time.Second
)

var scheduleKind = kind[omni.Schedule]{
	id:        func(s omni.Schedule) string { return s.ID },
	alike:     "of the same times",
	compare:   func(a, b omni.Schedule) int { return cmp.Or(cmp.Compare(a.Cron, b.Cron), cmp.Compare(a.ID, b.ID)) },
	createdAt: func(s omni.Schedule) nullable.Value[string] { return s.CreatedAt },
}

// Schedule returns a schedule of a connection, or [ErrGone] once its absence is
// certain. The first one that is read of a connection is asked for itself; from
// the second on one list serves all. An absence from the list is confirmed by
// asking for the schedule, and a 404 to that by a fresh list.
func (i *Inventory) Schedule(ctx context.Context, connectionID, id string) (*omni.Schedule, error) {
	schedules := i.schedules.Of(connectionID)
	if _, wasRead := i.scheduleReads.LoadOrStore(connectionID, true); wasRead {
		snapshot, err := schedules.Get(ctx)
		if err != nil && !httpclient.IsNotFound(err) {
			return nil, err
		}
		if s, ok := snapshot.Value.Find(id); ok {
			return &s, s.Problem
		}
	}
	schedule, err := i.client.GetSchedule(ctx, connectionID, id)
	if !httpclient.IsMissing(err) {
		return schedule, err
	}
	snapshot, err := schedules.Newer(ctx, schedules.Mark())
	switch {
	case httpclient.IsMissing(err):
		// Not even the list is there. That is right where the connection is gone.
		if _, connectionErr := i.Connection(ctx, connectionID); connectionErr != nil {
			return nil, connectionErr
		}
		return nil, fmt.Errorf("%w, although the connection is there: whether the schedule exists is not known", err)
	case err != nil:
		return nil, err
	}
	if s, ok := snapshot.Value.Find(id); ok {
		return &s, s.Problem
	}
	return nil, ErrGone
}

// Schedules returns the schedules of a connection: none where the connection has
// no schema model, and [ErrGone] where there is no such connection. The list is
// shared: do not change it.
func (i *Inventory) Schedules(ctx context.Context, connectionID string) ([]omni.Schedule, error) {
	all, err := i.schedules.Of(connectionID).all(ctx)
	if httpclient.IsMissing(err) {
		_, connectionErr := i.Connection(ctx, connectionID)
		if connectionErr != nil {
			return nil, connectionErr
		}
		if omni.SaysNoSuchObject(err) { // so it answers until there is a model
			return nil, nil
		}
	}
	return all, err
}

// NoSchemaModelError says that a connection cannot have a schedule, because it has no
// schema model.
type NoSchemaModelError struct {
	Err    error         // the server's last answer
	Waited time.Duration // how long the model was waited for
	Cause  error         // why the waiting ended, where it was not the time
}

func (e *NoSchemaModelError) Error() string {
	text := fmt.Sprintf("%s. The connection itself is there: Omni answers this until the connection has a schema model, and none appeared within %s", e.Err, e.Waited.Round(time.Second))
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
func (i *Inventory) CreateSchedule(ctx context.Context, connectionID string, settings omni.ScheduleSettings) (made *omni.Schedule, isFound bool, err error) {
	request := createonce.Request[omni.Schedule]{
		Name: fmt.Sprint(settings),
		Send: func(ctx context.Context) (omni.Schedule, error) {
			return valueOf(i.client.CreateSchedule(ctx, connectionID, settings))
		},
		Match: func(s omni.Schedule) createonce.Match { return s.Match(settings) },
	}
	var noModel error // the latest answer that said so
	started := time.Now()
	for wait := schemaModelFirstWait; ; {
		schedule, isFound, err := i.schedules.Of(connectionID).creates.Create(ctx, request)
		if err == nil {
			return &schedule, isFound, nil
		}
		if _, isUnknown := errors.AsType[*createonce.UnknownOutcomeError](err); isUnknown {
			return nil, false, err
		}
		if httpclient.IsNotFound(err) && omni.SaysNoSuchObject(err) {
			noModel = err
			_, err = i.FreshConnection(ctx, connectionID)
		}
		switch {
		case noModel != nil && ctx.Err() != nil:
			return nil, false, noSchemaModel(ctx, noModel, started)
		case err != nil:
			return nil, false, err
		}
		if !i.awaitSchemaModel(ctx, connectionID, &wait) {
			return nil, false, noSchemaModel(ctx, noModel, started)
		}
	}
}

// awaitSchemaModel looks for the schema model of a connection, at one request a try,
// and reports whether it came before the context ended. Where the models cannot be
// read it reports that too: then the schedule's own answer tells. The waits grow, from
// one call to the next as well.
func (i *Inventory) awaitSchemaModel(ctx context.Context, connectionID string, wait *time.Duration) bool {
	for {
		// Jitter keeps the schedules of many new connections apart.
		if httpclient.Sleep(ctx, *wait/2+rand.N(*wait)) != nil { //nolint:gosec // no secret depends on it
			return false
		}
		*wait = min(2**wait, schemaModelLastWait)
		model, err := i.client.GetSchemaModel(ctx, connectionID)
		if model != nil || err != nil {
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

// UpdateSchedule replaces the settings of a schedule.
func (i *Inventory) UpdateSchedule(ctx context.Context, connectionID, id string, settings omni.ScheduleSettings) (*omni.Schedule, error) {
	defer i.schedules.Of(connectionID).Invalidate()
	return i.client.UpdateSchedule(ctx, connectionID, id, settings)
}

// DeleteSchedule ends a schedule; one that is gone already is no error.
func (i *Inventory) DeleteSchedule(ctx context.Context, connectionID, id string) error {
	err := i.client.DeleteSchedule(ctx, connectionID, id)
	i.schedules.Of(connectionID).Invalidate()
	return createonce.ConfirmDelete(err, func() (bool, error) {
		_, err := i.Schedule(ctx, connectionID, id)
		return isThere(err)
	})
}
