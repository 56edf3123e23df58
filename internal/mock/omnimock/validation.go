// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// The texts below are Omni's: "Bad Request: <field>: Required" and
// "formErrors: Unrecognized key(s) in object" are documented, and are those of
// the validation library zod. Where a text is not documented, zod's own stands.

func invalid(field, format string, args ...any) *refusal {
	no := refuse(http.StatusBadRequest, format, args...)
	no.Detail = "Bad Request: " + field + ": " + no.Detail
	return no
}

func required(field string) *refusal { return invalid(field, "Required") }

// parseObject reads a body that must be one JSON object.
func parseObject(body []byte) (map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber() // so that an integer stays one
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, refuse(http.StatusBadRequest, "Bad Request: Invalid JSON")
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, refuse(http.StatusBadRequest, "Bad Request: Invalid JSON")
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, invalid("formErrors", "Expected object, received %s", typeName(value))
	}
	return object, nil
}

func onlyKeys(object map[string]any, allowed []string) error {
	return refuseUnknown(slices.Collect(maps.Keys(object)), allowed)
}

func onlyQuery(query url.Values, allowed ...string) error {
	return refuseUnknown(slices.Collect(maps.Keys(query)), allowed)
}

func refuseUnknown(keys, allowed []string) error {
	unknown := slices.DeleteFunc(keys, func(key string) bool { return slices.Contains(allowed, key) })
	if len(unknown) == 0 {
		return nil
	}
	slices.Sort(unknown)
	return invalid("formErrors", "Unrecognized key(s) in object: '%s'", strings.Join(unknown, "', '"))
}

// typeName is zod's word for the type of a JSON value.
func typeName(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case bool:
		return "boolean"
	case json.Number:
		return "number"
	case []any:
		return "array"
	}
	return "object"
}

func wrongType(field, want string, value any) *refusal {
	return invalid(field, "Expected %s, received %s", want, typeName(value))
}

// asString checks a value that must be a string; null is not one.
func asString(field string, value any) (string, error) {
	s, ok := value.(string)
	if !ok {
		return "", wrongType(field, "string", value)
	}
	return s, nil
}

func tooShort(field string) *refusal {
	return invalid(field, "String must contain at least 1 character(s)")
}

// asStrings checks a value that must be an array of strings.
func asStrings(field string, value any) ([]string, error) {
	items, ok := value.([]any)
	if !ok {
		return nil, wrongType(field, "array", value)
	}
	out := make([]string, 0, len(items))
	for _, item := range items {
		s, err := asString(field, item)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// splitComma splits comma text; spaces around an element are not part of it,
// and empty elements are none.
func splitComma(s string) []string {
	var out []string
	for element := range strings.SplitSeq(s, ",") {
		if element = strings.TrimSpace(element); element != "" {
			out = append(out, element)
		}
	}
	return out
}

// isDigits is the specification's pattern of maxBillingBytes.
func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// value checks one setting and returns it as it is stored; nil is null.
// Creation and PATCH differ in how they take lists.
func (f field) value(value any, creating, arraysRefused bool) (any, error) {
	switch f.form {
	case integer:
		return f.integer(value)
	case boolean:
		b, ok := value.(bool)
		if !ok {
			return nil, wrongType(f.name, "boolean", value)
		}
		return b, nil
	case list, eitherList:
		_, isArray := value.([]any)
		if creating && (f.form == list || arraysRefused) || !isArray {
			s, err := asString(f.name, value)
			return orNull(splitComma(s)), err
		}
		items, err := asStrings(f.name, value)
		// Choice: an element with a comma becomes two, as if comma text lay
		// underneath; a client that sends one finds out.
		return orNull(splitComma(strings.Join(items, ","))), err
	}
	if value == nil && f.form == httpsURL && !creating {
		return nil, nil // PATCH clears an address with null, and refuses an empty one
	}
	s, err := asString(f.name, value)
	if err != nil {
		return nil, err
	}
	switch {
	case f.nonEmpty && s == "":
		return nil, tooShort(f.name)
	case f.form == digits && !isDigits(s):
		return nil, invalid(f.name, "Invalid")
	case f.form == httpsURL && !isHTTPS(s):
		return nil, invalid(f.name, "Invalid url")
	case f.form == secret:
		return s, nil
	case s == "":
		return nil, nil
	}
	return s, nil
}

func (f field) integer(value any) (any, error) {
	number, ok := value.(json.Number)
	if !ok {
		return nil, wrongType(f.name, "number", value)
	}
	float, err := number.Float64()
	if err != nil || float != float64(int(float)) {
		return nil, invalid(f.name, "Expected integer, received float")
	}
	switch n := int(float); {
	case n < f.min:
		return nil, invalid(f.name, "Number must be greater than or equal to %d", f.min)
	case n > f.max:
		return nil, invalid(f.name, "Number must be less than or equal to %d", f.max)
	default:
		return n, nil
	}
}

func isHTTPS(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Host != ""
}

func orNull(items []string) any {
	if len(items) == 0 {
		return nil
	}
	return items
}

var uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// isUUID requires the usual form with dashes; uuid.Parse alone takes
// braces and URNs too.
func isUUID(s string) bool {
	_, err := uuid.Parse(s)
	return err == nil && uuidForm.MatchString(s)
}

func checkID(id string) error {
	if !isUUID(id) {
		return invalid("id", "Invalid uuid")
	}
	return nil
}
