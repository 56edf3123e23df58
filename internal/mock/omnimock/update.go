// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock

import (
	"bytes"
	"maps"
	"net/http"
	"reflect"
	"slices"
)

// updateConnection is PATCH. It answers a message and no object.
func (s *Server) updateConnection(call call) (answer, error) {
	if err := onlyQuery(call.query); err != nil {
		return answer{}, err
	}
	if err := checkID(call.id); err != nil {
		return answer{}, err
	}
	c, ok := s.live(call.id)
	if !ok { // Choice: for one in the trash nothing is documented
		return answer{}, refuse(http.StatusNotFound, "Connection not found")
	}
	if len(bytes.TrimSpace(call.body)) == 0 {
		return answer{}, emptyBody()
	}
	body, err := parseObject(call.body)
	if err != nil {
		return answer{}, err
	}
	s.receiveSecrets(body)
	if len(body) == 0 {
		return answer{}, emptyBody()
	}
	changes, secrets, err := s.changes(c, body)
	if err != nil {
		return answer{}, s.echo(err, sentSecrets(body)...)
	}
	s.Vault.Store(c.id, s.hide(c.dialect(), changes))
	maps.DeleteFunc(changes, func(name string, value any) bool {
		return reflect.DeepEqual(c.settings[name], value)
	})
	if len(changes)+len(secrets) > 0 {
		maps.Copy(c.settings, changes)
		s.Vault.Store(c.id, secrets)
		s.touch(c)
	}
	return answer{http.StatusOK, map[string]any{"success": true, "message": updateMessage(changes, secrets)}}, nil
}

func emptyBody() *refusal {
	return refuse(http.StatusBadRequest, "Bad Request: Empty request body")
}

// changes checks the body of a PATCH against the connection.
func (s *Server) changes(c *connection, body map[string]any) (map[string]any, map[string]string, error) {
	attributeKeys := []string{attributeKey}
	if s.opts.FlatEnvironmentAttribute {
		attributeKeys = []string{attributeNameKey, attributeValuesKey}
	}
	changes, secrets, err := s.decode(body, s.updateFields(), attributeKeys, false)
	if err != nil {
		return nil, nil, err
	}
	if err := checkSecrets(c.dialect(), secrets); err != nil {
		return nil, nil, err
	}
	if err := checkCleared(c, changes); err != nil {
		return nil, nil, err
	}
	attribute, err := s.attributeChange(body)
	if err != nil {
		return nil, nil, err
	}
	if name, ok := attribute[attributeNameKey].(string); ok && s.opts.BindingNeedsAttribute && s.userAttributes[name] == nil {
		return nil, nil, invalid(attributeKey, "User attribute \"%s\" does not exist", name)
	}
	if values, ok := attribute[attributeValuesKey].([]string); ok {
		if err := s.checkFree(c.id, "", values); err != nil {
			return nil, nil, err
		}
	}
	maps.Copy(changes, attribute)
	return changes, secrets, nil
}

func checkSecrets(dialect string, secrets map[string]string) error {
	if password, ok := secrets["passwordUnencrypted"]; ok && password == "" {
		return tooShort("passwordUnencrypted") // Choice: nothing documents an empty one
	}
	if err := checkPassword(dialect, secrets); err != nil {
		return err
	}
	key, ok := secrets["privateKey"]
	if !ok {
		return nil
	}
	if dialect != "snowflake" {
		return keyNotSnowflake()
	}
	return checkPrivateKey(key)
}

