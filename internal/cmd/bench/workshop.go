// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
)

const (
	module     = "github.com/dataconn/terraform-provider-dataconn"
	executable = "terraform-provider-dataconn" // what a CLI looks for
)

// workshop is a temporary folder with everything that the benchmark makes, and
// the CLI that it drives.
type workshop struct {
	dir   string
	cli   cli.CLI
	real  plugin
	floor plugin
}

// plugin is a built provider, and the CLI configuration that makes a CLI use
// it.
type plugin struct {
	name      string
	path      string
	cliConfig string
}

func newWorkshop(ctx context.Context, log io.Writer) (w *workshop, err error) {
	found, err := cli.Find(ctx, log)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "dataconn-bench-")
	if err != nil {
		return nil, err
	}
	w = &workshop{dir: dir, cli: found}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.remove())
		}
	}()
	if w.real, err = w.build(ctx, "provider", module); err != nil {
		return nil, err
	}
	w.floor, err = w.build(ctx, "floor", module+"/internal/cmd/bench/floor")
	return w, err
}

func (w *workshop) remove() error { return os.RemoveAll(w.dir) }

// build builds a provider as a release does. The CLI takes it from its folder,
// without init and without a lock file.
func (w *workshop) build(ctx context.Context, name, source string) (plugin, error) {
	dir := filepath.Join(w.dir, name)
	p := plugin{name: name, path: filepath.Join(dir, executable), cliConfig: dir + ".tfrc"}
	if runtime.GOOS == "windows" {
		p.path += ".exe"
	}
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w -X main.version=0.1.0", "-o", p.path, source) //nolint:gosec // G204: every argument is ours
	cli.Isolate(build)
	if output, err := build.CombinedOutput(); err != nil {
		return p, fmt.Errorf("building %s: %w\n%s", source, err, output)
	}
	return p, os.WriteFile(p.cliConfig, []byte(overrides(dir)), 0o600)
}

// overrides is a CLI configuration that takes the provider from a folder.
func overrides(dir string) string {
	dir = filepath.ToSlash(dir)
	return fmt.Sprintf(`disable_checkpoint = true
provider_installation {
  dev_overrides {
    "registry.terraform.io/dataconn/dataconn" = %q
    "registry.opentofu.org/dataconn/dataconn" = %q
  }
}
`, dir, dir)
}
