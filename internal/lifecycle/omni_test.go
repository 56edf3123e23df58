// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package lifecycle_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"sync"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
)

// subjects are all resources of the provider.
func subjects() []subject {
	return []subject{
		omniConnection(),
		connectionEnvironment(),
		environmentUserAttribute(),
		schemaModel(),
		connectionSchedule(),
		connectionDBT(),
		dbtEnvironment(),
		userAttribute(),
		userAttributeValue(),
		reporterConnection(),
	}
}

// reference is the id of a connection of before.
func reference(name string) acctest.Expression {
	return acctest.Expression("dataconn_omni_connection.LABEL_" + name + ".id")
}

// connections are what other subjects refer to.
func connections(names ...string) string {
	all := ""
	for _, name := range names {
		all += acctest.Resource("dataconn_omni_connection", "LABEL_"+name, postgres().With(attributes{"name": "LABEL " + name}))
	}
	return all
}

func postgres() attributes {
	return attributes{
		"name": "LABEL", "dialect": "postgres", "host": "h1.example.com", "port": 5432, "database": "d", "username": "u",
		"password": "pw-LABEL", "deletion_protection": false,
	}
}

// dialect changes the body to another dialect.
func dialect(name string, settings attributes) attributes {
	return attributes{"dialect": name, "host": nil, "port": nil, "database": nil, "username": nil}.With(settings)
}

func omniConnection() subject {
	snowflake := dialect("snowflake", attributes{"host": "acme", "database": "D", "username": "U", "warehouse": "W"})
	external := snowflake.With(attributes{"authentication_type": "snowflake-external-oauth-user"})
	bigquery := dialect("bigquery", attributes{"region": "eu", "password": serviceAccount})
	federated := bigquery.With(attributes{"password": nil, "authentication_type": "bigquery-workload-identity-federation", "wif_audience": "audience"})
	athena := dialect("athena", attributes{"region": "eu-west-1", "database": "d", "username": "u"})
	mssql := attributes{"dialect": "mssql", "default_schema": "dbo"}
	return subject{
		typeName:  "dataconn_omni_connection",
		body:      postgres(),
		change:    attributes{"host": "h2.example.com", "include_schemas": []string{"a", "LABEL"}},
		elsewhere: attributes{"dialect": "redshift"},
		samples: map[string]sample{
			"name":                                  {value: "LABEL one", other: "LABEL two"},
			"port":                                  {value: 5432, other: 5433},
			"database":                              {value: "d1 LABEL", other: "d2 LABEL"},
			"username":                              {value: "u1 LABEL", other: "u2 LABEL"},
			"include_schemas":                       {value: []string{"a"}, other: []string{"b", "LABEL"}},
			"deletion_protection":                   {value: false, other: false},
			"host_override":                         {value: "one.example.com", other: "two.example.com", with: snowflake.With(attributes{"host": nil})},
			"base_role":                             {value: "QUERIER", other: "VIEWER"},
			"warehouse":                             {value: "W1", other: "W2", with: snowflake},
			"region":                                {value: "us", other: "europe-west1", with: bigquery},
			"include_other_catalogs":                {value: []string{"c"}, other: []string{"d", "e"}, with: snowflake},
			"offloaded_schemas":                     {value: []string{"c"}, other: []string{"d", "e"}},
			"default_schema":                        {value: "s1", other: "s2"},
			"scratch_schema":                        {value: "s1", other: "s2"},
			"query_timeout_seconds":                 {value: 60, other: 61},
			"max_billing_bytes":                     {value: 1000, other: 2000, with: bigquery},
			"system_timezone":                       {value: "Europe/Berlin", other: "Europe/Vienna"},
			"query_timezone":                        {value: "Europe/Berlin", other: "NONE"},
			"allows_user_specific_timezones":        {value: true, other: false},
			"always_scope_view_names":               {value: true, other: false},
			"trust_server_certificate":              {value: true, other: false, with: mssql},
			"accepts_license":                       {value: true, other: true, with: attributes{"dialect": "oracle"}},
			"authentication_type":                   {value: "mssql-sql-authentication", other: "mssql-active-directory-password", with: mssql},
			"aws_role_arn":                          {value: "arn:aws:iam::1:role/one", other: "arn:aws:iam::1:role/two", with: athena},
			"enable_db_semantic_layer_integration":  {value: true, other: false, with: snowflake},
			"enable_db_semantic_layer_topics":       {value: true, other: false, with: snowflake},
			"external_oauth_audience":               {value: "one", other: "two", with: external},
			"external_oauth_authorization_url":      {value: "https://one.example.com", other: "https://two.example.com", with: external},
			"external_oauth_token_url":              {value: "https://one.example.com", other: "https://two.example.com", with: external},
			"oauth_client_id":                       {value: "one", other: "two", with: external},
			"infer_relationships_from_column_names": {value: true, other: false},
			"infer_relationships_from_foreign_keys": {value: true, other: false},
			"use_machine_auth":                      {value: true, other: false, with: athena},
			"wif_audience":                          {value: "audience", other: "another", with: federated},
			"wif_service_account_email":             {value: "a@p.iam.gserviceaccount.com", other: "b@p.iam.gserviceaccount.com", with: federated},
		},
		secrets: map[string]secretSample{
			"password":            {values: texts},
			"private_key":         {values: keys, with: snowflake.With(attributes{"authentication_type": "snowflake-keypair"})},
			"oauth_client_secret": {values: texts, with: external.With(attributes{"oauth_client_id": "client"})},
		},
		onServer: func(w *world) []string {
			var ids []string
			for _, c := range w.omni.Connections() {
				ids = append(ids, c.ID)
			}
			return ids
		},
	}
}

