// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package protocol

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/dataconn/terraform-provider-dataconn/internal/failtest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// everything makes each call of the protocol, and requires what it is for.
func everything(t testing.TB, b bent) {
	t.Helper()
	w := startWorld(t, func(*world) bent { return b })
	p := w.p
	p.ValidateProvider(OmniConfig(w.Server)).RequireNone(t)
	r := p.Resource(attributeType)
	r.Validate(map[string]any{"name": "tenant"}).RequireNone(t)
	r.Apply(map[string]any{"name": "tenant"}).RequireNone(t)
	r.Refresh().RequireNone(t)
	p.Resource(attributeType).Import(r.Text("id")).RequireNone(t)
	_, diags := p.ReadDataSource(attributeType, map[string]any{"name": "tenant"})
	diags.RequireNone(t)
	_, diags = p.Query(attributeType, nil, QueryLimit, true)
	diags.RequireNone(t)
	p.GenerateConfig(attributeType, r.State())
	id := w.AddConnection(map[string]any{"name": "one", "dialect": "postgres"})
	w.EditDBT(id, func(*omnimock.DBT) {})
	_, diags = p.Invoke(rotateType, map[string]any{"connection_id": id}, nil)
	diags.RequireNone(t)
	p.Resource(connectionType).Move(ofAnotherProvider(id)).RequireOK(t)
	p.Restart()
	p.Stop()
	p.Restart()
	r.Destroy().RequireNone(t)
}

func ofAnotherProvider(id string) Source {
	return Source{
		Provider: "registry.terraform.io/ashima-omni/omni", Type: "omni_connection", Private: anotherPrivate,
		State: map[string]any{"id": id, "name": "one", "dialect": "postgres"},
	}
}

// A call that the framework's server cannot make fails the test, whichever it is.
func TestServerThatFails(t *testing.T) {
	t.Parallel()
	everything(t, bent{})
	for _, call := range []string{
		"GetProviderSchema", "GetResourceIdentitySchemas", "ValidateProviderConfig", "ConfigureProvider", "StopProvider",
		"ValidateResourceConfig", "PlanResourceChange", "ApplyResourceChange", "ReadResource", "ImportResourceState", "MoveResourceState",
		"UpgradeResourceState", "GenerateResourceConfig", "ValidateDataResourceConfig", "ReadDataSource", "ValidateListResourceConfig",
		"ListResource", "ValidateActionConfig", "PlanAction", "InvokeAction",
	} {
		said := failtest.Run(t, func(t *failtest.T) {
			everything(t, bent{before: func(req any) error {
				if fmt.Sprintf("%T", req) == "*tfprotov6."+call+"Request" {
					return errors.New("down")
				}
				return nil
			}})
		})
		if said != "the provider's server: down" {
			t.Errorf("%s: %q", call, said)
		}
	}
	// The destroy of a plan is another call of the same name.
	said := failtest.Run(t, func(t *failtest.T) {
		var w *world
		w = startWorld(t, func(*world) bent {
			return bent{before: func(req any) error {
				if r, ok := req.(*tfprotov6.PlanResourceChangeRequest); ok && w.values(r.ProposedNewState) == nil {
					return errors.New("down")
				}
				return nil
			}}
		})
		r := w.p.Resource(attributeType)
		r.Apply(map[string]any{"name": "tenant"}).RequireNone(t)
		r.Destroy()
	})
	if said != "the provider's server: down" {
		t.Errorf("the plan of a destroy: %q", said)
	}
}

// A provider whose schemas are wrong fails the test before it begins.
func TestSchemasThatAreWrong(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]func(req, resp any){
		"a schema": func(_, resp any) {
			if r, ok := resp.(*tfprotov6.GetProviderSchemaResponse); ok {
				r.Diagnostics = coreErrors("wrong", []string{"schema"})
			}
		},
		"an identity": func(_, resp any) {
			if r, ok := resp.(*tfprotov6.GetResourceIdentitySchemasResponse); ok {
				r.Diagnostics = coreErrors("wrong", []string{"schema"})
			}
		},
	} {
		if said := failtest.Run(t, func(t *failtest.T) { bent{after: after}.begin(t) }); said != "unexpected errors:\nERROR: wrong: schema" {
			t.Errorf("%s: %q", name, said)
		}
	}
}

