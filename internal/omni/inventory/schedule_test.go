// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/omnitest"
)

const (
	schedulesRoute = "/api/v1/connections/*/schedules"
	modelsRoute    = "/api/v1/models"
)

func daily() omni.ScheduleSettings {
	return omni.ScheduleSettings{Cron: "0 2 * * ? *", Timezone: "UTC"}
}

// scheduled starts a server with a connection that can have schedules.
func scheduled(t *testing.T, options omnimock.Options) (server *omnimock.Server, connectionID string) {
	t.Helper()
	options.BuildSchemaModels = true
	server = omnimock.Start(t, options)
	return server, server.AddConnection(existing("n"))
}

func TestSchedulesOfAConnectionShareAList(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{1: 1, 2: 2, 20: 2} {
		server, connectionID := scheduled(t, omnimock.Options{})
		var ids []string
		for range n {
			ids = append(ids, server.AddSchedule(connectionID, "0 2 * * ? *", "UTC"))
		}
		access := inventoryOf(t, server)
		var group sync.WaitGroup
		for _, id := range ids {
			group.Go(func() {
				if s, err := access.Schedule(t.Context(), connectionID, id); err != nil || s.ID != id || s.Cron != "0 2 * * ? *" {
					t.Errorf("%v, %v", s, err)
				}
			})
		}
		group.Wait()
		if got := server.CountRequests("", ""); got != want {
			t.Errorf("%d requests for %d schedules, want %d", got, n, want)
		}
		if got := server.CountRequests(http.MethodGet, schedulesRoute+"/*"); got != 1 {
			t.Errorf("%d of %d schedules were asked for alone", got, n)
		}
	}
}

// A list that is there is all that is asked for.
func TestSchedulesTakeOneRequest(t *testing.T) {
	t.Parallel()
	server, connectionID := scheduled(t, omnimock.Options{})
	server.AddSchedule(connectionID, daily().Cron, daily().Timezone)
	if all, err := inventoryOf(t, server).Schedules(t.Context(), connectionID); err != nil || len(all) != 1 || server.CountRequests("", "") != 1 {
		t.Errorf("%v, %v after %d requests", all, err, server.CountRequests("", ""))
	}
}

// A read is never older than the process's own last write.
func TestSchedulesAfterAWrite(t *testing.T) {
	t.Parallel()
	server, connectionID := scheduled(t, omnimock.Options{})
	access := inventoryOf(t, server)
	first, _, err := access.CreateSchedule(t.Context(), connectionID, daily())
	if err != nil {
		t.Fatal(err)
	}
	for _, zone := range []string{"Europe/Berlin", "America/New_York", "UTC"} {
		settings := daily()
		settings.Timezone, settings.HardRefresh = zone, zone == "UTC"
		if s, err := access.UpdateSchedule(t.Context(), connectionID, first.ID, settings); err != nil || s.Timezone != zone {
			t.Errorf("%v, %v", s, err)
		}
		if s, err := access.Schedule(t.Context(), connectionID, first.ID); err != nil || s.Timezone != zone || s.HardRefresh.Or(false) != settings.HardRefresh {
			t.Errorf("%v, %v", s, err)
		}
	}
	for range 2 { // the second time it is gone already
		if err := access.DeleteSchedule(t.Context(), connectionID, first.ID); err != nil {
			t.Error(err)
		}
		if _, err := access.Schedule(t.Context(), connectionID, first.ID); !errors.Is(err, inventory.ErrGone) {
			t.Errorf("after the delete: %v", err)
		}
	}
}

