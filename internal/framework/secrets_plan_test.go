// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

// This file tests what a plan says of secrets, and that its apply does that.

// The apply does what the plan announced, whatever the configuration that it is
// given: that one has what ignore_changes kept from the plan.
func TestApplyObeysThePlan(t *testing.T) {
	t.Parallel()
	versioned := func(v, version any) secretForm { return secretForm{writeOnly: v, version: version} }
	const nothing, removed = "nothing", "removed"
	for name, c := range map[string]struct {
		announced     announcement
		written       secretForm // the configuration at apply
		plan, state   secretForm
		want, current string
	}{
		"plain, ignored":           {announcement{}, secretForm{plain: "new"}, secretForm{plain: "old"}, secretForm{plain: "old"}, nothing, "old"},
		"plain, changed":           {announcement{}, secretForm{plain: "new"}, secretForm{plain: "new"}, secretForm{plain: "old"}, "new", "new"},
		"plain, forgotten":         {announcement{}, secretForm{plain: "old"}, secretForm{plain: "old"}, secretForm{}, "old", "old"},
		"write-only, ignored":      {announcement{}, secretForm{writeOnly: "new"}, secretForm{}, secretForm{}, nothing, ""},
		"write-only, not to send":  {announcement{Has: []string{"password"}}, secretForm{writeOnly: "new"}, secretForm{}, secretForm{}, nothing, "new"},
		"write-only, to send":      {announcement{Has: []string{"password"}, Sends: []string{"password"}}, secretForm{writeOnly: "new"}, secretForm{}, secretForm{}, "new", "new"},
		"another's announcement":   {announcement{Has: []string{"key"}, Sends: []string{"key"}}, secretForm{writeOnly: "new"}, secretForm{}, secretForm{}, nothing, ""},
		"version, ignored":         {announcement{Has: []string{"password"}}, versioned("new", 2), versioned(nil, 1), versioned(nil, 1), nothing, "new"},
		"all of versioned ignored": {announcement{}, versioned("new", 2), versioned(nil, 1), versioned(nil, 1), nothing, ""},
		"removed":                  {announcement{}, secretForm{}, secretForm{}, secretForm{plain: "old"}, removed, ""},
	} {
		p := places["top level"]
		encoded, _ := json.Marshal(c.announced)
		raw := func(f secretForm) tftypes.Value { return p.wrap(f.value()) }
		change := p.secret.obey(c.announced, tfsdk.Config{Schema: p.schema, Raw: raw(c.written)}, tfsdk.Plan{Schema: p.schema, Raw: raw(c.plan)}, tfsdk.State{Schema: p.schema, Raw: raw(c.state)})
		got, current := nothing, ""
		switch {
		case change.Value != nil:
			got = change.Value.Reveal()
		case change.Removed:
			got = removed
		}
		if change.Current != nil {
			current = change.Current.Reveal()
		}
		if got != c.want || current != c.current {
			t.Errorf("%s (%s): %s of %q", name, encoded, got, current)
		}
	}
}

// With a value hidden by ignore_changes, nothing is sent and nothing is called
// removed; a version alone cannot send anything.
func TestHiddenValue(t *testing.T) {
	t.Parallel()
	p := places["top level"]
	raw := func(version any) tftypes.Value { return p.wrap(secretForm{version: version}.value()) }
	for version, bumped := range map[int]bool{1: false, 2: true} {
		req := resource.ModifyPlanRequest{
			Config: tfsdk.Config{Schema: p.schema, Raw: raw(version)},
			Plan:   tfsdk.Plan{Schema: p.schema, Raw: raw(version)},
			State:  tfsdk.State{Schema: p.schema, Raw: raw(1)},
		}
		all, diags := compareSecrets(t.Context(), req.Config, req.Plan, req.State, private{}, []Secret{p.secret})
		if diags.HasError() || all.NeedPlan() || !all.Of(p.secret).Hidden || all.Of(p.secret).newVersion != bumped {
			t.Errorf("version %d: %+v, %v", version, all, diags)
		}
	}
}

