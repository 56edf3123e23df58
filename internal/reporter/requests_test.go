// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
)

// Every call: its request, the product that it names, and how often it is sent where a
// proxy (502), or the server (500), does not tell whether it was carried out. What
// could make a second object, and what could lock a database's user out, is sent once.
func TestRequestsAndTheirRepetition(t *testing.T) {
	t.Parallel()
	const id = "01a203f9-7cfc-732d-9a64-ee1583d54da2"
	for _, c := range []struct {
		method, path, product string
		proxy, server         int // attempts
		send                  func(ctx context.Context, s site) error
	}{
		{http.MethodGet, connectionsPath, "", 3, 3, func(ctx context.Context, s site) error {
			_, err := s.ListConnections(ctx, reporter.ConnectionFilter{})
			return err
		}},
		{http.MethodGet, connectionsPath + "/" + id, "", 3, 3, func(ctx context.Context, s site) error {
			_, err := s.GetConnection(ctx, id)
			return err
		}},
		{http.MethodPost, connectionsPath, "My-Product", 1, 1, func(ctx context.Context, s site) error {
			_, err := s.CreateConnection(ctx, postgres("n"))
			return err
		}},
		{http.MethodPatch, connectionsPath + "/" + id, "", 3, 3, func(ctx context.Context, s site) error {
			_, err := s.UpdateConnection(ctx, id, reporter.ConnectionUpdate{Settings: reporter.ConnectionSettings{Host: nullable.Of("h")}})
			return err
		}},
		{http.MethodDelete, connectionsPath + "/" + id, "", 3, 3, func(ctx context.Context, s site) error { return s.DeleteConnection(ctx, id) }},
		{http.MethodPost, connectionsPath + "/" + id + "/assign", "p", 1, 1, func(ctx context.Context, s site) error {
			_, err := s.AssignConnection(ctx, id, " p ")
			return err
		}},
		{http.MethodPost, connectionsPath + "/" + id + "/test", "", 3, 1, func(ctx context.Context, s site) error {
			_, err := s.TestConnection(ctx, id)
			return err
		}},
		{http.MethodGet, connectionsPath + "/" + id + "/schema", "", 3, 1, func(ctx context.Context, s site) error {
			_, err := s.GetSchema(ctx, id)
			return err
		}},
		{http.MethodGet, "/v1/data-sources", "", 3, 3, func(ctx context.Context, s site) error {
			_, err := s.ListDataSources(ctx)
			return err
		}},
	} {
		for status, want := range map[int]int{http.StatusBadGateway: c.proxy, http.StatusInternalServerError: c.server} {
			s := start(t, reportermock.Options{})
			s.Faults().Add(fault.Answer(status, `{"code":"X-1","message":"no"}`).Repeat(fault.Forever))
			if e, ok := httpclient.AsError(c.send(t.Context(), s)); !ok || e.Status != status {
				t.Errorf("%s %s: %v", c.method, c.path, e)
			}
			all := s.Requests()
			if len(all) != want {
				t.Errorf("%s %s: %d attempts after %d, want %d", c.method, c.path, len(all), status, want)
			}
			product := strings.Join(all[0].Header["X-Product-Name"], " and ")
			if _, isNamed := all[0].Header["X-Product-Name"]; all[0].Method != c.method || all[0].Path != c.path || product != c.product || isNamed != (c.product != "") {
				t.Errorf("%s %s of product %q, want %s %s of %q", all[0].Method, all[0].Path, product, c.method, c.path, c.product)
			}
		}
	}
}