func TestAbsenceOfAScheduleIsConfirmed(t *testing.T) {
	t.Parallel()
	notFound := func(path string) fault.Fault {
		return fault.Answer(404, `{"detail":"Not Found","status":404}`).On(http.MethodGet, path)
	}
	for name, f := range map[string]fault.Fault{
		"the schedule": notFound(schedulesRoute + "/*"), "the list": notFound(schedulesRoute),
		"gone, says a proxy": fault.Answer(410, `{"detail":"Gone"}`).On(http.MethodGet, schedulesRoute+"/*"),
	} {
		for _, isFirst := range []bool{true, false} {
			server, connectionID := scheduled(t, omnimock.Options{})
			id, other := server.AddSchedule(connectionID, "0 2 * * ? *", "UTC"), server.AddSchedule(connectionID, "0 3 * * ? *", "UTC")
			access := inventoryOf(t, server)
			if !isFirst {
				if _, err := access.Schedule(t.Context(), connectionID, other); err != nil {
					t.Fatal(err)
				}
			}
			server.Faults().Add(f)
			if s, err := access.Schedule(t.Context(), connectionID, id); err != nil || s.ID != id {
				t.Errorf("%s, first %t: %v, %v", name, isFirst, s, err)
			}
		}
	}

	server, connectionID := scheduled(t, omnimock.Options{})
	id := server.AddSchedule(connectionID, "0 2 * * ? *", "UTC")
	// Neither is there, though the connection is: then nothing is certain.
	server.Faults().Add(notFound(schedulesRoute + "/*").Repeat(fault.Forever))
	server.Faults().Add(notFound(schedulesRoute).Repeat(fault.Forever))
	if _, err := inventoryOf(t, server).Schedule(t.Context(), connectionID, id); errors.Is(err, inventory.ErrGone) || !httpclient.IsNotFound(err) || !strings.Contains(err.Error(), "is not known") {
		t.Errorf("%v", err)
	}
	server.Faults().Clear()
	server.RemoveSchedule(id)
	if _, err := inventoryOf(t, server).Schedule(t.Context(), connectionID, id); !errors.Is(err, inventory.ErrGone) {
		t.Errorf("removed: %v", err)
	}
	id = server.AddSchedule(connectionID, "0 2 * * ? *", "UTC")
	server.TrashConnection(connectionID)
	access := inventoryOf(t, server)
	for range 2 {
		if _, err := access.Schedule(t.Context(), connectionID, id); !errors.Is(err, inventory.ErrGone) {
			t.Errorf("with its connection in the trash: %v", err)
		}
	}
	if err := access.DeleteSchedule(t.Context(), connectionID, id); err != nil {
		t.Error(err)
	}
}

func TestDeleteOfAScheduleThatStays(t *testing.T) {
	t.Parallel()
	server, connectionID := scheduled(t, omnimock.Options{})
	id := server.AddSchedule(connectionID, "0 2 * * ? *", "UTC")
	server.Faults().Add(fault.Answer(404, `{"detail":"Not Found"}`).On(http.MethodDelete, ""))
	err := inventoryOf(t, server).DeleteSchedule(t.Context(), connectionID, id)
	if _, ok := errors.AsType[*createonce.NotDeletedError](err); !ok {
		t.Errorf("%v", err)
	}
}

// Until the connection has its schema model the server knows no such connection.
func TestScheduleWaitsForTheSchemaModel(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
		connectionID := server.AddConnection(existing("n"))
		access := inventoryOf(t, server)
		made := make(chan error)
		go func() {
			s, _, err := access.CreateSchedule(t.Context(), connectionID, daily())
			if err == nil && s.ConnectionID != connectionID {
				err = errors.New("of another connection: " + s.ConnectionID)
			}
			made <- err
		}()
		waitFor(t, func() bool { return server.CountRequests(http.MethodGet, modelsRoute) >= 2 })
		server.BuildSchemaModel(connectionID)
		if err := <-made; err != nil {
			t.Fatal(err)
		}
		// A try while there is no model is one request; before and after, the schedule is
		// asked for, as is who was there before it, and once the connection.
		looks := server.CountRequests(http.MethodGet, modelsRoute)
		for route, want := range map[string]int{"POST " + schedulesRoute: 2, "GET " + schedulesRoute: 2, "GET " + connectionsRoute + "/*": 1, " ": looks + 5} {
			method, path, _ := strings.Cut(route, " ")
			if got := server.CountRequests(method, path); got != want {
				t.Errorf("%d requests %s, want %d", got, route, want)
			}
		}
		if n := len(server.Schedules()); n != 1 {
			t.Errorf("%d schedules", n)
		}
	})
}

// waitFor polls, and gives a busy machine time.
func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not happen within a minute")
		}
	}
}

