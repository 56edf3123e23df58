// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // the faults make much garbage: a quarter less work
	acctest.Main(m)
}

// The resources of the guide, and the names of its connections.
const (
	guideBase        = "dataconn_omni_connection.base"
	guideProd        = "dataconn_omni_connection.prod"
	guideEnvironment = "dataconn_omni_connection_environment.prod"
	guideAttribute   = "dataconn_omni_environment_user_attribute.environment"

	baseName = "Analytics"
	prodName = "Analytics (production)"
)

func guideResources() []string {
	return []string{guideBase, guideProd, guideEnvironment, guideAttribute}
}

// guide is the example of the five steps, as the repository has it, with
// changes: pairs of what stands there and what takes its place.
func guide(t *testing.T, changes ...string) string {
	t.Helper()
	content, err := os.ReadFile("../../examples/guides/omni-environments/main.tf")
	if err != nil {
		t.Fatal(err)
	}
	text := string(content)
	for pair := range slices.Chunk(changes, 2) {
		if !strings.Contains(text, pair[0]) {
			t.Fatalf("the guide has no %s any more: adapt this test", pair[0])
		}
		text = strings.ReplaceAll(text, pair[0], pair[1])
	}
	return text
}

func guideVariables(password string, version int) config.Variables {
	return config.Variables{
		"database_password":   config.StringVariable(password),
		"password_version":    config.IntegerVariable(version),
		"deletion_protection": config.BoolVariable(false),
	}
}

// guideImports are import blocks for the whole guide. The ids are in a variable,
// because they are not known before the connections are made.
func guideImports() string {
	blocks := []string{"variable \"ids\" {\n  type = map(string)\n}\n"}
	for _, address := range guideResources() {
		blocks = append(blocks, acctest.Import(address, acctest.Expression(fmt.Sprintf("var.ids[%q]", address))))
	}
	return strings.Join(blocks, "\n")
}

func guideIDs(t *testing.T, omni *acctest.Omni) config.Variable {
	t.Helper()
	base, prod := omni.Only(t, baseName).ID, omni.Only(t, prodName).ID
	return config.MapVariable(map[string]config.Variable{
		guideBase:        config.StringVariable(base),
		guideProd:        config.StringVariable(prod),
		guideEnvironment: config.StringVariable(base + "/" + prod + "/" + omni.Environments()[0].ID),
		guideAttribute:   config.StringVariable(base),
	})
}

// serves checks which connection a user gets, by the value of the attribute, and
// that both connections have the password.
func serves(t *testing.T, omni *acctest.Omni, password string, want map[string]string) acctest.Check {
	t.Helper()
	return acctest.CheckThat(func() error {
		base, prod := omni.Only(t, baseName), omni.Only(t, prodName)
		for _, value := range slices.Sorted(maps.Keys(want)) {
			id, reason := omni.Route(base.ID, value)
			if got, _ := omni.Connection(id); got.Name() != want[value] {
				return fmt.Errorf("a user with %q gets %q, not %q: %s", value, got.Name(), want[value], reason)
			}
		}
		for _, c := range []omnimock.Connection{base, prod} {
			if got, _ := omni.Secret(c.ID, "passwordUnencrypted"); got != password {
				return fmt.Errorf("%s has the password %q, not %q", c.Name(), got, password)
			}
		}
		return nil
	})
}

func actions(action plancheck.ResourceActionType, addresses ...string) []plancheck.PlanCheck {
	var checks []plancheck.PlanCheck
	for _, address := range addresses {
		checks = append(checks, plancheck.ExpectResourceAction(address, action))
	}
	return checks
}

// importsInPlace checks that every resource of the guide is imported, and that
// none is made or replaced.
type importsInPlace struct{}

// CheckPlan implements plancheck.PlanCheck.
func (importsInPlace) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	imported := 0
	for _, c := range req.Plan.ResourceChanges {
		if !c.Change.Actions.NoOp() && !slices.Equal(c.Change.Actions, tfjson.Actions{tfjson.ActionUpdate}) {
			resp.Error = fmt.Errorf("%s is not imported in place: %v", c.Address, c.Change.Actions)
		}
		if c.Change.Importing != nil {
			imported++
		}
	}
	if imported != len(guideResources()) {
		resp.Error = fmt.Errorf("%d of %d resources are imported", imported, len(guideResources()))
	}
}

