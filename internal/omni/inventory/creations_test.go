// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/omnitest"
)

// inventoryOf returns an inventory as one process of the provider has it, with
// short waits.
func inventoryOf(t *testing.T, server *omnimock.Server, change ...func(*httpclient.Config)) *inventory.Inventory {
	t.Helper()
	return inventoryAt(t, server, omni.DefaultAPIVersion, change...)
}

func inventoryAt(t *testing.T, server *omnimock.Server, apiVersion string, change ...func(*httpclient.Config)) *inventory.Inventory {
	t.Helper()
	config := httpclient.Config{
		System: "Omni", BaseURL: server.URL() + "/api/" + apiVersion, Describe: omni.Describe,
		RequestTimeout: 5 * time.Second, MaxRetries: 1, MinBackoff: time.Millisecond, Token: secretToken(server), Dial: server.Dial,
	}
	for _, c := range change {
		c(&config)
	}
	client, err := httpclient.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return inventory.New(omni.NewClient(client, apiVersion))
}

const connectionsRoute = "/api/v1/connections"

// wanted is a connection to create, and existing the same as the server has it.
func wanted(name string) omni.ConnectionCreate {
	return omni.ConnectionCreate{
		Dialect: "postgres",
		Settings: omni.ConnectionSettings{
			Name: nullable.Of(name), Host: nullable.Of("db.example.com"), Port: nullable.Of[int64](5432),
			Database: nullable.Of("d"), Username: nullable.Of("u"),
			IncludeSchemas: nullable.Of(omni.StringList{"b", "a"}), ScratchSchema: nullable.Of(""),
			BaseRole: nullable.Of("RESTRICTED_QUERIER"),
		},
		Secrets: omni.ConnectionSecrets{Password: omnitest.SecretOf("a password")},
	}
}

func existing(name string) map[string]any {
	return map[string]any{
		"name": name, "dialect": "postgres", "host": "db.example.com", "port": 5432, "database": "d", "username": "u",
		"includeSchemas": []string{"a", "b"}, "baseRole": "QUERY_TOPICS",
	}
}

// lost are the ways in which a create can happen without its answer.
func lost() map[string]fault.Fault {
	return map[string]fault.Fault{
		"reset":            fault.Fault{Reset: true}.Applied(),
		"500":              fault.InternalError().Applied(),
		"502 of a proxy":   fault.BadGateway().Applied(),
		"a login page":     fault.NotJSON().Applied(),
		"an empty answer":  fault.EmptyBody().Applied(),
		"another shape":    fault.WrongShape().Applied(),
		"success is false": fault.NoSuccess().Applied(),
		"cut off":          {Truncate: true, Apply: true},
		"a timeout":        fault.Fault{Hang: true}.Applied(),
	}
}

func shortTimeout(c *httpclient.Config) { c.RequestTimeout = 2 * time.Second }

func TestLostAnswerOfACreateIsFound(t *testing.T) {
	t.Parallel()
	for name, lose := range lost() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
				// The same connection twice from before: neither is ours.
				before := []string{server.AddConnection(existing("n")), server.AddConnection(existing("n"))}
				server.Faults().Add(lose.On(http.MethodPost, connectionsRoute))
				id, _, err := inventoryOf(t, server, shortTimeout).CreateConnection(t.Context(), wanted("n"))
				if err != nil {
					t.Fatal(err)
				}
				if _, exists := server.Connection(id); !exists || slices.Contains(before, id) {
					t.Errorf("adopted %s, which is not the new one", id)
				}
				if got := server.CountRequests(http.MethodPost, ""); got != 1 {
					t.Errorf("sent %d times", got)
				}
				if got := server.CountRequests(http.MethodGet, connectionsRoute); got != 3 {
					t.Errorf("%d lists, want one from before and two looks", got)
				}
			})
		})
	}
}

func requireUnknown(t *testing.T, err error, candidates ...string) {
	t.Helper()
	unknown, ok := errors.AsType[*createonce.UnknownOutcomeError](err)
	if !ok {
		t.Fatalf("got %v, want an UnknownOutcomeError", err)
	}
	slices.Sort(candidates)
	if !slices.Equal(unknown.Candidates, candidates) {
		t.Errorf("the candidates are %q, want %q", unknown.Candidates, candidates)
	}
	for _, id := range candidates {
		if !strings.Contains(err.Error(), id) {
			t.Errorf("the error does not name %s: %v", id, err)
		}
	}
	if _, ok := httpclient.AsError(err); !ok {
		t.Errorf("the cause is lost: %v", err)
	}
}

