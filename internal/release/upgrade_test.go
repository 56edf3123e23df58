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
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/reportermock"
)

// Each folder in testdata/upgrade is what an earlier build left of one system: the
// configuration, the state that it wrote, and what the server had then. Never
// change one; add one of each system for each release, with the CLI of your
// choice:
//
//	go test ./internal/release -run TestUpgrade -args -record v0.2.0-tofu
const (
	upgrades    = "testdata/upgrade"
	stateFile   = "state.json" // the CLI calls it cliState, which .gitignore keeps out
	cliState    = "terraform.tfstate"
	defaultHost = "registry.terraform.io"
)

// upgraded is a server that an earlier build left something on.
type upgraded struct {
	world
	snapshot func() any
}

type world interface {
	Config(blocks ...string) string
	Session(t acctest.T) *acctest.Session
	Writes() []string
}

// upgradedSystem is how a system's fixtures are made and used.
type upgradedSystem struct {
	name       string
	source     string // what is recorded
	serverFile string
	// start returns a server that has what the file says; "" is an empty one.
	start func(t *testing.T, file string) upgraded
}

func upgradedSystems() []upgradedSystem {
	return []upgradedSystem{
		{"omni", "main.tf", "server.json", func(t *testing.T, file string) upgraded {
			t.Helper()
			omni := acctest.StartOmni(t, omnimock.Options{EnvironmentList: true})
			if file == "" {
				omni.AddUser(omnimock.User{UserName: "ada@example.com", Attributes: map[string]any{"environment": "dev"}})
			}
			restore(t, file, omni.Restore)
			return upgraded{omni, func() any { return omni.Snapshot() }}
		}},
		{"reporter", "reporter.tf", "reporter.json", func(t *testing.T, file string) upgraded {
			t.Helper()
			reporter := acctest.StartReporter(t, reportermock.Options{AnyDatabase: true})
			restore(t, file, reporter.Restore)
			return upgraded{reporter, func() any { return reporter.Snapshot() }}
		}},
	}
}

func restore[T any](t *testing.T, file string, into func(T)) {
	t.Helper()
	if file != "" {
		var had T
		decode(t, file, &had)
		into(had)
	}
}

var record = flag.String("record", "", "write the fixture of this name instead of testing")

// A state that an earlier build wrote plans clean, with a refresh and without,
// and is not written again by an apply that changes nothing.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	for _, system := range upgradedSystems() {
		if *record != "" {
			recordUpgrade(t, system, filepath.Join(upgrades, *record+"-"+system.name))
			continue
		}
		files, err := filepath.Glob(filepath.Join(upgrades, "*", system.serverFile))
		if err != nil || len(files) == 0 {
			t.Fatalf("no fixtures of %s in %s: %v", system.name, upgrades, err)
		}
		for _, file := range files {
			t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
				t.Parallel()
				upgrade(t, system.start(t, file), filepath.Dir(file))
			})
		}
	}
}

func upgrade(t *testing.T, server upgraded, folder string) {
	t.Helper()
	configuration := string(must(os.ReadFile(filepath.Join(folder, "main.tf"))))
	session := server.Session(t)
	session.Write(server.Config(configuration))
	if err := os.WriteFile(filepath.Join(session.Dir, cliState), must(os.ReadFile(filepath.Join(folder, stateFile))), 0o600); err != nil {
		t.Fatal(err)
	}
	session.Run("plan", "-detailed-exitcode", "-refresh=false")
	output := session.Run("plan", "-detailed-exitcode")
	if regexp.MustCompile(`(?i)warning|changed outside`).MatchString(output) {
		t.Errorf("the plan is empty, but not silent:\n%s", output)
	}
	session.Run("apply", "-auto-approve")
	session.Run("plan", "-detailed-exitcode")
	if writes := server.Writes(); len(writes) > 0 {
		t.Errorf("the server was written to:\n%s", strings.Join(writes, "\n"))
	}

	// The state is one that can be worked with, not just looked at.
	session.Write(server.Config(strings.ReplaceAll(configuration, "# upgrade: ", "")))
	output = session.Run("apply", "-auto-approve")
	if !strings.Contains(output, "0 added, 1 changed, 0 destroyed") {
		t.Errorf("a change after the upgrade:\n%s", output)
	}
	session.Run("plan", "-detailed-exitcode")
}

func recordUpgrade(t *testing.T, system upgradedSystem, folder string) {
	t.Helper()
	if _, err := os.Stat(folder); err == nil {
		t.Fatalf("%s is there already", folder)
	}
	server := system.start(t, "")
	session := server.Session(t)
	config := must(os.ReadFile(filepath.Join(upgrades, system.source)))
	session.Write(server.Config(string(config)))
	session.Run("apply", "-auto-approve")
	session.Run("plan", "-detailed-exitcode")
	// OpenTofu takes over a state of Terraform, but not the other way round.
	state := strings.ReplaceAll(session.Read(cliState), os.Getenv("TF_ACC_PROVIDER_HOST"), defaultHost)
	had := must(json.MarshalIndent(server.snapshot(), "", "  "))
	if err := os.MkdirAll(folder, 0o750); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"main.tf": string(config), stateFile: state, system.serverFile: string(had) + "\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("wrote %s", folder)
}
