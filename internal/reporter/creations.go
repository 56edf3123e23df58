// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
)

const (
	// searchTimeout bounds the search for a connection whose creation may or may
	// not have happened. It also runs when the user has cancelled.
	searchTimeout = 45 * time.Second
	// clockSkew is how far the server's clock may be from ours when a creation
	// time is used to tell a new connection from an old one.
	clockSkew = 2 * time.Minute
)

// CreateConnectionOnce makes a connection, and never two. When the answer is
// lost, the connection of that name is looked for: one that was created since
// the request, for the same product and with every setting that was sent, and
// that no other call returned, is ours. Otherwise the error is an [httpclient.UnknownOutcomeError].
func (c *Client) CreateConnectionOnce(ctx context.Context, request ConnectionCreate) (*Connection, error) {
	started := c.now()
	connection, err := c.CreateConnection(ctx, request)
	if err == nil {
		c.made.Store(connection.ID, true)
	}
	if !httpclient.IsOutcomeUnknown(err) {
		return connection, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), searchTimeout)
	defer cancel()
	recent := *c
	// The day before costs no request more, and the error can name an older one
	// of that name.
	recent.createdAfter = started.Add(-24 * time.Hour)
	found, findErr := recent.FindConnection(ctx, request.Settings.ConfigName.Or(""))
	if findErr != nil {
		return nil, &httpclient.UnknownOutcomeError{Err: err, Found: "looking for it failed too: " + findErr.Error()}
	}
	var candidates []string
	provable := false
	if found != nil {
		candidates = []string{found.ID}
		if provable = found.isOf(request, started); provable {
			_, known := c.made.LoadOrStore(found.ID, true)
			provable = !known
		}
	}
	if _, err := httpclient.OnlyCandidate(candidates, provable, err); err != nil {
		return nil, err
	}
	return found, nil
}

// isOf reports whether a connection is what the request asked for.
func (c *Connection) isOf(request ConnectionCreate, started time.Time) bool {
	created, ok := c.CreatedAt.Get()
	if !ok || created.Before(started.Add(-clockSkew)) || c.Problem != nil {
		return false
	}
	if c.ProductName.Or("") != NormalizeProductName(request.ProductName) {
		return false
	}
	if wants := request.SSL != nil; wants != !c.SSLMode.IsZero() || wants && c.SSLMode.Or("") != request.SSL.Mode {
		return false
	}
	sent, got := fields(request.Settings.withoutNulls()), fields(c.ConnectionSettings)
	for key, want := range sent {
		have, returned := got[key]
		// The server leaves out what is empty.
		if returned && !reflect.DeepEqual(want, have) {
			return false
		}
	}
	return true
}

func fields(settings ConnectionSettings) map[string]any {
	encoded, err := json.Marshal(settings)
	if err != nil {
		panic(fmt.Sprintf("connection settings always encode: %v", err))
	}
	var m map[string]any
	if err := json.Unmarshal(encoded, &m); err != nil {
		panic(fmt.Sprintf("connection settings always decode: %v", err))
	}
	return m
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
