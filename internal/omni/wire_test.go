// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/omnitest"
)

func TestCreateBody(t *testing.T) {
	t.Parallel()
	s := omnitest.New(t, "v1", omnitest.Always(201, `{"success":true,"data":"`+omnitest.IDA+`"}`))
	for _, c := range []struct {
		name    string
		request omni.ConnectionCreate
		want    string
	}{
		{
			"the password is required, also where there is none",
			omni.ConnectionCreate{Dialect: "snowflake", Settings: omni.ConnectionSettings{Name: nullable.Of("n")}},
			`{"dialect":"snowflake","name":"n","passwordUnencrypted":""}`,
		},
		{
			"lists are comma text, digits are text",
			omni.ConnectionCreate{Dialect: "bigquery", Settings: omni.ConnectionSettings{
				Name: nullable.Of("n"), Port: nullable.Of[int64](1), MaxBillingBytes: nullable.Of(omni.Digits(10)),
				IncludeSchemas:         nullable.Of(omni.StringList{"a", "b_*"}),
				IncludeOtherCatalogs:   nullable.Of(omni.StringList{"c"}),
				OffloadedSchemas:       nullable.Of(omni.StringList{}),
				TrustServerCertificate: nullable.Of(false),
			}},
			`{"dialect":"bigquery","name":"n","port":1,"maxBillingBytes":"10","trustServerCertificate":false,"includeSchemas":"a,b_*","includeOtherCatalogs":"c","offloadedSchemas":"","passwordUnencrypted":""}`,
		},
		{
			"secrets and what only a create takes",
			omni.ConnectionCreate{
				Dialect: "bigquery", Settings: omni.ConnectionSettings{Name: nullable.Of("")},
				Secrets:     omni.ConnectionSecrets{Password: omnitest.SecretOf("p"), PrivateKey: omnitest.SecretOf("k"), OAuthClientSecret: omnitest.SecretOf("o")},
				WIFAudience: nullable.Of("aud"), WIFServiceAccountEmail: nullable.Of("mail"),
			},
			`{"dialect":"bigquery","name":"","wifAudience":"aud","wifServiceAccountEmail":"mail","passwordUnencrypted":"p","privateKey":"k","oauthClientSecretUnencrypted":"o"}`,
		},
	} {
		id, err := s.Client.CreateConnection(t.Context(), c.request)
		if err != nil || id != omnitest.IDA {
			t.Errorf("%s: %q, %v", c.name, id, err)
		}
		s.Expect(t, "POST connections "+c.want)
	}
}

func TestUserAttributeForms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		attribute    *omni.EnvironmentUserAttribute
		nested, flat string
	}{
		{
			&omni.EnvironmentUserAttribute{AttributeName: "env", DefaultValues: omni.StringList{"dev", "test"}},
			`{"environmentUserAttribute":{"attributeName":"env","defaultValues":["dev","test"]}}`,
			`{"userAttributeNameForConnectionEnvironments":"env","userAttributeValuesForDefaultEnvironment":"dev,test"}`,
		},
		{
			&omni.EnvironmentUserAttribute{AttributeName: "env"},
			`{"environmentUserAttribute":{"attributeName":"env","defaultValues":null}}`,
			`{"userAttributeNameForConnectionEnvironments":"env","userAttributeValuesForDefaultEnvironment":null}`,
		},
		{
			nil,
			`{"environmentUserAttribute":null}`,
			`{"userAttributeNameForConnectionEnvironments":null,"userAttributeValuesForDefaultEnvironment":null}`,
		},
	} {
		for version, want := range map[string]string{"v1": c.nested, "unstable": c.flat} {
			s := omnitest.New(t, version, omnitest.Always(200, `{"success":true}`))
			if err := s.Client.SetEnvironmentUserAttribute(t.Context(), omnitest.IDA, c.attribute); err != nil {
				t.Error(err)
			}
			s.Expect(t, "PATCH connections/"+omnitest.IDA+" "+want)
		}
	}
}

