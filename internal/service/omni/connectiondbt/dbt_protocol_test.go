// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connectiondbt_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

const dbtType = "dataconn_omni_connection_dbt"

type object = map[string]any

// stage is a server with a connection, and a provider for it.
type stage struct {
	*omnimock.Server
	p  *protocol.Provider
	id string
}

func newStage(t *testing.T, options omnimock.Options) stage {
	t.Helper()
	s := stage{Server: omnimock.Start(t, options)}
	s.p = protocol.NewDialing(t, s)
	config := protocol.OmniConfig(s.Server)
	if options.Generation == omnimock.Guide2025 {
		config = protocol.With(config, object{"omni": object{"api_version": "unstable"}})
	}
	s.p.Configure(config).RequireNone(t)
	s.id = s.AddConnection(object{"name": "n", "dialect": "postgres"})
	return s
}

// ssh, token and app are configurations of the three methods.
func (s stage) ssh() object {
	return object{
		"connection_id": s.id, "ssh_url": "git@github.com:org/repo.git", "branch": "main",
		"autogen_relationships": true, "enable_virtual_schemas": false,
	}
}

func (s stage) token() object {
	return protocol.With(s.ssh(), object{"ssh_url": "https://github.com/org/repo", "auth_method": "https_token"})
}

func (s stage) app() object {
	return protocol.With(s.token(), object{"auth_method": "github_app", "github_app_installation_id": "123"})
}

// bodies are those of the writes since the last call.
func (s stage) bodies(t *testing.T) []string {
	t.Helper()
	var bodies []string
	for _, r := range s.Requests() {
		if r.Method != http.MethodGet {
			var body object
			_ = json.Unmarshal(r.Body, &body)
			encoded, _ := json.Marshal(body)
			bodies = append(bodies, fmt.Sprintf("%s %s", r.Method, encoded))
		}
	}
	s.ResetRequests()
	return bodies
}

