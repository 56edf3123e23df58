// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package dbtenvironment_test

import (
	"fmt"
	"maps"
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

func TestMain(m *testing.M) { acctest.Main(m) }

const address = environmentType + ".test"

// attributes are those of an environment's block.
type attributes = acctest.Attributes

// world is a server with a connection that has dbt.
type world struct {
	*acctest.Omni
	id string
}

func newWorld(t *testing.T) world {
	t.Helper()
	w := world{Omni: acctest.StartOmni(t, omnimock.Options{})}
	w.id = w.AddConnection(map[string]any{"name": "n", "dialect": "postgres"})
	w.EditDBT(w.id, func(*omnimock.DBT) {})
	return w
}

func (w world) config(variables attributes, changes ...attributes) string {
	a := attributes{"connection_id": w.id, "name": "dev", "target_schema": "dev_schema"}
	if variables != nil {
		a["variables"] = variables
	}
	return w.Config(acctest.Resource(environmentType, "test", a.With(changes...)))
}

// has checks the variables of the server's one environment of this name.
func (w world) has(name string, variables map[string]string) acctest.Check {
	return acctest.CheckThat(func() error {
		all := w.DBTEnvironments(w.id)
		if len(all) != 1 || all[0].Name != name {
			return fmt.Errorf("the server has %+v", all)
		}
		got := map[string]string{}
		for _, v := range all[0].Variables {
			if secret, ok := w.Secret(v.ID, "value"); ok {
				got[v.Name] = "secret " + secret
			} else {
				got[v.Name] = *v.Value
			}
		}
		if !maps.Equal(got, variables) {
			return fmt.Errorf("the variables are %v, not %v", got, variables)
		}
		return nil
	})
}

func plans(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

func TestLifeCycle(t *testing.T) {
	w := newWorld(t)
	first := attributes{"A": attributes{"value": "a"}, "W": attributes{"secret_wo": "w"}, "S": attributes{"secret": "s"}}
	firstValues := map[string]string{"A": "a", "W": "secret w", "S": "secret s"}
	second := first.With(attributes{"W": attributes{"secret_wo": "w2"}, "A": nil, "B": attributes{"value": "b"}})
	secondValues := map[string]string{"B": "b", "W": "secret w2", "S": "secret s"}
	id := func(*terraform.State) (string, error) { return w.id + "/" + w.DBTEnvironments(w.id)[0].ID, nil }
	w.Run(t,
		resource.TestStep{
			Config: w.config(first), ConfigPlanChecks: plans(plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{w.ExpectWrites("POST connections"), w.has("dev", firstValues)},
		},
		resource.TestStep{
			Config: w.config(first, attributes{"name": "prod", "target_role": "r"}),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
				plancheck.ExpectKnownValue(address, tfjsonpath.New("variables").AtMapKey("W").AtMapKey("id"), knownvalue.NotNull()),
			}},
			ConfigStateChecks: []statecheck.StateCheck{w.ExpectWrites("PUT connections"), w.has("prod", firstValues)},
		},
		resource.TestStep{
			Config: w.config(second),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
				plancheck.ExpectUnknownValue(address, tfjsonpath.New("credentials_updated_at")),
				plancheck.ExpectUnknownValue(address, tfjsonpath.New("variables").AtMapKey("B").AtMapKey("id")),
				plancheck.ExpectKnownValue(address, tfjsonpath.New("variables").AtMapKey("W").AtMapKey("id"), knownvalue.NotNull()),
			}},
			ConfigStateChecks: []statecheck.StateCheck{w.ExpectWrites("PUT connections"), w.has("dev", secondValues)},
		},
		resource.TestStep{ // one was added elsewhere
			PreConfig: func() {
				other := "other"
				w.EditDBTEnvironment(w.DBTEnvironments(w.id)[0].ID, func(e *omnimock.DBTEnvironment) {
					e.Variables = append(e.Variables, omnimock.DBTVariable{Name: "X", Value: &other})
				})
			},
			Config: w.config(second), ConfigPlanChecks: plans(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{w.has("dev", secondValues)},
		},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateIdFunc: id,
			ImportStateVerifyIgnore: []string{"variables.S.secret", "credentials_updated_at"},
		},
		resource.TestStep{ // deleted elsewhere
			PreConfig: func() { w.RemoveDBTEnvironment(w.DBTEnvironments(w.id)[0].ID) },
			Config:    w.config(second), ConfigPlanChecks: plans(plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{w.has("dev", secondValues), w.ExpectWarning("", "An Omni dbt environment is gone")},
		},
		resource.TestStep{Config: w.config(nil), ConfigStateChecks: []statecheck.StateCheck{w.has("dev", map[string]string{})}},
		resource.TestStep{Config: w.config(nil), Destroy: true},
	)
	acctest.Require(t, w.ExpectWrites("DELETE connections"))
	if all := w.DBTEnvironments(w.id); len(all) != 0 {
		t.Errorf("the server has %v", all)
	}
}

