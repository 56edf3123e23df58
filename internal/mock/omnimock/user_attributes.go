// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// UserAttribute is the definition of an attribute that users have values of. Its
// keys are in snake case on the wire.
type UserAttribute struct {
	ID             string // "" for Omni's own
	Name           string
	Label          string
	Type           string // String or Number
	MultipleValues bool
	DefaultValues  []string // at most one unless MultipleValues; numbers are text too
	Description    string   // "" is null on the wire
	System         bool
}

func (a *UserAttribute) export() UserAttribute {
	out := *a
	out.DefaultValues = slices.Clone(a.DefaultValues)
	return out
}

func (a *UserAttribute) object() map[string]any {
	object := map[string]any{
		"id": a.ID, "name": a.Name, "label": a.Label, "type": a.Type, "multiple_values": a.MultipleValues,
		"default_value": nil, "description": nil, "system": a.System,
	}
	switch {
	case len(a.DefaultValues) == 0:
	case a.MultipleValues:
		object["default_value"] = slices.Clone(a.DefaultValues)
	default:
		object["default_value"] = a.DefaultValues[0]
	}
	if a.Description != "" {
		object["description"] = a.Description
	}
	return object
}

// firstUserAttributes are those of a new server, by name: Omni's own, and what
// Options.UserAttributes asks for.
func firstUserAttributes(names []string) map[string]*UserAttribute {
	all := map[string]*UserAttribute{}
	for name, label := range map[string]string{
		"omni_user_id": "User ID", "omni_user_email": "User Email", "omni_user_name": "User Name",
		"omni_user_timezone": "User Timezone", "omni_is_org_admin": "Is Org Admin",
		"omni_user_groups": "User Groups", "omni_user_embed_entity": "User Embed Entity",
	} {
		// Choice: that of these only the groups can have several values.
		all[name] = &UserAttribute{Name: name, Label: label, Type: "String", System: true, MultipleValues: name == groupsAttribute}
	}
	for _, name := range names {
		all[name] = &UserAttribute{ID: uuid.NewString(), Name: name, Label: name, Type: "String"}
	}
	return all
}

// userAttributeRoutes are the list, which all servers of 2026 have, and the
// writes of September 2026.
func (s *Server) userAttributeRoutes() routes {
	if s.opts.Generation == Guide2025 {
		return nil
	}
	all := map[string]handler{"GET": s.listUserAttributes}
	one := map[string]handler{}
	if s.opts.UserAttributeWritesStatus == 0 {
		all["POST"] = s.createUserAttribute
		one["PUT"], one["DELETE"] = s.updateUserAttribute, s.deleteUserAttribute
	}
	return routes{"user-attributes": all, "user-attributes/*": one}
}

func (s *Server) sortedUserAttributes() []*UserAttribute {
	return slices.SortedFunc(maps.Values(s.userAttributes), func(a, b *UserAttribute) int { return cmp.Compare(a.Name, b.Name) })
}

func (s *Server) listUserAttributes(call call) (answer, error) {
	if err := onlyQuery(call.query); err != nil {
		return answer{}, err
	}
	records := []map[string]any{}
	for _, a := range s.sortedUserAttributes() {
		records = append(records, a.object())
	}
	return answer{http.StatusOK, map[string]any{"records": records}}, nil
}

// createUserAttribute makes an attribute. Choice: the status is 201, as for
// everything else that is made.
func (s *Server) createUserAttribute(call call) (answer, error) {
	body, err := userAttributeBody(call)
	if err != nil {
		return answer{}, err
	}
	made := &UserAttribute{ID: uuid.NewString()}
	// Choice: which keys are required is not documented; the known example has
	// these.
	for _, key := range []string{"name", "label", "type"} {
		if _, ok := body[key]; !ok {
			return answer{}, required(key)
		}
	}
	if made.Type, err = asString("type", body["type"]); err != nil {
		return answer{}, err
	}
	if made.Type != "String" && made.Type != "Number" {
		return answer{}, invalid("type", "Invalid enum value. Expected 'String' | 'Number', received '%s'", made.Type)
	}
	if err := s.applyUserAttribute(made, body); err != nil {
		return answer{}, err
	}
	s.userAttributes[made.Name] = made
	return s.userAttributeAnswer(http.StatusCreated, made), nil
}

