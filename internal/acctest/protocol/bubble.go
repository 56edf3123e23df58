// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package protocol

import (
	"context"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// Dialer is a server that listens in memory, or on a socket.
type Dialer interface {
	Dial(ctx context.Context, network, address string) (net.Conn, error)
}

// NewDialing starts a provider that reaches a server in memory, not configured yet.
func NewDialing(t testing.TB, s Dialer) *Provider {
	t.Helper()
	options := Options()
	options.Dial = s.Dial
	return New(t, options)
}

// InBubble runs a test on a clock of its own, that only waiting moves: a request that
// hangs takes no time, and a busy machine lets nothing time out. The clock begins
// later than the servers' first objects. A server in the bubble has to listen in memory.
func InBubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, time.November, 1, 12, 0, 0, 0, time.UTC)))
		test(t)
	})
}
