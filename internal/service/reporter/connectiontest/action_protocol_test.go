// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectiontest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

const testType = "dataconn_reporter_connection_test"

func TestProtocolConnectionTest(t *testing.T) {
	t.Parallel()
	server := reportermock.Start(t, reportermock.Options{})
	server.AddDatabase(reportermock.Database{Host: "db.example.com", Port: 5432, DatabaseName: "mydatabase", UserName: "dbuser", Password: "right"})
	right := server.Add(reportermock.Connection{ConfigName: "right"}, "right")
	wrong := server.Add(reportermock.Connection{ConfigName: "wrong"}, "wrong")
	p := protocol.New(t, protocol.Options())
	p.Configure(protocol.With(protocol.ReporterConfig(server), map[string]any{"max_retries": 0})).RequireOK(t)
	test := func(id string) ([]string, protocol.Diagnostics) {
		return p.Invoke(testType, map[string]any{"connection_id": id}, nil)
	}

	messages, diags := test(strings.ToUpper(right))
	diags.RequireNone(t)
	if len(messages) != 2 || messages[0] != "Testing Reporter connection "+right+"." || !strings.Contains(messages[1], right+" works: the test took ") {
		t.Errorf("%q", messages)
	}

	messages, diags = test(wrong)
	diags.RequireError(t, "at connection_id:", "cannot connect to the database", wrong, "The adapter failed to connect to the target data source")
	if len(messages) != 1 || len(diags) != 1 {
		t.Errorf("%q\n%s", messages, diags)
	}
	if n := server.CountRequests(http.MethodPost, "/v1/management/connections/*/test"); n != 2 {
		t.Errorf("%d requests for two tests", n) // a wrong password tried again can lock an account
	}

	// The documentation has a result without success, which today's server has not.
	server.Faults().Add(fault.Answer(200, `{"status":"failure","message":"no route to host","latencyMs":3}`))
	_, diags = test(right)
	diags.RequireError(t, "at connection_id:", "cannot connect to the database", "no route to host")
	_, diags = test("01a203f9-7cfc-732d-9a64-ee1583d54da2")
	diags.RequireError(t, "at connection_id:", "No such Reporter connection")
	for _, f := range []fault.Fault{fault.NotJSON(), fault.WrongShape(), fault.Answer(200, `{"status":"success","latencyMs":"short"}`), fault.Answer(403, `{"code":"AUT-0001","message":"no right"}`)} {
		server.Faults().Add(f)
		_, diags = test(right)
		diags.RequireError(t, "at connection_id:", "Cannot test Reporter connection "+right)
	}
	server.Faults().Add(fault.Answer(403, `{"code":"AUT-0001","message":"no right"}`))
	_, diags = test(right)
	diags.RequireError(t, "it needs the action post on the resource connections")
	_, diags = test("right")
	diags.RequireError(t, "at connection_id:", "UUID")
	p.RequireJudged(server.Host, testType, map[string]any{"connection_id": right})
}

func TestProtocolConnectionTestInterrupted(t *testing.T) {
	t.Parallel()
	server := reportermock.Start(t, reportermock.Options{})
	id := server.Add(reportermock.Connection{ConfigName: "c"}, "p")
	server.Faults().Add(fault.Fault{Hang: true})
	p := protocol.New(t, protocol.Options())
	p.Configure(protocol.ReporterConfig(server)).RequireOK(t)
	_, diags := p.Invoke(testType, map[string]any{"connection_id": id}, func(string) { p.Stop() })
	diags.RequireError(t, "Cannot test Reporter connection "+id)
}

func TestProtocolConnectionTestUnconfigured(t *testing.T) {
	t.Parallel()
	p := protocol.New(t, protocol.Options())
	p.Configure(nil).RequireNone(t)
	_, diags := p.Invoke(testType, map[string]any{"connection_id": "01a203f9-7cfc-732d-9a64-ee1583d54da2"}, nil)
	diags.RequireError(t, "Reporter is not configured", "REPORTER_BASE_URL")
}