func (s stage) requireWrites(t *testing.T, want ...string) {
	t.Helper()
	if got := s.bodies(t); !slices.Equal(got, want) {
		t.Errorf("writes\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func (s stage) dbt(t *testing.T) omnimock.DBT {
	t.Helper()
	config, ok := s.DBT(s.id)
	if !ok {
		t.Fatal("there is no configuration")
	}
	return config
}

// requireSettled restarts, refreshes, and wants nothing to do.
func (s stage) requireSettled(t *testing.T, r *protocol.Resource, config object) {
	t.Helper()
	s.p.Restart()
	r.Refresh().RequireNone(t)
	if plan := r.Plan(config); !plan.IsEmpty() || len(plan.Diagnostics) > 0 {
		t.Errorf("the plan is not empty: %s of %v\n%s", plan.Action, plan.Changes(), plan.Diagnostics)
	}
}

// A life on both generations, with imports in it.
func TestProtocolLife(t *testing.T) {
	t.Parallel()
	for _, generation := range []omnimock.Generation{omnimock.Current, omnimock.Narrow2026} {
		t.Run(fmt.Sprint(generation), func(t *testing.T) {
			t.Parallel()
			s := newStage(t, omnimock.Options{Generation: generation})
			config := s.ssh()
			r := s.p.Resource(dbtType)
			r.Apply(config).RequireNone(t)
			s.requireWrites(t, `PUT {"autogenRelationships":true,"branch":"main","enableVirtualSchemas":false,"projectRootPath":null,"sshUrl":"git@github.com:org/repo.git"}`)
			s.requireSettled(t, r, config)
			method := any("ssh")
			if generation != omnimock.Current {
				method = nil // not returned
			}
			for name, want := range (object{"auth_method": method, "dbt_version": "Auto", "enable_semantic_layer": false, "supports_dbt": true, "credentials_updated_at": nil}) {
				if got := r.Get(name); got != want {
					t.Errorf("%s is %v, not %v", name, got, want)
				}
			}

			// In place, with all that the server would reset otherwise.
			config = protocol.With(config, object{"branch": "dev", "dbt_version": "1.11", "enable_semantic_layer": true, "project_root_path": "a/b"})
			plan := r.Plan(config)
			if plan.Action != protocol.Update {
				t.Errorf("%s", plan.Action)
			}
			plan.Apply().RequireNone(t)
			s.requireWrites(t, `PUT {"autogenRelationships":true,"branch":"dev","dbtVersion":"1.11","enableSemanticLayer":true,"enableVirtualSchemas":false,"projectRootPath":"a/b","sshUrl":"git@github.com:org/repo.git"}`)
			s.requireSettled(t, r, config)
			// What may stay when it is not set stays; the folder does not.
			config = protocol.With(s.ssh(), object{"branch": "dev"})
			r.Apply(config).RequireNone(t)
			s.requireWrites(t, `PUT {"autogenRelationships":true,"branch":"dev","dbtVersion":"1.11","enableSemanticLayer":true,"enableVirtualSchemas":false,"projectRootPath":null,"sshUrl":"git@github.com:org/repo.git"}`)
			s.requireSettled(t, r, config)

			for name, take := range map[string]func(r *protocol.Resource) protocol.Diagnostics{
				"id": func(r *protocol.Resource) protocol.Diagnostics { return r.Import(strings.ToUpper(s.id)) },
				"identity": func(r *protocol.Resource) protocol.Diagnostics {
					return r.ImportIdentity(object{"connection_id": s.id})
				},
			} {
				imported := s.p.Resource(dbtType)
				take(imported).RequireNone(t)
				s.requireSettled(t, imported, config)
				if fmt.Sprint(imported.State()) != fmt.Sprint(r.State()) || imported.Identity()["connection_id"] != s.id {
					t.Errorf("%s: %v", name, imported.State())
				}
			}
			r.Destroy().RequireNone(t)
			s.requireWrites(t, `DELETE null`)
			s.p.Resource(dbtType).Import(s.id).RequireError(t, "Nothing to import")
		})
	}
}

// Nothing that concerns the server alone is sent.
func TestProtocolTimeoutsSendNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(dbtType)
	r.Apply(s.ssh()).RequireNone(t)
	s.p.Restart()
	s.ResetRequests()
	r.Apply(protocol.With(s.ssh(), object{"timeouts": object{"read": "1m"}})).RequireNone(t)
	if n := s.CountRequests("", ""); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// What was changed elsewhere is put back.
func TestProtocolDrift(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	config := protocol.With(s.ssh(), object{"project_root_path": "a", "enable_semantic_layer": true})
	r := s.p.Resource(dbtType)
	r.Apply(config).RequireNone(t)
	for name, edit := range map[string]func(*omnimock.DBT){
		"branch":                 func(d *omnimock.DBT) { d.Branch = "theirs" },
		"ssh_url":                func(d *omnimock.DBT) { d.SSHURL = "git@example.com:o/r.git" },
		"autogen_relationships":  func(d *omnimock.DBT) { d.AutogenRelationships = false },
		"enable_virtual_schemas": func(d *omnimock.DBT) { d.EnableVirtualSchemas = true },
		"enable_semantic_layer":  func(d *omnimock.DBT) { d.EnableSemanticLayer = false },
		"project_root_path":      func(d *omnimock.DBT) { d.ProjectRootPath = nil },
	} {
		before := s.dbt(t)
		s.EditDBT(s.id, edit)
		s.p.Restart()
		r.Refresh().RequireNone(t)
		plan := r.Plan(config)
		if plan.Action != protocol.Update || fmt.Sprint(plan.Changes()) != "["+name+"]" {
			t.Errorf("%s: %s of %v", name, plan.Action, plan.Changes())
		}
		plan.Apply().RequireNone(t)
		if after := s.dbt(t); after.Branch != before.Branch || after.SSHURL != before.SSHURL || *after.ProjectRootPath != "a" {
			t.Errorf("%s: %+v", name, after)
		}
	}

	s.UnlinkDBT(s.id)
	s.p.Restart()
	r.Refresh().RequireWarning(t, "gone", "not configured", s.id)
	if r.Exists() {
		t.Error("it is still in the state")
	}
	r.Apply(config).RequireNone(t)
	s.TrashConnection(s.id)
	s.p.Restart()
	r.Destroy().RequireNone(t)
}

// Only certain absence drops it from the state.
func TestProtocolUncertainAbsence(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]fault.Fault{
		"another shape":  fault.Answer(200, `{"supportsDbt":true}`),
		"no words":       fault.Answer(200, `{"message":"dbt not configured for this connection"}`),
		"a write's":      fault.Answer(200, `{"success":true,"message":"dbt configuration updated successfully"}`),
		"no branch":      fault.Answer(200, `{"supportsDbt":true,"sshUrl":"git@github.com:org/repo.git"}`),
		"no such route":  fault.Answer(404, `{"detail":"Not Found"}`),
		"gone by a word": fault.Answer(410, `{"detail":"Gone"}`),
		"forbidden":      fault.Answer(403, `{"detail":"Permission denied"}`),
		"a login page":   fault.NotJSON(),
	} {
		s := newStage(t, omnimock.Options{})
		r := s.p.Resource(dbtType)
		r.Apply(s.ssh()).RequireNone(t)
		s.p.Restart()
		s.Faults().Add(answer.On(http.MethodGet, "/api/v1/connections/*/dbt"))
		diags := r.Refresh()
		if diags.RequireError(t, "Cannot read the dbt configuration"); !r.Exists() {
			t.Errorf("%s: it fell out of the state", name)
		}
	}
}

// A configuration that is there is somebody's, unless it is the very same.
func TestProtocolExistingConfiguration(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) { // it waits for a delete that could come
		s := newStage(t, omnimock.Options{InMemory: true})
		s.EditDBT(s.id, func(d *omnimock.DBT) { d.Branch, d.AutogenRelationships = "theirs", true })
		r := s.p.Resource(dbtType)
		r.Apply(s.ssh()).RequireError(t, "already", `"theirs"`, "terraform import <address of this resource> "+s.id+"\n")
		if r.Exists() || s.dbt(t).Branch != "theirs" {
			t.Error("it was overwritten")
		}
		s.ResetRequests()
		theirs := protocol.With(s.ssh(), object{"branch": "theirs"})
		r.Apply(theirs).RequireWarning(t, "existed already", "moved", "somebody else")
		s.requireWrites(t)
		s.p.Resource(dbtType).Apply(theirs).RequireError(t, "another resource", "keep one of the two")
		s.requireSettled(t, r, theirs)
	})
}

