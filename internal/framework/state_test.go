// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	dsschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/dataconn/terraform-provider-dataconn/internal/httpclient"
)

// This file tests what changes a state besides the server's values: KeepPlanned
// and the adoption of imported settings.

var stateSchema = schema.Schema{Attributes: map[string]schema.Attribute{
	"name":    schema.StringAttribute{Required: true},
	"host":    schema.StringAttribute{Optional: true, Computed: true},
	"schemas": schema.SetAttribute{ElementType: types.StringType, Optional: true, Computed: true},
	"port":    schema.Int64Attribute{Optional: true, Computed: true},
}}

type fields struct{ name, host, schemas, port any }

func (f fields) value() tftypes.Value {
	list := tftypes.Set{ElementType: tftypes.String}
	schemas := f.schemas
	if texts, ok := schemas.([]string); ok {
		elements := make([]tftypes.Value, len(texts))
		for i, s := range texts {
			elements[i] = tftypes.NewValue(tftypes.String, s)
		}
		schemas = elements
	}
	return tftypes.NewValue(tftypes.Object{AttributeTypes: map[string]tftypes.Type{"name": tftypes.String, "host": tftypes.String, "schemas": list, "port": tftypes.Number}},
		map[string]tftypes.Value{
			"name": tftypes.NewValue(tftypes.String, f.name), "host": tftypes.NewValue(tftypes.String, f.host),
			"schemas": tftypes.NewValue(list, schemas), "port": tftypes.NewValue(tftypes.Number, f.port),
		})
}

func TestKeepPlanned(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config, plan, got, want fields
		warnings                []string // attributes and the values that the server has
	}{
		"as planned": {
			fields{name: "n", host: "h"}, fields{name: "n", host: "h", port: unknown}, fields{name: "n", host: "h", port: 1}, fields{name: "n", host: "h", port: 1}, nil,
		},
		"another configured value": {
			fields{name: "n", host: "h"}, fields{name: "n", host: "h"}, fields{name: "n", host: "H.example.com"}, fields{name: "n", host: "h"}, []string{"host", `"H.example.com"`},
		},
		"a configured value is gone": {
			fields{name: "n", host: "h"}, fields{name: "n", host: "h"}, fields{name: "n"}, fields{name: "n", host: "h"}, []string{"host", "none"},
		},
		"a set with other elements": {
			fields{name: "n", schemas: []string{"a"}}, fields{name: "n", schemas: []string{"a"}}, fields{name: "n", schemas: []string{"a", "b"}}, fields{name: "n", schemas: []string{"a"}}, []string{"schemas", `(["a", "b"])`},
		},
		"another number": {
			fields{name: "n", port: 1}, fields{name: "n", port: 1}, fields{name: "n", port: 65535}, fields{name: "n", port: 1}, []string{"port", "(65535)"},
		},
		"the same set": {
			fields{name: "n", schemas: []string{"a", "b"}}, fields{name: "n", schemas: []string{"a", "b"}}, fields{name: "n", schemas: []string{"b", "a"}}, fields{name: "n", schemas: []string{"a", "b"}}, nil,
		},
		"a kept value changed meanwhile": { // planned from the state, not configured: silent, the refresh will show it
			fields{name: "n"}, fields{name: "n", port: 1}, fields{name: "n", port: 2}, fields{name: "n", port: 1}, nil,
		},
		"what was unknown": {
			fields{name: "n"}, fields{name: "n", host: unknown, schemas: unknown, port: unknown}, fields{name: "n", host: "h", schemas: []string{"a"}}, fields{name: "n", host: "h", schemas: []string{"a"}}, nil,
		},
	} {
		state := tfsdk.State{Schema: stateSchema, Raw: c.got.value()}
		diags := KeepPlanned(t.Context(), tfsdk.Config{Schema: stateSchema, Raw: c.config.value()}, tfsdk.Plan{Schema: stateSchema, Raw: c.plan.value()}, &state, "thing 1")
		if !state.Raw.Equal(c.want.value()) {
			t.Errorf("%s: the state is %s", name, state.Raw)
		}
		if diags.HasError() || len(diags) != len(c.warnings)/2 {
			t.Errorf("%s: %v", name, diags)
			continue
		}
		if len(diags) == 1 {
			d := diags[0].(diag.DiagnosticWithPath)
			if d.Path().String() != c.warnings[0] || !strings.Contains(d.Detail(), c.warnings[1]) || !strings.Contains(d.Summary(), "thing 1") {
				t.Errorf("%s: %v", name, d)
			}
		}
	}
}

