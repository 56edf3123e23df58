// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/google/uuid"
)

// DBTEnvironment is an environment of a connection's dbt project.
type DBTEnvironment struct {
	ID             string        `json:"id"`
	ConnectionID   string        `json:"-"`
	Name           string        `json:"name"`
	IsDefault      bool          `json:"isDefaultEnvironment"`
	OwnerID        *string       `json:"ownerId"`
	TargetDatabase *string       `json:"targetDatabase"`
	TargetName     *string       `json:"targetName"`
	TargetRole     *string       `json:"targetRole"`
	TargetSchema   string        `json:"targetSchema"`
	Variables      []DBTVariable `json:"variables"`
}

// DBTVariable is a variable of an environment. The value of a secret one is in
// the vault, under the variable's id and the name value, and nil here.
type DBTVariable struct {
	ID       string  `json:"id"`
	Name     string  `json:"name"`
	Value    *string `json:"value"`
	IsSecret bool    `json:"isSecret"`
}

func (e *DBTEnvironment) clone() *DBTEnvironment {
	copied := *e
	copied.Variables = append([]DBTVariable{}, e.Variables...)
	return &copied
}

func (s *Server) dbtEnvironmentRoutes() routes {
	return routes{
		"connections/*/dbt/environments":   {"GET": s.listDBTEnvironments, "POST": s.createDBTEnvironment},
		"connections/*/dbt/environments/*": {"PUT": s.updateDBTEnvironment, "DELETE": s.deleteDBTEnvironment},
	}
}

// dbtProject returns the connection of a path, which has to support dbt.
func (s *Server) dbtProject(call call) (*connection, error) {
	c, err := s.dbtConnection(call)
	if err == nil && !supportsDBT(c.dialect()) {
		return nil, refuse(http.StatusForbidden, "Permission denied or connection does not support dbt")
	}
	return c, err
}

// dbtCursor is where a page ends. Clients cannot know what is in one.
type dbtCursor struct{ Name, ID string }

func (s *Server) listDBTEnvironments(call call) (answer, error) {
	size, descending, after, err := dbtPage(call)
	if err != nil {
		return answer{}, err
	}
	c, err := s.dbtProject(call)
	if err != nil {
		return answer{}, err
	}
	order := func(a, b dbtCursor) int {
		by := cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
		if descending {
			return -by
		}
		return by
	}
	all := s.dbtEnvironmentsOf(c.id)
	slices.SortFunc(all, func(a, b DBTEnvironment) int {
		return order(dbtCursor{a.Name, a.ID}, dbtCursor{b.Name, b.ID})
	})
	if s.opts.BareDBTEnvironmentList {
		return answer{http.StatusOK, all}, nil
	}
	rest := slices.DeleteFunc(slices.Clone(all), func(e DBTEnvironment) bool {
		return after != nil && order(dbtCursor{e.Name, e.ID}, *after) <= 0
	})
	page, next := rest, any(nil)
	if len(rest) > size {
		page = rest[:size]
		encoded, _ := json.Marshal(dbtCursor{page[size-1].Name, page[size-1].ID})
		next = base64.RawURLEncoding.EncodeToString(encoded)
	}
	return answer{http.StatusOK, map[string]any{
		"pageInfo": map[string]any{"hasNextPage": next != nil, "nextCursor": next, "pageSize": size, "totalRecords": len(all)},
		"records":  page,
	}}, nil
}

// dbtPage checks the query of a list.
func dbtPage(call call) (size int, descending bool, after *dbtCursor, err error) {
	q := call.query
	if err := onlyQuery(q, "cursor", "pageSize", "sortField", "sortDirection"); err != nil {
		return 0, false, nil, err
	}
	size = 20
	if q.Has("pageSize") {
		switch size, err = strconv.Atoi(q.Get("pageSize")); {
		case err != nil:
			return 0, false, nil, invalid("pageSize", "Expected number, received nan")
		case size < 1:
			return 0, false, nil, invalid("pageSize", "Number must be greater than or equal to 1")
		case size > 100:
			return 0, false, nil, invalid("pageSize", "Number must be less than or equal to 100")
		}
	}
	if q.Has("sortField") && q.Get("sortField") != "name" {
		return 0, false, nil, invalid("sortField", "Invalid enum value. Expected 'name', received '%s'", q.Get("sortField"))
	}
	direction := "desc"
	if q.Has("sortDirection") {
		direction = q.Get("sortDirection")
	}
	if direction != "desc" && direction != "asc" {
		return 0, false, nil, invalid("sortDirection", "Invalid enum value. Expected 'asc' | 'desc', received '%s'", direction)
	}
	if q.Has("cursor") {
		after = &dbtCursor{}
		decoded, err := base64.RawURLEncoding.DecodeString(q.Get("cursor"))
		if err != nil || json.Unmarshal(decoded, after) != nil {
			return 0, false, nil, invalid("cursor", "Invalid cursor")
		}
	}
	return size, direction == "desc", after, nil
}

