// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// saying is a provider server whose every answer has the same diagnostics, states and
// private states, or is an error.
type saying struct {
	server
	err error
}

var (
	errDown     = errors.New("down")
	diagnostics = []*tfprotov6.Diagnostic{
		{Severity: tfprotov6.DiagnosticSeverityError, Summary: "one", Detail: "of them", Attribute: tftypes.NewAttributePath().WithAttributeName("ssl").WithAttributeName("mode")},
		{Severity: tfprotov6.DiagnosticSeverityWarning, Summary: "two", Attribute: tftypes.NewAttributePath().WithElementKeyString("x")},
	}
	handed = &tfprotov6.DynamicValue{MsgPack: []byte("a packed state"), JSON: []byte("{}")}
)

func (s saying) ValidateProviderConfig(context.Context, *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{Diagnostics: diagnostics}, s.err
}

func (s saying) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return &tfprotov6.ConfigureProviderResponse{Diagnostics: diagnostics}, s.err
}

func (s saying) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{Diagnostics: diagnostics}, s.err
}

func (s saying) ValidateDataResourceConfig(context.Context, *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return &tfprotov6.ValidateDataResourceConfigResponse{Diagnostics: diagnostics}, s.err
}

func (s saying) ReadResource(context.Context, *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return &tfprotov6.ReadResourceResponse{Diagnostics: diagnostics, NewState: handed, Private: []byte("private")}, s.err
}

func (s saying) PlanResourceChange(context.Context, *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return &tfprotov6.PlanResourceChangeResponse{Diagnostics: diagnostics, PlannedState: handed, PlannedPrivate: []byte("private")}, s.err
}

func (s saying) ApplyResourceChange(context.Context, *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return &tfprotov6.ApplyResourceChangeResponse{Diagnostics: diagnostics, NewState: handed, Private: []byte("private")}, s.err
}

func (s saying) ImportResourceState(context.Context, *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return &tfprotov6.ImportResourceStateResponse{Diagnostics: diagnostics, ImportedResources: []*tfprotov6.ImportedResource{{State: handed, Private: []byte("private")}}}, s.err
}

func (s saying) ValidateActionConfig(context.Context, *tfprotov6.ValidateActionConfigRequest) (*tfprotov6.ValidateActionConfigResponse, error) {
	return &tfprotov6.ValidateActionConfigResponse{Diagnostics: diagnostics}, s.err
}

func (s saying) PlanAction(context.Context, *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse, error) {
	return &tfprotov6.PlanActionResponse{Diagnostics: diagnostics}, s.err
}

func (s saying) InvokeAction(context.Context, *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	return &tfprotov6.InvokeActionServerStream{Events: slices.Values([]tfprotov6.InvokeActionEvent{
		{Type: tfprotov6.ProgressInvokeActionEventType{Message: "half"}},
		{Type: tfprotov6.CompletedInvokeActionEventType{Diagnostics: diagnostics}},
		{Type: tfprotov6.ProgressInvokeActionEventType{Message: "more"}},
	})}, s.err
}

func (s saying) ReadDataSource(context.Context, *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return &tfprotov6.ReadDataSourceResponse{Diagnostics: diagnostics, State: handed}, s.err
}

// calls are all the calls that are recorded, by name.
func calls(ctx context.Context, s recorded) map[string]func() error {
	return map[string]func() error{
		"ValidateProviderConfig":     func() error { _, err := s.ValidateProviderConfig(ctx, nil); return err },
		"ConfigureProvider":          func() error { _, err := s.ConfigureProvider(ctx, nil); return err },
		"ValidateResourceConfig":     func() error { _, err := s.ValidateResourceConfig(ctx, nil); return err },
		"ValidateDataResourceConfig": func() error { _, err := s.ValidateDataResourceConfig(ctx, nil); return err },
		"ReadResource":               func() error { _, err := s.ReadResource(ctx, nil); return err },
		"PlanResourceChange":         func() error { _, err := s.PlanResourceChange(ctx, nil); return err },
		"ApplyResourceChange":        func() error { _, err := s.ApplyResourceChange(ctx, nil); return err },
		"ImportResourceState":        func() error { _, err := s.ImportResourceState(ctx, nil); return err },
		"ValidateActionConfig":       func() error { _, err := s.ValidateActionConfig(ctx, nil); return err },
		"PlanAction":                 func() error { _, err := s.PlanAction(ctx, nil); return err },
		"ReadDataSource":             func() error { _, err := s.ReadDataSource(ctx, nil); return err },
		"InvokeAction": func() error {
			stream, err := s.InvokeAction(ctx, nil)
			if err != nil {
				return err
			}
			events := 0
			for range stream.Events {
				if events++; events == 2 { // nobody listens to what comes after the end
					break
				}
			}
			if events != 2 {
				return errors.New("an event is missing")
			}
			return nil
		},
	}
}

func TestEveryAnswerIsRecorded(t *testing.T) {
	t.Parallel()
	states := []string{"ReadResource", "PlanResourceChange", "ApplyResourceChange", "ImportResourceState", "ReadDataSource"}
	var notes recorder
	for name, call := range calls(t.Context(), recorded{saying{}, &notes}) {
		notes.reset()
		if err := call(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		want := []Diagnostic{{IsError: true, Attribute: "ssl", Summary: "one", Detail: "of them"}, {Summary: "two"}}
		if got := notes.said(); !slices.Equal(got, want) {
			t.Errorf("%s said %v", name, got)
		}
		hasState := slices.Contains(states, name)
		if notes.handedOut("packed") != hasState || notes.handedOut("private") != (hasState && name != "ReadDataSource") || !notes.handedOut("of them") || notes.handedOut("else") {
			t.Errorf("%s handed out %q", name, notes.payloads)
		}
	}

	notes.reset()
	for name, call := range calls(t.Context(), recorded{saying{err: errDown}, &notes}) {
		if err := call(); !errors.Is(err, errDown) || notes.diagnostics != nil || notes.payloads != nil {
			t.Errorf("%s: %v, noted %v", name, err, notes.said())
		}
	}
	if packed(nil) != nil {
		t.Error("no value is packed")
	}
}

// A CLI that asks several times is told the same each time.
func TestSaidOnce(t *testing.T) {
	t.Parallel()
	var notes recorder
	notes.note(diagnostics)
	notes.note(diagnostics)
	if got := notes.said(); len(got) != 2 || got[0].String() != `error on "ssl": one: of them` || got[1].String() != `warning on "": two: ` {
		t.Errorf("%q", got)
	}
}
