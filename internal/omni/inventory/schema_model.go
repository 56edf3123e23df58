// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

// A job is asked about often at first and seldom later: a small schema is read in
// a second, and the server allows few requests a minute.
const (
	jobFirstWait = 500 * time.Millisecond
	jobLastWait  = 5 * time.Second
)

// ErrNoSchemaModel says that nobody has registered a connection's schema model.
var ErrNoSchemaModel = errors.New("the connection has no schema model")

// schemaModelKind has one of a connection, so that is what it is known by.
var schemaModelKind = kind[omni.SchemaModel]{
	id:      func(m omni.SchemaModel) string { return m.ConnectionID },
	compare: func(a, b omni.SchemaModel) int { return cmp.Compare(a.ConnectionID, b.ConnectionID) },
}

// SchemaModel returns the schema model of a connection out of the list of all. An
// absence from it is confirmed by asking for this connection's alone: then the error
// is [ErrNoSchemaModel], or [ErrGone] where there is no such connection either.
func (i *Inventory) SchemaModel(ctx context.Context, connectionID string) (*omni.SchemaModel, error) {
	snapshot, err := i.schemaModels.Get(ctx)
	if err != nil {
		return nil, err
	}
	if m, ok := snapshot.Value.Find(connectionID); ok {
		return &m, m.Problem
	}
	model, err := i.client.GetSchemaModel(ctx, connectionID)
	if err != nil || model != nil {
		return model, err
	}
	if _, err := i.Connection(ctx, connectionID); err != nil {
		return nil, err
	}
	return nil, ErrNoSchemaModel
}

// FreshSchemaModel returns the schema model of a connection as it is now, for the
// read after a write.
func (i *Inventory) FreshSchemaModel(ctx context.Context, connectionID string) (*omni.SchemaModel, error) {
	model, err := i.client.GetSchemaModel(ctx, connectionID)
	if err == nil && model == nil {
		return nil, ErrNoSchemaModel
	}
	return model, err
}

// SchemaModels returns the schema models of all connections, by connection. The list
// is shared: do not change it.
func (i *Inventory) SchemaModels(ctx context.Context) ([]omni.SchemaModel, error) {
	snapshot, err := i.schemaModels.Get(ctx)
	return snapshot.Value.All, err
}

// RegisterSchemaModel makes the schema model of a connection. One that is there
// already is taken as it is, which isNew tells. It returns [ErrGone] where there is
// no such connection.
func (i *Inventory) RegisterSchemaModel(ctx context.Context, connectionID string) (model *omni.SchemaModel, isNew bool, err error) {
	model, err = i.client.CreateSchemaModel(ctx, connectionID)
	i.schemaModels.Invalidate()
	switch {
	case err == nil:
		return model, true, nil
	case errors.Is(err, omni.ErrSchemaModelExists):
		// After a lost answer to a first try it may be that try's.
		e, _ := httpclient.AsError(err)
		return &omni.SchemaModel{ID: connectionID, ConnectionID: connectionID}, e.Attempts > 1, nil
	case httpclient.IsNotFound(err) && omni.SaysNoSuchObject(err):
		return nil, false, fmt.Errorf("%w: %w", ErrGone, err)
	}
	return nil, false, err
}

// RefreshSchema has Omni read the schema of a connection's database again, and
// returns the id of the job; hard is explained at [omni.Client.RefreshModel]. It
// returns [ErrGone] where there is no such
// connection, and [ErrNoSchemaModel] where it has no schema model.
func (i *Inventory) RefreshSchema(ctx context.Context, connectionID string, hard *bool) (jobID string, err error) {
	// A live server was seen to give a schema model its connection's id. Where
	// that does not hold, the list of models has the id.
	jobID, err = i.client.RefreshModel(ctx, connectionID, hard)
	if !httpclient.IsNotFound(err) {
		return jobID, err
	}
	model, listErr := i.client.GetSchemaModel(ctx, connectionID)
	switch {
	case listErr != nil:
		return "", err
	case model != nil && !strings.EqualFold(model.ID, connectionID):
		return i.client.RefreshModel(ctx, model.ID, hard)
	case model != nil:
		return "", err // the model is there, so the 404 is about something else
	}
	if _, connectionErr := i.FreshConnection(ctx, connectionID); connectionErr != nil {
		return "", connectionErr
	}
	return "", ErrNoSchemaModel
}

// JobFailedError says that a job ended without success.
type JobFailedError struct {
	ID  string
	Job omni.Job
}

func (e *JobFailedError) Error() string {
	text := fmt.Sprintf("job %s ended with the status %s", e.ID, e.Job.Status)
	for _, words := range []string{e.Job.Error, e.Job.Message, e.Job.Detail} {
		if words != "" {
			return text + ": " + words
		}
	}
	return text
}

// AwaitJob returns when the job has ended, with a [JobFailedError] if it failed,
// or when the context has. It calls seen with every status.
func (i *Inventory) AwaitJob(ctx context.Context, id string, seen func(status string)) error {
	for wait := jobFirstWait; ; wait = min(2*wait, jobLastWait) {
		job, err := i.client.GetJob(ctx, id)
		if err != nil {
			return err
		}
		seen(job.Status)
		switch {
		case job.Is("COMPLETED"):
			return nil
		case job.Is("FAILED"):
			return &JobFailedError{ID: id, Job: *job}
		}
		// Any other status is on the way: IN_PROGRESS, RUNNING, or one to come.
		if httpclient.Sleep(ctx, wait) != nil {
			return context.Cause(ctx)
		}
	}
}
