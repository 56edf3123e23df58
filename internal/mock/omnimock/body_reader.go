// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock

import (
	"errors"
	"net/http"
)

// bodyReader takes typed values out of a body; the first mistake counts.
type bodyReader struct {
	body map[string]any
	path string // before a key, in messages
	err  error
}

func (r *bodyReader) has(key string) bool {
	_, ok := r.body[key]
	return ok
}

func (r *bodyReader) fail(err *refusal) {
	if r.err == nil {
		r.err = err
	}
}

// boolean is false where the key is left out.
func (r *bodyReader) boolean(key string, isRequired bool) bool {
	value, ok := r.body[key]
	if !ok {
		if isRequired {
			r.fail(required(r.path + key))
		}
		return false
	}
	b, ok := value.(bool)
	if !ok {
		r.fail(wrongType(r.path+key, "boolean", value))
	}
	return b
}

// text is required, and has so many characters at least and at most; 0 does not
// bound it.
func (r *bodyReader) text(key string, least, most int) string {
	value, ok := r.body[key]
	if !ok {
		r.fail(required(r.path + key))
		return ""
	}
	s, ok := value.(string)
	switch {
	case !ok:
		r.fail(wrongType(r.path+key, "string", value))
	case len(s) < least:
		r.fail(tooShort(r.path + key))
	case most > 0 && len(s) > most:
		r.fail(invalid(r.path+key, "String must contain at most %d character(s)", most))
	}
	return s
}

// nullableText is nil where the key is left out.
func (r *bodyReader) nullableText(key string) *string {
	value := r.body[key]
	if value == nil {
		return nil
	}
	s, ok := value.(string)
	if !ok {
		r.fail(wrongType(r.path+key, "string", value))
	}
	return &s
}

// echo repeats the secrets of a refused body, if Options say so.
func (s *Server) echo(err error, secrets ...string) error {
	no, ok := errors.AsType[*refusal](err)
	if ok && s.opts.EchoSecretsInErrors && no.Status == http.StatusBadRequest {
		for _, value := range secrets {
			if value != "" {
				no.Detail += " (received '" + value + "')"
			}
		}
	}
	return err
}
