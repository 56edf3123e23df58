// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// Moves out of other providers' states: what fits is carried, what does not is
// refused with a reason, secrets stay behind.

const (
	omniProvider    = "registry.terraform.io/ashima-omni/omni"
	restapiProvider = "registry.terraform.io/mastercard/restapi"
)

func encoded(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func restObject(path string, more object) protocol.Source {
	return protocol.Source{Provider: restapiProvider, Type: "restapi_object", State: protocol.With(object{"id": id1, "path": path}, more)}
}

func moveProvider(t *testing.T, config object) *protocol.Provider {
	t.Helper()
	p := protocol.New(t, protocol.Options())
	p.Configure(config).RequireNone(t)
	return p
}

// What is carried, before anything is read.
func TestMoveCarries(t *testing.T) {
	t.Parallel()
	sent := encoded(object{"name": "sent", "dialect": "bigquery", "region": "us", "includeSchemas": "b, a", "maxBillingBytes": "7", "wifAudience": "aud", "passwordUnencrypted": "p"})
	const server = `{"connection":{"id":"` + id1 + `","name":"answered","dialect":"bigquery","host":null,"includeSchemas":["c"],"createdAt":"2026-01-01T00:00:00Z"}}`
	reporterAnswer := encoded(object{"id": id1, "configName": "answered", "type": "MYSQL", "port": 1, "metadata": object{"k": "v"}, "ssl": object{"mode": "true"}, "createdAt": "2026-01-01T00:00:00Z"})
	tests := map[string]struct {
		target string
		source protocol.Source
		want   object // what is not null
	}{
		"omni_connection": {
			"dataconn_omni_connection",
			protocol.Source{Provider: omniProvider, Type: "omni_connection", State: object{
				"id": strings.ToUpper(id1), "name": "n", "dialect": "bigquery", "port": 5432, "max_billing_bytes": "1000000000000", "query_timeout_seconds": nil,
				"include_schemas": " b,,a ,a", "offloaded_schemas": "", "always_scope_view_names": false, "wif_audience": "aud", "host": 7, "region": []string{"us"},
				"password": "p", "password_wo_version": 3, "deletion_protection": false, "timeouts": object{"create": "1h"}, "attribute_of_tomorrow": true,
			}},
			object{
				"id": id1, "name": "n", "dialect": "bigquery", "port": int64(5432), "max_billing_bytes": int64(1000000000000),
				"include_schemas": []string{"a", "b"}, "always_scope_view_names": false, "wif_audience": "aud", "deletion_protection": true,
			},
		},
		"omni_connection of a fork, with lists": {
			"dataconn_omni_connection",
			protocol.Source{Provider: "example.com/acme/omni", Type: "omni_connection", State: object{"id": id1, "include_schemas": []string{"b", "a"}, "max_billing_bytes": 5}},
			object{"id": id1, "include_schemas": []string{"a", "b"}, "max_billing_bytes": int64(5), "deletion_protection": true},
		},
		"omni_connection_environment": {
			"dataconn_omni_connection_environment",
			protocol.Source{Provider: omniProvider, Type: "omni_connection_environment", State: object{
				"id": id1, "base_connection_id": strings.ToUpper(id2), "environment_connection_id": id3, "user_attribute_values": []string{"b", "a"},
			}},
			object{"id": id1, "base_connection_id": id2, "connection_id": id3, "user_attribute_values": []string{"a", "b"}},
		},
		"what was sent to Omni": {
			"dataconn_omni_connection", restObject("/api/v1/connections", object{"data": sent, "api_response": `{"success":true,"data":"` + id1 + `"}`}),
			object{"id": id1, "name": "sent", "dialect": "bigquery", "region": "us", "include_schemas": []string{"a", "b"}, "max_billing_bytes": int64(7), "wif_audience": "aud", "deletion_protection": true},
		},
		"what Omni answered goes over it": {
			"dataconn_omni_connection", restObject("/api/v1/connections", object{"data": sent, "api_response": server}),
			object{"id": id1, "name": "answered", "dialect": "bigquery", "region": "us", "include_schemas": []string{"c"}, "max_billing_bytes": int64(7), "wif_audience": "aud", "created_at": "2026-01-01T00:00:00Z", "deletion_protection": true},
		},
		"nothing but the id": {
			"dataconn_omni_connection", restObject("/api/v1/connections", object{"data": "<html>", "api_response": "[]"}),
			object{"id": id1, "deletion_protection": true},
		},
		"the id elsewhere": {
			"dataconn_omni_connection", restObject("/api/v1/connections", object{"id": nil, "object_id": id2}),
			object{"id": id2, "deletion_protection": true},
		},
		"what Reporter answered": {
			"dataconn_reporter_connection", restObject("/v1/management/connections", object{"data": `{"configName":"sent","host":"h"}`, "api_response": reporterAnswer}),
			object{
				"id": id1, "config_name": "answered", "type": "MYSQL", "port": int64(1), "metadata": object{"k": "v"}, "created_at": "2026-01-01T00:00:00Z", "test_connection": false,
				"ssl": object{"mode": "true", "ca": nil, "cert": nil, "key": nil, "key_wo": nil, "key_wo_version": nil},
			},
		},
		"what was sent to Reporter": {
			"dataconn_reporter_connection", restObject("/v1/management/connections", object{"data": `{"configName":"sent","host":"h","password":"p"}`, "api_response": "no JSON"}),
			object{"id": id1, "config_name": "sent", "host": "h", "test_connection": false},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := protocol.New(t, protocol.Options()).Resource(test.target) // a move needs no server
			r.Move(test.source).RequireNone(t)
			got := r.State()
			maps.DeleteFunc(got, func(_ string, v any) bool { return v == nil })
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("carried\n%v\nnot\n%v", got, test.want)
			}
			for attribute, value := range r.Identity() {
				if value != test.want[attribute] {
					t.Errorf("the identity's %s is %v", attribute, value)
				}
			}
		})
	}
}

