// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package release_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// The guide on several instances keeps them apart. It needs the provider that is
// installed: one that runs in the test is configured once for all aliases.
func TestInstallForSeveralInstances(t *testing.T) {
	acctest.RequireWriteOnly(t)
	t.Parallel()
	a := archive(t)
	c := newConsumer(t, filesystem(mirrored(t, a)), version)
	europe, america := omnimock.Start(t, omnimock.Options{}), omnimock.Start(t, omnimock.Options{})
	guide := string(must(os.ReadFile(filepath.Join(root, "examples", "guides", "several-instances", "main.tf"))))
	c.write("main.tf", strings.NewReplacer(
		"https://acme.omniapp.co", europe.URL(), "https://acme-us.omniapp.co", america.URL(),
	).Replace(guide))
	c.environment = append(c.environment,
		`TF_VAR_omni_tokens={"europe":"`+europe.Token()+`","america":"`+america.Token()+`"}`,
		"TF_VAR_reporter_token=a token", "TF_VAR_database_password=a password")

	if output, err := c.run("init"); err != nil {
		t.Fatalf("init: %v\n%s", err, output)
	}
	if output, err := c.run("plan"); err != nil || !strings.Contains(output, "Plan: 4 to add") {
		t.Errorf("plan: %v\n%s", err, output)
	}
	output, err := c.run("apply", "-auto-approve", "-target=dataconn_omni_connection.europe", "-target=dataconn_omni_connection.america")
	if err != nil {
		t.Fatalf("apply: %v\n%s", err, output)
	}
	for host, omni := range map[string]*omnimock.Server{"eu.db.example.com": europe, "us.db.example.com": america} {
		if made := omni.Connections(); len(made) != 1 || made[0].Settings["host"] != host {
			t.Errorf("the instance for %s has %v", host, made)
		}
	}
}
