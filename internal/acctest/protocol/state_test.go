// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package protocol

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/dataconn/terraform-provider-dataconn/internal/failtest"
)

// A resource comes from another provider with what that says of it, and is in the state
// then.
func TestMove(t *testing.T) {
	t.Parallel()
	const id = "550e8400-e29b-41d4-a716-446655440000"
	var asked *tfprotov6.MoveResourceStateRequest
	var change func(resp *tfprotov6.MoveResourceStateResponse)
	w := startWorld(t, func(*world) bent {
		return bent{after: func(req, resp any) {
			if r, ok := resp.(*tfprotov6.MoveResourceStateResponse); ok {
				asked = req.(*tfprotov6.MoveResourceStateRequest)
				change(r)
			}
		}}
	})
	targetPrivate := []byte(`{"target":"e30="}`)
	change = func(resp *tfprotov6.MoveResourceStateResponse) { resp.TargetPrivate = targetPrivate }
	r := w.p.Resource(connectionType)
	r.Move(ofAnotherProvider(id)).RequireOK(t)
	if r.Text("id") != id || !bytes.Equal(r.Private(), targetPrivate) || r.Identity()["id"] != id {
		t.Errorf("%v, %s, %v", r.State(), r.Private(), r.Identity())
	}
	if asked.SourceProviderAddress != "registry.terraform.io/ashima-omni/omni" || asked.SourceTypeName != "omni_connection" || !bytes.Equal(asked.SourcePrivate, anotherPrivate) || asked.TargetTypeName != connectionType {
		t.Errorf("%+v", asked)
	}
	change = func(resp *tfprotov6.MoveResourceStateResponse) {
		resp.Diagnostics = coreErrors("not moved", []string{""})
	}
	r = w.p.Resource(connectionType)
	if r.Move(ofAnotherProvider(id)).RequireError(t, "not moved"); r.Exists() {
		t.Error("what was not moved is in the state")
	}
	change = func(resp *tfprotov6.MoveResourceStateResponse) {
		values, _ := goValue(w.p.unmarshal(resp.TargetState, r.schema.ValueType())).(map[string]any)
		resp.TargetState = w.p.dynamic(w.p.object(r.schema, With(values, map[string]any{"name": Unknown})))
	}
	w.p.Resource(connectionType).Move(ofAnotherProvider(id)).RequireError(t, "name: unknown in the state")

	said := failtest.Run(t, func(t *failtest.T) {
		w := startWorld(t, func(*world) bent {
			return bent{after: func(_, resp any) {
				if r, ok := resp.(*tfprotov6.MoveResourceStateResponse); ok {
					r.TargetState = nil
				}
			}}
		})
		w.p.Resource(connectionType).Move(ofAnotherProvider(id))
	})
	if said != "the move of a omni_connection returned neither a state nor an error" {
		t.Error(said)
	}
}

// What an import brings is read, and what cannot be read is not in the state.
func TestImport(t *testing.T) {
	t.Parallel()
	change := func(any) {}
	w := startWorld(t, func(*world) bent { return bent{after: func(_, resp any) { change(resp) }} })
	change = func(resp any) {
		if r, ok := resp.(*tfprotov6.ImportResourceStateResponse); ok {
			r.Diagnostics = append(r.Diagnostics, &tfprotov6.Diagnostic{Severity: tfprotov6.DiagnosticSeverityWarning, Summary: "odd"})
		}
	}
	r := w.p.Resource(attributeType)
	diags := r.Import(w.other)
	diags.RequireWarning(t, "odd")
	if len(diags) != 1 || r.Text("name") != "other" || r.Identity()["id"] != w.other {
		t.Errorf("%s: %v, %v", diags, r.State(), r.Identity())
	}
	change = func(resp any) {
		if r, ok := resp.(*tfprotov6.ReadResourceResponse); ok {
			r.Diagnostics = coreErrors("not read", []string{""})
		}
	}
	r = w.p.Resource(attributeType)
	if r.Import(w.other).RequireError(t, "not read"); r.Exists() || r.Private() != nil || r.Identity() != nil {
		t.Errorf("what was not read is %v, %s, %v", r.State(), r.Private(), r.Identity())
	}
	change = func(resp any) {
		if r, ok := resp.(*tfprotov6.ReadResourceResponse); ok {
			r.NewState = nil
		}
	}
	r = w.p.Resource(attributeType)
	diags = r.Import(w.other)
	diags.RequireError(t, "Cannot import non-existent remote object", "found nothing")
	if len(diags) != 1 || r.Exists() {
		t.Errorf("%s", diags)
	}
	said := failtest.Run(t, func(t *failtest.T) {
		w := startWorld(t, func(*world) bent {
			return bent{after: func(_, resp any) {
				if r, ok := resp.(*tfprotov6.ImportResourceStateResponse); ok {
					r.ImportedResources = append(r.ImportedResources, r.ImportedResources...)
				}
			}}
		})
		w.p.Resource(attributeType).Import(w.other)
	})
	if said != "the import returned 2 resources" {
		t.Error(said)
	}
}