// The five steps of Omni's guide work on every generation of the server: made,
// changed, given up, imported again, and destroyed where the server can delete.
func TestGuide(t *testing.T) {
	for name, c := range map[string]struct {
		opts     omnimock.Options
		noDelete bool // the server has no route for it
	}{
		"current, list":  {opts: omnimock.Options{EnvironmentList: true}},
		"current":        {opts: omnimock.Options{EnvironmentListStatus: http.StatusMethodNotAllowed}},
		"2026":           {opts: omnimock.Options{Generation: omnimock.Narrow2026}},
		"2025":           {opts: omnimock.Options{Generation: omnimock.Guide2025}, noDelete: true},
		"flat attribute": {opts: omnimock.Options{FlatEnvironmentAttribute: true}},
		"comma text":     {opts: omnimock.Options{CommaTextEnvironments: true, EnvironmentListStatus: http.StatusBadRequest}},
	} {
		t.Run(name, func(t *testing.T) {
			omni := acctest.StartOmni(t, c.opts)
			changed := guide(t, `["prod"]`, `["production", "prod"]`, `["dev"]`, `["dev", "local"]`)
			first, second := guideVariables("first", 1), guideVariables("second", 2)
			imported := guideVariables("second", 2)
			var forget []string
			for _, address := range guideResources() {
				forget = append(forget, acctest.Forget(address))
			}
			id := statecheck.CompareValue(compare.ValuesSame())
			sameBase := func() statecheck.StateCheck { return id.AddStateValue(guideBase, tfjsonpath.New("id")) }
			after := map[string]string{"production": prodName, "prod": prodName, "dev": baseName, "local": baseName, "other": baseName}

			steps := []resource.TestStep{
				{
					Config: guide(t), ConfigVariables: first,
					ConfigStateChecks: []statecheck.StateCheck{
						sameBase(), serves(t, omni, "first", map[string]string{"prod": prodName, "dev": baseName, "other": baseName}),
					},
				},
				{
					Config: changed, ConfigVariables: second,
					ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: actions(plancheck.ResourceActionUpdate, guideResources()...)},
					ConfigStateChecks: []statecheck.StateCheck{sameBase(), serves(t, omni, "second", after)},
				},
				{
					Config:            omni.Config(forget...),
					ConfigStateChecks: []statecheck.StateCheck{omni.ExpectWrites()},
				},
				{
					PreConfig: func() { imported["ids"] = guideIDs(t, omni) },
					Config:    changed + guideImports(), ConfigVariables: imported,
					ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{importsInPlace{}}},
					ConfigStateChecks: []statecheck.StateCheck{sameBase(), serves(t, omni, "second", after)},
				},
			}
			if c.noDelete {
				steps = append(steps,
					resource.TestStep{
						Config: changed, ConfigVariables: second, Destroy: true,
						ExpectError: acctest.Saying("this server cannot delete it through the API"),
					},
					resource.TestStep{
						PreConfig: func() {
							if names := omni.Names(); len(names) != 2 || len(omni.Environments()) > 0 {
								t.Errorf("left on the server: %q, %v", names, omni.Environments())
							}
						},
						Config: omni.Config(acctest.Forget(guideBase), acctest.Forget(guideProd)),
					})
			}
			omni.Run(t, steps...)
			if left := omni.Connections(); !c.noDelete && len(left)+len(omni.Environments()) > 0 {
				t.Errorf("left on the server: %v, %v", left, omni.Environments())
			}
		})
	}
}

// A value moves between an environment and the base's default values in one
// apply, although the server refuses a value that another still has.
func TestValueMovesToTheDefault(t *testing.T) {
	for name, flat := range map[string]bool{"current": false, "flat attribute": true} {
		t.Run(name, func(t *testing.T) {
			omni := acctest.StartOmni(t, omnimock.Options{FlatEnvironmentAttribute: flat})
			swapped := guide(t, `["prod"]`, `["swap"]`, `["dev"]`, `["prod"]`, `["swap"]`, `["dev"]`)
			variables := guideVariables("first", 1)
			omni.Run(t,
				resource.TestStep{Config: guide(t), ConfigVariables: variables},
				resource.TestStep{
					Config: swapped, ConfigVariables: variables,
					ConfigStateChecks: []statecheck.StateCheck{
						serves(t, omni, "first", map[string]string{"prod": baseName, "dev": prodName}),
					},
				},
			)
		})
	}
}

// When a connection is lost, the next apply makes it again, and with it what
// hangs on it; the rest stays.
func TestLostConnection(t *testing.T) {
	for name, opts := range map[string]omnimock.Options{
		"list": {EnvironmentList: true}, "no list": {}, "2025": {Generation: omnimock.Guide2025},
	} {
		t.Run(name, func(t *testing.T) {
			omni := acctest.StartOmni(t, opts)
			variables := guideVariables("first", 1)
			step := func(lost string, made, kept []string) resource.TestStep {
				s := resource.TestStep{
					Config: guide(t), ConfigVariables: variables,
					ConfigStateChecks: []statecheck.StateCheck{
						serves(t, omni, "first", map[string]string{"prod": prodName, "dev": baseName}),
					},
				}
				if lost != "" {
					s.PreConfig = func() { omni.PurgeConnection(omni.Only(t, lost).ID) }
					s.ConfigPlanChecks.PreApply = append(
						actions(plancheck.ResourceActionCreate, made...), actions(plancheck.ResourceActionNoop, kept...)...)
				}
				return s
			}
			steps := []resource.TestStep{
				step("", nil, nil),
				step(prodName, []string{guideProd, guideEnvironment}, []string{guideBase, guideAttribute}),
				step(baseName, []string{guideBase, guideEnvironment, guideAttribute}, []string{guideProd}),
			}
			if opts.Generation == omnimock.Guide2025 { // it cannot delete
				steps = append(steps, resource.TestStep{Config: omni.Config(acctest.Forget(guideBase), acctest.Forget(guideProd))})
			}
			omni.Run(t, steps...)
		})
	}
}
