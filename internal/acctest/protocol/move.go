// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package protocol

import (
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Source is a resource of another provider, as a state file has it.
type Source struct {
	Provider string // its address, such as registry.terraform.io/mastercard/restapi
	Type     string
	State    any // encoded as JSON; a json.RawMessage stays as it is
	Private  []byte
}

// Move takes a resource of another provider over, as a moved block does. It does
// not read it: core does, in the plan that follows.
func (r *Resource) Move(source Source) Diagnostics {
	r.p.t.Helper()
	if r.Exists() {
		r.p.t.Fatalf("%s is in the state already", r.typeName)
	}
	state, err := json.Marshal(source.State)
	r.p.must(err)
	resp, err := r.p.server.MoveResourceState(r.p.context(), &tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: source.Provider,
		SourceTypeName:        source.Type,
		SourceState:           &tfprotov6.RawState{JSON: state},
		SourcePrivate:         source.Private,
		TargetTypeName:        r.typeName,
	})
	r.p.must(err)
	diags := Diagnostics(resp.Diagnostics)
	if diags.HasError() {
		return diags
	}
	r.state = r.p.unmarshal(resp.TargetState, r.schema.ValueType())
	r.private, r.identity = resp.TargetPrivate, resp.TargetIdentity
	if !r.Exists() {
		r.p.t.Fatalf("the move of a %s returned neither a state nor an error", source.Type)
	}
	return append(diags, checkState(r.schema, r.state)...)
}
