// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
)

// Session runs the CLI command by command, for what terraform-plugin-testing has
// no step for: -replace, untaint, and a look at the files.
type Session struct {
	Dir         string
	t           *testing.T
	environment []string
	providers   map[string]any // how the CLI reaches each, by address
}

// Session begins a session in an empty folder. The provider runs in the test's
// process until the test ends. A CLI without write-only arguments skips the test.
func (s *stage) Session(t *testing.T) *Session {
	t.Helper()
	RequireWriteOnly(t)
	return s.SessionOfAnyCLI(t)
}

// SessionOfAnyCLI is Session for each CLI that the provider works with.
func (s *stage) SessionOfAnyCLI(t *testing.T) *Session {
	t.Helper()
	inner, err := s.Providers()["dataconn"]()
	if err != nil {
		t.Fatal(err)
	}
	session := &Session{Dir: t.TempDir(), t: t, environment: os.Environ(), providers: map[string]any{}}
	session.Serve(Address("dataconn"), inner)
	return session
}

// Address is that of a provider, as the CLI completes the source
// "<namespace>/<name>"; this project's where there is no namespace.
func Address(source string) string {
	if !strings.Contains(source, "/") {
		source = os.Getenv("TF_ACC_PROVIDER_NAMESPACE") + "/" + source
	}
	return os.Getenv("TF_ACC_PROVIDER_HOST") + "/" + source
}

// Serve makes another provider available to the commands that follow. It runs in
// the test's process until the test ends.
func (s *Session) Serve(address string, server tfprotov6.ProviderServer) {
	s.t.Helper()
	configs, closed, served := make(chan *plugin.ReattachConfig), make(chan struct{}), make(chan error, 1)
	go func() {
		served <- tf6server.Serve(address, func() tfprotov6.ProviderServer { return server },
			tf6server.WithDebug(s.t.Context(), configs, closed),
			tf6server.WithGoPluginLogger(hclog.New(&hclog.LoggerOptions{Output: io.Discard})),
			tf6server.WithLoggingSink(s.t),
			tf6server.WithoutLogStderrOverride())
	}()
	s.t.Cleanup(func() {
		<-closed // the test's context has ended
		if err := <-served; err != nil {
			s.t.Error(err)
		}
	})
	config := <-configs
	s.providers[address] = map[string]any{
		"Protocol": config.Protocol, "ProtocolVersion": config.ProtocolVersion, "Pid": config.Pid, "Test": true,
		"Addr": map[string]any{"Network": config.Addr.Network(), "String": config.Addr.String()},
	}
	reattach, err := json.Marshal(s.providers)
	if err != nil {
		s.t.Fatal(err)
	}
	s.Setenv("TF_REATTACH_PROVIDERS", string(reattach))
}

// RequireTerraform skips the test unless the CLI is Terraform, of at least this
// version: OpenTofu goes other ways where this is asked for.
func (s *Session) RequireTerraform(major, minor int) {
	s.t.Helper()
	if command.Kind != cli.Terraform || !command.IsAtLeast(major, minor) {
		s.t.Skipf("this needs Terraform %d.%d, not %s", major, minor, command)
	}
}

// Setenv sets an environment variable of the commands that follow.
func (s *Session) Setenv(name, value string) {
	s.environment = append(s.environment, name+"="+value) // the last of a name wins
}

// Write replaces the configuration.
func (s *Session) Write(config string) {
	s.t.Helper()
	source := os.Getenv("TF_ACC_PROVIDER_NAMESPACE") + "/dataconn"
	config = "terraform {\n  required_providers {\n    dataconn = {\n      source = \"" + source + "\"\n    }\n  }\n}\n" + config
	if err := os.WriteFile(filepath.Join(s.Dir, "main.tf"), []byte(config), 0o600); err != nil { //nolint:gosec // G703: the test's own folder
		s.t.Fatal(err)
	}
}

// Read returns a file of the session's folder.
func (s *Session) Read(name string) string {
	s.t.Helper()
	content, err := os.ReadFile(filepath.Join(s.Dir, name)) //nolint:gosec // G304: the test's own folder
	if err != nil {
		s.t.Fatal(err)
	}
	return string(content)
}

// Run runs a command that has to succeed, and returns its output.
func (s *Session) Run(arguments ...string) string {
	s.t.Helper()
	output, err := s.run(arguments)
	if err != nil {
		s.t.Fatalf("%v: %v\n%s", arguments, err, output)
	}
	return output
}

// Fail runs a command that has to fail, and returns its output.
func (s *Session) Fail(arguments ...string) string {
	s.t.Helper()
	output, err := s.run(arguments)
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) {
		s.t.Fatalf("%v should fail: %v\n%s", arguments, err, output)
	}
	return output
}

func (s *Session) run(arguments []string) (string, error) {
	process := exec.CommandContext(s.t.Context(), command.Path, append(arguments, "-no-color")...) //nolint:gosec // G204: the developer chose the program
	process.Dir, process.Env = s.Dir, s.environment
	output, err := process.CombinedOutput()
	return string(output), err
}
