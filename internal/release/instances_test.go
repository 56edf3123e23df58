// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package release_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// The guide on several instances keeps them apart. It needs the provider that is
// installed: one that runs in the test is configured once for all aliases.
func TestInstallForSeveralInstances(t *testing.T) {
	acctest.RequireWriteOnly(t)
	t.Parallel()
	europe, america := omnimock.Start(t, omnimock.Options{}), omnimock.Start(t, omnimock.Options{})
	guide := string(must(os.ReadFile(filepath.Join(root, "examples", "guides", "several-instances", "main.tf"))))
	c := newConsumer(t, cli.FilesystemMirror(mirrored(t, archive(t))), version,
		`TF_VAR_omni_tokens={"europe":"`+europe.Token()+`","america":"`+america.Token()+`"}`,
		"TF_VAR_reporter_token=a token", "TF_VAR_database_password=a password")
	c.WriteFile("main.tf", strings.NewReplacer(
		"https://acme.omniapp.co", europe.URL(), "https://acme-us.omniapp.co", america.URL(),
	).Replace(guide))

	c.Run("init")
	if output := c.Run("plan"); !strings.Contains(output, "Plan: 4 to add") {
		t.Errorf("plan:\n%s", output)
	}
	c.Run("apply", "-auto-approve", "-target=dataconn_omni_connection.europe", "-target=dataconn_omni_connection.america")
	for host, omni := range map[string]*omnimock.Server{"eu.db.example.com": europe, "us.db.example.com": america} {
		if made := omni.Connections(); len(made) != 1 || made[0].Settings["host"] != host {
			t.Errorf("the instance for %s has %v", host, made)
		}
	}
}
