// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package live

import (
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
	if err != nil || len(found) != 1 || found[0].Name != name {
		t.Errorf("%v, %v", found, err)
	}
}
