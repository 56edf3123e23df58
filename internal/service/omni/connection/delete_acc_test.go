// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// bigqueryWIF signs in by workload identity federation: the only way to use the
// attributes that a creation alone can take.
func bigqueryWIF(changes ...attributes) attributes {
	return attributes{
		"dialect": "bigquery", "region": "eu", "database": "acme",
		"authentication_type": "bigquery-workload-identity-federation",
		"wif_audience":        "audience-1", "wif_service_account_email": "one@acme.iam",
	}.With(changes...)
}

// What cannot change in place replaces an unprotected connection and nothing
// else does; a protected one is neither replaced nor destroyed.
func TestReplacement(t *testing.T) {
	for name, change := range map[string]struct{ from, to attributes }{
		"dialect":                   {postgres(), postgres(attributes{"dialect": "mysql"})},
		"wif_audience":              {bigqueryWIF(), bigqueryWIF(attributes{"wif_audience": "audience-2"})},
		"wif_service_account_email": {bigqueryWIF(), bigqueryWIF(attributes{"wif_service_account_email": nil})},
	} {
		t.Run(name, func(t *testing.T) {
			omni := acctest.StartOmni(t, omnimock.Options{})
			config := func(a attributes, protection any) string {
				return omni.Config(connection("test", a, attributes{"deletion_protection": protection}))
			}
			id := statecheck.CompareValue(compare.ValuesDiffer())
			compareID := func() statecheck.StateCheck { return id.AddStateValue(address("test"), tfjsonpath.New("id")) }
			omni.Run(t,
				resource.TestStep{Config: config(change.from, nil), ConfigStateChecks: []statecheck.StateCheck{compareID()}},
				resource.TestStep{
					Config:      config(change.to, nil),
					ExpectError: acctest.Saying("because " + name + " cannot change in place"),
				},
				// Turning the protection off in the same apply is not enough.
				resource.TestStep{
					PreConfig:   func() { omni.RequireRefused(t, "deletion_protection", name) },
					Config:      config(change.to, false),
					ExpectError: acctest.Saying("because " + name + " cannot change in place"),
				},
				resource.TestStep{
					PreConfig:   func() { omni.RequireRefused(t, "deletion_protection", name) },
					Config:      config(change.from, nil),
					Destroy:     true,
					ExpectError: acctest.Saying("Error running pre-apply plan: exit status 1 Error: The connection is protected against deletion"),
				},
				resource.TestStep{
					PreConfig: func() { omni.RequireRefused(t, "deletion_protection", "cannot be destroyed") },
					Config:    config(change.from, false),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(address("test"), plancheck.ResourceActionUpdate),
					}},
					ConfigStateChecks: []statecheck.StateCheck{omni.ExpectWrites()},
				},
				resource.TestStep{
					Config: config(change.to, false),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(address("test"), plancheck.ResourceActionDestroyBeforeCreate),
					}},
					ConfigStateChecks: []statecheck.StateCheck{compareID(), omni.ExpectWrites("DELETE connections", "POST connections")},
				},
			)
			if left := omni.Connections(); len(left) > 0 {
				t.Errorf("left on the server: %v", left)
			}
		})
	}
}

// A plan of the provider sees neither -replace nor a taint, so the deletion
// itself refuses; untaint, and applying without -replace, lead back.
func TestForcedReplacement(t *testing.T) {
	t.Parallel()
	omni := acctest.StartOmni(t, omnimock.Options{})
	session := omni.Session(t)
	config := func(protection bool) string {
		return omni.Config(connection("test", postgres(attributes{"deletion_protection": protection})))
	}
	session.Write(config(true))
	session.Run("apply", "-auto-approve")
	id := omni.Only(t, "test").ID

	for _, force := range []string{"replace", "taint"} {
		arguments := []string{"apply", "-auto-approve"}
		if force == "replace" {
			arguments = append(arguments, "-replace="+address("test"))
		} else {
			session.Run("taint", address("test"))
		}
		omni.ResetRequests()
		output := strings.Join(strings.Fields(session.Fail(arguments...)), " ")
		if !strings.Contains(output, "protected against deletion") || !strings.Contains(output, "terraform untaint, apply without -replace, or remove the trigger") || !strings.Contains(output, "allow_deletion_of = [\""+id) {
			t.Errorf("%s: %s", force, output)
		}
		acctest.Require(t, omni.ExpectWrites())
	}
	session.Run("untaint", address("test"))
	session.Run("plan", "-detailed-exitcode") // 0: nothing to do
	if omni.Only(t, "test").ID != id {
		t.Error("the connection was replaced")
	}

	session.Write(config(false))
	session.Run("apply", "-auto-approve")
	session.Run("apply", "-auto-approve", "-replace="+address("test"))
	if omni.Only(t, "test").ID == id {
		t.Error("without protection, -replace replaces")
	}
	session.Run("destroy", "-auto-approve")
	if left := omni.Connections(); len(left) > 0 {
		t.Errorf("left on the server: %v", left)
	}
}

