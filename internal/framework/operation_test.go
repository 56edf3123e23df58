// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	actiontimeouts "github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	actionschema "github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

const (
	firstID  = "550e8400-e29b-41d4-a716-446655440001"
	secondID = "550e8400-e29b-41d4-a716-446655440002"
	thirdID  = "550e8400-e29b-41d4-a716-446655440003"
)

var (
	alone = ImportForm{"id"}
	pair  = ImportForm{"connection_id", "id"}
	three = ImportForm{"base_connection_id", "connection_id", "id"}
)

// importing runs an import and returns the ids that state and identity have.
func importing(t *testing.T, text string, identity map[string]string, run func(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse)) (map[string]string, diag.Diagnostics) {
	t.Helper()
	attributes, identityAttributes := map[string]schema.Attribute{}, map[string]identityschema.Attribute{}
	object := tftypes.Object{AttributeTypes: map[string]tftypes.Type{}}
	given := map[string]tftypes.Value{}
	for _, name := range three {
		attributes[name] = schema.StringAttribute{Optional: true}
		identityAttributes[name] = identityschema.StringAttribute{OptionalForImport: true}
		object.AttributeTypes[name] = tftypes.String
		given[name] = tftypes.NewValue(tftypes.String, nil)
		if text, ok := identity[name]; ok {
			given[name] = tftypes.NewValue(tftypes.String, text)
		}
	}
	req := resource.ImportStateRequest{ID: text, Identity: &tfsdk.ResourceIdentity{Schema: identityschema.Schema{Attributes: identityAttributes}, Raw: tftypes.NewValue(object, nil)}}
	if identity != nil {
		req.Identity.Raw = tftypes.NewValue(object, given)
	}
	resp := &resource.ImportStateResponse{
		State:    tfsdk.State{Schema: schema.Schema{Attributes: attributes}, Raw: tftypes.NewValue(object, nil)},
		Identity: &tfsdk.ResourceIdentity{Schema: identityschema.Schema{Attributes: identityAttributes}, Raw: tftypes.NewValue(object, nil)},
	}
	run(t.Context(), req, resp)
	got := textsOf(resp.State.Raw)
	if inIdentity := textsOf(resp.Identity.Raw); !maps.Equal(got, inIdentity) {
		t.Errorf("%q: the state has %v and the identity %v", text, got, inIdentity)
	}
	return got, resp.Diagnostics
}

// isAt reports whether a diagnostic is on an attribute.
func isAt(d diag.Diagnostic, attribute string) bool {
	at, ok := d.(diag.DiagnosticWithPath)
	return ok && at.Path().Equal(path.Root(attribute))
}

func textsOf(object tftypes.Value) map[string]string {
	texts := map[string]string{}
	for name, value := range attributesOf(object) {
		if text := stringOf(value); !text.IsNull() {
			texts[name] = text.ValueString()
		}
	}
	return texts
}

