// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package base_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/reporter/base"
)

// provider is the provider's data as the entities of Reporter see it.
type provider func() (*base.Reporter, diag.Diagnostics)

func (p provider) Reporter() (*base.Reporter, diag.Diagnostics) { return p() }

// bound is the part that a resource with secrets knows too.
type bound struct {
	provider
	hashing *framework.Hashing
}

func (b bound) Hashing() *framework.Hashing { return b.hashing }

func TestAccess(t *testing.T) {
	t.Parallel()
	access := &base.Reporter{ProductName: "product"}
	configured := provider(func() (*base.Reporter, diag.Diagnostics) { return access, nil })
	lacking := provider(func() (*base.Reporter, diag.Diagnostics) {
		return nil, framework.Unusable(&framework.NotConfiguredError{System: "Reporter", Detail: "Set reporter.base_url."})
	})
	failing := provider(func() (*base.Reporter, diag.Diagnostics) { return nil, framework.Unusable(errors.New("out of order")) })
	for name, c := range map[string]struct {
		data           any
		want           *base.Reporter
		summary, words string
	}{
		"configured":     {configured, access, "", ""},
		"validate only":  {nil, nil, "", ""},
		"not configured": {lacking, nil, "Reporter is not configured", "Set reporter.base_url."},
		"failing":        {failing, nil, "A system is not configured", "out of order"},
		"another type":   {"text", nil, "Unexpected provider data", "string"},
	} {
		var r base.Resource
		resourceResp := &resource.ConfigureResponse{}
		r.Configure(t.Context(), resource.ConfigureRequest{ProviderData: c.data}, resourceResp)
		var d base.DataSource
		dataSourceResp := &datasource.ConfigureResponse{}
		d.Configure(t.Context(), datasource.ConfigureRequest{ProviderData: c.data}, dataSourceResp)
		var a base.Action
		actionResp := &action.ConfigureResponse{}
		a.Configure(t.Context(), action.ConfigureRequest{ProviderData: c.data}, actionResp)
		if r.Reporter != c.want || d.Reporter != c.want || a.Reporter != c.want {
			t.Errorf("%s: got %v, %v and %v", name, r.Reporter, d.Reporter, a.Reporter)
		}
		for _, diags := range []diag.Diagnostics{resourceResp.Diagnostics, dataSourceResp.Diagnostics, actionResp.Diagnostics} {
			if diags.HasError() != (c.words != "") || diags.HasError() && (diags[0].Summary() != c.summary || !strings.Contains(diags[0].Detail(), c.words)) {
				t.Errorf("%s: %v", name, diags)
			}
		}
	}
}

func TestHashing(t *testing.T) {
	t.Parallel()
	hashing := framework.NewHashing()
	var r base.Resource
	r.Configure(t.Context(), resource.ConfigureRequest{ProviderData: bound{hashing: hashing, provider: func() (*base.Reporter, diag.Diagnostics) { return nil, nil }}}, &resource.ConfigureResponse{})
	if r.Hashing != hashing {
		t.Error("a resource has not the bound of its provider")
	}
}
