// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package base_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	listresource "github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/omnitest"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

const (
	idA = omnitest.IDA
	idB = omnitest.IDB
	idC = omnitest.IDC
)

// serving is an inventory of a server that answers by path, the part after the
// version, and 404 otherwise; an answer of three letters is a status.
func serving(t *testing.T, answers map[string]string) *inventory.Inventory {
	t.Helper()
	return inventory.New(omnitest.New(t, "v1", func(r *http.Request, _ string) (int, string) {
		answer, ok := answers[strings.TrimPrefix(r.URL.Path, "/api/v1/")]
		switch {
		case !ok:
			return 404, `{"detail":"Connection does not exist"}`
		case len(answer) == 3:
			status := 0
			_, _ = fmt.Sscan(answer, &status)
			return status, `{"detail":"no"}`
		}
		return 200, answer
	}).Client)
}

func text(d diag.Diagnostic) string {
	at := ""
	if w, ok := d.(diag.DiagnosticWithPath); ok {
		at = w.Path().String()
	}
	return fmt.Sprintf("%s at %s: %s: %s", d.Severity(), at, d.Summary(), d.Detail())
}

var list = `{"connections":[{"id":"` + idB + `","name":"b","dialect":"d"},{"id":"` + idA + `","name":"a","dialect":"d"},{"id":"` + idC + `","name":"0","deletedAt":"2026-01-01T00:00:00Z"}]}`

