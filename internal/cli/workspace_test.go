// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// writerFunc is a writer.
type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(text []byte) (int, error) { return f(text) }

// writeScript writes a shell script that can be run. No process starts meanwhile: it
// would have the file open for writing, and until it has not, nobody can run it.
func writeScript(t *testing.T, path, script string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the program is a shell script")
	}
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
}

// workspace is one whose CLI is a shell script.
func workspace(t *testing.T, script string) *Workspace {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cli")
	writeScript(t, path, script)
	return &Workspace{CLI: CLI{Path: path, Kind: Tofu}, Dir: t.TempDir(), Environment: CleanEnvironment("TF_VAR_a=b")}
}

func TestWorkspaceRun(t *testing.T) {
	t.Parallel()
	w := workspace(t, `echo "$@ $TF_VAR_a"; pwd >&2; exit 3`)
	var echo bytes.Buffer
	w.Echo = &echo
	result, err := w.Run(t.Context(), "plan", "-x")
	if want := "plan -x b\n" + w.Dir + "\n"; err != nil || result.Code != 3 || result.Output != want || echo.String() != want {
		t.Errorf("%+v and %q, %v; want %q", result, echo.String(), err, want)
	}
	if _, err := w.Must(t.Context(), "plan"); err == nil || !strings.Contains(err.Error(), "tofu plan ended with 3:\nplan b") {
		t.Errorf("%v", err)
	}
	if output, err := workspace(t, "echo fine").Must(t.Context(), "plan"); err != nil || output != "fine\n" {
		t.Errorf("%q, %v", output, err)
	}
}

func TestWorkspaceRunFails(t *testing.T) {
	t.Parallel()
	missing := &Workspace{CLI: CLI{Path: filepath.Join(t.TempDir(), "missing"), Kind: Tofu}}
	if _, err := missing.Run(t.Context(), "plan"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a CLI that is not there: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := workspace(t, "echo never").Run(ended, "plan"); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
}

func TestInstallation(t *testing.T) {
	t.Parallel()
	want := `provider_installation {
  dev_overrides {
    "registry.terraform.io/dataconn/dataconn" = "/a folder"
    "registry.opentofu.org/dataconn/dataconn" = "/a folder"
  }
}
`
	if got := DevOverrides("/a folder"); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	for got, want := range map[string]string{
		FilesystemMirror("/a folder"):  "provider_installation {\n  filesystem_mirror {\n    path = \"/a folder\"\n  }\n}\n",
		NetworkMirror("https://m.net"): "provider_installation {\n  network_mirror {\n    url = \"https://m.net\"\n  }\n}\n",
		RequiredProvider(""):           "terraform {\n  required_providers {\n    dataconn = {\n      source = \"dataconn/dataconn\"\n    }\n  }\n}\n",
		RequiredProvider("0.1.0"):      "terraform {\n  required_providers {\n    dataconn = {\n      source = \"dataconn/dataconn\"\n      version = \"0.1.0\"\n    }\n  }\n}\n",
	} {
		if got != want {
			t.Errorf("got\n%swant\n%s", got, want)
		}
	}
	for host, c := range map[string]CLI{"registry.terraform.io": {Kind: Terraform}, "registry.opentofu.org": {Kind: Tofu}} {
		if c.RegistryHost() != host || !strings.Contains(DevOverrides("/d"), c.RegistryHost()+"/"+source) {
			t.Errorf("%s looks at %s", c.Kind, c.RegistryHost())
		}
	}
}
