// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// passwordKey is the password's name in Omni's API.
const passwordKey = "passwordUnencrypted"

// omniPart takes examples/guides/omni-environments through its life.
type omniPart struct {
	hosted
	server *omnimock.Server

	password, rotated string
	base, production  string // connection ids
}

func newOmniPart(w *workshop) *omniPart {
	return &omniPart{hosted: hosted{workshop: w, system: "Omni"}, password: "demo-" + rand.Text(), rotated: "demo-" + rand.Text()}
}

func (p *omniPart) steps() []step {
	return []step{
		{"Start an Omni server in memory", p.start},
		{"Apply the guide: two connections, an environment, the attribute that decides, a schedule", p.apply},
		{"Plan again", p.planAgain},
		{"Ask the server who works on which database", p.route},
		{"Look for the password in what was written to disk", p.search},
		{"Rotate the password", p.rotate},
		{"Who works where, before and after one value changes", p.audience},
		{"Destroy while the connections are protected", p.destroyProtected},
		{"Lift the protection, destroy", p.destroy},
	}
}

func (p *omniPart) start(_ context.Context, r *report) error {
	p.server = omnimock.Start(p, omnimock.Options{EnvironmentList: true})
	err := p.use(p.server.Host, "omni-environments", map[string]string{
		"OMNI_BASE_URL":                p.server.URL(),
		"OMNI_API_TOKEN":               p.server.Token(),
		"OMNI_MAX_REQUESTS_PER_MINUTE": "6000", // the server in memory has no limit
	}, map[string]string{"database_password": p.password, "password_version": "1"})
	if err != nil {
		return err
	}
	r.note("it listens on %s and keeps everything in memory", p.server.URL())
	r.expect(len(p.server.Connections()) == 0, "it has no connections yet")
	return nil
}

func (p *omniPart) apply(ctx context.Context, r *report) error {
	if _, err := p.tf.must(ctx, r, 0, "init"); err != nil {
		return err
	}
	done, err := p.tf.must(ctx, r, 0, "apply", "-auto-approve")
	if err != nil {
		return err
	}
	r.expectSummary(done, "Apply complete! Resources: 6 added, 0 changed, 0 destroyed.")
	names := map[string]string{}
	for _, c := range p.server.Connections() {
		names[c.Name()] = c.ID
	}
	p.base, p.production = names["Analytics"], names["Analytics (production)"]
	if p.base == "" || p.production == "" {
		return fmt.Errorf("the server has the connections %q", slices.Sorted(maps.Keys(names)))
	}
	r.expect(p.keeps(p.password), "the server keeps the password for both connections")
	expectEqual(r, len(p.server.Schedules()), 1, "the new base connection has its schema model, and a schedule that needed it")
	return nil
}

// keeps reports whether the server keeps this password for both connections.
func (p *omniPart) keeps(password string) bool {
	for _, id := range []string{p.base, p.production} {
		if kept, _ := p.server.Secret(id, passwordKey); kept != password {
			return false
		}
	}
	return true
}

func (p *omniPart) planAgain(ctx context.Context, r *report) error {
	before := p.requests()
	done, err := p.tf.run(ctx, r, "plan", "-detailed-exitcode")
	if err != nil {
		return err
	}
	expectEqual(r, done.Code, 0, "the plan is empty (-detailed-exitcode is 0)")
	if done.Code != 0 {
		r.note("%s", cli.Tail(done.Output))
	}
	expectEqual(r, p.requests()-before, 4, "4 requests read all 6 resources: a list of connections, of environments and of schema models, and the schedule")
	return nil
}

func (p *omniPart) route(_ context.Context, r *report) error {
	for _, user := range []struct{ value, connection, name string }{
		{"prod", p.production, "production"},
		{"dev", p.base, "the base connection"},
		{"staging", p.base, "the base connection"},
	} {
		id, reason := p.server.Route(p.base, user.value)
		expectEqual(r, id, user.connection, "environment = %-9s works on %s: %s", user.value, user.name, reason)
	}
	return nil
}

func (p *omniPart) search(_ context.Context, r *report) error {
	return p.expectNoSecret(r, "prod.db.example.com", p.password, p.rotated)
}

// plan is the part of a plan's JSON form that the demo looks at.
type plan struct {
	ResourceChanges []struct {
		Address string `json:"address"`
		Change  struct {
			Actions      []string       `json:"actions"`
			AfterUnknown map[string]any `json:"after_unknown"`
		} `json:"change"`
	} `json:"resource_changes"`
}

