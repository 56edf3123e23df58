// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// The kinds of models that are played.
const (
	schemaKind = "SCHEMA"
	sharedKind = "SHARED"
)

// model is a model of a connection. A schema model, of which a connection has
// one at most, has the connection's id, and always its name. A shared model
// builds on it. Models of other kinds are not simulated.
type model struct {
	id           string
	connectionID string
	kind         string // SCHEMA or SHARED
	name         string // of a shared model
	refreshed    bool   // the database was read once
	created      time.Time
	updated      time.Time
	deleted      *time.Time
}

func (s *Server) modelRoutes() routes {
	if s.opts.Generation == Guide2025 {
		return nil // the guide has none
	}
	return routes{
		"models":           {"GET": s.listModels, "POST": s.createModel},
		"models/*":         {"DELETE": s.deleteModel},
		"models/*/refresh": {"POST": s.refreshModel},
		"jobs/*/status":    {"GET": s.jobStatus},
	}
}

// registerModel makes the schema model of a connection, which nobody has read the
// database for yet.
func (s *Server) registerModel(c *connection) *model {
	if s.models[c.id] == nil {
		now := s.now().Truncate(time.Millisecond)
		s.models[c.id] = &model{id: c.id, connectionID: c.id, kind: schemaKind, created: now, updated: now}
	}
	return s.models[c.id]
}

// trashModels moves a connection's models to the trash with it. Choice: what
// becomes of its schedules is not documented; here they end.
func (s *Server) trashModels(c *connection) {
	for _, m := range s.models {
		if m.connectionID == c.id {
			m.deleted = c.deleted
		}
	}
	maps.DeleteFunc(s.schedules, func(_ string, o *Schedule) bool { return o.ConnectionID == c.id })
}

// createModel registers a connection's schema model, without a look into the
// database, or makes a shared model on top of it.
func (s *Server) createModel(call call) (answer, error) {
	if err := onlyQuery(call.query); err != nil {
		return answer{}, err
	}
	body, err := parseObject(call.body)
	if err != nil {
		return answer{}, err
	}
	if err := onlyKeys(body, []string{"connectionId", "modelKind", "modelName", "baseModelId", "allowAsWorkbookBase", "usesIsolatedBranches", "accessGrants"}); err != nil {
		return answer{}, err
	}
	in := &bodyReader{body: body}
	connectionID, kind, name := in.text("connectionId", 1, 0), schemaKind, ""
	if in.has("modelKind") {
		kind = in.text("modelKind", 0, 0)
	}
	if in.has("modelName") {
		name = in.text("modelName", 1, 0)
	}
	if in.err != nil {
		return answer{}, in.err
	}
	if err := checkNewModel(connectionID, kind, body); err != nil {
		return answer{}, err
	}
	c, ok := s.live(connectionID)
	if !ok { // Choice: the words are those of schedules
		return answer{}, noConnection(connectionID)
	}
	made, err := s.newModel(c, kind, name)
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, map[string]any{
		"success": true,
		"model":   map[string]any{"id": made.id, "modelKind": made.kind, "name": s.modelName(made)},
	}}, nil
}

// checkNewModel judges the body alone. Choice: a schema model, whose name is
// always the connection's, takes none of the other keys, and a shared model has
// to have a name; neither is documented.
func checkNewModel(connectionID, kind string, body map[string]any) error {
	switch {
	case !isUUID(connectionID):
		return invalid("connectionId", "Invalid uuid")
	case !slices.Contains([]string{"SCHEMA", "SHARED", "SHARED_EXTENSION", "BRANCH"}, kind):
		return invalid("modelKind", "Invalid enum value. Expected 'SCHEMA' | 'SHARED' | 'SHARED_EXTENSION' | 'BRANCH', received '%s'", kind)
	case kind == schemaKind:
		return onlyKeys(body, []string{"connectionId", "modelKind"})
	case kind != sharedKind:
		return refuse(http.StatusBadRequest, "omnimock makes models of the kinds SCHEMA and SHARED only")
	case body["modelName"] == nil:
		return required("modelName")
	}
	return onlyKeys(body, []string{"connectionId", "modelKind", "modelName"})
}

// newModel makes a model. A shared one is refused while the connection has no
// schema model, which is documented, and 404 while its schema model has never been
// refreshed, as a live server was seen to answer. Choice: the text of that 404.
func (s *Server) newModel(c *connection, kind, name string) (*model, error) {
	base := s.models[c.id]
	switch {
	case kind == schemaKind && base != nil:
		return nil, refuse(http.StatusBadRequest, "Schema model already exists for the connection")
	case kind == schemaKind:
		return s.registerModel(c), nil
	case base == nil:
		return nil, refuse(http.StatusBadRequest, "Schema model does not exist for the connection")
	case !s.isRefreshed(base):
		return nil, refuse(http.StatusNotFound, "Schema model of connection %s has no schema yet", c.id)
	}
	now := s.now().Truncate(time.Millisecond)
	made := &model{id: uuid.NewString(), connectionID: c.id, kind: kind, name: name, created: now, updated: now}
	s.models[made.id] = made
	return made, nil
}

