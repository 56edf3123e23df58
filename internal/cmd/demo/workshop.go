// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
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

	if w.source, err = cli.ModuleRoot(); err != nil {
		return err
	}
	mirror := filepath.Join(w.dir, "mirror")
	if err := w.cli.BuildMirror(ctx, mirror); err != nil {
		return err
	}
	r.note("the provider is built, in %s", w.dir)
	return os.WriteFile(w.cliConfig(), []byte(cli.FilesystemMirror(mirror)), 0o600)
}

func (w *workshop) cliConfig() string { return filepath.Join(w.dir, "cli.tfrc") }

// copyExample copies the configuration of a guide into a new folder.
func (w *workshop) copyExample(guide string) (dir string, err error) {
	dir = filepath.Join(w.dir, guide)
	return dir, os.CopyFS(dir, os.DirFS(filepath.Join(w.source, "examples", "guides", guide)))
}
