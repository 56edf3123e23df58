// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// What cannot change in place replaces, and the plan says why; what an update can
// do replaces nothing.
func TestProtocolReplacement(t *testing.T) {
	t.Parallel()
	_, p := start(t, reportermock.Options{})
	r := p.Resource(typeName)
	before := map[string]any(full(attributes{"ssl": map[string]any(withSSL()), "metadata": map[string]any{"a": "b"}}))
	r.Apply(before).RequireNone(t)
	for at, why := range map[string]struct {
		to    any
		words string
	}{
		"product_name": {"other", `cannot move a connection from product "My-Product" to "other"`},
		"ssl":          {nil, "cannot remove ssl settings. To keep the connection"},
		"schema":       {nil, "cannot unset a schema. To keep the connection"},
	} {
		plan := r.Plan(protocol.With(before, map[string]any{at: why.to}))
		if plan.Action != protocol.Replace || !slices.Equal(plan.RequiresReplace(), []string{at}) {
			t.Errorf("%s: %s for %v", at, plan.Action, plan.RequiresReplace())
		}
		plan.RequireWarning(t, "at "+at+":", "The connection is replaced", why.words)
	}
	for name, to := range map[string]any{"product_name": "MY-product", "schema": "", "metadata": nil, "type": "MYSQL", "config_name": "other", "database_name": "o"} {
		changed := protocol.With(before, map[string]any{name: to})
		if name == "type" {
			changed["ssl"] = protocol.With(changed, map[string]any{"ssl": map[string]any{"mode": "true"}})["ssl"]
		}
		if plan := r.Plan(changed); plan.Action == protocol.Replace || plan.HasError() {
			t.Errorf("%s: %s for %v: %s", name, plan.Action, plan.RequiresReplace(), plan.Diagnostics)
		}
	}
	// A schema that is empty already can be left out.
	r.Apply(protocol.With(before, map[string]any{"schema": ""})).RequireNone(t)
	for _, to := range []any{nil, protocol.Unknown} {
		if plan := r.Plan(protocol.With(before, map[string]any{"schema": to})); plan.Action == protocol.Replace {
			t.Errorf("%v: replaced for %v", to, plan.RequiresReplace())
		}
	}
}

// The provider's product is for new connections: a change of it moves nothing, and
// the plan says so where the resource names none.
func TestProtocolProviderProduct(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{})
	r := p.Resource(typeName)
	r.Apply(config()).RequireNone(t)
	if r.Text("product_name") != "Sales" {
		t.Errorf("the product is %v", r.Get("product_name"))
	}
	explicit := protocol.With(config(), map[string]any{"product_name": "sales"})
	for product, warns := range map[any]bool{"Marketing": true, "SALES": false, nil: false, protocol.Unknown: false} {
		p.Configure(protocol.With(protocol.ReporterConfig(server), map[string]any{"reporter": map[string]any{"product_name": product}})).RequireOK(t)
		plan := r.Plan(config())
		if !plan.IsEmpty() || plan.Value("product_name") != "Sales" {
			t.Errorf("%v: %s of %v", product, plan.Action, plan.Changes())
		}
		if warns {
			plan.RequireWarning(t, "at product_name:", "The connection stays in its product", `belongs to product "Sales"`, `"Marketing", is for new connections only`)
		} else {
			plan.RequireNone(t)
		}
		r.Plan(explicit).RequireNone(t)
	}
	if value := p.Resource(typeName).Plan(config()).Value("product_name"); value == "Sales" {
		t.Error("a new connection takes the former product")
	}
}

// A name that is taken is explained: whose it is, and for a new connection how to
// take that one over.
func TestProtocolNameTaken(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{})
	old := server.Add(reportermock.Connection{ConfigName: "taken", ProductName: "theirs"}, "x")
	taken := protocol.With(config(), map[string]any{"config_name": "taken"})
	owner := `"taken" belongs to connection ` + old + ` of product "theirs"`
	r := p.Resource(typeName)
	r.Apply(taken).RequireError(t, "Cannot create Reporter connection", owner, "terraform import <address of this resource> "+old)
	r.Apply(config()).RequireNone(t)
	r.Apply(taken).RequireError(t, "Cannot change Reporter connection", owner, "choose another name", "third name")
	if r.Text("config_name") != "test" || len(server.Connections()) != 2 {
		t.Errorf("%v", r.State())
	}
}

