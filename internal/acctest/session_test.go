// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"encoding/json"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
	"github.com/dataconn/terraform-provider-dataconn/internal/failtest"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
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

// What has to end in a certain way fails the test where it does not, with what was said.
func TestSessionThatGoesWrong(t *testing.T) {
	useCLI(t, cli.CLI{Path: "/bin/sh", Kind: cli.Tofu, Version: "1.11.4"})
	for want, body := range map[string]func(s *Session){
		"[-c echo no; exit 3] ended with 3, not 0:\nno\n": func(s *Session) { s.Run("-c", "echo no; exit 3") },
		"[-c exit 3] ended with 3, not 4:\n":              func(s *Session) { s.Expect(4, "-c", "exit 3") },
		"[-c echo yes] should fail:\nyes\n":               func(s *Session) { s.Fail("-c", "echo yes") },
		"no such file":                                    func(s *Session) { s.Read("none.tf") },
		"is a directory":                                  func(s *Session) { s.WriteFile(".", "") },
		"skipped: this needs Terraform 1.11, not tofu":    func(s *Session) { s.RequireTerraform(1, 11) },
	} {
		requireEnd(t, want, body)
	}
	useCLI(t, cli.CLI{Path: "/no/such/cli", Kind: cli.Terraform, Version: "1.10.4"})
	requireEnd(t, "no such file", func(s *Session) { s.Try("version") })
	requireEnd(t, "skipped: this needs Terraform 1.11, not terraform 1.10.4", func(s *Session) { s.RequireTerraform(1, 11) })
}

// requireEnd requires that something ends the test of a session, with these words.
func requireEnd(t *testing.T, words string, do func(s *Session)) {
	t.Helper()
	said := failtest.Run(t, func(t *failtest.T) {
		do(NewSession(t, ""))
		t.Error("it went on")
	})
	if !strings.Contains(said, words) || strings.Contains(said, "it went on") {
		t.Errorf("%q, want %q", said, words)
	}
}

// A built provider is found in its folder, without an init.
func TestBuiltSession(t *testing.T) {
	useCLI(t, cli.CLI{Path: "/bin/sh"})
	fakeGo(t)
	s := NewBuiltSession(t, "NAME=set")
	root, err := cli.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := s.Run("-c", `echo "$NAME"; cat "$TF_CLI_CONFIG_FILE"`), "set\n"+cli.DevOverrides(filepath.Join(root, "bin", "provider")); got != want {
		t.Errorf("a command sees\n%s\nwant\n%s", got, want)
	}
}

// A command is told how to reach each provider of this process, until the test ends.
func TestServedSession(t *testing.T) {
	t.Setenv("TF_ACC_PROVIDER_HOST", "registry.example.com")
	t.Setenv("TF_ACC_PROVIDER_NAMESPACE", "dataconn")
	useCLI(t, cli.CLI{Path: "/bin/sh", Version: "1.10.4"})
	world := StartOmni(t, omnimock.Options{})
	if said := failtest.Run(t, func(t *failtest.T) { world.Session(t) }); !strings.HasPrefix(said, "skipped: this uses write-only arguments") {
		t.Errorf("a CLI without write-only arguments: %q", said)
	}
	type provider struct {
		Protocol        string
		ProtocolVersion int
		Pid             int
		Test            bool
		Addr            struct{ Network, String string }
	}
	var providers map[string]provider
	dial := func(p provider) error {
		c, err := (&net.Dialer{}).DialContext(t.Context(), p.Addr.Network, p.Addr.String)
		if err == nil {
			_ = c.Close()
		}
		return err
	}
	said := failtest.Run(t, func(t *failtest.T) {
		s := world.SessionOfAnyCLI(t)
		other, err := Providers()["dataconn"]()
		if err != nil {
			t.Fatal(err)
		}
		s.Serve("registry.example.com/other/other", other)
		if err := json.Unmarshal([]byte(s.Run("-c", `echo "$TF_REATTACH_PROVIDERS"`)), &providers); err != nil {
			t.Fatal(err)
		}
		for name, p := range providers {
			if err := dial(p); err != nil || p.Protocol != "grpc" || p.ProtocolVersion != 6 || p.Pid != os.Getpid() || !p.Test {
				t.Errorf("%s: %v, %+v", name, err, p)
			}
		}
	})
	if want := []string{"registry.example.com/dataconn/dataconn", "registry.example.com/other/other"}; said != "" || !slices.Equal(slices.Sorted(maps.Keys(providers)), want) {
		t.Errorf("%s; providers %v", said, providers)
	}
	for name, p := range providers {
		if dial(p) == nil {
			t.Errorf("%s is still served", name)
		}
	}
	useCLI(t, cli.CLI{Path: "/bin/sh", Version: "1.11.4"})
	if said := failtest.Run(t, func(t *failtest.T) { world.Session(t).Run("-c", `[ -n "$TF_REATTACH_PROVIDERS" ]`) }); said != "" {
		t.Error(said)
	}
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
	useCLI(t, cli.CLI{Path: "/bin/cli", Kind: cli.Tofu, Version: "1.10.9"})
	if got, want := failtest.Run(t, func(t *failtest.T) { RequireWriteOnly(t) }), "skipped: this uses write-only arguments, which tofu 1.10.9 (/bin/cli) does not have"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