// A connection that is gone, in whichever way the server says so, leaves the
// state with a warning and is made again.
func TestGone(t *testing.T) {
	for name, gone := range map[string]struct {
		opts   omnimock.Options
		remove func(*acctest.Omni, string)
	}{
		"trashed":              {omnimock.Options{}, func(o *acctest.Omni, id string) { o.TrashConnection(id) }},
		"trashed and not read": {omnimock.Options{DeletedGetNotFound: true}, func(o *acctest.Omni, id string) { o.TrashConnection(id) }},
		"purged":               {omnimock.Options{}, func(o *acctest.Omni, id string) { o.PurgeConnection(id) }},
		"older server":         {omnimock.Options{Generation: omnimock.Narrow2026}, func(o *acctest.Omni, id string) { o.PurgeConnection(id) }},
	} {
		t.Run(name, func(t *testing.T) {
			omni := acctest.StartOmni(t, gone.opts)
			id := statecheck.CompareValue(compare.ValuesDiffer())
			config := omni.Config(connection("test", postgres()))
			omni.Run(t,
				resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{
					id.AddStateValue(address("test"), tfjsonpath.New("id")),
				}},
				resource.TestStep{
					PreConfig: func() { gone.remove(omni, omni.Only(t, "test").ID) },
					Config:    config,
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(address("test"), plancheck.ResourceActionCreate),
						omni.ExpectWarning("", "An Omni connection is gone", `"test"`, "restore it from the trash"),
					}},
					ConfigStateChecks: []statecheck.StateCheck{
						omni.ExpectWrites("POST connections"),
						id.AddStateValue(address("test"), tfjsonpath.New("id")),
					},
				},
			)
		})
	}
}

// Only a certain absence counts: no other failure of a read takes the connection
// out of the state.
func TestUncertainAbsence(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	config := omni.Config(connection("test", postgres()))
	id := statecheck.CompareValue(compare.ValuesSame())
	sameID := func() []statecheck.StateCheck {
		return []statecheck.StateCheck{omni.ExpectWrites("POST connections"), id.AddStateValue(address("test"), tfjsonpath.New("id"))}
	}
	steps := []resource.TestStep{{Config: config, ConfigStateChecks: sameID()}}
	const list, one = "/api/v1/connections", "/api/v1/connections/*"
	for _, c := range []struct {
		fault   fault.Fault
		message string
	}{
		{fault.Fault{Status: http.StatusUnauthorized}, "does not accept the credentials"},
		{fault.Fault{Status: http.StatusForbidden, Body: `{"detail":"Permission denied"}`}, "it needs the admin role"},
		{fault.Fault{Status: http.StatusForbidden, Body: `{"detail":"Invalid bearer token"}`}, "does not accept the credentials"},
		{fault.Fault{Status: http.StatusInternalServerError}, "500"},
		{fault.Fault{Body: "<html>Sign in</html>", Header: http.Header{"Content-Type": {"text/html"}}}, "login page"},
		{fault.Fault{Body: `{"connections":`}, "The state was not changed"},
		{fault.Fault{Body: `{}`}, "The state was not changed"},
	} {
		steps = append(steps, resource.TestStep{
			PreConfig: func() {
				omni.Faults().Clear()
				c.fault.Method, c.fault.Times = http.MethodGet, fault.Forever
				for _, c.fault.Path = range []string{list, one} {
					omni.Faults().Add(c.fault)
				}
			},
			Config: config, ExpectError: acctest.Saying(c.message),
		})
	}
	// An empty list is a hint only; here the connection itself is still there.
	partial := resource.TestStep{
		PreConfig: func() {
			omni.Faults().Clear()
			omni.Faults().Add(fault.Fault{Method: http.MethodGet, Path: list, Body: `{"connections":[]}`, Times: fault.Forever})
		},
		Config:            config,
		ConfigStateChecks: append(sameID()[1:], omni.ExpectWrites()),
	}
	end := resource.TestStep{PreConfig: omni.Faults().Clear, Config: config, ConfigStateChecks: append(sameID()[1:], omni.ExpectWrites())}
	omni.Run(t, append(steps, partial, end)...)
}

// Destroying what is gone already is no error, and what cannot be destroyed is
// not forgotten.
func TestDestroy(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	config := omni.Config(connection("test", postgres()), connection("other", postgres()))
	destroy := func(before func()) resource.TestStep {
		return resource.TestStep{PreConfig: before, Config: config, Destroy: true}
	}
	refused := destroy(func() { omni.Forbid(http.MethodDelete, "/api/v1/connections/*") })
	refused.ExpectError = acctest.Saying("it needs Connection Admin on the connection")
	omni.Run(t,
		resource.TestStep{Config: config},
		refused,
		destroy(func() {
			omni.AllowAll()
			// Gone between the refresh and the deletion: 410.
			omni.Faults().Add(fault.Fault{
				Method: http.MethodDelete, Path: "/api/v1/connections/" + omni.Only(t, "test").ID,
				Status: http.StatusGone, Body: `{"detail":"Connection is already archived","status":410}`,
			})
		}),
	)
	if omni.Faults().Pending() > 0 {
		t.Error("the deletion was not sent")
	}
	if names := omni.Names(); len(names) != 1 || names[0] != "test" { // which the fault spared
		t.Errorf("left on the server: %q", names)
	}
}
