// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/omnitest"
)

// In every list one odd item is kept by its id, with its problem, and the others
// are read; what is no list is an error.
func TestLists(t *testing.T) {
	t.Parallel()
	const page = `{"records":[%s],"pageInfo":{"hasNextPage":false}}`
	for name, c := range map[string]struct {
		form, good, odd, what string // odd has the id x
		list                  func(ctx context.Context, c *omni.Client) (ids []string, problems []error, err error)
	}{
		"connections": {`{"connections":[%s]}`, `{"id":"a","name":"n","dialect":"d"}`, `{"id":"x","name":7}`, "connection", func(ctx context.Context, c *omni.Client) (ids []string, problems []error, err error) {
			all, err := c.ListConnections(ctx, omni.ConnectionFilter{})
			for _, o := range all {
				ids, problems = append(ids, o.ID), append(problems, o.Problem)
			}
			return ids, problems, err
		}},
		"schedules": {`{"schedules":[%s]}`, `{"scheduleId":"a","connectionId":"c","schedule":"s","timezone":"UTC"}`, `{"scheduleId":"x","schedule":7}`, "schedule", func(ctx context.Context, c *omni.Client) (ids []string, problems []error, err error) {
			all, err := c.ListSchedules(ctx, omnitest.IDA)
			for _, o := range all {
				ids, problems = append(ids, o.ID), append(problems, o.Problem)
			}
			return ids, problems, err
		}},
		"user attributes": {`{"records":[%s]}`, `{"id":"a","name":"n"}`, `{"id":"x","name":"m","label":7}`, "user attribute", func(ctx context.Context, c *omni.Client) (ids []string, problems []error, err error) {
			all, err := c.ListUserAttributes(ctx)
			for _, o := range all {
				ids, problems = append(ids, o.ID), append(problems, o.Problem)
			}
			return ids, problems, err
		}},
		"schema models": {page, `{"id":"a","connectionId":"c","modelKind":"SCHEMA"}`, `{"id":"x","connectionId":7}`, "schema model", func(ctx context.Context, c *omni.Client) (ids []string, problems []error, err error) {
			all, err := c.ListSchemaModels(ctx)
			for _, o := range all {
				ids, problems = append(ids, o.ID), append(problems, o.Problem)
			}
			return ids, problems, err
		}},
		"environments": {`{"connectionEnvironments":[%s]}`, `{"id":"a","baseConnectionId":"b","connectionId":"c"}`, `{"id":"x","baseConnectionId":7}`, "environment", func(ctx context.Context, c *omni.Client) (ids []string, problems []error, err error) {
			all, err := c.ListEnvironments(ctx)
			for _, o := range all {
				ids, problems = append(ids, o.ID), append(problems, o.Problem)
			}
			return ids, problems, err
		}},
	} {
		for answer, want := range map[string]string{
			fmt.Sprintf(c.form, c.good+","+c.odd+","+c.good): "a x! a",
			fmt.Sprintf(c.form, c.good):                      "a",
			fmt.Sprintf(c.form, ""):                          "",
			`{}`:                                             "error",
			`[]`:                                             "error",
		} {
			s := omnitest.New(t, "v1", omnitest.Always(200, answer))
			ids, problems, err := c.list(t.Context(), s.Client)
			for i := range ids {
				if problems[i] != nil {
					ids[i] += "!"
					if !strings.HasPrefix(problems[i].Error(), "the server's list has this "+c.what+" in an unexpected form: ") {
						t.Error(problems[i])
					}
				}
			}
			if got := strings.Join(ids, " "); got != want && !(want == "error" && err != nil) || (err != nil) != (want == "error") {
				t.Errorf("%s: %s: %q, %v", name, answer, got, err)
			}
		}
	}
}

// A user that cannot be read is kept as those of other lists are.
func TestOddUser(t *testing.T) {
	t.Parallel()
	s := omnitest.New(t, "v1", omnitest.Always(200, `{"Resources":[{"id":"a","userName":"a@example.com"},{"id":"x","userName":7}],"totalResults":2}`))
	users, err := s.Client.ListUsers(t.Context())
	if err != nil || len(users) != 2 || users[0].Problem != nil || users[1].ID != "x" || users[1].Problem == nil || !strings.HasPrefix(users[1].Problem.Error(), "the server's list has this user in an unexpected form: ") {
		t.Errorf("%+v, %v", users, err)
	}
}

