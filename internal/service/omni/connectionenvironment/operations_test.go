// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectionenvironment_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

const environmentsRoute = "/api/v1/connection-environments"

func TestProtocolOperations(t *testing.T) {
	t.Parallel()
	const needs = "it needs the admin role"
	s := newStage(t, omnimock.Options{EnvironmentList: true}, 2)
	of := []string{"Omni connection environment", "(connection " + s.connections[1] + " of base " + s.connections[0] + ")", needs}
	protocol.Operations{
		Host: s.Host, Config: s.config(1, "a"), Changed: s.config(1, "b"),
		Create: append([]string{"Cannot create"}, of...),
		Read:   append([]string{"Cannot read"}, of...),
		Update: append([]string{"Cannot change the values of"}, of...),
		Delete: append([]string{"Cannot delete"}, of...),
	}.Require(s.p, environmentType)
}

func TestProtocolQuery(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{EnvironmentList: true}, 4)
	ids := map[string]string{}
	for base, connection := range map[int]int{0: 1, 2: 3} {
		ids[s.connections[connection]] = s.AddEnvironment(s.connections[base], s.connections[connection], "a")
	}
	for base, want := range map[string]string{"": s.connections[1] + " " + s.connections[3], strings.ToUpper(s.connections[2]): s.connections[3]} {
		config := map[string]any{}
		if base != "" {
			config["base_connection_id"] = base
		}
		found, diags := s.p.Query(environmentType, config, protocol.QueryLimit, true)
		diags.RequireNone(t)
		var got []string
		for _, f := range found {
			connection, _ := f.State["connection_id"].(string)
			got = append(got, connection)
			if f.Identity["id"] != ids[connection] || f.State["id"] != ids[connection] || f.Identity["connection_id"] != connection || f.Identity["base_connection_id"] != f.State["base_connection_id"] || f.State["base_connection_id"] == connection {
				t.Errorf("%v", f)
			}
		}
		if !sameElements(got, strings.Fields(want)) {
			t.Errorf("%q finds %v, want %v", base, got, want)
		}
	}
	if found, _ := s.p.Query(environmentType, nil, 1, false); len(found) != 1 {
		t.Errorf("%d, where one is enough", len(found))
	}
	_, diags := s.p.Query(environmentType, map[string]any{"base_connection_id": "x"}, protocol.QueryLimit, false)
	diags.RequireError(t, "at base_connection_id")
	s.p.RefuseEachCall(s.Host, map[string][]string{environmentsRoute: {"Cannot list Omni connection environments", "it needs the admin role"}}, func() protocol.Diagnostics {
		_, diags := s.p.Query(environmentType, nil, protocol.QueryLimit, false)
		return diags
	})
}

func sameElements(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
