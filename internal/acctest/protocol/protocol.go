// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Package protocol drives the provider over its plugin protocol, in the test's
// own process, as Terraform's core drives it: without a CLI, so fast, and with
// features for which the available CLI may be too old.
//
//	p := protocol.New(t, protocol.Options())
//	p.Configure(protocol.OmniConfig(server)).RequireOK(t)
//	r := p.Resource("dataconn_omni_connection")
//	r.Apply(config).RequireOK(t)
//	if plan := r.Plan(config); !plan.IsEmpty() { ... }
//
// A mistake in a test (an attribute that does not exist, a value of the wrong
// type) fails it at once; everything that a user would be told is returned as
// [Diagnostics].
package protocol

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/hashicorp/terraform-plugin-log/tfsdklogtest"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/provider"
)

// Provider is one process of the provider; [Provider.Restart] begins the
// next.
type Provider struct {
	t          testing.TB
	serve      func() tfprotov6.ProviderServer // begins a process
	server     tfprotov6.ProviderServer
	schemas    *tfprotov6.GetProviderSchemaResponse
	identities map[string]*tfprotov6.ResourceIdentitySchema
	config     map[string]any // of the last Configure
	log        io.Writer
	resources  []*Resource
}

// Options are those of a provider under test: it sees no environment, and
// retries at once.
func Options() provider.Options {
	return provider.Options{Version: "test", Getenv: func(string) string { return "" }, Backoff: time.Millisecond}
}

// New starts a provider, not configured yet.
func New(t testing.TB, options provider.Options) *Provider {
	t.Helper()
	return begin(t, func() tfprotov6.ProviderServer { return providerserver.NewProtocol6(provider.New(options)())() })
}

func begin(t testing.TB, serve func() tfprotov6.ProviderServer) *Provider {
	t.Helper()
	p := &Provider{t: t, serve: serve}
	p.start()
	return p
}

func (p *Provider) start() {
	p.t.Helper()
	p.server = p.serve()
	if p.schemas != nil {
		return // a new process has the same
	}
	schemas, err := p.server.GetProviderSchema(p.context(), &tfprotov6.GetProviderSchemaRequest{})
	p.must(err)
	Diagnostics(schemas.Diagnostics).RequireOK(p.t)
	identities, err := p.server.GetResourceIdentitySchemas(p.context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	p.must(err)
	Diagnostics(identities.Diagnostics).RequireOK(p.t)
	p.schemas, p.identities = schemas, identities.IdentitySchemas
}

// LogTo collects the log, at TRACE, of everything that follows: the provider's
// own lines and the framework's. It must be safe for concurrent use.
func (p *Provider) LogTo(w io.Writer) { p.log = w }

// Schemas are all that the provider offers.
func (p *Provider) Schemas() *tfprotov6.GetProviderSchemaResponse { return p.schemas }

// IdentitySchemas are those of the resources, by type.
func (p *Provider) IdentitySchemas() map[string]*tfprotov6.ResourceIdentitySchema {
	return p.identities
}

// ValidateProvider checks a provider block, as validate and plan do.
func (p *Provider) ValidateProvider(config map[string]any) Diagnostics {
	p.t.Helper()
	resp, err := p.server.ValidateProviderConfig(p.context(), &tfprotov6.ValidateProviderConfigRequest{Config: p.dynamic(p.object(p.schemas.Provider, config))})
	p.must(err)
	return resp.Diagnostics
}

// Configure hands the provider its block; what is left out is null.
func (p *Provider) Configure(config map[string]any) Diagnostics {
	p.t.Helper()
	p.config = config
	resp, err := p.server.ConfigureProvider(p.context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.12.0",
		Config:           p.dynamic(p.object(p.schemas.Provider, config)),
	})
	p.must(err)
	return resp.Diagnostics
}

// Stop interrupts what runs, as the user's first Ctrl-C does.
func (p *Provider) Stop() {
	_, err := p.server.StopProvider(p.context(), &tfprotov6.StopProviderRequest{})
	p.must(err)
}

// Restart goes on in a new process of the provider with the same configuration,
// as a CLI does for every command: what the old one remembered is forgotten,
// and each resource's state is read as from a state file.
func (p *Provider) Restart() {
	p.t.Helper()
	p.start()
	p.Configure(p.config).RequireOK(p.t)
	for _, r := range p.resources {
		r.reload()
	}
}

// ReadDataSource validates the configuration of a data source and reads it.
func (p *Provider) ReadDataSource(typeName string, config map[string]any) (map[string]any, Diagnostics) {
	p.t.Helper()
	schema, ok := p.schemas.DataSourceSchemas[typeName]
	if !ok {
		p.t.Fatalf("the provider has no data source %s", typeName)
	}
	configured := p.object(schema, config)
	value := p.dynamic(configured)
	valid, err := p.server.ValidateDataResourceConfig(p.context(), &tfprotov6.ValidateDataResourceConfigRequest{TypeName: typeName, Config: value})
	p.must(err)
	diags := Diagnostics(valid.Diagnostics)
	if diags.HasError() {
		return nil, diags
	}
	resp, err := p.server.ReadDataSource(p.context(), &tfprotov6.ReadDataSourceRequest{TypeName: typeName, Config: value})
	p.must(err)
	diags = append(diags, resp.Diagnostics...)
	if diags.HasError() {
		return nil, diags
	}
	read := p.unmarshal(resp.State, schema.ValueType())
	checkRead(schema, configured, read).RequireNone(p.t)
	attributes, _ := goValue(read).(map[string]any)
	return attributes, diags
}

