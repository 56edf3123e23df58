// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package release_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// Each folder in testdata/upgrade is what an earlier build left: the
// configuration, the state that it wrote, and what the server had then. Never
// change one; add one for each release, with the CLI of your choice:
//
//	go test ./internal/release -run TestUpgrade -args -record v0.2.0-tofu
const (
	upgrades    = "testdata/upgrade"
	newFixture  = upgrades + "/main.tf" // what is recorded
	serverFile  = "server.json"
	stateFile   = "state.json" // the CLI calls it cliState, which .gitignore keeps out
	cliState    = "terraform.tfstate"
	defaultHost = "registry.terraform.io"
)

var record = flag.String("record", "", "write the fixture of this name instead of testing")

// A state that an earlier build wrote plans clean, with a refresh and without,
// and is not written again by an apply that changes nothing.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	if *record != "" {
		recordUpgrade(t, filepath.Join(upgrades, *record))
		return
	}
	folders, err := filepath.Glob(filepath.Join(upgrades, "*", stateFile))
	if err != nil || len(folders) == 0 {
		t.Fatalf("no fixtures in %s: %v", upgrades, err)
	}
	for _, file := range folders {
		folder := filepath.Dir(file)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			omni := acctest.StartOmni(t, omnimock.Options{EnvironmentList: true, BuildSchemaModels: true})
			var had omnimock.Snapshot
			decode(t, filepath.Join(folder, serverFile), &had)
			omni.Restore(had)

			session := omni.Session(t)
			session.Write(omni.Config(string(must(os.ReadFile(filepath.Join(folder, "main.tf"))))))
			if err := os.WriteFile(filepath.Join(session.Dir, cliState), must(os.ReadFile(file)), 0o600); err != nil {
				t.Fatal(err)
			}
			session.Run("plan", "-detailed-exitcode", "-refresh=false")
			output := session.Run("plan", "-detailed-exitcode")
			if regexp.MustCompile(`(?i)warning|changed outside`).MatchString(output) {
				t.Errorf("the plan is empty, but not silent:\n%s", output)
			}
			session.Run("apply", "-auto-approve")
			session.Run("plan", "-detailed-exitcode")
			if writes := omni.Writes(); len(writes) > 0 {
				t.Errorf("the server was written to:\n%s", strings.Join(writes, "\n"))
			}

			// The state is one that can be worked with, not just looked at.
			config := strings.ReplaceAll(string(must(os.ReadFile(filepath.Join(folder, "main.tf")))), "# upgrade: ", "")
			session.Write(omni.Config(config))
			output = session.Run("apply", "-auto-approve")
			if !strings.Contains(output, "0 added, 1 changed, 0 destroyed") {
				t.Errorf("a change after the upgrade:\n%s", output)
			}
			session.Run("plan", "-detailed-exitcode")
		})
	}
}

func recordUpgrade(t *testing.T, folder string) {
	t.Helper()
	if _, err := os.Stat(folder); err == nil {
		t.Fatalf("%s is there already", folder)
	}
	omni := acctest.StartOmni(t, omnimock.Options{EnvironmentList: true, BuildSchemaModels: true})
	session := omni.Session(t)
	config := must(os.ReadFile(newFixture))
	session.Write(omni.Config(string(config)))
	session.Run("apply", "-auto-approve")
	session.Run("plan", "-detailed-exitcode")
	// OpenTofu takes over a state of Terraform, but not the other way round.
	state := strings.ReplaceAll(session.Read(cliState), os.Getenv("TF_ACC_PROVIDER_HOST"), defaultHost)
	server := must(json.MarshalIndent(omni.Snapshot(), "", "  "))
	if err := os.MkdirAll(folder, 0o750); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"main.tf": string(config), stateFile: state, serverFile: string(server) + "\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("wrote %s", folder)
}
