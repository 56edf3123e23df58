// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package httpclient

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/host"
	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

const token = "tok_0123456789abcdef"

// proxy is the one that TestMain sets: it answers plain requests itself, and
// leads every tunnel to one server.
type proxy struct {
	*httptest.Server
	secure  *httptest.Server   // at the end of every tunnel; its certificate is that of example.com
	tunnels chan *http.Request // what asked for one
}

var theProxy = &proxy{tunnels: make(chan *http.Request, 10)}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.Host, "locked.") {
		w.WriteHeader(http.StatusProxyAuthRequired)
		return
	}
	if r.Method != http.MethodConnect {
		_, _ = fmt.Fprintf(w, `{"value":"proxied %s"}`, r.URL)
		return
	}
	p.tunnels <- r
	server, err := net.Dial("tcp", p.secure.Listener.Addr().String())
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusOK)
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	var group sync.WaitGroup
	pipe := func(to io.Writer, from io.Reader) {
		_, _ = io.Copy(to, from)
		_ = client.Close()
		_ = server.Close()
	}
	group.Go(func() { pipe(client, server) })
	group.Go(func() { pipe(server, buffered) }) // the client's first words may have been read already
	group.Wait()
}

// TestMain sets a proxy for every host but this machine, before net/http reads
// the environment, once and for all.
func TestMain(m *testing.M) {
	theProxy.Server = httptest.NewServer(theProxy)
	theProxy.secure = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, `{"value":"%s %s"}`, r.Host, r.Header.Get("Authorization"))
	}))
	for name, value := range map[string]string{"HTTP_PROXY": theProxy.URL, "HTTPS_PROXY": theProxy.URL, "NO_PROXY": "no-such-host.invalid"} {
		_ = os.Setenv(name, value)
		_ = os.Unsetenv(strings.ToLower(name))
	}
	code := m.Run()
	theProxy.Close()
	theProxy.secure.Close()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// answer is the body that test servers send by default.
type answer struct {
	Value string `json:"value"`
}

func newTestClient(t testing.TB, url string, change ...func(*Config)) *Client {
	t.Helper()
	config := Config{
		System:         "Test",
		BaseURL:        url,
		Token:          secret.New(token),
		UserAgent:      "test/1",
		RequestTimeout: 20 * time.Second,
		MaxRetries:     3,
		MinBackoff:     time.Millisecond,
		MaxBackoff:     4 * time.Millisecond,
	}
	for _, f := range change {
		f(&config)
	}
	client, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// server counts requests and answers the nth with the nth handler; the last one
// answers the rest too.
type server struct {
	*httptest.Server
	requests atomic.Int64
	inMemory func(*Config) // of a client of a server in memory
}

func newServer(t testing.TB, handlers ...http.HandlerFunc) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewServer(s.handler(handlers...))
	t.Cleanup(s.Close)
	return s
}

// newServerInMemory is as newServer, for a bubble of testing/synctest.
func newServerInMemory(t testing.TB, handlers ...http.HandlerFunc) *server {
	t.Helper()
	s := &server{}
	h := host.New(s.handler(handlers...).ServeHTTP, 0)
	h.ListenInMemory(t)
	s.Server, s.inMemory = &httptest.Server{URL: h.URL()}, func(c *Config) { c.Dial = h.Dial }
	return s
}

func (s *server) handler(handlers ...http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := int(s.requests.Add(1))
		handlers[min(n, len(handlers))-1](w, r)
	})
}

func (s *server) expect(t testing.TB, want int64) {
	t.Helper()
	if got := s.requests.Load(); got != want {
		t.Errorf("server saw %d requests, want %d", got, want)
	}
}

func ok(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"value":"ok"}`)) }

// reply answers with a status, a body, and headers in pairs.
func reply(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// reset breaks the connection without an answer.
func reset(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// truncated announces more than it sends.
func truncated(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"value":"o`))
	}
}

// hang waits until the client gives up.
func hang(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // until then the server does not notice
	<-r.Context().Done()
}

// quiet drops what a server logs about clients that turn away.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

func get(path ...string) Request { return Request{Method: http.MethodGet, Path: path} }
func post(path ...string) Request {
	return Request{Method: http.MethodPost, Path: path, Body: answer{"x"}}
}

// fail runs a request that must fail and returns its error.
func fail(t testing.TB, ctx context.Context, client *Client, r Request) *Error { //nolint:revive // t first, as in every helper
	t.Helper()
	var out answer
	err := client.Do(ctx, r, &out)
	e, isError := AsError(err)
	if !isError {
		t.Fatalf("Do() error = %v, want an *Error", err)
	}
	if text := fmt.Sprintf("%v %+v", e, *e); strings.Contains(text, token) {
		t.Errorf("the error shows the token: %s", text)
	}
	return e
}

func wantKind(t testing.TB, e *Error, want Kind) {
	t.Helper()
	if e.Kind != want {
		t.Errorf("kind = %d, want %d: %v", e.Kind, want, e)
	}
}

func wantText(t testing.TB, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q does not contain %q", text, part)
		}
	}
}

// logbook collects log lines.
type logbook struct {
	mu    sync.Mutex
	lines []map[string]any
}

func (l *logbook) log(_ context.Context, message string, fields map[string]any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fields["message"] = message
	l.lines = append(l.lines, fields)
}
