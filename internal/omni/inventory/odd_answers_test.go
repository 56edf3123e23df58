// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package inventory_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/nullable"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/omnitest"
)

func TestUpdateBody(t *testing.T) {
	t.Parallel()
	s := omnitest.New(t, "v1", omnitest.Always(200, `{"success":true,"message":"Updated."}`))
	access := inventory.New(s.Client)
	for _, c := range []struct {
		update omni.ConnectionUpdate
		want   string // "" sends nothing
	}{
		{omni.ConnectionUpdate{}, ""},
		{omni.ConnectionUpdate{Settings: omni.ConnectionSettings{Host: nullable.Of("")}}, `{"host":""}`},
		{omni.ConnectionUpdate{Settings: omni.ConnectionSettings{
			IncludeSchemas: nullable.Of(omni.StringList{"a", "b"}), IncludeOtherCatalogs: nullable.Of(omni.StringList(nil)), OffloadedSchemas: nullable.Of(omni.StringList{}),
		}}, `{"includeSchemas":["a","b"],"includeOtherCatalogs":[],"offloadedSchemas":[]}`},
		{omni.ConnectionUpdate{Settings: omni.ConnectionSettings{MaxBillingBytes: nullable.Of(omni.Digits(0)), AcceptsLicense: nullable.Of(false)}}, `{"maxBillingBytes":"0","acceptsLicense":false}`},
		{omni.ConnectionUpdate{Secrets: omni.ConnectionSecrets{Password: omnitest.SecretOf("p")}}, `{"passwordUnencrypted":"p"}`},
		{omni.ConnectionUpdate{Secrets: omni.ConnectionSecrets{PrivateKey: omnitest.SecretOf("k"), OAuthClientSecret: omnitest.SecretOf("o")}}, `{"privateKey":"k","oauthClientSecretUnencrypted":"o"}`},
	} {
		if err := access.UpdateConnection(t.Context(), omnitest.IDA, c.update); err != nil {
			t.Error(err)
		}
		if c.want == "" {
			s.Expect(t)
			continue
		}
		s.Expect(t, "PATCH connections/"+omnitest.IDA+" "+c.want)
	}
}

func TestOneOddConnectionDoesNotHideTheOthers(t *testing.T) {
	t.Parallel()
	for key, template := range map[string]string{"connections": `{"connections":[%s]}`, "records": `{"records":[%s]}`} {
		items := `{"id":"` + omnitest.IDA + `","name":"good","dialect":"d"},{"id":"` + omnitest.IDB + `","port":"text","userAttributeValuesForDefaultEnvironment":{"odd":1}},"no object",{"name":{}},null`
		s := omnitest.New(t, "v1", omnitest.Always(200, fmt.Sprintf(template, items)))
		list, err := s.Client.ListConnections(t.Context(), omni.ConnectionFilter{})
		if err != nil || len(list) != 5 {
			t.Fatalf("%s: %d connections, %v", key, len(list), err)
		}
		if list[0].Problem != nil || list[0].Name.Or("") != "good" {
			t.Errorf("%s: the good one: %+v", key, list[0])
		}
		if list[1].Problem == nil || list[1].ID != omnitest.IDB || list[2].Problem == nil || list[3].Problem == nil {
			t.Errorf("%s: the odd ones have no problem: %+v", key, list[1:])
		}

		access := inventory.New(s.Client)
		if c, err := access.Connection(t.Context(), omnitest.IDA); err != nil || c.Name.Or("") != "good" {
			t.Errorf("%s: the good one: %v", key, err)
		}
		if _, err := access.Connection(t.Context(), omnitest.IDB); err == nil || errors.Is(err, inventory.ErrGone) {
			t.Errorf("%s: the odd one: %v", key, err)
		}
	}
	for _, answer := range []string{`{}`, `[]`, `{"connections":null}`, `{"connections":{}}`, `null`, `{"success":false,"error":"no"}`} {
		s := omnitest.New(t, "v1", omnitest.Always(200, answer))
		if list, err := s.Client.ListConnections(t.Context(), omni.ConnectionFilter{}); !httpclient.IsUnreadable(err) {
			t.Errorf("%s is taken for a list: %v, %v", answer, list, err)
		}
	}
}

func TestOneOddEnvironmentDoesNotHideTheOthers(t *testing.T) {
	t.Parallel()
	s := omnitest.New(t, "v1", omnitest.Always(200, `{"connectionEnvironments":[
		{"id":"good","baseConnectionId":"`+omnitest.IDA+`","connectionId":"`+omnitest.IDB+`","userAttributeValues":["us-east, production"]},
		{"id":"text","baseConnectionId":"b","connectionId":"c","userAttributeValues":"a"},{"id":"none","baseConnectionId":"b","connectionId":"c","userAttributeValues":null},{"id":"absent","baseConnectionId":"b","connectionId":"c"},
		{"id":"thin","connectionId":"c","userAttributeValues":null},
		{"id":"odd","userAttributeValues":[{}]}]}`))
	access := inventory.New(s.Client)
	for id, want := range map[string][]string{"good": {"us-east", "production"}, "text": {"a"}, "none": nil, "absent": nil} {
		e, err := access.Environment(t.Context(), id)
		if err != nil || !slices.Equal(e.Values.Or(nil), want) {
			t.Errorf("%s: %+v, %v", id, e, err)
		}
	}
	for _, id := range []string{"odd", "thin"} {
		if _, err := access.Environment(t.Context(), id); err == nil || errors.Is(err, inventory.ErrGone) {
			t.Errorf("%s: %v", id, err)
		}
	}
}

// A list that is refused is an error of everything that is read from it.
func TestListsThatAreRefused(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{EnvironmentList: true})
	server.Forbid(http.MethodGet, "")
	access := inventoryOf(t, server)
	for name, read := range map[string]func(ctx context.Context) error{
		"connections": func(ctx context.Context) error {
			_, err := access.Connections(ctx, omni.ConnectionFilter{})
			return err
		},
		"environments":     func(ctx context.Context) error { _, err := access.Environments(ctx); return err },
		"schedules":        func(ctx context.Context) error { _, err := access.Schedules(ctx, omnitest.IDA); return err },
		"dbt environments": func(ctx context.Context) error { _, err := access.DBTEnvironments(ctx, omnitest.IDA); return err },
		"schema models":    func(ctx context.Context) error { _, err := access.SchemaModels(ctx); return err },
		"user attributes":  func(ctx context.Context) error { _, err := access.UserAttributes(ctx); return err },
		"a user":           func(ctx context.Context) error { _, err := access.FindUser(ctx, "a@example.com"); return err },
	} {
		if err := read(t.Context()); !httpclient.IsForbidden(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Environments are in the order of their two connections.
func TestEnvironmentsAreSorted(t *testing.T) {
	t.Parallel()
	server := omnimock.Start(t, omnimock.Options{EnvironmentList: true})
	ids := []string{addPostgres(server, "a"), addPostgres(server, "b"), addPostgres(server, "c"), addPostgres(server, "d")}
	slices.Sort(ids)
	for _, pair := range [][2]int{{3, 0}, {0, 3}, {0, 1}, {2, 1}, {0, 2}} {
		server.AddEnvironment(ids[pair[0]], ids[pair[1]])
	}
	all, err := inventoryOf(t, server).Environments(t.Context())
	var got [][2]int
	for _, e := range all {
		got = append(got, [2]int{slices.Index(ids, e.BaseConnectionID), slices.Index(ids, e.ConnectionID)})
	}
	if want := [][2]int{{0, 1}, {0, 2}, {0, 3}, {2, 1}, {3, 0}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}
