// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package fault

import (
	"bytes"
	"crypto/tls"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"
)

// Wrap puts the script in front of a handler. The response writer must allow
// hijacking for Reset (net/http's own does, over HTTP/1); through a wrapper it
// is found by Unwrap.
func (s *Script) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, ok := s.take(r)
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		s.serve(f, w, r, next)
	})
}

func (s *Script) serve(f Fault, w http.ResponseWriter, r *http.Request, next http.Handler) {
	own := func() *httptest.ResponseRecorder {
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		return answer
	}
	if f.Apply {
		answer := own()
		own = func() *httptest.ResponseRecorder { return answer }
	}
	if f.Hook != nil {
		f.Hook()
	}
	s.wait(f.Delay, r)
	s.answer(f, w, r, own)
}

// answer sends what the fault asks for; own yields the server's own answer.
func (s *Script) answer(f Fault, w http.ResponseWriter, r *http.Request, own func() *httptest.ResponseRecorder) {
	switch {
	case f.Hang:
		s.hang(r)
	case f.Reset:
		reset(w)
	case f.Endless:
		s.endless(f, w)
	default:
		var answer *httptest.ResponseRecorder
		if f.scripted() {
			answer = f.record()
		} else {
			answer = own()
			f.rewrite(answer)
		}
		send(w, answer, f.Truncate)
	}
}

func (f Fault) rewrite(answer *httptest.ResponseRecorder) {
	if f.Rewrite == nil {
		return
	}
	answer.Header().Del("Content-Length")
	answer.Body = bytes.NewBuffer(f.Rewrite(answer.Body.Bytes()))
}

// record builds the fault's own answer.
func (f Fault) record() *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	answer.Header().Set("Content-Type", "application/json")
	for name, values := range f.Header {
		answer.Header()[http.CanonicalHeaderKey(name)] = values
	}
	status := f.Status
	if f.Redirect != "" {
		answer.Header().Set("Location", f.Redirect)
		if status == 0 {
			status = http.StatusTemporaryRedirect
		}
	}
	if status == 0 {
		status = http.StatusOK
	}
	answer.WriteHeader(status)
	answer.Body.WriteString(f.Body)
	return answer
}

func send(w http.ResponseWriter, answer *httptest.ResponseRecorder, truncate bool) {
	maps.Copy(w.Header(), answer.Header())
	body := answer.Body.Bytes()
	if !truncate {
		w.WriteHeader(answer.Code)
		_, _ = w.Write(body)
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(answer.Code)
	_, _ = w.Write(body[:len(body)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// wait sleeps. A client that leaves meanwhile, or the end of the script, ends
// the request: without Apply the server has then not seen it.
func (s *Script) wait(d time.Duration, r *http.Request) {
	if d <= 0 {
		return
	}
	bufferBody(r)
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
		panic(http.ErrAbortHandler)
	case <-s.done():
		panic(http.ErrAbortHandler)
	}
}

func (s *Script) hang(r *http.Request) {
	bufferBody(r)
	select {
	case <-r.Context().Done():
	case <-s.done():
	}
	// Returning would send an empty 200.
	panic(http.ErrAbortHandler)
}

func (s *Script) endless(f Fault, w http.ResponseWriter) {
	answer := f.record()
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	// An array that never closes: a decoder without a size cap reads forever.
	chunk := []byte(strings.Repeat(`"endless",`, 400))
	_, err := io.WriteString(w, "["+f.Body)
	for err == nil { // which a client that leaves ends
		select {
		case <-s.done():
			panic(http.ErrAbortHandler)
		default:
		}
		_, err = w.Write(chunk)
	}
}

// bufferBody reads the body into memory: net/http notices that a client has
// left only once the body is read.
func bufferBody(r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
}

// reset closes the connection so that the client sees a RST: with SO_LINGER 0
// the kernel drops what is unsent instead of closing in good order.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // no connection to reset: break it off
	}
	raw := conn
	if encrypted, ok := conn.(*tls.Conn); ok {
		raw = encrypted.NetConn()
	}
	if tcp, ok := raw.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = raw.Close()
}
