// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectionenvironment_test

import (
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// On every generation of the server, with and without the list, an association
// is made, its values change in place, and it is dissolved. A form that the
// server refuses is tried once a process.
func TestGenerations(t *testing.T) {
	const (
		post, put  = "POST connection-environments", "PUT connection-environments"
		putArray   = `PUT connection-environments {"userAttributeValues":["prod","us"]} 200`
		putRefused = `PUT connection-environments {"userAttributeValues":["prod","us"]} 400`
		putText    = `PUT connection-environments {"userAttributeValues":"prod,us"} 200`
	)
	for name, c := range map[string]struct {
		opts           omnimock.Options
		create, change []string
	}{
		"current, list": {
			omnimock.Options{EnvironmentList: true},
			[]string{post, put},
			[]string{putArray},
		},
		"current, 404": {
			omnimock.Options{EnvironmentListStatus: http.StatusNotFound},
			[]string{post, put},
			[]string{putArray},
		},
		"current, 405": {
			omnimock.Options{EnvironmentListStatus: http.StatusMethodNotAllowed},
			[]string{post, put},
			[]string{putArray},
		},
		"current, 400": {
			omnimock.Options{EnvironmentListStatus: http.StatusBadRequest},
			[]string{post, put},
			[]string{putArray},
		},
		"comma text": {
			omnimock.Options{CommaTextEnvironments: true},
			[]string{post, post, put, put},
			[]string{putRefused, putText},
		},
		"comma text, list": {
			omnimock.Options{CommaTextEnvironments: true, EnvironmentList: true},
			[]string{post, post, put, put},
			[]string{putRefused, putText},
		},
		"comma text in ids alone": {
			omnimock.Options{CommaTextEnvironmentIDs: true},
			[]string{post, post, put},
			[]string{putArray},
		},
		"comma text in values alone": {
			omnimock.Options{CommaTextEnvironmentValues: true, EnvironmentListStatus: http.StatusMethodNotAllowed},
			[]string{post, put, put},
			[]string{putRefused, putText},
		},
		"older answer alone": {
			omnimock.Options{LegacyEnvironmentAnswer: true, EnvironmentList: true},
			[]string{post, put},
			[]string{putArray},
		},
		"2025": {
			omnimock.Options{Generation: omnimock.Guide2025, EnvironmentListStatus: http.StatusBadRequest},
			[]string{post, put},
			[]string{putText},
		},
		"2025, list": {
			omnimock.Options{Generation: omnimock.Guide2025, EnvironmentList: true},
			[]string{post, put},
			[]string{putText},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, c.opts)
			id := statecheck.CompareValue(compare.ValuesSame())
			sameID := func() statecheck.StateCheck { return id.AddStateValue(address("e0"), tfjsonpath.New("id")) }
			w.Run(t,
				resource.TestStep{
					Config:            w.Config(w.environment(0, []string{"prod", "eu"})),
					ConfigStateChecks: []statecheck.StateCheck{sameID(), w.has([]string{"eu", "prod"}), w.ExpectWrites(c.create...)},
				},
				resource.TestStep{
					Config: w.Config(w.environment(0, []string{"us", "prod"})),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(address("e0"), plancheck.ResourceActionUpdate),
					}},
					ConfigStateChecks: []statecheck.StateCheck{sameID(), w.has([]string{"prod", "us"}), w.ExpectWrites(c.change...)},
				},
				resource.TestStep{
					Config:            w.Config(w.environment(0, []string{})),
					ConfigStateChecks: []statecheck.StateCheck{sameID(), w.has([]string{})},
				},
			)
			acctest.Require(t, w.has())
			if left := len(w.Connections()); left != 4 {
				t.Errorf("dissolving it left %d of 4 connections", left)
			}
		})
	}
}

// Without configured values an association has the server's.
func TestValuesNotConfigured(t *testing.T) {
	w := newWorld(t, omnimock.Options{EnvironmentList: true})
	values := func(want ...string) statecheck.StateCheck {
		var checks []knownvalue.Check
		for _, v := range want {
			checks = append(checks, knownvalue.StringExact(v))
		}
		return statecheck.ExpectKnownValue(address("e0"), tfjsonpath.New("user_attribute_values"), knownvalue.SetExact(checks))
	}
	config := w.Config(w.environment(0, nil))
	w.Run(t,
		resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{values(), w.ExpectWrites("POST")}},
		resource.TestStep{
			PreConfig:         func() { w.EditEnvironment(w.Environments()[0].ID, "theirs") },
			Config:            config,
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			ConfigStateChecks: []statecheck.StateCheck{values("theirs"), w.ExpectWrites()},
		},
	)
}

