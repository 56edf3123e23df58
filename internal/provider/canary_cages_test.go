// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// server is what the canaries need of a mock.
type server interface {
	protocol.Dialer
	Faults() *fault.Script
	ReceivedSecret(string) bool
}

// caged is a kind of resource, with how to fill in its secrets.
type caged struct {
	typeName string // where the name of the cage is not the type
	start    func(t *testing.T) (s server, provider object)
	// config is without secrets; change is a change of something else.
	config, change object
	// secrets makes a value for every secret, by attribute: ssl.key is in a
	// block. The forms _wo are added.
	secrets map[string]func(*testing.T) string
	// element is the key of the element that has the secrets of a map of blocks.
	element string
	// created and updated are the methods of the writes; POST and PATCH if empty.
	created, updated string
	// importID is the id where that of an import is not the attribute id.
	importID func(r *protocol.Resource) string
	// requests are those whose failures are tried: a method and a path. Those that
	// make the object begin with "new ".
	requests []string
}

// route is the first of the requests that begins so, but for those of a token, which
// are sent no secrets of the resource.
func (c caged) route(beginning string) (method, path string) {
	for _, request := range c.requests {
		method, path, _ = strings.Cut(strings.TrimPrefix(request, "new "), " ")
		if strings.HasPrefix(request, beginning+" ") && !(call{path: path}).isToken() {
			return method, path
		}
	}
	panic("no request " + beginning)
}

// place is the attribute as a state has it.
func (c caged) place(name string) string {
	block, attribute, nested := strings.Cut(name, ".")
	if c.element == "" || !nested {
		return name
	}
	return block + "." + c.element + "." + attribute
}

// attribute sets an attribute in a configuration; nil takes it away, with the
// element around it.
func (c caged) attribute(name string, value any) object {
	block, attribute, nested := strings.Cut(name, ".")
	switch {
	case c.element == "" || !nested:
		return attributeOf(name, value)
	case value == nil:
		return object{block: nil}
	default:
		return object{block: object{c.element: object{attribute: value}}}
	}
}

func cages() map[string]caged {
	return map[string]caged{
		"dataconn_omni_connection": {
			start: func(t *testing.T) (server, object) {
				s := omnimock.Start(t, omnimock.Options{InMemory: true, Token: "omni_osk_canary" + hex.EncodeToString([]byte(rand.Text()))})
				return s, protocol.OmniConfig(s)
			},
			config: object{
				"name": "n", "dialect": "snowflake", "host": "account", "database": "d", "username": "u", "warehouse": "w",
				"oauth_client_id": "id", "deletion_protection": false,
			},
			change:   object{"host": "account2"},
			secrets:  map[string]func(*testing.T) string{"password": randomText, "private_key": randomKey, "oauth_client_secret": randomAccount},
			requests: []string{"new POST /api/v1/connections", "PATCH /api/v1/connections/*", "GET /api/v1/connections/*"},
		},
		"dataconn_omni_connection, key file": {
			typeName: "dataconn_omni_connection",
			start: func(t *testing.T) (server, object) {
				s := omnimock.Start(t, omnimock.Options{InMemory: true, Token: "omni_osk_canary" + hex.EncodeToString([]byte(rand.Text()))})
				return s, protocol.OmniConfig(s)
			},
			config:   object{"name": "n", "dialect": "bigquery", "region": "us", "deletion_protection": false},
			change:   object{"scratch_schema": "s"},
			secrets:  map[string]func(*testing.T) string{"password": randomAccount},
			requests: []string{"new POST /api/v1/connections", "PATCH /api/v1/connections/*"},
		},
		"dataconn_omni_connection_dbt": {
			start: startWithDBT,
			config: object{
				"connection_id": id1, "ssh_url": "https://git.example.com/o/r", "auth_method": "https_token", "branch": "main",
				"autogen_relationships": true, "enable_virtual_schemas": false,
			},
			change:  object{"branch": "dev"},
			secrets: map[string]func(*testing.T) string{"token": randomToken},
			created: http.MethodPut, updated: http.MethodPut,
			importID: func(r *protocol.Resource) string { return r.Text("connection_id") },
			requests: []string{"new PUT /api/v1/connections/*/dbt", "PUT /api/v1/connections/*/dbt"},
		},
		"dataconn_omni_dbt_environment": {
			start: func(t *testing.T) (server, object) {
				s, provider := startWithDBT(t)
				s.(*omnimock.Server).EditDBT(id1, func(*omnimock.DBT) {})
				return s, provider
			},
			config:  object{"connection_id": id1, "name": "n", "target_schema": "s"},
			change:  object{"name": "m"},
			secrets: map[string]func(*testing.T) string{"variables.secret": randomAccount},
			element: "TOKEN",
			updated: http.MethodPut,
			importID: func(r *protocol.Resource) string {
				return r.Text("connection_id") + "/" + r.Text("id")
			},
			requests: []string{"new POST /api/v1/connections/*/dbt/environments", "PUT /api/v1/connections/*/dbt/environments/*"},
		},
		"dataconn_reporter_connection": {
			start: func(t *testing.T) (server, object) {
				s := reportermock.Start(t, reportermock.Options{InMemory: true, Auth: reportermock.ClientCredentials, ClientSecret: "canary-" + rand.Text()})
				return s, protocol.ReporterConfig(s)
			},
			config: object{
				"config_name": "name", "type": "POSTGRESQL", "host": "db.example.com", "port": 5432, "database_name": "d", "user_name": "u",
				"ssl": object{"mode": "verify-full", "ca": "ca"}, "test_connection": true,
			},
			change:  object{"port": 5433},
			secrets: map[string]func(*testing.T) string{"password": randomAccount, "ssl.key": randomPEM},
			requests: []string{
				"new POST /v1/login/oauth/access_token", "new POST /v1/management/connections",
				"PATCH /v1/management/connections/*", "POST /v1/management/connections/*/test",
			},
		},
	}
}

// startWithDBT starts a server with a connection that supports dbt.
func startWithDBT(t *testing.T) (server, object) {
	t.Helper()
	s := omnimock.Start(t, omnimock.Options{InMemory: true, Token: "omni_osk_canary" + hex.EncodeToString([]byte(rand.Text()))})
	s.Restore(omnimock.Snapshot{Connections: []omnimock.Connection{{ID: id1, Settings: object{"name": "n", "dialect": "postgres"}}}})
	return s, protocol.OmniConfig(s)
}
