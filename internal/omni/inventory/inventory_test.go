// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/omnitest"
)

// calls lists the requests that a server got, without their base, ids as <id>.
func calls(server *omnimock.Server) []string {
	var all []string
	for _, r := range server.Requests() {
		parts := strings.Split(strings.TrimPrefix(r.Path, "/api/"), "/")[1:]
		if len(parts) > 1 {
			parts[1] = "<id>"
		}
		all = append(all, fmt.Sprintf("%s %s %d", r.Method, strings.Join(parts, "/"), r.Status))
	}
	return all
}

func requireCalls(t *testing.T, server *omnimock.Server, want ...string) {
	t.Helper()
	if got := calls(server); !slices.Equal(got, want) {
		t.Errorf("requests\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

const (
	listed    = "GET connections 200"
	askedFor  = "GET connections/<id> 200"
	notFound  = "GET connections/<id> 404"
	forbidden = "GET connections 403"
)

func TestManyReadsShareOneList(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{})
	var ids []string
	for n := range 50 {
		ids = append(ids, addPostgres(server, fmt.Sprint(n)))
	}
	access := inventoryOf(t, server)
	var group sync.WaitGroup
	for _, id := range ids {
		group.Go(func() {
			if c, err := access.Connection(t.Context(), id); err != nil || c.ID != id {
				t.Errorf("%s: %v", id, err)
			}
		})
	}
	group.Wait()
	requireCalls(t, server, listed)
}

func TestAbsenceFromTheListIsConfirmed(t *testing.T) {
	t.Parallel()
	const unlisted = "550e8400-e29b-41d4-a716-44665544ffff"
	withoutOne := func(server *omnimock.Server) { // a list that could be partial
		server.Faults().Add(fault.Answer(200, `{"connections":[]}`).On(http.MethodGet, connectionsRoute).Repeat(fault.Forever))
	}
	for name, c := range map[string]struct {
		options omnimock.Options
		prepare func(server *omnimock.Server, id string)
		id      string // "" for the one that is there
		isGone  bool
		fails   bool
		calls   []string
	}{
		"listed":                     {calls: []string{listed}},
		"not in the list, but there": {prepare: func(s *omnimock.Server, _ string) { withoutOne(s) }, calls: []string{listed, askedFor}},
		"never was":                  {id: unlisted, isGone: true, calls: []string{listed, notFound, listed}},
		"in the trash":               {prepare: func(s *omnimock.Server, id string) { s.TrashConnection(id) }, isGone: true, calls: []string{listed, askedFor, listed}},
		"in the trash, GET says 404": {options: omnimock.Options{DeletedGetNotFound: true}, prepare: func(s *omnimock.Server, id string) { s.TrashConnection(id) }, isGone: true, calls: []string{listed, notFound, listed}},
		"purged":                     {prepare: func(s *omnimock.Server, id string) { s.PurgeConnection(id) }, isGone: true, calls: []string{listed, notFound, listed}},
		"GET says 410": {prepare: func(s *omnimock.Server, id string) {
			s.TrashConnection(id)
			s.Faults().Add(fault.Answer(410, `{"detail":"archived"}`).On(http.MethodGet, connectionsRoute+"/*"))
		}, isGone: true, calls: []string{listed, "GET connections/<id> 410", listed}},
		"no GET by id, but in the next list": {prepare: func(s *omnimock.Server, _ string) {
			s.Faults().Add(fault.Answer(200, `{"connections":[]}`).On(http.MethodGet, connectionsRoute))
			s.Faults().Add(fault.Answer(404, `{"detail":"Not Found"}`).On(http.MethodGet, connectionsRoute+"/*"))
		}, calls: []string{listed, notFound, listed}},
		"GET fails": {prepare: func(s *omnimock.Server, _ string) {
			withoutOne(s)
			s.Faults().Add(fault.Answer(403, `{"detail":"Permission denied"}`).On(http.MethodGet, connectionsRoute+"/*"))
		}, fails: true, calls: []string{listed, "GET connections/<id> 403"}},
		"the second list fails": {prepare: func(s *omnimock.Server, _ string) {
			s.Faults().Add(fault.Answer(200, `{"connections":[]}`).On(http.MethodGet, connectionsRoute))
			s.Faults().Add(fault.Answer(404, `{}`).On(http.MethodGet, connectionsRoute+"/*"))
			s.Faults().Add(fault.Answer(401, `{}`).On(http.MethodGet, connectionsRoute))
		}, fails: true, calls: []string{listed, notFound, "GET connections 401"}},
		"GET answers a page of a proxy with 404": {prepare: func(s *omnimock.Server, _ string) {
			withoutOne(s)
			s.Faults().Add(fault.Answer(404, `<html><title>No backend</title></html>`).On(http.MethodGet, connectionsRoute+"/*"))
		}, fails: true, calls: []string{listed, notFound}},
		"the key may not list":  {prepare: func(s *omnimock.Server, _ string) { s.Forbid(http.MethodGet, connectionsRoute) }, calls: []string{forbidden, askedFor}},
		"may not list, gone":    {prepare: func(s *omnimock.Server, _ string) { s.Forbid(http.MethodGet, connectionsRoute) }, id: unlisted, isGone: true, calls: []string{forbidden, notFound}},
		"may not list, trashed": {prepare: func(s *omnimock.Server, id string) { s.Forbid(http.MethodGet, connectionsRoute); s.TrashConnection(id) }, isGone: true, calls: []string{forbidden, askedFor}},
		"may not list, and no GET by id": {prepare: func(s *omnimock.Server, _ string) {
			s.Forbid(http.MethodGet, connectionsRoute)
			s.Faults().Add(fault.Answer(404, `{"detail":"Not Found"}`).On(http.MethodGet, connectionsRoute+"/*"))
		}, fails: true, calls: []string{forbidden, notFound}},
		"bad credentials": {prepare: func(s *omnimock.Server, _ string) {
			s.Faults().Add(fault.Answer(403, `{"detail":"Invalid bearer token"}`).Repeat(fault.Forever))
		}, fails: true, calls: []string{forbidden}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := omnimock.Start(t, c.options)
			id := addPostgres(server, "n")
			addPostgres(server, "another")
			if c.prepare != nil {
				c.prepare(server, id)
			}
			if c.id != "" {
				id = c.id
			}
			connection, err := inventoryOf(t, server).Connection(t.Context(), id)
			switch {
			case c.isGone && !errors.Is(err, inventory.ErrGone):
				t.Errorf("got %v, want ErrGone", err)
			case c.fails && (err == nil || errors.Is(err, inventory.ErrGone)):
				t.Errorf("got %v, want another error", err)
			case !c.isGone && !c.fails && (err != nil || connection.ID != id):
				t.Errorf("got %+v, %v", connection, err)
			}
			requireCalls(t, server, c.calls...)
		})
	}
}

func TestReadAfterWriteIsNotOlderThanTheWrite(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{})
	id := addPostgres(server, "n")
	access := inventoryOf(t, server)
	read := func() string {
		t.Helper()
		c, err := access.Connection(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return c.Host.Or("")
	}
	read()
	update := omni.ConnectionUpdate{Settings: omni.ConnectionSettings{Host: nullable.Of("second")}}
	if err := access.UpdateConnection(t.Context(), id, update); err != nil {
		t.Fatal(err)
	}
	if got := read(); got != "second" {
		t.Errorf("after an update the host is %q", got)
	}
	// An update without an answer may have been carried out.
	server.Faults().Add(fault.InternalError().Applied().On(http.MethodPatch, "").Repeat(fault.Forever))
	update.Settings.Host = nullable.Of("third")
	if access.UpdateConnection(t.Context(), id, update) == nil {
		t.Fatal("no error")
	}
	if got := read(); got != "third" {
		t.Errorf("after an update without an answer the host is %q", got)
	}
}

func TestDeleteConnection(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options omnimock.Options
		version string
		prepare func(server *omnimock.Server, id string)
		check   func(err error) bool
		remains bool
	}{
		"there":          {check: isNil},
		"in the trash":   {prepare: func(s *omnimock.Server, id string) { s.TrashConnection(id) }, check: isNil},
		"purged":         {prepare: func(s *omnimock.Server, id string) { s.PurgeConnection(id) }, check: isNil},
		"no such route":  {options: omnimock.Options{Generation: omnimock.Guide2025}, version: "unstable", check: isNotDeleted, remains: true},
		"404 by mistake": {prepare: answerDelete(404, `{"detail":"Not Found"}`), check: isNotDeleted, remains: true},
		"404 of a proxy": {prepare: answerDelete(404, `<html></html>`), check: httpclient.IsUnreadable, remains: true},
		"410 of a proxy": {prepare: answerDelete(410, `<html></html>`), check: httpclient.IsUnreadable, remains: true},
		"forbidden":      {prepare: answerDelete(403, `{"detail":"connection admin role required"}`), check: httpclient.IsForbidden, remains: true},
		"conflict":       {prepare: answerDelete(409, `{}`), check: httpclient.IsConflict, remains: true},
		"no success":     {prepare: answerDelete(200, `{"success":false,"error":"no"}`), check: httpclient.IsUnreadable, remains: true},
		"lost, and again": {prepare: func(s *omnimock.Server, _ string) {
			s.Faults().Add(fault.Fault{Reset: true}.Applied().On(http.MethodDelete, ""))
		}, check: isNil},
		"404, and then the list fails": {prepare: func(s *omnimock.Server, id string) {
			answerDelete(404, `{"detail":"Not Found"}`)(s, id)
			s.Faults().Add(fault.Answer(401, `{}`).On(http.MethodGet, "").Repeat(fault.Forever))
		}, check: httpclient.IsUnauthorized, remains: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := omnimock.Start(t, c.options)
			id := addPostgres(server, "n")
			if c.prepare != nil {
				c.prepare(server, id)
			}
			version := c.version
			if version == "" {
				version = omni.DefaultAPIVersion
			}
			err := inventoryAt(t, server, version).DeleteConnection(t.Context(), id)
			if !c.check(err) {
				t.Errorf("got %v", err)
			}
			if remains := len(server.Connections()) == 1; remains != c.remains {
				t.Errorf("it is there: %t", remains)
			}
		})
	}
}

