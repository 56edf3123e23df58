// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package reporter_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

const connectionsPath = "/v1/management/connections"

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is the time of a server and its client.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock {
	return &clock{at: time.Date(2026, 3, 31, 23, 30, 0, 0, time.UTC)}
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// site is a server in memory and a client of it: it works in a bubble of
// testing/synctest too, where no wait takes time.
type site struct {
	*reportermock.Server
	*reporter.Client
	clock *clock
}

func start(t testing.TB, opts reportermock.Options, change ...func(*httpclient.Config)) site {
	t.Helper()
	c := newClock()
	opts.Now, opts.InMemory = c.now, true
	server := reportermock.Start(t, opts)
	config := httpConfig(server)
	config.Token = secret.New(server.Token())
	config.Now = c.now
	for _, f := range change {
		f(&config)
	}
	return site{server, reporter.NewClient(newHTTP(t, config), reporter.Options{Now: c.now}), c}
}

func httpConfig(server *reportermock.Server) httpclient.Config {
	return httpclient.Config{
		System: "Reporter", BaseURL: server.URL(), Dial: server.Dial, Describe: reporter.Describe, RequestTimeout: 20 * time.Second,
		MaxRetries: 2, MinBackoff: time.Millisecond, MaxBackoff: 2 * time.Millisecond,
	}
}

func newHTTP(t testing.TB, config httpclient.Config) *httpclient.Client {
	t.Helper()
	client, err := httpclient.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

func postgres(name string) reporter.ConnectionCreate {
	return reporter.ConnectionCreate{
		ProductName: "My-Product",
		Settings: reporter.ConnectionSettings{
			ConfigName:   nullable.Of(name),
			Type:         nullable.Of("POSTGRESQL"),
			Host:         nullable.Of("db.example.com"),
			Port:         nullable.Of[int64](5432),
			DatabaseName: nullable.Of("mydatabase"),
			UserName:     nullable.Of("dbuser"),
		},
		Password: secret.New("a-secret-password"),
	}
}

func (s site) create(t testing.TB, request reporter.ConnectionCreate) *reporter.Connection {
	t.Helper()
	created, err := s.CreateConnection(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	return created
}

// wantNoSecret fails if a text shows one of these.
func wantNoSecret(t testing.TB, value any, secrets ...string) {
	t.Helper()
	for _, text := range []string{fmt.Sprintf("%v", value), fmt.Sprintf("%+v", value), fmt.Sprintf("%#v", value)} {
		for _, s := range secrets {
			if strings.Contains(text, s) {
				t.Errorf("%q shows %q", text, s)
			}
		}
	}
}
