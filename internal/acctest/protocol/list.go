// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package protocol

import (
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Listed is one object that a query found.
type Listed struct {
	Name     string         // as it is shown
	Identity map[string]any // what an import takes
	State    map[string]any // nil where it was not asked for
}

// QueryLimit is core's limit where a list block sets none.
const QueryLimit = 100

// Query validates a list block and asks for its results, whole states included
// where withState. It reads on until the provider's stream ends, further than
// core would, and fails the test where the provider breaks core's rules: more
// results than the limit, a result without an identity, a state that could be
// none.
func (p *Provider) Query(typeName string, config map[string]any, limit int64, withState bool) ([]Listed, Diagnostics) {
	p.t.Helper()
	schema, ok := p.schemas.ListResourceSchemas[typeName]
	if !ok {
		p.t.Fatalf("the provider has no list resource %s", typeName)
	}
	server, ok := p.server.(tfprotov6.ListResourceServer)
	if !ok {
		p.t.Fatalf("%T cannot list", p.server)
	}
	value := p.dynamic(p.object(schema, config))
	valid, err := server.ValidateListResourceConfig(p.context(), &tfprotov6.ValidateListResourceConfigRequest{
		TypeName: typeName, Config: value,
		IncludeResourceObject: p.dynamic(tftypes.NewValue(tftypes.Bool, withState)),
		Limit:                 p.dynamic(tftypes.NewValue(tftypes.Number, limit)),
	})
	p.must(err)
	diags := Diagnostics(valid.Diagnostics)
	if diags.HasError() {
		return nil, diags
	}
	stream, err := server.ListResource(p.context(), &tfprotov6.ListResourceRequest{
		TypeName: typeName, Config: value, IncludeResource: withState, Limit: limit,
	})
	p.must(err)
	var found []Listed
	for result := range stream.Results {
		diags = append(diags, result.Diagnostics...)
		if len(result.Diagnostics) > 0 && result.Identity == nil {
			continue
		}
		one, problems := p.listed(typeName, result, withState)
		diags = append(diags, problems...)
		found = append(found, one)
	}
	if int64(len(found)) > limit {
		p.t.Fatalf("%d results of %s, where the limit is %d", len(found), typeName, limit)
	}
	return found, diags
}

func (p *Provider) listed(typeName string, result tfprotov6.ListResourceResult, withState bool) (Listed, Diagnostics) {
	p.t.Helper()
	one := Listed{Name: result.DisplayName}
	switch {
	case one.Name == "":
		p.t.Fatalf("a result of %s has no name", typeName)
	case result.Identity == nil || result.Identity.IdentityData == nil:
		p.t.Fatalf("the result %q of %s has no identity", one.Name, typeName)
	case withState != (result.Resource != nil):
		p.t.Fatalf("the result %q of %s: a state was asked for: %t, it has one: %t", one.Name, typeName, withState, result.Resource != nil)
	}
	one.Identity, _ = goValue(p.unmarshal(result.Identity.IdentityData, p.identities[typeName].ValueType())).(map[string]any)
	if !withState {
		return one, nil
	}
	schema := p.schemas.ResourceSchemas[typeName]
	state := p.unmarshal(result.Resource, schema.ValueType())
	one.State, _ = goValue(state).(map[string]any)
	return one, checkState(schema, state)
}

// GenerateConfig returns the configuration that core writes down for a state, as
// -generate-config-out does: without what is computed only, and with null for
// what is sensitive.
func (p *Provider) GenerateConfig(typeName string, state map[string]any) map[string]any {
	p.t.Helper()
	schema := p.schemas.ResourceSchemas[typeName]
	resp, err := p.server.GenerateResourceConfig(p.context(), &tfprotov6.GenerateResourceConfigRequest{
		TypeName: typeName, State: p.dynamic(p.object(schema, state)),
	})
	p.must(err)
	Diagnostics(resp.Diagnostics).RequireOK(p.t)
	config, _ := goValue(p.unmarshal(resp.Config, schema.ValueType())).(map[string]any)
	blankSecrets(schema.Block.Attributes, config)
	return config
}

func blankSecrets(schema []*tfprotov6.SchemaAttribute, config map[string]any) {
	for _, a := range schema {
		if a.Sensitive {
			config[a.Name] = nil
		}
		inner, ok := config[a.Name].(map[string]any)
		switch {
		case !ok || a.NestedType == nil:
		case a.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeSingle:
			blankSecrets(a.NestedType.Attributes, inner)
		default: // a map of objects
			for _, element := range inner {
				if object, ok := element.(map[string]any); ok {
					blankSecrets(a.NestedType.Attributes, object)
				}
			}
		}
	}
}