func isNil(err error) bool { return err == nil }

func isNotDeleted(err error) bool {
	_, ok := errors.AsType[*createonce.NotDeletedError](err)
	return ok
}

func answerDelete(status int, body string) func(*omnimock.Server, string) {
	return func(s *omnimock.Server, _ string) {
		s.Faults().Add(fault.Answer(status, body).On(http.MethodDelete, ""))
	}
}

func TestEnvironments(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{EnvironmentList: true})
	base, other := addPostgres(server, "base"), addPostgres(server, "other")
	id := server.AddEnvironment(base, other, "a")
	access := inventoryOf(t, server)

	environment, err := access.Environment(t.Context(), id)
	if err != nil || !slices.Equal(environment.Values.Or(nil), omni.StringList{"a"}) {
		t.Fatalf("%+v, %v", environment, err)
	}
	if found, err := access.FindEnvironment(t.Context(), strings.ToUpper(base), other); err != nil || found == nil || found.ID != id {
		t.Errorf("%+v, %v", found, err)
	}
	if found, err := access.FindEnvironment(t.Context(), other, base); err != nil || found != nil {
		t.Errorf("the other way round: %+v, %v", found, err)
	}
	requireCalls(t, server, "GET connection-environments 200")

	// Its absence is confirmed by a second list.
	server.ResetRequests()
	if _, err := access.Environment(t.Context(), omnitest.IDA); !errors.Is(err, inventory.ErrGone) {
		t.Errorf("got %v, want ErrGone", err)
	}
	requireCalls(t, server, "GET connection-environments 200")
	late := server.AddEnvironment(base, addPostgres(server, "third"))
	if _, err := access.Environment(t.Context(), late); err != nil {
		t.Errorf("one that is only in the second list: %v", err)
	}

	if _, err := access.DeleteEnvironment(t.Context(), omni.Environment{ID: id}); err != nil {
		t.Error(err)
	}
	if _, err := access.DeleteEnvironment(t.Context(), omni.Environment{ID: id}); err != nil {
		t.Errorf("deleted again: %v", err)
	}
	server.Faults().Add(fault.Answer(404, `{"detail":"Not Found"}`).On(http.MethodDelete, ""))
	if _, err := access.DeleteEnvironment(t.Context(), omni.Environment{ID: late}); !isNotDeleted(err) {
		t.Errorf("404, but it is there: %v", err)
	}
	server.Faults().Add(fault.Answer(403, `{}`).On(http.MethodDelete, ""))
	if _, err := access.DeleteEnvironment(t.Context(), omni.Environment{ID: late}); !httpclient.IsForbidden(err) {
		t.Errorf("forbidden: %v", err)
	}
}

