// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package omni_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/omnitest"
)

// Each key of an item in each list, left out, null and of another type: the items
// beside it are read as they are, and the odd one has a problem that names the key,
// unless it can do without it.
func TestOneOddKeyInAList(t *testing.T) {
	t.Parallel()
	type list struct {
		under, item string
		needs       []string // keys that every server returns
		read        func(c *omni.Client) (any, error)
	}
	ids := []string{omnitest.IDA, omnitest.IDB}
	for what, l := range map[string]list{
		"connections": {
			"connections", `{"id":"%s","name":"n","dialect":"postgres","host":"h","port":1,"includeSchemas":["a"],"maxBillingBytes":"1","deletedAt":null}`,
			[]string{"id", "name", "dialect"},
			func(c *omni.Client) (any, error) {
				return c.ListConnections(t.Context(), omni.ConnectionFilter{})
			},
		},
		"environments": {
			"connectionEnvironments", `{"id":"%s","baseConnectionId":"b","connectionId":"c","userAttributeValues":["v"]}`,
			[]string{"id", "baseConnectionId", "connectionId"},
			func(c *omni.Client) (any, error) { return c.ListEnvironments(t.Context()) },
		},
		"schedules": {
			"schedules", `{"scheduleId":"%s","connectionId":"c","schedule":"s","timezone":"UTC","hardRefresh":true,"createdAt":"x"}`,
			[]string{"scheduleId", "connectionId", "schedule", "timezone"},
			func(c *omni.Client) (any, error) { return c.ListSchedules(t.Context(), omnitest.IDA) },
		},
		"dbt environments": {
			"records", `{"id":"%s","name":"n","targetSchema":"s","targetRole":"r","isDefaultEnvironment":true,"variables":[]}`,
			[]string{"id", "name", "targetSchema", "variables"},
			func(c *omni.Client) (any, error) { return c.ListDBTEnvironments(t.Context(), omnitest.IDA) },
		},
		"user attributes": {
			"records", `{"id":"%s","name":"n","label":"l","type":"String","multiple_values":false,"default_value":"d"}`,
			[]string{"name"},
			func(c *omni.Client) (any, error) { return c.ListUserAttributes(t.Context()) },
		},
		"schema models": {
			"records", `{"id":"%s","connectionId":"c","modelKind":"SCHEMA","name":"n"}`,
			[]string{"id", "connectionId"},
			func(c *omni.Client) (any, error) { return c.ListSchemaModels(t.Context()) },
		},
		"users": {
			"Resources", `{"id":"%s","userName":"u","displayName":"d","active":false,"groups":[{"display":"g"}],"urn:omni:params:1.0:UserAttribute":{"a":"v"}}`,
			[]string{"id", "userName"},
			func(c *omni.Client) (any, error) { return c.ListUsers(t.Context()) },
		},
	} {
		var answer string
		s := omnitest.New(t, omni.DefaultAPIVersion, func(*http.Request, string) (int, string) { return http.StatusOK, answer })
		read := func(items ...string) reflect.Value {
			answer = fmt.Sprintf(`{"pageInfo":{},"totalResults":%d,%q:[%s]}`, len(items), l.under, strings.Join(items, ","))
			all, err := l.read(s.Client)
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			return reflect.ValueOf(all)
		}
		whole, other := fmt.Sprintf(l.item, ids[0]), fmt.Sprintf(l.item, ids[1])
		want := read(other).Index(0).Interface()
		for _, o := range fault.Oddities([]byte(whole)) {
			if o.Object != 0 {
				continue
			}
			all := read(string(o.In([]byte(whole))), other)
			if all.Len() != 2 { // a model of another kind is none
				if what != "schema models" || o.Key != "modelKind" || all.Len() != 1 {
					t.Errorf("%s, %s %s: %d items", what, o.Key, o.Change, all.Len())
				}
				continue
			}
			if got := all.Index(1).Interface(); !reflect.DeepEqual(got, want) {
				t.Errorf("%s, %s %s: the other is %+v, want %+v", what, o.Key, o.Change, got, want)
			}
			problem, _ := reflect.TypeAssert[error](all.Index(0).FieldByName("Problem"))
			isNeeded := o.Change == fault.AnotherType || slices.Contains(l.needs, o.Key)
			if (problem != nil) != isNeeded || problem != nil && !strings.Contains(problem.Error(), strconv.Quote(o.Key)) {
				t.Errorf("%s, %s %s: %v", what, o.Key, o.Change, problem)
			}
		}
	}
}
