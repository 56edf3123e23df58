// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package dbtrotatekeys_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest/protocol"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/fault"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

const rotateType = "dataconn_omni_dbt_rotate_keys"

func start(t *testing.T, options omnimock.Options) (*omnimock.Server, *protocol.Provider, string) {
	t.Helper()
	s := omnimock.Start(t, options)
	id := s.AddConnection(map[string]any{"name": "one", "dialect": "postgres"})
	p := protocol.New(t, protocol.Options())
	p.Configure(protocol.With(protocol.OmniConfig(s), map[string]any{"max_retries": 0})).RequireNone(t)
	return s, p, id
}

// The configuration stays as it is, all of it, on every generation.
func TestProtocolRotate(t *testing.T) {
	t.Parallel()
	folder := "transform/dbt"
	for _, generation := range []omnimock.Generation{omnimock.Current, omnimock.Narrow2026} {
		s, p, id := start(t, omnimock.Options{Generation: generation})
		s.EditDBT(id, func(d *omnimock.DBT) {
			d.Branch, d.DBTVersion, d.ProjectRootPath = "dev", "1.11", &folder
			d.AutogenRelationships, d.EnableSemanticLayer, d.EnableVirtualSchemas = true, true, true
		})
		before, _ := s.DBT(id)
		messages, diags := p.Invoke(rotateType, map[string]any{"connection_id": strings.ToUpper(id)}, nil)
		diags.RequireNone(t)
		after, _ := s.DBT(id)
		if after.DeployKey == before.DeployKey || after.DeployKey == "" || len(messages) != 1 || !strings.Contains(messages[0], id) {
			t.Errorf("the key is %s after %s: %q", after.DeployKey, before.DeployKey, messages)
		}
		after.DeployKey = before.DeployKey
		if *after.ProjectRootPath != folder {
			t.Errorf("the folder is %s", *after.ProjectRootPath)
		}
		after.ProjectRootPath = before.ProjectRootPath
		if fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("%+v became %+v", before, after)
		}
	}
}

func TestProtocolRotateFails(t *testing.T) {
	t.Parallel()
	for words, c := range map[string]struct {
		options omnimock.Options
		prepare func(s *omnimock.Server, id string)
	}{
		"with dataconn_omni_connection_dbt": {prepare: func(*omnimock.Server, string) {}},
		"is reached by https_token": {prepare: func(s *omnimock.Server, id string) {
			s.EditDBT(id, func(d *omnimock.DBT) { d.AuthMethod = "https_token" })
		}},
		"No such Omni connection": {prepare: func(s *omnimock.Server, id string) { s.TrashConnection(id) }},
		"Connection Admin": {prepare: func(s *omnimock.Server, id string) {
			s.EditDBT(id, func(*omnimock.DBT) {})
			s.Forbid(http.MethodPut, "")
		}},
		"no reason given": {prepare: func(s *omnimock.Server, id string) {
			s.EditDBT(id, func(*omnimock.DBT) {})
			s.Faults().Add(fault.Answer(400, `{"detail":"no reason given"}`).On(http.MethodPut, ""))
		}},
	} {
		s, p, id := start(t, c.options)
		c.prepare(s, id)
		before, _ := s.DBT(id)
		messages, diags := p.Invoke(rotateType, map[string]any{"connection_id": id}, nil)
		summary := "Cannot rotate the dbt deploy key of Omni connection " + id
		if strings.HasPrefix(words, "No such") {
			summary = "at connection_id: " + words
		}
		diags.RequireError(t, summary, words)
		if after, _ := s.DBT(id); after.DeployKey != before.DeployKey || len(messages) != 0 {
			t.Errorf("%s: it was rotated: %q", words, messages)
		}
	}
	s, p, id := start(t, omnimock.Options{})
	p.RequireJudged(s.Host, rotateType, map[string]any{"connection_id": id})
	p.PlanAction(rotateType, map[string]any{"connection_id": "one"}).RequireError(t, "at connection_id:", "not an id")
}
