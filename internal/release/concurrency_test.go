// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package release_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// These tests run the built provider in processes of its own, as users do.

// installed is a consumer with this configuration, after init.
func installed(t *testing.T, config string, environment ...string) *consumer {
	t.Helper()
	c := newConsumer(t, cli.FilesystemMirror(mirrored(t, archive(t))), version, environment...)
	c.WriteFile("main.tf", cli.RequiredProvider(version)+config)
	c.Run("init")
	return c
}

// expectNothingToDo checks that a plan is empty, after a refresh.
func (c *consumer) expectNothingToDo() {
	c.t.Helper()
	if plan := c.Try("plan", "-detailed-exitcode"); plan.Code != 0 {
		c.t.Errorf("the plan is not empty (%d):\n%s", plan.Code, plan.Output)
	}
}

// ids returns the ids of the state's resources of a type, sorted.
func (c *consumer) ids(typeName string) []string {
	c.t.Helper()
	var state struct {
		Resources []struct {
			Type      string
			Instances []struct {
				Attributes struct{ ID string }
			}
		}
	}
	if err := json.Unmarshal([]byte(c.Read("terraform.tfstate")), &state); err != nil {
		c.t.Fatal(err)
	}
	var ids []string
	for _, r := range state.Resources {
		for _, instance := range r.Instances {
			if r.Type == typeName {
				ids = append(ids, instance.Attributes.ID)
			}
		}
	}
	slices.Sort(ids)
	return ids
}

func expectSame(t *testing.T, what string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, not %v", what, got, want)
	}
}

