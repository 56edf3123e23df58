// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/omnitest"
)

// Every call: its request, and whether it is made again after an answer that does
// not tell whether the server carried it out. What could make a second object, or
// a second key, is not.
func TestRequestsAndTheirRepetition(t *testing.T) {
	t.Parallel()
	const a, b = omnitest.IDA, omnitest.IDB
	ignore := func(_ any, err error) error { return err }
	value := nullable.Of(omni.AttributeValue{Values: []string{"x"}})
	for _, c := range []struct {
		request string
		once    bool
		send    func(ctx context.Context, c *omni.Client) error
	}{
		{"GET connections", false, func(ctx context.Context, c *omni.Client) error {
			return ignore(c.ListConnections(ctx, omni.ConnectionFilter{}))
		}},
		{"GET connections/" + a, false, func(ctx context.Context, c *omni.Client) error { return ignore(c.GetConnection(ctx, a)) }},
		{"POST connections", true, func(ctx context.Context, c *omni.Client) error {
			return ignore(c.CreateConnection(ctx, omni.ConnectionCreate{Dialect: "exasol"}))
		}},
		{"PATCH connections/" + a, false, func(ctx context.Context, c *omni.Client) error {
			return c.UpdateConnection(ctx, a, omni.ConnectionUpdate{Settings: omni.ConnectionSettings{Name: nullable.Of("n")}})
		}},
		{"DELETE connections/" + a, false, func(ctx context.Context, c *omni.Client) error { return c.DeleteConnection(ctx, a) }},
		{"PATCH connections/" + a, false, func(ctx context.Context, c *omni.Client) error {
			return c.SetEnvironmentUserAttribute(ctx, a, nil)
		}},

		{"GET connection-environments", false, func(ctx context.Context, c *omni.Client) error { return ignore(c.ListEnvironments(ctx)) }},
		{"POST connection-environments", true, func(ctx context.Context, c *omni.Client) error {
			return ignore(c.CreateEnvironments(ctx, a, []string{b}, false))
		}},
		{"PUT connection-environments/" + a, false, func(ctx context.Context, c *omni.Client) error {
			return c.SetEnvironmentValues(ctx, a, []string{"x"})
		}},
		{"DELETE connection-environments/" + a, false, func(ctx context.Context, c *omni.Client) error { return c.DeleteEnvironment(ctx, a) }},

		{"GET connections/" + a + "/schedules", false, func(ctx context.Context, c *omni.Client) error { return ignore(c.ListSchedules(ctx, a)) }},
		{"GET connections/" + a + "/schedules/" + b, false, func(ctx context.Context, c *omni.Client) error { return ignore(c.GetSchedule(ctx, a, b)) }},
		{"POST connections/" + a + "/schedules", true, func(ctx context.Context, c *omni.Client) error {
			return ignore(c.CreateSchedule(ctx, a, omni.ScheduleSettings{}))
		}},
		{"PUT connections/" + a + "/schedules/" + b, false, func(ctx context.Context, c *omni.Client) error {
			return ignore(c.UpdateSchedule(ctx, a, b, omni.ScheduleSettings{}))
		}},
		{"DELETE connections/" + a + "/schedules/" + b, false, func(ctx context.Context, c *omni.Client) error { return c.DeleteSchedule(ctx, a, b) }},

		{"GET connections/" + a + "/dbt", false, func(ctx context.Context, c *omni.Client) error { return ignore(c.GetDBT(ctx, a)) }},
		{"PUT connections/" + a + "/dbt", false, func(ctx context.Context, c *omni.Client) error { return ignore(c.PutDBT(ctx, a, omni.DBTWrite{})) }},
		{"DELETE connections/" + a + "/dbt", false, func(ctx context.Context, c *omni.Client) error { return c.DeleteDBT(ctx, a) }},
		{"POST connections/" + a + "/dbt/rotate-signing-key", true, func(ctx context.Context, c *omni.Client) error {
			return ignore(c.RotateSigningKey(ctx, a, omni.SigningKeyRotation{}))
		}},
		{"GET connections/" + a + "/dbt/environments", false, func(ctx context.Context, c *omni.Client) error {
			return ignore(c.ListDBTEnvironments(ctx, a))
		}},
		{"POST connections/" + a + "/dbt/environments", true, func(ctx context.Context, c *omni.Client) error {
			return ignore(c.CreateDBTEnvironment(ctx, a, omni.DBTEnvironmentSettings{}))
		}},
		{"PUT connections/" + a + "/dbt/environments/" + b, false, func(ctx context.Context, c *omni.Client) error {
			return ignore(c.UpdateDBTEnvironment(ctx, a, b, omni.DBTEnvironmentSettings{}))
		}},
		{"DELETE connections/" + a + "/dbt/environments/" + b, false, func(ctx context.Context, c *omni.Client) error {
			return c.DeleteDBTEnvironment(ctx, a, b)
		}},

		{"GET models", false, func(ctx context.Context, c *omni.Client) error { return ignore(c.ListSchemaModels(ctx)) }},
		{"GET models", false, func(ctx context.Context, c *omni.Client) error { return ignore(c.GetSchemaModel(ctx, a)) }},
		{"POST models", false, func(ctx context.Context, c *omni.Client) error { return ignore(c.CreateSchemaModel(ctx, a)) }},
		{"POST models/" + a + "/refresh", true, func(ctx context.Context, c *omni.Client) error { return ignore(c.RefreshModel(ctx, a, nil)) }},
		{"GET jobs/j/status", false, func(ctx context.Context, c *omni.Client) error { return ignore(c.GetJob(ctx, "j")) }},

		{"GET scim/v2/Users", false, func(ctx context.Context, c *omni.Client) error { return ignore(c.ListUsers(ctx)) }},
		{"GET scim/v2/Users/" + a, false, func(ctx context.Context, c *omni.Client) error { return ignore(c.GetUser(ctx, a)) }},
		{"GET scim/v2/Users", false, func(ctx context.Context, c *omni.Client) error { return ignore(c.FindUser(ctx, "x@example.com")) }},
		{"PATCH scim/v2/Users/" + a, false, func(ctx context.Context, c *omni.Client) error { return ignore(c.SetUserValue(ctx, a, "env", value)) }},

		{"GET user-attributes", false, func(ctx context.Context, c *omni.Client) error { return ignore(c.ListUserAttributes(ctx)) }},
		{"POST user-attributes", true, func(ctx context.Context, c *omni.Client) error {
			return ignore(c.CreateUserAttribute(ctx, omni.UserAttributeCreate{}))
		}},
		{"PUT user-attributes/" + a, false, func(ctx context.Context, c *omni.Client) error {
			return c.UpdateUserAttribute(ctx, a, omni.UserAttributeSettings{})
		}},
		{"DELETE user-attributes/" + a, false, func(ctx context.Context, c *omni.Client) error { return c.DeleteUserAttribute(ctx, a) }},
	} {
		t.Run(c.request, func(t *testing.T) {
			t.Parallel()
			var paths []string
			s := omnitest.New(t, "v1", func(r *http.Request, _ string) (int, string) {
				paths = append(paths, r.Method+" "+r.URL.Path)
				return 502, `{"detail":"Bad Gateway"}`
			})
			err := c.send(t.Context(), s.Client)
			if e, ok := httpclient.AsError(err); !ok || e.Status != http.StatusBadGateway {
				t.Errorf("%v", err)
			}
			want := 2
			if c.once {
				want = 1
			}
			if len(paths) != want {
				t.Errorf("%d attempts, want %d", len(paths), want)
			}
			method, path, _ := strings.Cut(c.request, " ")
			if len(paths) > 0 && paths[0] != method+" /api/v1/"+path && paths[0] != method+" /api/"+path {
				t.Errorf("asked %s", paths[0])
			}
		})
	}
}

