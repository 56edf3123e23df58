// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// withAdmin adds questions about the mock beside Omni's API, under /_mock/ and
// behind the same token:
//
//	GET /_mock/route?base=<connection id>&value=<attribute value>
//	    {"connectionId","reason"}: which connection such a user gets, and why
//	GET /_mock/requests
//	    {"requests":[{"method","path","status","time"}]}, without bodies
//	GET /_mock/received?secret=<value>
//	    {"received":bool}: whether a request carried this secret
func withAdmin(mock *omnimock.Server) http.Handler {
	admin := http.NewServeMux()
	admin.HandleFunc("GET /_mock/route", func(w http.ResponseWriter, r *http.Request) {
		id, reason := mock.Route(r.URL.Query().Get("base"), r.URL.Query().Get("value"))
		writeJSON(w, map[string]string{"connectionId": id, "reason": reason})
	})
	admin.HandleFunc("GET /_mock/received", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, map[string]bool{"received": mock.ReceivedSecret(r.URL.Query().Get("secret"))})
	})
	admin.HandleFunc("GET /_mock/requests", func(w http.ResponseWriter, _ *http.Request) {
		type seen struct {
			Method string    `json:"method"`
			Path   string    `json:"path"`
			Status int       `json:"status"`
			Time   time.Time `json:"time"`
		}
		all := []seen{}
		for _, r := range mock.Requests() {
			all = append(all, seen{r.Method, r.Path, r.Status, r.Time})
		}
		writeJSON(w, map[string]any{"requests": all})
	})
	questions := authenticated(mock.Token(), admin)
	// Not a ServeMux: it would clean the path of Omni's requests by a redirect.
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/_mock/") {
			questions.ServeHTTP(w, r)
			return
		}
		mock.ServeHTTP(w, r)
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
