// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package protocol

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/dataconn/terraform-provider-dataconn/internal/failtest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// world is a server with a user attribute, and a provider that reaches it.
type world struct {
	*omnimock.Server
	p     *Provider
	other string // the id of that attribute
}

func startWorld(t testing.TB, bend func(w *world) bent) *world {
	t.Helper()
	w := &world{Server: omnimock.Start(t, omnimock.Options{})}
	w.other = w.AddUserAttribute(omnimock.UserAttribute{Name: "other"})
	w.p = bend(w).begin(t)
	w.p.Configure(OmniConfig(w.Server)).RequireNone(t)
	return w
}

func straight(*world) bent { return bent{} }

// ask sends a request that the provider has no reason to send.
func (w *world) ask(method string) {
	w.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(method, "/api/v1/x", http.NoBody))
}

// values returns the attributes of a state or a plan.
func (w *world) values(d *tfprotov6.DynamicValue) map[string]any {
	values, _ := goValue(w.p.unmarshal(d, w.p.schemas.ResourceSchemas[attributeType].ValueType())).(map[string]any)
	return values
}

// with returns a state with changes.
func (w *world) with(d *tfprotov6.DynamicValue, changes map[string]any) *tfprotov6.DynamicValue {
	return w.p.dynamic(w.p.object(w.p.schemas.ResourceSchemas[attributeType], With(w.values(d), changes)))
}

// identity is that of a user attribute.
func (w *world) identity(id string) *tfprotov6.ResourceIdentityData {
	value, err := tfValue(w.p.identities[attributeType].ValueType(), map[string]any{"id": id})
	w.p.must(err)
	return &tfprotov6.ResourceIdentityData{IdentityData: w.p.dynamic(value)}
}

func has(diagnostics []*tfprotov6.Diagnostic, words string) bool {
	return strings.Contains(Diagnostics(diagnostics).String(), words)
}

// onApply bends the answers to applies, and onRead those to reads.
func onApply(f func(req *tfprotov6.ApplyResourceChangeRequest, resp *tfprotov6.ApplyResourceChangeResponse)) bent {
	return bent{after: func(req, resp any) {
		if r, ok := req.(*tfprotov6.ApplyResourceChangeRequest); ok {
			f(r, resp.(*tfprotov6.ApplyResourceChangeResponse))
		}
	}}
}

func onRead(f func(req *tfprotov6.ReadResourceRequest, resp *tfprotov6.ReadResourceResponse)) bent {
	return bent{after: func(req, resp any) {
		if r, ok := req.(*tfprotov6.ReadResourceRequest); ok {
			f(r, resp.(*tfprotov6.ReadResourceResponse))
		}
	}}
}

func onPlan(f func(req *tfprotov6.PlanResourceChangeRequest, resp *tfprotov6.PlanResourceChangeResponse)) bent {
	return bent{after: func(req, resp any) {
		if r, ok := req.(*tfprotov6.PlanResourceChangeRequest); ok {
			f(r, resp.(*tfprotov6.PlanResourceChangeResponse))
		}
	}}
}

// bounded reports whether a state bounds an operation by this time.
func (w *world) bounded(d *tfprotov6.DynamicValue, operation, bound string) bool {
	timeouts, _ := w.values(d)["timeouts"].(map[string]any)
	return timeouts[operation] == bound
}

// unboundedIsFine forgets the error of an operation that is bounded by no time.
func unboundedIsFine(operation string) func(w *world) bent {
	return func(*world) bent {
		return bent{after: func(_, resp any) {
			words := `timeout for "` + operation + `"`
			switch r := resp.(type) {
			case *tfprotov6.ApplyResourceChangeResponse:
				if has(r.Diagnostics, words) {
					r.Diagnostics = nil
				}
			case *tfprotov6.ReadResourceResponse:
				if has(r.Diagnostics, words) {
					r.Diagnostics = nil
				}
			}
		}}
	}
}

// anotherPrivate is the private state of a provider that notes something else.
var anotherPrivate = []byte(`{"another":"e30="}`)

