// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package httpclient

import (
	"context"
	"fmt"
	"net/http"

	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

// TokenSource gives bearer tokens that expire. It is asked before every attempt
// and must be safe for concurrent use.
type TokenSource interface {
	// Token returns a token that holds now. Its error is the end of the call that
	// needs it; retries are the source's own.
	Token(ctx context.Context) (secret.String, error)
	// Refused says that the server answered 401 to this token. The call tries
	// once more with what Token then returns.
	Refused(token secret.String)
}

// tokenError is a call that could not be made for want of a token.
type tokenError struct{ err error }

func (e *tokenError) Error() string { return "there is no access token: " + e.err.Error() }

func (e *tokenError) Unwrap() error { return e.err }

// authorize puts the source's token on a copy of the request, where there is a
// source and the request brings no credentials of its own. If it fails it closes
// the body, as a round trip must.
func (c *call) authorize(r *http.Request) (*http.Request, error) {
	source := c.client.config.TokenSource
	if source == nil || c.request.Header.Get("Authorization") != "" {
		return r, nil
	}
	token, err := source.Token(r.Context())
	if err == nil {
		if token, err = CleanToken(token); err != nil {
			err = fmt.Errorf("token: %w", err)
		}
	}
	if err != nil {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, &tokenError{err}
	}
	c.token = token
	c.client.secrets.Add(token)
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+token.Reveal())
	return r, nil
}

// renewToken reports, once a call, that the server refused the source's token.
func (c *call) renewToken() bool {
	if c.last.status != http.StatusUnauthorized || c.token.IsEmpty() || c.renewed {
		return false
	}
	c.renewed = true
	c.client.config.TokenSource.Refused(c.token)
	return true
}

// withoutToken is the error of a call that got no token.
func (c *call) withoutToken(err *tokenError) *Error {
	e := c.newError(KindUnauthorized, err.Error(), err)
	cause, ok := AsError(err.err)
	if !ok {
		return e
	}
	// What the source's own request met; but that its address was not found, say,
	// must not read as if the object of this call were.
	switch cause.Kind {
	case KindNotFound, KindGone, KindNoRoute, KindUnreadable, KindRedirect:
		e.Kind = KindUnknown // that is no login
		if cause.Hint == "" {
			e.Hint = "check that auth_url is the address of the identity service"
		}
	case KindForbidden, KindRateLimited, KindServer, KindTimeout, KindCanceled, KindNetwork, KindTLS, KindOutage:
		e.Kind = cause.Kind
	}
	if e.Kind == KindOutage {
		e.Method, e.Path = "", "" // the same text for all
	}
	return e
}
