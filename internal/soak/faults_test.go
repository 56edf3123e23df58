// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package soak_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// route is a call that can fail.
type route struct{ method, path string }

// routes returns the calls that are worth failing: those that the next apply is
// to make, as far as can be foreseen, and a few reads.
func (w *world) routes() []route {
	all := []route{
		{http.MethodGet, "/api/v1/connections"},
		{http.MethodGet, "/api/v1/connections/*"},
		{http.MethodGet, "/api/v1/connection-environments"},
		{http.MethodGet, "/v1/management/connections"},
		{http.MethodGet, "/v1/management/connections/*"},
		{http.MethodPost, "/v1/login/oauth/access_token"},
	}
	for _, e := range w.entries {
		known := e.resource.Exists() && slices.Contains(e.kind.onServer(w), e.kind.id(e.resource))
		switch {
		case e.config == nil, e.replace:
			all = append(all, e.kind.deletion, e.kind.deletion)
		case !known:
			all = append(all, e.kind.creation...)
		case e.changed:
			all = append(all, e.kind.update, e.kind.update)
		}
	}
	return all
}

// failure is a way for a call to fail. In a failure that is after the fact, the
// server did what it was asked.
type failure struct {
	name  string
	fault fault.Fault
	after bool
}

func failures() []failure {
	answer := func(status int, text string) fault.Fault {
		return fault.Answer(status, fmt.Sprintf(`{"detail":%q,"status":%d,"message":%[1]q,"title":"failed"}`, text, status))
	}
	both := map[string]fault.Fault{
		"reset":            {Reset: true},
		"500":              fault.InternalError(),
		"502 HTML":         fault.BadGateway(),
		"503":              answer(503, "Service Unavailable"),
		"another shape":    fault.WrongShape(),
		"success is false": fault.NoSuccess(),
		"empty":            fault.EmptyBody(),
		"a login page":     fault.NotJSON(),
		"hang":             {Hang: true},
	}
	var all []failure
	for _, name := range []string{"reset", "500", "502 HTML", "503", "another shape", "success is false", "empty", "a login page", "hang"} {
		all = append(all, failure{name, both[name], false}, failure{name + ", applied", both[name].Applied(), true})
	}
	return append(
		all,
		failure{"cut off", fault.Fault{Truncate: true}, true},
		failure{"429", fault.RateLimited(), false},
		failure{"401", answer(401, "Unauthorized: Missing or invalid API key"), false},
		failure{"403", answer(403, "Permission denied"), false},
		failure{"404 HTML", fault.Fault{Status: 404, Header: http.Header{"Content-Type": {"text/html"}}, Body: "<html><title>No such page</title></html>"}, false},
		failure{"409", answer(409, "Conflict"), false},
		failure{"413", answer(413, "Payload Too Large"), false},
		failure{"a job runs", reportermock.JobRunning(), false},
	)
}

// setFaults arms the servers with a few failures, and now and then with a
// stranger who makes the like of what is lost.
func (w *world) setFaults() {
	for _, e := range w.entries {
		if e.kind.name == "connection" && e.config["host"] != nil && !e.resource.Exists() && w.chance(15) {
			w.note("a stranger makes another %v", e.config["name"])
			w.omni.Faults().Add(fault.Fault{Reset: true, Hook: w.stranger(e)}.On(http.MethodPost, w.omniPath("connections")))
			w.figures.faults++
			break
		}
	}
	for range 1 + w.random.IntN(5) {
		r, f := pick(w, w.routes()), pick(w, failures())
		if r.method == http.MethodGet && f.after {
			continue // a read does nothing that could be lost
		}
		skip, times := max(0, w.random.IntN(4)-2), 1+w.random.IntN(3)
		w.note("fault: %s %s: %s, %d times after %d", r.method, r.path, f.name, times, skip)
		w.script(r.path).Add(f.fault.On(r.method, w.onServer(r.path)).After(skip).Repeat(times))
		w.figures.faults++
	}
}

func (w *world) script(path string) *fault.Script {
	if strings.HasPrefix(path, "/api/") {
		return w.omni.Faults()
	}
	return w.reporter.Faults()
}

// omniPath is a path of Omni's API, as the generation has it.
func (w *world) omniPath(path string) string {
	if w.age == omnimock.Guide2025 {
		return "/api/unstable/" + path
	}
	return "/api/v1/" + path
}

func (w *world) onServer(path string) string {
	if rest, ok := strings.CutPrefix(path, "/api/v1/"); ok {
		return w.omniPath(rest)
	}
	return path
}

// disarm takes back what has not struck.
func (w *world) disarm() {
	w.figures.hit += w.omni.Faults().Fired() + w.reporter.Faults().Fired()
	w.omni.Faults().Clear()
	w.reporter.Faults().Clear()
}
