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
	"testing/synctest"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
)

// A value of what is destroyed, unbound or changed in the same run comes free at once,
// without a request in between.
func TestValueComesFreeInTheSameRun(t *testing.T) {
	t.Parallel()
	for name, give := range map[string]func(ctx context.Context, access *inventory.Inventory, base, second, connection string) error{
		"its holder is dissolved": func(ctx context.Context, access *inventory.Inventory, base, second, connection string) error {
			_, err := access.DeleteEnvironment(ctx, omni.Environment{ID: second, BaseConnectionID: base, ConnectionID: connection})
			return err
		},
		"its holder's connection goes": func(ctx context.Context, access *inventory.Inventory, _, _, connection string) error {
			return access.DeleteConnection(ctx, connection)
		},
		"its holder changes": func(ctx context.Context, access *inventory.Inventory, base, second, _ string) error {
			return access.SetEnvironmentValues(ctx, base, second, []string{"keeps-2"}, []string{"b", "keeps-2"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inMemory(t, omnimock.Options{EnvironmentList: true}, func(t *testing.T, server *omnimock.Server) {
				base, first, second := routed(server)
				holder, _ := server.Environment(second)
				access := inventoryOf(t, server)
				access.SetPatience(time.Minute)
				var group sync.WaitGroup
				group.Go(func() {
					if err := access.SetEnvironmentValues(t.Context(), base, first, []string{"b"}, []string{"a"}); err != nil {
						t.Error(err)
					}
				})
				synctest.Wait() // refused, and its own given up
				given := time.Now()
				if err := give(t.Context(), access, base, second, holder.ConnectionID); err != nil {
					t.Error(err)
				}
				group.Wait()
				if took := time.Since(given); took != 0 || len(putBodies(server, first)) != 3 {
					t.Errorf("asked for again after %s: %q", took, putBodies(server, first))
				}
				requireValues(t, server, first, "b")
			})
		})
	}
}

// So does what an environment gives up while it waits for a value itself: a chain
// of them goes on without a request in between.
func TestValueComesFreeWhileItsHolderWaits(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{EnvironmentList: true}, func(t *testing.T, server *omnimock.Server) {
		base, first, second := routed(server)
		third := server.AddEnvironment(base, addPostgres(server, "third"), "c")
		access := inventoryOf(t, server)
		access.SetPatience(time.Minute)
		began := time.Now()
		var group sync.WaitGroup
		for _, e := range []struct{ id, value, own string }{{first, "b", "a"}, {second, "c", "b"}, {third, "d", "c"}} {
			group.Go(func() {
				if err := access.SetEnvironmentValues(t.Context(), base, e.id, []string{e.value}, []string{e.own}); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait() // refused, and its own given up
			if e.id == second {
				requireValues(t, server, first, "b")
			}
		}
		group.Wait()
		requireValues(t, server, second, "c")
		if took := time.Since(began); took != 0 {
			t.Errorf("it took %s", took)
		}
	})
}

// The base's default values wait for what this run gives up, too.
func TestDefaultValueComesFreeInTheSameRun(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
		base, first, _ := routed(server)
		access := inventoryOf(t, server)
		var group sync.WaitGroup
		group.Go(func() {
			attribute := &omni.EnvironmentUserAttribute{AttributeName: "env", DefaultValues: omni.StringList{"a"}}
			if err := access.SetEnvironmentUserAttribute(t.Context(), base, attribute); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait() // refused
		given := time.Now()
		if err := access.SetEnvironmentValues(t.Context(), base, first, []string{"keeps-1"}, []string{"a", "keeps-1"}); err != nil {
			t.Error(err)
		}
		group.Wait()
		if took := time.Since(given); took != 0 {
			t.Errorf("asked for again after %s", took)
		}
	})
}

// What gives up no value wakes nobody who waits for one.
func TestValueThatIsNotGivenUp(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(ctx context.Context, access *inventory.Inventory, server *omnimock.Server, base, second string) error{
		"only a value more": func(ctx context.Context, access *inventory.Inventory, _ *omnimock.Server, base, second string) error {
			return access.SetEnvironmentValues(ctx, base, second, []string{"b", "keeps-2", "c"}, []string{"b", "keeps-2"})
		},
		"a change that is refused": func(ctx context.Context, access *inventory.Inventory, server *omnimock.Server, base, second string) error {
			server.Faults().Add(fault.Answer(http.StatusForbidden, `{"detail":"no"}`).On(http.MethodPut, ""))
			if err := access.SetEnvironmentValues(ctx, base, second, []string{"keeps-2"}, []string{"b", "keeps-2"}); !httpclient.IsForbidden(err) {
				return fmt.Errorf("not refused: %w", err)
			}
			return nil
		},
		"a binding that is refused": func(ctx context.Context, access *inventory.Inventory, server *omnimock.Server, base, _ string) error {
			server.Forbid(http.MethodPatch, "")
			if err := access.SetEnvironmentUserAttribute(ctx, base, nil); !httpclient.IsForbidden(err) {
				return fmt.Errorf("not refused: %w", err)
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
				base, first, second := routed(server)
				access := inventoryOf(t, server)
				var group sync.WaitGroup
				group.Go(func() {
					if err := access.SetEnvironmentValues(t.Context(), base, first, []string{"a", "b"}, []string{"a"}); !omni.IsValueInUse(err) {
						t.Error(err)
					}
				})
				synctest.Wait() // refused
				if err := write(t.Context(), access, server, base, second); err != nil {
					t.Error(err)
				}
				if synctest.Wait(); len(putBodies(server, first)) != 1 {
					t.Errorf("asked for again: %q", putBodies(server, first))
				}
				group.Wait()
			})
		})
	}
}

