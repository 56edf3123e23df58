// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
)

// private is a private state in memory; like the real one it takes JSON only.
type private map[string][]byte

func (p private) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) {
	return p[key], nil
}

func (p private) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	if value == nil {
		delete(p, key)
		return nil
	}
	if !json.Valid(value) {
		return diag.Diagnostics{diag.NewErrorDiagnostic("not JSON", string(value))}
	}
	p[key] = value
	return nil
}

// secretForm is how a secret is in a configuration, or in what was before.
type secretForm struct {
	plain, writeOnly, version any // nil, a value, or tftypes.UnknownValue
}

var unknown = tftypes.UnknownValue

// The same secret at the top, inside a block, and inside an element of a map.
var places = map[string]struct {
	secret Secret
	schema schema.Schema
	wrap   func(tftypes.Value) tftypes.Value
}{
	"top level": {
		Secret{Name: "password"},
		schema.Schema{Attributes: Secret{Name: "password"}.Attributes("The password.")},
		func(v tftypes.Value) tftypes.Value { return v },
	},
	"block": {
		Secret{Block: "ssl", Name: "password"},
		schema.Schema{Attributes: map[string]schema.Attribute{
			"ssl": schema.SingleNestedAttribute{Optional: true, Attributes: Secret{Block: "ssl", Name: "password"}.Attributes("The password.")},
		}},
		func(v tftypes.Value) tftypes.Value {
			return tftypes.NewValue(tftypes.Object{AttributeTypes: map[string]tftypes.Type{"ssl": v.Type()}}, map[string]tftypes.Value{"ssl": v})
		},
	},
	"element": {
		ElementSecret("items", `a."b"]`, "password"),
		schema.Schema{Attributes: map[string]schema.Attribute{
			"items": schema.MapNestedAttribute{Optional: true, NestedObject: schema.NestedAttributeObject{Attributes: Secret{Name: "password"}.Attributes("The password.")}},
		}},
		func(v tftypes.Value) tftypes.Value {
			items := tftypes.Map{ElementType: v.Type()}
			return tftypes.NewValue(tftypes.Object{AttributeTypes: map[string]tftypes.Type{"items": items}}, map[string]tftypes.Value{
				"items": tftypes.NewValue(items, map[string]tftypes.Value{`a."b"]`: v}),
			})
		},
	},
}

func (f secretForm) value() tftypes.Value {
	types := map[string]tftypes.Type{"password": tftypes.String, "password_wo": tftypes.String, "password_wo_version": tftypes.Number}
	return tftypes.NewValue(tftypes.Object{AttributeTypes: types}, map[string]tftypes.Value{
		"password":            tftypes.NewValue(tftypes.String, f.plain),
		"password_wo":         tftypes.NewValue(tftypes.String, f.writeOnly),
		"password_wo_version": tftypes.NewValue(tftypes.Number, f.version),
	})
}

// stored is the form as the state has it.
func (f secretForm) stored() secretForm {
	f.writeOnly = nil
	return f
}