// An item that is not even an object has no id.
func TestListItemWithoutAnID(t *testing.T) {
	t.Parallel()
	s := omnitest.New(t, "v1", omnitest.Always(200, `{"connections":[{"id":7}]}`))
	all, err := s.Client.ListConnections(t.Context(), omni.ConnectionFilter{})
	if err != nil || len(all) != 1 || all[0].ID != "" || all[0].Problem == nil {
		t.Errorf("%+v, %v", all, err)
	}
}

// An answer about another schedule or none, or that nothing was done, is no success.
func TestScheduleAnswers(t *testing.T) {
	t.Parallel()
	whole := map[string]any{"scheduleId": omnitest.IDB, "connectionId": omnitest.IDA, "schedule": "c", "timezone": "UTC"}
	for problem, change := range map[string]map[string]any{
		"":                             nil,
		"no schedule id":               {"scheduleId": "x"},
		"instead of \"" + omnitest.IDB: {"scheduleId": omnitest.IDC},
		"a schedule of connection":     {"connectionId": omnitest.IDC},
		`no "schedule"`:                {"schedule": ""},
		`no "timezone"`:                {"timezone": ""},
		"success:false: no way":        {"success": false, "error": "no way"},
		"success:false: because":       {"success": false, "message": "because"},
		"without a reason":             {"success": false},
	} {
		answer := map[string]any{}
		maps.Copy(answer, whole)
		maps.Copy(answer, change)
		encoded, _ := json.Marshal(answer)
		s := omnitest.New(t, "v1", omnitest.Always(200, string(encoded)))
		_, err := s.Client.GetSchedule(t.Context(), omnitest.IDA, omnitest.IDB)
		if (problem == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), problem) {
			t.Errorf("%s: %v", encoded, err)
		}
	}
	// A new one may have any id.
	encoded, _ := json.Marshal(whole)
	s := omnitest.New(t, "v1", omnitest.Always(200, string(encoded)))
	made, err := s.Client.CreateSchedule(t.Context(), omnitest.IDA, omni.ScheduleSettings{Cron: "c", Timezone: "UTC"})
	if err != nil || made.ID != omnitest.IDB {
		t.Errorf("%+v, %v", made, err)
	}
	s.Expect(t, `POST connections/`+omnitest.IDA+`/schedules {"schedule":"c","timezone":"UTC","hardRefresh":false}`)
}

// The key that an older server refuses is left out, but not one that asks for
// what it cannot do.
func TestHardRefreshOfAnOlderServer(t *testing.T) {
	t.Parallel()
	for _, hard := range []bool{false, true} {
		s := omnitest.New(t, "v1", func(_ *http.Request, body string) (int, string) {
			if strings.Contains(body, "hardRefresh") {
				return 400, `{"detail":"Bad Request: Unrecognized key(s) in object: 'hardRefresh'","status":400}`
			}
			return 200, `{"scheduleId":"` + omnitest.IDB + `","connectionId":"` + omnitest.IDA + `","schedule":"c","timezone":"UTC"}`
		})
		_, err := s.Client.CreateSchedule(t.Context(), omnitest.IDA, omni.ScheduleSettings{Cron: "c", Timezone: "UTC", HardRefresh: hard})
		if n := len(s.Sent()); (err != nil) != hard || n != map[bool]int{false: 2, true: 1}[hard] {
			t.Errorf("hard %t: %v after %d requests", hard, err, n)
		}
		// That the server is older is remembered, and a hard refresh asked for all the same.
		_, err = s.Client.CreateSchedule(t.Context(), omnitest.IDA, omni.ScheduleSettings{Cron: "c", Timezone: "UTC", HardRefresh: true})
		if got := omni.UnrecognizedKeys(err); !slices.Equal(got, []string{"hardRefresh"}) || len(s.Sent()) != 1 {
			t.Errorf("a hard refresh later: %v", err)
		}
	}
}

