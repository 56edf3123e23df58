// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
)

func addPostgres(server *omnimock.Server, name string) string {
	return server.AddConnection(map[string]any{
		"name": name, "dialect": "postgres", "host": "db.example.com", "port": 5432, "database": "d", "username": "u",
	})
}

// createAll creates the environments at the same time and returns what became
// of each.
func createAll(ctx context.Context, access *inventory.Inventory, base string, connections []string) ([]*omni.Environment, []error) {
	environments := make([]*omni.Environment, len(connections))
	errs := make([]error, len(connections))
	var group sync.WaitGroup
	for i, id := range connections {
		group.Go(func() { environments[i], _, errs[i] = access.CreateEnvironment(ctx, base, id, differs) })
	}
	group.Wait()
	return environments, errs
}

const environmentsRoute = "/api/v1/connection-environments"

func TestEnvironmentsOfOneBaseShareARequest(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{EnvironmentList: true}, func(t *testing.T, server *omnimock.Server) {
		base := addPostgres(server, "base")
		var connections []string
		for n := range 8 {
			connections = append(connections, addPostgres(server, fmt.Sprint("environment ", n)))
		}

		environments, errs := createAll(t.Context(), inventoryOf(t, server), base, connections)
		for i, err := range errs {
			if err != nil {
				t.Fatal(err)
			}
			if environments[i].ConnectionID != connections[i] {
				t.Errorf("asked for %s, got the environment of %s", connections[i], environments[i].ConnectionID)
			}
		}
		if got := server.CountRequests(http.MethodPost, environmentsRoute); got != 1 {
			t.Errorf("%d requests for 8 environments of one base, expected 1", got)
		}
		if got := len(server.Environments()); got != 8 {
			t.Errorf("the server has %d environments, expected 8", got)
		}
	})
}

func TestBatchTakesMembersWhileTheRateLimitHoldsItBack(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{EnvironmentList: true}, func(t *testing.T, server *omnimock.Server) {
		base := addPostgres(server, "base")
		const perMinute = 20 // one in 3 seconds after a burst of 2
		access := inventoryOf(t, server, func(c *httpclient.Config) { c.MaxRequestsPerMinute = perMinute })
		// The first creation reads the list of environments; that must not be what
		// the others wait for.
		if _, _, err := access.CreateEnvironment(t.Context(), base, addPostgres(server, "first"), differs); err != nil {
			t.Fatal(err)
		}
		server.ResetRequests()
		for range perMinute / 10 {
			if _, err := access.Connections(t.Context(), omni.ConnectionFilter{Name: "base"}); err != nil {
				t.Fatal(err)
			}
		}

		var group sync.WaitGroup
		for n := range 4 {
			connection := addPostgres(server, fmt.Sprint("environment ", n))
			group.Go(func() {
				time.Sleep(time.Duration(n) * 110 * time.Millisecond) // each after the window of the one before
				if _, _, err := access.CreateEnvironment(t.Context(), base, connection, differs); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if got := server.CountRequests(http.MethodPost, environmentsRoute); got != 1 {
			t.Errorf("%d requests, expected the first to wait for the others too", got)
		}
	})
}

func TestRefusedBatchIsTriedOneByOne(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{EnvironmentList: true}, func(t *testing.T, server *omnimock.Server) {
		base := addPostgres(server, "base")
		good, other := addPostgres(server, "good"), addPostgres(server, "other")
		bad := server.AddConnection(map[string]any{
			"name": "bad", "dialect": "mysql", "host": "db.example.com", "port": 3306, "database": "d", "username": "u",
		})

		access, began := inventoryOf(t, server, func(c *httpclient.Config) { c.MaxRequestsPerMinute = 20 }), time.Now()
		_, errs := createAll(t.Context(), access, base, []string{good, bad, other})
		// Each request has a turn of the rate limit: one in 3 seconds after a burst of 2.
		var sent []time.Duration
		for _, r := range server.Requests() {
			if r.Method == http.MethodPost {
				sent = append(sent, r.Time.Sub(began).Round(time.Second))
			}
		}
		if !slices.Equal(sent, []time.Duration{0, 3 * time.Second, 6 * time.Second, 9 * time.Second}) {
			t.Errorf("sent after %s", sent)
		}
		if errs[0] != nil || errs[2] != nil {
			t.Errorf("the good ones failed with the bad one: %v, %v", errs[0], errs[2])
		}
		if !httpclient.IsBadRequest(errs[1]) {
			t.Errorf("the bad one: got %v, expected the server's refusal", errs[1])
		}
		if got := len(server.Environments()); got != 2 {
			t.Errorf("the server has %d environments, expected 2", got)
		}
	})
}

func TestSameEnvironmentTwiceFailsOnce(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{EnvironmentList: true}, func(t *testing.T, server *omnimock.Server) {
		base, connection := addPostgres(server, "base"), addPostgres(server, "environment")

		_, errs := createAll(t.Context(), inventoryOf(t, server), base, []string{connection, connection})
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("expected one to be made and one to be refused, got %v and %v", errs[0], errs[1])
		}
		if got := len(server.Environments()); got != 1 {
			t.Errorf("the server has %d environments, expected 1", got)
		}
	})
}

