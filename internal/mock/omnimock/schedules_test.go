// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/failtest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

func daily() object { return object{"schedule": "0 2 * * ? *", "timezone": "America/New_York"} }

func TestSchedules(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	id := c.create(postgres("one"))
	path := "/connections/" + id + "/schedules"
	missing := "Connection with id " + id + " does not exist"
	// The connection can be fetched, and yet has no schedules before its model.
	c.get(id)
	c.refused("POST", path, daily(), 404, missing)
	c.refused("GET", path, nil, 404, missing)
	c.BuildSchemaModel(id)
	if listed := c.must("GET", path, nil); !reflect.DeepEqual(listed, object{"schedules": []any{}}) {
		t.Errorf("listed %v", listed)
	}

	status, made := c.send("POST", path, daily())
	schedule, _ := made["scheduleId"].(string)
	if status != 201 || made["createdAt"] != made["updatedAt"] {
		t.Errorf("%d %v", status, made)
	}
	want := object{
		"scheduleId": schedule, "connectionId": id, "schedule": "0 2 * * ? *", "timezone": "America/New_York", "hardRefresh": false,
		"description": made["description"], "disabledAt": nil, "createdAt": made["createdAt"], "updatedAt": made["updatedAt"],
	}
	if !reflect.DeepEqual(made, want) || made["description"] == "" {
		t.Errorf("made %v", made)
	}
	if got := c.must("GET", path+"/"+schedule, nil); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
	second := c.must("POST", path, daily())["scheduleId"] // the same twice is allowed
	if listed := c.must("GET", path, nil)["schedules"].([]any); len(listed) != 2 || second == schedule {
		t.Errorf("listed %v", listed)
	}

	// PUT replaces the whole: what is left out gets its default.
	changed := c.must("PUT", path+"/"+schedule, with(daily(), object{"hardRefresh": true, "timezone": "UTC"}))
	if changed["hardRefresh"] != true || changed["timezone"] != "UTC" || changed["updatedAt"] == made["updatedAt"] || changed["createdAt"] != made["createdAt"] {
		t.Errorf("changed %v", changed)
	}
	if changed = c.must("PUT", path+"/"+schedule, daily()); changed["hardRefresh"] != false {
		t.Errorf("changed %v", changed)
	}

	if answer := c.must("DELETE", path+"/"+schedule, nil); !reflect.DeepEqual(answer, object{"success": true}) {
		t.Errorf("DELETE answered %v", answer)
	}
	c.refused("DELETE", path+"/"+schedule, nil, 404, "Schedule not found")
	c.refused("GET", path+"/"+schedule, nil, 404, "Schedule not found")
	c.must("DELETE", "/connections/"+id, nil)
	c.refused("GET", path+"/"+second.(string), nil, 404, missing)
	if left := c.Schedules(); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

func TestSchedulesRefused(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{BuildSchemaModels: true})
	id, other := c.create(postgres("one")), c.create(postgres("two"))
	path := "/connections/" + id + "/schedules"
	schedule := "/" + c.must("POST", path, daily())["scheduleId"].(string)
	const bad = "Bad Request: "
	for _, test := range []struct {
		body   any
		detail string
	}{
		{"{", bad + "Invalid JSON"},
		{"", bad + "Invalid JSON"},
		{object{"timezone": "UTC"}, bad + "schedule: Required"},
		{object{"schedule": "0 2 * * ? *"}, bad + "timezone: Required"},
		{with(daily(), object{"schedule": 1}), bad + "schedule: Expected string, received number"},
		{with(daily(), object{"hardRefresh": "yes"}), bad + "hardRefresh: Expected boolean, received string"},
		{`{"schedule":"0 2 * * ? *","timezone":"UTC","hardRefresh":null}`, bad + "hardRefresh: Expected boolean, received null"},
		{with(daily(), object{"description": "d"}), bad + "formErrors: Unrecognized key(s) in object: 'description'"},
		{with(daily(), object{"schedule": "cron(0 2 * * ? *)"}), "Invalid cron expression"},
		{with(daily(), object{"schedule": "0 2 * * *"}), "Invalid cron expression"},
		{with(daily(), object{"timezone": "Mars/Base"}), "Invalid timezone"},
		{with(daily(), object{"timezone": "Local"}), "Invalid timezone"},
		{`{"schedule":"0 2 * * ? *","timezone":""}`, "Invalid timezone"},
	} {
		c.refused("POST", path, test.body, 400, test.detail)
		c.refused("PUT", path+schedule, test.body, 400, test.detail)
	}
	c.refused("POST", "/connections/"+unknownID+"/schedules", daily(), 404, "Connection with id "+unknownID+" does not exist")
	c.refused("GET", "/connections/"+other+"/schedules"+schedule, nil, 404, "Schedule not found") // of another connection
	c.refused("GET", "/connections/x/schedules", nil, 400, bad+"id: Invalid uuid")
	c.refused("GET", path+"/x", nil, 400, bad+"id: Invalid uuid")
	c.refused("GET", path+"?page=1", nil, 400, bad+"formErrors: Unrecognized key(s) in object: 'page'")
	c.refused("PATCH", path+schedule, daily(), 405, "Method Not Allowed")
	if n := len(c.Schedules()); n != 1 {
		t.Errorf("%d schedules", n)
	}
}