func TestImportByIDs(t *testing.T) {
	t.Parallel()
	all := map[string]string{"base_connection_id": firstID, "connection_id": secondID, "id": thirdID}
	for name, c := range map[string]struct {
		text     string
		identity map[string]string
		forms    []ImportForm
		want     map[string]string
		words    string
	}{
		"two":               {firstID + "/" + secondID, nil, []ImportForm{pair}, map[string]string{"connection_id": firstID, "id": secondID}, ""},
		"two in capitals":   {strings.ToUpper(firstID) + "/" + secondID, nil, []ImportForm{pair}, map[string]string{"connection_id": firstID, "id": secondID}, ""},
		"with spaces":       {firstID + " / " + secondID + " ", nil, []ImportForm{pair}, map[string]string{"connection_id": firstID, "id": secondID}, ""},
		"the shorter form":  {strings.ToUpper(firstID), nil, []ImportForm{alone, three}, map[string]string{"id": firstID}, ""},
		"the longer form":   {firstID + " / " + secondID + " / " + thirdID, nil, []ImportForm{alone, three}, all, ""},
		"an identity":       {"", map[string]string{"base_connection_id": strings.ToUpper(firstID), "connection_id": secondID, "id": thirdID}, []ImportForm{alone, three}, all, ""},
		"part of identity":  {"", map[string]string{"id": thirdID}, []ImportForm{alone, three}, map[string]string{"id": thirdID}, ""},
		"an odd identity":   {"", map[string]string{"id": "x"}, []ImportForm{alone, three}, nil, "import by <id> or by <base connection id>/<connection id>/<id>"},
		"one of two":        {secondID, nil, []ImportForm{pair}, nil, "is not <connection id>/<id>"},
		"neither":           {firstID + "/" + secondID, nil, []ImportForm{alone, three}, nil, "is neither <id> nor <base connection id>/<connection id>/<id>"},
		"nothing":           {"", nil, []ImportForm{pair}, nil, "is not <connection id>/<id>"},
		"empty parts":       {"/", nil, []ImportForm{pair}, nil, "import by <connection id>/<id>"},
		"an empty part":     {firstID + "/", nil, []ImportForm{pair}, nil, "import by <connection id>/<id>"},
		"a part too much":   {firstID + "/" + secondID + "/", nil, []ImportForm{pair}, nil, "is not <connection id>/<id>"},
		"a path":            {"../" + secondID, nil, []ImportForm{pair}, nil, "import by <connection id>/<id>"},
		"not an id":         {firstID + "/x", nil, []ImportForm{pair}, nil, "import by <connection id>/<id>"},
		"a comma":           {firstID + "," + secondID, nil, []ImportForm{alone, three}, nil, "<base connection id>/<connection id>/<id>"},
		"a middle one lost": {firstID + "//" + thirdID, nil, []ImportForm{alone, three}, nil, "<base connection id>/<connection id>/<id>"},
	} {
		got, diags := importing(t, c.text, c.identity, func(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
			ImportByIDs(ctx, req, resp, c.forms...)
		})
		if !maps.Equal(got, c.want) || diags.HasError() != (c.words != "") {
			t.Errorf("%s: %v, %v", name, got, diags)
		}
		if c.words != "" && diags.HasError() && (diags[0].Summary() != "Invalid import id" || !strings.Contains(diags[0].Detail(), c.words) || !isAt(diags[0], "id")) {
			t.Errorf("%s: %v", name, diags)
		}
	}
}

func FuzzSplitImport(f *testing.F) {
	for _, seed := range []string{firstID, firstID + "/" + secondID, firstID + "/" + secondID + "/" + thirdID, "", "/", "a/b", "//", "a/b/c/d", "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		given, err := splitImport(text, []ImportForm{alone, pair, three})
		if parts := strings.Count(text, "/") + 1; (err == nil) != (parts <= 3) || err == nil && len(given) != parts {
			t.Fatalf("%q became %v, %v", text, given, err)
		}
	})
}

func TestImportByID(t *testing.T) {
	t.Parallel()
	run := func(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
		ImportByID(ctx, req, resp, "connection_id", "Look at the URL.")
	}
	for _, c := range []struct {
		text     string
		identity map[string]string
	}{{" " + strings.ToUpper(firstID) + "\n", nil}, {"", map[string]string{"connection_id": firstID}}} {
		if got, diags := importing(t, c.text, c.identity, run); len(diags) > 0 || !maps.Equal(got, map[string]string{"connection_id": firstID}) {
			t.Errorf("%q: %v, %v", c.text, got, diags)
		}
	}
	got, diags := importing(t, "x", nil, run)
	if !diags.HasError() || len(got) > 0 || !strings.Contains(diags[0].Detail(), "Look at the URL.") || !isAt(diags[0], "connection_id") {
		t.Errorf("%v, %v", got, diags)
	}
}

func TestImportByIDOrName(t *testing.T) {
	t.Parallel()
	run := func(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
		ImportByIDOrName(ctx, req, resp, Attempt{Action: "import", Object: "thing"}, func(_ context.Context, name string) (string, error) {
			if name != "a name" {
				return "", errors.New("no thing has this name")
			}
			return secondID, nil
		})
	}
	for text, want := range map[string]string{firstID: firstID, " a name ": secondID} {
		if got, diags := importing(t, text, nil, run); len(diags) > 0 || !maps.Equal(got, map[string]string{"id": want}) {
			t.Errorf("%q: %v, %v", text, got, diags)
		}
	}
	if got, diags := importing(t, "other", nil, run); len(got) > 0 || len(diags) != 1 || diags[0].Summary() != `Cannot import thing "other"` || !strings.Contains(diags[0].Detail(), "no thing has this name") || !isAt(diags[0], "id") {
		t.Errorf("%v, %v", got, diags)
	}
	// An identity is an id, never a name.
	if got, diags := importing(t, "", map[string]string{"id": "a name"}, run); len(got) > 0 || !diags.HasError() || !strings.Contains(diags[0].Detail(), "is not an id") {
		t.Errorf("%v, %v", got, diags)
	}
}