func TestCreateThatDidNotHappenHasNoCandidate(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]fault.Fault{
		"reset": {Reset: true}, "500": fault.InternalError(), "success is false": fault.NoSuccess(), "a timeout": {Hang: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
				server.AddConnection(existing("n"))
				server.Faults().Add(f.On(http.MethodPost, connectionsRoute))
				_, _, err := inventoryOf(t, server, shortTimeout).CreateConnection(t.Context(), wanted("n"))
				requireUnknown(t, err)
				if got := len(server.Connections()); got != 1 {
					t.Errorf("there are %d connections", got)
				}
			})
		})
	}
}

func TestRefusedCreateIsNotSearchedFor(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 401, 403, 404, 405, 409, 413, 422} {
		server := omnimock.Start(t, omnimock.Options{})
		server.Faults().Add(fault.Answer(status, `{"detail":"no"}`).On(http.MethodPost, connectionsRoute))
		_, _, err := inventoryOf(t, server).CreateConnection(t.Context(), wanted("n"))
		if e, ok := httpclient.AsError(err); !ok || e.Status != status {
			t.Errorf("%d: %v", status, err)
		}
		if _, unknown := errors.AsType[*createonce.UnknownOutcomeError](err); unknown {
			t.Errorf("%d is an unknown outcome: %v", status, err)
		}
		if got := server.CountRequests(http.MethodGet, ""); got != 1 {
			t.Errorf("%d: %d lists, want the one from before", status, got)
		}
	}
}

func TestCandidateThatIsNotProvablyOurs(t *testing.T) {
	t.Parallel()
	lose := fault.Fault{Reset: true}.Applied().On(http.MethodPost, connectionsRoute)

	t.Run("two new ones", func(t *testing.T) {
		t.Parallel()
		server := omnimock.Start(t, omnimock.Options{})
		access := inventoryOf(t, server)
		if _, _, err := access.CreateConnection(t.Context(), wanted("first")); err != nil { // reads the list
			t.Fatal(err)
		}
		theirs := server.AddConnection(existing("n"))
		server.Faults().Add(lose)
		_, _, err := access.CreateConnection(t.Context(), wanted("n"))
		requireUnknown(t, err, theirs, newest(t, server, "n", theirs))
	})

	t.Run("the same name twice in one process", func(t *testing.T) {
		t.Parallel()
		server := omnimock.Start(t, omnimock.Options{})
		access := inventoryOf(t, server)
		first, _, err := access.CreateConnection(t.Context(), wanted("n"))
		if err != nil {
			t.Fatal(err)
		}
		server.Faults().Add(lose)
		_, _, err = access.CreateConnection(t.Context(), wanted("n"))
		requireUnknown(t, err, newest(t, server, "n", first))
	})

	t.Run("the list before could not be read", func(t *testing.T) {
		t.Parallel()
		server := omnimock.Start(t, omnimock.Options{})
		server.Faults().Add(fault.Answer(403, `{"detail":"Permission denied"}`).On(http.MethodGet, connectionsRoute))
		server.Faults().Add(lose)
		_, _, err := inventoryOf(t, server).CreateConnection(t.Context(), wanted("n"))
		requireUnknown(t, err, newest(t, server, "n"))
	})
}

// newest returns the connection of that name that is none of the others.
func newest(t *testing.T, server *omnimock.Server, name string, others ...string) string {
	t.Helper()
	for _, c := range server.Connections() {
		if c.Name() == name && !slices.Contains(others, c.ID) {
			return c.ID
		}
	}
	t.Fatalf("the server has no new connection %s", name)
	return ""
}

func TestSearchThatFails(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{})
	server.Faults().Add(fault.Fault{Reset: true}.Applied().On(http.MethodPost, connectionsRoute))
	server.Faults().Add(fault.InternalError().On(http.MethodGet, "").After(1).Repeat(fault.Forever))
	_, _, err := inventoryOf(t, server).CreateConnection(t.Context(), wanted("n"))
	requireUnknown(t, err)
	if !strings.Contains(err.Error(), "looking for it failed too") {
		t.Error(err)
	}
}

