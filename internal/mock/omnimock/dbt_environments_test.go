// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/failtest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

func TestDBTEnvironmentLife(t *testing.T) {
	t.Parallel()
	c, id, path := dbtClient(t, omnimock.Options{})
	path += "/environments"
	c.refused("POST", path, object{"name": "n", "targetSchema": "s"}, 400, "dbt not configured for this connection")
	c.EditDBT(id, func(config *omnimock.DBT) {
		if key := config.DeployKey; key == "" || *config != (omnimock.DBT{AuthMethod: "ssh", SSHURL: "git@github.com:org/repo.git", Branch: "main", DBTVersion: "Auto", DeployKey: key}) {
			t.Errorf("at first it is %+v", config)
		}
	})
	c.EditDBT(id, func(config *omnimock.DBT) { config.Branch = "dev" })
	c.EditDBT(id, func(config *omnimock.DBT) { config.DBTVersion = "1.11" })
	if config, _ := c.DBT(id); config.Branch != "dev" || config.DBTVersion != "1.11" {
		t.Errorf("%+v", config)
	}
	created := c.must("POST", path, object{"name": "n", "targetSchema": "s"})
	environment, _ := created["id"].(string)
	want := object{
		"id": environment, "name": "n", "isDefaultEnvironment": false, "ownerId": nil, "targetDatabase": nil,
		"targetName": nil, "targetRole": nil, "targetSchema": "s", "variables": []any{},
	}
	requireEqual(t, created, want)
	withSecret := c.must("POST", path, object{"name": "o", "targetSchema": "s", "variables": []object{{"name": "A", "value": "hidden-0", "isSecret": true}}})
	if got, _ := c.Secret(withSecret["variables"].([]any)[0].(object)["id"].(string), "value"); got != "hidden-0" {
		t.Errorf("the secret is %q", got)
	}
	c.must("DELETE", path+"/"+withSecret["id"].(string), nil)
	one := path + "/" + environment
	owner := c.AddMember()
	updated := c.must("PUT", one, object{
		"name": "m", "targetSchema": "s2", "ownerId": owner, "targetDatabase": "d", "targetName": "t", "targetRole": "r",
		"variables": []object{{"name": "PLAIN", "value": "", "isSecret": false}, {"name": "SECRET", "value": "hidden-1", "isSecret": true}},
	})
	variables := updated["variables"].([]any)
	plain, sealed := variables[0].(object), variables[1].(object)
	requireEqual(t, plain, object{"id": plain["id"], "name": "PLAIN", "value": "", "isSecret": false})
	requireEqual(t, sealed, object{"id": sealed["id"], "name": "SECRET", "value": nil, "isSecret": true})
	requireEqual(t, updated, object{
		"id": environment, "name": "m", "isDefaultEnvironment": false, "ownerId": owner, "targetDatabase": "d",
		"targetName": "t", "targetRole": "r", "targetSchema": "s2", "variables": variables,
	})
	value := func() string {
		v, _ := c.Secret(sealed["id"].(string), "value")
		return v
	}
	if value() != "hidden-1" {
		t.Errorf("the secret is %q", value())
	}
	put := func(variables ...object) object {
		t.Helper()
		return c.must("PUT", one, object{"name": "m", "targetSchema": "s2", "variables": variables})
	}
	// By id: a secret without a value stays, and what is left out ends.
	answer := put(object{"id": sealed["id"], "isSecret": true}, object{"id": plain["id"], "isSecret": false, "value": "new"})
	if value() != "hidden-1" || answer["variables"].([]any)[1].(object)["value"] != "new" || answer["ownerId"] != nil {
		t.Errorf("%v, the secret is %q", answer, value())
	}
	put(object{"id": sealed["id"], "isSecret": true, "value": "hidden-2"})
	if value() != "hidden-2" {
		t.Errorf("the secret is %q", value())
	}
	put(object{"id": sealed["id"], "isSecret": true, "value": nil})
	if value() != "hidden-2" {
		t.Errorf("the secret is %q", value())
	}
	c.must("PUT", one, object{"name": "n", "targetSchema": "s"})
	requireEqual(t, c.must("GET", path, nil), object{
		"pageInfo": object{"hasNextPage": false, "nextCursor": nil, "pageSize": 20.0, "totalRecords": 1.0}, "records": []any{want},
	})
	if value() != "" {
		t.Errorf("the secret is %q", value())
	}
	requireEqual(t, c.must("DELETE", one, nil), object{"success": true, "message": "dbt environment deleted successfully"})
	c.refused("DELETE", one, nil, 404, "Connection or environment not found")
	c.refused("PUT", one, object{"name": "n", "targetSchema": "s"}, 404, "Connection or environment not found")
}

