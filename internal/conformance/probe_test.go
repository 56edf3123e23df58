// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/live"
)

// probed returns a probe of a server that answers these routes, such as "POST
// connections", and 400 to any other; and what was sent to it.
func probed(t *testing.T, target live.Target, routes map[string]http.HandlerFunc) (p *Probe, sent *[]string) {
	t.Helper()
	sent = &[]string{}
	listening := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		route := r.Method + " " + strings.TrimPrefix(r.URL.Path, target.Prefix())
		*sent = append(*sent, route)
		if answer := routes[route]; answer != nil {
			answer(w, r)
			return
		}
		answering(http.StatusBadRequest, `{"detail":"Refused"}`)(w, r)
	}))
	t.Cleanup(listening.Close)
	target.Origin, target.PerMinute = listening.URL, 1_000_000
	server, err := live.Connect(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return &Probe{ctx: t.Context(), server: server, scrub: func(text string) string { return text }, left: &[]string{}}, sent
}

func answering(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

var (
	omniV1   = live.Target{System: live.Omni, Version: "v1"}
	omniOld  = live.Target{System: live.Omni, Version: live.Unstable}
	reporter = live.Target{System: live.Reporter}
)

// A point whose beginning is refused was not asked, and says what was refused.
func TestProbesThatCannotBegin(t *testing.T) {
	t.Parallel()
	nameless := map[string]http.HandlerFunc{"POST connections": answering(http.StatusCreated, `{}`)}
	made := map[string]http.HandlerFunc{
		"POST connections":     answering(http.StatusCreated, `{"data":"1"}`),
		"DELETE connections/1": answering(http.StatusOK, ""),
	}
	for name, c := range map[string]struct {
		target live.Target
		routes map[string]http.HandlerFunc
		begin  func(*Probe) string
		reason string
		sent   []string
	}{
		"connection":               {omniV1, nil, func(p *Probe) string { return p.connection(nil) }, "no connection could be made: 400 Refused", []string{"POST connections"}},
		"connection without an id": {omniV1, nameless, func(p *Probe) string { return p.connection(nil) }, "no connection could be made: 201", []string{"POST connections"}},
		"connection of a product":  {reporter, nil, func(p *Probe) string { return p.ofProduct(nil) }, "no connection could be made: 400 Refused", []string{"POST connections"}},
		"environment":              {omniV1, nil, func(p *Probe) string { return p.associate("1", "2") }, "no environment could be made: 400 Refused", []string{"POST connection-environments"}},
		"schema model":             {omniV1, made, (*Probe).modelled, "no schema model could be registered: 400 Refused", []string{"POST connections", "POST models", "DELETE connections/1"}},
		"repository":               {omniV1, made, (*Probe).withDBT, "no repository could be configured: 400 Refused", []string{"POST connections", "PUT connections/1/dbt", "DELETE connections/1"}},
		"user attribute": {omniV1, nil, func(p *Probe) string {
			name, _ := p.newAttribute()
			return name
		}, "no user attribute could be made: 400 Refused", []string{"POST user-attributes"}},
		"user": {omniV1, nil, (*Probe).theUser, "it needs -user, the e-mail address of a user whose attributes may be set and cleared", nil},
	} {
		p, sent := probed(t, c.target, c.routes)
		if answer, reason := p.run(c.begin); answer != "" || reason != c.reason || !slices.Equal(*sent, c.sent) || len(*p.left) > 0 {
			t.Errorf("%s: %q, %q after %q, left %q", name, answer, reason, *sent, *p.left)
		}
	}
}

// A request that a server may not be sent, or that does not reach it, ends a probe.
func TestProbesWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	p, sent := probed(t, omniV1, nil)
	p.server.ReadOnly = true
	write := func(p *Probe) string { return said(p.post("connections", nil)) }
	if answer, reason := p.run(write); answer != "" || reason != "it needs a write" || len(*sent) > 0 {
		t.Errorf("%q, %q", answer, reason)
	}
	p.server.ReadOnly, p.server.Origin = false, "http://\x7f"
	if answer, reason := p.run(write); answer != "" || !strings.HasPrefix(reason, "POST connections: ") || !strings.Contains(reason, "invalid control character") {
		t.Errorf("%q, %q", answer, reason)
	}
	if p.delete("connections/1"); len(*p.left) != 1 || !strings.HasPrefix((*p.left)[0], "connections/1 (0, ") {
		t.Errorf("left %q", *p.left)
	}
}

