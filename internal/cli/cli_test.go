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
	path := filepath.Join(dir, name)
	// It asks no server for a newer version of itself, and reads no configuration.
	t.Setenv("CHECKPOINT_DISABLE", "")
	t.Setenv("TF_CLI_CONFIG_FILE", "")
	writeScript(t, path, "[ $CHECKPOINT_DISABLE:$TF_CLI_CONFIG_FILE = 1:"+os.DevNull+" ] || exit 1\ncat <<'EOF'\n"+text+"\nEOF\n")
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
		"something else entirely fails": {variable: "GNU bash\nversion 5.2\nand\nso on", wantErr: "is neither Terraform nor OpenTofu: its version command printed \"version 5.2\\nand\\nso on\""},
		"no version fails":              {variable: "Terraform vNext", wantErr: "version \"Next\": "},
		"no write-only arguments":       {onPath: map[string]string{"terraform": "Terraform v1.10.5", "tofu": tofu}, want: CLI{"tofu", Tofu, "1.12.6"}, wantLog: "is too old: the tests need version 1.11 or newer"},
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

// A CLI that does not run is passed over with what it says; the end of the context is
// not.
func TestFindPassesOverWhatDoesNotRun(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir+string(os.PathListSeparator)+"/bin")
	t.Setenv(PathVariable, "")
	want := fakeCLI(t, dir, "tofu", "OpenTofu v1.12.6")
	var log bytes.Buffer
	for script, words := range map[string]string{"echo no license >&2": ": no license", "printf x >&2": ": x", "": "", printsThirty + " >&2": ": " + lastOfThirty(5)} {
		writeScript(t, filepath.Join(dir, "terraform"), script+"\nexit 1\n")
		log.Reset()
		if got, err := Find(t.Context(), &log); err != nil || got.Path != want || !strings.HasSuffix(log.String(), "terraform version: exit status 1"+words+"\n") {
			t.Errorf("%v, %v, %q", got, err, log.String())
		}
	}
	log.Reset()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := Find(ended, &log); !errors.Is(err, context.Canceled) || log.Len() > 0 {
		t.Errorf("%v, %v, %q", got, err, log.String())
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	for version, want := range map[string][2]bool{ // at least 1.5, and with write-only arguments
		"0.15.5": {false, false}, "1.4.7": {false, false}, "1.5.0": {true, false}, "1.10.5": {true, false},
		"1.11.0": {true, true}, "1.12.0-rc1": {true, true}, "2.0.0": {true, true}, "1": {false, false}, "": {false, false},
	} {
		c := CLI{Version: version}
		if got := [2]bool{c.IsAtLeast(1, OldestMinor), c.HasWriteOnly()}; got != want {
			t.Errorf("%q: %v, want %v", version, got, want)
		}
	}
	if got := (CLI{"/bin/tofu", Tofu, "1.12.6"}).String(); got != "tofu 1.12.6 (/bin/tofu)" {
		t.Errorf("%q", got)
	}
}

func TestRequiredVersion(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "go.mod")
	if err := os.WriteFile(file, []byte("module m\n\nrequire a/one v1.0.0\n\nrequire (\n\ta/two v2.0.0 // indirect\n\ta/three\n)\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for module, want := range map[string]string{"a/one": "v1.0.0", "a/two": "v2.0.0", "a/three": "", "a/four": ""} {
		got, err := requiredVersion(file, module)
		if got != want || (err == nil) != (want != "") || err != nil && err.Error() != file+" does not require "+module {
			t.Errorf("%s: %q, %v", module, got, err)
		}
	}
	if _, err := requiredVersion(file+"x", "a/one"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

// The module's folder is found from any folder within, and from no other.
func TestModuleRoot(t *testing.T) {
	root := moduleRoot(t)
	t.Chdir(filepath.Join(root, "internal", "tools"))
	if got, err := ModuleRoot(); err != nil || got != root {
		t.Errorf("%s, %v", got, err)
	}
	elsewhere := t.TempDir()
	t.Chdir(elsewhere)
	if got, err := ModuleRoot(); err == nil || !strings.HasSuffix(err.Error(), " is not inside the provider's source, which pins the OpenTofu to build") {
		t.Errorf("%q, %v", got, err)
	}
	for _, build := range []func() error{
		func() error { _, err := BuildTofu(t.Context(), io.Discard); return err },
		func() error { return CLI{}.BuildMirror(t.Context(), elsewhere) },
		func() error { _, err := builtOnce("folder", "name", ".")(); return err },
	} {
		if err := build(); err == nil || !strings.Contains(err.Error(), "is not inside the provider's source") {
			t.Errorf("%v", err)
		}
	}
}

func TestTail(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "", " \na\n": "a", "a\nb": "a\nb", "a\nb\nc\n": "b\nc"} {
		if got := tail([]byte(text), 2); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
	if lines := strings.Count(Tail(strings.Repeat("line\n", 50)), "line"); lines != 40 {
		t.Errorf("a message has %d lines", lines)
	}
}

// moduleRoot is a folder that looks like the provider's source, whose OpenTofu is
// version 1.12.6; the process runs in it.
func moduleRoot(t *testing.T) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	tools := filepath.Join(root, "internal", "tools", "tofu")
	if err := os.MkdirAll(tools, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(tools, "go.mod"), []byte("module m\n\nrequire github.com/opentofu/opentofu v1.12.6\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(root)
	return root
}

// cacheFolder is an empty one for what is built.
func cacheFolder(t *testing.T) string {
	t.Helper()
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	userCache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(userCache, "terraform-provider-dataconn")
}

func TestBuildTofuTakesTheCachedOne(t *testing.T) {
	moduleRoot(t)
	dir := cacheFolder(t)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := fakeCLI(t, dir, "tofu-v1.12.6", "OpenTofu v1.12.6")

	var log bytes.Buffer
	got, err := BuildTofu(t.Context(), &log)
	if err != nil {
		t.Fatal(err)
	}
	if want := (CLI{path, Tofu, "1.12.6"}); got != want || log.Len() > 0 {
		t.Errorf("got %v and log %q, want %v and nothing", got, log.String(), want)
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
	if _, err := lockFile(t.Context(), filepath.Join(path, "lock")); err == nil {
		t.Error("a lock below a file")
	}
	again, err := lockFile(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	again()
}