// updateUserAttribute changes what is sent and keeps the rest.
func (s *Server) updateUserAttribute(call call) (answer, error) {
	before, err := s.userAttribute(call.id)
	if err != nil {
		return answer{}, err
	}
	body, err := userAttributeBody(call)
	if err != nil {
		return answer{}, err
	}
	if len(body) == 0 {
		return answer{}, emptyBody()
	}
	after := before.export()
	if sent, ok := body["type"]; ok && sent != before.Type {
		return answer{}, invalid("type", "The type of a user attribute cannot be changed")
	}
	if sent, ok := body["name"]; ok && s.opts.UserAttributeNameFixed && sent != before.Name {
		return answer{}, invalid("name", "The name of a user attribute cannot be changed")
	}
	if err := s.applyUserAttribute(&after, body); err != nil {
		return answer{}, err
	}
	delete(s.userAttributes, before.Name)
	s.userAttributes[after.Name] = &after
	s.renameValues(before.Name, after.Name)
	return s.userAttributeAnswer(http.StatusOK, &after), nil
}

// deleteUserAttribute removes the definition and all users' values. What is bound to it stays bound,
// and the answer does not say so.
func (s *Server) deleteUserAttribute(call call) (answer, error) {
	if err := onlyQuery(call.query); err != nil {
		return answer{}, err
	}
	a, err := s.userAttribute(call.id)
	if err != nil {
		return answer{}, err
	}
	delete(s.userAttributes, a.Name)
	s.dropValues(a.Name)
	return s.userAttributeAnswer(http.StatusOK, nil), nil
}

// userAttribute finds one by id. Omni's own have none, so they cannot be
// changed.
func (s *Server) userAttribute(id string) (*UserAttribute, error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	for _, a := range s.userAttributes {
		if a.ID == id {
			return a, nil
		}
	}
	return nil, refuse(http.StatusNotFound, "User attribute not found")
}

func userAttributeBody(call call) (map[string]any, error) {
	if err := onlyQuery(call.query); err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(call.body)) == 0 {
		return nil, emptyBody()
	}
	body, err := parseObject(call.body)
	if err != nil {
		return nil, err
	}
	return body, onlyKeys(body, []string{"name", "label", "type", "description", "default_value", "multiple_values"})
}

// attributeNames are those that SQL can use. Choice: what a name may be is
// not documented.
var attributeNames = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// applyUserAttribute checks what was sent, and sets it.
func (s *Server) applyUserAttribute(a *UserAttribute, body map[string]any) error {
	if sent, ok := body["name"]; ok {
		name, err := asString("name", sent)
		if err != nil {
			return err
		}
		if err := s.checkAttributeName(a.ID, name); err != nil {
			return err
		}
		a.Name = name
	}
	if sent, ok := body["label"]; ok {
		label, err := asString("label", sent)
		if err != nil {
			return err
		}
		if label == "" {
			return tooShort("label") // Choice: not documented
		}
		a.Label = label
	}
	if sent, ok := body["description"]; ok {
		a.Description = ""
		if sent != nil {
			description, err := asString("description", sent)
			if err != nil {
				return err
			}
			a.Description = description
		}
	}
	if sent, ok := body["multiple_values"]; ok {
		multiple, isBool := sent.(bool)
		switch {
		case !isBool:
			return wrongType("multiple_values", "boolean", sent)
		case a.MultipleValues && !multiple:
			return invalid("multiple_values", "A user attribute with multiple values cannot be changed to a single value")
		}
		a.MultipleValues = multiple
	}
	if sent, ok := body["default_value"]; ok {
		values, err := a.defaultValue(sent)
		if err != nil {
			return err
		}
		a.DefaultValues = values
	}
	return nil
}

// checkAttributeName checks that SQL can use a name, is not Omni's own, and
// is taken once. Choice: case does not tell names apart, and the status for a
// name that is taken is 409; neither is documented.
func (s *Server) checkAttributeName(id, name string) error {
	switch {
	case name == "":
		return tooShort("name")
	case !attributeNames.MatchString(name):
		return invalid("name", "Invalid")
	case strings.HasPrefix(strings.ToLower(name), "omni_"):
		return invalid("name", "Names that begin with omni_ are reserved")
	}
	for _, other := range s.userAttributes {
		if strings.EqualFold(other.Name, name) && (other.ID != id || other.System) {
			return refuse(http.StatusConflict, "User attribute with name \"%s\" already exists", name)
		}
	}
	return nil
}

