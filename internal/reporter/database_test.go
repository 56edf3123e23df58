// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

var database = reportermock.Database{
	Host: "db.example.com", Port: 5432, DatabaseName: "mydatabase", UserName: "dbuser", Password: "a-secret-password",
	Tables: map[string][]string{"account": {"name", "id"}, "other.t": {"x"}},
}

func TestTestConnection(t *testing.T) {
	t.Parallel()
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
}

func TestTestsOfOneConnectionWaitAlone(t *testing.T) {
	t.Parallel()
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

func TestValidateSchema(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{Databases: []reportermock.Database{database}})
	s.create(t, postgres("one"))
	down := postgres("down")
	down.Password = secret.New("wrong")
	s.create(t, down)
	problems, err := s.ValidateSchema(t.Context(), reporter.MappedFields{"one": {"account": {"id"}}})
	if err != nil || len(problems) != 0 {
		t.Errorf("%+v, %v", problems, err)
	}
	problems, err = s.ValidateSchema(t.Context(), reporter.MappedFields{
		"one": {"account": {"id", "no"}, `odd "table"`: {"x"}}, "nobody": {"t": {"f"}}, "down": {"t": {"f"}},
	})
	want := []reporter.SchemaProblem{
		{Type: "DATA_SOURCE_DOWN", ConfigName: "down"},
		{Type: "DATA_SOURCE_NOT_FOUND", ConfigName: "nobody"},
		{Type: "FIELD_NOT_FOUND", ConfigName: "one", Table: "account", Field: "no"},
		{Type: "TABLE_NOT_FOUND", ConfigName: "one", Table: `odd "table"`},
	}
	if err != nil || !reflect.DeepEqual(problems, want) {
		t.Errorf("%+v, %v", problems, err)
	}
	if _, err = s.ValidateSchema(t.Context(), reporter.MappedFields{"nobody": {"t": {"f"}}}); !reporter.IsNoConnections(err) {
		t.Error(err)
	}
	if _, err = s.ValidateSchema(t.Context(), nil); !reflect.DeepEqual(reporter.FieldErrors(err), map[string]string{"mappedFields": "mappedFields is a required field"}) {
		t.Error(err)
	}
}

func TestDataSources(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{DataSources: []reportermock.DataSource{
		{ID: "midaz_onboarding", ExternalName: "onboarding", Type: "postgresql", Tables: map[string][]string{"account": {"id"}}},
	}})
	all, err := s.ListDataSources(t.Context())
	if err != nil || len(all) != 1 || all[0].ID != "midaz_onboarding" || all[0].Tables != nil {
		t.Errorf("%+v, %v", all, err)
	}
	one, err := s.GetDataSource(t.Context(), "midaz_onboarding")
	if err != nil || one.ExternalName != "onboarding" || !reflect.DeepEqual(one.Tables, []reporter.Table{{Name: "account", Fields: []string{"id"}}}) {
		t.Errorf("%+v, %v", one, err)
	}
	if _, err := s.GetDataSource(t.Context(), "nobody"); !httpclient.IsNotFound(err) || reporter.IsNoSuchRoute(err) {
		t.Error(err)
	}
	other := start(t, reportermock.Options{})
	if _, err := other.ListDataSources(t.Context()); !reporter.IsNoSuchRoute(err) || httpclient.IsNotFound(err) {
		t.Error(err)
	}
	if _, err := other.GetConnection(t.Context(), "7c1d8249-6bc3-48a0-8d12-568ed70e6abb"); reporter.IsNoSuchRoute(err) {
		t.Error(err)
	}
}
