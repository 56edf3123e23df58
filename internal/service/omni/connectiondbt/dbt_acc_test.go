// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectiondbt_test

import (
	"fmt"
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

const address = dbtType + ".test"

// attributes are those of a configuration's block.
type attributes = acctest.Attributes

// world is a server with a connection.
type world struct {
	*acctest.Omni
	id string
}

func newWorld(t *testing.T, opts omnimock.Options) world {
	t.Helper()
	w := world{Omni: acctest.StartOmni(t, opts)}
	w.id = w.AddConnection(map[string]any{"name": "n", "dialect": "postgres"})
	return w
}

func (w world) config(changes ...attributes) string {
	return w.Config(acctest.Resource(dbtType, "test", attributes{
		"connection_id": w.id, "ssh_url": "git@github.com:org/repo.git", "branch": "main",
		"autogen_relationships": true, "enable_virtual_schemas": false,
	}.With(changes...)))
}

// has checks one thing of what the server has.
func (w world) has(what string, is func(omnimock.DBT) bool) acctest.Check {
	return acctest.CheckThat(func() error {
		config, ok := w.DBT(w.id)
		if !ok || !is(config) {
			return fmt.Errorf("not %s: the server has %+v", what, config)
		}
		return nil
	})
}

func plans(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

func TestLifeCycle(t *testing.T) {
	for name, generation := range map[string]omnimock.Generation{"current": omnimock.Current, "2026": omnimock.Narrow2026} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, omnimock.Options{Generation: generation})
			onBranch := func(branch string) acctest.Check {
				return w.has("on "+branch, func(d omnimock.DBT) bool { return d.Branch == branch })
			}
			w.Run(t,
				resource.TestStep{
					Config: w.config(), ConfigPlanChecks: plans(plancheck.ResourceActionCreate),
					ConfigStateChecks: []statecheck.StateCheck{
						w.ExpectWrites("PUT connections"), onBranch("main"),
						statecheck.ExpectKnownValue(address, tfjsonpath.New("dbt_version"), knownvalue.StringExact("Auto")),
					},
				},
				resource.TestStep{
					Config: w.config(attributes{"branch": "dev", "project_root_path": "a/b"}), ConfigPlanChecks: plans(plancheck.ResourceActionUpdate),
					ConfigStateChecks: []statecheck.StateCheck{w.ExpectWrites("PUT connections"), onBranch("dev")},
				},
				resource.TestStep{ // changed elsewhere
					PreConfig: func() { w.EditDBT(w.id, func(d *omnimock.DBT) { d.Branch = "theirs" }) },
					Config:    w.config(attributes{"branch": "dev", "project_root_path": "a/b"}), ConfigPlanChecks: plans(plancheck.ResourceActionUpdate),
					ConfigStateChecks: []statecheck.StateCheck{onBranch("dev")},
				},
				resource.TestStep{ // unlinked elsewhere
					PreConfig: func() { w.UnlinkDBT(w.id) },
					Config:    w.config(), ConfigPlanChecks: plans(plancheck.ResourceActionCreate),
					ConfigStateChecks: []statecheck.StateCheck{onBranch("main"), w.ExpectWarning("", "An Omni dbt configuration is gone")},
				},
				resource.TestStep{
					ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "connection_id",
					ImportStateIdFunc: func(*terraform.State) (string, error) { return w.id, nil },
				},
				resource.TestStep{Config: w.config(), Destroy: true},
			)
			acctest.Require(t, w.ExpectWrites("DELETE connections"))
			if _, ok := w.DBT(w.id); ok {
				t.Error("the repository is still linked")
			}
		})
	}
}

func TestImportBlock(t *testing.T) {
	w := newWorld(t, omnimock.Options{})
	w.EditDBT(w.id, func(d *omnimock.DBT) { d.AutogenRelationships = true })
	w.Run(t, resource.TestStep{
		Config:            w.config() + acctest.Import(address, w.id),
		ConfigPlanChecks:  plans(plancheck.ResourceActionNoop),
		ConfigStateChecks: []statecheck.StateCheck{w.ExpectWrites()},
	})
}

func TestImportIdentity(t *testing.T) {
	w := newWorld(t, omnimock.Options{})
	w.RunFrom(t, []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		resource.TestStep{Config: w.config(), ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectIdentity(address, map[string]knownvalue.Check{"connection_id": knownvalue.StringExact(w.id)}),
		}},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
	)
}

// The token in its three forms, through a real CLI.
func TestToken(t *testing.T) {
	w := newWorld(t, omnimock.Options{})
	step := func(token attributes, want string, sends bool) resource.TestStep {
		checks := []plancheck.PlanCheck{}
		if sends {
			checks = append(checks, plancheck.ExpectUnknownValue(address, tfjsonpath.New("credentials_updated_at")))
		} else {
			checks = append(checks, plancheck.ExpectEmptyPlan())
		}
		return resource.TestStep{
			Config:           w.config(attributes{"ssh_url": "https://github.com/org/repo", "auth_method": "https_token"}, token),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: checks},
			ConfigStateChecks: []statecheck.StateCheck{acctest.CheckThat(func() error {
				if got, _ := w.Secret(w.id, "token"); got != want {
					return fmt.Errorf("the server has the token %q, not %q", got, want)
				}
				return nil
			})},
		}
	}
	w.Run(t,
		step(attributes{"token_wo": "first"}, "first", true),
		step(attributes{"token_wo": "first"}, "first", false),
		step(attributes{"token_wo": "second"}, "second", true),
		step(attributes{"token_wo": "third", "token_wo_version": 1}, "third", true),
		step(attributes{"token": "fourth"}, "fourth", true),
	)
}

// A failure leaves the state as it was.
func TestFailures(t *testing.T) {
	w := newWorld(t, omnimock.Options{})
	forbid := func(method string) func() {
		return func() {
			w.AllowAll()
			w.Forbid(method, "/api/v1/connections/*/dbt")
		}
	}
	w.Run(t,
		resource.TestStep{PreConfig: forbid(http.MethodPut), Config: w.config(), ExpectError: acctest.Saying("Cannot create the dbt configuration")},
		resource.TestStep{PreConfig: w.AllowAll, Config: w.config()},
		resource.TestStep{PreConfig: forbid(http.MethodGet), Config: w.config(), ExpectError: acctest.Saying("Cannot read the dbt configuration")},
		resource.TestStep{PreConfig: forbid(http.MethodPut), Config: w.config(attributes{"branch": "dev"}), ExpectError: acctest.Saying("it needs Connection Admin")},
		resource.TestStep{PreConfig: forbid(http.MethodDelete), Config: w.config(), Destroy: true, ExpectError: acctest.Saying("Cannot delete the dbt configuration")},
		resource.TestStep{
			PreConfig: w.AllowAll, Config: w.config(),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
	)
}
