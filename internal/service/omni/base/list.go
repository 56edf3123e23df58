// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package base

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
)

// OfConnection is the configuration of a list resource whose objects Omni lists by
// connection.
type OfConnection struct {
	ConnectionID types.String `tfsdk:"connection_id"`
}

// OfConnectionSchema is the schema of [OfConnection]; objects is what is listed.
func OfConnectionSchema(description, objects string) schema.Schema {
	return schema.Schema{
		MarkdownDescription: description,
		Attributes: map[string]schema.Attribute{
			"connection_id": schema.StringAttribute{
				MarkdownDescription: "Only " + objects + " of this connection (a UUID).",
				Optional:            true,
				Validators:          []validator.String{framework.UUID()},
			},
		},
	}
}

// NoneOfAttribute says why a query finds nothing: there is no user attribute of the
// name that it filters by. With an empty name it does not filter.
func NoneOfAttribute[M any](ctx context.Context, access *inventory.Inventory, at path.Path, name string) []framework.Listed[M] {
	if name == "" {
		return nil
	}
	unknown := UnknownUserAttribute(ctx, access, name)
	if unknown == "" {
		return nil
	}
	return []framework.Listed[M]{framework.NotListed[M](diag.NewAttributeWarningDiagnostic(at, "No such Omni user attribute", unknown))}
}

// ConnectionNames are the names of connections by id, whose case does not matter.
type ConnectionNames map[string]string

// Of returns the name of a connection; "" for one that the server does not list.
func (n ConnectionNames) Of(id string) string { return n[strings.ToLower(id)] }

// ReadConnectionNames returns the names of all connections, from the shared list.
func ReadConnectionNames(ctx context.Context, access *inventory.Inventory) (ConnectionNames, error) {
	connections, err := access.Connections(ctx, omni.ConnectionFilter{})
	names := make(ConnectionNames, len(connections))
	for _, c := range connections {
		names[strings.ToLower(c.ID)] = c.Name.Or("")
	}
	return names, err
}

// ListByConnection answers a query of a list resource with the configuration
// [OfConnection]; see [ListOverConnections].
func ListByConnection[M any](ctx context.Context, req list.ListRequest, access *inventory.Inventory, attempt framework.Attempt, find FindOf[M]) iter.Seq[list.ListResult] {
	return framework.ListResults(ctx, req, func(config OfConnection) iter.Seq[framework.Listed[M]] {
		return ListOverConnections(ctx, access, config.ConnectionID, attempt, find)
	})
}

// FindOf finds the objects of one connection.
type FindOf[M any] func(ctx context.Context, connection *omni.Connection) ([]framework.Listed[M], error)

// ListOverConnections yields what find has for the Omni connection of an id or,
// where none is given, for each connection of the organization in the order of
// their names. That takes a request or more each, so it ends when the reader has
// enough. A connection that cannot be asked is left out with a warning.
func ListOverConnections[M any](ctx context.Context, access *inventory.Inventory, id types.String, attempt framework.Attempt, find FindOf[M]) iter.Seq[framework.Listed[M]] {
	return func(yield func(framework.Listed[M]) bool) {
		if !id.IsNull() {
			slices.Values(listOfOne(ctx, access, id.ValueString(), attempt, find))(yield)
			return
		}
		connections, err := access.Connections(ctx, omni.ConnectionFilter{})
		if err != nil {
			yield(framework.NotListed[M](framework.Attempt{Action: "list", Object: "Omni connections", Needs: NeedsAdmin + "; with connection_id, the query needs no list of connections"}.Error(err)))
			return
		}
		for _, c := range connections {
			if c.IsDeleted() {
				continue
			}
			found, err := find(ctx, &c)
			if err != nil {
				found = notAsked[M](attempt, &c, err)
			}
			for _, item := range found {
				if !yield(item) {
					return
				}
			}
			if len(found) == 1 && found[0].Diagnostics.HasError() {
				return
			}
		}
	}
}

func listOfOne[M any](ctx context.Context, access *inventory.Inventory, id string, attempt framework.Attempt, find FindOf[M]) []framework.Listed[M] {
	connection, err := access.Connection(ctx, strings.ToLower(id))
	var found []framework.Listed[M]
	if err == nil {
		found, err = find(ctx, connection)
	}
	switch {
	case errors.Is(err, inventory.ErrGone):
		return []framework.Listed[M]{framework.NotListed[M](NoSuchConnection(path.Root("connection_id"), id))}
	case err != nil:
		attempt.Object += " of Omni connection " + id
		return []framework.Listed[M]{framework.NotListed[M](attempt.AttributeError(path.Root("connection_id"), err))}
	}
	return found
}

// notAsked is what a walk over all connections makes of the failure of one.
func notAsked[M any](attempt framework.Attempt, c *omni.Connection, err error) []framework.Listed[M] {
	attempt.Object += fmt.Sprintf(" of Omni connection %q (%s)", c.Name.Or(""), c.ID)
	switch {
	case errors.Is(err, inventory.ErrGone): // since the list was read
		return nil
	case httpclient.IsForbidden(err), httpclient.IsUnreadable(err):
		return []framework.Listed[M]{framework.NotListed[M](attempt.Warning(err, "They are left out; those of the other connections are listed."))}
	default:
		return []framework.Listed[M]{framework.NotListed[M](attempt.Error(err))}
	}
}
