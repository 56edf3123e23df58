// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package environmentaudience

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

type model struct {
	BaseConnectionID  types.String               `tfsdk:"base_connection_id"`
	EnvironmentValues map[string]types.Set       `tfsdk:"environment_values"`
	UserValues        map[string]types.Set       `tfsdk:"user_values"`
	AttributeName     types.String               `tfsdk:"attribute_name"`
	UserCount         types.Int64                `tfsdk:"user_count"`
	Users             []userModel                `tfsdk:"users"`
	Connections       map[string]connectionModel `tfsdk:"connections"`
	Moves             []moveModel                `tfsdk:"moves"`
}

type userModel struct {
	ID            types.String `tfsdk:"id"`
	Email         types.String `tfsdk:"email"`
	DisplayName   types.String `tfsdk:"display_name"`
	Groups        types.Set    `tfsdk:"groups"`
	Values        types.Set    `tfsdk:"values"`
	ConnectionID  types.String `tfsdk:"connection_id"`
	EnvironmentID types.String `tfsdk:"environment_id"`
	Reason        types.String `tfsdk:"reason"`
}

type connectionModel struct {
	UserCount  types.Int64    `tfsdk:"user_count"`
	UserEmails []types.String `tfsdk:"user_emails"`
}

type moveModel struct {
	Email            types.String `tfsdk:"email"`
	FromConnectionID types.String `tfsdk:"from_connection_id"`
	ToConnectionID   types.String `tfsdk:"to_connection_id"`
}

// answer completes the model. Users whose values cannot be read are left out, and why
// is returned.
func (m model) answer(now *base.Routing, users []omni.User) (answer model, left []string, err error) {
	if name := now.AttributeName; omni.IsSystemName(name) && !slices.Contains(shownBySCIM, name) {
		return m, nil, fmt.Errorf("the base is bound to %s, which Omni's SCIM API does not return: of Omni's own attributes only %s are known", name, strings.Join(shownBySCIM, ", "))
	}
	then := m.planned(now)
	emails := map[string][]string{now.BaseConnectionID: nil}
	for _, e := range then.Environments {
		emails[e.ConnectionID] = nil
	}
	planned := map[string]types.Set{}
	for email, values := range m.UserValues {
		planned[strings.ToLower(email)] = values
	}
	m.Users, m.Moves = []userModel{}, []moveModel{}
	for _, u := range users {
		if !u.Active && u.Problem == nil {
			continue
		}
		values, err := valuesOf(&u, now.AttributeName)
		switch {
		case err != nil && u.Problem == nil && !u.HasValues: // so it is for all
			return m, nil, err
		case err != nil:
			left = append(left, fmt.Sprintf("User %q %s: %s", u.ID, u.Email, err))
			continue
		}
		before, after := now.Values(values), then.Values(values)
		if own, ok := planned[strings.ToLower(u.Email)]; ok {
			after = then.Values(framework.Strings(own))
		}
		from, to := now.Route(before), then.Route(after)
		if from.ConnectionID != to.ConnectionID {
			m.Moves = append(m.Moves, moveModel{types.StringValue(u.Email), framework.TextOrNull(from.ConnectionID), framework.TextOrNull(to.ConnectionID)})
		}
		if to.ConnectionID != "" {
			emails[to.ConnectionID] = append(emails[to.ConnectionID], u.Email)
		}
		m.Users = append(m.Users, forDataSource(&u, after, to))
	}
	m.Connections = usersOf(emails)
	m.AttributeName = framework.TextOrNull(now.AttributeName)
	m.UserCount = types.Int64Value(int64(len(m.Users)))
	return m, left, nil
}

// usersOf returns the users of each connection, from their e-mail addresses.
func usersOf(emails map[string][]string) map[string]connectionModel {
	connections := make(map[string]connectionModel, len(emails))
	for id, all := range emails {
		c := connectionModel{UserCount: types.Int64Value(int64(len(all))), UserEmails: make([]types.String, len(all))}
		for i, email := range all {
			c.UserEmails[i] = types.StringValue(email)
		}
		connections[id] = c
	}
	return connections
}

// unknownUsers warns of addresses in user_values that no user has: they change
// nothing, so a slip would look as if nobody moved.
func (m model) unknownUsers(users []omni.User) diag.Diagnostics {
	var diags diag.Diagnostics
	emails := make([]string, len(users))
	for i, u := range users {
		emails[i] = u.Email
	}
	for _, email := range slices.Sorted(maps.Keys(m.UserValues)) {
		if slices.ContainsFunc(emails, func(known string) bool { return omni.SameEmail(known, email) }) {
			continue
		}
		text := fmt.Sprintf("Omni has no user with the e-mail address %q, so this value moves nobody.", email)
		if meant := framework.Nearest(email, emails); meant != "" {
			text += fmt.Sprintf(" Did you mean %q?", meant)
		}
		diags.AddAttributeWarning(path.Root("user_values").AtMapKey(email), "No such Omni user", text)
	}
	return diags
}

// planned is the routing with the values that environments will have.
func (m model) planned(now *base.Routing) *base.Routing {
	then := *now
	then.Environments = slices.Clone(now.Environments)
	for id, values := range m.EnvironmentValues {
		id, wanted := strings.ToLower(id), framework.Strings(values)
		if id == strings.ToLower(now.BaseConnectionID) {
			then.DefaultValues = wanted
			continue
		}
		at := slices.IndexFunc(then.Environments, func(e omni.Environment) bool { return strings.EqualFold(e.ConnectionID, id) })
		if at < 0 {
			then.Environments = append(then.Environments, omni.Environment{BaseConnectionID: now.BaseConnectionID, ConnectionID: id})
			at = len(then.Environments) - 1
		}
		then.Environments[at].Values = nullable.Of(omni.StringList(wanted))
	}
	return &then
}

// shownBySCIM are those of Omni's own attributes that a user in SCIM shows.
var shownBySCIM = []string{"omni_user_email", "omni_user_groups", "omni_user_name"}

// valuesOf are the user's own values of an attribute, as environments have them. Of
// Omni's own attributes SCIM shows what some of them say.
func valuesOf(u *omni.User, attribute string) ([]string, error) {
	switch {
	case u.Problem != nil:
		return nil, u.Problem
	case attribute == "":
		return nil, nil
	case attribute == "omni_user_email":
		return []string{u.Email}, nil
	case attribute == "omni_user_name":
		return []string{u.DisplayName}, nil
	case !u.HasValues:
		return nil, omni.ErrNoAttributeValues
	case attribute == "omni_user_groups":
		return u.Groups, nil
	case u.OddValues[attribute] != nil:
		return nil, u.OddValues[attribute]
	}
	return u.Values[attribute].Values, nil
}

func forDataSource(u *omni.User, values []string, route inventory.Route) userModel {
	m := userModel{
		ID: types.StringValue(u.ID), Email: types.StringValue(u.Email), DisplayName: types.StringValue(u.DisplayName),
		Groups: types.SetNull(types.StringType), Values: framework.SetOf(values),
		ConnectionID: framework.TextOrNull(route.ConnectionID), EnvironmentID: framework.TextOrNull(route.EnvironmentID), Reason: types.StringValue(string(route.Reason)),
	}
	if u.HasValues {
		m.Groups = framework.SetOf(u.Groups)
	}
	return m
}
