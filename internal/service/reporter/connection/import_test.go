// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// theirs is a connection that somebody made by hand, and configured the same as
// attributes.
func theirs() reportermock.Connection {
	return reportermock.Connection{
		ConfigName: "test", ProductName: "other-product", Host: "db.example.com", DatabaseName: "ledger", UserName: "reporter",
		Schema: new("reporting"), SSLMode: new("require"), Metadata: map[string]any{"owner": "finance"},
		CreatedAt: time.Now().AddDate(0, -5, 0),
	}
}

func configured(changes ...attributes) attributes {
	return minimal(attributes{
		"password": nil, "product_name": "Other-Product", "schema": "reporting", "metadata": attributes{"owner": "finance"},
		"ssl": attributes{"mode": "require", "ca": "CA-1"},
	}).With(changes...)
}

// An import brings everything that the service returns, by id in any case and by
// name.
func TestImportCommand(t *testing.T) {
	reporter := acctest.StartReporter(t, reportermock.Options{})
	verify := func(id func(reportermock.Connection) string) resource.TestStep {
		return resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateVerify: true,
			ImportStateIdFunc:       func(*terraform.State) (string, error) { return id(reporter.Only(t, "test")), nil },
			ImportStateVerifyIgnore: []string{"password", "credentials_updated_at", "ssl.ca"},
		}
	}
	reporter.Run(t,
		resource.TestStep{Config: reporter.Config(connection(configured(attributes{"product_name": "other-product", "password": "p"})))},
		verify(func(c reportermock.Connection) string { return c.ID }),
		verify(func(c reportermock.Connection) string { return strings.ToUpper(c.ID) }),
		verify(func(c reportermock.Connection) string { return c.ConfigName }),
	)
}

// After an import block, the first apply replaces and sends nothing: what the
// service does not return is adopted, with a warning. A password goes to the
// server without anything else, and from then on a change is a change.
func TestImportBlock(t *testing.T) {
	reporter := acctest.StartReporter(t, reportermock.Options{})
	id := reporter.Add(theirs(), "theirs")
	reporter.SetSecret(id, "ssl.key", "their-key")
	block := acctest.Import(address, "test") // by name
	reporter.Run(t,
		resource.TestStep{
			Config: reporter.Config(connection(configured()), block),
			ConfigPlanChecks: planChecks(action(plancheck.ResourceActionUpdate),
				reporter.ExpectWarning("ssl", "Imported settings are adopted", "ssl.ca")),
			ConfigStateChecks: []statecheck.StateCheck{
				reporter.ExpectWrites(),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact(id)),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("credentials_updated_at"), knownvalue.Null()),
				keeps(reporter, map[string]string{"ssl.key": "their-key", "password": "theirs"}),
			},
		},
		resource.TestStep{
			Config:           reporter.Config(connection(configured(attributes{"password_wo": "ours", "password_wo_version": 1}))),
			ConfigPlanChecks: planChecks(action(plancheck.ResourceActionUpdate), reporter.ExpectNoWarning()),
			ConfigStateChecks: []statecheck.StateCheck{
				reporter.ExpectWrites(patch(map[string]any{"password": "ours"})),
			},
		},
		resource.TestStep{
			Config: reporter.Config(connection(configured(attributes{
				"password_wo": "ours", "password_wo_version": 1, "ssl": attributes{"mode": "require", "ca": "CA-2"},
			}))),
			ConfigStateChecks: []statecheck.StateCheck{
				reporter.ExpectWrites(patch(map[string]any{"ssl": map[string]any{"mode": "require", "ca": "CA-2"}})),
			},
		},
	)
}

// An import without anything that cannot be read plans nothing at all.
func TestImportPlansNothing(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{})
	c := theirs()
	c.SSLMode, c.ProductName = nil, "elsewhere"
	id := server.Add(c, "theirs")
	r := p.Resource(typeName)
	r.ImportIdentity(map[string]any{"id": id}).RequireOK(t)
	plan := r.Plan(map[string]any(configured(attributes{"product_name": "ELSEWHERE", "ssl": nil, "metadata": map[string]any{"owner": "finance"}})))
	plan.RequireNone(t)
	if plan.Action != protocol.NoOp {
		t.Errorf("the plan is %s of %q", plan.Action, plan.Changes())
	}
	// Without a product of its own it stays where it is.
	plan = r.Plan(map[string]any(configured(attributes{"product_name": nil, "ssl": nil, "metadata": map[string]any{"owner": "finance"}})))
	plan.RequireOK(t)
	plan.RequireWarning(t, "stays in its product")
	if plan.Action != protocol.NoOp {
		t.Errorf("the plan is %s of %q", plan.Action, plan.Changes())
	}
}