func TestEnvironmentsWithoutAList(t *testing.T) {
	t.Parallel()
	for _, status := range []int{404, 405, 400} {
		server := omnimock.Start(t, omnimock.Options{EnvironmentListStatus: status})
		base, other := addPostgres(server, "base"), addPostgres(server, "other")
		id := server.AddEnvironment(base, other)
		access := inventoryOf(t, server)
		for range 3 {
			if _, err := access.Environment(t.Context(), id); !errors.Is(err, omni.ErrNoEnvironmentList) {
				t.Errorf("%d: %v", status, err)
			}
		}
		if found, err := access.FindEnvironment(t.Context(), base, other); found != nil || err != nil {
			t.Errorf("%d: %+v, %v", status, found, err)
		}
		requireCalls(t, server, fmt.Sprintf("GET connection-environments %d", status)) // once
		for range 2 {                                                                  // the second answers 404
			if _, err := access.DeleteEnvironment(t.Context(), omni.Environment{ID: id}); err != nil {
				t.Errorf("%d: %v", status, err)
			}
		}
	}
	// What may pass is not taken for the lack of a list.
	for _, status := range []int{401, 403, 429, 500, 502} {
		server := omnimock.Start(t, omnimock.Options{EnvironmentList: true})
		base, other := addPostgres(server, "base"), addPostgres(server, "other")
		id := server.AddEnvironment(base, other)
		access := inventoryOf(t, server)
		server.Faults().Add(fault.Answer(status, `{}`).Repeat(2))
		_, err := access.Environment(t.Context(), id)
		if errors.Is(err, omni.ErrNoEnvironmentList) || errors.Is(err, inventory.ErrGone) || err == nil && status != 429 {
			t.Errorf("%d: %v", status, err)
		}
		if _, err := access.Environment(t.Context(), id); status >= 429 && err != nil {
			t.Errorf("after %d: %v", status, err)
		}
	}
}
