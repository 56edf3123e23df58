// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package userattributevalue_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

func TestProtocolOperations(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	words := []string{"env", "of Omni user " + ada, "it needs"}
	protocol.Operations{
		Host: s.Host, Config: of("env", one("x")), Changed: of("env", one("y")),
		Create: append([]string{"Cannot set"}, words...),
		Read:   append([]string{"Cannot read"}, words...),
		Update: append([]string{"Cannot change"}, words...),
		Delete: append([]string{"Cannot take away"}, words...),
	}.Require(s.p, valueType)
}

func TestProtocolQuery(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	cyd := s.AddUser(omnimock.User{UserName: "cyd@example.com", Attributes: object{"teams": []any{"a", "b"}, "region": "us"}})
	for wanted, want := range map[string][]string{
		"":       {`region ["eu"] of ` + ada, `region ["us"] of cyd@example.com`, `teams ["a" "b"] of cyd@example.com`},
		"region": {`region ["eu"] of ` + ada, `region ["us"] of cyd@example.com`},
		"Region": nil,
	} {
		config := object{}
		if wanted != "" {
			config["attribute_name"] = wanted
		}
		found, diags := s.p.Query(valueType, config, protocol.QueryLimit, true)
		diags.RequireNone(t)
		var got []string
		for _, f := range found {
			got = append(got, f.Name)
			attribute, _, _ := strings.Cut(f.Name, " ")
			user := map[bool]string{true: s.ada, false: cyd}[strings.Contains(f.Name, ada)]
			if f.Identity["user_id"] != user || f.State["user_id"] != user || f.Identity["attribute_name"] != attribute || f.State["attribute_name"] != attribute || (f.State["value"] == nil) != (attribute == "teams") {
				t.Errorf("%v", f)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q finds %q, want %q", wanted, got, want)
		}
	}
	if found, _ := s.p.Query(valueType, nil, 2, false); len(found) != 2 {
		t.Errorf("%d, where two are enough", len(found))
	}
	_, diags := s.p.Query(valueType, object{"attribute_name": ""}, protocol.QueryLimit, false)
	diags.RequireError(t, "at attribute_name")
	s.p.RefuseEachCall(s.Host, map[string][]string{usersRoute: {"Cannot list the values of Omni users", "it needs"}}, func() protocol.Diagnostics {
		_, diags := s.p.Query(valueType, nil, protocol.QueryLimit, false)
		return diags
	})
}
