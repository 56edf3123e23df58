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

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
)

const environmentsPath = "connection-environments"

// ErrNoEnvironmentList says that this server has no list of connection
// environments: specifications from July 2026 on leave it out.
var ErrNoEnvironmentList = errors.New("this Omni server does not list connection environments")

// Environment associates a connection with a base connection: users whose
// attribute has one of the values use it instead of the base.
type Environment struct {
	ID               string                     `json:"id"`
	BaseConnectionID string                     `json:"baseConnectionId"`
	ConnectionID     string                     `json:"connectionId"`
	Values           nullable.Value[StringList] `json:"userAttributeValues"`

	// Problem says why the rest could not be decoded; nil in the usual case.
	Problem error `json:"-"`
}

// ListEnvironments returns the environments of every base connection, or
// [ErrNoEnvironmentList]; a server without the list is asked once only.
func (c *Client) ListEnvironments(ctx context.Context) ([]Environment, error) {
	items, err := c.listItems(ctx, environmentsPath, "connectionEnvironments", &c.noEnvironmentList, ErrNoEnvironmentList)
	if err != nil {
		return nil, err
	}
	return httpclient.DecodeItems(items, "environment", (*Environment).check, func(e *Environment, item json.RawMessage, problem error) {
		_ = json.Unmarshal(item, e) // what can be read of it tells which one it is
		e.Problem = problem
	}), nil
}

// check refuses an environment without what every generation returns.
func (e *Environment) check() error {
	return httpclient.RequireKeys(map[string]bool{"id": e.ID != "", "baseConnectionId": e.BaseConnectionID != "", "connectionId": e.ConnectionID != ""})
}

type environmentsBody struct {
	BaseConnectionID string `json:"baseConnectionId"`
	ConnectionIDs    any    `json:"environmentConnectionIds"`
}

// environmentsAnswer has both forms: the current one names the list
// connectionEnvironments, the documented older one data.
type environmentsAnswer struct {
	doneAnswer
	Current []Environment `json:"connectionEnvironments"`
	Older   []struct {
		ID           string `json:"id"`
		ConnectionID string `json:"environmentConnectionId"`
	} `json:"data"`

	baseConnectionID string
	connectionIDs    []string
}

// find matches by connection: the order of the answer is not promised.
func (a *environmentsAnswer) find(connectionID string) (Environment, bool) {
	for _, e := range a.Current {
		if strings.EqualFold(e.ConnectionID, connectionID) {
			return e, e.ID != ""
		}
	}
	for _, e := range a.Older {
		if strings.EqualFold(e.ConnectionID, connectionID) {
			return Environment{ID: e.ID, BaseConnectionID: a.baseConnectionID, ConnectionID: connectionID}, e.ID != ""
		}
	}
	return Environment{}, false
}

// Validate requires an id for every connection that was asked for.
func (a *environmentsAnswer) Validate() error {
	if err := a.doneAnswer.Validate(); err != nil {
		return err
	}
	for _, id := range a.connectionIDs {
		if _, ok := a.find(id); !ok {
			return fmt.Errorf("the JSON has no environment id for connection %s", id)
		}
	}
	return nil
}

// CreateEnvironments associates connections with a base connection and returns
// the environments in the order of connectionIDs. They start without values.
// hasTurn says that the caller has waited for the rate limit already.
func (c *Client) CreateEnvironments(ctx context.Context, baseConnectionID string, connectionIDs []string, hasTurn bool) ([]Environment, error) {
	var environments []Environment
	err := eitherForm(ctx, &c.commaEnvironmentIDs, refusedField("environmentConnectionIds"), func(ctx context.Context, comma bool) error {
		body := environmentsBody{BaseConnectionID: baseConnectionID, ConnectionIDs: connectionIDs}
		if comma {
			body.ConnectionIDs = commaText(connectionIDs)
		}
		answer := environmentsAnswer{baseConnectionID: baseConnectionID, connectionIDs: connectionIDs}
		err := c.http.Do(ctx, httpclient.Request{Method: http.MethodPost, Path: []string{environmentsPath}, Body: body, HasTurn: hasTurn}, &answer)
		hasTurn = false
		if err != nil {
			return err
		}
		for _, id := range connectionIDs {
			environment, _ := answer.find(id)
			environments = append(environments, environment)
		}
		return nil
	})
	return environments, err
}

type environmentValuesBody struct {
	Values any `json:"userAttributeValues"`
}

// SetEnvironmentValues replaces the attribute values of an environment. A value
// that another environment of the same base or the base's default holds is
// refused ([IsValueInUse]).
func (c *Client) SetEnvironmentValues(ctx context.Context, id string, values []string) error {
	refused := func(err error) bool { return !IsValueInUse(err) && refusedField("userAttributeValues")(err) }
	return eitherForm(ctx, &c.commaEnvironmentValues, refused, func(ctx context.Context, comma bool) error {
		body := environmentValuesBody{Values: StringList(values)}
		if comma {
			body.Values = commaText(values)
		}
		return c.http.Do(ctx, httpclient.Request{Method: http.MethodPut, Path: []string{environmentsPath, id}, Body: body}, &doneAnswer{})
	})
}

// DeleteEnvironment dissolves the association; both connections stay.
func (c *Client) DeleteEnvironment(ctx context.Context, id string) error {
	return c.http.Do(ctx, httpclient.Request{Method: http.MethodDelete, Path: []string{environmentsPath, id}}, &doneAnswer{})
}

// Associates reports whether the environment associates the two.
func (e Environment) Associates(baseConnectionID, connectionID string) bool {
	return strings.EqualFold(e.BaseConnectionID, baseConnectionID) && strings.EqualFold(e.ConnectionID, connectionID)
}

// Match compares the environment with one that was sent, which has no values yet:
// with values it routes somebody's users.
func (e Environment) Match(baseConnectionID, connectionID string) createonce.Match {
	switch {
	case !e.Associates(baseConnectionID, connectionID):
		return createonce.Other
	case e.Problem != nil, len(e.Values.Or(nil)) > 0:
		return createonce.Similar
	default:
		return createonce.Same
	}
}