// A mistake in a test ends it at once.
func TestMistakesOfTests(t *testing.T) {
	t.Parallel()
	for want, mistake := range map[string]func(w *world, r *Resource){
		"the provider has no resource none":             func(w *world, _ *Resource) { w.p.Resource("none") },
		"the provider has no data source none":          func(w *world, _ *Resource) { w.p.ReadDataSource("none", nil) },
		"the provider has no list resource none":        func(w *world, _ *Resource) { w.p.Query("none", nil, 1, false) },
		"the provider has no action none":               func(w *world, _ *Resource) { w.p.Invoke("none", nil, nil) },
		"the test's configuration: none: no such":       func(_ *world, r *Resource) { r.Plan(map[string]any{"none": 1}) },
		"the test's identity: none: no such":            func(w *world, _ *Resource) { w.p.Resource(attributeType).ImportIdentity(map[string]any{"none": 1}) },
		attributeType + " has no attribute none":        func(_ *world, r *Resource) { r.Get("none") },
		attributeType + " has no attribute id, or is":   func(w *world, _ *Resource) { w.p.Resource(attributeType).Text("id") },
		attributeType + " is in the state already":      func(w *world, r *Resource) { r.Import(w.other) },
		"is in the state already":                       func(w *world, r *Resource) { r.Move(ofAnotherProvider(w.other)) },
		"json: unsupported type":                        func(w *world, _ *Resource) { w.p.Resource(attributeType).Move(Source{State: func() {}}) },
		"a plan with errors cannot be applied:\nERROR ": func(_ *world, r *Resource) { r.Plan(map[string]any{"name": "no name"}).Apply() },
	} {
		said := failtest.Run(t, func(t *failtest.T) {
			w := startWorld(t, straight)
			r := w.p.Resource(attributeType)
			r.Apply(map[string]any{"name": "tenant"}).RequireNone(t)
			mistake(w, r)
			t.Error("it went on")
		})
		if !strings.Contains(said, want) || strings.Contains(said, "it went on") {
			t.Errorf("%q, want %q", said, want)
		}
	}
	type bare struct{ tfprotov6.ProviderServer } // of a provider without lists and actions
	for want, mistake := range map[string]func(p *Provider){
		"protocol.bare cannot list":           func(p *Provider) { p.Query(attributeType, nil, 1, false) },
		"protocol.bare cannot invoke actions": func(p *Provider) { p.Invoke(rotateType, nil, nil) },
	} {
		said := failtest.Run(t, func(t *failtest.T) {
			p := startWorld(t, straight).p
			p.server = bare{p.server}
			mistake(p)
		})
		if said != want {
			t.Errorf("%q, want %q", said, want)
		}
	}
}

