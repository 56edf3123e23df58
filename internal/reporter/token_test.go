// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

const tokenPath = "/v1/login/oauth/access_token"

// startWithCredentials returns a site whose client gets its tokens.
func startWithCredentials(t *testing.T, opts reportermock.Options) site {
	t.Helper()
	c := newClock()
	opts.Now, opts.InMemory, opts.Auth = c.now, true, reportermock.ClientCredentials
	server := reportermock.Start(t, opts)
	source := reporter.NewTokenSource(newHTTP(t, httpConfig(server)), server.ClientID(), secret.New(server.ClientSecret()))
	reporter.SetClock(source, c.now)
	config := httpConfig(server)
	config.TokenSource = source
	return site{server, reporter.NewClient(newHTTP(t, config), reporter.Options{Now: c.now, CreatedAfter: c.now()}), c}
}

func (s site) list(t *testing.T) {
	t.Helper()
	if _, err := s.ListConnections(t.Context(), reporter.ConnectionFilter{}); err != nil {
		t.Error(err)
	}
}

func (s site) wantTokens(t *testing.T, want int) {
	t.Helper()
	if got := s.CountRequests("POST", tokenPath); got != want {
		t.Errorf("%d tokens were fetched, want %d", got, want)
	}
}

func TestStaticToken(t *testing.T) {
	t.Parallel()
	s := start(t, reportermock.Options{Auth: reportermock.StaticToken})
	s.list(t)
	other := start(t, reportermock.Options{Auth: reportermock.StaticToken}, func(c *httpclient.Config) { c.Token = secret.New("wrong") })
	if _, err := other.GetConnection(t.Context(), "7c1d8249-6bc3-48a0-8d12-568ed70e6abb"); !httpclient.IsUnauthorized(err) || !strings.Contains(err.Error(), "Unauthorized") {
		t.Error(err)
	}
	s.Forbid("GET", "")
	if _, err := s.ListConnections(t.Context(), reporter.ConnectionFilter{}); !httpclient.IsForbidden(err) {
		t.Error(err)
	}
}

func TestTokenIsFetchedOnceForAll(t *testing.T) {
	t.Parallel()
	s := startWithCredentials(t, reportermock.Options{Latency: 20 * time.Millisecond})
	var group sync.WaitGroup
	for range 32 {
		group.Go(func() { s.list(t) })
	}
	group.Wait()
	s.wantTokens(t, 1)
}

func TestTokenIsRefreshedBeforeItExpires(t *testing.T) {
	t.Parallel()
	s := startWithCredentials(t, reportermock.Options{TokenLifetime: 10 * time.Minute})
	s.list(t)
	s.clock.advance(9*time.Minute - time.Second)
	s.list(t)
	s.wantTokens(t, 1)
	s.clock.advance(2 * time.Second)
	s.list(t)
	s.wantTokens(t, 2)
	// The endpoint is down: the old token is used while it holds.
	s.clock.advance(9*time.Minute + 1*time.Second)
	s.Faults().Add(fault.BadGateway().On("POST", tokenPath).Repeat(3))
	s.list(t)
	s.wantTokens(t, 5)
	for _, r := range s.Requests() {
		if r.Status == 401 {
			t.Errorf("%s %s was refused", r.Method, r.Path)
		}
	}
	// When it has expired it is not sent any more.
	s.clock.advance(time.Minute)
	s.ResetRequests()
	s.Faults().Add(fault.BadGateway().On("POST", tokenPath).Repeat(3))
	if _, err := s.ListConnections(t.Context(), reporter.ConnectionFilter{}); err == nil || s.CountRequests("GET", "") != 0 {
		t.Errorf("%v after %d requests with an old token", err, s.CountRequests("GET", ""))
	}
}

func TestShortTokens(t *testing.T) {
	t.Parallel()
	s := startWithCredentials(t, reportermock.Options{TokenLifetime: 8 * time.Second})
	s.list(t)
	s.clock.advance(6*time.Second - time.Millisecond) // three quarters of its life
	s.list(t)
	s.wantTokens(t, 1)
	s.clock.advance(time.Millisecond)
	s.list(t)
	s.wantTokens(t, 2)
}

func TestTokenThatIsRevoked(t *testing.T) {
	t.Parallel()
	s := startWithCredentials(t, reportermock.Options{})
	s.list(t)
	s.RevokeTokens()
	s.create(t, postgres("one"))
	s.wantTokens(t, 2)
	if n := s.CountRequests("POST", connectionsPath); n != 2 {
		t.Errorf("%d creations were sent", n)
	}
	// A server that takes no token gets one more, and no third.
	s.Faults().Add(fault.Fault{Status: 401, Body: "Unauthorized"}.On("GET", connectionsPath).Repeat(fault.Forever))
	s.ResetRequests()
	if _, err := s.ListConnections(t.Context(), reporter.ConnectionFilter{}); !httpclient.IsUnauthorized(err) {
		t.Error(err)
	}
	s.wantTokens(t, 1)
	if n := s.CountRequests("GET", connectionsPath); n != 2 {
		t.Errorf("%d lists were sent", n)
	}
}

// A token that was refused is not what holds while there is no other.
func TestRefusedTokenIsNotUsedAgain(t *testing.T) {
	t.Parallel()
	s := startWithCredentials(t, reportermock.Options{})
	s.list(t)
	s.RevokeTokens()
	s.ResetRequests()
	s.Faults().Add(fault.BadGateway().On("POST", tokenPath).Repeat(fault.Forever))
	_, err := s.ListConnections(t.Context(), reporter.ConnectionFilter{})
	if err == nil || !strings.Contains(err.Error(), "there is no access token") || s.CountRequests("GET", connectionsPath) != 1 {
		t.Errorf("%v after %d lists", err, s.CountRequests("GET", connectionsPath))
	}
}

