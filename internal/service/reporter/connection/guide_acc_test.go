// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package connection_test

import (
	"os"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// The guide's example, from the first apply to the last destroy.
func TestGuide(t *testing.T) {
	t.Parallel()
	reporter := acctest.StartReporter(t, reportermock.Options{Auth: reportermock.StaticToken, AnyDatabase: true})
	reporter.Add(reportermock.Connection{ConfigName: "by-hand", ProductName: "ledger"}, "theirs")
	session := reporter.Session(t)
	if err := os.CopyFS(session.Dir, os.DirFS("../../../../examples/guides/reporter-connections")); err != nil {
		t.Fatal(err)
	}
	session.Setenv("TF_VAR_database_password", "the-first-password")
	session.Setenv("TF_VAR_database_ca", "-----BEGIN CERTIFICATE-----")
	output := session.Run("apply", "-auto-approve")
	if !strings.Contains(output, "2 added, 0 changed, 0 destroyed") || !strings.Contains(output, `"by-hand"`) {
		t.Errorf("the apply says\n%s", output)
	}
	session.Run("plan", "-detailed-exitcode")
	session.Setenv("TF_VAR_database_password", "the-second-password")
	session.Setenv("TF_VAR_password_version", "2")
	reporter.ResetRequests()
	session.Run("apply", "-auto-approve")
	password := patch(map[string]any{"password": "the-second-password"})
	acctest.Require(t, reporter.ExpectWrites(password, password, "POST connections/test 200", "POST connections/test 200"))
	session.Run("destroy", "-auto-approve")
	if left := reporter.Connections(); len(left) != 1 || left[0].ConfigName != "by-hand" {
		t.Errorf("left on the server: %v", left)
	}
}
