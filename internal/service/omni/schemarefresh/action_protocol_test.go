// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package schemarefresh_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

const refreshType = "dataconn_omni_schema_refresh"

func start(t *testing.T, options omnimock.Options) (*omnimock.Server, *protocol.Provider, string) {
	t.Helper()
	options.InMemory = true
	s := omnimock.Start(t, options)
	id := s.AddConnection(map[string]any{"name": "one", "dialect": "exasol"})
	p := protocol.NewDialing(t, s)
	p.Configure(protocol.With(protocol.OmniConfig(s), map[string]any{"max_retries": 0})).RequireNone(t)
	return s, p, id
}

// refreshes returns the queries of the refreshes that were started.
func refreshes(s *omnimock.Server) []string {
	var queries []string
	for _, r := range s.Requests() {
		if r.Method == http.MethodPost {
			queries = append(queries, r.Path+"?"+r.Query.Encode())
		}
	}
	return queries
}

func TestProtocolRefresh(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) {
		for words, options := range map[string]omnimock.Options{
			"in progress": {BuildSchemaModels: true},
			"running":     {BuildSchemaModels: true, DocumentedJobWords: true},
		} {
			s, p, id := start(t, options)
			messages, diags := p.Invoke(refreshType, map[string]any{"connection_id": strings.ToUpper(id)}, nil)
			diags.RequireNone(t)
			if len(messages) != 3 || !strings.Contains(messages[0], "Refreshing the schema of Omni connection "+id+", as job ") ||
				!strings.HasSuffix(messages[1], "the job is "+words+".") || !strings.HasSuffix(messages[2], "the job is completed.") {
				t.Errorf("%q", messages)
			}
			if got := refreshes(s); !slices.Equal(got, []string{"/api/v1/models/" + id + "/refresh?"}) {
				t.Errorf("%q", got)
			}
		}
	})
}

func TestProtocolRefreshWithoutWaiting(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) {
		s, p, id := start(t, omnimock.Options{BuildSchemaModels: true, RefreshFails: true})
		for _, hard := range []bool{false, true} {
			messages, diags := p.Invoke(refreshType, map[string]any{"connection_id": id, "wait": false, "hard_refresh": hard}, nil)
			diags.RequireNone(t)
			if len(messages) != 1 || !strings.Contains(messages[0], "has begun, as job ") {
				t.Errorf("%q", messages)
			}
		}
		want := []string{"/api/v1/models/" + id + "/refresh?hard_refresh=false", "/api/v1/models/" + id + "/refresh?hard_refresh=true"}
		if got := refreshes(s); !slices.Equal(got, want) || s.CountRequests(http.MethodGet, "") != 0 {
			t.Errorf("%q", got)
		}
	})
}

func TestProtocolRefreshThatFails(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) {
		_, p, id := start(t, omnimock.Options{BuildSchemaModels: true, RefreshFails: true})
		messages, diags := p.Invoke(refreshType, map[string]any{"connection_id": id}, nil)
		diags.RequireError(t, "Cannot follow the refresh", id, "ended with the status FAILED", "user interface")
		if len(messages) != 3 {
			t.Errorf("%q", messages)
		}

		// A server that says why.
		s, p, id := start(t, omnimock.Options{BuildSchemaModels: true})
		s.Faults().Add(fault.Answer(200, `{"job_id":"x","job_type":"refresh_schema","status":"failed","message":"no route to host"}`).On(http.MethodGet, "/api/v1/jobs/*/status"))
		_, diags = p.Invoke(refreshType, map[string]any{"connection_id": id}, nil)
		diags.RequireError(t, "ended with the status failed: no route to host")
	})
}

