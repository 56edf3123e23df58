// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/live"
)

// password is that of every connection here.
const password = "not-a-real-password"

// postgres is a connection that a server takes without reaching its database.
func postgres() object {
	return object{
		"name": live.NewName(), "dialect": "postgres", "host": "db.example.com", "port": 5432,
		"database": "conformance", "username": "conformance", "passwordUnencrypted": password,
	}
}

// connection makes one, and returns its id.
func (p *Probe) connection(body object) string {
	answer := p.post("connections", body)
	id := answer.Text("data")
	if id == "" {
		p.stop("no connection could be made: %s", said(answer))
	}
	return id
}

// read returns a connection as the server shows it: from its own route, or from
// the list of a server that has none.
func (p *Probe) read(id string) object {
	if p.server.Version != live.Unstable {
		connection, _ := p.get("connections/" + id).At("connection").(object)
		return connection
	}
	list, _ := p.get("connections").At("connections").([]any)
	for _, item := range list {
		if connection, _ := item.(object); connection["id"] == id {
			return connection
		}
	}
	return nil
}

// created makes a connection and returns what the server made of one setting.
func created(change object, key string) func(*Probe) string {
	return func(p *Probe) string {
		answer := p.post("connections", with(postgres(), change))
		if answer.Status >= http.StatusBadRequest {
			return said(answer)
		}
		connection := p.read(answer.Text("data"))
		if _, ok := connection[key]; !ok {
			return "not shown"
		}
		return is(connection[key])
	}
}

// refused says what the server says to the creation of a connection.
func refused(change object) func(*Probe) string {
	return func(p *Probe) string { return said(p.post("connections", with(postgres(), change))) }
}

// changed makes a connection, changes it, and returns the answer and what became
// of the setting.
func changed(body, patch object, key string) func(*Probe) string {
	return func(p *Probe) string {
		id := p.connection(with(postgres(), body))
		answer := said(p.patch("connections/"+id, patch))
		if !strings.HasPrefix(answer, "2") || key == "" {
			return answer
		}
		connection := p.read(id)
		if _, ok := connection[key]; !ok {
			return answer + ", not shown"
		}
		return answer + ", then " + is(connection[key])
	}
}

