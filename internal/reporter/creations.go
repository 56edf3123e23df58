// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter

import (
	"context"
	"fmt"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
)

// CreateConnectionOnce makes a connection, and never two. When the answer is
// lost, the connection of that name is looked for: one that was created since
// the request, for the same product and with every setting that was sent, and
// that no other call returned, is ours. Otherwise the error is a [createonce.UnknownOutcomeError].
func (c *Client) CreateConnectionOnce(ctx context.Context, request ConnectionCreate) (*Connection, error) {
	connection, _, err := c.creates.Create(ctx, createonce.Request[Connection]{
		Name: request.Settings.ConfigName.Or(""),
		Send: func(ctx context.Context) (made Connection, err error) {
			answer, err := c.CreateConnection(ctx, request)
			if err == nil {
				made = *answer
			}
			return made, err
		},
		Find: func(ctx context.Context, since time.Time) ([]Connection, error) {
			recent := *c
			// The day before costs no request more, and the error can name an older
			// one of that name.
			recent.createdAfter = since.Add(-24 * time.Hour)
			found, err := recent.FindConnection(ctx, request.Settings.ConfigName.Or(""))
			if found == nil {
				return nil, err
			}
			return []Connection{*found}, err
		},
		Match: func(found Connection) createonce.Match {
			if found.isOf(request) {
				return createonce.Same
			}
			return createonce.Similar
		},
	})
	if err != nil {
		return nil, err
	}
	return &connection, nil
}

func (c *Client) newCreates() *createonce.Collection[Connection] {
	return createonce.New(createonce.Options[Connection]{
		ID:         func(c Connection) string { return c.ID },
		CreatedAt:  func(c Connection) (time.Time, bool) { return c.CreatedAt.Get() },
		NamesOlder: true,
		Wrote:      c.wrote,
		Now:        c.now,
		ServerTime: c.http.ServerTime,
	})
}

// isOf reports whether a connection is what the request asked for.
func (c *Connection) isOf(request ConnectionCreate) bool {
	if c.CreatedAt.IsZero() || c.Problem != nil {
		return false
	}
	if c.ProductName.Or("") != NormalizeProductName(request.ProductName) {
		return false
	}
	if wants := request.SSL != nil; wants != !c.SSLMode.IsZero() || wants && c.SSLMode.Or("") != request.SSL.Mode {
		return false
	}
	// The server leaves out what is empty.
	return createonce.Compare(request.Settings.withoutNulls(), c.ConnectionSettings, func(string, any, any) bool { return false }) != createonce.Other
}

// The waits between tries while a job holds a connection.
const (
	jobFirstWait = 500 * time.Millisecond
	jobLastWait  = 10 * time.Second
)

// WhileJobRuns repeats send while the server says that a job holds the
// connection, until the context ends.
func WhileJobRuns(ctx context.Context, send func() error) error {
	started := time.Now()
	for wait := jobFirstWait; ; wait = min(2*wait, jobLastWait) {
		err := send()
		if !IsJobRunning(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w (a job held it for %s: %w)", err, time.Since(started).Round(time.Second), context.Cause(ctx))
		case <-time.After(wait):
		}
	}
}
