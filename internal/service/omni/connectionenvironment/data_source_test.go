// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectionenvironment_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

func TestPluralDataSource(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{EnvironmentList: true}, 4) // 0 and 3 are bases
	first := s.AddEnvironment(s.connections[0], s.connections[2], "b", "a")
	second := s.AddEnvironment(s.connections[0], s.connections[1])
	third := s.AddEnvironment(s.connections[3], s.connections[1], "a")
	listed := func(id, base, connection, name string, values ...string) string {
		return fmt.Sprint(map[string]any{
			"id": id, "base_connection_id": base, "connection_id": connection, "connection_name": name, "user_attribute_values": append([]string{}, values...),
		})
	}
	ofFirst := []string{
		listed(second, s.connections[0], s.connections[1], "1"),
		listed(first, s.connections[0], s.connections[2], "2", "a", "b"),
	}
	ofThird := []string{listed(third, s.connections[3], s.connections[1], "1", "a")}
	all := append(append([]string{}, ofFirst...), ofThird...)
	if s.connections[3] < s.connections[0] {
		all = append(append([]string{}, ofThird...), ofFirst...)
	}
	for _, c := range []struct {
		config map[string]any
		want   []string
	}{
		{map[string]any{"base_connection_id": s.connections[0]}, ofFirst},
		{map[string]any{"base_connection_id": strings.ToUpper(s.connections[3])}, ofThird},
		{map[string]any{"base_connection_id": s.connections[1]}, nil},
		{nil, all},
	} {
		got, diags := s.p.ReadDataSource(environmentType+"s", c.config)
		diags.RequireNone(t)
		var texts []string
		for _, e := range got["environments"].([]any) {
			texts = append(texts, fmt.Sprint(e))
		}
		if strings.Join(texts, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%v:\n%s\nwant\n%s", c.config, strings.Join(texts, "\n"), strings.Join(c.want, "\n"))
		}
	}
	if got := s.CountRequests("", ""); got != 2 {
		t.Errorf("%d requests: two lists serve all", got)
	}
}

// The order is that of bases, names and ids, whatever the server's is.
func TestPluralDataSourceIsSorted(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{EnvironmentList: true}, 3)
	bases := slices.Sorted(slices.Values(s.connections))
	want := [][3]string{
		{bases[0], s.connections[1], "2"},
		{bases[0], s.connections[1], "3"},
		{bases[0], s.connections[2], "1"},
		{bases[1], s.connections[0], "0"},
	}
	var items []string
	for _, e := range slices.Backward(want) {
		items = append(items, fmt.Sprintf(`{"baseConnectionId":%q,"connectionId":%q,"id":%q}`, e[0], e[1], e[2]))
	}
	s.Faults().Add(fault.Answer(http.StatusOK, `{"connectionEnvironments":[`+strings.Join(items, ",")+`]}`).On(http.MethodGet, environmentsRoute))
	got, diags := s.p.ReadDataSource(environmentType+"s", nil)
	diags.RequireNone(t)
	all, _ := got["environments"].([]any)
	if len(all) != len(want) {
		t.Fatalf("%v", all)
	}
	for i, e := range all {
		if e, _ := e.(map[string]any); e["base_connection_id"] != want[i][0] || e["connection_id"] != want[i][1] || e["id"] != want[i][2] {
			t.Errorf("%d is %v, not %v", i, e, want[i])
		}
	}
}

func TestPluralDataSourceRefused(t *testing.T) {
	t.Parallel()
	read := func(s stage, config map[string]any) (map[string]any, protocol.Diagnostics) {
		s.p.Restart()
		return s.p.ReadDataSource(environmentType+"s", config)
	}
	// An empty list would be a lie where the server has none.
	for _, status := range []int{400, 404, 405} {
		s := newStage(t, omnimock.Options{EnvironmentListStatus: status}, 2)
		_, diags := read(s, map[string]any{"base_connection_id": s.connections[0]})
		diags.RequireError(t, "Cannot list Omni connection environments", "does not list connection environments", "user interface")
	}

	s := newStage(t, omnimock.Options{EnvironmentList: true}, 2)
	_, diags := read(s, map[string]any{"base_connection_id": "550e8400-e29b-41d4-a716-446655440000"})
	diags.RequireError(t, "at base_connection_id:", "No such Omni connection")
	_, diags = read(s, map[string]any{"base_connection_id": "base"})
	diags.RequireError(t, "at base_connection_id:", "UUID")

	// One odd environment does not hide the others; that of another base is not
	// even mentioned.
	odd := fmt.Sprintf(`{"connectionEnvironments":[{"id":"odd","baseConnectionId":%q,"userAttributeValues":{"a":1}},{"id":"even","baseConnectionId":%q,"connectionId":"c","userAttributeValues":["x"]}]}`, s.connections[0], s.connections[1])
	for base, warns := range map[string]bool{s.connections[0]: true, s.connections[1]: false} {
		s.Faults().Add(fault.Answer(200, odd).On(http.MethodGet, "/api/v1/connection-environments"))
		got, diags := read(s, map[string]any{"base_connection_id": base})
		diags.RequireOK(t)
		if found := len(got["environments"].([]any)); warns != (len(diags) == 1) || warns == (found == 1) {
			t.Errorf("%d are listed, with\n%s", found, diags)
		}
		if warns {
			diags.RequireWarning(t, "left out", `"odd"`)
			continue
		}
		if name := got["environments"].([]any)[0].(map[string]any)["connection_name"]; name != nil {
			t.Errorf("the name of an unlisted connection is %v", name)
		}
	}

	// One whose base cannot be read may be of any.
	s.Faults().Add(fault.Answer(200, `{"connectionEnvironments":[{"id":"odd","baseConnectionId":7}]}`).On(http.MethodGet, environmentsRoute))
	_, diags = read(s, map[string]any{"base_connection_id": s.connections[0]})
	diags.RequireWarning(t, "left out", `"odd"`)

	// Ids are the same whatever their case.
	upper := fmt.Sprintf(`{"connectionEnvironments":[{"id":"e","baseConnectionId":%q,"connectionId":%q,"userAttributeValues":["x"]}]}`, s.connections[0], strings.ToUpper(s.connections[1]))
	s.Faults().Add(fault.Answer(200, upper).On(http.MethodGet, "/api/v1/connection-environments"))
	got, diags := read(s, nil)
	diags.RequireNone(t)
	if name := got["environments"].([]any)[0].(map[string]any)["connection_name"]; name != "1" {
		t.Errorf("the name of a connection whose id is in capitals is %v", name)
	}

	s.Forbid(http.MethodGet, "/api/v1/connection-environments")
	_, diags = read(s, nil)
	diags.RequireError(t, "it needs the admin role")
	s.Forbid(http.MethodGet, "/api/v1/connections")
	_, diags = read(s, nil)
	diags.RequireError(t, "it needs the admin role")
}

// Whichever call fails, there is no answer; that of the base is about the
// attribute that names it.
func TestPluralDataSourceFails(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{EnvironmentList: true}, 2)
	s.AddEnvironment(s.connections[0], s.connections[1], "a")
	for words, config := range map[string]map[string]any{"at base_connection_id:": {"base_connection_id": s.connections[0]}, "Cannot list": nil} {
		s.p.FailEachCall(s.Host, map[string][]string{"/api/v1/connections": {words}}, func() protocol.Diagnostics {
			_, diags := s.p.ReadDataSource(environmentType+"s", config)
			return diags
		})
	}
}
