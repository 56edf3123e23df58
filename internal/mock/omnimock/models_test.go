// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// A connection has no schema model until somebody asks for one, and then for good.
func TestSchemaModelRegistered(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	id := c.create(postgres("one"))
	body := object{"connectionId": id, "modelKind": "SCHEMA"}
	if got := c.must("GET", "/models?modelKind=SCHEMA", nil)["records"].([]any); len(got) != 0 {
		t.Errorf("from the start there are %v", got)
	}
	want := object{"success": true, "model": object{"id": id, "modelKind": "SCHEMA", "name": "one"}}
	if got := c.must("POST", "/models", body); !reflect.DeepEqual(got, want) {
		t.Errorf("made %v", got)
	}
	c.refused("POST", "/models", body, 400, "Schema model already exists for the connection")
	c.refused("POST", "/models", object{"connectionId": id}, 400, "Schema model already exists for the connection") // the default kind
	c.refused("DELETE", "/models/"+id, nil, 400, "Cannot delete a model with kind SCHEMA")
	c.must("PATCH", "/connections/"+id, object{"name": "two"})
	record := c.must("GET", "/models?modelKind=SCHEMA", nil)["records"].([]any)[0].(object)
	if record["id"] != id || record["connectionId"] != id || record["name"] != "two" { // its name is always the connection's
		t.Errorf("listed %v", record)
	}
	c.must("POST", "/connections/"+id+"/schedules", daily()) // which needs no look into the database
	if c.SchemaModelRefreshed(id) || c.SchemaModelRefreshed(unknownID) {
		t.Error("registering read the database")
	}
	c.RemoveSchemaModel(id)
	c.must("POST", "/models", body)
}

// A shared model needs a schema model that was refreshed.
func TestSharedModel(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	id := c.create(postgres("one"))
	shared := object{"connectionId": id, "modelKind": "SHARED", "modelName": "Sales"}
	c.refused("POST", "/models", shared, 400, "Schema model does not exist for the connection")
	c.must("POST", "/models", object{"connectionId": id})
	notYet := "Schema model of connection " + id + " has no schema yet"
	c.refused("POST", "/models", shared, 404, notYet)
	job := c.must("POST", "/models/"+id+"/refresh", nil)["jobId"].(string)
	c.must("GET", "/jobs/"+job+"/status", nil)
	c.refused("POST", "/models", object{"connectionId": id, "modelKind": "SHARED"}, 400, "Bad Request: modelName: Required")
	made := c.must("POST", "/models", shared)["model"].(object)
	if made["name"] != "Sales" || made["modelKind"] != "SHARED" || !c.SchemaModelRefreshed(id) {
		t.Errorf("made %v", made)
	}
	if other := c.must("GET", "/models?baseModelId="+unknownID, nil)["records"].([]any); len(other) != 0 {
		t.Errorf("listed %v", other)
	}
	listed := c.must("GET", "/models?baseModelId="+id, nil)["records"].([]any) // not the base itself
	if len(listed) != 1 || listed[0].(object)["id"] != made["id"] || listed[0].(object)["connectionId"] != id || listed[0].(object)["baseModelId"] != id {
		t.Errorf("listed %v", listed)
	}
	c.must("DELETE", "/models/"+made["id"].(string), nil)
	c.refused("DELETE", "/models/"+made["id"].(string), nil, 404, "Model with id "+made["id"].(string)+" does not exist")

	failing := newClient(t, omnimock.Options{RefreshFails: true})
	id = failing.create(postgres("one"))
	failing.must("POST", "/models", object{"connectionId": id})
	failing.must("POST", "/models/"+id+"/refresh", nil)
	for range 3 {
		failing.refused("POST", "/models", with(shared, object{"connectionId": id}), 404, "Schema model of connection "+id+" has no schema yet")
	}
	// A server that does it all by itself.
	eager := newClient(t, omnimock.Options{BuildSchemaModels: true})
	id = eager.create(postgres("one"))
	eager.must("POST", "/models", with(shared, object{"connectionId": id}))
}

// Whoever asks for a shared model waits for the refresh of its own base alone.
func TestRefreshesAreApart(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	refresh := func(id string) string { return c.must("POST", "/models/"+id+"/refresh", nil)["jobId"].(string) }
	requireRunning := func(job string) {
		t.Helper()
		if got := c.must("GET", "/jobs/"+job+"/status", nil)["status"]; got != "IN_PROGRESS" {
			t.Errorf("at the first look the job is %v", got)
		}
	}
	id, other := c.create(postgres("one")), c.create(postgres("two"))
	c.must("POST", "/models", object{"connectionId": id})
	c.must("POST", "/models", object{"connectionId": other})
	refresh(id)
	job := refresh(other)
	shared := object{"connectionId": id, "modelKind": "SHARED", "modelName": "Sales"}
	c.refused("POST", "/models", shared, 404, "Schema model of connection "+id+" has no schema yet")
	c.must("POST", "/models", shared)
	requireRunning(job)
	again := refresh(id)
	c.must("POST", "/models", shared)
	requireRunning(again)
}