// context carries the loggers, as the plugin's server sets them up.
func (p *Provider) context() context.Context {
	ctx := p.t.Context()
	if p.log == nil {
		return ctx
	}
	ctx = tfsdklogtest.RootLogger(ctx, p.log)
	return tflogtest.RootLogger(ctx, p.log)
}

func (p *Provider) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("the provider's server: %v", err)
	}
}

func (p *Provider) object(schema *tfprotov6.Schema, attributes map[string]any) tftypes.Value {
	p.t.Helper()
	value, err := tfValue(schema.ValueType(), attributes)
	if err != nil {
		p.t.Fatalf("the test's configuration: %v", err)
	}
	return value
}

func (p *Provider) dynamic(v tftypes.Value) *tfprotov6.DynamicValue {
	p.t.Helper()
	d, err := tfprotov6.NewDynamicValue(v.Type(), v)
	p.must(err)
	return &d
}

func (p *Provider) unmarshal(d *tfprotov6.DynamicValue, typ tftypes.Type) tftypes.Value {
	p.t.Helper()
	if d == nil {
		return tftypes.NewValue(typ, nil)
	}
	v, err := d.Unmarshal(typ)
	p.must(err)
	return v
}

// OmniConfig is the provider block for a mock server, without the rate limit.
func OmniConfig(s *omnimock.Server) map[string]any {
	return map[string]any{"omni": map[string]any{"base_url": s.URL(), "api_token": s.Token(), "max_requests_per_minute": 100000}}
}

// With returns a copy of a configuration with changes: nil takes an attribute
// away, and the changes of a nested object are merged into it.
func With(config, changes map[string]any) map[string]any {
	changed := maps.Clone(config)
	if changed == nil {
		changed = map[string]any{}
	}
	for name, value := range changes {
		before, isObject := changed[name].(map[string]any)
		if after, ok := value.(map[string]any); ok && isObject {
			value = With(before, after)
		}
		changed[name] = value
	}
	return changed
}

// Diagnostics are what a user is told.
type Diagnostics []*tfprotov6.Diagnostic

// HasError reports whether there is an error among them.
func (d Diagnostics) HasError() bool { return len(d.Errors()) > 0 }

// Errors returns the errors.
func (d Diagnostics) Errors() Diagnostics { return d.of(tfprotov6.DiagnosticSeverityError) }

// Warnings returns the warnings.
func (d Diagnostics) Warnings() Diagnostics { return d.of(tfprotov6.DiagnosticSeverityWarning) }

func (d Diagnostics) of(severity tfprotov6.DiagnosticSeverity) Diagnostics {
	return slices.DeleteFunc(slices.Clone(d), func(one *tfprotov6.Diagnostic) bool { return one.Severity != severity })
}

// String is all of their text, one paragraph each: "ERROR at name: Summary:
// Detail".
func (d Diagnostics) String() string {
	texts := make([]string, len(d))
	for i, one := range d {
		texts[i] = describe(one)
	}
	return strings.Join(texts, "\n\n")
}

func describe(d *tfprotov6.Diagnostic) string {
	at := ""
	if d.Attribute != nil {
		at = " at " + attributePath(d.Attribute)
	}
	return fmt.Sprintf("%s%s: %s: %s", d.Severity, at, d.Summary, d.Detail)
}

// RequireOK fails the test if there is an error.
func (d Diagnostics) RequireOK(t testing.TB) {
	t.Helper()
	if d.HasError() {
		t.Fatalf("unexpected errors:\n%s", d.Errors())
	}
}

// RequireNone fails the test if there is anything, a warning included.
func (d Diagnostics) RequireNone(t testing.TB) {
	t.Helper()
	if len(d) > 0 {
		t.Fatalf("unexpected diagnostics:\n%s", d)
	}
}

// RequireError fails the test unless one error has all of the words; "at name:"
// is that of an attribute.
func (d Diagnostics) RequireError(t testing.TB, words ...string) {
	t.Helper()
	d.Errors().require(t, "error", words)
}

// RequireWarning is as RequireError, for warnings.
func (d Diagnostics) RequireWarning(t testing.TB, words ...string) {
	t.Helper()
	d.Warnings().require(t, "warning", words)
}

func (d Diagnostics) require(t testing.TB, kind string, words []string) {
	t.Helper()
	for _, one := range d {
		text := describe(one)
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			return
		}
	}
	t.Fatalf("no %s with all of %q; there is:\n%s", kind, words, d)
}

// attributePath writes a path as users do: omni.base_url.
func attributePath(p *tftypes.AttributePath) string {
	var parts []string
	for _, step := range p.Steps() {
		switch s := step.(type) {
		case tftypes.AttributeName:
			parts = append(parts, string(s))
		case tftypes.ElementKeyValue:
			text, _ := json.Marshal(goValue(tftypes.Value(s)))
			parts = append(parts, string(text))
		default:
			parts = append(parts, fmt.Sprint(s))
		}
	}
	return strings.Join(parts, ".")
}
