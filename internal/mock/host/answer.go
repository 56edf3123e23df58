// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package host

import (
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"time"
)

// StatusError is an answer that is not a success.
type StatusError struct {
	Status int
	Detail string // in words, for a server whose refusals have one form
	Header http.Header
	Body   any // what is sent; nil leaves the form to the server
}

// Error implements error.
func (r *StatusError) Error() string { return cmp.Or(r.Detail, http.StatusText(r.Status)) }

// Send answers a request. A nil body is none, a string is plain text, anything
// else is JSON under the server's own content type.
func Send(w http.ResponseWriter, status int, contentType string, body any) {
	switch body := body.(type) {
	case nil:
		w.WriteHeader(status)
	case string:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	default:
		encoded, err := json.Marshal(body)
		if err != nil {
			panic(err) // the server's own values always encode
		}
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = w.Write(encoded)
	}
}

// Wait waits the server's latency, and reports whether the client still waits.
func Wait(r *http.Request, latency time.Duration) bool {
	if latency <= 0 {
		return true
	}
	timer := time.NewTimer(latency)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}