func omniConnections() []Point {
	points := []Point{
		{ID: "name-taken", Asks: "a second connection of the same name", Probe: func(p *Probe) string {
			body := postgres()
			p.connection(body)
			return said(p.post("connections", body))
		}},
		{ID: "keys", Asks: "the keys of a connection that is read", Probe: func(p *Probe) string {
			return shape(p.read(p.connection(postgres())))
		}},
		{ID: "list-keys", Asks: "the form of the list", Reads: true, Probe: func(p *Probe) string {
			return said(p.get("connections")) + " " + shape(p.get("connections").JSON())
		}},
		{ID: "get-deleted", Asks: "GET of a connection that was deleted", Probe: func(p *Probe) string {
			id := p.connection(postgres())
			deleted := said(p.remove("connections/" + id))
			answer := p.get("connections/" + id)
			text := fmt.Sprintf("%s, then %s", deleted, said(answer))
			if answer.Has("connection", "deletedAt") {
				text += ", deletedAt " + shape(answer.At("connection", "deletedAt"))
			}
			return text
		}},
		{ID: "patch-deleted", Asks: "PATCH of a connection that was deleted", Choices: []string{"omnimock.updateConnection"}, Probe: func(p *Probe) string {
			id := p.connection(postgres())
			p.remove("connections/" + id)
			return said(p.patch("connections/"+id, object{"baseRole": "QUERIER"}))
		}},
		{ID: "delete-twice", Asks: "DELETE of a connection that was deleted", Probe: func(p *Probe) string {
			id := p.connection(postgres())
			p.remove("connections/" + id)
			return said(p.remove("connections/" + id))
		}},
		{ID: "delete-in-use", Asks: "DELETE of a connection that is an environment", Choices: []string{"omnimock.deleteConnection"}, Probe: func(p *Probe) string {
			_, connection, environment := p.environment()
			answer := said(p.remove("connections/" + connection))
			return answer + ", then its values are set: " + said(p.put("connection-environments/"+environment, object{"userAttributeValues": p.values("after")}))
		}},
		{ID: "default-role", Asks: "the base role that is not set", Choices: []string{"omnimock.fillDefaults"}, Probe: created(nil, "baseRole")},
		{ID: "default-timeout", Asks: "the query timeout that is not set", Probe: created(nil, "queryTimeoutSeconds")},
		{ID: "default-authentication", Asks: "the authentication type that is not set", Probe: created(nil, "authenticationType")},
		{ID: "default-port", Asks: "the port that is not set", Probe: created(object{"port": nil}, "port")},
		{ID: "default-timezones", Asks: "the time zones that are not set", Probe: func(p *Probe) string {
			connection := p.read(p.connection(postgres()))
			return is(connection["systemTimezone"]) + ", " + is(connection["queryTimezone"])
		}},
		{ID: "role-alias", Asks: "the base role QUERY_TOPICS, read back", Probe: created(object{"baseRole": "QUERY_TOPICS"}, "baseRole")},
		{ID: "role-unknown", Asks: "a base role that does not exist", Probe: refused(object{"baseRole": "no-such-role"})},
		{ID: "port-range", Asks: "port 65536", Choices: []string{"omnimock.connectionFields"}, Probe: refused(object{"port": 65536})},
		{ID: "password-needed", Asks: "no password", Choices: []string{"omnimock.needsPassword"}, Probe: refused(object{"passwordUnencrypted": nil})},
		{ID: "password-empty", Asks: "PATCH with an empty password", Choices: []string{"omnimock.checkSecrets"}, Probe: changed(nil, object{"passwordUnencrypted": ""}, "")},
		{ID: "foreign-setting", Asks: "a warehouse on Postgres", Probe: created(object{"warehouse": "w"}, "warehouse")},
		{ID: "foreign-patch", Asks: "PATCH with a warehouse on Postgres", Probe: changed(nil, object{"warehouse": "w"}, "warehouse")},
		{ID: "host-without-secret", Asks: "PATCH with another host and no password", Probe: changed(nil, object{"host": "db2.example.com"}, "host")},
		{ID: "dialect-change", Asks: "PATCH with another dialect", Probe: changed(nil, object{"dialect": "mysql"}, "")},
		{ID: "clear-null", Asks: "PATCH with null for a text", Probe: changed(object{"defaultSchema": "s"}, object{"defaultSchema": nil}, "defaultSchema")},
		{ID: "clear-empty", Asks: `PATCH with "" for a text`, Probe: changed(object{"defaultSchema": "s"}, object{"defaultSchema": ""}, "defaultSchema")},
		{ID: "clear-list-null", Asks: "PATCH with null for a list", Probe: changed(object{"includeSchemas": "a,b"}, object{"includeSchemas": nil}, "includeSchemas")},
		{ID: "clear-list-empty", Asks: "PATCH with [] for a list", Probe: changed(object{"includeSchemas": "a,b"}, object{"includeSchemas": []string{}}, "includeSchemas")},
		{ID: "clear-number", Asks: "PATCH with null for a number", Probe: changed(nil, object{"port": nil}, "port")},
		{ID: "list-from-text", Asks: "comma text for a list, read back", Probe: created(object{"includeSchemas": "b, a"}, "includeSchemas")},
		{ID: "list-by-array", Asks: "creation with an array for a list", Probe: refused(object{"includeSchemas": []string{"a"}})},
		{ID: "list-comma", Asks: "PATCH with an element that has a comma", Choices: []string{"omnimock.value"}, Probe: changed(nil, object{"includeSchemas": []string{"a,b"}}, "includeSchemas")},
		{ID: "url-empty", Asks: `PATCH with "" for a URL`, Probe: changed(nil, object{"externalOauthTokenUrl": ""}, "")},
		{ID: "role-and-answer", Asks: "the words of a PATCH that succeeds", Probe: func(p *Probe) string {
			return p.patch("connections/"+p.connection(postgres()), object{"baseRole": "QUERIER"}).Text("message")
		}},
	}
	return of("omni/connection/", live.Omni, points)
}

