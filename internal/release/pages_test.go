// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package release_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
)

// The tests below do what pages say, as it is printed and in its order, with the
// provider installed and the mock server started as the page says.

const guides = "templates/guides/"

// reader is a session of somebody who has the provider installed and a password.
func reader(t *testing.T, settings ...string) *acctest.Session {
	t.Helper()
	return acctest.NewSession(t, cli.FilesystemMirror(mirrored(t, archive(t))), append(settings,
		"TF_VAR_database_password=a password",
		"TF_CLI_ARGS_apply=-auto-approve", "TF_CLI_ARGS_destroy=-auto-approve")...) // nobody is there to say yes
}

// The README's first configuration, and then a rotation by the guide on secrets, whose
// resource is the README's.
func TestPagesReadmeAndSecrets(t *testing.T) {
	acctest.RequireWriteOnly(t)
	t.Parallel()
	readme, secrets := openPage(t, "README.md"), openPage(t, guides+"secrets.md.tmpl")
	s := reader(t, readme.mock(t)...)
	readme.follow(t, s, "Your first configuration", "main.tf")

	settings := readme.text[strings.Index(readme.text, `  name     = "Analytics"`):strings.Index(readme.text, "  password_wo ")]
	s.WriteFile("main.tf", cli.RequiredProvider(""))
	secrets.follow(t, s, "Three ways to configure a secret", "secrets.tf")
	written := strings.Replace(s.Read("secrets.tf"), "  # ...\n", settings, 1)
	s.WriteFile("secrets.tf", written)
	s.Run("plan", "-detailed-exitcode") // shows no changes
	s.WriteFile("secrets.tf", strings.Replace(written, "password_wo_version = 1", "password_wo_version = 2", 1))
	if output := s.Run("plan"); !regexp.MustCompile(`~ password_wo_version +=  *1 -> 2`).MatchString(output) {
		t.Errorf("a rotation shows\n%s", output)
	}
}

// The guides on environments, on one server: each that reads what the first one made
// has a folder of its own.
func TestPagesEnvironments(t *testing.T) { //nolint:tparallel // its group of subtests ends before the first guide goes on
	acctest.RequireWriteOnly(t)
	t.Parallel()
	environments, audience := openPage(t, guides+"omni-environments.md.tmpl"), openPage(t, guides+"audience.md.tmpl")
	adopt, routes := openPage(t, guides+"adopt-existing.md.tmpl"), openPage(t, guides+"route-check.md.tmpl")
	upgrading, troubleshooting := openPage(t, guides+"upgrading.md.tmpl"), openPage(t, guides+"troubleshooting.md.tmpl")
	server := audience.mock(t)
	s := reader(t, server...)
	environments.follow(t, s, "The configuration")
	s.Run("plan", "-detailed-exitcode") // shows no changes
	base := s.Run("output", "-raw", "base_connection_id")

	t.Run("beside", func(t *testing.T) {
		t.Run("by name", func(t *testing.T) {
			t.Parallel()
			adopt.follow(t, reader(t, server...), "Many connections and their environments, by name")
		})
		t.Run("generated", func(t *testing.T) {
			t.Parallel()
			r := reader(t, server...)
			r.Write("provider \"dataconn\" {}\n")
			r.Run("init")
			adopt.replaced = strings.NewReplacer("550e8400-e29b-41d4-a716-446655440000", base)
			if output := adopt.follow(t, r, "A few, with generated configuration", "import.tf"); !strings.Contains(output, "Plan: 1 to import, 0 to add, 0 to change") {
				t.Errorf("the plan says\n%s", output)
			}
		})
		t.Run("query", func(t *testing.T) {
			t.Parallel()
			const heading = "Everything at once, with a query"
			adopt.leaveOut(heading)
			r := reader(t, server...)
			r.RequireTerraform(1, 14)
			r.Write("provider \"dataconn\" {}\n")
			r.Run("init")
			adopt.follow(t, r, heading)
		})
		t.Run("audience", func(t *testing.T) {
			t.Parallel()
			r := reader(t, server...)
			audience.follow(t, r, "The configuration")
			if output := audience.follow(t, r, "What a plan shows"); !strings.Contains(output, `+ "eve@example.com: from Analytics to Analytics (production)",`) {
				t.Errorf("the plan shows\n%s", output)
			}
		})
		t.Run("routes", func(t *testing.T) {
			t.Parallel()
			r := reader(t, server...)
			routes.follow(t, r, "A configuration that only checks")
			routes.follow(t, r, "As a test")
		})
	})

	upgrading.follow(t, s, "The upgrade")
	environments.follow(t, s, "Changing it", "more.tf")
	routes.follow(t, s, "In the configuration that creates the routes", "checked.tf")
	if output := troubleshooting.follow(t, s, "Reporting"); !strings.Contains(output, "Plan: 4 to add, 0 to change, 0 to destroy.") {
		t.Errorf("two more environments and a check of the route: the plan says\n%s", output)
	}
	if log := s.Read("provider.log"); !strings.Contains(log, "/api/v1/connections") {
		t.Errorf("the log has no requests:\n%s", log)
	}
	environments.follow(t, s, "Taking it down")
}