func TestScheduleWhoseSchemaModelDoesNotCome(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
		connectionID := server.AddConnection(existing("n"))
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			waitFor(t, func() bool { return server.CountRequests(http.MethodGet, modelsRoute) >= 2 })
			cancel()
		}()
		_, isFound, err := inventoryOf(t, server).CreateSchedule(ctx, connectionID, daily())
		lacks, ok := errors.AsType[*inventory.NoSchemaModelError](err)
		if !ok || isFound || !errors.Is(err, context.Canceled) || !httpclient.IsNotFound(err) || !strings.Contains(err.Error(), "was interrupted") {
			t.Fatalf("%v", err)
		}
		if lacks.Waited <= 0 || slices.Contains(lacks.Unwrap(), nil) {
			t.Errorf("waited %s", lacks.Waited)
		}
	})
}

// The schema model is looked for at waits that double, from a quarter of a second to
// half a minute, each between half and one and a half of that.
func TestScheduleLooksForTheSchemaModelAtGrowingIntervals(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
		connectionID := server.AddConnection(existing("n"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		last := time.Now()
		_, _, err := inventoryOf(t, server).CreateSchedule(ctx, connectionID, daily())
		if _, ok := errors.AsType[*inventory.NoSchemaModelError](err); !ok || !strings.Contains(err.Error(), "within 1h0m0s") {
			t.Errorf("%v", err)
		}
		wait := 250 * time.Millisecond
		for i, r := range server.Requests() {
			if r.Path != modelsRoute {
				continue
			}
			if took := r.Time.Sub(last); took < wait/2 || took > wait*3/2 {
				t.Errorf("request %d after %s, want about %s", i, took, wait)
			}
			last, wait = r.Time, min(2*wait, 30*time.Second)
		}
	})
}

// late is a context that ends by its deadline when the one inside is canceled.
type late struct{ context.Context }

func (l late) Err() error {
	if l.Context.Err() == nil {
		return nil
	}
	return context.DeadlineExceeded
}

// The time may be over while the connection is looked for: that no model came is what
// the user has to know, and who ended the wait.
func TestScheduleWhoseTimeEndsBetweenTheTries(t *testing.T) {
	t.Parallel()
	for _, isLate := range []bool{false, true} {
		server := omnimock.Start(t, omnimock.Options{})
		connectionID := server.AddConnection(existing("n"))
		server.Faults().Add(fault.Fault{Hang: true}.On(http.MethodGet, connectionsRoute+"/*"))
		inner, cancel := context.WithCancel(t.Context())
		go func() {
			waitFor(t, func() bool { return server.CountRequests(http.MethodGet, connectionsRoute+"/*") == 1 })
			cancel()
		}()
		ctx := map[bool]context.Context{false: inner, true: late{inner}}[isLate]
		_, isFound, err := inventoryOf(t, server).CreateSchedule(ctx, connectionID, daily())
		if _, ok := errors.AsType[*inventory.NoSchemaModelError](err); !ok || isFound || !httpclient.IsNotFound(err) || errors.Is(err, context.Canceled) == isLate || strings.Contains(err.Error(), "was interrupted") == isLate {
			t.Errorf("late %t: %v", isLate, err)
		}
	}
	// A schedule that may have been made is what the user has to know first.
	server := omnimock.Start(t, omnimock.Options{})
	id := server.AddConnection(existing("n"))
	server.Faults().Add(fault.Answer(http.StatusForbidden, `{"detail":"no"}`).On(http.MethodGet, modelsRoute)) // so it is tried at once
	server.Faults().Add(fault.Answer(http.StatusForbidden, `{"detail":"no"}`).On(http.MethodGet, schedulesRoute).Repeat(fault.Forever))
	ending, end := context.WithCancel(t.Context())
	server.Faults().Add(fault.Fault{Hang: true, Hook: end}.On(http.MethodPost, schedulesRoute).After(1))
	_, _, unknown := inventoryOf(t, server).CreateSchedule(ending, id, daily())
	requireUnknown(t, unknown)

	// Before the first answer nothing is known of a model.
	_, _, err := inventoryOf(t, server).CreateSchedule(ending, id, daily())
	if _, ok := errors.AsType[*inventory.NoSchemaModelError](err); ok || !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// The wait ends at once where the connection is not there, and for every other
// refusal.
func TestScheduleThatIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{BuildSchemaModels: true})
	gone, here := server.AddConnection(existing("gone")), server.AddConnection(existing("here"))
	server.TrashConnection(gone)
	for _, id := range []string{gone, omnitest.IDA} {
		if _, _, err := inventoryOf(t, server).CreateSchedule(t.Context(), id, daily()); !errors.Is(err, inventory.ErrGone) {
			t.Errorf("%v", err)
		}
	}
	for _, status := range []int{400, 401, 403, 404, 405, 409} {
		server.Faults().Add(fault.Answer(status, `{"detail":"no"}`).On(http.MethodPost, schedulesRoute))
		made, isFound, err := inventoryOf(t, server).CreateSchedule(t.Context(), here, daily())
		if e, ok := httpclient.AsError(err); !ok || e.Status != status || made != nil || isFound {
			t.Errorf("%d: %v, %t, %v", status, made, isFound, err)
		}
	}
	// The words of a refusal that is no 404 are not about the connection.
	server.Faults().Add(fault.Answer(http.StatusForbidden, `{"detail":"The role does not exist"}`).On(http.MethodPost, schedulesRoute))
	if _, _, err := inventoryOf(t, server).CreateSchedule(t.Context(), here, daily()); !httpclient.IsForbidden(err) {
		t.Errorf("%v", err)
	}
	if n := len(server.Schedules()); n != 0 {
		t.Errorf("%d schedules", n)
	}
}