// A plan of a create has no state; its model is empty.
func TestDecodePlan(t *testing.T) {
	t.Parallel()
	type model struct {
		Name    types.String `tfsdk:"name"`
		Host    types.String `tfsdk:"host"`
		Schemas types.Set    `tfsdk:"schemas"`
		Port    types.Int64  `tfsdk:"port"`
	}
	value := func(name string) tftypes.Value { return fields{name: name}.value() }
	for prior, raw := range map[string]tftypes.Value{"": tftypes.NewValue(value("").Type(), nil), "s": value("s")} {
		var diags diag.Diagnostics
		config, plan, state := DecodePlan[model](t.Context(), resource.ModifyPlanRequest{
			Config: tfsdk.Config{Schema: stateSchema, Raw: value("c")}, Plan: tfsdk.Plan{Schema: stateSchema, Raw: value("p")}, State: tfsdk.State{Schema: stateSchema, Raw: raw},
		}, &diags)
		if diags.HasError() || config.Name.ValueString() != "c" || plan.Name.ValueString() != "p" || state.Name.ValueString() != prior {
			t.Errorf("%s, %s, %s (%v)", config.Name, plan.Name, state.Name, diags)
		}
	}
}

// damaged is a private state that cannot be read.
type damaged struct{ private }

func (damaged) GetKey(context.Context, string) ([]byte, diag.Diagnostics) {
	return nil, diag.Diagnostics{diag.NewErrorDiagnostic("damaged", "")}
}

// What cannot be read of the private state is an error, whatever it is read for.
func TestDamagedPrivateState(t *testing.T) {
	t.Parallel()
	p, kept := places["top level"], damaged{private{}}
	raw := p.wrap(secretForm{plain: "a"}.value())
	config, plan := tfsdk.Config{Schema: p.schema, Raw: raw}, tfsdk.Plan{Schema: p.schema, Raw: raw}
	_, unread := Unread(t.Context(), kept)
	_, isUnconfirmed := IsUnconfirmed(t.Context(), kept)
	_, change := p.secret.Change(t.Context(), config, plan, tfsdk.State{}, kept)
	_, planned := planSecrets(t.Context(), resource.ModifyPlanRequest{Config: config, Plan: plan}, kept, nil)
	_, applied := plannedSecrets(t.Context(), resource.UpdateRequest{Config: config, Plan: plan}, kept, nil)
	for what, diags := range map[string]diag.Diagnostics{
		"what is unread": unread, "a note of that": NoteUnread(t.Context(), kept, kept, nil), "adoption": Adopted(t.Context(), kept, nil),
		"whether it is confirmed": isUnconfirmed, "a secret": change, "a plan": planned, "an apply": applied,
	} {
		if !diags.HasError() {
			t.Errorf("%s: %v", what, diags)
		}
	}
}

// What an update was to change is not claimed any more where it may have been carried
// out; what the server refused is.
func TestForgetWritten(t *testing.T) {
	t.Parallel()
	prior := fields{name: "n", host: "h", schemas: []string{"a"}, port: 1}
	for name, c := range map[string]struct {
		err        error
		plan, want fields
	}{
		"may be done": {&httpclient.Error{MayBeDone: true}, fields{name: "m", host: "other", schemas: []string{"a"}, port: 1}, fields{name: "n", schemas: []string{"a"}, port: 1}},
		"unknown":     {&httpclient.Error{MayBeDone: true}, fields{name: "n", host: unknown, schemas: []string{"b"}, port: 2}, fields{name: "n", host: "h", port: 1}},
		"refused":     {&httpclient.Error{Status: 403}, fields{name: "n", host: "other", schemas: []string{"b"}, port: 2}, prior},
	} {
		state := tfsdk.State{Schema: stateSchema, Raw: prior.value()}
		ForgetWritten(c.err, tfsdk.Plan{Schema: stateSchema, Raw: c.plan.value()}, &state, "host", "schemas")
		if !state.Raw.Equal(c.want.value()) {
			t.Errorf("%s: the state is %s", name, state.Raw)
		}
	}
}

// What is always sent whole lacks one attribute where the server may have changed it.
func TestForgetWhole(t *testing.T) {
	t.Parallel()
	prior := fields{name: "n", host: "h", port: 1}
	for _, c := range []struct {
		err  error
		want fields
	}{
		{&httpclient.Error{MayBeDone: true}, fields{name: "n", port: 1}},
		{&httpclient.Error{Status: 403}, prior},
	} {
		state := tfsdk.State{Schema: stateSchema, Raw: prior.value()}
		if diags := ForgetWhole(t.Context(), c.err, &state, "host"); diags.HasError() || !state.Raw.Equal(c.want.value()) {
			t.Errorf("%v: the state is %s (%v)", c.err, state.Raw, diags)
		}
	}
}

