// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
)

// addMany adds connections that are created now, by the server's clock.
func addMany(s site, n int, prefix string) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = s.Add(reportermock.Connection{ConfigName: fmt.Sprint(prefix, "-", i), ProductName: "product"}, "password")
	}
	return ids
}

// readAll reads the connections at the same time, as Terraform does.
func readAll(t *testing.T, s site, ids []string) {
	t.Helper()
	var group sync.WaitGroup
	for _, id := range ids {
		group.Go(func() {
			connection, err := s.ReadConnection(t.Context(), id)
			if err != nil || connection.ID != id {
				t.Errorf("reading %s: got %+v, %v", id, connection, err)
			}
		})
	}
	group.Wait()
}

func TestOneConnectionIsReadByItself(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	readAll(t, s, addMany(s, 1, "one"))
	if gets, lists := s.CountRequests(http.MethodGet, connectionsPath+"/*"), s.CountRequests(http.MethodGet, connectionsPath); gets != 1 || lists != 0 {
		t.Errorf("%d reads of one and %d lists, expected 1 and 0", gets, lists)
	}
}

func TestManyConnectionsShareTheListOfTheirWindow(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	ids := addMany(s, 250, "old")
	s.clock.advance(90 * 24 * time.Hour)
	ids = append(ids, addMany(s, 30, "new")...)

	readAll(t, s, ids)
	// Two windows: in each the first is read by itself. 250 are three pages, 30 one.
	if gets, lists := s.CountRequests(http.MethodGet, connectionsPath+"/*"), s.CountRequests(http.MethodGet, connectionsPath); gets != 2 || lists != 4 {
		t.Errorf("%d reads of one and %d pages, expected 2 and 4", gets, lists)
	}
}

func TestReadsSeeTheOwnWrites(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	ids := addMany(s, 3, "c")
	readAll(t, s, ids)
	if _, err := s.UpdateConnection(t.Context(), ids[1], reporter.ConnectionUpdate{Settings: reporter.ConnectionSettings{Host: nullable.Of("new.example.com")}}); err != nil {
		t.Fatal(err)
	}
	connection, err := s.ReadConnection(t.Context(), ids[1])
	if err != nil || connection.Host.Or("") != "new.example.com" {
		t.Errorf("got %v, %v: a read older than the own write", connection, err)
	}
	if err := s.DeleteConnection(t.Context(), ids[2]); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ReadConnection(t.Context(), ids[2]); !httpclient.IsNotFound(err) {
		t.Errorf("got %v: a read older than the own delete", err)
	}
	made := s.create(t, postgres("made"))
	s.ResetRequests()
	readAll(t, s, []string{made.ID, ids[0]})
	if gets, lists := s.CountRequests(http.MethodGet, connectionsPath+"/*"), s.CountRequests(http.MethodGet, connectionsPath); gets != 0 || lists != 1 {
		t.Errorf("after a create: %d reads of one and %d lists, expected 0 and 1", gets, lists)
	}
	unassigned := s.Add(reportermock.Connection{ConfigName: "legacy"}, "password")
	readAll(t, s, ids[:1])
	if _, err := s.AssignConnection(t.Context(), unassigned, "product"); err != nil {
		t.Fatal(err)
	}
	if connection, err = s.ReadConnection(t.Context(), unassigned); err != nil || connection.ProductName.Or("") != "product" {
		t.Errorf("got %+v, %v: a read older than the assignment", connection, err)
	}
}

// What the list shows oddly is an error, as it is by itself.
func TestOddConnectionOfTheList(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	ids := addMany(s, 2, "c")
	readAll(t, s, ids[:1])
	s.Faults().Add(fault.Answer(http.StatusOK, `{"items":[{"id":"`+ids[1]+`","port":"odd"}],"page":1,"limit":100,"total":1}`).On(http.MethodGet, connectionsPath))
	if _, err := s.ReadConnection(t.Context(), ids[1]); err == nil || s.CountRequests(http.MethodGet, connectionsPath+"/*") != 1 {
		t.Errorf("%v after %d reads of one", err, s.CountRequests(http.MethodGet, connectionsPath+"/*"))
	}
}

