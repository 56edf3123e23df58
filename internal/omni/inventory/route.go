// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory

import (
	"slices"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
)

// RouteReason says why a user works on a connection.
type RouteReason string

// The reasons.
const (
	// RouteMatchedValue is an environment that has a value of the user.
	RouteMatchedValue RouteReason = "matched_value"
	// RouteDefaultValue is the base connection: a value of the user is one of
	// its default values.
	RouteDefaultValue RouteReason = "default_value"
	// RouteNoMatch is the base connection: nothing has a value of the user.
	RouteNoMatch RouteReason = "no_match"
	// RouteNoValue is the base connection: the user has no value.
	RouteNoValue RouteReason = "no_value"
	// RouteNotBound is the base connection: no user attribute is bound to it.
	RouteNotBound RouteReason = "not_bound"
	// RouteAttributeMissing is the base connection: the attribute that is bound
	// to it does not exist. Omni falls back without a word.
	RouteAttributeMissing RouteReason = "attribute_missing"
	// RouteAmbiguous is no connection: several environments match, and which one
	// Omni takes is not documented.
	RouteAmbiguous RouteReason = "ambiguous"
)

// Routing is all that decides where the users of a base connection work.
type Routing struct {
	BaseConnectionID string
	// AttributeName is the user attribute that the base is bound to; "" for none.
	AttributeName string
	// AttributeMissing says that there is no such user attribute.
	AttributeMissing bool
	// DefaultValues are those that the base itself serves.
	DefaultValues []string
	// Environments may hold those of other bases too; they do not count.
	Environments []omni.Environment
}

// Route is where a user works.
type Route struct {
	ConnectionID  string // "" where it is ambiguous
	EnvironmentID string // "" where it is the base connection
	Reason        RouteReason
	// Matches are the environments that have a value of the user, by id: one
	// where a value matched, more where it is ambiguous.
	Matches []omni.Environment
}

// Route tells where a user with these values of the attribute works: on the
// environment that has one of them, else on the base connection. Values are
// compared as they are: case counts, and nothing is trimmed.
func (r Routing) Route(values []string) Route {
	base := func(reason RouteReason) Route { return Route{ConnectionID: r.BaseConnectionID, Reason: reason} }
	switch {
	case r.AttributeName == "":
		return base(RouteNotBound)
	case r.AttributeMissing:
		return base(RouteAttributeMissing)
	case len(values) == 0:
		return base(RouteNoValue)
	}
	isUsers := func(value string) bool { return slices.Contains(values, value) }
	var matches []omni.Environment
	for _, e := range r.Environments {
		if strings.EqualFold(e.BaseConnectionID, r.BaseConnectionID) && slices.ContainsFunc(e.Values.Or(nil), isUsers) {
			matches = append(matches, e)
		}
	}
	slices.SortFunc(matches, func(a, b omni.Environment) int { return strings.Compare(a.ID, b.ID) })
	switch {
	case len(matches) == 1:
		return Route{ConnectionID: matches[0].ConnectionID, EnvironmentID: matches[0].ID, Reason: RouteMatchedValue, Matches: matches}
	case len(matches) > 1:
		return Route{Reason: RouteAmbiguous, Matches: matches}
	case slices.ContainsFunc(r.DefaultValues, isUsers):
		return base(RouteDefaultValue)
	default:
		return base(RouteNoMatch)
	}
}
