// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package dbtrotatekeys_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

func TestMain(m *testing.M) { acctest.Main(m) }

// Terraform invokes the action when something changes: the deploy key is another
// one, and the configuration is as it was.
// Actions came with Terraform 1.14; OpenTofu has none.
func TestActionTrigger(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	id := omni.AddConnection(map[string]any{"name": "n", "dialect": "postgres"})
	config := func(month string) string {
		return omni.Config(fmt.Sprintf(`
action "dataconn_omni_dbt_rotate_keys" "test" {
  config {
    connection_id = dataconn_omni_connection_dbt.test.connection_id
  }
}

resource "dataconn_omni_connection_dbt" "test" {
  connection_id = %q
  ssh_url                = "git@github.com:org/repo.git"
  branch                 = "main"
  autogen_relationships  = true
  enable_virtual_schemas = false
}

resource "terraform_data" "month" {
  input = %q

  lifecycle {
    action_trigger {
      events  = [after_update]
      actions = [action.dataconn_omni_dbt_rotate_keys.test]
    }
  }
}
`, id, month))
	}
	var former string
	key := func() string {
		config, _ := omni.DBT(id)
		return config.DeployKey
	}
	omni.RunFrom(t, []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)},
		resource.TestStep{Config: config("May"), ConfigStateChecks: []statecheck.StateCheck{omni.ExpectWrites("PUT connections")}},
		resource.TestStep{
			PreConfig: func() { former = key() },
			Config:    config("June"),
			ConfigStateChecks: []statecheck.StateCheck{omni.ExpectWrites("PUT connections"), acctest.CheckThat(func() error {
				if now := key(); now == former || now == "" {
					return fmt.Errorf("the key is %q, as it was", now)
				}
				return nil
			})},
		},
		resource.TestStep{Config: config("June"), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
	)
}
