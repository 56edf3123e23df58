// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reportermock

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
)

const tokenPath = "/v1/login/oauth/access_token"

// auth is who may come in.
type auth struct {
	token        string
	clientID     string
	clientSecret string
	given        map[string]time.Time // tokens given out, and when they expire
}

func newAuth(opts Options) auth {
	a := auth{given: map[string]time.Time{}}
	if opts.Auth != NoAuth {
		a.token = orElse(opts.Token, newToken)
	}
	if opts.Auth == ClientCredentials {
		a.clientID = orElse(opts.ClientID, uuid.NewString)
		a.clientSecret = orElse(opts.ClientSecret, func() string { return "secret-" + uuid.NewString() })
	}
	return a
}

func orElse(text string, fallback func() string) string {
	if text != "" {
		return text
	}
	return fallback()
}

// newToken returns something that has the form of a JWT.
func newToken() string {
	part := func(v any) string {
		encoded, _ := json.Marshal(v) // texts always encode
		return base64.RawURLEncoding.EncodeToString(encoded)
	}
	return part(map[string]string{"alg": "RS256", "typ": "JWT"}) + "." +
		part(map[string]string{"jti": uuid.NewString(), "type": "application"}) + "." +
		part(uuid.NewString())
}

// Token returns the static token that the server accepts; "" without
// authentication.
func (s *Server) Token() string { return s.auth.token }

// ClientID returns the client's id; "" unless the server has ClientCredentials.
func (s *Server) ClientID() string { return s.auth.clientID }

// ClientSecret returns the client's secret; "" unless the server has
// ClientCredentials.
func (s *Server) ClientSecret() string { return s.auth.clientSecret }

// AuthURL returns the origin of the token endpoint, which is the server's own;
// "" unless the server was started with ClientCredentials.
func (s *Server) AuthURL() string {
	if s.opts.Auth != ClientCredentials {
		return ""
	}
	return s.URL()
}

// RevokeTokens ends every token that was given out, before its time.
func (s *Server) RevokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.auth.given)
}

// SetAuthDown makes the service that checks tokens unreachable, or reachable.
func (s *Server) SetAuthDown(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.authDown = down
}

// authorize checks a request's token and its rights. The answers are plain text,
// but for those that come from the authorization service.
func (s *Server) authorize(r *http.Request) error {
	if s.opts.Auth == NoAuth {
		return nil
	}
	token := r.Header.Get("Authorization")
	scheme, rest, twoParts := strings.Cut(token, " ")
	switch isBearer := strings.EqualFold(scheme, "Bearer"); {
	case isBearer:
		token = strings.TrimSpace(rest)
	case twoParts:
		token = ""
	}
	if token == "" {
		return plain(http.StatusUnauthorized, "Missing Token")
	}
	expires := s.auth.given[token] // the zero time where it was not given
	known := token == s.auth.token
	if !known && strings.Count(token, ".") != 2 {
		return plain(http.StatusUnauthorized, "Unauthorized")
	}
	if s.authDown {
		return plain(http.StatusInternalServerError, "Internal Server Error")
	}
	if !known && !s.now().Before(expires) {
		return authError(http.StatusUnauthorized, "Invalid Token", "token expired")
	}
	if s.IsForbidden(r) {
		return plain(http.StatusForbidden, "Forbidden")
	}
	return nil
}

// authError is an error of the authorization service.
// Choice: all have one code; the others were not seen.
func authError(status int, title, message string) *refusal {
	return &refusal{Status: status, Body: struct {
		Title   string `json:"title"`
		Message string `json:"message"`
		Code    string `json:"code"`
	}{title, message, "AUT-1004"}}
}

type tokenAnswer struct {
	AccessToken  string `json:"accessToken"`
	IDToken      string `json:"idToken"`
	TokenType    string `json:"tokenType"`
	ExpiresIn    int    `json:"expiresIn"`
	RefreshToken string `json:"refreshToken"`
	Scope        string `json:"scope"`
}

// giveToken gives out a token for the client's credentials.
func (s *Server) giveToken(c call) (answer, error) {
	var request struct {
		GrantType    string `json:"grantType"`
		ClientID     string `json:"clientId"`
		ClientSecret string `json:"clientSecret"`
	}
	if c.media != "application/json" || json.Unmarshal(c.body, &request) != nil {
		return answer{}, authError(http.StatusBadRequest, "Bad Request", "unable to parse request body")
	}
	s.Vault.Receive(request.ClientSecret)
	switch {
	case s.authDown:
		return answer{}, plain(http.StatusInternalServerError, "Internal Server Error")
	case request.GrantType != "client_credentials":
		return answer{}, authError(http.StatusBadRequest, "Bad Request", "unsupported grant type")
	case request.ClientID != s.auth.clientID || request.ClientSecret != s.auth.clientSecret:
		return answer{}, authError(http.StatusUnauthorized, "Invalid Client", "the client id or the client secret is wrong")
	}
	token := newToken()
	s.auth.given[token] = s.now().Add(s.opts.TokenLifetime)
	return answer{http.StatusOK, tokenAnswer{
		AccessToken: token, IDToken: newToken(), TokenType: "Bearer",
		ExpiresIn: int(s.opts.TokenLifetime.Seconds()), RefreshToken: newToken(),
	}}, nil
}
