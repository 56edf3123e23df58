// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package base

import (
	"context"
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
)

// NeedsOrganizationKey is the permission that everything about users wants.
const NeedsOrganizationKey = "an API key of the organization (omni_osk_...), which an organization admin creates: Omni's SCIM API accepts no personal tokens"

// FindUser returns the user that one of two attributes names: an id, or else an
// e-mail address.
func FindUser(ctx context.Context, access *inventory.Inventory, id, email string) (*omni.User, diag.Diagnostic) {
	var user *omni.User
	var err error
	at, wanted := path.Root("user_id"), id
	if id != "" {
		user, err = access.User(ctx, strings.ToLower(id))
	} else {
		at, wanted = path.Root("user_email"), email
		user, err = access.FindUser(ctx, email)
	}
	switch {
	case errors.Is(err, inventory.ErrGone):
		return nil, diag.NewAttributeErrorDiagnostic(at, "No such Omni user", "There is no user "+wanted+" in this organization. Users are created in Omni's user interface or by your identity provider.")
	case err != nil:
		return nil, framework.Attempt{Action: "find", Object: "Omni user " + wanted, Needs: NeedsOrganizationKey}.AttributeError(at, err)
	}
	return user, nil
}