func TestModelsListed(t *testing.T) {
	t.Parallel()
	began := time.Now().Truncate(time.Millisecond)
	c := newClient(t, omnimock.Options{})
	for _, name := range []string{"a", "b", "c"} {
		c.BuildSchemaModel(c.create(postgres(name)))
	}
	names := func(query string) (all []string) {
		t.Helper()
		for _, record := range c.must("GET", "/models?"+query, nil)["records"].([]any) {
			all = append(all, record.(object)["name"].(string))
		}
		return all
	}
	page := c.must("GET", "/models?pageSize=3", nil)
	if info := page["pageInfo"].(object); info["hasNextPage"] != false || info["nextCursor"] != nil {
		t.Errorf("a page that is full and the last has %v", info)
	}
	for _, record := range page["records"].([]any) {
		if at, err := time.Parse(time.RFC3339, record.(object)["createdAt"].(string)); err != nil || at.Before(began) || record.(object)["updatedAt"] != record.(object)["createdAt"] {
			t.Errorf("%v, %v", record, err)
		}
	}
	if ids := c.SchemaModels(); len(ids) != 3 || !slices.IsSorted(ids) {
		t.Errorf("%v", ids)
	}
	latest := names("")
	for _, query := range []string{"include=activeBranches", "includeDeleted=false", "sortField=updatedAt", "sortDirection=desc", "pageSize=100"} {
		if got := names(query); len(got) != 3 || !slices.Equal(got, latest) {
			t.Errorf("%s: %v, not %v", query, got, latest)
		}
	}
	slices.Reverse(latest)
	if got := names("sortDirection=asc"); !slices.Equal(got, latest) {
		t.Errorf("%v, not %v", got, latest)
	}
	if got := names("name=b"); !slices.Equal(got, []string{"b"}) {
		t.Errorf("%v", got)
	}
	const bad = "Bad Request: "
	for query, detail := range map[string]string{
		"include=branches":    bad + "include: Invalid enum value. Expected 'activeBranches', received 'branches'",
		"includeDeleted=1":    bad + "includeDeleted: Invalid enum value. Expected 'true' | 'false', received '1'",
		"sortField=name":      bad + "sortField: Invalid enum value. Expected 'updatedAt', received 'name'",
		"sortDirection=down":  bad + "sortDirection: Invalid enum value. Expected 'asc' | 'desc', received 'down'",
		"modelKind=schema":    bad + "modelKind: Invalid enum value. Expected 'SCHEMA' | 'SHARED' | 'SHARED_EXTENSION' | 'BRANCH' | 'WORKBOOK' | 'QUERY', received 'schema'",
		"baseModelId=x":       bad + "baseModelId: Invalid uuid",
		"modelId=x":           bad + "modelId: Invalid uuid",
		"pageSize=0":          bad + "pageSize: Number must be between 1 and 100",
		"pageSize=x":          bad + "pageSize: Number must be between 1 and 100",
		"cursor=" + unknownID: bad + "cursor: Invalid cursor",
	} {
		c.refused("GET", "/models?"+query, nil, 400, detail)
	}
}

func TestModelRefused(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	id := c.create(postgres("one"))
	const bad = "Bad Request: "
	for _, test := range []struct {
		body   any
		status int
		detail string
	}{
		{"{", 400, bad + "Invalid JSON"},
		{object{"modelKind": "SCHEMA"}, 400, bad + "connectionId: Required"},
		{object{"connectionId": "x"}, 400, bad + "connectionId: Invalid uuid"},
		{object{"connectionId": 1}, 400, bad + "connectionId: Expected string, received number"},
		{object{"connectionId": id, "modelKind": "schema"}, 400, bad + "modelKind: Invalid enum value. Expected 'SCHEMA' | 'SHARED' | 'SHARED_EXTENSION' | 'BRANCH', received 'schema'"},
		{object{"connectionId": id, "modelKind": "BRANCH", "modelName": "n", "baseModelId": id, "allowAsWorkbookBase": true, "usesIsolatedBranches": true, "accessGrants": nil}, 400, "omnimock makes models of the kinds SCHEMA and SHARED only"},
		{object{"connectionId": id, "name": "n"}, 400, bad + "formErrors: Unrecognized key(s) in object: 'name'"},
		{object{"connectionId": id, "modelName": "n"}, 400, bad + "formErrors: Unrecognized key(s) in object: 'modelName'"},
		{object{"connectionId": unknownID}, 404, "Connection with id " + unknownID + " does not exist"},
	} {
		c.refused("POST", "/models", test.body, test.status, test.detail)
	}
	c.refused("POST", "/models?connectionId="+id, object{"connectionId": id}, 400, bad+"formErrors: Unrecognized key(s) in object: 'connectionId'")
	c.refused("DELETE", "/models/"+unknownID, nil, 404, "Model with id "+unknownID+" does not exist")
	if got := c.SchemaModels(); len(got) != 0 {
		t.Errorf("there are %v", got)
	}
}