// Values move between environments in one apply, although the server refuses a
// value that another still has.
func TestMovingValues(t *testing.T) {
	dev, test, prod := []string{"dev"}, []string{"test"}, []string{"prod"}
	for name, c := range map[string]struct{ from, to [][]string }{
		"swap":     {[][]string{dev, prod}, [][]string{prod, dev}},
		"rotation": {[][]string{dev, test, prod}, [][]string{test, prod, dev}},
		"handover": {[][]string{{"a", "b"}, {"c"}}, [][]string{{"a"}, {"b", "c"}}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, omnimock.Options{EnvironmentList: true})
			step := func(values [][]string) resource.TestStep {
				var blocks []string
				for i, v := range values {
					blocks = append(blocks, w.environment(i, v))
				}
				return resource.TestStep{Config: w.Config(blocks...), ConfigStateChecks: []statecheck.StateCheck{w.has(values...)}}
			}
			w.Run(t, step(c.from), step(c.to))
		})
	}
}

// When the values cannot be set after the association was made, it is dissolved
// again; the next apply starts clean, and nothing is there twice.
func TestPartialCreate(t *testing.T) {
	for name, list := range map[string]bool{"list": true, "no list": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, omnimock.Options{EnvironmentList: list})
			config := w.Config(w.environment(0, []string{"prod"}))
			w.Run(t,
				resource.TestStep{
					PreConfig: func() {
						w.Faults().Add(fault.Fault{Method: http.MethodPut, Status: http.StatusInternalServerError, Times: fault.Forever})
					},
					Config:      config,
					ExpectError: acctest.Saying("The association was deleted again"),
				},
				resource.TestStep{
					PreConfig: func() {
						acctest.Require(t, w.has())
						w.Faults().Clear()
					},
					Config:            config,
					ConfigStateChecks: []statecheck.StateCheck{w.has([]string{"prod"})},
				},
			)
			acctest.Require(t, w.has())
		})
	}
}

// What was changed or dissolved elsewhere is put back, where the server lists
// environments.
func TestChangesElsewhere(t *testing.T) {
	w := newWorld(t, omnimock.Options{EnvironmentList: true})
	config := w.Config(w.environment(0, []string{"prod"}), w.environment(1, []string{"dev"}))
	differ, same := statecheck.CompareValue(compare.ValuesDiffer()), statecheck.CompareValue(compare.ValuesSame())
	ids := func() []statecheck.StateCheck {
		return []statecheck.StateCheck{
			differ.AddStateValue(address("e0"), tfjsonpath.New("id")),
			same.AddStateValue(address("e1"), tfjsonpath.New("id")),
			w.has([]string{"prod"}, []string{"dev"}),
		}
	}
	idOf := func(n int) string {
		for _, e := range w.Environments() {
			if e.ConnectionID == w.connections[n] {
				return e.ID
			}
		}
		return ""
	}
	w.Run(t,
		resource.TestStep{Config: config, ConfigStateChecks: ids()},
		resource.TestStep{
			PreConfig: func() {
				w.RemoveEnvironment(idOf(0))
				w.EditEnvironment(idOf(1), "other")
			},
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address("e0"), plancheck.ResourceActionCreate),
				plancheck.ExpectResourceAction(address("e1"), plancheck.ResourceActionUpdate),
				w.ExpectWarning("", "An Omni connection environment is gone", w.connections[0]),
			}},
			ConfigStateChecks: append(ids(), w.ExpectWrites("POST", "PUT", "PUT")),
		},
	)
}

// Without the list, the end of a connection still tells the end of its
// environment. A failure to read it does not.
func TestConnectionGoneWithoutList(t *testing.T) {
	w := newWorld(t, omnimock.Options{})
	w.Run(t,
		resource.TestStep{Config: w.Config(w.environment(0, []string{"prod"}))},
		resource.TestStep{
			PreConfig: func() {
				w.Forbid(http.MethodGet, "/api/v1/connections*")
				w.Forbid(http.MethodGet, "/api/v1/connections/*")
			},
			Config:      w.Config(w.environment(0, []string{"prod"})),
			ExpectError: acctest.Saying("it needs the admin role"),
		},
		resource.TestStep{
			PreConfig: func() {
				w.AllowAll()
				w.TrashConnection(w.connections[0])
			},
			Config:      w.Config(w.environment(0, []string{"prod"})),
			ExpectError: acctest.Saying("No such Omni connection"),
		},
		resource.TestStep{
			PreConfig: func() { w.RequireRefused(t, "connection_id", w.connections[0]) },
			Config:    w.Config(w.environment(1, []string{"prod"})),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address("e1"), plancheck.ResourceActionCreate),
				w.ExpectWarning("", "An Omni connection environment is gone"),
			}},
			ConfigStateChecks: []statecheck.StateCheck{w.ExpectWrites("POST", "PUT")},
		},
	)
}

