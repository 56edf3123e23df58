// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/omnitest"
)

// An association that moves to another address is the same one afterwards.
func TestAssociationIsTakenOver(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]omnimock.Options{"with the list": {EnvironmentList: true}, "without": {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inMemory(t, options, func(t *testing.T, server *omnimock.Server) {
				base, first, _ := routed(server)
				old, _ := server.Environment(first)
				access := inventoryOf(t, server)
				access.SetPatience(time.Minute)
				var group sync.WaitGroup
				group.Go(func() {
					e, origin, err := access.CreateEnvironment(t.Context(), base, old.ConnectionID, differs)
					if err != nil || origin != inventory.TakenOver || e.ID != first || !e.Associates(base, old.ConnectionID) {
						t.Errorf("%+v, %d, %v", e, origin, err)
					}
				})
				// While the create waits it has been refused, and has looked for the list.
				for server.CountRequests(http.MethodPost, "") < 1 || server.CountRequests(http.MethodGet, "") < 1 {
					time.Sleep(time.Millisecond)
				}
				access.AwaitWanted(inventory.AssociationKey(base, old.ConnectionID))
				isLeft, err := access.DeleteEnvironment(t.Context(), omni.Environment{ID: first, BaseConnectionID: base, ConnectionID: old.ConnectionID})
				if err != nil || !isLeft {
					t.Errorf("%v, %v", isLeft, err)
				}
				group.Wait()
				requireValues(t, server, first, "a", "keeps-1")
				if got := server.CountRequests(http.MethodDelete, ""); got != 0 {
					t.Errorf("dissolved %d times", got)
				}
			})
		})
	}
}

func TestAssociationThatThisRunDissolvedIsMadeAgain(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{EnvironmentList: true}, func(t *testing.T, server *omnimock.Server) {
		base, first, _ := routed(server)
		old, _ := server.Environment(first)
		access := inventoryOf(t, server)
		pair := omni.Environment{ID: first, BaseConnectionID: base, ConnectionID: old.ConnectionID}
		if isLeft, err := access.DeleteEnvironment(t.Context(), pair); err != nil || isLeft {
			t.Fatal(isLeft, err)
		}
		e, origin, err := access.CreateEnvironment(t.Context(), base, old.ConnectionID, differs)
		if err != nil || origin != inventory.Remade || e.ID == first {
			t.Errorf("%+v, %d, %v", e, origin, err)
		}
		if _, origin, err := access.CreateEnvironment(t.Context(), base, addPostgres(server, "another"), differs); err != nil || origin != inventory.Made {
			t.Errorf("another: %d, %v", origin, err)
		}
	})
}

// A create that failed has made nothing: what is there as wanted is adopted afterwards.
func TestAssociationAsWantedAfterAFailure(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{EnvironmentList: true}, func(t *testing.T, server *omnimock.Server) {
		base, first, _ := routed(server)
		old, _ := server.Environment(first)
		access := inventoryOf(t, server)
		create := func() (*omni.Environment, inventory.Origin, error) {
			return access.CreateEnvironment(t.Context(), base, old.ConnectionID, func(*omni.Environment) bool { return true })
		}
		server.Faults().Add(fault.Answer(http.StatusForbidden, `{"detail":"no"}`).On(http.MethodPost, environmentsRoute))
		if _, _, err := create(); !httpclient.IsForbidden(err) {
			t.Errorf("%v", err)
		}
		if e, origin, err := create(); err != nil || origin != inventory.AsWanted || e.ID != first {
			t.Errorf("%+v, %d, %v", e, origin, err)
		}
	})
}

// Where the list shows no association, the server refused for another reason, such
// as the dialect: nobody waits for a delete.
func TestRefusedAssociationThatIsNotListed(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{EnvironmentList: true}, func(t *testing.T, server *omnimock.Server) {
		base := addPostgres(server, "base")
		other := server.AddConnection(map[string]any{"name": "n", "dialect": "mysql", "host": "h", "port": 3306, "database": "d", "username": "u"})
		access := inventoryOf(t, server)
		access.SetPatience(time.Hour)
		began := time.Now()
		if e, origin, err := access.CreateEnvironment(t.Context(), base, other, differs); e != nil || origin != inventory.Made || !omni.IsNotAssociable(err) || time.Since(began) > time.Second {
			t.Errorf("%+v, %d, %v after %s", e, origin, err, time.Since(began))
		}
	})
}