// A query over all connections asks them in order, leaves out with a warning what
// it may not read, and ends at an error, or when its reader has enough.
func TestListOverConnections(t *testing.T) {
	t.Parallel()
	forbidden, unreadable := errors.New("403"), errors.New("null")
	for name, c := range map[string]struct {
		id     string
		server map[string]string
		fails  map[string]error // of connections
		limit  int
		want   []string // names and, in part, diagnostics
	}{
		"all":                      {"", map[string]string{"connections": list}, nil, 9, []string{"a1", "a2", "b1", "b2"}},
		"cannot be made out":       {"", map[string]string{"connections": list, "connections/" + idA: "null"}, map[string]error{idA: unreadable}, 9, []string{"Warning at : Could not list things of Omni connection \"a\" (" + idA + ")", "b1", "b2"}},
		"enough":                   {"", map[string]string{"connections": list}, nil, 3, []string{"a1", "a2", "b1"}},
		"gone since":               {"", map[string]string{"connections": list}, map[string]error{idA: inventory.ErrGone}, 9, []string{"b1", "b2"}},
		"may not be read":          {"", map[string]string{"connections": list, "connections/" + idA: "403"}, map[string]error{idA: forbidden}, 9, []string{"Warning at : Could not list things of Omni connection \"a\" (" + idA + ")", "b1", "b2"}},
		"fails":                    {"", map[string]string{"connections": list}, map[string]error{idA: errors.New("odd")}, 9, []string{"Error at : Cannot list things of Omni connection \"a\" (" + idA + "): odd"}},
		"no list":                  {"", map[string]string{"connections": "403"}, nil, 9, []string{"Error at : Cannot list Omni connections: "}},
		"one":                      {strings.ToUpper(idB), map[string]string{"connections": list}, nil, 9, []string{"b1", "b2"}},
		"one that is gone":         {idC, map[string]string{"connections": list}, nil, 9, []string{"Error at connection_id: No such Omni connection"}},
		"one that fails":           {idB, map[string]string{"connections": list}, map[string]error{idB: errors.New("odd")}, 9, []string{"Error at connection_id: Cannot list things of Omni connection " + idB + ": odd"}},
		"one, and enough is found": {idB, map[string]string{"connections": list}, nil, 1, []string{"b1"}},
	} {
		access := serving(t, c.server)
		id := types.StringNull()
		if c.id != "" {
			id = types.StringValue(c.id)
		}
		var got []string
		find := func(_ context.Context, connection *omni.Connection) ([]framework.Listed[struct{}], error) {
			err := c.fails[connection.ID]
			if errors.Is(err, forbidden) || errors.Is(err, unreadable) {
				_, err = serving(t, c.server).FreshConnection(t.Context(), connection.ID)
			}
			letter := connection.Name.Or("")
			return []framework.Listed[struct{}]{{Name: letter + "1"}, {Name: letter + "2"}}, err
		}
		for item := range base.ListOverConnections(t.Context(), access, id, framework.Attempt{Action: "list", Object: "things", Needs: "luck"}, find) {
			if len(item.Diagnostics) > 0 {
				got = append(got, text(item.Diagnostics[0]))
			} else {
				got = append(got, item.Name)
			}
			if len(got) == c.limit {
				break
			}
		}
		if !slices.EqualFunc(got, c.want, strings.HasPrefix) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// A query's own connection is asked alone, in any case; without one, all are.
func TestListByConnection(t *testing.T) {
	t.Parallel()
	access := serving(t, map[string]string{"connections": list})
	find := func(_ context.Context, connection *omni.Connection) ([]framework.Listed[struct{}], error) {
		return []framework.Listed[struct{}]{{Name: connection.Name.Or(""), Identity: base.OfConnection{ConnectionID: types.StringValue(connection.ID)}}}, nil
	}
	for id, want := range map[any][]string{nil: {"a", "b"}, strings.ToUpper(idB): {"b"}} {
		block := base.OfConnectionSchema("", "")
		var got []string
		for result := range base.ListByConnection(t.Context(), listresource.ListRequest{
			Config:         tfsdk.Config{Schema: block, Raw: tftypes.NewValue(block.Type().TerraformType(t.Context()), map[string]tftypes.Value{"connection_id": tftypes.NewValue(tftypes.String, id)})},
			Limit:          9,
			ResourceSchema: schema.Schema{},
			ResourceIdentitySchema: identityschema.Schema{Attributes: map[string]identityschema.Attribute{
				"connection_id": identityschema.StringAttribute{RequiredForImport: true},
			}},
		}, access, framework.Attempt{Action: "list", Object: "things", Needs: "luck"}, find) {
			if result.Diagnostics.HasError() {
				t.Fatal(result.Diagnostics)
			}
			got = append(got, result.DisplayName)
		}
		if !slices.Equal(got, want) {
			t.Errorf("of %v: %q", id, got)
		}
	}
}

func TestFindUser(t *testing.T) {
	t.Parallel()
	const user = `{"id":"` + idA + `","userName":"a@example.com","emails":[{"value":"a@example.com"}]}`
	page := `{"Resources":[` + user + `],"totalResults":1,"startIndex":1,"itemsPerPage":1}`
	none := `{"Resources":[],"totalResults":0,"startIndex":1,"itemsPerPage":0}`
	for name, c := range map[string]struct {
		answers   map[string]string
		id, email string
		want      string // an error, in part
	}{
		"by id":           {map[string]string{"/api/scim/v2/Users/" + idA: user}, strings.ToUpper(idA), "", ""},
		"no such id":      {map[string]string{"/api/scim/v2/Users/" + idA: "404"}, idA, "", "Error at user_id: No such Omni user: There is no user " + idA},
		"refused id":      {map[string]string{"/api/scim/v2/Users/" + idA: "403"}, idA, "", "Error at user_id: Cannot find Omni user " + idA},
		"by address":      {map[string]string{"/api/scim/v2/Users": page}, "", "a@example.com", ""},
		"no such address": {map[string]string{"/api/scim/v2/Users": none}, "", "b@example.com", "Error at user_email: No such Omni user: There is no user b@example.com"},
		"refused address": {map[string]string{"/api/scim/v2/Users": "403"}, "", "b@example.com", "Error at user_email: Cannot find Omni user b@example.com"},
	} {
		found, problem := base.FindUser(t.Context(), serving(t, c.answers), c.id, c.email)
		switch {
		case c.want == "" && (problem != nil || found.ID != idA):
			t.Errorf("%s: %v, %v", name, found, problem)
		case c.want != "" && (problem == nil || found != nil || !strings.HasPrefix(text(problem), c.want)):
			t.Errorf("%s: %v", name, problem)
		case strings.HasPrefix(name, "refused") && !strings.Contains(problem.Detail(), "an API key of the organization"):
			t.Errorf("%s: %s", name, problem.Detail())
		}
	}
}

// What a route is worked out from: all of it, or an error about what is missing.
func TestFindRouting(t *testing.T) {
	t.Parallel()
	connection := func(more string) string {
		return `{"connections":[{"id":"` + idA + `","name":"a","dialect":"d"` + more + `}]}`
	}
	bound := connection(`,"userAttributeNameForConnectionEnvironments":"env","userAttributeValuesForDefaultEnvironment":["dev"]`)
	environments := func(of string) string { return `{"connectionEnvironments":[` + of + `]}` }
	const attributes = `{"records":[{"id":"1","name":"env","default_value":"x"}]}`
	own := `{"id":"1","baseConnectionId":"` + strings.ToUpper(idA) + `","connectionId":"` + idB + `","userAttributeValues":["b"]}`
	others := `{"id":"2","baseConnectionId":"` + idC + `","connectionId":"` + idB + `"}`
	for name, c := range map[string]struct {
		server map[string]string
		want   string // an error, in part
		check  func(*base.Routing) bool
	}{
		"whole": {map[string]string{"connections": bound, "connection-environments": environments(own + "," + others), "user-attributes": attributes}, "", func(r *base.Routing) bool {
			return r.BaseConnectionID == idA && r.AttributeName == "env" && slices.Equal(r.DefaultValues, []string{"dev"}) && len(r.Environments) == 1 && slices.Equal(r.Default, []string{"x"}) &&
				!r.DefaultUnknown && !r.AttributeMissing && slices.Equal(r.Values(nil), []string{"x"}) && slices.Equal(r.Values([]string{"y"}), []string{"y"})
		}},
		"not bound": {map[string]string{"connections": connection(`,"userAttributeNameForConnectionEnvironments":null`)}, "", func(r *base.Routing) bool {
			return r.AttributeName == "" && r.Values(nil) == nil && len(r.Environments) == 0
		}},
		"attributes refused": {map[string]string{"connections": bound, "connection-environments": environments(""), "user-attributes": "403"}, "", func(r *base.Routing) bool {
			return r.DefaultUnknown && !r.AttributeMissing && r.Default == nil
		}},
		"no attributes in its API": {map[string]string{"connections": bound, "connection-environments": environments("")}, "", func(r *base.Routing) bool {
			return r.DefaultUnknown && !r.AttributeMissing && r.Default == nil
		}},
		"no such attribute": {map[string]string{"connections": bound, "connection-environments": environments(""), "user-attributes": `{"records":[]}`}, "", func(r *base.Routing) bool {
			return !r.DefaultUnknown && r.AttributeMissing
		}},
		"no connection":     {map[string]string{"connections": list, "connections/" + idA: "404"}, "", nil},
		"attributes fail":   {map[string]string{"connections": bound, "connection-environments": environments(""), "user-attributes": "401"}, `Error at : Cannot route: the user attribute "env", whose default counts, could not be read: `, nil},
		"connection fails":  {map[string]string{"connections": "401"}, "Error at base_connection_id: Cannot route", nil},
		"does not tell":     {map[string]string{"connections": connection("")}, "Error at : Cannot route: the server does not tell which user attribute", nil},
		"environments fail": {map[string]string{"connections": bound, "connection-environments": "401"}, "Error at : Cannot route", nil},
		"values not told":   {map[string]string{"connections": bound, "connection-environments": environments(`{"id":"1","baseConnectionId":"` + idA + `","connectionId":"` + idB + `"}`)}, "Error at : Cannot route: the server does not tell the values of environment 1", nil},
		"no such list":      {map[string]string{"connections": bound}, "Error at : Cannot route: ", nil},
		"an odd one of others": {map[string]string{"connections": bound, "connection-environments": environments(own + `,{"id":"2","baseConnectionId":"` + idC + `","connectionId":7}`), "user-attributes": attributes}, "", func(r *base.Routing) bool {
			return len(r.Environments) == 1 && r.Environments[0].ID == "1"
		}},
		"an odd one":         {map[string]string{"connections": bound, "connection-environments": environments(`{"id":"1","connectionId":7}`)}, `Error at : Cannot route: environment "1" could be the answer`, nil},
		"an odd one of ours": {map[string]string{"connections": bound, "connection-environments": environments(`{"id":"1","baseConnectionId":"` + idA + `","connectionId":7}`)}, `Error at : Cannot route: environment "1" could be the answer`, nil},
	} {
		if name == "no connection" {
			c.server = map[string]string{"connections": strings.ReplaceAll(list, idA, "x")}
			c.want = "Error at base_connection_id: No such Omni connection: There is no connection with the id \"" + idA
		}
		routing, problem := base.FindRouting(t.Context(), serving(t, c.server), idA, framework.Attempt{Action: "route", Object: ""})
		switch {
		case name == "no such list" && (problem == nil || !strings.Contains(problem.Detail(), "so who works where cannot be read from it. Look at the base connection")):
			t.Errorf("%s: %v", name, problem)
		case c.want != "" && (problem == nil || !strings.HasPrefix(strings.ReplaceAll(text(problem), "route :", "route:"), c.want)):
			t.Errorf("%s: %v", name, problem)
		case c.want == "" && (problem != nil || !c.check(routing)):
			t.Errorf("%s: %+v, %v", name, routing, problem)
		}
	}
	if d := (&base.Routing{Routing: inventory.Routing{AttributeName: "env"}}).UnknownDefaultWarning(); d.Severity() != diag.SeverityWarning || !strings.Contains(d.Detail(), `"env"`) {
		t.Error(text(d))
	}
}

// Each end of a job has its words, and each new status is told once.
func TestFollowRefresh(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		job    string
		ctx    func(context.Context) (context.Context, context.CancelFunc)
		want   []string
		status string
	}{
		"done":   {`{"status":"COMPLETED"}`, context.WithCancel, nil, "completed"},
		"failed": {`{"status":"FAILED","message":"no route"}`, context.WithCancel, []string{"no route", "Omni cannot reach the database"}, "failed"},
		"lost":   {"403", context.WithCancel, []string{"The refresh has begun, and goes on in Omni as job j"}, ""},
		"late": {`{"status":"IN_PROGRESS"}`, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 50*time.Millisecond)
		}, []string{"it was not done within timeouts.x", "as job j: raise the timeout"}, "in progress"},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := c.ctx(t.Context())
			defer cancel()
			var said []string
			err := base.FollowRefresh(ctx, serving(t, map[string]string{"jobs/j/status": c.job}), "j", "timeouts.x", func(format string, args ...any) {
				said = append(said, fmt.Sprintf(format, args...))
			})
			if (err == nil) != (c.want == nil) {
				t.Errorf("%s: %v", name, err)
			}
			for _, words := range c.want {
				if err == nil || !strings.Contains(err.Error(), words) {
					t.Errorf("%s: %v", name, err)
				}
			}
			if c.status == "" && said != nil || c.status != "" && (len(said) != 1 || !strings.HasPrefix(said[0], "After ") || !strings.HasSuffix(said[0], "s the job is "+c.status+".")) {
				t.Errorf("%s: said %q", name, said)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	err := base.FollowRefresh(ctx, serving(t, map[string]string{"jobs/j/status": `{"status":"IN_PROGRESS"}`}), "j", "", func(string, ...any) { cancel() })
	if err == nil || !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "waiting for it was interrupted") {
		t.Errorf("%v", err)
	}
}

