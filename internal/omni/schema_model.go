// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
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

// Is compares without case: references spell the status in several ways.
func (j *Job) Is(status string) bool { return strings.EqualFold(j.Status, status) }

// GetJob returns how a job is doing.
func (c *Client) GetJob(ctx context.Context, id string) (*Job, error) {
	var job Job
	if err := c.http.Do(ctx, httpclient.Request{Method: http.MethodGet, Path: []string{"jobs", id, "status"}}, &job); err != nil {
		return nil, err
	}
	return &job, nil
}
