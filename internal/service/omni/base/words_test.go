// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package base_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/action"
	actionschema "github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/omnitest"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

// The id of an action's connection is judged when the action is planned.
func TestActionIsJudgedInThePlan(t *testing.T) {
	t.Parallel()
	schema := actionschema.Schema{Attributes: map[string]actionschema.Attribute{"connection_id": actionschema.StringAttribute{Required: true}}}
	for id, want := range map[any]string{
		idA: "[]", "sales": "Error at connection_id: Invalid value of connection_id: ", tftypes.UnknownValue: "[]",
	} {
		raw := tftypes.NewValue(schema.Type().TerraformType(t.Context()), map[string]tftypes.Value{"connection_id": tftypes.NewValue(tftypes.String, id)})
		resp := &action.ModifyPlanResponse{}
		(&base.Action{}).ModifyPlan(t.Context(), action.ModifyPlanRequest{Config: tfsdk.Config{Schema: schema, Raw: raw}}, resp)
		got := "[]"
		if len(resp.Diagnostics) > 0 {
			got = text(resp.Diagnostics[0])
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("%v: %s", id, got)
		}
	}
}

// A name that Omni does not show is said, with the nearest one; where the attributes
// cannot be read, nothing is. A query that filters by it says why it finds nothing.
func TestUnknownUserAttribute(t *testing.T) {
	t.Parallel()
	const attributes = `{"records":[{"id":"1","name":"environment"},{"id":"2","name":"region"}]}`
	const unknown = `Omni shows no user attribute %q; case matters, and the label does not count.`
	at := path.Root("attribute_name")
	for _, c := range []struct{ list, name, want string }{
		{attributes, "environment", ""},
		{attributes, "region", ""},
		{attributes, "Region", fmt.Sprintf(unknown, "Region") + ` Did you mean "region"?`},
		{attributes, "warehouse", fmt.Sprintf(unknown, "warehouse")},
		{"403", "region", ""},
	} {
		access := serving(t, map[string]string{"user-attributes": c.list})
		if got := base.UnknownUserAttribute(t.Context(), access, c.name); got != c.want {
			t.Errorf("%s: %q", c.name, got)
		}
		none := base.NoneOfAttribute[struct{}](t.Context(), access, at, c.name)
		if c.want == "" {
			if none != nil {
				t.Errorf("%s: %v", c.name, none)
			}
			continue
		}
		if len(none) != 1 || text(none[0].Diagnostics[0]) != "Warning at attribute_name: No such Omni user attribute: "+c.want {
			t.Errorf("%s: %v", c.name, none)
		}
	}
	if none := base.NoneOfAttribute[struct{}](t.Context(), serving(t, map[string]string{"user-attributes": attributes}), at, ""); none != nil {
		t.Errorf("without a filter: %v", none)
	}
}

// Without a repository the way to one is said, whichever way the server puts it.
func TestNeedsDBT(t *testing.T) {
	t.Parallel()
	const way = ". Link a repository to the connection first, with dataconn_omni_connection_dbt, and take this connection_id from that resource, so that it is created first"
	answering := func(detail string) error {
		server := omnitest.New(t, omni.DefaultAPIVersion, omnitest.Always(400, `{"detail":"`+detail+`"}`))
		_, err := server.Client.GetDBT(t.Context(), idA)
		return err
	}
	refused, other := answering("dbt not configured for this connection"), answering("no")
	for _, c := range []struct {
		err  error
		want string
	}{
		{omni.ErrDBTNotConfigured, omni.ErrDBTNotConfigured.Error() + way},
		{fmt.Errorf("read: %w", omni.ErrDBTNotConfigured), "read: " + omni.ErrDBTNotConfigured.Error() + way},
		{errors.New("odd"), "odd"},
		{refused, refused.Error() + way},
		{other, other.Error()},
	} {
		if got := base.NeedsDBT(c.err); got.Error() != c.want || !errors.Is(got, c.err) {
			t.Errorf("%v: %v", c.err, got)
		}
	}
}

func TestLeftOut(t *testing.T) {
	t.Parallel()
	problem := errors.New("the name is a number")
	for want, got := range map[string]string{
		`Warning at : An Omni connection is left out: Connection "c": the name is a number. The others are listed.`: text(base.ConnectionLeftOut(&omni.Connection{ID: "c", Problem: problem})),
		`Warning at : An Omni user is left out: User "u" a@b: the name is a number. The others are listed.`:         text(base.UserLeftOut(&omni.User{ID: "u", Email: "a@b", Problem: problem})),
	} {
		if got != want {
			t.Errorf("%s", got)
		}
	}
}

