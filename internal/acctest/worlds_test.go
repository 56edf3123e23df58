// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/dataconn/terraform-provider-dataconn/internal/failtest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// ask sends requests to a mock, without its listener.
func ask(t *testing.T, mock http.Handler, requests ...[3]string) {
	t.Helper()
	for _, r := range requests {
		mock.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), r[0], r[1], strings.NewReader(r[2])))
	}
}

func TestOmniWorld(t *testing.T) {
	t.Parallel()
	for api, opts := range map[string]omnimock.Options{"v1": {}, "unstable": {Generation: omnimock.Guide2025}} {
		o := StartOmni(t, opts, `one = "more"`)
		for _, name := range []string{"b", "a", "b"} {
			o.AddConnection(map[string]any{"name": name, "dialect": "exasol"})
		}
		if got := o.Only(t, "a"); got.Name() != "a" || !slices.Equal(o.Names(), []string{"a", "b"}) {
			t.Errorf("%s, of %v", got.Name(), o.Names())
		}
		for name, want := range map[string]string{"b": `the server has 2 connections named "b"`, "c": `the server has 0 connections named "c"`} {
			if said := failtest.Run(t, func(t *failtest.T) { o.Only(t, name) }); said != want {
				t.Errorf("%q, want %q", said, want)
			}
		}
		path := "/api/" + api + "/connections"
		ask(t, o.Server, [3]string{"GET", path, ""}, [3]string{"POST", path, `{"z":1,"a":2}`}, [3]string{"DELETE", path + "/7", ""})
		if got := o.Writes(); !slices.Equal(got, []string{`POST connections {"a":2,"z":1} 401`, "DELETE connections 401"}) {
			t.Errorf("%s: %q", api, got)
		}
		requireForgotten(t, o.stage, "DELETE connections 401", "POST connections")
		isOld := api == "unstable"
		if strings.Contains(o.Config(), `api_version = "unstable"`) != isOld || o.environment["OMNI_API_VERSION"] != map[bool]string{true: api}[isOld] {
			t.Errorf("%s: %s\n%v", api, o.Config(), o.environment)
		}
		requireEnvironment(t, o.stage, map[string]string{"OMNI_BASE_URL": o.URL(), "OMNI_API_TOKEN": o.Token(), "OMNI_MAX_REQUESTS_PER_MINUTE": "100000"})
		config := o.Config("resource {}", "data {}")
		for _, part := range []string{o.URL(), o.Token(), `one = "more"`, "resource {}\ndata {}"} {
			if !strings.Contains(config, part) {
				t.Errorf("%s lacks %s", config, part)
			}
		}
	}
}

func TestReporterWorld(t *testing.T) {
	t.Parallel()
	for auth, wants := range map[reportermock.Auth][]string{
		reportermock.NoAuth: nil, reportermock.StaticToken: {"token"}, reportermock.ClientCredentials: {"auth_url", "client_id", "client_secret"},
	} {
		r := StartReporter(t, reportermock.Options{Auth: auth}, `one = "more"`)
		for _, name := range []string{"token", "auth_url", "client_id", "client_secret"} {
			if strings.Contains(r.Config(), name+" = ") != slices.Contains(wants, name) || (r.environment["REPORTER_"+strings.ToUpper(name)] != "") != slices.Contains(wants, name) {
				t.Errorf("%v, %s: %s\n%v", auth, name, r.Config(), r.environment)
			}
		}
		if !strings.Contains(r.Config(), `one = "more"`) || !strings.Contains(r.Config(), r.URL()) {
			t.Error(r.Config())
		}
		requireEnvironment(t, r.stage, map[string]string{"REPORTER_BASE_URL": r.URL(), "REPORTER_PRODUCT_NAME": "Sales", "REPORTER_MAX_REQUESTS_PER_MINUTE": "100000"})
	}

	r := StartReporter(t, reportermock.Options{})
	id := r.Add(reportermock.Connection{ConfigName: "a"}, "p")
	r.Add(reportermock.Connection{ConfigName: "b"}, "p")
	if got := r.Only(t, "a"); got.ID != id {
		t.Errorf("%+v", got)
	}
	if said := failtest.Run(t, func(t *failtest.T) { r.Only(t, "c") }); said != `the server has 0 connections named "c"` {
		t.Errorf("%q", said)
	}
	const path = "/v1/management/connections/"
	ask(t, r.Server, [3]string{"GET", path + id, ""}, [3]string{"POST", "/v1/login/oauth/access_token", `{}`}, [3]string{"PATCH", path + id, "{}"}, [3]string{"POST", path + id + "/test", ""})
	got := r.Writes()
	requireForgotten(t, r.stage, "PATCH connections {} ", "POST connections/test ")
	if len(got) != 2 || !strings.HasPrefix(got[0], "PATCH connections {} ") || !strings.HasPrefix(got[1], "POST connections/test ") {
		t.Errorf("%q", got)
	}
}

// requireForgotten requires that these writes were seen, and that the next step sees none.
func requireForgotten(t *testing.T, s *stage, writes ...string) {
	t.Helper()
	Require(t, s.ExpectWrites(writes...))
	step := resource.TestStep{}
	s.prepare(&step)
	step.PreConfig()
	Require(t, s.ExpectWrites())
}

func requireEnvironment(t *testing.T, s *stage, want map[string]string) {
	t.Helper()
	for name, value := range want {
		if s.environment[name] != value {
			t.Errorf("%s is %q, want %q", name, s.environment[name], value)
		}
	}
}