// The three requests that have an older form.
func eitherFormRequests(t *testing.T, s *omnitest.Scripted) map[string]func() error {
	return map[string]func() error{
		"environmentConnectionIds": func() error {
			_, err := s.Client.CreateEnvironments(t.Context(), omnitest.IDA, []string{omnitest.IDB}, false)
			return err
		},
		"userAttributeValues": func() error {
			return s.Client.SetEnvironmentValues(t.Context(), omnitest.IDC, []string{"a", "b"})
		},
		"environmentUserAttribute": func() error {
			return s.Client.SetEnvironmentUserAttribute(t.Context(), omnitest.IDA, nil)
		},
	}
}

const environmentAnswer = `{"success":true,"data":[{"id":"` + omnitest.IDC + `","environmentConnectionId":"` + omnitest.IDB + `"}]}`

func isOlderForm(body string) bool {
	return strings.Contains(body, `"environmentConnectionIds":"`) || strings.Contains(body, `"userAttributeValues":"`) || strings.Contains(body, "userAttributeNameForConnectionEnvironments")
}

func TestOlderFormIsTriedOnceAndRemembered(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"environmentConnectionIds", "userAttributeValues", "environmentUserAttribute"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refusal := name + ": Expected string, received array"
			if name == "environmentUserAttribute" {
				refusal = "formErrors: Unrecognized key(s) in object: 'environmentUserAttribute'"
			}
			s := omnitest.New(t, "v1", func(_ *http.Request, body string) (int, string) {
				if isOlderForm(body) {
					return 200, environmentAnswer
				}
				return 400, fmt.Sprintf(`{"detail":"Bad Request: %s","status":400}`, refusal)
			})
			send := eitherFormRequests(t, s)[name]
			for i, want := range []int{2, 1} {
				if err := send(); err != nil {
					t.Fatal(err)
				}
				if got := len(s.Sent()); got != want {
					t.Errorf("call %d took %d requests, want %d", i, got, want)
				}
			}
		})
	}
}

func TestOlderFormIsNotTriedForOtherRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		answer string
	}{
		{400, `{"detail":"Bad Request: Invalid JSON"}`},
		{400, `{"detail":"User attribute value \"userAttributeValues\" is already in use"}`},
		{403, `{"detail":"environmentConnectionIds environmentUserAttribute userAttributeValues: Permission denied"}`},
		{404, `{"detail":"environmentConnectionIds environmentUserAttribute userAttributeValues: not found"}`},
		{409, `{"detail":"Unrecognized key(s) in object: 'environmentUserAttribute'"}`},
	} {
		s := omnitest.New(t, "v1", omnitest.Always(c.status, c.answer))
		for name, send := range eitherFormRequests(t, s) {
			if send() == nil {
				t.Errorf("%s: no error", name)
			}
			if got := len(s.Sent()); got != 1 {
				t.Errorf("%s after %d %s: %d requests, want 1", name, c.status, c.answer, got)
			}
		}
	}
}