// textAttribute is an attribute of a text, of a resource or of an action.
type textAttribute interface {
	GetMarkdownDescription() string
	StringValidators() []validator.String
}

type timedModel struct {
	ID types.String `tfsdk:"id"`
	Timed
}

func TestBegin(t *testing.T) {
	t.Parallel()
	timeout := Timeouts(t.Context())
	typ, ok := timeout.GetType().(timeouts.Type)
	if !ok {
		t.Fatalf("%T", timeout.GetType())
	}
	planned := tfsdk.Plan{Schema: schema.Schema{Attributes: map[string]schema.Attribute{"id": schema.StringAttribute{Required: true}, "timeouts": timeout}}}
	set := func(create attr.Value) diag.Diagnostics {
		limits := map[string]attr.Value{"create": create, "read": types.StringNull(), "update": types.StringNull(), "delete": types.StringNull()}
		return planned.Set(t.Context(), timedModel{ID: types.StringValue("1"), Timed: Timed{timeouts.Value{Object: types.ObjectValueMust(typ.AttrTypes, limits)}}})
	}
	for text, c := range map[string]struct {
		value attr.Value
		want  time.Duration
	}{
		"configured": {types.StringValue("90s"), 90 * time.Second},
		"default":    {types.StringNull(), defaultTimeout},
	} {
		if diags := set(c.value); diags.HasError() {
			t.Fatal(diags)
		}
		var diags diag.Diagnostics
		before := time.Now()
		got, ctx, end := Begin[timedModel](t.Context(), planned, timeouts.Value.Create, &diags)
		deadline, ok := ctx.Deadline()
		if diags.HasError() || got.ID.ValueString() != "1" || !ok || deadline.Before(before.Add(c.want)) || deadline.After(time.Now().Add(c.want)) {
			t.Errorf("%s: %v, until %v, %v", text, got, deadline, diags)
		}
		end()
		if ctx.Err() == nil {
			t.Errorf("%s: the end ends nothing", text)
		}
	}
	if diags := set(types.StringValue("soon")); diags.HasError() {
		t.Fatal(diags)
	}
	var diags diag.Diagnostics
	_, _, end := Begin[timedModel](t.Context(), planned, timeouts.Value.Create, &diags)
	end()
	if !diags.HasError() {
		t.Error("a timeout that is no duration is taken")
	}
	diags = nil
	_, ctx, end := Begin[timedModel](t.Context(), tfsdk.Plan{Schema: planned.Schema, Raw: tftypes.NewValue(tftypes.String, "x")}, timeouts.Value.Create, &diags)
	end()
	if !diags.HasError() || ctx == nil {
		t.Error("a plan that cannot be read is no error")
	}
	if _, isBounded := ctx.Deadline(); isBounded || len(diags) != 1 {
		t.Errorf("what cannot be read is bounded: %v", diags)
	}
}

func TestBeginAction(t *testing.T) {
	t.Parallel()
	type timedAction struct{ TimedAction }
	timeout := ActionTimeouts(t.Context())
	object := timeout.GetType().TerraformType(t.Context())
	whole := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"timeouts": object}}
	config := tfsdk.Config{
		Schema: actionschema.Schema{Attributes: map[string]actionschema.Attribute{"timeouts": timeout}},
		Raw: tftypes.NewValue(whole, map[string]tftypes.Value{
			"timeouts": tftypes.NewValue(object, map[string]tftypes.Value{"invoke": tftypes.NewValue(tftypes.String, "90s")}),
		}),
	}
	var diags diag.Diagnostics
	_, ctx, end := Begin[timedAction](t.Context(), config, actiontimeouts.Value.Invoke, &diags)
	defer end()
	if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > 90*time.Second || diags.HasError() {
		t.Errorf("until %v, %v", deadline, diags)
	}
}

