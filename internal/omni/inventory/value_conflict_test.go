// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
)

// routed is a base with two environments, each with a value of its own and one
// that it keeps.
func routed(server *omnimock.Server) (base, first, second string) {
	base = addPostgres(server, "base")
	first = server.AddEnvironment(base, addPostgres(server, "first"), "a", "keeps-1")
	second = server.AddEnvironment(base, addPostgres(server, "second"), "b", "keeps-2")
	return base, first, second
}

func requireValues(t *testing.T, server *omnimock.Server, id string, want ...string) {
	t.Helper()
	environment, _ := server.Environment(id)
	if !slices.Equal(environment.UserAttributeValues, want) {
		t.Errorf("the values of %s are %q, want %q", id, environment.UserAttributeValues, want)
	}
}

func TestTwoEnvironmentsSwapValues(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]omnimock.Options{"arrays": {}, "comma text": {CommaTextEnvironments: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inMemory(t, options, func(t *testing.T, server *omnimock.Server) {
				base, first, second := routed(server)
				access := inventoryOf(t, server)
				var group sync.WaitGroup
				for id, values := range map[string][2][]string{
					first:  {{"b", "keeps-1"}, {"a", "keeps-1"}},
					second: {{"a", "keeps-2"}, {"b", "keeps-2"}},
				} {
					group.Go(func() {
						if err := access.SetEnvironmentValues(t.Context(), base, id, values[0], values[1]); err != nil {
							t.Error(err)
						}
					})
				}
				group.Wait()
				requireValues(t, server, first, "b", "keeps-1")
				requireValues(t, server, second, "a", "keeps-2")
			})
		})
	}
}

// putBodies are what was sent to one environment, in order.
func putBodies(server *omnimock.Server, id string) []string {
	var bodies []string
	for _, r := range server.Requests() {
		if r.Method == http.MethodPut && strings.HasSuffix(r.Path, id) {
			bodies = append(bodies, string(r.Body))
		}
	}
	return bodies
}

func TestConflictThatStaysRestoresTheFormerValues(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
		base, first, second := routed(server)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		err := inventoryOf(t, server).SetEnvironmentValues(ctx, base, first, []string{"b", "keeps-1"}, []string{"a", "keeps-1"})
		if !omni.IsValueInUse(err) || !strings.Contains(err.Error(), `"b"`) || !strings.Contains(err.Error(), "waiting") {
			t.Errorf("got %v", err)
		}
		requireValues(t, server, first, "a", "keeps-1")
		requireValues(t, server, second, "b", "keeps-2")
		bodies := putBodies(server, first)
		if len(bodies) < 4 || bodies[1] != `{"userAttributeValues":["keeps-1"]}` || bodies[2] != bodies[0] {
			t.Errorf("sent %q", bodies)
		}
		if freed := slices.DeleteFunc(slices.Clone(bodies), func(b string) bool { return b != bodies[1] }); len(freed) != 1 {
			t.Errorf("the own values were freed %d times", len(freed))
		}
	})
}

func TestConflictWithNothingToFree(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
		base, first, _ := routed(server)
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
		defer cancel()
		// Only a value more: the others are kept, so nothing is taken away meanwhile.
		err := inventoryOf(t, server).SetEnvironmentValues(ctx, base, first, []string{"a", "b", "keeps-1"}, []string{"a", "keeps-1"})
		if !omni.IsValueInUse(err) {
			t.Errorf("got %v", err)
		}
		for _, body := range putBodies(server, first) {
			if body != `{"userAttributeValues":["a","b","keeps-1"]}` {
				t.Errorf("sent %s", body)
			}
		}
		requireValues(t, server, first, "a", "keeps-1")
	})
}

// refusedSwap gives first the value of another environment, while the server refuses
// some of the writes.
func refusedSwap(t *testing.T, refusals func(fault.Fault) fault.Fault, check func(server *omnimock.Server, first string, err error)) {
	t.Helper()
	inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
		base, first, _ := routed(server)
		server.Faults().Add(refusals(fault.Answer(403, `{"detail":"Permission denied"}`).On(http.MethodPut, "")))
		err := inventoryOf(t, server).SetEnvironmentValues(t.Context(), base, first, []string{"b"}, []string{"a", "keeps-1"})
		if !httpclient.IsForbidden(err) {
			t.Errorf("got %v", err)
		}
		check(server, first, err)
	})
}

