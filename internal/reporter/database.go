// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
)

// TestResult is what came of trying a connection.
type TestResult struct {
	Success bool
	Message string
	Latency time.Duration
}

type testAnswer struct {
	Status    string  `json:"status"`
	Message   string  `json:"message"`
	LatencyMS float64 `json:"latencyMs"`
}

// Validate requires a verdict.
func (a *testAnswer) Validate() error {
	if a.Status == "" {
		return errors.New(`the JSON has no "status"`)
	}
	return nil
}

// TestConnection has the server open the connection, and close it. A database
// that cannot be reached is an error ([IsDatabaseUnreachable]) today; the
// documentation has a result without success. Each connection can be tested ten
// times a minute; beyond that the tests of this connection wait, within their
// contexts' deadlines.
func (c *Client) TestConnection(ctx context.Context, id string) (TestResult, error) {
	var answer testAnswer
	err := c.http.Do(ctx, httpclient.Request{
		Method:     http.MethodPost,
		Path:       connectionsPath(id, "test"),
		Idempotent: true,
		Final500:   true,
		Quota:      "test " + strings.ToLower(id),
	}, &answer)
	return TestResult{
		Success: answer.Status == "success",
		Message: c.http.Clean(answer.Message), // a database's driver may repeat the password
		Latency: time.Duration(answer.LatencyMS * float64(time.Millisecond)),
	}, err
}

// Table is a table and the names of its fields.
type Table struct {
	Name   string   `json:"name"`
	Fields []string `json:"fields"`
}

// Schema is what a connection's database holds.
type Schema struct {
	ID           string `json:"id"`
	ConfigName   string `json:"configName"`
	DatabaseName string `json:"databaseName"`
	Type         string `json:"type"`
	// Tables have bare names in the default schema, and schema.table elsewhere.
	Tables []Table `json:"tables"`
}

// Validate tells an empty database from an answer that is no schema.
func (s *Schema) Validate() error {
	if _, err := uuid.Parse(s.ID); err != nil {
		return errors.New(`the JSON has no connection id in "id"`)
	}
	return nil
}

// GetSchema has the server read the tables of the connection's database
// ([IsDatabaseUnreachable] where it cannot).
func (c *Client) GetSchema(ctx context.Context, id string) (*Schema, error) {
	var answer Schema
	err := c.http.Do(ctx, httpclient.Request{
		Method:   http.MethodGet,
		Path:     connectionsPath(id, "schema"),
		Final500: true, // repeated, a wrong password could lock the user out
	}, &answer)
	if err != nil {
		return nil, err
	}
	return &answer, nil
}

// DataSource is an entry of Reporter's own list of what reports can read. It is
// another API than that of the connections: data sources are set in Reporter's
// environment.
type DataSource struct {
	ID           string `json:"id"` // a name, not a UUID
	ExternalName string `json:"externalName"`
	Type         string `json:"type"` // in lower case

	// Problem says what is wrong with this entry; nil in the usual case. One that is
	// odd does not make the others unreadable.
	Problem error `json:"-"`
}

func (s *DataSource) check() error { return httpclient.RequireKeys(map[string]bool{"id": s.ID != ""}) }

// ListDataSources returns Reporter's data sources. A server that is Fetcher
// Manager alone lacks the route ([IsNoSuchRoute]). Where no entry is readable it is
// another answer, and an error: an empty list would be taken for "there are none".
func (c *Client) ListDataSources(ctx context.Context) ([]DataSource, error) {
	var answer []json.RawMessage
	err := c.http.Do(ctx, httpclient.Request{Method: http.MethodGet, Path: []string{"v1", "data-sources"}}, &answer)
	all := httpclient.DecodeItems(answer, "data source", (*DataSource).check, func(s *DataSource, item json.RawMessage, problem error) {
		*s = DataSource{ID: httpclient.TextOf(item, "id"), Problem: problem}
	})
	if len(all) > 0 && !slices.ContainsFunc(all, func(s DataSource) bool { return s.Problem == nil }) {
		return nil, all[0].Problem
	}
	return all, err
}
