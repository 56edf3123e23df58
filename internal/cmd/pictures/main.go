// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

// Command pictures draws the picture of the README into a folder: what a plan
// looks like, from a real run of a CLI against the mock server.
//
//	go run ./internal/cmd/pictures assets
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
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
	path := filepath.Join(folder, "plan.svg")
	picture := terminal("terraform plan -var password_version=2", plan)
	if err := os.WriteFile(path, []byte(picture), 0o644); err != nil { //nolint:gosec // G306: pictures are for everyone
		return err
	}
	fmt.Println(path)
	return nil
}

// studio is where the plan is made that is drawn.
type studio struct {
	dir       string
	workspace cli.Workspace
	stop      []func()
}

// Cleanup makes it what omnimock.Start wants of a test.
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
	for _, arguments := range [][]string{{"init"}, {"apply", "-auto-approve"}} {
		if _, err := s.workspace.Must(ctx, arguments...); err != nil {
			return "", err
		}
	}
	if err := s.change(); err != nil {
		return "", err
	}
	s.workspace.Environment = append(s.workspace.Environment, "TF_CLI_ARGS=", "TF_IN_AUTOMATION=") // in color, and as a person sees it
	output, err := s.workspace.Must(ctx, "plan", "-var=password_version=2", "-compact-warnings")
	if err != nil {
		return "", err
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
	found, err := cli.Find(ctx, os.Stderr)
	if err != nil {
		return err
	}
	mirror := filepath.Join(s.dir, "mirror")
	if err := found.BuildMirror(ctx, mirror); err != nil {
		return err
	}
	config := filepath.Join(s.dir, "cli.tfrc")
	if err := os.WriteFile(config, []byte(cli.FilesystemMirror(mirror)), 0o600); err != nil {
		return err
	}
	server := omnimock.Start(s, omnimock.Options{EnvironmentList: true})
	s.workspace = cli.Workspace{CLI: found, Dir: filepath.Join(s.dir, "guide"), Environment: cli.CleanEnvironment(
		"TF_CLI_CONFIG_FILE="+config, "TF_VAR_database_password=never shown",
		"OMNI_BASE_URL="+server.URL(), "OMNI_API_TOKEN="+server.Token(), "OMNI_MAX_REQUESTS_PER_MINUTE=6000")}
	return os.CopyFS(s.workspace.Dir, os.DirFS(filepath.Join("examples", "guides", "omni-environments")))
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
