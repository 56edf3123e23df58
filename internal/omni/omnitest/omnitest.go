// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package omnitest is what the tests of the Omni client and of its inventory share:
// a server that answers from a script, and ids.
package omnitest

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/host"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

// Ids of the usual form.
const (
	IDA = "550e8400-e29b-41d4-a716-446655440000"
	IDB = "550e8400-e29b-41d4-a716-446655440001"
	IDC = "550e8400-e29b-41d4-a716-446655440002"
)

// Scripted is a server that answers in a fixed way and keeps what it was sent.
type Scripted struct {
	Client *omni.Client // talks to it
	Answer func(r *http.Request, body string) (status int, answer string)
	Date   func() time.Time // the server's clock; nil means the machine's

	mu       sync.Mutex
	requests []string // "PATCH connections/<id> <body>"
}

// New starts a server that answers each request as answer says, in memory: it works
// in a bubble of testing/synctest too. The test ends it.
func New(t *testing.T, apiVersion string, answer func(r *http.Request, body string) (int, string), change ...func(*httpclient.Config)) *Scripted {
	t.Helper()
	s := &Scripted{Answer: answer}
	server := host.New(s.ServeHTTP, 0)
	server.ListenInMemory(t)
	config := httpclient.Config{
		System: "Omni", BaseURL: server.URL() + "/api/" + apiVersion, Token: secret.New("token-4711"), Describe: omni.Describe,
		RequestTimeout: 5 * time.Second, MaxRetries: 1, MinBackoff: time.Millisecond, Dial: server.Dial,
	}
	for _, f := range change {
		f(&config)
	}
	client, err := httpclient.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	s.Client = omni.NewClient(client, apiVersion)
	return s
}

// Always answers every request the same.
func Always(status int, answer string) func(*http.Request, string) (int, string) {
	return func(*http.Request, string) (int, string) { return status, answer }
}

// ServeHTTP implements http.Handler.
func (s *Scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	_, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/api/"), "/")
	if r.URL.RawQuery != "" {
		path += "?" + r.URL.RawQuery
	}
	s.mu.Lock()
	s.requests = append(s.requests, strings.TrimSpace(r.Method+" "+path+" "+string(body)))
	s.mu.Unlock()
	status, answer := s.Answer(r, string(body))
	w.Header().Set("Content-Type", "application/json")
	if s.Date != nil {
		w.Header().Set("Date", s.Date().UTC().Format(http.TimeFormat))
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, answer)
}

// Sent returns the requests so far, and forgets them.
func (s *Scripted) Sent() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { s.requests = nil }()
	return s.requests
}

// Expect compares the requests since the last look with want, in order.
func (s *Scripted) Expect(t *testing.T, want ...string) {
	t.Helper()
	if got := s.Sent(); !slices.Equal(got, want) {
		t.Errorf("sent\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// SecretOf returns a secret as requests take it.
func SecretOf(text string) *secret.String { s := secret.New(text); return &s }
