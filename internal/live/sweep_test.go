// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// answers are those of a server by path.
func answers(t *testing.T, system string, byPath map[string]http.HandlerFunc) *Server {
	t.Helper()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if answer := byPath[r.URL.Path]; answer != nil {
			answer(w, r)
			return
		}
		w.WriteHeader(http.StatusNotFound)
	})
	server.System = system
	return server
}

func body(status int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
}

// Whatever is no list says nothing about what was left.
func TestLeftoversOfNoList(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"a login page": body(http.StatusOK, "<html>Sign in</html>"), "another object": body(http.StatusOK, `{"records":[]}`),
		"not found": body(http.StatusNotFound, `{}`), "forbidden": body(http.StatusForbidden, `{"connections":[]}`),
	} {
		for system, path := range map[string]string{Omni: "/api/v1/connections", Reporter: "/v1/management/connections"} {
			if found, err := answers(t, system, map[string]http.HandlerFunc{path: answer}).Leftovers(t.Context()); err == nil || len(found) > 0 {
				t.Errorf("%s, %s: %v, %v", system, name, found, err)
			}
		}
	}
}

// A list that is refused is said, and does not hide what the others show; one that
// a server lacks is none.
func TestLeftoversOfRefusedLists(t *testing.T) {
	t.Parallel()
	name := NewName()
	lists := map[string]http.HandlerFunc{"/api/v1/connections": body(http.StatusOK, fmt.Sprintf(`{"connections":[{"id":"1","name":%q,"dialect":"d"}]}`, name))}
	found, err := answers(t, Omni, lists).Leftovers(t.Context())
	if err != nil || len(found) != 1 {
		t.Errorf("%v, %v", found, err)
	}
	lists["/api/v1/user-attributes"] = body(http.StatusForbidden, `{"detail":"Permission denied"}`)
	found, err = answers(t, Omni, lists).Leftovers(t.Context())
	if err == nil || !strings.Contains(err.Error(), "user-attributes: it answered 403") || len(found) != 1 {
		t.Errorf("%v, %v", found, err)
	}
}

// An operator may allow small pages only.
func TestLeftoversInSmallPages(t *testing.T) {
	t.Parallel()
	name := NewName()
	pages := map[string]string{"1": "theirs", "2": name}
	server := answers(t, Reporter, map[string]http.HandlerFunc{"/v1/management/connections": func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		switch item, ok := pages[query.Get("page")]; {
		case query.Get("limit") != "2":
			body(http.StatusBadRequest, `{"code":"FET-0406"}`)(w, r)
		case ok:
			body(http.StatusOK, fmt.Sprintf(`{"items":[{"id":"1","configName":%q}]}`, item))(w, r)
		default:
			body(http.StatusOK, `{"items":[]}`)(w, r)
		}
	}})
	found, err := server.Leftovers(t.Context())
	if want := fmt.Sprintf("[connection %s (connections/1)]", name); err != nil || fmt.Sprint(found) != want {
		t.Errorf("%v, %v", found, err)
	}
}

// A list that could not be asked for is that error, whichever list it is.
func TestLeftoversWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	name := NewName()
	for path, kept := range map[string]int{"/api/v1/connections": 0, "/api/v1/connection-environments": 1, "/api/v1/user-attributes": 1, "/v1/management/connections": 0} {
		system := Omni
		if strings.HasPrefix(path, "/v1") {
			system = Reporter
		}
		server := answers(t, system, map[string]http.HandlerFunc{"/api/v1/connections": body(http.StatusOK, fmt.Sprintf(`{"connections":[{"id":"1","name":%q}]}`, name))})
		server.client.Transport = refusing{server.client.Transport, path}
		found, err := server.Leftovers(t.Context())
		if !errors.Is(err, errRefused) || len(found) != kept {
			t.Errorf("%s: %v, %v", path, found, err)
		}
	}
}

var errRefused = errors.New("connection refused")

