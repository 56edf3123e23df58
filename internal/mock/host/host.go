// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package host is what the mock servers of all systems share: serving on
// loopback, a record of the requests, scripted faults, routes, refusals, a vault
// for secrets, routes that the credentials may not use, and a rate limit.
package host

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"slices"
	"sync"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
)

// TB is the part of testing.TB that a server needs. It is declared here so that a
// program which serves a mock does not link the testing package.
type TB interface {
	Cleanup(func())
}

// Request is one request as it arrived, and the status it was answered with.
// Header has the credentials and Body the secrets.
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

// Host is embedded by a mock server. It is safe for concurrent use.
type Host struct {
	Vault Vault // what no answer has

	handler http.Handler
	maxBody int64
	faults  fault.Script
	http    *httptest.Server
	memory  *memory // nil where it listens on a socket
	close   sync.Once

	mu        sync.Mutex // guards everything below
	requests  []*Request
	forbidden []pattern
	accepted  []time.Time // requests in the rate limit's window
}

// New returns a host that records each request, lets the faults at it, and
// leaves the rest to serve. Of a body it keeps maxBody bytes and one, which
// tells serve that the body is too large.
func New(serve http.HandlerFunc, maxBody int64) *Host {
	h := &Host{maxBody: maxBody}
	h.handler = h.record(h.faults.Wrap(serve))
	return h
}

// ServeHTTP answers a request.
func (h *Host) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.handler.ServeHTTP(w, r) }

// Faults returns the script of failures in front of the server.
func (h *Host) Faults() *fault.Script { return &h.faults }

// Transport is how clients reach a server.
type Transport struct {
	TLS      bool
	InMemory bool // without a socket, and then without TLS
}

// Start serves until the test ends.
func (h *Host) Start(tb TB, transport Transport) {
	if transport.InMemory {
		h.ListenInMemory(tb)
	} else {
		h.Listen(tb, transport.TLS)
	}
}

// Listen serves on a free port of 127.0.0.1 until the test ends; again, and on
// another port, after Refuse.
func (h *Host) Listen(tb TB, useTLS bool) {
	if h.http != nil {
		h.http.Close()
	}
	h.http = httptest.NewUnstartedServer(h)
	if useTLS {
		h.http.StartTLS()
	} else {
		h.http.Start()
	}
	tb.Cleanup(h.Close)
}

// Refuse ends a server as if its program had: from now on connections are
// refused. A request under way is still answered, on a connection that closes.
func (h *Host) Refuse() {
	h.http.Config.SetKeepAlivesEnabled(false)
	_ = h.http.Listener.Close()
}

// URL returns the origin of a server that listens, such as
// http://127.0.0.1:1234, else "".
func (h *Host) URL() string {
	if h.http == nil {
		return ""
	}
	return h.http.URL
}

// CertificatePEM returns the certificate of a server that listens with TLS: what
// a client has to trust. Else it is "".
func (h *Host) CertificatePEM() string {
	if h.http == nil || h.http.Certificate() == nil {
		return ""
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: h.http.Certificate().Raw}))
}

// Close stops the server, breaking off what still runs. It may be called twice.
func (h *Host) Close() {
	h.close.Do(func() {
		h.faults.Close()
		if h.http != nil {
			h.http.CloseClientConnections()
			h.http.Close()
		}
	})
}

// record keeps every request, also those that a fault keeps from the server.
func (h *Host) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(io.LimitReader(r.Body, h.maxBody+1))
		r.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(body), r.Body), r.Body}
		entry := &Request{
			Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(),
			Header: r.Header.Clone(), Body: body, Time: time.Now(),
		}
		h.mu.Lock()
		h.requests = append(h.requests, entry)
		h.mu.Unlock()
		next.ServeHTTP(&statusWriter{ResponseWriter: w, host: h, entry: entry}, r)
	})
}

// statusWriter notes the status that is sent.
type statusWriter struct {
	http.ResponseWriter
	host  *Host
	entry *Request
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *statusWriter) WriteHeader(status int) {
	w.host.mu.Lock()
	w.entry.Status = status
	w.host.mu.Unlock()
	w.ResponseWriter.WriteHeader(status)
}

// Requests returns every request so far, in the order of arrival.
func (h *Host) Requests() []Request {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]Request, len(h.requests))
	for i, r := range h.requests {
		all[i] = *r
		all[i].Body = slices.Clone(r.Body)
	}
	return all
}

// ResetRequests forgets the requests so far.
func (h *Host) ResetRequests() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.requests = nil
}

// CountRequests returns how many requests came with this method ("" any) and a
// path that matches this pattern of path.Match ("" any). "*" stands for one
// segment: "/connections/*" does not count the list.
func (h *Host) CountRequests(method, pathPattern string) int {
	p := pattern{method, pathPattern}
	n := 0
	for _, r := range h.Requests() {
		if p.matches(r.Method, r.Path) {
			n++
		}
	}
	return n
}

// pattern is a method ("" any) and a path.Match pattern ("" any).
type pattern struct{ method, path string }

// matches panics on a malformed pattern, a mistake in the test.
func (p pattern) matches(method, urlPath string) bool {
	if p.method != "" && p.method != method {
		return false
	}
	if p.path == "" {
		return true
	}
	ok, err := path.Match(p.path, urlPath)
	if err != nil {
		panic(fmt.Sprintf("path pattern %q: %v", p.path, err))
	}
	return ok
}

// Forbid makes the credentials too weak for these routes. The method "" is any,
// the path a pattern of path.Match on the whole URL path, "" any.
func (h *Host) Forbid(method, pathPattern string) {
	pattern{path: pathPattern}.matches("", "/") // panics on a malformed pattern
	h.mu.Lock()
	defer h.mu.Unlock()
	h.forbidden = append(h.forbidden, pattern{method, pathPattern})
}

// AllowAll takes every Forbid back.
func (h *Host) AllowAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.forbidden = nil
}

// IsForbidden reports whether Forbid names the request's route.
func (h *Host) IsForbidden(r *http.Request) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.ContainsFunc(h.forbidden, func(p pattern) bool { return p.matches(r.Method, r.URL.Path) })
}

// Admit counts a request against a limit in a sliding window of a minute, and
// reports whether it may pass. One that may not does not count. 0 is no limit.
func (h *Host) Admit(now time.Time, perMinute int) bool {
	if perMinute == 0 {
		return true
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(h.accepted) > 0 && now.Sub(h.accepted[0]) >= time.Minute {
		h.accepted = h.accepted[1:]
	}
	if len(h.accepted) >= perMinute {
		return false
	}
	h.accepted = append(h.accepted, now)
	return true
}