func TestWrongCredentials(t *testing.T) {
	t.Parallel()
	s := startWithCredentials(t, reportermock.Options{})
	const wrong = "a-wrong-client-secret"
	source := reporter.NewTokenSource(newHTTP(t, httpConfig(s.Server)), "somebody", secret.New(wrong))
	config := httpConfig(s.Server)
	config.TokenSource = source
	client := reporter.NewClient(newHTTP(t, config), reporter.Options{})
	_, err := client.GetConnection(t.Context(), "7c1d8249-6bc3-48a0-8d12-568ed70e6abb")
	if !httpclient.IsUnauthorized(err) || !strings.Contains(err.Error(), tokenPath) || !strings.Contains(err.Error(), "AUT-1004") {
		t.Error(err)
	}
	s.Faults().Add(fault.Answer(401, `{"message":"not `+wrong+`"}`).On("POST", tokenPath))
	_, err = client.GetConnection(t.Context(), "7c1d8249-6bc3-48a0-8d12-568ed70e6abb")
	e, _ := httpclient.AsError(err)
	wantNoSecret(t, *e, wrong)
	wantNoSecret(t, e.Unwrap(), wrong)
	if !s.ReceivedSecret(wrong) {
		t.Error("the secret was not sent")
	}
	s.Faults().Add(fault.Answer(404, `{"code":404,"title":"request_failed","message":"Cannot POST"}`).On("POST", tokenPath))
	if _, err = client.GetConnection(t.Context(), "7c1d8249-6bc3-48a0-8d12-568ed70e6abb"); httpclient.IsUnauthorized(err) || httpclient.IsNotFound(err) || !strings.Contains(err.Error(), "check that auth_url") {
		t.Errorf("a wrong auth URL: %v", err)
	}
}

func TestTokenAnswers(t *testing.T) {
	t.Parallel()
	s := startWithCredentials(t, reportermock.Options{})
	source := reporter.NewTokenSource(newHTTP(t, httpConfig(s.Server)), s.ClientID(), secret.New(s.ClientSecret()))
	c := newClock()
	reporter.SetClock(source, c.now)
	for _, test := range []struct {
		body     string
		lifetime time.Duration // 0: no token
	}{
		{`{"accessToken":"abc","expiresIn":600}`, 9 * time.Minute},
		{`{"accessToken":"abc","expiresIn":"600"}`, 9 * time.Minute},
		{`{"accessToken":"abc","expiresIn":1e300}`, 30*24*time.Hour - time.Minute},
		{`{"accessToken":"abc","expiresIn":-1}`, 59 * time.Minute},
		{`{"accessToken":"abc","expiresIn":1e999}`, 59 * time.Minute},
		{`{"accessToken":"abc","expiresIn":0}`, 59 * time.Minute},
		{`{"accessToken":"abc","expiresIn":null}`, 59 * time.Minute},
		{`{"accessToken":"abc"}`, 59 * time.Minute},
		{`{"accessToken":" "}`, 0},
		{`{}`, 0},
		{`[]`, 0},
		{`<html></html>`, 0},
	} {
		s.ResetRequests()
		s.Faults().Clear()
		s.Faults().Add(fault.Answer(200, test.body))
		token, err := source.Token(t.Context())
		if test.lifetime == 0 {
			if !httpclient.IsUnreadable(err) {
				t.Errorf("%s: %v", test.body, err)
			}
			continue
		}
		if err != nil || token.Reveal() != "abc" {
			t.Fatalf("%s: %v", test.body, err)
		}
		c.advance(test.lifetime - time.Millisecond)
		if _, err := source.Token(t.Context()); err != nil {
			t.Error(err)
		}
		s.wantTokens(t, 1)
		c.advance(time.Millisecond)
		if token, err = source.Token(t.Context()); err != nil || token.Reveal() == "abc" {
			t.Errorf("%s: not refreshed: %v", test.body, err)
		}
		source.Refused(secret.New("some other token"))
		source.Refused(token)
	}
}

func TestCallersThatLeave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := startWithCredentials(t, reportermock.Options{})
		source := reporter.NewTokenSource(newHTTP(t, httpConfig(s.Server)), s.ClientID(), secret.New(s.ClientSecret()))

		arrived := func(n int) {
			for s.CountRequests("POST", tokenPath) < n {
				time.Sleep(time.Millisecond)
			}
		}
		leave := func(when func()) {
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				when()
				cancel()
			}()
			if _, err := source.Token(ctx); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}
		// One leaves, the others get their token.
		s.Faults().Add(fault.Fault{Delay: 2 * time.Second})
		var group sync.WaitGroup
		group.Go(func() {
			if _, err := source.Token(t.Context()); err != nil {
				t.Error(err)
			}
		})
		arrived(1)
		leave(func() {})
		group.Wait()
		s.wantTokens(t, 1)

		// One that comes when its time is over gets nothing.
		over, cancel := context.WithCancel(t.Context())
		cancel()
		if token, err := source.Token(over); !errors.Is(err, context.Canceled) || !token.IsEmpty() {
			t.Error(err)
		}

		// A refusal of another token does not concern this one.
		source.Refused(secret.New("another"))
		if _, err := source.Token(t.Context()); err != nil {
			t.Error(err)
		}
		s.wantTokens(t, 1)

		// All leave: the request ends, and whoever comes later gets another.
		token, _ := source.Token(t.Context())
		source.Refused(token)
		s.Faults().Add(fault.Fault{Hang: true})
		began := time.Now()
		leave(func() { arrived(2) })
		if _, err := source.Token(t.Context()); err != nil || time.Since(began) > time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
	})
}