// Each call that something makes has to fail it, with the words of its route.
func TestFailEachCall(t *testing.T) {
	t.Parallel()
	const route = "/api/v1/user-attributes"
	read := func(w *world) Diagnostics {
		_, diags := w.p.ReadDataSource(attributeType, map[string]any{"name": "other"})
		return diags
	}
	type do = func(w *world) Diagnostics
	for name, c := range map[string]struct {
		do          do
		words       map[string][]string
		fails, lost string // what is said where each call fails, and where each is refused
	}{
		"passes":      {read, map[string][]string{route: {"Cannot find Omni user attribute"}}, "", ""},
		"other words": {read, map[string][]string{route: {"Cannot fly"}}, `no error with all of ["500" "Cannot fly"]`, `no error with all of ["Cannot fly"]`},
		"other route": {read, map[string][]string{"/api/v1/none": {"Cannot fly"}}, "nothing asks for /api/v1/none", "nothing asks for /api/v1/none"},
		"no words":    {read, nil, "", ""},
		"no error":    {func(w *world) Diagnostics { read(w); return nil }, map[string][]string{route: {"Cannot"}}, `no error with all of ["500" "Cannot"]`, `no error with all of ["Cannot"]`},
		"fails":       {func(*world) Diagnostics { return coreErrors("it fails", []string{"anyway"}) }, nil, "unexpected errors:\nERROR: it fails: anyway", "unexpected errors:\nERROR: it fails: anyway"},
		"no route is left out": {func(w *world) Diagnostics {
			diags := read(w)
			_, _ = w.p.Invoke(rotateType, map[string]any{"connection_id": w.other}, nil) // whose error is forgotten
			return diags
		}, map[string][]string{route: {"Cannot find"}}, `no error with all of ["500"]`, ""},
	} {
		for want, run := range map[*string]func(p *Provider, w *world){
			&c.fails: func(p *Provider, w *world) { p.FailEachCall(w.Host, c.words, func() Diagnostics { return c.do(w) }) },
			&c.lost:  func(p *Provider, w *world) { p.RefuseEachCall(w.Host, c.words, func() Diagnostics { return c.do(w) }) },
		} {
			said := failtest.Run(t, func(t *failtest.T) {
				w := startWorld(t, straight)
				w.ask(http.MethodGet) // nobody's request
				run(w.p, w)
				read(w).RequireNone(t) // no fault is left
			})
			if (said == "") != (*want == "") || !strings.Contains(said, *want) {
				t.Errorf("%s: %q, want %q", name, said, *want)
			}
		}
	}
	if got := withoutIDs("/a/550e8400-e29b-41d4-a716-446655440000/b-c-d-e-f/550e8400xe29bx41d4xa716x446655440000"); got != "/a/*/b-c-d-e-f/550e8400xe29bx41d4xa716x446655440000" {
		t.Error(got)
	}
}

// The provider under test sees nothing of the environment, says what it is, and tries
// again at once.
func TestOptions(t *testing.T) {
	t.Setenv("OMNI_BASE_URL", "http://127.0.0.1:1")
	t.Setenv("OMNI_API_TOKEN", "the developer's")
	p := New(t, Options())
	p.Configure(nil).RequireNone(t)
	_, diags := p.ReadDataSource(attributeType, map[string]any{"name": "other"})
	diags.RequireError(t, "omni")
	if strings.Contains(diags.String(), "127.0.0.1") {
		t.Error(diags)
	}
	InBubble(t, func(t *testing.T) {
		began := time.Now()
		if want := time.Date(2026, time.November, 1, 12, 0, 0, 0, time.UTC); !began.Equal(want) {
			t.Errorf("it is %s", began)
		}
		s := omnimock.Start(t, omnimock.Options{InMemory: true})
		s.AddUserAttribute(omnimock.UserAttribute{Name: "other"})
		s.Faults().Add(fault.Answer(http.StatusBadGateway, "").Repeat(1))
		p := NewDialing(t, s)
		p.Configure(OmniConfig(s)).RequireNone(t)
		_, diags := p.ReadDataSource(attributeType, map[string]any{"name": "other"})
		diags.RequireNone(t)
		// Half of the wait is random.
		if took := time.Since(began); len(s.Requests()) != 2 || took < time.Millisecond/2 || took > time.Millisecond {
			t.Errorf("%d requests in %s", len(s.Requests()), took)
		}
		if agent := s.Requests()[0].Header.Get("User-Agent"); agent != "terraform-provider-dataconn/test (terraform 1.12.0)" {
			t.Error(agent)
		}
	})
}

// The log has the provider's own lines and the framework's.
func TestLogTo(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	w := startWorld(t, straight)
	w.p.LogTo(&log)
	_, diags := w.p.ReadDataSource(attributeType, map[string]any{"name": "other"})
	diags.RequireNone(t)
	for _, want := range []string{`"@module":"provider"`, `"@module":"sdk.framework"`, "HTTP request"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("%s is not in %s", want, log.String())
		}
	}
}
