// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectionenvironment

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
)

var _ resource.ResourceWithMoveState = (*environmentResource)(nil)

// MoveState takes over environments that a provider named omni has in its state.
func (r *environmentResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{framework.MoveFrom("omni", "omni_connection_environment", moveEnvironment)}
}

// moveEnvironment carries the ids of the connections too: a server that does not
// list environments cannot tell them.
func moveEnvironment(ctx context.Context, source framework.MoveSource, resp *resource.MoveStateResponse) error {
	id, err := source.ID()
	if err != nil {
		return err
	}
	err = source.Carry(ctx, resp, map[string]string{
		"base_connection_id":    "base_connection_id",
		"connection_id":         "environment_connection_id",
		"user_attribute_values": "user_attribute_values",
	})
	if err != nil {
		return err
	}
	var m model
	resp.Diagnostics.Append(resp.TargetState.Get(ctx, &m)...)
	if m.BaseConnectionID.IsNull() || m.ConnectionID.IsNull() {
		return errors.New("its state does not say which connections are associated: base_connection_id and environment_connection_id are needed")
	}
	for _, connectionID := range []*types.String{&m.BaseConnectionID, &m.ConnectionID} {
		parsed, err := framework.ParseID(connectionID.ValueString())
		if err != nil {
			return err
		}
		*connectionID = types.StringValue(parsed)
	}
	m.ID = types.StringValue(id)
	resp.Diagnostics.Append(resp.TargetState.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.TargetIdentity.Set(ctx, m.identity())...)
	return nil
}
