// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// model is the schema model of a connection. A live server was seen to give it
// the connection's id and name. Models of other kinds are not played.
type model struct {
	id      string
	created time.Time
	updated time.Time
	deleted *time.Time
}

// job is a refresh of a schema model.
type job struct {
	modelID string
	polls   int // how often it was asked for
}

func (s *Server) modelRoutes() routes {
	if s.opts.Generation == Guide2025 {
		return nil // the guide has none
	}
	return routes{
		"models":           {"GET": s.listModels},
		"models/*/refresh": {"POST": s.refreshModel},
		"jobs/*/status":    {"GET": s.jobStatus},
	}
}

func (s *Server) buildModel(c *connection) {
	if s.models[c.id] == nil {
		now := s.now().Truncate(time.Millisecond)
		s.models[c.id] = &model{id: c.id, created: now, updated: now}
	}
}

// trashModel moves a connection's model to the trash with it. Choice: what
// becomes of its schedules is not documented; here they end.
func (s *Server) trashModel(c *connection) {
	if m := s.models[c.id]; m != nil {
		m.deleted = c.deleted
	}
	maps.DeleteFunc(s.schedules, func(_ string, o *Schedule) bool { return o.ConnectionID == c.id })
}

// listModels filters and pages. Choice: sortField takes the one field that is
// documented as the default, include the one word that is documented.
func (s *Server) listModels(call call) (answer, error) {
	q := call.query
	if err := onlyQuery(q, "connectionId", "modelKind", "name", "baseModelId", "modelId", "includeDeleted", "cursor", "pageSize", "sortField", "sortDirection", "include"); err != nil {
		return answer{}, err
	}
	for name, allowed := range map[string][]string{
		"modelKind":      {"SCHEMA", "SHARED", "SHARED_EXTENSION", "BRANCH", "WORKBOOK", "QUERY"},
		"includeDeleted": {"true", "false"},
		"sortField":      {"updatedAt"},
		"sortDirection":  {"asc", "desc"},
		"include":        {"activeBranches"},
	} {
		if value := q.Get(name); q.Has(name) && !slices.Contains(allowed, value) {
			return answer{}, invalid(name, "Invalid enum value. Expected '%s', received '%s'", strings.Join(allowed, "' | '"), value)
		}
	}
	for _, name := range []string{"connectionId", "baseModelId", "modelId"} {
		if q.Has(name) && !isUUID(q.Get(name)) {
			return answer{}, invalid(name, "Invalid uuid")
		}
	}
	pageSize := 20
	if q.Has("pageSize") {
		n, err := strconv.Atoi(q.Get("pageSize"))
		if err != nil || n < 1 || n > 100 {
			return answer{}, invalid("pageSize", "Number must be between 1 and 100")
		}
		pageSize = n
	}
	found := slices.DeleteFunc(s.sortedModels(), func(m *model) bool {
		c, ok := s.connections[m.id]
		return !ok || q.Has("connectionId") && q.Get("connectionId") != m.id ||
			q.Has("modelId") && q.Get("modelId") != m.id ||
			q.Has("baseModelId") || // a schema model has none
			q.Has("modelKind") && q.Get("modelKind") != "SCHEMA" ||
			q.Has("name") && q.Get("name") != c.text("name") ||
			m.deleted != nil && q.Get("includeDeleted") != "true"
	})
	if q.Get("sortDirection") == "asc" {
		slices.Reverse(found)
	}
	total := len(found)
	if q.Has("cursor") {
		at := slices.IndexFunc(found, func(m *model) bool { return m.id == q.Get("cursor") })
		if at < 0 {
			return answer{}, invalid("cursor", "Invalid cursor")
		}
		found = found[at+1:]
	}
	page := map[string]any{"hasNextPage": len(found) > pageSize, "nextCursor": nil, "pageSize": pageSize, "totalRecords": total}
	if len(found) > pageSize {
		found = found[:pageSize]
		page["nextCursor"] = found[pageSize-1].id
	}
	records := make([]map[string]any, len(found))
	for i, m := range found {
		records[i] = map[string]any{
			"id": m.id, "name": s.connections[m.id].text("name"), "modelKind": "SCHEMA", "connectionId": m.id, "baseModelId": nil,
			"createdAt": timestamp(m.created), "updatedAt": timestamp(m.updated), "deletedAt": nil,
		}
		if m.deleted != nil {
			records[i]["deletedAt"] = timestamp(*m.deleted)
		}
	}
	return answer{http.StatusOK, map[string]any{"pageInfo": page, "records": records}}, nil
}

