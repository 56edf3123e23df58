// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
)

const (
	module  = "github.com/dataconn/terraform-provider-dataconn"
	version = "0.1.0" // the one that the CLI finds in the mirror
)

// workshop is a temporary folder with everything that the demo makes: the
// provider, the CLI's configuration, and a folder for each part.
type workshop struct {
	dir    string
	source string // the root of this repository
	cli    cli.CLI
}

func newWorkshop() (*workshop, error) {
	dir, err := os.MkdirTemp("", "dataconn-demo-")
	if err != nil {
		return nil, err
	}
	return &workshop{dir: dir}, nil
}

func (w *workshop) remove() error { return os.RemoveAll(w.dir) }

func (w *workshop) steps() []step {
	return []step{{"Build the provider, find a CLI", w.prepare}}
}

func (w *workshop) prepare(ctx context.Context, r *report) error {
	found, err := cli.Find(ctx, &lines{report: r, drop: "cli: "})
	if err != nil {
		return err
	}
	w.cli = found
	r.note("the CLI is %s", found)

	source, err := goCommand(ctx, "list", "-m", "-f", "{{.Dir}}", module)
	if err != nil {
		return err
	}
	w.source = strings.TrimSpace(source)
	binary := filepath.Join(w.mirror(), w.host(), "dataconn", "dataconn", version,
		runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-dataconn_v"+version)
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	// Built as go run builds the demo itself, so that the packages are shared.
	if _, err := goCommand(ctx, "build", "-ldflags=-s -w -X main.version="+version, "-o", binary, module); err != nil {
		return err
	}
	r.note("the provider is built, in %s", w.dir)
	return os.WriteFile(w.cliConfig(), []byte(w.cliConfigText()), 0o600)
}

func (w *workshop) mirror() string    { return filepath.Join(w.dir, "mirror") }
func (w *workshop) cliConfig() string { return filepath.Join(w.dir, "cli.tfrc") }

// host is where the CLI looks for a provider whose source names no host.
func (w *workshop) host() string {
	if w.cli.Kind == cli.Tofu {
		return "registry.opentofu.org"
	}
	return "registry.terraform.io"
}

// cliConfigText lets the CLI install providers from the mirror and from nowhere
// else.
func (w *workshop) cliConfigText() string {
	return fmt.Sprintf("disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", filepath.ToSlash(w.mirror()))
}

// copyExample copies the configuration of a guide into a new folder.
func (w *workshop) copyExample(guide string) (dir string, err error) {
	dir = filepath.Join(w.dir, guide)
	return dir, os.CopyFS(dir, os.DirFS(filepath.Join(w.source, "examples", "guides", guide)))
}

func goCommand(ctx context.Context, args ...string) (string, error) {
	command := exec.CommandContext(ctx, "go", args...) //nolint:gosec // G204: every argument is ours
	cli.Isolate(command)
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w", args[0], withStderr(err))
	}
	return string(output), nil
}