// What the service says about a field is shown on the attribute.
func TestProtocolRefusedField(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{GuardHosts: true})
	r := p.Resource(typeName)
	r.Apply(protocol.With(config(), map[string]any{"host": "127.0.0.1"})).RequireError(t, "at host:", "Cannot create Reporter connection")
	if r.Exists() || len(server.Connections()) > 0 {
		t.Errorf("%v", r.State())
	}
}

// The test of a connection warns in the service's words, and only where it was
// created, changed, or not tested before.
func TestProtocolTestsTheConnection(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{})
	config := func(port int, test bool) map[string]any {
		return protocol.With(config(), map[string]any{"port": port, "test_connection": test})
	}
	r := p.Resource(typeName)
	tests := func(c map[string]any, want int, words ...string) {
		t.Helper()
		server.ResetRequests()
		diags := r.Apply(c)
		if len(words) == 0 {
			diags.RequireNone(t)
		} else {
			diags.RequireWarning(t, append(words, "at test_connection:")...)
		}
		if n := server.CountRequests(http.MethodPost, one+"/test"); n != want {
			t.Errorf("%d tests, not %d", n, want)
		}
	}
	unreachable := []string{"Reporter cannot connect to the database", "was saved, but its test failed", "The adapter failed to connect to the target data source"}
	tests(config(1, true), 1, unreachable...)
	tests(config(1, true), 0)
	tests(config(2, true), 1, unreachable...)
	tests(config(2, false), 0)
	server.Faults().Add(fault.Answer(http.StatusForbidden, `{"message":"no tests for you"}`).On(http.MethodPost, one+"/test"))
	tests(config(2, true), 1, "Could not test Reporter connection", "It was saved, but not tested", "no tests for you", "it needs the action post on the resource connections")
	tests(config(2, false), 0)
	// An answer that can be read in part says nothing.
	server.Faults().Add(fault.Answer(http.StatusOK, `{"status":"success","latencyMs":"short"}`).On(http.MethodPost, one+"/test"))
	tests(config(2, true), 1, "Could not test Reporter connection", "whether the service can connect to its database is not known")
	tests(config(2, false), 0)
	server.AddDatabase(reportermock.Database{Host: "db.example.com", Port: 2, DatabaseName: "ledger", UserName: "reporter", Password: "first-secret"})
	tests(config(2, true), 1)
	// Nothing is sent, so nothing is tested, but for the one that was not before.
	tests(protocol.With(config(2, true), map[string]any{"timeouts": map[string]any{"read": "1m"}}), 0)
}

// The service replaces ssl as a whole. A key goes along with every change of it; one
// that is no longer configured is lost then, and kept otherwise; one that
// ignore_changes hides cannot be sent.
func TestProtocolKeyGoesWithSSL(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{})
	r := p.Resource(typeName)
	ssl := func(changes map[string]any) map[string]any {
		return protocol.With(config(), map[string]any{"ssl": protocol.With(map[string]any{"mode": "require", "ca": "CA", "cert": "C"}, changes)})
	}
	has := func(want string) {
		t.Helper()
		if got, _ := server.Secret(r.Text("id"), "ssl.key"); got != want {
			t.Errorf("the server has the key %q, not %q", got, want)
		}
	}
	writeOnly := map[string]any{"key_wo": "wo", "key_wo_version": 1}
	r.Apply(ssl(writeOnly)).RequireNone(t)
	has("wo")
	r.Apply(ssl(protocol.With(writeOnly, map[string]any{"mode": "prefer"}))).RequireNone(t)
	has("wo")

	removed := r.Plan(ssl(map[string]any{"mode": "prefer"}))
	removed.RequireWarning(t, "at ssl.key", "keeps")
	removed.Apply().RequireOK(t)
	has("wo")
	r.Apply(ssl(protocol.With(writeOnly, map[string]any{"mode": "prefer", "key_wo_version": 2}))).RequireOK(t)
	lost := r.Plan(ssl(map[string]any{"mode": "allow"}))
	lost.RequireWarning(t, "at ssl.key:", "The server loses the ssl.key of")
	if len(lost.Warnings()) != 1 {
		t.Errorf("%s", lost.Diagnostics)
	}
	lost.Apply().RequireOK(t)
	has("")

	r.Apply(ssl(protocol.With(writeOnly, map[string]any{"key_wo_version": 3}))).RequireOK(t)
	hidden := r.PlanIgnoring(ssl(protocol.With(writeOnly, map[string]any{"mode": "allow", "key_wo_version": 3})), "ssl.key_wo")
	hidden.RequireError(t, "at ssl.key_wo:", "The ssl settings cannot be sent without their key", "Remove ssl.key_wo from ignore_changes")
	r.PlanIgnoring(ssl(protocol.With(writeOnly, map[string]any{"key_wo_version": 3})), "ssl.key_wo").RequireOK(t)
}

