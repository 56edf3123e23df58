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
	"github.com/dataconn/terraform-provider-dataconn/internal/omni"
	"github.com/dataconn/terraform-provider-dataconn/internal/omni/inventory"
	"github.com/dataconn/terraform-provider-dataconn/internal/service/omni/base"
)

// provider is the provider's data as the entities of Omni see it.
type provider func() (*inventory.Inventory, diag.Diagnostics)

func (p provider) Omni() (*inventory.Inventory, diag.Diagnostics) { return p() }

// bound is the part that a resource with secrets knows too.
type bound struct {
	provider
	hashing *framework.Hashing
}

func (b bound) Hashing() *framework.Hashing { return b.hashing }

func TestAccess(t *testing.T) {
	t.Parallel()
	access := inventory.New(omni.NewClient(nil, omni.DefaultAPIVersion))
	configured := provider(func() (*inventory.Inventory, diag.Diagnostics) { return access, nil })
	lacking := provider(func() (*inventory.Inventory, diag.Diagnostics) {
		return nil, framework.Unusable(&framework.NotConfiguredError{System: "Omni", Detail: "Set omni.base_url."})
	})
	failing := provider(func() (*inventory.Inventory, diag.Diagnostics) {
		return nil, framework.Unusable(errors.New("out of order"))
	})
	for name, c := range map[string]struct {
		data           any
		want           *inventory.Inventory
		summary, words string
	}{
		"configured":     {configured, access, "", ""},
		"validate only":  {nil, nil, "", ""},
		"not configured": {lacking, nil, "Omni is not configured", "Set omni.base_url."},
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
		if r.Omni != c.want || d.Omni != c.want || a.Omni != c.want {
			t.Errorf("%s: got %v, %v and %v", name, r.Omni, d.Omni, a.Omni)
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
	r.Configure(t.Context(), resource.ConfigureRequest{ProviderData: bound{hashing: hashing, provider: func() (*inventory.Inventory, diag.Diagnostics) { return nil, nil }}}, &resource.ConfigureResponse{})
	if r.Hashing != hashing {
		t.Error("a resource has not the bound of its provider")
	}
}
