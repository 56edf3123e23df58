// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"strings"
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

// onServer are the settings of a connection that somebody made in Omni's user
// interface, and configured the same as attributes.
func onServer() map[string]any {
	return map[string]any{
		"name": "test", "dialect": "postgres", "host": "db.example.com", "port": 5432, "database": "analytics",
		"username": "omni", "includeSchemas": []string{"a", "b"}, "queryTimeoutSeconds": 300, "baseRole": "VIEWER",
		"passwordUnencrypted": "theirs",
	}
}

func configured(changes ...attributes) attributes {
	return postgres(attributes{
		"password": nil, "include_schemas": []string{"b", "a"}, "query_timeout_seconds": 300, "base_role": "VIEWER",
		"deletion_protection": nil,
	}).With(changes...)
}

// unprotect lets the test end: what an import protects cannot be destroyed.
func unprotect(omni *acctest.Omni, a attributes) resource.TestStep {
	return resource.TestStep{
		Config:            omni.Config(connection("test", a, attributes{"deletion_protection": false})),
		ConfigStateChecks: []statecheck.StateCheck{omni.ExpectWrites()},
	}
}

// An import brings everything that the server returns, by the id, in any case.
func TestImportCommand(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	id := func(change func(string) string) resource.ImportStateIdFunc {
		return func(*terraform.State) (string, error) { return change(omni.Only(t, "test").ID), nil }
	}
	verify := func(change func(string) string) resource.TestStep {
		return resource.TestStep{
			ResourceName: address("test"), ImportState: true, ImportStateVerify: true, ImportStateIdFunc: id(change),
			ImportStateVerifyIgnore: []string{"password", "credentials_updated_at", "deletion_protection"},
		}
	}
	omni.Run(t,
		resource.TestStep{Config: omni.Config(connection("test", configured(attributes{"password": "p", "deletion_protection": false})))},
		verify(strings.ToLower),
		verify(strings.ToUpper),
	)
}

func TestImportIdentity(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	config := func(protected bool) string {
		return omni.Config(connection("test", configured(attributes{"deletion_protection": protected})))
	}
	id := omni.AddConnection(onServer())
	omni.RunFrom(t, []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		resource.TestStep{
			Config: config(true) + acctest.Import(address("test"), id),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentity(address("test"), map[string]knownvalue.Check{"id": knownvalue.StringExact(id)}),
			},
		},
		resource.TestStep{Config: config(true)}, // without the import block: the next step brings its own
		resource.TestStep{
			ResourceName: address("test"), ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity,
		},
		resource.TestStep{Config: config(false)},
	)
}

// After an import block, the first plan changes nothing, and a password goes to
// the server without anything else.
func TestImportBlock(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	id := omni.AddConnection(onServer())
	withPassword := configured(attributes{"password_wo": "ours", "password_wo_version": 1})
	omni.Run(t,
		resource.TestStep{
			Config: omni.Config(connection("test", configured()), acctest.Import(address("test"), id)),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address("test"), plancheck.ResourceActionNoop),
				omni.ExpectNoWarning(),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				omni.ExpectWrites(),
				statecheck.ExpectKnownValue(address("test"), tfjsonpath.New("id"), knownvalue.StringExact(id)),
				statecheck.ExpectKnownValue(address("test"), tfjsonpath.New("deletion_protection"), knownvalue.Bool(true)),
				statecheck.ExpectKnownValue(address("test"), tfjsonpath.New("credentials_updated_at"), knownvalue.Null()),
			},
		},
		resource.TestStep{
			Config: omni.Config(connection("test", withPassword)),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address("test"), plancheck.ResourceActionUpdate),
			}},
			ConfigStateChecks: []statecheck.StateCheck{omni.ExpectWrites(patch(attributes{"password": "ours"}))},
		},
		unprotect(omni, withPassword),
	)
}

// What an older server does not return is adopted from the configuration, with a
// warning and without a request; from then on, a change of it is a change.
func TestImportAdoptsUnreadSettings(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{Generation: omnimock.Narrow2026})
	id := omni.AddConnection(onServer())
	omni.Run(t,
		resource.TestStep{
			Config: omni.Config(connection("test", configured()), acctest.Import(address("test"), id)),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address("test"), plancheck.ResourceActionUpdate),
				omni.ExpectWarning("host", "Imported settings are adopted", "host, port, username, include_schemas, query_timeout_seconds"),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				omni.ExpectWrites(),
				statecheck.ExpectKnownValue(address("test"), tfjsonpath.New("host"), knownvalue.StringExact("db.example.com")),
				statecheck.ExpectKnownValue(address("test"), tfjsonpath.New("include_schemas"), known([]string{"a", "b"})),
			},
		},
		resource.TestStep{
			Config: omni.Config(connection("test", configured())),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectEmptyPlan(), omni.ExpectNoWarning(),
			}},
		},
		resource.TestStep{
			Config:      omni.Config(connection("test", configured(attributes{"host": "elsewhere"}))),
			ExpectError: acctest.Saying("is too old to change host in place"),
		},
		// What is configured later is adopted later.
		resource.TestStep{
			Config: omni.Config(connection("test", configured(attributes{"region": nil, "scratch_schema": "scratch"}))),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				omni.ExpectWarning("scratch_schema", "adopted"),
			}},
			ConfigStateChecks: []statecheck.StateCheck{omni.ExpectWrites()},
		},
		unprotect(omni, configured(attributes{"scratch_schema": "scratch"})),
	)
}

// What no server returns is adopted after an import; it replaces a connection
// only when a known value changes.
func TestImportAdoptsCreateOnlySettings(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	id := omni.AddConnection(map[string]any{
		"name": "test", "dialect": "bigquery", "region": "eu", "database": "acme",
		"authenticationType": "bigquery-workload-identity-federation",
		"wifAudience":        "audience-1", "wifServiceAccountEmail": "one@acme.iam",
	})
	config := func(changes ...attributes) string {
		return omni.Config(connection("test", bigqueryWIF(changes...)))
	}
	omni.Run(t,
		resource.TestStep{
			Config: config() + acctest.Import(address("test"), id),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address("test"), plancheck.ResourceActionUpdate),
				omni.ExpectWarning("wif_audience", "wif_audience, wif_service_account_email"),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				omni.ExpectWrites(),
				statecheck.ExpectKnownValue(address("test"), tfjsonpath.New("wif_audience"), knownvalue.StringExact("audience-1")),
			},
		},
		resource.TestStep{
			Config: config(attributes{"wif_audience": "audience-2"}),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address("test"), plancheck.ResourceActionDestroyBeforeCreate),
			}},
		},
	)
}

func TestImportRefused(t *testing.T) {
	omni := acctest.StartOmni(t, omnimock.Options{})
	trashed := omni.AddConnection(onServer())
	omni.TrashConnection(trashed)
	refused := func(id, message string) resource.TestStep {
		return resource.TestStep{
			ResourceName: address("test"), ImportState: true, ImportStateId: id, ExpectError: acctest.Saying(message),
		}
	}
	const absent = "550e8400-e29b-41d4-a716-446655440000"
	omni.Run(t,
		resource.TestStep{Config: omni.Config(connection("test", postgres()))},
		refused("analytics", `"analytics" is not an id: expected a UUID`),
		refused("{"+absent+"}", "is not an id"),
		refused(strings.ReplaceAll(absent, "-", ""), "is not an id"),
		refused(absent+"/../"+absent, "is not an id"),
		refused(absent, "Nothing to import"),
		refused(trashed, "Nothing to import"),
	)
}