// One that is just as it was to be made stays, and a delete that comes after that, of
// the object that it replaces or of a former address, leaves it alone.
func TestAssociationAsWantedStays(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{EnvironmentList: true}, func(t *testing.T, server *omnimock.Server) {
		base, first, _ := routed(server)
		old, _ := server.Environment(first)
		access := inventoryOf(t, server)
		access.SetPatience(time.Hour)
		e, origin, err := access.CreateEnvironment(t.Context(), base, old.ConnectionID, func(*omni.Environment) bool { return true })
		if err != nil || origin != inventory.AsWanted || e.ID != first {
			t.Errorf("%+v, %d, %v", e, origin, err)
		}
		pair := omni.Environment{ID: first, BaseConnectionID: base, ConnectionID: old.ConnectionID}
		for _, wantLeft := range []bool{true, false} { // the second delete is the create's own
			if isLeft, err := access.DeleteEnvironment(t.Context(), pair); err != nil || isLeft != wantLeft {
				t.Errorf("%t, %v", isLeft, err)
			}
		}
	})
}

// One that this run has made belongs to the resource that made it, and no second
// create takes it for its own: not even after a delete of it that failed.
func TestAssociationOfThisRunIsNotTaken(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{EnvironmentList: true})
	base, connection := addPostgres(server, "base"), addPostgres(server, "other")
	access := inventoryOf(t, server)
	access.SetPatience(time.Millisecond)
	asWanted := func(*omni.Environment) bool { return true }
	made, origin, err := access.CreateEnvironment(t.Context(), base, connection, asWanted)
	if err != nil || origin != inventory.Made {
		t.Fatal(origin, err)
	}
	server.Faults().Add(fault.Answer(403, `{"detail":"no"}`).On(http.MethodDelete, ""))
	if isLeft, err := access.DeleteEnvironment(t.Context(), *made); err == nil || isLeft {
		t.Fatal(isLeft, err)
	}
	if e, origin, err := access.CreateEnvironment(t.Context(), base, connection, asWanted); !omni.IsNotAssociable(err) {
		t.Errorf("%+v, %d, %v", e, origin, err)
	}
}

func TestAssociationOfOthersIsNotTaken(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{EnvironmentList: true}, func(t *testing.T, server *omnimock.Server) {
		base, first, _ := routed(server)
		old, _ := server.Environment(first)
		access := inventoryOf(t, server)
		access.SetPatience(time.Millisecond)
		if _, _, err := access.CreateEnvironment(t.Context(), base, old.ConnectionID, differs); !omni.IsNotAssociable(err) {
			t.Errorf("got %v", err)
		}
		// A refusal of another kind is not waited for.
		access.SetPatience(time.Hour)
		server.Faults().Add(fault.Answer(400, `{"detail":"no"}`).On(http.MethodPost, environmentsRoute))
		if _, _, err := access.CreateEnvironment(t.Context(), base, addPostgres(server, "fourth"), differs); err == nil || omni.IsNotAssociable(err) {
			t.Errorf("got %v", err)
		}
	})
	// One that no list shows is not known to be as wanted.
	inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
		base, first, _ := routed(server)
		old, _ := server.Environment(first)
		if e, origin, err := inventoryOf(t, server).CreateEnvironment(t.Context(), base, old.ConnectionID, func(*omni.Environment) bool { return true }); !omni.IsNotAssociable(err) {
			t.Errorf("%+v, %d, %v", e, origin, err)
		}
	})
}

