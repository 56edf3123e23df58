// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter_test

import (
	"context"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
)

var database = reportermock.Database{
	Host: "db.example.com", Port: 5432, DatabaseName: "mydatabase", UserName: "dbuser", Password: "a-secret-password",
	Tables: map[string][]string{"account": {"name", "id"}, "other.t": {"x"}},
}

func TestTestConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := start(t, reportermock.Options{Databases: []reportermock.Database{database}})
		created := s.create(t, postgres("one"))
		result, err := s.TestConnection(t.Context(), created.ID)
		if err != nil || !result.Success || result.Latency <= 0 || result.Message == "" {
			t.Errorf("%+v, %v", result, err)
		}
		s.SetSecret(created.ID, "password", "changed by somebody")
		before := len(s.Requests())
		_, err = s.TestConnection(t.Context(), created.ID)
		if !reporter.IsDatabaseUnreachable(err) || httpclient.IsOutcomeUnknown(err) || len(s.Requests()) != before+1 {
			t.Errorf("%v after %d requests", err, len(s.Requests())-before)
		}
		s.Faults().Add(fault.Answer(200, `{"status":"failure","message":"no","latencyMs":1.5}`))
		if result, err = s.TestConnection(t.Context(), created.ID); err != nil || result.Success || result.Latency != 1500*time.Microsecond {
			t.Errorf("%+v, %v", result, err)
		}
		s.Faults().Add(fault.Answer(200, `{}`))
		if _, err = s.TestConnection(t.Context(), created.ID); !httpclient.IsUnreadable(err) {
			t.Error(err)
		}
		for range 8 {
			_, err = s.TestConnection(t.Context(), created.ID)
		}
		if !reporter.IsDatabaseUnreachable(err) {
			t.Error(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err = s.TestConnection(ctx, created.ID); !httpclient.IsRateLimited(err) && !httpclient.IsTimeout(err) {
			t.Errorf("the eleventh: %v", err)
		}
	})
}

func TestTestsOfOneConnectionWaitAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := start(t, reportermock.Options{AnyDatabase: true, RetryAfter: "600"})
		one, two := s.create(t, postgres("one")), s.create(t, postgres("two"))
		for range 10 {
			if _, err := s.TestConnection(t.Context(), one.ID); err != nil {
				t.Fatal(err)
			}
		}
		// Long enough for all requests, too short for the pause.
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for range 2 {
			if _, err := s.TestConnection(ctx, strings.ToUpper(one.ID)); !httpclient.IsRateLimited(err) || strings.Contains(err.Error(), "max_requests_per_minute") {
				t.Errorf("the eleventh: %v", err)
			}
		}
		if n := s.CountRequests("POST", connectionsPath+"/*/test"); n != 11 {
			t.Errorf("%d tests: the twelfth was sent in the pause", n)
		}
		if _, err := s.TestConnection(ctx, two.ID); err != nil {
			t.Errorf("another connection: %v", err)
		}
		if _, err := s.GetConnection(ctx, one.ID); err != nil {
			t.Errorf("another request: %v", err)
		}
	})
}

func TestGetSchema(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{Databases: []reportermock.Database{database}})
	created := s.create(t, postgres("one"))
	schema, err := s.GetSchema(t.Context(), created.ID)
	want := &reporter.Schema{
		ID: created.ID, ConfigName: "one", DatabaseName: "mydatabase", Type: "POSTGRESQL",
		Tables: []reporter.Table{{Name: "account", Fields: []string{"id", "name"}}},
	}
	if err != nil || !reflect.DeepEqual(schema, want) {
		t.Errorf("%+v, %v", schema, err)
	}
	s.SetSecret(created.ID, "password", "changed by somebody")
	before := len(s.Requests())
	if _, err := s.GetSchema(t.Context(), created.ID); !reporter.IsDatabaseUnreachable(err) || len(s.Requests()) != before+1 {
		t.Errorf("%v after %d requests", err, len(s.Requests())-before)
	}
	s.Faults().Add(fault.Answer(200, `{"tables":[]}`))
	if _, err := s.GetSchema(t.Context(), created.ID); !httpclient.IsUnreadable(err) {
		t.Error(err)
	}
}

func TestDataSources(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{DataSources: []reportermock.DataSource{
		{ID: "midaz_onboarding", ExternalName: "onboarding", Type: "postgresql", Tables: map[string][]string{"account": {"id"}}},
	}})
	all, err := s.ListDataSources(t.Context())
	if want := []reporter.DataSource{{ID: "midaz_onboarding", ExternalName: "onboarding", Type: "postgresql"}}; err != nil || !reflect.DeepEqual(all, want) {
		t.Errorf("%+v, %v", all, err)
	}
	s.Faults().Add(fault.WrongShape())
	s.Faults().Add(fault.Answer(200, `[{"id":"odd","type":7}]`))
	s.Faults().Add(fault.Answer(200, `[{"id":"odd","type":7},{"id":"sound"},{"type":"x"}]`))
	if got, err := s.ListDataSources(t.Context()); err == nil {
		t.Errorf("of three entries none is readable: %+v", got)
	}
	if got, err := s.ListDataSources(t.Context()); err == nil {
		t.Errorf("the only entry is not readable: %+v", got)
	}
	if got, err := s.ListDataSources(t.Context()); err != nil || len(got) != 3 || got[0].ID != "odd" || got[2].Problem == nil || !strings.HasSuffix(got[2].Problem.Error(), `the JSON has no "id"`) || got[0].Problem == nil || got[1] != (reporter.DataSource{ID: "sound"}) {
		t.Errorf("%+v, %v", got, err)
	}
	other := start(t, reportermock.Options{})
	if _, err := other.ListDataSources(t.Context()); !reporter.IsNoSuchRoute(err) || httpclient.IsNotFound(err) {
		t.Error(err)
	}
	if _, err := other.GetConnection(t.Context(), "7c1d8249-6bc3-48a0-8d12-568ed70e6abb"); reporter.IsNoSuchRoute(err) {
		t.Error(err)
	}
	other.Faults().Add(fault.Answer(http.StatusMethodNotAllowed, `{"message":"no"}`))
	if _, err := other.ListDataSources(t.Context()); !reporter.IsNoSuchRoute(err) {
		t.Error(err)
	}
}
