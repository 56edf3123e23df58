// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory_test

import (
	"fmt"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
)

func environment(id, base string, values ...string) omni.Environment {
	return omni.Environment{ID: id, BaseConnectionID: base, ConnectionID: "c-" + id, Values: nullable.Of(omni.StringList(values))}
}

func TestRoute(t *testing.T) {
	t.Parallel()
	environments := []omni.Environment{
		environment("2", "base", "test", "qa"), environment("1", "BASE", "prod", "live"), environment("3", "base"),
		environment("4", "other", "elsewhere", "prod"),
		{ID: "5", BaseConnectionID: "base", Values: nullable.Null[omni.StringList]()},
	}
	bound := inventory.Routing{BaseConnectionID: "base", AttributeName: "env", DefaultValues: []string{"dev", "local"}, Environments: environments}
	missing, unbound := bound, bound
	missing.AttributeMissing = true
	unbound.AttributeName = ""
	for name, c := range map[string]struct {
		routing inventory.Routing
		values  []string
		want    string // connection, environment, reason
	}{
		"matches":                         {bound, []string{"prod"}, "c-1 1 matched_value"},
		"matches the second value":        {bound, []string{"qa"}, "c-2 2 matched_value"},
		"a default of the base":           {bound, []string{"local"}, "base  default_value"},
		"nothing has it":                  {bound, []string{"x"}, "base  no_match"},
		"another base has it":             {bound, []string{"elsewhere"}, "base  no_match"},
		"case counts":                     {bound, []string{"Prod"}, "base  no_match"},
		"case counts for defaults":        {bound, []string{"Dev"}, "base  no_match"},
		"nothing is trimmed":              {bound, []string{" prod "}, "base  no_match"},
		"an empty value":                  {bound, []string{""}, "base  no_match"},
		"a comma does not separate":       {bound, []string{"prod,test"}, "base  no_match"},
		"no value":                        {bound, nil, "base  no_value"},
		"no value, empty list":            {bound, []string{}, "base  no_value"},
		"several, one environment":        {bound, []string{"x", "live", "prod"}, "c-1 1 matched_value"},
		"several, also a default":         {bound, []string{"dev", "prod"}, "c-1 1 matched_value"},
		"several, a default":              {bound, []string{"x", "dev"}, "base  default_value"},
		"several, two environments":       {bound, []string{"prod", "test"}, "  ambiguous"},
		"bound to nothing":                {unbound, []string{"prod"}, "base  not_bound"},
		"bound to nothing, no value":      {unbound, nil, "base  not_bound"},
		"the attribute does not exist":    {missing, []string{"prod"}, "base  attribute_missing"},
		"no such attribute, no value":     {missing, nil, "base  attribute_missing"},
		"no environments":                 {inventory.Routing{BaseConnectionID: "base", AttributeName: "env"}, []string{"prod"}, "base  no_match"},
		"nothing is bound, nothing there": {inventory.Routing{BaseConnectionID: "base"}, nil, "base  not_bound"},
	} {
		got := c.routing.Route(c.values)
		if text := fmt.Sprintf("%s %s %s", got.ConnectionID, got.EnvironmentID, got.Reason); text != c.want {
			t.Errorf("%s: %q, want %q", name, text, c.want)
		}
	}
	if one := bound.Route([]string{"qa"}); len(one.Matches) != 1 || one.Matches[0].ID != "2" {
		t.Errorf("the matches are %v", one.Matches)
	}
	ambiguous := bound.Route([]string{"test", "live"})
	if len(ambiguous.Matches) != 2 || ambiguous.Matches[0].ID != "1" || ambiguous.Matches[1].ID != "2" {
		t.Errorf("the matches are %v", ambiguous.Matches)
	}
}
