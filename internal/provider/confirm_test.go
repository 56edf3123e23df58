// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
)

// An object that was found after the answer to its create was lost gets its secrets
// once more. Where that fails, the next plan sends them, in whatever form they are
// configured, and the one after it nothing.
func TestSecretsOfWhatWasFoundAreSentAgain(t *testing.T) {
	t.Parallel()
	for name, subject := range subjects() {
		confirms := map[string]string{
			"dataconn_omni_connection":      http.MethodPatch,
			"dataconn_omni_dbt_environment": http.MethodPut,
			"dataconn_reporter_connection":  http.MethodPatch,
		}[subject.typeName]
		if confirms == "" || !subject.adopts || slices.Contains(subject.without, createLost) {
			continue
		}
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			scene := subject.prepare(t)
			p := protocol.NewDialing(t, scene)
			scene.configure(t, p, nil)
			r := p.Resource(subject.typeName)
			scene.Faults().Add(fault.Fault{Method: http.MethodPost, Reset: true, Apply: true})
			scene.Faults().Add(fault.Answer(403, `{"detail":"Permission denied","status":403}`).On(confirms, ""))
			diags := r.Apply(scene.config)
			diags.RequireOK(t)
			if text := diags.Warnings().String(); !strings.Contains(text, "found") || !strings.Contains(text, "The next plan sends them again") {
				t.Errorf("the warnings are\n%s", text)
			}
			if scene.Faults().Pending() > 0 {
				t.Fatal("the secrets were not sent again")
			}
			scene.Faults().Clear()
			p.Restart()
			r.Refresh().RequireNone(t)
			scene.ResetRequests()
			r.Apply(scene.config).RequireOK(t)
			if !slices.ContainsFunc(callsOf(scene.Host), func(c call) bool { return c.method == confirms }) {
				t.Error("the next apply does not send the secrets")
			}
			if plan := r.Plan(scene.config); !plan.IsEmpty() {
				t.Errorf("the plan is not empty: %v", plan.Changes())
			}
			if differs := scene.differs(r, scene.config); differs != "" {
				t.Error(differs)
			}
		})
	}
}
