// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/host"
)

// maxBody is the largest request body that is read, in bytes. Choice: no limit
// is documented; no request of the API comes near this one.
const maxBody = 1 << 20

// call is what a handler gets to see of a request.
type call struct {
	id    string // the first id in the path, "" for a collection
	sub   string // the second id in the path, if there is one
	query url.Values
	body  []byte
}

// answer is what a handler gives back.
type answer struct {
	status int
	body   any
}

// refusal is an answer that is not a success. Without a body of its own it has
// the form of Omni's specification, {"detail":"...","status":...}.
type refusal = host.StatusError

func refuse(status int, format string, args ...any) *refusal {
	return &refusal{Status: status, Detail: fmt.Sprintf(format, args...)}
}

type handler func(c call) (answer, error)

// routes are handlers by path and method. In a path, which is relative to the
// prefix, "*" stands for an id.
type routes = host.Routes[handler]

// serve runs everything behind the faults.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if !host.Wait(r, s.opts.Latency) {
		return
	}
	w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))
	result, err := s.dispatch(r)
	if err != nil {
		no, ok := errors.AsType[*refusal](err)
		if !ok {
			panic(err) // handlers return no other error
		}
		maps.Copy(w.Header(), no.Header)
		result = answer{no.Status, map[string]any{"detail": no.Detail, "status": no.Status}}
		if no.Status == http.StatusUnprocessableEntity { // has a form of its own
			result.body = map[string]any{"error": no.Detail}
		}
		if no.Body != nil {
			result.body = no.Body
		}
	}
	host.Send(w, result.status, "application/json; charset=utf-8", result.body)
}

func (s *Server) dispatch(r *http.Request) (answer, error) {
	if err := s.authenticate(r); err != nil {
		return answer{}, err
	}
	if err := s.limit(); err != nil {
		return answer{}, err
	}
	handle, c, err := s.find(r)
	if err != nil {
		return answer{}, err
	}
	if s.IsForbidden(r) && strings.HasPrefix(r.URL.Path, s.prefix()+"/user-attributes") {
		return answer{}, noUserAttributeRight()
	}
	if s.IsForbidden(r) {
		return answer{}, refuse(http.StatusForbidden, "Permission denied")
	}
	c.query, err = url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return answer{}, refuse(http.StatusBadRequest, "Bad Request: query: Invalid")
	}
	c.body, err = readBody(r)
	if err != nil {
		return answer{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return handle(c)
}

func readBody(r *http.Request) ([]byte, error) {
	switch r.Method {
	case http.MethodPost, http.MethodPut, http.MethodPatch:
	default:
		return nil, nil
	}
	if r.ContentLength == 0 && r.Header.Get("Content-Type") == "" {
		return nil, nil // a request without a body; a handler that wants one says so
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		// Choice: the status for another content type is not documented.
		return nil, refuse(http.StatusUnsupportedMediaType, "Unsupported Media Type: Content-Type must be application/json")
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "Bad Request: Invalid JSON")
	}
	if len(body) > maxBody {
		return nil, refuse(http.StatusRequestEntityTooLarge, "Payload Too Large")
	}
	return body, nil
}

// find returns the handler, and the ids of the path. Paths under the other
// prefix are unknown, as are those of no route: 404.
func (s *Server) find(r *http.Request) (handler, call, error) {
	routes := s.routes
	rest, ok := strings.CutPrefix(r.URL.Path, s.prefix()+"/")
	if !ok {
		routes = s.scim
		rest, ok = strings.CutPrefix(r.URL.Path, scimPrefix+"/")
	}
	if !ok {
		return nil, call{}, refuse(http.StatusNotFound, "Not Found")
	}
	found := routes.Find(r.Method, rest)
	switch {
	case found.Path == "":
		return nil, call{}, refuse(http.StatusNotFound, "Not Found")
	case !found.Found:
		return nil, call{}, s.noMethod(found.Path, r.Method)
	}
	return found.Handle, call{id: found.Segment(0), sub: found.Segment(1)}, nil
}

func (s *Server) connectionRoutes() routes {
	one := map[string]handler{"GET": s.getConnection, "PATCH": s.updateConnection, "DELETE": s.deleteConnection}
	if s.opts.Generation == Guide2025 {
		one = map[string]handler{"PATCH": s.updateConnection}
	}
	return routes{
		"connections":   {"GET": s.listConnections, "POST": s.createConnection},
		"connections/*": one,
	}
}

func (s *Server) environmentRoutes() routes {
	all := map[string]handler{"POST": s.createEnvironments}
	if s.opts.EnvironmentList {
		all["GET"] = s.listEnvironments
	}
	return routes{
		"connection-environments":   all,
		"connection-environments/*": {"PUT": s.updateEnvironment, "DELETE": s.deleteEnvironment},
	}
}

// noMethod is the answer for a method that a known path lacks: 405, or on the
// server of the 2025 guide 400 "Invalid method". That server's fetch and delete
// of one connection are routes it does not have at all.
func (s *Server) noMethod(path, method string) error {
	status := http.StatusMethodNotAllowed
	switch {
	case path == "connection-environments" && method == http.MethodGet:
		status = s.opts.EnvironmentListStatus
	case strings.HasPrefix(path, "user-attributes") && s.opts.UserAttributeWritesStatus != 0:
		status = s.opts.UserAttributeWritesStatus
	case s.opts.Generation != Guide2025:
	case path == "connections/*" && (method == http.MethodGet || method == http.MethodDelete):
		status = http.StatusNotFound
	default:
		status = http.StatusBadRequest
	}
	switch status {
	case http.StatusNotFound:
		return refuse(status, "Not Found")
	case http.StatusBadRequest:
		return refuse(status, "Invalid method")
	}
	return refuse(status, "Method Not Allowed")
}

// authenticate checks the API key: 401 when it is missing or not a bearer
// token, and 403 "Invalid bearer token" when it is wrong, as a live server did.
func (s *Server) authenticate(r *http.Request) error {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || token == "" {
		return refuse(http.StatusUnauthorized, "Unauthorized: Missing or invalid API key")
	}
	if subtle.ConstantTimeCompare([]byte(token), []byte(s.token)) != 1 {
		return refuse(http.StatusForbidden, "Invalid bearer token")
	}
	return nil
}

// limit applies Options.RequestsPerMinute. A refused request does not count.
func (s *Server) limit() error {
	if s.Admit(s.now(), s.opts.RequestsPerMinute) {
		return nil
	}
	no := refuse(http.StatusTooManyRequests, "Too Many Requests")
	if s.opts.RetryAfter != "" {
		no.Header = http.Header{"Retry-After": {s.opts.RetryAfter}}
	}
	return no
}
