// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

func reporterSubjects() map[string]subject {
	const typeName = "dataconn_reporter_connection"
	all := map[string]subject{
		"reporter connection":             {typeName: typeName, prepare: reporterOn(reportermock.StaticToken, ""), adopts: true, unique: true, believes: believedByReporter},
		"reporter connection, token":      {typeName: typeName, prepare: reporterOn(reportermock.ClientCredentials, ""), adopts: true, unique: true, only: call.isToken, without: []operation{createLost, importing}},
		"reporter connection, unassigned": {typeName: typeName, prepare: unassigned, adopts: true, unique: true, without: []operation{create, createLost, read, destroy, importing}},
	}
	for _, form := range forms[1:] {
		all["reporter connection, secrets"+form] = subject{
			typeName: typeName, prepare: reporterOn(reportermock.StaticToken, form), adopts: true, unique: true,
			only: call.writes, without: []operation{read, destroy, importing},
		}
	}
	return all
}

func reporterScene(t testing.TB, auth reportermock.Auth, form string) (*reportermock.Server, *scene) {
	t.Helper()
	s := reportermock.Start(t, reportermock.Options{Auth: auth, AnyDatabase: true, InMemory: true})
	scene := &scene{Host: s.Host, provider: func() object { return protocol.ReporterConfig(s) }}
	scene.config = inForm(form, object{
		"config_name": "ours", "type": "POSTGRESQL", "host": "db.example.com", "port": 5432, "database_name": "ledger",
		"user_name": "reporter", "password": "first", "test_connection": true, "schema": "s", "metadata": object{"team": "a"},
		"ssl": object{"mode": "verify-full", "ca": "CA", "cert": "CERT", "key": "first"},
	})
	scene.changed = protocol.With(scene.config, inForm(form, object{"port": 5433, "password": "second", "metadata": object{"team": "b"}, "ssl": object{"key": "second"}}))
	scene.another = protocol.With(scene.config, inForm(form, object{"host": "db3.example.com", "password": "the-third", "ssl": object{"key": "the-third"}}))
	scene.neighbor = s.Add(reportermock.Connection{ConfigName: "theirs", ProductName: "sales"}, "theirs")
	ours := func() []reportermock.Connection {
		return slices.DeleteFunc(s.Connections(), func(c reportermock.Connection) bool { return c.ID == scene.neighbor })
	}
	scene.importID = func(*protocol.Resource) string { return "ours" }
	scene.lost = func() (string, string) {
		for _, c := range ours() {
			return c.ID, c.ConfigName
		}
		return "", ""
	}
	scene.differs = func(r *protocol.Resource, config object) string {
		all := ours()
		if config == nil || len(all) != 1 {
			return count(len(all), config)
		}
		password, _ := s.Secret(all[0].ID, "password")
		key, _ := s.Secret(all[0].ID, "ssl.key")
		ssl, _ := config["ssl"].(object)
		metadata, _ := config["metadata"].(object)
		if all[0].Port != config["port"] || all[0].Host != config["host"] || all[0].ProductName != "sales" || fmt.Sprint(all[0].Metadata) != fmt.Sprint(metadata) ||
			password != secretIn(config, "password") || key != secretIn(ssl, "key") || r.Text("id") != all[0].ID {
			return fmt.Sprintf("the server has %+v with the password %s and the key %s, the state id %s", all[0], password, key, r.Text("id"))
		}
		return ""
	}
	return s, scene
}

func reporterOn(auth reportermock.Auth, form string) func(t testing.TB) *scene {
	return func(t testing.TB) *scene {
		t.Helper()
		_, scene := reporterScene(t, auth, form)
		return scene
	}
}

// unassigned is a connection of an old server, which is given to a product.
func unassigned(t testing.TB) *scene {
	t.Helper()
	s, scene := reporterScene(t, reportermock.StaticToken, "")
	id := s.Add(reportermock.Connection{ConfigName: "ours", DatabaseName: "ledger", UserName: "reporter"}, "x")
	scene.begin = func(r *protocol.Resource) { r.Import(id).RequireOK(t) }
	return scene
}

// believedByReporter: a 410 is about the object, and no list can tell otherwise
// for one that may be of any month.
func believedByReporter(c call, f fault.Fault) bool {
	return f.Status == http.StatusGone && c.method == http.MethodGet && strings.HasSuffix(c.path, "/*")
}
