// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var movedSchema = schema.Schema{Attributes: map[string]schema.Attribute{
	"name":     schema.StringAttribute{Optional: true},
	"port":     schema.Int64Attribute{Optional: true},
	"enabled":  schema.BoolAttribute{Optional: true},
	"schemas":  schema.SetAttribute{ElementType: types.StringType, Optional: true},
	"password": schema.StringAttribute{Optional: true, Sensitive: true},
	"token_wo": schema.StringAttribute{Optional: true, WriteOnly: true},
}}

// moving moves a state from another provider.
func moving(t *testing.T, address, typeName, state string, move func(context.Context, MoveSource, *resource.MoveStateResponse) error) (map[string]any, *resource.MoveStateResponse) {
	t.Helper()
	object := movedSchema.Type().TerraformType(t.Context())
	resp := &resource.MoveStateResponse{TargetState: tfsdk.State{Schema: movedSchema, Raw: tftypes.NewValue(object, nil)}}
	req := resource.MoveStateRequest{SourceProviderAddress: address, SourceTypeName: typeName, SourceRawState: &tfprotov6.RawState{JSON: []byte(state)}}
	MoveFrom("restapi", "restapi_object", move).StateMover(t.Context(), req, resp)
	got := map[string]any{}
	for name, value := range attributesOf(resp.TargetState.Raw) {
		if !value.IsNull() {
			got[name] = show(value)
		}
	}
	return got, resp
}

const theirs = "registry.terraform.io/mastercard/restapi"

func TestCarry(t *testing.T) {
	t.Parallel()
	same := map[string]string{"name": "name", "port": "port", "enabled": "enabled", "schemas": "schemas", "password": "password", "token_wo": "token_wo"}
	for state, want := range map[string]map[string]any{
		`{"name":"n","port":5432,"enabled":true,"schemas":["b","a","b"],"password":"p","token_wo":"t"}`: {"name": `"n"`, "port": "5432", "enabled": "true", "schemas": `["a", "b"]`},
		`{"port":"5432","enabled":false,"schemas":" b, a ,,b"}`:                                         {"port": "5432", "enabled": "false", "schemas": `["a", "b"]`},
		`{"name":"","port":null,"enabled":null,"schemas":[]}`:                                           {},
		`{"name":7,"port":"many","enabled":"yes","schemas":{"a":1}}`:                                    {},
		`{"port":1.5,"schemas":""}`:                                                                     {},
		`{}`:                                                                                            {},
	} {
		got, resp := moving(t, theirs, "restapi_object", state, func(ctx context.Context, source MoveSource, resp *resource.MoveStateResponse) error {
			return source.Carry(ctx, resp, same)
		})
		if resp.Diagnostics.HasError() || resp.TargetState.Raw.IsNull() || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v %v", state, got, resp.Diagnostics)
		}
	}
	got, _ := moving(t, theirs, "restapi_object", `{"title":"n","name":"other"}`, func(ctx context.Context, source MoveSource, resp *resource.MoveStateResponse) error {
		return source.Carry(ctx, resp, map[string]string{"name": "title"})
	})
	if !reflect.DeepEqual(got, map[string]any{"name": `"n"`}) {
		t.Errorf("another name: %v", got)
	}
}

// What is no state of that provider is left to the framework; what cannot be
// moved is an error that says what else can be done.
func TestMoveFrom(t *testing.T) {
	t.Parallel()
	calls := 0
	fails := func(context.Context, MoveSource, *resource.MoveStateResponse) error {
		calls++
		return errors.New("it has no id")
	}
	for _, source := range [][2]string{{theirs, "restapi_other"}, {"registry.terraform.io/mastercard/otherapi", "restapi_object"}, {"notrestapi", "restapi_object"}} {
		if _, resp := moving(t, source[0], source[1], `{}`, fails); calls != 0 || len(resp.Diagnostics) != 0 {
			t.Errorf("%v: %v", source, resp.Diagnostics)
		}
	}
	for state, words := range map[string]string{`{}`: "It has no id.", `[]`: "Its state is not a JSON object; run terraform plan once", `{`: "Its state is not a JSON object"} {
		_, resp := moving(t, theirs, "restapi_object", state, fails)
		if len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Summary() != "Cannot move a restapi_object of "+theirs || !strings.HasPrefix(resp.Diagnostics[0].Detail(), words) || !strings.Contains(resp.Diagnostics[0].Detail(), "an import block takes the object over") {
			t.Errorf("%s: %v", state, resp.Diagnostics)
		}
	}
}

func TestRESTObject(t *testing.T) {
	t.Parallel()
	const connections = "/api/v1/connections"
	upper := strings.ToUpper(firstID)
	for state, want := range map[string][]string{
		`{"path":"/api/v1/connections","id":"` + upper + `","data":"sent","api_response":"got"}`:         {firstID, "got", "sent"},
		`{"path":"/api/v1/connections/{id}?limit=1","object_id":"` + firstID + `","api_response":"got"}`: {firstID, "got"},
		`{"path":"v1/connections/","id":"` + firstID + `","object_id":"` + secondID + `"}`:               {firstID},
		`{"path":"/proxy/api/v1/connections","id":"` + firstID + `","data":"sent"}`:                      {firstID, "sent"},
	} {
		var got []string
		_, resp := moving(t, theirs, "restapi_object", state, func(_ context.Context, source MoveSource, _ *resource.MoveStateResponse) error {
			id, bodies, err := source.RESTObject("/other", connections)
			got = append(got, id)
			for _, b := range bodies {
				got = append(got, string(b))
			}
			return err
		})
		if resp.Diagnostics.HasError() || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q %v", state, got, resp.Diagnostics)
		}
	}
	for state, words := range map[string]string{
		`{"path":"/api/v1/schedules/","id":"` + firstID + `"}`:    `Its path "/api/v1/schedules" is not that of the connections, which is ` + connections,
		`{"path":"/api/v2/connections","id":"` + firstID + `"}`:   `Its path "/api/v2/connections" is not`,
		`{"path":"/api/v1/connections/x","id":"` + firstID + `"}`: `Its path "/api/v1/connections/x" is not`,
		`{"path":"/api/v1/connections"}`:                          "Its state has no id",
		`{"path":"/api/v1/connections","id":"7"}`:                 "is not an id",
	} {
		_, resp := moving(t, theirs, "restapi_object", state, func(_ context.Context, source MoveSource, _ *resource.MoveStateResponse) error {
			_, _, err := source.RESTObject(connections)
			return err
		})
		if len(resp.Diagnostics) != 1 || !strings.Contains(resp.Diagnostics[0].Detail(), words) {
			t.Errorf("%s: %v", state, resp.Diagnostics)
		}
	}
}

func TestMarkMoved(t *testing.T) {
	t.Parallel()
	kept := private{}
	if diags := MarkMoved(t.Context(), kept, []string{"host"}); diags.HasError() || string(kept[string(imported)]) != "true" || string(kept[unreadKey]) != `["host"]` {
		t.Errorf("%v %v", kept, diags)
	}
}
