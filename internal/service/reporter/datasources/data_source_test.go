// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package datasources_test

import (
	"net/http"
	"reflect"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

func read(t *testing.T, server *reportermock.Server) (map[string]any, protocol.Diagnostics) {
	t.Helper()
	p := protocol.New(t, protocol.Options())
	p.Configure(protocol.ReporterConfig(server)).RequireOK(t)
	return p.ReadDataSource("dataconn_reporter_data_sources", nil)
}

func TestRead(t *testing.T) {
	t.Parallel()
	server := reportermock.Start(t, reportermock.Options{DataSources: []reportermock.DataSource{
		{ID: "midaz_onboarding", ExternalName: "onboarding", Type: "postgresql"},
		{ID: "plugin_crm", ExternalName: "crm", Type: "mongodb"},
	}})
	got, diags := read(t, server)
	diags.RequireNone(t)
	want := map[string]any{"data_sources": []any{
		map[string]any{"id": "midaz_onboarding", "external_name": "onboarding", "type": "postgresql"},
		map[string]any{"id": "plugin_crm", "external_name": "crm", "type": "mongodb"},
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	server.Faults().Add(fault.NotJSON())
	_, diags = read(t, server)
	diags.RequireError(t, "Cannot list Reporter data sources")
}

// One that cannot be read is left out, and the others are there.
func TestReadOdd(t *testing.T) {
	t.Parallel()
	server := reportermock.Start(t, reportermock.Options{})
	server.Faults().Add(fault.Answer(http.StatusOK, `[{"id":"odd","type":7},{"id":"sound","externalName":"s","type":"mongodb"}]`))
	got, diags := read(t, server)
	if diags.RequireWarning(t, "A Reporter data source is left out", `Data source "odd"`); len(diags) != 1 {
		t.Errorf("%s", diags)
	}
	if want := []any{map[string]any{"id": "sound", "external_name": "s", "type": "mongodb"}}; !reflect.DeepEqual(got["data_sources"], want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A service that manages connections alone has no data sources; one that has none
// to show has an empty list.
func TestReadNone(t *testing.T) {
	t.Parallel()
	_, diags := read(t, reportermock.Start(t, reportermock.Options{}))
	diags.RequireError(t, "This service has no data sources")
	got, diags := read(t, reportermock.Start(t, reportermock.Options{DataSources: []reportermock.DataSource{}}))
	diags.RequireNone(t)
	if list, ok := got["data_sources"].([]any); !ok || len(list) != 0 {
		t.Errorf("got %v", got)
	}
}