// What an older version of the provider wrote is read as that version's.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	var asked *tfprotov6.UpgradeResourceStateRequest
	var change func(resp *tfprotov6.UpgradeResourceStateResponse)
	w := startWorld(t, func(*world) bent {
		return bent{after: func(req, resp any) {
			if r, ok := resp.(*tfprotov6.UpgradeResourceStateResponse); ok {
				asked = req.(*tfprotov6.UpgradeResourceStateRequest)
				change(r)
			}
		}}
	})
	change = func(*tfprotov6.UpgradeResourceStateResponse) {}
	r := w.p.Resource(attributeType)
	r.Upgrade(0, []byte(`{"id":"x","name":"tenant"}`)).RequireNone(t)
	if r.Text("name") != "tenant" || asked.Version != 0 || asked.TypeName != attributeType {
		t.Errorf("%v, of %+v", r.State(), asked)
	}
	change = func(resp *tfprotov6.UpgradeResourceStateResponse) {
		resp.Diagnostics = coreErrors("too old", []string{""})
	}
	r = w.p.Resource(attributeType)
	if r.Upgrade(0, []byte(`{"id":"x","name":"tenant"}`)).RequireError(t, "too old"); r.Exists() {
		t.Error("what is too old is in the state")
	}
	change = func(resp *tfprotov6.UpgradeResourceStateResponse) {
		resp.UpgradedState = w.with(resp.UpgradedState, map[string]any{"label": Unknown})
		resp.Diagnostics = []*tfprotov6.Diagnostic{{Severity: tfprotov6.DiagnosticSeverityWarning, Summary: "odd"}}
	}
	diags := r.Upgrade(0, []byte(`{"id":"x","name":"tenant"}`))
	diags.RequireError(t, "label: unknown in the state")
	diags.RequireWarning(t, "odd")

	// A new process reads each resource's state as from a file.
	asked, change = nil, func(*tfprotov6.UpgradeResourceStateResponse) {}
	w.p.resources = nil
	r = w.p.Resource(attributeType)
	if w.p.Restart(); asked != nil {
		t.Error("what is not in the state was read")
	}
	r.Edit(map[string]any{"id": "x", "name": "tenant"})
	if w.p.Restart(); asked == nil || asked.Version != r.schema.Version || !bytes.Contains(asked.RawState.JSON, []byte(`"name":"tenant"`)) {
		t.Errorf("read %+v", asked)
	}
	said := failtest.Run(t, func(t *failtest.T) {
		w.p.t = t
		change = func(resp *tfprotov6.UpgradeResourceStateResponse) {
			resp.Diagnostics = coreErrors("damaged", []string{""})
		}
		w.p.Restart()
	})
	if said != "unexpected errors:\nERROR: damaged: " {
		t.Error(said)
	}
}

// The configuration that core writes down for a state has no secret in it.
func TestGenerateConfig(t *testing.T) {
	t.Parallel()
	w := startWorld(t, straight)
	got := w.p.GenerateConfig(connectionType, map[string]any{"id": "x", "name": "one", "dialect": "postgres", "password": "secret", "port": 5432})
	if got["name"] != "one" || got["password"] != nil || got["id"] != nil || got["port"] != int64(5432) {
		t.Errorf("%v", got)
	}
	said := failtest.Run(t, func(t *failtest.T) {
		w := startWorld(t, func(*world) bent {
			return bent{after: func(_, resp any) {
				if r, ok := resp.(*tfprotov6.GenerateResourceConfigResponse); ok {
					r.Diagnostics = coreErrors("not generated", []string{""})
				}
			}}
		})
		w.p.GenerateConfig(attributeType, map[string]any{"name": "one"})
	})
	if said != "unexpected errors:\nERROR: not generated: " {
		t.Error(said)
	}

	secret := func(name string) *tfprotov6.SchemaAttribute {
		return &tfprotov6.SchemaAttribute{Name: name, Type: tftypes.String, Sensitive: true}
	}
	plain := &tfprotov6.SchemaAttribute{Name: "plain", Type: tftypes.String}
	nested := func(mode tfprotov6.SchemaObjectNestingMode) *tfprotov6.SchemaObject {
		return &tfprotov6.SchemaObject{Nesting: mode, Attributes: []*tfprotov6.SchemaAttribute{secret("key"), plain}}
	}
	object := func() map[string]any { return map[string]any{"key": "k", "plain": "p"} }
	config := map[string]any{
		"token": "t", "plain": "p", "texts": map[string]any{"key": "kept"}, "one": object(), "each": map[string]any{"a": object(), "b": nil, "c": object()}, "none": nil,
	}
	blankSecrets([]*tfprotov6.SchemaAttribute{
		secret("token"), plain,
		{Name: "texts", Type: tftypes.Map{ElementType: tftypes.String}},
		{Name: "none", NestedType: nested(tfprotov6.SchemaObjectNestingModeSingle)},
		{Name: "one", NestedType: nested(tfprotov6.SchemaObjectNestingModeSingle)},
		{Name: "each", NestedType: nested(tfprotov6.SchemaObjectNestingModeMap)},
	}, config)
	const want = "map[each:map[a:map[key:<nil> plain:p] b:<nil> c:map[key:<nil> plain:p]] none:<nil> one:map[key:<nil> plain:p] plain:p texts:map[key:kept] token:<nil>]"
	if got := fmt.Sprint(config); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}
