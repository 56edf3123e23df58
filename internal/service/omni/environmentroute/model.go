// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package environmentroute

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
)

type model struct {
	BaseConnectionID types.String `tfsdk:"base_connection_id"`
	Value            types.String `tfsdk:"value"`
	Values           types.Set    `tfsdk:"values"`
	ConnectionID     types.String `tfsdk:"connection_id"`
	EnvironmentID    types.String `tfsdk:"environment_id"`
	AttributeName    types.String `tfsdk:"attribute_name"`
	Reason           types.String `tfsdk:"reason"`
	Explanation      types.String `tfsdk:"explanation"`
}

// values are what the user has; none where nothing is configured.
func (m model) values() []string {
	if !m.Value.IsNull() {
		return []string{m.Value.ValueString()}
	}
	return framework.Strings(m.Values)
}

// answer puts the route into the model.
func (m model) answer(routing inventory.Routing, values []string, route inventory.Route) model {
	m.ConnectionID = framework.TextOrNull(route.ConnectionID)
	m.EnvironmentID = framework.TextOrNull(route.EnvironmentID)
	m.AttributeName = framework.TextOrNull(routing.AttributeName)
	m.Reason = types.StringValue(string(route.Reason))
	m.Explanation = types.StringValue(explanation(routing, values, route))
	return m
}

func explanation(routing inventory.Routing, values []string, route inventory.Route) string {
	user := fmt.Sprintf("a user with %s = %s", routing.AttributeName, quoted(values))
	if len(values) == 0 {
		user = "a user without a value of " + routing.AttributeName
	}
	base := "the base connection " + routing.BaseConnectionID
	switch route.Reason {
	case inventory.RouteMatchedValue:
		return fmt.Sprintf("Connection %s, because %s matches environment %s, which has %s.", route.ConnectionID, user, route.EnvironmentID, quoted(route.Matches[0].Values.Or(nil)))
	case inventory.RouteDefaultValue:
		return fmt.Sprintf("%s, because %s matches one of its default values %s and no environment.", framework.UpperFirst(base), user, quoted(routing.DefaultValues))
	case inventory.RouteNoMatch:
		return fmt.Sprintf("%s, because %s matches none of its environments (there are %d).", framework.UpperFirst(base), user, len(routing.Environments))
	case inventory.RouteNoValue:
		return fmt.Sprintf("%s, because %s matches no environment.", framework.UpperFirst(base), user)
	case inventory.RouteNotBound:
		return framework.UpperFirst(base) + ", because no user attribute is bound to it: nobody is routed to its environments."
	case inventory.RouteAttributeMissing:
		return fmt.Sprintf("%s, because it is bound to the user attribute %q, which does not exist: Omni sends everybody there.", framework.UpperFirst(base), routing.AttributeName)
	default:
		ids := make([]string, len(route.Matches))
		for i, e := range route.Matches {
			ids[i] = e.ConnectionID
		}
		return fmt.Sprintf("Not certain, because %s matches several environments, with the connections %s, and Omni does not document which one wins.", user, strings.Join(ids, ", "))
	}
}

func quoted(values []string) string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = fmt.Sprintf("%q", v)
	}
	if len(all) == 1 {
		return all[0]
	}
	return "[" + strings.Join(all, ", ") + "]"
}
