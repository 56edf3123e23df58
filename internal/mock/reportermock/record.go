// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reportermock

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// Request is one request as it arrived, and the status it was answered with.
type Request struct {
	Method string
	Path   string
	Query  url.Values
	Header http.Header
	Body   []byte // at most the server's body limit and one byte
	// Status is 0 while the request runs, and if it never got an answer.
	Status int
	Time   time.Time // of arrival
}

// record keeps every request, also those that a fault kept from the server.
type record struct {
	mu       sync.Mutex
	requests []*Request
}

func (rec *record) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// One byte beyond the limit tells the server that the body is too large.
		body, _ := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
		r.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(body), r.Body), r.Body}
		entry := &Request{
			Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(),
			Header: r.Header.Clone(), Body: body, Time: time.Now(),
		}
		rec.mu.Lock()
		rec.requests = append(rec.requests, entry)
		rec.mu.Unlock()
		next.ServeHTTP(&statusWriter{ResponseWriter: w, rec: rec, entry: entry}, r)
	})
}

// statusWriter notes the status that is sent.
type statusWriter struct {
	http.ResponseWriter
	rec   *record
	entry *Request
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *statusWriter) WriteHeader(status int) {
	w.rec.mu.Lock()
	w.entry.Status = status
	w.rec.mu.Unlock()
	w.ResponseWriter.WriteHeader(status)
}

// Requests returns every request so far, in the order of arrival.
func (s *Server) Requests() []Request {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	all := make([]Request, len(s.record.requests))
	for i, r := range s.record.requests {
		all[i] = *r
		all[i].Body = slices.Clone(r.Body)
	}
	return all
}

// ResetRequests forgets the requests so far.
func (s *Server) ResetRequests() {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	s.record.requests = nil
}

// CountRequests returns how many requests came with this method ("" any) and
// a path that matches this pattern of path.Match ("" any). "*" stands for one
// segment: "/v1/management/connections/*" does not count the list.
func (s *Server) CountRequests(method, pathPattern string) int {
	p := routePattern{method, pathPattern}
	n := 0
	for _, r := range s.Requests() {
		if p.matches(r.Method, r.Path) {
			n++
		}
	}
	return n
}
