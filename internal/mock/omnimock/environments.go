// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Environment associates a base connection with another that replaces it,
// for users whose attribute has one of the values.
type Environment struct {
	ID                  string   `json:"id"`
	BaseConnectionID    string   `json:"baseConnectionId"`
	ConnectionID        string   `json:"connectionId"`
	UserAttributeValues []string `json:"userAttributeValues"` // empty, never null
}

func newEnvironment(baseID, connectionID string) *Environment {
	return &Environment{
		ID: uuid.NewString(), BaseConnectionID: baseID, ConnectionID: connectionID, UserAttributeValues: []string{},
	}
}

func (s *Server) sortedEnvironments() []Environment {
	all := make([]Environment, 0, len(s.environments))
	for _, e := range s.environments {
		copied := *e
		copied.UserAttributeValues = append([]string{}, e.UserAttributeValues...)
		all = append(all, copied)
	}
	slices.SortFunc(all, func(a, b Environment) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

func (s *Server) listEnvironments(call call) (answer, error) {
	if err := onlyQuery(call.query); err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, map[string]any{"connectionEnvironments": s.sortedEnvironments()}}, nil
}

// createEnvironments makes all of the environments or none.
func (s *Server) createEnvironments(call call) (answer, error) {
	if err := onlyQuery(call.query); err != nil {
		return answer{}, err
	}
	body, err := parseObject(call.body)
	if err != nil {
		return answer{}, err
	}
	baseID, ids, err := s.environmentRequest(body)
	if err != nil {
		return answer{}, err
	}
	base, ok := s.live(baseID)
	if !ok {
		return answer{}, noConnection(baseID)
	}
	if err := s.checkCandidates(base, ids); err != nil {
		return answer{}, err
	}
	created := []Environment{}
	for _, id := range ids {
		e := newEnvironment(baseID, id)
		s.environments[e.ID] = e
		created = append(created, *e)
	}
	// The order of the answer is not documented; by id it is not the request's.
	slices.SortFunc(created, func(a, b Environment) int { return cmp.Compare(a.ID, b.ID) })
	if !s.opts.LegacyEnvironmentAnswer {
		return answer{http.StatusCreated, map[string]any{"connectionEnvironments": created}}, nil
	}
	data := make([]map[string]any, len(created))
	for i, e := range created {
		data[i] = map[string]any{"id": e.ID, "environmentConnectionId": e.ConnectionID}
	}
	return answer{http.StatusCreated, map[string]any{"success": true, "data": data}}, nil
}

func noConnection(id string) *refusal {
	return refuse(http.StatusNotFound, "Connection with id %s does not exist", id)
}

// environmentRequest checks the form of a creation.
func (s *Server) environmentRequest(body map[string]any) (base string, ids []string, err error) {
	if err := onlyKeys(body, []string{"baseConnectionId", "environmentConnectionIds"}); err != nil {
		return "", nil, err
	}
	sent, ok := body["baseConnectionId"]
	if !ok {
		return "", nil, required("baseConnectionId")
	}
	if base, err = asString("baseConnectionId", sent); err != nil {
		return "", nil, err
	}
	if !isUUID(base) {
		return "", nil, invalid("baseConnectionId", "Base connection ID must be a valid UUID")
	}
	ids, err = textOrArray(body, "environmentConnectionIds", s.opts.CommaTextEnvironmentIDs)
	if err != nil {
		return "", nil, err
	}
	for _, id := range ids {
		if !isUUID(id) {
			return "", nil, invalid("environmentConnectionIds", "All environment connection IDs must be valid UUIDs")
		}
	}
	if len(ids) == 0 {
		return "", nil, invalid("environmentConnectionIds", "Array must contain at least 1 element(s)")
	}
	return base, ids, nil
}

// textOrArray reads a required key that is comma text on one kind of server and
// an array on the other. Neither takes the other's form.
func textOrArray(body map[string]any, key string, commaText bool) ([]string, error) {
	sent, ok := body[key]
	if !ok {
		return nil, required(key)
	}
	if commaText {
		s, err := asString(key, sent)
		return splitComma(s), err
	}
	return asStrings(key, sent)
}

// checkCandidates checks connections against the documented rules: they exist,
// have the dialect of the base, are not the base, and are not an environment of
// it already. Nothing is said about environments of another base.
func (s *Server) checkCandidates(base *connection, ids []string) error {
	var bad []string
	for i, id := range ids {
		c, ok := s.live(id)
		if !ok {
			return noConnection(id)
		}
		if c == base || c.dialect() != base.dialect() || s.isEnvironmentOf(base.id, id) || slices.Contains(ids[:i], id) {
			bad = append(bad, id)
		}
	}
	if len(bad) > 0 {
		return refuse(http.StatusBadRequest,
			"The following environment connection IDs are not valid for this connection: %s", strings.Join(bad, ", "))
	}
	return nil
}

func (s *Server) isEnvironmentOf(baseID, id string) bool {
	for _, e := range s.environments {
		if e.BaseConnectionID == baseID && e.ConnectionID == id {
			return true
		}
	}
	return false
}

func (s *Server) environment(id string) (*Environment, error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	e, ok := s.environments[id]
	if !ok {
		return nil, refuse(http.StatusNotFound, "Connection environment with id %s does not exist", id)
	}
	return e, nil
}

// updateEnvironment replaces all values of an environment.
func (s *Server) updateEnvironment(call call) (answer, error) {
	if err := onlyQuery(call.query); err != nil {
		return answer{}, err
	}
	e, err := s.environment(call.id)
	if err != nil {
		return answer{}, err
	}
	body, err := parseObject(call.body)
	if err != nil {
		return answer{}, err
	}
	if err := onlyKeys(body, []string{"userAttributeValues"}); err != nil {
		return answer{}, err
	}
	values, err := textOrArray(body, "userAttributeValues", s.opts.CommaTextEnvironmentValues)
	if err != nil {
		return answer{}, err
	}
	if slices.Contains(values, "") {
		return answer{}, tooShort("userAttributeValues") // Choice: not documented
	}
	if err := s.checkFree(e.BaseConnectionID, e.ID, values); err != nil {
		return answer{}, err
	}
	e.UserAttributeValues = append([]string{}, values...)
	return answer{http.StatusOK, map[string]any{"success": true}}, nil
}

// checkFree holds that a value picks one connection: it may stand once among
// the default values of a base and the values of its environments. The list
// about to be replaced, the environment except ("" is the base's own), does not
// count. Choice: a value that stands twice in the new list is refused too.
func (s *Server) checkFree(baseID, except string, values []string) error {
	taken := map[string]bool{}
	for _, e := range s.environments {
		if e.BaseConnectionID == baseID && e.ID != except {
			for _, value := range e.UserAttributeValues {
				taken[value] = true
			}
		}
	}
	if except != "" {
		defaults, _ := s.connections[baseID].settings[attributeValuesKey].([]string)
		for _, value := range defaults {
			taken[value] = true
		}
	}
	for _, value := range values {
		if taken[value] {
			return refuse(http.StatusBadRequest, "User attribute value \"%s\" is already in use", value)
		}
		taken[value] = true
	}
	return nil
}

// deleteEnvironment only detaches: the connection stays.
func (s *Server) deleteEnvironment(call call) (answer, error) {
	if err := onlyQuery(call.query); err != nil {
		return answer{}, err
	}
	e, err := s.environment(call.id)
	if err != nil {
		return answer{}, err
	}
	delete(s.environments, e.ID)
	return answer{http.StatusOK, map[string]any{"success": true}}, nil
}
