// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/omnitest"
)

// What another run makes of the same configuration shows by one more of a name that
// this run asked for: then none is taken for ours.
func TestAnotherRunMakesTheSame(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{})
	access := inventoryOf(t, server)
	if _, _, err := access.CreateConnection(t.Context(), wanted("first")); err != nil {
		t.Fatal(err)
	}
	server.AddConnection(existing("first"))
	server.Faults().Add(fault.Fault{Reset: true}.Applied().On(http.MethodPost, connectionsRoute))
	_, _, err := access.CreateConnection(t.Context(), wanted("n"))
	requireUnknown(t, err, newest(t, server, "n"))
}

// Objects are dated by the server's clock: one that is an hour ahead dates what this
// run makes an hour ahead too.
func TestLostAnswerOfAServerWhoseClockIsAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		now := func() time.Time { return time.Now().Add(time.Hour).UTC() }
		list := `{"connections":[]}`
		s := omnitest.New(t, "v1", func(r *http.Request, _ string) (int, string) {
			if r.Method == http.MethodPost {
				list = fmt.Sprintf(`{"connections":[{"id":%q,"name":"n","dialect":"postgres","createdAt":%q}]}`, omnitest.IDA, now().Format(time.RFC3339))
				return http.StatusInternalServerError, `{"detail":"oops"}`
			}
			return http.StatusOK, list
		})
		s.Date = now
		request := omni.ConnectionCreate{Dialect: "postgres", Settings: omni.ConnectionSettings{Name: nullable.Of("n")}}
		if id, isFound, err := inventory.New(s.Client).CreateConnection(t.Context(), request); id != omnitest.IDA || !isFound || err != nil {
			t.Errorf("%s, %t, %v", id, isFound, err)
		}
	})
}

// What is not returned as it was sent is named with what it has in common with it.
func TestCandidatesAreDescribed(t *testing.T) {
	t.Parallel()
	const (
		a, b      = omnitest.IDA, omnitest.IDB
		schedules = "connections/" + a + "/schedules"
		dbt       = "connections/" + a + "/dbt/environments"
		noDBT     = `{"records":[],"pageInfo":{"hasNextPage":false}}`
	)
	for words, c := range map[string]struct {
		server answers
		create func(ctx context.Context, access *inventory.Inventory) error
	}{
		"of the same times": {answers{
			"POST " + schedules: {"500"},
			"GET " + schedules:  {`{"schedules":[]}`, `{"schedules":[{"scheduleId":"` + b + `","connectionId":"` + a + `","schedule":"c","timezone":"UTC"}]}`},
		}, func(ctx context.Context, access *inventory.Inventory) error {
			_, _, err := access.CreateSchedule(ctx, a, omni.ScheduleSettings{Cron: "c", Timezone: "UTC", HardRefresh: true})
			return err
		}},
		"of the same name": {answers{
			"POST " + dbt: {"500"},
			"GET " + dbt:  {noDBT, `{"records":[{"id":"` + b + `","name":"n","targetSchema":"s","variables":[]}],"pageInfo":{"hasNextPage":false}}`},
		}, func(ctx context.Context, access *inventory.Inventory) error {
			_, _, err := access.CreateDBTEnvironment(ctx, a, omni.DBTEnvironmentSettings{Name: "n", TargetSchema: "s", TargetRole: nullable.Of("r")})
			return err
		}},
	} {
		err := c.create(t.Context(), inventory.New(omnitest.New(t, "v1", c.server.serve()).Client))
		requireUnknown(t, err, b)
		if !strings.Contains(err.Error(), "shows one "+words+" whose settings differ") {
			t.Errorf("%s: %v", words, err)
		}
	}
}