func TestBothFormsRefused(t *testing.T) {
	t.Parallel()
	// Refused twice, the words about the current form are the useful ones, and
	// the older form is not remembered.
	s := omnitest.New(t, "v1", func(_ *http.Request, body string) (int, string) {
		if isOlderForm(body) {
			return 400, `{"detail":"older: userAttributeValues environmentConnectionIds Unrecognized key(s) in object: 'x'"}`
		}
		return 400, `{"detail":"current: userAttributeValues environmentConnectionIds Unrecognized key(s) in object: 'environmentUserAttribute'"}`
	})
	for name, send := range eitherFormRequests(t, s) {
		for range 2 {
			if err := send(); err == nil || !strings.Contains(err.Error(), "current:") {
				t.Errorf("%s: %v", name, err)
			}
			if got := len(s.Sent()); got != 2 {
				t.Errorf("%s: %d requests, want 2", name, got)
			}
		}
	}
	// A refusal of what was sent, not of its form, is about what the user wrote.
	s.Answer = func(_ *http.Request, body string) (int, string) {
		if isOlderForm(body) {
			return 400, `{"detail":"the following IDs are not valid for this connection"}`
		}
		return 400, `{"detail":"current: userAttributeValues environmentConnectionIds Unrecognized key(s) in object: 'environmentUserAttribute'"}`
	}
	for name, send := range eitherFormRequests(t, s) {
		if err := send(); err == nil || !strings.Contains(err.Error(), "the following IDs are not valid") {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.Sent()
	// Another failure of the second try is what happened last: it may even have
	// been carried out.
	s.Answer = func(_ *http.Request, body string) (int, string) {
		if isOlderForm(body) {
			return 500, `{"detail":"older broke"}`
		}
		return 400, `{"detail":"current: environmentConnectionIds"}`
	}
	_, err := s.Client.CreateEnvironments(t.Context(), omnitest.IDA, []string{omnitest.IDB}, false)
	if !httpclient.IsOutcomeUnknown(err) || !strings.Contains(err.Error(), "older broke") {
		t.Error(err)
	}
}

func TestCreateEnvironmentsReadsBothAnswers(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		// In another order than asked for, and with upper case.
		"current": `{"connectionEnvironments":[
			{"id":"e-c","baseConnectionId":"` + omnitest.IDA + `","connectionId":"` + strings.ToUpper(omnitest.IDC) + `","userAttributeValues":[]},
			{"id":"e-b","baseConnectionId":"` + omnitest.IDA + `","connectionId":"` + omnitest.IDB + `","userAttributeValues":["x"]}]}`,
		"older": `{"success":true,"data":[{"id":"e-c","environmentConnectionId":"` + omnitest.IDC + `"},{"id":"e-b","environmentConnectionId":"` + omnitest.IDB + `"}]}`,
	} {
		s := omnitest.New(t, "v1", omnitest.Always(201, answer))
		environments, err := s.Client.CreateEnvironments(t.Context(), omnitest.IDA, []string{omnitest.IDB, omnitest.IDC}, false)
		if err != nil {
			t.Fatal(err)
		}
		if len(environments) != 2 || environments[0].ID != "e-b" || environments[1].ID != "e-c" || environments[0].BaseConnectionID != omnitest.IDA || !strings.EqualFold(environments[1].ConnectionID, omnitest.IDC) {
			t.Errorf("%s: %+v", name, environments)
		}
		s.Expect(t, `POST connection-environments {"baseConnectionId":"`+omnitest.IDA+`","environmentConnectionIds":["`+omnitest.IDB+`","`+omnitest.IDC+`"]}`)
	}
	for _, answer := range []string{
		`{}`, `[]`, `{"connectionEnvironments":[]}`, `{"success":true,"data":[]}`,
		`{"connectionEnvironments":[{"id":"","connectionId":"` + omnitest.IDB + `"}]}`,
		`{"connectionEnvironments":[{"id":"e","connectionId":"` + omnitest.IDC + `"}]}`,
		`{"success":false,"error":"no such base"}`,
		`{"success":false,"error":"no","data":[{"id":"e","environmentConnectionId":"` + omnitest.IDB + `"}]}`,
		`{"connectionEnvironments":{}}`, ``, `null`, `<html>`,
	} {
		s := omnitest.New(t, "v1", omnitest.Always(201, answer))
		_, err := s.Client.CreateEnvironments(t.Context(), omnitest.IDA, []string{omnitest.IDB}, false)
		if !httpclient.IsUnreadable(err) || !httpclient.IsOutcomeUnknown(err) {
			t.Errorf("%s: %v", answer, err)
		}
	}
}

func TestCreateConnectionNeedsAnID(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		`{}`, `{"success":true}`, `{"success":true,"data":""}`, `{"success":true,"data":"not an id"}`, `{"success":true,"data":{}}`,
		`{"success":false,"error":"no","data":"` + omnitest.IDA + `"}`, `["` + omnitest.IDA + `"]`, `null`, ``, `<!doctype html>`,
	} {
		s := omnitest.New(t, "v1", omnitest.Always(201, answer))
		id, err := s.Client.CreateConnection(t.Context(), omni.ConnectionCreate{Dialect: "exasol"})
		if !httpclient.IsUnreadable(err) || !httpclient.IsOutcomeUnknown(err) {
			t.Errorf("%s: %q, %v", answer, id, err)
		}
		if got := len(s.Sent()); got != 1 {
			t.Errorf("%s: sent %d times", answer, got)
		}
	}
}

