// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package schemamodel_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

func TestMain(m *testing.M) { acctest.Main(m) }

const address = modelType + ".test"

// From nothing to a schedule in one apply: a connection, its schema model, and what
// needs one.
func TestScheduleOnANewConnection(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	config := omni.Config(`
resource "dataconn_omni_connection" "new" {
  name                = "new"
  dialect             = "exasol"
  host                = "db.example.com"
  port                = 8563
  username            = "omni"
  password            = "secret"
  deletion_protection = false
}
resource "dataconn_omni_schema_model" "test" {
  connection_id     = dataconn_omni_connection.new.id
  refresh_on_create = true
}
resource "dataconn_omni_connection_schedule" "nightly" {
  connection_id = dataconn_omni_schema_model.test.connection_id
  schedule      = "0 2 * * ? *"
  timezone      = "UTC"
}
`)
	omni.Run(t,
		resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(address, tfjsonpath.New("refreshed_at"), knownvalue.NotNull()),
			acctest.CheckThat(func() error {
				if n := len(omni.Schedules()); n != 1 || !omni.SchemaModelRefreshed(omni.Connections()[0].ID) {
					return fmt.Errorf("%d schedules, and the model is refreshed: %t", n, omni.SchemaModelRefreshed(omni.Connections()[0].ID))
				}
				if n := omni.CountRequests("POST", "/api/v1/connections/*/schedules"); n != 1 {
					return fmt.Errorf("the schedule took %d tries", n)
				}
				return nil
			}),
		}},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "connection_id", ImportStateIdFunc: func(*terraform.State) (string, error) { return omni.Connections()[0].ID, nil }, ImportStateVerifyIgnore: []string{"refreshed_at", "refresh_on_create"}},
	)
}

func TestImportIdentity(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	id := omni.AddConnection(map[string]any{"name": "one", "dialect": "exasol"})
	omni.RunFrom(t, []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		resource.TestStep{
			Config: omni.Config(acctest.Resource(modelType, "test", acctest.Attributes{"connection_id": id})),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentity(address, map[string]knownvalue.Check{"connection_id": knownvalue.StringExact(id)}),
			},
		},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
	)
}
