// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package environmentuserattribute_test

import (
	"fmt"
	"net/http"
	"slices"
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

func TestMain(m *testing.M) { acctest.Main(m) }

const (
	typeName = "dataconn_omni_environment_user_attribute"
	address  = typeName + ".test"
)

// attributes are those of a binding's block.
type attributes = acctest.Attributes

// world is a server with a base connection.
type world struct {
	*acctest.Omni
	base string
}

func newWorld(t *testing.T, opts omnimock.Options) world {
	t.Helper()
	w := world{Omni: acctest.StartOmni(t, opts)}
	w.base = w.AddConnection(map[string]any{"name": "base", "dialect": "postgres"})
	return w
}

// config binds the base connection; no values configure none.
func (w world) config(attribute string, values ...string) string {
	a := attributes{"connection_id": w.base, "attribute_name": attribute}
	if len(values) > 0 {
		a["default_values"] = values
	}
	return w.Config(acctest.Resource(typeName, "test", a))
}

// bind binds the base connection as somebody does in the user interface; no
// attribute unbinds it.
func (w world) bind(attribute string, values ...string) {
	w.EditConnection(w.base, func(settings map[string]any) {
		settings["userAttributeNameForConnectionEnvironments"] = nil
		settings["userAttributeValuesForDefaultEnvironment"] = nil
		if attribute != "" {
			settings["userAttributeNameForConnectionEnvironments"] = attribute
		}
		if len(values) > 0 {
			settings["userAttributeValuesForDefaultEnvironment"] = values
		}
	})
}

// bound checks what the server has; no attribute is no binding.
func (w world) bound(attribute string, values ...string) acctest.Check {
	return acctest.CheckThat(func() error {
		c, _ := w.Connection(w.base)
		name, _ := c.Settings["userAttributeNameForConnectionEnvironments"].(string)
		defaults, _ := c.Settings["userAttributeValuesForDefaultEnvironment"].([]string)
		slices.Sort(defaults)
		if name != attribute || !slices.Equal(defaults, values) {
			return fmt.Errorf("the base is bound to %q with %q, not to %q with %q", name, defaults, attribute, values)
		}
		return nil
	})
}

func applies(config string, checks ...statecheck.StateCheck) resource.TestStep {
	return resource.TestStep{Config: config, ConfigStateChecks: checks}
}

func withPlan(step resource.TestStep, checks ...plancheck.PlanCheck) resource.TestStep {
	step.ConfigPlanChecks.PreApply = checks
	return step
}

var (
	updates = plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)
	creates = plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate)
	noop    = plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop)
)

// On every generation a binding is made, changes in place, and is taken away by
// null. The form that a server refuses is tried once a process.
func TestGenerations(t *testing.T) {
	nested := func(inner string) []string {
		return []string{`PATCH connections {"environmentUserAttribute":` + inner + `} 200`}
	}
	flat := func(name, values string) []string {
		return []string{`PATCH connections {"userAttributeNameForConnectionEnvironments":` + name + `,"userAttributeValuesForDefaultEnvironment":` + values + `} 200`}
	}
	refused := func(older []string) []string {
		return append([]string{`PATCH connections {"environmentUserAttribute":`}, older...)
	}
	nestedForm := [4][]string{
		nested(`{"attributeName":"environment","defaultValues":["dev","local"]}`),
		nested(`{"attributeName":"region","defaultValues":["dev"]}`),
		nested(`{"attributeName":"region","defaultValues":null}`),
		nested(`null`),
	}
	flatForm := [4][]string{
		flat(`"environment"`, `"dev,local"`), flat(`"region"`, `"dev"`), flat(`"region"`, `null`), flat(`null`, `null`),
	}
	var flatAfterRefusal [4][]string
	for i, writes := range flatForm {
		flatAfterRefusal[i] = refused(writes)
	}
	for name, c := range map[string]struct {
		opts   omnimock.Options
		writes [4][]string
	}{
		"current":      {omnimock.Options{}, nestedForm},
		"2026":         {omnimock.Options{Generation: omnimock.Narrow2026}, nestedForm},
		"flat":         {omnimock.Options{FlatEnvironmentAttribute: true}, flatAfterRefusal},
		"2025":         {omnimock.Options{Generation: omnimock.Guide2025}, flatForm},
		"current list": {omnimock.Options{EnvironmentList: true}, nestedForm},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, c.opts)
			destroy := resource.TestStep{Config: w.config("region"), Destroy: true}
			w.Run(t,
				withPlan(applies(w.config("environment", "local", "dev"), w.ExpectWrites(c.writes[0]...), w.bound("environment", "dev", "local")), creates),
				withPlan(applies(w.config("region", "dev"), w.ExpectWrites(c.writes[1]...), w.bound("region", "dev")), updates),
				withPlan(applies(w.config("region"), w.ExpectWrites(c.writes[2]...), w.bound("region")), updates),
				destroy,
			)
			acctest.Require(t, w.ExpectWrites(c.writes[3]...), w.bound(""))
		})
	}
}

