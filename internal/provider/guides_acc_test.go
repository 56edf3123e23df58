// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"os"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// The guide on adopting what exists imports by name, makes nothing, and sends no
// more than the secrets.
func TestGuideToAdopt(t *testing.T) {
	t.Parallel()
	omni := acctest.StartOmni(t, omnimock.Options{EnvironmentList: true})
	for name, host := range map[string]string{"Analytics": "dev.db.example.com", "Analytics (production)": "prod.db.example.com", "Another": "x.example.com"} {
		omni.AddConnection(map[string]any{
			"dialect": "postgres", "name": name, "host": host, "port": 5432, "database": "analytics", "username": "omni",
			"passwordUnencrypted": "what it was",
		})
	}
	session := omni.Session(t)
	if err := os.CopyFS(session.Dir, os.DirFS("../../examples/guides/adopt-existing")); err != nil {
		t.Fatal(err)
	}
	output := session.Run("apply", "-auto-approve", "-var", "database_password=what it is")
	if !strings.Contains(output, "2 imported, 0 added, 2 changed, 0 destroyed") {
		t.Errorf("the apply says\n%s", output)
	}
	for _, write := range omni.Writes() {
		if write != `PATCH connections {"passwordUnencrypted":"what it is"} 200` {
			t.Errorf("written: %s", write)
		}
	}
	session.Run("plan", "-detailed-exitcode", "-var", "database_password=what it is")

	omni.AddConnection(map[string]any{"dialect": "postgres", "name": "Analytics"})
	session.Fail("plan", "-var", "database_password=what it is") // which of the two?
}
