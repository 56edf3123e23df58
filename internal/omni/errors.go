// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
)

// Describe reads Omni's error bodies: {"detail","status"} from the server
// itself, {"error","message"} and {"success":false,"error"} from some routes.
// A refused token is 403 "Invalid bearer token" on live servers, not 401.
func Describe(status int, body []byte) httpclient.Detail {
	var answer struct {
		Detail  any `json:"detail"`
		Message any `json:"message"`
		Error   any `json:"error"`
	}
	var detail httpclient.Detail
	if json.Unmarshal(body, &answer) == nil {
		for _, candidate := range []any{answer.Detail, answer.Message, answer.Error} {
			if text, ok := candidate.(string); ok && text != "" {
				detail.Message = text
				break
			}
		}
	}
	detail.UnknownKeys = unrecognizedKeys(detail.Message)
	if status == http.StatusForbidden && strings.Contains(strings.ToLower(detail.Message), "bearer token") {
		detail.Kind = httpclient.KindUnauthorized
	}
	return detail
}

// refusal is an answer of 2xx that says success:false.
func refusal(success *bool, words ...string) error {
	if success == nil || *success {
		return nil
	}
	for _, w := range words {
		if w != "" {
			return errors.New("the server answered success:false: " + w)
		}
	}
	return errors.New("the server answered success:false without a reason")
}

// IsValueInUse reports whether the server refused an environment's values
// because another environment of the same base, or the base's default, holds
// one of them.
func IsValueInUse(err error) bool {
	return httpclient.IsBadRequest(err) && strings.Contains(Message(err), "already in use")
}

// IsDBTNotConfigured reports a connection without a dbt repository, which dbt
// environments need.
func IsDBTNotConfigured(err error) bool {
	return httpclient.IsBadRequest(err) && strings.Contains(Message(err), "dbt not configured")
}

// wrongAddress adds to a 404 for a path that every server has what may be wrong with
// the address.
func wrongAddress(err error) error {
	if e, ok := httpclient.AsError(err); ok && e.Kind == httpclient.KindNotFound {
		e.Hint = `check base_url and api_version ("v1", or "unstable" for a server of 2025): under this path there is no Omni`
	}
	return err
}

// RefusesBaseRole reports a 400 about the base role. Some servers take fewer roles
// at create than in a change.
func RefusesBaseRole(err error) bool { return refusedField("baseRole")(err) }

// RefusesName reports a 400 about the name of an object.
func RefusesName(err error) bool { return refusedField("name: ")(err) }

// IsNotAssociable reports whether the server refused to associate two connections:
// for their dialects, or because they are associated already.
func IsNotAssociable(err error) bool {
	return httpclient.IsBadRequest(err) && strings.Contains(Message(err), "are not valid for this connection")
}

var unrecognized = regexp.MustCompile(`Unrecognized key\(s\) in object: (.*)`)

// UnrecognizedKeys returns the body keys that the server refused as unknown to
// it, which is how an older generation answers a PATCH of a setting that only a
// newer one can change.
func UnrecognizedKeys(err error) []string {
	if e, ok := httpclient.AsError(err); ok && e.Kind == httpclient.KindBadRequest {
		return e.UnknownKeys
	}
	return nil
}

func unrecognizedKeys(message string) []string {
	match := unrecognized.FindStringSubmatch(message)
	if match == nil {
		return nil
	}
	var keys []string
	for key := range strings.SplitSeq(match[1], ",") {
		if key = strings.Trim(key, " '\""); key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// refusedField reports a 400 that names the field: the form of its value is not
// the one this generation takes.
func refusedField(field string) func(error) bool {
	return func(err error) bool {
		return httpclient.IsBadRequest(err) && strings.Contains(Message(err), field)
	}
}

// isUnsupported reports the answers to a list of a server that lacks it: 404, 405, or
// the 400 of an older one.
func isUnsupported(err error) bool {
	e, ok := httpclient.AsError(err)
	return ok && (e.Status == http.StatusNotFound || e.Status == http.StatusMethodNotAllowed || e.Status == http.StatusBadRequest)
}

// SaysNoSuchObject reports the words of a handler that looked for the object, as
// opposed to those of a router that knows no such path.
func SaysNoSuchObject(err error) bool { return strings.Contains(Message(err), "does not exist") }

// Message is what the server said, without the address and the rest; "" where it said
// nothing.
func Message(err error) string {
	if e, ok := httpclient.AsError(err); ok {
		return e.Message
	}
	return ""
}