func TestSchedulesOfOlderServers(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{NoHardRefresh: true, SchedulesWithoutModel: true})
	path := "/connections/" + c.create(postgres("one")) + "/schedules"
	c.refused("POST", path, with(daily(), object{"hardRefresh": false}), 400, "Bad Request: formErrors: Unrecognized key(s) in object: 'hardRefresh'")
	made := c.must("POST", path, daily())
	if _, has := made["hardRefresh"]; has || len(made) != 8 {
		t.Errorf("made %v", made)
	}
	guide := newClient(t, omnimock.Options{Generation: omnimock.Guide2025})
	guide.refused("POST", "/connections/"+unknownID+"/schedules", daily(), 404, "Not Found")
	guide.refused("GET", "/models", nil, 404, "Not Found")
}

func TestCronExpressions(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{BuildSchemaModels: true})
	path := "/connections/" + c.create(postgres("one")) + "/schedules"
	for _, cron := range []string{
		"0/30 20-2 ? * MON-FRI *", "5-1 2 ? NOV-FEB FRI-MON *",
		"0 2 * * ? *", "0,30 */2 ? JAN-MAR MON-FRI 2026-2030", "1/10 0-23/3 L * ? *", "0 0 15W 1/3 ? *", "0 0 ? * 6L *", "0 0 ? * FRI#2 *", "0 0 ? * L 1970/2",
		"59 23 31 DEC ? 2199", "0 0 1,15 * ? *", "0 2 ? * 7 *", "0 2 ? * 1-5 *",
	} {
		c.must("POST", path, with(daily(), object{"schedule": cron}))
	}
	for _, cron := range []string{
		"", " ", "0 2 * * ?", "0 2 * * ? * *", "0 2 * * * *", "0 2 ? * ? *", "60 2 * * ? *", "0 24 * * ? *", "0 2 0 * ? *", "0 2 32 * ? *", "0 2 * 13 ? *", "0 2 * 0 ? *",
		"0 2 ? * 0 *", "0 2 ? * 8 *", "0 2 * * ? 1969", "0 2 * * ? 2200", "0 2 * mon ? *", "0 2 ? * MONDAY *", "0/0 2 * * ? *", "0 2 * * ? 2030-2026", "5-x 2 * * ? *", "0,,5 2 * * ? *",
		"0 2 ? * 3#6 *", "0 2 ? * 3#1,6#3 *", "0 2 32W * ? *", "0 2 W * ? *", "L 2 * * ? *", "0 2 * L ? *", "? 2 * * ? *", "0  2 * * ? *", " 0 2 * * ? *", "0 2 ?,1 * ? *",
		"0 2 * * ? *\n", "rate(1 day)", "-1 2 * * ? *", "0/99999 2 * * ? *", strings.Repeat("9", 400) + " 2 * * ? *",
	} {
		c.refused("POST", path, with(daily(), object{"schedule": cron, "timezone": "UTC"}), 400, "Invalid cron expression")
	}
}

