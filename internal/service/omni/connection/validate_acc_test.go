// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// What cannot work is refused before anything is sent, on the attribute that is
// wrong.
func TestInvalidConfiguration(t *testing.T) {
	dialects := minimal()
	snowflake := dialects["snowflake"]
	for name, c := range map[string]struct {
		config    attributes
		attribute string
		message   string
	}{
		"empty name":             {postgres(attributes{"name": ""}), "name", "at least 1"},
		"no host":                {postgres(attributes{"host": nil}), "host", "A postgres connection needs host"},
		"no region":              {dialects["athena"].With(attributes{"region": nil}), "region", "needs region"},
		"licence not accepted":   {dialects["oracle"].With(attributes{"accepts_license": false}), "accepts_license", "only if accepts_license is true"},
		"no credentials":         {postgres(attributes{"password": nil}), "password", "A new postgres connection needs password"},
		"key pair without key":   {snowflake.With(attributes{"authentication_type": "snowflake-keypair"}), "private_key", "needs private_key"},
		"no audience":            {bigqueryWIF(attributes{"wif_audience": nil}), "wif_audience", "needs wif_audience"},
		"no snowflake host":      {snowflake.With(attributes{"host": nil}), "host", "needs host (the account identifier) or host_override"},
		"two snowflake hosts":    {snowflake.With(attributes{"host_override": "acme.example.com"}), "host_override", "not both"},
		"full snowflake host":    {snowflake.With(attributes{"host": "acme.SnowflakeComputing.com"}), "host", "account identifier only"},
		"password not JSON":      {dialects["bigquery"].With(attributes{"password": "hunter2"}), "password", "service account's JSON key file"},
		"password not a key":     {dialects["bigquery"].With(attributes{"password_wo": `{"type":"user"}`, "password": nil}), "password_wo", "not a service account's key file"},
		"private key not PEM":    {snowflake.With(attributes{"private_key": "MIIE"}), "private_key", "not PEM"},
		"private key encrypted":  {snowflake.With(attributes{"private_key_wo": "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIE\n-----END ENCRYPTED PRIVATE KEY-----\n"}), "private_key_wo", "encrypted"},
		"private key elsewhere":  {postgres(attributes{"private_key": privateKeys()[0]}), "private_key", "A postgres connection does not use private_key"},
		"comma in an element":    {postgres(attributes{"include_schemas": []string{"a,b"}}), "include_schemas", "cannot contain a comma"},
		"spaces round elements":  {postgres(attributes{"offloaded_schemas": []string{" a"}}), "offloaded_schemas", "lose its leading or trailing spaces"},
		"timeout over the limit": {postgres(attributes{"query_timeout_seconds": 3601}), "query_timeout_seconds", "3600"},
		"port zero":              {postgres(attributes{"port": 0}), "port", "between 1 and 65535"},
		"port too high":          {postgres(attributes{"port": 65536}), "port", "between 1 and 65535"},
		"host with scheme":       {postgres(attributes{"host": "https://db.example.com"}), "host", "a host has no scheme"},
		"host with path":         {postgres(attributes{"host": "db.example.com/analytics"}), "host", "a host has no path"},
		"URL without TLS":        {snowflake.With(attributes{"external_oauth_token_url": "http://a.example.com"}), "external_oauth_token_url", "https://"},
		"attribute not used":     {postgres(attributes{"warehouse": "WH"}), "warehouse", "A postgres connection does not use warehouse"},
		"port not used":          {snowflake.With(attributes{"port": 443}), "port", "does not use port"},
		"another's sign-in":      {snowflake.With(attributes{"authentication_type": "mssql-sql-authentication"}), "authentication_type", "belongs to mssql connections"},
		"two passwords":          {postgres(attributes{"password_wo": "p"}), "password", "password_wo"},
		"version without value":  {postgres(attributes{"password_wo_version": 1}), "password_wo_version", "password_wo"},
		"empty password":         {postgres(attributes{"password": ""}), "password", "the value is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			omni := acctest.StartOmni(t, omnimock.Options{})
			omni.Run(t, resource.TestStep{
				Config: omni.Config(connection("test", c.config)), ExpectError: acctest.Saying(address("test")),
			})
			omni.RequireRefused(t, c.attribute, c.message)
		})
	}

	// The CLI's own check: the attribute is required.
	t.Run("no name", func(t *testing.T) {
		omni := acctest.StartOmni(t, omnimock.Options{})
		omni.Run(t, resource.TestStep{
			Config: omni.Config(connection("test", postgres(attributes{"name": nil}))), ExpectError: acctest.Saying(`The argument "name" is required`),
		})
	})
}

// What is not known before the apply is not judged before it: it may turn out
// well.
func TestUnknownValuesAreNotJudged(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	known := acctest.Resource("terraform_data", "later", attributes{"input": attributes{
		"host": "db.example.com", "dialect": "postgres", "password": "late-secret", "schema": "public",
	}})
	later := func(name string) acctest.Expression { return acctest.Expression("terraform_data.later.output." + name) }
	omni.Run(t, resource.TestStep{Config: omni.Config(known, connection("test", postgres(attributes{
		"dialect": later("dialect"), "host": later("host"), "password": nil, "password_wo": later("password"),
		"include_schemas": acctest.Expression("[terraform_data.later.output.schema]"),
	})))})
	if !omni.ReceivedSecret("late-secret") {
		t.Error("the password did not arrive")
	}
}
