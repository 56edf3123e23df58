// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	listschema "github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

type thing struct {
	ID   types.String `tfsdk:"id"`
	Size types.Int64  `tfsdk:"size"`
}

type thingIdentity struct {
	ID types.String `tfsdk:"id"`
}

type filter struct {
	Name types.String `tfsdk:"name"`
}

// query is a list block with this filter; an empty limit lists nothing.
func query(name any, limit int64, whole bool) list.ListRequest {
	return list.ListRequest{
		Config: tfsdk.Config{
			Schema: listschema.Schema{Attributes: map[string]listschema.Attribute{"name": listschema.StringAttribute{Optional: true}}},
			Raw:    tftypes.NewValue(tftypes.Object{AttributeTypes: map[string]tftypes.Type{"name": tftypes.String}}, map[string]tftypes.Value{"name": tftypes.NewValue(tftypes.String, name)}),
		},
		IncludeResource:        whole,
		Limit:                  limit,
		ResourceSchema:         schema.Schema{Attributes: map[string]schema.Attribute{"id": schema.StringAttribute{Computed: true}, "size": schema.Int64Attribute{Optional: true}}},
		ResourceIdentitySchema: identityschema.Schema{Attributes: map[string]identityschema.Attribute{"id": identityschema.StringAttribute{RequiredForImport: true}}},
	}
}

// things yields those with these ids; an empty one is left out with a warning.
func things(ids ...string) func(filter) iter.Seq[Listed[thing]] {
	return func(filter) iter.Seq[Listed[thing]] {
		return func(yield func(Listed[thing]) bool) {
			for i, id := range ids {
				item := Listed[thing]{Name: "thing " + id, Identity: thingIdentity{types.StringValue(id)}, State: func(blank thing) (thing, diag.Diagnostics) {
					if !blank.ID.IsNull() || !blank.Size.IsNull() {
						return blank, diag.Diagnostics{diag.NewErrorDiagnostic("not blank", "")}
					}
					return thing{types.StringValue(id), types.Int64Value(int64(i))}, nil
				}}
				if id == "" {
					item = NotListed[thing](diag.NewWarningDiagnostic("left out", "it is odd"))
				}
				if !yield(item) {
					return
				}
			}
		}
	}
}

// A warning takes the place of one that cannot be read, and not of a result.
func TestListResults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		ids   []string
		limit int64
		want  []string
	}{
		{[]string{"a", "b", "c"}, 100, []string{"thing a", "thing b", "thing c"}},
		{[]string{"a", "b", "c"}, 2, []string{"thing a", "thing b"}},
		{[]string{"a", "", "c", "d"}, 2, []string{"thing a", "left out", "thing c"}},
		{[]string{"", "", "c"}, 1, []string{"left out", "left out", "thing c"}},
		{[]string{"a"}, 0, nil},
		{nil, 5, nil},
	} {
		for _, whole := range []bool{false, true} {
			var got []string
			for result := range ListResults(t.Context(), query(nil, c.limit, whole), things(c.ids...)) {
				if result.Diagnostics.HasError() {
					t.Fatal(result.Diagnostics)
				}
				if len(result.Diagnostics) > 0 {
					got = append(got, result.Diagnostics[0].Summary())
					continue
				}
				got = append(got, result.DisplayName)
				id := textsOf(result.Identity.Raw)["id"]
				if "thing "+id != result.DisplayName || whole != !result.Resource.Raw.IsNull() {
					t.Errorf("%s has the identity %q and the state %s", result.DisplayName, id, result.Resource.Raw)
				}
				var state thing
				if whole {
					if diags := result.Resource.Get(t.Context(), &state); diags.HasError() || state.ID.ValueString() != id || state.Size.ValueInt64() != int64(slices.Index(c.ids, id)) {
						t.Errorf("%v %v", state, diags)
					}
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q with the limit %d: %q, want %q", c.ids, c.limit, got, c.want)
			}
		}
	}
}

// Who has seen enough is asked no more; the filter reaches what finds.
func TestListResultsStopsAndFilters(t *testing.T) {
	t.Parallel()
	for result := range ListResults(t.Context(), query("x", 5, false), func(f filter) iter.Seq[Listed[thing]] { return things(f.Name.ValueString(), "b")(f) }) {
		if result.DisplayName != "thing x" {
			t.Error(result.DisplayName)
		}
		break
	}
}

func TestListResultsOfWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	type other struct {
		Size types.Bool `tfsdk:"size"`
	}
	type shapeless struct {
		Nothing types.Bool `tfsdk:"nothing"`
	}
	var got []string
	for result := range ListResults(t.Context(), query("x", 5, true), func(other) iter.Seq[Listed[thing]] { panic("not asked") }) {
		got = append(got, fmt.Sprint(result.Diagnostics.HasError()))
	}
	for result := range ListResults(t.Context(), query("x", 5, true), func(filter) iter.Seq[Listed[shapeless]] {
		return slices.Values([]Listed[shapeless]{{Identity: thingIdentity{types.StringValue("a")}, State: func(shapeless) (shapeless, diag.Diagnostics) { panic("not completed") }}})
	}) {
		got = append(got, fmt.Sprint(result.Diagnostics.HasError()))
	}
	if !slices.Equal(got, []string{"true", "true"}) {
		t.Errorf("%v", got)
	}
}

// Where all are found at once, what goes wrong takes the place of all.
func TestListFound(t *testing.T) {
	t.Parallel()
	for _, err := range []error{nil, errors.New("no right")} {
		var names, problems []string
		attempt := Attempt{Action: "list", Object: "things"}
		for result := range ListFound(t.Context(), query(nil, 100, true), attempt, func(filter) ([]Listed[thing], error) {
			return slices.Collect(things("a", "b")(filter{})), err
		}) {
			if result.Diagnostics.HasError() {
				problems = append(problems, result.Diagnostics[0].Summary()+result.Diagnostics[0].Detail())
			} else {
				names = append(names, result.DisplayName)
			}
		}
		if err == nil && (len(names) != 2 || len(problems) != 0) {
			t.Errorf("%v %v", names, problems)
		}
		if err != nil && (len(names) != 0 || len(problems) != 1 || !strings.Contains(problems[0], "Cannot list things") || !strings.Contains(problems[0], "no right")) {
			t.Errorf("%v %v", names, problems)
		}
	}
}
