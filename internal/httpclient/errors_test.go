// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package httpclient

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestErrorText(t *testing.T) {
	t.Parallel()
	e := &Error{
		System: "Test", Method: "POST", Host: "example.com", Path: "/a", Status: 429, Message: "slow down", Code: "c",
		RequestID: "r", Attempts: 3, Waited: 61 * time.Second, OutcomeUnknown: true, Hint: "wait",
	}
	want := "Test: POST example.com/a: 429 Too Many Requests: slow down (code c, request id r, 3 attempts, waited 1m1s); " +
		"whether the server carried it out is not known; wait"
	if got := e.Error(); got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
	for _, c := range []struct {
		e    Error
		want string
	}{
		{Error{Status: 299, Attempts: 1, Waited: time.Second - 1}, "GET h: 299"},
		{Error{Message: "m", Attempts: 2}, "GET h: m (2 attempts)"},
		{Error{Message: "m", Waited: time.Second}, "GET h: m (waited 1s)"},
	} {
		c.e.Method, c.e.Host = "GET", "h"
		if got := c.e.Error(); got != c.want {
			t.Errorf("Error() = %q, want %q", got, c.want)
		}
	}
}

func TestPredicatesOnOtherErrors(t *testing.T) {
	t.Parallel()
	for _, err := range []error{nil, errors.New("x"), &Error{}} {
		for i, is := range []func(error) bool{
			IsNotFound, IsGone, IsConflict, IsForbidden, IsUnauthorized, IsBadRequest,
			IsRateLimited, IsOutcomeUnknown, IsUnreadable, IsTimeout,
		} {
			if is(err) {
				t.Errorf("predicate %d holds for %v", i, err)
			}
		}
	}
}

// Each kind of error is told by its own predicate, and by no other.
func TestPredicates(t *testing.T) {
	t.Parallel()
	predicates := map[Kind]func(error) bool{
		KindNotFound: IsNotFound, KindGone: IsGone, KindConflict: IsConflict, KindForbidden: IsForbidden, KindUnauthorized: IsUnauthorized,
		KindBadRequest: IsBadRequest, KindRateLimited: IsRateLimited, KindUnreadable: IsUnreadable, KindNoRoute: IsNoRoute, KindTimeout: IsTimeout, KindOutage: IsOutage,
	}
	for kind := range predicates {
		for other, is := range predicates {
			if is(fmt.Errorf("wrapped: %w", &Error{Kind: kind})) != (kind == other) {
				t.Errorf("an error of kind %d and the predicate of %d", kind, other)
			}
		}
	}
	for kind := range predicates {
		if err := (&Error{Kind: kind}); IsMissing(err) != (kind == KindNotFound || kind == KindGone) {
			t.Errorf("an error of kind %d: missing %t", kind, IsMissing(err))
		}
	}
	if !IsAnonymous(&Error{Kind: KindUnauthorized, Anonymous: true}) || IsAnonymous(&Error{Kind: KindUnauthorized}) || IsAnonymous(&Error{Kind: KindForbidden, Anonymous: true}) || IsAnonymous(errors.New("other")) {
		t.Error("IsAnonymous is for a 401 without credentials")
	}
	if !IsLoginRefused(&Error{Kind: KindUnauthorized, Err: &tokenError{}}) || IsLoginRefused(&Error{Kind: KindUnauthorized}) || IsLoginRefused(&Error{Kind: KindForbidden, Err: &tokenError{}}) {
		t.Error("a login that was refused is not told from others")
	}
}

// What ended a call without an answer decides what can be done about it.
func TestCallsThatFailed(t *testing.T) {
	t.Parallel()
	late, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		ctx   context.Context
		call  call
		err   error
		kind  Kind
		words []string
	}{
		"held back":          {late, call{wasLimited: true}, broken, KindRateLimited, []string{"timed out while the server's rate limit held it back", "lower max_requests_per_minute, or raise the timeout"}},
		"held back, its own": {late, call{wasLimited: true, request: Request{Quota: "q"}}, broken, KindRateLimited, []string{"held it back; raise the timeout"}},
		"late":               {late, call{}, broken, KindTimeout, []string{"timed out before an answer came"}},
		"429 without end":    {t.Context(), call{last: attempt{status: 429}}, broken, KindRateLimited, []string{"429", "broken"}},
		"a slow resolver":    {t.Context(), call{}, &net.DNSError{Err: "slow", IsTimeout: true}, KindTimeout, []string{"slow", "check base_url, the network and the proxy settings"}},
		"a broken network":   {t.Context(), call{}, broken, KindNetwork, []string{"broken", "check base_url, the network and the proxy settings"}},
	} {
		test.call.client = newTestClient(t, "https://example.com")
		test.call.started = time.Now()
		e := test.call.unanswered(test.ctx, test.err)
		if e.Kind != test.kind {
			t.Errorf("%s: kind %d: %v", name, e.Kind, e)
		}
		wantText(t, e.Error(), test.words...)
	}
	limited := call{client: newTestClient(t, "https://example.com"), last: attempt{status: http.StatusTooManyRequests}}
	if !limited.wantsRetry(t.Context(), nil) {
		t.Error("a 429 is not tried again")
	}
	limited.last = attempt{} // the next attempt has no answer in time
	wantKind(t, limited.unanswered(late, broken), KindRateLimited)
	begun := call{client: newTestClient(t, "https://example.com"), started: time.Now(), last: attempt{status: http.StatusOK}}
	if e := begun.unanswered(t.Context(), broken); strings.Contains(e.Error(), "check base_url") {
		t.Errorf("an answer that broke off came from the right address: %v", e)
	}
	e := fail(t, t.Context(), newTestClient(t, newServer(t, reply(http.StatusProxyAuthRequired, "")).URL), get())
	wantText(t, e.Error(), "407", "this is the proxy's answer, not the server's: check HTTP_PROXY")
}
