// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/conformance"
	"github.com/dataconn/terraform-provider-dataconn/internal/live"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// env is an environment of these variables alone.
func env(variables map[string]string) func(string) string {
	return func(name string) string { return variables[name] }
}

// of names a mock that runs in this process.
func of(s *omnimock.Server) map[string]string {
	return map[string]string{"OMNI_BASE_URL": s.URL(), "OMNI_API_TOKEN": s.Token(), "OMNI_MAX_REQUESTS_PER_MINUTE": "100000"}
}

// conform runs the command with a report, and returns what it found.
func conform(t *testing.T, variables map[string]string, arguments ...string) (rows []conformance.Row, report string, differs bool) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.json")
	var out bytes.Buffer
	differs, err := run(t.Context(), append(arguments, "-json", file), env(variables), &out)
	if err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var decoded struct{ Reports []conformance.Report }
	if err := json.Unmarshal(content, &decoded); err != nil {
		t.Fatal(err)
	}
	for _, r := range decoded.Reports {
		rows = append(rows, r.Rows...)
	}
	return rows, string(content), differs
}

// with returns the ids of the rows that have a verdict.
func with(verdict string, rows []conformance.Row) []string {
	var ids []string
	for _, row := range rows {
		if row.Verdict == verdict {
			ids = append(ids, row.ID)
		}
	}
	return ids
}

// The mock server is what it says it is, in each generation, in a process of its
// own; and nearly every point can be asked of the current one.
func TestEachGeneration(t *testing.T) {
	t.Parallel()
	for generation, notAsked := range map[string]int{"current": 12, "narrow-2026": 20, "guide-2025": 40} {
		t.Run(generation, func(t *testing.T) {
			t.Parallel()
			variables := acctest.ServeMock(t, "-generation", generation, "-system", "both", "-any-database=false", "-environment-list")
			rows, _, differs := conform(t, variables)
			if different := with(conformance.Different, rows); differs || len(different) > 0 {
				t.Errorf("the mock differs from itself: %v", different)
			}
			if got := with(conformance.NotAsked, rows); len(got) > notAsked {
				t.Errorf("%d points could not be asked: %v", len(got), got)
			}
			if len(rows) != len(conformance.Points()) {
				t.Errorf("%d rows for %d points", len(rows), len(conformance.Points()))
			}
		})
	}
}

// A difference is found, named, and tells by the exit code: each of these servers
// is the mock with one switch set otherwise.
func TestPlantedDifferences(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		server omnimock.Options
		want   []string
	}{
		"GET after DELETE":     {omnimock.Options{DeletedGetNotFound: true}, []string{"omni/connection/get-deleted"}},
		"values as text":       {omnimock.Options{CommaTextEnvironmentValues: true}, []string{"omni/environment/values-array", "omni/environment/values-text"}},
		"creations as text":    {omnimock.Options{CommaTextEnvironmentIDs: true}, []string{"omni/environment/create-array", "omni/environment/create-text"}},
		"attributes, 204":      {omnimock.Options{UserAttributeAnswer: omnimock.AnswerEmpty}, []string{"omni/user-attribute/create"}},
		"a binding that looks": {omnimock.Options{BindingNeedsAttribute: true}, []string{"omni/environment/bind-missing"}},
		"models by themselves": {omnimock.Options{BuildSchemaModels: true}, []string{"omni/model/register", "omni/model/schedule-without-model"}},
		"few roles at first":   {omnimock.Options{BaseRoleEnum: true}, []string{"omni/connection/role-alias"}},
		"SCIM with paths only": {omnimock.Options{UserPathsOnly: true}, []string{"omni/user/patch-without-path"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := omnimock.Start(t, test.server)
			server.AddUser(omnimock.User{UserName: "conformance@example.com"})
			rows, _, differs := conform(t, of(server), "-user", "conformance@example.com")
			if !differs {
				t.Error("nothing differs")
			}
			different := with(conformance.Different, rows)
			for _, want := range test.want {
				if !slices.Contains(different, want) {
					t.Errorf("%s is not among what differs: %v", want, different)
				}
			}
		})
	}
}

