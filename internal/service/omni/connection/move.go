// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

var _ resource.ResourceWithMoveState = (*connectionResource)(nil)

// MoveState takes over connections that a provider named omni, or a generic REST
// provider, has in its state. As after an import, the next read completes it,
// and secrets are sent again.
func (r *connectionResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{
		framework.MoveFrom("omni", "omni_connection", moveConnection),
		framework.MoveFrom("restapi", "restapi_object", moveRESTObject),
	}
}

// moveConnection carries the attributes of the same names.
func moveConnection(ctx context.Context, source framework.MoveSource, resp *resource.MoveStateResponse) error {
	names := map[string]string{"wif_audience": "wif_audience", "wif_service_account_email": "wif_service_account_email"}
	for name := range settingAttributes(describer{}) {
		names[name] = name
	}
	id, err := source.ID()
	if err != nil {
		return err
	}
	if err := source.Carry(ctx, resp, names); err != nil {
		return err
	}
	var m model
	resp.Diagnostics.Append(resp.TargetState.Get(ctx, &m)...)
	m.setMoved(ctx, id, resp)
	return nil
}

// moveRESTObject reads what was sent, and over it what the server answered. The
// types that it reads into have no room for a secret.
func moveRESTObject(ctx context.Context, source framework.MoveSource, resp *resource.MoveStateResponse) error {
	id, bodies, err := source.RESTObject("/api/v1/connections", "/api/unstable/connections")
	if err != nil {
		return err
	}
	if err := source.Carry(ctx, resp, nil); err != nil {
		return err
	}
	var m model
	resp.Diagnostics.Append(resp.TargetState.Get(ctx, &m)...)
	for _, body := range slices.Backward(bodies) {
		var answer struct {
			Connection json.RawMessage `json:"connection"`
		}
		if json.Unmarshal(body, &answer) == nil && len(answer.Connection) > 0 {
			body = answer.Connection
		}
		var c omni.Connection
		if json.Unmarshal(body, &c) == nil {
			m.Settings = read(&c, m.Settings)
		}
		var createOnly struct {
			WIFAudience            *string `json:"wifAudience"`
			WIFServiceAccountEmail *string `json:"wifServiceAccountEmail"`
		}
		if json.Unmarshal(body, &createOnly) == nil && createOnly.WIFAudience != nil {
			m.WIFAudience, m.WIFServiceAccountEmail = types.StringPointerValue(createOnly.WIFAudience), types.StringPointerValue(createOnly.WIFServiceAccountEmail)
		}
	}
	m.setMoved(ctx, id, resp)
	return nil
}

// setMoved completes a move with what an import sets, and notes which settings
// are not known: as after an import, those are adopted from the configuration.
func (m model) setMoved(ctx context.Context, id string, resp *resource.MoveStateResponse) {
	m.ID, m.DeletionProtection = types.StringValue(id), types.BoolValue(true)
	unread := m.changes(Settings{}).AbsentKeys()
	if m.WIFAudience.IsNull() {
		unread = append(unread, wifAudienceKey)
	}
	if m.WIFServiceAccountEmail.IsNull() {
		unread = append(unread, wifServiceAccountEmailKey)
	}
	resp.Diagnostics.Append(resp.TargetState.Set(ctx, m)...)
	resp.Diagnostics.Append(resp.TargetIdentity.Set(ctx, m.identity())...)
	resp.Diagnostics.Append(framework.MarkMoved(ctx, resp.TargetPrivate, unread)...)
}
