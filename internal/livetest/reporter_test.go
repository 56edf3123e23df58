// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package livetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/live"
)

func TestReporter(t *testing.T) {
	run(t, live.Reporter, map[string]func(*testing.T, *world){
		"connection": reporterConnection,
		"data":       reporterData,
		"query":      reporterQuery,
	})
}

func ledger(name, owner string, port int) string {
	return fmt.Sprintf(`
resource "dataconn_reporter_connection" "ledger" {
  config_name         = %q
  type                = "POSTGRESQL"
  host                = "db.example.com"
  port                = %d
  database_name       = "live"
  user_name           = "live"
  password_wo         = var.secret
  password_wo_version = 1
  metadata            = { owner = %q }
}
`, name, port, owner)
}

func reporterConnection(t *testing.T, w *world) {
	t.Helper()
	name := newName()
	w.live(t, life{config: ledger(name, "finance", 5432), changed: ledger(name, "sales", 5433), ids: map[string]func(map[string]any) []string{
		"dataconn_reporter_connection.ledger": func(attributes map[string]any) []string {
			return []string{fmt.Sprint(attributes["id"]), fmt.Sprint(attributes["config_name"])}
		},
	}})
}

func reporterData(t *testing.T, w *world) {
	t.Helper()
	s := w.session(t, "TF_VAR_secret="+secret)
	s.Write(secretVariable + ledger(newName(), "finance", 5432) + `
data "dataconn_reporter_connection" "by_name" {
  config_name = dataconn_reporter_connection.ledger.config_name
}

data "dataconn_reporter_connections" "all" {
  type          = "POSTGRESQL"
  metadata      = { owner = "finance" }
  created_after = timeadd(dataconn_reporter_connection.ledger.created_at, "-1h")
}

output "found" {
  value = jsonencode([
    data.dataconn_reporter_connection.by_name.id == dataconn_reporter_connection.ledger.id,
    contains(data.dataconn_reporter_connections.all.connections[*].id, dataconn_reporter_connection.ledger.id),
  ])
}
`)
	s.Run("apply", "-auto-approve")
	if found := s.Run("output", "-raw", "found"); found != "[true,true]" {
		t.Errorf("the data sources say %s", found)
	}
	s.Run("destroy", "-auto-approve")
}

// reporterQuery looks for a connection with a list resource, and has an action test
// it: its database cannot be reached.
func reporterQuery(t *testing.T, w *world) {
	t.Helper()
	name := newName()
	s := w.session(t, "TF_VAR_secret="+secret)
	s.RequireTerraform(1, 14)
	s.Write(secretVariable + ledger(name, "finance", 5432) + `
action "dataconn_reporter_connection_test" "ledger" {
  config {
    connection_id = dataconn_reporter_connection.ledger.id
  }
}
`)
	s.Run("apply", "-auto-approve")
	s.WriteFile("found.tfquery.hcl", `
list "dataconn_reporter_connection" "found" {
  provider = dataconn
}
`)
	if output := s.Run("query"); !strings.Contains(output, name) {
		t.Errorf("the query does not find %s:\n%s", name, output)
	}
	if output := s.Fail("apply", "-auto-approve", "-invoke=action.dataconn_reporter_connection_test.ledger"); !strings.Contains(output, "cannot connect to the database") {
		t.Errorf("the test of a connection that cannot be reached:\n%s", output)
	}
	s.Run("destroy", "-auto-approve")
}