func omniErrors() []Point {
	points := []Point{
		{ID: "unknown-key", Asks: "creation with an unknown key", Probe: refused(object{"noSuchKey": 1})},
		{ID: "unknown-key-patch", Asks: "PATCH with an unknown key", Probe: changed(nil, object{"noSuchKey": 1}, "")},
		{ID: "missing-key", Asks: "creation without a name", Probe: refused(object{"name": nil})},
		{ID: "wrong-type", Asks: "creation with a number for a text", Probe: refused(object{"host": 7})},
		{ID: "bad-dialect", Asks: "a dialect that does not exist", Probe: refused(object{"dialect": "no-such-dialect"})},
		{ID: "empty-patch", Asks: "PATCH without a change", Probe: changed(nil, object{}, "")},
		{ID: "bad-json", Asks: "a body that is no JSON", Probe: func(p *Probe) string { return said(p.post("connections", []byte("{"))) }},
		{ID: "content-type", Asks: "a body of another content type", Choices: []string{"omnimock.readBody"}, Probe: func(p *Probe) string {
			return said(p.doWith(http.MethodPost, "connections", postgres(), http.Header{"Content-Type": {"text/plain"}}))
		}},
		{ID: "large-body", Asks: "a body of two megabytes", Choices: []string{"omnimock.maxBody"}, Probe: refused(object{"host": strings.Repeat("x", 2<<20)})},
		{ID: "no-credentials", Asks: "a request without credentials", Reads: true, Probe: func(p *Probe) string {
			return said(p.doWith(http.MethodGet, "connections", nil, http.Header{"Authorization": nil}))
		}},
		{ID: "bad-credentials", Asks: "a request with a wrong key", Reads: true, Probe: func(p *Probe) string {
			return said(p.doWith(http.MethodGet, "connections", nil, http.Header{"Authorization": {"Bearer omni_osk_wrong"}}))
		}},
		{ID: "not-found", Asks: "a connection that does not exist", Reads: true, Probe: func(p *Probe) string { return said(p.get("connections/" + nobody())) }},
		{ID: "bad-id", Asks: "an id that is no UUID", Reads: true, Probe: func(p *Probe) string { return said(p.get("connections/not-a-uuid")) }},
		{ID: "patch-not-found", Asks: "PATCH of a connection that does not exist", Probe: func(p *Probe) string {
			return said(p.patch("connections/"+nobody(), object{"baseRole": "QUERIER"}))
		}},
		{ID: "delete-not-found", Asks: "DELETE of a connection that does not exist", Probe: func(p *Probe) string { return said(p.remove("connections/" + nobody())) }},
		{ID: "unknown-query", Asks: "a list with an unknown parameter", Reads: true, Probe: func(p *Probe) string { return said(p.get("connections?noSuchParameter=1")) }},
		{ID: "no-route", Asks: "a path that does not exist", Reads: true, Probe: func(p *Probe) string { return said(p.get("no-such-collection")) }},
		{ID: "wrong-method", Asks: "a method that a path lacks", Probe: func(p *Probe) string { return said(p.remove("connections")) }},
		{ID: "old-prefix", Asks: "the list under the older prefix", Reads: true, Probe: func(p *Probe) string { return said(p.get("/api/unstable/connections")) }},
		{ID: "body-form", Asks: "the form of a refusal", Reads: true, Probe: func(p *Probe) string { return shape(p.get("connections?noSuchParameter=1").JSON()) }},
		{ID: "limit-headers", Asks: "headers about the rate limit", Reads: true, Probe: func(p *Probe) string {
			header := p.get("connections").Header
			if p.server.Limited != nil {
				header = p.server.Limited
			}
			var found []string
			for name := range header {
				if strings.HasPrefix(strings.ToLower(name), "x-ratelimit") || strings.EqualFold(name, "Retry-After") {
					found = append(found, name)
				}
			}
			slices.Sort(found)
			return first(strings.Join(found, " "), "none")
		}},
	}
	return of("omni/answer/", live.Omni, points)
}

// of completes the points of one object.
func of(prefix, system string, points []Point) []Point {
	for i := range points {
		points[i].ID, points[i].System = prefix+points[i].ID, system
	}
	return points
}
