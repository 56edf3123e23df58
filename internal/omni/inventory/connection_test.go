// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/omnitest"
)

// A killed run may have made what has every setting, is there, and is not too old.
func TestLookalikes(t *testing.T) {
	t.Parallel()
	const a, b, c, d, e = omnitest.IDA, omnitest.IDB, omnitest.IDC, "550e8400-e29b-41d4-a716-446655440003", "550e8400-e29b-41d4-a716-446655440004"
	request := omni.ConnectionCreate{Dialect: "postgres", Settings: omni.ConnectionSettings{Name: nullable.Of("n"), Host: nullable.Of("h")}}
	item := func(id, more string) string {
		return `{"id":"` + id + `","dialect":"postgres","name":"n","host":"h"` + more + `}`
	}
	s := omnitest.New(t, "v1", omnitest.Always(http.StatusOK, `{"connections":[`+item(a, `,"createdAt":"2026-11-01T00:00:00Z"`)+","+
		item(b, `,"createdAt":"2026-10-01T00:00:00Z"`)+","+item(c, `,"deletedAt":"2026-11-02T00:00:00Z"`)+","+
		item(d, `,"port":"odd"`)+","+`{"id":"`+e+`","dialect":"postgres","name":"n","host":"other"}`+`]}`))
	access := inventory.New(s.Client)
	for range 2 {
		found := access.Lookalikes(t.Context(), request, time.Date(2026, time.October, 15, 0, 0, 0, 0, time.UTC))
		if len(found) != 1 || found[0].ID != a {
			t.Errorf("%+v", found)
		}
	}
	s.Expect(t, "GET connections")

	// What this run makes is not before it.
	server := omnimock.Start(t, omnimock.Options{})
	access = inventoryOf(t, server)
	if _, _, err := access.CreateConnection(t.Context(), wanted("n")); err != nil {
		t.Fatal(err)
	}
	if found := access.Lookalikes(t.Context(), wanted("n"), time.Time{}); len(found) != 0 {
		t.Errorf("%+v", found)
	}
	// Without a list nobody waits for it twice.
	server.Forbid(http.MethodGet, connectionsRoute)
	access = inventoryOf(t, server)
	for range 2 {
		if found := access.Lookalikes(t.Context(), wanted("n"), time.Time{}); len(found) != 0 {
			t.Errorf("%+v", found)
		}
	}
	if n := server.CountRequests(http.MethodGet, connectionsRoute); n != 2 { // the first was that of the create
		t.Errorf("%d lists", n)
	}
}

// Only the whole list is shared; a filter and an order are the server's.
func TestConnectionsThatMatch(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{})
	for _, name := range []string{"b", "ab", "c"} {
		server.AddConnection(existing(name))
	}
	access := inventoryOf(t, server)
	for _, c := range []struct {
		filter   omni.ConnectionFilter
		want     string
		requests int // so far
	}{
		{omni.ConnectionFilter{}, "ab b c ", 1},
		{omni.ConnectionFilter{}, "ab b c ", 1},
		{omni.ConnectionFilter{Name: "b"}, "ab b ", 2},
		{omni.ConnectionFilter{SortField: "name", SortDirection: "desc"}, "c b ab ", 3},
	} {
		all, err := access.Connections(t.Context(), c.filter)
		got := ""
		for _, one := range all {
			got += one.Name.Or("") + " "
		}
		if n := server.CountRequests(http.MethodGet, connectionsRoute); err != nil || got != c.want || n != c.requests {
			t.Errorf("%+v: %q, %v, after %d requests", c.filter, got, err, n)
		}
	}
	server.Forbid(http.MethodGet, connectionsRoute)
	if _, err := access.Connections(t.Context(), omni.ConnectionFilter{Name: "b"}); !httpclient.IsForbidden(err) {
		t.Errorf("%v", err)
	}
}

// A key that may not list asks for the list once only.
func TestReadsWithoutTheRightToList(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{})
	ids := []string{server.AddConnection(existing("a")), server.AddConnection(existing("b"))}
	server.Forbid(http.MethodGet, connectionsRoute)
	access := inventoryOf(t, server)
	for _, id := range ids {
		if c, err := access.Connection(t.Context(), id); err != nil || c.ID != id {
			t.Errorf("%v, %v", c, err)
		}
	}
	if n := server.CountRequests(http.MethodGet, connectionsRoute); n != 1 {
		t.Errorf("%d lists", n)
	}
}

// What a plan says of a connection's dialect counts before what the server has.
func TestDialectAfterPlan(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{})
	planned, other := server.AddConnection(existing("a")), server.AddConnection(existing("b"))
	access := inventoryOf(t, server)
	access.PlanDialect(strings.ToUpper(planned), "snowflake") // as a state may spell it
	if dialect, err := access.DialectAfterPlan(t.Context(), planned); err != nil || dialect != "snowflake" || server.CountRequests("", "") != 0 {
		t.Errorf("%s, %v", dialect, err)
	}
	if dialect, err := access.DialectAfterPlan(t.Context(), other); err != nil || dialect != "postgres" {
		t.Errorf("%s, %v", dialect, err)
	}
	if dialect, err := access.DialectAfterPlan(t.Context(), omnitest.IDA); !errors.Is(err, inventory.ErrGone) || dialect != "" {
		t.Errorf("%s, %v", dialect, err)
	}
}

// With a connection go its associations, schedules, dbt environments and model: what
// was read of them before does not count any more.
func TestDeletedConnectionEmptiesItsLists(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{EnvironmentList: true, BuildSchemaModels: true})
	id := addPostgres(server, "n")
	server.EditDBT(id, func(*omnimock.DBT) {})
	server.AddSchedule(id, daily().Cron, daily().Timezone)
	server.AddEnvironment(addPostgres(server, "base"), id)
	access := inventoryOf(t, server)
	read := func() {
		_, _ = access.Connections(t.Context(), omni.ConnectionFilter{})
		_, _ = access.Environments(t.Context())
		_, _ = access.Schedules(t.Context(), id)
		_, _ = access.DBTEnvironments(t.Context(), id)
		_, _ = access.SchemaModels(t.Context())
	}
	routes := []string{connectionsRoute, "/api/v1/connection-environments", schedulesRoute, dbtEnvironmentRoute, modelsRoute}
	read()
	read()
	for _, route := range routes {
		if n := server.CountRequests(http.MethodGet, route); n != 1 {
			t.Errorf("%s: %d requests before the delete", route, n)
		}
	}
	if err := access.DeleteConnection(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	server.ResetRequests()
	read()
	for _, route := range routes {
		if server.CountRequests(http.MethodGet, route) == 0 {
			t.Errorf("%s: no request after the delete", route)
		}
	}
}

// Where the server shows no connections at all, the key may be another organization's.
func TestNothingThere(t *testing.T) {
	t.Parallel()
	for _, isEmpty := range []bool{true, false} {
		server := omnimock.Start(t, omnimock.Options{})
		if !isEmpty {
			addPostgres(server, "n")
		}
		_, err := inventoryOf(t, server).Connection(t.Context(), omnitest.IDA)
		if !errors.Is(err, inventory.ErrGone) || strings.Contains(err.Error(), "another organization") != isEmpty {
			t.Errorf("empty %t: %v", isEmpty, err)
		}
	}
}
