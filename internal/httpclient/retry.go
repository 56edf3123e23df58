// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package httpclient

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// maxPatience bounds waits that the server causes where the context has no
// deadline, and the pause that one answer can impose on all requests.
const maxPatience = 10 * time.Minute

// checkRetry decides whether a further attempt follows the last one. It is
// called once per attempt, and so is where attempts are logged.
func (c *call) checkRetry(ctx context.Context, _ *http.Response, err error) (bool, error) {
	if c.last.isFromServer() {
		c.client.outage.answered()
	}
	again := c.wantsRetry(ctx, err)
	if again && c.nextWait > c.patience(ctx) {
		again, c.tooLong = false, c.nextWait
	}
	c.mayBeDone = c.mayBeDone || c.last.mayBeDone()
	c.log(ctx, err, again)
	return again, nil
}

// wantsRetry reports whether another attempt is allowed and could help, and sets
// the wait before it.
func (c *call) wantsRetry(ctx context.Context, err error) bool {
	limited := c.last.status == http.StatusTooManyRequests
	demanded, hasDemand := retryAfter(c.last.header.Get("Retry-After"), c.serverNow())
	hasDemand = hasDemand && (limited || c.last.status == http.StatusServiceUnavailable)

	c.nextWait = c.client.Backoff(c.attempts)
	if hasDemand {
		c.nextWait = demanded
		c.client.gate.asked.Store(int64(demanded))
	}
	if limited {
		c.wasLimited = true
		if c.request.Quota == "" {
			c.client.gate.refused()
		}
		c.client.gate.pause(c.request.Quota, min(c.nextWait, maxPatience))
	} else if hasDemand {
		c.client.gate.pause("", min(c.nextWait, maxPatience))
	}

	switch {
	case ctx.Err() != nil:
		return false
	case c.renewToken():
		c.nextWait = 0
		return true // the server did nothing, and gets another token
	case limited:
		return true // the server did nothing; time is the only bound
	case err != nil && isPermanent(err):
		return false
	case err == nil && !isFault(c.last.status):
		return false
	case c.last.sent && !c.request.idempotent():
		return false // it may have been carried out
	case c.request.Final500 && c.last.status == http.StatusInternalServerError:
		return false
	}
	c.faults++
	c.exhausted = c.faults > c.client.config.MaxRetries || c.client.outage.goesOn() != nil
	return !c.exhausted
}

// isFault reports whether a status may be different the next time.
func isFault(status int) bool {
	return status == http.StatusRequestTimeout ||
		status >= 500 && status != http.StatusNotImplemented
}

// isPermanent reports whether an attempt that failed with err, and without a
// usable answer, would fail the same way again.
func isPermanent(err error) bool {
	_, redirect := errors.AsType[*redirectError](err)
	_, noToken := errors.AsType[*tokenError](err)
	return redirect || noToken || isTLS(err) || isProxy(err) ||
		errors.Is(err, errTooLarge) || errors.Is(err, errPaused) || errors.Is(err, errThrottled)
}

// proxyError is a proxy's refusal to make a tunnel to the server.
type proxyError struct{ host, status string }

func (e *proxyError) Error() string {
	return fmt.Sprintf("the proxy %s refused to connect to it: %s", e.host, e.status)
}

// refusedByProxy is the transport's hook for the proxy's answer. A proxy that fails
// may not fail the next time, so that is left to the transport.
func refusedByProxy(_ context.Context, proxy *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode < http.StatusBadRequest || answer.StatusCode >= http.StatusInternalServerError {
		return nil
	}
	return &proxyError{host: proxy.Host, status: answer.Status}
}

func isProxy(err error) bool {
	_, isProxy := errors.AsType[*proxyError](err)
	return isProxy
}

// isTLS reports whether client and server cannot agree on a secure connection,
// as opposed to one that broke while it was being made.
func isTLS(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok || errors.Is(err, http.ErrSchemeMismatch) {
		return true
	}
	// crypto/tls reports alerts, such as an unsupported version, like this.
	operation, ok := errors.AsType[*net.OpError](err)
	return ok && (operation.Op == "remote error" || operation.Op == "local error")
}

// patience is how long the call can still wait: until the context's deadline, or
// until its own patience ends, which begins with the first such wait.
func (c *call) patience(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return time.Until(deadline)
	}
	if c.patientSince.IsZero() {
		c.patientSince = time.Now()
	}
	return maxPatience - time.Since(c.patientSince)
}

// backoff returns the wait that checkRetry chose.
func (c *call) backoff(time.Duration, time.Duration, int, *http.Response) time.Duration {
	return c.nextWait
}

// Backoff returns the wait before another attempt, after so many, where the server
// names none. It doubles with every attempt. Half of it is random, so that clients
// that failed together do not return together.
func (c *Client) Backoff(attempts int) time.Duration {
	ceiling := c.config.MaxBackoff
	// Beyond 20 doublings the shift could overflow, and the ceiling rules anyway.
	if wait := c.config.MinBackoff << min(max(attempts-1, 0), 20); wait > 0 && wait < ceiling {
		ceiling = wait
	}
	half := ceiling / 2
	return half + rand.N(half+1) //nolint:gosec // jitter is no secret
}

// maxRetryAfter stands in for values beyond all reason, so that sums of times
// cannot overflow.
const maxRetryAfter = 24 * time.Hour

// retryAfter reads a Retry-After header: seconds, or a date. It is false for what
// is absent, not readable, or not in the future.
func retryAfter(header string, now time.Time) (time.Duration, bool) {
	var wait time.Duration
	if seconds, err := strconv.ParseInt(header, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		// Out of range, the parser gives the nearest number.
		wait = time.Duration(min(max(seconds, 0), int64(maxRetryAfter/time.Second))) * time.Second
	} else if date, err := http.ParseTime(header); err == nil {
		wait = min(date.Sub(now), maxRetryAfter)
	}
	return wait, wait > 0
}

// log writes one line about the last attempt. Query values, headers and bodies
// can hold secrets and stay out.
func (c *call) log(ctx context.Context, err error, again bool) {
	fields := map[string]any{
		"system":      c.client.config.System,
		"method":      c.request.Method,
		"host":        c.client.base.Host,
		"path":        c.path,
		"attempt":     c.attempts,
		"duration_ms": c.last.duration.Milliseconds(),
	}
	if len(c.request.Query) > 0 {
		fields["query_keys"] = slices.Sorted(maps.Keys(c.request.Query))
	}
	if c.last.status != 0 {
		fields["status"] = c.last.status
		fields["bytes"] = len(c.last.body)
	}
	if id := c.requestID(); id != "" {
		fields["request_id"] = id
	}
	if err != nil {
		fields["error"] = c.client.clean(reason(err), maxMessage)
	}
	if again {
		fields["retry_in_ms"] = c.nextWait.Milliseconds()
	}
	c.client.config.Log(ctx, "HTTP request", fields)
}
