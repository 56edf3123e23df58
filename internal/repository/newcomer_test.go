// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package repository_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	variableBlock = regexp.MustCompile(`(?ms)^variable "(\w+)" \{\n(.*?)^\}`)
	realDefault   = regexp.MustCompile(`(?m)^\s+default\s+=\s+[^n\s]`) // other than null
)

// A default of a secret would be sent to the server of whoever forgets to set it.
func TestExamplesHaveNoSecrets(t *testing.T) {
	t.Parallel()
	secrets := 0
	err := fs.WalkDir(os.DirFS(root), "examples", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".tf" {
			return err
		}
		for _, block := range variableBlock.FindAllStringSubmatch(read(t, name), -1) {
			if !strings.Contains(block[2], "sensitive") && !strings.Contains(block[2], "ephemeral") {
				continue
			}
			secrets++
			if realDefault.MatchString(block[2]) {
				t.Errorf("%s: the secret %s has a default", name, block[1])
			}
		}
		return nil
	})
	if err != nil || secrets == 0 {
		t.Fatalf("%d secrets, %v", secrets, err)
	}
}

// Where there is no CLI, make says how to get one before it compiles anything.
func TestDemoWithoutCLI(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("make")
	if err != nil {
		t.Skip("there is no make")
	}
	folder := t.TempDir() // a PATH with nothing but a go that tells what it was to run
	if err := os.WriteFile(filepath.Join(folder, "go"), []byte("#!/bin/sh\n[ $1 = env ] || echo go \"$@\" >&2\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, "-f", "GNUmakefile", "demo")
	command.Dir, command.Env = root, []string{"PATH=" + folder}
	output, err := command.CombinedOutput()
	hint, compiled := strings.Index(string(output), "brew install opentofu"), strings.Index(string(output), "go run ./internal/cmd/findcli")
	if err == nil || hint < 0 || compiled < hint {
		t.Errorf("%v: how to get a CLI does not come before\n%s", err, output)
	}
}