func TestSecretTransitions(t *testing.T) {
	t.Parallel()
	none := secretForm{}
	plain := func(v any) secretForm { return secretForm{plain: v} }
	writeOnly := func(v any) secretForm { return secretForm{writeOnly: v} }
	versioned := func(v, version any) secretForm { return secretForm{writeOnly: v, version: version} }

	const nothing, pending, removed = "nothing", "pending", "removed"
	sends := func(v string) string { return "sends " + v }

	for _, c := range []struct {
		name          string
		before, after secretForm
		want          string
	}{
		{"stays absent", none, none, nothing},
		{"plain comes", none, plain("a"), sends("a")},
		{"plain comes unknown", none, plain(unknown), pending},
		{"write-only comes", none, writeOnly("a"), sends("a")},
		{"write-only comes unknown", none, writeOnly(unknown), pending},
		{"versioned comes", none, versioned("a", 1), sends("a")},
		{"versioned comes, value unknown", none, versioned(unknown, 1), pending},
		{"versioned comes, version unknown", none, versioned("a", unknown), pending},

		{"plain stays", plain("a"), plain("a"), nothing},
		{"plain changes", plain("a"), plain("b"), sends("b")},
		{"plain becomes unknown", plain("a"), plain(unknown), pending},
		{"plain goes", plain("a"), none, removed},
		{"plain to write-only", plain("a"), writeOnly("a"), sends("a")},
		{"plain to versioned", plain("a"), versioned("a", 1), sends("a")},

		{"write-only stays", writeOnly("a"), writeOnly("a"), nothing},
		{"write-only changes", writeOnly("a"), writeOnly("b"), sends("b")},
		{"write-only becomes unknown", writeOnly("a"), writeOnly(unknown), pending},
		{"write-only goes", writeOnly("a"), none, removed},
		{"write-only to plain", writeOnly("a"), plain("a"), sends("a")},
		{"write-only gets a version", writeOnly("a"), versioned("a", 1), sends("a")},
		{"write-only gets an unknown version", writeOnly("a"), versioned("a", unknown), pending},

		{"version stays", versioned("a", 1), versioned("a", 1), nothing},
		{"version stays, value changes", versioned("a", 1), versioned("b", 1), nothing},
		{"version stays, value becomes unknown", versioned("a", 1), versioned(unknown, 1), nothing},
		{"version rises", versioned("a", 1), versioned("a", 2), sends("a")},
		{"version falls", versioned("a", 2), versioned("b", 1), sends("b")},
		{"version rises, value unknown", versioned("a", 1), versioned(unknown, 2), pending},
		{"version becomes unknown", versioned("a", 1), versioned("a", unknown), pending},
		{"version goes", versioned("a", 1), writeOnly("a"), sends("a")},
		{"version goes, value unknown", versioned("a", 1), writeOnly(unknown), pending},
		{"versioned goes", versioned("a", 1), none, removed},
		{"versioned to plain", versioned("a", 1), plain("a"), sends("a")},
	} {
		for place, p := range places {
			t.Run(place+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				ctx := t.Context()
				config := func(f secretForm) tfsdk.Config { return tfsdk.Config{Schema: p.schema, Raw: p.wrap(f.value())} }
				state := func(f secretForm) tfsdk.State {
					if f == none {
						return tfsdk.State{}
					}
					return tfsdk.State{Schema: p.schema, Raw: p.wrap(f.stored().value())}
				}
				kept := private{}
				remember := func(f secretForm, before tfsdk.State) SecretChange {
					t.Helper()
					plan := tfsdk.Plan{Schema: p.schema, Raw: p.wrap(f.stored().value())}
					change, diags := p.secret.Change(ctx, config(f), plan, before, kept)
					diags.Append(p.secret.Remember(ctx, config(f), plan, change, kept)...)
					if diags.HasError() {
						t.Fatal(diags)
					}
					return change
				}
				remember(c.before, tfsdk.State{})

				change := remember(c.after, state(c.before))
				got := nothing
				switch {
				case change.Value != nil:
					got = sends(change.Value.Reveal())
				case change.Pending:
					got = pending
				case change.Removed:
					got = removed
				}
				if got != c.want || change.Sends() != (change.Value != nil || change.Pending) {
					t.Fatalf("got %s, want %s", got, c.want)
				}
				if got == pending {
					return
				}
				// Carried out, it is over: the next plan does nothing.
				if again := remember(c.after, state(c.after)); again.Sends() || again.Removed {
					t.Errorf("and again: %+v", again)
				}
				_, hasHash := kept[p.secret.String()+"_wo_hash"]
				if want := c.after.writeOnly != nil && c.after.version == nil; hasHash != want {
					t.Errorf("a hash is kept: %t, want %t", hasHash, want)
				}
			})
		}
	}
}

// A secret whose change failed is not remembered, because Remember is called
// after it; a plan that decides nothing leaves the private state alone.
func TestRememberWithoutChange(t *testing.T) {
	t.Parallel()
	kept := private{"password_wo_hash": []byte(`"what was there"`)}
	config := tfsdk.Config{Schema: places["top level"].schema, Raw: secretForm{writeOnly: "a"}.value()}
	if diags := (Secret{Name: "password"}).Remember(t.Context(), config, tfsdk.Plan{}, SecretChange{}, kept); diags.HasError() {
		t.Fatal(diags)
	}
	if got := string(kept["password_wo_hash"]); got != `"what was there"` {
		t.Errorf("it became %s", got)
	}
}