// withoutServer is for what makes no call.
func withoutServer() *inventory.Inventory {
	return inventory.New(omni.NewClient(nil, omni.DefaultAPIVersion))
}

// Two connections of one base with one value are refused in the plan, by both names.
func TestRefuseSharedValue(t *testing.T) {
	t.Parallel()
	at := path.Root("values")
	id, unknown := types.StringValue, types.StringUnknown()
	values := framework.SetOf([]string{"dev", "qa"})
	const advice = " A value picks one connection: give it to one of them. (terraform destroy plans the configuration too, unless it runs with -refresh=false.)"
	const summary = "Error at values: Two connections of one base have the same value: "
	environment := func(id string) string { return "the environment of the connection " + id }
	const itself = "the base connection itself, in default_values of its dataconn_omni_environment_user_attribute,"
	for name, c := range map[string]struct {
		access           *inventory.Inventory
		base, connection types.String
		values           types.Set
		want             string
	}{
		"shared":         {withoutServer(), id(idA), id(idC), values, summary + `The value "qa" is planned for ` + environment(idC) + " and for " + environment(idB) + " of the base " + idA + "." + advice},
		"of the base":    {withoutServer(), id(idA), id(strings.ToUpper(idA)), values, summary + `The value "qa" is planned for ` + itself + " and for " + environment(idB) + " of the base " + idA + "." + advice},
		"its own":        {withoutServer(), id(idA), id(idB), values, ""},
		"other values":   {withoutServer(), id(idA), id(idC), framework.SetOf([]string{"dev"}), ""},
		"another base":   {withoutServer(), id(idC), id(idC), values, ""},
		"no base":        {withoutServer(), unknown, id(idC), values, ""},
		"no connection":  {withoutServer(), id(idA), unknown, values, ""},
		"no values":      {withoutServer(), id(idA), id(idC), types.SetUnknown(types.StringType), ""},
		"not configured": {nil, id(idA), id(idC), values, ""},
	} {
		if c.access != nil {
			c.access.PlanValues(idA, idB, []string{"qa"})
		}
		diags := base.RefuseSharedValue(c.access, at, c.base, c.connection, c.values)
		if c.want == "" {
			if len(diags) > 0 {
				t.Errorf("%s: %v", name, diags)
			}
			continue
		}
		if len(diags) != 1 || text(diags[0]) != c.want {
			t.Errorf("%s: %v", name, diags)
		}
	}
	access := withoutServer()
	base.RefuseSharedValue(access, at, id(idA), unknown, values)
	base.RefuseSharedValue(access, at, unknown, id(idC), values)
	base.RefuseSharedValue(access, at, id(idA), id(idC), types.SetUnknown(types.StringType))
	for _, base := range []string{idA, ""} {
		if value, other := access.PlanValues(base, idB, []string{"qa"}); value != "" {
			t.Errorf("what is not known was planned: %q of %q", value, other)
		}
	}
}

// Names are found by ids in any case; a connection without a name has none.
func TestConnectionNames(t *testing.T) {
	t.Parallel()
	listed := `{"connections":[{"id":"` + strings.ToUpper(idB) + `","name":"b","dialect":"d"},{"id":"` + idA + `","dialect":"d"}]}`
	names, err := base.ReadConnectionNames(t.Context(), serving(t, map[string]string{"connections": listed}))
	if err != nil || len(names) != 2 || names.Of(idB) != "b" || names.Of(strings.ToUpper(idB)) != "b" || names.Of(idA) != "" || names.Of(idC) != "" {
		t.Errorf("%v, %v", names, err)
	}
	if names, err := base.ReadConnectionNames(t.Context(), serving(t, map[string]string{"connections": "403"})); err == nil || len(names) > 0 {
		t.Errorf("%v, %v", names, err)
	}
}

func TestOfConnectionSchema(t *testing.T) {
	t.Parallel()
	got := base.OfConnectionSchema("Finds things.", "the things")
	attribute, _ := got.Attributes["connection_id"].(schema.StringAttribute)
	if got.MarkdownDescription != "Finds things." || len(got.Attributes) != 1 || !attribute.Optional || attribute.Required || attribute.MarkdownDescription != "Only the things of this connection (a UUID)." {
		t.Errorf("%+v", got)
	}
	if len(attribute.Validators) != 1 || !validate(t, attribute.Validators[0], types.StringValue("sales")).HasError() || validate(t, attribute.Validators[0], types.StringValue(idA)).HasError() {
		t.Errorf("validators %v", attribute.Validators)
	}
}
