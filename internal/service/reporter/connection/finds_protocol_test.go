// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// What finds connections: by filter, and sorted by name.
func TestProtocolFinds(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{})
	schema, mode := "s", "require"
	old := time.Now().UTC().AddDate(0, -3, 0).Truncate(time.Millisecond)
	ids := map[string]string{}
	for _, c := range []reportermock.Connection{
		{ConfigName: "b", ProductName: "sales", Type: "MYSQL", Host: "h.example.com", Port: 3306, DatabaseName: "d", UserName: "u", Schema: &schema, SSLMode: &mode, Metadata: map[string]any{"team": "x", "n": 1}},
		{ConfigName: "a", ProductName: "ops", Metadata: map[string]any{"team": "y"}},
		{ConfigName: "c", CreatedAt: old},
	} {
		ids[c.ConfigName] = server.Add(c, "x")
	}
	for _, c := range []struct {
		config map[string]any
		want   []string
	}{
		{nil, []string{"a", "b", "c"}},
		{map[string]any{"product_name": "SALES"}, []string{"b"}},
		{map[string]any{"type": "MYSQL"}, []string{"b"}},
		{map[string]any{"metadata": map[string]any{"team": "y"}}, []string{"a"}},
		{map[string]any{"created_after": old.AddDate(0, 1, 0).Format(time.DateOnly)}, []string{"a", "b"}},
		{map[string]any{"created_after": old.Add(-time.Hour).Format(time.RFC3339)}, []string{"a", "b", "c"}},
	} {
		state, diags := p.ReadDataSource(typeName+"s", c.config)
		diags.RequireNone(t)
		var names []string
		all, _ := state["connections"].([]any)
		for _, one := range all {
			object, _ := one.(map[string]any)
			name, _ := object["config_name"].(string)
			names = append(names, name)
			if object["id"] != ids[name] {
				t.Errorf("%v", object)
			}
			if name == "b" {
				delete(object, "created_at")
				delete(object, "updated_at")
				want := map[string]any{
					"id": ids["b"], "product_name": "sales", "config_name": "b", "type": "MYSQL", "host": "h.example.com", "port": int64(3306), "database_name": "d", "user_name": "u", "schema": "s",
					"metadata": map[string]any{"team": "x", "n": "1"}, "ssl": map[string]any{"mode": "require"},
				}
				if !reflect.DeepEqual(object, want) {
					t.Errorf("%v", object)
				}
			}
		}
		if !slices.Equal(names, c.want) {
			t.Errorf("%v finds %q", c.config, names)
		}
		found, diags := p.Query(typeName, c.config, protocol.QueryLimit, true)
		diags.RequireNone(t)
		names = nil
		for _, f := range found {
			name, _ := f.State["config_name"].(string)
			names = append(names, name)
			title := map[string]string{"a": "a (POSTGRESQL, product ops)", "b": "b (MYSQL, product sales)", "c": "c (POSTGRESQL, no product)"}[name]
			if f.Name != title || f.Identity["id"] != ids[name] || f.State["id"] != ids[name] || f.State["test_connection"] != false || (f.State["ssl"] != nil) != (name == "b") {
				t.Errorf("%v", f)
			}
		}
		if !slices.Equal(names, c.want) {
			t.Errorf("a query for %v finds %q", c.config, names)
		}
	}
	if found, _ := p.Query(typeName, nil, 2, false); len(found) != 2 {
		t.Errorf("%d, where two are enough", len(found))
	}
	for want, config := range map[[2]string]map[string]any{
		{"at product_name:", "Invalid"}: {"product_name": "a b"}, {"at type:", "Invalid"}: {"type": "SQLITE"},
		{"at created_after:", "Invalid"}: {"created_after": "yesterday"}, {"at metadata:", "contains a null value"}: {"metadata": map[string]any{"a": nil}},
	} {
		_, diags := p.ReadDataSource(typeName+"s", config)
		diags.RequireError(t, want[:]...)
		_, diags = p.Query(typeName, config, protocol.QueryLimit, false)
		diags.RequireError(t, want[:]...)
	}
	_, diags := p.ReadDataSource(typeName+"s", map[string]any{"created_after": time.Now().AddDate(0, 0, 20).Format(time.DateOnly)})
	diags.RequireWarning(t, "at created_after:", "is in the future")
	words := map[string][]string{list: {"Cannot list Reporter connections", "not allowed to do this: it needs the action get"}}
	p.RefuseEachCall(server.Host, words, func() protocol.Diagnostics {
		_, diags := p.ReadDataSource(typeName+"s", nil)
		return diags
	})
	p.RefuseEachCall(server.Host, words, func() protocol.Diagnostics {
		_, diags := p.Query(typeName, nil, protocol.QueryLimit, false)
		return diags
	})
}

