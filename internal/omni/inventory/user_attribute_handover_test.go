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
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
)

// always is a create that wants what there is, never one that wants what it cannot
// become, and relabels one that wants another label.
func always(*omni.UserAttribute) (omni.UserAttributeSettings, bool) {
	return omni.UserAttributeSettings{}, true
}

func never(*omni.UserAttribute) (omni.UserAttributeSettings, bool) {
	return omni.UserAttributeSettings{}, false
}

func relabels(*omni.UserAttribute) (omni.UserAttributeSettings, bool) {
	return omni.UserAttributeSettings{Label: nullable.Of("new label")}, true
}

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
		prepare func(t *testing.T, server *omnimock.Server, access *inventory.Inventory)
		changes func(*omni.UserAttribute) (omni.UserAttributeSettings, bool)
		name    string
	}{
		"it differs": {func(_ *testing.T, s *omnimock.Server, _ *inventory.Inventory) {
			s.AddUserAttribute(omnimock.UserAttribute{Name: "n"})
		}, relabels, "n"},
		"it cannot become it": {func(_ *testing.T, s *omnimock.Server, _ *inventory.Inventory) {
			s.AddUserAttribute(omnimock.UserAttribute{Name: "n"})
		}, never, "n"},
		"it is Omni's": {func(*testing.T, *omnimock.Server, *inventory.Inventory) {}, always, "omni_user_email"},
		"of another run": {func(_ *testing.T, s *omnimock.Server, _ *inventory.Inventory) {
			s.Forbid(http.MethodPost, userAttributesRoute)
		}, always, "n"},
		"it is refused": {func(_ *testing.T, s *omnimock.Server, _ *inventory.Inventory) {
			s.AddUserAttribute(omnimock.UserAttribute{Name: "n"})
			s.Forbid(http.MethodPost, userAttributesRoute)
		}, always, "n"},
		"nobody has it": {func(_ *testing.T, s *omnimock.Server, _ *inventory.Inventory) {
			s.Faults().Add(fault.Answer(http.StatusConflict, `{"detail":"no"}`).On(http.MethodPost, ""))
		}, always, "n"},
		"this run made it": {func(t *testing.T, _ *omnimock.Server, access *inventory.Inventory) {
			if _, origin, err := access.ObtainUserAttribute(t.Context(), wantedAttribute("n"), always); err != nil || origin != inventory.Made {
				t.Errorf("%d, %v", origin, err)
			}
		}, always, "n"},
		"it is odd": {func(_ *testing.T, s *omnimock.Server, _ *inventory.Inventory) {
			s.AddUserAttribute(omnimock.UserAttribute{Name: "n"})
			s.Faults().Add(fault.Answer(http.StatusOK, `{"records":[{"id":"550e8400-e29b-41d4-a716-446655440000","name":"n","label":7}]}`).On(http.MethodGet, userAttributesRoute).Repeat(fault.Forever))
		}, always, "n"},
		"it cannot be looked for": {func(_ *testing.T, s *omnimock.Server, _ *inventory.Inventory) {
			s.AddUserAttribute(omnimock.UserAttribute{Name: "n"})
			s.Faults().Add(fault.Answer(http.StatusForbidden, `{"detail":"no"}`).On(http.MethodGet, userAttributesRoute).After(1).Repeat(fault.Forever))
		}, always, "n"},
	} {
		inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
			access := inventoryOf(t, server)
			c.prepare(t, server, access)
			before := len(server.UserAttributes())
			id, origin, err := access.ObtainUserAttribute(t.Context(), wantedAttribute(c.name), c.changes)
			if e, ok := httpclient.AsError(err); !ok || id != "" || origin != inventory.Made || e.Method != http.MethodPost || len(server.UserAttributes()) != before {
				t.Errorf("%s: %s, %d, %v", name, id, origin, err)
			}
		})
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
			id, origin, err := access.ObtainUserAttribute(ctx, wantedAttribute("n"), func(*omni.UserAttribute) (omni.UserAttributeSettings, bool) {
				once.Do(func() {
					if c.canceled {
						cancel()
					} else {
						close(seen)
					}
				})
				return omni.UserAttributeSettings{}, true
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

// An attribute that a delete of this run would remove is taken over by a create that
// wants it otherwise, and changed; one that it cannot become is waited for.
func TestUserAttributeThatMovesAndChanges(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		changes func(*omni.UserAttribute) (omni.UserAttributeSettings, bool)
		origin  inventory.Origin
		isLeft  bool
	}{"in place": {relabels, inventory.TakenOver, true}, "made anew": {never, inventory.Remade, false}} {
		inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
			there := server.AddUserAttribute(omnimock.UserAttribute{Name: "n", Label: "old label"})
			access := inventoryOf(t, server)
			var group sync.WaitGroup
			group.Go(func() {
				time.Sleep(time.Second) // the create has met it, and waits
				if isLeft, err := access.ReleaseUserAttribute(t.Context(), "n", there); err != nil || isLeft != c.isLeft {
					t.Errorf("%s: %t, %v", name, isLeft, err)
				}
			})
			id, origin, err := access.ObtainUserAttribute(t.Context(), wantedAttribute("n"), c.changes)
			group.Wait()
			got, _ := server.UserAttribute("n")
			if err != nil || origin != c.origin || id != got.ID || (id == there) != c.isLeft || got.Label == "old label" {
				t.Errorf("%s: %s, %d, %v, %+v", name, id, origin, err, got)
			}
			// It is this create's now: a second one of the name is another resource.
			if _, _, err := access.ObtainUserAttribute(t.Context(), wantedAttribute("n"), always); err == nil {
				t.Errorf("%s: two resources have one attribute", name)
			}
		})
	}
}