// Servers that lack a route answer in several ways; what they say about an object
// is not one of them.
func TestLackingRoutes(t *testing.T) {
	t.Parallel()
	type result struct{ environments, attributes, write, models, model bool }
	for answer, want := range map[string]result{
		`404 Not Found`:                     {true, true, true, true, true},
		`405 Method Not Allowed`:            {true, true, true, true, true},
		`400 Invalid method`:                {true, true, true, true, true},
		`400 Bad Request`:                   {true, true, false, false, false},
		`403 Permission denied`:             {},
		`404 Connection "x" does not exist`: {true, true, true, false, false},
		`409 Conflict`:                      {},
		`500 Invalid method`:                {},
		`422 Invalid method`:                {},
	} {
		status := 0
		_, _ = fmt.Sscanf(answer, "%d", &status)
		_, detail, _ := strings.Cut(answer, " ")
		body, _ := json.Marshal(map[string]any{"detail": detail, "status": status})
		s := omnitest.New(t, "v1", omnitest.Always(status, string(body)))
		_, environments := s.Client.ListEnvironments(t.Context())
		_, attributes := s.Client.ListUserAttributes(t.Context())
		_, write := s.Client.CreateUserAttribute(t.Context(), omni.UserAttributeCreate{})
		_, models := s.Client.ListSchemaModels(t.Context())
		_, model := s.Client.CreateSchemaModel(t.Context(), omnitest.IDA)
		got := result{
			errors.Is(environments, omni.ErrNoEnvironmentList), errors.Is(attributes, omni.ErrNoUserAttributes),
			errors.Is(write, omni.ErrNoUserAttributeWrites), errors.Is(models, omni.ErrNoModels), errors.Is(model, omni.ErrNoModels),
		}
		if got != want || environments == nil || attributes == nil || write == nil || models == nil || model == nil {
			t.Errorf("%s: %+v, want %+v", answer, got, want)
		}
		if got := omni.SaysNoSuchObject(models); got != strings.Contains(answer, "does not exist") {
			t.Errorf("%s: says no such object %t", answer, got)
		}
		// A list that is not there is asked for once.
		s.Sent()
		_, _ = s.Client.ListEnvironments(t.Context())
		_, _ = s.Client.ListUserAttributes(t.Context())
		if n := len(s.Sent()); (n == 0) != want.environments {
			t.Errorf("%s: %d requests for what is known", answer, n)
		}
	}
}

func TestIsNotAssociable(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]bool{
		`400 The environments are not valid for this connection`: true,
		`400 Bad Request`: false,
		`403 The environments are not valid for this connection`: false,
	} {
		status := 0
		_, _ = fmt.Sscanf(answer, "%d", &status)
		_, detail, _ := strings.Cut(answer, " ")
		s := omnitest.New(t, "v1", omnitest.Always(status, `{"detail":"`+detail+`"}`))
		if _, err := s.Client.CreateEnvironments(t.Context(), omnitest.IDA, []string{omnitest.IDB}, false); err == nil || omni.IsNotAssociable(err) != want {
			t.Errorf("%s: %v", answer, err)
		}
	}
}

// Secrets are sent, and masked where the server repeats them.
func TestUpdateBody(t *testing.T) {
	t.Parallel()
	s := omnitest.New(t, "v1", func(_ *http.Request, body string) (int, string) {
		return 400, fmt.Sprintf(`{"detail":%q}`, "no good: "+body)
	})
	update := omni.ConnectionUpdate{Settings: omni.ConnectionSettings{Host: nullable.Of("h")}, Secrets: omni.ConnectionSecrets{
		Password: omnitest.SecretOf("pass-4711"), PrivateKey: omnitest.SecretOf("key-4711"), OAuthClientSecret: omnitest.SecretOf("oauth-4711"),
	}}
	err := s.Client.UpdateConnection(t.Context(), omnitest.IDA, update)
	s.Expect(t, "PATCH connections/"+omnitest.IDA+` {"host":"h","passwordUnencrypted":"pass-4711","privateKey":"key-4711","oauthClientSecretUnencrypted":"oauth-4711"}`)
	if err == nil || strings.Contains(err.Error(), "4711") || !strings.Contains(err.Error(), "no good") {
		t.Errorf("%v", err)
	}
	if _, err = s.Client.CreateConnection(t.Context(), omni.ConnectionCreate{Secrets: update.Secrets}); err == nil || strings.Contains(err.Error(), "4711") {
		t.Errorf("%v", err)
	}
	if update.IsEmpty() || !(omni.ConnectionUpdate{}).IsEmpty() {
		t.Error("which update is empty?")
	}
	if !(omni.ConnectionFilter{}).IsZero() || (omni.ConnectionFilter{Name: "n"}).IsZero() {
		t.Error("which filter is zero?")
	}
}