// bindable is a base that is bound to env with a default value.
func bindable(t *testing.T) (server *omnimock.Server, access *inventory.Inventory, base string, attribute *omni.EnvironmentUserAttribute) {
	t.Helper()
	server = omnimock.Start(t, omnimock.Options{EnvironmentList: true})
	base = addPostgres(server, "base")
	attribute = &omni.EnvironmentUserAttribute{AttributeName: "env", DefaultValues: omni.StringList{"dev"}}
	if err := inventoryOf(t, server).SetEnvironmentUserAttribute(t.Context(), base, attribute); err != nil {
		t.Fatal(err)
	}
	server.ResetRequests()
	return server, inventoryOf(t, server), base, attribute
}

func isBoundTo(name string) func(*omni.Connection) bool {
	return func(c *omni.Connection) bool { return c.UserAttributeName.Or("") == name }
}

func requireBound(t *testing.T, access *inventory.Inventory, base, want string) {
	t.Helper()
	c, err := access.FreshConnection(t.Context(), base)
	if err != nil || c.UserAttributeName.Or("") != want {
		t.Errorf("bound to %q, %v; want %q", c.UserAttributeName.Or(""), err, want)
	}
}

// A binding that moves to another address stays, whichever goes first.
func TestBindingThatMoves(t *testing.T) {
	t.Parallel()
	t.Run("made first", func(t *testing.T) {
		t.Parallel()
		server, access, base, attribute := bindable(t)
		if _, origin, err := access.Bind(t.Context(), base, attribute, isBoundTo("env")); err != nil || origin != inventory.AsWanted {
			t.Errorf("%d, %v", origin, err)
		}
		if isLeft, err := access.Unbind(t.Context(), base); err != nil || !isLeft {
			t.Errorf("%v, %v", isLeft, err)
		}
		requireBound(t, access, base, "env")
		if got := server.CountRequests(http.MethodPatch, ""); got != 0 {
			t.Errorf("%d writes", got)
		}
	})
	t.Run("removed first", func(t *testing.T) {
		t.Parallel()
		server, access, base, attribute := bindable(t)
		if isLeft, err := access.Unbind(t.Context(), base); err != nil || isLeft || server.CountRequests("", "") != 1 {
			t.Errorf("%v, %v after %d requests", isLeft, err, server.CountRequests("", ""))
		}
		requireBound(t, access, base, "")
		if _, origin, err := access.Bind(t.Context(), base, attribute, isBoundTo("env")); err != nil || origin != inventory.Remade {
			t.Errorf("%d, %v", origin, err)
		}
		requireBound(t, access, base, "env")
	})
	t.Run("made while it is removed", func(t *testing.T) {
		t.Parallel()
		server, access, base, attribute := bindable(t)
		server.Faults().Add(fault.Fault{Delay: 300 * time.Millisecond}.On(http.MethodPatch, ""))
		var group sync.WaitGroup
		group.Go(func() {
			if isLeft, err := access.Unbind(t.Context(), base); err != nil || isLeft {
				t.Errorf("%v, %v", isLeft, err)
			}
		})
		for server.CountRequests(http.MethodPatch, "") < 1 {
			time.Sleep(time.Millisecond)
		}
		if _, origin, err := access.Bind(t.Context(), base, attribute, isBoundTo("env")); err != nil || origin != inventory.Remade {
			t.Errorf("%d, %v", origin, err)
		}
		group.Wait()
		requireBound(t, access, base, "env")
	})
	t.Run("another made while it is removed", func(t *testing.T) {
		t.Parallel()
		inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
			base := addPostgres(server, "base")
			access := inventoryOf(t, server)
			if err := access.SetEnvironmentUserAttribute(t.Context(), base, &omni.EnvironmentUserAttribute{AttributeName: "env"}); err != nil {
				t.Fatal(err)
			}
			server.Faults().Add(fault.Fault{Delay: time.Second}.On(http.MethodPatch, ""))
			var group sync.WaitGroup
			group.Go(func() {
				if isLeft, err := access.Unbind(t.Context(), base); err != nil || isLeft {
					t.Errorf("%v, %v", isLeft, err)
				}
			})
			synctest.Wait()
			if _, _, err := access.Bind(t.Context(), base, &omni.EnvironmentUserAttribute{AttributeName: "region"}, isBoundTo("region")); err != nil {
				t.Errorf("%v", err)
			}
			group.Wait()
			requireBound(t, access, base, "region")
		})
	})
	t.Run("to another attribute", func(t *testing.T) {
		t.Parallel()
		_, access, base, _ := bindable(t)
		access.SetPatience(time.Minute)
		other := &omni.EnvironmentUserAttribute{AttributeName: "region"}
		var group sync.WaitGroup
		group.Go(func() {
			if _, origin, err := access.Bind(t.Context(), base, other, isBoundTo("region")); err != nil || origin != inventory.TakenOver {
				t.Errorf("%d, %v", origin, err)
			}
		})
		access.AwaitWanted(inventory.BindingKey(base))
		if isLeft, err := access.Unbind(t.Context(), base); err != nil || !isLeft {
			t.Errorf("%v, %v", isLeft, err)
		}
		group.Wait()
		requireBound(t, access, base, "region")
	})
}

