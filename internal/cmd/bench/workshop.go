// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
	"github.com/dataconn/terraform-provider-dataconn/internal/release"
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
	profiles  string // the folder that it writes CPU profiles into, "" for none
}

// newWorkshop builds both providers; the real one so that it writes CPU profiles, if
// there is a folder for them.
func newWorkshop(ctx context.Context, profiles string, log io.Writer) (w *workshop, err error) {
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
	program := cli.Module
	if profiles != "" {
		program += "/internal/cmd/bench/profiled"
		if profiles, err = filepath.Abs(profiles); err != nil {
			return nil, err
		}
		if err := os.MkdirAll(profiles, 0o750); err != nil {
			return nil, err
		}
	}
	if w.real, err = w.build(ctx, "provider", program); err != nil {
		return nil, err
	}
	w.real.profiles = profiles
	w.floor, err = w.build(ctx, "floor", cli.Module+"/internal/cmd/bench/floor")
	return w, err
}

func (w *workshop) remove() error { return os.RemoveAll(w.dir) }

// build builds a provider as a release does. The CLI takes it from its folder,
// without init and without a lock file.
func (w *workshop) build(ctx context.Context, name, packagePath string) (plugin, error) {
	root, err := cli.ModuleRoot()
	if err != nil {
		return plugin{}, err
	}
	dir := filepath.Join(w.dir, name)
	p := plugin{name: name, path: filepath.Join(dir, release.Name), cliConfig: dir + ".tfrc"}
	if runtime.GOOS == "windows" {
		p.path += ".exe"
	}
	if err := cli.Build(ctx, root, p.path, packagePath); err != nil {
		return p, err
	}
	return p, os.WriteFile(p.cliConfig, []byte(cli.DevOverrides(dir)), 0o600)
}