const serviceAccount = `{"type": "service_account", "project_id": "p", "client_email": "a@p.iam.gserviceaccount.com", "private_key": "LABEL"}`

// keys are three private keys, made once: that takes a while.
var keys = sync.OnceValue(func() (all [3]string) {
	for i := range all {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		encoded, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			panic(err)
		}
		all[i] = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}))
	}
	return all
})

func connectionEnvironment() subject {
	return subject{
		typeName: "dataconn_omni_connection_environment", unique: true,
		before: connections("base", "one", "two"),
		body: attributes{
			"base_connection_id": reference("base"), "connection_id": reference("one"), "user_attribute_values": []string{"LABEL a", "b"},
		},
		change:    attributes{"user_attribute_values": []string{"b", "LABEL c"}},
		elsewhere: attributes{"connection_id": reference("two")},
		samples: map[string]sample{
			"base_connection_id": {value: reference("base"), other: reference("two")},
		},
		onServer: func(w *world) []string {
			var ids []string
			for _, e := range w.omni.Environments() {
				ids = append(ids, e.ID)
			}
			return ids
		},
	}
}

func environmentUserAttribute() subject {
	return subject{
		typeName: "dataconn_omni_environment_user_attribute", unique: true,
		before: connections("base", "two"),
		body: attributes{
			"connection_id": reference("base"), "attribute_name": "environment", "default_values": []string{"LABEL dev"},
		},
		change:    attributes{"attribute_name": "region", "default_values": []string{"LABEL eu"}},
		elsewhere: attributes{"connection_id": reference("two")},
		onServer: func(w *world) []string {
			var ids []string
			for _, c := range w.omni.Connections() {
				if c.Settings["userAttributeNameForConnectionEnvironments"] != nil {
					ids = append(ids, c.ID)
				}
			}
			return ids
		},
	}
}

func schemaModel() subject {
	return subject{
		typeName: "dataconn_omni_schema_model", stays: true,
		before:    connections("base", "two"),
		body:      attributes{"connection_id": reference("base"), "refresh_on_create": false},
		change:    attributes{"refresh_on_create": true},
		elsewhere: attributes{"connection_id": reference("two")},
		onServer:  func(w *world) []string { return w.omni.SchemaModels() },
	}
}

func connectionSchedule() subject {
	model := func(name string) string {
		return acctest.Resource("dataconn_omni_schema_model", "LABEL_"+name, attributes{"connection_id": reference(name)})
	}
	modeled := func(name string) acctest.Expression {
		return acctest.Expression("dataconn_omni_schema_model.LABEL_" + name + ".connection_id")
	}
	return subject{
		typeName:  "dataconn_omni_connection_schedule",
		before:    connections("base", "two") + model("base") + model("two"),
		body:      attributes{"connection_id": modeled("base"), "schedule": "0 2 * * ? *", "timezone": "UTC"},
		change:    attributes{"schedule": "0 3 * * ? *", "timezone": "Europe/Berlin"},
		elsewhere: attributes{"connection_id": modeled("two")},
		samples:   map[string]sample{"hard_refresh": {value: true, other: false}},
		onServer: func(w *world) []string {
			var ids []string
			for _, o := range w.omni.Schedules() {
				ids = append(ids, o.ConnectionID+"/"+o.ID)
			}
			return ids
		},
	}
}

