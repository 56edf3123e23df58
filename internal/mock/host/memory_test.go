// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package host

import (
	"context"
	"errors"
	"net"
	"testing"
)

// Who connects to a server that accepts nobody waits for as long as the context lasts.
func TestDialThatNobodyAccepts(t *testing.T) {
	t.Parallel()
	m := &memory{accept: make(chan net.Conn), closed: make(chan struct{})}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if m.Addr().Network() != "memory" {
		t.Error(m.Addr().Network())
	}
	if c, err := m.dial(ended); c != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", c, err)
	}
}