func TestModelsAndJobs(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	id, other := c.create(postgres("one")), c.create(postgres("two"))
	c.refused("POST", "/models/"+id+"/refresh", nil, 404, "Model with id "+id+" does not exist")
	c.BuildSchemaModel(id)
	c.BuildSchemaModel(other)
	answer := c.must("GET", "/models?modelKind=SCHEMA&connectionId="+id, nil)
	records := answer["records"].([]any)
	if len(records) != 1 {
		t.Fatalf("%v", answer)
	}
	model := records[0].(object)
	want := object{
		"id": id, "name": "one", "modelKind": "SCHEMA", "connectionId": id, "baseModelId": nil,
		"createdAt": model["createdAt"], "updatedAt": model["updatedAt"], "deletedAt": nil,
	}
	page := object{"hasNextPage": false, "nextCursor": nil, "pageSize": 20.0, "totalRecords": 1.0}
	if !reflect.DeepEqual(model, want) || !reflect.DeepEqual(answer["pageInfo"], page) {
		t.Errorf("%v", answer)
	}
	first := c.must("GET", "/models?pageSize=1", nil)
	cursor, _ := first["pageInfo"].(object)["nextCursor"].(string)
	rest := c.must("GET", "/models?pageSize=1&cursor="+cursor, nil)
	if rest["pageInfo"].(object)["hasNextPage"] != false || len(rest["records"].([]any)) != 1 || reflect.DeepEqual(rest["records"], first["records"]) {
		t.Errorf("%v, then %v", first, rest)
	}
	if other := c.must("GET", "/models?modelKind=SHARED", nil)["records"].([]any); len(other) != 0 {
		t.Errorf("%v", other)
	}
	c.refused("GET", "/models?kind=SCHEMA", nil, 400, "Bad Request: formErrors: Unrecognized key(s) in object: 'kind'")
	c.refused("GET", "/models?connectionId=x", nil, 400, "Bad Request: connectionId: Invalid uuid")
	c.refused("GET", "/models?pageSize=101", nil, 400, "Bad Request: pageSize: Number must be between 1 and 100")

	started := c.must("POST", "/models/"+id+"/refresh?hard_refresh=false", nil)
	job, _ := started["jobId"].(string)
	if !reflect.DeepEqual(started, object{"jobId": job, "modelId": id, "status": "running"}) {
		t.Errorf("%v", started)
	}
	for _, status := range []string{"IN_PROGRESS", "COMPLETED", "COMPLETED"} {
		if got := c.must("GET", "/jobs/"+job+"/status", nil); !reflect.DeepEqual(got, object{"job_id": job, "job_type": "REFRESH_SCHEMA", "status": status}) {
			t.Errorf("%v", got)
		}
	}
	c.refused("POST", "/models/"+id+"/refresh?hard_refresh=1", nil, 400, "Bad Request: hard_refresh: Invalid enum value. Expected 'true' | 'false', received '1'")
	c.refused("POST", "/models/"+id+"/refresh?hardRefresh=true", nil, 400, "Bad Request: formErrors: Unrecognized key(s) in object: 'hardRefresh'")
	c.refused("POST", "/models/"+id+"/refresh?schemas=s", nil, 400, "schemas and tables need hard_refresh=false")
	c.refused("POST", "/models/"+id+"/refresh?tables=t", nil, 400, "schemas and tables need hard_refresh=false")
	c.refused("POST", "/models/"+id+"/refresh?branch_id="+unknownID, nil, 404, "Branch with id "+unknownID+" does not exist")
	c.must("POST", "/models/"+id+"/refresh?hard_refresh=true", nil)
	c.must("POST", "/models/"+id+"/refresh?hard_refresh=false&schemas=s&tables=t", nil)
	c.refused("POST", "/models/"+id+"/refresh", "{", 400, "Bad Request: Invalid JSON")
	c.refused("POST", "/models/"+id+"/refresh", `{"a":1}`, 400, "Bad Request: formErrors: Unrecognized key(s) in object: 'a'")
	c.refused("GET", "/jobs/"+unknownID+"/status", nil, 404, "Job with id "+unknownID+" does not exist")

	// In the trash with its connection.
	c.must("DELETE", "/connections/"+id, nil)
	c.refused("POST", "/models/"+id+"/refresh", nil, 404, "Model with id "+id+" does not exist")
	if n := len(c.must("GET", "/models?includeDeleted=true", nil)["records"].([]any)); n != 2 || len(c.SchemaModels()) != 1 {
		t.Errorf("%d models, %v", n, c.SchemaModels())
	}
	c.PurgeConnection(id)
	if n := len(c.must("GET", "/models?includeDeleted=true", nil)["records"].([]any)); n != 1 {
		t.Errorf("%d models", n)
	}
}