// deleteModel archives a shared model. Choice: the status of the refusal to delete
// a schema model, and the answer to the deletion of another, are not documented.
func (s *Server) deleteModel(call call) (answer, error) {
	if err := onlyQuery(call.query); err != nil {
		return answer{}, err
	}
	if err := checkID(call.id); err != nil {
		return answer{}, err
	}
	m := s.models[call.id]
	switch {
	case m == nil || m.deleted != nil:
		return answer{}, noModel(call.id)
	case m.kind == schemaKind:
		return answer{}, refuse(http.StatusBadRequest, "Cannot delete a model with kind SCHEMA")
	}
	now := s.now().Truncate(time.Millisecond)
	m.deleted = &now
	return answer{http.StatusOK, map[string]any{"success": true}}, nil
}

// noModel is the refusal of a model that does not exist. Choice: its words are
// like those about connections.
func noModel(id string) *refusal {
	return refuse(http.StatusNotFound, "Model with id %s does not exist", id)
}

// modelName is what the API shows.
func (s *Server) modelName(m *model) string {
	if m.kind == schemaKind {
		return s.connections[m.connectionID].text("name")
	}
	return m.name
}

// modelPageSize checks a query for models, and returns the size of its pages. Choice:
// sortField takes the one field that is documented as the default, include the one
// word that is documented.
func modelPageSize(q url.Values) (int, error) {
	if err := onlyQuery(q, "connectionId", "modelKind", "name", "baseModelId", "modelId", "includeDeleted", "cursor", "pageSize", "sortField", "sortDirection", "include"); err != nil {
		return 0, err
	}
	for name, allowed := range map[string][]string{
		"modelKind":      {"SCHEMA", "SHARED", "SHARED_EXTENSION", "BRANCH", "WORKBOOK", "QUERY"},
		"includeDeleted": {"true", "false"},
		"sortField":      {"updatedAt"},
		"sortDirection":  {"asc", "desc"},
		"include":        {"activeBranches"},
	} {
		if value := q.Get(name); q.Has(name) && !slices.Contains(allowed, value) {
			return 0, invalid(name, "Invalid enum value. Expected '%s', received '%s'", strings.Join(allowed, "' | '"), value)
		}
	}
	for _, name := range []string{"connectionId", "baseModelId", "modelId"} {
		if q.Has(name) && !isUUID(q.Get(name)) {
			return 0, invalid(name, "Invalid uuid")
		}
	}
	if !q.Has("pageSize") {
		return 20, nil
	}
	size, _ := strconv.Atoi(q.Get("pageSize")) // 0, or the nearest number
	if size < 1 || size > 100 {
		return 0, invalid("pageSize", "Number must be between 1 and 100")
	}
	return size, nil
}

// listModels filters and pages.
func (s *Server) listModels(call call) (answer, error) {
	q := call.query
	pageSize, err := modelPageSize(q)
	if err != nil {
		return answer{}, err
	}
	found := slices.DeleteFunc(s.sortedModels(), func(m *model) bool {
		_, ok := s.connections[m.connectionID]
		return !ok || q.Has("connectionId") && !strings.EqualFold(q.Get("connectionId"), m.connectionID) ||
			q.Has("modelId") && !strings.EqualFold(q.Get("modelId"), m.id) ||
			q.Has("baseModelId") && (m.kind == schemaKind || !strings.EqualFold(q.Get("baseModelId"), m.connectionID)) ||
			q.Has("modelKind") && q.Get("modelKind") != m.kind ||
			q.Has("name") && q.Get("name") != s.modelName(m) ||
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
		records[i] = s.modelRecord(m)
	}
	return answer{http.StatusOK, map[string]any{"pageInfo": page, "records": records}}, nil
}

// modelRecord is a model as the list shows it.
func (s *Server) modelRecord(m *model) map[string]any {
	record := map[string]any{
		"id": m.id, "name": s.modelName(m), "modelKind": m.kind, "connectionId": m.connectionID, "baseModelId": nil,
		"createdAt": timestamp(m.created), "updatedAt": timestamp(m.updated), "deletedAt": nil,
	}
	if m.kind != schemaKind {
		record["baseModelId"] = m.connectionID
	}
	if m.deleted != nil {
		record["deletedAt"] = timestamp(*m.deleted)
	}
	return record
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

// BuildSchemaModel registers a connection's schema model and refreshes it, as
// somebody does in Omni's web interface. It panics if there is no such connection.
func (s *Server) BuildSchemaModel(connectionID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.registerModel(s.mustConnection(connectionID)).refreshed = true
}

// SchemaModels returns the ids of the connections whose schema model is there,
// sorted.
func (s *Server) SchemaModels() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	for _, m := range s.models {
		if m.deleted == nil && m.kind == schemaKind {
			ids = append(ids, m.id)
		}
	}
	slices.Sort(ids)
	return ids
}

// SchemaModelRefreshed reports whether the connection has a schema model for which
// the database was read.
func (s *Server) SchemaModelRefreshed(connectionID string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.models[connectionID]
	return m != nil && m.refreshed
}

// RemoveSchemaModel takes a connection's schema model away, which no route of the
// API does: tests need it to see what a client makes of it.
func (s *Server) RemoveSchemaModel(connectionID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.models, s.mustConnection(connectionID).id)
}