// A refresh that takes long says so every half a minute, whatever its status.
func TestFollowRefreshThatTakesLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		server := omnitest.New(t, "v1", func(*http.Request, string) (int, string) {
			if time.Since(began) > 65*time.Second {
				return 200, `{"status":"COMPLETED"}`
			}
			return 200, `{"status":"IN_PROGRESS"}`
		})
		var said []string
		err := base.FollowRefresh(t.Context(), inventory.New(server.Client), "j", "", func(format string, args ...any) {
			said = append(said, fmt.Sprintf(format, args...))
		})
		want := []string{"After 0s the job is in progress.", "After 33s the job is in progress.", "After 1m3s the job is in progress.", "After 1m8s the job is completed."}
		if err != nil || !slices.Equal(said, want) {
			t.Errorf("%v, said %q", err, said)
		}
	})
}

// A plan that replaces what stands on a protected connection is refused before
// anything is gone.
func TestRefuseWithConnection(t *testing.T) {
	t.Parallel()
	at := path.Root("connection_id")
	access := inventory.New(omni.NewClient(nil, omni.DefaultAPIVersion))
	access.NoteProtected(idA, "n", "exasol")
	access.PlanConnection("n", "exasol")
	for name, c := range map[string]struct {
		access         *inventory.Inventory
		planned, prior types.String
		isRefused      bool
	}{
		"refused":        {access, types.StringUnknown(), types.StringValue(idA), true},
		"known":          {access, types.StringValue(idA), types.StringValue(idA), false},
		"new":            {access, types.StringUnknown(), types.StringNull(), false},
		"another":        {access, types.StringUnknown(), types.StringValue(idB), false},
		"not configured": {nil, types.StringUnknown(), types.StringValue(idA), false},
	} {
		diags := base.RefuseWithConnection(c.access, at, c.planned, c.prior)
		if diags.HasError() != c.isRefused {
			t.Errorf("%s: %v", name, diags)
		}
		for _, d := range diags {
			if got := text(d); !strings.HasPrefix(got, "Error at connection_id: The connection is protected against deletion") || !strings.Contains(got, "OMNI_ALLOW_DELETION_OF="+idA) {
				t.Errorf("%s: %s", name, got)
			}
		}
	}
}