// Nothing stays on the server, and everything that was there has a name that a
// sweep knows.
func TestCleansUp(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{})
	theirs := server.AddConnection(map[string]any{"name": "theirs", "dialect": "postgres"})
	conform(t, of(server))
	if left := server.Connections(); len(left) != 1 || left[0].ID != theirs {
		t.Errorf("left on the server: %v", left)
	}
	for _, r := range server.Requests() {
		var made struct{ Name, Label, Host string }
		if r.Method != "POST" || json.Unmarshal(r.Body, &made) != nil || r.Status != 201 || strings.Contains(r.Path, "/dbt/") {
			continue
		}
		if r.Path == "/api/v1/connections" && (!live.IsOurs(made.Name) || !strings.HasSuffix(made.Host, "example.com")) {
			t.Errorf("a connection %q on %q was made", made.Name, made.Host)
		}
		if r.Path == "/api/v1/user-attributes" && !live.IsOurs(made.Label) {
			t.Errorf("a user attribute %q was made", made.Label)
		}
	}
}

func TestReadOnly(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{})
	rows, _, differs := conform(t, of(server), "-read-only")
	if differs || len(with(conformance.Same, rows)) < 15 {
		t.Errorf("differs: %t, asked: %v", differs, with(conformance.Same, rows))
	}
	for _, r := range server.Requests() {
		if r.Method != "GET" {
			t.Errorf("%s %s was sent", r.Method, r.Path)
		}
	}
}

// The report is for a public issue: it has nothing of the server's own in it.
func TestReportKeepsSecrets(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{DeletedGetNotFound: true, EchoSecretsInErrors: true})
	server.AddUser(omnimock.User{UserName: "somebody@example.com"})
	reporter := reportermock.Start(t, reportermock.Options{Auth: reportermock.StaticToken, EchoSecretsInErrors: true})
	variables := of(server)
	variables["REPORTER_BASE_URL"], variables["REPORTER_TOKEN"], variables["REPORTER_MAX_REQUESTS_PER_MINUTE"] = reporter.URL(), reporter.Token(), "100000"
	_, report, _ := conform(t, variables, "-user", "somebody@example.com")
	for _, secret := range []string{server.Token(), reporter.Token(), server.URL(), strings.TrimPrefix(server.URL(), "http://"), "somebody@", "not-a-real-password"} {
		if strings.Contains(report, secret) {
			t.Errorf("the report has %s", secret)
		}
	}
	if found := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-|tf[-_]acc[-_][a-z2-7]{14}`).FindString(report); found != "" {
		t.Errorf("the report has %s", found)
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{})
	wrong := of(server)
	wrong["OMNI_API_TOKEN"] = "wrong"
	login := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>Sign in</html>") }))
	t.Cleanup(login.Close)
	page := map[string]string{"REPORTER_BASE_URL": login.URL}
	for name, test := range map[string]struct {
		variables map[string]string
		arguments []string
		want      string
	}{
		"no server":    {nil, nil, "set OMNI_BASE_URL and OMNI_API_TOKEN"},
		"no token":     {map[string]string{"OMNI_BASE_URL": server.URL()}, nil, "OMNI_API_TOKEN is not"},
		"wrong token":  {wrong, nil, "answered 403"},
		"a page":       {page, nil, "answered 200 without a list"},
		"bad address":  {map[string]string{"OMNI_BASE_URL": "acme", "OMNI_API_TOKEN": "t"}, nil, "OMNI_BASE_URL: "},
		"bad limit":    {map[string]string{"REPORTER_BASE_URL": "http://127.0.0.1:1", "REPORTER_MAX_REQUESTS_PER_MINUTE": "0"}, nil, "not a number from 1 up"},
		"generation":   {of(server), []string{"-generation", "2024"}, "is none of current"},
		"an argument":  {of(server), []string{"x"}, "unexpected argument"},
		"unreachable":  {map[string]string{"OMNI_BASE_URL": "http://127.0.0.1:1", "OMNI_API_TOKEN": "t"}, nil, "connection refused"},
		"flag unknown": {of(server), []string{"-x"}, "not defined"},
	} {
		if _, err := run(t.Context(), test.arguments, env(test.variables), &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}
