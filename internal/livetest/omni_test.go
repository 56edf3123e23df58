// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package livetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/live"
)

func TestOmni(t *testing.T) {
	run(t, live.Omni, map[string]func(*testing.T, *world){
		"environments":   omniEnvironments,
		"data":           omniData,
		"schedule":       omniSchedule,
		"dbt":            omniDBT,
		"user_attribute": omniUserAttribute,
		"user":           omniUser,
		"query":          omniQuery,
	})
}

// environments are the five steps of Omni's own guide, bound to an attribute that
// every server has.
func environments(name, value string, port int) string {
	return connection("base", name, 5432) + connection("prod", name+"-prod", port) + fmt.Sprintf(`
resource "dataconn_omni_connection_environment" "prod" {
  base_connection_id    = dataconn_omni_connection.base.id
  connection_id         = dataconn_omni_connection.prod.id
  user_attribute_values = [%q]
}

resource "dataconn_omni_environment_user_attribute" "base" {
  connection_id  = dataconn_omni_connection.base.id
  attribute_name = "omni_user_email"
  default_values = ["dev@example.com"]
}
`, value)
}

func omniEnvironments(t *testing.T, w *world) {
	t.Helper()
	name, port := newName(), 5433
	if !w.isCurrent {
		port = 5432 // which older servers cannot change
	}
	w.live(t, life{
		config: environments(name, "prod@example.com", 5432), changed: environments(name, "live@example.com", port),
		ids: map[string]func(map[string]any) []string{
			"dataconn_omni_connection.base":                 attribute("id"),
			"dataconn_omni_connection.prod":                 attribute("id"),
			"dataconn_omni_connection_environment.prod":     attribute("base_connection_id", "connection_id", "id"),
			"dataconn_omni_environment_user_attribute.base": attribute("connection_id"),
		},
		cannotDestroy: w.target.Version == live.Unstable,
	})
}

// omniData reads by the data sources what a configuration makes. Those that need
// the list of environments say so on a server without it.
func omniData(t *testing.T, w *world) {
	t.Helper()
	if w.target.Version == live.Unstable {
		t.Skip("what it makes cannot be deleted on such a server")
	}
	name := newName()
	s := w.session(t, "TF_VAR_secret="+secret)
	config := secretVariable + environments(name, "prod@example.com", 5432) + `
data "dataconn_omni_connection" "by_name" {
  name       = dataconn_omni_connection.prod.name
  depends_on = [dataconn_omni_connection_environment.prod]
}

data "dataconn_omni_connections" "all" {
  name       = dataconn_omni_connection.base.name
  depends_on = [dataconn_omni_connection_environment.prod]
}

data "dataconn_omni_user_attributes" "all" {}

data "dataconn_omni_user_attribute" "email" {
  name = "omni_user_email"
}

output "found" {
  value = jsonencode([
    data.dataconn_omni_connection.by_name.id == dataconn_omni_connection.prod.id,
    length(data.dataconn_omni_connections.all.connections),
    length([for a in data.dataconn_omni_user_attributes.all.user_attributes : a if a.name == "omni_user_email"]),
    data.dataconn_omni_user_attribute.email.system,
  ])
}
`
	s.Write(config)
	s.Run("apply", "-auto-approve")
	if found := s.Run("output", "-raw", "found"); found != "[true,2,1,true]" {
		t.Errorf("the data sources say %s", found)
	}
	routed := config + routes
	if w.user != "" {
		routed += fmt.Sprintf(audience, w.user)
	}
	s.Write(routed)
	if listsEnvironments(t, w) {
		s.Run("apply", "-auto-approve")
		if found := s.Run("output", "-raw", "routes"); found != "[1,true,true]" {
			t.Errorf("the routes are %s", found)
		}
	} else if output := s.Fail("plan"); !strings.Contains(output, "does not list connection environments") {
		t.Errorf("the routes say:\n%s", output)
	}
	s.Write(config)
	s.Run("destroy", "-auto-approve")
}

// routes are the data sources that need the list of environments.
const routes = `
data "dataconn_omni_connection_environments" "all" {
  base_connection_id = dataconn_omni_connection.base.id
}

data "dataconn_omni_environment_route" "prod" {
  base_connection_id = dataconn_omni_connection.base.id
  value              = "prod@example.com"
}

data "dataconn_omni_environment_route" "other" {
  base_connection_id = dataconn_omni_connection.base.id
  value              = "somebody@example.com"
}

output "routes" {
  value = jsonencode([
    length(data.dataconn_omni_connection_environments.all.environments),
    data.dataconn_omni_environment_route.prod.connection_id == dataconn_omni_connection.prod.id,
    data.dataconn_omni_environment_route.other.connection_id == dataconn_omni_connection.base.id,
  ])
}
`

// audience has the user of the run on the base, as somebody whose address is no
// value of an environment.
const audience = `
data "dataconn_omni_environment_audience" "base" {
  base_connection_id = dataconn_omni_connection.base.id

  lifecycle {
    postcondition {
      condition     = one([for user in self.users : user.connection_id if lower(user.email) == lower(%q)]) == dataconn_omni_connection.base.id
      error_message = "The user is not on the base connection."
    }
  }
}
`