// A batch that has waited for its turn takes no other one, and its older form a second:
// a limit of one a minute has the first request go, and not the next.
func TestTurnsOfABatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := omnitest.New(t, "v1", omnitest.Always(400, `{"detail":"Bad Request: environmentConnectionIds: Expected string, received array","status":400}`),
			func(c *httpclient.Config) { c.MaxRequestsPerMinute = 1 })
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second) // the next turn is a minute away
		defer cancel()
		if !s.Client.Turn(ctx) {
			t.Fatal("there is no turn")
		}
		_, err := s.Client.CreateEnvironments(ctx, omnitest.IDA, []string{omnitest.IDB}, true)
		if attempts := s.Sent(); !httpclient.IsTimeout(err) || len(attempts) != 1 {
			t.Errorf("%v after %q", err, attempts)
		}
	})
}

// An answer about another dbt environment, or about none, is no success.
func TestDBTEnvironmentAnswers(t *testing.T) {
	t.Parallel()
	const fields = `"name":"n","targetSchema":"s","variables":[]`
	for answer, problem := range map[string]string{
		`{"id":"` + omnitest.IDB + `",` + fields + `}`:                                  "",
		`{"id":"` + omnitest.IDC + `",` + fields + `}`:                                  "instead of",
		`{"success":false,"error":"no way","id":"` + omnitest.IDB + `",` + fields + `}`: "no way",
		`{"id":"x",` + fields + `}`:                                                     `no dbt environment id in \"id\"`,
		`{"id":"` + omnitest.IDB + `","targetSchema":"s","variables":[]}`:               `no \"name\"`,
		`{"id":"` + omnitest.IDB + `","name":"n","variables":[]}`:                       `no \"targetSchema\"`,
		`{"id":"` + omnitest.IDB + `","name":"n","targetSchema":"s"}`:                   `no list \"variables\"`,
	} {
		s := omnitest.New(t, "v1", omnitest.Always(200, answer))
		made, err := s.Client.UpdateDBTEnvironment(t.Context(), omnitest.IDA, omnitest.IDB, omni.DBTEnvironmentSettings{})
		switch {
		case problem == "" && (err != nil || made.ID != omnitest.IDB):
			t.Errorf("%s: %v", answer, err)
		case problem != "" && (err == nil || !strings.Contains(err.Error(), strings.ReplaceAll(problem, `\"`, `"`))):
			t.Errorf("%s: %v", answer, err)
		}
	}
}