func connectionDBT() subject {
	token := attributes{"ssh_url": "https://github.com/o/r", "auth_method": "https_token"}
	app := attributes{"ssh_url": "https://github.com/o/r", "auth_method": "github_app", "github_app_installation_id": "123"}
	committer := app.With(attributes{"commit_signing_committer_email": "a@example.com", "commit_signing_committer_name": "A"})
	return subject{
		typeName: "dataconn_omni_connection_dbt", unique: true,
		before: connections("base", "two"),
		body: attributes{
			"connection_id": reference("base"), "ssh_url": "git@github.com:o/r.git", "branch": "main",
			"autogen_relationships": true, "enable_virtual_schemas": false,
		},
		change:    attributes{"branch": "LABEL", "enable_virtual_schemas": true, "autogen_relationships": false, "ssh_url": "git@github.com:o/LABEL.git"},
		elsewhere: attributes{"connection_id": reference("two")},
		samples: map[string]sample{
			"enable_semantic_layer":          {value: true, other: false},
			"dbt_version":                    {value: "1.11", other: "1.12"},
			"project_root_path":              {value: "one", other: "LABEL"},
			"auth_method":                    {value: "ssh", other: "ssh"},
			"github_app_installation_id":     {value: "123", other: "124", with: app},
			"commit_signing_committer_email": {value: "a@example.com", other: "b@example.com", with: committer},
			"commit_signing_committer_name":  {value: "A", other: "LABEL", with: committer},
		},
		secrets: map[string]secretSample{"token": {values: texts, with: token}},
		onServer: func(w *world) []string {
			var ids []string
			for _, c := range w.omni.Connections() {
				if _, linked := w.omni.DBT(c.ID); linked {
					ids = append(ids, c.ID)
				}
			}
			return ids
		},
	}
}

func dbtEnvironment() subject {
	dbt := func(name string) string {
		return acctest.Resource("dataconn_omni_connection_dbt", "LABEL_"+name, attributes{
			"connection_id": reference(name), "ssh_url": "git@github.com:o/r.git", "branch": "main",
			"autogen_relationships": true, "enable_virtual_schemas": false,
		})
	}
	linked := func(name string) acctest.Expression {
		return acctest.Expression("dataconn_omni_connection_dbt.LABEL_" + name + ".connection_id")
	}
	return subject{
		typeName: "dataconn_omni_dbt_environment",
		before:   connections("base", "two") + dbt("base") + dbt("two"),
		body: attributes{
			"connection_id": linked("base"), "name": "LABEL", "target_schema": "s1",
			"variables": attributes{"PLAIN": attributes{"value": "p"}},
		},
		change:    attributes{"name": "LABEL two", "target_schema": "s2", "variables": attributes{"PLAIN": attributes{"value": "LABEL"}, "MORE": attributes{"value": ""}}},
		elsewhere: attributes{"connection_id": linked("two")},
		samples: map[string]sample{
			"target_database":   {value: "d1", other: "LABEL"},
			"target_name":       {value: "n1", other: "LABEL"},
			"target_role":       {value: "r1", other: "LABEL"},
			"owner_id":          {value: "MEMBER_ONE", other: "MEMBER_TWO"},
			"variables.*.value": {value: "v1", other: "LABEL"},
		},
		secrets: map[string]secretSample{"variables.*.secret": {values: texts}},
		onServer: func(w *world) []string {
			var ids []string
			for _, c := range w.omni.Connections() {
				for _, e := range w.omni.DBTEnvironments(c.ID) {
					ids = append(ids, fmt.Sprintf("%s/%s", c.ID, e.ID))
				}
			}
			return ids
		},
	}
}

// userAttributeValue has two users of its own in the world.
func userAttributeValue() subject {
	several := attributes{"attribute_name": "teams", "value": nil}
	return subject{
		typeName: "dataconn_omni_user_attribute_value", unique: true,
		body:      attributes{"user_email": "one-LABEL@example.com", "attribute_name": "env", "value": "LABEL a"},
		change:    attributes{"value": "LABEL b"},
		elsewhere: attributes{"user_email": "two-LABEL@example.com"},
		samples: map[string]sample{
			"user_id":        {value: "USER_ONE", other: "USER_TWO", with: attributes{"user_email": nil}, inPath: true},
			"user_email":     {value: "one-LABEL@example.com", other: "two-LABEL@example.com", inPath: true},
			"attribute_name": {value: "env", other: "region"},
			"values":         {value: []string{"a"}, other: []string{"b", "LABEL"}, with: several},
		},
		onServer: func(w *world) []string {
			var ids []string
			for _, u := range w.omni.Users() {
				for attribute := range u.Attributes {
					ids = append(ids, u.ID+"/"+attribute)
				}
			}
			return ids
		},
	}
}

func userAttribute() subject {
	return subject{
		typeName: "dataconn_omni_user_attribute", unique: true,
		body:      attributes{"name": "LABEL", "label": "One", "type": "String", "default_values": []string{"LABEL a"}},
		change:    attributes{"label": "LABEL two", "default_values": []string{"LABEL b"}},
		elsewhere: attributes{"type": "Number", "default_values": []string{"1"}},
		samples: map[string]sample{
			"name":            {value: "LABEL_one", other: "LABEL_two"},
			"type":            {value: "Number", other: "String", with: attributes{"default_values": []string{"1"}}},
			"multiple_values": {value: true, other: false},
			"description":     {value: "one", other: "LABEL"},
		},
		onServer: func(w *world) []string {
			var ids []string
			for _, a := range w.omni.UserAttributes() {
				if !a.System {
					ids = append(ids, a.ID)
				}
			}
			return ids
		},
	}
}