// A plan announces what it has, and which of that the apply sends.
func TestAnnouncement(t *testing.T) {
	t.Parallel()
	value := types.StringValue("a")
	got := SecretChanges{
		{Secret{Name: "sent"}, changeTo(value, true)},
		{Secret{Name: "kept"}, changeTo(value, false)},
		{Secret{Name: "removed"}, SecretChange{Removed: true}},
		{ElementSecret("items", "a", "pending"), SecretChange{Pending: true}},
		{ElementSecret("items", "a", "sent"), changeTo(value, true)},
	}.announcement()
	want := announcement{Has: []string{"sent", "kept", `items["a"].sent`}, Sends: []string{"sent", `items["a"].sent`}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

// A version that changes while ignore_changes keeps its value from the plan is an error
// on the version.
func TestPlanOfAVersionWithoutItsValue(t *testing.T) {
	t.Parallel()
	p := places["block"]
	raw := func(version any) tftypes.Value { return p.wrap(secretForm{version: version}.value()) }
	for version, fails := range map[int]bool{1: false, 2: true} {
		all, diags := planSecrets(t.Context(), resource.ModifyPlanRequest{
			Config: tfsdk.Config{Schema: p.schema, Raw: raw(version)}, Plan: tfsdk.Plan{Schema: p.schema, Raw: raw(version)}, State: tfsdk.State{Schema: p.schema, Raw: raw(1)},
		}, private{}, []Secret{p.secret})
		if all.Sends() || diags.HasError() != fails {
			t.Errorf("version %d: %+v, %v", version, all, diags)
		}
		if fails && (diags[0].Summary() != "ssl.password_wo_version changes without a value" || !diags[0].(diag.DiagnosticWithPath).Path().Equal(p.secret.version())) {
			t.Errorf("%v", diags)
		}
	}
}

// The secrets of an object that is unconfirmed are planned, and sent, as new ones are,
// although the state has the same.
func TestSecretsOfAnUnconfirmedObject(t *testing.T) {
	t.Parallel()
	p := places["top level"]
	for _, form := range []secretForm{{plain: "a"}, {writeOnly: "a", version: 1}, {writeOnly: "a"}} {
		for _, isUnconfirmed := range []bool{false, true} {
			ctx, kept := t.Context(), private{}
			config := tfsdk.Config{Schema: p.schema, Raw: p.wrap(form.value())}
			stored := p.wrap(form.stored().value())
			plan, state := tfsdk.Plan{Schema: p.schema, Raw: stored}, tfsdk.State{Schema: p.schema, Raw: stored}
			created, diags := NewSecrets(ctx, resource.CreateRequest{Config: config, Plan: plan}, p.secret)
			diags.Append(created.Remember(ctx, config, plan, kept)...)
			if isUnconfirmed {
				diags.Append(unconfirmed.Set(ctx, kept)...)
			}

			planned, more := planSecrets(ctx, resource.ModifyPlanRequest{Config: config, Plan: plan, State: state}, kept, []Secret{p.secret})
			diags.Append(more...)
			announced, err := json.Marshal(planned.announcement())
			if err != nil {
				t.Fatal(err)
			}
			kept[announcedKey] = announced
			applied, more := plannedSecrets(ctx, resource.UpdateRequest{Config: config, Plan: plan, State: state}, kept, []Secret{p.secret})
			diags.Append(more...)
			if diags.HasError() || planned.Sends() != isUnconfirmed || applied.Sends() != isUnconfirmed {
				t.Errorf("%+v, unconfirmed %t: planned %t, applied %t (%v)", form, isUnconfirmed, planned.Sends(), applied.Sends(), diags)
			}
			diags = applied.Remember(ctx, config, plan, kept)
			if stays, _ := IsUnconfirmed(ctx, kept); diags.HasError() || kept[announcedKey] != nil || stays {
				t.Errorf("%+v: carried out, the private state is %s (%v)", form, kept, diags)
			}
		}
	}
}

// An apply whose plan does not say which secrets are to be sent sends no write-only one.
func TestDamagedAnnouncement(t *testing.T) {
	t.Parallel()
	p := places["top level"]
	req := resource.UpdateRequest{
		Config: tfsdk.Config{Schema: p.schema, Raw: p.wrap(secretForm{writeOnly: "a"}.value())},
		Plan:   tfsdk.Plan{Schema: p.schema, Raw: p.wrap(secretForm{}.value())},
	}
	all, diags := plannedSecrets(t.Context(), req, private{announcedKey: []byte(`"text"`)}, []Secret{p.secret})
	if all.Sends() || diags.ErrorsCount() != 1 || !strings.Contains(diags[0].Detail(), "Plan again.") {
		t.Errorf("%+v, %v", all, diags)
	}
	if all, diags := plannedSecrets(t.Context(), req, private{}, []Secret{p.secret}); all.Sends() || len(diags) > 0 {
		t.Errorf("no announcement: %+v, %v", all, diags)
	}
}

// A plan is needed for what is sent, and for what is removed.
func TestNeedPlan(t *testing.T) {
	t.Parallel()
	value := secret.New("a")
	for _, c := range []struct {
		changes           SecretChanges
		sends, needsAPlan bool
	}{
		{nil, false, false},
		{SecretChanges{{Secret{Name: "a"}, SecretChange{}}}, false, false},
		{SecretChanges{{Secret{Name: "a"}, SecretChange{}}, {Secret{Name: "b"}, SecretChange{Value: &value}}}, true, true},
		{SecretChanges{{Secret{Name: "a"}, SecretChange{Removed: true}}}, false, true},
	} {
		if c.changes.Sends() != c.sends || c.changes.NeedPlan() != c.needsAPlan {
			t.Errorf("%+v: %t and %t", c.changes, c.changes.Sends(), c.changes.NeedPlan())
		}
	}
}

// Where a hash decides, a plan that changes anything else may send as well; one that
// changes nothing does not.
func TestAnnounceWhereAHashDecides(t *testing.T) {
	t.Parallel()
	p := places["top level"]
	attributes := map[string]schema.Attribute{SecretsSentAt: schema.StringAttribute{Computed: true}, "host": schema.StringAttribute{Optional: true}}
	object := tftypes.Object{AttributeTypes: map[string]tftypes.Type{SecretsSentAt: tftypes.String, "host": tftypes.String}}
	raw := func(host any) tftypes.Value {
		return tftypes.NewValue(object, map[string]tftypes.Value{SecretsSentAt: tftypes.NewValue(tftypes.String, "then"), "host": tftypes.NewValue(tftypes.String, host)})
	}
	value := secret.New("a")
	for name, c := range map[string]struct {
		changes []SecretChange
		planned any
		want    bool
	}{
		"nothing else":          {[]SecretChange{{inHash: true}}, "a", false},
		"another":               {[]SecretChange{{inHash: true}}, "b", true},
		"another, one of two":   {[]SecretChange{{inHash: true}, {}}, "b", true},
		"no hash":               {[]SecretChange{{}}, "b", false},
		"nothing else, a value": {[]SecretChange{{Value: &value}}, "a", true},
		"pending":               {[]SecretChange{{Pending: true}}, "a", true},
	} {
		resp := &resource.ModifyPlanResponse{Plan: tfsdk.Plan{Schema: schema.Schema{Attributes: attributes}, Raw: raw(c.planned)}}
		var changes SecretChanges
		for _, change := range c.changes {
			changes = append(changes, namedChange{secret: p.secret, change: change})
		}
		got := changes.Announce(t.Context(), resource.ModifyPlanRequest{State: tfsdk.State{Raw: raw("a")}}, resp)
		if isShown := !attributesOf(resp.Plan.Raw)[SecretsSentAt].IsKnown(); got != c.want || isShown != c.want {
			t.Errorf("%s: it may send: %t, and the plan shows that: %t", name, got, isShown)
		}
	}
}
