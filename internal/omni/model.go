// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
)

// A job is asked about often at first and seldom later: a small schema is read in
// a second, and the server allows few requests a minute.
const (
	jobFirstWait = 500 * time.Millisecond
	jobLastWait  = 5 * time.Second
)

type modelList struct {
	Records *[]struct {
		ID           string `json:"id"`
		Kind         string `json:"modelKind"`
		ConnectionID string `json:"connectionId"`
		DeletedAt    string `json:"deletedAt"`
	} `json:"records"`
}

// Validate tells an empty list from an answer that is no list.
func (l *modelList) Validate() error {
	if l.Records == nil {
		return errors.New(`the JSON has no list "records"`)
	}
	return nil
}

const schemaModelKind = "SCHEMA"

// SchemaModelID returns the id of a connection's schema model, "" while Omni has
// not built it.
func (c *Client) SchemaModelID(ctx context.Context, connectionID string) (string, error) {
	var answer modelList
	err := c.http.Do(ctx, httpclient.Request{
		Method: http.MethodGet,
		Path:   []string{"models"},
		Query:  url.Values{"connectionId": {connectionID}, "modelKind": {schemaModelKind}},
	}, &answer)
	if err != nil {
		return "", err
	}
	for _, m := range *answer.Records {
		if m.Kind == schemaModelKind && strings.EqualFold(m.ConnectionID, connectionID) && m.DeletedAt == "" {
			return m.ID, nil
		}
	}
	return "", nil
}

type refreshAnswer struct {
	Success *bool  `json:"success"`
	Error   string `json:"error"`
	Message string `json:"message"`
	JobID   string `json:"jobId"`
}

// Validate requires the job, without which nothing can be followed.
func (a *refreshAnswer) Validate() error {
	if err := refusal(a.Success, a.Error, a.Message); err != nil {
		return err
	}
	if a.JobID == "" {
		return errors.New(`the JSON has no "jobId"`)
	}
	return nil
}

// RefreshModel has Omni read the schema of a model's database again, and returns
// the id of the job. A hard refresh also forgets what the database has no more;
// nil leaves the choice to the server. The key needs Connection Admin, or Modeler
// where the connection has exactly one shared model.
func (c *Client) RefreshModel(ctx context.Context, modelID string, hard *bool) (jobID string, err error) {
	query := url.Values{}
	if hard != nil {
		query.Set("hard_refresh", strconv.FormatBool(*hard))
	}
	var answer refreshAnswer
	err = c.http.Do(ctx, httpclient.Request{Method: http.MethodPost, Path: []string{"models", modelID, "refresh"}, Query: query}, &answer)
	return answer.JobID, err
}

// Job is a refresh of a schema under way, or its end.
type Job struct {
	Status string `json:"status"`
	// What a server may say about a failure; none is documented.
	Error   string `json:"error"`
	Message string `json:"message"`
	Detail  string `json:"detail"`
}

// Validate requires a status.
func (j *Job) Validate() error {
	if j.Status == "" {
		return errors.New(`the JSON has no "status"`)
	}
	return nil
}

// is compares without case: references spell the status in several ways.
func (j *Job) is(status string) bool { return strings.EqualFold(j.Status, status) }

// GetJob returns how a job is doing.
func (c *Client) GetJob(ctx context.Context, id string) (*Job, error) {
	var job Job
	if err := c.http.Do(ctx, httpclient.Request{Method: http.MethodGet, Path: []string{"jobs", id, "status"}}, &job); err != nil {
		return nil, err
	}
	return &job, nil
}

// ErrNoSchemaModel says that Omni has not built a connection's schema model yet.
var ErrNoSchemaModel = errors.New("Omni has not built the connection's schema model yet") //nolint:staticcheck // a name

// RefreshSchema has Omni read the schema of a connection's database again, and
// returns the id of the job. It returns [ErrGone] where there is no such
// connection, and [ErrNoSchemaModel] where it has no schema model.
func (i *Inventory) RefreshSchema(ctx context.Context, connectionID string, hard *bool) (jobID string, err error) {
	// A live server was seen to give a schema model its connection's id. Where
	// that does not hold, the list of models has the id.
	jobID, err = i.client.RefreshModel(ctx, connectionID, hard)
	if !httpclient.IsNotFound(err) {
		return jobID, err
	}
	id, listErr := i.client.SchemaModelID(ctx, connectionID)
	switch {
	case listErr != nil:
		return "", err
	case id != "" && !strings.EqualFold(id, connectionID):
		return i.client.RefreshModel(ctx, id, hard)
	case id != "":
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
	Job Job
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
		case job.is("COMPLETED"):
			return nil
		case job.is("FAILED"):
			return &JobFailedError{ID: id, Job: *job}
		}
		select { // any other status is on the way: IN_PROGRESS, RUNNING, or one to come
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(wait):
		}
	}
}