// After a change that was refused, the connection is not looked at.
func TestProbeOfAChange(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{http.StatusOK: "200, then v", http.StatusMultipleChoices: "300", http.StatusConflict: "409 Refused"} {
		p, _ := probed(t, reporter, map[string]http.HandlerFunc{
			"POST connections":     answering(http.StatusCreated, `{"id":"1"}`),
			"PATCH connections/1":  answering(status, `{"detail":"Refused"}`),
			"GET connections/1":    answering(http.StatusOK, `{"key":"v"}`),
			"DELETE connections/1": answering(http.StatusNoContent, ""),
		})
		if answer, reason := p.run(updated(nil, object{}, "key")); answer != want || reason != "" {
			t.Errorf("%d: %q, %q", status, answer, reason)
		}
	}
}

// What is gone is not left; a server of the 2025 guide says 404 of what it cannot delete.
func TestWhatIsLeft(t *testing.T) {
	t.Parallel()
	for _, target := range []live.Target{omniV1, omniOld, reporter} {
		for status, isGone := range map[int]bool{200: true, 204: true, 410: true, 404: target != omniOld, 300: false, 403: false, 500: false} {
			p, _ := probed(t, target, map[string]http.HandlerFunc{"DELETE connections/1": answering(status, "")})
			if p.delete("connections/1"); (len(*p.left) == 0) != isGone {
				t.Errorf("%v, %d: left %q", target, status, *p.left)
			}
		}
	}
}

// The id of a user attribute is in the answer to its creation, in one of several
// places, or in the list; and by it the attribute is deleted again.
func TestIDOfANewUserAttribute(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`{"id":"1","record":{"id":"2"},"userAttribute":{"id":"3"}}`: "1",
		`{"record":{"id":"2"},"userAttribute":{"id":"3"}}`:          "2",
		`{"userAttribute":{"id":"3"}}`:                              "3",
		`{}`:                                                        "4", // that of the list
	} {
		var created struct{ Name string }
		p, sent := probed(t, omniV1, map[string]http.HandlerFunc{
			"POST user-attributes": func(w http.ResponseWriter, r *http.Request) {
				if err := json.NewDecoder(r.Body).Decode(&created); err != nil {
					t.Error(err)
				}
				answering(http.StatusCreated, answer)(w, r)
			},
			"GET user-attributes": func(w http.ResponseWriter, r *http.Request) {
				answering(http.StatusOK, fmt.Sprintf(`{"records":[{"name":"other","id":"5"},{"name":%q,"id":"4"},{"name":"another","id":"6"},"odd"]}`, created.Name))(w, r)
			},
			"DELETE user-attributes/" + want: answering(http.StatusNoContent, ""),
		})
		made, reason := p.run(func(p *Probe) string {
			name, id := p.newAttribute()
			return name + " " + id
		})
		requests := []string{"POST user-attributes", "DELETE user-attributes/" + want}
		if answer == "{}" {
			requests = slices.Insert(requests, 1, "GET user-attributes")
		}
		if made != created.Name+" "+want || reason != "" || !slices.Equal(*sent, requests) || len(*p.left) > 0 {
			t.Errorf("%s: %q, %q after %q", answer, made, reason, *sent)
		}
	}
}

