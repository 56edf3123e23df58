// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omnimock_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/failtest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

func TestOutOfBand(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	id := c.AddConnection(object{
		"dialect": "motherduck", "name": "clicked", "useReadScaling": true,
		"includeSchemas": []string{"a"}, "passwordUnencrypted": "clicked-secret",
	})
	got := c.get(id)
	if got["useReadScaling"] != true || !reflect.DeepEqual(got["includeSchemas"], []any{"a"}) || got["queryTimeoutSeconds"] != 900.0 {
		t.Errorf("added %v", got)
	}
	if value, _ := c.Secret(id, "passwordUnencrypted"); value != "clicked-secret" || c.ReceivedSecret("clicked-secret") {
		t.Errorf("secret %q", value)
	}
	c.EditConnection(id, func(settings map[string]any) {
		settings["name"] = "renamed"
		settings["queryTimeoutSeconds"] = 60
		settings["offloadedSchemas"] = []string{"a"}
		settings["baseRole"] = nil
		delete(settings, "includeSchemas")
	})
	after := c.get(id)
	if after["name"] != "renamed" || after["queryTimeoutSeconds"] != 60.0 || after["baseRole"] != nil ||
		after["includeSchemas"] != nil || after["updatedAt"] == got["updatedAt"] || len(after) != len(got) {
		t.Errorf("edited %v", after)
	}

	// What is handed out is a copy.
	copied, _ := c.Connection(id)
	copied.Settings["name"] = "mine"
	copied.Settings["offloadedSchemas"].([]string)[0] = "mine"
	if again, _ := c.Connection(id); again.Name() != "renamed" || again.Dialect() != "motherduck" || !reflect.DeepEqual(again.Settings["offloadedSchemas"], []string{"a"}) {
		t.Errorf("name %s", again.Name())
	}

	other := c.AddConnection(object{"dialect": "motherduck", "name": "other"})
	environment := c.AddEnvironment(id, other, "x")
	c.EditEnvironment(environment, "y", "z")
	if e, ok := c.Environment(environment); !ok || !reflect.DeepEqual(e.UserAttributeValues, []string{"y", "z"}) {
		t.Errorf("environment %v", e)
	}
	c.RemoveEnvironment(environment)
	if _, ok := c.Environment(environment); ok || len(c.Environments()) != 0 {
		t.Error("the environment is still there")
	}

	c.TrashConnection(other)
	if c.get(other)["deletedAt"] == nil || len(c.Connections()) != 1 {
		t.Error("not in the trash")
	}
	if trashed, ok := c.Connection(other); !ok || trashed.DeletedAt == nil {
		t.Error("Connection does not show the trash")
	}
	c.PurgeConnection(other)
	c.PurgeConnection(id)
	c.refused("GET", "/connections/"+id, nil, 404, "Connection does not exist")
	c.refused("DELETE", "/connections/"+other, nil, 404, "Connection not found")
	if _, ok := c.Connection(other); ok {
		t.Error("the purged connection is still there")
	}
}

func TestSnapshotHasEnvironments(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	c.AddEnvironment(c.create(postgres("one")), c.create(postgres("two")), "a", "b")
	c.AddEnvironment(c.create(postgres("three")), c.create(with(snowflake(), object{"includeSchemas": "x,y"})))
	for range 4 {
		c.AddEnvironment(c.create(postgres("base")), c.create(postgres("other")))
	}
	if all := c.Connections(); !slices.IsSortedFunc(all, func(a, b omnimock.Connection) int { return strings.Compare(a.ID, b.ID) }) {
		t.Errorf("not by id: %v", all)
	}
	if all := c.Environments(); !slices.IsSortedFunc(all, func(a, b omnimock.Environment) int { return strings.Compare(a.ID, b.ID) }) {
		t.Errorf("not by id: %v", all)
	}
	restored := c.restored()
	if got, want := restored.Environments(), c.Environments(); len(got) != 6 || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("restored %v, want %v", got, want)
	}
	requireEqual(t, restored.must("GET", "/connections", nil), c.must("GET", "/connections", nil))
}

func TestMistakesOfATestPanic(t *testing.T) {
	t.Parallel()
	c := newClient(t, omnimock.Options{})
	id := c.AddConnection(object{"dialect": "postgres", "name": "x"})
	set := func(name string, value any) func() {
		return func() { c.EditConnection(id, func(settings map[string]any) { settings[name] = value }) }
	}
	failtest.RequirePanics(t, map[string]func(){
		"unknown setting":   set("hostname", "x"),
		"secret":            set("passwordUnencrypted", "x"),
		"text for a number": set("port", "1"),
		"number for a text": set("host", 1),
		"bool for a text":   set("host", true),
		"list for a text":   set("host", []string{"x"}),
		"text for a list":   set("includeSchemas", "x"),
		"text for a bool":   set("useReadScaling", "true"),
		"float":             set("port", 1.0),
		"no name":           set("name", nil),
		"no connection":     func() { c.EditConnection(unknownID, func(map[string]any) {}) },
		"no dialect":        func() { c.AddConnection(object{"name": "x"}) },
		"no base":           func() { c.AddEnvironment(unknownID, id) },
		"no environment":    func() { c.EditEnvironment(unknownID) },
		"bad pattern":       func() { c.list(""); c.CountRequests("", "[") },
	})
	if got := c.get(id); got["name"] != "x" || got["port"] != nil {
		t.Errorf("a mistake was kept: %v", got)
	}
}
