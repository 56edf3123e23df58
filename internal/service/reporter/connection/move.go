// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/reporter"
)

var _ resource.ResourceWithMoveState = (*connectionResource)(nil)

// MoveState takes over connections that a generic REST provider has in its
// state. As after an import, the next read completes it, and secrets are sent
// again.
func (r *connectionResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{framework.MoveFrom("restapi", "restapi_object", moveRESTObject)}
}

// moveRESTObject reads the service's answer, else what was sent. The type that it
// reads into has no room for a secret.
func moveRESTObject(ctx context.Context, source framework.MoveSource, resp *resource.MoveStateResponse) error {
	id, bodies, err := source.RESTObject("/v1/management/connections")
	if err != nil {
		return err
	}
	if err := source.Carry(ctx, resp, nil); err != nil {
		return err
	}
	var m model
	resp.Diagnostics.Append(resp.TargetState.Get(ctx, &m)...)
	for _, body := range bodies {
		var c reporter.Connection
		if json.Unmarshal(body, &c) != nil || c.ConfigName.Or("") == "" {
			continue
		}
		ssl, diags := readSSL(ctx, &c, m)
		resp.Diagnostics.Append(diags...)
		m.Settings, m.SSL = read(&c, m.Settings), ssl
		break
	}
	m.ID, m.TestConnection = types.StringValue(id), types.BoolValue(false)
	resp.Diagnostics.Append(resp.TargetState.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.TargetIdentity.Set(ctx, m.identity())...)
	resp.Diagnostics.Append(framework.MarkMoved(ctx, resp.TargetPrivate, []string{unreadCA, unreadCert})...)
	return nil
}
