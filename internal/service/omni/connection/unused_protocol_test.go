// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	entity "github.com/dataconn/terraform-provider-dataconn/internal/service/omni/connection"
)

// What a dialect cannot have is null in the first plan, and after an apply, a
// refresh and an import as well. What it can have is open until Omni answers.
func TestProtocolUnusedAttributesAreNull(t *testing.T) {
	t.Parallel()
	for dialect := range entity.RequiredByDialect {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			p := protocolProvider(t, omnimock.Start(t, omnimock.Options{}))
			r, config := p.Resource(connectionType), leastOf(dialect)
			plan := r.Plan(config)
			plan.RequireOK(t)
			for name, dialects := range entity.OnlyForDialects {
				cannotHave := dialect != "fabric" && !slices.Contains(dialects, dialect)
				if cannotHave && plan.Value(name) != nil {
					t.Errorf("the plan has %v for %s", plan.Value(name), name)
				}
			}
			r.Apply(config).RequireOK(t)
			p.Restart()
			r.Refresh().RequireNone(t)
			requireEmptyPlan(t, r, config)
			imported := p.Resource(connectionType)
			imported.Import(r.Text("id")).RequireNone(t)
			for name, dialects := range entity.OnlyForDialects {
				if dialect != "fabric" && !slices.Contains(dialects, dialect) && (r.Get(name) != nil || imported.Get(name) != nil) {
					t.Errorf("%s is %v, imported %v", name, r.Get(name), imported.Get(name))
				}
			}
		})
	}
}

// A configuration may repeat the false that Omni returns for every dialect.
func TestProtocolUnusedAttributeMayBeFalse(t *testing.T) {
	t.Parallel()
	p := protocolProvider(t, omnimock.Start(t, omnimock.Options{}))
	r, config := p.Resource(connectionType), leastOf("postgres")
	maps.Copy(config, map[string]any{"accepts_license": false, "include_other_catalogs": []string{}})
	r.Apply(config).RequireOK(t)
	r.Refresh().RequireNone(t)
	requireEmptyPlan(t, r, config)
	delete(config, "accepts_license")
	requireEmptyPlan(t, r, config)
}

// What is unknown until the apply may turn out to be unused, and is judged then.
func TestProtocolUnusedAttributeKnownLater(t *testing.T) {
	t.Parallel()
	p := protocolProvider(t, omnimock.Start(t, omnimock.Options{}))
	of := func(warehouse any) map[string]any {
		return protocol.With(leastOf("postgres"), map[string]any{"warehouse": warehouse, "use_machine_auth": warehouse})
	}
	r := p.Resource(connectionType)
	plan := r.Plan(of(protocol.Unknown))
	plan.RequireNone(t)
	plan.ApplyWith(of(nil)).RequireNone(t)
	r.Refresh().RequireNone(t)
	requireEmptyPlan(t, r, of(nil))
	update := r.Plan(of(protocol.Unknown))
	update.RequireNone(t)
	update.ApplyWith(of(nil)).RequireNone(t)
	requireEmptyPlan(t, r, of(nil))
	r.Plan(protocol.With(of(nil), map[string]any{"warehouse": "w"})).RequireError(t, "at warehouse:", "does not use warehouse")
}
