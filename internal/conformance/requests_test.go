// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/host"
)

// record writes down what a server is sent: a line for each point, and one below it
// for each of its requests.
type record struct {
	strings.Builder
	server *host.Host
	token  string
}

// begin writes the requests so far, and the point that sends those that follow.
func (r *record) begin(p Point) {
	r.end()
	_, _ = fmt.Fprintf(r, "%s: %s\n", p.ID, p.Asks)
}

// end writes the requests since the last begin.
func (r *record) end() {
	ids := map[string]string{}
	numbered := func(id string) string {
		if ids[id] == "" {
			ids[id] = fmt.Sprintf("<id %d>", len(ids)+1)
		}
		return ids[id]
	}
	for _, request := range r.server.Requests() {
		r.WriteString("   ")
		for _, word := range []string{request.Method, target(request), shortened(request.Body), unusual(request, r.token)} {
			if word != "" {
				r.WriteString(" " + withoutNames(uuids.ReplaceAllStringFunc(word, numbered)))
			}
		}
		r.WriteString("\n")
	}
	r.server.ResetRequests()
}

// withoutNames leaves of a name what is the same in every run.
func withoutNames(text string) string {
	return names.ReplaceAllStringFunc(text, func(name string) string { return name[:len("tf-acc-")] + "..." })
}

func target(r host.Request) string {
	if len(r.Query) == 0 {
		return r.Path
	}
	return r.Path + "?" + r.Query.Encode()
}

// usualBodies are what most points begin with.
var usualBodies = map[string]string{
	`{"database":"conformance","dialect":"postgres","host":"db.example.com","name":"tf-acc-...","passwordUnencrypted":"not-a-real-password","port":5432,"username":"conformance"}`: "<postgres>",
	`{"configName":"tf-acc-...","databaseName":"conformance","host":"db.example.com","password":"not-a-real-password","port":5432,"type":"POSTGRESQL","userName":"conformance"}`:   "<ledger>",
	`{"autogenRelationships":true,"branch":"main","enableVirtualSchemas":false,"sshUrl":"git@git.example.com:conformance/dbt.git"}`:                                                "<repository>",
}

// shortened is a body, by its name if it is a usual one, and the beginning of a very
// long one.
func shortened(body []byte) string {
	const long = 400
	if usual := usualBodies[withoutNames(string(body))]; usual != "" {
		return usual
	}
	if len(body) > long {
		return fmt.Sprintf("%s... and so on", body[:long/4])
	}
	return string(body)
}

// unusual are the headers of a request that say more than that it is JSON and whose.
func unusual(r host.Request, token string) string {
	usual := http.Header{"Authorization": {"Bearer " + token}}
	if len(r.Body) > 0 {
		usual.Set("Content-Type", "application/json")
	}
	var all []string
	for _, name := range []string{"Authorization", "Content-Type", "X-Product-Name"} {
		if value := r.Header.Get(name); value != usual.Get(name) {
			all = append(all, fmt.Sprintf("(%s: %q)", name, value))
		}
	}
	return strings.Join(all, " ")
}
