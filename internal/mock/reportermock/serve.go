// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reportermock

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
)

const base = "/v1/management/connections"

// maxBody is the largest request body, in bytes. The real server cuts the
// connection beyond it.
const maxBody = 4 << 20

// call is what a handler gets to see of a request.
type call struct {
	segment string // what stood in the place of {id}
	query   url.Values
	header  http.Header
	media   string
	body    []byte
}

// id reads the path's id, in any form that the real server's parser takes.
func (c call) id() (string, error) {
	id, err := uuid.Parse(c.segment)
	if err != nil {
		return "", invalid("Invalid Path Parameter", "FET-0404", "invalid connection id")
	}
	return id.String(), nil
}

// decode reads the body into out.
// Choice: the real server reads forms too; here they are refused.
func (c call) decode(out any) error {
	if c.media != "application/json" || json.Unmarshal(c.body, out) != nil {
		return invalid("Invalid payload", "FET-0001", "unable to parse request body")
	}
	return nil
}

// answer is what a handler gives back. A nil body is no body.
type answer struct {
	status int
	body   any
}

type handler func(c call) (answer, error)

// route is a method and a path. An {id} in it stands for one segment.
type route struct {
	method string
	path   []string
	open   bool // needs no token
	handle handler
}

func (s *Server) allRoutes() []route {
	at := func(method, suffix string, handle handler) route {
		return route{method: method, path: segments(base + suffix), handle: handle}
	}
	// The first match wins, so that fixed paths stand before {id}.
	routes := []route{
		at("POST", "", s.create),
		at("GET", "", s.list),
		at("GET", "/unassigned", s.listUnassigned),
		at("POST", "/validate-schema", s.validateSchema),
		at("GET", "/{id}", s.get),
		at("PATCH", "/{id}", s.update),
		at("DELETE", "/{id}", s.remove),
		at("POST", "/{id}/test", s.test),
		at("GET", "/{id}/schema", s.schema),
		at("POST", "/{id}/assign", s.assign),
	}
	if s.opts.DataSources != nil {
		routes = append(routes,
			route{method: "GET", path: segments("/v1/data-sources"), handle: s.listDataSources},
			route{method: "GET", path: segments("/v1/data-sources/{id}"), handle: s.getDataSource},
		)
	}
	if s.opts.Auth == ClientCredentials {
		routes = append(routes, route{method: "POST", path: segments(tokenPath), open: true, handle: s.giveToken})
	}
	return routes
}

// segments splits a path. One slash at its end does not count.
func segments(urlPath string) []string {
	return strings.Split(strings.TrimSuffix(strings.TrimPrefix(urlPath, "/"), "/"), "/")
}

// match returns what stands in the place of {id}.
func (r route) match(path []string) (string, bool) {
	if len(path) != len(r.path) {
		return "", false
	}
	var segment string
	for i, want := range r.path {
		switch {
		case want == "{id}" && path[i] != "":
			segment = path[i]
		case want != path[i]:
			return "", false
		}
	}
	return segment, true
}

func (s *Server) find(r *http.Request) (route, string, error) {
	method, wrongMethod := r.Method, false
	if method == http.MethodHead {
		method = http.MethodGet
	}
	path := segments(r.URL.Path)
	for _, candidate := range s.routes {
		segment, ok := candidate.match(path)
		if ok && candidate.method == method {
			return candidate, segment, nil
		}
		wrongMethod = wrongMethod || ok
	}
	if wrongMethod {
		return route{}, "", numeric(http.StatusMethodNotAllowed, "request_failed", "Method Not Allowed")
	}
	return route{}, "", numeric(http.StatusNotFound, "request_failed", "Cannot "+r.Method+" "+r.URL.Path)
}

// serve runs everything behind the faults.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if s.opts.Latency > 0 {
		timer := time.NewTimer(s.opts.Latency)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return
		}
	}
	requestID := r.Header.Get("X-Request-Id")
	if requestID == "" {
		requestID = uuid.NewString()
	}
	w.Header().Set("X-Request-Id", requestID)

	result, err := s.dispatch(r)
	if err != nil {
		no, ok := errors.AsType[*refusal](err)
		if !ok {
			panic(err) // handlers return no other error
		}
		maps.Copy(w.Header(), no.header)
		result = answer{no.status, no.body}
	}
	send(w, result)
}

func send(w http.ResponseWriter, a answer) {
	if a.body == nil {
		w.WriteHeader(a.status)
		return
	}
	if text, ok := a.body.(string); ok {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, text)
		return
	}
	body, err := json.Marshal(a.body)
	if err != nil {
		panic(err) // the server's own values always encode
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	_, _ = w.Write(body)
}

func (s *Server) dispatch(r *http.Request) (answer, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil || len(body) > maxBody {
		panic(http.ErrAbortHandler)
	}
	found, segment, err := s.find(r)
	if err != nil {
		return answer{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !found.open {
		if err := s.authorize(r); err != nil {
			return answer{}, err
		}
	}
	if err := s.limit(); err != nil {
		return answer{}, err
	}
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	// A query that cannot be parsed is read as far as it can be.
	return found.handle(call{segment: segment, query: r.URL.Query(), header: r.Header, media: media, body: body})
}

// limit applies Options.RequestsPerMinute. A refused request does not count.
func (s *Server) limit() error {
	if s.Admit(s.now(), s.opts.RequestsPerMinute) {
		return nil
	}
	// Choice: this limiter's words were not seen.
	return s.tooMany("Rate limit exceeded. Please try again later.")
}

func (s *Server) tooMany(message string) *refusal {
	no := numeric(http.StatusTooManyRequests, "Rate Limit Exceeded", message)
	if s.opts.RetryAfter != "" {
		no.header = http.Header{"Retry-After": {s.opts.RetryAfter}}
	}
	return no
}
