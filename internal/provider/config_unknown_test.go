// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"strings"
	"testing"

	frameworkprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/framework"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/provider"
)

// What a user has not got yet must not lead to a request to some other place,
// and must not keep the other system from working.
func TestUnknownValues(t *testing.T) {
	t.Parallel()
	p := protocol.New(t, protocol.Options())
	paths := []string{"omni", "reporter"}
	attributePaths("", p.Schemas().Provider.Block.Attributes, func(path string, _ *tfprotov6.SchemaAttribute) {
		paths = append(paths, path)
	})
	for _, path := range paths {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s := omnimock.Start(t, omnimock.Options{})
			// The environment would answer for everything.
			p := withEnvironment(t, environment{
				"OMNI_BASE_URL": s.URL(), "OMNI_API_TOKEN": s.Token(), "OMNI_API_KEY": s.Token(), "OMNI_API_VERSION": "v1",
				"OMNI_MAX_REQUESTS_PER_MINUTE": "100000", "REPORTER_BASE_URL": s.URL(), "REPORTER_PRODUCT_NAME": "p",
			})
			config := attributeOf(path, protocol.Unknown)
			p.ValidateProvider(config).RequireNone(t)
			p.Configure(config).RequireNone(t)
			diags, reporter := listConnections(t, p), importReporter(t, p, "")
			if !strings.HasPrefix(path, "omni") {
				reporter.RequireError(t, "Reporter is not configured", path+" in the provider block is not known yet")
			} else if strings.Contains(reporter.String(), "not configured") {
				t.Errorf("%s", reporter)
			}
			if strings.HasPrefix(path, "reporter") {
				diags.RequireNone(t)
				return
			}
			diags.RequireError(t, "Omni is not configured", path+" in the provider block is not known yet")
			// What needs no server goes on.
			p.Resource("dataconn_omni_connection").Plan(object{"name": "n", "dialect": "exasol", "host": "h", "password": "p"}).RequireNone(t)
			if got := s.CountRequests("", "/api/*/*"); got != 0 {
				t.Errorf("requests were made: %s", requests(s))
			}
		})
	}
}

func TestTwoUnknownValues(t *testing.T) {
	t.Parallel()
	p := protocol.New(t, protocol.Options())
	p.Configure(object{"omni": object{"base_url": protocol.Unknown, "api_token": protocol.Unknown}}).RequireNone(t)
	listConnections(t, p).RequireError(t, "omni.base_url, omni.api_token in the provider block are not known yet: they depend on")
}

// A product that is not known yet is not taken for none, nor for the environment's.
func TestProductNameThatIsNotKnownYet(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config any
		want   any
	}{
		"the block":   {protocol.Unknown, protocol.Unknown},
		"the name":    {object{"product_name": protocol.Unknown}, protocol.Unknown},
		"the address": {object{"base_url": protocol.Unknown}, "p"},
	} {
		p := withEnvironment(t, environment{"REPORTER_PRODUCT_NAME": "p"})
		p.Configure(object{"reporter": c.config}).RequireNone(t)
		plan := p.Resource("dataconn_reporter_connection").Plan(object{
			"config_name": "name", "type": "POSTGRESQL", "host": "h", "port": 1, "database_name": "d", "user_name": "u", "password": "p",
		})
		if plan.RequireOK(t); plan.Value("product_name") != c.want {
			t.Errorf("%s: the product is %v", name, plan.Value("product_name"))
		}
	}
}

// A CLI that can defer is told where a block is not known, as a whole or in part.
func TestUnknownBlocksAreDeferred(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	p := provider.New(protocol.Options())()
	var schema frameworkprovider.SchemaResponse
	p.Schema(ctx, frameworkprovider.SchemaRequest{}, &schema)
	blocks := map[string]tftypes.Object{}
	whole, _ := schema.Schema.Type().TerraformType(ctx).(tftypes.Object)
	for _, name := range []string{"omni", "reporter"} {
		blocks[name], _ = whole.AttributeTypes[name].(tftypes.Object)
	}
	// one has the values of an object that is null but for one attribute.
	one := func(typ tftypes.Object, name string, value any) map[string]tftypes.Value {
		values := map[string]tftypes.Value{}
		for other, attribute := range typ.AttributeTypes {
			values[other] = tftypes.NewValue(attribute, nil)
		}
		values[name] = tftypes.NewValue(typ.AttributeTypes[name], value)
		return values
	}
	isDeferred := func(isAllowed bool, block string, value any) bool {
		var resp frameworkprovider.ConfigureResponse
		p.Configure(ctx, frameworkprovider.ConfigureRequest{
			Config:             tfsdk.Config{Schema: schema.Schema, Raw: tftypes.NewValue(whole, one(whole, block, value))},
			ClientCapabilities: frameworkprovider.ConfigureProviderClientCapabilities{DeferralAllowed: isAllowed},
		}, &resp)
		if resp.Diagnostics.HasError() {
			t.Errorf("%s: %v", block, resp.Diagnostics)
		}
		if framework.HashingOf(resp.ResourceData) == nil {
			t.Errorf("%s: nothing bounds the memory of slow hashes", block)
		}
		return resp.Deferred != nil && resp.Deferred.Reason == frameworkprovider.DeferredReasonProviderConfigUnknown
	}
	for name, typ := range blocks {
		for what, c := range map[string]struct {
			value any
			want  bool
		}{
			"unknown":         {tftypes.UnknownValue, true},
			"unknown in part": {one(typ, "base_url", tftypes.UnknownValue), true},
			"known":           {one(typ, "base_url", "https://a.example.com"), false},
			"absent":          {nil, false},
		} {
			if got := isDeferred(true, name, c.value); got != c.want {
				t.Errorf("%s, %s: deferred is %t", name, what, got)
			}
			if isDeferred(false, name, c.value) {
				t.Errorf("%s, %s: deferred for a CLI that cannot", name, what)
			}
		}
	}
}
