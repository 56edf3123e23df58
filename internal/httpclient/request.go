// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package httpclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

// Request is one call of an API.
type Request struct {
	// Method is the HTTP method.
	Method string
	// Path holds the segments below the base URL, unescaped. A segment that is
	// empty, climbs ("." or ".."), or has a character that a server could take for
	// the end of it is refused.
	Path []string
	// BesideBase says that the path takes the place of the base URL's last segment,
	// which is the version of an API, instead of standing below it.
	BesideBase bool
	// Query is the query, or nil.
	Query url.Values
	// Header holds further headers, or nil; they replace the client's own.
	Header http.Header
	// Body is sent as JSON; nil sends none.
	Body any
	// Idempotent says that sending it twice is harmless although the method is
	// POST or PATCH. GET, HEAD, PUT and DELETE always are.
	Idempotent bool
	// HasTurn says that [Client.Turn] gave the first attempt its turn already.
	HasTurn bool
	// Final500 says that a 500 is not retried, whatever may be sent twice: the server
	// tried something that does not get better by being repeated.
	Final500 bool
	// Quota names a limit that the server keeps for some requests alone; "" is the
	// one for all. A 429 holds back the requests of the same quota only.
	Quota string
	// NoContent says that the API answers this request with 204 No Content.
	// Another success is unreadable: something else may have answered.
	NoContent bool
	// Secrets are masked wherever the server repeats them, as the token is: in
	// the answer to this request and to later ones.
	Secrets []secret.String
}

func (r Request) idempotent() bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete:
		return true
	default:
		return r.Idempotent
	}
}

// Do sends the request, again where that is safe and can help, and decodes the
// answer into out, a pointer; nil ignores the body. If out has a method
// Validate() error, an answer that it refuses is unreadable.
//
// Every error is an [*Error]. What out holds then is undefined.
func (c *Client) Do(ctx context.Context, r Request, out any) error {
	if c.config.Unavailable != nil {
		return c.config.Unavailable
	}
	c.secrets.Add(r.secrets()...)
	call := &call{client: c, request: r, started: c.config.Now()}
	httpRequest, err := c.build(ctx, r)
	if err != nil {
		return call.notSent(err)
	}
	call.path = httpRequest.URL.EscapedPath()

	// A client of its own for each call is cheap, the connections are in the
	// transport, and gives the hooks a place for their state.
	retrying := &retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: call, CheckRedirect: checkRedirect},
		RetryMax:     math.MaxInt, // checkRetry counts
		CheckRetry:   call.checkRetry,
		Backoff:      call.backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	response, err := retrying.Do(httpRequest)
	// After a lost answer the next request is a probe too: it looks for what the
	// lost one may have made.
	c.outage.end(call.probe, call.attempts > 0 && !call.outcomeUnknown())
	if response != nil {
		_ = response.Body.Close() // RoundTrip read it
	}
	if err != nil {
		return call.givenUp(call.unanswered(ctx, err))
	}
	if !isSuccess(call.last.status) {
		return call.givenUp(call.refusedByServer())
	}
	return call.decode(out)
}

// Turn waits for the rate limit on behalf of a request that is still being put
// together, and reports whether it got a turn; the request then says so in
// [Request.HasTurn]. Without one the request waits itself, and words the error.
func (c *Client) Turn(ctx context.Context) bool {
	if c.config.Unavailable != nil || c.outage.goesOn() != nil {
		return false // the request may fail at once
	}
	waiting := &call{client: c}
	return c.gate.wait(ctx, waiting.patience) == nil
}

// IsThrottled reports whether a request would have to wait for the rate limit now.
func (c *Client) IsThrottled() bool { return c.gate.isThrottled() }

// build turns r into an HTTP request; nothing that net/http would refuse, and
// print, passes.
func (c *Client) build(ctx context.Context, r Request) (*retryablehttp.Request, error) {
	address, err := c.address(r.Path, r.BesideBase)
	if err != nil {
		return nil, err
	}
	if len(r.Query) > 0 {
		address += "?" + r.Query.Encode()
	}
	var body any // an untyped nil, or retryablehttp sees a body
	if r.Body != nil {
		encoded, err := json.Marshal(r.Body)
		if err != nil {
			return nil, fmt.Errorf("the body cannot be encoded as JSON: %w", err)
		}
		body = encoded
	}
	request, err := retryablehttp.NewRequestWithContext(ctx, r.Method, address, body)
	if err != nil {
		return nil, errors.New("the method or address is not valid")
	}
	request.Header.Set("Accept", "application/json")
	if r.Body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.config.UserAgent != "" {
		request.Header.Set("User-Agent", c.config.UserAgent)
	}
	if !c.config.Token.IsEmpty() { // that of a TokenSource replaces it in each attempt
		request.Header.Set("Authorization", "Bearer "+c.config.Token.Reveal())
	}
	for name, values := range r.Header {
		if slices.ContainsFunc(values, hasControl) {
			return nil, fmt.Errorf("the value of header %s contains a control character, such as a line break", name)
		}
		request.Header[http.CanonicalHeaderKey(name)] = values
	}
	return request, nil
}

func (c *Client) address(path []string, besideBase bool) (string, error) {
	var b strings.Builder
	base := *c.base
	if besideBase {
		base = *base.JoinPath("..")
	}
	b.WriteString(strings.TrimSuffix(base.String(), "/"))
	for _, segment := range path {
		if segment == "" {
			return "", errors.New("a part of the path is empty, such as a missing id")
		}
		if hasDotSegment(segment) || hasControl(segment) || strings.ContainsAny(segment, `/\?#%`) {
			return "", fmt.Errorf("%q cannot be part of a path", segment)
		}
		b.WriteString("/" + url.PathEscape(segment))
	}
	return b.String(), nil
}

// secrets lists what must not show in messages.
func (r Request) secrets() []secret.String {
	secrets := slices.Clone(r.Secrets)
	for _, value := range r.Header.Values("Authorization") {
		_, credential, _ := strings.Cut(value, " ")
		secrets = append(secrets, secret.New(value), secret.New(credential))
	}
	return secrets
}