// Each fault of a provider that Operations is there for fails it, and says what is wrong.
func TestOperations(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		bend func(w *world) bent
		ask  func(o *Operations)
		want string // "" passes
	}{
		"no fault":                 {},
		"other words for a create": {ask: func(o *Operations) { o.Create = []string{"Cannot fly"} }, want: `no error with all of ["Cannot fly"]`},
		"other words for a read":   {ask: func(o *Operations) { o.Read = []string{"Cannot fly"} }, want: `no error with all of ["Cannot fly"]`},
		"other words for a change": {ask: func(o *Operations) { o.Update = []string{"Cannot fly"} }, want: `no error with all of ["Cannot fly"]`},
		"other words for a delete": {ask: func(o *Operations) { o.Delete = []string{"Cannot fly"} }, want: `no error with all of ["Cannot fly"]`},
		"a create without a bound": {bend: unboundedIsFine("create"), want: `no error with all of ["timeout for \"create\""]`},
		"a read without a bound":   {bend: unboundedIsFine("read"), want: `no error with all of ["timeout for \"read\""]`},
		"a change without a bound": {bend: unboundedIsFine("update"), want: `no error with all of ["timeout for \"update\""]`},
		"a delete without a bound": {bend: unboundedIsFine("delete"), want: `no error with all of ["timeout for \"delete\""]`},
		"a delete that asks nobody": {ask: func(o *Operations) { o.Delete = nil }, bend: func(*world) bent {
			return onApply(func(_ *tfprotov6.ApplyResourceChangeRequest, resp *tfprotov6.ApplyResourceChangeResponse) {
				if has(resp.Diagnostics, "Cannot delete") || has(resp.Diagnostics, `timeout for "delete"`) {
					resp.NewState, resp.Diagnostics = nil, nil
				}
			})
		}},
		"a request before the bound is judged": {want: "1 requests; the state was", bend: func(w *world) bent {
			return onApply(func(req *tfprotov6.ApplyResourceChangeRequest, _ *tfprotov6.ApplyResourceChangeResponse) {
				if w.bounded(req.PlannedState, "update", "soon") {
					w.ask(http.MethodGet)
				}
			})
		}},
		"a bound that is no time changes the state": {want: "0 requests; the state was", bend: func(w *world) bent {
			return onApply(func(req *tfprotov6.ApplyResourceChangeRequest, resp *tfprotov6.ApplyResourceChangeResponse) {
				if w.bounded(req.PlannedState, "update", "soon") {
					resp.NewState = w.with(req.PriorState, map[string]any{"label": "new"})
				}
			})
		}},
		"nothing is refused": {want: "no error with all of []", bend: func(*world) bent {
			return onRead(func(_ *tfprotov6.ReadResourceRequest, resp *tfprotov6.ReadResourceResponse) {
				if has(resp.Diagnostics, "Permission denied") {
					resp.Diagnostics = nil
				}
			})
		}},
		"a refusal changes the state": {want: "what was refused changed the state from", bend: func(w *world) bent {
			return onApply(func(req *tfprotov6.ApplyResourceChangeRequest, resp *tfprotov6.ApplyResourceChangeResponse) {
				if has(resp.Diagnostics, "Permission denied") && w.values(req.PriorState) != nil {
					resp.NewState = w.with(req.PriorState, map[string]any{"label": "new"})
				}
			})
		}},
		"a refusal changes the private state": {want: "what was refused changed the private state from", bend: func(w *world) bent {
			return onApply(func(req *tfprotov6.ApplyResourceChangeRequest, resp *tfprotov6.ApplyResourceChangeResponse) {
				if has(resp.Diagnostics, "Permission denied") && w.values(req.PriorState) != nil {
					resp.Private = anotherPrivate
				}
			})
		}},
		"something is left to do": {want: "the plan is no-op of [label]: ERROR: Provider produced invalid plan", bend: func(w *world) bent {
			return onPlan(func(req *tfprotov6.PlanResourceChangeRequest, resp *tfprotov6.PlanResourceChangeResponse) {
				if w.values(req.PriorState)["label"] == "Tenant" {
					resp.PlannedState = w.with(resp.PlannedState, map[string]any{"label": "new"})
				}
			})
		}},
		"a plan of nothing asks": {want: "1 requests for a plan of nothing", bend: func(w *world) bent {
			return onPlan(func(*tfprotov6.PlanResourceChangeRequest, *tfprotov6.PlanResourceChangeResponse) {
				w.ask(http.MethodGet)
			})
		}},
		"a lost change is forgotten": {want: "after an update whose answer was lost, the plan to go back is no-op", bend: forgetsLosses},
		"no change can be lost":      {bend: forgetsLosses, ask: func(o *Operations) { o.Update = nil }},
		"a bound changes more": {want: "the bound changes [label timeouts]", bend: func(w *world) bent {
			return onPlan(func(req *tfprotov6.PlanResourceChangeRequest, resp *tfprotov6.PlanResourceChangeResponse) {
				if w.bounded(req.Config, "read", "5m") {
					resp.PlannedState = w.with(resp.PlannedState, map[string]any{"label": "new"})
				}
			})
		}},
		"a bound is sent": {want: "PUT /api/v1/x for a bound alone", bend: func(w *world) bent {
			return onApply(func(req *tfprotov6.ApplyResourceChangeRequest, _ *tfprotov6.ApplyResourceChangeResponse) {
				if w.bounded(req.PlannedState, "read", "5m") {
					w.ask(http.MethodPut)
				}
			})
		}},
		"a bound is asked for": {bend: func(w *world) bent {
			return onApply(func(req *tfprotov6.ApplyResourceChangeRequest, _ *tfprotov6.ApplyResourceChangeResponse) {
				if w.bounded(req.PlannedState, "read", "5m") {
					w.ask(http.MethodGet)
				}
			})
		}},
		"a read changes the private state": {want: "a refresh that found nothing new changed the private state from", bend: func(*world) bent {
			return onRead(func(_ *tfprotov6.ReadResourceRequest, resp *tfprotov6.ReadResourceResponse) {
				resp.Private = anotherPrivate
			})
		}},
		"a read warns": {want: "unexpected diagnostics:\nWARNING: odd", bend: func(*world) bent {
			return onRead(func(_ *tfprotov6.ReadResourceRequest, resp *tfprotov6.ReadResourceResponse) {
				resp.Diagnostics = append(resp.Diagnostics, &tfprotov6.Diagnostic{Severity: tfprotov6.DiagnosticSeverityWarning, Summary: "odd"})
			})
		}},
		"a read without an identity": {want: "it has no identity", bend: func(*world) bent {
			return onRead(func(_ *tfprotov6.ReadResourceRequest, resp *tfprotov6.ReadResourceResponse) { resp.NewIdentity = nil })
		}},
		"a change without an identity": {want: "it has no identity", bend: func(*world) bent {
			return onApply(func(_ *tfprotov6.ApplyResourceChangeRequest, resp *tfprotov6.ApplyResourceChangeResponse) {
				resp.NewIdentity = nil
			})
		}},
		"a read with another identity": {want: " in the identity and ", bend: func(w *world) bent {
			return onRead(func(_ *tfprotov6.ReadResourceRequest, resp *tfprotov6.ReadResourceResponse) {
				if len(resp.Diagnostics) == 0 {
					resp.NewIdentity = w.identity(w.other)
				}
			})
		}},
		"an import of another": {want: "the import of map[id:", bend: func(w *world) bent {
			return bent{before: func(req any) error {
				if r, ok := req.(*tfprotov6.ImportResourceStateRequest); ok {
					r.Identity = w.identity(w.other)
				}
				return nil
			}}
		}},
		"a query without it": {want: "a query does not find map[id:", bend: findsNothing},
		"no query for it": {bend: func(w *world) bent {
			b := findsNothing(w)
			find := b.after
			b.after = func(req, resp any) {
				if r, ok := resp.(*tfprotov6.GetProviderSchemaResponse); ok {
					delete(r.ListResourceSchemas, attributeType)
				}
				find(req, resp)
			}
			return b
		}},
		"a query of something else": {want: "a query finds\nmap[", bend: func(w *world) bent {
			return onResult(func(result *tfprotov6.ListResourceResult) {
				result.Resource = w.with(result.Resource, map[string]any{"label": "new"})
			})
		}},
		"what is gone is kept": {want: "what is gone stays in the state", bend: func(*world) bent {
			return onRead(func(req *tfprotov6.ReadResourceRequest, resp *tfprotov6.ReadResourceResponse) {
				if has(resp.Diagnostics, "gone") {
					resp.NewState = req.CurrentState
				}
			})
		}},
		"what is gone is not spoken of": {want: `no warning with all of ["gone"]`, bend: func(*world) bent {
			return onRead(func(_ *tfprotov6.ReadResourceRequest, resp *tfprotov6.ReadResourceResponse) {
				if has(resp.Diagnostics, "gone") {
					resp.Diagnostics = nil
				}
			})
		}},
		"what is gone is destroyed with a word": {want: "unexpected diagnostics", bend: func(w *world) bent {
			ends := 0
			return onApply(func(req *tfprotov6.ApplyResourceChangeRequest, resp *tfprotov6.ApplyResourceChangeResponse) {
				if w.values(req.PlannedState) == nil && len(resp.Diagnostics) == 0 {
					if ends++; ends == 2 {
						resp.Diagnostics = []*tfprotov6.Diagnostic{{Severity: tfprotov6.DiagnosticSeverityWarning, Summary: "odd"}}
					}
				}
			})
		}},
		"an import of nothing": {want: `no error with all of ["Nothing to import"]`, bend: func(*world) bent {
			return bent{after: func(_, resp any) {
				switch r := resp.(type) {
				case *tfprotov6.ImportResourceStateResponse:
					r.Diagnostics = slices.DeleteFunc(r.Diagnostics, func(d *tfprotov6.Diagnostic) bool { return strings.Contains(describe(d), "Nothing to import") })
				case *tfprotov6.ReadResourceResponse:
					r.Diagnostics = slices.DeleteFunc(r.Diagnostics, func(d *tfprotov6.Diagnostic) bool { return strings.Contains(describe(d), "Nothing to import") })
				}
			}}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.bend == nil {
				c.bend = straight
			}
			said := failtest.Run(t, func(t *failtest.T) {
				w := startWorld(t, c.bend)
				o := operations(w)
				if c.ask != nil {
					c.ask(&o)
				}
				o.Require(w.p, attributeType)
			})
			if (said == "") != (c.want == "") || !strings.Contains(said, c.want) {
				t.Errorf("%q, want %q", said, c.want)
			}
		})
	}
}