func TestLostAnswerOfAScheduleIsFound(t *testing.T) {
	t.Parallel()
	for name, lose := range lost() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inMemory(t, omnimock.Options{BuildSchemaModels: true}, func(t *testing.T, server *omnimock.Server) {
				connectionID := server.AddConnection(existing("n"))
				// The same schedule from before, and another that comes meanwhile.
				before := server.AddSchedule(connectionID, daily().Cron, daily().Timezone)
				access := inventoryOf(t, server, shortTimeout)
				if _, _, err := access.CreateSchedule(t.Context(), connectionID, omni.ScheduleSettings{Cron: "0 5 * * ? *", Timezone: "UTC"}); err != nil {
					t.Fatal(err)
				}
				server.AddSchedule(connectionID, "0 4 * * ? *", "UTC")
				server.ResetRequests()
				server.Faults().Add(lose.On(http.MethodPost, schedulesRoute))
				s, _, err := access.CreateSchedule(t.Context(), connectionID, daily())
				if err != nil {
					t.Fatal(err)
				}
				if s.ID == before || !slices.ContainsFunc(server.Schedules(), func(o omnimock.Schedule) bool { return o.ID == s.ID && o.Schedule == daily().Cron }) {
					t.Errorf("adopted %+v", s)
				}
				if got := server.CountRequests(http.MethodPost, ""); got != 1 {
					t.Errorf("sent %d times", got)
				}
			})
		})
	}
}

func TestScheduleThatIsNotProvablyOurs(t *testing.T) {
	t.Parallel()
	lose := fault.Fault{Reset: true}.Applied().On(http.MethodPost, schedulesRoute)

	server, connectionID := scheduled(t, omnimock.Options{})
	access := inventoryOf(t, server)
	first, _, err := access.CreateSchedule(t.Context(), connectionID, daily())
	if err != nil {
		t.Fatal(err)
	}
	server.Faults().Add(lose)
	_, _, err = access.CreateSchedule(t.Context(), connectionID, daily()) // the same again: which is which?
	second := slices.DeleteFunc(server.Schedules(), func(o omnimock.Schedule) bool { return o.ID == first.ID })
	requireUnknown(t, err, second[0].ID)

	server, connectionID = scheduled(t, omnimock.Options{})
	server.Faults().Add(fault.Fault{Reset: true}.On(http.MethodPost, schedulesRoute))
	_, _, err = inventoryOf(t, server).CreateSchedule(t.Context(), connectionID, daily())
	requireUnknown(t, err)
	server.Faults().Add(lose)
	server.Faults().Add(fault.Answer(403, `{"detail":"Permission denied"}`).On(http.MethodGet, schedulesRoute).Repeat(fault.Forever))
	_, isFound, err := inventoryOf(t, server).CreateSchedule(t.Context(), connectionID, daily())
	requireUnknown(t, err)
	if isFound || !strings.Contains(err.Error(), "looking for it failed too") {
		t.Errorf("%v", err)
	}
}

