// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectionenvironment

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
)

const (
	baseID       = "550e8400-e29b-41d4-a716-446655440001"
	connectionID = "550e8400-e29b-41d4-a716-446655440002"
	associatedID = "550e8400-e29b-41d4-a716-446655440003"
)

// Values in any order agree; where none are configured, or they are not known yet,
// any do.
func TestAgrees(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		planned types.Set
		has     []string
		want    bool
	}{
		{framework.SetOf([]string{"a", "b"}), []string{"b", "a"}, true},
		{framework.SetOf([]string{"a"}), []string{"a", "b"}, false},
		{framework.SetOf([]string{}), nil, true},
		{framework.SetOf([]string{}), []string{"a"}, false},
		{types.SetNull(types.StringType), []string{"a"}, true},
		{types.SetUnknown(types.StringType), []string{"a"}, true},
	} {
		m := model{UserAttributeValues: c.planned}
		if got := m.agrees(&omni.Environment{Values: nullable.Of(omni.StringList(c.has))}); got != c.want {
			t.Errorf("%v agrees with %v: %t", c.planned, c.has, got)
		}
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	values := func(v ...string) omni.Environment {
		return omni.Environment{ID: associatedID, BaseConnectionID: baseID, ConnectionID: connectionID, Values: nullable.Of(omni.StringList(v))}
	}
	upper := model{ID: types.StringValue(associatedID), BaseConnectionID: types.StringValue(strings.ToUpper(baseID)), ConnectionID: types.StringValue(strings.ToUpper(connectionID))}
	for name, c := range map[string]struct {
		prior  model
		server omni.Environment
		want   model
	}{
		"after an import": {
			model{ID: types.StringValue(associatedID)},
			values("b", "a"),
			model{BaseConnectionID: types.StringValue(baseID), ConnectionID: types.StringValue(connectionID), UserAttributeValues: framework.SetOf([]string{"a", "b"})},
		},
		"the spelling of the configuration stays": {
			upper, values(),
			model{BaseConnectionID: upper.BaseConnectionID, ConnectionID: upper.ConnectionID, UserAttributeValues: framework.SetOf([]string{})},
		},
		"no values are an empty set": {
			upper,
			omni.Environment{BaseConnectionID: baseID, ConnectionID: connectionID, Values: nullable.Null[omni.StringList]()},
			model{BaseConnectionID: upper.BaseConnectionID, ConnectionID: upper.ConnectionID, UserAttributeValues: framework.SetOf([]string{})},
		},
		"a key that is left out keeps the state's": {
			model{BaseConnectionID: upper.BaseConnectionID, ConnectionID: upper.ConnectionID, UserAttributeValues: framework.SetOf([]string{"a"})},
			omni.Environment{BaseConnectionID: baseID, ConnectionID: connectionID},
			model{BaseConnectionID: upper.BaseConnectionID, ConnectionID: upper.ConnectionID, UserAttributeValues: framework.SetOf([]string{"a"})},
		},
		"other connections": {
			model{BaseConnectionID: types.StringValue(connectionID), ConnectionID: types.StringValue(baseID)},
			values("a"),
			model{BaseConnectionID: types.StringValue(baseID), ConnectionID: types.StringValue(connectionID), UserAttributeValues: framework.SetOf([]string{"a"})},
		},
	} {
		got := c.prior.read(&c.server)
		if !got.BaseConnectionID.Equal(c.want.BaseConnectionID) || !got.ConnectionID.Equal(c.want.ConnectionID) || !got.UserAttributeValues.Equal(c.want.UserAttributeValues) || !got.ID.Equal(c.prior.ID) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestObjectNamesWhatIsKnown(t *testing.T) {
	t.Parallel()
	for want, m := range map[string]model{
		"Omni connection environment":     {ID: types.StringUnknown()},
		"Omni connection environment e-1": {ID: types.StringValue("e-1"), ConnectionID: types.StringValue("c")},
		"Omni connection environment e-1 (connection c of base b)": {
			ID: types.StringValue("e-1"), ConnectionID: types.StringValue("c"), BaseConnectionID: types.StringValue("b"),
		},
	} {
		if got := m.object(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// How the association came to be is said where it is not plain.
func TestOriginWarning(t *testing.T) {
	t.Parallel()
	m := model{ID: types.StringValue("e-1")}
	for origin, words := range map[inventory.Origin]string{
		inventory.Made:      "",
		inventory.Found:     "has no values yet",
		inventory.TakenOver: "at another address that this run destroys",
		inventory.AsWanted:  "were associated already, with these values",
		inventory.Remade:    "deleted the association and created it again",
	} {
		diags := m.originWarning(origin)
		if words == "" {
			if len(diags) != 0 {
				t.Errorf("%v", diags)
			}
			continue
		}
		if len(diags) != 1 || diags.HasError() || !strings.Contains(diags[0].Detail(), words) || !strings.Contains(diags[0].Detail(), "environment e-1") {
			t.Errorf("%q: %v", words, diags)
		}
	}
}