func TestRestoreThatFailsIsSaid(t *testing.T) {
	t.Parallel()
	refusedSwap(t, func(f fault.Fault) fault.Fault { return f.After(2).Repeat(fault.Forever) }, func(server *omnimock.Server, first string, err error) {
		lost, ok := errors.AsType[*inventory.NotRestoredError](err)
		if !ok || !strings.Contains(err.Error(), `["a" "keeps-1"] were freed`) || !httpclient.IsForbidden(lost.Err) || !httpclient.IsForbidden(lost.Restore) || len(lost.Unwrap()) != 2 {
			t.Errorf("got %v", err)
		}
		requireValues(t, server, first) // freed, as the error says
	})
}

func TestRestoreAfterAnotherError(t *testing.T) {
	t.Parallel()
	refusedSwap(t, func(f fault.Fault) fault.Fault { return f.After(2) }, func(server *omnimock.Server, first string, err error) {
		if err == nil || strings.Contains(err.Error(), "freed") {
			t.Errorf("got %v", err)
		}
		requireValues(t, server, first, "a", "keeps-1")
	})
}

// Where the own values cannot be freed, they stay, and that is the error.
func TestValuesThatCannotBeFreed(t *testing.T) {
	t.Parallel()
	refusedSwap(t, func(f fault.Fault) fault.Fault { return f.After(1) }, func(server *omnimock.Server, first string, err error) {
		if len(putBodies(server, first)) != 3 {
			t.Errorf("got %v after %q", err, putBodies(server, first))
		}
		requireValues(t, server, first, "a", "keeps-1")
	})
}

func TestCanceledSwapRestores(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
		base, first, _ := routed(server)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() {
			for len(putBodies(server, first)) < 2 {
				time.Sleep(time.Millisecond)
			}
			cancel()
		}()
		if err := inventoryOf(t, server).SetEnvironmentValues(ctx, base, first, []string{"b"}, []string{"a", "keeps-1"}); err == nil {
			t.Error("no error")
		}
		requireValues(t, server, first, "a", "keeps-1")
	})
}

func TestValueThatBecomesFree(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
		base, first, second := routed(server)
		go func() {
			for len(putBodies(server, first)) < 1 {
				time.Sleep(time.Millisecond)
			}
			server.EditEnvironment(second, "keeps-2")
		}()
		access := inventoryOf(t, server)
		if err := access.SetEnvironmentValues(t.Context(), base, first, []string{"a", "b"}, []string{"a"}); err != nil {
			t.Error(err)
		}
		requireValues(t, server, first, "a", "b")

		// The base's own default values wait in the same way.
		go func() {
			for server.CountRequests(http.MethodPatch, "") < 1 {
				time.Sleep(time.Millisecond)
			}
			server.EditEnvironment(first)
		}()
		attribute := &omni.EnvironmentUserAttribute{AttributeName: "env", DefaultValues: omni.StringList{"a"}}
		if err := access.SetEnvironmentUserAttribute(t.Context(), base, attribute); err != nil {
			t.Error(err)
		}
	})
}

// Somebody else's conflict is asked for at growing intervals, up to a last one.
func TestConflictIsAskedForAtGrowingIntervals(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
		base, first, _ := routed(server)
		access := inventoryOf(t, server)
		for patience, want := range map[time.Duration]struct {
			took     time.Duration
			requests int
		}{
			15 * time.Second:       {17750 * time.Millisecond, 7}, // 0.25, 0.5, 1, 2, 4, 5 and 5 seconds
			250 * time.Millisecond: {250 * time.Millisecond, 1},
		} {
			server.ResetRequests()
			access.SetPatience(patience)
			began := time.Now()
			err := access.SetEnvironmentValues(t.Context(), base, first, []string{"a", "b", "keeps-1"}, []string{"a", "keeps-1"})
			if took := time.Since(began); !omni.IsValueInUse(err) || took != want.took || len(putBodies(server, first)) != want.requests {
				t.Errorf("%v after %s and %d requests", err, took, len(putBodies(server, first)))
			}
		}
	})
}

// A list that was read before a write is not read from after it.
func TestValuesThatWereSetAreRead(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{EnvironmentList: true})
	base, first, _ := routed(server)
	access := inventoryOf(t, server)
	for _, values := range [][]string{{"a", "keeps-1"}, {"new"}} {
		e, err := access.Environment(t.Context(), first)
		if err != nil {
			t.Fatal(err)
		}
		if err := access.SetEnvironmentValues(t.Context(), base, first, []string{"new"}, e.Values.Or(nil)); err != nil || !slices.Equal(e.Values.Or(nil), values) {
			t.Errorf("%v, %v", e.Values, err)
		}
	}
}