// A certificate is needed wherever ssl is sent, and each text of it has to be one.
func TestProtocolSSLTexts(t *testing.T) {
	t.Parallel()
	r := protocol.New(t, protocol.Options()).Resource(typeName)
	plan := func(changes map[string]any) protocol.Diagnostics {
		ssl := protocol.With(map[string]any{"mode": "require", "ca": "C"}, changes)
		return r.Plan(protocol.With(config(), map[string]any{"product_name": "p", "ssl": ssl})).Diagnostics
	}
	const escaped = `-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----`
	plan(map[string]any{"cert": "C", "key": "K"}).RequireNone(t)
	plan(map[string]any{"ca": nil}).RequireError(t, "at ssl.ca:", "requires ca with every mode, even with disable")
	for _, attribute := range []string{"mode", "ca", "cert"} {
		plan(map[string]any{attribute: ""}).RequireError(t, "at ssl."+attribute, "is empty")
	}
	for _, attribute := range []string{"ca", "cert", "key"} {
		plan(map[string]any{attribute: escaped}).RequireWarning(t, "at ssl."+attribute, `\n where its lines end`)
	}
}

// Without a server a delete can be planned as well.
func TestProtocolPlansDeleteUnconfigured(t *testing.T) {
	t.Parallel()
	_, p := start(t, reportermock.Options{})
	r := p.Resource(typeName)
	r.Apply(config()).RequireNone(t)
	unconfigured := protocol.New(t, protocol.Options()).Resource(typeName)
	unconfigured.Edit(r.State())
	if plan := unconfigured.PlanDestroy(); plan.HasError() || plan.Action != protocol.Delete {
		t.Errorf("%s: %s", plan.Action, plan.Diagnostics)
	}
}

// An import by name that cannot ask says so, and does not say that there is none.
func TestProtocolImportByNameRefused(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{})
	server.Add(reportermock.Connection{ConfigName: "test", ProductName: "sales"}, "x")
	byName := func() protocol.Diagnostics { return p.Resource(typeName).Import("test") }
	p.FailEachCall(server.Host, map[string][]string{list: {"Cannot import Reporter connection"}}, byName)
	p.RefuseEachCall(server.Host, map[string][]string{list: {"Cannot import Reporter connection", "it needs the action get"}}, byName)
}

// An import by the name of a connection whose id cannot be read says what is wrong
// with it, and so does a data source of whatever cannot be read.
func TestProtocolUnreadableByName(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{})
	listing := func(item string) {
		server.Faults().Add(fault.Answer(http.StatusOK, `{"items":[`+item+`],"page":1,"limit":100,"total":1}`).On(http.MethodGet, list))
	}
	listing(`{"id":5,"configName":"test"}`)
	p.Resource(typeName).Import("test").RequireError(t, "Cannot import Reporter connection", `"id"`)
	listing(`{"id":"01a203f9-7cfc-732d-9a64-ee1583d54da2","configName":"test","type":"MYSQL","host":"h","port":"x"}`)
	_, diags := p.ReadDataSource(typeName, map[string]any{"config_name": "test"})
	diags.RequireError(t, "at config_name:", "Unreadable Reporter connection", "port")
}