func TestMovePaths(t *testing.T) {
	t.Parallel()
	const omniType, reporterType = "dataconn_omni_connection", "dataconn_reporter_connection"
	for path, fits := range map[string][]string{
		"/api/v1/connections":                       {omniType},
		"/api/v1/connections/":                      {omniType},
		"api/v1/connections":                        {omniType},
		"/api/v1/connections?name=x":                {omniType},
		"/api/v1/connections/{id}":                  {omniType},
		"/api/unstable/connections":                 {omniType},
		"/omni/api/v1/connections":                  {omniType},
		"/v1/connections":                           {omniType},
		"/unstable/connections":                     {omniType},
		"/connections":                              {omniType, reporterType}, // the base URL has the rest
		"/v1/management/connections":                {reporterType},
		"/fetcher/v1/management/connections":        {reporterType},
		"/management/connections":                   {reporterType},
		"/api/v2/connections":                       nil,
		"/api/v1/connection-environments":           nil,
		"/api/v1/connections/" + id1 + "/schedules": nil,
		"/v1/management/connections/unassigned":     nil,
		"/v1/management/my-connections":             nil,
		"/":                                         nil,
		"":                                          nil,
	} {
		for _, target := range []string{omniType, reporterType} {
			r := protocol.New(t, protocol.Options()).Resource(target)
			diags := r.Move(restObject(path, nil))
			if slices.Contains(fits, target) {
				diags.RequireNone(t)
				continue
			}
			diags.RequireError(t, "Cannot move a restapi_object of "+restapiProvider, "is not that of the connections", "import block", "Nothing was changed")
		}
	}
}

