// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

const (
	// fetchTimeout bounds getting a token, retries included.
	fetchTimeout = time.Minute
	// defaultLifetime is that of a token which does not tell: what the
	// documentation says they have.
	defaultLifetime = time.Hour
	// refreshMargin is how long before its end a token is replaced, at most: a
	// quarter of its life is enough for one that lives shortly.
	refreshMargin = time.Minute
)

// TokenSource gets access tokens for client credentials and keeps them until
// shortly before they expire. Callers that need one at the same time share one
// request; it is given up only when the last of them has gone.
type TokenSource struct {
	http         *httpclient.Client
	clientID     string
	clientSecret secret.String
	now          func() time.Time

	mu        sync.Mutex
	token     secret.String // empty if there is none
	refreshAt time.Time
	expiresAt time.Time
	fetching  *fetch
}

// fetch is a request for a token that is under way.
type fetch struct {
	cancel  context.CancelFunc
	waiting int
	done    chan struct{}
	token   secret.String // once done
	err     error         // once done
}

// NewTokenSource returns a source over http, whose base URL is the authorization
// server's. It makes no call.
func NewTokenSource(http *httpclient.Client, clientID string, clientSecret secret.String) *TokenSource {
	return &TokenSource{http: http, clientID: clientID, clientSecret: clientSecret, now: time.Now}
}

// Token returns a token that holds now.
func (s *TokenSource) Token(ctx context.Context) (secret.String, error) {
	if err := ctx.Err(); err != nil {
		return secret.String{}, err
	}
	s.mu.Lock()
	if !s.token.IsEmpty() && s.now().Before(s.refreshAt) {
		defer s.mu.Unlock()
		return s.token, nil
	}
	f := s.fetching
	if f == nil {
		f = s.start(ctx)
	}
	f.waiting++
	s.mu.Unlock()

	select {
	case <-f.done:
		return f.token, f.err
	case <-ctx.Done():
		s.leave(f)
		return secret.String{}, ctx.Err()
	}
}

// Refused forgets a token that the server did not take.
func (s *TokenSource) Refused(token secret.String) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token == token { // else it has been replaced already
		s.token = secret.String{}
	}
}

// start begins a request on a context of its own, with the first caller's values.
func (s *TokenSource) start(ctx context.Context) *fetch {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTimeout)
	f := &fetch{cancel: cancel, done: make(chan struct{})}
	s.fetching = f
	go func() {
		defer cancel()
		began := s.now()
		answer, err := s.fetch(ctx)
		s.finish(f, answer, began, err)
	}()
	return f
}

// leave takes a caller away that waits no longer.
func (s *TokenSource) leave(f *fetch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.waiting--; f.waiting > 0 {
		return
	}
	f.cancel()
	if s.fetching == f { // who comes now must not meet its cancellation
		s.fetching = nil
	}
}

func (s *TokenSource) finish(f *fetch, answer tokenAnswer, began time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fetching == f {
		s.fetching = nil
	}
	switch {
	case err == nil:
		lifetime := answer.lifetime()
		s.token = secret.New(answer.AccessToken)
		s.expiresAt = began.Add(lifetime)
		s.refreshAt = s.expiresAt.Add(-min(refreshMargin, lifetime/4))
		f.token = s.token
	case !s.token.IsEmpty() && s.now().Before(s.expiresAt):
		f.token = s.token // the old one still holds
	default:
		f.err = err
	}
	close(f.done)
}

type tokenAnswer struct {
	AccessToken string          `json:"accessToken"`
	ExpiresIn   json.RawMessage `json:"expiresIn"` // seconds, a number
}

// Validate requires a token.
func (a *tokenAnswer) Validate() error {
	if strings.TrimSpace(a.AccessToken) == "" {
		return errors.New(`the JSON has no "accessToken"`)
	}
	return nil
}

func (a *tokenAnswer) lifetime() time.Duration {
	const longest = 30 * 24 * time.Hour // beyond all reason; no sum overflows
	seconds, err := strconv.ParseFloat(strings.Trim(string(a.ExpiresIn), `" `), 64)
	if err != nil || !(seconds > 0) {
		return defaultLifetime
	}
	return time.Duration(min(seconds, longest.Seconds()) * float64(time.Second))
}

func (s *TokenSource) fetch(ctx context.Context) (tokenAnswer, error) {
	var answer tokenAnswer
	err := s.http.Do(ctx, httpclient.Request{
		Method: http.MethodPost,
		Path:   []string{"v1", "login", "oauth", "access_token"},
		Body: map[string]string{
			"grantType":    "client_credentials",
			"clientId":     s.clientID,
			"clientSecret": s.clientSecret.Reveal(),
		},
		Idempotent: true,
		Secrets:    []secret.String{s.clientSecret},
	}, &answer)
	return answer, err
}