func TestSeveralSecrets(t *testing.T) {
	t.Parallel()
	both := schema.Schema{Attributes: Secret{Name: "password"}.Attributes("One.")}
	maps.Copy(both.Attributes, Secret{Name: "key"}.Attributes("Two."))
	object := func(password, key any) tftypes.Value {
		values := map[string]tftypes.Value{}
		types := map[string]tftypes.Type{}
		for name, v := range map[string]any{"password": password, "password_wo": nil, "key": nil, "key_wo": key} {
			values[name], types[name] = tftypes.NewValue(tftypes.String, v), tftypes.String
		}
		for _, name := range []string{"password_wo_version", "key_wo_version"} {
			values[name], types[name] = tftypes.NewValue(tftypes.Number, nil), tftypes.Number
		}
		return tftypes.NewValue(tftypes.Object{AttributeTypes: types}, values)
	}
	state := tfsdk.State{Schema: both, Raw: object("a", nil)}
	kept := private{}
	config, plan := tfsdk.Config{Schema: both, Raw: object(nil, "k")}, tfsdk.Plan{Schema: both, Raw: object(nil, nil)}
	password, key := Secret{Name: "password"}, Secret{Name: "key"}
	changes, diags := compareSecrets(t.Context(), config, plan, state, kept, []Secret{password, key})
	if diags.HasError() {
		t.Fatal(diags)
	}
	if !changes.Sends() || changes.Value(password) != nil || changes.Value(key).Reveal() != "k" || changes.Value(Secret{Name: "other"}) != nil {
		t.Errorf("%v", changes)
	}
	warnings := changes.Warnings("thing 1")
	if len(warnings) != 1 || warnings.HasError() || !strings.Contains(warnings[0].Summary(), "keeps the password of thing 1") {
		t.Errorf("%v", warnings)
	}
	if diags := changes.Remember(t.Context(), config, plan, kept); diags.HasError() || len(kept) != 1 {
		t.Errorf("%v %v", diags, kept)
	}
}

func TestSecretAttributes(t *testing.T) {
	t.Parallel()
	for _, s := range []Secret{{Name: "password"}, {Block: "ssl", Name: "key"}} {
		attributes := s.Attributes("What it is.")
		name := s.Name
		plain, writeOnly, version := attributes[name], attributes[name+"_wo"], attributes[name+"_wo_version"]
		if len(attributes) != 3 || !plain.IsSensitive() || plain.IsWriteOnly() || !writeOnly.IsWriteOnly() || !writeOnly.IsSensitive() || version.IsSensitive() {
			t.Errorf("%s: %v", s, attributes)
		}
		for key, a := range attributes {
			if !a.IsOptional() || a.IsComputed() || a.IsRequired() || !strings.HasSuffix(a.GetMarkdownDescription(), ".") || strings.Contains(a.GetMarkdownDescription(), "ssl.") {
				t.Errorf("%s: %s", key, a.GetMarkdownDescription())
			}
		}
		if number, _ := version.(schema.Int64Attribute); len(number.Validators) != 1 || number.Validators[0].Description(t.Context()) != "only with "+name+"_wo" {
			t.Errorf("%s: a version is judged by %v", s, number.Validators)
		}
		if !strings.HasPrefix(plain.GetMarkdownDescription(), "What it is.") {
			t.Errorf("%s: %s", s, plain.GetMarkdownDescription())
		}
	}
	if got := fmt.Sprint(Secret{Block: "ssl", Name: "key"}.path("_wo"), Secret{Name: "password"}.version()); got != "ssl.key_wo password_wo_version" && got != "ssl.key_wopassword_wo_version" {
		t.Error(got)
	}
}