func (p *omniPart) rotate(ctx context.Context, r *report) error {
	p.tf.variables["database_password"] = p.rotated
	p.tf.variables["password_version"] = "2"
	if _, err := p.tf.must(ctx, r, 2, "plan", "-detailed-exitcode", "-out=rotation.tfplan"); err != nil {
		return err
	}
	shown, err := p.tf.must(ctx, r, 0, "show", "-json", "rotation.tfplan")
	if err != nil {
		return err
	}
	if err := p.expectRotation(r, shown.Output); err != nil {
		return err
	}

	// The most talkative log there is, for this one command.
	log := filepath.Join(p.workshop.dir, "trace.log")
	p.tf.environment["TF_LOG"], p.tf.environment["TF_LOG_PATH"] = "TRACE", log
	before := p.requests()
	done, err := p.tf.must(ctx, r, 0, "apply", "rotation.tfplan")
	delete(p.tf.environment, "TF_LOG")
	delete(p.tf.environment, "TF_LOG_PATH")
	if err != nil {
		return err
	}
	r.expectSummary(done, "Apply complete! Resources: 0 added, 2 changed, 0 destroyed.")
	sent := p.since(before, http.MethodPatch)
	r.expect(len(sent) == 2 && onlyPassword(sent[0]) && onlyPassword(sent[1]), "2 PATCH requests were sent, with nothing in them but the password")
	var ids []string
	for _, c := range p.server.Connections() {
		ids = append(ids, c.ID)
	}
	r.expect(slices.Equal(ids, slices.Sorted(slices.Values([]string{p.base, p.production}))), "they are the same two connections as before")
	r.expect(p.keeps(p.rotated), "the server keeps the new password for both")

	text, err := os.ReadFile(log) //nolint:gosec // G304: a file that the demo made
	if err != nil {
		return err
	}
	r.expect(strings.Contains(string(text), http.MethodPatch), "the log (TF_LOG=TRACE, %d kB) tells of the PATCH requests", len(text)>>10)
	r.expect(!strings.Contains(string(text), passwordKey) && !holds(string(text), p.password, p.rotated), "it holds no request body and no password")
	return p.expectNoSecret(r, "", p.password, p.rotated)
}

func (p *omniPart) expectRotation(r *report, planJSON string) error {
	var rotation plan
	if err := json.Unmarshal([]byte(planJSON), &rotation); err != nil {
		return fmt.Errorf("the plan in JSON: %w", err)
	}
	var actions []string
	visible := true
	for _, c := range rotation.ResourceChanges {
		action := strings.Join(c.Change.Actions, "+")
		if action == "no-op" {
			continue
		}
		actions = append(actions, c.Address+" "+action)
		visible = visible && c.Change.AfterUnknown["credentials_updated_at"] == true && c.Change.AfterUnknown["id"] == nil
	}
	slices.Sort(actions)
	expectEqual(r, strings.Join(actions, ", "), "dataconn_omni_connection.base update, dataconn_omni_connection.prod update", "the plan changes the two connections in place, and nothing else")
	r.expect(visible, "it shows as a new credentials_updated_at; no id changes, so nothing that depends on one does")
	r.expect(!holds(planJSON, p.password, p.rotated), "the plan holds no password")
	return nil
}

// onlyPassword reports whether the request's body has the password's key alone.
func onlyPassword(request omnimock.Request) bool {
	var body map[string]any
	return json.Unmarshal(request.Body, &body) == nil && len(body) == 1 && body[passwordKey] != nil
}

func (p *omniPart) destroyProtected(ctx context.Context, r *report) error {
	before := p.requests()
	done, err := p.tf.run(ctx, r, "destroy", "-auto-approve")
	if err != nil {
		return err
	}
	expectEqual(r, done.Code, 1, "the plan of the destruction is refused")
	r.expect(strings.Contains(done.Output, "deletion_protection"), "the message names deletion_protection")
	expectEqual(r, len(p.writesSince(before)), 0, "the server got no request that changes anything")
	expectEqual(r, len(p.server.Connections()), 2, "both connections are still there")
	return nil
}

func (p *omniPart) destroy(ctx context.Context, r *report) error {
	p.tf.variables["deletion_protection"] = "false"
	before := p.requests()
	done, err := p.tf.must(ctx, r, 0, "apply", "-auto-approve")
	if err != nil {
		return err
	}
	r.expectSummary(done, "Apply complete! Resources: 0 added, 2 changed, 0 destroyed.")
	expectEqual(r, len(p.writesSince(before)), 0, "the protection stands in the state alone: nothing was sent")
	done, err = p.tf.must(ctx, r, 0, "destroy", "-auto-approve")
	if err != nil {
		return err
	}
	r.expectSummary(done, "Destroy complete! Resources: 6 destroyed.")
	expectEqual(r, len(p.server.Connections())+len(p.server.Environments()), 0, "the server has no connection and no environment")
	return nil
}
