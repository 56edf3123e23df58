// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package live

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// ErrReadOnly is that of a request which could change something, on a server
// that is only read.
var ErrReadOnly = errors.New("this would write, and only reading is allowed")

// patience is how often a request is sent that the server's rate limit refuses, and
// maxPause for how long a server may ask to wait.
const (
	patience = 8
	maxPause = 5 * time.Minute
)

// maxAnswer is how much of an answer is read, in bytes.
const maxAnswer = 16 << 20

// Server sends requests to a target, within its rate limit. It is not safe for
// concurrent use.
type Server struct {
	Target
	ReadOnly bool
	Sent     int         // requests so far
	Limited  http.Header // of the first 429; nil until there is one

	client  *http.Client
	limiter *rate.Limiter
}

// Answer is what a server answered.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Connect returns the server of a target. Credentials of a client are exchanged
// for a token.
func Connect(ctx context.Context, t Target) (*Server, error) {
	s := &Server{
		Target:  t,
		client:  &http.Client{Timeout: time.Minute, Transport: &http.Transport{Proxy: http.ProxyFromEnvironment}},
		limiter: t.Limiter(),
	}
	if t.authURL == "" {
		return s, nil
	}
	answer, err := s.send(ctx, http.MethodPost, t.authURL+"/v1/login/oauth/access_token", map[string]string{
		"grantType": "client_credentials", "clientId": t.clientID, "clientSecret": t.clientSecret,
	}, nil)
	if err != nil {
		return nil, err
	}
	if s.Token = answer.Text("accessToken"); s.Token == "" {
		return nil, fmt.Errorf("%s gave out no token: it answered %d", t.authURL, answer.Status)
	}
	return s, nil
}

// Close gives connections back.
func (s *Server) Close() { s.client.CloseIdleConnections() }

// Do sends a request to a path below the API's prefix, or to one that begins with
// a slash. A body of bytes is sent as it is, any other as JSON.
func (s *Server) Do(ctx context.Context, method, path string, body any, header http.Header) (Answer, error) {
	if s.ReadOnly && method != http.MethodGet {
		return Answer{}, ErrReadOnly
	}
	if !strings.HasPrefix(path, "/") {
		path = s.Prefix() + path
	}
	for tried := 1; ; tried++ {
		if err := s.limiter.Wait(ctx); err != nil {
			return Answer{}, err
		}
		answer, err := s.send(ctx, method, s.Origin+path, body, header)
		if err != nil || answer.Status != http.StatusTooManyRequests || tried == patience {
			return answer, err
		}
		if s.Limited == nil {
			s.Limited = answer.Header
		}
		wait := pauseAfter(answer.Header, tried)
		if wait > maxPause {
			return answer, nil
		}
		if err := pause(ctx, wait); err != nil {
			return Answer{}, err
		}
	}
}

func (s *Server) send(ctx context.Context, method, url string, body any, header http.Header) (Answer, error) {
	content, isRaw := body.([]byte)
	if !isRaw && body != nil {
		var err error
		if content, err = json.Marshal(body); err != nil {
			return Answer{}, err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(content))
	if err != nil {
		return Answer{}, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if s.Token != "" {
		request.Header.Set("Authorization", "Bearer "+s.Token)
	}
	maps.Copy(request.Header, header)
	s.Sent++
	response, err := s.client.Do(request)
	if err != nil {
		return Answer{}, err
	}
	defer response.Body.Close()
	read, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	return Answer{response.StatusCode, response.Header, read}, err
}

// pauseAfter is as long as the server says, or longer each time where it does not.
func pauseAfter(header http.Header, tried int) time.Duration {
	if seconds, err := strconv.Atoi(header.Get("Retry-After")); err == nil {
		return time.Duration(seconds) * time.Second
	}
	return time.Duration(tried) * 5 * time.Second
}

func pause(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// JSON decodes the answer; nil where it is no JSON.
func (a Answer) JSON() any {
	var value any
	if json.Unmarshal(a.Body, &value) != nil {
		return nil
	}
	return value
}

// At returns the value under keys in nested objects and lists of the answer, such
// as At("connectionEnvironments", 0, "id"); nil where there is none.
func (a Answer) At(keys ...any) any {
	value := a.JSON()
	for _, key := range keys {
		switch k := key.(type) {
		case string:
			object, _ := value.(map[string]any)
			value = object[k]
		case int:
			list, _ := value.([]any)
			if k >= len(list) {
				return nil
			}
			value = list[k]
		}
	}
	return value
}

// Text is At for a text, "" where there is none.
func (a Answer) Text(keys ...any) string {
	text, _ := a.At(keys...).(string)
	return text
}

// Has reports whether an object of the answer has the last key, null included.
func (a Answer) Has(keys ...any) bool {
	last := len(keys) - 1
	object, _ := a.At(keys[:last]...).(map[string]any)
	name, _ := keys[last].(string)
	_, ok := object[name]
	return ok
}
