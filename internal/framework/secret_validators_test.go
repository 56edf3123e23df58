// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package framework

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// A version is for a write-only value that is there, or not known yet.
func TestVersionNeedsAValue(t *testing.T) {
	t.Parallel()
	p := places["top level"]
	check := needsValue{p.secret}
	if want := "only with " + p.secret.Name + "_wo"; check.Description(t.Context()) != want || check.MarkdownDescription(t.Context()) != want {
		t.Errorf("it says %q", check.Description(t.Context()))
	}
	for name, c := range map[string]struct {
		form   secretForm
		errors bool
	}{
		"with a value":           {secretForm{writeOnly: "x", version: 1}, false},
		"with an unknown value":  {secretForm{writeOnly: tftypes.UnknownValue, version: 1}, false},
		"without a value":        {secretForm{version: 1}, true},
		"neither":                {secretForm{}, false},
		"a value and no version": {secretForm{writeOnly: "x"}, false},
	} {
		config := tfsdk.Config{Schema: p.schema, Raw: p.wrap(c.form.value())}
		at := path.Root(p.secret.Name + "_wo_version")
		var version types.Int64
		if diags := config.GetAttribute(t.Context(), at, &version); diags.HasError() {
			t.Fatal(diags)
		}
		var resp validator.Int64Response
		check.ValidateInt64(t.Context(), validator.Int64Request{Path: at, Config: config, ConfigValue: version}, &resp)
		if isRefused := resp.Diagnostics.HasError(); isRefused != c.errors || isRefused && !strings.Contains(resp.Diagnostics[0].Summary(), "No value for "+p.secret.Name+"_wo") {
			t.Errorf("%s: %v", name, resp.Diagnostics)
		}
	}
}
