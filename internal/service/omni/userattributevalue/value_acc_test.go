// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package userattributevalue_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

func TestMain(m *testing.M) { acctest.Main(m) }

const address = valueType + ".test"

// An attribute and values of it in one apply: the value's attribute is not there yet
// when it is planned.
func TestAttributeAndValuesInOneApply(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	id := omni.AddUser(omnimock.User{UserName: ada})
	config := func(value string) string {
		return omni.Config(`
resource "dataconn_omni_user_attribute" "tenant" {
  name = "tenant"
}
`, acctest.Resource(valueType, "test", acctest.Attributes{"user_email": ada, "attribute_name": acctest.Expression("dataconn_omni_user_attribute.tenant.name"), "value": value}))
	}
	has := func(want any) acctest.Check {
		return acctest.CheckThat(func() error {
			if user, _ := omni.User(ada); user.Attributes["tenant"] != want {
				return fmt.Errorf("the user has %v", user.Attributes)
			}
			return nil
		})
	}
	omni.Run(t,
		resource.TestStep{Config: config("a"), ConfigStateChecks: []statecheck.StateCheck{has("a")}},
		resource.TestStep{
			Config:            config("b"),
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}},
			ConfigStateChecks: []statecheck.StateCheck{has("b")},
		},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "user_id",
			ImportStateIdFunc: func(*terraform.State) (string, error) { return id + "/tenant", nil },
		},
	)
	if user, _ := omni.User(ada); len(user.Attributes) != 0 {
		t.Errorf("left: %v", user.Attributes)
	}
}

func TestImportIdentity(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	id := omni.AddUser(omnimock.User{UserName: ada})
	omni.RunFrom(t, []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		resource.TestStep{
			Config: omni.Config(acctest.Resource(valueType, "test", acctest.Attributes{"user_email": ada, "attribute_name": "env", "value": "x"})),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentity(address, map[string]knownvalue.Check{"user_id": knownvalue.StringExact(id), "attribute_name": knownvalue.StringExact("env")}),
			},
		},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
	)
}
