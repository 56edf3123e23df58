// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// patchUser changes what the operations name, and nothing if one of them is
// refused.
func (s *Server) patchUser(call call) (answer, error) {
	u, err := s.user(call)
	if err != nil {
		return answer{}, err
	}
	body, err := parseObject(call.body)
	if err != nil {
		return answer{}, err
	}
	operations, err := patchOperations(body)
	if err != nil {
		return answer{}, err
	}
	after := u.export()
	if after.Attributes == nil {
		after.Attributes = map[string]any{}
	}
	for i, sent := range operations {
		if err := s.applyOperation(&after, fmt.Sprintf("Operations.%d", i), sent); err != nil {
			return answer{}, err
		}
	}
	after.UpdatedAt = s.now().Truncate(time.Millisecond)
	s.users[u.ID] = &after
	return answer{http.StatusOK, s.userObject(&after)}, nil
}

// patchOperations checks the frame of a PATCH. The specification wants the schema of
// PatchOp; examples by Omni were seen to send that of users.
func patchOperations(body map[string]any) ([]any, error) {
	if err := onlyKeys(body, []string{"schemas", "Operations"}); err != nil {
		return nil, err
	}
	for _, key := range []string{"schemas", "Operations"} {
		if _, ok := body[key]; !ok {
			return nil, required(key)
		}
	}
	schemas, err := asStrings("schemas", body["schemas"])
	if err != nil {
		return nil, err
	}
	if len(schemas) != 1 || schemas[0] != patchSchema && schemas[0] != userSchema {
		return nil, invalid("schemas", "Invalid")
	}
	operations, ok := body["Operations"].([]any)
	switch {
	case !ok:
		return nil, wrongType("Operations", "array", body["Operations"])
	case len(operations) == 0: // Choice
		return nil, invalid("Operations", "Array must contain at least 1 element(s)")
	}
	return operations, nil
}

// applyOperation carries out one operation. Every one needs a value, also a remove.
func (s *Server) applyOperation(u *User, at string, sent any) error {
	operation, ok := sent.(map[string]any)
	if !ok {
		return wrongType(at, "object", sent)
	}
	if err := onlyKeys(operation, []string{"op", "path", "value"}); err != nil {
		return err
	}
	in := &bodyReader{body: operation, path: at + "."}
	op := strings.ToLower(in.text("op", 0, 0))
	value, hasValue := operation["value"]
	switch {
	case in.err != nil:
		return in.err
	case op != "add" && op != "replace" && op != "remove":
		return invalid(at+".op", "Invalid enum value. Expected 'add' | 'replace' | 'remove', received '%s'", op)
	case !hasValue:
		return required(at + ".value")
	}
	if op == "remove" {
		value = nil
	}
	if !in.has("path") {
		if s.opts.UserPathsOnly {
			return required(at + ".path")
		}
		return s.applyUserValues(u, at, op, value)
	}
	path := in.text("path", 1, 0)
	name, ok := strings.CutPrefix(path, attributesKey)
	switch {
	case in.err != nil:
		return in.err
	case ok && (strings.HasPrefix(name, ":") || strings.HasPrefix(name, ".")):
		return s.setValue(u, name[1:], value)
	}
	return invalid(at+".path", "Unsupported path '%s'", path) // Choice: other paths are not simulated
}

// applyUserValues merges an object of attribute values: who is not named in it
// stays, null clears. Choice: other keys of a user are not simulated, and a remove has
// to have a path, as RFC 7644 wants.
func (s *Server) applyUserValues(u *User, at, op string, value any) error {
	object, ok := value.(map[string]any)
	switch {
	case op == "remove":
		return required(at + ".path")
	case !ok:
		return wrongType(at+".value", "object", value)
	}
	if err := onlyKeys(object, []string{attributesKey}); err != nil {
		return err
	}
	values, ok := object[attributesKey].(map[string]any)
	if !ok {
		return wrongType(at+".value."+attributesKey, "object", object[attributesKey])
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if err := s.setValue(u, name, values[name]); err != nil {
			return err
		}
	}
	return nil
}

// setValue sets or clears one attribute of a user. Choice: the texts are not
// documented, nor is that the definition decides between one value and several, and
// between text and numbers.
func (s *Server) setValue(u *User, name string, value any) error {
	a, ok := s.userAttributes[name]
	switch {
	case !ok:
		return invalid(name, "User attribute does not exist")
	case a.System:
		return invalid(name, "System attributes cannot be set")
	case value == nil:
		delete(u.Attributes, name)
		return nil
	}
	items, isArray := value.([]any)
	switch {
	case a.MultipleValues && !isArray:
		return wrongType(name, "array", value)
	case !a.MultipleValues && isArray:
		return wrongType(name, strings.ToLower(a.Type), value)
	case isArray && len(items) == 0:
		return invalid(name, "Array must contain at least 1 element(s)")
	case !isArray:
		items = []any{value}
	}
	stored := make([]any, len(items))
	for i, item := range items {
		item, err := a.userValue(item)
		if err != nil {
			return err
		}
		if slices.Contains(stored[:i], item) {
			return invalid(name, "Duplicate value")
		}
		stored[i] = item
	}
	u.Attributes[name] = stored[0]
	if isArray {
		u.Attributes[name] = stored
	}
	return nil
}

// userValue checks one value. A number may come as text too, which is the way for
// one that a JSON number would round.
func (a *UserAttribute) userValue(item any) (any, error) {
	if number, ok := item.(json.Number); ok && a.Type == "Number" {
		return json.Number(roundedNumber(number)), nil
	}
	text, ok := item.(string)
	switch {
	case !ok:
		return nil, wrongType(a.Name, strings.ToLower(a.Type), item)
	case text == "":
		return nil, tooShort(a.Name)
	case a.Type == "Number" && !isNumber(text):
		return nil, invalid(a.Name, "Expected number, received nan")
	}
	return text, nil
}

func isNumber(text string) bool {
	return json.Valid([]byte(text)) && strings.Trim(text, "0123456789+-.eE") == ""
}