func (s *Server) dbtEnvironmentsOf(connectionID string) []DBTEnvironment {
	all := []DBTEnvironment{}
	for _, e := range s.dbtEnvironments {
		if e.ConnectionID == connectionID {
			all = append(all, *e.clone())
		}
	}
	slices.SortFunc(all, func(a, b DBTEnvironment) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

func (s *Server) createDBTEnvironment(call call) (answer, error) {
	if err := onlyQuery(call.query); err != nil {
		return answer{}, err
	}
	c, err := s.dbtProject(call)
	if err != nil {
		return answer{}, err
	}
	body, err := parseObject(call.body)
	if err != nil {
		return answer{}, err
	}
	sent := s.receiveVariables(body)
	if _, ok := s.dbt[c.id]; !ok {
		// Choice: whether an environment needs the repository is not documented.
		return answer{}, s.echo(refuse(http.StatusBadRequest, "dbt not configured for this connection"), sent...)
	}
	created := &DBTEnvironment{ID: uuid.NewString(), ConnectionID: c.id}
	secrets, err := s.fillDBTEnvironment(created, body)
	if err != nil {
		return answer{}, s.echo(err, sent...)
	}
	// Nothing says that a name is unique, so two environments may share one.
	s.dbtEnvironments[created.ID] = created
	s.keepVariables(secrets)
	return answer{http.StatusCreated, created}, nil
}

// updateDBTEnvironment replaces an environment: a key that is left out gets its
// default, and a variable that is left out is removed.
func (s *Server) updateDBTEnvironment(call call) (answer, error) {
	if err := onlyQuery(call.query); err != nil {
		return answer{}, err
	}
	before, err := s.dbtEnvironment(call)
	if err != nil {
		return answer{}, err
	}
	body, err := parseObject(call.body)
	if err != nil {
		return answer{}, err
	}
	sent := s.receiveVariables(body)
	after := &DBTEnvironment{ID: before.ID, ConnectionID: before.ConnectionID, IsDefault: before.IsDefault, Variables: before.Variables}
	secrets, err := s.fillDBTEnvironment(after, body)
	if err != nil {
		return answer{}, s.echo(err, sent...)
	}
	for _, v := range before.Variables {
		if !slices.ContainsFunc(after.Variables, func(kept DBTVariable) bool { return kept.ID == v.ID }) {
			s.Vault.Erase(v.ID)
		}
	}
	s.dbtEnvironments[after.ID] = after
	s.keepVariables(secrets)
	return answer{http.StatusOK, after}, nil
}

func (s *Server) dbtEnvironment(call call) (*DBTEnvironment, error) {
	c, err := s.dbtProject(call)
	if err != nil {
		return nil, err
	}
	if err := checkID(call.sub); err != nil {
		return nil, err
	}
	e, ok := s.dbtEnvironments[call.sub]
	if !ok || e.ConnectionID != c.id {
		return nil, refuse(http.StatusNotFound, "Connection or environment not found")
	}
	return e, nil
}

// fillDBTEnvironment checks a body and fills e, whose variables are those that
// it had. It returns the secrets by variable id. Choice: unknown keys are
// refused.
func (s *Server) fillDBTEnvironment(e *DBTEnvironment, body map[string]any) (map[string]string, error) {
	if err := onlyKeys(body, []string{"name", "ownerId", "targetDatabase", "targetName", "targetRole", "targetSchema", "variables"}); err != nil {
		return nil, err
	}
	in := &bodyReader{body: body}
	e.Name, e.TargetSchema = in.text("name", 1, 0), in.text("targetSchema", 1, 0)
	e.OwnerID, e.TargetDatabase = in.nullableText("ownerId"), in.nullableText("targetDatabase")
	e.TargetName, e.TargetRole = in.nullableText("targetName"), in.nullableText("targetRole")
	if in.err != nil {
		return nil, in.err
	}
	if e.OwnerID != nil && !s.members[*e.OwnerID] {
		return nil, invalid("ownerId", "User is not a member of the organization")
	}
	items := []any{}
	if sent, ok := body["variables"]; ok {
		if items, ok = sent.([]any); !ok {
			return nil, wrongType("variables", "array", sent)
		}
	}
	had, secrets := e.Variables, map[string]string{}
	e.Variables = []DBTVariable{}
	for i, item := range items {
		v, err := dbtVariable(fmt.Sprintf("variables.%d", i), item, had, secrets)
		if err != nil {
			return nil, err
		}
		// Choice: a name stands once, and so does a variable.
		if slices.ContainsFunc(e.Variables, func(other DBTVariable) bool { return other.Name == v.Name }) {
			return nil, invalid("variables", "Duplicate variable name '%s'", v.Name)
		}
		e.Variables = append(e.Variables, v)
	}
	return secrets, nil
}

// dbtVariable reads one variable: with an id it changes the value of an existing
// one, whose name cannot change; without, it is new.
func dbtVariable(path string, item any, had []DBTVariable, secrets map[string]string) (DBTVariable, error) {
	object, ok := item.(map[string]any)
	if !ok {
		return DBTVariable{}, wrongType(path, "object", item)
	}
	in := &bodyReader{body: object, path: path + "."}
	v := DBTVariable{ID: uuid.NewString(), IsSecret: in.boolean("isSecret", true)}
	if !in.has("id") {
		if err := onlyKeys(object, []string{"name", "value", "isSecret"}); err != nil {
			return DBTVariable{}, err
		}
		value := in.text("value", 0, 0)
		v.Name, v.Value = in.text("name", 1, 0), &value
		return v.sealed(secrets), in.err
	}
	if err := onlyKeys(object, []string{"id", "value", "isSecret"}); err != nil {
		return DBTVariable{}, err
	}
	id, value := in.text("id", 0, 0), in.nullableText("value")
	at := slices.IndexFunc(had, func(v DBTVariable) bool { return v.ID == id })
	switch {
	case in.err != nil:
		return DBTVariable{}, in.err
	case !isUUID(id):
		return DBTVariable{}, invalid(path+".id", "Invalid uuid")
	case at < 0: // Choice: the status is not documented
		return DBTVariable{}, invalid(path+".id", "Variable not found")
	case had[at].IsSecret != v.IsSecret: // Choice
		return DBTVariable{}, invalid(path+".isSecret", "Cannot be changed")
	case value == nil && !v.IsSecret: // Choice: only a secret is documented to be kept
		return DBTVariable{}, required(path + ".value")
	case value == nil:
		return had[at], nil
	}
	v.ID, v.Name, v.Value = id, had[at].Name, value
	return v.sealed(secrets), nil
}

// sealed moves the value of a secret variable to secrets.
func (v DBTVariable) sealed(secrets map[string]string) DBTVariable {
	if v.IsSecret && v.Value != nil {
		secrets[v.ID], v.Value = *v.Value, nil
	}
	return v
}

// receiveVariables remembers the secret values of a body, whatever becomes of
// it, and returns them.
func (s *Server) receiveVariables(body map[string]any) []string {
	var secrets []string
	items, _ := body["variables"].([]any)
	for _, item := range items {
		object, _ := item.(map[string]any)
		if value, ok := object["value"].(string); ok && object["isSecret"] == true {
			s.Vault.Receive(value)
			secrets = append(secrets, value)
		}
	}
	return secrets
}

func (s *Server) keepVariables(secrets map[string]string) {
	for id, value := range secrets {
		s.Vault.Store(id, map[string]string{"value": value})
	}
}

func (s *Server) deleteDBTEnvironment(call call) (answer, error) {
	if err := onlyQuery(call.query); err != nil {
		return answer{}, err
	}
	e, err := s.dbtEnvironment(call)
	if err != nil {
		return answer{}, err
	}
	if e.IsDefault { // Choice: nothing is documented
		return answer{}, refuse(http.StatusBadRequest, "Cannot delete the default environment")
	}
	s.removeDBTEnvironment(e.ID)
	return answer{http.StatusOK, map[string]any{"success": true, "message": "dbt environment deleted successfully"}}, nil
}

func (s *Server) removeDBTEnvironment(id string) {
	for _, v := range s.dbtEnvironments[id].Variables {
		s.Vault.Erase(v.ID)
	}
	delete(s.dbtEnvironments, id)
}

// DBTEnvironments returns the dbt environments of a connection, by id.
func (s *Server) DBTEnvironments(connectionID string) []DBTEnvironment {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dbtEnvironmentsOf(connectionID)
}

// AddDBTEnvironment makes a dbt environment as the web interface does; one of
// the default ones too. Secret variables are given with their value. It panics
// if there is no such connection.
func (s *Server) AddDBTEnvironment(connectionID string, environment DBTEnvironment) (id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	environment.ID, environment.ConnectionID = uuid.NewString(), s.mustConnection(connectionID).id
	s.putVariables(&environment)
	s.dbtEnvironments[environment.ID] = &environment
	return environment.ID
}

// EditDBTEnvironment changes a dbt environment, as the web interface does; a
// variable without an id is a new one. It panics if there is no such
// environment.
func (s *Server) EditDBTEnvironment(id string, edit func(*DBTEnvironment)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.dbtEnvironments[id]
	if !ok {
		panic("omnimock: no dbt environment " + id)
	}
	changed := e.clone()
	edit(changed)
	s.putVariables(changed)
	s.dbtEnvironments[id] = changed
}

func (s *Server) putVariables(e *DBTEnvironment) {
	e.Variables = append([]DBTVariable{}, e.Variables...)
	secrets := map[string]string{}
	for i, v := range e.Variables {
		if v.ID == "" {
			v.ID = uuid.NewString()
		}
		e.Variables[i] = v.sealed(secrets)
	}
	s.keepVariables(secrets)
}

// RemoveDBTEnvironment deletes a dbt environment. It panics if there is none.
func (s *Server) RemoveDBTEnvironment(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.removeDBTEnvironment(id)
}

// AddMember makes a user of the organization, who can own a dbt environment,
// and returns the id.
func (s *Server) AddMember() (id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id = uuid.NewString()
	s.members[id] = true
	return id
}