// checkCleared refuses a change that leaves the connection without something
// its dialect needs, or with a host that is not allowed. What lacked before and
// is not touched does not refuse the change.
func checkCleared(c *connection, changes map[string]any) error {
	merged := cloneSettings(c.settings)
	maps.Copy(merged, changes)
	for _, name := range append(requiredSettings(c.dialect(), merged), "name", "database") {
		value, sent := changes[name]
		if !sent || value != nil {
			continue
		}
		if name == "name" || name == "database" {
			return tooShort(name) // minLength 1
		}
		return required(name)
	}
	if accepts, sent := changes["acceptsLicense"]; sent && c.dialect() == "oracle" && accepts != true {
		return required("acceptsLicense")
	}
	_, host := changes["host"]
	_, override := changes["hostOverride"]
	if !host && !override {
		return nil
	}
	if c.dialect() == "snowflake" && merged["host"] == nil && merged["hostOverride"] == nil {
		return required("host")
	}
	return checkHost(c.dialect(), merged)
}

// attributeChange reads the binding of the environment's user attribute, in the
// form the server takes, and returns the two settings it is stored as.
func (s *Server) attributeChange(body map[string]any) (map[string]any, error) {
	if s.opts.FlatEnvironmentAttribute {
		return flatAttribute(body)
	}
	value, ok := body[attributeKey]
	if !ok {
		return nil, nil
	}
	if value == nil {
		return map[string]any{attributeNameKey: nil, attributeValuesKey: nil}, nil
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, wrongType(attributeKey, "object", value)
	}
	if err := onlyKeys(object, []string{"attributeName", "defaultValues"}); err != nil {
		return nil, err
	}
	name, ok := object["attributeName"]
	if !ok {
		return nil, required(attributeKey + ".attributeName")
	}
	attributeName, err := asString(attributeKey+".attributeName", name)
	if err != nil {
		return nil, err
	}
	if attributeName == "" {
		return nil, tooShort(attributeKey + ".attributeName")
	}
	sent, ok := object["defaultValues"]
	if !ok {
		return nil, required(attributeKey + ".defaultValues")
	}
	var values []string
	if sent != nil {
		if values, err = asStrings(attributeKey+".defaultValues", sent); err != nil {
			return nil, err
		}
	}
	return binding(attributeName, values)
}

// flatAttribute reads the form of the 2025 guide. Choice: both keys must come
// together, and the name of a binding cannot be empty.
func flatAttribute(body map[string]any) (map[string]any, error) {
	name, hasName := body[attributeNameKey]
	values, hasValues := body[attributeValuesKey]
	switch {
	case !hasName && !hasValues:
		return nil, nil
	case !hasName:
		return nil, required(attributeNameKey)
	case !hasValues:
		return nil, required(attributeValuesKey)
	case name == nil && values == nil:
		return map[string]any{attributeNameKey: nil, attributeValuesKey: nil}, nil
	}
	attributeName, err := asString(attributeNameKey, name)
	if err != nil {
		return nil, err
	}
	if attributeName == "" {
		return nil, tooShort(attributeNameKey)
	}
	if values == nil {
		return binding(attributeName, nil)
	}
	commaText, err := asString(attributeValuesKey, values)
	if err != nil {
		return nil, err
	}
	return binding(attributeName, splitComma(commaText))
}

func binding(name string, values []string) (map[string]any, error) {
	if slices.Contains(values, "") {
		return nil, tooShort(attributeKey + ".defaultValues")
	}
	stored := any(nil)
	if values != nil {
		stored = values
	}
	return map[string]any{attributeNameKey: name, attributeValuesKey: stored}, nil
}

// updateMessage is the message of a PATCH that worked. The first five are
// documented; for the settings of the newest generation none is.
func updateMessage(changes map[string]any, secrets map[string]string) string {
	_, role := changes["baseRole"]
	_, name := changes[attributeNameKey]
	_, values := changes[attributeValuesKey]
	attribute := name || values
	switch {
	case role && attribute:
		return "Updated connection default role and user attribute settings."
	case attribute:
		return "Updated environment user attribute settings."
	case role:
		return "Updated connection default role."
	case len(secrets) > 0:
		return "Updated connection credentials."
	case len(changes) > 0:
		return "Updated connection settings."
	}
	return "No updates were made to the connection."
}