// sortedModels returns the latest change first.
func (s *Server) sortedModels() []*model {
	var all []*model
	for _, m := range s.models {
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b *model) int { return cmp.Or(b.updated.Compare(a.updated), cmp.Compare(a.id, b.id)) })
	return all
}

// refreshModel starts a job. Choice: a model that does not exist is 404, with
// words like those about connections, also where its id is that of a connection.
// There are no branches, so none is found.
func (s *Server) refreshModel(call call) (answer, error) {
	q := call.query
	if err := onlyQuery(q, "branch_id", "hard_refresh", "schemas", "tables"); err != nil {
		return answer{}, err
	}
	if err := checkID(call.id); err != nil {
		return answer{}, err
	}
	if len(call.body) > 0 { // Choice: no body is documented; an empty object does no harm
		body, err := parseObject(call.body)
		if err != nil {
			return answer{}, err
		}
		if err := onlyKeys(body, nil); err != nil {
			return answer{}, err
		}
	}
	hard := q.Get("hard_refresh")
	switch {
	case q.Has("hard_refresh") && hard != "true" && hard != "false":
		return answer{}, invalid("hard_refresh", "Invalid enum value. Expected 'true' | 'false', received '%s'", hard)
	case hard != "false" && (q.Has("schemas") || q.Has("tables")):
		return answer{}, refuse(http.StatusBadRequest, "schemas and tables need hard_refresh=false")
	}
	m := s.models[call.id]
	switch {
	case m == nil || m.deleted != nil:
		return answer{}, refuse(http.StatusNotFound, "Model with id %s does not exist", call.id)
	case q.Has("branch_id"):
		return answer{}, refuse(http.StatusNotFound, "Branch with id %s does not exist", q.Get("branch_id"))
	}
	id := uuid.NewString()
	s.jobs[id] = &job{modelID: m.id}
	return answer{http.StatusOK, map[string]any{"jobId": id, "modelId": m.id, "status": "running"}}, nil
}

// jobStatus tells how a refresh is doing. Specification and docs spell it in two
// ways.
func (s *Server) jobStatus(call call) (answer, error) {
	if err := onlyQuery(call.query); err != nil {
		return answer{}, err
	}
	if err := checkID(call.id); err != nil {
		return answer{}, err
	}
	j, ok := s.jobs[call.id]
	if !ok {
		return answer{}, refuse(http.StatusNotFound, "Job with id %s does not exist", call.id)
	}
	kind, status := "REFRESH_SCHEMA", "IN_PROGRESS"
	if s.opts.DocumentedJobWords {
		kind, status = "refresh_schema", "RUNNING"
	}
	j.polls++
	switch {
	case s.opts.RefreshNeverEnds || j.polls == 1:
	case s.opts.RefreshFails:
		status = "FAILED"
	default:
		status = "COMPLETED"
		if m := s.models[j.modelID]; m != nil {
			m.updated = m.updated.Add(time.Millisecond)
		}
	}
	return answer{http.StatusOK, map[string]any{"job_id": call.id, "job_type": kind, "status": status}}, nil
}

// BuildSchemaModel has Omni read the connection's database for the first time:
// its schema model is there then. It panics if there is no such connection.
func (s *Server) BuildSchemaModel(connectionID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.buildModel(s.mustConnection(connectionID))
}

// SchemaModels returns the ids of the connections whose schema model is there,
// sorted.
func (s *Server) SchemaModels() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	for _, m := range s.models {
		if m.deleted == nil {
			ids = append(ids, m.id)
		}
	}
	slices.Sort(ids)
	return ids
}
