// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/omnitest"
)

// A schema model is registered once, and read for all connections from one list.
func TestSchemaModels(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{})
	var ids []string
	for range 120 {
		ids = append(ids, server.AddConnection(existing("n")))
		server.BuildSchemaModel(ids[len(ids)-1])
	}
	bare := server.AddConnection(existing("bare"))
	access := inventoryOf(t, server)
	for _, id := range ids {
		if m, err := access.SchemaModel(t.Context(), id); err != nil || m.ID != id {
			t.Fatalf("%v %v", m, err)
		}
	}
	if got := server.CountRequests("", ""); got != 2 { // pages of 100
		t.Errorf("%d requests", got)
	}
	if m, err := access.SchemaModel(t.Context(), bare); !errors.Is(err, inventory.ErrNoSchemaModel) {
		t.Errorf("%v %v", m, err)
	}
	if m, err := access.SchemaModel(t.Context(), omnitest.IDA); !errors.Is(err, inventory.ErrGone) {
		t.Errorf("%v %v", m, err)
	}
	for _, want := range []bool{true, false} {
		if m, isNew, err := access.RegisterSchemaModel(t.Context(), bare); err != nil || isNew != want || m.ID != bare || m.ConnectionID != bare {
			t.Errorf("%v %t %v", m, isNew, err)
		}
	}
	if all, err := access.SchemaModels(t.Context()); err != nil || len(all) != len(ids)+1 {
		t.Errorf("%d models, %v", len(all), err)
	}
	if m, err := access.SchemaModel(t.Context(), bare); err != nil || m.Name.Or("") != "bare" {
		t.Errorf("%v %v", m, err)
	}
	if m, isNew, err := access.RegisterSchemaModel(t.Context(), omnitest.IDA); m != nil || isNew || !errors.Is(err, inventory.ErrGone) {
		t.Errorf("%v %t %v", m, isNew, err)
	}
	// The answer to the first try is lost, and the second finds what it made.
	another := server.AddConnection(existing("another"))
	server.Faults().Add(fault.BadGateway().Applied().On(http.MethodPost, modelsRoute))
	if _, isNew, err := access.RegisterSchemaModel(t.Context(), another); err != nil || !isNew {
		t.Errorf("%t %v", isNew, err)
	}
	guide := omnimock.Start(t, omnimock.Options{Generation: omnimock.Guide2025})
	if _, _, err := inventoryOf(t, guide).RegisterSchemaModel(t.Context(), omnitest.IDA); err == nil || !strings.Contains(err.Error(), "has no models") {
		t.Errorf("%v", err)
	}
}

// The schema model's id is the connection's; where it is not, the list has it.
func TestRefreshOfASchemaModelOfItsOwnID(t *testing.T) {
	t.Parallel()
	answers := map[string]string{
		"POST models/" + omnitest.IDA + "/refresh": `{"detail":"Model with id x does not exist"}`,
		"POST models/" + omnitest.IDB + "/refresh": `{"jobId":"j","modelId":"` + omnitest.IDB + `","status":"running"}`,
		"GET models": `{"pageInfo":{},"records":[` +
			`{"id":"` + omnitest.IDC + `","modelKind":"SHARED","connectionId":"` + omnitest.IDA + `","deletedAt":null},` +
			`{"id":"` + omnitest.IDC + `","modelKind":"SCHEMA","connectionId":"` + omnitest.IDA + `","deletedAt":"2026-01-01T00:00:00Z"},` +
			`{"id":"` + omnitest.IDB + `","modelKind":"SCHEMA","connectionId":"` + omnitest.IDA + `","deletedAt":null}]}`,
	}
	s := omnitest.New(t, "v1", func(r *http.Request, _ string) (int, string) {
		answer, ok := answers[r.Method+" "+strings.TrimPrefix(r.URL.Path, "/api/v1/")]
		if !ok || strings.Contains(answer, "detail") {
			return 404, answer
		}
		return 200, answer
	})
	hard := true
	job, err := inventory.New(s.Client).RefreshSchema(t.Context(), omnitest.IDA, &hard)
	want := []string{
		"POST models/" + omnitest.IDA + "/refresh?hard_refresh=true", "GET models?connectionId=" + omnitest.IDA + "&modelKind=SCHEMA&pageSize=100", "POST models/" + omnitest.IDB + "/refresh?hard_refresh=true",
	}
	if got := s.Sent(); err != nil || job != "j" || !slices.Equal(got, want) {
		t.Errorf("%q, %v, %q", job, err, got)
	}
}

