// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/host"
)

// record is what a server is sent for each point, a line for each request.
type record struct {
	server *host.Host
	token  string
	of     string            // the id of the point that is asked now
	sent   map[string]string // by the id of the point
}

// begin ends a point, and begins another.
func (r *record) begin(p Point) {
	r.end()
	r.of = p.ID
}

// end writes the requests since begin.
func (r *record) end() {
	var b strings.Builder
	ids := map[string]string{}
	numbered := func(id string) string {
		if ids[id] == "" {
			ids[id] = fmt.Sprintf("<id %d>", len(ids)+1)
		}
		return ids[id]
	}
	for _, request := range r.server.Requests() {
		b.WriteString("   ")
		for _, word := range []string{request.Method, target(request), shortened(request.Body), unusual(request, r.token)} {
			if word != "" {
				b.WriteString(" " + withoutNames(uuids.ReplaceAllStringFunc(word, numbered)))
			}
		}
		b.WriteString("\n")
	}
	r.server.ResetRequests()
	r.sent[r.of] = b.String()
}

// String is a line for each point, with its requests below.
func (r *record) String() string {
	var b strings.Builder
	for _, p := range Points() {
		if sent, ok := r.sent[p.ID]; ok {
			_, _ = fmt.Fprintf(&b, "%s: %s\n%s", p.ID, p.Asks, sent)
		}
	}
	return b.String()
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
