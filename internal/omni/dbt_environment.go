// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

// DBTEnvironment is an environment of a connection's dbt project: where its
// models are built, and with which variables.
type DBTEnvironment struct {
	ID             string                 `json:"id"`
	Name           string                 `json:"name"`
	IsDefault      nullable.Value[bool]   `json:"isDefaultEnvironment,omitzero"`
	OwnerID        nullable.Value[string] `json:"ownerId,omitzero"`
	TargetDatabase nullable.Value[string] `json:"targetDatabase,omitzero"`
	TargetName     nullable.Value[string] `json:"targetName,omitzero"`
	TargetRole     nullable.Value[string] `json:"targetRole,omitzero"`
	TargetSchema   string                 `json:"targetSchema"`
	Variables      *[]DBTVariable         `json:"variables"`

	// Problem says why the rest could not be decoded; nil in the usual case.
	Problem error `json:"-"`
}

// DBTVariable is a variable of an environment. The value of a secret one is
// never returned.
type DBTVariable struct {
	ID       string                 `json:"id"`
	Name     string                 `json:"name"`
	Value    nullable.Value[string] `json:"value,omitzero"`
	IsSecret bool                   `json:"isSecret"`
}

// UnmarshalJSON refuses a variable without what every generation returns: one that
// does not say that it is secret would read as plain.
func (v *DBTVariable) UnmarshalJSON(data []byte) error {
	type plain DBTVariable
	var answer struct {
		plain
		IsSecret *bool `json:"isSecret"`
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return err
	}
	*v = DBTVariable(answer.plain)
	if answer.IsSecret != nil {
		v.IsSecret = *answer.IsSecret
	}
	return httpclient.RequireKeys(map[string]bool{"id": v.ID != "", "name": v.Name != "", "isSecret": answer.IsSecret != nil})
}

// check reports what an environment cannot be without.
func (e *DBTEnvironment) check() error {
	_, err := uuid.Parse(e.ID)
	switch {
	case err != nil:
		return errors.New(`the JSON has no dbt environment id in "id"`)
	case e.Name == "" || e.TargetSchema == "":
		return errors.New(`the JSON has no "name" or no "targetSchema"`)
	case e.Variables == nil:
		return errors.New(`the JSON has no list "variables"`)
	}
	return nil
}

// dbtEnvironmentAnswer is one environment, which the server does not wrap.
type dbtEnvironmentAnswer struct {
	DBTEnvironment
	doneAnswer

	wantID string // "" where any is right
}

// Validate refuses an answer about another environment, or about none.
func (a *dbtEnvironmentAnswer) Validate() error {
	if err := a.doneAnswer.Validate(); err != nil {
		return err
	}
	if err := a.check(); err != nil {
		return err
	}
	if a.wantID != "" && !strings.EqualFold(a.ID, a.wantID) {
		return fmt.Errorf("the JSON describes dbt environment %q instead of %q", a.ID, a.wantID)
	}
	return nil
}

// ListDBTEnvironments returns all dbt environments of a connection, page after
// page, in no particular order. The key needs Connection Admin; a connection
// that does not support dbt is 403 too.
func (c *Client) ListDBTEnvironments(ctx context.Context, connectionID string) ([]DBTEnvironment, error) {
	records, err := c.listRecords(ctx, dbtPath(connectionID, "environments"), nil, "the dbt environments of connection "+connectionID, recordPage{mayBeBare: true})
	return decodeDBTEnvironments(records), err
}

func decodeDBTEnvironments(records []json.RawMessage) []DBTEnvironment {
	return httpclient.DecodeItems(records, "dbt environment", (*DBTEnvironment).check, func(e *DBTEnvironment, item json.RawMessage, problem error) {
		*e = DBTEnvironment{ID: httpclient.TextOf(item, "id"), Problem: problem} // without an id it is nobody's
	})
}

// DBTEnvironmentSettings are what an environment is made of. A change sends all
// of them, because the server replaces the whole.
type DBTEnvironmentSettings struct {
	Name           string
	TargetSchema   string
	OwnerID        nullable.Value[string]
	TargetDatabase nullable.Value[string]
	TargetName     nullable.Value[string]
	TargetRole     nullable.Value[string]
	Variables      []DBTVariableWrite // all of them: others are removed
}

// DBTVariableWrite is a variable of a write.
type DBTVariableWrite struct {
	ID       string // of one that exists; "" makes a new one
	Name     string // of a new one: it cannot change
	IsSecret bool
	Value    *secret.String // nil keeps what an existing secret one has
}