// One connection, by id or by its exact name.
func TestProtocolFindsOne(t *testing.T) {
	t.Parallel()
	server, p := start(t, reportermock.Options{})
	id := server.Add(reportermock.Connection{ConfigName: "n", ProductName: "sales"}, "x")
	for _, config := range []map[string]any{{"config_name": "n"}, {"id": id}, {"id": strings.ToUpper(id)}} {
		state, diags := p.ReadDataSource(typeName, config)
		diags.RequireNone(t)
		if !strings.EqualFold(fmt.Sprint(state["id"]), id) || state["config_name"] != "n" || state["product_name"] != "sales" || config["id"] != nil && state["id"] != config["id"] {
			t.Errorf("%v finds %v", config, state)
		}
	}
	other := "0193" + id[4:]
	for _, c := range []struct {
		config map[string]any
		fault  int
		words  []string
	}{
		{map[string]any{"config_name": "N"}, 0, []string{"at config_name:", "No such Reporter connection", `exactly the name "N"`}},
		{map[string]any{"id": other}, 0, []string{"at id:", "No such Reporter connection", other}},
		{map[string]any{"id": id}, 410, []string{"at id:", "No such Reporter connection"}},
		{map[string]any{"id": id}, 403, []string{"at id:", "Cannot read Reporter connection " + id, "not allowed to do this: it needs the action get"}},
		{map[string]any{"config_name": "n"}, 403, []string{"at config_name:", `Cannot find Reporter connection "n"`, "not allowed to do this: it needs the action get"}},
		{map[string]any{"id": "x"}, 0, []string{"at id:"}},
		{map[string]any{"config_name": ""}, 0, []string{"at config_name:", "is empty"}},
		{map[string]any{}, 0, []string{"one"}},
		{map[string]any{"id": id, "config_name": "n"}, 0, []string{"one"}},
	} {
		p.Restart()
		if c.fault != 0 {
			server.Faults().Add(fault.Answer(c.fault, `{"message":"no"}`).On(http.MethodGet, "").Repeat(fault.Forever))
		}
		_, diags := p.ReadDataSource(typeName, c.config)
		diags.RequireError(t, c.words...)
		server.Faults().Clear()
	}
}

// A moved block takes over what a generic REST provider has: what the service
// answered, else what was sent, and nothing that is secret.
func TestProtocolMove(t *testing.T) {
	t.Parallel()
	const id = "0193aaaa-0000-7000-8000-000000000001"
	body := func(name string) string {
		return `{"configName":"` + name + `","type":"MYSQL","host":"h","port":3306,"databaseName":"d","username":"u","userName":"u","password":"p","ssl":{"mode":"require","key":"k"}}`
	}
	for name, c := range map[string]struct {
		state map[string]any
		want  any // its name
	}{
		"answered": {map[string]any{"api_response": body("answered"), "data": body("sent")}, "answered"},
		"sent":     {map[string]any{"api_response": `{"id":"` + id + `"}`, "data": body("sent")}, "sent"},
		"neither":  {map[string]any{"api_response": `{`, "data": `[]`}, nil},
	} {
		p := protocol.New(t, protocol.Options())
		r := p.Resource(typeName)
		r.Move(protocol.Source{Provider: "registry.terraform.io/mastercard/restapi", Type: "restapi_object", State: protocol.With(c.state, map[string]any{"path": list, "id": strings.ToUpper(id)})}).RequireNone(t)
		if r.Get("id") != id || r.Get("config_name") != c.want || r.Get("test_connection") != false || r.Get("password") != nil || r.Identity()["id"] != id || !strings.Contains(string(r.Private()), "imported") {
			t.Errorf("%s: %v %v %s", name, r.State(), r.Identity(), r.Private())
		}
		if ssl, _ := r.Get("ssl").(map[string]any); c.want != nil && (ssl["mode"] != "require" || ssl["key"] != nil) {
			t.Errorf("%s: %v", name, ssl)
		}
	}
	r := protocol.New(t, protocol.Options()).Resource(typeName)
	r.Move(protocol.Source{Provider: "registry.terraform.io/mastercard/restapi", Type: "restapi_object", State: map[string]any{"path": "/other", "id": id}}).RequireError(t, "Cannot move a restapi_object", "is not that of the connections")
}