// A refresh that the server answers 404 has one of several causes, and a call
// that fails is none of them.
func TestRefreshThatIsNotFound(t *testing.T) {
	t.Parallel()
	const (
		a       = omnitest.IDA
		refresh = "POST models/" + a + "/refresh"
		models  = "GET models"
		other   = `{"records":[{"id":"` + omnitest.IDB + `","connectionId":"` + a + `","modelKind":"SCHEMA"}],"pageInfo":{"hasNextPage":false}}`
		same    = `{"records":[{"id":"` + a + `","connectionId":"` + a + `","modelKind":"SCHEMA"}],"pageInfo":{"hasNextPage":false}}`
		none    = `{"records":[],"pageInfo":{"hasNextPage":false}}`
		job     = `{"jobId":"j","job_id":"j"}`
	)
	for name, c := range map[string]struct {
		server answers
		want   error
		status int
	}{
		"at once":               {answers{refresh: {job}}, nil, 0},
		"another id":            {answers{refresh: {"404"}, models: {other}, "POST models/" + omnitest.IDB + "/refresh": {job}}, nil, 0},
		"the model is there":    {answers{refresh: {"404"}, models: {same}}, nil, 404},
		"the models fail":       {answers{refresh: {"404"}, models: {"500"}, "GET connections/" + a: {"404"}, "GET connections": {none}}, nil, 404},
		"no model":              {answers{refresh: {"404"}, models: {none}, "GET connections/" + a: {`{"connection":{"id":"` + a + `","name":"n","dialect":"exasol"}}`}}, inventory.ErrNoSchemaModel, 0},
		"no connection":         {answers{refresh: {"404"}, models: {none}, "GET connections/" + a: {"404"}, "GET connections": {`{"connections":[{"id":"` + omnitest.IDB + `","name":"n","dialect":"exasol"}]}`}}, inventory.ErrGone, 0},
		"the connection fails":  {answers{refresh: {"404"}, models: {none}, "GET connections/" + a: {"500"}}, nil, 500},
		"something else failed": {answers{refresh: {"403"}, models: {none}}, nil, 403},
	} {
		s := omnitest.New(t, "v1", c.server.serve())
		id, err := inventory.New(s.Client).RefreshSchema(t.Context(), a, nil)
		refreshes := slices.DeleteFunc(s.Sent(), func(r string) bool { return !strings.HasPrefix(r, "POST") })
		if want := map[bool]int{true: 2, false: 1}[name == "another id"]; len(refreshes) != want {
			t.Errorf("%s: sent %q", name, refreshes)
		}
		e, ok := httpclient.AsError(err)
		switch {
		case c.status != 0 && (!ok || e.Status != c.status || errors.Is(err, inventory.ErrNoSchemaModel) || errors.Is(err, inventory.ErrGone)):
			t.Errorf("%s: %v", name, err)
		case c.want != nil && !errors.Is(err, c.want):
			t.Errorf("%s: %v", name, err)
		case c.status == 0 && c.want == nil && (err != nil || id != "j"):
			t.Errorf("%s: %q, %v", name, id, err)
		}
	}
}

// What a server says of a failure is repeated, and a job that cannot be asked about
// has not ended.
func TestJobsThatFail(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`{"status":"FAILED"}`:                            "job j ended with the status FAILED",
		`{"status":"FAILED","detail":"d","message":"m"}`: "job j ended with the status FAILED: m",
		`{"status":"FAILED","detail":"d"}`:               "job j ended with the status FAILED: d",
		`{"status":"FAILED","error":"e","message":"m"}`:  "job j ended with the status FAILED: e",
		`{}`: `the JSON has no "status"`,
	} {
		s := omnitest.New(t, "v1", omnitest.Always(http.StatusOK, answer))
		if err := inventory.New(s.Client).AwaitJob(t.Context(), "j", func(string) {}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", answer, err)
		}
	}
	s := omnitest.New(t, "v1", omnitest.Always(http.StatusOK, `{"status":"RUNNING"}`))
	ctx, cancel := context.WithCancel(t.Context())
	if err := inventory.New(s.Client).AwaitJob(ctx, "j", func(string) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestJobsInEverySpelling(t *testing.T) {
	t.Parallel()
	for status, fails := range map[string]bool{"COMPLETED": false, "completed": false, "Failed": true, "FAILED": true} {
		synctest.Test(t, func(t *testing.T) {
			first := true
			s := omnitest.New(t, "v1", func(*http.Request, string) (int, string) {
				if first {
					first = false
					return 200, `{"job_id":"j","job_type":"refresh_schema","status":"QUEUED"}`
				}
				return 200, `{"job_id":"j","job_type":"REFRESH_SCHEMA","status":"` + status + `"}`
			})
			seen := map[string]bool{}
			err := inventory.New(s.Client).AwaitJob(t.Context(), "j", func(status string) { seen[status] = true })
			if _, failed := errors.AsType[*inventory.JobFailedError](err); failed != fails || !failed && err != nil {
				t.Errorf("%s: %v", status, err)
			}
			if got := slices.Sorted(maps.Keys(seen)); !slices.Contains(got, "QUEUED") || len(got) != 2 {
				t.Errorf("seen %q", got)
			}
		})
	}
}

// A job is asked about less and less often, up to a longest wait.
func TestJobIsAskedAboutAtGrowingIntervals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var asked []time.Duration
		s := omnitest.New(t, "v1", func(*http.Request, string) (int, string) {
			if asked = append(asked, time.Since(began)); len(asked) == 7 {
				return http.StatusOK, `{"status":"COMPLETED"}`
			}
			return http.StatusOK, `{"status":"RUNNING"}`
		})
		if err := inventory.New(s.Client).AwaitJob(t.Context(), "j", func(string) {}); err != nil {
			t.Fatal(err)
		}
		const half = time.Second / 2
		want := []time.Duration{0, half, 3 * half, 7 * half, 15 * half, 25 * half, 35 * half}
		if !slices.Equal(asked, want) {
			t.Errorf("asked after %s, want %s", asked, want)
		}
	})
}

// Only a 404 says that there is no connection, whatever the words of another refusal.
func TestSchemaModelThatIsRefused(t *testing.T) {
	t.Parallel()
	s := omnitest.New(t, "v1", omnitest.Always(http.StatusForbidden, `{"detail":"The role does not exist"}`))
	if m, isNew, err := inventory.New(s.Client).RegisterSchemaModel(t.Context(), omnitest.IDA); m != nil || isNew || errors.Is(err, inventory.ErrGone) || !httpclient.IsForbidden(err) {
		t.Errorf("%v %t %v", m, isNew, err)
	}
}
