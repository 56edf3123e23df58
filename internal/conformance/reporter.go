// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/live"
)

// ledger is a connection that the service takes without reaching its database.
func ledger() object {
	return object{
		"configName": live.NewName(), "type": "POSTGRESQL", "host": "db.example.com", "port": 5432,
		"databaseName": "conformance", "userName": "conformance", "password": password,
	}
}

// submit asks for a connection of a product.
func (p *Probe) submit(product string, body any) live.Answer {
	header := http.Header{}
	if product != "" {
		header.Set("X-Product-Name", product)
	}
	return p.doWith(http.MethodPost, "connections", body, header)
}

// ofProduct makes a connection, and returns its id.
func (p *Probe) ofProduct(body object) string {
	answer := p.submit(p.server.Product, body)
	id := answer.Text("id")
	if id == "" {
		p.stop("no connection could be made: %s", said(answer))
	}
	return id
}

// accepted says what the service says to a creation.
func accepted(changes object) func(*Probe) string {
	return func(p *Probe) string {
		return said(p.submit(p.server.Product, with(ledger(), changes)))
	}
}

// updated makes a connection, changes it, and returns the answer and what became
// of a key.
func updated(body, patch object, key string) func(*Probe) string {
	return func(p *Probe) string {
		id := p.ofProduct(with(ledger(), body))
		answer := p.patch("connections/"+id, patch)
		if answer.Status >= 300 || key == "" {
			return said(answer)
		}
		return fmt.Sprintf("%s, then %s", said(answer), is(p.get("connections/"+id).At(key)))
	}
}

func reporterConnections() []Point {
	points := []Point{
		{ID: "keys", Asks: "the keys of a connection", Probe: func(p *Probe) string {
			return shape(p.get("connections/" + p.ofProduct(ledger())).JSON())
		}},
		{ID: "product-case", Asks: "the case of a product's name", Probe: func(p *Probe) string {
			answer := p.submit("TF-Acc", ledger())
			return is(answer.At("productName"))
		}},
		{ID: "name-taken", Asks: "a name that is taken, by another product", Probe: func(p *Probe) string {
			body := ledger()
			p.ofProduct(body)
			return said(p.submit("tf-acc-other", body))
		}},
		{ID: "name-free", Asks: "the name of a connection that was deleted", Probe: func(p *Probe) string {
			body := ledger()
			p.remove("connections/" + p.ofProduct(body))
			return said(p.submit(p.server.Product, body))
		}},
		{ID: "get-deleted", Asks: "GET of a connection that was deleted", Probe: func(p *Probe) string {
			id := p.ofProduct(ledger())
			deleted := said(p.remove("connections/" + id))
			return deleted + ", then " + said(p.get("connections/"+id))
		}},
		{ID: "delete-twice", Asks: "DELETE of a connection that was deleted", Probe: func(p *Probe) string {
			id := p.ofProduct(ledger())
			p.remove("connections/" + id)
			return said(p.remove("connections/" + id))
		}},
		{ID: "host-case", Asks: "a host in upper case, read back", Probe: func(p *Probe) string {
			return is(p.get("connections/" + p.ofProduct(with(ledger(), object{"host": "DB.example.com"}))).At("host"))
		}},
		{ID: "host-private", Asks: "the address of a private network as a host", Probe: accepted(object{"host": "10.0.0.1"})},
		{ID: "host-name-private", Asks: "a name that leads nowhere public", Choices: []string{"reportermock.leadsInside"}, Probe: accepted(object{"host": "db.internal"})},
		{ID: "unknown-key", Asks: "creation with an unknown key", Probe: accepted(object{"noSuchKey": 1})},
		{ID: "metadata-types", Asks: "metadata that is no text, read back", Probe: func(p *Probe) string {
			return is(p.get("connections/" + p.ofProduct(with(ledger(), object{"metadata": object{"n": 5, "b": true}}))).At("metadata"))
		}},
		{ID: "metadata-merge", Asks: "PATCH with other metadata", Probe: updated(object{"metadata": object{"a": "1"}}, object{"metadata": object{"b": "2"}}, "metadata")},
		{ID: "metadata-clear", Asks: "PATCH with empty metadata", Probe: updated(object{"metadata": object{"a": "1"}}, object{"metadata": object{}}, "metadata")},
		{ID: "schema-clear", Asks: `PATCH with "" for the schema`, Probe: updated(object{"schema": "s"}, object{"schema": ""}, "schema")},
		{ID: "schema-null", Asks: "PATCH with null for the schema", Probe: updated(object{"schema": "s"}, object{"schema": nil}, "schema")},
		{ID: "password-empty", Asks: "PATCH with an empty password", Probe: updated(nil, object{"password": ""}, "")},
		{ID: "empty-patch", Asks: "PATCH without a change", Probe: updated(nil, object{}, "")},
		{ID: "port-null", Asks: "PATCH with null for the port", Probe: updated(nil, object{"port": nil}, "port")},
		{ID: "ssl-needs", Asks: "ssl without a certificate", Probe: accepted(object{"ssl": object{"mode": "require"}})},
		{ID: "test", Asks: "the test of a connection whose database cannot be reached", Probe: func(p *Probe) string {
			return said(p.post("connections/"+p.ofProduct(ledger())+"/test", nil))
		}},
		{ID: "validate-schema", Asks: "the validation of names of nobody", Choices: []string{"reportermock.validateSchema"}, Probe: func(p *Probe) string {
			return said(p.post("connections/validate-schema", object{"mappedFields": object{live.NewName(): object{"t": []string{"f"}}}}))
		}},
		{ID: "timestamps", Asks: "the precision of a creation's time stamp, and of a read one", Probe: func(p *Probe) string {
			answer := p.submit(p.server.Product, ledger())
			return precision(answer.Text("createdAt")) + ", then " + precision(p.get("connections/"+answer.Text("id")).Text("createdAt"))
		}},
	}
	return of("reporter/connection/", live.Reporter, points)
}