type dbtEnvironmentBody struct {
	Name           string                 `json:"name"`
	TargetSchema   string                 `json:"targetSchema"`
	OwnerID        nullable.Value[string] `json:"ownerId,omitzero"`
	TargetDatabase nullable.Value[string] `json:"targetDatabase,omitzero"`
	TargetName     nullable.Value[string] `json:"targetName,omitzero"`
	TargetRole     nullable.Value[string] `json:"targetRole,omitzero"`
	Variables      []dbtVariableBody      `json:"variables"`
}

type dbtVariableBody struct {
	ID       string  `json:"id,omitempty"`
	Name     string  `json:"name,omitempty"`
	IsSecret bool    `json:"isSecret"`
	Value    *string `json:"value,omitempty"`
}

func (s DBTEnvironmentSettings) body() (body dbtEnvironmentBody, secrets []secret.String) {
	body = dbtEnvironmentBody{
		Name: s.Name, TargetSchema: s.TargetSchema, OwnerID: s.OwnerID,
		TargetDatabase: s.TargetDatabase, TargetName: s.TargetName, TargetRole: s.TargetRole,
		Variables: []dbtVariableBody{}, // null would be refused
	}
	for _, v := range s.Variables {
		one := dbtVariableBody{ID: v.ID, IsSecret: v.IsSecret, Value: secret.RevealOptional(v.Value)}
		if v.ID == "" { // the server refuses the name of an existing one
			one.Name = v.Name
		}
		if v.IsSecret && v.Value != nil {
			secrets = append(secrets, *v.Value)
		}
		body.Variables = append(body.Variables, one)
	}
	return body, secrets
}

// CreateDBTEnvironment makes a dbt environment of a connection. The server has
// no idempotency key: an error for which [httpclient.IsOutcomeUnknown] holds may
// stand for an environment that was made.
func (c *Client) CreateDBTEnvironment(ctx context.Context, connectionID string, settings DBTEnvironmentSettings) (*DBTEnvironment, error) {
	return c.sendDBTEnvironment(ctx, http.MethodPost, dbtPath(connectionID, "environments"), "", settings)
}

// UpdateDBTEnvironment replaces the settings of a dbt environment.
func (c *Client) UpdateDBTEnvironment(ctx context.Context, connectionID, id string, settings DBTEnvironmentSettings) (*DBTEnvironment, error) {
	return c.sendDBTEnvironment(ctx, http.MethodPut, dbtPath(connectionID, "environments", id), id, settings)
}

func (c *Client) sendDBTEnvironment(ctx context.Context, method string, path []string, wantID string, settings DBTEnvironmentSettings) (*DBTEnvironment, error) {
	body, secrets := settings.body()
	answer := dbtEnvironmentAnswer{wantID: wantID}
	err := c.http.Do(ctx, httpclient.Request{Method: method, Path: path, Body: body, Secrets: secrets}, &answer)
	if err != nil {
		return nil, err
	}
	return &answer.DBTEnvironment, nil
}

// DeleteDBTEnvironment ends a dbt environment.
func (c *Client) DeleteDBTEnvironment(ctx context.Context, connectionID, id string) error {
	return c.http.Do(ctx, httpclient.Request{Method: http.MethodDelete, Path: dbtPath(connectionID, "environments", id)}, &doneAnswer{})
}

// Match compares the environment with one that was sent, in all but the values of
// secret variables, which are never returned.
func (e *DBTEnvironment) Match(settings DBTEnvironmentSettings) createonce.Match {
	if e.Problem != nil {
		return createonce.Other
	}
	sent, _ := settings.body()
	returned := *e
	returned.Variables = nil
	match := createonce.Compare(struct {
		dbtEnvironmentBody
		Variables any `json:"variables,omitempty"`
	}{dbtEnvironmentBody: sent}, returned, func(key string, want, have any) bool {
		return areEmpty(key, want, have) || key == "ownerId" && strings.EqualFold(fmt.Sprint(want), fmt.Sprint(have))
	})
	if !e.hasVariables(settings.Variables) {
		return createonce.Other
	}
	return match
}

// hasVariables reports whether the environment has these variables and no others.
func (e *DBTEnvironment) hasVariables(variables []DBTVariableWrite) bool {
	got := map[string]DBTVariable{}
	for _, v := range *e.Variables {
		got[v.Name] = v
	}
	for _, want := range variables {
		v, ok := got[want.Name]
		if !ok || v.IsSecret != want.IsSecret || !v.IsSecret && want.Value != nil && v.Value.Or("") != want.Value.Reveal() {
			return false
		}
	}
	return len(*e.Variables) == len(variables)
}
