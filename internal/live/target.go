// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package live is what the tests and commands share that run against whichever
// server of Omni or Reporter the environment names: where it is, requests as they
// are written, the names of what is made there, and what a run left behind.
//
// It does not use the provider's own clients: those tidy requests and answers,
// and a server is to be asked as it is.
package live

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
)

// The systems.
const (
	Omni     = "omni"
	Reporter = "reporter"
)

// Unstable is the API version of an Omni server of the 2025 guide.
const Unstable = "unstable"

// Target is a server that the environment names, with the same variables as the
// provider reads.
type Target struct {
	System    string
	Origin    string // without the API's prefix
	Version   string // of Omni's API: v1 or Unstable
	Token     string
	Product   string // Reporter's, for new connections
	PerMinute int    // requests that the server allows

	authURL, clientID, clientSecret string // Reporter's, instead of a token
}

// Targets are the servers that the environment names, at most one of a system.
func Targets(getenv func(string) string) ([]Target, error) {
	var all []Target
	for _, t := range []Target{
		{
			System: Omni, Origin: getenv("OMNI_BASE_URL"), Version: cmp.Or(getenv("OMNI_API_VERSION"), "v1"),
			Token: cmp.Or(getenv("OMNI_API_TOKEN"), getenv("OMNI_API_KEY")),
		},
		{
			System: Reporter, Origin: getenv("REPORTER_BASE_URL"), Product: cmp.Or(getenv("REPORTER_PRODUCT_NAME"), "tf-acc"),
			Token:   getenv("REPORTER_TOKEN"),
			authURL: getenv("REPORTER_AUTH_URL"), clientID: getenv("REPORTER_CLIENT_ID"), clientSecret: getenv("REPORTER_CLIENT_SECRET"),
		},
	} {
		if t.Origin == "" {
			continue
		}
		if err := t.complete(getenv); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	if len(all) == 0 {
		return nil, errors.New("no server is named: set OMNI_BASE_URL and OMNI_API_TOKEN, or REPORTER_BASE_URL, or both")
	}
	return all, nil
}

// apiPath is what a base URL may end in beyond the origin.
var apiPath = regexp.MustCompile(`(/api(/v1|/unstable)?|/v1(/management(/connections)?)?)$`)

func (t *Target) complete(getenv func(string) string) error {
	prefix := strings.ToUpper(t.System)
	origin, err := httpclient.NormalizeBaseURL(t.Origin)
	if err != nil {
		return fmt.Errorf("%s_BASE_URL: %w", prefix, err)
	}
	t.Origin = apiPath.ReplaceAllString(origin, "")
	if t.System == Omni && t.Token == "" {
		return errors.New("OMNI_BASE_URL is set, OMNI_API_TOKEN is not")
	}
	t.PerMinute = map[string]int{Omni: 60, Reporter: 100}[t.System]
	if text := getenv(prefix + "_MAX_REQUESTS_PER_MINUTE"); text != "" {
		if t.PerMinute, err = strconv.Atoi(text); err != nil || t.PerMinute < 1 {
			return fmt.Errorf("%s_MAX_REQUESTS_PER_MINUTE is not a number from 1 up", prefix)
		}
	}
	return nil
}

// Limiter lets as many requests pass in a minute as the server allows, one at a
// time: a burst would be too much for a limit that counts in a sliding minute.
func (t Target) Limiter() *rate.Limiter {
	return rate.NewLimiter(rate.Every(time.Minute/time.Duration(t.PerMinute)), 1)
}

// Prefix is the path below which the target's API is.
func (t Target) Prefix() string {
	if t.System == Reporter {
		return "/v1/management/"
	}
	return "/api/" + t.Version + "/"
}