// refusing sends no request for a path.
type refusing struct {
	http.RoundTripper
	path string
}

func (r refusing) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.Path == r.path {
		return nil, errRefused
	}
	return r.RoundTripper.RoundTrip(request)
}

// What counts as left behind on Omni, in the order in which it can be deleted: an
// environment of two connections of ours, connections that are not in the trash, user
// attributes whose name is that of their label.
func TestLeftoversOfOmni(t *testing.T) {
	t.Parallel()
	a, b, trashed := NewName(), NewName()+"-prod", NewName()
	server := answers(t, Omni, map[string]http.HandlerFunc{
		"/api/v1/connections": body(http.StatusOK, fmt.Sprintf(`{"connections":[
			{"id":"1","name":%q,"deletedAt":null},{"id":"2","name":%q},{"id":"3","name":%q,"deletedAt":"2026-01-01T00:00:00Z"},{"id":"4","name":"theirs"},"odd"]}`, a, b, trashed)),
		"/api/v1/connection-environments": body(http.StatusOK, `{"connectionEnvironments":[
			{"id":"e1","baseConnectionId":"1","connectionId":"2"},{"id":"e2","baseConnectionId":"4","connectionId":"2"},
			{"id":"e3","baseConnectionId":"1","connectionId":"4"},{"id":"e4","baseConnectionId":"1","connectionId":"3"}]}`),
		"/api/v1/user-attributes": body(http.StatusOK, fmt.Sprintf(`{"records":[
			{"id":"u1","name":%q,"label":%q,"system":false},{"id":"u2","name":%[1]q,"label":%[2]q,"system":true},
			{"id":"u3","name":"other","label":%[2]q},{"id":"u4","name":"theirs","label":"theirs"}]}`, AttributeName(a), a)),
	})
	found, err := server.Leftovers(t.Context())
	want := fmt.Sprintf("[environment %s (connection-environments/e1) connection %s (connections/1) connection %s (connections/2) user attribute %s (user-attributes/u1)]", b, a, b, a)
	if got := fmt.Sprint(found); err != nil || got != want {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
}

// A list that never ends is given up, and so is one whose smallest page is refused;
// what was found so far is kept.
func TestLeftoversOfReporterThatDoNotEnd(t *testing.T) {
	t.Parallel()
	name := NewName()
	const path = "/v1/management/connections"
	for want, answer := range map[string]http.HandlerFunc{
		"more than 200 pages": body(http.StatusOK, fmt.Sprintf(`{"items":[{"id":"1","configName":%q},{"id":"2","configName":"theirs"}]}`, name)),
		"400 without a list":  body(http.StatusBadRequest, `{"code":"FET-0406"}`),
	} {
		server := answers(t, Reporter, map[string]http.HandlerFunc{path: answer})
		found, err := server.Leftovers(t.Context())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		kept, sent := 0, 4 // pages of 10, 5, 2 and 1
		if want == "more than 200 pages" {
			kept, sent = 200, 200
		}
		if len(found) != kept || server.Sent != sent {
			t.Errorf("%d found after %d requests, want %d after %d", len(found), server.Sent, kept, sent)
		}
	}
}

// A delete is done where the server says so, or that there is no such thing.
func TestRemove(t *testing.T) {
	t.Parallel()
	for status, done := range map[int]bool{200: true, 204: true, 404: true, 410: true, 300: false, 403: false, 500: false} {
		server := answers(t, Omni, map[string]http.HandlerFunc{"/api/v1/connections/1": func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodDelete {
				t.Errorf("sent %s", r.Method)
			}
			body(status, "no")(w, r)
		}})
		err := server.Remove(t.Context(), Leftover{"connection", "n", "connections/1"})
		if (err == nil) != done || err != nil && err.Error() != fmt.Sprintf("the server refused to delete connection n (connections/1): %d no", status) {
			t.Errorf("%d: %v", status, err)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := answers(t, Omni, nil).Remove(gone, Leftover{path: "connections/1"}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
