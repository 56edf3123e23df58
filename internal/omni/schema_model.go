// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
)

const (
	modelsPath      = "models"
	schemaModelKind = "SCHEMA"
)

var (
	// ErrNoModels says that this server has no models in its API: that of the 2025
	// guide has no such route.
	ErrNoModels = errors.New("this Omni server has no models in its API: it is too old")
	// ErrSchemaModelExists says that the connection has its schema model already.
	ErrSchemaModelExists = errors.New("the connection has a schema model already")
)

// SchemaModel is what Omni knows of the tables of a connection's database. A
// connection has one at most. Its id is the connection's, and so is its name; it
// cannot be deleted.
type SchemaModel struct {
	ID           string                 `json:"id"`
	ConnectionID string                 `json:"connectionId"`
	Kind         string                 `json:"modelKind"`
	Name         nullable.Value[string] `json:"name"`
	CreatedAt    nullable.Value[string] `json:"createdAt"`
	DeletedAt    nullable.Value[string] `json:"deletedAt"`

	// Problem says why the rest could not be decoded; nil in the usual case.
	Problem error `json:"-"`
}

// ListSchemaModels returns the schema models of all connections, page after page, in
// no particular order, without those of connections in the trash; or [ErrNoModels].
func (c *Client) ListSchemaModels(ctx context.Context) ([]SchemaModel, error) {
	return c.schemaModels(ctx, nil)
}

// GetSchemaModel returns the schema model of a connection, nil where it has none, or
// [ErrNoModels].
func (c *Client) GetSchemaModel(ctx context.Context, connectionID string) (*SchemaModel, error) {
	models, err := c.schemaModels(ctx, url.Values{"connectionId": {connectionID}})
	for _, m := range models {
		if strings.EqualFold(m.ConnectionID, connectionID) {
			return &m, m.Problem
		}
	}
	return nil, err
}

func (c *Client) schemaModels(ctx context.Context, filter url.Values) ([]SchemaModel, error) {
	query := url.Values{"modelKind": {schemaModelKind}}
	maps.Copy(query, filter)
	records, err := c.listRecords(ctx, []string{modelsPath}, query, "the schema models", recordPage{})
	if httpclient.IsNotFound(err) && !SaysNoSuchObject(err) || LacksMethod(err) {
		return nil, fmt.Errorf("%w: %w", ErrNoModels, err)
	}
	var models []SchemaModel
	for _, m := range httpclient.DecodeItems(records, "schema model", (*SchemaModel).check, (*SchemaModel).markOdd) {
		if (m.Kind == schemaModelKind || m.Problem != nil) && m.DeletedAt.Or("") == "" {
			models = append(models, m)
		}
	}
	return models, err
}

// check reports what a schema model cannot be without.
func (m *SchemaModel) check() error {
	if m.ID == "" || m.ConnectionID == "" {
		return errors.New(`the JSON has no "id" or no "connectionId"`)
	}
	return nil
}

func (m *SchemaModel) markOdd(item json.RawMessage, problem error) {
	*m = SchemaModel{ID: httpclient.TextOf(item, "id"), ConnectionID: httpclient.TextOf(item, "connectionId"), Problem: problem}
}

type schemaModelBody struct {
	ConnectionID string `json:"connectionId"`
	Kind         string `json:"modelKind"`
}

type createdModel struct {
	doneAnswer
	Model struct {
		ID   string                 `json:"id"`
		Name nullable.Value[string] `json:"name"`
	} `json:"model"`
}

// Validate requires an id.
func (a *createdModel) Validate() error {
	if err := a.doneAnswer.Validate(); err != nil {
		return err
	}
	if a.Model.ID == "" {
		return errors.New(`the JSON has no "model" with an "id"`)
	}
	return nil
}

// CreateSchemaModel registers the schema model of a connection, which does not reach
// for the database, and returns its id and name. Where there is one already the
// error is [ErrSchemaModelExists]; so sending it twice is harmless.
func (c *Client) CreateSchemaModel(ctx context.Context, connectionID string) (*SchemaModel, error) {
	var answer createdModel
	err := c.http.Do(ctx, httpclient.Request{
		Method:     http.MethodPost,
		Path:       []string{modelsPath},
		Body:       schemaModelBody{ConnectionID: connectionID, Kind: schemaModelKind},
		Idempotent: true,
	}, &answer)
	switch {
	case httpclient.IsBadRequest(err) && strings.Contains(Message(err), "already exists"):
		return nil, fmt.Errorf("%w: %w", ErrSchemaModelExists, err)
	case httpclient.IsNotFound(err) && !SaysNoSuchObject(err), LacksMethod(err):
		return nil, fmt.Errorf("%w: %w", ErrNoModels, err)
	case err != nil:
		return nil, err
	}
	return &SchemaModel{ID: answer.Model.ID, ConnectionID: connectionID, Kind: schemaModelKind, Name: answer.Model.Name}, nil
}

type refreshAnswer struct {
	doneAnswer
	JobID string `json:"jobId"`
}

// Validate requires the job, without which nothing can be followed.
func (a *refreshAnswer) Validate() error {
	if err := a.doneAnswer.Validate(); err != nil {
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
	err = c.http.Do(ctx, httpclient.Request{Method: http.MethodPost, Path: []string{modelsPath, modelID, "refresh"}, Query: query}, &answer)
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
