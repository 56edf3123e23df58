// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
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
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/omnitest"
)

const usersRoute = "/api/scim/v2/Users"

func singleValue(text string) nullable.Value[omni.AttributeValue] {
	return nullable.Of(omni.AttributeValue{Values: []string{text}})
}

// The first user is asked for alone; from the second on, a list serves all.
func TestUsersShareAList(t *testing.T) {
	t.Parallel()
	for n, wantLists := range map[int]int{1: 0, 2: 1, 30: 1} {
		server := omnimock.Start(t, omnimock.Options{})
		var ids []string
		for i := range n {
			ids = append(ids, server.AddUser(omnimock.User{UserName: fmt.Sprintf("u%d@example.com", i)}))
		}
		access := inventoryOf(t, server)
		var group sync.WaitGroup
		for _, id := range ids {
			group.Go(func() {
				if u, err := access.User(t.Context(), id); err != nil || u.ID != id {
					t.Errorf("%v, %v", u, err)
				}
			})
		}
		group.Wait()
		if one, list := server.CountRequests("GET", usersRoute+"/*"), server.CountRequests("GET", usersRoute); one != 1 || list != wantLists {
			t.Errorf("%d users: %d asked for alone, %d lists", n, one, list)
		}
	}
}

func TestFindUserByAddress(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{LooseUserFilter: true})
	server.AddUser(omnimock.User{UserName: "xada@example.com"})
	ada := server.AddUser(omnimock.User{UserName: "ada@example.com"})
	access := inventoryOf(t, server)
	for _, address := range []string{"ADA@example.com", "ada@example.com"} {
		if u, err := access.FindUser(t.Context(), address); err != nil || u.ID != ada {
			t.Errorf("%v %v", u, err)
		}
	}
	if u, err := access.FindUser(t.Context(), "nobody@example.com"); !errors.Is(err, inventory.ErrGone) {
		t.Errorf("%v %v", u, err)
	}
	if u, err := access.User(t.Context(), omnitest.IDA); !errors.Is(err, inventory.ErrGone) {
		t.Errorf("%v %v", u, err)
	}
	all, err := access.Users(t.Context())
	if err != nil || len(all) != 2 || all[0].ID != ada {
		t.Errorf("%v %v", all, err)
	}

	// A list that is refused is not asked for again, user by user.
	access = inventoryOf(t, server)
	if _, err := access.FindUser(t.Context(), "ada@example.com"); err != nil {
		t.Fatal(err)
	}
	for name, read := range map[string]func() (*omni.User, error){
		"by address": func() (*omni.User, error) { return access.FindUser(t.Context(), "xada@example.com") },
		"by id":      func() (*omni.User, error) { return access.User(t.Context(), ada) },
	} {
		server.ResetRequests()
		server.Faults().Add(fault.Answer(http.StatusForbidden, `{"detail":"Permission denied"}`).On(http.MethodGet, usersRoute))
		if u, err := read(); !httpclient.IsForbidden(err) || server.CountRequests("", "") != 1 {
			t.Errorf("%s: %v, %v after %d requests", name, u, err, server.CountRequests("", ""))
		}
	}
}

// Two of one user at the same time both stay, and the next read sees them.
func TestValuesOfOneUser(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]omnimock.Options{"merged": {}, "by path": {UserPathsOnly: true}, "empty parts left out": {Users: omnimock.UsersWithoutEmptyParts}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := omnimock.Start(t, options)
			id := server.AddUser(omnimock.User{UserName: "ada@example.com", Attributes: map[string]any{"region": "eu"}})
			access := inventoryOf(t, server)
			if _, err := access.Users(t.Context()); err != nil {
				t.Fatal(err)
			}
			var group sync.WaitGroup
			for _, attribute := range []string{"env", "environment"} {
				group.Go(func() {
					if u, err := access.SetUserValue(t.Context(), id, attribute, singleValue("prod")); err != nil || !u.Has(attribute, singleValue("prod")) {
						t.Errorf("%v %v", u, err)
					}
				})
			}
			group.Wait()
			all, err := access.Users(t.Context())
			if err != nil || len(all[0].Values) != 3 {
				t.Errorf("%v %v", all, err)
			}
			if u, err := access.SetUserValue(t.Context(), id, "region", nullable.Null[omni.AttributeValue]()); err != nil || len(u.Values) != 2 {
				t.Errorf("%v %v", u, err)
			}
		})
	}
}

