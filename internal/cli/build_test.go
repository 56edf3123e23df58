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
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/release"
)

// fakeGo puts a go command in front of PATH that does what a script says, and returns
// what writes down its runs: folder, environment, and arguments.
func fakeGo(t *testing.T, script string) (runs func() []string) {
	t.Helper()
	dir := t.TempDir()
	record := `echo "$PWD CGO_ENABLED=$CGO_ENABLED GOFLAGS=$GOFLAGS GOWORK=$GOWORK EXTRA=$EXTRA $*" >>` + dir + "/runs\n"
	writeScript(t, filepath.Join(dir, "go"), record+script)
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("EXTRA", "")
	t.Setenv("GOFLAGS", "-v")
	return func() []string {
		content, _ := os.ReadFile(filepath.Join(dir, "runs"))
		return strings.Split(strings.TrimSpace(string(content)), "\n")
	}
}

// writesCLI is the script of a go command that has nothing to compile, and whose build
// is a CLI.
const writesCLI = `[ "$1" = build ] || exit 0
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\necho OpenTofu v1.12.6\n' >"$2"; chmod +x "$2"
`

// printsThirty is a script that prints the lines 1 to 30.
const printsThirty = "i=0; while [ $i -lt 30 ]; do i=$((i+1)); echo $i; done"

// lastOfThirty are so many of those lines.
func lastOfThirty(lines int) string {
	var last []string
	for i := range lines {
		last = append(last, strconv.Itoa(30-lines+1+i))
	}
	return strings.Join(last, "\n")
}

// requireFree fails if a file is locked.
func requireFree(t *testing.T, path string) {
	t.Helper()
	ended, cancel := context.WithCancel(t.Context())
	cancel() // so that it does not wait
	unlock, err := lockFile(ended, path)
	if err != nil {
		t.Fatalf("%s is still locked: %v", path, err)
	}
	unlock()
}

func requireRuns(t *testing.T, got []string, want ...string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got  %q\nwant %q", got[i], want[i])
		}
	}
}

// asRelease is how a program is built.
const asRelease = "build -trimpath -buildvcs=false -tags=grpcnotrace -ldflags=-s -w -X main.version=0.1.0 -o "

func TestBuildIsThatOfARelease(t *testing.T) {
	runs := fakeGo(t, "")
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := Build(t.Context(), dir, "target", "./package", "EXTRA=more"); err != nil {
		t.Error(err)
	}
	requireRuns(t, runs(), dir+" CGO_ENABLED=0 GOFLAGS= GOWORK=off EXTRA=more "+asRelease+"target ./package")
}

// A mirror has the folders in which a CLI looks for a provider.
func TestBuildMirror(t *testing.T) {
	root, runs := moduleRoot(t), fakeGo(t, "")
	if err := (CLI{Kind: Tofu}).BuildMirror(t.Context(), "/mirror"); err != nil {
		t.Error(err)
	}
	requireRuns(t, runs(), root+" CGO_ENABLED=0 GOFLAGS= GOWORK=off EXTRA= "+asRelease+
		"/mirror/registry.opentofu.org/dataconn/dataconn/0.1.0/"+runtime.GOOS+"_"+runtime.GOARCH+"/terraform-provider-dataconn_v0.1.0 "+Module)
	fakeGo(t, "echo no space left; exit 1")
	if err := (CLI{Kind: Tofu}).BuildMirror(t.Context(), "/mirror"); err == nil || err.Error() != "building "+Module+": exit status 1\nno space left" {
		t.Errorf("%v", err)
	}
}

