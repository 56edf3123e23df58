// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package livetest

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/live"
)

// announced is how many requests a run takes at most. Tests against the mock
// server hold it to that.
var announced = map[string]int64{live.Omni: 400, live.Reporter: 150}

// world is a server, behind a gate that keeps all the provider's processes
// together to its rate limit.
type world struct {
	name      string // of the subtest
	target    live.Target
	isCurrent bool   // it has what Omni's servers of 2026 have
	user      string // e-mail address of a user who may have values of an attribute made for it
	gate      *httptest.Server
	passed    atomic.Int64 // requests so far
}

// worlds are those servers of a system that a run is about.
func worlds(t *testing.T, system string) []*world {
	t.Helper()
	var all []*world
	if *useLive {
		for _, target := range named {
			if target.System == system {
				all = append(all, &world{name: "live", target: target, isCurrent: target.Version != live.Unstable, user: *liveUser})
			}
		}
		if len(all) == 0 {
			t.Skipf("no server of %s is named", system)
		}
		watchInterruption(t)
	} else {
		all = mocks(t, system)
	}
	for _, w := range all {
		w.open(t)
	}
	return all
}

// mockUser is a user of the mock server.
const mockUser = "live@example.com"

// mocks are mock servers in processes of their own.
func mocks(t *testing.T, system string) []*world {
	t.Helper()
	var all []*world
	for name, arguments := range map[string][]string{
		"current":     {"-environment-list", "-users", mockUser},
		"narrow-2026": {"-generation", "narrow-2026", "-environment-list=false", "-users", mockUser},
		"guide-2025":  {"-generation", "guide-2025"},
	} {
		if system == live.Reporter && name != "current" {
			continue
		}
		variables := acctest.ServeMock(t, append(arguments, "-system", system, "-any-database=false")...)
		targets, err := live.Targets(func(name string) string { return variables[name] })
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, &world{name: name, target: targets[0], isCurrent: name == "current", user: mockUser})
	}
	return all
}

// door is open while requests may pass. Who locks it waits for those under way,
// and no other ever passes.
var door sync.RWMutex

// open starts the gate.
func (w *world) open(t *testing.T) {
	t.Helper()
	origin, err := url.Parse(w.target.Origin)
	if err != nil {
		t.Fatal(err)
	}
	limiter := w.target.Limiter()
	proxy := &httputil.ReverseProxy{
		Rewrite:  func(r *httputil.ProxyRequest) { r.SetURL(origin) },
		ErrorLog: log.New(io.Discard, "", 0),
	}
	w.gate = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		door.RLock()
		defer door.RUnlock()
		w.passed.Add(1)
		if limiter.Wait(r.Context()) == nil {
			proxy.ServeHTTP(rw, r)
		}
	}))
	t.Cleanup(w.gate.Close)
}

// session begins a session with the built provider.
func (w *world) session(t *testing.T, settings ...string) *acctest.Session {
	t.Helper()
	acctest.RequireWriteOnly(t)
	prefix := map[string]string{live.Omni: "OMNI_", live.Reporter: "REPORTER_"}[w.target.System]
	settings = append(settings, "DATACONN_REQUEST_TIMEOUT=5m", prefix+"BASE_URL="+w.gate.URL, prefix+"MAX_REQUESTS_PER_MINUTE=100000")
	switch {
	case w.target.System == live.Omni:
		settings = append(settings, "OMNI_API_TOKEN="+w.target.Token, "OMNI_API_VERSION="+w.target.Version)
	case shell["REPORTER_CLIENT_ID"] != "":
		for _, name := range []string{"REPORTER_AUTH_URL", "REPORTER_CLIENT_ID", "REPORTER_CLIENT_SECRET"} {
			settings = append(settings, name+"="+shell[name])
		}
	default:
		settings = append(settings, "REPORTER_TOKEN="+w.target.Token)
	}
	return acctest.NewBuiltSession(t, append(settings, "REPORTER_PRODUCT_NAME="+w.target.Product)...)
}

// run runs tests in each world of a system, and looks for what they left.
func run(t *testing.T, system string, tests map[string]func(*testing.T, *world)) {
	t.Helper()
	for _, w := range worlds(t, system) {
		t.Run(w.name, func(t *testing.T) {
			for name, test := range tests {
				t.Run(name, func(t *testing.T) { test(t, w) })
			}
			w.closes(t)
		})
	}
}

// closes checks that nothing is left, and that the run took no more requests than
// it had announced.
func (w *world) closes(t *testing.T) {
	t.Helper()
	if most := announced[w.target.System]; w.passed.Load() > most {
		t.Errorf("%d requests were sent, and %d announced", w.passed.Load(), most)
	}
	t.Logf("%d requests", w.passed.Load())
	leftovers, err := leftoversOf(t.Context(), w.target)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range leftovers {
		if w.target.Version != live.Unstable { // which has no DELETE of connections
			t.Errorf("left on the server: %s", l)
		}
	}
}
