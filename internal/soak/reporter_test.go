// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package soak_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

func foreignReporterConnections() []reportermock.Connection {
	return []reportermock.Connection{
		{ConfigName: "theirs", ProductName: "sales"},
		{ConfigName: "theirs_of_old", ProductName: "theirs", CreatedAt: time.Now().Add(-100 * 24 * time.Hour)},
	}
}

var sslModes = map[string][]string{
	"POSTGRESQL": {"disable", "require", "verify-full"},
	"MYSQL":      {"false", "true", "preferred"},
	"MONGODB":    {"disable", "true"},
}

func reporterConnection() *kind {
	const typeName = "dataconn_reporter_connection"
	settings := func(w *world, config object) object {
		config["type"] = pick(w, slices.Sorted(maps.Keys(sslModes)))
		config["host"] = pick(w, []string{"db.example.com", "DB2.Example.com", "10.0.0.1", "other"})
		config["port"] = pick(w, []int{5432, 1, 65535})
		config["database_name"] = pick(w, []string{"ledger", "other db"})
		config["user_name"] = pick(w, []string{"u1", "u2"})
		if ssl, ok := config["ssl"].(object); ok {
			config["ssl"] = protocol.With(ssl, object{"mode": pick(w, sslModes[config["type"].(string)])})
		}
		return config
	}
	withSSL := func(w *world, config object) object {
		ssl, _ := config["ssl"].(object)
		ssl = w.withSecret(protocol.With(ssl, object{"mode": pick(w, sslModes[config["type"].(string)]), "ca": "CA", "cert": pick(w, []any{nil, "CERT"})}), "key")
		config["ssl"] = ssl
		return config
	}
	return &kind{
		name: "reporter connection", typeName: typeName,
		creation: []route{{"POST", "/v1/management/connections"}},
		update:   route{"PATCH", "/v1/management/connections/*"}, deletion: route{"DELETE", "/v1/management/connections/*"},
		configure: func(w *world) object {
			config := w.withSecret(settings(w, object{"config_name": fmt.Sprintf("n%d-%d", w.names+1, w.random.IntN(1000))}), "password")
			if w.chance(40) {
				config = withSSL(w, config)
			}
			if w.chance(40) {
				config["schema"] = "s1"
			}
			if w.chance(40) {
				config["metadata"] = object{"owner": "finance"}
			}
			if w.chance(40) {
				config["product_name"] = pick(w, []string{"sales", "SALES", "Other"})
			}
			return config
		},
		change: func(w *world, _ *entry, config object) object {
			switch w.random.IntN(8) {
			case 0:
				return w.withSecret(config, "password")
			case 1:
				return withSSL(w, config)
			case 2:
				config["schema"] = pick(w, []any{"s1", "s2", nil})
			case 3:
				config["metadata"] = pick(w, []any{object{"owner": "finance", "a": "ü"}, object{}, nil})
			case 4:
				config["product_name"] = pick(w, []any{"sales", "SALES", "Other"})
			case 5:
				config["ssl"] = nil
			case 6:
				config["config_name"] = fmt.Sprintf("renamed-%d", w.random.IntN(1_000_000))
			default:
				return settings(w, config)
			}
			return config
		},
		id: func(r *protocol.Resource) string { return r.Text("id") },
		onServer: func(w *world) []string {
			var ids []string
			for _, c := range w.reporter.Connections() {
				ids = append(ids, c.ID)
			}
			return w.ours(ids)
		},
		differs: func(w *world, e *entry, config object) string {
			c, _ := w.reporter.Connection(e.resource.Text("id"))
			have := object{
				"config_name": c.ConfigName, "type": c.Type, "host": c.Host, "port": c.Port,
				"database_name": c.DatabaseName, "user_name": c.UserName, "metadata": fmt.Sprint(c.Metadata),
			}
			want := maps.Clone(config)
			if _, ok := want["metadata"].(object); !ok {
				want["metadata"] = object{}
			}
			want["metadata"] = fmt.Sprint(want["metadata"])
			if c.Schema != nil {
				have["schema"] = *c.Schema
			}
			if want["schema"] == nil {
				want["schema"] = ""
			}
			if have["schema"] == nil {
				have["schema"] = ""
			}
			for name, value := range have {
				if name == "host" && strings.EqualFold(fmt.Sprint(want[name]), fmt.Sprint(value)) {
					continue // some servers keep it in lower case
				}
				if want[name] != value {
					return fmt.Sprintf("the server has the %s %v, not %v", name, value, want[name])
				}
			}
			if product, ok := config["product_name"].(string); ok && !strings.EqualFold(product, c.ProductName) {
				return fmt.Sprintf("the server has the product %q, not %q", c.ProductName, product)
			}
			if got, _ := w.reporter.Secret(c.ID, "password"); got != secretOf(config, "password") {
				return fmt.Sprintf("the server has the password %q, not %q", got, secretOf(config, "password"))
			}
			return differsInSSL(w, c, config)
		},
		edit: func(w *world, e *entry) {
			w.reporter.Edit(e.resource.Text("id"), func(c *reportermock.Connection) {
				c.Host, c.Port = "edited", 99
				c.Metadata = pick(w, []map[string]any{nil, {"edited": "yes"}, {"owner": "finance", "number": 3.0}})
			})
		},
		remove: func(w *world, e *entry) { w.reporter.Remove(e.resource.Text("id")) },
		lost: func(w *world, e *entry) string {
			for _, c := range w.reporter.Connections() {
				if c.ConfigName == e.config["config_name"] {
					return c.ID
				}
			}
			return ""
		},
	}
}

func differsInSSL(w *world, c reportermock.Connection, config object) string {
	ssl, configured := config["ssl"].(object)
	if !configured {
		if c.SSLMode != nil {
			return "the server has ssl settings"
		}
		return ""
	}
	if c.SSLMode == nil || *c.SSLMode != ssl["mode"] {
		return fmt.Sprintf("the server has the ssl mode %v, not %v", c.SSLMode, ssl["mode"])
	}
	cert, _ := ssl["cert"].(string)
	for field, want := range map[string]string{"ssl.ca": "CA", "ssl.cert": cert, "ssl.key": secretOf(ssl, "key")} {
		if got, _ := w.reporter.Secret(c.ID, field); got != want {
			return fmt.Sprintf("the server has the %s %q, not %q", field, got, want)
		}
	}
	return ""
}
