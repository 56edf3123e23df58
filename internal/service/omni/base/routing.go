// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package base

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
)

// NeedsRouting is the permission that a look at the environments wants.
const NeedsRouting = NeedsAdmin + ", which connection environments need"

// Routing is what decides where the users of a base connection work, and what those
// have who have no value of their own.
type Routing struct {
	inventory.Routing
	// Default is the bound attribute's own.
	Default []string
	// DefaultUnknown says that the server does not show it to this API key.
	DefaultUnknown bool
}

// Values are what decides for a user: the user's own, else the attribute's default.
func (r *Routing) Values(own []string) []string {
	if len(own) > 0 || r.AttributeName == "" {
		return own
	}
	return r.Default
}

// FindRouting reads the routing of a base connection, whose id is configured as
// base_connection_id.
func FindRouting(ctx context.Context, access *inventory.Inventory, id string, attempt framework.Attempt) (*Routing, diag.Diagnostic) {
	connection, problem := FindConnection(ctx, access, path.Root("base_connection_id"), id, attempt)
	switch {
	case problem != nil:
		return nil, problem
	case connection.UserAttributeName.IsZero():
		return nil, attempt.Error(errors.New("the server does not tell which user attribute the connection is bound to"))
	}
	routing := &Routing{Routing: inventory.Routing{
		BaseConnectionID: connection.ID,
		AttributeName:    connection.UserAttributeName.Or(""),
		DefaultValues:    connection.UserAttributeDefaultValues.Or(nil),
	}}
	if routing.AttributeName == "" {
		return routing, nil
	}
	environments, err := environmentsOf(ctx, access, connection.ID)
	switch {
	case errors.Is(err, omni.ErrNoEnvironmentList):
		return nil, attempt.Error(fmt.Errorf("%w, so who works where cannot be read from it. Look at the base connection in Omni's user interface, under Settings > Connections > Environments, or ask Omni for a newer server", err))
	case err != nil:
		return nil, attempt.Error(err)
	}
	routing.Environments = environments
	// A server that shows this key no attributes is no reason not to answer; one that
	// fails is: the attribute could be missing, and then everybody is on the base.
	attribute, err := access.FindUserAttribute(ctx, routing.AttributeName)
	routing.DefaultUnknown = errors.Is(err, omni.ErrNoUserAttributes) || httpclient.IsForbidden(err)
	if err != nil && !routing.DefaultUnknown {
		return nil, attempt.Error(fmt.Errorf("the user attribute %q, whose default counts, could not be read: %w", routing.AttributeName, err))
	}
	routing.AttributeMissing = err == nil && attribute == nil
	if attribute != nil {
		routing.Default = attribute.DefaultValue.Or(omni.AttributeValue{}).Values
	}
	return routing, nil
}

// environmentsOf returns the environments of a base connection. One that cannot be read could be the
// answer, so it is an error; those of other bases do not matter.
func environmentsOf(ctx context.Context, access *inventory.Inventory, baseConnectionID string) ([]omni.Environment, error) {
	all, err := access.Environments(ctx)
	if err != nil {
		return nil, err
	}
	var own []omni.Environment
	for _, e := range all {
		isOwn := strings.EqualFold(e.BaseConnectionID, baseConnectionID)
		switch {
		case e.Problem != nil && (isOwn || e.BaseConnectionID == ""):
			return nil, fmt.Errorf("environment %q could be the answer: %w", e.ID, e.Problem)
		case isOwn && e.Values.IsZero():
			return nil, fmt.Errorf("the server does not tell the values of environment %s", e.ID)
		case isOwn:
			own = append(own, e)
		}
	}
	return own, nil
}

// UnknownDefaultWarning says what it means where the attribute's default is not shown.
func (r *Routing) UnknownDefaultWarning() diag.Diagnostic {
	return diag.NewWarningDiagnostic("The default of a user attribute is not known",
		fmt.Sprintf("Users without a value of %q have its default, if there is one, and Omni does not show this API key the user attributes. The route is worked out as if there were none.", r.AttributeName))
}