func operations(w *world) Operations {
	config, of := map[string]any{"name": "tenant", "label": "Tenant"}, `Omni user attribute "tenant"`
	return Operations{
		Host: w.Host, Config: config, Changed: With(config, map[string]any{"label": "Customer"}),
		Create: []string{"Cannot create", of}, Read: []string{"Cannot read", of}, Update: []string{"Cannot change", of}, Delete: []string{"Cannot delete", of},
	}
}

// forgetsLosses takes what the state has for what the server has, whatever became of a
// change.
func forgetsLosses(*world) bent {
	return onApply(func(req *tfprotov6.ApplyResourceChangeRequest, resp *tfprotov6.ApplyResourceChangeResponse) {
		if has(resp.Diagnostics, "Internal Server Error") {
			resp.NewState = req.PriorState
		}
	})
}

// onResult bends each result of a query.
func onResult(f func(result *tfprotov6.ListResourceResult)) bent {
	return bent{after: func(_, resp any) {
		if stream, ok := resp.(*tfprotov6.ListResourceServerStream); ok {
			results := stream.Results
			stream.Results = func(yield func(tfprotov6.ListResourceResult) bool) {
				for result := range results {
					if f(&result); !yield(result) {
						return
					}
				}
			}
		}
	}}
}

func findsNothing(*world) bent {
	return bent{after: func(_, resp any) {
		if stream, ok := resp.(*tfprotov6.ListResourceServerStream); ok {
			stream.Results = tfprotov6.NoListResults
		}
	}}
}
