// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package base

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
)

// What the API key needs, in the words of [framework.Attempt].
const (
	NeedsAdmin            = "the admin role"
	NeedsConnectionAdmin  = "Connection Admin on the connection"
	NeedsToReadConnection = NeedsAdmin + ", or at least Restricted Querier on the connection"
)

// NoSuchConnection says that the connection which an attribute names does not
// exist.
func NoSuchConnection(attribute path.Path, id string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(attribute, "No such Omni connection",
		fmt.Sprintf("There is no connection with the id %q, or it is in the trash, or the API key belongs to another organization. The data source dataconn_omni_connections lists those that there are.", id))
}

// FindConnection returns the connection that an attribute names.
func FindConnection(ctx context.Context, access *inventory.Inventory, attribute path.Path, id string, attempt framework.Attempt) (*omni.Connection, diag.Diagnostic) {
	connection, err := access.Connection(ctx, id)
	switch {
	case errors.Is(err, inventory.ErrGone):
		return nil, NoSuchConnection(attribute, id)
	case err != nil:
		return nil, attempt.AttributeError(attribute, err)
	}
	return connection, nil
}

// NeedsDBT adds to an error about a connection without dbt what to do about it.
func NeedsDBT(err error) error {
	if errors.Is(err, omni.ErrDBTNotConfigured) || omni.IsDBTNotConfigured(err) {
		return fmt.Errorf("%w. Link a repository to the connection first, with dataconn_omni_connection_dbt, and take this connection_id from that resource, so that it is created first", err)
	}
	return err
}

// UnknownUserAttribute says that Omni shows no user attribute of a name. It is empty
// where there is one, and where the attributes cannot be read.
func UnknownUserAttribute(ctx context.Context, access *inventory.Inventory, name string) string {
	all, err := access.UserAttributes(ctx)
	if err != nil {
		return ""
	}
	names := make([]string, len(all))
	for i, a := range all {
		names[i] = a.Name
	}
	if slices.Contains(names, name) {
		return ""
	}
	text := fmt.Sprintf("Omni shows no user attribute %q; case matters, and the label does not count.", name)
	if meant := framework.Nearest(name, names); meant != "" {
		text += fmt.Sprintf(" Did you mean %q?", meant)
	}
	return text
}

// ConnectionLeftOut says that a list lacks a connection that could not be read.
func ConnectionLeftOut(c *omni.Connection) diag.Diagnostic {
	return framework.LeftOut("An Omni connection", fmt.Sprintf("Connection %q", c.ID), c.Problem)
}

// UserLeftOut says that a list lacks a user that could not be read.
func UserLeftOut(u *omni.User) diag.Diagnostic {
	return framework.LeftOut("An Omni user", fmt.Sprintf("User %q %s", u.ID, u.Email), u.Problem)
}

// AllowDeletion names the way out of a protection that no configuration reaches.
func AllowDeletion(connectionID string) string {
	return fmt.Sprintf("If no configuration reaches the state any more, as with a deposed object or a pending replacement, allow it in the provider block: omni = { allow_deletion_of = [%q] }, or for one run in the environment: OMNI_ALLOW_DELETION_OF=%s.", connectionID, connectionID)
}

// RefuseSharedValue refuses, in a plan, a value of a connection that another connection
// of the same base is to have in this run. attribute is where the values are
// configured. For the base connection itself they are the default values.
func RefuseSharedValue(access *inventory.Inventory, attribute path.Path, base, connection types.String, values types.Set) diag.Diagnostics {
	if access == nil || !framework.IsSet(base) || !framework.IsSet(connection) || !framework.IsSet(values) {
		return nil
	}
	value, other := access.PlanValues(base.ValueString(), connection.ValueString(), framework.Strings(values))
	if value == "" {
		return nil
	}
	place := func(id string) string {
		if strings.EqualFold(id, base.ValueString()) {
			return "the base connection itself, in default_values of its dataconn_omni_environment_user_attribute,"
		}
		return "the environment of the connection " + id
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(attribute, "Two connections of one base have the same value",
		fmt.Sprintf("The value %q is planned for %s and for %s of the base %s. A value picks one connection: give it to one of them. (terraform destroy plans the configuration too, unless it runs with -refresh=false.)", value, place(connection.ValueString()), place(other), base.ValueString()))}
}

// RefuseWithConnection refuses, in a plan, to destroy what depends on a connection
// whose own replacement will be refused: Terraform destroys dependents first. The
// attribute names the connection, whose planned id is unknown while it is replaced.
func RefuseWithConnection(access *inventory.Inventory, attribute path.Path, planned, prior types.String) diag.Diagnostics {
	id := prior.ValueString()
	if access == nil || !planned.IsUnknown() || id == "" || !access.RefusesReplacement(id) {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(attribute, "The connection is protected against deletion",
		fmt.Sprintf("This plan replaces Omni connection %s, which deletion_protection will refuse, but only after this object is gone: its users would be left without it. Undo what asks for the replacement: -replace, a taint (terraform untaint) or replace_triggered_by. To replace the connection all the same, set deletion_protection = false and apply while nothing asks for the replacement.\n\n%s", id, AllowDeletion(id)))}
}