// Each timeout is described, and takes a duration longer than 0 only.
func TestTimeoutsAreDurations(t *testing.T) {
	t.Parallel()
	attributes := map[string]textAttribute{}
	if nested, ok := Timeouts(t.Context()).(schema.SingleNestedAttribute); ok {
		for name, a := range nested.Attributes {
			attributes[name], _ = a.(textAttribute)
		}
	}
	if nested, ok := ActionTimeouts(t.Context()).(actionschema.SingleNestedAttribute); ok {
		for name, a := range nested.Attributes {
			attributes[name], _ = a.(textAttribute)
		}
	}
	if got := slices.Sorted(maps.Keys(attributes)); !slices.Equal(got, []string{"create", "delete", "invoke", "read", "update"}) {
		t.Errorf("the timeouts are %q", got)
	}
	for name, a := range attributes {
		what := map[bool]string{true: "action", false: "operation"}[name == "invoke"]
		if got := a.GetMarkdownDescription(); !strings.HasPrefix(got, "How long the "+what+" may take in all") {
			t.Errorf("%s: %s", name, got)
		}
		for value, isTaken := range map[string]bool{"90s": true, "1h30m": true, "0s": false, "-1s": false, "soon": false, "90": false} {
			resp := &validator.StringResponse{}
			for _, v := range a.StringValidators() {
				v.ValidateString(t.Context(), validator.StringRequest{Path: path.Root(name), ConfigValue: types.StringValue(value)}, resp)
			}
			if resp.Diagnostics.HasError() == isTaken {
				t.Errorf("%s = %q: %v", name, value, resp.Diagnostics)
			}
		}
	}
}

// goneAfterRead is what Gone makes of a state with this name.
func goneAfterRead(t *testing.T, name any) *resource.ReadResponse {
	t.Helper()
	whole := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"id": tftypes.String, "name": tftypes.String, "flag": tftypes.Bool, "timeouts": tftypes.String}}
	identity := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"id": tftypes.String}}
	resp := &resource.ReadResponse{
		State: tfsdk.State{
			Schema: schema.Schema{Attributes: map[string]schema.Attribute{
				"id": schema.StringAttribute{Computed: true}, "name": schema.StringAttribute{Required: true}, "flag": schema.BoolAttribute{Optional: true}, "timeouts": schema.StringAttribute{Optional: true},
			}},
			Raw: tftypes.NewValue(whole, map[string]tftypes.Value{
				"id": tftypes.NewValue(tftypes.String, "1"), "name": tftypes.NewValue(tftypes.String, name), "flag": tftypes.NewValue(tftypes.Bool, true), "timeouts": tftypes.NewValue(tftypes.String, "1m"),
			}),
		},
		Identity: &tfsdk.ResourceIdentity{Schema: identityschema.Schema{Attributes: map[string]identityschema.Attribute{"id": identityschema.StringAttribute{RequiredForImport: true}}}, Raw: tftypes.NewValue(identity, nil)},
	}
	Gone(t.Context(), resp, thingIdentity{types.StringValue("1")}, "A thing", "Why.")
	return resp
}

// What is gone leaves the state, and keeps its identity: the framework wants one.
func TestGone(t *testing.T) {
	t.Parallel()
	resp := goneAfterRead(t, "n")
	if !resp.State.Raw.IsNull() || textsOf(resp.Identity.Raw)["id"] != "1" {
		t.Errorf("%v %v", resp.State.Raw, resp.Identity.Raw)
	}
	if d := resp.Diagnostics; len(d) != 1 || d[0].Severity() != diag.SeverityWarning || d[0].Summary() != "A thing is gone" || d[0].Detail() != "Why." {
		t.Errorf("%v", d)
	}
}

// Where the state has no more than what identifies, the read is an import's, which
// found nothing.
func TestGoneAtImport(t *testing.T) {
	t.Parallel()
	resp := goneAfterRead(t, nil)
	if d := resp.Diagnostics; len(d) != 1 || d[0].Severity() != diag.SeverityError || d[0].Summary() != "Nothing to import: there is no thing with id 1" || resp.State.Raw.IsNull() {
		t.Errorf("%v %v", d, resp.State.Raw)
	}
}