// What is new but differs in any setting is not adopted; what has the name and the
// dialect is named, because a server may store a setting in its own way.
func TestCandidateHasWhatWasSent(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change  map[string]any
		similar bool
	}{
		"another host":    {map[string]any{"host": "elsewhere.example.com"}, true},
		"another port":    {map[string]any{"port": 5433}, true},
		"other schemas":   {map[string]any{"includeSchemas": []string{"a"}}, true},
		"another role":    {map[string]any{"baseRole": "MODELER"}, true},
		"a scratch":       {map[string]any{"scratchSchema": "s"}, true},
		"another dialect": {map[string]any{"dialect": "redshift"}, false},
		"another name":    {map[string]any{"name": "N"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := omnimock.Start(t, omnimock.Options{})
			access := inventoryOf(t, server)
			if _, _, err := access.CreateConnection(t.Context(), wanted("first")); err != nil {
				t.Fatal(err)
			}
			settings := existing("n")
			maps.Copy(settings, test.change)
			theirs := server.AddConnection(settings)
			server.Faults().Add(fault.Fault{Reset: true}.On(http.MethodPost, connectionsRoute))
			_, isFound, err := access.CreateConnection(t.Context(), wanted("n"))
			if isFound {
				t.Error("adopted")
			}
			if test.similar {
				requireUnknown(t, err, theirs)
				if !strings.Contains(err.Error(), "shows one of the same name and dialect whose settings differ") {
					t.Error(err)
				}
			} else {
				requireUnknown(t, err)
			}
		})
	}
}

// A server may store a host in lower case: the connection is ours all the same.
func TestFoundWithAHostInLowerCase(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{})
	request := wanted("n")
	request.Settings.Host = nullable.Of("DB.Example.com")
	access := inventoryOf(t, server)
	if _, _, err := access.CreateConnection(t.Context(), wanted("first")); err != nil {
		t.Fatal(err)
	}
	ours := server.AddConnection(existing("n"))
	server.Faults().Add(fault.Fault{Reset: true}.On(http.MethodPost, connectionsRoute))
	if id, isFound, err := access.CreateConnection(t.Context(), request); err != nil || !isFound || id != ours {
		t.Errorf("%s, %v, %v", id, isFound, err)
	}
}

// A server that returns few settings proves nothing: what was made is named, and
// what is somebody else's is not taken.
func TestLostCreateIsNamedOnOlderGenerations(t *testing.T) {
	t.Parallel()
	for generation, version := range map[omnimock.Generation]string{omnimock.Narrow2026: "v1", omnimock.Guide2025: "unstable"} {
		server := omnimock.Start(t, omnimock.Options{Generation: generation})
		before := server.AddConnection(existing("n"))
		server.Faults().Add(fault.Fault{Reset: true}.Applied().On(http.MethodPost, ""))
		_, isFound, err := inventoryAt(t, server, version).CreateConnection(t.Context(), wanted("n"))
		if isFound {
			t.Errorf("generation %d: adopted", generation)
		}
		requireUnknown(t, err, newest(t, server, "n", before))
	}
}

func TestCanceledCreateIsFound(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{EnvironmentList: true}, func(t *testing.T, server *omnimock.Server) {
		base, other := addPostgres(server, "base"), addPostgres(server, "other")
		server.Faults().Add(fault.Fault{Hang: true}.Applied().On(http.MethodPost, "").Repeat(fault.Forever))
		access := inventoryOf(t, server)

		cancelOnce := func(isMade func() bool) context.Context {
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				defer cancel()
				for !isMade() {
					time.Sleep(time.Millisecond)
				}
			}()
			return ctx
		}
		id, _, err := access.CreateConnection(cancelOnce(func() bool { return len(server.Connections()) == 3 }), wanted("n"))
		if err != nil || id != newest(t, server, "n") {
			t.Errorf("the connection: %q, %v", id, err)
		}
		environment, _, err := access.CreateEnvironment(cancelOnce(func() bool { return len(server.Environments()) == 1 }), base, other, differs)
		if err != nil || len(server.Environments()) != 1 || environment.ID != server.Environments()[0].ID {
			t.Errorf("the environment: %+v, %v", environment, err)
		}

		// Before anything was sent there is nothing to look for.
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		server.ResetRequests()
		if _, _, err := access.CreateConnection(ctx, wanted("m")); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if got := server.Requests(); len(got) != 0 {
			t.Errorf("%d requests after the end", len(got))
		}
	})
}

