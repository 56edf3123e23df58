// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package httpclient is the HTTP client that every system's client is built on:
// authentication, TLS, time limits, retries, rate limits, errors and logging. It
// knows no system; what differs between systems is in [Config].
//
// A request goes through three layers. [Client.Do] encodes it and words its
// failure; go-retryablehttp repeats it as retry.go decides; attempt.go makes one
// attempt, once the gate lets it pass.
package httpclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

// Config describes a server and how to talk to it.
type Config struct {
	// System is a label for messages.
	System string
	// BaseURL is the address, as [NormalizeBaseURL] returns it.
	BaseURL string
	// Address is what users set BaseURL with, for hints; "" is base_url.
	Address string
	// Token is sent as a bearer token; empty sends none.
	Token secret.String
	// TokenSource gives bearer tokens that expire, and takes the place of Token.
	// nil means there is none.
	TokenSource TokenSource
	// Secrets are credentials that others send, and that are masked here too,
	// should a server repeat one. nil means none.
	Secrets []secret.String
	// Credentials says where users set the token, for errors that refuse it.
	Credentials string
	// Unavailable is why there is no server to talk to yet: every request fails
	// with it, and none is sent. nil means that there is one.
	Unavailable error
	// UserAgent names the program.
	UserAgent string
	// RequestTimeout bounds one attempt, the body included, but not the waits
	// before it. 0 means 30 seconds.
	RequestTimeout time.Duration
	// MaxRetries is how many attempts may follow the first one after faults.
	// Rate limits (429) are bounded by the context's deadline instead.
	MaxRetries int
	// MaxRequestsPerMinute is the rate limit; 0 means none.
	MaxRequestsPerMinute int
	// CACertificate is PEM that is trusted besides the system's authorities.
	CACertificate string
	// InsecureSkipVerify trusts any certificate.
	InsecureSkipVerify bool
	// Describe translates the body of an error answer. nil reads the keys
	// detail, message and error of a JSON object. It never sees HTML.
	Describe func(status int, body []byte) Detail
	// Log receives one line per attempt: no body, no header, no query value.
	// nil logs nothing.
	Log func(ctx context.Context, message string, fields map[string]any)
	// Inform receives what a person who waits wants to know, once a minute. nil logs
	// nothing.
	Inform func(ctx context.Context, message string, fields map[string]any)
	// MinBackoff and MaxBackoff bound the wait between attempts where the server
	// names none. 0 means 500 ms and 30 s.
	MinBackoff, MaxBackoff time.Duration
	// Dial connects to the server, for tests without a network. nil dials.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Now is the clock of this machine, for tests. nil means [time.Now].
	Now func() time.Time
}

// Detail is what a server says about a failure.
type Detail struct {
	// Code is the server's error code, or "".
	Code string
	// Message is the server's text, or "" where the body has none to pick out.
	Message string
	// Kind overrides the meaning of the status, unless it is KindUnknown.
	Kind Kind
	// Fields is what the server says about single fields, by their names.
	Fields map[string]string
	// UnknownKeys are the keys of the request's body that the server refuses
	// because it is older than they are.
	UnknownKeys []string
}

const (
	defaultRequestTimeout = 30 * time.Second
	defaultMinBackoff     = 500 * time.Millisecond
	defaultMaxBackoff     = 30 * time.Second
	maxInFlight           = 10
)

// Client talks to one server. It is safe for concurrent use; all its requests
// share one rate limit.
type Client struct {
	config      Config
	base        *url.URL
	transport   *http.Transport
	gate        *gate
	outage      outage
	clockOffset clockOffset
	// secrets are those of the configuration and of all requests so far: a server
	// can repeat one in an answer to another request, such as the test of a
	// connection.
	secrets secret.Masker
}

// Clean makes text of an answer fit to be shown, as that of errors is: without
// the secrets that this client has sent, without control characters, and not
// longer than some lines.
func (c *Client) Clean(text string) string {
	return c.clean(text, maxMessage)
}

// New returns a client. It checks the configuration and does not touch the
// network.
func New(config Config) (*Client, error) {
	normalized, err := NormalizeBaseURL(config.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("base URL: %w", err)
	}
	base, err := url.Parse(normalized)
	if err != nil {
		return nil, errors.New("base URL: it is not a valid URL")
	}
	if config.Token, err = CleanToken(config.Token); err != nil {
		return nil, fmt.Errorf("token: %w", err)
	}
	if hasControl(config.UserAgent) {
		return nil, errors.New("user agent: it contains a control character")
	}
	if config.RequestTimeout <= 0 {
		config.RequestTimeout = defaultRequestTimeout
	}
	if config.MinBackoff <= 0 {
		config.MinBackoff = defaultMinBackoff
	}
	if config.MaxBackoff <= 0 {
		config.MaxBackoff = defaultMaxBackoff
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Address == "" {
		config.Address = "base_url"
	}
	if config.Describe == nil {
		config.Describe = describe
	}
	silent := func(context.Context, string, map[string]any) {}
	if config.Log == nil {
		config.Log = silent
	}
	if config.Inform == nil {
		config.Inform = silent
	}
	transport, err := newTransport(config)
	if err != nil {
		return nil, err
	}
	c := &Client{
		config:    config,
		base:      base,
		transport: transport,
		gate:      newGate(config.MaxRequestsPerMinute),
		outage:    outage{now: config.Now},
	}
	c.gate.inform = c.inform
	c.secrets.Add(config.Token)
	c.secrets.Add(config.Secrets...)
	return c, nil
}

// inform tells how long the rate limit takes, for requests that wait for it.
func (c *Client) inform(ctx context.Context, waiting int, takes time.Duration) {
	c.config.Inform(ctx, fmt.Sprintf("%d requests to %s wait for the rate limit of %d a minute, which takes about %s", waiting, c.config.System, c.config.MaxRequestsPerMinute, takes.Round(time.Second)),
		map[string]any{"system": c.config.System, "waiting": waiting, "seconds": int(takes.Seconds()), "max_requests_per_minute": c.config.MaxRequestsPerMinute})
}

// CloseIdleConnections closes the connections that no request uses.
func (c *Client) CloseIdleConnections() { c.transport.CloseIdleConnections() }

func newTransport(config Config) (*http.Transport, error) {
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if config.CACertificate != "" && !roots.AppendCertsFromPEM([]byte(config.CACertificate)) {
		return nil, errors.New("CA certificate: it holds no certificate in PEM form " +
			"(-----BEGIN CERTIFICATE-----); give the text of the file, not its path")
	}
	dial := config.Dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: 30 * time.Second}).DialContext
	}
	return &http.Transport{
		Proxy:       http.ProxyFromEnvironment,
		DialContext: dial,

		OnProxyConnectResponse: refusedByProxy,

		TLSClientConfig: &tls.Config{
			MinVersion:         tls.VersionTLS12,
			RootCAs:            roots,
			InsecureSkipVerify: config.InsecureSkipVerify, //nolint:gosec // the user's choice, warned about
		},
		// A TLS configuration of one's own turns HTTP/2 off, unless asked for.
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    maxInFlight,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    10 * time.Second,
		MaxResponseHeaderBytes: 1 << 20,
	}, nil
}
