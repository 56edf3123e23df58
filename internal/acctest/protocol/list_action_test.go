// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package protocol

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/dataconn/terraform-provider-dataconn/internal/failtest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// What breaks core's rules for lists ends the test; what a provider says of an object
// is passed on.
func TestQuery(t *testing.T) {
	t.Parallel()
	asks := func(f func(req *tfprotov6.ListResourceRequest)) bent {
		return bent{before: func(req any) error {
			if r, ok := req.(*tfprotov6.ListResourceRequest); ok {
				f(r)
			}
			return nil
		}}
	}
	for want, c := range map[string]struct {
		bent      bent
		withState bool
	}{
		"2 results of " + attributeType + ", where the limit is 1": {asks(func(req *tfprotov6.ListResourceRequest) { req.Limit = 2 }), false},
		"a result of " + attributeType + " has no name":            {onResult(func(r *tfprotov6.ListResourceResult) { r.DisplayName = "" }), false},
		`of ` + attributeType + ` has no identity`:                 {onResult(func(r *tfprotov6.ListResourceResult) { r.Identity = nil }), false},
		`" of ` + attributeType + ` has no identity`:               {onResult(func(r *tfprotov6.ListResourceResult) { r.Identity.IdentityData = nil }), false},
		"a state was asked for: true, it has one: false":           {asks(func(req *tfprotov6.ListResourceRequest) { req.IncludeResource = false }), true},
		"a state was asked for: false, it has one: true":           {asks(func(req *tfprotov6.ListResourceRequest) { req.IncludeResource = true }), false},
	} {
		said := failtest.Run(t, func(t *failtest.T) {
			w := startWorld(t, func(*world) bent { return c.bent })
			w.AddUserAttribute(omnimock.UserAttribute{Name: "second"})
			w.p.Query(attributeType, nil, 1, c.withState)
		})
		if !strings.Contains(said, want) {
			t.Errorf("%q, want %q", said, want)
		}
	}

	odd := func(r *tfprotov6.ListResourceResult) {
		if strings.Contains(r.DisplayName, "second") {
			*r = tfprotov6.ListResourceResult{Diagnostics: coreErrors("odd", []string{"left out"})}
		}
	}
	w := startWorld(t, func(*world) bent { return onResult(odd) })
	w.AddUserAttribute(omnimock.UserAttribute{Name: "second"})
	for withState, want := range map[bool]string{true: "other", false: ""} {
		found, diags := w.p.Query(attributeType, nil, QueryLimit, withState)
		at := slices.IndexFunc(found, func(l Listed) bool { return strings.Contains(l.Name, "other") })
		if len(diags) != 1 || at < 0 || found[at].Identity["id"] != w.other || found[at].State["name"] != any(want) && withState || (found[at].State != nil) != withState {
			t.Errorf("found %v, said %s", found, diags)
		}
		diags.RequireError(t, "odd", "left out")
	}
	w.ResetRequests()
	found, diags := w.p.Query(attributeType, map[string]any{"name": ""}, QueryLimit, false)
	diags.RequireError(t, "at name")
	if found != nil || len(w.Requests()) != 0 {
		t.Errorf("a wrong block found %v", found)
	}

	// What is said of a result, and what is wrong with its state.
	w = startWorld(t, func(w *world) bent {
		return onResult(func(r *tfprotov6.ListResourceResult) {
			r.Resource = w.with(r.Resource, map[string]any{"label": Unknown})
			r.Diagnostics = coreErrors("odd", []string{"kept"})
		})
	})
	found, diags = w.p.Query(attributeType, map[string]any{"name": "other"}, 1, true)
	diags.RequireError(t, "odd", "kept")
	diags.RequireError(t, "label: unknown in the state")
	if len(found) != 1 {
		t.Errorf("found %v", found)
	}
}

// Events are passed on as they come, and one end is theirs.
func TestInvoke(t *testing.T) {
	t.Parallel()
	message := func(text string) tfprotov6.InvokeActionEvent {
		return tfprotov6.InvokeActionEvent{Type: tfprotov6.ProgressInvokeActionEventType{Message: text}}
	}
	end := tfprotov6.InvokeActionEvent{Type: tfprotov6.CompletedInvokeActionEventType{Diagnostics: coreErrors("failed", []string{"halfway"})}}
	config := map[string]any{"connection_id": "550e8400-e29b-41d4-a716-446655440000"}
	for name, c := range map[string]struct {
		events []tfprotov6.InvokeActionEvent
		want   string
	}{
		"an end":       {[]tfprotov6.InvokeActionEvent{message("a"), message("b"), end}, ""},
		"no end":       {[]tfprotov6.InvokeActionEvent{message("a")}, rotateType + " did not say that it was over"},
		"after an end": {[]tfprotov6.InvokeActionEvent{end, message("a")}, rotateType + " sent tfprotov6.ProgressInvokeActionEventType after the end"},
		"two ends":     {[]tfprotov6.InvokeActionEvent{end, end}, rotateType + " sent tfprotov6.CompletedInvokeActionEventType after the end"},
	} {
		var messages, seen []string
		var diags Diagnostics
		said := failtest.Run(t, func(t *failtest.T) {
			w := startWorld(t, func(*world) bent {
				return bent{after: func(_, resp any) {
					if stream, ok := resp.(*tfprotov6.InvokeActionServerStream); ok {
						stream.Events = slices.Values(c.events)
					}
				}}
			})
			w.p.Invoke(rotateType, config, nil)
			messages, diags = w.p.Invoke(rotateType, config, func(m string) { seen = append(seen, m) })
		})
		if said != c.want || c.want == "" && (!slices.Equal(messages, []string{"a", "b"}) || !slices.Equal(seen, messages) || diags.String() != "ERROR: failed: halfway") {
			t.Errorf("%s: %q; %q, seen %q, %s", name, said, messages, seen, diags)
		}
	}
}