func TestProtocolPortIsWhole(t *testing.T) {
	t.Parallel()
	_, p := start(t, reportermock.Options{})
	p.Resource(typeName).Validate(protocol.With(config(), map[string]any{"port": 5.5})).RequireError(t, "at port:", "whole number")
}

// What turns out to be as it was sends nothing, and leaves when the connection changed.
func TestProtocolUnknownThatStays(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{})
	r := p.Resource(typeName)
	r.Apply(config()).RequireNone(t)
	updated := r.Text("updated_at")
	plan := r.Plan(protocol.With(config(), map[string]any{"host": protocol.Unknown}))
	server.ResetRequests()
	plan.ApplyWith(config()).RequireNone(t)
	if n := server.CountRequests("", ""); n != 0 || r.Text("updated_at") != updated {
		t.Errorf("%d requests, updated_at is %v", n, r.Get("updated_at"))
	}
}

// What may have been written is sent again by a plan without a refresh too, which
// sees no more than the state.
func TestProtocolLostChangeWithoutRefresh(t *testing.T) {
	t.Parallel()
	for name, changes := range map[string][2]any{
		"config_name": {"test", "test-2"}, "type": {"POSTGRESQL", "MYSQL"}, "host": {"one", "two"}, "port": {5432, 5433},
		"database_name": {"one", "two"}, "user_name": {"one", "two"}, "schema": {"one", "two"}, "metadata": {map[string]any{"a": "1"}, map[string]any{"a": "2"}},
	} {
		server, p := start(t, reportermock.Options{})
		r := p.Resource(typeName)
		before := minimal(attributes{name: changes[0]})
		r.Apply(before).RequireNone(t)
		server.Faults().Add(fault.Fault{Reset: true, Apply: true}.On(http.MethodPatch, one).Repeat(fault.Forever))
		r.Apply(minimal(attributes{name: changes[1]})).RequireError(t, "Cannot change Reporter connection")
		server.Faults().Clear()
		if plan := r.Plan(before); plan.IsEmpty() {
			t.Errorf("%s: the plan back is empty", name)
		}
	}
}

// The description of a mode names those of each type.
func TestProtocolModesAreDescribed(t *testing.T) {
	t.Parallel()
	for _, a := range protocol.New(t, protocol.Options()).Schemas().ResourceSchemas[typeName].Block.Attributes {
		if a.Name != "ssl" {
			continue
		}
		for _, inner := range a.NestedType.Attributes {
			const want = "`MYSQL`: `false`, `true`, `skip-verify`, `preferred`. `ORACLE`: `disable`, "
			if inner.Name == "mode" && !strings.Contains(inner.Description, want) {
				t.Errorf("%s", inner.Description)
			}
		}
	}
}

// The state has when the credentials were sent last, and a change of anything else
// leaves that as it is.
func TestProtocolCredentialsUpdatedAt(t *testing.T) {
	t.Parallel()
	const long = "2020-01-01T00:00:00Z"
	_, p := start(t, reportermock.Options{})
	r := p.Resource(typeName)
	r.Apply(config()).RequireNone(t)
	if created := r.Text("credentials_updated_at"); created <= long {
		t.Errorf("after the create it is %q", created)
	}
	r.Edit(map[string]any{"credentials_updated_at": long})
	r.Apply(protocol.With(config(), map[string]any{"host": "other"})).RequireNone(t)
	if got := r.Text("credentials_updated_at"); got != long {
		t.Errorf("after a change of the host it is %q", got)
	}
	r.Apply(protocol.With(config(), map[string]any{"host": "other", "password": "second"})).RequireNone(t)
	if got := r.Text("credentials_updated_at"); got <= long {
		t.Errorf("after a change of the password it is %q", got)
	}
}