// listsEnvironments asks the server whether it has that list.
func listsEnvironments(t *testing.T, w *world) bool {
	t.Helper()
	server, err := live.Connect(t.Context(), w.target)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	answer, err := server.Do(t.Context(), "GET", "connection-environments", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Status == 200
}

func omniSchedule(t *testing.T, w *world) {
	t.Helper()
	if !w.isCurrent {
		t.Skip("older servers have no hardRefresh")
	}
	name := newName()
	config := func(zone string) string {
		return connection("scheduled", name, 5432) + fmt.Sprintf(`
resource "dataconn_omni_schema_model" "scheduled" {
  connection_id = dataconn_omni_connection.scheduled.id
}

resource "dataconn_omni_connection_schedule" "nightly" {
  connection_id = dataconn_omni_schema_model.scheduled.connection_id
  schedule      = "0 2 * * ? *"
  timezone      = %q
}
`, zone)
	}
	w.live(t, life{config: config("Europe/Berlin"), changed: config("UTC"), ids: map[string]func(map[string]any) []string{
		"dataconn_omni_schema_model.scheduled":      attribute("connection_id"),
		"dataconn_omni_connection_schedule.nightly": attribute("connection_id", "id"),
	}})
}

func omniDBT(t *testing.T, w *world) {
	t.Helper()
	if !w.isCurrent {
		t.Skip("older servers answer otherwise")
	}
	name := newName()
	config := func(branch string) string {
		return connection("dbt", name, 5432) + fmt.Sprintf(`
resource "dataconn_omni_connection_dbt" "dbt" {
  connection_id          = dataconn_omni_connection.dbt.id
  ssh_url                = "git@git.example.com:live/dbt.git"
  branch                 = %q
  autogen_relationships  = true
  enable_virtual_schemas = false
}

resource "dataconn_omni_dbt_environment" "staging" {
  connection_id = dataconn_omni_connection_dbt.dbt.connection_id
  name          = %q
  target_schema = "staging"
  variables = {
    THREADS = { value = "8" }
    TOKEN   = { secret_wo = var.secret, secret_wo_version = 1 }
  }
}
`, branch, name)
	}
	w.live(t, life{config: config("main"), changed: config("next"), ids: map[string]func(map[string]any) []string{
		"dataconn_omni_connection_dbt.dbt":      attribute("connection_id"),
		"dataconn_omni_dbt_environment.staging": attribute("connection_id", "id"),
	}})
}

func omniUserAttribute(t *testing.T, w *world) {
	t.Helper()
	if !w.isCurrent {
		t.Skip("servers from before September 2026 only list user attributes")
	}
	label := newName()
	config := func(description string) string {
		return fmt.Sprintf(`
resource "dataconn_omni_user_attribute" "one" {
  name           = %q
  label          = %q
  description    = %q
  default_values = ["dev"]
}
`, live.AttributeName(label), label, description)
	}
	w.live(t, life{config: config("before"), changed: config("after"), ids: map[string]func(map[string]any) []string{
		"dataconn_omni_user_attribute.one": func(attributes map[string]any) []string {
			return []string{fmt.Sprint(attributes["id"]), fmt.Sprint(attributes["name"])}
		},
	}})
}

// omniUser gives the user of the run values of an attribute that it makes, and
// tells by it where the user works.
func omniUser(t *testing.T, w *world) {
	t.Helper()
	if !w.isCurrent || w.user == "" {
		t.Skip("it needs -user, the e-mail address of a user who may have values of an attribute made for it, and a key of the organization")
	}
	label := newName()
	config := func(value string) string {
		return connection("base", label, 5432) + fmt.Sprintf(`
resource "dataconn_omni_user_attribute" "one" {
  name  = %q
  label = %q
}

resource "dataconn_omni_user_attribute_value" "one" {
  user_email     = %q
  attribute_name = dataconn_omni_user_attribute.one.name
  value          = %q
}

data "dataconn_omni_users" "one" {
  email      = dataconn_omni_user_attribute_value.one.user_email
  depends_on = [dataconn_omni_user_attribute_value.one]

  lifecycle {
    postcondition {
      condition     = one(self.users[*].attribute_values[%q]) == toset([%q])
      error_message = "The user has another value."
    }
  }
}
`, live.AttributeName(label), label, w.user, value, live.AttributeName(label), value)
	}
	w.live(t, life{config: config("dev"), changed: config("prod"), ids: map[string]func(map[string]any) []string{
		"dataconn_omni_user_attribute_value.one": func(attributes map[string]any) []string {
			name := fmt.Sprint(attributes["attribute_name"])
			return []string{w.user + "/" + name, fmt.Sprint(attributes["user_id"]) + "/" + name}
		},
	}})
}

// omniQuery looks for a connection with a list resource, and rotates the keys of a
// repository with an action.
func omniQuery(t *testing.T, w *world) {
	t.Helper()
	if !w.isCurrent {
		t.Skip("the current server shows enough")
	}
	name := newName()
	s := w.session(t, "TF_VAR_secret="+secret)
	s.RequireTerraform(1, 14)
	s.Write(secretVariable + connection("found", name, 5432) + `
resource "dataconn_omni_connection_dbt" "found" {
  connection_id          = dataconn_omni_connection.found.id
  ssh_url                = "git@git.example.com:live/dbt.git"
  branch                 = "main"
  autogen_relationships  = true
  enable_virtual_schemas = false
}

action "dataconn_omni_dbt_rotate_keys" "found" {
  config {
    connection_id = dataconn_omni_connection_dbt.found.connection_id
  }
}
`)
	s.Run("apply", "-auto-approve")
	s.WriteFile("found.tfquery.hcl", fmt.Sprintf(`
list "dataconn_omni_connection" "found" {
  provider = dataconn
  config {
    name = %q
  }
}
`, name))
	if output := s.Run("query"); !strings.Contains(output, name) {
		t.Errorf("the query does not find %s:\n%s", name, output)
	}
	s.Run("apply", "-auto-approve", "-invoke=action.dataconn_omni_dbt_rotate_keys.found")
	s.Run("destroy", "-auto-approve")
}