func TestAnswersToAValue(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{})
	id := server.AddUser(omnimock.User{UserName: "ada@example.com"})
	access := inventoryOf(t, server)
	set := func(value string) (*omni.User, error) {
		return access.SetUserValue(t.Context(), id, "env", singleValue(value))
	}
	// Carried out, and the answer says nothing that can be read: the user tells.
	server.Faults().Add(fault.EmptyBody().Applied().On(http.MethodPatch, usersRoute+"/*"))
	if u, err := set("prod"); err != nil || !u.Has("env", singleValue("prod")) {
		t.Errorf("%v %v", u, err)
	}
	server.Faults().Add(fault.EmptyBody().On(http.MethodPatch, usersRoute+"/*")) // and not carried out
	if u, err := set("dev"); err == nil {
		t.Errorf("%v", u)
	}
	// A lost answer is asked for again: the value is the same.
	server.Faults().Add(fault.BadGateway().Applied().On(http.MethodPatch, usersRoute+"/*"))
	if u, err := set("test"); err != nil || !u.Has("env", singleValue("test")) {
		t.Errorf("%v %v", u, err)
	}
	if _, err := access.SetUserValue(t.Context(), id, "nobody", singleValue("x")); err == nil || errors.Is(err, inventory.ErrGone) {
		t.Errorf("%v", err)
	}
	server.Faults().Add(fault.Answer(http.StatusNotFound, `{"detail":"User not found"}`).On(http.MethodPatch, usersRoute+"/*")) // who is there
	if _, err := set("x"); !httpclient.IsMissing(err) || errors.Is(err, inventory.ErrGone) {
		t.Errorf("%v", err)
	}
	server.RemoveUser(id)
	if _, err := set("x"); !errors.Is(err, inventory.ErrGone) {
		t.Errorf("%v", err)
	}

	// An answer without the values is no sign of any: the user tells.
	id = server.AddUser(omnimock.User{UserName: "bob@example.com"})
	server.Faults().Add(fault.Answer(http.StatusOK, fmt.Sprintf(`{"id":%q,"userName":"bob@example.com"}`, id)).Applied().On(http.MethodPatch, usersRoute+"/*"))
	if u, err := set("prod"); err != nil || !u.Has("env", singleValue("prod")) {
		t.Errorf("%v %v", u, err)
	}

	narrow := omnimock.Start(t, omnimock.Options{Users: omnimock.NarrowUsers})
	id = narrow.AddUser(omnimock.User{UserName: "ada@example.com"})
	u, err := inventoryOf(t, narrow).SetUserValue(t.Context(), id, "env", singleValue("x"))
	if err != nil || u.HasValues {
		t.Errorf("%v %v", u, err)
	}
	// A user whose values are not shown does not tell whether one was taken away.
	narrow.Faults().Add(fault.EmptyBody().On(http.MethodPatch, usersRoute+"/*"))
	if u, err := inventoryOf(t, narrow).SetUserValue(t.Context(), id, "env", nullable.Null[omni.AttributeValue]()); !httpclient.IsUnreadable(err) {
		t.Errorf("%v %v", u, err)
	}
	// What was carried out has been, though the user cannot be read afterwards.
	narrow.Forbid(http.MethodGet, usersRoute+"/*")
	if u, err := inventoryOf(t, narrow).SetUserValue(t.Context(), id, "env", singleValue("y")); err != nil || u == nil || u.ID != id {
		t.Errorf("%v %v", u, err)
	}
}

// A value that moves to another address stays, whichever goes first.
func TestUserValueThatMoves(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		there, wanted string // on the server, and in the configuration
		origin        inventory.Origin
		server        omnimock.Options
		isLate        bool // the delete comes while the create waits for it
	}{
		"the same":           {there: "eu", wanted: "eu", origin: inventory.AsWanted},
		"another":            {there: "eu", wanted: "us", origin: inventory.TakenOver, isLate: true},
		"one that is hidden": {there: "eu", wanted: "us", server: omnimock.Options{Users: omnimock.NarrowUsers}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := omnimock.Start(t, c.server)
			id := server.AddUser(omnimock.User{UserName: "ada@example.com", Attributes: map[string]any{"env": c.there}})
			access := inventoryOf(t, server)
			access.SetPatience(time.Minute)
			give := func() {
				if _, origin, err := access.GiveUserValue(t.Context(), id, "env", singleValue(c.wanted)); err != nil || origin != c.origin {
					t.Errorf("%d, %v", origin, err)
				}
			}
			var group sync.WaitGroup
			if c.isLate {
				group.Go(give)
				access.AwaitWanted(inventory.UserValueKey(id, "env"))
			} else {
				give()
			}
			if isLeft, err := access.RemoveUserValue(t.Context(), id, "env"); err != nil || !isLeft {
				t.Errorf("%t, %v", isLeft, err)
			}
			group.Wait()
			requireUserValue(t, server, c.wanted)
			if isLeft, err := access.RemoveUserValue(t.Context(), id, "env"); err != nil || isLeft {
				t.Errorf("its own: %t, %v", isLeft, err)
			}
			requireUserValue(t, server, nil)
		})
	}
}

