// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package omni is a typed client of Omni's REST API for database connections,
// connection environments, and what belongs to them. It knows nothing of Terraform.
//
// [Client] makes the calls, one method a call, and hides the differences
// between the server's generations. It remembers nothing of what it read: that
// is the floor above, package inventory.
package omni

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
)

// APIVersionUnstable is the path prefix of the 2025 generation. It takes comma
// text where later ones take arrays, and has neither a get-one nor a delete of
// connections.
const APIVersionUnstable = "unstable"

// DefaultAPIVersion is the path prefix of every generation since July 2025.
const DefaultAPIVersion = "v1"

// Client makes the calls. It is safe for concurrent use.
type Client struct {
	http           *httpclient.Client
	allConnections connectionList

	// What this process has learnt about the server's generation, so that a
	// refused form is tried once and not again.
	commaEnvironmentIDs    atomic.Bool
	commaEnvironmentValues atomic.Bool
	flatUserAttribute      atomic.Bool
	noEnvironmentList      atomic.Bool
	noHardRefresh          atomic.Bool
	noUserAttributes       atomic.Bool
	ownUserPages           atomic.Bool
	userPaths              atomic.Bool
}

// NewClient returns a client over http, whose base URL ends in
// /api/<apiVersion>. It makes no call.
func NewClient(http *httpclient.Client, apiVersion string) *Client {
	c := &Client{http: http}
	if apiVersion == APIVersionUnstable {
		c.commaEnvironmentIDs.Store(true)
		c.commaEnvironmentValues.Store(true)
		c.flatUserAttribute.Store(true)
	}
	return c
}

// Turn waits for the rate limit's leave to send one request, and reports whether
// it came before the context ended; see [Client.CreateEnvironments].
func (c *Client) Turn(ctx context.Context) bool { return c.http.Turn(ctx) }

// IsThrottled reports whether the rate limit makes requests wait.
func (c *Client) IsThrottled() bool { return c.http.IsThrottled() }

// ServerTime returns what the server's clock can have shown at a time of this
// machine's; see [httpclient.Client.ServerTime].
func (c *Client) ServerTime(at time.Time) (earliest, latest time.Time) { return c.http.ServerTime(at) }

// SecondLook returns the pause between two looks for what a lost create made: as long
// as that before a fourth retry, two to four seconds.
func (c *Client) SecondLook() time.Duration { return c.http.Backoff(4) }

// eitherForm sends the current form of a request, or the older one where this
// process knows that the server wants it. When the current form is refused in a
// way that refused recognizes, the older is tried once; if the server understands
// it, that is remembered. A refused form changed nothing, so a second try doubles
// nothing.
func eitherForm(ctx context.Context, older *atomic.Bool, refused func(error) bool, send func(ctx context.Context, older bool) error) error {
	if older.Load() {
		return send(ctx, true)
	}
	err := send(ctx, false)
	if err == nil || !refused(err) {
		return err
	}
	second := send(ctx, true)
	if second == nil || IsValueInUse(second) { // either way the form was understood
		older.Store(true)
	}
	if second != nil && refused(second) {
		return err // refused in both forms: the current one's words say more
	}
	return second
}