// defaultValue reads null, one value, or an array where there are multiple
// values. Choice: neither form is taken for the other, and text that is no
// number is none.
func (a *UserAttribute) defaultValue(sent any) ([]string, error) {
	if sent == nil {
		return nil, nil
	}
	items, isArray := sent.([]any)
	switch {
	case a.MultipleValues && !isArray:
		return nil, wrongType("default_value", "array", sent)
	case !a.MultipleValues && isArray:
		return nil, wrongType("default_value", strings.ToLower(a.Type), sent)
	case !isArray:
		items = []any{sent}
	}
	var values []string
	for _, item := range items {
		value, ok := item.(string)
		if number, isNumber := item.(json.Number); isNumber && a.Type == "Number" {
			value, ok = roundedNumber(number), true
		}
		switch {
		case !ok:
			return nil, wrongType("default_value", strings.ToLower(a.Type), item)
		case value == "":
			return nil, tooShort("default_value")
		case a.Type == "Number" && !isNumber(value):
			return nil, invalid("default_value", "Expected number, received nan")
		case slices.Contains(values, value):
			return nil, invalid("default_value", "Duplicate value")
		}
		values = append(values, value)
	}
	return values, nil
}

// roundedNumber is what becomes of a JSON number: the server reads it into 64 bits
// of floating point, so an integer above 2^53-1 may come out as another. As text it
// stays what it is.
func roundedNumber(number json.Number) string {
	value, _ := number.Float64()
	encoded, err := json.Marshal(value) // writes a number as JavaScript does
	if err != nil {
		return "Infinity"
	}
	return string(encoded)
}

// userAttributeAnswer is the answer to a write in the form that
// Options.UserAttributeAnswer chooses; which one is real is not known.
func (s *Server) userAttributeAnswer(status int, a *UserAttribute) answer {
	switch form := s.opts.UserAttributeAnswer; {
	case form == AnswerEmpty:
		return answer{http.StatusNoContent, nil}
	case a == nil || form == AnswerSuccess:
		return answer{status, map[string]any{"success": true}}
	case form == AnswerNested:
		return answer{status, map[string]any{"userAttribute": a.object()}}
	case form == AnswerRecord:
		return answer{status, map[string]any{"record": a.object()}}
	default:
		return answer{status, a.object()}
	}
}

// UserAttributes returns all user attributes, by name.
func (s *Server) UserAttributes() []UserAttribute {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []UserAttribute
	for _, a := range s.sortedUserAttributes() {
		all = append(all, a.export())
	}
	return all
}

// UserAttribute returns the user attribute of this name.
func (s *Server) UserAttribute(name string) (UserAttribute, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.userAttributes[name]
	if !ok {
		return UserAttribute{}, false
	}
	return a.export(), true
}

// AddUserAttribute makes a user attribute as the web interface does, and returns
// its id. It panics without a name, or if the name is taken.
func (s *Server) AddUserAttribute(a UserAttribute) (id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.checkAttributeName("", a.Name); err != nil {
		panic("omnimock: " + err.Error())
	}
	a.ID, a.System = uuid.NewString(), false
	a.Label, a.Type = cmp.Or(a.Label, a.Name), cmp.Or(a.Type, "String")
	added := a.export()
	s.userAttributes[a.Name] = &added
	return a.ID
}

// EditUserAttribute changes the user attribute of this name, its name included.
// It panics if there is none.
func (s *Server) EditUserAttribute(name string, edit func(a *UserAttribute)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.userAttributes[name]
	if !ok {
		panic(fmt.Sprintf("omnimock: no user attribute %q", name))
	}
	delete(s.userAttributes, name)
	edit(a)
	s.userAttributes[a.Name] = a
	s.renameValues(name, a.Name)
}

// RemoveUserAttribute removes the user attribute of this name. It panics if there
// is none.
func (s *Server) RemoveUserAttribute(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.userAttributes[name]; !ok {
		panic(fmt.Sprintf("omnimock: no user attribute %q", name))
	}
	delete(s.userAttributes, name)
	s.dropValues(name)
}

// noUserAttributeRight is the refusal of a key that may not manage user
// attributes. Its form is another than elsewhere.
func noUserAttributeRight() *refusal {
	return &refusal{
		Status: http.StatusForbidden, Detail: "User does not have permission to manage user attributes",
		Body: map[string]any{"error": "Forbidden", "message": "User does not have permission to manage user attributes"},
	}
}
