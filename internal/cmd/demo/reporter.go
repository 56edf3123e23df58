// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"crypto/rand"
	"net/http"

	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// reporterPart takes examples/guides/reporter-connections through its life.
type reporterPart struct {
	hosted
	server            *reportermock.Server
	password, rotated string
}

func newReporterPart(w *workshop) *reporterPart {
	return &reporterPart{hosted: hosted{workshop: w, system: "Reporter"}, password: "demo-" + rand.Text(), rotated: "demo-" + rand.Text()}
}

func (p *reporterPart) steps() []step {
	return []step{
		{"Start a Reporter server in memory, apply its guide", p.apply},
		{"Plan again, rotate the password", p.rotate},
		{"Destroy the Reporter connections", p.destroy},
	}
}

func (p *reporterPart) apply(ctx context.Context, r *report) error {
	p.server = reportermock.Start(p, reportermock.Options{Auth: reportermock.StaticToken, AnyDatabase: true})
	err := p.use(p.server.Host, "reporter-connections", map[string]string{
		"REPORTER_BASE_URL":                p.server.URL(),
		"REPORTER_TOKEN":                   p.server.Token(),
		"REPORTER_MAX_REQUESTS_PER_MINUTE": "6000", // the server in memory has no limit
	}, map[string]string{"database_password": p.password, "password_version": "1"})
	if err != nil {
		return err
	}
	r.note("it listens on %s and keeps everything in memory; every connection connects, which no real server's do", p.server.URL())
	if _, err := p.tf.must(ctx, r, 0, "init"); err != nil {
		return err
	}
	done, err := p.tf.must(ctx, r, 0, "apply", "-auto-approve")
	if err != nil {
		return err
	}
	r.expectSummary(done, "Apply complete! Resources: 2 added, 0 changed, 0 destroyed.")
	r.expect(p.keeps(p.password), "the server keeps the password for both connections")
	expectEqual(r, p.server.CountRequests(http.MethodPost, "/v1/management/connections/*/test"), 2, "it tried each connection once, as test_connection asks")
	return nil
}

// keeps reports whether the server has two connections, both with this password.
func (p *reporterPart) keeps(password string) bool {
	connections := p.server.Connections()
	for _, c := range connections {
		if kept, _ := p.server.Secret(c.ID, "password"); kept != password {
			return false
		}
	}
	return len(connections) == 2
}

func (p *reporterPart) rotate(ctx context.Context, r *report) error {
	done, err := p.tf.run(ctx, r, "plan", "-detailed-exitcode")
	if err != nil {
		return err
	}
	expectEqual(r, done.Code, 0, "the plan is empty (-detailed-exitcode is 0)")

	p.tf.variables["database_password"], p.tf.variables["password_version"] = p.rotated, "2"
	before := p.requests()
	done, err = p.tf.must(ctx, r, 0, "apply", "-auto-approve")
	if err != nil {
		return err
	}
	r.expectSummary(done, "Apply complete! Resources: 0 added, 2 changed, 0 destroyed.")
	expectEqual(r, len(p.since(before, http.MethodPatch)), 2, "2 PATCH requests were sent")
	r.expect(p.keeps(p.rotated), "the server keeps the new password for both")
	return p.expectNoSecret(r, "transactions.db.example.com", p.password, p.rotated)
}

func (p *reporterPart) destroy(ctx context.Context, r *report) error {
	done, err := p.tf.must(ctx, r, 0, "destroy", "-auto-approve")
	if err != nil {
		return err
	}
	r.expectSummary(done, "Destroy complete! Resources: 2 destroyed.")
	expectEqual(r, len(p.server.Connections()), 0, "the server has no connection")
	return nil
}