func TestDBTEnvironmentRefused(t *testing.T) {
	t.Parallel()
	const bad = "Bad Request: "
	c, id, path := dbtClient(t, omnimock.Options{})
	c.EditDBT(id, func(*omnimock.DBT) {})
	path += "/environments"
	environment := c.AddDBTEnvironment(id, omnimock.DBTEnvironment{Name: "n", TargetSchema: "s", Variables: []omnimock.DBTVariable{secretVariable("S", "v"), {Name: "P", Value: new(string)}}})
	had := c.DBTEnvironments(id)[0].Variables
	valid := object{"name": "n", "targetSchema": "s"}
	variables := func(items ...any) object { return with(valid, object{"variables": items}) }
	for _, test := range []struct {
		body   any
		detail string
	}{
		{object{}, bad + "name: Required"},
		{object{"name": "n"}, bad + "targetSchema: Required"},
		{with(valid, object{"name": ""}), bad + "name: String must contain at least 1 character(s)"},
		{with(valid, object{"targetSchema": ""}), bad + "targetSchema: String must contain at least 1 character(s)"},
		{with(valid, object{"targetRole": 1}), bad + "targetRole: Expected string, received number"},
		{with(valid, object{"isDefaultEnvironment": true}), bad + "formErrors: Unrecognized key(s) in object: 'isDefaultEnvironment'"},
		{with(valid, object{"ownerId": unknownID}), bad + "ownerId: User is not a member of the organization"},
		{withNull(valid, object{"variables": nil}), bad + "variables: Expected array, received null"},
		{variables("x"), bad + "variables.0: Expected object, received string"},
		{variables(object{"name": "A", "isSecret": true}), bad + "variables.0.value: Required"},
		{variables(object{"name": "A", "value": "v"}), bad + "variables.0.isSecret: Required"},
		{variables(object{"name": "", "value": "v", "isSecret": true}), bad + "variables.0.name: String must contain at least 1 character(s)"},
		{variables(object{"name": "A", "value": nil, "isSecret": true}), bad + "variables.0.value: Expected string, received null"},
		{variables(object{"name": "A", "value": "v", "isSecret": true, "x": 1}), bad + "formErrors: Unrecognized key(s) in object: 'x'"},
		{variables(object{"name": "A", "value": "v", "isSecret": true}, object{"name": "A", "value": "v", "isSecret": false}), bad + "variables: Duplicate variable name 'A'"},
	} {
		c.refused("POST", path, test.body, 400, test.detail)
		c.refused("PUT", path+"/"+environment, test.body, 400, test.detail)
	}
	for _, test := range []struct {
		item   object
		detail string
	}{
		{object{"id": had[0].ID, "name": "S", "isSecret": true}, bad + "formErrors: Unrecognized key(s) in object: 'name'"},
		{object{"id": had[0].ID, "isSecret": false, "value": "v"}, bad + "variables.0.isSecret: Cannot be changed"},
		{object{"id": had[1].ID, "isSecret": false}, bad + "variables.0.value: Required"},
		{object{"id": unknownID, "isSecret": true}, bad + "variables.0.id: Variable not found"},
		{object{"id": 1, "isSecret": true}, bad + "variables.0.id: Expected string, received number"},
		{object{"id": "x", "isSecret": true}, bad + "variables.0.id: Invalid uuid"},
	} {
		c.refused("PUT", path+"/"+environment, variables(test.item), 400, test.detail)
	}
	for query, detail := range map[string]string{
		"pageSize=0":         "pageSize: Number must be greater than or equal to 1",
		"pageSize=101":       "pageSize: Number must be less than or equal to 100",
		"pageSize=x":         "pageSize: Expected number, received nan",
		"sortField=id":       "sortField: Invalid enum value. Expected 'name', received 'id'",
		"sortDirection=down": "sortDirection: Invalid enum value. Expected 'asc' | 'desc', received 'down'",
		"cursor=%25":         "cursor: Invalid cursor",
		"name=n":             "formErrors: Unrecognized key(s) in object: 'name'",
	} {
		c.refused("GET", path+"?"+query, nil, 400, bad+detail)
	}
	isDefault := c.AddDBTEnvironment(id, omnimock.DBTEnvironment{Name: "default", TargetSchema: "s", IsDefault: true})
	c.refused("DELETE", path+"/"+isDefault, nil, 400, "Cannot delete the default environment")
	other := c.create(postgres("other"))
	c.refused("DELETE", "/connections/"+other+"/dbt/environments/"+environment, nil, 404, "Connection or environment not found")
	c.refused("GET", path+"/"+environment, nil, 405, "Method Not Allowed")
	if got := c.DBTEnvironments(id); len(got) != 2 {
		t.Errorf("%v", got)
	}
	c.RemoveDBTEnvironment(environment)
	if got := c.DBTEnvironments(id); len(got) != 1 || got[0].ID != isDefault {
		t.Errorf("%v", got)
	}
}

