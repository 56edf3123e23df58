// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Diagnostic is an error or a warning of the provider. A CLI's output tells
// neither its attribute nor, in a test, any warning.
type Diagnostic struct {
	IsError   bool
	Attribute string // the top-level attribute; "" for the whole object
	Summary   string
	Detail    string
}

// String is for the messages of failed tests.
func (d Diagnostic) String() string {
	kind := "warning"
	if d.IsError {
		kind = "error"
	}
	return fmt.Sprintf("%s on %q: %s: %s", kind, d.Attribute, d.Summary, d.Detail)
}

func (d Diagnostic) mentions(text string) bool {
	return strings.Contains(d.Summary+"\n"+d.Detail, text)
}

// recorder keeps what a provider hands to the CLI.
type recorder struct {
	mu          sync.Mutex
	diagnostics []Diagnostic
	payloads    [][]byte // states, plans and private states
}

func (r *recorder) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.diagnostics, r.payloads = nil, nil
}

// said returns the diagnostics, each once: a CLI asks for the same several
// times.
func (r *recorder) said() []Diagnostic {
	r.mu.Lock()
	defer r.mu.Unlock()
	var unique []Diagnostic
	for _, d := range r.diagnostics {
		if !slices.Contains(unique, d) {
			unique = append(unique, d)
		}
	}
	return unique
}

// handedOut reports whether the text is in anything that the provider gave to
// the CLI, which is all that the CLI can write to a state or a plan.
func (r *recorder) handedOut(text string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.payloads, func(p []byte) bool { return bytes.Contains(p, []byte(text)) }) ||
		slices.ContainsFunc(r.diagnostics, func(d Diagnostic) bool { return d.mentions(text) })
}

func (r *recorder) note(diagnostics []*tfprotov6.Diagnostic, payloads ...[]byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, d := range diagnostics {
		noted := Diagnostic{IsError: d.Severity == tfprotov6.DiagnosticSeverityError, Summary: d.Summary, Detail: d.Detail}
		if steps := d.Attribute.Steps(); len(steps) > 0 {
			if name, ok := steps[0].(tftypes.AttributeName); ok {
				noted.Attribute = string(name)
			}
		}
		r.diagnostics = append(r.diagnostics, noted)
	}
	r.payloads = append(r.payloads, payloads...)
}

func packed(v *tfprotov6.DynamicValue) []byte {
	if v == nil {
		return nil
	}
	return slices.Concat(v.MsgPack, v.JSON)
}

// server is all that the framework's provider server is.
type server interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
	tfprotov6.StateStoreServer
}

// recorded is a provider server that notes what it answers.
type recorded struct {
	server
	notes *recorder
}

func (s recorded) ValidateProviderConfig(ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	resp, err := s.server.ValidateProviderConfig(ctx, req)
	if err == nil {
		s.notes.note(resp.Diagnostics)
	}
	return resp, err
}

func (s recorded) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	resp, err := s.server.ConfigureProvider(ctx, req)
	if err == nil {
		s.notes.note(resp.Diagnostics)
	}
	return resp, err
}

func (s recorded) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	resp, err := s.server.ValidateResourceConfig(ctx, req)
	if err == nil {
		s.notes.note(resp.Diagnostics)
	}
	return resp, err
}

func (s recorded) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	resp, err := s.server.ValidateDataResourceConfig(ctx, req)
	if err == nil {
		s.notes.note(resp.Diagnostics)
	}
	return resp, err
}

func (s recorded) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	resp, err := s.server.ReadResource(ctx, req)
	if err == nil {
		s.notes.note(resp.Diagnostics, packed(resp.NewState), resp.Private)
	}
	return resp, err
}

func (s recorded) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	resp, err := s.server.PlanResourceChange(ctx, req)
	if err == nil {
		s.notes.note(resp.Diagnostics, packed(resp.PlannedState), resp.PlannedPrivate)
	}
	return resp, err
}

func (s recorded) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	resp, err := s.server.ApplyResourceChange(ctx, req)
	if err == nil {
		s.notes.note(resp.Diagnostics, packed(resp.NewState), resp.Private)
	}
	return resp, err
}

func (s recorded) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	resp, err := s.server.ImportResourceState(ctx, req)
	if err == nil {
		s.notes.note(resp.Diagnostics)
		for _, imported := range resp.ImportedResources {
			s.notes.note(nil, packed(imported.State), imported.Private)
		}
	}
	return resp, err
}

func (s recorded) ValidateActionConfig(ctx context.Context, req *tfprotov6.ValidateActionConfigRequest) (*tfprotov6.ValidateActionConfigResponse, error) {
	resp, err := s.server.ValidateActionConfig(ctx, req)
	if err == nil {
		s.notes.note(resp.Diagnostics)
	}
	return resp, err
}

func (s recorded) PlanAction(ctx context.Context, req *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse, error) {
	resp, err := s.server.PlanAction(ctx, req)
	if err == nil {
		s.notes.note(resp.Diagnostics)
	}
	return resp, err
}

func (s recorded) InvokeAction(ctx context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	stream, err := s.server.InvokeAction(ctx, req)
	if err != nil {
		return stream, err
	}
	events := stream.Events
	stream.Events = func(yield func(tfprotov6.InvokeActionEvent) bool) {
		for event := range events {
			if end, ok := event.Type.(tfprotov6.CompletedInvokeActionEventType); ok {
				s.notes.note(end.Diagnostics)
			}
			if !yield(event) {
				return
			}
		}
	}
	return stream, nil
}

func (s recorded) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	resp, err := s.server.ReadDataSource(ctx, req)
	if err == nil {
		s.notes.note(resp.Diagnostics, packed(resp.State))
	}
	return resp, err
}
