// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
)

const userAttributesRoute = "/api/v1/user-attributes"

func wantedAttribute(name string) omni.UserAttributeCreate {
	return omni.UserAttributeCreate{
		Type:                  omni.AttributeString,
		UserAttributeSettings: omni.UserAttributeSettings{Name: nullable.Of(name), Label: nullable.Of(name)},
	}
}

// The form of the answer to a create is not documented, so every likely one has
// the id, and one without is looked up.
func TestCreatedUserAttributeIsFound(t *testing.T) {
	t.Parallel()
	for name, form := range map[string]string{
		"at the top": `{"id":"%s","name":"n"}`, "record": `{"record":{"id":"%s"}}`, "userAttribute": `{"userAttribute":{"id":"%s"}}`,
		"user_attribute": `{"success":true,"user_attribute":{"id":"%s"}}`, "data text": `{"success":true,"data":"%s"}`, "data object": `{"data":{"id":"%s"}}`,
		"nothing": `{}`, "a number": `{"id":7}`, "an array": `[]`, "a text": `"made"`, "a null id beside an object": `{"id":null,"record":{}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := omnimock.Start(t, omnimock.Options{})
			access := inventoryOf(t, server)
			if _, err := access.UserAttributes(t.Context()); err != nil {
				t.Fatal(err)
			}
			id := ""
			if strings.Contains(form, "%s") {
				id, form = "550e8400-e29b-41d4-a716-446655440000", fmt.Sprintf(form, "550e8400-e29b-41d4-a716-446655440000")
			}
			server.Faults().Add(fault.Answer(201, form).Applied().On(http.MethodPost, ""))
			got, isFound, err := access.CreateUserAttribute(t.Context(), wantedAttribute("n"))
			if isLost := form[0] != '{'; err != nil || isFound != isLost { // only an object says that it was made
				t.Fatal(isFound, err)
			}
			if made, _ := server.UserAttribute("n"); id == "" && got != made.ID || id != "" && got != id {
				t.Errorf("got %s, made %s", got, made.ID)
			}
		})
	}
}

func TestLostAnswerOfAUserAttributeIsFound(t *testing.T) {
	t.Parallel()
	for name, lose := range lost() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inMemory(t, omnimock.Options{}, func(t *testing.T, server *omnimock.Server) {
				server.Faults().Add(lose.On(http.MethodPost, userAttributesRoute))
				id, _, err := inventoryOf(t, server, shortTimeout).CreateUserAttribute(t.Context(), wantedAttribute("n"))
				if err != nil {
					t.Fatal(err)
				}
				if made, ok := server.UserAttribute("n"); !ok || made.ID != id {
					t.Errorf("adopted %s, which is not the new one", id)
				}
				if got := server.CountRequests(http.MethodPost, ""); got != 1 {
					t.Errorf("sent %d times", got)
				}
			})
		})
	}
}

// What was there before is not ours, whatever its name; and without the list
// nothing is made.
func TestUserAttributeThatIsNotProvablyOurs(t *testing.T) {
	t.Parallel()
	lose := fault.Fault{Reset: true}.On(http.MethodPost, userAttributesRoute)

	server := omnimock.Start(t, omnimock.Options{})
	server.AddUserAttribute(omnimock.UserAttribute{Name: "n"})
	server.Faults().Add(lose)
	_, _, err := inventoryOf(t, server).CreateUserAttribute(t.Context(), wantedAttribute("n"))
	requireUnknown(t, err)

	server = omnimock.Start(t, omnimock.Options{})
	server.Faults().Add(fault.Answer(403, `{"error":"Forbidden"}`).On(http.MethodGet, "").Repeat(fault.Forever))
	id, isFound, err := inventoryOf(t, server).CreateUserAttribute(t.Context(), wantedAttribute("n"))
	if id != "" || isFound || !httpclient.IsForbidden(err) || server.CountRequests(http.MethodPost, "") != 0 {
		t.Errorf("got %v", err)
	}

	// Somebody else was faster, with other settings.
	server = omnimock.Start(t, omnimock.Options{})
	access := inventoryOf(t, server)
	if _, _, err := access.CreateUserAttribute(t.Context(), wantedAttribute("first")); err != nil { // reads the list
		t.Fatal(err)
	}
	theirs := server.AddUserAttribute(omnimock.UserAttribute{Name: "n", Label: "theirs"})
	server.Faults().Add(lose)
	_, _, err = access.CreateUserAttribute(t.Context(), wantedAttribute("n"))
	requireUnknown(t, err, theirs) // it is what stands in the way
	if !strings.Contains(err.Error(), "one of the same name whose settings differ") {
		t.Errorf("got %v", err)
	}

	// A create of another name is no reason for doubt.
	access = inventoryOf(t, server)
	server.Faults().Add(lose.Applied().After(1))
	for _, name := range []string{"second", "third"} {
		id, isFound, err := access.CreateUserAttribute(t.Context(), wantedAttribute(name))
		if made, _ := server.UserAttribute(name); err != nil || isFound != (name == "third") || id != made.ID {
			t.Errorf("%s: %s, %t, %v", name, id, isFound, err)
		}
	}

	server = omnimock.Start(t, omnimock.Options{})
	access = inventoryOf(t, server)
	server.Faults().Add(lose.Applied())
	server.Faults().Add(fault.Answer(403, `{"error":"Forbidden"}`).On(http.MethodGet, "").After(1))
	_, _, err = access.CreateUserAttribute(t.Context(), wantedAttribute("n"))
	requireUnknown(t, err)
	if !strings.Contains(err.Error(), "looking for it failed too") {
		t.Errorf("got %v", err)
	}
}

func TestUserAttributesShareOneList(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{})
	access := inventoryOf(t, server)
	var group sync.WaitGroup
	for _, a := range server.UserAttributes() {
		group.Go(func() {
			if a.ID != "" {
				if got, err := access.UserAttribute(t.Context(), a.ID); err != nil || got.Name != a.Name {
					t.Errorf("%s: %v %v", a.Name, got, err)
				}
			}
			if got, err := access.FindUserAttribute(t.Context(), a.Name); err != nil || got.ID != a.ID {
				t.Errorf("%s: %v %v", a.Name, got, err)
			}
		})
	}
	group.Wait()
	requireCalls(t, server, "GET user-attributes 200")
	if got, err := access.FindUserAttribute(t.Context(), "none"); got != nil || err != nil {
		t.Errorf("got %v %v", got, err)
	}
	if _, err := access.UserAttribute(t.Context(), "none"); !errors.Is(err, inventory.ErrGone) {
		t.Errorf("got %v", err)
	}
	requireCalls(t, server, "GET user-attributes 200", "GET user-attributes 200") // confirmed
}

// What was there before is listed once for all that a run makes.
func TestUserAttributesAreListedOnceForCreates(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{})
	access := inventoryOf(t, server)
	for _, name := range []string{"a", "b", "c"} {
		if id, isFound, err := access.CreateUserAttribute(t.Context(), wantedAttribute(name)); id == "" || isFound || err != nil {
			t.Errorf("%s: %q, %t, %v", name, id, isFound, err)
		}
	}
	const made = "POST user-attributes 201"
	requireCalls(t, server, "GET user-attributes 200", made, made, made)
}

// A server without the list is asked once.
func TestNoUserAttributes(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{Generation: omnimock.Guide2025})
	access := inventoryAt(t, server, omni.APIVersionUnstable)
	for range 3 {
		if _, err := access.UserAttributes(t.Context()); !errors.Is(err, omni.ErrNoUserAttributes) {
			t.Errorf("got %v", err)
		}
	}
	if got := server.CountRequests("", ""); got != 1 {
		t.Errorf("%d requests", got)
	}
	id, isFound, err := access.CreateUserAttribute(t.Context(), wantedAttribute("n"))
	if id != "" || isFound || !errors.Is(err, omni.ErrNoUserAttributeWrites) || !errors.Is(err, omni.ErrNoUserAttributes) || server.CountRequests(http.MethodPost, "") != 0 {
		t.Errorf("%q, %t, %v after %d requests", id, isFound, err, server.CountRequests(http.MethodPost, ""))
	}
}

// The list decides about writes whose answer says nothing.
func TestUserAttributeWritesThatSayNothing(t *testing.T) {
	t.Parallel()
	label := omni.UserAttributeSettings{Label: nullable.Of("new")}
	for name, answer := range map[string]fault.Fault{
		"empty": fault.EmptyBody(), "a text": fault.Answer(200, `"done"`), "an array": fault.Answer(200, `[]`), "a page": fault.NotJSON(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, applied := range []bool{true, false} {
				server := omnimock.Start(t, omnimock.Options{})
				id := server.AddUserAttribute(omnimock.UserAttribute{Name: "n"})
				access := inventoryOf(t, server)
				if _, err := access.UserAttributes(t.Context()); err != nil { // an older list does not decide
					t.Fatal(err)
				}
				f := answer
				f.Apply = applied
				server.Faults().Add(f.On(http.MethodPut, ""))
				if err := access.UpdateUserAttribute(t.Context(), id, label); (err == nil) != applied {
					t.Errorf("update, applied %t: %v", applied, err)
				}
				server.Faults().Add(f.On(http.MethodDelete, ""))
				if err := access.DeleteUserAttribute(t.Context(), id); (err == nil) != applied {
					t.Errorf("delete, applied %t: %v", applied, err)
				}
			}
		})
	}
	server := omnimock.Start(t, omnimock.Options{})
	if err := inventoryOf(t, server).UpdateUserAttribute(t.Context(), "x", omni.UserAttributeSettings{}); err != nil || server.CountRequests("", "") != 0 {
		t.Errorf("an empty change was sent: %v", err)
	}
}

// A 404 is about the attribute or about the route, which the list tells.
func TestUserAttributeNotFound(t *testing.T) {
	t.Parallel()
	label := omni.UserAttributeSettings{Label: nullable.Of("new")}
	const gone = "550e8400-e29b-41d4-a716-446655440000"

	server := omnimock.Start(t, omnimock.Options{})
	access := inventoryOf(t, server)
	if err := access.UpdateUserAttribute(t.Context(), gone, label); !errors.Is(err, inventory.ErrGone) || !httpclient.IsNotFound(err) {
		t.Errorf("got %v", err)
	}
	if err := access.DeleteUserAttribute(t.Context(), gone); err != nil {
		t.Errorf("got %v", err)
	}
	for _, status := range []int{404, 405, 400} {
		server := omnimock.Start(t, omnimock.Options{UserAttributeWritesStatus: status})
		id := server.AddUserAttribute(omnimock.UserAttribute{Name: "n"})
		access := inventoryOf(t, server)
		_, _, err := access.CreateUserAttribute(t.Context(), wantedAttribute("m"))
		for what, err := range map[string]error{
			"create": err, "update": access.UpdateUserAttribute(t.Context(), id, label), "delete": access.DeleteUserAttribute(t.Context(), id),
		} {
			if !errors.Is(err, omni.ErrNoUserAttributeWrites) {
				t.Errorf("%s with %d: %v", what, status, err)
			}
		}
	}
}

func TestExpectedUserAttributes(t *testing.T) {
	t.Parallel()
	access := inventoryOf(t, omnimock.Start(t, omnimock.Options{}))
	if access.PlansUserAttribute("n") {
		t.Error("expected by nobody")
	}
	access.PlanUserAttribute("n")
	if !access.PlansUserAttribute("n") || access.PlansUserAttribute("N") {
		t.Error("n is expected, and nothing else")
	}
}