func TestUserValueOfOthersIsNotOverwritten(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{})
	id := server.AddUser(omnimock.User{UserName: "ada@example.com", Attributes: map[string]any{"env": "eu"}})
	access := inventoryOf(t, server)
	access.SetPatience(time.Millisecond)
	before, _, err := access.GiveUserValue(t.Context(), id, "env", singleValue("us"))
	if !errors.Is(err, inventory.ErrHasValue) || !before.Has("env", singleValue("eu")) {
		t.Errorf("%v, %v", before, err)
	}
	requireUserValue(t, server, "eu")
	server.RemoveUser(id)
	if before, _, err := access.GiveUserValue(t.Context(), id, "env", singleValue("us")); !errors.Is(err, inventory.ErrGone) || before != nil {
		t.Errorf("%v, %v", before, err)
	}
	if isLeft, err := access.RemoveUserValue(t.Context(), id, "env"); err != nil || isLeft {
		t.Errorf("%t, %v", isLeft, err)
	}
}

// requireUserValue compares what the server has for ada's env.
func requireUserValue(t *testing.T, server *omnimock.Server, want any) {
	t.Helper()
	if user, _ := server.User("ada@example.com"); user.Attributes["env"] != want {
		t.Errorf("env is %v, want %v", user.Attributes["env"], want)
	}
}

// A create that waits for the end of a removal ends with its own time.
func TestUserValueWhileItIsRemoved(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
		id := server.AddUser(omnimock.User{UserName: "ada@example.com", Attributes: map[string]any{"env": "eu"}})
		server.AddUserAttribute(omnimock.UserAttribute{Name: "other"})
		access := inventoryOf(t, server)
		server.Faults().Add(fault.Fault{Delay: 2 * time.Second}.On(http.MethodPatch, ""))
		var group sync.WaitGroup
		group.Go(func() {
			if isLeft, err := access.RemoveUserValue(t.Context(), id, "env"); isLeft || err != nil {
				t.Errorf("%t, %v", isLeft, err)
			}
		})
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		before, _, err := access.GiveUserValue(ctx, id, "env", singleValue("eu"))
		if !errors.Is(err, context.DeadlineExceeded) || before == nil || !before.Has("env", singleValue("eu")) {
			t.Errorf("%v, %v", before, err)
		}
		group.Wait()
		requireUserValue(t, server, nil)
		for attribute, want := range map[string]inventory.Origin{"env": inventory.Remade, "other": inventory.Made} { // the removal was of env
			if _, origin, err := access.GiveUserValue(t.Context(), id, attribute, singleValue("eu")); err != nil || origin != want {
				t.Errorf("%s: %d, %v", attribute, origin, err)
			}
		}
	})
}

// A removal that the server refuses has not been one; that of a user who is gone has.
func TestUserValueThatCannotBeRemoved(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{})
	id := server.AddUser(omnimock.User{UserName: "ada@example.com", Attributes: map[string]any{"env": "eu"}})
	access := inventoryOf(t, server)
	server.Faults().Add(fault.Answer(http.StatusForbidden, `{"detail":"no"}`).On(http.MethodPatch, usersRoute+"/*"))
	if isLeft, err := access.RemoveUserValue(t.Context(), id, "env"); isLeft || !httpclient.IsForbidden(err) {
		t.Errorf("%t, %v", isLeft, err)
	}
	if _, origin, err := access.GiveUserValue(t.Context(), id, "env", singleValue("eu")); err != nil || origin != inventory.AsWanted {
		t.Errorf("it counts as taken away: %d, %v", origin, err)
	}
	requireUserValue(t, server, "eu")
	if isLeft, err := access.RemoveUserValue(t.Context(), id, "env"); !isLeft || err != nil {
		t.Errorf("of the create: %t, %v", isLeft, err)
	}
	server.RemoveUser(id)
	if isLeft, err := access.RemoveUserValue(t.Context(), id, "env"); isLeft || err != nil {
		t.Errorf("of nobody: %t, %v", isLeft, err)
	}
}

// A value whose removal was quicker is given again; another one waits for the end of
// the removal.
func TestUserValueIsGivenAfterARemoval(t *testing.T) {
	t.Parallel()
	for wanted, isRead := range map[string]bool{"eu": false, "us": true} { // whether the former value was seen
		inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
			id := server.AddUser(omnimock.User{UserName: "ada@example.com", Attributes: map[string]any{"env": "eu"}})
			access := inventoryOf(t, server)
			server.Faults().Add(fault.Fault{Delay: time.Second}.On(http.MethodPatch, ""))
			var group sync.WaitGroup
			group.Go(func() {
				if isLeft, err := access.RemoveUserValue(t.Context(), id, "env"); isLeft || err != nil {
					t.Errorf("%t, %v", isLeft, err)
				}
			})
			time.Sleep(time.Millisecond)
			before, origin, err := access.GiveUserValue(t.Context(), id, "env", singleValue(wanted))
			group.Wait()
			if err != nil || origin != inventory.Remade || before.Has("env", singleValue("eu")) != isRead {
				t.Errorf("%s: %v, %d, %v", wanted, before, origin, err)
			}
			requireUserValue(t, server, wanted)
			if got := server.CountRequests(http.MethodPatch, ""); got != 2 {
				t.Errorf("%s: %d changes, want the removal and the new value", wanted, got)
			}
		})
	}
}
