// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectionschedule_test

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

const address = scheduleType + ".test"

type attributes = acctest.Attributes

// world is a server with a connection.
type world struct {
	*acctest.Omni
	connection string
}

func newWorld(t *testing.T) world {
	t.Helper()
	w := world{Omni: acctest.StartOmni(t, built())}
	w.connection = w.AddConnection(map[string]any{"name": "one", "dialect": "exasol"})
	return w
}

func (w world) schedule(changes ...attributes) string {
	a := attributes{"connection_id": w.connection, "schedule": "0 2 * * ? *", "timezone": "Europe/Berlin"}
	return w.Config(acctest.Resource(scheduleType, "test", a.With(changes...)))
}

// has checks that the server has this schedule and no other.
func (w world) has(schedule string, hard bool) acctest.Check {
	return acctest.CheckThat(func() error {
		all := w.Schedules()
		if len(all) != 1 || all[0].ConnectionID != w.connection || all[0].Schedule != schedule || all[0].HardRefresh != hard {
			return fmt.Errorf("the server has %+v", all)
		}
		return nil
	})
}

func (w world) importID(*terraform.State) (string, error) {
	return w.connection + "/" + w.Schedules()[0].ID, nil
}

func withAction(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

func TestLife(t *testing.T) {
	w := newWorld(t)
	changed := w.schedule(attributes{"schedule": "30 6 ? * MON-FRI *", "hard_refresh": true})
	w.Run(t,
		resource.TestStep{Config: w.schedule(), ConfigStateChecks: []statecheck.StateCheck{
			w.ExpectWrites(`POST connections {"hardRefresh":false,"schedule":"0 2 * * ? *","timezone":"Europe/Berlin"} 201`),
			w.has("0 2 * * ? *", false),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("hard_refresh"), knownvalue.Bool(false)),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("disabled_at"), knownvalue.Null()),
		}},
		resource.TestStep{
			Config: changed, ConfigPlanChecks: withAction(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{w.ExpectWrites("PUT connections"), w.has("30 6 ? * MON-FRI *", true)},
		},
		resource.TestStep{ // somebody else's change is put right
			PreConfig: func() {
				w.EditSchedule(w.Schedules()[0].ID, func(o *omnimock.Schedule) { o.Schedule = "0 0 * * ? *" })
			},
			Config: changed, ConfigPlanChecks: withAction(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{w.has("30 6 ? * MON-FRI *", true)},
		},
		resource.TestStep{ // and what is gone is made again
			PreConfig: func() { w.RemoveSchedule(w.Schedules()[0].ID) },
			Config:    changed, ConfigPlanChecks: withAction(plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{w.has("30 6 ? * MON-FRI *", true)},
		},
	)
	if left := w.Schedules(); len(left) != 0 {
		t.Errorf("left after the destroy: %v", left)
	}
}

func TestImport(t *testing.T) {
	w := newWorld(t)
	w.Run(t,
		resource.TestStep{Config: w.schedule()},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateIdFunc: w.importID, ImportStateVerify: true},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateIdFunc: w.importID, ImportStateKind: resource.ImportBlockWithID},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateId: w.connection, ExpectError: acctest.Saying("is not <connection id>/<id>")},
	)
}

func TestImportIdentity(t *testing.T) {
	w := newWorld(t)
	w.RunFrom(t, []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		resource.TestStep{Config: w.schedule(), ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectIdentity(address, map[string]knownvalue.Check{"connection_id": knownvalue.StringExact(w.connection), "id": knownvalue.NotNull()}),
		}},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
	)
}

func TestFailures(t *testing.T) {
	w := newWorld(t)
	forbid := func(method string) func() {
		return func() {
			w.AllowAll()
			w.Forbid(method, schedulesRoute)
			w.Forbid(method, schedulesRoute+"/*")
		}
	}
	changed := w.schedule(attributes{"timezone": "UTC"})
	w.Run(t,
		resource.TestStep{PreConfig: forbid(http.MethodPost), Config: w.schedule(), ExpectError: acctest.Saying("it needs Connection Admin")},
		resource.TestStep{PreConfig: w.AllowAll, Config: w.schedule()},
		resource.TestStep{PreConfig: forbid(http.MethodGet), Config: w.schedule(), ExpectError: acctest.Saying("Cannot read schedule")},
		resource.TestStep{PreConfig: forbid(http.MethodPut), Config: changed, ExpectError: acctest.Saying("Cannot change schedule")},
		resource.TestStep{PreConfig: forbid(http.MethodDelete), Config: w.schedule(), Destroy: true, ExpectError: acctest.Saying("Cannot delete schedule")},
		resource.TestStep{
			PreConfig: w.AllowAll, Config: w.schedule(),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
	)
}

func TestInvalidConfiguration(t *testing.T) {
	w := newWorld(t)
	w.Run(t, resource.TestStep{Config: w.schedule(attributes{"schedule": "0 2 * * *"}), ExpectError: acctest.Saying("this has five fields, which is the form of Unix")})
	w.RequireRefused(t, "schedule", "the form of Unix")
}