// What a run knows of the binding of one base says nothing of another's: each is
// bound, and each is unbound where nobody binds it again.
func TestBindingsOfTwoBases(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
		access := inventoryOf(t, server)
		for _, name := range []string{"a", "b"} {
			base := addPostgres(server, name)
			if _, origin, err := access.Bind(t.Context(), base, &omni.EnvironmentUserAttribute{AttributeName: "env"}, isBoundTo("env")); err != nil || origin != inventory.Made {
				t.Fatalf("%s: %d, %v", name, origin, err)
			}
			requireBound(t, access, base, "env")
			if isLeft, err := access.Unbind(t.Context(), base); err != nil || isLeft {
				t.Fatalf("%s: %v, %v", name, isLeft, err)
			}
			requireBound(t, access, base, "")
		}
	})
}

// A base that is bound to nothing is bound, whatever the caller says of it.
func TestUnboundBaseIsBound(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
		access, base := inventoryOf(t, server), addPostgres(server, "base")
		_, origin, err := access.Bind(t.Context(), base, &omni.EnvironmentUserAttribute{AttributeName: "env"}, func(*omni.Connection) bool { return true })
		if err != nil || origin != inventory.Made {
			t.Errorf("%d, %v", origin, err)
		}
		requireBound(t, access, base, "env")
	})
}

// Of two resources that bind one base in one run, one does: neither overwrites the
// other, whatever they bind it to. After a failure, and after its end, it is bound
// again.
func TestBindingOfTwoResources(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{})
	base := addPostgres(server, "base")
	access := inventoryOf(t, server)
	server.Faults().Add(fault.Answer(http.StatusForbidden, `{"detail":"no"}`).On(http.MethodPatch, ""))
	bind := func(name string) error {
		_, _, err := access.Bind(t.Context(), base, &omni.EnvironmentUserAttribute{AttributeName: name}, isBoundTo(name))
		return err
	}
	if err := bind("env"); err == nil || errors.Is(err, inventory.ErrBoundTwice) {
		t.Fatalf("got %v", err)
	}
	var group sync.WaitGroup
	failures := make(chan error, 3)
	for range cap(failures) {
		group.Go(func() { failures <- bind("env") })
	}
	group.Wait()
	close(failures)
	refused := 0
	for err := range failures {
		if errors.Is(err, inventory.ErrBoundTwice) {
			refused++
		} else if err != nil {
			t.Error(err)
		}
	}
	if refused != 2 {
		t.Errorf("%d of 3 were refused", refused)
	}
	if err := bind("env"); !errors.Is(err, inventory.ErrBoundTwice) {
		t.Errorf("one that comes later: %v", err)
	}
	if _, err := access.Unbind(t.Context(), base); err != nil {
		t.Error(err)
	}
	if err := bind("region"); err != nil {
		t.Error(err)
	}
	requireBound(t, access, base, "region")
}

