// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package environmentroute_test

import (
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

func TestMain(m *testing.M) { acctest.Main(m) }

type attributes = acctest.Attributes

// In the configuration that makes the routes, a route is read after the change:
// a right one lets the apply end well, a wrong one does not.
func TestInTheSameConfiguration(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{EnvironmentList: true})
	base := omni.AddConnection(map[string]any{"name": "base", "dialect": "postgres"})
	prod := omni.AddConnection(map[string]any{"name": "prod", "dialect": "postgres"})
	config := func(value string) string {
		return omni.Config(
			acctest.Resource("dataconn_omni_connection_environment", "prod", attributes{
				"base_connection_id": base, "connection_id": prod, "user_attribute_values": []string{value},
			}),
			acctest.Resource("dataconn_omni_environment_user_attribute", "env", attributes{"connection_id": base, "attribute_name": "environment"}),
			acctest.Data(routeType, "prod", attributes{
				"base_connection_id": base, "value": "prod",
				"depends_on": acctest.Expression("[dataconn_omni_connection_environment.prod, dataconn_omni_environment_user_attribute.env]"),
			})+`
check "prod" {
  assert {
    condition     = data.dataconn_omni_environment_route.prod.connection_id == "`+prod+`"
    error_message = data.dataconn_omni_environment_route.prod.explanation
  }
}
output "explanation" {
  value = data.dataconn_omni_environment_route.prod.explanation
  precondition {
    condition     = data.dataconn_omni_environment_route.prod.connection_id == "`+prod+`"
    error_message = "Wrong: ${data.dataconn_omni_environment_route.prod.explanation}"
  }
}
`)
	}
	at := "data." + routeType + ".prod"
	omni.Run(t,
		resource.TestStep{Config: config("prod"), ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(at, tfjsonpath.New("connection_id"), knownvalue.StringExact(prod)),
			statecheck.ExpectKnownValue(at, tfjsonpath.New("reason"), knownvalue.StringExact("matched_value")),
		}},
		resource.TestStep{Config: config("production"), ExpectError: acctest.Saying("matches none of its environments (there are 1)")},
		resource.TestStep{Config: config("prod")},
	)
}

// The examples of the data sources about environments are planned as they stand.
func TestExamples(t *testing.T) {
	t.Parallel()
	omni := acctest.StartOmni(t, omnimock.Options{EnvironmentList: true})
	base := omni.AddConnection(map[string]any{"name": "Analytics", "dialect": "postgres"})
	prod := omni.AddConnection(map[string]any{"name": "Analytics (production)", "dialect": "postgres"})
	omni.AddEnvironment(base, prod, "prod")
	omni.EditConnection(base, func(settings map[string]any) { settings["userAttributeNameForConnectionEnvironments"] = "environment" })
	for name, word := range map[string]string{
		routeType: "No changes", "dataconn_omni_connection_environments": prod,
		"dataconn_omni_user_attributes": "region", "dataconn_omni_user_attribute": "1 to add",
	} {
		session := omni.Session(t)
		if err := os.CopyFS(session.Dir, os.DirFS("../../../../examples/data-sources/"+name)); err != nil {
			t.Fatal(err)
		}
		if output := session.Run("plan"); !strings.Contains(output, word) {
			t.Errorf("%s: the plan says\n%s", name, output)
		}
	}
}
