// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// handler serves the mocks on one address, Reporter's paths beside Omni's, and
// questions about them under /_mock/, behind the same token:
//
//	GET /_mock/route?base=<connection id>&value=<attribute value>
//	    {"connectionId","reason"}: which connection in Omni such a user gets, and why
//	GET /_mock/requests
//	    {"requests":[{"method","path","status","time"}]}, without bodies
//	GET /_mock/received?secret=<value>
//	    {"received":bool}: whether a request carried this secret
func (m mocks) handler() http.Handler {
	admin := http.NewServeMux()
	if m.omni != nil {
		admin.HandleFunc("GET /_mock/route", func(w http.ResponseWriter, r *http.Request) {
			id, reason := m.omni.Route(r.URL.Query().Get("base"), r.URL.Query().Get("value"))
			writeJSON(w, map[string]string{"connectionId": id, "reason": reason})
		})
	}
	admin.HandleFunc("GET /_mock/received", func(w http.ResponseWriter, r *http.Request) {
		secret := r.URL.Query().Get("secret")
		received := slices.ContainsFunc(m.all(), func(one mock) bool { return one.ReceivedSecret(secret) })
		writeJSON(w, map[string]bool{"received": received})
	})
	admin.HandleFunc("GET /_mock/requests", func(w http.ResponseWriter, _ *http.Request) {
		type seen struct {
			Method string    `json:"method"`
			Path   string    `json:"path"`
			Status int       `json:"status"`
			Time   time.Time `json:"time"`
		}
		all := []seen{}
		for _, one := range m.all() {
			for _, r := range one.Requests() {
				all = append(all, seen{r.Method, r.Path, r.Status, r.Time})
			}
		}
		slices.SortStableFunc(all, func(a, b seen) int { return a.Time.Compare(b.Time) })
		writeJSON(w, map[string]any{"requests": all})
	})
	questions := authenticated(m.token, admin)
	// Not a ServeMux: it would clean the path of the systems' requests by a
	// redirect.
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/_mock/"):
			questions.ServeHTTP(w, r)
		case m.omni == nil, m.reporter != nil && (strings.HasPrefix(r.URL.Path, "/v1/") || r.URL.Path == "/health"):
			m.reporter.ServeHTTP(w, r)
		default:
			m.omni.ServeHTTP(w, r)
		}
	})
}

func authenticated(token string, next http.Handler) http.Handler {
	want := []byte("Bearer " + token)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), want) != 1 {
			http.Error(w, "the mock's token is needed", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}
