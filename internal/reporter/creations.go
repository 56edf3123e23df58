// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter

import (
	"context"
	"strings"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/createonce"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
)

// maxCreateTries bounds how often a create is sent whose answers are lost, and of
// which no list shows anything.
const maxCreateTries = 3

// CreateConnectionOnce makes a connection, and never two. A name that another
// connection has is waited for ([Client.WhenNameIsFree]). When the answer is lost,
// the connection of that name is looked for. Where there is none, the create is sent
// again. One that was created since the request, in the same product, with every
// setting that was sent, is returned with found set, as [createonce.Collection.Create]
// says. What the service never returns is not compared: send it again
// ([Client.SendCredentials]). Otherwise the error is a
// [createonce.UnknownOutcomeError].
func (c *Client) CreateConnectionOnce(ctx context.Context, request ConnectionCreate) (connection *Connection, found bool, err error) {
	name := request.Settings.ConfigName.Or("")
	err = c.WhenNameIsFree(ctx, name, func() error {
		made, wasFound, err := c.creates.Create(ctx, createonce.Request[Connection]{
			Name:  name,
			Send:  func(ctx context.Context) (Connection, error) { return c.createUnlessLost(ctx, request) },
			Find:  func(ctx context.Context, since time.Time) ([]Connection, error) { return c.findSince(ctx, name, since) },
			Match: request.match,
		})
		if err == nil {
			connection, found = &made, wasFound
		}
		return err
	})
	return connection, found, err
}

// createUnlessLost sends a create, and sends it again where its answer is lost and no
// connection has the name: names are unique, so that cannot make two. If a repeated
// one is refused, the error is a [createonce.LaterError]: whoever has the name now
// took it after the first was lost.
func (c *Client) createUnlessLost(ctx context.Context, request ConnectionCreate) (none Connection, lost error) {
	started := c.now()
	for tries := 1; ; tries++ {
		answer, err := c.CreateConnection(ctx, request)
		switch {
		case err == nil:
			return *answer, nil
		case httpclient.IsOutcomeUnknown(err):
			lost = err // those before made nothing: the name was free
		case lost == nil:
			return none, err
		default:
			return none, &createonce.LaterError{Err: lost}
		}
		if tries == maxCreateTries {
			return none, lost
		}
		others, err := c.findSince(ctx, request.Settings.ConfigName.Or(""), started)
		if err != nil || len(others) > 0 || httpclient.Sleep(ctx, c.http.Backoff(tries)) != nil {
			return none, lost
		}
	}
}

// findSince returns the connection with a name, if there is one that was created
// since, or in the day before: that costs no further request, and an error can name
// it.
func (c *Client) findSince(ctx context.Context, name string, since time.Time) ([]Connection, error) {
	recent := *c
	recent.createdAfter = since.Add(-24 * time.Hour)
	found, err := recent.FindConnection(ctx, name)
	if found == nil {
		return nil, err
	}
	return []Connection{*found}, nil
}

// SendCredentials sends what the service never returns of a connection that was
// found: its password, and its ssl settings. It waits for a job that holds the
// connection, as long as the context lasts.
func (c *Client) SendCredentials(ctx context.Context, id string, request ConnectionCreate) error {
	return WhileJobRuns(ctx, func() error {
		_, err := c.UpdateConnection(ctx, id, ConnectionUpdate{Password: &request.Password, SSL: request.SSL})
		return err
	})
}

func (c *Client) newCreates() *createonce.Collection[Connection] {
	return createonce.New(createonce.Options[Connection]{
		ID:         func(c Connection) string { return c.ID },
		CreatedAt:  func(c Connection) (time.Time, bool) { return c.CreatedAt.Get() },
		NamesOlder: true,
		Alike:      "of the same name",
		Wrote:      c.wrote,
		Now:        c.now,
		ServerTime: c.http.ServerTime,
	})
}

// match compares a connection with what was sent.
func (r ConnectionCreate) match(c Connection) createonce.Match {
	const different = createonce.Similar // it has the name nevertheless
	switch {
	case c.Problem != nil,
		c.ProductName.Or("") != NormalizeProductName(r.ProductName),
		(r.SSL != nil) != isKnown(c.SSLMode), r.SSL != nil && c.SSLMode.Or("") != r.SSL.Mode:
		return different
	}
	// The server leaves out what is empty, and a host's case means nothing.
	sent := r.Settings.withoutNulls()
	returned := c.ConnectionSettings
	if strings.EqualFold(sent.Host.Or(""), returned.Host.Or("")) {
		returned.Host = sent.Host
	}
	if sent.Schema.Or("") == "" && returned.Schema.Or("") == "" {
		returned.Schema = sent.Schema
	}
	if len(sent.Metadata.Or(nil)) == 0 && len(returned.Metadata.Or(nil)) == 0 {
		returned.Metadata = sent.Metadata
	}
	if createonce.Compare(sent, returned, func(string, any, any) bool { return false }) != createonce.Same {
		return different
	}
	return createonce.Same
}