func TestImportRefused(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{Internal: []reportermock.Internal{{ConfigName: "midaz_onboarding"}}})
	for id, message := range map[string]string{
		"no-such":                              "no connection has exactly this name; case matters",
		"no such":                              "neither an id, which is a UUID, nor the name",
		"../connections":                       "neither an id",
		"midaz_onboarding":                     "no connection has exactly this name",
		server.Internal("midaz_onboarding"):    "one of the service's own",
		"01a203f9-7cfc-732d-9a64-ee1583d54da2": "Nothing to import",
	} {
		r := p.Resource(typeName)
		r.Import(id).RequireError(t, message)
	}
}

// A connection of an old server has no product: the first apply after its import
// assigns it, before anything else is sent.
func TestImportUnassigned(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{})
	c := theirs()
	c.ProductName, c.SSLMode = "", nil
	id := server.Add(c, "theirs")
	config := map[string]any(configured(attributes{"product_name": nil, "ssl": nil, "metadata": map[string]any{}, "port": 1}))
	r := p.Resource(typeName)
	r.Import(id).RequireOK(t)
	plan := r.Plan(protocol.With(config, map[string]any{"product_name": protocol.Unknown}))
	if plan.Action != protocol.Update { // whichever it is, it can be assigned
		t.Errorf("%s for %v", plan.Action, plan.RequiresReplace())
	}
	plan = r.Plan(config)
	plan.RequireWarning(t, "at product_name:", "The connection is assigned to a product", `assigned to "Sales", which cannot be undone`)
	plan.Apply().RequireOK(t)
	got, _ := server.Connection(id)
	if got.ProductName != "sales" || got.Port != 1 || r.Text("product_name") != "Sales" {
		t.Errorf("the server has %v", got)
	}
	requireNoOp(t, r, config)

	// Somebody else is faster.
	c.ConfigName = "second"
	id = server.Add(c, "theirs")
	second := p.Resource(typeName)
	second.Import(id).RequireOK(t)
	plan = second.Plan(protocol.With(config, map[string]any{"config_name": "second"}))
	server.Edit(id, func(c *reportermock.Connection) { c.ProductName = "faster" })
	plan.Apply().RequireError(t, "FET-1015", "already assigned")
	if n := server.CountRequests(http.MethodPatch, one); n != 1 {
		t.Errorf("%d changes were sent", n)
	}
}

// An identity is in the state after an import, and imports.
func TestImportIdentity(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{})
	r := p.Resource(typeName)
	r.Apply(config()).RequireOK(t)
	if got := r.Identity()["id"]; got != r.Text("id") {
		t.Errorf("the identity is %v", r.Identity())
	}
	other := p.Resource(typeName)
	other.ImportIdentity(r.Identity()).RequireOK(t)
	requireNoOp(t, other, protocol.With(config(), map[string]any{"password": nil}))
	_ = server
}

// A configuration that was generated from an import has no certificate, because
// the service returns none. That is fine until ssl has to be sent.
func TestImportedWithoutCA(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{})
	id := server.Add(theirs(), "theirs")
	r := p.Resource(typeName)
	r.ImportIdentity(map[string]any{"id": id}).RequireNone(t)
	config := func(ssl map[string]any) map[string]any {
		c := configured(attributes{"product_name": theirs().ProductName, "metadata": map[string]any{"owner": "finance"}, "password": "ours", "ssl": nil})
		if ssl != nil {
			c["ssl"] = ssl
		}
		return c
	}
	mode := *theirs().SSLMode
	r.Apply(config(map[string]any{"mode": mode})).RequireNone(t)
	if !r.Plan(config(map[string]any{"mode": mode})).IsEmpty() {
		t.Error("the plan is not empty")
	}
	for _, ssl := range []map[string]any{{"mode": "allow"}, {"mode": mode, "key": "K"}, {"mode": mode, "cert": "C", "key_wo": "K"}} {
		r.Plan(config(ssl)).RequireError(t, "at ssl.ca:", "requires ca with every mode")
	}
	unknown := r.Plan(config(map[string]any{"mode": protocol.Unknown}))
	unknown.RequireError(t, "at ssl.ca:")
	late := protocol.With(config(nil), map[string]any{"ssl": protocol.Unknown})
	plan := r.Plan(late)
	plan.RequireOK(t)
	if plan.Action != protocol.Replace { // it may turn out to be none, which cannot be taken away in place
		t.Errorf("an unknown ssl is planned as %s", plan.Action)
	}
	if writes := len(server.Requests()); writes == 0 || *server.Connections()[0].SSLMode != mode {
		t.Errorf("the mode is %s", *server.Connections()[0].SSLMode)
	}
	r.Apply(config(map[string]any{"mode": "allow", "ca": "CA-2"})).RequireOK(t)
	r.Plan(config(map[string]any{"mode": "allow"})).RequireError(t, "at ssl.ca:") // known once, it cannot be left out
}