// A secret inside an element of a map reads as its path does, whatever the key.
func TestElementSecret(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"TOKEN", "", "a.b", `a"]b`, `a["c"].d`, `\`, "ä\n"} {
		s := ElementSecret("items", key, "password")
		want := path.Root("items").AtMapKey(key).AtName("password_wo")
		if !s.path("_wo").Equal(want) || s.Name != "password" || strings.HasPrefix(s.hashKey(), ".") {
			t.Errorf("%q: %s is %s", key, s, s.path("_wo"))
		}
	}
	if ElementSecret("items", "a", "password") == ElementSecret("items", "b", "password") {
		t.Error("two elements have one secret")
	}
}

// An element that is unknown as a whole, or in a map that is, may have a secret.
func TestSecretInUnknownElement(t *testing.T) {
	t.Parallel()
	element := secretForm{}.value().Type()
	items := tftypes.Map{ElementType: element}
	object := func(v tftypes.Value) tfsdk.Config {
		return tfsdk.Config{Raw: tftypes.NewValue(tftypes.Object{AttributeTypes: map[string]tftypes.Type{"items": items}}, map[string]tftypes.Value{"items": v})}
	}
	known := tftypes.NewValue(items, map[string]tftypes.Value{"a": secretForm{plain: "x"}.value()})
	if change, _ := ElementSecret("items", "a", "password").Change(t.Context(), object(known), tfsdk.Plan{Raw: object(tftypes.NewValue(items, unknown)).Raw}, tfsdk.State{}, private{}); change != (SecretChange{Pending: true}) {
		t.Errorf("unknown in the plan: %+v", change)
	}
	for name, c := range map[string]struct {
		items   tftypes.Value
		pending bool
	}{
		"the map":         {tftypes.NewValue(items, unknown), true},
		"the element":     {tftypes.NewValue(items, map[string]tftypes.Value{"a": tftypes.NewValue(element, unknown)}), true},
		"another element": {tftypes.NewValue(items, map[string]tftypes.Value{"b": tftypes.NewValue(element, unknown)}), false},
		"no map":          {tftypes.NewValue(items, nil), false},
	} {
		change, diags := ElementSecret("items", "a", "password").Change(t.Context(), object(c.items), tfsdk.Plan{Raw: object(c.items).Raw}, tfsdk.State{}, private{})
		if diags.HasError() || change != (SecretChange{Pending: c.pending}) {
			t.Errorf("%s: %+v, %v", name, change, diags)
		}
	}
}

// What is new to the server is sent, though the same value was there before; what
// is gone leaves nothing behind.
func TestNewAndForgottenSecrets(t *testing.T) {
	t.Parallel()
	ctx, kept := t.Context(), private{}
	p := places["element"]
	config := tfsdk.Config{Schema: p.schema, Raw: p.wrap(secretForm{writeOnly: "a"}.value())}
	stored := p.wrap(secretForm{}.value())
	create := resource.CreateRequest{Config: config, Plan: tfsdk.Plan{Schema: p.schema, Raw: stored}}
	changes, diags := NewSecrets(ctx, create, p.secret)
	diags.Append(changes.Remember(ctx, config, create.Plan, kept)...)
	same, sameDiags := compareSecrets(ctx, config, create.Plan, tfsdk.State{Schema: p.schema, Raw: stored}, kept, []Secret{p.secret})
	diags.Append(sameDiags...)
	again, againDiags := NewSecrets(ctx, create, p.secret)
	diags.Append(againDiags...)
	if diags.HasError() || !changes.Sends() || same.Sends() || !again.Sends() || len(kept) != 1 {
		t.Errorf("%v %v %v %v", changes, same, again, diags)
	}
	if diags := p.secret.Forget(ctx, kept); diags.HasError() || len(kept) != 0 {
		t.Errorf("%v %v", diags, kept)
	}
}

// After an answer that got lost nothing is claimed of what was sent; other secrets,
// and refusals, leave all as it was.
func TestForgetWhatMayBeDone(t *testing.T) {
	t.Parallel()
	for place, p := range places {
		for name, c := range map[string]struct {
			err     error
			sent    bool
			forgets bool
		}{
			"lost":     {&httpclient.Error{MayBeDone: true}, true, true},
			"not sent": {&httpclient.Error{MayBeDone: true}, false, false},
			"refused":  {&httpclient.Error{}, true, false},
		} {
			hash := p.secret.hashKey()
			kept := private{hash: []byte(`"h"`)}
			state := tfsdk.State{Schema: p.schema, Raw: p.wrap(secretForm{plain: "old", version: 1}.value())}
			change := SecretChange{}
			if c.sent {
				change = changeTo(types.StringValue("new"), true)
			}
			diags := SecretChanges{{Secret{Name: "another"}, SecretChange{}}, {p.secret, change}}.Forget(t.Context(), c.err, &state, kept)
			after := p.secret.formsIn(state.Raw)
			if diags.HasError() || after.isSet() == c.forgets || (kept[hash] == nil) != c.forgets {
				t.Errorf("%s, %s: %+v, %v, %v", place, name, after, kept, diags)
			}
		}
	}
}

// Where the state has nothing of what was sent, there is nothing to forget in it, not
// even a block.
func TestForgetWhatTheStateHasNot(t *testing.T) {
	t.Parallel()
	p := places["block"]
	object := p.schema.Type().TerraformType(t.Context())
	none := tftypes.NewValue(object, map[string]tftypes.Value{"ssl": tftypes.NewValue(p.schema.Attributes["ssl"].GetType().TerraformType(t.Context()), nil)})
	state := tfsdk.State{Schema: p.schema, Raw: none}
	diags := SecretChanges{{p.secret, changeTo(types.StringValue("new"), true)}}.Forget(t.Context(), &httpclient.Error{MayBeDone: true}, &state, private{})
	if diags.HasError() || !state.Raw.Equal(none) {
		t.Errorf("the state is %s (%v)", state.Raw, diags)
	}
}

// A secret with a line break at its end is mostly a file's, unless it is a PEM.
func TestLineEndOfASecret(t *testing.T) {
	t.Parallel()
	for value, warns := range map[string]bool{"a": false, "a\n": true, "a\nb": false, "-----BEGIN KEY-----\n": false, "": false} {
		resp := &validator.StringResponse{}
		noLineEnd().ValidateString(t.Context(), validator.StringRequest{Path: path.Root("password"), ConfigValue: types.StringValue(value)}, resp)
		if resp.Diagnostics.HasError() || (len(resp.Diagnostics) > 0) != warns || strings.Contains(fmt.Sprint(resp.Diagnostics), "a\n") {
			t.Errorf("%q: %v", value, resp.Diagnostics)
		}
	}
}
