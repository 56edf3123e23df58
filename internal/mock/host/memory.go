// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package host

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"syscall"
)

// ListenInMemory serves without a socket until the test ends, to clients whose
// connections [Host.Dial] makes; again after Refuse. In a bubble of testing/synctest the time of a server
// that listens on a socket stands still.
func (h *Host) ListenInMemory(tb TB) {
	if h.http != nil {
		h.http.Close()
	}
	h.memory = &memory{accept: make(chan net.Conn), closed: make(chan struct{})}
	h.http = &httptest.Server{Listener: h.memory, Config: &http.Server{Handler: h}} //nolint:gosec // its clients are tests
	h.http.Start()
	tb.Cleanup(h.Close)
}

// Dial connects to a server that listens in memory, and to any other address by the
// network.
func (h *Host) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	if h.memory == nil || address != (memoryAddr{}).String() {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	return h.memory.dial(ctx)
}

// memory is a listener whose connections are pipes.
type memory struct {
	accept chan net.Conn
	closed chan struct{}
	close  sync.Once
}

func (m *memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.accept:
		return c, nil
	case <-m.closed:
		return nil, net.ErrClosed
	}
}

func (m *memory) Close() error {
	m.close.Do(func() { close(m.closed) })
	return nil
}

func (m *memory) Addr() net.Addr { return memoryAddr{} }

func (m *memory) dial(ctx context.Context) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case m.accept <- server:
		return client, nil
	case <-m.closed:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: m.Addr(), Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// memoryAddr is the address in the URL of a server without a socket: one that no
// proxy of the environment is asked for.
type memoryAddr struct{}

func (memoryAddr) Network() string { return "memory" }
func (memoryAddr) String() string  { return "127.0.0.1:1" }
