// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reportermock

import (
	"encoding/pem"
	"net/http/httptest"
	"sync"
)

// TB is the part of testing.TB that Start needs. It stands here so that a
// program which serves the mock does not link the testing package.
type TB interface {
	Helper()
	Cleanup(func())
}

// serving is the network side of a started server.
type serving struct {
	http  *httptest.Server
	close sync.Once
}

// Start serves a new server on a free port of 127.0.0.1 until the test ends.
func Start(tb TB, opts Options) *Server {
	tb.Helper()
	s := New(opts)
	s.serving.http = httptest.NewUnstartedServer(s)
	if opts.TLS {
		s.serving.http.StartTLS()
	} else {
		s.serving.http.Start()
	}
	tb.Cleanup(s.Close)
	return s
}

// URL returns the origin of a started server, such as http://127.0.0.1:1234; ""
// if the server was not started.
func (s *Server) URL() string {
	if s.serving.http == nil {
		return ""
	}
	return s.serving.http.URL
}

// CertificatePEM returns the certificate of a server that was started with TLS:
// what a client has to trust. It is "" without TLS.
func (s *Server) CertificatePEM() string {
	if s.serving.http == nil || s.serving.http.Certificate() == nil {
		return ""
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.serving.http.Certificate().Raw}))
}

// Close stops the server, breaking off what still runs. It may be called twice.
func (s *Server) Close() {
	s.serving.close.Do(func() {
		s.faults.Close()
		if s.serving.http != nil {
			s.serving.http.CloseClientConnections()
			s.serving.http.Close()
		}
	})
}