func TestLostAnswerToABatchIsFoundForEachMember(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{EnvironmentList: true}, func(t *testing.T, server *omnimock.Server) {
		base := addPostgres(server, "base")
		connections := []string{addPostgres(server, "a"), addPostgres(server, "b"), addPostgres(server, "c")}
		server.Faults().Add(fault.Fault{Reset: true}.Applied().On(http.MethodPost, environmentsRoute))

		environments, errs := createAll(t.Context(), inventoryOf(t, server), base, connections)
		for i, err := range errs {
			if err != nil {
				t.Fatal(err)
			}
			if e, ok := server.Environment(environments[i].ID); !ok || e.ConnectionID != connections[i] {
				t.Errorf("%s was adopted for connection %s, which it is not", environments[i].ID, connections[i])
			}
		}
		if got := server.CountRequests(http.MethodPost, environmentsRoute); got != 1 {
			t.Errorf("%d creates were sent, expected 1", got)
		}
	})
}

func TestCancelledMemberLeavesTheOthersAlone(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{EnvironmentList: true, Latency: 100 * time.Millisecond}, func(t *testing.T, server *omnimock.Server) {
		base := addPostgres(server, "base")
		stays, leaves := addPostgres(server, "stays"), addPostgres(server, "leaves")
		access := inventoryOf(t, server)
		ctx, cancel := context.WithCancel(t.Context())

		var group sync.WaitGroup
		group.Go(func() {
			if _, _, err := access.CreateEnvironment(t.Context(), base, stays, differs); err != nil {
				t.Errorf("the other member's cancellation broke this one: %v", err)
			}
		})
		group.Go(func() {
			// It was made with the others, so its id must come back all the same.
			if e, _, err := access.CreateEnvironment(ctx, base, leaves, differs); err == nil && e.ID == "" {
				t.Error("made without an id")
			}
		})
		time.Sleep(150 * time.Millisecond)
		cancel()
		group.Wait()
	})
}

func TestEnvironmentsOfTwoBasesAreApart(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{EnvironmentList: true}, func(t *testing.T, server *omnimock.Server) {
		first, second, shared := addPostgres(server, "first"), addPostgres(server, "second"), addPostgres(server, "shared")
		access := inventoryOf(t, server)

		var group sync.WaitGroup
		for _, base := range []string{first, second} {
			group.Go(func() {
				e, _, err := access.CreateEnvironment(t.Context(), base, shared, differs)
				if err != nil || e.BaseConnectionID != base {
					t.Errorf("got %+v, %v", e, err)
				}
			})
		}
		group.Wait()
	})
}

// An association that is wanted while this run dissolves it is made again afterwards.
func TestAssociationIsMadeWhileItIsDissolved(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{EnvironmentList: true}, func(t *testing.T, server *omnimock.Server) {
		base, first, _ := routed(server)
		old, _ := server.Environment(first)
		access := inventoryOf(t, server)
		server.Faults().Add(fault.Fault{Delay: time.Second}.On(http.MethodDelete, ""))
		var group sync.WaitGroup
		group.Go(func() {
			if isLeft, err := access.DeleteEnvironment(t.Context(), omni.Environment{ID: first, BaseConnectionID: base, ConnectionID: old.ConnectionID}); isLeft || err != nil {
				t.Errorf("%t, %v", isLeft, err)
			}
		})
		time.Sleep(10 * time.Millisecond)
		made, origin, err := access.CreateEnvironment(t.Context(), base, old.ConnectionID, differs)
		group.Wait()
		if err != nil || origin != inventory.Remade || made.ID == first {
			t.Errorf("%+v, %d, %v", made, origin, err)
		}
	})
}

// Where the list fails, it is not known whether they are associated: the refusal stands,
// after one look.
func TestRefusalWithoutTheRightToList(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{EnvironmentList: true})
	base, first, _ := routed(server)
	old, _ := server.Environment(first)
	server.Forbid(http.MethodGet, environmentsRoute)
	if e, _, err := inventoryOf(t, server).CreateEnvironment(t.Context(), base, old.ConnectionID, differs); e != nil || !omni.IsNotAssociable(err) {
		t.Errorf("%+v, %v", e, err)
	}
	if n := server.CountRequests(http.MethodGet, environmentsRoute); n != 2 {
		t.Errorf("%d lists, want one from before and one look", n)
	}
}

// Where no list can tell, a refusal for another reason says nothing of an association
// that is there already: nobody waits for a delete of it.
func TestRefusalThatIsNoConflict(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
		server.Faults().Add(fault.Answer(http.StatusBadRequest, `{"detail":"no"}`).On(http.MethodPost, environmentsRoute))
		access, began := inventoryOf(t, server), time.Now()
		environment, origin, err := access.CreateEnvironment(t.Context(), addPostgres(server, "base"), addPostgres(server, "other"), differs)
		if environment != nil || origin != inventory.Made || !httpclient.IsBadRequest(err) || time.Since(began) > time.Second {
			t.Errorf("%+v, %d, %v after %s", environment, origin, err, time.Since(began))
		}
	})
}