func rename(ctx context.Context, access *inventory.Inventory, from, id, to string) (bool, error) {
	return access.RenameUserAttribute(ctx, from, id, omni.UserAttributeSettings{Name: nullable.Of(to)})
}

// Names that this run gives up are waited for, by other renames and by creates.
func TestUserAttributesThatChangeNames(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
		a, b := server.AddUserAttribute(omnimock.UserAttribute{Name: "a"}), server.AddUserAttribute(omnimock.UserAttribute{Name: "b"})
		access := inventoryOf(t, server)
		var group sync.WaitGroup
		group.Go(func() {
			if wasTaken, err := rename(t.Context(), access, "a", a, "b"); wasTaken || err != nil {
				t.Errorf("a: %t, %v", wasTaken, err)
			}
		})
		var made string
		group.Go(func() {
			time.Sleep(time.Second)
			var origin inventory.Origin
			var err error
			if made, origin, err = access.ObtainUserAttribute(t.Context(), wantedAttribute("a"), always); origin != inventory.Made || err != nil {
				t.Errorf("the create: %d, %v", origin, err)
			}
		})
		time.Sleep(2 * time.Second)
		if wasTaken, err := rename(t.Context(), access, "b", b, "c"); wasTaken || err != nil {
			t.Errorf("b: %t, %v", wasTaken, err)
		}
		group.Wait()
		for name, want := range map[string]string{"a": made, "b": a, "c": b} {
			if got, _ := server.UserAttribute(name); got.ID != want || want == "" {
				t.Errorf("%s is %s, want %s", name, got.ID, want)
			}
		}
	})
}

func TestUserAttributeWhoseNewNameIsTaken(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		meanwhile func(t *testing.T, access *inventory.Inventory, b string)
		want      bool
	}{
		"nobody gives it up": {func(*testing.T, *inventory.Inventory, string) {}, false},
		"it is destroyed": {func(t *testing.T, access *inventory.Inventory, b string) {
			if isLeft, err := access.ReleaseUserAttribute(t.Context(), "b", b); isLeft || err != nil {
				t.Errorf("%t, %v", isLeft, err)
			}
		}, true},
		"the two exchange their names": {func(t *testing.T, access *inventory.Inventory, b string) {
			if _, err := rename(t.Context(), access, "b", b, "a"); !httpclient.IsConflict(err) {
				t.Errorf("%v", err)
			}
		}, false},
	} {
		inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
			a, b := server.AddUserAttribute(omnimock.UserAttribute{Name: "a"}), server.AddUserAttribute(omnimock.UserAttribute{Name: "b"})
			access := inventoryOf(t, server)
			var group sync.WaitGroup
			group.Go(func() {
				time.Sleep(time.Second)
				c.meanwhile(t, access, b)
			})
			if _, err := rename(t.Context(), access, "a", a, "b"); (err == nil) != c.want || err != nil && !httpclient.IsConflict(err) {
				t.Errorf("%s: %v", name, err)
			}
			group.Wait()
			if got, _ := server.UserAttribute("b"); (got.ID == a) != c.want {
				t.Errorf("%s: b is %s", name, got.ID)
			}
		})
	}
}

// Where a create was quicker than the rename, both have the attribute, and the rename
// says so.
func TestUserAttributeThatWasTakenIsRenamed(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{})
	a := server.AddUserAttribute(omnimock.UserAttribute{Name: "a"})
	access := inventoryOf(t, server)
	if id, origin, err := access.ObtainUserAttribute(t.Context(), wantedAttribute("a"), always); id != a || origin != inventory.AsWanted || err != nil {
		t.Fatalf("%s, %d, %v", id, origin, err)
	}
	if wasTaken, err := rename(t.Context(), access, "a", a, "b"); !wasTaken || err != nil {
		t.Errorf("%t, %v", wasTaken, err)
	}
	if wasTaken, err := rename(t.Context(), access, "b", a, "c"); wasTaken || err != nil {
		t.Errorf("%t, %v", wasTaken, err)
	}
	if id, origin, err := access.ObtainUserAttribute(t.Context(), wantedAttribute("a"), always); id == a || origin != inventory.Made || err != nil {
		t.Errorf("%s, %d, %v", id, origin, err)
	}
}

// A refusal that is not about the name, and a change without a name, wait for nobody.
func TestUserAttributeChangeThatIsRefused(t *testing.T) {
	t.Parallel()
	inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
		a := server.AddUserAttribute(omnimock.UserAttribute{Name: "a"})
		server.Faults().Add(fault.Answer(http.StatusBadRequest, `{"detail":"no"}`).On(http.MethodPut, "").Repeat(fault.Forever))
		access := inventoryOf(t, server)
		began := time.Now()
		for _, to := range []string{"a", "b"} {
			change := omni.UserAttributeSettings{Name: nullable.Of(to), Label: nullable.Of("l")}
			if wasTaken, err := access.RenameUserAttribute(t.Context(), "a", a, change); wasTaken || !httpclient.IsBadRequest(err) {
				t.Errorf("%s: %t, %v", to, wasTaken, err)
			}
		}
		if n := server.CountRequests(http.MethodPut, ""); n != 2 || time.Since(began) != 0 {
			t.Errorf("%d requests in %s", n, time.Since(began))
		}
		// Its name is its own again: a create that wants it as it is takes it over.
		if id, origin, err := access.ObtainUserAttribute(t.Context(), wantedAttribute("a"), always); id != a || origin != inventory.AsWanted || err != nil {
			t.Errorf("%s, %d, %v", id, origin, err)
		}
	})
}