// A base that is bound in another way gives up its default values.
func TestDefaultValueIsGivenUp(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
		base, first, _ := routed(server)
		access := inventoryOf(t, server)
		if err := access.SetEnvironmentUserAttribute(t.Context(), base, &omni.EnvironmentUserAttribute{AttributeName: "env", DefaultValues: omni.StringList{"d"}}); err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		group.Go(func() {
			if err := access.SetEnvironmentValues(t.Context(), base, first, []string{"a", "d"}, []string{"a"}); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait() // refused
		given := time.Now()
		if err := access.SetEnvironmentUserAttribute(t.Context(), base, nil); err != nil {
			t.Error(err)
		}
		group.Wait()
		if took := time.Since(given); took != 0 {
			t.Errorf("asked for again after %s", took)
		}
	})
}

// Whatever this run writes may free a value, so its end is waited for, without
// requests and beyond the patience with somebody else.
func TestValueIsWaitedForWhileSomethingIsWritten(t *testing.T) {
	t.Parallel()
	type estate struct{ base, second, connection string }
	for name, write := range map[string]func(ctx context.Context, access *inventory.Inventory, e estate) error{
		"a connection is made": func(ctx context.Context, access *inventory.Inventory, _ estate) error {
			_, _, err := access.CreateConnection(ctx, wanted("new"))
			return err
		},
		"a connection is changed": func(ctx context.Context, access *inventory.Inventory, e estate) error {
			return access.UpdateConnection(ctx, e.connection, omni.ConnectionUpdate{Settings: omni.ConnectionSettings{Host: nullable.Of("h")}})
		},
		"a connection is deleted": func(ctx context.Context, access *inventory.Inventory, e estate) error {
			return access.DeleteConnection(ctx, e.connection)
		},
		"a base is bound": func(ctx context.Context, access *inventory.Inventory, e estate) error {
			return access.SetEnvironmentUserAttribute(ctx, e.connection, &omni.EnvironmentUserAttribute{AttributeName: "env"})
		},
		"values are set": func(ctx context.Context, access *inventory.Inventory, e estate) error {
			return access.SetEnvironmentValues(ctx, e.base, e.second, []string{"b", "keeps-2", "more"}, []string{"b", "keeps-2"})
		},
		"an association is made": func(ctx context.Context, access *inventory.Inventory, e estate) error {
			_, _, err := access.CreateEnvironment(ctx, e.base, e.connection, differs)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inMemory(t, omnimock.Options{EnvironmentList: true}, func(t *testing.T, server *omnimock.Server) {
				base, first, second := routed(server)
				access := inventoryOf(t, server, func(c *httpclient.Config) { c.RequestTimeout = time.Hour })
				access.SetPatience(time.Second)
				e := estate{base, second, addPostgres(server, "other")}
				began := time.Now()
				for _, method := range []string{http.MethodPost, http.MethodPatch, http.MethodDelete} {
					server.Faults().Add(fault.Fault{Delay: time.Minute}.On(method, ""))
				}
				server.Faults().Add(fault.Fault{Delay: time.Minute}.On(http.MethodPut, environmentsRoute+"/"+second))
				var group sync.WaitGroup
				group.Go(func() {
					if err := write(t.Context(), access, e); err != nil {
						t.Error(err)
					}
				})
				synctest.Wait()
				err := access.SetEnvironmentValues(t.Context(), base, first, []string{"a", "b"}, []string{"a"})
				if took := time.Since(began); !omni.IsValueInUse(err) || took < time.Minute {
					t.Errorf("%v after %s", err, took)
				}
				group.Wait()
				// What has ended is waited for no longer.
				began = time.Now()
				err = access.SetEnvironmentValues(t.Context(), base, first, []string{"a", "b"}, []string{"a"})
				if took := time.Since(began); !omni.IsValueInUse(err) || took > 2*time.Second {
					t.Errorf("%v after %s", err, took)
				}
			})
		})
	}
}

