// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
)

// useCLI makes the tests use another CLI.
func useCLI(t *testing.T, c cli.CLI) {
	t.Helper()
	former := command
	command = c
	t.Cleanup(func() { command = former })
}

// requireNotSkipped makes a skip of the test its failure.
func requireNotSkipped(t *testing.T) {
	t.Helper()
	t.Cleanup(func() {
		if t.Skipped() {
			t.Error("skipped")
		}
	})
}

// A shell takes the place of the CLI: it tells what a command sees.
func TestSession(t *testing.T) {
	requireNotSkipped(t)
	useCLI(t, cli.CLI{Path: "/bin/sh", Kind: cli.Terraform, Version: "1.11.4"})
	t.Setenv("OMNI_API_TOKEN", "the developer's")
	s := NewSession(t, "# configuration\n", "NAME=first")
	s.Setenv("NAME", "last")
	s.Write("# body\n")
	if got := s.Run("-c", `echo "$NAME, $OMNI_API_TOKEN"; cat "$TF_CLI_CONFIG_FILE" main.tf`); got != "last, \n# configuration\n"+s.Read("main.tf") {
		t.Errorf("a command sees %s", got)
	}
	if got := s.Read("main.tf"); !strings.HasPrefix(got, "terraform {") || !strings.HasSuffix(got, "# body\n") {
		t.Errorf("the configuration is %s", got)
	}
	const fails = "echo no; exit 3"
	if got := s.Fail("-c", fails); got != "no\n" {
		t.Errorf("failed with %q", got)
	}
	if got := s.Expect(3, "-c", fails); got != "no\n" {
		t.Errorf("ended with 3, and %q", got)
	}
	if got := s.Try("-c", fails); got != (cli.Result{Code: 3, Output: "no\n"}) {
		t.Errorf("ended with %+v", got)
	}
	if got, err := s.Command("-c", "cat main.tf").Output(); err != nil || string(got) != s.Read("main.tf") {
		t.Errorf("%s, %v", got, err)
	}
	s.RequireTerraform(1, 11)
}

func TestAddress(t *testing.T) {
	t.Setenv("TF_ACC_PROVIDER_HOST", "registry.example.com")
	t.Setenv("TF_ACC_PROVIDER_NAMESPACE", "dataconn")
	for source, want := range map[string]string{"random": "registry.example.com/dataconn/random", "hashicorp/random": "registry.example.com/hashicorp/random"} {
		if got := Address(source); got != want {
			t.Errorf("%s is %s", source, got)
		}
	}
}

func TestWhatACLIHas(t *testing.T) {
	requireNotSkipped(t)
	for version, want := range map[string][2]bool{"1.10.9": {false, false}, "1.11.0": {true, false}, "1.12.0": {true, true}} {
		useCLI(t, cli.CLI{Version: version})
		if got := [2]bool{HasWriteOnly(), HasIdentity()}; got != want {
			t.Errorf("%s: %v", version, got)
		}
	}
	useCLI(t, cli.CLI{Version: "1.11.0"})
	RequireWriteOnly(t)
}