func TestSuccessFalseIsNoSuccess(t *testing.T) {
	t.Parallel()
	s := omnitest.New(t, "v1", omnitest.Always(200, `{"success":false,"error":"the reason","message":"more"}`))
	for name, err := range map[string]error{
		"update":        s.Client.UpdateConnection(t.Context(), omnitest.IDA, omni.ConnectionUpdate{Settings: omni.ConnectionSettings{Host: nullable.Of("h")}}),
		"delete":        s.Client.DeleteConnection(t.Context(), omnitest.IDA),
		"values":        s.Client.SetEnvironmentValues(t.Context(), omnitest.IDA, nil),
		"attribute":     s.Client.SetEnvironmentUserAttribute(t.Context(), omnitest.IDA, nil),
		"delete of env": s.Client.DeleteEnvironment(t.Context(), omnitest.IDA),
	} {
		if err == nil || !strings.Contains(err.Error(), "success:false: the reason") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// One connection in every form that a generation of the server shows.
func TestConnectionDecodes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		json  string
		check func(c *omni.Connection) bool
	}{
		"dialect of older specifications": {`"dialect":"sqlserver"`, func(c *omni.Connection) bool { return c.Dialect == "mssql" }},
		"a dialect that nobody knows":     {`"dialect":"duckdb"`, func(c *omni.Connection) bool { return c.Dialect == "duckdb" }},
		"attribute, spelling of today":    {`"userAttributeNameForConnectionEnvironments":"env"`, func(c *omni.Connection) bool { return c.UserAttributeName.Or("") == "env" }},
		"attribute, spelling until May":   {`"userAttributeNameForConnectionsEnvironments":"env"`, func(c *omni.Connection) bool { return c.UserAttributeName.Or("") == "env" }},
		"both, today's counts":            {`"userAttributeNameForConnectionsEnvironments":"old","userAttributeNameForConnectionEnvironments":"new"`, func(c *omni.Connection) bool { return c.UserAttributeName.Or("") == "new" }},
		"both, today's is null":           {`"userAttributeNameForConnectionsEnvironments":"old","userAttributeNameForConnectionEnvironments":null`, func(c *omni.Connection) bool { return c.UserAttributeName.IsNull() }},
		"neither":                         {`"x":1`, func(c *omni.Connection) bool { return c.UserAttributeName.IsZero() }},
		"defaults as array":               {`"userAttributeValuesForDefaultEnvironment":["a","b"]`, defaults("a", "b")},
		"defaults as text":                {`"userAttributeValuesForDefaultEnvironment":"prod"`, defaults("prod")},
		"defaults as comma text":          {`"userAttributeValuesForDefaultEnvironment":"a, b"`, defaults("a", "b")},
		"defaults as comma text in array": {`"userAttributeValuesForDefaultEnvironment":["us-east, production"]`, defaults("us-east", "production")},
		"defaults as numbers":             {`"userAttributeValuesForDefaultEnvironment":[1,2]`, defaults("1", "2")},
		"defaults null":                   {`"userAttributeValuesForDefaultEnvironment":null`, func(c *omni.Connection) bool { return c.UserAttributeDefaultValues.IsNull() }},
		"defaults absent":                 {`"x":1`, func(c *omni.Connection) bool { return c.UserAttributeDefaultValues.IsZero() }},
		"an absent setting":               {`"x":1`, func(c *omni.Connection) bool { return c.Host.IsZero() && !c.Host.IsNull() }},
		"a null setting":                  {`"host":null`, func(c *omni.Connection) bool { return !c.Host.IsZero() && c.Host.IsNull() }},
		"an empty setting":                {`"host":""`, func(c *omni.Connection) bool { v, ok := c.Host.Get(); return ok && v == "" }},
		"keys from the future":            {`"somethingNew":{"a":[1]}`, func(c *omni.Connection) bool { return c.ID == omnitest.IDA }},
		"billing limit as text":           {`"maxBillingBytes":"1000"`, func(c *omni.Connection) bool { return c.MaxBillingBytes.Or(0) == 1000 }},
		"billing limit as number":         {`"maxBillingBytes":1000`, func(c *omni.Connection) bool { return c.MaxBillingBytes.Or(0) == 1000 }},
		"schemas null":                    {`"includeSchemas":null`, func(c *omni.Connection) bool { return c.IncludeSchemas.IsNull() }},
		"schemas as text": {`"includeSchemas":"a,b"`, func(c *omni.Connection) bool {
			return slices.Equal(c.IncludeSchemas.Or(nil), omni.StringList{"a", "b"})
		}},
		"alive":                             {`"deletedAt":null`, func(c *omni.Connection) bool { return !c.IsDeleted() }},
		"alive on a server without a trash": {`"x":1`, func(c *omni.Connection) bool { return !c.IsDeleted() }},
		"in the trash":                      {`"deletedAt":"2026-01-01T00:00:00Z"`, func(c *omni.Connection) bool { return c.IsDeleted() }},
	} {
		s := omnitest.New(t, "v1", omnitest.Always(200, `{"connection":{"id":"`+omnitest.IDA+`","name":"n","dialect":"exasol",`+c.json+`}}`))
		connection, err := s.Client.GetConnection(t.Context(), omnitest.IDA)
		if err != nil || !c.check(connection) {
			t.Errorf("%s: %+v, %v", name, connection, err)
		}
	}
}

