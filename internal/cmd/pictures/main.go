// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Command pictures draws the pictures of the README into a folder: what a plan
// looks like, from a real run of a CLI against the mock server, and how Omni
// routes users.
//
//	go run ./internal/cmd/pictures assets
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/release"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: pictures FOLDER")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := draw(ctx, os.Args[1])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

func draw(ctx context.Context, folder string) (err error) {
	dir, err := os.MkdirTemp("", "dataconn-pictures-")
	if err != nil {
		return err
	}
	s := &studio{dir: dir}
	defer func() { err = errors.Join(err, s.close()) }()
	plan, err := s.plan(ctx)
	if err != nil {
		return err
	}
	for name, picture := range map[string]string{
		"plan.svg":    terminal("terraform plan -var password_version=2", plan),
		"routing.svg": routing(),
	} {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(picture), 0o644); err != nil { //nolint:gosec // G306: pictures are for everyone
			return err
		}
		fmt.Println(path)
	}
	return nil
}

// studio is where the plan is made that is drawn.
type studio struct {
	dir         string
	cli         cli.CLI
	environment []string
	stop        []func()
}

// Helper and Cleanup make it what omnimock.Start wants of a test.
func (s *studio) Helper()          {}
func (s *studio) Cleanup(f func()) { s.stop = append(s.stop, f) }

func (s *studio) close() error {
	for _, f := range s.stop {
		f()
	}
	return os.RemoveAll(s.dir)
}

// plan applies the guide, changes it, and returns what the CLI prints of the
// plan, with colors.
func (s *studio) plan(ctx context.Context) (string, error) {
	if err := s.prepare(ctx); err != nil {
		return "", err
	}
	for _, arguments := range [][]string{{"init"}, {"apply", "-auto-approve", "-no-color"}} {
		if output, err := s.run(ctx, s.cli.Path, arguments...); err != nil {
			return "", fmt.Errorf("%s: %w\n%s", arguments[0], err, output)
		}
	}
	if err := s.change(); err != nil {
		return "", err
	}
	output, err := s.run(ctx, s.cli.Path, "plan", "-var=password_version=2", "-compact-warnings")
	if err != nil {
		return "", fmt.Errorf("plan: %w\n%s", err, output)
	}
	_, output, _ = strings.Cut(output, "will perform the following actions:")
	output, _, found := strings.Cut(output, "─────")
	if !found {
		return "", errors.New("the CLI printed no plan")
	}
	return strings.TrimSpace(output), nil
}

// prepare starts the server, and installs the provider and the guide.
func (s *studio) prepare(ctx context.Context) error {
	var err error
	if s.cli, err = cli.Find(ctx, os.Stderr); err != nil {
		return err
	}
	server := omnimock.Start(s, omnimock.Options{EnvironmentList: true})
	config := filepath.Join(s.dir, "cli.tfrc")
	s.environment = append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+config, "TF_VAR_database_password=never shown",
		"OMNI_BASE_URL="+server.URL(), "OMNI_API_TOKEN="+server.Token(), "OMNI_MAX_REQUESTS_PER_MINUTE=6000")

	built := filepath.Join(s.dir, "provider")
	build := exec.CommandContext(ctx, "go", "build", "-o", built, ".") //nolint:gosec // G204: every argument is ours
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, output)
	}
	executable, err := os.ReadFile(built) //nolint:gosec // G304: it was just built
	if err != nil {
		return err
	}
	archive := release.Archive{Version: "0.1.0", OS: runtime.GOOS, Arch: runtime.GOARCH}
	archive.Path = filepath.Join(s.dir, archive.Filename())
	content, err := archive.Pack(executable)
	if err != nil {
		return err
	}
	if err := os.WriteFile(archive.Path, content, 0o600); err != nil { //nolint:gosec // G703: in our own folder
		return err
	}
	mirror := filepath.Join(s.dir, "mirror")
	if err := release.Mirror(mirror, []release.Archive{archive}); err != nil {
		return err
	}
	installation := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", filepath.ToSlash(mirror))
	if err := os.WriteFile(config, []byte(installation), 0o600); err != nil {
		return err
	}
	return os.CopyFS(filepath.Join(s.dir, "guide"), os.DirFS(filepath.Join("examples", "guides", "omni-environments")))
}

// change makes staging work on the production database too, and moves that
// database.
func (s *studio) change() error {
	path := filepath.Join(s.dir, "guide", "main.tf")
	content, err := os.ReadFile(path) //nolint:gosec // G304: a copy of the guide
	if err != nil {
		return err
	}
	text := strings.NewReplacer(`["prod"]`, `["prod", "staging"]`, `"prod.db.example.com"`, `"prod-2.db.example.com"`).Replace(string(content))
	return os.WriteFile(path, []byte(text), 0o600) //nolint:gosec // G703: the same
}

func (s *studio) run(ctx context.Context, program string, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, program, arguments...) //nolint:gosec // G204: the CLI that was found
	command.Dir, command.Env = filepath.Join(s.dir, "guide"), s.environment
	output, err := command.CombinedOutput()
	return string(output), err
}
