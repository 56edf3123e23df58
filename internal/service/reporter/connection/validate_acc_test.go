// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// What the service would refuse is refused before anything is sent, on the
// attribute.
func TestRefusedAtPlan(t *testing.T) {
	t.Parallel()
	server := reportermock.Start(t, reportermock.Options{})
	p := protocol.New(t, protocol.Options())
	p.Configure(protocol.ReporterConfig(server)).RequireOK(t)
	long := strings.Repeat("x", 101)
	object := func(changes map[string]any) map[string]any { return protocol.With(config(), changes) }
	for name, c := range map[string]struct {
		config  map[string]any
		at      string
		message string
	}{
		"lower-case type":         {object(map[string]any{"type": "postgresql"}), "type", "POSTGRESQL"},
		"unknown type":            {object(map[string]any{"type": "SQLITE"}), "type", "SQL_SERVER"},
		"host with scheme":        {object(map[string]any{"host": "http://db"}), "host", "a host has no scheme"},
		"host with port":          {object(map[string]any{"host": "db.example.com:5432"}), "host", "has no port"},
		"empty host":              {object(map[string]any{"host": ""}), "host", "neither"},
		"port zero":               {object(map[string]any{"port": 0}), "port", "between 1 and 65535"},
		"port with a fraction":    {object(map[string]any{"port": 5432.5}), "port", "must be a whole number"},
		"port too high":           {object(map[string]any{"port": 65536}), "port", "between 1 and 65535"},
		"config name too short":   {object(map[string]any{"config_name": "ab"}), "config_name", "between 3 and 100"},
		"config name too long":    {object(map[string]any{"config_name": long}), "config_name", "between 3 and 100"},
		"config name with blank":  {object(map[string]any{"config_name": "my db"}), "config_name", "letters, digits, _ and -"},
		"product with blank":      {object(map[string]any{"product_name": "my product"}), "product_name", "letters, digits, _ and -"},
		"empty product":           {object(map[string]any{"product_name": ""}), "product_name", "is empty"},
		"long product":            {object(map[string]any{"product_name": long}), "product_name", "between 1 and 100"},
		"blank database name":     {object(map[string]any{"database_name": " "}), "database_name", "spaces"},
		"blanks round user name":  {object(map[string]any{"user_name": "u "}), "user_name", "which the service trims"},
		"no password":             {object(map[string]any{"password": nil}), "password", "password_wo"},
		"empty password":          {object(map[string]any{"password": ""}), "password", "the value is empty"},
		"two passwords":           {object(map[string]any{"password_wo": "p"}), "password", "password_wo"},
		"version without value":   {object(map[string]any{"password_wo_version": 1}), "password_wo_version", "password_wo"},
		"no metadata value":       {object(map[string]any{"metadata": map[string]any{"k": nil}}), "metadata", "null"},
		"mode of another type":    {object(map[string]any{"ssl": map[string]any{"mode": "preferred", "ca": "CA"}}), "ssl.mode", "verify-full"},
		"mode in another case":    {object(map[string]any{"ssl": map[string]any{"mode": "Require", "ca": "CA"}}), "ssl.mode", "case matters"},
		"path of a ca":            {object(map[string]any{"ssl": map[string]any{"mode": "require", "ca": "/etc/ca.pem"}}), "ssl.ca", "path of a file"},
		"path of a key":           {object(map[string]any{"ssl": map[string]any{"mode": "require", "ca": "CA", "key_wo": "client.key"}}), "ssl.key_wo", "path of a file"},
		"empty mode":              {object(map[string]any{"ssl": map[string]any{"mode": "", "ca": "CA"}}), "ssl.mode", "is empty"},
		"empty ca":                {object(map[string]any{"ssl": map[string]any{"mode": "require", "ca": ""}}), "ssl.ca", "is empty"},
		"ssl key twice":           {object(map[string]any{"ssl": map[string]any{"mode": "require", "ca": "CA", "key": "k", "key_wo": "k"}}), "ssl.key", "key_wo"},
		"ssl version without key": {object(map[string]any{"ssl": map[string]any{"mode": "require", "ca": "CA", "key_wo_version": 1}}), "ssl.key_wo_version", "key_wo"},
	} {
		plan := p.Resource(typeName).Plan(c.config)
		if errors := plan.Errors().String(); strings.Count(errors, "at "+c.at+":") != 1 || !strings.Contains(errors, c.message) {
			t.Errorf("%s: no error at %s with %q; there is:\n%s", name, c.at, c.message, plan.Diagnostics)
		}
	}
	// At the limits.
	for name, good := range map[string]map[string]any{
		"names":    {"config_name": long[1:], "product_name": long[1:]},
		"short":    {"config_name": "abc", "product_name": "a"},
		"metadata": {"metadata": map[string]any{strings.Repeat("ö", 100): strings.Repeat("ö", 2000)}},
		"port":     {"port": 65535},
		"ssl":      {"ssl": map[string]any{"mode": "disable", "ca": "any text"}},
	} {
		if plan := p.Resource(typeName).Plan(object(good)); plan.HasError() {
			t.Errorf("%s: %s", name, plan.Errors())
		}
	}
	if sent := server.Requests(); len(sent) > 0 {
		t.Errorf("sent: %v", sent)
	}
}

// ssl needs its certificate, wherever it is sent.
func TestSSLWithoutCA(t *testing.T) {
	reporter := acctest.StartReporter(t, reportermock.Options{})
	reporter.Run(t, resource.TestStep{
		Config:      reporter.Config(connection(minimal(attributes{"ssl": attributes{"mode": "disable"}}))),
		ExpectError: acctest.Saying("The service replaces ssl as a whole, and requires ca with every mode"),
	})
	if writes := reporter.Writes(); len(writes) > 0 {
		t.Errorf("sent: %q", writes)
	}
}

// A product comes from somewhere.
func TestNoProduct(t *testing.T) {
	t.Parallel()
	server := reportermock.Start(t, reportermock.Options{})
	p := protocol.New(t, protocol.Options())
	p.Configure(protocol.With(protocol.ReporterConfig(server), map[string]any{"reporter": map[string]any{"product_name": nil}})).RequireOK(t)
	r := p.Resource(typeName)
	r.Plan(config()).RequireError(t, "at product_name", "REPORTER_PRODUCT_NAME")
	r.Apply(protocol.With(config(), map[string]any{"product_name": "Mine"})).RequireOK(t)
	if got := server.Connections()[0].ProductName; got != "mine" {
		t.Errorf("the product is %q", got)
	}
}
