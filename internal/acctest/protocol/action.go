// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package protocol

import "github.com/hashicorp/terraform-plugin-go/tfprotov6"

// Invoke runs an action as core does: it validates and plans the configuration,
// both of which are without effect, and then invokes the action. It returns what
// the action said on the way; seen, if not nil, gets each of these messages at
// once. An event after the last fails the test.
func (p *Provider) Invoke(typeName string, config map[string]any, seen func(message string)) ([]string, Diagnostics) {
	p.t.Helper()
	server, value := p.action(typeName, config)
	diags := p.PlanAction(typeName, config)
	if diags.HasError() {
		return nil, diags
	}
	stream, err := server.InvokeAction(p.context(), &tfprotov6.InvokeActionRequest{ActionType: typeName, Config: value})
	p.must(err)
	var messages []string
	isOver := false
	for event := range stream.Events {
		if isOver {
			p.t.Fatalf("%s sent %T after the end", typeName, event.Type)
		}
		switch e := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			messages = append(messages, e.Message)
			if seen != nil {
				seen(e.Message)
			}
		case tfprotov6.CompletedInvokeActionEventType:
			isOver = true
			diags = append(diags, e.Diagnostics...)
		}
	}
	if !isOver {
		p.t.Fatalf("%s did not say that it was over", typeName)
	}
	return messages, diags
}

// PlanAction validates the configuration of an action, and plans it.
func (p *Provider) PlanAction(typeName string, config map[string]any) Diagnostics {
	p.t.Helper()
	server, value := p.action(typeName, config)
	valid, err := server.ValidateActionConfig(p.context(), &tfprotov6.ValidateActionConfigRequest{ActionType: typeName, Config: value})
	p.must(err)
	diags := Diagnostics(valid.Diagnostics)
	if diags.HasError() {
		return diags
	}
	planned, err := server.PlanAction(p.context(), &tfprotov6.PlanActionRequest{ActionType: typeName, Config: value})
	p.must(err)
	return append(diags, planned.Diagnostics...)
}

func (p *Provider) action(typeName string, config map[string]any) (tfprotov6.ActionServer, *tfprotov6.DynamicValue) {
	p.t.Helper()
	schema, ok := p.schemas.ActionSchemas[typeName]
	if !ok {
		p.t.Fatalf("the provider has no action %s", typeName)
	}
	server, ok := p.server.(tfprotov6.ActionServer)
	if !ok {
		p.t.Fatalf("%T cannot invoke actions", p.server)
	}
	return server, p.dynamic(p.object(schema.Schema, config))
}
