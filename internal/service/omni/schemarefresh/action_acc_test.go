// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package schemarefresh_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

func TestMain(m *testing.M) { acctest.Main(m) }

// A change of the connection invokes the action; a refresh that fails fails the
// apply, after the change. Actions came with Terraform 1.14; OpenTofu has none.
func TestActionTrigger(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{BuildSchemaModels: true})
	config := func(host string) string {
		return omni.Config(fmt.Sprintf(`
action "dataconn_omni_schema_refresh" "test" {
  config {
    connection_id = dataconn_omni_connection.test.id
    hard_refresh  = true
  }
}

resource "dataconn_omni_connection" "test" {
  name                = "one"
  dialect             = "exasol"
  host                = %q
  port                = 8563
  username            = "u"
  password            = "p"
  deletion_protection = false
}

resource "terraform_data" "host" {
  input = dataconn_omni_connection.test.host

  lifecycle {
    action_trigger {
      events  = [after_update]
      actions = [action.dataconn_omni_schema_refresh.test]
    }
  }
}
`, host))
	}
	omni.RunFrom(t, []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)},
		resource.TestStep{Config: config("one.example.com"), ConfigStateChecks: []statecheck.StateCheck{omni.ExpectWrites("POST connections")}},
		resource.TestStep{Config: config("two.example.com"), ConfigStateChecks: []statecheck.StateCheck{omni.ExpectWrites("PATCH connections", "POST models")}},
		resource.TestStep{
			PreConfig: func() {
				omni.Faults().Add(fault.Answer(403, `{"detail":"Permission denied"}`).On(http.MethodPost, "/api/v1/models/*/refresh"))
			},
			Config: config("three.example.com"), ExpectError: acctest.Saying("Permission denied"),
		},
		resource.TestStep{Config: config("three.example.com"), ConfigStateChecks: []statecheck.StateCheck{omni.ExpectWrites()}},
	)
}