// Where the read before fails, nothing was sent, and so it is not said.
func TestProtocolReadBeforeFails(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	s.Faults().Add(fault.InternalError().On(http.MethodGet, "/api/v1/connections/*/dbt").Repeat(fault.Forever))
	diags := s.p.Resource(dbtType).Apply(s.ssh())
	diags.RequireError(t, "at connection_id:", "Cannot create the dbt configuration", "500")
	if strings.Contains(diags.String(), "carried out") {
		t.Errorf("%s", diags)
	}
}

func TestProtocolCannotHaveDBT(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(dbtType)
	other := s.AddConnection(object{"name": "n", "dialect": "exasol"})
	r.Apply(protocol.With(s.ssh(), object{"connection_id": other})).RequireError(t, "at connection_id", "does not support dbt")
	r.Apply(protocol.With(s.ssh(), object{"connection_id": "550e8400-e29b-41d4-a716-446655440000"})).RequireError(t, "at connection_id: No such Omni connection", "550e8400", "in the trash")
	s.Forbid(http.MethodGet, "/api/v1/connections/*/dbt")
	r.Apply(s.ssh()).RequireError(t, "at connection_id:", "403", "Connection Admin")

	s = newStage(t, omnimock.Options{Generation: omnimock.Guide2025})
	r = s.p.Resource(dbtType)
	r.Apply(s.ssh()).RequireError(t, "no dbt in its API", "too old")
}

// An older server reaches repositories by SSH only.
func TestProtocolOlderServerRefuses(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{Generation: omnimock.Narrow2026})
	for attribute, config := range map[string]object{
		"auth_method":                protocol.With(s.ssh(), object{"auth_method": "ssh"}),
		"github_app_installation_id": s.app(),
		"token and token_wo":         protocol.With(s.token(), object{"token_wo": "t0ken"}),
	} {
		r := s.p.Resource(dbtType)
		diags := r.Apply(config)
		diags.RequireError(t, "too old", attribute, "Nothing was changed")
		if r.Exists() || strings.Contains(diags.String(), "in place") {
			t.Errorf("%s", diags)
		}
	}
	r := s.p.Resource(dbtType)
	r.Apply(s.ssh()).RequireNone(t)
	r.Apply(protocol.With(s.ssh(), object{"auth_method": "ssh"})).RequireError(t, "too old", "auth_method")
	s.requireSettled(t, r, s.ssh())

	// After an import it cannot be known, so what is configured is taken for it.
	imported := s.p.Resource(dbtType)
	imported.Import(s.id).RequireNone(t)
	config := protocol.With(s.ssh(), object{"auth_method": "ssh"})
	plan := imported.Plan(config)
	plan.RequireWarning(t, "adopted", "auth_method")
	if changes := fmt.Sprint(plan.Changes()); changes != "[auth_method]" { // nothing comes with it
		t.Errorf("adopting changes %s", changes)
	}
	s.ResetRequests()
	plan.Apply().RequireNone(t)
	s.requireWrites(t)
	s.requireSettled(t, imported, config)
}