// A process builds a program once, into a folder of its own, and says each time that
// the build failed.
func TestBuiltOnce(t *testing.T) {
	root, runs := moduleRoot(t), fakeGo(t, "")
	want := filepath.Join(root, "bin", "folder", "name")
	build := builtOnce("folder", "name", "./package")
	for range 2 {
		if got, err := build(); err != nil || got != want {
			t.Errorf("%s, %v", got, err)
		}
	}
	requireRuns(t, runs(), root+" CGO_ENABLED=0 GOFLAGS= GOWORK=off EXTRA= "+asRelease+want+" ./package")
	requireFree(t, filepath.Dir(want)+".lock")
	if made, err := filepath.Glob(filepath.Join(root, "bin", "*")); err != nil || !slices.Equal(made, []string{filepath.Dir(want), filepath.Dir(want) + ".lock"}) {
		t.Errorf("%q, %v", made, err)
	}

	fakeGo(t, printsThirty+"; exit 1")
	build = builtOnce("folder", "name", "./package")
	for range 2 {
		if _, err := build(); err == nil || err.Error() != "building ./package: exit status 1\n"+lastOfThirty(20) {
			t.Errorf("%v", err)
		}
	}
	if err := os.MkdirAll(filepath.Join(root, "bin", "locked.lock"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got, err := builtOnce("locked", "name", "./package")(); err == nil || !strings.HasPrefix(err.Error(), "open "+filepath.Join(root, "bin", "locked.lock")+": ") {
		t.Errorf("%s, %v", got, err)
	}
	if err := os.RemoveAll(filepath.Join(root, "bin")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "bin"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := builtOnce("folder", "name", "./package")(); err == nil || !strings.HasPrefix(err.Error(), "mkdir ") {
		t.Errorf("%s, %v", got, err)
	}
}

func TestMockServer(t *testing.T) {
	moduleRoot(t)
	runs := fakeGo(t, "")
	if got, err := MockServer(); err != nil || !strings.HasSuffix(got, filepath.Join("bin", "mockserver", "mockserver")) {
		t.Errorf("%s, %v", got, err)
	}
	// The process has built it once.
	if got := runs()[0]; got != "" && !strings.HasSuffix(got, " "+Module+"/internal/cmd/mockserver") {
		t.Errorf("%q", got)
	}
}

// Where there is no CLI on PATH, OpenTofu is built, or what failed is said.
func TestFindBuildsTofu(t *testing.T) {
	moduleRoot(t)
	fakeGo(t, writesCLI)
	t.Setenv(PathVariable, "")
	dir, _, _ := strings.Cut(os.Getenv("PATH"), string(os.PathListSeparator))
	t.Setenv("PATH", dir+string(os.PathListSeparator)+"/bin")
	want := CLI{filepath.Join(cacheFolder(t), "tofu-v1.12.6"), Tofu, "1.12.6"}
	if got, err := Find(t.Context(), io.Discard); err != nil || got != want {
		t.Errorf("%v, %v", got, err)
	}
	cacheFolder(t)
	writeScript(t, filepath.Join(dir, "go"), "echo no space left >&2; exit 1")
	var log bytes.Buffer
	if got, err := Find(t.Context(), &log); got != (CLI{}) || err == nil || !strings.Contains(err.Error(), "no space left") || strings.Contains(log.String(), "cli: built") {
		t.Errorf("%v, %v, %q", got, err, log.String())
	}
}

// OpenTofu is built once into the cache; what is built is said, and where to have it
// sooner.
func TestBuildTofu(t *testing.T) {
	// What is built is for this machine, whatever the developer builds for.
	t.Setenv("GOOS", "another")
	t.Setenv("GOARCH", "another")
	root, runs := moduleRoot(t), fakeGo(t, `[ "$GOOS/$GOARCH" = `+runtime.GOOS+"/"+runtime.GOARCH+" ] || exit 1\n"+writesCLI)
	dir := cacheFolder(t)
	want := CLI{filepath.Join(dir, "tofu-v1.12.6"), Tofu, "1.12.6"}
	var log bytes.Buffer
	for range 2 {
		if got, err := BuildTofu(t.Context(), &log); err != nil || got != want {
			t.Errorf("%v, %v", got, err)
		}
	}
	lines := strings.Split(log.String(), "\n")
	if len(lines) != 5 || !strings.HasPrefix(lines[0], "cli: building OpenTofu v1.12.6 into "+dir+": ") || !strings.Contains(lines[1], installPage) || lines[2] != "cli: linking OpenTofu" || !strings.HasPrefix(lines[3], "cli: built OpenTofu v1.12.6 in ") {
		t.Errorf("%q", lines)
	}
	all, before := runs(), filepath.Join(root, "internal", "tools", "tofu")+" CGO_ENABLED=0 GOFLAGS=-mod=readonly -trimpath GOWORK=off EXTRA= "
	if len(all) != 2 || !strings.HasPrefix(all[0], before+"list -deps -test=false ") {
		t.Fatalf("%q", all)
	}
	build, rest, _ := strings.Cut(all[1], " -o "+want.Path+".")
	if build != before+"build -buildvcs=false -ldflags=-s -w -X github.com/opentofu/opentofu/version.dev=no" || !strings.HasSuffix(rest, " github.com/opentofu/opentofu/cmd/tofu") {
		t.Errorf("%q", all[1])
	}
	requireFree(t, want.Path+".lock")
	if left, _ := filepath.Glob(want.Path + ".*"); len(left) != 1 || left[0] != want.Path+".lock" {
		t.Errorf("left behind: %v", left)
	}
}

// What another process has built while this one waited for the lock is not built again.
func TestBuildTofuThatAnotherBuilt(t *testing.T) {
	moduleRoot(t)
	runs, dir := fakeGo(t, writesCLI), cacheFolder(t)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "tofu-v1.12.6")
	writeScript(t, path, "mkdir "+dir+"/looked && exit 1 # at the first look it is not there yet\necho OpenTofu v1.12.6\n")
	var log bytes.Buffer
	if got, err := BuildTofu(t.Context(), &log); err != nil || got != (CLI{path, Tofu, "1.12.6"}) || log.Len() > 0 {
		t.Errorf("%v, %v, %q", got, err, log.String())
	}
	requireRuns(t, runs(), "")
}

func TestBuildTofuThatFailsLeavesNothing(t *testing.T) {
	for name, c := range map[string]struct{ script, want string }{
		"what does not compile": {"echo no such module >&2; exit 1", "compiling github.com/opentofu/opentofu/cmd/tofu: exit status 1\nno such module"},
		"what does not link":    {writesCLI + printsThirty + " >&2; exit 1", "exit status 1\n" + lastOfThirty(20) + "\nInstall"},
	} {
		fakeGo(t, c.script)
		target := filepath.Join(t.TempDir(), "tofu")
		err := buildTofu(t.Context(), io.Discard, t.TempDir(), target)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), PathVariable) {
			t.Errorf("%s: %v", name, err)
		}
		if left, _ := filepath.Glob(target + "*"); len(left) > 0 {
			t.Errorf("%s: left behind: %v", name, left)
		}
	}
	fakeGo(t, writesCLI)
	target := filepath.Join(t.TempDir(), "tofu")
	if err := os.MkdirAll(filepath.Join(target, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := buildTofu(t.Context(), io.Discard, t.TempDir(), target); !errors.Is(err, os.ErrExist) {
		t.Errorf("%v", err)
	}
	if left, _ := filepath.Glob(target + "*"); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := buildTofu(ended, io.Discard, t.TempDir(), filepath.Join(t.TempDir(), "tofu")); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// Without a version, or a place to keep it, OpenTofu is not built.
func TestBuildTofuNeedsAVersionAndACache(t *testing.T) {
	root, runs := moduleRoot(t), fakeGo(t, writesCLI)
	dir := cacheFolder(t)
	requireError := func(want string) {
		t.Helper()
		if got, err := BuildTofu(t.Context(), io.Discard); got != (CLI{}) || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, %v; want an error with %q", got, err, want)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "tofu-v1.12.6.lock"), 0o700); err != nil {
		t.Fatal(err)
	}
	requireError("waiting for another build of OpenTofu: ")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	requireError("mkdir " + dir + ": ")
	for _, name := range []string{"XDG_CACHE_HOME", "HOME"} {
		t.Setenv(name, "")
	}
	requireError("no folder to keep OpenTofu in: ")
	pins := filepath.Join(root, "internal", "tools", "tofu", "go.mod")
	if err := os.WriteFile(pins, []byte("module m\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	requireError(pins + " does not require github.com/opentofu/opentofu")
	requireRuns(t, runs(), "")
}

func TestBuildSaysWhatFailed(t *testing.T) {
	t.Parallel()
	err := Build(t.Context(), t.TempDir(), filepath.Join(t.TempDir(), "x"), "./missing")
	if err == nil || !strings.Contains(err.Error(), "building ./missing") || !strings.Contains(err.Error(), "go.mod") {
		t.Errorf("%v", err)
	}
}

func TestProviderIsBuiltOnce(t *testing.T) {
	t.Parallel()
	first, err := Provider()
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join("bin", "provider", release.Name+executableSuffix()); !strings.HasSuffix(first, want) {
		t.Errorf("%s is not %s", first, want)
	}
	before, err := os.Stat(first)
	if err != nil {
		t.Fatal(err)
	}
	second, err := Provider()
	if err != nil || second != first {
		t.Errorf("%s, then %s, %v", first, second, err)
	}
	if after, err := os.Stat(second); err != nil || !os.SameFile(before, after) {
		t.Errorf("built again: %v", err)
	}
	if entries, err := os.ReadDir(filepath.Dir(first)); err != nil || len(entries) != 1 {
		t.Errorf("beside the provider: %v, %v", entries, err)
	}
}
