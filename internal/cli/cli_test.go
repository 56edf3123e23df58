// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// fakeCLI writes a program that prints text as its version.
func fakeCLI(t *testing.T, dir, name, text string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the fake CLI is a shell script")
	}
	path := filepath.Join(dir, name)
	script := "#!/bin/sh\ncat <<'EOF'\n" + text + "\nEOF\n"
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFind(t *testing.T) {
	const (
		terraform = "Terraform v1.16.4\non linux_amd64"
		tofu      = "There are some problems with the CLI configuration:\n\nOpenTofu v1.12.6\non linux_amd64"
		old       = "Terraform v1.5.7\non linux_amd64"
	)
	tests := map[string]struct {
		onPath   map[string]string // by name; the text that it prints
		variable string            // the text of the CLI that PathVariable names
		want     CLI               // Path holds the file's name only
		wantLog  string
		wantErr  string
	}{
		"terraform comes first":         {onPath: map[string]string{"terraform": terraform, "tofu": tofu}, want: CLI{"terraform", Terraform, "1.16.4"}},
		"then tofu":                     {onPath: map[string]string{"tofu": tofu}, want: CLI{"tofu", Tofu, "1.12.6"}},
		"the variable wins":             {onPath: map[string]string{"terraform": terraform}, variable: tofu, want: CLI{"chosen", Tofu, "1.12.6"}},
		"too old on PATH is passed":     {onPath: map[string]string{"terraform": old, "tofu": tofu}, want: CLI{"tofu", Tofu, "1.12.6"}, wantLog: "passing over terraform on PATH"},
		"too old in the variable fails": {onPath: map[string]string{"tofu": tofu}, variable: "Terraform v1.4.7", wantErr: "is too old: the provider needs version 1.5 or newer"},
		"something else entirely fails": {variable: "GNU bash, version 5.2", wantErr: "is neither Terraform nor OpenTofu"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv("PATH", dir+string(os.PathListSeparator)+"/bin")
			t.Setenv(PathVariable, "")
			for file, text := range test.onPath {
				fakeCLI(t, dir, file, text)
			}
			if test.variable != "" {
				t.Setenv(PathVariable, fakeCLI(t, dir, "chosen", test.variable))
			}
			var log bytes.Buffer
			got, err := Find(t.Context(), &log)
			if test.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), test.wantErr) {
					t.Fatalf("error %v, want one with %q", err, test.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			test.want.Path = filepath.Join(dir, test.want.Path)
			if got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
			if !strings.Contains(log.String(), test.wantLog) || test.wantLog == "" && log.Len() > 0 {
				t.Errorf("log %q, want %q", log.String(), test.wantLog)
			}
		})
	}
}

func TestFindWithVariableThatNamesNothing(t *testing.T) {
	t.Setenv(PathVariable, filepath.Join(t.TempDir(), "missing"))
	if found, err := Find(t.Context(), os.Stderr); err == nil || !strings.Contains(err.Error(), PathVariable) {
		t.Errorf("got %v, %v; want an error that names %s", found, err, PathVariable)
	}
}

func TestBuildTofuTakesTheCachedOne(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	userCache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	root, err := ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	version, err := requiredVersion(filepath.Join(root, "internal", "tools", "tofu", "go.mod"), "github.com/opentofu/opentofu")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(userCache, "terraform-provider-dataconn")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := fakeCLI(t, dir, "tofu-"+version, "OpenTofu "+version)

	var log bytes.Buffer
	got, err := BuildTofu(t.Context(), &log)
	if err != nil {
		t.Fatal(err)
	}
	if want := (CLI{path, Tofu, strings.TrimPrefix(version, "v")}); got != want || log.Len() > 0 {
		t.Errorf("got %v and log %q, want %v and nothing", got, log.String(), want)
	}
}

func TestBuildTofuThatFailsLeavesNothing(t *testing.T) {
	target := filepath.Join(t.TempDir(), "tofu")
	err := buildTofu(t.Context(), io.Discard, t.TempDir(), target) // a folder without a module
	if err == nil || !strings.Contains(err.Error(), PathVariable) {
		t.Errorf("error %v, want one that names %s", err, PathVariable)
	}
	if left, _ := filepath.Glob(target + "*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestLockFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := lockFile(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" {
		short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if _, err := lockFile(short, path); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("second lock: %v, want the deadline", err)
		}
	}
	unlock()
	again, err := lockFile(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	again()
}
