// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectionschema_test

import (
	"net/http"
	"reflect"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

func TestRead(t *testing.T) {
	t.Parallel()
	server := reportermock.Start(t, reportermock.Options{})
	server.AddDatabase(reportermock.Database{
		Host: "db.example.com", Port: 5432, DatabaseName: "mydatabase", UserName: "dbuser", Password: "right",
		Tables: map[string][]string{"account": {"name", "id"}, "empty": {}},
	})
	right := server.Add(reportermock.Connection{ConfigName: "right"}, "right")
	wrong := server.Add(reportermock.Connection{ConfigName: "wrong"}, "wrong")
	p := protocol.New(t, protocol.Options())
	p.Configure(protocol.ReporterConfig(server)).RequireOK(t)
	read := func(id string) (map[string]any, protocol.Diagnostics) {
		return p.ReadDataSource("dataconn_reporter_connection_schema", map[string]any{"connection_id": id})
	}

	got, diags := read(right)
	diags.RequireNone(t)
	want := map[string]any{
		"connection_id": right, "config_name": "right", "database_name": "mydatabase", "type": "POSTGRESQL",
		"tables": []any{
			map[string]any{"name": "account", "fields": []string{"id", "name"}},
			map[string]any{"name": "empty", "fields": []string{}},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}

	_, diags = read(wrong)
	diags.RequireError(t, "at connection_id:", "cannot connect to the database", "The adapter failed to connect to the target data source")
	if n := server.CountRequests(http.MethodGet, "/v1/management/connections/*/schema"); n != 2 {
		t.Errorf("%d requests for two reads", n) // a wrong password tried again can lock an account
	}
	_, diags = read("01a203f9-7cfc-732d-9a64-ee1583d54da2")
	diags.RequireError(t, "at connection_id", "No such Reporter connection")
	server.ResetRequests()
	_, diags = read("right")
	if diags.RequireError(t, "at connection_id:", "UUID"); len(diags) != 1 || server.CountRequests("", "") != 0 {
		t.Errorf("%d requests\n%s", server.CountRequests("", ""), diags)
	}
	server.Faults().Add(fault.NotJSON())
	_, diags = read(right)
	diags.RequireError(t, "at connection_id:", "Cannot read the schema of Reporter connection "+right)
	server.Faults().Add(fault.Answer(http.StatusForbidden, `{"code":"AUT-0001","message":"no right"}`))
	_, diags = read(right)
	diags.RequireError(t, "at connection_id:", "it needs the action get on the resource connections")
	server.Faults().Add(fault.Answer(http.StatusGone, `{"message":"gone"}`))
	_, diags = read(right)
	diags.RequireError(t, "at connection_id:", "No such Reporter connection")
}