// precision is how many digits a time stamp has behind its seconds.
func precision(stamp string) string {
	if _, err := time.Parse(time.RFC3339Nano, stamp); err != nil {
		return "no time stamp"
	}
	_, fraction, _ := strings.Cut(strings.TrimSuffix(stamp, "Z"), ".")
	if len(fraction) > len("000") {
		return "finer than milliseconds"
	}
	return "milliseconds"
}

func reporterErrors() []Point {
	points := []Point{
		{ID: "no-product", Asks: "creation without a product", Probe: func(p *Probe) string { return said(p.submit("", ledger())) }},
		{ID: "missing-key", Asks: "creation without a host", Probe: accepted(object{"host": nil})},
		{ID: "bad-type", Asks: "a type that does not exist", Probe: accepted(object{"type": "NO_SUCH_TYPE"})},
		{ID: "bad-port", Asks: "port 65536", Probe: accepted(object{"port": 65536})},
		{ID: "bad-json", Asks: "a body that is no JSON", Probe: func(p *Probe) string {
			return said(p.submit(p.server.Product, []byte("{")))
		}},
		{ID: "not-found", Asks: "a connection that does not exist", Reads: true, Probe: func(p *Probe) string { return said(p.get("connections/" + nobody())) }},
		{ID: "bad-id", Asks: "an id that is no UUID", Reads: true, Probe: func(p *Probe) string { return said(p.get("connections/not-a-uuid")) }},
		{ID: "no-route", Asks: "a path that does not exist", Reads: true, Probe: func(p *Probe) string { return said(p.get("/v1/management/no-such-collection")) }},
		{ID: "list-limit", Asks: "a page of 101", Reads: true, Probe: func(p *Probe) string { return said(p.get("connections?limit=101")) }},
		{ID: "list-form", Asks: "the form of the list", Reads: true, Probe: func(p *Probe) string { return shape(p.get("connections?limit=1").JSON()) }},
		{ID: "list-window", Asks: "a list over a year", Reads: true, Probe: func(p *Probe) string {
			return said(p.get("connections?limit=1&startDate=2025-01-01&endDate=2026-01-01"))
		}},
		{ID: "health", Asks: "the health of the service", Reads: true, Choices: []string{"reportermock.healthy"}, Probe: func(p *Probe) string { return said(p.get("/health")) }},
		{ID: "bad-credentials", Asks: "a request with a wrong token", Reads: true, Choices: []string{"reportermock.authError"}, Probe: func(p *Probe) string {
			return said(p.doWith(http.MethodGet, "connections?limit=1", nil, http.Header{"Authorization": {"Bearer wrong"}}))
		}},
		{ID: "data-source-missing", Asks: "a data source that does not exist", Reads: true, Choices: []string{"reportermock.getDataSource"}, Probe: func(p *Probe) string {
			return said(p.get("/v1/data-sources/no_such_source"))
		}},
		{ID: "limit", Asks: "the words of the rate limit", Choices: []string{"reportermock.limit"}, Why: "a run keeps to the limit, so that nobody else is refused for it"},
	}
	return of("reporter/answer/", live.Reporter, points)
}
