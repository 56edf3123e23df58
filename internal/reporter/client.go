// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package reporter is a typed client of the API that Lerian Reporter's database
// connections are managed with (Fetcher Manager). It knows nothing of Terraform.
//
// [Client] makes the calls, one method a call, but for the lists: the server
// shows a month at a time, so they walk through the months (date_window.go).
// [Describe] and the predicates beside it read the server's errors.
// [TokenSource] gets access tokens for client credentials.
package reporter

import (
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/listonce"
)

// Options configure a [Client].
type Options struct {
	// CreatedAfter is where lists end: connections that were created earlier are
	// not looked for. The zero value means [Earliest]. Each 28 days since cost a
	// request in every list.
	CreatedAfter time.Time
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Earliest is before the first release of a server with this API, so that no
// connection can be older.
var Earliest = time.Date(2025, time.April, 1, 0, 0, 0, 0, time.UTC)

// Client makes the calls. It is safe for concurrent use.
type Client struct {
	http         *httpclient.Client
	createdAfter time.Time
	now          func() time.Time
	windowLists  *listonce.Group[time.Time, *windowList] // by the start of the window
	names        *names
	pageSize     *atomic.Int64 // what lists ask for; the server's first refusal lowers it
	creates      *createonce.Collection[Connection]
}

// NewClient returns a client over http, whose base URL is what comes before
// /v1/management/connections, and whose Describe is [Describe]. It makes no call.
func NewClient(http *httpclient.Client, options Options) *Client {
	c := &Client{http: http, createdAfter: options.CreatedAfter, now: options.Now, pageSize: &atomic.Int64{}}
	c.pageSize.Store(maxPageSize)
	c.names = newNames()
	if c.createdAfter.IsZero() {
		c.createdAfter = Earliest
	}
	if c.now == nil {
		c.now = time.Now
	}
	c.windowLists = listonce.NewGroup(c.newWindowList)
	c.creates = c.newCreates()
	return c
}

func connectionsPath(segments ...string) []string {
	return append([]string{"v1", "management", "connections"}, segments...)
}

// NormalizeProductName returns a product name as the server keeps it. Names that
// are the same after that are one product.
func NormalizeProductName(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// productHeader names the product; an empty name none.
func productHeader(name string) http.Header {
	if name == "" {
		return nil
	}
	return http.Header{"X-Product-Name": {name}}
}