// A schedule that the server dates long before the lost create is not its.
func TestScheduleOfLongAgoIsNotOurs(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{BuildSchemaModels: true}, func(t *testing.T, server *omnimock.Server) {
		connectionID := server.AddConnection(existing("n"))
		access := inventoryOf(t, server)
		other := omni.ScheduleSettings{Cron: "0 5 * * ? *", Timezone: "UTC"}
		if _, _, err := access.CreateSchedule(t.Context(), connectionID, other); err != nil { // reads the list
			t.Fatal(err)
		}
		server.AddSchedule(connectionID, daily().Cron, daily().Timezone)
		time.Sleep(time.Hour)
		server.Faults().Add(fault.Fault{Reset: true}.On(http.MethodPost, schedulesRoute))
		_, isFound, err := access.CreateSchedule(t.Context(), connectionID, daily())
		if requireUnknown(t, err); isFound {
			t.Error("somebody else's is taken over")
		}
	})
}

// A server of before July 2026 refuses the newer key; it is left out where that
// means the same, once for all.
func TestScheduleOfAServerWithoutHardRefresh(t *testing.T) {
	t.Parallel()
	server, connectionID := scheduled(t, omnimock.Options{NoHardRefresh: true})
	access := inventoryOf(t, server)
	first, _, err := access.CreateSchedule(t.Context(), connectionID, daily())
	if err != nil || !first.HardRefresh.IsZero() {
		t.Fatalf("%v, %v", first, err)
	}
	if got := server.CountRequests(http.MethodPost, ""); got != 2 {
		t.Errorf("%d requests for the first", got)
	}
	server.ResetRequests()
	if _, err := access.UpdateSchedule(t.Context(), connectionID, first.ID, daily()); err != nil {
		t.Error(err)
	}
	if got := server.CountRequests("", ""); got != 1 {
		t.Errorf("%d requests for the next", got)
	}
	hard := daily()
	hard.HardRefresh = true
	for range 2 {
		if _, _, err := access.CreateSchedule(t.Context(), connectionID, hard); !slices.Equal(omni.UnrecognizedKeys(err), []string{"hardRefresh"}) {
			t.Errorf("%v", err)
		}
	}
}

func TestScheduleAnswersOfAnotherForm(t *testing.T) {
	t.Parallel()
	const good = `{"scheduleId":"` + omnitest.IDB + `","connectionId":"` + omnitest.IDA + `","schedule":"0 2 * * ? *","timezone":"UTC"`
	for answer, words := range map[string]string{
		`{}`:                               "scheduleId",
		`{"success":false,"error":"no"}`:   "success:false: no",
		good + `,"hardRefresh":"perhaps"}`: "",
		strings.Replace(good, omnitest.IDB, omnitest.IDC, 1) + `}`: "instead of",
		strings.Replace(good, omnitest.IDA, omnitest.IDC, 1) + `}`: "instead of",
		strings.Replace(good, "0 2 * * ? *", "", 1) + `}`:          `no "schedule"`,
		`{"scheduleId":"` + omnitest.IDB + `"}`:                    `no "connectionId"`,
	} {
		s := omnitest.New(t, "v1", omnitest.Always(200, answer))
		if _, err := s.Client.GetSchedule(t.Context(), omnitest.IDA, omnitest.IDB); !httpclient.IsUnreadable(err) || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", answer, err)
		}
	}
	// One odd schedule in a list does not break the others.
	s := omnitest.New(t, "v1", omnitest.Always(200, `{"schedules":[{"schedule":1,"scheduleId":"`+omnitest.IDC+`"},`+good+`,"later":{}}]}`))
	list, err := s.Client.ListSchedules(t.Context(), omnitest.IDA)
	if err != nil || len(list) != 2 || list[0].Problem == nil || list[0].ID != omnitest.IDC || list[1].Problem != nil || list[1].Timezone != "UTC" {
		t.Errorf("%+v, %v", list, err)
	}
	for _, answer := range []string{`[]`, `{}`, `{"schedules":null}`, `{"schedules":{}}`} {
		if _, err := omnitest.New(t, "v1", omnitest.Always(200, answer)).Client.ListSchedules(t.Context(), omnitest.IDA); !httpclient.IsUnreadable(err) {
			t.Errorf("%s: %v", answer, err)
		}
	}
}