func TestPlannedObjects(t *testing.T) {
	t.Parallel()
	access := inventoryOf(t, omnimock.Start(t, omnimock.Options{}))
	for i, c := range []struct {
		base, resource string
		isKept, want   bool
	}{
		{"a", "1", true, false},
		{"a", "1", false, false}, // planned twice, each alone
		{"A", "2", false, true},
		{"b", "1", false, false},
		{"B", "2", true, true},
		{"c", "1", true, false},
		{"c", "2", true, false},
		{"d", "1", false, false},
		{"d", "2", false, false},
	} {
		if got := access.PlanObject(c.base, c.resource, c.isKept); got != c.want {
			t.Errorf("%d: contested %t, want %t", i, got, c.want)
		}
	}
}

func TestBindingOfOthersIsNotOverwritten(t *testing.T) {
	t.Parallel()
	_, access, base, _ := bindable(t)
	access.SetPatience(time.Millisecond)
	other := &omni.EnvironmentUserAttribute{AttributeName: "region"}
	before, _, err := access.Bind(t.Context(), base, other, isBoundTo("region"))
	if !errors.Is(err, inventory.ErrBound) || !isBoundTo("env")(before) {
		t.Errorf("%v, %v", before.UserAttributeName, err)
	}
	requireBound(t, access, base, "env")
}

func TestPlannedValues(t *testing.T) {
	t.Parallel()
	access := inventoryOf(t, omnimock.Start(t, omnimock.Options{}))
	for _, test := range []struct {
		base, connection string
		values           []string
		value, other     string
	}{
		{"b", "1", []string{"x", "y"}, "", ""},
		{"b", "1", []string{"x", "z"}, "", ""}, // planned again, as core does
		{"b", "2", []string{"y"}, "", ""},      // no longer planned elsewhere
		{"b", "3", []string{"w", "z"}, "z", "1"},
		{"other", "4", []string{"x"}, "", ""},
		{"B", "B", []string{"y"}, "y", "2"}, // the base's own, whatever the case
	} {
		if value, other := access.PlanValues(test.base, test.connection, test.values); value != test.value || other != test.other {
			t.Errorf("%v: %q of %q", test, value, other)
		}
	}
}

// What cannot be read is not bound, and a binding that is not taken away is not gone.
func TestBindingsThatFail(t *testing.T) {
	t.Parallel()
	server, access, base, attribute := bindable(t)
	if before, _, err := access.Bind(t.Context(), omnitest.IDA, attribute, isBoundTo("env")); before != nil || !errors.Is(err, inventory.ErrGone) {
		t.Errorf("%v, %v", before, err)
	}
	if isLeft, err := access.Unbind(t.Context(), omnitest.IDA); isLeft || err != nil {
		t.Errorf("of no connection: %t, %v", isLeft, err)
	}
	server.Faults().Add(fault.Answer(http.StatusNotFound, `{"detail":"Not Found"}`).On(http.MethodPatch, ""))
	if isLeft, err := access.Unbind(t.Context(), base); isLeft || !httpclient.IsNotFound(err) {
		t.Errorf("while it is there: %t, %v", isLeft, err)
	}
	requireBound(t, access, base, "env")
}

// A create that waits for the end of a delete ends with its own time.
func TestBindingThatIsCanceledWhileItIsRemoved(t *testing.T) {
	t.Parallel()
	server, access, base, attribute := bindable(t)
	release := make(chan struct{})
	server.Faults().Add(fault.Fault{Hook: func() { <-release }}.On(http.MethodPatch, ""))
	var group sync.WaitGroup
	group.Go(func() {
		if isLeft, err := access.Unbind(t.Context(), base); isLeft || err != nil {
			t.Errorf("%t, %v", isLeft, err)
		}
	})
	waitFor(t, func() bool { return server.CountRequests(http.MethodPatch, "") == 1 })
	ctx, cancel := context.WithCancel(t.Context())
	before, _, err := access.Bind(ctx, base, attribute, func(*omni.Connection) bool {
		cancel()
		return true
	})
	if before == nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", before, err)
	}
	close(release)
	group.Wait()
	requireBound(t, access, base, "")
}
