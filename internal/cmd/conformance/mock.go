// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/dataconn/terraform-provider-dataconn/internal/live"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// mock is the mock that a server is compared with.
type mock struct {
	server *live.Server
	closes []func()
}

// Cleanup makes it what the mocks want of a test.
func (m *mock) Cleanup(f func()) { m.closes = append(m.closes, f) }

func (m *mock) stop() {
	m.server.Close()
	for _, f := range m.closes {
		f()
	}
}

// unlimited is a rate that a server in memory can take.
const unlimited = 1_000_000

// startMock starts a mock of the server's system, set to be like the server where
// the mock has a switch and a look tells how it is set. The likeness says so.
func startMock(ctx context.Context, server *live.Server, o options) (*mock, map[string]string, error) {
	m := &mock{}
	target := server.Target
	target.PerMinute = unlimited
	likeness := map[string]string{}
	switch server.System {
	case live.Reporter:
		opts := reportermock.Options{Auth: reportermock.StaticToken, Token: server.Token}
		if server.Token == "" {
			opts.Auth = reportermock.NoAuth
		}
		likeness["authentication"] = strconv.FormatBool(server.Token != "")
		list, err := server.Do(ctx, http.MethodGet, "connections?limit=1", nil, nil)
		if err != nil {
			return nil, nil, err
		}
		if err := isList(list, "items"); err != nil {
			return nil, nil, err
		}
		if answer, err := server.Do(ctx, http.MethodGet, "/v1/data-sources", nil, nil); err == nil && answer.Status == http.StatusOK {
			opts.DataSources = []reportermock.DataSource{{ID: "one", ExternalName: "one", Type: "postgresql"}}
		}
		likeness["data-sources"] = strconv.FormatBool(opts.DataSources != nil)
		target.Origin = reportermock.Start(m, opts).URL()
	default:
		opts, err := likeOmni(ctx, server, o.generation, likeness)
		if err != nil {
			return nil, nil, err
		}
		opts.Token = server.Token
		omni := omnimock.Start(m, opts)
		if o.user != "" {
			omni.AddUser(omnimock.User{UserName: o.user})
		}
		target.Origin = omni.URL()
	}
	connected, err := live.Connect(ctx, target)
	if err != nil {
		return nil, nil, err
	}
	connected.ReadOnly = o.readOnly
	m.server = connected
	return m, likeness, nil
}

// isList says what is wrong where the list of connections is none: there is nobody
// to be asked then.
func isList(answer live.Answer, key string) error {
	if _, ok := answer.At(key).([]any); answer.Status == http.StatusOK && ok {
		return nil
	}
	return fmt.Errorf("the list of connections answered %d without a list; check the address, the key and its rights: %.200s", answer.Status, answer.Body)
}

// The names of the generations, as mockserver has them.
var generations = map[string]omnimock.Generation{
	"current": omnimock.Current, "narrow-2026": omnimock.Narrow2026, "guide-2025": omnimock.Guide2025,
}

// likeOmni finds out which generation a server is, by what it shows of a
// connection, and whether it lists environments.
func likeOmni(ctx context.Context, server *live.Server, generation string, likeness map[string]string) (omnimock.Options, error) {
	list, err := server.Do(ctx, http.MethodGet, "connections", nil, nil)
	if err != nil {
		return omnimock.Options{}, err
	}
	if err := isList(list, "connections"); err != nil {
		return omnimock.Options{}, err
	}
	if generation == "" {
		if generation, err = generationOf(ctx, server, list); err != nil {
			return omnimock.Options{}, err
		}
	}
	known, ok := generations[generation]
	if !ok {
		return omnimock.Options{}, fmt.Errorf("-generation: %q is none of current, narrow-2026 and guide-2025", generation)
	}
	environments, err := server.Do(ctx, http.MethodGet, "connection-environments", nil, nil)
	if err != nil {
		return omnimock.Options{}, err
	}
	opts := omnimock.Options{Generation: known, EnvironmentList: environments.Status == http.StatusOK}
	if !opts.EnvironmentList && (environments.Status == http.StatusMethodNotAllowed || environments.Status == http.StatusBadRequest) {
		opts.EnvironmentListStatus = environments.Status
	}
	likeness["generation"], likeness["environment-list"] = generation, strconv.FormatBool(opts.EnvironmentList)
	return opts, nil
}

// generationOf tells a server's age by what it shows of a connection: one that is
// there, or one that is made for it.
func generationOf(ctx context.Context, server *live.Server, list live.Answer) (string, error) {
	if server.Version == live.Unstable {
		return "guide-2025", nil
	}
	hasHost := list.Has("connections", 0, "host")
	if list.At("connections", 0) == nil && !server.ReadOnly {
		made, err := server.Do(ctx, http.MethodPost, "connections", map[string]any{
			"name": live.NewName(), "dialect": "postgres", "host": "db.example.com", "port": 5432,
			"database": "conformance", "username": "conformance", "passwordUnencrypted": "not-a-real-password",
		}, nil)
		if err != nil || made.Text("data") == "" {
			return "", fmt.Errorf("no connection could be made: it answered %d: %.200s (%w)", made.Status, made.Body, err)
		}
		shown, err := server.Do(ctx, http.MethodGet, "connections/"+made.Text("data"), nil, nil)
		if err != nil {
			return "", err
		}
		hasHost = shown.Has("connection", "host")
		if _, err := server.Do(ctx, http.MethodDelete, "connections/"+made.Text("data"), nil, nil); err != nil {
			return "", err
		}
	}
	if hasHost || list.At("connections", 0) == nil && server.ReadOnly {
		return "current", nil
	}
	return "narrow-2026", nil
}