func TestAbsenceFromTheListIsConfirmed(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	ids := addMany(s, 3, "c")
	readAll(t, s, ids[:1])
	s.Faults().Add(fault.Answer(http.StatusOK, `{"items":[],"page":1,"limit":100,"total":0}`).On(http.MethodGet, connectionsPath))
	readAll(t, s, ids[1:]) // the list lacks them, and they are there
}

func TestADeletedConnectionIsNotFound(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	ids := addMany(s, 3, "c")
	s.Remove(ids[2])
	readAll(t, s, ids[:2])
	if _, err := s.ReadConnection(t.Context(), ids[2]); !httpclient.IsNotFound(err) {
		t.Errorf("got %v, expected not found", err)
	}
}

func TestAFailedListIsAnErrorAndNoAbsence(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	ids := addMany(s, 2, "c")
	readAll(t, s, ids[:1])
	s.Faults().Add(fault.InternalError().On(http.MethodGet, connectionsPath).Repeat(fault.Forever))
	if _, err := s.ReadConnection(t.Context(), ids[1]); err == nil || httpclient.IsNotFound(err) {
		t.Errorf("got %v, expected the list's failure", err)
	}
}

// That a list is gone says nothing about what it would have shown.
func TestAListThatIsGoneIsNoAbsence(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	ids := addMany(s, 2, "c")
	readAll(t, s, ids[:1])
	for _, f := range []fault.Fault{
		fault.Answer(http.StatusGone, `{"title":"Gone"}`),
		fault.Answer(http.StatusNotFound, `{"code":"FET-1001","title":"Entity Not Found"}`),
		fault.Answer(http.StatusNotFound, `{"code":404,"title":"request_failed","message":"Cannot GET"}`),
	} {
		s.Faults().Add(f.On(http.MethodGet, connectionsPath))
		readAll(t, s, ids[1:])
		if n := s.Faults().Pending(); n > 0 {
			t.Fatal("the list was not asked")
		}
	}
}

// An id that does not tell when its connection was made is no list's to show.
func TestReadsByOtherIDs(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{})
	for _, id := range []string{"7c1d8249-6bc3-48a0-8d12-568ed70e6abb", "7c1d8249-6bc3-48a0-8d12-568ed70e6abc", "not-an-id"} {
		if c, err := s.ReadConnection(t.Context(), id); err == nil {
			t.Errorf("%s: %+v", id, c)
		}
	}
	if gets, lists := s.CountRequests(http.MethodGet, connectionsPath+"/*"), s.CountRequests(http.MethodGet, connectionsPath); gets != 3 || lists != 0 {
		t.Errorf("%d reads, %d lists", gets, lists)
	}
}

// Each list is of 28 days, and has the connections that were made in them: of those of
// each window only the first that is read is asked for by itself.
func TestEveryConnectionIsInTheListOfItsWindow(t *testing.T) {
	t.Parallel()
	const window = 28 * 24 * time.Hour
	s := start(t, reportermock.Options{})
	windows := map[time.Time]bool{}
	var ids []string
	for range 160 { // 80 days
		ids = append(ids, addMany(s, 1, s.clock.now().Format(time.RFC3339))...)
		windows[s.clock.now().Truncate(window)] = true
		s.clock.advance(12 * time.Hour)
	}
	readAll(t, s, ids)
	if gets := s.CountRequests(http.MethodGet, connectionsPath+"/*"); gets != len(windows) {
		t.Errorf("%d were asked for by themselves, in %d windows", gets, len(windows))
	}
	for _, r := range s.Requests() {
		from, err := time.Parse(time.DateOnly, r.Query.Get("startDate"))
		if to, _ := time.Parse(time.DateOnly, r.Query.Get("endDate")); r.Path == connectionsPath && (err != nil || !to.Equal(from.Add(window))) {
			t.Errorf("a list from %s to %s", from, to)
		}
	}
}
