// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package protocol

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/host"
)

// Invoke runs an action as core does: it validates and plans the configuration,
// both of which are without effect, and then invokes the action. It returns what
// the action said on the way; seen, if not nil, gets each of these messages at
// once. An event after the last fails the test.
func (p *Provider) Invoke(typeName string, config map[string]any, seen func(message string)) ([]string, Diagnostics) {
	p.t.Helper()
	diags := p.PlanAction(typeName, config)
	if diags.HasError() {
		return nil, diags
	}
	messages, invoked := p.invoke(typeName, config, seen)
	return messages, append(diags, invoked...)
}

// RequireJudged invokes an action with what no plan has seen, because it was not known
// then: a bound that is no time, and a connection_id that is no id. It has to refuse
// both before it asks the server for anything.
func (p *Provider) RequireJudged(h *host.Host, typeName string, config map[string]any) {
	p.t.Helper()
	for words, change := range map[string]map[string]any{
		`timeout for "invoke"`:        unbound("invoke"),
		"at connection_id:|not an id": {"connection_id": "none"},
	} {
		h.ResetRequests()
		messages, diags := p.invoke(typeName, With(config, change), nil)
		diags.RequireError(p.t, strings.Split(words, "|")...)
		if n := len(h.Requests()); n != 0 || len(messages) != 0 || len(diags) != 1 {
			p.t.Errorf("%s: %d requests, %q, %s", words, n, messages, diags)
		}
	}
}

// invoke runs an action that is planned.
func (p *Provider) invoke(typeName string, config map[string]any, seen func(message string)) ([]string, Diagnostics) {
	p.t.Helper()
	server, value := p.action(typeName, config)
	stream, err := server.InvokeAction(p.context(), &tfprotov6.InvokeActionRequest{ActionType: typeName, Config: value})
	p.must(err)
	var messages []string
	var diags Diagnostics
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
