// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package fault scripts failures into an HTTP server of a test: wrong statuses,
// late answers, broken connections, and answers that fail although the server
// did what it was asked. It knows no API, so any mock can use it.
package fault

import (
	"fmt"
	"net/http"
	"path"
	"sync"
	"time"
)

// Forever as a Fault's Times makes it fire on every matching request.
const Forever = -1

// Fault says which requests go wrong, and how. What is left at its zero value
// does not happen: a Fault with a Delay alone only makes the server's own
// answer late.
type Fault struct {
	// Method matches the request's method exactly; "" matches any.
	Method string
	// Path is a pattern of path.Match on the URL's path: "*" stands for one
	// segment, so "/api/v1/connections/*" matches one connection and not the
	// list. "" matches any path.
	Path string
	// Skip lets this many matching requests through first.
	Skip int
	// Times is how often the fault fires: 0 means once, Forever always.
	Times int

	// Status, Header and Body answer instead of the server. Status 0 with a
	// Body or a Header means 200. Content-Type is application/json unless
	// Header says otherwise.
	Status int
	Header http.Header
	Body   string

	// Delay is waited before the answer; a client that leaves ends it.
	Delay time.Duration
	// Hang never answers, until the client goes or the script is closed.
	Hang bool
	// Reset closes the TCP connection with a RST instead of an answer.
	Reset bool
	// Apply lets the server handle the request first and then fails the
	// answer: with Status it is applied-but-500, with Reset, Hang or Delay an
	// answer that never arrives. Without it the server never sees the request
	// (a Delay or a Truncate alone excepted, which need its answer).
	Apply bool
	// Truncate announces the whole body in Content-Length, sends half of it
	// and closes the connection. The body is the server's own, or Body.
	Truncate bool
	// Endless sends a 200 (or Status) and a body that never ends, until the
	// client goes or the script is closed.
	Endless bool
	// Redirect is the Location of a 307 (or of Status, if that is given).
	Redirect string

	// Rewrite makes another body of the server's own answer, whose status and
	// header stay. It is not called for a scripted one.
	Rewrite func(body []byte) []byte

	// Hook is called when the fault has taken a request: after the server
	// handled it where Apply says so, and before anything is answered. With all
	// else at its zero value the answer is the server's own.
	Hook func()
}

// scripted reports whether the fault brings an answer of its own.
func (f Fault) scripted() bool {
	return f.Status != 0 || f.Body != "" || f.Header != nil || f.Redirect != ""
}

func (f Fault) matches(r *http.Request) bool {
	if f.Method != "" && f.Method != r.Method {
		return false
	}
	if f.Path == "" {
		return true
	}
	ok, _ := path.Match(f.Path, r.URL.Path) // Add refused malformed patterns
	return ok
}

// Script is a list of faults in the order they were added. The zero value is
// ready for use, and it is safe for concurrent use.
type Script struct {
	mu     sync.Mutex
	faults []*scheduled
	closed chan struct{} // made on first use, closed by Close
	shut   bool
}

type scheduled struct {
	Fault
	skip  int
	fired int
}

func (f *scheduled) spent() bool {
	return f.Times != Forever && f.fired >= max(f.Times, 1)
}

// Add appends a fault. The first fault that matches a request and has neither
// requests to skip nor used up its count takes it; later faults do not see that
// request. A malformed Path is a mistake in the test, and panics.
func (s *Script) Add(f Fault) {
	if _, err := path.Match(f.Path, "/"); err != nil {
		panic(fmt.Sprintf("fault: path pattern %q: %v", f.Path, err))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &scheduled{Fault: f, skip: f.Skip})
}

// Clear removes every fault. Requests that hang already keep hanging.
func (s *Script) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// Pending returns how many faults have not fired their full count yet. One that
// fires Forever is pending until it has fired once. A test asks it at its end:
// a fault that never fired tested nothing.
func (s *Script) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, f := range s.faults {
		if f.fired == 0 || !f.spent() && f.Times != Forever {
			n++
		}
	}
	return n
}

// Fired returns how many requests met a fault since the last Clear.
func (s *Script) Fired() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, f := range s.faults {
		n += f.fired
	}
	return n
}

// Close ends all answers that hang or never end, now and later. A server calls
// it before it waits for its connections.
func (s *Script) Close() {
	done := s.done()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.shut {
		s.shut = true
		close(done)
	}
}

func (s *Script) done() chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed == nil {
		s.closed = make(chan struct{})
	}
	return s.closed
}

// take returns the fault that this request meets, and counts it.
func (s *Script) take(r *http.Request) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if f.spent() || !f.matches(r) {
			continue
		}
		if f.skip > 0 {
			f.skip--
			continue
		}
		f.fired++
		return f.Fault, true
	}
	return Fault{}, false
}