// The write is done, and cannot be read back: nothing is tainted for it.
func TestProtocolReadBackFails(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{Generation: omnimock.Narrow2026})
	r := s.p.Resource(dbtType)
	s.Faults().Add(fault.Answer(200, `{"supportsDbt":true,"message":"dbt not configured for this connection"}`).On(http.MethodGet, ""))
	s.Faults().Add(fault.Answer(403, `{"detail":"Permission denied"}`).On(http.MethodGet, ""))
	diags := r.Apply(s.ssh())
	diags.RequireOK(t)
	diags.RequireWarning(t, "read back", "next refresh")
	if !r.Exists() || r.IsTainted() || r.Identity()["connection_id"] != s.id {
		t.Fatal("it is not in the state")
	}
	s.requireSettled(t, r, s.ssh())
}

func TestProtocolUnknownUntilApply(t *testing.T) {
	t.Parallel()
	s := newStage(t, omnimock.Options{})
	r := s.p.Resource(dbtType)
	unknown := object{}
	for name := range protocol.With(s.token(), object{"token_wo": ""}) {
		unknown[name] = protocol.Unknown
	}
	plan := r.Plan(unknown)
	plan.RequireNone(t)
	config := protocol.With(s.token(), object{"token_wo": "t0ken"})
	plan.ApplyWith(config).RequireNone(t)
	s.requireSettled(t, r, config)
	plan = r.Plan(protocol.With(config, object{"auth_method": protocol.Unknown, "token_wo": protocol.Unknown, "project_root_path": protocol.Unknown}))
	plan.RequireNone(t)
	plan.ApplyWith(protocol.With(config, object{"project_root_path": "a"})).RequireNone(t)
}

// One configuration at two addresses in one run is there in the end, whichever
// goes first, and the words name a moved block.
func TestProtocolConfigurationAtAnotherAddress(t *testing.T) {
	t.Parallel()
	for name, createdFirst := range map[string]bool{"created first": true, "destroyed first": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, omnimock.Options{})
			before, after := s.p.Resource(dbtType), s.p.Resource(dbtType)
			before.Apply(s.ssh()).RequireNone(t)
			s.p.Restart()
			if createdFirst {
				after.Apply(s.ssh()).RequireWarning(t, "existed already", "moved")
				before.Destroy().RequireWarning(t, "two addresses", "moved")
			} else {
				before.Destroy().RequireNone(t)
				after.Apply(s.ssh()).RequireWarning(t, "created again", "moved")
			}
			s.p.Restart()
			after.Refresh().RequireNone(t)
			if plan := after.Plan(s.ssh()); !after.Exists() || !plan.IsEmpty() {
				t.Errorf("afterwards the plan changes %v", plan.Changes())
			}
		})
	}
}

// A create that sees the configuration while it is being unlinked at another address
// links it once more.
func TestProtocolConfigurationThatIsBeingUnlinked(t *testing.T) {
	t.Parallel()
	protocol.InBubble(t, func(t *testing.T) {
		s := newStage(t, omnimock.Options{InMemory: true})
		before, after := s.p.Resource(dbtType), s.p.Resource(dbtType)
		before.Apply(s.ssh()).RequireNone(t)
		s.p.Restart()
		begun, destroyed := make(chan struct{}), make(chan protocol.Diagnostics, 1)
		s.Faults().Add(fault.Fault{Delay: time.Second, Hook: func() { close(begun) }}.On(http.MethodDelete, ""))
		go func() { destroyed <- before.Destroy() }()
		<-begun
		after.Apply(s.ssh()).RequireWarning(t, "created again", "moved")
		diags := <-destroyed
		diags.RequireNone(t)
		s.dbt(t)
		s.requireSettled(t, after, s.ssh())
	})
}

// One that this run would unlink at another address is changed to what is configured.
func TestProtocolConfigurationThatMovesAndChanges(t *testing.T) {
	t.Parallel()
	for name, token := range tokenForms() {
		protocol.InBubble(t, func(t *testing.T) {
			s := newStage(t, omnimock.Options{InMemory: true})
			before, after := s.p.Resource(dbtType), s.p.Resource(dbtType)
			config := protocol.With(s.token(), token)
			before.Apply(config).RequireNone(t)
			s.p.Restart()
			s.ResetRequests()
			destroyed := make(chan protocol.Diagnostics)
			go func() {
				time.Sleep(time.Second) // the create has met it, and waits
				destroyed <- before.Destroy()
			}()
			moved := protocol.With(config, object{"branch": "trunk"})
			after.Apply(moved).RequireWarning(t, "another address", "moved")
			(<-destroyed).RequireWarning(t, "two addresses", "moved")
			if sent := s.bodies(t); len(sent) != 1 || !strings.Contains(sent[0], `"token":"t0ken"`) || s.CountRequests(http.MethodDelete, "") != 0 {
				t.Errorf("%s: sent %q", name, sent)
			}
			s.requireSettled(t, after, moved)
		})
	}
}
