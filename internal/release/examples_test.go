// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package release_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// exampleSession begins a session with the files of an example, for which the
// servers have what its data sources look for.
func exampleSession(t *testing.T, folder string) *acctest.Session {
	t.Helper()
	var session *acctest.Session
	if strings.HasPrefix(filepath.Base(folder), "dataconn_reporter_") {
		reporter := acctest.StartReporter(t, reportermock.Options{AnyDatabase: true, DataSources: []reportermock.DataSource{{ID: "ledger", ExternalName: "Ledger", Type: "postgresql"}}})
		database := reportermock.Database{
			Host: "db.example.com", Port: 5432, DatabaseName: "ledger", UserName: "reporter", Password: "a password",
			Tables: map[string][]string{"account": {"id"}},
		}
		reporter.AddDatabase(database)
		id := reporter.Add(reportermock.Connection{
			ConfigName: "ledger", ProductName: "sales", Type: "POSTGRESQL", Host: database.Host, Port: database.Port,
			DatabaseName: database.DatabaseName, UserName: database.UserName,
		}, database.Password)
		session = reporter.Session(t)
		session.Setenv("TF_VAR_connection_id", id)
	} else {
		omni := acctest.StartOmni(t, omnimock.Options{EnvironmentList: true})
		base := omni.AddConnection(map[string]any{"name": "Analytics", "dialect": "postgres", "userAttributeNameForConnectionEnvironments": "environment"})
		production := omni.AddConnection(map[string]any{"name": "Analytics (production)", "dialect": "postgres"})
		omni.AddEnvironment(base, production, "prod")
		for _, name := range []string{"ada", "grace"} {
			omni.AddUser(omnimock.User{UserName: name + "@example.com", DisplayName: name})
		}
		session = omni.Session(t)
		if filepath.Base(folder) == "dataconn_omni_environment_audience" {
			session.Setenv("TF_VAR_base_connection_id", base)
			session.Setenv("TF_VAR_production_connection_id", production)
		}
		if filepath.Base(folder) == "dataconn_omni_user_attribute" {
			session.Setenv("TF_VAR_base_connection_id", production)
		}
	}
	// No example has a default for what is secret.
	for _, variable := range []string{"database_password", "repository_token", "service_token"} {
		session.Setenv("TF_VAR_"+variable, "a-value")
	}
	session.Setenv("TF_VAR_service_account_key", `{"type":"service_account","client_email":"omni@example.com","private_key":"key"}`)
	if err := os.CopyFS(session.Dir, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	return session
}

// Every example of a resource plans with its secrets set, and so does every one of a data
// source where what it looks for exists; the examples of imports fit to the
// resource's.
func TestExamplesPlan(t *testing.T) {
	t.Parallel()
	folders, err := filepath.Glob(filepath.Join(root, "examples", "*", "dataconn_*"))
	if err != nil || len(folders) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, folder := range folders {
		kind := filepath.Base(filepath.Dir(folder))
		if kind != "resources" && kind != "data-sources" {
			continue // what they are for is newer than the oldest CLI
		}
		t.Run(kind+"."+filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			session := exampleSession(t, folder)
			if kind == "resources" {
				imports := map[bool]string{true: "import-by-string-id.tf", false: "import-by-identity.tf"}
				remove(t, session, imports[acctest.HasIdentity()])
				session.Run("validate")
				remove(t, session, imports[!acctest.HasIdentity()])
			}
			session.Run("plan")
		})
	}
}

func remove(t *testing.T, session *acctest.Session, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(session.Dir, name)); err != nil {
		t.Fatal(err)
	}
}