// What was changed or taken away elsewhere is put back, wherever the server
// returns the binding: all do.
func TestChangesElsewhere(t *testing.T) {
	for name, generation := range map[string]omnimock.Generation{"current": omnimock.Current, "2025": omnimock.Guide2025} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, omnimock.Options{Generation: generation})
			step := func(change func(), checks ...plancheck.PlanCheck) resource.TestStep {
				s := withPlan(applies(w.config("environment", "dev"), w.ExpectWrites("PATCH"), w.bound("environment", "dev")), checks...)
				s.PreConfig = change
				return s
			}
			w.Run(t,
				step(nil, creates),
				step(func() { w.bind("region", "dev") }, updates),
				step(func() { w.bind("environment", "dev", "test") }, updates),
				step(func() { w.bind("environment") }, updates),
				step(func() { w.bind("") }, creates, w.ExpectWarning("", "An Omni environment binding is gone", w.base)),
			)
		})
	}
}

// A binding that is there already is somebody's: it is not overwritten, unless
// it is the very same.
func TestExistingBinding(t *testing.T) {
	w := newWorld(t, omnimock.Options{})
	w.bind("region", "eu")
	w.Run(t,
		resource.TestStep{
			Config:      w.config("environment", "dev"),
			ExpectError: acctest.Saying(`bound already, to the user attribute "region" with the default values ["eu"]`),
		},
		resource.TestStep{
			PreConfig:   func() { acctest.Require(t, w.ExpectWrites(), w.bound("region", "eu")) },
			Config:      w.config("environment", "dev"),
			ExpectError: acctest.Saying("terraform import <address of this resource> " + w.base),
		},
		withPlan(applies(w.config("region", "eu")+acctest.Import(address, w.base), w.ExpectWrites()), noop),
		withPlan(applies(w.config("environment", "dev"), w.ExpectWrites("PATCH"), w.bound("environment", "dev")), updates),
		resource.TestStep{Config: w.config("environment", "dev"), Destroy: true},
		resource.TestStep{
			PreConfig:         func() { w.bind("environment", "dev") },
			Config:            w.config("environment", "dev"),
			ConfigStateChecks: []statecheck.StateCheck{w.ExpectWrites()},
		},
	)
}

// A second resource for one base is refused where one apply would create both. Where
// the state has both, destroying one is refused, and forgetting it is not.
func TestTwoResourcesForOneBase(t *testing.T) {
	w := newWorld(t, omnimock.Options{})
	first := w.config("environment", "dev")
	second := acctest.Resource(typeName, "second", attributes{
		"connection_id": acctest.Expression(address + ".connection_id"), "attribute_name": "environment", "default_values": []string{"dev"},
	})
	stays := func() { acctest.Require(t, w.bound("environment", "dev")) }
	w.RunFrom(t, []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_7_0)},
		resource.TestStep{Config: first + second, ExpectError: acctest.Saying("another resource binds the same connection in this run")},
		resource.TestStep{PreConfig: stays, Config: first + second + acctest.Import(typeName+".second", w.base)},
		resource.TestStep{Config: first, ExpectError: acctest.Saying("Two resources have the same binding")},
		resource.TestStep{PreConfig: stays, Config: first + "\nremoved {\n  from = " + typeName + ".second\n  lifecycle {\n    destroy = false\n  }\n}\n"},
		resource.TestStep{PreConfig: stays, Config: first, PlanOnly: true},
	)
}

func TestImport(t *testing.T) {
	w := newWorld(t, omnimock.Options{})
	unbound := w.AddConnection(map[string]any{"name": "unbound", "dialect": "postgres"})
	imports := func(id string) resource.TestStep {
		return resource.TestStep{
			ResourceName: address, ImportState: true,
			ImportStateIdFunc: func(*terraform.State) (string, error) { return id, nil },
		}
	}
	refused := func(id, message string) resource.TestStep {
		s := imports(id)
		s.ExpectError = acctest.Saying(message)
		return s
	}
	verified := func(id string) resource.TestStep {
		s := imports(id)
		s.ImportStateVerify = true
		s.ImportStateVerifyIdentifierAttribute = "connection_id"
		return s
	}
	w.Run(t,
		applies(w.config("environment", "local", "dev")),
		verified(w.base),
		verified(strings.ToUpper(w.base)),
		refused("environment", `"environment" is not an id`),
		refused("550e8400-e29b-41d4-a716-446655440000", "Nothing to import"),
		refused(unbound, "Nothing to import"),
	)
}