// What is not ours to move, and what is but cannot be.
func TestMoveRefuses(t *testing.T) {
	t.Parallel()
	const target, environment = "dataconn_omni_connection", "dataconn_omni_connection_environment"
	connection := func(state any) protocol.Source {
		return protocol.Source{Provider: omniProvider, Type: "omni_connection", State: state}
	}
	tests := map[string]struct {
		target string
		source protocol.Source
		words  []string
	}{
		"another type":             {target, protocol.Source{Provider: omniProvider, Type: "omni_model", State: object{"id": id1}}, []string{"does not include support for the given source", "omni_model"}},
		"another provider":         {target, protocol.Source{Provider: "registry.terraform.io/acme/notomni", Type: "omni_connection", State: object{"id": id1}}, []string{"does not include support for the given source", "acme/notomni"}},
		"an environment as base":   {target, protocol.Source{Provider: omniProvider, Type: "omni_connection_environment", State: object{"id": id1}}, []string{"does not include support"}},
		"REST to an environment":   {environment, restObject("/api/v1/connection-environments", nil), []string{"does not include support"}},
		"a type that has no moves": {"dataconn_omni_environment_user_attribute", connection(object{"id": id1}), []string{"does not include move resource state support"}},
		"no id":                    {target, connection(object{"name": "n"}), []string{"Cannot move a omni_connection", "has no id"}},
		"an id that is no id":      {target, connection(object{"id": "../../users"}), []string{`"../../users" is not an id`}},
		"an id of another type":    {target, connection(object{"id": 7}), []string{"has no id"}},
		"no object":                {target, connection([]string{"id"}), []string{"not a JSON object"}},
		"null":                     {target, connection(nil), []string{"has no id"}},
		"REST without an id":       {target, restObject("/api/v1/connections", object{"id": nil}), []string{"has no id"}},
		"a base that is missing":   {environment, protocol.Source{Provider: omniProvider, Type: "omni_connection_environment", State: object{"id": id1, "environment_connection_id": id2}}, []string{"base_connection_id"}},
		"a base that is no id":     {environment, protocol.Source{Provider: omniProvider, Type: "omni_connection_environment", State: object{"id": id1, "base_connection_id": "b", "environment_connection_id": id2}}, []string{`"b" is not an id`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := protocol.New(t, protocol.Options()).Resource(test.target)
			diags := r.Move(test.source)
			diags.RequireError(t, test.words...)
			if len(diags) != 1 || r.Exists() {
				t.Errorf("%s\n%v", diags, r.State())
			}
		})
	}
}

// The plan after a move replaces nothing, refreshed or not, and sends no more
// than the secrets; the plan after its apply is empty.
func TestPlanAfterMove(t *testing.T) {
	t.Parallel()
	settings := object{"name": "n", "dialect": "bigquery", "region": "us", "database": "d", "wifAudience": "aud"}
	config := object{
		"name": "n", "dialect": "bigquery", "region": "us", "database": "d",
		"authentication_type": "bigquery-workload-identity-federation", "wif_audience": "aud",
	}
	for _, generation := range []omnimock.Generation{omnimock.Current, omnimock.Narrow2026} {
		for _, refreshed := range []bool{true, false} {
			for _, knowsAudience := range []bool{true, false} {
				t.Run(fmt.Sprintf("generation %d/refreshed=%t/audience=%t", generation, refreshed, knowsAudience), func(t *testing.T) {
					t.Parallel()
					s := omnimock.Start(t, omnimock.Options{Generation: generation})
					id := s.AddConnection(protocol.With(settings, object{"authenticationType": "bigquery-workload-identity-federation"}))
					p := moveProvider(t, protocol.OmniConfig(s))
					r := p.Resource("dataconn_omni_connection")
					data := object{"name": "n", "dialect": "bigquery"}
					if knowsAudience {
						data["wifAudience"] = "aud"
					}
					r.Move(restObject("/api/v1/connections", object{"id": id, "data": encoded(data)})).RequireNone(t)
					if refreshed {
						r.Refresh().RequireNone(t)
					}
					plan := r.Plan(config)
					plan.RequireOK(t)
					if len(plan.RequiresReplace()) > 0 {
						t.Fatalf("replaced for %v", plan.RequiresReplace())
					}
					plan.Apply().RequireOK(t)
					for _, request := range s.Requests() {
						if request.Method != "GET" {
							t.Errorf("%s %s %s", request.Method, request.Path, request.Body)
						}
					}
					p.Restart()
					r.Refresh().RequireNone(t)
					if again := r.Plan(config); !again.IsEmpty() {
						t.Errorf("the next plan is to %s %v", again.Action, again.Changes())
					}
					r.Plan(protocol.With(config, object{"wif_audience": "another"})).RequireError(t, "deletion_protection", "wif_audience cannot change in place")
				})
			}
		}
	}
}