func TestPagesBothSystems(t *testing.T) {
	acctest.RequireWriteOnly(t)
	t.Parallel()
	p := openPage(t, guides+"both-systems.md.tmpl")
	server := p.mock(t)
	s := reader(t, server...)
	p.follow(t, s, "The configuration")
	s.Run("plan", "-detailed-exitcode") // shows no changes
	p.follow(t, reader(t, server...), "Reporter's connections")
}

// The guide on testing a module needs no server at all.
func TestPagesTestAModule(t *testing.T) {
	t.Parallel()
	s := acctest.NewSession(t, cli.FilesystemMirror(mirrored(t, archive(t))))
	copyModule(t, s)
	p := openPage(t, guides+"test-a-module.md.tmpl")
	if output := p.follow(t, s, "Testing a module without a server"); !strings.Contains(output, "Success! 1 passed, 0 failed.") {
		t.Errorf("the test says\n%s", output)
	}
}

// What pages show of Terraform's language is written as its formatter would, what they
// say to make is a target, and those with commands for the CLI are followed above.
func TestPagesInForm(t *testing.T) {
	t.Parallel()
	followed := strings.Fields("README.md adopt-existing audience both-systems omni-environments route-check secrets test-a-module troubleshooting upgrading")
	makefile := string(must(os.ReadFile(filepath.Join(root, "GNUmakefile"))))
	s := acctest.NewSession(t, "")
	files, err := filepath.Glob(filepath.Join(root, guides, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d guides, %v", len(files), err)
	}
	for _, file := range append(files, filepath.Join(root, "README.md")) {
		name := strings.TrimSuffix(filepath.Base(file), ".md.tmpl")
		for i, b := range openPage(t, must(filepath.Rel(root, file))).blocks {
			if b.kind == "terraform" {
				indent := b.text[:len(b.text)-len(strings.TrimLeft(b.text, " "))]
				s.WriteFile(fmt.Sprintf("%s-%d.tf", name, i), strings.ReplaceAll("\n"+b.text, "\n"+indent, "\n")[1:])
			}
			if b.isForCLI() && !slices.Contains(followed, name) {
				t.Errorf("%s has commands that no test follows:\n%s", name, b.text)
			}
			b.followed = true
			for _, target := range makeTarget.FindAllStringSubmatch(b.text, -1) {
				if b.kind == "shell" && !strings.Contains(makefile, "\n"+target[1]+": ") {
					t.Errorf("%s: there is no target %s", name, target[1])
				}
			}
		}
	}
	if result := s.Try("fmt", "-check", "-diff"); result.Code != 0 {
		t.Errorf("make these blocks as the formatter would:\n%s", result.Output)
	}
}

// The guide on upgrading tells those who install from source how to fill the lock file.
func TestPagesLock(t *testing.T) {
	t.Parallel()
	folder := mirrored(t, archive(t))
	s := acctest.NewSession(t, cli.FilesystemMirror(folder))
	s.WriteFile("main.tf", cli.RequiredProvider("")+"provider \"dataconn\" {}\n")
	p := openPage(t, guides+"upgrading.md.tmpl")
	p.leaveOut("The upgrade") // followed above
	command := regexp.MustCompile("`terraform (providers lock -fs-mirror=)\\$HOME/.terraform.d/plugins`").FindStringSubmatch(p.text)
	if command == nil {
		t.Fatal("the guide has no command for the lock file")
	}
	s.Run(strings.Fields(command[1] + folder)...)
	locked := s.Read(".terraform.lock.hcl")
	s.Run("init", "-lockfile=readonly")
	if !strings.Contains(locked, "h1:") {
		t.Errorf("the lock file has no hash of this platform:\n%s", locked)
	}
}