// An action is neither planned after a block that is wrong, nor invoked after a plan
// that fails; what these say is kept.
func TestPlanOfAnAction(t *testing.T) {
	t.Parallel()
	for said, c := range map[string]struct {
		severity tfprotov6.DiagnosticSeverity
		calls    []string
	}{
		"ValidateActionConfig": {tfprotov6.DiagnosticSeverityError, []string{"ValidateActionConfig"}},
		"PlanAction":           {tfprotov6.DiagnosticSeverityError, []string{"ValidateActionConfig", "PlanAction"}},
		"validateActionConfig": {tfprotov6.DiagnosticSeverityWarning, []string{"ValidateActionConfig", "PlanAction", "InvokeAction"}},
		"planAction":           {tfprotov6.DiagnosticSeverityWarning, []string{"ValidateActionConfig", "PlanAction", "InvokeAction"}},
	} {
		var calls []string
		w := startWorld(t, func(*world) bent {
			return bent{after: func(_, resp any) {
				name := strings.TrimPrefix(strings.TrimSuffix(fmt.Sprintf("%T", resp), "Response"), "*tfprotov6.")
				name = strings.Replace(name, "InvokeActionServerStream", "InvokeAction", 1)
				diags := []*tfprotov6.Diagnostic{{Severity: c.severity, Summary: "odd", Detail: said}}
				if strings.Contains(name, "Action") {
					calls = append(calls, name)
				}
				switch r := resp.(type) {
				case *tfprotov6.ValidateActionConfigResponse:
					if strings.EqualFold(name, said) {
						r.Diagnostics = diags
					}
				case *tfprotov6.PlanActionResponse:
					if strings.EqualFold(name, said) {
						r.Diagnostics = diags
					}
				}
			}}
		})
		id := w.AddConnection(map[string]any{"name": "one", "dialect": "postgres"})
		w.EditDBT(id, func(*omnimock.DBT) {})
		messages, diags := w.p.Invoke(rotateType, map[string]any{"connection_id": id}, nil)
		if !slices.Equal(calls, c.calls) || len(diags) != 1 || diags[0].Detail != said || len(messages) != max(0, len(c.calls)-2) {
			t.Errorf("%s: %q, %q, %s", said, calls, messages, diags)
		}
	}
}

func TestRequireJudged(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		bend func(w *world) bent
		want string
	}{
		"judged": {straight, ""},
		"asks first": {func(w *world) bent {
			return bent{before: func(req any) error {
				if _, ok := req.(*tfprotov6.InvokeActionRequest); ok {
					w.ask(http.MethodGet)
				}
				return nil
			}}
		}, "1 requests, []"},
		"speaks first": {func(*world) bent {
			return onEnd(func(d []*tfprotov6.Diagnostic) ([]tfprotov6.InvokeActionEventType, []*tfprotov6.Diagnostic) {
				return []tfprotov6.InvokeActionEventType{tfprotov6.ProgressInvokeActionEventType{Message: "begun"}}, d
			})
		}, `0 requests, ["begun"]`},
		"says more": {func(*world) bent {
			return onEnd(func(d []*tfprotov6.Diagnostic) ([]tfprotov6.InvokeActionEventType, []*tfprotov6.Diagnostic) {
				return nil, append(slices.Clone(d), coreErrors("more", []string{"of it"})...)
			})
		}, "0 requests, []"},
		"takes anything": {func(*world) bent {
			return onEnd(func([]*tfprotov6.Diagnostic) ([]tfprotov6.InvokeActionEventType, []*tfprotov6.Diagnostic) {
				return nil, nil
			})
		}, "no error with all of"},
	} {
		said := failtest.Run(t, func(t *failtest.T) {
			w := startWorld(t, c.bend)
			id := w.AddConnection(map[string]any{"name": "one", "dialect": "postgres"})
			w.EditDBT(id, func(*omnimock.DBT) {})
			w.p.RequireJudged(w.Host, rotateType, map[string]any{"connection_id": id})
		})
		if (said == "") != (c.want == "") || !strings.Contains(said, c.want) {
			t.Errorf("%s: %q, want %q", name, said, c.want)
		}
	}
}

// onEnd replaces what an action says at its end, and what it says before.
func onEnd(f func([]*tfprotov6.Diagnostic) ([]tfprotov6.InvokeActionEventType, []*tfprotov6.Diagnostic)) bent {
	return bent{after: func(_, resp any) {
		stream, ok := resp.(*tfprotov6.InvokeActionServerStream)
		if !ok {
			return
		}
		var events []tfprotov6.InvokeActionEvent
		for event := range stream.Events {
			if end, ok := event.Type.(tfprotov6.CompletedInvokeActionEventType); ok {
				before, diags := f(end.Diagnostics)
				for _, e := range before {
					events = append(events, tfprotov6.InvokeActionEvent{Type: e})
				}
				event.Type = tfprotov6.CompletedInvokeActionEventType{Diagnostics: diags}
			}
			events = append(events, event)
		}
		stream.Events = slices.Values(events)
	}}
}
