// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// queried runs terraform query for all objects of these types, with generated
// configuration, and applies that. It is to import all of them and to change
// nothing.
func queried(t *testing.T, session *acctest.Session, objects int, typeNames ...string) {
	t.Helper()
	var blocks strings.Builder
	for _, typeName := range typeNames {
		_, _ = fmt.Fprintf(&blocks, "list %q \"all\" {\n  provider = dataconn\n}\n", typeName)
	}
	if err := os.WriteFile(filepath.Join(session.Dir, "all.tfquery.hcl"), []byte(blocks.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	session.Run("query", "-generate-config-out=generated.tf")
	generated := session.Read("generated.tf")
	if got := strings.Count(generated, "import {"); got != objects {
		t.Fatalf("%d of %d objects were found:\n%s", got, objects, generated)
	}
	plan := session.Run("plan")
	if want := fmt.Sprintf("Plan: %d to import, 0 to add, 0 to change, 0 to destroy.", objects); !strings.Contains(plan, want) {
		t.Errorf("the plan is not %s\n%s\nof\n%s", want, plan, generated)
	}
	if strings.Contains(plan, "Warning") {
		t.Errorf("the plan warns:\n%s", plan)
	}
	session.Run("apply", "-auto-approve")
	session.Run("plan", "-detailed-exitcode")
}

func TestQueryOmni(t *testing.T) {
	t.Parallel()
	omni := acctest.StartOmni(t, omnimock.Options{EnvironmentList: true})
	session := omni.Session(t)
	session.RequireTerraform(1, 14)
	addOneOfEveryDialect(omni.Server)
	base := omni.AddConnection(object{"name": "base", "dialect": "exasol", "host": "h"})
	omni.AddEnvironment(base, omni.AddConnection(object{"name": "prod", "dialect": "exasol", "host": "h"}), "prod", "eu")
	omni.EditConnection(base, func(settings map[string]any) {
		settings["userAttributeNameForConnectionEnvironments"] = "environment"
		settings["userAttributeValuesForDefaultEnvironment"] = []string{"dev"}
	})
	postgres := omni.AddConnection(object{"name": "with dbt", "dialect": "postgres", "host": "h", "port": 5432, "database": "d", "username": "u"})
	omni.EditDBT(postgres, func(*omnimock.DBT) {})
	value := "v"
	omni.AddDBTEnvironment(postgres, omnimock.DBTEnvironment{Name: "dev", TargetSchema: "dev", Variables: []omnimock.DBTVariable{{Name: "V", Value: &value}}})
	omni.AddSchedule(postgres, "0 2 * * ? *", "UTC")
	omni.AddUser(omnimock.User{UserName: "a@example.com", Attributes: object{"env": "dev"}})
	attributes := 0
	for _, a := range omni.UserAttributes() {
		if !a.System {
			attributes++
		}
	}
	session.Write(omni.Config())
	queried(t, session, len(everyDialect())+10+attributes,
		"dataconn_omni_connection", "dataconn_omni_connection_environment", "dataconn_omni_environment_user_attribute",
		"dataconn_omni_connection_schedule", "dataconn_omni_schema_model", "dataconn_omni_connection_dbt", "dataconn_omni_dbt_environment", "dataconn_omni_user_attribute",
		"dataconn_omni_user_attribute_value")
	if writes := omni.Writes(); len(writes) > 0 {
		t.Errorf("written: %q", writes)
	}
}

func TestQueryReporter(t *testing.T) {
	t.Parallel()
	reporter := acctest.StartReporter(t, reportermock.Options{})
	session := reporter.Session(t)
	session.RequireTerraform(1, 14)
	schema, mode := "sales", "verify-full"
	reporter.Add(reportermock.Connection{ConfigName: "full", ProductName: "sales", Schema: &schema, SSLMode: &mode, Metadata: object{"team": "a"}}, "p")
	reporter.Add(reportermock.Connection{ConfigName: "minimal", ProductName: "other", Type: "MYSQL"}, "p")
	session.Write(reporter.Config())
	queried(t, session, 2, "dataconn_reporter_connection")
	if writes := reporter.Writes(); len(writes) > 0 {
		t.Errorf("written: %q", writes)
	}
}

// The CLI shows what the provider says, at the filter's place in the file.
func TestQueryFailures(t *testing.T) {
	t.Parallel()
	omni := acctest.StartOmni(t, omnimock.Options{})
	session := omni.Session(t)
	session.RequireTerraform(1, 14)
	session.Write(omni.Config())
	for config, words := range map[string][]string{
		"list \"dataconn_omni_connection_environment\" \"all\" {\n  provider = dataconn\n}\n":                                      {"does not list connection environments"},
		"list \"dataconn_omni_connection\" \"all\" {\n  provider = dataconn\n  config {\n    dialects = [\"dbase\"]\n  }\n}\n":     {"Invalid dialect(s): dbase", "line 4", "dialects"},
		"list \"dataconn_omni_connection\" \"all\" {\n  provider = dataconn\n  config {\n    dialects = [\"post,gres\"]\n  }\n}\n": {"cannot contain a comma", "dialects[0]"},
	} {
		if err := os.WriteFile(filepath.Join(session.Dir, "all.tfquery.hcl"), []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		output := session.Fail("query")
		for _, w := range words {
			if !acctest.Saying(w).MatchString(strings.ReplaceAll(output, "│", " ")) {
				t.Errorf("the output does not say %q:\n%s", w, output)
			}
		}
	}
}
