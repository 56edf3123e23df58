// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package httpclient

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestConnectionsAreKeptUntilClosed(t *testing.T) {
	t.Parallel()
	addresses := make(chan string, 4)
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		addresses <- r.RemoteAddr
		ok(w, r)
	})
	client := newTestClient(t, s.URL)
	connections := map[string]int{}
	for n := range 4 {
		if n == 2 {
			client.CloseIdleConnections()
		}
		if err := client.Do(t.Context(), get(), nil); err != nil {
			t.Fatal(err)
		}
		connections[<-addresses]++
	}
	if len(connections) != 2 {
		t.Errorf("connections and their requests: %v, want two with two each", connections)
	}
}

// As many connections are kept as there are requests at a time.
func TestEveryConnectionIsKept(t *testing.T) {
	t.Parallel()
	var turn atomic.Pointer[sync.WaitGroup] // of requests that have not come yet
	var opened atomic.Int64
	s := &server{}
	s.Server = httptest.NewUnstartedServer(s.handler(func(w http.ResponseWriter, r *http.Request) {
		turn.Load().Done()
		turn.Load().Wait()
		ok(w, r)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	client := newTestClient(t, s.URL)
	for range 2 {
		arrived, requests := &sync.WaitGroup{}, sync.WaitGroup{}
		arrived.Add(maxInFlight)
		turn.Store(arrived)
		for range maxInFlight {
			requests.Go(func() {
				if err := client.Do(t.Context(), get(), nil); err != nil {
					t.Error(err)
				}
			})
		}
		requests.Wait()
	}
	if n := opened.Load(); n != maxInFlight {
		t.Errorf("%d connections, want %d", n, maxInFlight)
	}
}

// Neither a secure connection that is not made nor one that nobody uses stays for good.
func TestConnectionsEndInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var ended atomic.Int64 // when the last connection did, a time.Duration
		began := time.Now()
		inMemory := func(answers string) func(*Config) {
			return func(c *Config) {
				c.MaxRetries = 0
				c.Dial = func(context.Context, string, string) (net.Conn, error) {
					here, there := net.Pipe()
					go func() {
						read := bufio.NewReader(there)
						for answers != "" {
							if _, err := http.ReadRequest(read); err != nil {
								break
							}
							_, _ = io.WriteString(there, answers)
						}
						_, _ = io.Copy(io.Discard, read)
						ended.Store(int64(time.Since(began)))
					}()
					return here, nil
				}
			}
		}
		client := newTestClient(t, "https://localhost", inMemory(""))
		if e := fail(t, t.Context(), client, get()); e.Kind != KindTimeout || time.Since(began) != 10*time.Second {
			t.Errorf("%v after %s", e, time.Since(began))
		}
		client = newTestClient(t, "http://localhost", inMemory("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"), func(c *Config) { c.RequestTimeout = 0 })
		for range 2 {
			if err := client.Do(t.Context(), get(), &answer{}); err != nil {
				t.Error(err)
			}
		}
		time.Sleep(2 * time.Minute)
		if d := time.Duration(ended.Load()); d != (10+90)*time.Second {
			t.Errorf("an idle connection ended after %s", d)
		}
		client = newTestClient(t, "http://localhost", inMemory("HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 1<<20)+"\r\nContent-Length: 2\r\n\r\n{}"))
		wantText(t, fail(t, t.Context(), client, get()).Error(), "header")
		dialed := time.Now()
		client = newTestClient(t, "http://localhost", func(c *Config) {
			c.MaxRetries, c.RequestTimeout = 0, 0
			c.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}
		})
		wantText(t, fail(t, t.Context(), client, get()).Error(), "no complete answer within 30s")
		if d := time.Since(dialed); d != 30*time.Second {
			t.Errorf("given up after %s", d)
		}
	})
}
