// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/omnitest"
)

// estate is what a walk of Terraform makes: connections, and environments of the
// first of them, ten operations at a time.
type estate struct {
	connections       int
	parallelism       int
	requestsPerMinute int           // 0 is no limit
	serverRefuses     bool          // what is beyond the limit
	spent             int           // requests of other processes, just before
	latency           time.Duration // of each answer
	core              time.Duration // what Terraform takes for each operation, one at a time
	unsteady          time.Duration // how much longer it takes for some, at most
}

// walk makes the estate and returns how many requests of each kind it took.
func (e estate) walk(t *testing.T) (requests map[string]int, took time.Duration) {
	t.Helper()
	requests = map[string]int{}
	options := omnimock.Options{InMemory: true, EnvironmentList: true, Latency: e.latency}
	if e.serverRefuses {
		options.RequestsPerMinute = e.requestsPerMinute
	}
	server := omnimock.Start(t, options)
	access := inventoryOf(t, server, func(c *httpclient.Config) {
		c.MaxRequestsPerMinute, c.MinBackoff, c.RequestTimeout = e.requestsPerMinute, 0, 0
	})
	for range e.spent {
		server.Admit(time.Now(), e.requestsPerMinute)
	}

	began := time.Now()
	slots, core := make(chan struct{}, e.parallelism), make(chan struct{}, 1)
	var walk sync.WaitGroup
	operation := func(i int, do func(ctx context.Context)) {
		slots <- struct{}{}
		defer func() { <-slots }()
		time.Sleep(e.unsteady * time.Duration(7*i%11) / 10)
		core <- struct{}{}
		time.Sleep(e.core)
		<-core
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		do(ctx)
	}
	ids := make([]string, e.connections)
	base := make(chan struct{})
	for i := range e.connections {
		walk.Go(func() {
			operation(i, func(ctx context.Context) { ids[i] = e.connect(ctx, t, access, i) })
			if i == 0 {
				close(base)
				return
			}
			<-base
			operation(i, func(ctx context.Context) { e.associate(ctx, t, access, ids[0], ids[i], i) })
		})
	}
	walk.Wait()
	took = time.Since(began)
	for _, r := range server.Requests() {
		if r.Status == http.StatusTooManyRequests {
			requests["refused"]++
		} else {
			requests[r.Method]++
		}
	}
	return requests, took
}

func (e estate) connect(ctx context.Context, t *testing.T, access *inventory.Inventory, i int) string {
	settings := omni.ConnectionSettings{
		Name: nullable.Of(fmt.Sprint("connection-", i)), Host: nullable.Of("db.example.com"),
		Port: nullable.Of[int64](5432), Database: nullable.Of("d"), Username: nullable.Of("u"),
	}
	id, _, err := access.CreateConnection(ctx, omni.ConnectionCreate{Dialect: "postgres", Settings: settings, Secrets: omni.ConnectionSecrets{Password: omnitest.SecretOf("a password")}})
	if err != nil {
		t.Error(err)
	}
	time.Sleep(time.Duration(i%3) * time.Millisecond) // what the resource does with the answer
	if _, err := access.WrittenConnection(ctx, id); err != nil {
		t.Error(err)
	}
	return id
}

func (e estate) associate(ctx context.Context, t *testing.T, access *inventory.Inventory, base, connection string, i int) {
	environment, _, err := access.CreateEnvironment(ctx, base, connection, differs)
	if err != nil {
		t.Error(err)
		return
	}
	if err := access.SetEnvironmentValues(ctx, base, environment.ID, []string{fmt.Sprint("value-", i)}, nil); err != nil {
		t.Error(err)
	}
}

// What the guide says of the two ways to run an apply is what the test below allows.
func TestGuideOfParallelism(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../../templates/guides/performance.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	const own = 100 + 99
	if want := fmt.Sprintf("Creating 100 connections and 99 environments at 60 requests a minute takes up to %d requests with the default and %d with `-parallelism=100`", own+sharedByTen, own+sharedByAll); !strings.Contains(string(guide), want) {
		t.Errorf("the guide does not say %q", want)
	}
}

// How many requests are shared at most where ten operations run at a time, and where
// all do.
const (
	sharedByTen = 30
	sharedByAll = 10
)

// A request is a second at Omni's limit, so what can be shared is: those who want to
// read what they wrote, or to associate environments, wait for each other, and one
// request serves all of them. What cannot be shared is the create of each connection
// and the values of each environment.
func TestRequestsOfAnApply(t *testing.T) {
	t.Parallel()
	const core = 10 * time.Millisecond
	for name, test := range map[string]struct {
		estate
		shared int // requests at most, beside one for each resource
	}{
		"at the limit":                            {estate{parallelism: 10, requestsPerMinute: 60, core: core}, sharedByTen},
		"at the limit, all at once":               {estate{parallelism: 100, requestsPerMinute: 60, core: core}, sharedByAll},
		"at a limit that a plan has begun to use": {estate{parallelism: 10, requestsPerMinute: 60, serverRefuses: true, spent: 3, core: 4 * core}, sharedByTen},
		"at a limit that is used up":              {estate{parallelism: 10, requestsPerMinute: 60, serverRefuses: true, spent: 60, core: core}, sharedByTen},
		"at a limit that is used up, all at once": {estate{parallelism: 100, requestsPerMinute: 60, serverRefuses: true, spent: 60, core: core}, sharedByAll},
		"at the limit, an unsteady Terraform":     {estate{parallelism: 10, requestsPerMinute: 60, core: core, unsteady: time.Second}, sharedByTen},
		"at the limit, a large state":             {estate{parallelism: 10, requestsPerMinute: 60, core: 10 * core}, sharedByTen},
		"at the limit, few at once":               {estate{parallelism: 4, requestsPerMinute: 60, core: core}, 70},
		"at the limit, one by one":                {estate{parallelism: 1, requestsPerMinute: 60, core: core}, 202},
		"without a limit":                         {estate{parallelism: 10, core: core}, 56},
		"without a limit, a slow Terraform":       {estate{parallelism: 10, core: 4 * core}, 56},
		"without a limit, a large state":          {estate{parallelism: 10, core: 10 * core}, 56},
		"without a limit, few at once":            {estate{parallelism: 4, core: core}, 75},
		"without a limit, one by one":             {estate{parallelism: 1, core: core}, 202},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				test.connections, test.latency = 100, 50*time.Millisecond
				requests, took := test.walk(t)
				shared := requests["GET"] + requests["POST"] - test.connections
				t.Logf("%v in %s", requests, took)
				if requests["PUT"] != test.connections-1 || shared < 2 || shared > test.shared {
					t.Errorf("%v: %d requests that are shared, want up to %d", requests, shared, test.shared)
				}
			})
		})
	}
}