func connectionIDs(s *omnimock.Server, keep func(omnimock.Connection) bool) []string {
	var ids []string
	for _, c := range s.Connections() {
		if keep(c) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// Everything at once: connections, environments that share requests, and
// connections of the other system. Each is made once and belongs to the state.
func TestInstallFiftyAtOnce(t *testing.T) {
	acctest.RequireWriteOnly(t)
	t.Parallel()
	const each = 25
	omni := omnimock.Start(t, omnimock.Options{EnvironmentList: true, Latency: 5 * time.Millisecond})
	reporter := reportermock.Start(t, reportermock.Options{Auth: reportermock.ClientCredentials, Latency: 5 * time.Millisecond})
	c := installed(t, fmt.Sprintf(`
provider "dataconn" {
  omni = {
    max_requests_per_minute = 100000
  }
  reporter = {
    max_requests_per_minute = 100000
  }
}

resource "dataconn_omni_connection" "base" {
  name                = "base"
  dialect             = "exasol"
  host                = "h"
  password_wo         = "a password"
  password_wo_version = 1
  deletion_protection = false
}

resource "dataconn_omni_environment_user_attribute" "base" {
  connection_id  = dataconn_omni_connection.base.id
  attribute_name = "env"
}

resource "dataconn_omni_connection" "all" {
  count               = %[1]d
  name                = "n${count.index}"
  dialect             = "exasol"
  host                = "h${count.index}"
  password_wo         = "a password"
  password_wo_version = 1
  deletion_protection = false
}

resource "dataconn_omni_connection_environment" "all" {
  count                 = %[1]d
  base_connection_id    = dataconn_omni_connection.base.id
  connection_id         = dataconn_omni_connection.all[count.index].id
  user_attribute_values = ["v${count.index}"]
}

resource "dataconn_reporter_connection" "all" {
  count               = %[1]d
  config_name         = "name-${count.index}"
  type                = "POSTGRESQL"
  host                = "db.example.com"
  port                = 5432
  database_name       = "d"
  user_name           = "u"
  password_wo         = "a password"
  password_wo_version = 1
}
`, each),
		"OMNI_BASE_URL="+omni.URL(), "OMNI_API_TOKEN="+omni.Token(), "REPORTER_BASE_URL="+reporter.URL(), "REPORTER_PRODUCT_NAME=sales",
		"REPORTER_AUTH_URL="+reporter.AuthURL(), "REPORTER_CLIENT_ID="+reporter.ClientID(), "REPORTER_CLIENT_SECRET="+reporter.ClientSecret())
	c.Run("apply", "-auto-approve", "-parallelism=50")
	c.expectNothingToDo()

	expectSame(t, "connections", c.ids("dataconn_omni_connection"), connectionIDs(omni, func(omnimock.Connection) bool { return true }))
	for i, kind := range []string{"connections", "connection-environments"} {
		posts := omni.CountRequests(http.MethodPost, "/api/v1/"+kind)
		if want := []int{each + 1, each}[i]; posts > want || kind == "connections" && posts != want {
			t.Errorf("%d requests made %s", posts, kind)
		}
	}
	var environments, values, reporters []string
	for _, e := range omni.Environments() {
		environments = append(environments, e.ID)
		connection, _ := omni.Connection(e.ConnectionID)
		values = append(values, connection.Name()+" "+strings.Join(e.UserAttributeValues, " "))
	}
	expectSame(t, "environments", c.ids("dataconn_omni_connection_environment"), environments)
	for _, r := range reporter.Connections() {
		reporters = append(reporters, r.ID)
	}
	expectSame(t, "Reporter connections", c.ids("dataconn_reporter_connection"), reporters)
	var want []string
	for i := range each {
		want = append(want, fmt.Sprintf("n%d v%[1]d", i))
	}
	expectSame(t, "values", values, want)
	if tokens := reporter.CountRequests(http.MethodPost, "/v1/login/oauth/access_token"); tokens > 4 {
		t.Errorf("%d tokens were fetched by the processes of an apply and a plan", tokens)
	}

	c.Run("destroy", "-auto-approve", "-parallelism=50")
	if left := len(omni.Connections()) + len(omni.Environments()) + len(reporter.Connections()); left > 0 {
		t.Errorf("%d objects are left", left)
	}
}

// Two states are applied against one server at the same time, while answers to
// creations get lost. The connections of both have the same names, which Omni
// allows: only the host tells them apart. Neither takes what is the other's.
func TestInstallTwoAtOnce(t *testing.T) {
	acctest.RequireWriteOnly(t)
	t.Parallel()
	const each = 6
	omni := omnimock.Start(t, omnimock.Options{EnvironmentList: true})
	reporter := reportermock.Start(t, reportermock.Options{Auth: reportermock.StaticToken})
	const config = `
variable "side" {}

provider "dataconn" {
  omni = {
    max_requests_per_minute = 100000
  }
  reporter = {
    max_requests_per_minute = 100000
  }
}

resource "dataconn_omni_connection" "all" {
  count               = %[1]d
  name                = "n${count.index}"
  dialect             = "exasol"
  host                = var.side
  password_wo         = "of ${var.side}"
  password_wo_version = 1
  deletion_protection = false
}

resource "dataconn_omni_connection_environment" "all" {
  count                 = %[1]d - 1
  base_connection_id    = dataconn_omni_connection.all[0].id
  connection_id         = dataconn_omni_connection.all[count.index + 1].id
  user_attribute_values = ["v${count.index}"]
}

resource "dataconn_reporter_connection" "all" {
  count               = %[1]d
  config_name         = "${var.side}-${count.index}"
  type                = "POSTGRESQL"
  host                = "db.example.com"
  port                = 5432
  database_name       = "d"
  user_name           = var.side
  password_wo         = "a password"
  password_wo_version = 1
}
`
	sides := map[string]*consumer{}
	for _, side := range []string{"left", "right"} {
		sides[side] = installed(t, fmt.Sprintf(config, each), "TF_VAR_side="+side,
			"OMNI_BASE_URL="+omni.URL(), "OMNI_API_TOKEN="+omni.Token(),
			"REPORTER_BASE_URL="+reporter.URL(), "REPORTER_PRODUCT_NAME=sales", "REPORTER_TOKEN="+reporter.Token())
	}
	// Some were made and some were not; nobody is told.
	for i, f := range []fault.Fault{
		fault.InternalError().Applied(), {Reset: true}, {Reset: true, Apply: true}, fault.BadGateway(), fault.BadGateway().Applied(),
	} {
		omni.Faults().Add(f.On(http.MethodPost, "/api/v1/connections").After(i))
		omni.Faults().Add(f.On(http.MethodPost, "/api/v1/connection-environments").After(i % 2))
		reporter.Faults().Add(f.On(http.MethodPost, "/v1/management/connections").After(i))
	}
	var group sync.WaitGroup
	for side, c := range sides {
		group.Go(func() {
			c.applyUntilDone(20, func(id string) bool {
				one, _ := omni.Connection(id)
				return one.Settings["host"] == side
			})
		})
	}
	group.Wait()
	if fired := omni.Faults().Fired() + reporter.Faults().Fired(); fired < 10 {
		t.Errorf("only %d requests met a fault", fired)
	}

	for side, c := range sides {
		c.expectNothingToDo()
		expectSame(t, side+": connections", c.ids("dataconn_omni_connection"), connectionIDs(omni, func(one omnimock.Connection) bool {
			secret, _ := omni.Secret(one.ID, "passwordUnencrypted")
			return one.Settings["host"] == side && secret == "of "+side
		}))
		var environments, reporters []string
		for _, e := range omni.Environments() {
			if base, _ := omni.Connection(e.BaseConnectionID); base.Settings["host"] == side {
				environments = append(environments, e.ID)
			}
		}
		expectSame(t, side+": environments", c.ids("dataconn_omni_connection_environment"), environments)
		for _, r := range reporter.Connections() {
			if r.UserName == side {
				reporters = append(reporters, r.ID)
			}
		}
		expectSame(t, side+": Reporter connections", c.ids("dataconn_reporter_connection"), reporters)
		if n := len(c.ids("dataconn_omni_connection")) + len(environments) + len(reporters); n != 3*each-1 {
			t.Errorf("%s has %d objects", side, n)
		}
	}
	if n := len(omni.Connections()); n != 2*each {
		t.Errorf("the server has %d connections", n)
	}
}

var (
	candidates = regexp.MustCompile(`could\s+be\s+somebody\s+else's:[-,\s0-9a-f]*`)
	uuids      = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
)

// applyUntilDone applies again while errors say that something was not made, or
// that it could be one of the other side's. An error that names one of this side's
// would be one too many here: the lists work, so the provider can tell.
func (c *consumer) applyUntilDone(tries int, isOurs func(id string) bool) {
	for range tries {
		apply := c.Try("apply", "-auto-approve")
		if apply.Code == 0 {
			return
		}
		output := strings.ReplaceAll(apply.Output, "│", "")
		for _, problem := range strings.Split(output, "Error: ")[1:] {
			named := candidates.FindString(problem)
			if named == "" && !acctest.Saying("probably not created").MatchString(problem) || slices.ContainsFunc(uuids.FindAllString(named, -1), isOurs) {
				c.t.Errorf("apply:\n%s", output)
				return
			}
		}
	}
	c.t.Errorf("not done after %d tries", tries)
}

// The built provider goes through the proxy of the environment, whatever the
// host is: here one that does not exist.
func TestInstallBehindProxy(t *testing.T) {
	acctest.RequireWriteOnly(t)
	t.Parallel()
	omni := omnimock.Start(t, omnimock.Options{})
	upstream := must(url.Parse(omni.URL()))
	proxy := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		if r.In.URL.Host != "omni.example.invalid" {
			t.Errorf("the proxy was asked for %s", r.In.URL)
		}
		r.SetURL(upstream)
	}})
	t.Cleanup(proxy.Close)
	c := installed(t, `
data "dataconn_omni_connections" "all" {}

resource "dataconn_omni_connection" "one" {
  name        = "n"
  dialect     = "exasol"
  host        = "h"
  password_wo = "a password"
}
`, "OMNI_BASE_URL=http://omni.example.invalid", "OMNI_API_TOKEN="+omni.Token(),
		"HTTP_PROXY="+proxy.URL, "http_proxy="+proxy.URL, "NO_PROXY=", "no_proxy=")
	c.Run("apply", "-auto-approve")
	c.expectNothingToDo()
	if n := len(omni.Connections()); n != 1 {
		t.Errorf("%d connections were made", n)
	}
}

