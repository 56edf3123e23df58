// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
)

// Session runs the CLI command by command, for what terraform-plugin-testing has
// no step for: -replace, untaint, and a look at the files.
type Session struct {
	Dir       string
	t         T
	workspace cli.Workspace
	providers map[string]any // how the CLI reaches each, by address
}

// NewSession begins a session in an empty folder, with a CLI configuration that
// says where providers come from. The CLI and the provider see nothing of the
// shell, and these settings, such as "OMNI_API_TOKEN=t".
func NewSession(t T, cliConfig string, settings ...string) *Session {
	t.Helper()
	// go test notes what variables a test reads, and not those that TestMain does:
	// without this it would show the results of another CLI from its cache.
	_ = os.Getenv(cli.PathVariable)
	s := &Session{Dir: t.TempDir(), t: t, providers: map[string]any{}}
	s.workspace = cli.Workspace{CLI: command, Dir: s.Dir, Environment: cli.CleanEnvironment(settings...)}
	s.WriteFile("cli.tfrc", cliConfig)
	s.Setenv("TF_CLI_CONFIG_FILE", filepath.Join(s.Dir, "cli.tfrc"))
	return s
}

// NewBuiltSession begins a session with the provider as users run it: built, and
// a process of its own for each command. It needs no init.
func NewBuiltSession(t T, settings ...string) *Session {
	t.Helper()
	path, err := cli.Provider()
	if err != nil {
		t.Fatal(err)
	}
	return NewSession(t, cli.DevOverrides(filepath.Dir(path)), settings...)
}

// Session begins a session in an empty folder. The provider runs in the test's
// process until the test ends. A CLI without write-only arguments skips the test.
func (s *stage) Session(t T) *Session {
	t.Helper()
	RequireWriteOnly(t)
	return s.SessionOfAnyCLI(t)
}

// SessionOfAnyCLI is Session for each CLI that the provider works with.
func (s *stage) SessionOfAnyCLI(t T) *Session {
	t.Helper()
	inner, err := s.Providers()["dataconn"]()
	if err != nil {
		t.Fatal(err)
	}
	session := NewSession(t, "")
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
	s.workspace.Environment = append(s.workspace.Environment, name+"="+value) // the last of a name wins
}

// Write replaces the configuration, to which it adds where the provider comes
// from.
func (s *Session) Write(config string) {
	s.t.Helper()
	s.WriteFile("main.tf", cli.RequiredProvider("")+config)
}

// WriteFile writes a file of the session's folder.
func (s *Session) WriteFile(name, content string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.Dir, name), []byte(content), 0o600); err != nil {
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
	return s.Expect(0, arguments...)
}

// Fail runs a command that has to fail, and returns its output.
func (s *Session) Fail(arguments ...string) string {
	s.t.Helper()
	result := s.Try(arguments...)
	if result.Code == 0 {
		s.t.Fatalf("%v should fail:\n%s", arguments, result.Output)
	}
	return result.Output
}

// Expect runs a command that has to end with this code, and returns its output.
func (s *Session) Expect(code int, arguments ...string) string {
	s.t.Helper()
	result := s.Try(arguments...)
	if result.Code != code {
		s.t.Fatalf("%v ended with %d, not %d:\n%s", arguments, result.Code, code, result.Output)
	}
	return result.Output
}

// Try runs a command that may fail.
func (s *Session) Try(arguments ...string) cli.Result {
	s.t.Helper()
	result, err := s.workspace.Run(s.t.Context(), arguments...)
	if err != nil {
		s.t.Fatal(err)
	}
	return result
}

// Command is a command that has not been started.
func (s *Session) Command(arguments ...string) *exec.Cmd {
	return s.workspace.Command(s.t.Context(), arguments...)
}