// What a create could not complete is off the server and out of the state, even after
// a cancel; what cannot be removed stays.
func TestUndo(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, failure := range []error{nil, errors.New("refused")} {
		resp := &resource.CreateResponse{State: tfsdk.State{Schema: stateSchema, Raw: fields{name: "n"}.value()}}
		err := Undo(ctx, resp, func(ctx context.Context) error { return errors.Join(ctx.Err(), failure) })
		if !errors.Is(err, failure) || resp.State.Raw.IsNull() != (failure == nil) {
			t.Errorf("%v: %v, the state is %s", failure, err, resp.State.Raw)
		}
	}
}

func TestAdoption(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	kept := private{}
	check := func(what string, diags diag.Diagnostics, want ...string) {
		t.Helper()
		unread, unreadDiags := Unread(ctx, kept)
		diags.Append(unreadDiags...)
		if diags.HasError() || !slices.Equal(unread, want) {
			t.Errorf("%s: %v, %v", what, unread, diags)
		}
	}
	// One that was created here is read whole: what an older server leaves out
	// is known from the configuration.
	check("a read without an import", NoteUnread(ctx, kept, kept, []string{"host", "port"}))
	if len(kept) != 0 {
		t.Errorf("something is kept: %v", kept)
	}
	check("the import", MarkImported(ctx, kept))
	check("its read", NoteUnread(ctx, kept, kept, []string{"host", "port", "wifAudience"}), "host", "port", "wifAudience")
	check("the next read", NoteUnread(ctx, kept, kept, []string{"host", "port", "wifAudience"}), "host", "port", "wifAudience")
	check("a read that shows more", NoteUnread(ctx, kept, kept, []string{"port", "wifAudience"}), "port", "wifAudience")
	check("a read that shows less again", NoteUnread(ctx, kept, kept, []string{"host", "port", "wifAudience"}), "port", "wifAudience")
	check("nothing adopted", Adopted(ctx, kept, nil), "port", "wifAudience")
	check("one adopted", Adopted(ctx, kept, []string{"port"}), "wifAudience")
	check("the last", Adopted(ctx, kept, []string{"wifAudience"}))
	if len(kept) != 0 {
		t.Errorf("something is kept: %v", kept)
	}
	check("an import of which all is read", MarkImported(ctx, kept))
	check("its read", NoteUnread(ctx, kept, kept, nil))
	for _, damaged := range []string{`{}`, `"text"`, `[1]`, `nu`} {
		kept[unreadKey] = []byte(damaged)
		check("damaged: "+damaged, nil)
	}
}

func TestAdoptionWarning(t *testing.T) {
	t.Parallel()
	d := AdoptionWarning("thing 1", []string{"host", "wif_audience"}).(diag.DiagnosticWithPath)
	if d.Severity() != diag.SeverityWarning || d.Path().String() != "host" || !strings.Contains(d.Detail(), "host, wif_audience of thing 1") {
		t.Errorf("%v", d)
	}
}

func TestComputedAttributes(t *testing.T) {
	t.Parallel()
	computed := ComputedAttributes(map[string]schema.Attribute{
		"text":   schema.StringAttribute{MarkdownDescription: "Text. Note.", Required: true},
		"number": schema.Int64Attribute{MarkdownDescription: "Number. Note.", Optional: true, Computed: true},
		"truth":  schema.BoolAttribute{MarkdownDescription: "Truth.", Optional: true},
		"texts":  schema.SetAttribute{MarkdownDescription: "Texts.", ElementType: types.StringType, Optional: true},
	}, func(d string) string { return strings.TrimSuffix(d, " Note.") })
	for name, want := range map[string]string{"text": "Text.", "number": "Number.", "truth": "Truth.", "texts": "Texts."} {
		a := computed[name]
		if a == nil || !a.IsComputed() || a.IsOptional() || a.IsRequired() || a.GetMarkdownDescription() != want {
			t.Errorf("%s: %+v", name, a)
		}
	}
	if set, ok := computed["texts"].(dsschema.SetAttribute); !ok || set.ElementType != types.StringType {
		t.Errorf("texts: %+v", computed["texts"])
	}
	defer func() {
		if recover() == nil {
			t.Error("an attribute of another kind vanishes")
		}
	}()
	ComputedAttributes(map[string]schema.Attribute{"odd": schema.Float64Attribute{}}, func(d string) string { return d })
}
