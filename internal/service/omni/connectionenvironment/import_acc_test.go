// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectionenvironment_test

import (
	"strings"
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

// composite is the id that an import needs where the server has no list.
func (w world) composite() string {
	e := w.Environments()[0]
	return e.BaseConnectionID + "/" + e.ConnectionID + "/" + e.ID
}

func (w world) imports(id func() string) resource.TestStep {
	return resource.TestStep{
		ResourceName: address("e0"), ImportState: true,
		ImportStateIdFunc: func(*terraform.State) (string, error) { return id(), nil },
	}
}

func TestImportWithList(t *testing.T) {
	w := newWorld(t, omnimock.Options{EnvironmentList: true})
	verified := func(id func() string) resource.TestStep {
		s := w.imports(id)
		s.ImportStateVerify = true
		return s
	}
	w.Run(t,
		resource.TestStep{Config: w.Config(w.environment(0, []string{"prod", "eu"}))},
		verified(func() string { return w.Environments()[0].ID }),
		verified(func() string { return strings.ToUpper(w.Environments()[0].ID) }),
		verified(w.composite),
	)
}

// Without the list the composite id does; the values, which nobody returns, are
// sent once more.
func TestImportWithoutList(t *testing.T) {
	w := newWorld(t, omnimock.Options{})
	id := w.AddEnvironment(w.base, w.connections[0], "prod")
	config := w.Config(w.environment(0, []string{"prod"}))
	idAlone := w.imports(func() string { return id })
	idAlone.ExpectError = acctest.Saying("so the id alone does not tell which connections are associated. Import it as <base connection id>/<connection id>/" + id)
	w.Run(t,
		resource.TestStep{
			Config: config + acctest.Import(address("e0"), w.composite()),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address("e0"), plancheck.ResourceActionUpdate),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				w.ExpectWrites(`PUT connection-environments {"userAttributeValues":["prod"]} 200`), w.has([]string{"prod"}),
			},
		},
		resource.TestStep{Config: config}, // without the import block: the next step uses this configuration
		idAlone,
	)
}

func TestImportIdentity(t *testing.T) {
	for name, list := range map[string]bool{"list": true, "no list": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, omnimock.Options{EnvironmentList: list})
			config := w.Config(w.environment(0, []string{"prod"}))
			w.RunFrom(t, []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
				resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectIdentity(address("e0"), map[string]knownvalue.Check{
						"id":                 knownvalue.NotNull(),
						"base_connection_id": knownvalue.StringExact(w.base),
						"connection_id":      knownvalue.StringExact(w.connections[0]),
					}),
				}},
				resource.TestStep{
					ResourceName: address("e0"), ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity,
					ExpectNonEmptyPlan: !list, // without the list the values are not known, and sent once more
				},
			)
		})
	}
}

func TestImportRefused(t *testing.T) {
	w := newWorld(t, omnimock.Options{EnvironmentList: true})
	const absent = "550e8400-e29b-41d4-a716-446655440000"
	refused := func(id, message string) resource.TestStep {
		s := w.imports(func() string { return id })
		s.ExpectError = acctest.Saying(message)
		return s
	}
	w.Run(t,
		resource.TestStep{Config: w.Config(w.environment(0, nil))},
		refused("prod", `"prod" is not an id`),
		refused(absent+"/"+absent, "is neither <id> nor <base connection id>/<connection id>/<id>"),
		refused(absent+"/x/"+absent, `"x" is not an id`),
		refused(absent, "Nothing to import"),
	)
}