func TestModelRequests(t *testing.T) {
	t.Parallel()
	s := omnitest.New(t, "v1", omnitest.Always(200, `{"success":true,"job_id":"j","jobId":"j","model":{"id":"`+omnitest.IDB+`"}}`))
	hard, soft := true, false
	for _, c := range []struct {
		hard  *bool
		query string
	}{{nil, ""}, {&hard, "?hard_refresh=true"}, {&soft, "?hard_refresh=false"}} {
		if _, err := s.Client.RefreshModel(t.Context(), omnitest.IDA, c.hard); err != nil {
			t.Error(err)
		}
		s.Expect(t, "POST models/"+omnitest.IDA+"/refresh"+c.query)
	}
	for answer, problem := range map[string]string{`{"success":true}`: `no "jobId"`, `{"success":false,"error":"no way","jobId":"j"}`: "no way"} {
		failing := omnitest.New(t, "v1", omnitest.Always(200, answer))
		if _, err := failing.Client.RefreshModel(t.Context(), omnitest.IDA, nil); err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("%s: %v", answer, err)
		}
	}
	s.Answer = omnitest.Always(200, `{"status":"Completed","error":"e","message":"m","detail":"d"}`)
	if job, err := s.Client.GetJob(t.Context(), "j"); err != nil || *job != (omni.Job{Status: "Completed", Error: "e", Message: "m", Detail: "d"}) || !job.Is("COMPLETED") || job.Is("FAILED") {
		t.Errorf("%+v, %v", job, err)
	}
	s.Expect(t, "GET jobs/j/status")
	s.Answer = omnitest.Always(200, `{"message":"m"}`)
	if job, err := s.Client.GetJob(t.Context(), "j"); job != nil || !httpclient.IsUnreadable(err) {
		t.Errorf("%+v, %v", job, err)
	}
	s.Expect(t, "GET jobs/j/status")
	s.Answer = omnitest.Always(200, `{"success":true,"model":{"id":"`+omnitest.IDB+`"}}`)
	made, err := s.Client.CreateSchemaModel(t.Context(), omnitest.IDA)
	if err != nil || made.ID != omnitest.IDB || made.ConnectionID != omnitest.IDA || made.Kind != "SCHEMA" {
		t.Errorf("%+v, %v", made, err)
	}
	s.Expect(t, `POST models {"connectionId":"`+omnitest.IDA+`","modelKind":"SCHEMA"}`)
}

// What a lost create is held against, and what an import or a read compares.
func TestConnectionMatch(t *testing.T) {
	t.Parallel()
	settings := omni.ConnectionSettings{
		Name: nullable.Of("n"), Host: nullable.Of("Host"), HostOverride: nullable.Of("Other"), DefaultSchema: nullable.Of("s"), BaseRole: nullable.Of("RESTRICTED_QUERIER"),
		IncludeSchemas: nullable.Of(omni.StringList{"a", "b"}), Username: nullable.Of(""), TrustServerCertificate: nullable.Of(false),
	}
	request := omni.ConnectionCreate{Dialect: "exasol", Settings: settings}
	withWIF, withEmail := request, request
	withWIF.WIFAudience, withEmail.WIFServiceAccountEmail = nullable.Of("w"), nullable.Of("e")
	whole := map[string]any{
		"name": "n", "dialect": "exasol", "createdAt": "2026-01-01T00:00:00Z", "host": "host", "hostOverride": "other", "defaultSchema": "s", "baseRole": "QUERY_TOPICS",
		"includeSchemas": []string{"b", "a"}, "username": nil, "trustServerCertificate": nil,
	}
	for name, c := range map[string]struct {
		request omni.ConnectionCreate
		change  map[string]any // missing is a key that the server leaves out
		want    createonce.Match
		has     bool
	}{
		"all of it":         {request, nil, createonce.Same, true},
		"another name":      {request, map[string]any{"name": "m"}, createonce.Other, false},
		"another dialect":   {request, map[string]any{"dialect": "postgres"}, createonce.Other, false},
		"another host":      {request, map[string]any{"host": "x"}, createonce.Similar, false},
		"another override":  {request, map[string]any{"hostOverride": "x"}, createonce.Similar, false},
		"host is null":      {request, map[string]any{"host": nil}, createonce.Similar, false},
		"schema is null":    {request, map[string]any{"defaultSchema": nil}, createonce.Same, true},
		"another schema":    {request, map[string]any{"defaultSchema": "S"}, createonce.Similar, false},
		"another role":      {request, map[string]any{"baseRole": "QUERIER"}, createonce.Similar, false},
		"role is no text":   {request, map[string]any{"baseRole": nil}, createonce.Similar, false},
		"a list less":       {request, map[string]any{"includeSchemas": []string{"a"}}, createonce.Similar, false},
		"no list":           {request, map[string]any{"includeSchemas": nil}, createonce.Similar, false},
		"a name for none":   {request, map[string]any{"username": "u"}, createonce.Similar, false},
		"true for false":    {request, map[string]any{"trustServerCertificate": true}, createonce.Similar, false},
		"not dated":         {request, map[string]any{"createdAt": missing}, createonce.Similar, true},
		"a key is left out": {request, map[string]any{"host": missing}, createonce.Similar, true},
		"an audience":       {withWIF, nil, createonce.Similar, true},
		"a service account": {withEmail, nil, createonce.Similar, true},
	} {
		answer := map[string]any{}
		maps.Copy(answer, whole)
		maps.Copy(answer, c.change)
		for key, value := range answer {
			if value == missing {
				delete(answer, key)
			}
		}
		encoded, _ := json.Marshal(answer)
		connection := decoded[omni.Connection](t, string(encoded))
		if got, has := connection.Match(c.request), connection.Has(c.request); got != c.want || has != c.has {
			t.Errorf("%s: %v and %t, want %v and %t", name, got, has, c.want, c.has)
		}
		connection.Problem = errors.New("odd")
		if got := connection.Match(c.request); got != createonce.Other {
			t.Errorf("%s: what cannot be read matches", name)
		}
	}
}

