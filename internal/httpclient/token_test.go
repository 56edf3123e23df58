// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package httpclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

// tokens counts up: token-1, token-2 after the first was refused, and so on.
type tokens struct {
	mu      sync.Mutex
	refused []string
	err     error
}

func (s *tokens) Token(context.Context) (secret.String, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return secret.New(fmt.Sprintf("token-%d\n", len(s.refused)+1)), s.err
}

func (s *tokens) Refused(token secret.String) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = append(s.refused, token.Reveal())
}

func with(source TokenSource) func(*Config) {
	return func(c *Config) { c.TokenSource = source }
}

// accept answers 200 to one token, and 401 to others, which it repeats.
func accept(want string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Authorization"); got != "Bearer "+want {
			reply(http.StatusUnauthorized, `{"message":"no: `+got+`"}`)(w, r)
			return
		}
		ok(w, r)
	}
}

func TestTokenSource(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		accepted string
		method   func(...string) Request
		requests int64
		refused  []string
		fails    bool
	}{
		{accepted: "token-1", method: get, requests: 1},
		{accepted: "token-2", method: get, requests: 2, refused: []string{"token-1"}},
		{accepted: "token-2", method: post, requests: 2, refused: []string{"token-1"}},
		{accepted: "token-3", method: post, requests: 2, refused: []string{"token-1"}, fails: true},
	} {
		s := newServer(t, accept(test.accepted))
		source := &tokens{}
		client := newTestClient(t, s.URL, with(source), func(c *Config) { c.MaxRetries = 0 })
		if test.fails {
			e := fail(t, t.Context(), client, test.method("x"))
			wantKind(t, e, KindUnauthorized)
			if text := e.Error(); strings.Contains(text, "token-2") || !strings.Contains(text, secret.Redacted) || e.OutcomeUnknown {
				t.Errorf("the error is %q", text)
			}
		} else if err := client.Do(t.Context(), test.method("x"), &answer{}); err != nil {
			t.Error(err)
		}
		s.expect(t, test.requests)
		if !slices.Equal(source.refused, test.refused) {
			t.Errorf("refused %q, want %q", source.refused, test.refused)
		}
	}
}

func TestTokenSourceAfterFaults(t *testing.T) {
	t.Parallel()
	s := newServer(t, reply(503, ""), accept("token-2"), reply(502, ""), accept("token-2"))
	client := newTestClient(t, s.URL, with(&tokens{}))
	if err := client.Do(t.Context(), get("x"), &answer{}); err != nil {
		t.Error(err)
	}
	s.expect(t, 4)
}

func TestTokenSourceStaysBehindOwnCredentials(t *testing.T) {
	t.Parallel()
	s := newServer(t, accept("own"))
	source := &tokens{err: errors.New("not to be asked")}
	r := get("x")
	r.Header = http.Header{"Authorization": {"Bearer own"}}
	if err := newTestClient(t, s.URL, with(source)).Do(t.Context(), r, &answer{}); err != nil {
		t.Error(err)
	}
	r.Header = http.Header{"Authorization": {"Bearer other"}}
	e := fail(t, t.Context(), newTestClient(t, s.URL, with(source)), r)
	wantKind(t, e, KindUnauthorized)
	if IsLoginRefused(e) {
		t.Error("the login is to blame for a token of one's own")
	}
	s.expect(t, 2)
}

func TestNoToken(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		kind Kind
	}{
		{errors.New("no luck"), KindUnauthorized},
		{&Error{Kind: KindBadRequest, Message: "no luck"}, KindUnauthorized},
		{&Error{Kind: KindNotFound, Message: "no luck"}, KindUnknown}, // not of the object of this call
		{&Error{Kind: KindUnreadable, Message: "no luck", Hint: "have luck"}, KindUnknown},
		{&Error{Kind: KindTimeout, Message: "no luck"}, KindTimeout},
		{&Error{Kind: KindServer, Message: "no luck"}, KindServer},
	} {
		s := newServer(t, ok)
		client := newTestClient(t, s.URL, with(&tokens{err: test.err}))
		e := fail(t, t.Context(), client, post("x"))
		wantKind(t, e, test.kind)
		wantText(t, e.Error(), "there is no access token", "no luck")
		if got := strings.Contains(e.Error(), "check that auth_url"); got != isKind(test.err, KindNotFound) {
			t.Errorf("%v", e)
		}
		if IsLoginRefused(e) != (test.kind == KindUnauthorized) {
			t.Errorf("login refused: %t", IsLoginRefused(e))
		}
		if e.OutcomeUnknown || !errors.Is(e, test.err) {
			t.Errorf("the error is %+v", e)
		}
		s.expect(t, 0)
	}
}

// twoLines is a source of tokens that no header holds.
type twoLines struct{ tokens }

func (*twoLines) Token(context.Context) (secret.String, error) { return secret.New("a\nb"), nil }

func TestTokenThatNoHeaderHolds(t *testing.T) {
	t.Parallel()
	s := newServer(t, ok)
	e := fail(t, t.Context(), newTestClient(t, s.URL, with(&twoLines{})), get())
	wantText(t, e.Error(), "there is no access token", "token: it contains a control character")
	s.expect(t, 0)
}

func TestFields(t *testing.T) {
	t.Parallel()
	s := newServer(t, reply(400, `{}`))
	client := newTestClient(t, s.URL, func(c *Config) {
		c.Describe = func(int, []byte) Detail {
			return Detail{Message: "no", Fields: map[string]string{"port": "is \x00odd: " + token}, UnknownKeys: []string{"a\x00b"}}
		}
	})
	e := fail(t, t.Context(), client, get("x"))
	if !slices.Equal(e.UnknownKeys, []string{"ab"}) {
		t.Errorf("unknown keys %q", e.UnknownKeys)
	}
	if got := e.Fields["port"]; got != "is odd: "+secret.Redacted || len(e.Fields) != 1 {
		t.Errorf("fields %q", e.Fields)
	}
}