// A setting that the former state knew and the server does not return is a
// change where the configuration differs from it, not an adoption.
func TestMovedSettingThatIsNotReturned(t *testing.T) {
	t.Parallel()
	s := omnimock.Start(t, omnimock.Options{Generation: omnimock.Narrow2026})
	id := s.AddConnection(object{"name": "n", "dialect": "postgres", "host": "h", "port": 5432, "database": "d", "username": "u"})
	p := moveProvider(t, protocol.OmniConfig(s))
	r := p.Resource("dataconn_omni_connection")
	r.Move(protocol.Source{Provider: omniProvider, Type: "omni_connection", State: object{"id": id, "host": "h"}}).RequireNone(t)
	r.Refresh().RequireNone(t)
	config := object{"name": "n", "dialect": "postgres", "host": "h", "port": 5432, "database": "d", "username": "u"}
	r.Plan(config).RequireWarning(t, "adopted from the configuration", "port, username")
	changed := r.Plan(protocol.With(config, object{"host": "elsewhere"}))
	changed.RequireOK(t)
	changed.Apply().RequireError(t, "too old", "host")
}

// Nothing that is secret gets out of the former state: every value of it that is
// not carried is a canary.
func TestMoveCanaries(t *testing.T) {
	t.Parallel()
	var secrets []string
	canary := func() string {
		secrets = append(secrets, "canary"+rand.Text())
		return secrets[len(secrets)-1]
	}
	private := canary()
	tests := map[string]struct {
		target string
		source protocol.Source
	}{
		"omni_connection": {"dataconn_omni_connection", protocol.Source{Provider: omniProvider, Type: "omni_connection", State: object{
			"id": id1, "name": "n", "dialect": "postgres", "password": canary(), "password_wo": canary(), "private_key": canary(), "private_key_wo": canary(),
			"oauth_client_secret": canary(), "oauth_client_secret_wo": canary(), "credentials_updated_at": canary(), "token": canary(), "timeouts": canary(),
		}}},
		"omni_connection_environment": {"dataconn_omni_connection_environment", protocol.Source{Provider: omniProvider, Type: "omni_connection_environment", State: object{
			"id": id1, "base_connection_id": id2, "environment_connection_id": id3, "token": canary(), "connection_id": canary(),
		}}},
		"restapi_object to Omni": {"dataconn_omni_connection", restObject("/api/v1/connections?key=", object{
			"data":         encoded(object{"name": "n", "passwordUnencrypted": canary(), "password": canary(), "privateKey": canary(), "oauthClientSecretUnencrypted": canary()}),
			"api_response": encoded(object{"connection": object{"name": "n", "passwordUnencrypted": canary(), "token": canary()}}),
			"update_data":  canary(), "destroy_data": canary(), "read_data": canary(), "create_response": canary(), "query_string": canary(),
			"api_data": object{"password": canary()}, "headers": object{"Authorization": canary()},
		})},
		"restapi_object to Reporter": {"dataconn_reporter_connection", restObject("/v1/management/connections", object{
			"data":         encoded(object{"configName": "n", "password": canary(), "ssl": object{"mode": "require", "ca": canary(), "cert": canary(), "key": canary()}}),
			"api_response": encoded(object{"configName": "n", "password": canary(), "ssl": object{"mode": "require", "key": canary()}}),
			"update_data":  canary(), "api_data": object{"password": canary()},
		})},
		"refused: the path": {"dataconn_omni_connection", restObject("/users?token="+canary(), object{"data": canary()})},
		"refused: no id":    {"dataconn_omni_connection", restObject("/connections", object{"id": nil, "data": canary()})},
		"refused: no state": {"dataconn_omni_connection", protocol.Source{Provider: omniProvider, Type: "omni_connection", State: []string{canary()}}},
		"passed over":       {"dataconn_omni_connection", protocol.Source{Provider: omniProvider, Type: "omni_user", State: object{"id": canary()}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			omni, reporter := omnimock.Start(t, omnimock.Options{}), reportermock.Start(t, reportermock.Options{})
			p := protocol.New(t, protocol.Options())
			j := &journal{}
			p.LogTo(j)
			p.Configure(mergedConfig(protocol.OmniConfig(omni), protocol.ReporterConfig(reporter))).RequireOK(t)
			r := p.Resource(test.target)
			test.source.Private = []byte(encoded(object{"hash": []byte(encoded(private))})) // as the framework writes it
			j.diagnostics(r.Move(test.source))
			j.resource(t, r)
			j.diagnostics(r.Refresh())
			j.resource(t, r)
			for _, secret := range secrets {
				j.search(t, "a secret of the former state", secret, "")
			}
			if j.log.Len() == 0 {
				t.Error("the log was not captured")
			}
		})
	}
}
