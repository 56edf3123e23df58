// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package dbtrotatesigningkey_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

const rotateType = "dataconn_omni_dbt_rotate_signing_key"

func start(t *testing.T, options omnimock.Options) (*omnimock.Server, *protocol.Provider, string) {
	t.Helper()
	s := omnimock.Start(t, options)
	id := s.AddConnection(map[string]any{"name": "one", "dialect": "postgres"})
	p := protocol.New(t, protocol.Options())
	p.Configure(protocol.With(protocol.OmniConfig(s), map[string]any{"max_retries": 0})).RequireNone(t)
	return s, p, id
}

// signed makes a repository whose commits are signed.
func signed(s *omnimock.Server, id string) {
	key := "ssh-ed25519 former"
	s.EditDBT(id, func(d *omnimock.DBT) {
		d.AuthMethod, d.SSHURL, d.SigningPublicKey = "github_app", "https://github.com/o/r", &key
	})
}

func TestProtocolRotate(t *testing.T) {
	t.Parallel()
	s, p, id := start(t, omnimock.Options{})
	signed(s, id)
	messages, diags := p.Invoke(rotateType, map[string]any{"connection_id": strings.ToUpper(id)}, nil)
	diags.RequireNone(t)
	first, _ := s.DBT(id)
	if *first.SigningPublicKey == "ssh-ed25519 former" || first.CommitterName != nil || len(messages) != 1 || !strings.HasSuffix(messages[0], *first.SigningPublicKey) {
		t.Errorf("the key is %s: %q", *first.SigningPublicKey, messages)
	}
	_, diags = p.Invoke(rotateType, map[string]any{"connection_id": id, "commit_signing_committer_email": "a@example.com", "commit_signing_committer_name": "A"}, nil)
	diags.RequireNone(t)
	second, _ := s.DBT(id)
	if *second.SigningPublicKey == *first.SigningPublicKey || *second.CommitterEmail != "a@example.com" || *second.CommitterName != "A" {
		t.Errorf("%+v", second)
	}

	s.Faults().Add(fault.Answer(200, `{"sshUrl":"https://github.com/o/r","branch":"main"}`).On(http.MethodPost, ""))
	messages, diags = p.Invoke(rotateType, map[string]any{"connection_id": id}, nil)
	diags.RequireNone(t)
	if len(messages) != 1 || !strings.HasSuffix(messages[0], "with a new key.") {
		t.Errorf("without the new key it says %q", messages)
	}
}

// What the server leaves out is added to the error that it belongs to, and to no other.
func TestProtocolRotateFails(t *testing.T) {
	t.Parallel()
	hints := []string{"with dataconn_omni_connection_dbt", "auth_method github_app", "may have been replaced", "servers of August 2026"}
	for words, c := range map[string]struct {
		options omnimock.Options
		prepare func(s *omnimock.Server, id string)
	}{
		"with dataconn_omni_connection_dbt": {prepare: func(*omnimock.Server, string) {}},
		"auth_method github_app":            {prepare: func(s *omnimock.Server, id string) { s.EditDBT(id, func(*omnimock.DBT) {}) }},
		"No such Omni connection":           {prepare: func(s *omnimock.Server, id string) { s.TrashConnection(id) }},
		"Connection Admin":                  {prepare: func(s *omnimock.Server, id string) { signed(s, id); s.Forbid(http.MethodPost, "") }},
		"may have been replaced": {prepare: func(s *omnimock.Server, id string) {
			signed(s, id)
			s.Faults().Add(fault.InternalError().On(http.MethodPost, ""))
		}},
		"no reason given": {prepare: func(s *omnimock.Server, id string) {
			signed(s, id)
			s.Faults().Add(fault.Answer(http.StatusBadRequest, `{"detail":"no reason given"}`).On(http.MethodPost, ""))
		}},
		"servers of August 2026": {options: omnimock.Options{Generation: omnimock.Narrow2026}, prepare: signed},
	} {
		s, p, id := start(t, c.options)
		c.prepare(s, id)
		messages, diags := p.Invoke(rotateType, map[string]any{"connection_id": id}, nil)
		summary := "Cannot rotate the commit signing key of Omni connection " + id
		if strings.HasPrefix(words, "No such") {
			summary = "at connection_id: " + words
		}
		diags.RequireError(t, summary, words)
		if len(messages) != 0 {
			t.Errorf("%s: %q", words, messages)
		}
		for _, hint := range hints {
			if hint != words && strings.Contains(diags.String(), hint) {
				t.Errorf("%s: it says %q", words, diags)
			}
		}
	}
	s, p, id := start(t, omnimock.Options{})
	p.RequireJudged(s.Host, rotateType, map[string]any{"connection_id": id})
	p.PlanAction(rotateType, map[string]any{"connection_id": "one"}).RequireError(t, "at connection_id:", "not an id")
	plan := func(email, name string) protocol.Diagnostics {
		return p.PlanAction(rotateType, map[string]any{"connection_id": id, "commit_signing_committer_email": email, "commit_signing_committer_name": name})
	}
	plan(strings.Repeat("a", 320), strings.Repeat("a", 255)).RequireNone(t)
	plan("a", "A").RequireNone(t)
	plan(strings.Repeat("a", 321), "A").RequireError(t, "at commit_signing_committer_email:", "320")
	plan("", "A").RequireError(t, "at commit_signing_committer_email:")
	plan("a", strings.Repeat("a", 256)).RequireError(t, "at commit_signing_committer_name:", "255")
	plan("a", "").RequireError(t, "at commit_signing_committer_name:")
	p.PlanAction(rotateType, map[string]any{"connection_id": id, "commit_signing_committer_email": "a"}).RequireError(t, "at commit_signing_committer_email:", "commit_signing_committer_name")
	p.PlanAction(rotateType, map[string]any{"connection_id": id, "commit_signing_committer_name": "A"}).RequireError(t, "at commit_signing_committer_name", "commit_signing_committer_email")
}