func TestJobsThatDoNotEndWell(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		opts omnimock.Options
		want [2]string
	}{
		{omnimock.Options{RefreshFails: true}, [2]string{"IN_PROGRESS", "FAILED"}},
		{omnimock.Options{RefreshNeverEnds: true}, [2]string{"IN_PROGRESS", "IN_PROGRESS"}},
		{omnimock.Options{RefreshFails: true, DocumentedJobWords: true}, [2]string{"RUNNING", "FAILED"}},
	} {
		test.opts.BuildSchemaModels = true
		c := newClient(t, test.opts)
		job := c.must("POST", "/models/"+c.create(postgres("one"))+"/refresh", "{}")["jobId"].(string)
		for _, status := range test.want {
			if got := c.must("GET", "/jobs/"+job+"/status", nil); got["status"] != status {
				t.Errorf("%+v: %v", test.opts, got)
			}
		}
	}
}

// A change is dated by the clock, and later than what was before.
func TestSchedulesAreDated(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 1, 2, 3, 0, time.UTC)
	c := newClient(t, omnimock.Options{BuildSchemaModels: true, Now: func() time.Time { return now }})
	path := "/connections/" + c.create(postgres("one")) + "/schedules"
	schedule := c.must("POST", path, daily())
	for _, want := range []string{"01:02:03.000Z", "01:02:03.001Z", "01:02:04.000Z"} {
		if got := schedule["updatedAt"]; got != "2026-11-27T"+want || schedule["createdAt"] != "2026-11-27T01:02:03.000Z" {
			t.Errorf("%v, want %s", schedule, want)
		}
		if want == "01:02:03.001Z" {
			now = now.Add(time.Second)
		}
		c.must("PUT", path+"/"+schedule["scheduleId"].(string), daily())
		schedule = c.must("GET", path+"/"+schedule["scheduleId"].(string), nil)
	}
}

func TestSchedulesOutOfBand(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	id := c.create(postgres("one"))
	schedule := c.AddSchedule(id, "0 2 * * ? *", "UTC")
	path := "/connections/" + id + "/schedules/" + schedule
	before := c.must("GET", path, nil)
	disabled := time.Date(2026, 11, 27, 1, 2, 3, 0, time.UTC)
	c.EditSchedule(schedule, func(o *omnimock.Schedule) { o.Timezone, o.DisabledAt = "Europe/Berlin", &disabled })
	after := c.must("GET", path, nil)
	if before["disabledAt"] != nil || before["updatedAt"] != before["createdAt"] || after["disabledAt"] != "2026-11-27T01:02:03.000Z" || after["timezone"] != "Europe/Berlin" || after["updatedAt"] == before["updatedAt"] {
		t.Errorf("%v became %v", before, after)
	}
	c.RemoveSchedule(schedule)
	c.refused("GET", path, nil, 404, "Schedule not found")
	failtest.RequirePanics(t, map[string]func(){
		"edit":          func() { c.EditSchedule(schedule, func(*omnimock.Schedule) {}) },
		"no connection": func() { c.AddSchedule(unknownID, "0 2 * * ? *", "UTC") },
	})
}

func TestSnapshotHasSchedules(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	id := c.create(postgres("one"))
	c.AddSchedule(id, "0 2 * * ? *", "UTC")
	restored := c.restored()
	before, after := c.must("GET", "/connections/"+id+"/schedules", nil), restored.must("GET", "/connections/"+id+"/schedules", nil)
	if !reflect.DeepEqual(before, after) || len(before["schedules"].([]any)) != 1 {
		t.Errorf("%v became %v", before, after)
	}
}
