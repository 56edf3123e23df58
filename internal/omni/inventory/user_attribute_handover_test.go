// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
)

func always(*omni.UserAttribute) bool { return true }
func never(*omni.UserAttribute) bool  { return false }

// An attribute that is as it was to be made is taken over, and a delete of it in the
// same run leaves it; the next one does not.
func TestUserAttributeThatMoves(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{})
	there := server.AddUserAttribute(omnimock.UserAttribute{Name: "n"})
	access := inventoryOf(t, server)
	id, origin, err := access.ObtainUserAttribute(t.Context(), wantedAttribute("n"), always)
	if err != nil || id != there || origin != inventory.AsWanted {
		t.Fatalf("%s, %d, %v", id, origin, err)
	}
	for _, want := range []bool{true, false} {
		if isLeft, err := access.ReleaseUserAttribute(t.Context(), "n", id); err != nil || isLeft != want {
			t.Errorf("%t, %v", isLeft, err)
		}
		if _, isThere := server.UserAttribute("n"); isThere != want {
			t.Errorf("there: %t", isThere)
		}
	}
	if id, origin, err = access.ObtainUserAttribute(t.Context(), wantedAttribute("n"), always); err != nil || id == there || origin != inventory.Remade {
		t.Errorf("%s, %d, %v", id, origin, err)
	}
	if _, origin, err = access.ObtainUserAttribute(t.Context(), wantedAttribute("m"), always); err != nil || origin != inventory.Made {
		t.Errorf("another: %d, %v", origin, err)
	}
}

// With which status a server refuses a name that is taken is not documented.
func TestTakenNameInEitherStatus(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusConflict, http.StatusBadRequest} {
		server := omnimock.Start(t, omnimock.Options{})
		there := server.AddUserAttribute(omnimock.UserAttribute{Name: "n"})
		server.Faults().Add(fault.Answer(status, `{"detail":"taken"}`).On(http.MethodPost, ""))
		if id, origin, err := inventoryOf(t, server).ObtainUserAttribute(t.Context(), wantedAttribute("n"), always); err != nil || id != there || origin != inventory.AsWanted {
			t.Errorf("%d: %s, %d, %v", status, id, origin, err)
		}
	}
}

func TestUserAttributeThatIsNotTakenOver(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prepare func(server *omnimock.Server, access *inventory.Inventory)
		agrees  func(*omni.UserAttribute) bool
		name    string
	}{
		"it differs": {func(s *omnimock.Server, _ *inventory.Inventory) {
			s.AddUserAttribute(omnimock.UserAttribute{Name: "n"})
		}, never, "n"},
		"it is Omni's":   {func(*omnimock.Server, *inventory.Inventory) {}, always, "omni_user_email"},
		"of another run": {func(s *omnimock.Server, _ *inventory.Inventory) { s.Forbid(http.MethodPost, userAttributesRoute) }, always, "n"},
		"it is refused": {func(s *omnimock.Server, _ *inventory.Inventory) {
			s.AddUserAttribute(omnimock.UserAttribute{Name: "n"})
			s.Forbid(http.MethodPost, userAttributesRoute)
		}, always, "n"},
		"nobody has it": {func(s *omnimock.Server, _ *inventory.Inventory) {
			s.Faults().Add(fault.Answer(http.StatusConflict, `{"detail":"no"}`).On(http.MethodPost, ""))
		}, always, "n"},
		"this run made it": {func(_ *omnimock.Server, access *inventory.Inventory) {
			if _, origin, err := access.ObtainUserAttribute(t.Context(), wantedAttribute("n"), always); err != nil || origin != inventory.Made {
				t.Errorf("%d, %v", origin, err)
			}
		}, always, "n"},
		"it is odd": {func(s *omnimock.Server, _ *inventory.Inventory) {
			s.AddUserAttribute(omnimock.UserAttribute{Name: "n"})
			s.Faults().Add(fault.Answer(http.StatusOK, `{"records":[{"id":"550e8400-e29b-41d4-a716-446655440000","name":"n","label":7}]}`).On(http.MethodGet, userAttributesRoute).Repeat(fault.Forever))
		}, always, "n"},
		"it cannot be looked for": {func(s *omnimock.Server, access *inventory.Inventory) {
			s.AddUserAttribute(omnimock.UserAttribute{Name: "n"})
			s.Faults().Add(fault.Answer(http.StatusForbidden, `{"detail":"no"}`).On(http.MethodGet, userAttributesRoute).After(1).Repeat(fault.Forever))
		}, always, "n"},
	} {
		server := omnimock.Start(t, omnimock.Options{})
		access := inventoryOf(t, server)
		c.prepare(server, access)
		before := len(server.UserAttributes())
		id, origin, err := access.ObtainUserAttribute(t.Context(), wantedAttribute(c.name), c.agrees)
		if e, ok := httpclient.AsError(err); !ok || id != "" || origin != inventory.Made || e.Method != http.MethodPost || len(server.UserAttributes()) != before {
			t.Errorf("%s: %s, %d, %v", name, id, origin, err)
		}
	}
}

func TestLostUserAttributeIsFound(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{})
	server.Faults().Add(fault.Fault{Reset: true}.Applied().On(http.MethodPost, ""))
	id, origin, err := inventoryOf(t, server).ObtainUserAttribute(t.Context(), wantedAttribute("n"), never)
	if made, _ := server.UserAttribute("n"); err != nil || id != made.ID || origin != inventory.Found {
		t.Errorf("%s, %d, %v", id, origin, err)
	}
}

// A create that meets the delete of the same attribute waits for its end.
func TestUserAttributeIsMadeWhileItIsRemoved(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		removed, canceled bool
	}{"it goes": {true, false}, "it stays": {false, false}, "canceled": {true, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := omnimock.Start(t, omnimock.Options{})
			there := server.AddUserAttribute(omnimock.UserAttribute{Name: "n"})
			access := inventoryOf(t, server)
			access.SetPatience(time.Minute)
			seen := make(chan struct{})
			held := fault.Fault{}
			if !c.removed {
				held = fault.Answer(http.StatusForbidden, `{"detail":"no"}`)
			}
			held.Hook = func() { <-seen }
			server.Faults().Add(held.On(http.MethodDelete, ""))
			var group sync.WaitGroup
			group.Go(func() {
				if isLeft, err := access.ReleaseUserAttribute(t.Context(), "n", there); isLeft || (err == nil) != c.removed {
					t.Errorf("%t, %v", isLeft, err)
				}
			})
			waitFor(t, func() bool { return server.CountRequests(http.MethodDelete, "") == 1 })
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var once sync.Once
			id, origin, err := access.ObtainUserAttribute(ctx, wantedAttribute("n"), func(*omni.UserAttribute) bool {
				once.Do(func() {
					if c.canceled {
						cancel()
					} else {
						close(seen)
					}
				})
				return true
			})
			switch {
			case c.canceled:
				close(seen)
				if !httpclient.IsConflict(err) && !httpclient.IsBadRequest(err) {
					t.Errorf("%v", err)
				}
			case c.removed:
				if err != nil || id == there || origin != inventory.Remade {
					t.Errorf("%s, %d, %v", id, origin, err)
				}
			case !httpclient.IsConflict(err) && !httpclient.IsBadRequest(err):
				t.Errorf("%s, %d, %v", id, origin, err)
			}
			group.Wait()
		})
	}
}