const missing = "(missing)"

func TestUserAttributeHas(t *testing.T) {
	t.Parallel()
	a := decoded[omni.UserAttribute](t, `{"id":"1","name":"n","label":"l","description":"d","multiple_values":true,"default_value":["a","b"]}`)
	bare := decoded[omni.UserAttribute](t, `{"id":"1","name":"n"}`)
	defaults := func(values ...string) nullable.Value[omni.AttributeValue] {
		return nullable.Of(omni.AttributeValue{Values: values, Multiple: true})
	}
	for _, c := range []struct {
		change      omni.UserAttributeSettings
		whole, bare bool
	}{
		{omni.UserAttributeSettings{}, true, true},
		{omni.UserAttributeSettings{Name: nullable.Of("n")}, true, true},
		{omni.UserAttributeSettings{Name: nullable.Of("m")}, false, false},
		{omni.UserAttributeSettings{MultipleValues: nullable.Of(true)}, true, false},
		{omni.UserAttributeSettings{MultipleValues: nullable.Of(false)}, false, true},
		{omni.UserAttributeSettings{Label: nullable.Of("l")}, true, false},
		{omni.UserAttributeSettings{Label: nullable.Null[string]()}, false, true},
		{omni.UserAttributeSettings{Description: nullable.Of("d")}, true, false},
		{omni.UserAttributeSettings{Description: nullable.Of("")}, false, true},
		{omni.UserAttributeSettings{DefaultValue: defaults("b", "a")}, true, false},
		{omni.UserAttributeSettings{DefaultValue: defaults("a")}, false, false},
		{omni.UserAttributeSettings{DefaultValue: nullable.Null[omni.AttributeValue]()}, false, true},
	} {
		if whole, bare := a.Has(c.change), bare.Has(c.change); whole != c.whole || bare != c.bare {
			t.Errorf("%+v: %t and %t", c.change, whole, bare)
		}
	}
	a.Problem = errors.New("odd")
	if got := a.Match(omni.UserAttributeCreate{UserAttributeSettings: omni.UserAttributeSettings{Name: nullable.Of("n")}}); got != createonce.Similar {
		t.Errorf("one that cannot be read matches %v", got)
	}
	if schedule := (&omni.Schedule{Cron: "c", Timezone: "UTC", Problem: errors.New("odd")}); schedule.Match(omni.ScheduleSettings{Cron: "c", Timezone: "UTC"}) != createonce.Other {
		t.Error("a schedule that cannot be read matches")
	}
}

