// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package httpclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

// Limits on the size of a body, in bytes: a list of a thousand connections is
// about 2 MiB, an error a few lines.
const (
	maxBody      = 32 << 20
	maxErrorBody = 1 << 20
)

// call is one run of [Client.Do]: the state that its attempts share. It is an
// [http.RoundTripper] that makes one attempt. It is used by one goroutine.
type call struct {
	client  *Client
	request Request
	path    string

	started  time.Time
	busy     time.Duration // in attempts; the rest was waiting
	attempts int
	faults   int

	probe         chan struct{} // of an outage, where this call is the probe
	firstAttempt  time.Time     // by the client's clock
	answersBefore int           // usable answers to all calls, before the first attempt
	exhausted     bool          // every attempt that was allowed has failed

	patientSince time.Time // when the client's own patience began, if no deadline rules

	token   secret.String // of the token source, in the last attempt
	renewed bool          // the server refused a token, and the next attempt got another

	wasLimited bool // an attempt was answered 429
	mayBeDone  bool // one of the attempts may have been carried out

	last     attempt
	nextWait time.Duration
	tooLong  time.Duration // the wait that would have passed the deadline
}

// attempt is what came of the last attempt.
type attempt struct {
	began    time.Time // by the client's clock
	sent     bool      // the server may have seen it
	cut      bool      // the answer began and did not end
	status   int
	header   http.Header
	body     []byte
	duration time.Duration
}

// waited is the time that was not spent in attempts.
func (c *call) waited() time.Duration { return c.client.config.Now().Sub(c.started) - c.busy }

// errTooLarge reports a body above the limit.
var errTooLarge = errors.New("the answer is too large")

// RoundTrip waits for a turn, sends the request and reads the whole answer, so
// that a connection that breaks in the middle of a body is a failed attempt too.
func (c *call) RoundTrip(r *http.Request) (*http.Response, error) {
	c.last = attempt{}
	if err := c.enter(r.Context()); err != nil {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, err
	}
	defer c.client.gate.leave()

	r, err := c.authorize(r)
	if err != nil {
		return nil, err
	}
	if r.Response == nil { // else it is the next step of a redirect
		c.attempts++
	}
	now := c.client.config.Now
	began := now()
	c.last.began = began
	defer func() {
		c.last.duration = now().Sub(began)
		c.busy += c.last.duration
	}()
	ctx, cancel := context.WithTimeout(r.Context(), c.client.config.RequestTimeout)
	defer cancel()

	// The trace runs on the transport's goroutines. The transport itself repeats
	// a request that found a dead connection, each time from GetConn.
	var sent atomic.Bool
	trace := &httptrace.ClientTrace{
		GetConn:      func(string) { sent.Store(false) },
		WroteHeaders: func() { sent.Store(true) },
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err != nil { // the server has a part of the body, and no JSON ends before its end
				sent.Store(false)
			}
		},
	}
	response, err := c.client.transport.RoundTrip(r.WithContext(httptrace.WithClientTrace(ctx, trace)))
	c.last.sent = sent.Load()
	if err != nil {
		return nil, attemptError(ctx, r.Context(), err)
	}
	defer func() { _ = response.Body.Close() }()
	c.last.sent = true
	c.last.status, c.last.header = response.StatusCode, response.Header
	c.client.clockOffset.learn(response.StatusCode, response.Header, began, now())
	c.last.body, err = readAll(response)
	c.last.cut = err != nil && !errors.Is(err, errTooLarge)
	if err != nil {
		return nil, attemptError(ctx, r.Context(), err)
	}
	return response, nil // whose body is c.last.body
}

// enter waits until the call may make an attempt. If the error is nil the caller
// must leave the gate.
func (c *call) enter(ctx context.Context) (err error) {
	gate, outage := c.client.gate, &c.client.outage
	if c.attempts > 0 {
		return gate.enter(ctx, c.patience, c.request.Quota, false)
	}
	for {
		if c.probe, err = outage.admit(ctx); err != nil {
			return err
		}
		if err = gate.enter(ctx, c.patience, c.request.Quota, c.request.HasTurn); err != nil {
			return err
		}
		if c.probe != nil || outage.goesOn() == nil {
			c.firstAttempt, c.answersBefore = outage.now(), outage.count()
			return nil
		}
		gate.leave() // the outage began while this call waited
	}
}

func readAll(response *http.Response) ([]byte, error) {
	if response.StatusCode == http.StatusSwitchingProtocols {
		return nil, nil // nobody asked for it, and no deadline holds for such a body
	}
	limit := maxErrorBody
	if isSuccess(response.StatusCode) {
		limit = maxBody
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, int64(limit)+1))
	if len(body) > limit {
		return nil, fmt.Errorf("%w: more than %d MiB", errTooLarge, limit>>20)
	}
	return body, err
}

// errAttemptTimeout reports that one attempt took too long.
var errAttemptTimeout = errors.New("no complete answer in time")

// attemptError tells the end of the attempt's time from that of the caller's,
// which both show as the same error.
func attemptError(attempt, caller context.Context, err error) error {
	if caller.Err() == nil && errors.Is(attempt.Err(), context.DeadlineExceeded) {
		return errAttemptTimeout
	}
	return err
}

// redirectError is a redirect that is not followed.
type redirectError struct{ message string }

func (e *redirectError) Error() string { return e.message }

const maxRedirects = 5

// checkRedirect lets a redirect pass that stays on the server and keeps the
// method, so that credentials and meaning stay as they were.
func checkRedirect(next *http.Request, via []*http.Request) error {
	first := via[0]
	// Scheme and host only: the rest may hold tokens.
	target := next.URL.Scheme + "://" + next.URL.Host
	switch {
	case origin(next.URL) != origin(first.URL):
		return &redirectError{"the server redirects to " + target + ", another server, which is not followed"}
	case next.Method != first.Method:
		return &redirectError{"the server redirects within " + target + " in a way that turns " + first.Method + " into " + next.Method + ", which is not followed"}
	case len(via) > maxRedirects:
		return &redirectError{fmt.Sprintf("the server redirects more than %d times within %s", maxRedirects, target)}
	}
	return nil
}

// origin is scheme, host and port.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme + "://" + strings.ToLower(u.Hostname()) + ":" + port
}

func isSuccess(status int) bool { return status >= 200 && status < 300 }