func TestImportBlock(t *testing.T) {
	w := newWorld(t)
	value := "a"
	id := w.AddDBTEnvironment(w.id, omnimock.DBTEnvironment{Name: "dev", TargetSchema: "dev_schema", Variables: []omnimock.DBTVariable{{Name: "A", Value: &value}}})
	config := w.config(attributes{"A": attributes{"value": "a"}})
	w.Run(t, resource.TestStep{
		Config:            config + acctest.Import(address, w.id+"/"+id),
		ConfigPlanChecks:  plans(plancheck.ResourceActionNoop),
		ConfigStateChecks: []statecheck.StateCheck{w.ExpectWrites()},
	})
}

func TestImportIdentity(t *testing.T) {
	w := newWorld(t)
	w.RunFrom(t, []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		resource.TestStep{Config: w.config(attributes{"A": attributes{"value": "a"}})},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
	)
}

// The repository and its environment in one apply and one destroy, the token and
// the secret from ephemeral variables.
func TestWithTheRepository(t *testing.T) {
	w := newWorld(t)
	w.UnlinkDBT(w.id)
	config := w.Config(`
variable "secret" {
  type      = string
  ephemeral = true
  default   = "ephemeral-secret"
}
resource "dataconn_omni_connection_dbt" "test" {
  connection_id          = "` + w.id + `"
  ssh_url                = "https://github.com/org/repo"
  auth_method            = "https_token"
  token_wo               = var.secret
  branch                 = "main"
  autogen_relationships  = true
  enable_virtual_schemas = true
}
resource "dataconn_omni_dbt_environment" "test" {
  for_each      = toset(["a", "b", "c"])
  connection_id = dataconn_omni_connection_dbt.test.connection_id
  name          = each.key
  target_schema = each.key
  variables = {
    TOKEN = { secret_wo = var.secret }
    NAME  = { value = each.key }
  }
}
`)
	w.Run(t,
		resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{acctest.CheckThat(func() error {
			token, _ := w.Secret(w.id, "token")
			if all := w.DBTEnvironments(w.id); len(all) != 3 || token != "ephemeral-secret" {
				return fmt.Errorf("%v, the token is %q", all, token)
			}
			return nil
		})}},
		resource.TestStep{Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
		resource.TestStep{Config: config, Destroy: true},
	)
}

// A failure leaves the state as it was.
func TestFailures(t *testing.T) {
	w := newWorld(t)
	forbid := func(method string) func() {
		return func() {
			w.AllowAll()
			w.Forbid(method, "/api/v1/connections/*/dbt/environments")
			w.Forbid(method, "/api/v1/connections/*/dbt/environments/*")
		}
	}
	config := w.config(attributes{"W": attributes{"secret_wo": "w"}})
	w.Run(t,
		resource.TestStep{PreConfig: forbid(http.MethodPost), Config: config, ExpectError: acctest.Saying("Cannot create Omni dbt environment")},
		resource.TestStep{PreConfig: w.AllowAll, Config: config},
		resource.TestStep{PreConfig: forbid(http.MethodGet), Config: config, ExpectError: acctest.Saying("Cannot read Omni dbt environment")},
		resource.TestStep{PreConfig: forbid(http.MethodPut), Config: w.config(nil), ExpectError: acctest.Saying("it needs Connection Admin")},
		resource.TestStep{PreConfig: forbid(http.MethodDelete), Config: config, Destroy: true, ExpectError: acctest.Saying("Cannot delete Omni dbt environment")},
		resource.TestStep{
			PreConfig: w.AllowAll, Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
	)
}