func TestLostAnswerOfAnEnvironmentIsFound(t *testing.T) {
	t.Parallel()
	for name, lose := range lost() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inMemory(t, omnimock.Options{EnvironmentList: true}, func(t *testing.T, server *omnimock.Server) {
				base, other := addPostgres(server, "base"), addPostgres(server, "other")
				server.AddEnvironment(base, addPostgres(server, "third"), "value")
				server.Faults().Add(lose.On(http.MethodPost, environmentsRoute))
				environment, origin, err := inventoryOf(t, server, shortTimeout).CreateEnvironment(t.Context(), base, other, differs)
				if err != nil || origin != inventory.Found {
					t.Fatal(origin, err)
				}
				if got, ok := server.Environment(environment.ID); !ok || got.BaseConnectionID != base || got.ConnectionID != other {
					t.Errorf("adopted %+v", environment)
				}
				if got := server.CountRequests(http.MethodPost, ""); got != 1 {
					t.Errorf("sent %d times", got)
				}
			})
		})
	}
}

func TestUnknownOutcomeOfAnEnvironment(t *testing.T) {
	t.Parallel()
	lose := fault.Fault{Reset: true}.On(http.MethodPost, environmentsRoute)

	t.Run("it did not happen", func(t *testing.T) {
		t.Parallel()
		server := omnimock.Start(t, omnimock.Options{EnvironmentList: true})
		base, other := addPostgres(server, "base"), addPostgres(server, "other")
		server.AddEnvironment(other, base) // the other way round
		server.Faults().Add(lose)
		_, _, err := inventoryOf(t, server).CreateEnvironment(t.Context(), base, other, differs)
		requireUnknown(t, err)
	})

	t.Run("somebody's has values", func(t *testing.T) {
		t.Parallel()
		server := omnimock.Start(t, omnimock.Options{EnvironmentList: true})
		base, other := addPostgres(server, "base"), addPostgres(server, "other")
		theirs := lose
		theirs.Hook = func() { server.AddEnvironment(base, other, "v") }
		server.Faults().Add(theirs)
		_, _, err := inventoryOf(t, server).CreateEnvironment(t.Context(), base, other, differs)
		requireUnknown(t, err, server.Environments()[0].ID)
		if !strings.Contains(err.Error(), "shows one between the same two connections whose settings differ") {
			t.Error(err)
		}
	})

	t.Run("it was there before", func(t *testing.T) {
		t.Parallel()
		server := omnimock.Start(t, omnimock.Options{EnvironmentList: true})
		base, other := addPostgres(server, "base"), addPostgres(server, "other")
		server.AddEnvironment(base, other)
		server.Faults().Add(lose)
		_, _, err := inventoryOf(t, server).CreateEnvironment(t.Context(), base, other, differs)
		requireUnknown(t, err)
	})

	t.Run("the list before could not be read", func(t *testing.T) {
		t.Parallel()
		server := omnimock.Start(t, omnimock.Options{EnvironmentList: true})
		base, other := addPostgres(server, "base"), addPostgres(server, "other")
		server.Faults().Add(fault.InternalError().On(http.MethodGet, environmentsRoute).Repeat(2)) // the retry too
		server.Faults().Add(lose.Applied())
		_, _, err := inventoryOf(t, server).CreateEnvironment(t.Context(), base, other, differs)
		requireUnknown(t, err, server.Environments()[0].ID)
	})

	t.Run("the server has no list", func(t *testing.T) {
		t.Parallel()
		server := omnimock.Start(t, omnimock.Options{})
		base, other := addPostgres(server, "base"), addPostgres(server, "other")
		server.Faults().Add(lose.Applied())
		_, _, err := inventoryOf(t, server).CreateEnvironment(t.Context(), base, other, differs)
		requireUnknown(t, err)
		if !strings.Contains(err.Error(), "no list of environments") {
			t.Error(err)
		}
	})
}

// A create that is sent again was lost at the last sending: what another run made
// before that is not ours.
func TestWhatIsMadeBeforeTheLastSendingIsNotOurs(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
		var theirs string
		limited := fault.RateLimitedFor(10 * time.Second)
		limited.Hook = func() { theirs = server.AddConnection(existing("n")) }
		server.Faults().Add(limited.On(http.MethodPost, connectionsRoute))
		server.Faults().Add(fault.Fault{Reset: true}.On(http.MethodPost, connectionsRoute))
		_, isFound, err := inventoryOf(t, server).CreateConnection(t.Context(), wanted("n"))
		if isFound {
			t.Errorf("adopted %s", theirs)
		}
		requireUnknown(t, err, theirs)
		if got := server.CountRequests(http.MethodPost, connectionsRoute); got != 2 {
			t.Errorf("sent %d times", got)
		}
	})
}