// Whatever was not started says so, and why.
func TestProtocolRefreshThatDoesNotBegin(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) {
		const unknown = "550e8400-e29b-41d4-a716-446655440000"
		hard := map[string]any{"hard_refresh": true}
		for name, test := range map[string]struct {
			fault  fault.Fault
			config map[string]any
			model  bool
			words  []string
		}{
			"no model":      {words: []string{"at connection_id:", "the connection has no schema model", "dataconn_omni_schema_model"}},
			"no connection": {config: map[string]any{"connection_id": unknown}, words: []string{"at connection_id:", "No such Omni connection", unknown}},
			"older server": {
				model: true, config: hard,
				fault: fault.Answer(400, `{"detail":"Bad Request: formErrors: Unrecognized key(s) in object: 'hard_refresh'","status":400}`),
				words: []string{"at hard_refresh:", "does not support hard_refresh", "Nothing was started", "Unrecognized key(s)"},
			},
			"not allowed": {model: true, fault: fault.Answer(403, `{"detail":"Permission denied"}`), words: []string{"Cannot refresh the schema of Omni connection ", "Permission denied", "Connection Admin"}},
			"lost answer": {model: true, fault: fault.InternalError().Applied(), words: []string{"500", "may have begun"}},
			"no job":      {model: true, fault: fault.Answer(200, `{"modelId":"x"}`), words: []string{"jobId", "may have begun"}},
			"another 404": {model: true, fault: fault.Answer(404, `{"detail":"Not Found"}`), words: []string{"404", "Not Found"}},
		} {
			s, p, id := start(t, omnimock.Options{BuildSchemaModels: test.model})
			if test.fault.Status != 0 {
				s.Faults().Add(test.fault.On(http.MethodPost, ""))
			}
			messages, diags := p.Invoke(refreshType, protocol.With(map[string]any{"connection_id": id}, test.config), nil)
			if len(messages) > 0 || len(diags) != 1 {
				t.Errorf("%s: %q\n%s", name, messages, diags)
			}
			diags.RequireError(t, test.words...)
		}
	})
}

// What happens while the job is followed does not hide that it goes on.
func TestProtocolRefreshThatCannotBeFollowed(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) {
		s, p, id := start(t, omnimock.Options{BuildSchemaModels: true})
		s.Faults().Add(fault.Answer(404, `{"detail":"Not Found"}`).On(http.MethodGet, "/api/v1/jobs/*/status"))
		_, diags := p.Invoke(refreshType, map[string]any{"connection_id": id}, nil)
		diags.RequireError(t, "404", "goes on in Omni as job ")

		s.Faults().Add(fault.Answer(403, `{"detail":"Permission denied"}`).On(http.MethodGet, "/api/v1/jobs/*/status"))
		_, diags = p.Invoke(refreshType, map[string]any{"connection_id": id, "wait": true}, nil)
		diags.RequireError(t, "it needs at least Restricted Querier on the connection")

		s.Faults().Add(fault.Answer(200, `{}`).On(http.MethodGet, "/api/v1/jobs/*/status"))
		_, diags = p.Invoke(refreshType, map[string]any{"connection_id": id}, nil)
		diags.RequireError(t, `"status"`, "goes on in Omni as job ")

		_, endless, id := start(t, omnimock.Options{BuildSchemaModels: true, RefreshNeverEnds: true})
		_, diags = endless.Invoke(refreshType, map[string]any{"connection_id": id}, func(message string) {
			if strings.Contains(message, "in progress") {
				endless.Stop()
			}
		})
		diags.RequireError(t, "was interrupted", "goes on in Omni as job ")
	})
}

func TestProtocolRefreshTimeout(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) {
		s, p, id := start(t, omnimock.Options{BuildSchemaModels: true, RefreshNeverEnds: true})
		_, diags := p.Invoke(refreshType, map[string]any{"connection_id": id, "timeouts": map[string]any{"invoke": "5s"}}, nil)
		diags.RequireError(t, "Cannot follow the refresh", "it was not done within timeouts.invoke. ", "goes on in Omni as job ")
		if n := s.CountRequests(http.MethodGet, ""); n != 4 {
			t.Errorf("%d questions in 5 s", n)
		}
	})
}

func TestProtocolRefreshConfig(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) {
		s, p, id := start(t, omnimock.Options{BuildSchemaModels: true})
		p.RequireJudged(s.Host, refreshType, map[string]any{"connection_id": id})
		s.ResetRequests()
		p.PlanAction(refreshType, map[string]any{"connection_id": "x"}).RequireError(t, "at connection_id:", "not an id")
		p.PlanAction(refreshType, map[string]any{"connection_id": id, "timeouts": map[string]any{"invoke": "soon"}}).RequireError(t, "at timeouts.invoke:")
		p.PlanAction(refreshType, map[string]any{"connection_id": protocol.Unknown, "hard_refresh": protocol.Unknown, "wait": protocol.Unknown}).RequireNone(t)
		if n := s.CountRequests("", ""); n != 0 {
			t.Errorf("%d requests for a plan", n)
		}
		unconfigured := protocol.New(t, protocol.Options())
		unconfigured.Configure(nil).RequireNone(t)
		_, diags := unconfigured.Invoke(refreshType, map[string]any{"connection_id": id}, nil)
		diags.RequireError(t, "Omni is not configured", "OMNI_BASE_URL")
	})
}