// Another connection, or another base, is another association.
func TestReplacement(t *testing.T) {
	w := newWorld(t, omnimock.Options{EnvironmentList: true})
	id := statecheck.CompareValue(compare.ValuesDiffer())
	step := func(changes attributes, writes ...string) resource.TestStep {
		s := resource.TestStep{
			Config: w.Config(w.environment(0, []string{"prod"}, changes)),
			ConfigStateChecks: []statecheck.StateCheck{
				w.ExpectWrites(writes...), id.AddStateValue(address("e0"), tfjsonpath.New("id")),
			},
		}
		if changes != nil {
			s.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address("e0"), plancheck.ResourceActionDestroyBeforeCreate),
			}
		}
		return s
	}
	w.Run(t,
		step(nil, "POST", "PUT"),
		step(attributes{"connection_id": w.connections[1]}, "DELETE", "POST", "PUT"),
		step(attributes{"connection_id": w.connections[1], "base_connection_id": w.connections[2]}, "DELETE", "POST", "PUT"),
	)
}

// What cannot be associated is refused before anything is sent.
func TestInvalidConfiguration(t *testing.T) {
	for name, c := range map[string]struct {
		change    func(world) attributes
		attribute string
		message   string
	}{
		"own base": {
			func(w world) attributes { return attributes{"connection_id": w.base} },
			"connection_id", "cannot be its own environment",
		},
		"other dialect": {
			func(w world) attributes {
				return attributes{"connection_id": w.AddConnection(map[string]any{"name": "m", "dialect": "mysql"})}
			},
			"connection_id", "The base connection is postgres and this one is mysql",
		},
		"no such base": {
			func(world) attributes {
				return attributes{"base_connection_id": "550e8400-e29b-41d4-a716-446655440000"}
			},
			"base_connection_id", "No such Omni connection",
		},
		"not an id": {
			func(world) attributes { return attributes{"connection_id": "analytics"} },
			"connection_id", "is not an id",
		},
		"comma": {
			func(world) attributes { return attributes{"user_attribute_values": []string{"a,b"}} },
			"user_attribute_values", "cannot contain a comma",
		},
		"spaces": {
			func(world) attributes { return attributes{"user_attribute_values": []string{"a "}} },
			"user_attribute_values", "lose its leading or trailing spaces",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, omnimock.Options{EnvironmentList: true})
			w.Run(t, resource.TestStep{
				Config:      w.Config(w.environment(0, nil, c.change(w))),
				ExpectError: acctest.Saying(address("e0")),
			})
			w.RequireRefused(t, c.attribute, c.message)
		})
	}
}

// An association that exists already is taken over by an import, whose command
// the error gives.
func TestExistingAssociation(t *testing.T) {
	w := newWorld(t, omnimock.Options{EnvironmentList: true})
	id := w.AddEnvironment(w.base, w.connections[0], "theirs")
	composite := w.base + "/" + w.connections[0] + "/" + id
	config := w.Config(w.environment(0, []string{"theirs"}))
	w.Run(t,
		resource.TestStep{Config: w.Config(w.environment(0, []string{"ours"})), ExpectError: acctest.Saying("terraform import <address of this resource> " + composite)},
		resource.TestStep{
			Config: config + acctest.Import(address("e0"), composite),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address("e0"), plancheck.ResourceActionNoop),
			}},
			ConfigStateChecks: []statecheck.StateCheck{w.ExpectWrites(), w.has([]string{"theirs"})},
		},
	)
}

// What is dissolved already is dissolved; what the server refuses to dissolve is
// not forgotten.
func TestDestroy(t *testing.T) {
	w := newWorld(t, omnimock.Options{})
	config := w.Config(w.environment(0, []string{"prod"}))
	w.Run(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:   func() { w.Forbid(http.MethodDelete, "/api/v1/connection-environments/*") },
			Config:      config,
			Destroy:     true,
			ExpectError: acctest.Saying("Cannot delete Omni connection environment"),
		},
		resource.TestStep{
			PreConfig: func() {
				w.AllowAll()
				w.RemoveEnvironment(w.Environments()[0].ID)
			},
			Config:  config,
			Destroy: true,
		},
	)
	acctest.Require(t, w.ExpectWrites("DELETE connection-environments 404"))
}