// Done without a word is done: the list has the id.
func TestCreatedUserAttribute(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`{"id":"a"}`: "a", `{"record":{"id":"a"}}`: "a", `{"data":{"id":"a"}}`: "a", `{"data":"a"}`: "a", `{"success":true}`: "", `{"id":"","data":{"id":""}}`: "", `{"id":7}`: "", `{"id":"","data":"a"}`: "a", `{"record":{"id":""},"data":{"id":"a"}}`: "a", `{"userAttribute":{"id":"a"}}`: "a", `{"user_attribute":{"id":"a"}}`: "a",
	} {
		s := omnitest.New(t, "v1", omnitest.Always(201, answer))
		if id, err := s.Client.CreateUserAttribute(t.Context(), omni.UserAttributeCreate{}); id != want || err != nil {
			t.Errorf("%s: %q, %v", answer, id, err)
		}
	}
	for status, want := range map[int]bool{204: true, 200: false} {
		s := omnitest.New(t, "v1", omnitest.Always(status, ""))
		if id, err := s.Client.CreateUserAttribute(t.Context(), omni.UserAttributeCreate{}); id != "" || (err == nil) != want {
			t.Errorf("%d: %q, %v", status, id, err)
		}
	}
}

// WithoutEmpty takes out texts that say nothing, and nothing else.
func TestWithoutEmpty(t *testing.T) {
	t.Parallel()
	s := omni.ConnectionSettings{
		Name: nullable.Of("n"), Host: nullable.Of(""), Username: nullable.Null[string](),
		Port: nullable.Of[int64](0), IncludeSchemas: nullable.Of(omni.StringList{}), TrustServerCertificate: nullable.Of(false),
	}.WithoutEmpty()
	if s.Name.Or("") != "n" || !s.Host.IsZero() || !s.Username.IsZero() || s.Port.IsZero() || s.IncludeSchemas.IsZero() || s.TrustServerCertificate.IsZero() {
		t.Errorf("%+v", s)
	}
}

// The 2025 generation's form of every request that has one is sent at once.
func TestUnstableIsOfTheOlderForm(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"environmentConnectionIds", "userAttributeValues", "environmentUserAttribute"} {
		s := omnitest.New(t, omni.APIVersionUnstable, omnitest.Always(200, environmentAnswer))
		if err := eitherFormRequests(t, s)[name](); err != nil {
			t.Error(err)
		}
		if sent := s.Sent(); len(sent) != 1 || !isOlderForm(sent[0]) {
			t.Errorf("%s: %q", name, sent)
		}
	}
	if omni.DefaultAPIVersion != "v1" || omni.DBTAuthSSH != "ssh" || omni.DBTAuthToken != "https_token" {
		t.Error("a word of the API differs")
	}
}

// A page that cannot be read as a whole is not the end of a list.
func TestRecordsOfAnOddPage(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"records":[],"pageInfo":7}`, `{"records":[],"pageInfo":{"hasNextPage":true}}`, `{"pageInfo":{"hasNextPage":false}}`} {
		s := omnitest.New(t, "v1", omnitest.Always(200, body))
		if all, err := s.Client.ListSchemaModels(t.Context()); !httpclient.IsUnreadable(err) {
			t.Errorf("%s: %v, %v", body, all, err)
		}
	}
}

// What is read out of an error's words is read out of the server's only.
func TestWordsOfErrors(t *testing.T) {
	t.Parallel()
	for kind, want := range map[httpclient.Kind]bool{httpclient.KindBadRequest: true, httpclient.KindForbidden: false} {
		for words, named := range map[string]bool{"Invalid enum value: baseRole": true, "host: Required": false} {
			err := &httpclient.Error{Kind: kind, Message: words}
			if omni.RefusesBaseRole(err) != (want && named) {
				t.Errorf("%d %s: %t", kind, words, omni.RefusesBaseRole(err))
			}
		}
	}
	for words, isDBT := range map[string]bool{"dbt not configured for it": true, "it does not exist": false} {
		err := &httpclient.Error{Kind: httpclient.KindBadRequest, Message: words}
		if omni.IsDBTNotConfigured(err) != isDBT || omni.SaysNoSuchObject(err) == isDBT {
			t.Errorf("%s: %t, %t", words, omni.IsDBTNotConfigured(err), omni.SaysNoSuchObject(err))
		}
		if plain := errors.New(words); omni.IsDBTNotConfigured(plain) || omni.SaysNoSuchObject(plain) {
			t.Errorf("%s: read as the server's", words)
		}
	}
}
