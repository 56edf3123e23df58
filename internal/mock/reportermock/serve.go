// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reportermock

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/host"
)

const base = "/v1/management/connections"

// maxBody is the largest request body, in bytes. The real server cuts the
// connection beyond it.
const maxBody = 4 << 20

// call is what a handler gets to see of a request.
type call struct {
	segment string // what stood in the place of {id}
	query   map[string]string
	header  http.Header
	media   string // in lower case, without parameters
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

// decode reads the body into out: JSON of any media type that ends so, or a form.
func (c call) decode(out any) error {
	var body []byte
	switch {
	case strings.HasSuffix(c.media, "json"):
		body = c.body
	case strings.HasPrefix(c.media, "application/x-www-form-urlencoded"):
		body = formAsJSON(c.body)
	}
	if json.Unmarshal(body, out) != nil {
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

func (s *Server) allRoutes() host.Routes[handler] {
	routes := host.Routes[handler]{
		healthPath:                {"GET": healthy},
		base:                      {"POST": s.create, "GET": s.list},
		base + "/unassigned":      {"GET": s.listUnassigned},
		base + "/validate-schema": {"POST": s.validateSchema},
		base + "/*":               {"GET": s.get, "PATCH": s.update, "DELETE": s.remove},
		base + "/*/test":          {"POST": s.test},
		base + "/*/schema":        {"GET": s.schema},
		base + "/*/assign":        {"POST": s.assign},
	}
	if s.opts.DataSources != nil {
		routes["/v1/data-sources"] = map[string]handler{"GET": s.listDataSources}
		routes["/v1/data-sources/*"] = map[string]handler{"GET": s.getDataSource}
	}
	if s.opts.Auth == ClientCredentials {
		routes[tokenPath] = map[string]handler{"POST": s.giveToken}
	}
	return routes
}

const healthPath = "/health"

// Choice: the words were not seen.
func healthy(call) (answer, error) { return answer{http.StatusOK, "healthy"}, nil }

// rawPath is the path as it was sent: the server takes no escapes away.
func rawPath(r *http.Request) string {
	if urlPath, _, _ := strings.Cut(r.RequestURI, "?"); strings.HasPrefix(urlPath, "/") {
		return urlPath
	}
	return r.URL.EscapedPath()
}

// find returns the route of a request: HEAD is GET, and neither case nor slashes
// at the end of a path count.
func (s *Server) find(r *http.Request) (host.Match[handler], error) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	path := strings.ToLower(strings.TrimRight(rawPath(r), "/"))
	found := s.routes.Find(method, path)
	switch {
	case found.Path == "":
		return found, numeric(http.StatusNotFound, "request_failed", "Cannot "+r.Method+" "+rawPath(r))
	case !found.Found:
		no := numeric(http.StatusMethodNotAllowed, "request_failed", "Method Not Allowed")
		no.Header = http.Header{"Allow": {allowed(s.routes.Methods(path))}}
		return found, no
	}
	return found, nil
}

// allowed lists methods in the server's order.
func allowed(methods map[string]bool) string {
	methods[http.MethodHead] = methods[http.MethodGet]
	order := []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete, http.MethodPatch}
	return strings.Join(slices.DeleteFunc(order, func(method string) bool { return !methods[method] }), ", ")
}

// serve runs everything behind the faults.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if !host.Wait(r, s.opts.Latency) {
		return
	}
	requestID := r.Header.Get("X-Request-Id")
	if requestID == "" {
		requestID = uuid.NewString()
	}
	w.Header().Set("X-Request-Id", requestID)
	w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))

	result, err := s.dispatch(r)
	if err != nil {
		no, ok := errors.AsType[*refusal](err)
		if !ok {
			panic(err) // handlers return no other error
		}
		maps.Copy(w.Header(), no.Header)
		result = answer{no.Status, no.Body}
	}
	host.Send(w, result.status, "application/json", result.body)
}

func (s *Server) dispatch(r *http.Request) (answer, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil || len(body) > maxBody {
		panic(http.ErrAbortHandler)
	}
	found, err := s.find(r)
	if err != nil {
		return answer{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if found.Path != tokenPath && found.Path != healthPath { // they need no token
		if err := s.authorize(r); err != nil {
			return answer{}, err
		}
	}
	if err := s.limit(); err != nil {
		return answer{}, err
	}
	media, _, _ := strings.Cut(strings.ToLower(r.Header.Get("Content-Type")), ";")
	return found.Handle(call{
		segment: found.Segment(0), query: parseForm(r.URL.RawQuery), header: r.Header, media: strings.TrimSpace(media), body: body,
	})
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
		no.Header = http.Header{"Retry-After": {s.opts.RetryAfter}}
	}
	return no
}