func defaults(want ...string) func(*omni.Connection) bool {
	return func(c *omni.Connection) bool {
		got, ok := c.UserAttributeDefaultValues.Get()
		return ok && slices.Equal(got, want)
	}
}

func TestGetConnectionWantsTheOneItAskedFor(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		`{}`, `{"connection":null}`, `{"connection":{}}`, `{"connection":{"id":"` + omnitest.IDB + `"}}`, `{"connection":[]}`,
		`{"id":"` + omnitest.IDA + `"}`, `[]`, `null`, ``, `{"connection":{"id":"` + omnitest.IDA + `","port":"5432"}}`,
	} {
		s := omnitest.New(t, "v1", omnitest.Always(200, answer))
		if c, err := s.Client.GetConnection(t.Context(), omnitest.IDA); !httpclient.IsUnreadable(err) {
			t.Errorf("%s: %+v, %v", answer, c, err)
		}
	}
}

func TestListFilter(t *testing.T) {
	t.Parallel()
	s := omnitest.New(t, "v1", omnitest.Always(200, `{"connections":[]}`))
	_, err := s.Client.ListConnections(t.Context(), omni.ConnectionFilter{
		Name: "a b&c", Database: "d", Dialects: []string{"postgres", "mysql"}, IncludeDeleted: true, SortField: "name", SortDirection: "desc",
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Expect(t, "GET connections?database=d&dialect=postgres%2Cmysql&includeDeleted=true&name=a+b%26c&sortDirection=desc&sortField=name")
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status       int
		body         string
		message      string
		unauthorized bool
	}{
		{400, `{"detail":"Bad Request: name: Required","status":400}`, "Bad Request: name: Required", false},
		{401, `{"error":"Unauthorized","message":"Invalid or missing API key"}`, "Invalid or missing API key", false},
		{422, `{"error":"only this"}`, "only this", false},
		{500, `{"success":false,"error":"no"}`, "no", false},
		{403, `{"detail":"Invalid bearer token"}`, "Invalid bearer token", true},
		{403, `{"message":"INVALID BEARER TOKEN."}`, "INVALID BEARER TOKEN.", true},
		{403, `{"detail":"Permission denied"}`, "Permission denied", false},
		{400, `{"detail":"Invalid bearer token"}`, "Invalid bearer token", false},
		{400, `{"detail":{"field":"x"},"message":"told otherwise"}`, "told otherwise", false},
		{400, `{"detail":"","error":"last"}`, "last", false},
		{400, `{"detail":42}`, "", false},
		{400, `[]`, "", false},
		{502, `<html>Bad gateway</html>`, "", false},
		{400, ``, "", false},
		{400, `{"detail":`, "", false},
	} {
		got := omni.Describe(c.status, []byte(c.body))
		if got.Message != c.message || (got.Kind == httpclient.KindUnauthorized) != c.unauthorized {
			t.Errorf("%d %s: %+v", c.status, c.body, got)
		}
	}
}

func TestRefusalsAreRecognized(t *testing.T) {
	t.Parallel()
	refused := func(status int, detail string) error {
		s := omnitest.New(t, "v1", omnitest.Always(status, fmt.Sprintf(`{"detail":%q,"status":%d}`, detail, status)))
		return s.Client.UpdateConnection(t.Context(), omnitest.IDA, omni.ConnectionUpdate{Settings: omni.ConnectionSettings{Host: nullable.Of("h")}})
	}
	for _, c := range []struct {
		status int
		detail string
		want   []string
	}{
		{400, "Bad Request: formErrors: Unrecognized key(s) in object: 'host'", []string{"host"}},
		{400, "Bad Request: formErrors: Unrecognized key(s) in object: 'host', 'port'", []string{"host", "port"}},
		{422, "Unrecognized key(s) in object: 'host'", []string{"host"}},
		{400, "Unrecognized key(s) in object: ", nil},
		{400, "Bad Request: host: Required", nil},
		{403, "Unrecognized key(s) in object: 'host'", nil},
	} {
		if got := omni.UnrecognizedKeys(refused(c.status, c.detail)); !slices.Equal(got, c.want) {
			t.Errorf("%d %s: %q", c.status, c.detail, got)
		}
	}
	for want, err := range map[bool]error{
		true:  refused(400, `User attribute value "a" is already in use`),
		false: cmp.Or(refused(409, `User attribute value "a" is already in use`), refused(400, "other")),
	} {
		if got := omni.IsValueInUse(err); got != want {
			t.Errorf("%v: %t", err, got)
		}
	}
}

// An empty limit is none, and does not make the connection unreadable.
func TestMaxBillingBytesOfAConnection(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]nullable.Value[omni.Digits]{
		`{}`: {}, `{"maxBillingBytes":null}`: nullable.Null[omni.Digits](), `{"maxBillingBytes":""}`: nullable.Null[omni.Digits](),
		`{"maxBillingBytes":"7"}`: nullable.Of[omni.Digits](7), `{"maxBillingBytes":7}`: nullable.Of[omni.Digits](7),
	} {
		var c omni.Connection
		if err := json.Unmarshal([]byte(text), &c); err != nil || !reflect.DeepEqual(c.MaxBillingBytes, want) {
			t.Errorf("%s: %v, %v", text, c.MaxBillingBytes, err)
		}
	}
	var c omni.Connection
	if err := json.Unmarshal([]byte(`{"maxBillingBytes":"many"}`), &c); err == nil || !strings.Contains(err.Error(), "maxBillingBytes") {
		t.Errorf("%v", err)
	}
}