func TestDBTEnvironmentPages(t *testing.T) {
	t.Parallel()
	c, id, path := dbtClient(t, omnimock.Options{})
	path += "/environments"
	var names []string
	for n := range 45 {
		names = append(names, fmt.Sprintf("n%d", n/2)) // most share a name
		c.AddDBTEnvironment(id, omnimock.DBTEnvironment{Name: names[n], TargetSchema: "s"})
	}
	if all := c.DBTEnvironments(id); !slices.IsSortedFunc(all, func(a, b omnimock.DBTEnvironment) int { return strings.Compare(a.ID, b.ID) }) {
		t.Errorf("not by id: %v", all)
	}
	for query, size := range map[string]int{"": 20, "&sortDirection=asc&sortField=name": 20, "&pageSize=100": 100, "&pageSize=1": 1} {
		var got []string
		seen := map[string]bool{}
		for cursor, more := "", true; more; {
			answer := c.must("GET", path+"?"+strings.TrimPrefix(query+cursor, "&"), nil)
			page, info := answer["records"].([]any), answer["pageInfo"].(object)
			if len(page) > size || info["pageSize"] != float64(size) || info["totalRecords"] != 45.0 {
				t.Errorf("%s: %d records, %v", query, len(page), info)
			}
			for _, item := range page {
				got = append(got, item.(object)["name"].(string))
				seen[item.(object)["id"].(string)] = true
			}
			next, _ := info["nextCursor"].(string)
			cursor, more = "&cursor="+next, info["hasNextPage"].(bool)
		}
		want := slices.Sorted(slices.Values(names))
		if !strings.Contains(query, "asc") {
			slices.Reverse(want)
		}
		if !slices.Equal(got, want) || len(seen) != 45 {
			t.Errorf("%s: %d different, %v", query, len(seen), got)
		}
	}

	c, id, path = dbtClient(t, omnimock.Options{BareDBTEnvironmentList: true})
	c.AddDBTEnvironment(id, omnimock.DBTEnvironment{Name: "n", TargetSchema: "s"})
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", v1+path+"/environments", nil)
	r.Header.Set("Authorization", "Bearer "+c.Token())
	c.ServeHTTP(w, r)
	var list []object
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || len(list) != 1 || list[0]["name"] != "n" {
		t.Errorf("%v: %s", err, w.Body)
	}
}

func TestEditDBTEnvironment(t *testing.T) {
	t.Parallel()
	c, id, _ := dbtClient(t, omnimock.Options{})
	given := []omnimock.DBTVariable{secretVariable("A", "v")}
	environment := c.AddDBTEnvironment(id, omnimock.DBTEnvironment{Name: "n", TargetSchema: "s", Variables: given})
	if given[0].ID != "" || given[0].Value == nil {
		t.Errorf("what was handed in became %+v", given)
	}
	c.EditDBTEnvironment(environment, func(e *omnimock.DBTEnvironment) {
		e.Name, e.Variables = "m", append(e.Variables, secretVariable("B", "w"))
	})
	got := c.DBTEnvironments(id)[0]
	if got.Name != "m" || got.TargetSchema != "s" || len(got.Variables) != 2 || got.Variables[0].ID == got.Variables[1].ID {
		t.Fatalf("%+v", got)
	}
	for i, want := range []string{"v", "w"} {
		if value, _ := c.Secret(got.Variables[i].ID, "value"); value != want || got.Variables[i].Value != nil {
			t.Errorf("%+v has the value %q", got.Variables[i], value)
		}
	}
	failtest.RequirePanics(t, map[string]func(){
		"edit":          func() { c.EditDBTEnvironment(unknownID, func(*omnimock.DBTEnvironment) {}) },
		"no connection": func() { c.EditDBT(unknownID, func(*omnimock.DBT) {}) },
	})
}