// What a point says of servers that are unlike the mocks.
func TestAnswersOfOtherServers(t *testing.T) {
	t.Parallel()
	isLimited := true
	for _, c := range []struct {
		id     string
		routes map[string]http.HandlerFunc
		want   string
	}{
		{"omni/dbt/keys-by-app", map[string]http.HandlerFunc{
			"POST connections":      answering(http.StatusCreated, `{"data":"1"}`),
			"PUT connections/1/dbt": answering(http.StatusOK, `{}`),
			"GET connections/1/dbt": answering(http.StatusOK, `{"commitSigningPublicKey":"ssh-ed25519 A"}`),
		}, "text"},
		{"omni/connection/foreign-patch", map[string]http.HandlerFunc{
			"POST connections":    answering(http.StatusCreated, `{"data":"1"}`),
			"PATCH connections/1": answering(http.StatusOK, `{}`),
			"GET connections/1":   answering(http.StatusOK, `{"connection":{"id":"1"}}`),
		}, "200, not shown"},
		{"omni/connection/password-empty", map[string]http.HandlerFunc{
			"POST connections":    answering(http.StatusCreated, `{"data":"1"}`),
			"PATCH connections/1": answering(http.StatusOK, `{}`),
		}, "200"},
		{"omni/answer/limit-headers", map[string]http.HandlerFunc{
			"GET connections": func(w http.ResponseWriter, _ *http.Request) {
				if isLimited {
					w.Header().Set("Retry-After", "0")
					w.WriteHeader(http.StatusTooManyRequests)
				}
				isLimited = false
			},
		}, "Retry-After"},
		{"omni/answer/limit-headers", map[string]http.HandlerFunc{
			"GET connections": func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-RateLimit-Limit", "60")
				w.Header().Set("X-RateLimit-Remaining", "59")
				w.Header().Set("Retry-After", "1")
				w.Header().Set("X-Request-Id", "7")
			},
		}, "Retry-After X-Ratelimit-Limit X-Ratelimit-Remaining"},
		{"omni/user-attribute/groups-multiple", map[string]http.HandlerFunc{
			"GET user-attributes": answering(http.StatusOK, `{"records":[{"name":"a","system":true,"multiple_values":true},{"name":"b","system":true,"multiple_values":false},
				{"name":"c","system":false,"multiple_values":true},{"name":"d","system":true,"multiple_values":true}]}`),
		}, "a d"},
	} {
		at := slices.IndexFunc(Points(), func(p Point) bool { return p.ID == c.id })
		if at < 0 {
			t.Fatalf("there is no %s", c.id)
		}
		p, _ := probed(t, omniV1, c.routes)
		if answer, reason := p.run(Points()[at].Probe); answer != c.want || reason != "" {
			t.Errorf("%s: %q, %q, want %q", c.id, answer, reason, c.want)
		}
	}
}

// What was not made is not deleted, whatever an error's answer has in it.
func TestRefusedCreateLeavesNothing(t *testing.T) {
	t.Parallel()
	p, sent := probed(t, omniV1, map[string]http.HandlerFunc{"POST connections": answering(http.StatusMultipleChoices, `{"id":"1"}`)})
	answer, reason := p.run(func(p *Probe) string { return said(p.post("connections", object{})) })
	if answer != "300" || reason != "" || !slices.Equal(*sent, []string{"POST connections"}) {
		t.Errorf("%q, %q after %q", answer, reason, *sent)
	}
}

// A server that ignores the filter does not have a stranger's attributes set.
func TestTheUserIsTheNamedOne(t *testing.T) {
	t.Parallel()
	p, _ := probed(t, omniV1, map[string]http.HandlerFunc{
		"GET " + scimUsers: answering(http.StatusOK, `{"Resources":[{"id":"1","userName":"bob@example.com"},{"id":"2","userName":"Ada@example.com"}]}`),
	})
	for user, want := range map[string][2]string{"ada@example.com": {scimUsers + "/2", ""}, "eve@example.com": {"", "the user was not found: 200"}} {
		p.user = user
		if path, reason := p.run((*Probe).theUser); path != want[0] || reason != want[1] {
			t.Errorf("%s: %q, %q", user, path, reason)
		}
	}
}
