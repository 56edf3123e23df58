// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package protocol

import (
	"encoding/json"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Resource is one managed resource with its entry in the state: value, private
// state, identity, and whether it is tainted. Different resources of one
// provider may be used at the same time, as core does.
type Resource struct {
	p        *Provider
	typeName string
	schema   *tfprotov6.Schema

	state    tftypes.Value // null while it is not in the state
	private  []byte
	identity *tfprotov6.ResourceIdentityData
	tainted  bool
}

// Resource returns a resource of the type that is not in the state yet.
func (p *Provider) Resource(typeName string) *Resource {
	p.t.Helper()
	schema, ok := p.schemas.ResourceSchemas[typeName]
	if !ok {
		p.t.Fatalf("the provider has no resource %s", typeName)
	}
	r := &Resource{p: p, typeName: typeName, schema: schema}
	r.state = r.null()
	p.resources = append(p.resources, r)
	return r
}

func (r *Resource) null() tftypes.Value { return tftypes.NewValue(r.schema.ValueType(), nil) }

// Exists reports whether the resource is in the state.
func (r *Resource) Exists() bool { return !r.state.IsNull() }

// IsTainted reports whether its creation failed halfway: the next plan replaces
// it.
func (r *Resource) IsTainted() bool { return r.tainted }

// Taint marks it for replacement.
func (r *Resource) Taint() { r.tainted = true }

// Untaint takes the mark away, as a user does who wants to keep the object.
func (r *Resource) Untaint() { r.tainted = false }

// State returns its attributes, or nil.
func (r *Resource) State() map[string]any {
	state, _ := goValue(r.state).(map[string]any)
	return state
}

// Get returns one attribute: nil, string, bool, int64, []string (sorted where it
// is a set) or map[string]any.
func (r *Resource) Get(attribute string) any {
	r.p.t.Helper()
	value, ok := r.State()[attribute]
	if !ok {
		r.p.t.Fatalf("%s has no attribute %s, or is not in the state", r.typeName, attribute)
	}
	return value
}

// Text returns one attribute that is a text, "" where it is null.
func (r *Resource) Text(attribute string) string {
	r.p.t.Helper()
	text, _ := r.Get(attribute).(string)
	return text
}

// Private returns the private state as the state file holds it.
func (r *Resource) Private() []byte { return slices.Clone(r.private) }

// SetPrivate replaces the private state, as damage or another version would.
func (r *Resource) SetPrivate(private []byte) { r.private = private }

// Identity returns the identity, or nil.
func (r *Resource) Identity() map[string]any {
	if r.identity == nil {
		return nil
	}
	identity, _ := goValue(r.p.unmarshal(r.identity.IdentityData, r.p.identities[r.typeName].ValueType())).(map[string]any)
	return identity
}

// Validate checks a configuration.
func (r *Resource) Validate(config map[string]any) Diagnostics {
	r.p.t.Helper()
	return r.validate(r.p.object(r.schema, config))
}

func (r *Resource) validate(config tftypes.Value) Diagnostics {
	r.p.t.Helper()
	resp, err := r.p.server.ValidateResourceConfig(r.p.context(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: r.typeName, Config: r.p.dynamic(config),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	r.p.must(err)
	return resp.Diagnostics
}

// apply makes the call and takes over its result, whatever it is.
func (r *Resource) apply(p Plan) Diagnostics {
	r.p.t.Helper()
	isCreate := r.state.IsNull()
	resp, err := r.p.server.ApplyResourceChange(r.p.context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName:        r.typeName,
		PriorState:      r.p.dynamic(r.state),
		PlannedState:    r.p.dynamic(p.planned),
		Config:          r.p.dynamic(p.config),
		PlannedPrivate:  p.private,
		PlannedIdentity: p.identity,
	})
	r.p.must(err)
	diags := Diagnostics(resp.Diagnostics)
	failed := diags.HasError()
	state := r.p.unmarshal(resp.NewState, r.schema.ValueType())
	if failed && state.IsNull() {
		return diags // nothing instead of what there is would lose it
	}
	r.state = state
	r.private, r.identity = resp.Private, resp.NewIdentity
	r.tainted = isCreate && failed && r.Exists()
	diags = append(diags, checkState(r.schema, r.state)...)
	if !failed {
		diags = append(diags, checkResult("Provider produced inconsistent result after apply", r.schema, p.planned, r.state)...)
	}
	if !r.Exists() {
		r.private, r.identity, r.tainted = nil, nil, false
	}
	return diags
}

// Destroy plans and destroys; a plan with errors is not carried out.
func (r *Resource) Destroy() Diagnostics {
	r.p.t.Helper()
	plan := r.PlanDestroy()
	if plan.HasError() || plan.Action == NoOp {
		return plan.Diagnostics
	}
	return append(plan.Diagnostics, plan.Apply()...)
}

// Refresh reads the resource. After an error the state is as before.
func (r *Resource) Refresh() Diagnostics {
	r.p.t.Helper()
	if !r.Exists() {
		return nil
	}
	resp, err := r.p.server.ReadResource(r.p.context(), &tfprotov6.ReadResourceRequest{
		TypeName: r.typeName, CurrentState: r.p.dynamic(r.state), Private: r.private, CurrentIdentity: r.identity,
	})
	r.p.must(err)
	diags := Diagnostics(resp.Diagnostics)
	if diags.HasError() {
		return diags
	}
	r.state = r.p.unmarshal(resp.NewState, r.schema.ValueType())
	r.private, r.identity = resp.Private, resp.NewIdentity
	if !r.Exists() {
		r.private, r.identity, r.tainted = nil, nil, false
	}
	return append(diags, checkState(r.schema, r.state)...)
}

// Import takes an object over by its id, and reads it.
func (r *Resource) Import(id string) Diagnostics {
	r.p.t.Helper()
	return r.importAs(&tfprotov6.ImportResourceStateRequest{TypeName: r.typeName, ID: id})
}

// ImportIdentity takes an object over by its identity, as an import block of
// Terraform 1.12 does.
func (r *Resource) ImportIdentity(identity map[string]any) Diagnostics {
	r.p.t.Helper()
	value, err := tfValue(r.p.identities[r.typeName].ValueType(), identity)
	if err != nil {
		r.p.t.Fatalf("the test's identity: %v", err)
	}
	return r.importAs(&tfprotov6.ImportResourceStateRequest{
		TypeName: r.typeName, Identity: &tfprotov6.ResourceIdentityData{IdentityData: r.p.dynamic(value)},
	})
}

func (r *Resource) importAs(req *tfprotov6.ImportResourceStateRequest) Diagnostics {
	r.p.t.Helper()
	if r.Exists() {
		r.p.t.Fatalf("%s is in the state already", r.typeName)
	}
	resp, err := r.p.server.ImportResourceState(r.p.context(), req)
	r.p.must(err)
	diags := Diagnostics(resp.Diagnostics)
	if diags.HasError() {
		return diags
	}
	if len(resp.ImportedResources) != 1 {
		r.p.t.Fatalf("the import returned %d resources", len(resp.ImportedResources))
	}
	imported := resp.ImportedResources[0]
	r.state = r.p.unmarshal(imported.State, r.schema.ValueType())
	r.private, r.identity = imported.Private, imported.Identity
	diags = append(diags, r.Refresh()...)
	if diags.HasError() {
		r.state, r.private, r.identity = r.null(), nil, nil
		return diags
	}
	if !r.Exists() {
		diags = append(diags, coreErrors("Cannot import non-existent remote object", []string{"the read after the import found nothing"})...)
	}
	return diags
}

// Upgrade reads a state as an older version of the provider wrote it.
func (r *Resource) Upgrade(version int64, state []byte) Diagnostics {
	r.p.t.Helper()
	resp, err := r.p.server.UpgradeResourceState(r.p.context(), &tfprotov6.UpgradeResourceStateRequest{
		TypeName: r.typeName, Version: version, RawState: &tfprotov6.RawState{JSON: state},
	})
	r.p.must(err)
	if diags := Diagnostics(resp.Diagnostics); diags.HasError() {
		return diags
	}
	r.state = r.p.unmarshal(resp.UpgradedState, r.schema.ValueType())
	return append(Diagnostics(resp.Diagnostics), checkState(r.schema, r.state)...)
}

// reload passes the state through the form it has in a state file. An identity
// of the current version is not passed, as core does not either.
func (r *Resource) reload() {
	r.p.t.Helper()
	if !r.Exists() {
		return
	}
	r.Upgrade(r.schema.Version, r.StateFile()).RequireOK(r.p.t)
}

// StateFile returns the state as JSON, as a state file holds it.
func (r *Resource) StateFile() []byte {
	r.p.t.Helper()
	encoded, err := json.Marshal(r.State())
	r.p.must(err)
	return encoded
}

// Edit changes attributes of the state itself, as a state file that another
// version wrote, or that was edited, would differ. A resource that is not in the
// state gets there.
func (r *Resource) Edit(changes map[string]any) {
	r.p.t.Helper()
	r.state = r.p.object(r.schema, With(r.State(), changes))
}