// Two dozen environments take each other's values, ten at a time as Terraform
// does: each is refused once, gives up its own, and then sets the new one. Nobody
// asks in between.
func TestValuesRotateWithoutPolling(t *testing.T) {
	t.Parallel()
	const n, parallelism = 24, 10
	server := omnimock.Start(t, omnimock.Options{EnvironmentList: true})
	base := addPostgres(server, "base")
	value := func(i int) string { return fmt.Sprintf("v%02d", i%n) }
	ids := make([]string, n)
	for i := range ids {
		ids[i] = server.AddEnvironment(base, addPostgres(server, value(i)), value(i))
	}
	access := inventoryOf(t, server)
	access.SetPatience(time.Minute)
	slots := make(chan struct{}, parallelism)
	var group sync.WaitGroup
	for i, id := range ids {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			if err := access.SetEnvironmentValues(t.Context(), base, id, []string{value(i + 1)}, []string{value(i)}); err != nil {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	group.Wait()
	for i, id := range ids {
		requireValues(t, server, id, value(i+1))
	}
	if got := server.CountRequests("", ""); got > 3*n+parallelism {
		t.Errorf("%d requests for %d environments", got, n)
	}
}

func TestValueThatNobodyGivesUp(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]omnimock.Options{"with the list": {EnvironmentList: true}, "without": {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inMemory(t, options, func(t *testing.T, server *omnimock.Server) {
				base, first, second := routed(server)
				access := inventoryOf(t, server)
				access.SetPatience(time.Millisecond)
				err := access.SetEnvironmentValues(t.Context(), base, first, []string{"b"}, []string{"a", "keeps-1"})
				inUse, ok := errors.AsType[*inventory.ValueInUseError](err)
				if !ok || !omni.IsValueInUse(err) || !strings.Contains(err.Error(), "parallelism") {
					t.Fatalf("got %v", err)
				}
				holder, _ := server.Environment(second)
				names := strings.Contains(inUse.Holder, second) && strings.Contains(inUse.Holder, holder.ConnectionID) && strings.Contains(inUse.Holder, `"b"`)
				if names != options.EnvironmentList || !names && inUse.Holder != "Another environment of the same base has it, or the base's default_values" {
					t.Errorf("the holder is %q", inUse.Holder)
				}
				requireValues(t, server, first, "a", "keeps-1")
			})
		})
	}

	// One that has it only since the list was read.
	inMemory(t, omnimock.Options{EnvironmentList: true}, func(t *testing.T, server *omnimock.Server) {
		base, first, _ := routed(server)
		access := inventoryOf(t, server)
		access.SetPatience(time.Millisecond)
		if _, err := access.Environments(t.Context()); err != nil {
			t.Fatal(err)
		}
		third := server.AddEnvironment(base, addPostgres(server, "third"), "new")
		if err := access.SetEnvironmentValues(t.Context(), base, first, []string{"new"}, []string{"a", "keeps-1"}); err == nil || !strings.Contains(err.Error(), "Environment "+third) {
			t.Errorf("got %v", err)
		}
	})

	inMemory(t, omnimock.Options{EnvironmentList: true}, func(t *testing.T, server *omnimock.Server) {
		base, _, second := routed(server)
		access := inventoryOf(t, server)
		access.SetPatience(time.Millisecond)
		attribute := &omni.EnvironmentUserAttribute{AttributeName: "env", DefaultValues: omni.StringList{"d"}}
		if err := access.SetEnvironmentUserAttribute(t.Context(), base, attribute); err != nil {
			t.Fatal(err)
		}
		id := server.AddEnvironment(base, addPostgres(server, "third"))
		err := access.SetEnvironmentValues(t.Context(), base, id, []string{"d"}, nil)
		if err == nil || !strings.Contains(err.Error(), "The base connection "+base) {
			t.Errorf("got %v", err)
		}
		attribute.DefaultValues = omni.StringList{"b"}
		err = access.SetEnvironmentUserAttribute(t.Context(), base, attribute)
		if err == nil || !strings.Contains(err.Error(), "Environment "+second) {
			t.Errorf("got %v", err)
		}
	})
}