func TestImportIdentity(t *testing.T) {
	w := newWorld(t, omnimock.Options{})
	config := w.config("environment", "dev")
	w.RunFrom(t, []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		applies(config, statecheck.ExpectIdentity(address, map[string]knownvalue.Check{"connection_id": knownvalue.StringExact(w.base)})),
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
	)
}

// An empty list of default values is none.
func TestEmptyDefaultValues(t *testing.T) {
	w := newWorld(t, omnimock.Options{})
	config := func(values any) string {
		return w.Config(acctest.Resource(typeName, "test", attributes{
			"connection_id": w.base, "attribute_name": "environment", "default_values": values,
		}))
	}
	w.Run(t,
		applies(config([]string{}), w.ExpectWrites(`PATCH connections {"environmentUserAttribute":{"attributeName":"environment","defaultValues":null}}`)),
		applies(config([]string{"dev"}), w.bound("environment", "dev")),
		applies(config([]string{}), w.bound("environment")),
	)
}

// Another base is another binding: the former one is unbound.
func TestReplacement(t *testing.T) {
	w := newWorld(t, omnimock.Options{})
	first := w.config("environment", "dev")
	former := w.bound("")
	w2 := w
	w2.base = w.AddConnection(map[string]any{"name": "other", "dialect": "postgres"})
	w.Run(t,
		applies(first),
		withPlan(applies(w2.config("environment", "dev"), former, w2.bound("environment", "dev")),
			plancheck.ExpectResourceAction(address, plancheck.ResourceActionDestroyBeforeCreate)),
	)
}

// The binding ends with its connection, and then there is nothing to destroy.
func TestConnectionGone(t *testing.T) {
	w := newWorld(t, omnimock.Options{})
	config := w.config("environment", "dev")
	w.Run(t,
		applies(config),
		resource.TestStep{
			PreConfig: func() { w.TrashConnection(w.base) },
			Config:    config,
			// It cannot be bound again either.
			ExpectError: acctest.Saying("There is no connection with the id"),
		},
		resource.TestStep{
			PreConfig: func() {
				acctest.Require(t, w.ExpectWarning("", "An Omni environment binding is gone"), w.ExpectWrites())
			},
			Config:  config,
			Destroy: true,
		},
	)
	acctest.Require(t, w.ExpectWrites())
}

// A failure to read or to unbind does not make the provider forget the binding.
func TestFailures(t *testing.T) {
	w := newWorld(t, omnimock.Options{})
	config := w.config("environment", "dev")
	forbid := func(method string) func() {
		return func() {
			w.AllowAll()
			w.Forbid(method, "/api/v1/connections")
			w.Forbid(method, "/api/v1/connections/*")
		}
	}
	w.Run(t,
		applies(config),
		resource.TestStep{PreConfig: forbid(http.MethodGet), Config: config, ExpectError: acctest.Saying("Cannot read the environment user attribute")},
		resource.TestStep{PreConfig: forbid(http.MethodPatch), Config: w.config("region", "dev"), ExpectError: acctest.Saying("it needs Connection Admin")},
		resource.TestStep{PreConfig: forbid(http.MethodPatch), Config: config, Destroy: true, ExpectError: acctest.Saying("Cannot remove the environment user attribute")},
		resource.TestStep{
			PreConfig: w.AllowAll, Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
	)
}

func TestInvalidConfiguration(t *testing.T) {
	for name, c := range map[string]struct {
		change    attributes
		attribute string
		message   string
	}{
		"not an id":  {attributes{"connection_id": "base"}, "connection_id", "is not an id"},
		"no name":    {attributes{"attribute_name": ""}, "attribute_name", "is empty"},
		"with comma": {attributes{"default_values": []string{"a,b"}}, "default_values", "cannot contain a comma"},
		"empty":      {attributes{"default_values": []string{""}}, "default_values", "must not be empty"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, omnimock.Options{})
			config := attributes{"connection_id": w.base, "attribute_name": "environment"}.With(c.change)
			w.Run(t, resource.TestStep{Config: w.Config(acctest.Resource(typeName, "test", config)), ExpectError: acctest.Saying(address)})
			w.RequireRefused(t, c.attribute, c.message)
		})
	}
}
