// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
)

// hardRefreshKey came in July 2026; older servers refuse it in a body and leave
// it out of answers.
const hardRefreshKey = "hardRefresh"

// ScheduleSettings are what a schedule is made of. A change sends all of them,
// because the server replaces the whole.
type ScheduleSettings struct {
	Cron        string // AWS EventBridge's: minute hour day-of-month month day-of-week year
	Timezone    string // an IANA name
	HardRefresh bool
}

// Schedule refreshes the schema of a connection again and again.
type Schedule struct {
	ID           string                 `json:"scheduleId"`
	ConnectionID string                 `json:"connectionId"`
	Cron         string                 `json:"schedule"`
	Timezone     string                 `json:"timezone"`
	HardRefresh  nullable.Value[bool]   `json:"hardRefresh,omitzero"`
	Description  nullable.Value[string] `json:"description,omitzero"` // the schedule in the server's words
	DisabledAt   nullable.Value[string] `json:"disabledAt,omitzero"`
	CreatedAt    nullable.Value[string] `json:"createdAt,omitzero"`
	UpdatedAt    nullable.Value[string] `json:"updatedAt,omitzero"`

	// Problem says why the rest could not be decoded; nil in the usual case.
	Problem error `json:"-"`
}

// scheduleBody is the wire form. Null would be refused, so the newer key is
// absent where it is not sent.
type scheduleBody struct {
	Cron        string               `json:"schedule"`
	Timezone    string               `json:"timezone"`
	HardRefresh nullable.Value[bool] `json:"hardRefresh,omitzero"`
}

// scheduleAnswer is one schedule, which the server does not wrap.
type scheduleAnswer struct {
	Schedule
	doneAnswer

	wantID, wantConnectionID string // wantID is "" where any is right
}

// Validate refuses an answer about another schedule, or about none.
func (a *scheduleAnswer) Validate() error {
	if err := a.doneAnswer.Validate(); err != nil {
		return err
	}
	_, err := uuid.Parse(a.ID)
	switch {
	case err != nil:
		return errors.New(`the JSON has no schedule id in "scheduleId"`)
	case a.wantID != "" && !strings.EqualFold(a.ID, a.wantID):
		return fmt.Errorf("the JSON describes schedule %q instead of %q", a.ID, a.wantID)
	}
	if err := a.check(); err != nil {
		return err
	}
	if !strings.EqualFold(a.ConnectionID, a.wantConnectionID) {
		return fmt.Errorf("the JSON describes a schedule of connection %q instead of %q", a.ConnectionID, a.wantConnectionID)
	}
	return nil
}

func schedulesPath(connectionID string, segments ...string) []string {
	return append([]string{connectionsPath, connectionID, "schedules"}, segments...)
}

// ListSchedules returns the schedules of a connection. Omni does not page this
// list. The key needs Connection Admin.
func (c *Client) ListSchedules(ctx context.Context, connectionID string) ([]Schedule, error) {
	answer := listUnder("schedules")
	if err := c.http.Do(ctx, httpclient.Request{Method: http.MethodGet, Path: schedulesPath(connectionID)}, answer); err != nil {
		return nil, err
	}
	return httpclient.DecodeItems(*answer.find(), "schedule", (*Schedule).check, func(s *Schedule, item json.RawMessage, problem error) {
		*s = Schedule{ID: httpclient.TextOf(item, "scheduleId"), Problem: problem}
	}), nil
}

// check refuses a schedule without what every generation returns.
func (s *Schedule) check() error {
	return httpclient.RequireKeys(map[string]bool{"scheduleId": s.ID != "", "connectionId": s.ConnectionID != "", "schedule": s.Cron != "", "timezone": s.Timezone != ""})
}

// GetSchedule returns one schedule of a connection.
func (c *Client) GetSchedule(ctx context.Context, connectionID, id string) (*Schedule, error) {
	answer := scheduleAnswer{wantID: id, wantConnectionID: connectionID}
	if err := c.http.Do(ctx, httpclient.Request{Method: http.MethodGet, Path: schedulesPath(connectionID, id)}, &answer); err != nil {
		return nil, err
	}
	return &answer.Schedule, nil
}

// CreateSchedule makes a schedule. Until the connection has its schema model,
// the server says that there is no such connection. It has no idempotency key:
// an error for which [httpclient.IsOutcomeUnknown] holds may stand for a
// schedule that was made.
func (c *Client) CreateSchedule(ctx context.Context, connectionID string, settings ScheduleSettings) (*Schedule, error) {
	return c.sendSchedule(ctx, http.MethodPost, connectionID, "", settings)
}

// UpdateSchedule replaces the settings of a schedule.
func (c *Client) UpdateSchedule(ctx context.Context, connectionID, id string, settings ScheduleSettings) (*Schedule, error) {
	return c.sendSchedule(ctx, http.MethodPut, connectionID, id, settings)
}

// sendSchedule leaves the newer key out for a server that refuses it, if its
// value is what such a server does anyway. A hard refresh that the server cannot
// do is its error ([UnrecognizedKeys]).
func (c *Client) sendSchedule(ctx context.Context, method, connectionID, id string, settings ScheduleSettings) (*Schedule, error) {
	path := schedulesPath(connectionID)
	if id != "" {
		path = append(path, id)
	}
	refused := func(err error) bool {
		return !settings.HardRefresh && slices.Contains(UnrecognizedKeys(err), hardRefreshKey)
	}
	var schedule *Schedule
	err := eitherForm(ctx, &c.noHardRefresh, refused, func(ctx context.Context, older bool) error {
		body := scheduleBody{Cron: settings.Cron, Timezone: settings.Timezone}
		if !older || settings.HardRefresh {
			body.HardRefresh = nullable.Of(settings.HardRefresh)
		}
		answer := scheduleAnswer{wantID: id, wantConnectionID: connectionID}
		err := c.http.Do(ctx, httpclient.Request{Method: method, Path: path, Body: body}, &answer)
		schedule = &answer.Schedule
		return err
	})
	if err != nil {
		return nil, err
	}
	return schedule, nil
}

// DeleteSchedule ends a schedule.
func (c *Client) DeleteSchedule(ctx context.Context, connectionID, id string) error {
	return c.http.Do(ctx, httpclient.Request{Method: http.MethodDelete, Path: schedulesPath(connectionID, id)}, &doneAnswer{})
}

// Match compares the schedule with one that was sent. A server that leaves the hard
// refresh out does none.
func (s *Schedule) Match(settings ScheduleSettings) createonce.Match {
	if s.Problem != nil {
		return createonce.Other
	}
	sent := scheduleBody{Cron: settings.Cron, Timezone: settings.Timezone}
	if settings.HardRefresh || !s.HardRefresh.IsZero() {
		sent.HardRefresh = nullable.Of(settings.HardRefresh)
	}
	return createonce.Compare(sent, s, areEmpty)
}