// After a value came free, the waits for the next one that is in use start anew.
func TestConflictIsAskedForSoonAgainAfterAValueCameFree(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
		base, first, second := routed(server)
		access := inventoryOf(t, server)
		access.SetPatience(3 * time.Second)
		began := time.Now()
		var group sync.WaitGroup
		group.Go(func() {
			err := access.SetEnvironmentValues(t.Context(), base, first, []string{"a", "b", "keeps-2"}, []string{"a"})
			if took := time.Since(began); !omni.IsValueInUse(err) || took != 5750*time.Millisecond {
				t.Errorf("%v after %s", err, took)
			}
		})
		time.Sleep(2 * time.Second) // asked for at 0.25, 0.75 and 1.75 seconds
		if err := access.SetEnvironmentValues(t.Context(), base, second, []string{"keeps-2"}, []string{"b", "keeps-2"}); err != nil {
			t.Error(err)
		}
		group.Wait()
		var asked []time.Duration
		for _, r := range server.Requests() {
			if r.Method == http.MethodPut && strings.HasSuffix(r.Path, first) {
				asked = append(asked, r.Time.Sub(began))
			}
		}
		ms := time.Millisecond
		if want := []time.Duration{0, 250 * ms, 750 * ms, 1750 * ms, 2000 * ms, 2250 * ms, 2750 * ms, 3750 * ms}; !slices.Equal(asked, want) {
			t.Errorf("asked after %s, want %s", asked, want)
		}
	})
}

// Who has the value is said of this base alone, and nothing is said where that
// cannot be read.
func TestHolderOfAValue(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{EnvironmentList: true}, func(t *testing.T, server *omnimock.Server) {
		var others []string
		for i := range 8 {
			if i == 4 {
				others = append(others, addPostgres(server, "the base"))
				continue
			}
			others = append(others, addPostgres(server, "another base"))
			server.AddEnvironment(others[i], addPostgres(server, "n"), "b", "keeps-1")
		}
		base := others[4]
		first := server.AddEnvironment(base, addPostgres(server, "first"), "a", "keeps-1")
		second := server.AddEnvironment(base, addPostgres(server, "second"), "b")
		access := inventoryOf(t, server)
		access.SetPatience(time.Millisecond)
		// One that it keeps is its own.
		err := access.SetEnvironmentValues(t.Context(), base, first, []string{"keeps-1", "b"}, []string{"a", "keeps-1"})
		if err == nil || !strings.Contains(err.Error(), "Environment "+second) {
			t.Errorf("got %v", err)
		}
		server.Forbid(http.MethodGet, "")
		inUse, ok := errors.AsType[*inventory.ValueInUseError](access.SetEnvironmentValues(t.Context(), base, first, []string{"b"}, []string{"a", "keeps-1"}))
		if !ok || inUse.Holder != "Another environment of the same base has it, or the base's default_values" {
			t.Errorf("got %v", inUse)
		}
	})
}

// A connection that was read before it was bound is read again.
func TestBindingThatWasSetIsRead(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{})
	base := addPostgres(server, "base")
	access := inventoryOf(t, server)
	for _, want := range []string{"", "env"} {
		c, err := access.Connection(t.Context(), base)
		if err != nil || c.UserAttributeName.Or("") != want {
			t.Errorf("bound to %q, %v", c.UserAttributeName.Or(""), err)
		}
		if err := access.SetEnvironmentUserAttribute(t.Context(), base, &omni.EnvironmentUserAttribute{AttributeName: "env"}); err != nil {
			t.Error(err)
		}
	}
}

// What was given up while its holder waited is not given up once more when that gets
// its value: by then it is somebody else's.
func TestValueIsGivenUpOnce(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
		base, first, second := routed(server)
		third := server.AddEnvironment(base, addPostgres(server, "third"))
		access := inventoryOf(t, server)
		access.SetPatience(time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var group sync.WaitGroup
		group.Go(func() {
			if err := access.SetEnvironmentValues(t.Context(), base, first, []string{"b"}, []string{"a"}); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait() // refused, and its own given up
		server.EditEnvironment(second, "a", "b")
		time.Sleep(100 * time.Millisecond)
		group.Go(func() {
			if err := access.SetEnvironmentValues(ctx, base, third, []string{"a"}, nil); !omni.IsValueInUse(err) {
				t.Error(err)
			}
		})
		synctest.Wait() // refused
		server.EditEnvironment(second, "a")
		group.Wait()
		var got time.Time // when the first had its value
		asked := map[time.Time]bool{}
		for _, r := range server.Requests() {
			switch {
			case strings.HasSuffix(r.Path, first):
				got = r.Time
			case strings.HasSuffix(r.Path, third):
				asked[r.Time] = true
			}
		}
		if len(asked) < 2 || asked[got] {
			t.Errorf("asked for %d times, also when %s got its own: %t", len(asked), first, asked[got])
		}
	})
}