// Ten configurations of the provider, each with servers and credentials of its
// own. Nothing is shared between them: no token, no product, no list, and not the
// trouble that one of them has.
func TestInstallTenAliases(t *testing.T) {
	acctest.RequireWriteOnly(t)
	t.Parallel()
	const count = 10
	var config strings.Builder
	var omnis []*omnimock.Server
	var reporters []*reportermock.Server
	for i := range count {
		omni := omnimock.Start(t, omnimock.Options{EnvironmentList: true})
		reporter := reportermock.Start(t, reportermock.Options{Auth: reportermock.StaticToken})
		omni.AddConnection(map[string]any{"name": fmt.Sprintf("there already on %d", i), "dialect": "exasol"})
		omnis, reporters = append(omnis, omni), append(reporters, reporter)
		fmt.Fprintf(&config, `
provider "dataconn" {
  alias = "p%[1]d"
  omni = {
    base_url                = %[2]q
    api_token               = %[3]q
    max_requests_per_minute = 100000
  }
  reporter = {
    base_url                = %[4]q
    token                   = %[5]q
    product_name            = "product-%[1]d"
    max_requests_per_minute = 100000
  }
}

data "dataconn_omni_connections" "p%[1]d" {
  provider = dataconn.p%[1]d
}

resource "dataconn_omni_connection" "p%[1]d" {
  provider            = dataconn.p%[1]d
  name                = "%[1]d ${data.dataconn_omni_connections.p%[1]d.connections[0].name}"
  dialect             = "exasol"
  host                = "h"
  password_wo         = "of %[1]d"
  password_wo_version = 1
  lifecycle {
    ignore_changes = [name]
  }
}

resource "dataconn_reporter_connection" "p%[1]d" {
  provider            = dataconn.p%[1]d
  config_name         = "the-same"
  type                = "POSTGRESQL"
  host                = "db.example.com"
  port                = 5432
  database_name       = "d"
  user_name           = "u"
  password_wo         = "of %[1]d"
  password_wo_version = 1
}
`, i, omni.URL(), omni.Token(), reporter.URL(), reporter.Token())
	}
	troubled := omnis[count-1]
	troubled.Forbid(http.MethodPost, "")
	c := installed(t, config.String())
	if output := c.Fail("apply", "-auto-approve"); strings.Count(output, "Error: ") != 1 {
		t.Errorf("apply:\n%s", output)
	}
	if made := len(c.ids("dataconn_omni_connection")); made != count-1 {
		t.Errorf("%d of %d connections were made beside one that cannot be", made, count-1)
	}
	troubled.AllowAll()
	c.Run("apply", "-auto-approve")
	c.expectNothingToDo()

	for i := range count {
		all := omnis[i].Connections()
		if len(all) != 2 || !slices.ContainsFunc(all, func(one omnimock.Connection) bool {
			return one.Name() == fmt.Sprintf("%d there already on %[1]d", i)
		}) {
			t.Errorf("server %d has %v", i, all)
		}
		theirs := reporters[i].Connections()
		if len(theirs) != 1 || theirs[0].ProductName != fmt.Sprintf("product-%d", i) {
			t.Errorf("Reporter server %d has %v", i, theirs)
		}
		for token, requests := range map[string][]omnimock.Request{omnis[i].Token(): omnis[i].Requests(), reporters[i].Token(): reporters[i].Requests()} {
			for _, r := range requests {
				if got := r.Header.Get("Authorization"); got != "Bearer "+token {
					t.Errorf("server %d got %s %s with the credentials of another", i, r.Method, r.Path)
				}
			}
		}
	}
}