// A new connection needs a product, from whichever side, and a password; what is known
// at apply only is not missing.
func TestProtocolNewConnectionNeeds(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{})
	for _, c := range []struct {
		provider any // its product
		changes  map[string]any
		missing  []string
	}{
		{"Sales", nil, nil},
		{nil, map[string]any{"product_name": "p"}, nil},
		{protocol.Unknown, nil, nil},
		{nil, map[string]any{"product_name": protocol.Unknown, "password": protocol.Unknown}, nil},
		{"Sales", map[string]any{"password": nil, "password_wo": "p"}, nil},
		{nil, nil, []string{"at product_name:", "Missing product_name", "REPORTER_PRODUCT_NAME"}},
		{"Sales", map[string]any{"password": nil}, []string{"at password:", "Missing password", "password_wo"}},
	} {
		p.Configure(protocol.With(protocol.ReporterConfig(server), map[string]any{"reporter": map[string]any{"product_name": c.provider}})).RequireOK(t)
		plan := p.Resource(typeName).Plan(protocol.With(config(), c.changes))
		if c.missing == nil {
			plan.RequireNone(t)
		} else {
			plan.RequireError(t, c.missing...)
		}
	}
}

// Where anything is sent, the plan leaves open when the connection was changed last.
func TestProtocolUpdatedAtIsKnownUnlessSent(t *testing.T) {
	t.Parallel()
	_, p := start(t, reportermock.Options{})
	r := p.Resource(typeName)
	before := protocol.With(config(), map[string]any{"ssl": map[string]any(withSSL())})
	r.Apply(before).RequireNone(t)
	for name, c := range map[string]struct {
		change  map[string]any
		isKnown bool
	}{
		"a setting":                  {map[string]any{"host": "other"}, false},
		"ssl":                        {map[string]any{"ssl": map[string]any(withSSL(attributes{"mode": "require"}))}, false},
		"the password":               {map[string]any{"password": "second"}, false},
		"the key":                    {map[string]any{"ssl": map[string]any(withSSL(attributes{"key": "KEY-2"}))}, false},
		"a host that is known later": {map[string]any{"host": protocol.Unknown}, false},
		"a mode that is known later": {map[string]any{"ssl": map[string]any(withSSL(attributes{"mode": protocol.Unknown}))}, false},
		"the timeouts":               {map[string]any{"timeouts": map[string]any{"read": "1m"}}, true},
		"the test":                   {map[string]any{"test_connection": true}, true},
	} {
		plan := r.Plan(protocol.With(before, c.change))
		plan.RequireOK(t)
		if got := plan.Value("updated_at"); plan.Action != protocol.Update || (got != protocol.Unknown) != c.isKnown || c.isKnown && got != r.Get("updated_at") {
			t.Errorf("%s: %s, updated_at is %v", name, plan.Action, got)
		}
	}
}

// Where the service stores something else than was sent, the state keeps what was
// planned, and a warning says what the service has.
func TestProtocolServiceStoresAnother(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{})
	created := p.Resource(typeName)
	server.Faults().Add(fault.Answer(http.StatusCreated, `{"id":"01a203f9-7cfc-732d-9a64-ee1583d54da2","productName":"sales","configName":"test","type":"POSTGRESQL","host":"theirs","port":5432,
		"databaseName":"ledger","userName":"reporter","createdAt":"2026-01-01T00:00:00Z","updatedAt":"2026-01-02T00:00:00Z"}`).On(http.MethodPost, list))
	if created.Apply(config()).RequireWarning(t, "at host:", "The server changed host of Reporter connection", "theirs"); created.Text("host") != config()["host"] {
		t.Errorf("%v", created.State())
	}
	r := p.Resource(typeName)
	r.Apply(config()).RequireNone(t)
	server.Faults().Add(fault.Answer(http.StatusOK, `{"id":"`+r.Text("id")+`","productName":"sales","configName":"test","type":"POSTGRESQL","host":"theirs","port":5432,
		"databaseName":"ledger","userName":"reporter","createdAt":"2026-01-01T00:00:00Z","updatedAt":"2026-01-02T00:00:00Z"}`).On(http.MethodPatch, one))
	r.Apply(protocol.With(config(), map[string]any{"host": "ours"})).RequireWarning(t, "at host:", "The server changed host of Reporter connection", "theirs")
	if r.Text("host") != "ours" || r.Text("updated_at") != "2026-01-02T00:00:00Z" {
		t.Errorf("%v", r.State())
	}
}
