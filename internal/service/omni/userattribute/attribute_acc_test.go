// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package userattribute_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
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

const address = attributeType + ".test"

type attributes = acctest.Attributes

func block(a attributes) string { return acctest.Resource(attributeType, "test", a) }

// plans expects the action of the next apply.
func plans(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

// A life: made, changed in place, changed elsewhere and put back, replaced by
// another type, destroyed.
func TestLife(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	same, differ := statecheck.CompareValue(compare.ValuesSame()), statecheck.CompareValue(compare.ValuesDiffer())
	id := tfjsonpath.New("id")
	first := attributes{"name": "tenant", "label": "Tenant", "default_values": []string{"a"}}
	several := first.With(attributes{"multiple_values": true, "default_values": []string{"a", "b"}})
	number := attributes{"name": "tenant", "type": "Number", "default_values": []string{"1.50"}}
	omni.Run(t,
		resource.TestStep{
			Config: omni.Config(block(first)), ConfigPlanChecks: plans(plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{
				same.AddStateValue(address, id),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("type"), knownvalue.StringExact("String")),
				omni.ExpectWrites(`POST user-attributes {"default_value":"a","label":"Tenant","name":"tenant","type":"String"} 201`),
			},
		},
		resource.TestStep{
			Config: omni.Config(block(several)), ConfigPlanChecks: plans(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{
				same.AddStateValue(address, id), differ.AddStateValue(address, id),
				omni.ExpectWrites(`PUT user-attributes {"default_value":["a","b"],"multiple_values":true} 200`),
			},
		},
		resource.TestStep{
			PreConfig: func() {
				omni.EditUserAttribute("tenant", func(a *omnimock.UserAttribute) { a.Label, a.DefaultValues = "Theirs", []string{"x"} })
			},
			Config: omni.Config(block(several)), ConfigPlanChecks: plans(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{
				omni.ExpectWrites(`PUT user-attributes {"default_value":["a","b"],"label":"Tenant"} 200`),
			},
		},
		resource.TestStep{
			Config: omni.Config(block(number)), ConfigPlanChecks: plans(plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: []statecheck.StateCheck{differ.AddStateValue(address, id), omni.ExpectWrites("DELETE", "POST")},
		},
		resource.TestStep{
			PreConfig: func() { omni.RemoveUserAttribute("tenant") },
			Config:    omni.Config(block(number)), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate),
				omni.ExpectWarning("", "An Omni user attribute is gone", "users' values"),
			}},
		},
	)
	if _, ok := omni.UserAttribute("tenant"); ok {
		t.Error("it was not destroyed")
	}
}

func TestImport(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	id := omni.AddUserAttribute(omnimock.UserAttribute{Name: "tenant", Label: "Tenant", Type: "Number", MultipleValues: true, DefaultValues: []string{"2", "1"}, Description: "d"})
	config := omni.Config(block(attributes{"name": "tenant"})) // all else stays as it is
	imports := func(id string) resource.TestStep {
		return resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateVerify: true,
			ImportStateIdFunc: func(*terraform.State) (string, error) { return id, nil },
		}
	}
	refused := imports("omni_user_email")
	refused.ImportStateVerify, refused.ExpectError = false, acctest.Saying("one of Omni's own attributes")
	omni.Run(t,
		resource.TestStep{
			Config: config + acctest.Import(address, "tenant"), ConfigPlanChecks: plans(plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{
				omni.ExpectWrites(),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact(id)),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("default_values"), knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact("1"), knownvalue.StringExact("2")})),
			},
		},
		imports(id), imports(strings.ToUpper(id)), imports("tenant"), refused,
	)
}

func TestImportIdentity(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	config := omni.Config(block(attributes{"name": "tenant"}))
	omni.RunFrom(t, []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectIdentity(address, map[string]knownvalue.Check{"id": knownvalue.NotNull()}),
		}},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
	)
}

// What the server refuses is said, and the state stays as it is.
func TestFailures(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	config := omni.Config(block(attributes{"name": "tenant"}))
	changed := omni.Config(block(attributes{"name": "tenant", "label": "T"}))
	forbid := func() { omni.Forbid(http.MethodPut, "/api/v1/user-attributes/*") }
	omni.Run(t,
		resource.TestStep{Config: omni.Config(block(attributes{"name": "omni_tenant"})), ExpectError: acctest.Saying("one of Omni's own attributes")},
		resource.TestStep{Config: config},
		resource.TestStep{PreConfig: forbid, Config: changed, ExpectError: acctest.Saying("the right to manage user attributes")},
		resource.TestStep{
			PreConfig: omni.AllowAll, Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
	)
}

// On a server without the writes there is a way out, and the message has it.
func TestServerWithoutWrites(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{UserAttributeWritesStatus: http.StatusMethodNotAllowed})
	base := omni.AddConnection(map[string]any{"name": "base", "dialect": "postgres"})
	bound := func(name acctest.Expression) string {
		return acctest.Resource("dataconn_omni_environment_user_attribute", "test", attributes{"connection_id": base, "attribute_name": name})
	}
	omni.Run(t,
		resource.TestStep{
			Config:      omni.Config(block(attributes{"name": "tenant"}), bound(address+".name")),
			ExpectError: acctest.Saying("refer to data.dataconn_omni_user_attribute instead"),
		},
		resource.TestStep{
			PreConfig: func() { omni.AddUserAttribute(omnimock.UserAttribute{Name: "tenant"}) },
			Config:    omni.Config(acctest.Data(attributeType, "test", attributes{"name": "tenant"}), bound("data."+address+".name")),
			ConfigStateChecks: []statecheck.StateCheck{
				omni.ExpectWrites(`PATCH connections {"environmentUserAttribute":{"attributeName":"tenant","defaultValues":null}} 200`), omni.ExpectNoWarning(),
			},
		},
	)
}

// An attribute and what is bound to it are made in one apply, without a warning,
// and taken away in the other order.
func TestWithABinding(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{BindingNeedsAttribute: true})
	base := omni.AddConnection(map[string]any{"name": "base", "dialect": "postgres"})
	config := omni.Config(block(attributes{"name": "tenant"}), acctest.Resource("dataconn_omni_environment_user_attribute", "test", attributes{
		"connection_id": base, "attribute_name": acctest.Expression(address + ".name"),
	}))
	omni.Run(t,
		resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{omni.ExpectNoWarning(), omni.ExpectWrites("POST user-attributes", "PATCH connections")}},
		resource.TestStep{Config: config, Destroy: true},
	)
	acctest.Require(t, omni.ExpectWrites("PATCH connections", "DELETE user-attributes"))
}

// The example is planned as it stands.
func TestExample(t *testing.T) {
	t.Parallel()
	omni := acctest.StartOmni(t, omnimock.Options{})
	session := omni.Session(t)
	if err := os.CopyFS(session.Dir, os.DirFS("../../../../examples/resources/"+attributeType)); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"import-by-identity.tf", "import-by-string-id.tf"} {
		if err := os.Remove(session.Dir + "/" + file); err != nil {
			t.Fatal(err)
		}
	}
	if output := session.Run("plan"); !strings.Contains(output, "3 to add, 0 to change") {
		t.Errorf("the plan says\n%s", output)
	}
}
