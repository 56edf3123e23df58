// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package schemamodel_test

import (
	"net/http"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

func TestProtocolOperations(t *testing.T) {
	t.Parallel()
	const needs = "it needs Connection Admin on the connection"
	s := newStage(t, omnimock.Options{})
	object := "schema model of Omni connection " + s.connection
	protocol.Operations{
		Host: s.Host, Config: s.config(), Changed: s.config(refreshed()),
		Create: []string{"Cannot register the " + object, needs},
		Read:   []string{"Cannot read the " + object, needs},
	}.Require(s.p, modelType)
}

func TestProtocolQuery(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	second, unnamed := s.AddConnection(map[string]any{"name": "a", "dialect": "exasol"}), s.AddConnection(map[string]any{"name": "a", "dialect": "exasol"})
	for _, id := range []string{s.connection, second, unnamed} {
		s.BuildSchemaModel(id)
	}
	query := func() protocol.Diagnostics {
		_, diags := s.p.Query(modelType, nil, protocol.QueryLimit, false)
		return diags
	}
	found, diags := s.p.Query(modelType, nil, protocol.QueryLimit, true)
	diags.RequireNone(t)
	if len(found) != 3 || found[2].Name != "one" || found[0].State["id"].(string) > found[1].State["id"].(string) {
		t.Fatalf("%v", found)
	}
	for _, f := range found {
		if f.Identity["connection_id"] != f.State["connection_id"] || f.State["id"] != f.State["connection_id"] || f.State["refresh_on_create"] != false || f.State["created_at"] == nil {
			t.Errorf("%v", f)
		}
	}
	s.p.RefuseEachCall(s.Host, map[string][]string{modelsRoute: {"Cannot list the schema models", "Connection Admin on the connection"}}, query)
	// One that cannot be read is left out, one without a name goes by its connection, and
	// the order is not the server's.
	s.p.Restart()
	s.Faults().Add(fault.Answer(http.StatusOK, `{"records":[{"id":"odd","name":7},{"id":"`+s.connection+`","connectionId":"`+s.connection+`","modelKind":"SCHEMA","name":"z"},{"id":"`+second+`","connectionId":"`+second+`","modelKind":"SCHEMA","name":null}],"pageInfo":{"hasNextPage":false}}`).On(http.MethodGet, modelsRoute))
	found, diags = s.p.Query(modelType, nil, protocol.QueryLimit, false)
	if diags.RequireWarning(t, "An Omni schema model is left out", `Schema model "odd"`); len(diags) != 1 || len(found) != 2 || found[0].Name != second || found[1].Name != "z" {
		t.Errorf("%v\n%s", found, diags)
	}
}
